"""Which records count for a variable, and in words why a person has none."""

from __future__ import annotations

import pandas as pd

from cutline.covariates.facts import Facts, Variable, fact_of, first_that_holds, unknown_words
from cutline.records import candidates, of_persons, only


def counting(facts: Facts, variable: Variable, select: Variable) -> pd.DataFrame:
    """The records of the selection in the time that counts.

    Before the date variable `before`, at most `days_before` days; after the date variable `after`; neither on its day.
    """
    rows = candidates(facts.records, select)
    if "before" in variable:
        days = (of_persons(rows, facts.dates(variable["before"])) - rows["source_date"]).dt.days
        rows = rows[(days > 0) & (days <= variable.get("days_before", float("inf")))]
    if "after" in variable:
        rows = rows[rows["source_date"] > of_persons(rows, facts.dates(variable["after"]))]
    return rows


def times_unknown(facts: Facts, variable: Variable) -> list[tuple[pd.Series, str]]:
    """Who lacks a date that says which records count, and in words."""
    roles = [role for role in ("anchor", "before", "after") if role in variable]
    return [(facts.dates(variable[role]).isna(), unknown_words(variable, role)) for role in roles]


def time_is_unknown(facts: Facts, variable: Variable) -> pd.Series:
    """Whether each person lacks a date that says which records count."""
    unknown = pd.Series(False, index=facts.persons)
    for cases, _ in times_unknown(facts, variable):
        unknown |= cases
    return unknown


def without_record(facts: Facts, variable: Variable) -> pd.Series:
    """Why a person has no record: a date it is timed by is unknown, or nothing matches."""
    return first_that_holds(
        facts.persons, times_unknown(facts, variable), f"no matching record in {variable['select']['table']}"
    )


def counted_when(variable: Variable) -> str:
    """The time that counts, in words."""
    bounds = [f"{role} {variable[role]}" for role in ("before", "after") if role in variable]
    return " and ".join(bounds) or f"round {variable.get('anchor', 'no date')}"


def yes_or_no(facts: Facts, variable: Variable, found: pd.DataFrame, when: str) -> pd.DataFrame:
    """Yes for who has a row (index patient_id), no for the others, unknown where the time that counts is."""
    has = pd.Series(facts.persons.isin(found.index), index=facts.persons)
    cases = [*times_unknown(facts, variable), (has, f"a record {when}")]
    reason = first_that_holds(facts.persons, cases, f"no record {when}")
    value = only(has.map({True: "yes", False: "no"}), ~time_is_unknown(facts, variable))
    return fact_of(facts.persons, reason, value=value, source=found)


def filled(facts: Facts, variable: Variable, fact: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """`otherwise` for who has no matching record although it is known when she should."""
    if "otherwise" not in variable:
        return fact
    absent = ~facts.persons.isin(found.index) & ~time_is_unknown(facts, variable)
    fact.loc[absent, "value"] = variable["otherwise"]
    return fact
