"""A table alone as a Word file: a table of Word's own whose header repeats, with a caption that Word can list.

Elements stand in the order that the schema of WordprocessingML (ISO/IEC 29500) gives them; Word refuses others.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from xml.sax.saxutils import escape, quoteattr

from cutline.display.captions import WORD_JOINER
from cutline.display.grid import INDENT, Cell, Grid, GridRow, to_the_left
from cutline.display.widths import letters_of, shares_of
from cutline.display.word import word_file

MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PAGE = (11906, 16838)
"""A4 in twips."""
MARGIN, TOP = 1134, 1418
WIDEST_UPRIGHT = 110
"""Letters of a table beyond which its page lies on its side."""


def to_word(grid: Grid, title: str, number: str, sources: Mapping[str, str], watermark: str) -> bytes:
    """The table with its caption and notes; `title` is Table or its like, `number` 1 or S1.

    `sources` are the styles in reports/styles/word by file name, `watermark` stands behind the text.
    """
    lies = sum(letters_of(grid)) > WIDEST_UPRIGHT
    width = (PAGE[1] if lies else PAGE[0]) - 2 * MARGIN
    body = "".join([caption(title, number, grid.caption), table(grid, width), *_notes(grid), _section(lies)])
    document = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<w:document xmlns:w="{MAIN}" xmlns:r="{RELATIONS}"><w:body>{body}</w:body></w:document>'
    )
    return word_file(sources, grid.stamp, watermark, document)


def caption(title: str, number: str, text: str) -> str:
    """The paragraph above the table; its number is a field that Word's own list of tables reads."""
    ending = "" if text.endswith(".") else "."
    parts = [run(f"{title}\u00a0{number.rstrip('0123456789')}"), sequence(title, number), run(f": {text}{ending}")]
    return paragraph("TableCaption", "".join(parts), together=True)


def sequence(title: str, number: str) -> str:
    """The number as Word counts it, begun where this table stands in the manuscript."""
    digits = number.lstrip("S")
    return f'<w:fldSimple w:instr=" SEQ {title} \\* ARABIC \\r {digits} ">{run(digits)}</w:fldSimple>'


def table(grid: Grid, width: int) -> str:
    """The table in that width, in twips."""
    columns = [width * share // 100 for share in shares_of(grid)]
    about = quoteattr(grid.caption)
    properties = (
        '<w:tblPr><w:tblStyle w:val="Table"/><w:tblW w:w="5000" w:type="pct"/><w:tblLayout w:type="fixed"/>'
        '<w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" '
        f'w:noVBand="1"/><w:tblCaption w:val={about}/></w:tblPr>'
    )
    shape = "".join(f'<w:gridCol w:w="{column}"/>' for column in columns)
    return f"<w:tbl>{properties}<w:tblGrid>{shape}</w:tblGrid>{''.join(_rows(grid, columns))}</w:tbl>"


def _rows(grid: Grid, columns: Sequence[int]) -> Iterator[str]:
    left = to_the_left(grid)
    yield _row([run(text) for text in grid.header], columns, left, header=True, together=True)
    for row, following in zip_longest(grid.rows, grid.rows[1:]):
        cells = [_named(row), *(_cell(cell) for cell in row.cells)]
        cells += [""] * (len(columns) - len(cells))
        yield _row(cells, columns, left, together=following is None or following.indented)


def _row(
    cells: Sequence[str], columns: Sequence[int], left: Sequence[bool], header: bool = False, together: bool = False
) -> str:
    """A row that does not break over two pages, and that stays with the next one if they belong together."""
    repeats = "<w:tblHeader/>" if header else ""
    made = [
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>'
        f"{paragraph('Compact', cell, together=together, right=not side)}</w:tc>"
        for cell, width, side in zip(cells, columns, left, strict=True)
    ]
    return f"<w:tr><w:trPr><w:cantSplit/>{repeats}</w:trPr>{''.join(made)}</w:tr>"


def _named(row: GridRow) -> str:
    """The label of a row: bold for a heading, italic for a part of a group, indented below a heading."""
    text = (INDENT if row.indented and not row.names_a_part else "") + row.label.text
    return run(text, bold=row.heading, italic=row.names_a_part) + _marks(row.label.marks)


def _cell(cell: Cell) -> str:
    return run(cell.text) + _marks(cell.marks)


def _notes(grid: Grid) -> Iterator[str]:
    """Each footnote in its own paragraph, the stamp first."""
    if grid.stamp:
        yield paragraph("TableNotes", run(f"{grid.stamp}.", bold=True), close=True)
    for note in grid.notes:
        yield paragraph("TableNotes", _marks((note.mark,) if note.mark else ()) + run(note.text), close=True)


def _marks(marks: Sequence[str]) -> str:
    return run(",".join(marks), raised=True) if marks else ""


def _section(lies: bool) -> str:
    width, height = reversed(PAGE) if lies else PAGE
    turned = ' w:orient="landscape"' if lies else ""
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId2"/>'
        f'<w:pgSz w:w="{width}" w:h="{height}"{turned}/><w:pgMar w:top="{TOP}" w:right="{MARGIN}" w:bottom="{TOP}" '
        f'w:left="{MARGIN}" w:header="709" w:footer="709" w:gutter="0"/></w:sectPr>'
    )


# ── parts ────────────────────────────────────────────────────────────────────────────────────


def paragraph(style: str, content: str, together: bool = False, close: bool = False, right: bool = False) -> str:
    """A paragraph of finished runs: `together` on the page of the next one, `close` to it, `right` aligned."""
    keeps = ("<w:keepNext/>" if together else "") + ('<w:spacing w:before="40" w:after="0"/>' if close else "")
    aligned = '<w:jc w:val="right"/>' if right else ""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{keeps}{aligned}</w:pPr>{content}</w:p>'


def run(text: str, bold: bool = False, italic: bool = False, raised: bool = False) -> str:
    """Text in one look; nothing for a blank text. Word joiners are left out: some fonts lack the sign."""
    if not text:
        return ""
    looks = ("<w:b/>" if bold else "") + ("<w:i/>" if italic else "")
    looks += '<w:vertAlign w:val="superscript"/>' if raised else ""
    properties = f"<w:rPr>{looks}</w:rPr>" if looks else ""
    return f'<w:r>{properties}<w:t xml:space="preserve">{escape(text.replace(WORD_JOINER, ""))}</w:t></w:r>'
