"""A table alone as an Excel workbook: what the report prints, numbers as numbers, ready to be printed."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cutline.archive import without_times
from cutline.display.captions import breakable
from cutline.display.grid import Cell, Grid, GridRow, to_the_left
from cutline.display.numbers import MINUS
from cutline.display.widths import letters_of
from cutline.languages import decimal_sign

FACE, SIZE = "Arial", 10
HEADER = 3
"""The row of the header: above it the caption and a blank row."""
WIDER = 1.15
"""Of a letter of the sheet's, as wide as a digit, so much is a letter of ours."""
_WHOLE_OR_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,9})?")
THICK, THIN = Side(style="medium"), Side(style="thin")


def to_sheet(grid: Grid, title: str, number: str) -> bytes:
    """The table with its caption above and its notes below; equal tables give equal bytes.

    A cell that is a number and nothing else is a number, with the decimals that are printed; all others are text. In a
    table of prose every cell is text: 3.10 there is a section.
    """
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = f"{title} {number}"
    last = HEADER + len(grid.rows)
    left = to_the_left(grid)
    for column, text in enumerate(grid.header, 1):
        _put(sheet, HEADER, column, Cell(text), _looks(left[column - 1]), Font(name=FACE, size=SIZE, bold=True))
    for place, row in enumerate(grid.rows, HEADER + 1):
        _put_row(sheet, place, row, left, grid.prose)
    for place, sides in ((HEADER, {"top": THICK, "bottom": THIN}), (last, {"bottom": THICK})):
        _rule(sheet, place, len(grid.header), sides)
    _put_line(
        sheet, 1, f"{title} {number}: {grid.caption.rstrip('.')}.", grid, Font(name=FACE, size=SIZE + 1, bold=True)
    )
    for place, (text, bold) in enumerate(_notes(grid), last + 1):
        _put_line(sheet, place, text, grid, Font(name=FACE, size=SIZE - 1, bold=bold))
    _lay_out(sheet, grid)
    return _saved(book)


def _put_row(sheet: Worksheet, place: int, row: GridRow, left: Sequence[bool], prose: bool) -> None:
    label = _looks(True, indent=2 if row.indented else 0)
    font = Font(name=FACE, size=SIZE, bold=row.heading, italic=row.names_a_part)
    _put(sheet, place, 1, row.label, label, font, prose)
    for column, cell in enumerate(row.cells, 2):
        _put(sheet, place, column, cell, _looks(left[column - 1]), Font(name=FACE, size=SIZE), prose)


def _looks(left: bool, indent: int = 0) -> Alignment:
    return Alignment(horizontal="left" if left else "right", vertical="top", wrap_text=True, indent=indent)


def _put(
    sheet: Worksheet, row: int, column: int, cell: Cell, looks: Alignment, font: Font, as_text: bool = False
) -> None:
    place: Any = sheet.cell(row, column)
    place.font, place.alignment = font, looks
    text = _plain(cell.text)
    number = text.replace(MINUS, "-").replace(decimal_sign(), ".")
    if _WHOLE_OR_DECIMAL.fullmatch(number) and not cell.marks and not as_text:
        place.value = float(number) if "." in number else int(number)
        place.number_format = f"0.{'0' * len(number.partition('.')[2])}".rstrip(".")
    elif text or cell.marks:
        _put_words(place, text, cell.marks)


def _put_words(place: Any, text: str, marks: Sequence[str]) -> None:
    """Text with the marks of its footnotes raised; what begins with = is a text too, never a formula."""
    if marks:
        raised = InlineFont(rFont=FACE, sz=place.font.sz, vertAlign="superscript")
        place.value = CellRichText(*([text] if text else []), TextBlock(raised, ",".join(marks)))
    else:
        place.value = text
        place.data_type = "s"


def _notes(grid: Grid) -> list[tuple[str, bool]]:
    """The lines below the table: the stamp, bold, and the footnotes."""
    notes = [(f"({note.mark}) {note.text}" if note.mark else note.text, False) for note in grid.notes]
    return [(f"{grid.stamp}.", True), *notes] if grid.stamp else notes


def _put_line(sheet: Worksheet, row: int, text: str, grid: Grid, font: Font) -> None:
    """A text across the table, in a row that is high enough for it: the caption, a footnote."""
    place: Any = sheet.cell(row, 1)
    place.font, place.alignment = font, Alignment(vertical="top", wrap_text=True)
    _put_words(place, _plain(text), ())
    sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(grid.header))
    sheet.row_dimensions[row].height = 1.4 * font.sz * math.ceil(len(text) / (WIDER * sum(letters_of(grid))))


def _plain(text: str) -> str:
    """The text with ordinary spaces, as programs compare it, and without signs that no workbook may hold."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", breakable(text))).strip()


def _rule(sheet: Worksheet, row: int, columns: int, sides: dict[str, Side]) -> None:
    for column in range(1, columns + 1):
        sheet.cell(row, column).border = Border(**sides)


def _lay_out(sheet: Worksheet, grid: Grid) -> None:
    """Columns as wide as their contents; in print the header on every page, the table as wide as the page."""
    for column, letters in enumerate(letters_of(grid), 1):
        sheet.column_dimensions[get_column_letter(column)].width = letters * WIDER
    sheet.freeze_panes = f"B{HEADER + 1}"
    sheet.print_title_rows = f"{HEADER}:{HEADER}"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.orientation = sheet.ORIENTATION_LANDSCAPE
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.sheet_view.showGridLines = False


def _saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return without_times(buffer.getvalue())
