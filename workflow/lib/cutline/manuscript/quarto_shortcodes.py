"""Shortcodes that Quarto documents: those resolved here, as Quarto would, and why the others are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.errors import ReportError
from cutline.manuscript.shortcodes import Handler, Shortcode

_PAGE_BREAKS = {
    "html": '<div style="page-break-after: always;"></div>',
    "openxml": '<w:p><w:r><w:br w:type="page"/></w:r></w:p>',
    "typst": "#pagebreak(weak: true)",
}
"""A page break in each format's own words."""


def new_page(*formats: str) -> str:
    """A new page in these formats, as raw blocks of Pandoc's Markdown."""
    return "\n\n".join(f"```{{={name}}}\n{_PAGE_BREAKS[name]}\n```" for name in formats)


def page_break(shortcode: Shortcode) -> str:
    """`{{< pagebreak >}}`: a new page in Word, in the PDF, and where the web page is printed."""
    shortcode.only(arguments=(0,))
    return new_page(*_PAGE_BREAKS)


def meta_handler(head: Mapping[str, Any]) -> Handler:
    """The handler of `{{< meta title >}}`: a text of the document's head by its path, `author.1.name` or `lang`."""

    def handle(shortcode: Shortcode) -> str:
        shortcode.only()
        path = shortcode.arguments[0]
        value: Any = head
        for step in path.split("."):
            value = _inside(value, step)
        if not isinstance(value, str):
            raise ReportError(f"{shortcode.place}: the head of the document has no text {path!r}")
        return value

    return handle


def _inside(value: Any, step: str) -> Any:
    """The part of that name, or of that number counted from 1, as Quarto counts; None if there is none."""
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, list) and step.isdigit() and 0 < int(step) <= len(value):
        return value[int(step) - 1]
    return None
