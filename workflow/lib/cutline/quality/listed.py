"""Rules that are tables of their own: usual ranges with their units, and the words that a column may hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.errors import ConfigError
from cutline.quality.checks import Check, Faulty, Records, numbers_of
from cutline.records import comparable_text, matches, plain_text
from cutline.tables.layout import RECORD_TABLES
from cutline.tables.spec import each_distinct

Row = Mapping[Any, Any]
RANGE_COLUMNS = ("table", "column", "where", "is", "unit", "minimum", "maximum")
CODE_COLUMNS = ("table", "column", "code")


def range_checks(path: Path) -> list[Check]:
    """A check of the range for each row, and one of the unit where the row names one.

    Raises ConfigError for a table or column that no source record has, and a limit that is no number.
    """
    listed = _read(path, RANGE_COLUMNS)
    limits = {name: pd.to_numeric(listed[name], errors="coerce") for name in ("minimum", "maximum")}
    bad = pd.DataFrame(limits).isna().any(axis="columns")
    if bad.any():
        raise ConfigError(f"{path.name}, row {bad.tolist().index(True) + 2}: minimum and maximum must be numbers")
    rows = listed.assign(**limits).to_dict("records")
    return [*map(_range_check, rows), *(_unit_check(row) for row in rows if row["unit"])]


def _range_check(row: Row) -> Check:
    low, high = float(str(row["minimum"])), float(str(row["maximum"]))
    unit = f" {row['unit']}" if row["unit"] else ""
    of = f"{row['is']}: " if row["is"] else ""
    words = f"{of}outside the usual range, {low:g} to {high:g}{unit}"
    return Check("implausible_range", str(row["table"]), (str(row["column"]),), words, _outside(row, low, high))


def _outside(row: Row, low: float, high: float) -> Faulty:
    def faulty(records: Records, table: pd.DataFrame) -> pd.Series:
        numbers = numbers_of(table[str(row["column"])])
        return _asked(row, table) & ((numbers < low) | (numbers > high))

    return faulty


def _unit_check(row: Row) -> Check:
    wanted = plain_text(str(row["unit"]))

    def faulty(records: Records, table: pd.DataFrame) -> pd.Series:
        other = each_distinct(table["unit"], lambda units: units.map(lambda unit: plain_text(str(unit)) != wanted))
        return _asked(row, table) & table[str(row["column"])].notna() & other

    words = f"{row['is']}: the unit is not {row['unit']}"
    return Check("unexpected_unit", str(row["table"]), ("unit",), words, faulty)


def _asked(row: Row, table: pd.DataFrame) -> pd.Series:
    """The rows that a row of the list is about."""
    where = {str(row["where"]): [str(row["is"])]} if row["where"] else {}
    return pd.Series(matches(table, where, str(row["table"])), index=table.index)


def code_checks(path: Path) -> list[Check]:
    """A check of each column that the list has words for; raises ConfigError as `range_checks`."""
    listed = _read(path, CODE_COLUMNS)
    grouped = listed.groupby(["table", "column"], sort=False)["code"]
    return [_code_check(str(table), str(column), list(codes)) for (table, column), codes in grouped]


def _code_check(table: str, column: str, codes: list[str]) -> Check:
    known = {plain_text(code) for code in codes if not code.endswith("*")}
    beginnings = tuple(plain_text(code[:-1]) for code in codes if code.endswith("*"))

    def is_unknown(value: Any) -> bool:
        text = "" if pd.isna(value) else comparable_text(value)
        return bool(text) and text not in known and not text.startswith(beginnings)

    def faulty(records: Records, rows: pd.DataFrame) -> pd.Series:
        return each_distinct(rows[column], lambda values: values.map(is_unknown).astype(bool))

    return Check("unknown_code", table, (column,), "a word that the list of known ones does not have", faulty)


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """The list as text. Raises ConfigError for missing columns and for tables or columns that no record has."""
    listed = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = [name for name in columns if name not in listed]
    if absent:
        raise ConfigError(f"{path.name}: missing column(s) {', '.join(absent)}; found: {', '.join(map(str, listed))}")
    for number, row in enumerate(listed.to_dict("records"), 2):
        spec = RECORD_TABLES.get(row["table"])
        named = [name for name in (row["column"], row.get("where", "")) if name]
        if spec is None or not {*named} <= {*spec.names}:
            raise ConfigError(f"{path.name}, row {number}: no source record has {row['table']}.{row['column']}")
    return listed
