"""Facts that rest on several records of a person at once: how many there are, and whether any or all say one thing.

All functions take candidate records as `records.candidates` gives them, and look at each person's records together;
none depends on their order.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cutline.records import first_per_person, plain_text


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
