"""The part of Quarto that sections may use, checked line by line before anything is rendered.

Both engines must print the same document, so what only one of them knows is refused here, with its place.
"""

from __future__ import annotations

import re

from cutline.errors import ReportError
from cutline.manuscript.shortcodes import without_comments

DIV_CLASSES = ("callout-note", "callout-tip", "callout-important", "callout-warning", "callout-caution",
               "content-visible", "content-hidden", "table-notes", "title-page", "unnumbered")  # fmt: skip
ALLOWED = "callouts, content-visible, content-hidden and table-notes"

_CELL = re.compile(r"^\s*(`{3,}|~{3,})\s*\{(?!=)(?P<what>[^}]*)\}")
_DIV = re.compile(r"^\s*:{3,}\s*(?P<what>\{[^}]*\}|\w[\w-]*)")
_CLASS = re.compile(r"\.([A-Za-z][\w-]*)")
_LAYOUT = re.compile(r"\blayout(-ncol|-nrow|-valign)?\s*=")
_SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
_HTML = re.compile(r"<(?:/?[A-Za-z][\w-]*(?:\s[^<>]*)?/?)>")


def check_subset(text: str, name: str) -> None:
    """Raises ReportError with file and line for Quarto's syntax that the engines do not share."""
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        fault = _fault(line)
        if fault:
            raise ReportError(f"{name}, line {number}: {fault}")


def _fault(line: str) -> str:
    """What is wrong with the line; blank if nothing is."""
    cell = _CELL.match(line)
    if cell:
        return (
            f"code cells are never executed in a report, found {{{cell['what']}}}; results come by {{{{< result … >}}}}"
        )
    div = _DIV.match(line)
    classes = _CLASS.findall(div["what"]) or [div["what"]] if div and "#" not in div["what"] else []
    unknown = [each for each in classes if each.strip("{}") not in DIV_CLASSES]
    if unknown:
        return f"unsupported block ::: {unknown[0]}; a section may use {ALLOWED}"
    if _LAYOUT.search(line):
        return "layout attributes are not supported; give each figure its own place"
    if _HTML.search(_SHORTCODE.sub("", line)):
        return "HTML is not printed in Word and PDF; use Markdown"
    return ""
