"""Variables from one record of a person: its date, its value, or a column of the row per person."""

from __future__ import annotations

import pandas as pd

from cutline.covariates.counting import counting, filled, without_record
from cutline.covariates.facts import Facts, Variable, fact_of, iso
from cutline.covariates.reading import from_recorded, meaning
from cutline.records import choose, column_named, joined, most_preferred, of_persons, table_named


def record_date(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The date of the selected record."""
    select = {key: item for key, item in variable["select"].items() if key != "value"}
    chosen = choose(counting(facts, variable, select), select, facts.anchor(variable))
    dates = chosen["source_date"].reindex(facts.persons)
    reason = without_record(facts, variable).where(dates.isna(), _how_chosen(variable))
    return fact_of(facts.persons, reason, value=iso(dates), source=chosen)


def record_value(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The value of the selected record, through the code list if the variable names one; `otherwise` without one.

    Where records of its day say something else, no side is chosen: the value is unknown and asked for.
    """
    select = variable["select"]
    rows = counting(facts, variable, select)
    chosen = choose(rows, select, facts.anchor(variable))
    absent = without_record(facts, variable)
    fact = from_recorded(facts, variable, chosen["value"], _how_chosen(variable), absent, chosen)
    said = _contradictory(facts, variable, rows, chosen)
    if len(said):
        facts.ask("records_differ", chosen.loc[said.index], "records of one day say: " + said)
        fact.loc[said.index, ["value", "number", "reason"]] = [None, None, "records of one day contradict each other"]
    return filled(facts, variable, fact, chosen)


def _contradictory(facts: Facts, variable: Variable, rows: pd.DataFrame, chosen: pd.DataFrame) -> pd.Series:
    """What the records of the chosen day say, of the persons of whom they say several things (index patient_id)."""
    preferred = most_preferred(rows)
    of_day = preferred[preferred["source_date"] == of_persons(preferred, chosen["source_date"])]
    several = of_day[of_day["patient_id"].duplicated(keep=False)].reset_index(drop=True)
    said = several[["patient_id"]].assign(said=meaning(facts, variable, several["value"])).drop_duplicates()
    differ = said[said["patient_id"].duplicated(keep=False)].sort_values(["patient_id", "said"])
    return joined(differ.set_index("patient_id")["said"].astype(object), "; ")


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
