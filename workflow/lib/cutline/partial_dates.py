"""Dates of which only the year, or year and month, is known: completed by the study's rule, and flagged."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from cutline.tables.quarantine import IMPUTED
from cutline.tables.spec import Table, conform, empty, unpacked

Rules = Mapping[str, str]
FIRST, MIDDLE, LAST = "first_day", "middle", "last_day"
RULES = (FIRST, MIDDLE, LAST)
MONTH, YEAR = "month", "year"
_PATTERNS = {MONTH: r"\d{4}-(?:0[1-9]|1[0-2])", YEAR: r"[12]\d{3}"}
_PARTS = {
    FIRST: {MONTH: "-01", YEAR: "-01-01"},
    MIDDLE: {MONTH: "-15", YEAR: "-07-01"},
    LAST: {MONTH: "-01", YEAR: "-12-01"},
}
"""What completes the text; the last day is then that of its month."""


def complete_dates(
    frame: pd.DataFrame, table: Table, rules: Rules, deaths: pd.Series | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with their partial dates completed, and one row per date that was: see `IMPUTED`.

    `rules` says which date columns (`table.column`) are completed, and how: to the first day, the middle (the 15th, or
    1 July) or the last day of what is known. A completed date never lies after the day on which the record was written,
    nor after the person's death, where `deaths` has it (dates by patient_id) and it lies in what is known. What is no
    partial date stays as it is, for the checks to judge. Keeps the row order.
    """
    completed, found = frame, []
    for column in (name for name in table.names if f"{table.name}.{name}" in rules):
        rule, short = (
            rules[f"{table.name}.{column}"],
            completed[column][completed[column].str.len() < len("YYYY-MM-DD")],
        )
        for known, pattern in _PATTERNS.items():
            rows = completed.loc[short.index[short.str.fullmatch(pattern).astype(bool)]]
            if len(rows):
                days = _days(rows, column, known, rule, deaths).reindex(completed.index)
                completed = completed.assign(**{column: completed[column].where(days.isna(), days)})
                found.append(
                    unpacked(rows).assign(table=table.name, column=column, known=known, rule=rule)[IMPUTED.names]
                )
    flags = pd.concat(found, ignore_index=True).fillna("(none)") if found else empty(IMPUTED)
    return completed, conform(flags, IMPUTED)


def _days(rows: pd.DataFrame, column: str, known: str, rule: str, deaths: pd.Series | None) -> pd.Series:
    days = pd.to_datetime(rows[column] + _PARTS[rule][known], format="%Y-%m-%d")
    days = days + pd.offsets.MonthEnd(0) if rule == LAST else days
    first = pd.to_datetime(rows[column] + _PARTS[FIRST][known], format="%Y-%m-%d")
    if deaths is not None:
        died = rows["patient_id"].astype(object).map(deaths).astype("datetime64[ns]")
        days = days.where(~((died < days) & (died >= first)), died)
    if "recorded_on" in rows:
        written = pd.to_datetime(rows["recorded_on"], format="%Y-%m-%d", errors="coerce")
        days = days.where(~(written < days), written.where(written >= first, first))
    return days.dt.strftime("%Y-%m-%d")


def earliest_days(texts: pd.Series) -> pd.Series:
    """The first day that each partial date can mean; missing for anything else."""
    days = [
        pd.to_datetime(texts.where(texts.str.fullmatch(pattern, na=False)) + _PARTS[FIRST][known], format="%Y-%m-%d")
        for known, pattern in _PATTERNS.items()
    ]
    return days[0].fillna(days[1])
