"""What Word needs beyond what pandoc writes: rows that stay together over the end of a page, captions it can list."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Any
from xml.dom.expatbuilder import parseString
from xml.dom.minidom import Document, Element

from cutline.archive import unzipped, zipped
from cutline.display.captions import WORD_JOINER
from cutline.display.grid import INDENT

DOCUMENT = "word/document.xml"
CAPTIONS = ("TableCaption", "ImageCaption")
_NUMBERED = re.compile(r"(\w+)([ \u00a0]S?)(\d+)(?=:)")
"""How a caption begins, in any language: `Table 1:`, `Şekil S2:`."""


def laid_out(content: bytes) -> bytes:
    """The same Word document, without times in its archive, and with tables that break between groups of rows.

    Numbers of captions are fields, of which Word makes a list of tables or figures, and a table is described by its
    caption to those who cannot see it.
    No row breaks over two pages. The header stays with the first row, a group of indented rows with the row that
    names it, and the last row with the notes. Word joiners are left out: Word does not break at a slash, and some
    fonts lack the sign.
    """
    parts = unzipped(content)
    # With names as they are written, prefix and all, half the time of `minidom.parseString`.
    document = parseString(parts[DOCUMENT].decode().replace(WORD_JOINER, "").encode(), namespaces=False)
    _keep_rows_together(document)
    _number_captions(document)
    return zipped(parts | {DOCUMENT: bytes(document.toxml(encoding="UTF-8", standalone=True))})


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _keep_rows_together(document: Document) -> None:
    for table in document.getElementsByTagName("w:tbl"):
        if table.getElementsByTagName("w:tbl"):
            continue  # the frame that an engine puts around a table or figure
        rows = table.getElementsByTagName("w:tr")
        for row, following in zip_longest(rows, rows[1:]):
            _put_first(row, "w:trPr", "w:cantSplit")
            if following is None or _is_header(row) or _is_indented(following):
                for paragraph in row.getElementsByTagName("w:p"):
                    _put_first(paragraph, "w:pPr", "w:keepNext")


def _is_header(row: Element) -> bool:
    return bool(row.getElementsByTagName("w:tblHeader"))


def _is_indented(row: Element) -> bool:
    """Whether the row belongs to the group above it."""
    texts = row.getElementsByTagName("w:t")
    return bool(texts) and texts[0].firstChild is not None and str(texts[0].firstChild.nodeValue).startswith(INDENT)


def _put_first(element: Element, properties: str, name: str) -> None:
    """Adds a property where the format's order of elements wants it: after the style, before all others."""
    known = [child for child in element.childNodes if isinstance(child, Element) and child.nodeName == properties]
    place = known[0] if known else _new(element, properties)
    if not known:
        element.insertBefore(place, element.firstChild)
    if place.getElementsByTagName(name):
        return
    later = [child for child in place.childNodes if child.nodeName != "w:pStyle"]
    place.insertBefore(_new(element, name), later[0] if later else None)


def _new(element: Element, name: str) -> Element:
    assert element.ownerDocument is not None
    return element.ownerDocument.createElement(name)


# ── captions ─────────────────────────────────────────────────────────────────────────────────


def _number_captions(document: Document) -> None:
    """The number of every caption as a field; those of the supplement begin at 1 again."""
    counted: set[str] = set()
    for paragraph in document.getElementsByTagName("w:p"):
        if _style_of(paragraph) in CAPTIONS:
            _describe(_block_after(paragraph), _text_of(paragraph))
            _number_caption(paragraph, counted)


def _number_caption(paragraph: Element, counted: set[str]) -> None:
    texts = paragraph.getElementsByTagName("w:t")
    found = _NUMBERED.match(_words(texts[0])) if texts else None
    if not found or paragraph.getElementsByTagName("w:fldSimple"):
        return
    title, between, number = found.groups()
    series: str = title + between.strip()
    begins = f"\\r {number} " if series != title and series not in counted else ""
    counted.add(series)
    run: Any = texts[0].parentNode
    before, inside, after = (run.cloneNode(True) for _ in range(3))
    field = _new(paragraph, "w:fldSimple")
    field.setAttribute("w:instr", f" SEQ {title} \\* ARABIC {begins}")
    field.appendChild(inside)
    for piece, words in ((before, title + between), (inside, number), (after, _words(texts[0])[found.end() :])):
        _say(piece, words)
    for piece in (before, field, after):
        run.parentNode.insertBefore(piece, run)
    run.parentNode.removeChild(run)


def _block_after(paragraph: Element) -> Element | None:
    """The next paragraph or table; ends of bookmarks may stand between."""
    after: Any = paragraph.nextSibling
    while after is not None and after.nodeName not in ("w:p", "w:tbl"):
        after = after.nextSibling
    return after if isinstance(after, Element) else None


def _describe(table: Element | None, words: str) -> None:
    """Gives the table the text of its caption as its title, unless it has one."""
    if table is None or table.nodeName != "w:tbl" or table.getElementsByTagName("w:tblCaption"):
        return
    title = _new(table, "w:tblCaption")
    title.setAttribute("w:val", words)
    table.getElementsByTagName("w:tblPr")[0].appendChild(title)


def _style_of(paragraph: Element) -> str:
    styles = paragraph.getElementsByTagName("w:pStyle")
    return styles[0].getAttribute("w:val") if styles else ""


def _text_of(paragraph: Element) -> str:
    return "".join(_words(text) for text in paragraph.getElementsByTagName("w:t"))


def _words(text: Element) -> str:
    return str(text.firstChild.nodeValue) if text.firstChild else ""


def _say(run: Element, words: str) -> None:
    text: Any = run.getElementsByTagName("w:t")[0]
    text.setAttribute("xml:space", "preserve")
    text.firstChild.nodeValue = words
