"""Times that were recorded as such, in a study without dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.errors import RecordError
from cutline.records import Records, as_text, column_named, plain_text, table_named
from cutline.tables.endpoints import ENDPOINTS, MAIN


def from_columns(name: str, columns: Mapping[str, Any], cohort: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Times and events of a table of persons without dates; see `derive_endpoints` for what is refused."""
    subjects = table_named(records, "subjects").set_index("patient_id").reindex(cohort["patient_id"])
    days = _whole_days(subjects, columns["time_days"], name)
    recorded = as_text(column_named(subjects, columns["event"], "subjects"))
    if recorded.isna().any():
        raise RecordError(_complaint(name, "event", columns["event"], int(recorded.isna().sum()), "blank"))
    event = recorded.isin([plain_text(str(value)) for value in columns["event_values"]])
    reason = np.where(event, "event as recorded", "censored as recorded")
    ends = pd.DataFrame({"time_days": days, "event": event, "reason": reason, "source_table": "subjects",
                         "source_record_id": subjects["record_id"]}, index=subjects.index)  # fmt: skip
    return ends.assign(endpoint=name, rule_set=MAIN).reset_index().reindex(columns=ENDPOINTS.names)


def _whole_days(subjects: pd.DataFrame, column: str, endpoint: str) -> pd.Series:
    # Coerced, because the error that pandas would raise quotes the text it cannot read.
    days = pd.to_numeric(column_named(subjects, column, "subjects"), errors="coerce").astype("float64")
    bad = days.isna() | (days < 0) | (days % 1 != 0)
    if bad.any():
        raise RecordError(_complaint(endpoint, "time", column, int(bad.sum()), "blank, negative or not whole days"))
    return days.astype("int64")


def _complaint(endpoint: str, what: str, column: str, count: int, fault: str) -> str:
    return (
        f"endpoints.{endpoint}: the {what} (subjects.{column}) of {count} included person(s) is {fault}; "
        "add a criterion with require: {known_columns: [...]}, or correct the source"
    )
