"""Pieces of Markdown: escaping, look-ups, lists in a sentence, paragraphs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from cutline.display.labels import in_sentence
from cutline.languages import marked, tell, upper_first

AND, OR = marked("and"), marked("or")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|$^~@\"'])|(-(?=-)|\.(?=\.))")
_FIRST_OF_LINE = re.compile(r"^(\s*)(\d+)([.)])(?=\s)|^(\s*)([-+:%])(?=\s)", re.MULTILINE)


def escaped(text: str) -> str:
    """The text with every sign that Markdown or Quarto could read as markup taken literally."""
    literal = _MARKUP.sub(lambda found: "\\" + found[0], text)
    return _FIRST_OF_LINE.sub(lambda found: found[0][:-1] + "\\" + found[0][-1], literal)


def look_up(key: str, fmt: str) -> str:
    """The shortcode of a result."""
    return f'{{{{< result "{key}" fmt="{fmt}" >}}}}'


def computed(number: int | str) -> str:
    """A number that the program writes and that is no result: a count of what it lists, a version, a digest."""
    return f"[{escaped(str(number))}]{{.computed}}"


def listed(items: Sequence[str], joint: str = AND) -> str:
    """Items as in a sentence: `a`, `a and b`, `a, b and c`, or with OR; semicolons where an item holds a comma."""
    if len(items) < 2:
        return "".join(items)
    comma = ";" if any("," in item for item in items) else ","
    last = f"{comma} {tell(joint)} " if comma == ";" else f" {tell(joint)} "
    return f"{comma} ".join(items[:-1]) + last + items[-1]


def sentences(parts: Iterable[str]) -> str:
    """One paragraph of the sentences that are not empty."""
    return " ".join(part for part in parts if part)


def paragraphs(parts: Iterable[str]) -> str:
    """The paragraphs that are not empty, one blank line between."""
    return "\n\n".join(part for part in parts if part)


def attribute(text: str) -> str:
    """The text as the value of an attribute, in quotation marks."""
    plain = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{plain}"'


def in_text(label: str) -> str:
    """A label of the study within a sentence, escaped: the first letter small, unless its first word is in capitals."""
    first = label.split(" ", 1)[0]
    return escaped(label if first.isupper() else in_sentence(label))


def capital(text: str) -> str:
    """The text with its first letter large."""
    return upper_first(text)
