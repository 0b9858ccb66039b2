"""Checks at the border: what fails is set aside with its reason, nothing is lost.

A check finds faults in records; a record with any fault goes to quarantine. Column checks come from the specs,
the clinical ones from `CHECKS`, an ordered list of named objects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cutline.errors import RecordError
from cutline.tables.layout import layouts
from cutline.tables.quarantine import ACCOUNTING, QUARANTINE
from cutline.tables.spec import Column, Table, conform, empty

Records = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Check:
    """A plausibility rule over typed records: `faulty` marks the rows of `table` that break it."""

    id: str
    table: str
    columns: tuple[str, ...]
    description: str
    faulty: Callable[[Records, pd.DataFrame], pd.Series]


def ends_before_it_starts(start: str, end: str) -> Callable[[Records, pd.DataFrame], pd.Series]:
    """Rows whose `end` date lies before their `start` date."""
    return lambda records, table: table[end] < table[start]


def dated_before_birth(date: str) -> Callable[[Records, pd.DataFrame], pd.Series]:
    """Rows dated before their patient was born."""
    return lambda records, table: table[date] < _of_patient(records, table, "patients", "birth_date")


def dated_after_death(date: str) -> Callable[[Records, pd.DataFrame], pd.Series]:
    """Rows dated after their patient's death."""
    return lambda records, table: table[date] > _of_patient(records, table, "deaths", "death_date")


def _of_patient(records: Records, table: pd.DataFrame, other: str, date: str) -> pd.Series:
    if other not in records:
        return pd.Series(pd.NaT, index=table.index)
    return table["patient_id"].map(records[other].groupby("patient_id")[date].min())


CHECKS = (
    Check("stops_before_start", "treatments", ("start_date", "stop_date"), "the treatment stops before it starts",
          ends_before_it_starts("start_date", "stop_date")),
    Check("stops_before_start", "doses", ("start_date", "stop_date"), "the dose period stops before it starts",
          ends_before_it_starts("start_date", "stop_date")),
    Check("ends_before_onset", "adverse_events", ("onset_date", "end_date"), "the event ends before it begins",
          ends_before_it_starts("onset_date", "end_date")),
    Check("worst_before_onset", "adverse_events", ("onset_date", "worst_grade_date"),
          "the worst grade is dated before the event begins", ends_before_it_starts("onset_date", "worst_grade_date")),
    Check("worst_below_onset", "adverse_events", ("grade", "worst_grade"),
          "the worst grade is below the grade at onset",
          lambda records, table: (table["worst_grade"] < table["grade"]).fillna(False).astype(bool)),
    Check("before_birth", "diagnoses", ("diagnosis_date",), "dated before the person was born",
          dated_before_birth("diagnosis_date")),
    Check("before_birth", "deaths", ("death_date",), "dated before the person was born",
          dated_before_birth("death_date")),
    Check("after_death", "assessments", ("assessment_date",), "a scan after death",
          dated_after_death("assessment_date")),
    Check("after_death", "treatments", ("start_date",), "a treatment begun after death",
          dated_after_death("start_date")),
    Check("after_death", "follow_up", ("contact_date",), "alive at a contact after death",
          dated_after_death("contact_date")),
)  # fmt: skip


def check_records(*, settings: Mapping[str, Any], **snapshot: pd.DataFrame) -> dict[str, Any]:
    """Accepted records by table, typed; `quarantine` with one row per fault; `accounting` per table.

    A record is accepted if every column holds its kind, its values are allowed, it is nobody's exact copy,
    its patient is known and every clinical check passes. Asserts extracted = accepted + quarantined. Raises
    RecordError if the table of persons holds somebody twice with different content: no rule may choose.
    """
    specs = {name: layout.table for name, layout in layouts(settings["source"]).items()}
    readable, faults = {}, []
    for name, spec in specs.items():
        found = [*_column_faults(snapshot[name], spec), *_copies(snapshot[name], spec)]
        faults += found
        readable[name] = conform(snapshot[name].drop(index=_rows(found, snapshot[name].index)), spec)
    _refuse_repeated_persons(readable)
    for spec in specs.values():
        faults += [*_strangers(readable, spec), *_implausible(readable, spec)]
    quarantine = _quarantine(faults)
    accepted = {name: _without(readable[name], quarantine, name) for name in specs}
    return accepted | {"quarantine": quarantine, "accounting": _accounting(snapshot, accepted, quarantine)}


Fault = tuple[str, str, str, str, pd.DataFrame]
"""Table, check, column, reason, and the faulty rows."""


def _rows(faults: list[Fault], index: pd.Index) -> pd.Index:
    marked = pd.Index([], dtype=index.dtype)
    for *_, rows in faults:
        marked = marked.union(rows.index)
    return marked


# ── what a column may hold ───────────────────────────────────────────────────────────────────


def _column_faults(frame: pd.DataFrame, spec: Table) -> list[Fault]:
    faults = []
    for column in spec.columns:
        values = frame[column.name]
        for check, reason, bad in _column_checks(values, column):
            if bad.any():
                faults.append((spec.name, check, column.name, reason, frame[bad]))
    return faults


def _column_checks(values: pd.Series, column: Column) -> list[tuple[str, str, pd.Series]]:
    given = values.notna()
    checks = [("missing", "no value where one is needed", ~given if column.required else given & False)]
    if column.kind == "date":
        checks.append(("not_a_date", "not a real date as YYYY-MM-DD", given & _dates(values).isna()))
    if column.kind in ("integer", "number"):
        numbers = pd.to_numeric(values, errors="coerce").astype("float64")
        whole = numbers.isna() | (numbers % 1 == 0) if column.kind == "integer" else given | True
        checks.append(("not_a_number", "not a number" if whole.all() else "not a whole number",
                       given & (numbers.isna() | ~whole)))  # fmt: skip
        checks.append(("out_of_range", _range_in_words(column), _outside(numbers, column)))
    if column.allowed:
        checks.append(("not_allowed", f"not one of {', '.join(column.allowed)}", given & ~values.isin(column.allowed)))
    return checks


def _dates(values: pd.Series) -> pd.Series:
    return pd.to_datetime(values.where(values.notna()), format="%Y-%m-%d", errors="coerce")


def _outside(numbers: pd.Series, column: Column) -> pd.Series:
    low = numbers < column.minimum if column.minimum is not None else numbers.isna() & False
    high = numbers > column.maximum if column.maximum is not None else numbers.isna() & False
    return low | high


def _range_in_words(column: Column) -> str:
    bounds = [f"{word} {bound:g}" for word, bound in (("below", column.minimum), ("above", column.maximum))
              if bound is not None]  # fmt: skip
    return " or ".join(bounds)


# ── what a record may be ─────────────────────────────────────────────────────────────────────


def _copies(frame: pd.DataFrame, spec: Table) -> list[Fault]:
    """Exact copies of an earlier row, by content or by record id."""
    content = [name for name in spec.names if name not in ("record_id", "recorded_on")]
    repeated = frame.duplicated(content, keep="first") if len(content) > 1 else frame["record_id"] != frame["record_id"]
    same_id = frame.duplicated("record_id", keep="first") & ~repeated
    found = [("copy", "the same as an earlier record", repeated), ("same_id", "its record id was used before", same_id)]
    return [(spec.name, check, "record_id", reason, frame[rows]) for check, reason, rows in found if rows.any()]


def _refuse_repeated_persons(records: Records) -> None:
    for name in ("patients", "subjects"):
        if name in records and records[name]["patient_id"].duplicated().any():
            count = records[name]["patient_id"].duplicated(keep=False).sum()
            raise RecordError(
                f"table {name}, column patient_id: {count} rows belong to persons listed more than once with different "
                "content; expected one row per person. Correct the source, or give the rows different ids."
            )


def _strangers(records: Records, spec: Table) -> list[Fault]:
    """Records of persons whom the table of persons does not hold."""
    persons = records.get("patients", records.get("subjects"))
    if persons is None or spec.name in ("patients", "subjects"):
        return []
    table = records[spec.name]
    unknown = ~table["patient_id"].isin(persons["patient_id"])
    return [(spec.name, "unknown_patient", "patient_id", "the patient is not in the table of persons", table[unknown])]


def _implausible(records: Records, spec: Table) -> list[Fault]:
    table = records[spec.name]
    checks = [check for check in CHECKS if check.table == spec.name]
    marked = [(check, check.faulty(records, table)) for check in checks]
    return [(spec.name, check.id, check.columns[-1], check.description, table[rows]) for check, rows in marked]


# ── the accounting ───────────────────────────────────────────────────────────────────────────


def _quarantine(faults: list[Fault]) -> pd.DataFrame:
    parts = [
        rows[["record_id", "patient_id"]]
        .assign(table=table, check=check, column=column, reason=reason)
        .fillna({"record_id": "(none)", "patient_id": "(none)"})
        for table, check, column, reason, rows in faults
        if len(rows)
    ]
    return conform(pd.concat(parts), QUARANTINE) if parts else empty(QUARANTINE)


def _without(table: pd.DataFrame, quarantine: pd.DataFrame, name: str) -> pd.DataFrame:
    """The readable rows without those that a check over records found; those are known by record id."""
    late = quarantine[(quarantine["table"] == name) & quarantine["check"].isin(_LATE_CHECKS)]
    return table[~table["record_id"].isin(late["record_id"])].reset_index(drop=True)


_LATE_CHECKS = {"unknown_patient", *(check.id for check in CHECKS)}


def _accounting(snapshot: Records, accepted: Records, quarantine: pd.DataFrame) -> pd.DataFrame:
    rows = [
        {"table": name, "extracted": len(snapshot[name]), "accepted": len(accepted[name]),
         "quarantined": len(snapshot[name]) - len(accepted[name])}
        for name in accepted
    ]  # fmt: skip
    accounting = conform(pd.DataFrame(rows, columns=ACCOUNTING.names), ACCOUNTING)
    set_aside = quarantine.groupby("table")["record_id"].nunique()
    for table, count in zip(accounting["table"], accounting["quarantined"], strict=True):
        assert (count > 0) == (set_aside.get(table, 0) > 0), f"{table}: rows lost without a reason"
    return accounting
