"""Facts that rest on several records of a person at once: how many there are, and whether any or all say one thing.

All functions take candidate records as `records.candidates` gives them, and look at each person's records together;
none depends on their order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cutline.records import as_text, candidates, coded, first_per_person, plain_text, within_window


def records_before(rows: pd.DataFrame, before: pd.Series, days_before: float = float("inf")) -> pd.DataFrame:
    """The candidates dated before the person's date, at most so many days; none where that date is unknown."""
    days = (pd.to_datetime(rows["patient_id"].map(before)) - rows["source_date"]).dt.days
    earlier: pd.Series = days.between(0, days_before, inclusive="right")
    return rows[earlier]


def values_in_window(
    records: Mapping[str, pd.DataFrame],
    variable: Mapping[str, Any],
    column: str | None,
    before: pd.Series | None,
    anchor: pd.Series | None,
    codes: Mapping[str, str] | None,
) -> pd.DataFrame:
    """The matching records before the date `before`, or in the window round the anchor, with the values of a column.

    Values are compared as plain text, or as the code list reads them: what it does not read is no record here.
    """
    select = variable["select"] | ({"value": column} if column else {})
    rows = candidates(records, select)
    if before is not None:
        rows = records_before(rows, before, variable.get("days_before", float("inf")))
    else:
        rows = within_window(rows, select, anchor)
    read = rows.assign(value=as_text(rows["value"]) if codes is None else coded(rows["value"], codes))
    return read[read["value"].notna()]


def numbers_of_values(rows: pd.DataFrame, distinct: bool) -> pd.Series:
    """How many records each person has, or how many different values they hold; index patient_id."""
    return rows.groupby("patient_id")["value"].nunique() if distinct else rows["patient_id"].value_counts()


def decided_by_values(rows: pd.DataFrame, values: Sequence[str], only: bool) -> pd.DataFrame:
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
