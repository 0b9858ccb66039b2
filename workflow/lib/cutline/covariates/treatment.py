"""Variables of how long and how much of a drug was given: treatment under way, courses, dose intensity.

Rows are `candidates` of a selection (patient_id, value, source columns); whole days, both ends included.
"""

from __future__ import annotations

import pandas as pd

from cutline.covariates.counting import counting, without_record, yes_or_no
from cutline.covariates.facts import Facts, Variable, fact_of, first_that_holds, iso
from cutline.covariates.from_dates import ends_unknown
from cutline.records import (
    candidates,
    column_named,
    first_per_person,
    in_courses,
    of_persons,
    table_named,
    within_window,
)


def under_way(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Yes if treatment was under way at the anchor, or began at most `days` after it; else no."""
    rows = candidates(facts.records, variable["select"])
    given = _given_at(rows, _stops(facts, variable, rows), facts.dates(variable["anchor"]), variable.get("days", 0))
    found = first_per_person(given, ["source_date"], last=True)
    return yes_or_no(facts, variable, found, f"under way at {variable['anchor']}")


def course_end(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The last day of the first course of the selected drugs: gaps up to `days` and switches belong to it."""
    select = variable["select"]
    rows = within_window(counting(facts, variable, select), select, facts.anchor(variable))
    course = _first_course(rows, _stops(facts, variable, rows), variable["days"])
    stop = course["stop"].reindex(facts.persons)
    begun = pd.Series(facts.persons.isin(course.index), index=facts.persons)
    cases = [(stop.notna(), "end of the first course"), (begun, "no stop is recorded")]
    reason = first_that_holds(facts.persons, cases, "").where(begun, without_record(facts, variable))
    return fact_of(facts.persons, reason, value=iso(stop), source=course.assign(source_date=course["stop"]))


def dose_intensity(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Milligrams given of the selected dose periods in percent of `planned_mg` a day, from one date to the other."""
    rows = candidates(facts.records, variable["select"])
    first, last = facts.dates(variable["from"]), facts.dates(variable["to"])
    given = _milligrams_given(rows, _stops(facts, variable, rows), first, last).reindex(facts.persons)
    days = (last - first).dt.days + 1.0
    number = (100 * given / (days * variable["planned_mg"])).where(days > 0)
    cases = [*ends_unknown(facts, variable), (days <= 0, f"{variable['to']} lies before {variable['from']}"),
             (given.isna(), f"no matching record in {variable['select']['table']}")]  # fmt: skip
    reason = first_that_holds(facts.persons, cases, f"of {variable['planned_mg']} mg a day as planned")
    return fact_of(facts.persons, reason, number=number, source=facts.of(variable["to"]))


def _stops(facts: Facts, variable: Variable, rows: pd.DataFrame) -> pd.Series:
    """The last day of each of the rows of the selected table."""
    name = variable["select"]["table"]
    return column_named(table_named(facts.records, name), "stop_date", name).loc[rows.index]


# ── courses and doses ────────────────────────────────────────────────────────────────────────


def _given_at(rows: pd.DataFrame, stops: pd.Series, at: pd.Series, days: int) -> pd.DataFrame:
    """The rows of treatment begun by the person's date, or at most `days` after it, and not stopped before it.

    `stops` is the last day of each row, NaT while it goes on; `at` a date per person (index patient_id).
    """
    when = of_persons(rows, at)
    found: pd.DataFrame = rows[((rows["source_date"] - when).dt.days <= days) & ~(stops < when)]
    return found


def _first_course(rows: pd.DataFrame, stops: pd.Series, gap_days: int) -> pd.DataFrame:
    """The record that ends each person's first course, index patient_id, with `stop`; see `in_courses`."""
    courses = in_courses(rows, stops, gap_days)
    return first_per_person(courses[courses["course"] == 0], ["until"], last=True)


def _milligrams_given(rows: pd.DataFrame, stops: pd.Series, first: pd.Series, last: pd.Series) -> pd.Series:
    """Sum of daily dose × days of each person from her `first` to her `last` day; index patient_id.

    Each row is a dose period from its date on, with the dose in mg a day as value; it ends the day before the next one
    starts, at its own stop, or on the last day. Of periods that start on one day the one with the highest record_id
    holds. Days without a period are interruptions.
    """
    rows = rows.assign(stop=stops, first=of_persons(rows, first), last=of_persons(rows, last))
    rows = rows.dropna(subset=["first", "last"])
    rows = rows.sort_values(["patient_id", "source_date", "source_record_id"], kind="stable")
    rows["before_next"] = rows.groupby("patient_id", sort=False)["source_date"].shift(-1) - pd.Timedelta(days=1)
    begin, end = (
        rows[["source_date", "first"]].max(axis="columns"),
        rows[["stop", "before_next", "last"]].min(axis="columns"),
    )
    days = ((end - begin).dt.days + 1).clip(lower=0)
    return (rows["value"].astype("float64") * days).groupby(rows["patient_id"]).sum()
