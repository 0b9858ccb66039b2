"""The messages that the code holds, and catalogues brought up to date with them; made with Babel."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po, write_po

from cutline.display.labels import ENGLISH as LABELS
from cutline.languages import FOLDER, Message

HEAD = """# What reports of Cutline say in {code}.
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""


def messages(library: Path = FOLDER.parent) -> Iterator[tuple[Message, str]]:
    """Every message of the code with the file it stands in: sentences in the order of the files, then labels."""
    for file in sorted(library.rglob("*.py")):
        place = file.relative_to(library).as_posix()
        for _, text, *_ in extract_from_file("python", str(file), keywords={"tell": None, "marked": None}):
            yield (None, str(text)), place
    for name, text in LABELS.items():
        yield (name, text), "display/labels.py"


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
