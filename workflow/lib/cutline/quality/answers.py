"""Reading a query list that came back: every answer with who gave it and when, or a sentence on what is wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.errors import RecordError
from cutline.quality.sheet import EMPTY, GIVEN, SHEET, TITLES, UNTOUCHED, WITHDRAW
from cutline.tables.corrections import CHANGED, CONFIRMED, CORRECTIONS, EMPTIED, WITHDRAWN
from cutline.tables.spec import Column, Table, conform, empty

Row = Mapping[str, Any]
MOST = 10
"""Faults that one error names."""


def read_answers(files: Sequence[Path], specs: Mapping[str, Table]) -> pd.DataFrame:
    """The answers of all files in their order, as `CORRECTIONS` without patients. `specs` are the study's tables.

    A row is answered if it has a new value, a reason, a name or a day. Raises RecordError naming file, row and column,
    never the value: for a file that is no such list, an answer without reason, name or day, an unknown table or column,
    and a new value that its column cannot hold.
    """
    parts = [_answers_of(Path(file), specs) for file in files]
    filled = [part for part in parts if len(part)]
    return conform(pd.concat(filled, ignore_index=True), CORRECTIONS) if filled else empty(CORRECTIONS)


def _answers_of(file: Path, specs: Mapping[str, Table]) -> pd.DataFrame:
    answered = [row for row in _rows(file) if any(row[name] is not None for name in GIVEN)]
    faults = [f"row {row['row']}, {fault}" for row in answered for fault in _faults(row, specs)]
    if faults:
        more = f"; and {len(faults) - MOST} more" if len(faults) > MOST else ""
        raise RecordError(
            f"{file.name}, sheet {SHEET}: {'; '.join(faults[:MOST])}{more}. Correct the file and run again."
        )
    answers = [{**row, "file": file.name, "patient_id": None, **_action(row)} for row in answered]
    return pd.DataFrame(answers, columns=CORRECTIONS.names, dtype=object)


def _action(row: Row) -> dict[str, Any]:
    """What the new value asks for."""
    asked = row["new_value"]
    match asked:
        case None:
            return {"action": CONFIRMED, "column": None, "old_value": None}
        case _ if asked == WITHDRAW:
            return {"action": WITHDRAWN, "column": None, "old_value": None, "new_value": None}
        case _ if asked == EMPTY:
            return {"action": EMPTIED, "new_value": None}
    return {"action": CHANGED}


# ── the workbook ─────────────────────────────────────────────────────────────────────────────


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    """The rows below the header by the names of the columns, as text, and the number of each."""
    lines = _sheet(file)
    header = [_text(cell) for cell in next(lines, ())]
    absent = [title for title in TITLES.values() if title not in header]
    if absent:
        raise RecordError(f"{file.name}, sheet {SHEET}: missing column(s) {', '.join(absent)} in its first row. Send "
                          "back the query list with its own header.")  # fmt: skip
    places = {name: header.index(title) for name, title in TITLES.items()}
    for number, line in enumerate(lines, 2):
        yield {name: _text(line[place]) for name, place in places.items()} | {"row": number}


def _sheet(file: Path) -> Iterator[tuple[Any, ...]]:
    # Most runs have no answers to read, and need not wait for this import.
    from openpyxl import load_workbook

    try:
        sheet = load_workbook(file, read_only=False, data_only=True)[SHEET]
    except FileNotFoundError:
        raise RecordError(f"{file.name}: this file does not exist; see `corrections` in study.yaml") from None
    except KeyError:
        raise RecordError(f"{file.name}: no sheet {SHEET}; expected the query list (queries.xlsx) filled in") from None
    except Exception as error:  # openpyxl raises many kinds, and quotes what it read
        raise RecordError(f"{file.name}: no Excel workbook that can be read ({type(error).__name__})") from None
    return iter(sheet.iter_rows(values_only=True))


def _text(cell: Any) -> str | None:
    """A cell as text: a day in ISO form, a whole number without its point; None where nothing is in it."""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip() or None if cell is not None else None


# ── what is wrong with an answer ─────────────────────────────────────────────────────────────


def _faults(row: Row, specs: Mapping[str, Table]) -> Iterator[str]:
    for name in ("reason", "answered_by", "answered_on"):
        if row[name] is None:
            yield f"column {TITLES[name]}: nothing is given, and every answer needs it"
    if row["answered_on"] is not None and not is_day(row["answered_on"]):
        yield f"column {TITLES['answered_on']}: not a real date as YYYY-MM-DD"
    if row["new_value"] is not None:
        yield from _misplaced(row, specs)


def _misplaced(row: Row, specs: Mapping[str, Table]) -> Iterator[str]:
    """What is wrong with where the new value belongs, or with the value."""
    if row["table"] not in specs:
        yield f"column {TITLES['table']}: no table of this study; expected one of {', '.join(specs)}"
    elif row["record_id"] is None:
        yield f"column {TITLES['record_id']}: nothing is given; say which record is corrected"
    elif row["new_value"] != WITHDRAW:
        spec = specs[row["table"]]
        columns = [name for name in spec.names if name not in UNTOUCHED]
        if row["column"] not in columns:
            yield f"column {TITLES['column']}: no column of {spec.name}; expected one of {', '.join(columns)}"
        elif fault := _misfit(row["new_value"], spec.column(row["column"])):
            yield f"column {TITLES['new_value']}: {fault}"


def _misfit(text: str, column: Column) -> str:
    """Why the column cannot hold the value; blank if it can."""
    if text == EMPTY:
        return f"{column.name} may not be empty; withdraw the record instead" if column.required else ""
    if column.kind == "date" and not is_day(text):
        return "not a real date as YYYY-MM-DD"
    if column.allowed and text.casefold() not in [allowed.casefold() for allowed in column.allowed]:
        return f"expected one of {', '.join(column.allowed)}"
    if column.kind in ("integer", "number"):
        return _no_number(text, column)
    return ""


def _no_number(text: str, column: Column) -> str:
    try:
        number = float(text)
    except ValueError:
        return "not a number"
    if column.kind == "integer" and not number.is_integer():
        return "not a whole number"
    low = -math.inf if column.minimum is None else column.minimum
    high = math.inf if column.maximum is None else column.maximum
    return "" if low <= number <= high else "a number outside the range that the column allows"


def is_day(text: str) -> bool:
    """Whether the text is a real date as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
