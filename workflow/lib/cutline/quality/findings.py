"""What the accepted records break of the rules whose records stay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cutline.quality.checks import LOOKS, Check, Records, event_before_index
from cutline.quality.rules import OFF, RULES
from cutline.tables.findings import FINDINGS
from cutline.tables.layout import RECORD_TABLES
from cutline.tables.spec import conform, empty

Settings = Mapping[str, Any]


def look(settings: Settings, records: Records, listed: list[Check]) -> pd.DataFrame:
    """The records that break a rule and stay, as `FINDINGS`: by `LOOKS`, the `listed` ranges and words, and the study.

    `records` are the accepted tables, typed, and `cohort`. A check of a table that the study has not finds nothing.
    """
    chosen = settings.get("quality", {}).get("severity", {})
    severity = {rule.id: chosen.get(rule.id, rule.severity) for rule in RULES.values()}
    checks = [check for check in (*LOOKS, *listed, *_of_subjects(settings)) if severity[check.id] != OFF]
    parts = [_found(check, severity[check.id], records) for check in checks if check.table in records]
    filled = [part for part in parts if len(part)]
    found = conform(pd.concat(filled), FINDINGS) if filled else empty(FINDINGS)
    return found.sort_values(list(FINDINGS.sort), kind="stable", ignore_index=True)


def _found(check: Check, severity: str, records: Records) -> pd.DataFrame:
    table = records[check.table]
    rows = table[check.faulty(records, table)]
    began = RECORD_TABLES[check.table].began
    date = rows[began] if began else pd.Series(pd.NaT, index=rows.index)
    return rows[["record_id", "patient_id"]].assign(
        rule=check.id, severity=severity, table=check.table, column=check.columns[-1], date=date,
        reason=check.description,
    )  # fmt: skip


def _of_subjects(settings: Settings) -> Iterator[Check]:
    """In a table with a row per person: the dates that end an endpoint, which cannot lie before the index date."""
    events = [rule for endpoint in settings.get("endpoints", {}).values() for rule in endpoint.get("events", [])]
    dates = dict.fromkeys(rule["date"] for rule in events if rule.get("table") == "subjects" and "date" in rule)
    for date in dates:
        yield Check("progression_before_index", "subjects", (date,), "the event is dated before the index date",
                    event_before_index(date))  # fmt: skip
