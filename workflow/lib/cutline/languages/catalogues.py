"""The messages of the code and of the checklists, and catalogues brought up to date with them; made with Babel."""

from __future__ import annotations

import ast
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from cutline.checklists.load import guidelines
from cutline.display.labels import ENGLISH as LABELS
from cutline.languages import FOLDER, Message
from cutline.languages.noted import NOTED

HEAD = """# What reports of Cutline say in {code}.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
CONTEXTS = {"tell": None, "marked": None, "noted": NOTED}
"""The functions whose first argument is a message, if it is a text, and the context of their messages."""
LIBRARY = FOLDER.parent
ROOT = LIBRARY.parents[2]
OF_ITEM = ("part", "asks", "add", "otherwise")
"""What of an item is told to a reader."""


def messages(library: Path = LIBRARY, root: Path = ROOT) -> Iterator[tuple[Message, str]]:
    """Every message with the file it stands in: sentences in the order of the files, labels, then the checklists."""
    for file in sorted(library.rglob("*.py")):
        place = file.relative_to(library).as_posix()
        for function, text in _spoken_in(file.read_text(encoding="utf-8")):
            yield (CONTEXTS[function], text), place
    for name, text in LABELS.items():
        yield (name, text), "display/labels.py"
    for file in guidelines(root):
        for text in _asked_in(yaml.safe_load(file.read_text(encoding="utf-8"))):
            yield (None, text), file.relative_to(root).as_posix()


def _spoken_in(code: str) -> list[tuple[str, str]]:
    """Each function of `CONTEXTS` that the code calls with a text, and the text, in the order of the lines."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and node.args]
    return [
        (call.func.id, call.args[0].value)
        for call in sorted(calls, key=lambda call: (call.lineno, call.col_offset))
        if isinstance(call.func, ast.Name) and call.func.id in CONTEXTS
        and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    ]  # fmt: skip


def _asked_in(checklist: Mapping[str, Any]) -> Iterator[str]:
    """What a checklist says of itself and of its items."""
    yield from (checklist["title"], checklist["evidence"])
    for item in checklist["items"]:
        yield from (item[name] for name in OF_ITEM if name in item)


def updated(code: str, written: str = "") -> str:
    """A catalogue brought up to date: new messages without translation, none that the code has no longer.

    `written` is the catalogue as it was. A message whose English changed keeps nothing: it is to be translated anew.
    """
    known = read_po(io.StringIO(written), locale=code) if written else Catalog(locale=code)
    fresh = Catalog(locale=code)
    for (context, text), place in messages():
        old = known.get(text, context)
        fresh.add(text, old.string if old else "", locations=[(place, 0)], context=context)
    out = io.BytesIO()
    write_po(out, fresh, width=0, omit_header=True, include_lineno=False)
    return HEAD.format(code=code) + out.getvalue().decode("utf-8")


def untranslated(written: str) -> list[str]:
    """The messages of a catalogue that have no translation."""
    return [str(each.id) for each in read_po(io.StringIO(written)) if each.id and not each.string]
