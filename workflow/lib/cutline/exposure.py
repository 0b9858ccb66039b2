"""How long and how much of a drug was given: courses, treatment under way, dose intensity.

Rows are `candidates` of a selection (patient_id, value, source columns); whole days, both ends included.
"""

from __future__ import annotations

import pandas as pd

from cutline.records import first_per_person


def first_course(rows: pd.DataFrame, stops: pd.Series, gap_days: int) -> pd.DataFrame:
    """The record that ends each person's first course, index patient_id, with `stop` (NaT while it goes on).

    Records are one course while none starts more than `gap_days` after all before it have stopped, whichever of the
    selected drugs they are of: interruptions and switches belong to it. `stops` is the last day of each row, NaT where
    none is recorded, which goes on for ever.
    """
    rows = rows.assign(stop=stops, until=stops.fillna(pd.Timestamp.max.normalize()))
    rows = rows.sort_values(["patient_id", "source_date", "source_record_id"], kind="stable")
    before = rows.groupby("patient_id", sort=False)["until"].cummax().groupby(rows["patient_id"], sort=False).shift()
    resumed_late = (rows["source_date"] - before).dt.days > gap_days
    course = rows[~resumed_late.groupby(rows["patient_id"], sort=False).cummax()]
    return first_per_person(course, ["until"], last=True)


def under_way(rows: pd.DataFrame, stops: pd.Series, at: pd.Series, days: int) -> pd.DataFrame:
    """The rows of treatment begun by the person's date, or at most `days` after it, and not stopped before it.

    `stops` is the last day of each row, NaT while it goes on; `at` a date per person (index patient_id).
    """
    when = pd.to_datetime(rows["patient_id"].map(at))
    found: pd.DataFrame = rows[((rows["source_date"] - when).dt.days <= days) & ~(stops < when)]
    return found


def milligrams_given(rows: pd.DataFrame, stops: pd.Series, first: pd.Series, last: pd.Series) -> pd.Series:
    """Sum of daily dose × days of each person from her `first` to her `last` day; index patient_id.

    Each row is a dose period from its date on, with the dose in mg a day as value; it ends the day before the next one
    starts, at its own stop, or on the last day. Of periods that start on one day the one with the highest record_id
    holds. Days without a period are interruptions.
    """
    rows = rows.assign(stop=stops, first=_of(rows, first), last=_of(rows, last)).dropna(subset=["first", "last"])
    rows = rows.sort_values(["patient_id", "source_date", "source_record_id"], kind="stable")
    rows["before_next"] = rows.groupby("patient_id", sort=False)["source_date"].shift(-1) - pd.Timedelta(days=1)
    begin, end = (
        rows[["source_date", "first"]].max(axis="columns"),
        rows[["stop", "before_next", "last"]].min(axis="columns"),
    )
    days = ((end - begin).dt.days + 1).clip(lower=0)
    return (rows["value"].astype("float64") * days).groupby(rows["patient_id"]).sum()


def _of(rows: pd.DataFrame, dates: pd.Series) -> pd.Series:
    return pd.to_datetime(rows["patient_id"].map(dates))
