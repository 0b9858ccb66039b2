"""What Word needs beyond what pandoc writes: rows of tables that stay together over the end of a page."""

from __future__ import annotations

from itertools import zip_longest
from xml.dom.minidom import Element, parseString

from cutline.archive import unzipped, zipped
from cutline.display.captions import WORD_JOINER
from cutline.display.grid import INDENT

DOCUMENT = "word/document.xml"


def laid_out(content: bytes) -> bytes:
    """The same Word document, without times in its archive, and with tables that break between groups of rows.

    No row breaks over two pages. The header stays with the first row, a group of indented rows with the row that
    names it, and the last row with the notes. Word joiners are left out: Word does not break at a slash, and some
    fonts lack the sign.
    """
    parts = unzipped(content)
    return zipped(parts | {DOCUMENT: _with_rows_together(parts[DOCUMENT])})


def _with_rows_together(xml: bytes) -> bytes:
    document = parseString(xml.decode().replace(WORD_JOINER, "").encode())
    for table in document.getElementsByTagName("w:tbl"):
        if table.getElementsByTagName("w:tbl"):
            continue  # the frame that an engine puts around a table or figure
        rows = table.getElementsByTagName("w:tr")
        for row, following in zip_longest(rows, rows[1:]):
            _put_first(row, "w:trPr", "w:cantSplit")
            if following is None or _is_header(row) or _is_indented(following):
                for paragraph in row.getElementsByTagName("w:p"):
                    _put_first(paragraph, "w:pPr", "w:keepNext")
    return bytes(document.toxml(encoding="UTF-8", standalone=True))


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
