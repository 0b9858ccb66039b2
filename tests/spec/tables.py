"""Small tables as one reads them on paper: a header, a row per line, `|` between cells, blank where missing."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cutline.tables.spec import Column, Table, conform

FILLER: dict[str, Any] = {"text": "x", "integer": 1, "number": 1.0, "date": "1900-01-01", "flag": False}


def grid(text: str) -> pd.DataFrame:
    """The text as a table of strings; cells that are blank, or left out at the end of a row, are None."""
    header, *lines = [[cell.strip() or None for cell in line.split("|")] for line in text.strip().splitlines()]
    full = [line + [None] * (len(header) - len(line)) for line in lines]
    return pd.DataFrame(full, columns=pd.Index(header), dtype=object)


def cases(text: str) -> list[tuple[str | None, ...]]:
    """The rows of a table of cases, for `pytest.mark.parametrize`."""
    return list(grid(text).itertuples(index=False, name=None))


def table(spec: Table, text: str) -> pd.DataFrame:
    """The text as rows of a table; columns not written are blank, and filled where the spec requires a value.

    Records without a record_id are numbered in the order written.
    """
    rows = grid(text)
    for column in spec.columns:
        if column.name not in rows:
            rows[column.name] = _unwritten(column, len(rows))
    return conform(rows, spec)


def _unwritten(column: Column, count: int) -> Any:
    if column.name == "record_id":
        return [f"r{position:02d}" for position in range(1, count + 1)]
    return FILLER[column.kind] if column.required and not column.allowed else None


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)
