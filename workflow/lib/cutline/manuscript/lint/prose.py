"""What of a section is prose: everything else is blanked, so that every sign keeps its line and column."""

from __future__ import annotations

import re

BLANK = "\ufffc"
"""Stands for what is no prose: no letter and no space, so that what stands to its left and right stays apart."""

_INSIDE = r"\{[#.=A-Za-z](?:[^{}\"\n]|\"[^\"\n]*\")*\}"
_ATTRIBUTES = re.compile(
    rf"(?<=[\])`]){_INSIDE}"  # of a span, a link, a picture, a piece of code
    rf"|(?<=[ \t:`~]){_INSIDE}(?=[ \t]*$)",  # at the end of a heading, a caption, a fence
    re.MULTILINE,
)
_BEFORE_ATTRIBUTES = re.compile(r"\s*(?:#{1,6}\s|:|`{3}|~{3}|.*[\])`]\{)")
_SPOKEN = re.compile(r'\b(?:title|alt|caption|fig-alt|fig-cap|tbl-cap)\s*=\s*"([^"]*)"')
_LOCATOR = r",\s+(?:pp?|chap|ch|sec|section|tbl|table|fig|figure|app|appendix)\.?\s+[A-Z]?\d+(?:[–.-]\d+)*(?=\s*[\];])"
_NO_PROSE = (
    re.compile(r"<!--.*?-->", re.DOTALL),
    re.compile(r"\{\{<.*?>\}\}"),
    re.compile(r"\b(?:doi:\s*)?10\.\d{4,9}/[^\s\]|]+", re.IGNORECASE),
    re.compile(r"<(?:https?|mailto):[^<>\s]*>|\bhttps?://[^\s<>\])|]+"),
    re.compile(r"(?<=\]\()(?:[^()\s]|\([^()\s]*\))+"),
    re.compile(rf"(?<![\w\\.])-?@(?:\{{[^}}]+\}}|[A-Za-z0-9_][\w:.#$%&+?<>~/-]*\w)(?:{_LOCATOR})?"),
    re.compile(r"\[\^[^\]\s]+\]:?"),
)
"""Comments; shortcodes; DOIs; addresses; targets of links; citations with their place; labels of footnotes."""
_ITEM = re.compile(r"\s{0,3}\(?(\d{1,3})[.)](?=\s)")


def prose(text: str) -> str:
    """The text, of the same length, with all that no reader reads as prose blanked.

    Blanked are comments, shortcodes, the targets of links, addresses and DOIs, citations with the place in them, labels
    of footnotes, attributes (not titles, captions and alternative texts in them), and the numbers of a list that
    counts from 1. Headings, tables, footnotes, code and formulas are prose: a number in them is read.
    """
    for pattern in _NO_PROSE:
        text = pattern.sub(lambda found: _blank(found[0]), text)
    lines = _without_numbers_of_items(text.split("\n"))
    return "\n".join(_without_attributes(line) for line in lines)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", BLANK, text)


def _without_attributes(line: str) -> str:
    """The line without attributes, where braces are attributes and not text; what is read in them stays."""
    return _ATTRIBUTES.sub(_unspoken, line) if _BEFORE_ATTRIBUTES.match(line) else line


def _unspoken(found: re.Match[str]) -> str:
    hidden = list(_blank(found[0]))
    for spoken in _SPOKEN.finditer(found[0]):
        hidden[spoken.start(1) : spoken.end(1)] = spoken[1]
    return "".join(hidden)


def _without_numbers_of_items(lines: list[str]) -> list[str]:
    """The lines without the numbers 1, 2, 3 … of list items. A list that starts at 70 prints that number: it stays."""
    kept, last, after_blank = [], 0, True
    for line in lines:
        item = _ITEM.match(line)
        if item and int(item[1]) == last + 1 and (last or after_blank):
            last += 1
            line = BLANK * item.end() + line[item.end() :]
        elif after_blank and line.strip() and not line.startswith("  "):
            last = 0
        after_blank = not line.strip()
        kept.append(line)
    return kept
