"""Variables from dates: age, the time between two dates, and whether one lies within some days of another."""

from __future__ import annotations

import pandas as pd

from cutline.covariates.facts import Facts, Variable, fact_of, first_that_holds, unknown_words
from cutline.durations import days_per_unit
from cutline.records import only, table_named


def age(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Whole years to the anchor from birth, or from the date variable `from`.

    A birthday counts on its day, one on 29 February on 1 March.
    """
    source = facts.of(variable["from"]) if "from" in variable else _births(facts)
    birth = facts.dates(variable["from"]) if "from" in variable else source["source_date"]
    at = facts.dates(variable["anchor"])
    before_birthday = birth.dt.month * 100 + birth.dt.day > at.dt.month * 100 + at.dt.day
    years = (at.dt.year - birth.dt.year - before_birthday.astype("int64")).where(birth.notna() & at.notna())
    cases = [(at.isna(), unknown_words(variable, "anchor")), (birth.isna(), "date of birth is unknown"),
             (years < 0, f"born after {variable['anchor']}")]  # fmt: skip
    reason = first_that_holds(facts.persons, cases, f"whole years at {variable['anchor']}")
    return fact_of(facts.persons, reason, number=years.where(years >= 0), source=source[birth.notna()])


def _births(facts: Facts) -> pd.DataFrame:
    """The record of each person's birth, from the table of patients."""
    patients = table_named(facts.records, "patients").set_index("patient_id").reindex(facts.persons)
    named = {"source_record_id": patients["record_id"], "source_date": patients["birth_date"]}
    return pd.DataFrame(named).assign(source_table="patients")


def _days_between(facts: Facts, variable: Variable) -> pd.Series:
    return (facts.dates(variable["to"]) - facts.dates(variable["from"])).dt.days.astype("float64")


def ends_unknown(facts: Facts, variable: Variable) -> list[tuple[pd.Series, str]]:
    return [(facts.dates(variable[role]).isna(), unknown_words(variable, role)) for role in ("from", "to")]


def interval(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Time between two date variables, counted in days, in the variable's unit; the record is the later date's."""
    days = _days_between(facts, variable)
    number = (days / days_per_unit(variable, facts.settings)).where(days >= 0)
    cases = [*ends_unknown(facts, variable), (days < 0, f"{variable['to']} lies before {variable['from']}")]
    reason = first_that_holds(facts.persons, cases, f"from {variable['from']} to {variable['to']}")
    return fact_of(facts.persons, reason, number=number, source=facts.of(variable["to"]))


def within(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Yes if `to` is at most `days` after `from`, or shortly before it; no if later.

    A date that lies more than `days` before the other is no answer to the question, and so unknown.
    """
    days, limit = _days_between(facts, variable), variable["days"]
    value = only((days <= limit).map({True: "yes", False: "no"}), days >= -limit)
    cases = [*ends_unknown(facts, variable),
             (days < -limit, f"{variable['to']} lies more than {limit} days before {variable['from']}")]  # fmt: skip
    words = f"days from {variable['from']} to {variable['to']} against {limit}"
    reason = first_that_holds(facts.persons, cases, words)
    return fact_of(facts.persons, reason, value=value, source=facts.of(variable["to"]))
