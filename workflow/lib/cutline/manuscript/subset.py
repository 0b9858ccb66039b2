"""The part of Quarto that sections may use, checked line by line before anything is rendered.

Both engines must print the same document, so what only one of them knows is refused here, with its place. Blocks,
classes, attributes and labels are lists of what is known: a feature that Quarto gains later is refused too.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from cutline.errors import ReportError
from cutline.manuscript.shortcodes import without_comments

CALLOUTS = ("callout-note", "callout-tip", "callout-important", "callout-warning", "callout-caution")
CONDITIONAL = ("content-visible", "content-hidden")
DIV_CLASSES = (*CALLOUTS, *CONDITIONAL, "panel-tabset", "table-notes", "title-page", "unnumbered")
SPAN_CLASSES = (
    *CONDITIONAL,
    "result",
    "audit-page",
    "computed",
    "unnumbered",
    "unlisted",
    "smallcaps",
    "underline",
    "mark",
)
ATTRIBUTES = ("custom-style", "fig-alt", "width", "tbl-colwidths", "title", "icon", "lang", "key", "fmt", "source")
VALUES = {
    "collapse": ("true", "false"),
    "when-format": ("html", "docx", "typst"),
    "unless-format": ("html", "docx", "typst"),
}
"""Attributes of which both engines know these values alone; `pdf` means LaTeX to Quarto."""
RESERVED = ("lst", "alg", "tip", "nte", "wrn", "imp", "cau", "thm", "lem", "cor", "prp", "cnj", "def", "exm", "exr",
            "sol", "rem")  # fmt: skip
"""Kinds of Quarto's cross references that the embedded engine does not number."""
ALLOWED = "callouts, panel-tabset, content-visible, content-hidden and table-notes"

_FENCE = re.compile(r"^\s*(`{3,}|~{3,})")
_CELL = re.compile(r"^\s*(`{3,}|~{3,})\s*\{(?!=)(?P<what>[^}]*)\}")
_INLINE_CELL = re.compile(r"`(\{\w+\}|r )[^`]*`")
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)")
_MATH = re.compile(r"(?<![\\$])\$(?![\s$])[^$]*(?<![\s\\])\$(?!\d)")
_RAW = re.compile(r"\{=(?P<format>[\w-]+)\s*\}")
_DIV = re.compile(r"^\s*:{3,}\s*(?P<what>\{.*\}|\w[\w-]*)")
_BRACES = re.compile(r'(?<!\\)\{(?=[#.]|[\w:-]+=)(?P<inside>(?:[^{}"]|"(?:\\.|[^"\\])*")*)\}')
_SHORTCODE = re.compile(r"\{\{<.*?>\}\}")
_HTML = re.compile(r"<(?:/?[A-Za-z][\w-]*(?:\s[^<>]*)?/?)>")


class Attributes(NamedTuple):
    """What stands between the braces behind a block, span, picture, heading or caption."""

    labels: list[str]
    classes: list[str]
    values: dict[str, str]


def check_subset(text: str, name: str, *, of_program: bool = False) -> None:
    """Raises ReportError with file and line for Quarto's syntax that the engines do not share.

    A text `of_program` may hold raw blocks: the program writes one for each format that needs it.
    """
    for number, line in _outside_code(without_comments(text)):
        fault = _fault(line) or ("" if of_program else _raw_fault(line))
        if fault:
            raise ReportError(f"{name}, line {number}: {fault}")


def _outside_code(text: str) -> Iterator[tuple[int, str]]:
    """The lines with their numbers, without those inside a fenced block of code; the line that opens it is there."""
    fence = ""
    for number, line in enumerate(text.splitlines(), 1):
        found = _FENCE.match(line)
        if fence:
            fence = "" if found and found[1].startswith(fence) and line.strip() == found[1] else fence
            continue
        fence = found[1] if found else ""
        yield number, line


def _fault(line: str) -> str:
    """What is wrong with the line; blank if nothing is."""
    cell = _CELL.match(line) or _INLINE_CELL.search(line)
    if cell:
        what = cell[0].strip("`~ ")
        return f"code cells are never executed in a report, found {what}; results come by {{{{< result … >}}}}"
    if "{{{<" in line or "{{</*" in line:
        return "a shortcode is never shown as text; write its name in words"
    plain = _shown(line)
    return _block_fault(plain) or _attribute_fault(plain) or _html_fault(plain)


def _shown(line: str) -> str:
    """The line without shortcodes, code and formulas, which are no markup."""
    return _MATH.sub("", _CODE.sub("", _SHORTCODE.sub("", line)))


def _raw_fault(line: str) -> str:
    raw = _RAW.search(_shown(line))
    what = "is printed in one format alone; use Markdown, and {{< pagebreak >}} for a new page"
    return f"a raw {raw['format']} passage {what}" if raw else ""


def _html_fault(line: str) -> str:
    return "HTML is not printed in Word and PDF; use Markdown" if _HTML.search(line) else ""


def _block_fault(line: str) -> str:
    div = _DIV.match(line)
    if not div:
        return ""
    braces = _BRACES.search(div["what"])
    classes = parsed(braces["inside"]).classes if braces else [] if div["what"].startswith("{") else [div["what"]]
    unknown = [each for each in classes if each not in DIV_CLASSES]
    return f"unsupported block ::: {unknown[0]}; a section may use {ALLOWED}" if unknown else ""


def _attribute_fault(line: str) -> str:
    """What is wrong with the attributes on a line; blank if every label, class, name and value is known."""
    given = [parsed(braces["inside"]) for braces in _BRACES.finditer(line)]
    faults = (fault for each in given for fault in (_label_fault(each), _class_fault(each), _value_fault(each)))
    return next((fault for fault in faults if fault), "")


def _label_fault(given: Attributes) -> str:
    refused = next((label for label in given.labels if label.partition("-")[0].lower() in RESERVED), "")
    numbered = "figures (fig-), tables (tbl-), equations (eq-) and sections (sec-) are numbered"
    return f"unsupported label #{refused}; {numbered}" if refused else ""


def _class_fault(given: Attributes) -> str:
    unknown = next((each for each in given.classes if each not in (*DIV_CLASSES, *SPAN_CLASSES)), "")
    return f"unsupported class .{unknown}; known: {', '.join(SPAN_CLASSES)}" if unknown else ""


def _value_fault(given: Attributes) -> str:
    for key, value in given.values.items():
        if key.startswith("layout"):
            return "layout attributes are not supported; give each figure its own place"
        if key not in (*ATTRIBUTES, *VALUES) and not key.startswith("typst:"):
            return f"unsupported attribute {key}; known: {', '.join((*ATTRIBUTES, *VALUES))}"
        if value not in VALUES.get(key, (value,)):
            return f"{key} is one of {', '.join(VALUES[key])}, found {value}"
    return ""


def parsed(inside: str) -> Attributes:
    """The attributes in the text between two braces; quotation marks around a value are taken off."""
    try:
        words = shlex.split(inside)
    except ValueError:  # a quotation mark that is none
        words = inside.split()
    pairs = (word.partition("=") for word in words if "=" in word and word[0] not in "#.")
    labels, classes = ([word[1:] for word in words if word.startswith(sign)] for sign in "#.")
    return Attributes(labels, classes, {key: value for key, _, value in pairs})
