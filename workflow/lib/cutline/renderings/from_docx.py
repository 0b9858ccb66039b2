"""The blocks of a Word document, as the embedded engine and Quarto write one.

Source of the elements' names: ECMA-376, part 1 (WordprocessingML, DrawingML, Office Math).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from xml.etree import ElementTree as xml

from cutline.renderings.blocks import CAPTION, HEADING, PARAGRAPH, PICTURE, WORK, Block, Collector, Words, words_of

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
UNREAD_STYLES = ("Author", "Date", "TOC", "TableofFigures")
"""Of the title page and of lists of contents: each engine writes its own."""


def blocks_of_docx(content: bytes) -> list[Block]:
    """The blocks of the body, then the notes at the foot of its pages."""
    with zipfile.ZipFile(BytesIO(content)) as archive:
        body = xml.fromstring(archive.read("word/document.xml")).find(f"{W}body")
        notes = archive.read("word/footnotes.xml") if "word/footnotes.xml" in archive.namelist() else b""
    assert body is not None
    reader = _Reader()
    reader.blocks(body)
    if notes:
        for note in xml.fromstring(notes).iter(f"{W}footnote"):
            if f"{W}type" not in note.attrib:  # the lines above the notes are of a type
                reader.blocks(note)
    return reader.found.blocks


class _Reader:
    def __init__(self) -> None:
        self.found = Collector()
        self.notes = 0

    def blocks(self, parent: xml.Element) -> None:
        for child in parent:
            if child.tag == f"{W}p":
                self._paragraph(child)
            elif child.tag == f"{W}tbl":
                self._table(child)
            elif child.tag == f"{W}sdtContent" or (child.tag == f"{W}sdt" and not _lists_contents(child)):
                self.blocks(child)

    def _paragraph(self, paragraph: xml.Element) -> None:
        style = _style(paragraph)
        if any(style.startswith(each) for each in UNREAD_STYLES):
            return
        words = self._words(paragraph)
        for _ in () if words else paragraph.iter(f"{W}drawing"):  # beside words it is the icon of a callout
            self.found.add(PICTURE, ())
        self.found.add(_kind(style), words)

    def _words(self, paragraph: xml.Element) -> Words:
        return words_of(self._runs(paragraph, reference=False))

    def _runs(self, element: xml.Element, reference: bool) -> Iterator[tuple[str, bool]]:
        for child in element:
            if child.tag == f"{W}t":
                yield child.text or "", reference
            elif child.tag in (f"{W}tab", f"{W}br"):
                yield " ", False
            elif child.tag == f"{W}noBreakHyphen":
                yield "-", reference
            elif child.tag == f"{W}footnoteReference":
                self.notes += 1
                yield str(self.notes), True
            elif child.tag in (f"{M}oMath", f"{M}oMathPara"):
                yield "".join("".join((text.text or "").split()) for text in child.iter(f"{M}t")), reference
            elif child.tag not in (f"{W}pPr", f"{W}rPr", f"{W}drawing"):
                yield from self._runs(child, reference or f"{W}anchor" in child.attrib)

    def _table(self, table: xml.Element) -> None:
        rows = [row.findall(f"{W}tc") for row in table.findall(f"{W}tr")]
        if _is_frame(table, rows):
            for cell in (cell for row in rows for cell in row):
                self.blocks(cell)
            return
        for row in rows:
            self.found.row([words for cell in row for words in self._cells(cell)])

    def _cells(self, cell: xml.Element) -> list[Words]:
        """The cell, and an empty one for each further column that it covers."""
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        covered = 0 if span is None else int(span.attrib[f"{W}val"]) - 1
        words = (word for paragraph in cell.iter(f"{W}p") for word in self._words(paragraph))
        return [tuple(words), *[()] * covered]


def _lists_contents(block: xml.Element) -> bool:
    """Whether a block of its own holds a list of contents."""
    return block.find(f".//{W}docPartGallery") is not None


def _is_frame(table: xml.Element, rows: list[list[xml.Element]]) -> bool:
    """Whether the table only holds together what is inside: a figure, a table with its caption, a box."""
    held = table.find(f".//{W}tc//{W}tbl") is not None or table.find(f".//{W}drawing") is not None
    return held or max(map(len, rows), default=0) < 2


def _style(paragraph: xml.Element) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else style.attrib.get(f"{W}val", "")


def _kind(style: str) -> str:
    if re.fullmatch(r"Heading\d|Title", style):
        return HEADING
    if style.endswith("Caption"):
        return CAPTION
    return WORK if style == "Bibliography" else PARAGRAPH
