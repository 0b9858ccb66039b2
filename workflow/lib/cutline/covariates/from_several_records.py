"""Variables from several records of a person at once: whether there is one, how many, and what any or all of them say.

None depends on the order of the records.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from cutline.covariates.counting import (
    counted_when,
    counting,
    filled,
    time_is_unknown,
    times_unknown,
    without_record,
    yes_or_no,
)
from cutline.covariates.facts import Derivation, Facts, Variable, fact_of, first_that_holds
from cutline.covariates.reading import codes
from cutline.records import as_text, coded, first_per_person, joined, plain_text, within_window


def exists(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Yes if a matching record is dated before the date variable `before`, or after `after`; else no."""
    found = first_per_person(counting(facts, variable, variable["select"]), ["source_date"])
    return yes_or_no(facts, variable, found, counted_when(variable))


def count(facts: Facts, variable: Variable) -> pd.DataFrame:
    """How many matching records there are in the time that counts, or how many different values they hold; none is 0.

    The record is the last.
    """
    rows = _values(facts, variable, variable.get("distinct"))
    counts = _numbers_of_values(rows, "distinct" in variable).reindex(facts.persons, fill_value=0).astype("float64")
    number = counts.where(~time_is_unknown(facts, variable))
    reason = first_that_holds(facts.persons, times_unknown(facts, variable), f"records {counted_when(variable)}")
    return fact_of(facts.persons, reason, number=number, source=first_per_person(rows, ["source_date"], last=True))


def of_values(only: bool) -> Derivation:
    """The derivation of whether any, or every, matching record in the time that counts holds one of the values `of`."""

    def derive(facts: Facts, variable: Variable) -> pd.DataFrame:
        found = _decided_by_values(_values(facts, variable, variable["select"]["value"]), variable["of"], only)
        reason = found["reason"].reindex(facts.persons).combine_first(without_record(facts, variable))
        value = found["value"].reindex(facts.persons).where(~time_is_unknown(facts, variable))
        return fact_of(facts.persons, reason, value=value, source=found)

    return derive


def joined_values(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The distinct values of the matching records in alphabetical order, joined; the record is the last."""
    rows = counting(facts, variable, variable["select"])
    distinct = rows.assign(value=as_text(rows["value"])).drop_duplicates(["patient_id", "value"])
    texts = distinct.sort_values(["patient_id", "value"], kind="stable").set_index("patient_id")["value"]
    found = first_per_person(rows, ["source_date"], last=True)
    absent = without_record(facts, variable)
    reason = absent.where(~facts.persons.isin(found.index), f"values of the records {counted_when(variable)}")
    fact = fact_of(facts.persons, reason, value=joined(texts, " + ").reindex(facts.persons), source=found)
    return filled(facts, variable, fact, found)


def _values(facts: Facts, variable: Variable, column: str | None) -> pd.DataFrame:
    """The records in the time that counts with the values of a column, as plain text or as the code list reads them.

    What the code list does not read is no record here.
    """
    select = variable["select"] | ({"value": column} if column else {})
    rows = within_window(counting(facts, variable, select), select, facts.anchor(variable))
    if column is None:
        return rows
    read = coded(rows["value"], codes(facts, variable)) if "codelist" in variable else as_text(rows["value"])
    return rows.assign(value=read).take(np.flatnonzero(read.notna()))


def _numbers_of_values(rows: pd.DataFrame, distinct: bool) -> pd.Series:
    """How many records each person has, or how many different values they hold; index patient_id."""
    return rows.groupby("patient_id")["value"].nunique() if distinct else rows["patient_id"].value_counts()


def _decided_by_values(rows: pd.DataFrame, values: Sequence[str], only: bool) -> pd.DataFrame:
    """Whether any record, or with `only` every record, of a person holds one of the values: yes or no.

    One row per person with records, index patient_id: value, reason, and the earliest record that decides it, which
    is one of the values for a yes to `any`, and one of another value for a no to `only`.
    """
    held = rows["value"].isin([plain_text(value) for value in values])
    decisive = ~held if only else held
    deciding = first_per_person(rows[decisive], ["source_date"])
    others = first_per_person(rows[~rows["patient_id"].isin(deciding.index)], ["source_date"])
    found, none = ("no", "yes") if only else ("yes", "no")
    words = ("a record of another value", "records of these values only")
    one, rest = words if only else ("a record of one of the values", "records of other values only")
    parts = [deciding.assign(value=found, reason=one), others.assign(value=none, reason=rest)]
    return pd.concat(parts).sort_index()
