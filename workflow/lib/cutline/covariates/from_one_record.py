"""Variables from one record of a person: its date, its value, or a column of the row per person."""

from __future__ import annotations

import pandas as pd

from cutline.covariates.counting import counting, filled, without_record
from cutline.covariates.facts import Facts, Variable, fact_of, iso
from cutline.covariates.reading import from_recorded
from cutline.records import choose, column_named, table_named


def record_date(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The date of the selected record."""
    select = {key: item for key, item in variable["select"].items() if key != "value"}
    chosen = choose(counting(facts, variable, select), select, facts.anchor(variable))
    dates = chosen["source_date"].reindex(facts.persons)
    reason = without_record(facts, variable).where(dates.isna(), _how_chosen(variable))
    return fact_of(facts.persons, reason, value=iso(dates), source=chosen)


def record_value(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The value of the selected record, through the code list if the variable names one; `otherwise` without one."""
    select = variable["select"]
    chosen = choose(counting(facts, variable, select), select, facts.anchor(variable))
    absent = without_record(facts, variable)
    fact = from_recorded(facts, variable, chosen["value"], _how_chosen(variable), absent, chosen)
    return filled(facts, variable, fact, chosen)


def _how_chosen(variable: Variable) -> str:
    take = variable["select"].get("take", "first")
    return f"{take} record to {variable['anchor']}" if take == "nearest" else f"{take} matching record"


def column(facts: Facts, variable: Variable) -> pd.DataFrame:
    """A column of the table of persons."""
    subjects = table_named(facts.records, "subjects").set_index("patient_id")
    values = column_named(subjects, variable["column"], "subjects")
    source = pd.DataFrame({"source_table": "subjects", "source_record_id": subjects["record_id"]})
    blank = pd.Series("blank in the source", index=facts.persons, dtype=object)
    return from_recorded(facts, variable, values[values.notna()], "as recorded", blank, source)
