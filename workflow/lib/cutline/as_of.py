"""What records of dated tables said at a cut-off: rows begun by then, later columns blank, lasting dates cut to it."""

from __future__ import annotations

import pandas as pd

from cutline.partial_dates import earliest_days
from cutline.tables.spec import Table, each_distinct


def dated_by(frame: pd.DataFrame, table: Table, cutoff: str) -> pd.DataFrame:
    """The rows that began by the cut-off, with what is dated after it as it was then; a row without a date stays.

    Dates are ISO text; one that cannot be read stays as it was written, for the checks to judge. Keeps the row order.
    """
    begun = frame[~dated_after(frame[table.began], cutoff)] if table.began in frame.columns else frame
    known = begun.copy()
    for until in table.lasting:
        known.loc[dated_after(begun[until], cutoff), until] = cutoff
    for when, after in table.later.items():
        known.loc[dated_after(begun[when], cutoff), [when, *after]] = None
    return known.reset_index(drop=True)


def recorded_by(frame: pd.DataFrame, known_by: str) -> pd.DataFrame:
    """The rows written by that day, or of which nobody knows when they were written."""
    return frame[~dated_after(frame["recorded_on"], known_by)] if "recorded_on" in frame.columns else frame


def dated_after(dates: pd.Series, limit: str) -> pd.Series:
    """Whether each ISO date lies after the limit, of a partial one its first day; one that cannot be read does not."""
    return each_distinct(dates, lambda distinct: _after(distinct, limit))


def _after(dates: pd.Series, limit: str) -> pd.Series:
    days = pd.to_datetime(dates, format="%Y-%m-%d", errors="coerce")
    odd = days.isna() & dates.notna()
    if odd.any():
        days = days.fillna(earliest_days(dates[odd]))
    return days > pd.Timestamp(limit)
