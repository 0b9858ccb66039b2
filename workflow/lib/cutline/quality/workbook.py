"""The query list as an Excel workbook that a clinician fills in. Equal questions give equal bytes."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from cutline.archive import without_times
from cutline.quality.sheet import ASKED, INSTRUCTIONS, SHEET, TITLES

RECORDS, HELP = "Records", "Instructions"
RECORD_TITLES = ("Table", "Record", "Patient", "Column", "Value in the data")
FURTHER_ROWS = 50
"""Blank rows below the questions, for corrections that nobody asked for."""
WIDTHS = {"query": 14, "severity": 10, "patient_id": 18, "table": 15, "record_id": 16, "source_date": 12,
          "question": 48, "action": 40, "column": 18, "old_value": 20, "new_value": 20, "reason": 32,
          "answered_by": 16, "answered_on": 14}  # fmt: skip
GREY = PatternFill("solid", fgColor="E8E8E8")
TEXT = "@"
"""The format of a cell that stays what was typed, a date included."""
OWNER_ALONE = 0o600


def query_workbook(questions: pd.DataFrame, layer: Mapping[str, pd.DataFrame]) -> Callable[[Path], None]:
    """What writes the workbook, for its owner alone: the sheet to fill in, the records asked about, instructions.

    `questions` have the columns of `sheet.TITLES` but the answers, `layer` is the snapshot with earlier corrections.
    """
    book = Workbook()
    book.remove(book.worksheets[0])
    _fill_questions(book.create_sheet(SHEET), questions)
    _fill_records(book.create_sheet(RECORDS), questions, layer)
    _fill_help(book.create_sheet(HELP))
    content = _timeless(book)
    return lambda file: _write_private(file, content)


def _fill_questions(sheet: Worksheet, questions: pd.DataFrame) -> None:
    _put(sheet, 1, list(TITLES.values()), header=True)
    rows = questions.reindex(columns=list(TITLES)).assign(source_date=questions["source_date"].dt.strftime("%Y-%m-%d"))
    for number, row in enumerate(rows.itertuples(index=False, name=None), 2):
        _put(sheet, number, row, locked=len(ASKED))
    for number in range(len(rows) + 2, len(rows) + 2 + FURTHER_ROWS):
        _put(sheet, number, [None] * len(TITLES), locked=0)
    _lay_out(sheet, [WIDTHS[name] for name in TITLES])
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(TITLES))}{len(rows) + 1}"
    sheet.protection.sheet = True  # against a slip of the mouse: there is no password
    sheet.protection.autoFilter = sheet.protection.formatColumns = False  # what is not protected


def _fill_records(sheet: Worksheet, questions: pd.DataFrame, layer: Mapping[str, pd.DataFrame]) -> None:
    """Every record in question, a row for each of its values."""
    _put(sheet, 1, RECORD_TITLES, header=True)
    parts = [_long(str(table), layer[str(table)], set(rows["record_id"]))
             for table, rows in questions.groupby("table", sort=True) if table in layer]  # fmt: skip
    rows = pd.concat(parts) if parts else pd.DataFrame(columns=range(len(RECORD_TITLES)))
    for number, row in enumerate(rows.itertuples(index=False, name=None), 2):
        _put(sheet, number, row, locked=len(RECORD_TITLES))
    _lay_out(sheet, [15, 16, 18, 22, 40])
    sheet.freeze_panes = "A2"


def _long(table: str, frame: pd.DataFrame, ids: set[str]) -> pd.DataFrame:
    asked = frame[frame["record_id"].isin(ids)].astype(object)
    values = [name for name in asked if name not in ("record_id", "patient_id")]
    *_, column, value = RECORD_TITLES  # observations have a column `value`, as melt would call its own
    rows = asked.melt(["record_id", "patient_id"], values, column, value, ignore_index=False)
    rows = rows.sort_index(kind="stable").assign(table=table)
    return rows[["table", "record_id", "patient_id", column, value]]


def _fill_help(sheet: Worksheet) -> None:
    for number, sentence in enumerate(INSTRUCTIONS, 1):
        _put(sheet, number, [sentence], locked=1)
    _lay_out(sheet, [110])


# ── cells ────────────────────────────────────────────────────────────────────────────────────


def _put(sheet: Worksheet, row: int, values: Sequence[Any], header: bool = False, locked: int = 0) -> None:
    """One row of text; the first `locked` cells are grey and may not be changed."""
    for column, value in enumerate(values, 1):
        cell = sheet.cell(row, column)
        assert isinstance(cell, Cell)
        if value is not None and not pd.isna(value):
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", str(value))
            cell.data_type = "s"  # what begins with = is a text too, never a formula
        cell.number_format = TEXT
        cell.alignment = Alignment(wrap_text=True, vertical="top")
        if header:
            cell.font = Font(bold=True)
        if header or column <= locked:
            cell.fill = GREY
        else:
            cell.protection = Protection(locked=False)


def _lay_out(sheet: Worksheet, widths: Sequence[int]) -> None:
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width


# ── bytes ────────────────────────────────────────────────────────────────────────────────────


def _timeless(book: Workbook) -> bytes:
    """The workbook without the time at which it was made."""
    buffer = io.BytesIO()
    book.save(buffer)
    return without_times(buffer.getvalue())


def _write_private(file: Path, content: bytes) -> None:
    """A new file that its owner alone may read and write."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ALONE)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
