"""Checks at the border: what fails is set aside with its reason, nothing is lost.

A fault in a column that may be empty sets that value aside: the record stays, with the value missing. Any other fault
sets the record aside. Column checks come from the specs, the clinical ones from `CHECKS`, named objects in the
order they are applied: a record that fails one is no evidence for the next. Answers to the query list come first, as a
layer over the snapshot.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from cutline.errors import RecordError
from cutline.partial_dates import complete_dates
from cutline.quality.answers import read_answers
from cutline.quality.checks import CHECKS
from cutline.quality.corrections import attributed, corrected
from cutline.tables.corrections import VALUES_CHANGED
from cutline.tables.layout import layouts
from cutline.tables.quarantine import ACCOUNTING, IMPUTED, QUARANTINE
from cutline.tables.spec import (
    REPEATING,
    Column,
    Table,
    conform,
    distinct_places,
    each_distinct,
    empty,
    is_id,
    unpacked,
)

Records = Mapping[str, pd.DataFrame]
RECORD, VALUE = "record", "value"
UNREADABLE, FEWEST = {"not_a_date", "not_a_number", "not_allowed"}, 5
AT_A_TIME = 2
"""Tables in work at once."""
DEATHS = "deaths"
PERSONS = ("patients", "subjects")
"""Tables with one row per person."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with some rows of a snapshot table, and whether the value or the whole record is set aside."""

    table: str
    check: str
    column: str
    reason: str
    set_aside: str
    rows: pd.DataFrame


def check_records(
    *, settings: Mapping[str, Any], answered: Path | Sequence[Path] = (), **snapshot: pd.DataFrame
) -> dict[str, Any]:
    """Accepted records by table, typed; `quarantine` with one row per fault; `imputed` with one per completed date;
    `corrections` with one per answer; `accounting` per table.

    `answered` are the query lists that came back. Their answers are laid over the snapshot, which stays as it is. A
    record is accepted if every required column holds its kind, it is nobody's copy, its patient is known and every
    clinical check passes. Values are compared with the allowed ones without regard to case and spaces. Asserts
    extracted = accepted + quarantined + withdrawn by an answer. Raises RecordError for an answer that does not fit the
    snapshot, if the table of persons holds somebody twice with different content or one record id twice, since no rule
    may choose, and if of a column no value can be read.
    """
    specs = {name: layout.table for name, layout in layouts(settings["source"]).items()}
    corrections = attributed(read_answers([answered] if isinstance(answered, Path) else answered, specs), snapshot)
    layer = corrected(snapshot, corrections, specs, settings.get("data_cutoff", ""))
    records: dict[str, pd.DataFrame] = {}
    faults: list[Fault] = []
    completed: list[pd.DataFrame] = []
    rules = settings["source"].get("partial_dates", {})

    died = _deaths(layer, specs, rules)

    def checked(name: str) -> tuple[pd.DataFrame, pd.DataFrame, list[Fault]]:
        deaths = None if name == DEATHS else died
        frame, dates = complete_dates(layer[name].reset_index(drop=True), specs[name], rules, deaths)
        return dates, *_readable(frame, specs[name])

    with ThreadPoolExecutor(AT_A_TIME) as pool:
        for name, (dates, table, found) in zip(specs, pool.map(checked, specs), strict=True):
            completed.append(dates)
            records[name] = table
            faults += found
    _refuse_repeated_persons(records)
    for fault in _implausible(records):
        faults.append(fault)
        records[fault.table] = records[fault.table].drop(index=fault.rows.index)
    accepted = {name: table.reset_index(drop=True) for name, table in records.items()}
    imputed = _imputed(completed, accepted)
    accounting = _accounting(snapshot, layer, accepted, faults, imputed, corrections)
    return accepted | {"quarantine": _quarantine(faults), "imputed": imputed, "corrections": corrections,
                       "accounting": accounting}  # fmt: skip


check_records.categorical = REPEATING  # type: ignore[attr-defined]  # no text is then looked up twice


def _deaths(layer: Records, specs: Mapping[str, Table], rules: Mapping[str, str]) -> pd.Series | None:
    """The first date of death of each person (index patient_id), completed where it is partial; None without deaths."""
    if not rules or DEATHS not in layer:
        return None
    table, _ = complete_dates(layer[DEATHS].reset_index(drop=True), specs[DEATHS], rules)
    dates = pd.to_datetime(table["death_date"].astype(object), format="%Y-%m-%d", errors="coerce")
    return dates.groupby(table["patient_id"].astype(object)).min()


def _readable(frame: pd.DataFrame, spec: Table) -> tuple[pd.DataFrame, list[Fault]]:
    """The typed rows without those set aside, by their place in the snapshot, and the faults."""
    canonical = frame.assign(**{column.name: _canonical(frame[column.name], column) for column in _repeating(spec)})
    faults = [*_column_faults(canonical, spec), *_copies(canonical, spec)]
    _refuse_unreadable_columns(canonical, faults)
    values = canonical.copy() if faults else canonical
    for fault in faults:
        if fault.set_aside == VALUE:
            values.loc[fault.rows.index, fault.column] = None
    records = [fault.rows.index for fault in faults if fault.set_aside == RECORD]
    kept = values.drop(index=records[0].append(records[1:]).unique()) if records else values
    return conform(kept, spec).set_axis(kept.index), faults


# ── what a column may hold ───────────────────────────────────────────────────────────────────


def _repeating(spec: Table) -> list[Column]:
    """The columns whose values repeat: all but ids of records."""
    return [column for column in spec.columns if not is_id(column.name)]


def _canonical(values: pd.Series, column: Column) -> pd.Series:
    """The values, categorical, as they are spelt in `allowed` where they differ from it by case and spaces only.

    What follows asks for the distinct values of a column several times, which are so at hand.
    """
    if not column.allowed:
        return values.astype("category")
    spelt = {_plain(name): name for name in column.allowed}
    places, distinct = distinct_places(values)
    texts = [spelt.get(_plain(text), text) for text in distinct]
    names, categories = pd.factorize(np.array(texts, dtype=object))
    codes = np.append(names, -1)[places]  # the place of a missing value is -1, which is the last
    spelled = pd.Categorical.from_codes(codes, categories)  # type: ignore[arg-type]
    return pd.Series(spelled, index=values.index)


def _plain(text: str) -> str:
    return " ".join(str(text).casefold().split())


def _column_faults(frame: pd.DataFrame, spec: Table) -> Iterator[Fault]:
    for column in spec.columns:
        set_aside = RECORD if column.required else VALUE
        for check, reason, bad in _column_checks(frame[column.name], column):
            if bad.any():
                yield Fault(spec.name, check, column.name, reason, set_aside, frame[bad])


def _column_checks(values: pd.Series, column: Column) -> Iterator[tuple[str, str, pd.Series]]:
    """Id, reason and faulty rows of each check that the column's spec asks for; values are judged once each."""
    if column.required:
        yield "missing", "no value where one is needed", values.isna()
    if column.kind != "text" or column.allowed:
        places, distinct = distinct_places(values)
        for check, reason, bad in _value_checks(pd.Series(np.asarray(distinct, dtype=object)), column):
            if bad.any():
                yield check, reason, pd.Series(np.append(bad, False)[places], index=values.index)


def _value_checks(values: pd.Series, column: Column) -> Iterator[tuple[str, str, pd.Series]]:
    """The same for given values."""
    if column.kind == "date":
        dates = pd.to_datetime(values, format="%Y-%m-%d", errors="coerce")
        yield "not_a_date", "not a real date as YYYY-MM-DD", dates.isna()
    if column.kind in ("integer", "number"):
        numbers = pd.to_numeric(values, errors="coerce").astype("float64").replace([np.inf, -np.inf], np.nan)
        yield "not_a_number", "not a number", numbers.isna()
        yield "out_of_range", _range_in_words(column), _outside(numbers, column)
        if column.kind == "integer":
            yield "not_whole", "not a whole number", numbers.notna() & (numbers % 1 != 0)
    if column.allowed:
        yield "not_allowed", f"not one of {', '.join(column.allowed)}", ~values.isin(column.allowed)


def _outside(numbers: pd.Series, column: Column) -> pd.Series:
    low = numbers < (float("-inf") if column.minimum is None else column.minimum)
    high = numbers > (float("inf") if column.maximum is None else column.maximum)
    return low | high


def _range_in_words(column: Column) -> str:
    bounds = [f"{word} {bound:g}" for word, bound in (("below", column.minimum), ("above", column.maximum))
              if bound is not None]  # fmt: skip
    return " or ".join(bounds)


# ── what a record may be ─────────────────────────────────────────────────────────────────────


def _copies(frame: pd.DataFrame, spec: Table) -> Iterator[Fault]:
    """Later rows with the content of an earlier one; and every row of a shared record id, for none is the right one."""
    content = [name for name in spec.names if name not in ("record_id", "recorded_on")]
    nothing = pd.Series(data=False, index=frame.index)
    repeated = _repeats(frame, content) if len(content) > 1 else nothing
    # What would take a person out of the flow is not for the quarantine: `_refuse_repeated_persons` stops the run.
    same_id = nothing if spec.name in PERSONS else _shared(frame["record_id"], ~repeated & frame["record_id"].notna())
    for check, reason, bad in (
        ("copy", "the same as an earlier record", repeated),
        ("same_id", "another record has the same id", same_id),
    ):
        if bad.any():
            yield Fault(spec.name, check, "record_id", reason, RECORD, frame[bad])


def _repeats(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    """Rows with the content of an earlier one: all columns are compared where a number of the repeating ones recurs."""
    number = np.zeros(len(frame), dtype=np.uint64)
    for name in (name for name in columns if not is_id(name)):
        number = number * _MIXING + distinct_places(frame[name])[0].astype(np.uint64)
    alike = frame[np.isin(number, _recurring(number))]
    return alike.duplicated(columns).reindex(frame.index, fill_value=False)


def _shared(ids: pd.Series, among: pd.Series) -> pd.Series:
    """Which of the rows `among` have the id of another of them: ids are compared where their hashes recur."""
    with duckdb.connect() as database:
        texts = database.from_arrow(pa.table({"id": pa.array(ids, type=pa.large_string(), from_pandas=True)}))
        number = np.asarray(texts.project("hash(id) AS number").fetchnumpy()["number"])
    alike = ids[among & np.isin(number, _recurring(number[among]))]
    return alike.duplicated(keep=False).reindex(ids.index, fill_value=False)


def _recurring(numbers: np.ndarray) -> np.ndarray:
    """The numbers that are there more than once."""
    ordered: np.ndarray = np.sort(numbers)
    again: np.ndarray = ordered[1:][ordered[1:] == ordered[:-1]]
    return again


_MIXING = np.uint64(0x9E3779B97F4A7C15)
"""An odd number of 64 bits without a pattern: rows of other content hardly ever share the sum."""


def _refuse_repeated_persons(records: Records) -> None:
    told = {"patient_id": "belong to persons listed more than once with different content",
            "record_id": "have the id of another person's row"}  # fmt: skip
    for name, column in product([name for name in PERSONS if name in records], told):
        count = records[name][column].duplicated(keep=False).sum()
        if count:
            raise RecordError(
                f"table {name}, column {column}: {count} rows {told[column]}; expected one row per person. "
                "Correct the source, or give the rows different ids."
            )


def _refuse_unreadable_columns(frame: pd.DataFrame, faults: list[Fault]) -> None:
    """A column of which no value can be read is a mistake of the study's description, not of the records."""
    for fault in faults:
        given = int(frame[fault.column].notna().sum())
        if fault.check in UNREADABLE and given >= FEWEST and len(fault.rows) == given:
            raise RecordError(
                f"table {fault.table}, column {fault.column}: none of its {given} values is as expected: "
                f"{fault.reason}. "
                f"Mend the source, or how source.tables.{fault.table} and source.date_format describe it."
            )


def _implausible(records: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Records of unknown persons, then each clinical check; the caller takes them out before the next is asked for."""
    persons = records.get("patients", records.get("subjects"))
    listed = pd.Index([] if persons is None else persons["patient_id"], dtype=object)
    for name, table in dict(records).items():
        if persons is not None and name not in PERSONS:
            reason = "the patient is not in the table of persons"
            known = each_distinct(table["patient_id"], lambda ids: pd.Series(listed.get_indexer(pd.Index(ids))).ge(0))
            yield from _found(name, "unknown_patient", "patient_id", reason, table[~known])
    for check in CHECKS:
        if check.table in records:
            table = records[check.table]
            rows = table[check.faulty(records, table)]
            yield from _found(check.table, check.id, check.columns[-1], check.description, rows)


def _found(table: str, check: str, column: str, reason: str, rows: pd.DataFrame) -> Iterator[Fault]:
    if len(rows):
        yield Fault(table, check, column, reason, RECORD, rows)


# ── the accounting ───────────────────────────────────────────────────────────────────────────


def _quarantine(faults: list[Fault]) -> pd.DataFrame:
    parts = [
        unpacked(fault.rows[["record_id", "patient_id"]])
        .fillna("(none)")
        .assign(table=fault.table, check=fault.check, column=fault.column, reason=fault.reason,
                set_aside=fault.set_aside)
        for fault in faults
    ]  # fmt: skip
    return conform(pd.concat(parts, ignore_index=True), QUARANTINE) if parts else empty(QUARANTINE)


def _imputed(completed: list[pd.DataFrame], accepted: Records) -> pd.DataFrame:
    """The completed dates of accepted records."""
    table = pd.concat(completed, ignore_index=True)
    kept = [rows[rows["record_id"].isin(accepted[str(name)]["record_id"])] for name, rows in table.groupby("table")]
    filled = [part for part in kept if len(part)]
    return conform(pd.concat(filled), IMPUTED).sort_values(list(IMPUTED.sort)) if filled else empty(IMPUTED)


def _accounting(
    snapshot: Records, layer: Records, accepted: Records, faults: list[Fault], imputed: pd.DataFrame,
    corrections: pd.DataFrame,
) -> pd.DataFrame:  # fmt: skip
    rows = []
    for name, table in accepted.items():
        set_aside = {place for fault in faults if (fault.table, fault.set_aside) == (name, RECORD)
                     for place in fault.rows.index}  # fmt: skip
        values = sum(len(fault.rows) for fault in faults if (fault.table, fault.set_aside) == (name, VALUE))
        changed = corrections["action"].isin(VALUES_CHANGED) & (corrections["table"] == name)
        withdrawn = len(snapshot[name]) - len(layer[name])
        rows.append({"table": name, "extracted": len(snapshot[name]), "accepted": len(table),
                     "quarantined": len(set_aside), "withdrawn": withdrawn, "values_set_aside": values,
                     "values_corrected": int(changed.sum()),
                     "dates_imputed": int((imputed["table"] == name).sum())})  # fmt: skip
        assert len(layer[name]) == len(table) + len(set_aside), f"{name}: rows lost without a reason"
    return conform(pd.DataFrame(rows, columns=ACCOUNTING.names), ACCOUNTING)
