"""Which records changed between two snapshots of a source, and how.

The new snapshot cut back to the old cut-off says what the source tells today about the time up to then. Where it
differs from the old snapshot the old window was corrected, completed or cleared of a record, or something arrived late;
what the new snapshot holds beyond is follow-up. A record that goes on (a treatment that stops, a row per person
that gets a date) changes cell by cell: a date filled in is late or follow-up by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.as_of import dated_after, dated_by
from cutline.records import only
from cutline.tables.changes import CHANGED_RECORDS
from cutline.tables.layout import Layout
from cutline.tables.spec import Table, conform, text_values

CORRECTED, COMPLETED, DELETED, LATE, FOLLOW_UP = KINDS = ("corrected", "completed", "deleted", "late", "follow_up")
SWITCHES = (CORRECTED, LATE, FOLLOW_UP)
"""What a data version may have of the new snapshot; corrected stands for completed and deleted too."""
CHANGE_COLUMNS = ["table", "record_id", "patient_id", "kind", "column", "silent", "answered"]
Snapshot = Mapping[str, pd.DataFrame]
Record = tuple[str, str]
"""Table and id of a record."""
Cells = NDArray[np.object_]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class CellChanges:
    """The records that all three snapshots hold just once, cell by cell: rows by id, columns as in the table.

    `first` says what changed from the old snapshot to the new one cut back (blank: nothing), `beyond` whether the
    new one goes on.
    """

    columns: list[str]
    old: Cells
    then: Cells
    new: Cells
    first: Cells
    beyond: Mask


@dataclass(frozen=True)
class TableChange:
    """One source table in the old snapshot, in the new one, and in the new one cut back to the old cut-off (`then`).

    `ids` are the records that are compared as a whole, by what became of them: `same` (in both, alike by the old
    cut-off), `corrected`, `deleted`, `late` or `follow_up`.
    """

    table: Table
    old: pd.DataFrame
    then: pd.DataFrame
    new: pd.DataFrame
    cells: CellChanges
    ids: Mapping[str, set[str]]


def compare_snapshots(
    old: Snapshot, new: Snapshot, layouts: Mapping[str, Layout], cutoff: str
) -> dict[str, TableChange]:
    """Every table of the study in two snapshots (text, pseudonyms), `cutoff` being the old one's.

    A table that a snapshot lacks is empty in it, and a column blank: the study did not know it then.
    """
    return {
        name: compare_table(_table(old, layout.table), _table(new, layout.table), layout.table, cutoff)
        for name, layout in layouts.items()
    }


def _table(snapshot: Snapshot, table: Table) -> pd.DataFrame:
    frame = snapshot.get(table.name, pd.DataFrame(columns=table.names, dtype=object))
    return frame.reindex(columns=table.names).apply(text_values).reset_index(drop=True)


def compare_table(old: pd.DataFrame, new: pd.DataFrame, table: Table, cutoff: str) -> TableChange:
    """What became of every record of one table."""
    then = dated_by(new, table, cutoff)
    once = _once(old) & _once(then) & _once(new)
    ids = _whole_records(old, then, new, once)
    if not table.began:
        ids = _by_their_dates(ids, new, table, cutoff)
    cells = _cells(old, then, new, sorted(once), table, cutoff)
    return TableChange(table, old, then, new, cells, ids)


def _ids(frame: pd.DataFrame) -> pd.Series:
    """Record ids; all records without one share the blank."""
    return frame["record_id"].fillna("")


def _once(frame: pd.DataFrame) -> set[str]:
    return set(_ids(frame)[~_ids(frame).duplicated(keep=False)]) - {""}


# ── records as a whole ───────────────────────────────────────────────────────────────────────


def _whole_records(old: pd.DataFrame, then: pd.DataFrame, new: pd.DataFrame, once: set[str]) -> dict[str, set[str]]:
    before, back, after = (set(_ids(frame)) - once for frame in (old, then, new))
    shared = before & after
    same = {one for one in shared & back if _content(old, one) == _content(then, one)}
    return {"same": same, CORRECTED: shared - same, DELETED: before - after,
            LATE: back - before, FOLLOW_UP: after - back - before}  # fmt: skip


def _content(frame: pd.DataFrame, record_id: str) -> list[str]:
    """What the rows of one id say, in an order of its own."""
    rows = frame.loc[_ids(frame) == record_id].drop(columns="recorded_on", errors="ignore")
    return sorted(map(str, rows.itertuples(index=False, name=None)))


def _by_their_dates(ids: Mapping[str, set[str]], new: pd.DataFrame, table: Table, cutoff: str) -> dict[str, set[str]]:
    """A new row of a table without a beginning is follow-up if any of its dates is."""
    dates = [column.name for column in table.columns if column.kind == "date"]
    after = pd.DataFrame({date: dated_after(new[date], cutoff) for date in dates}, index=new.index).any(axis="columns")
    going_on = ids[LATE] & set(_ids(new)[after])
    return {**ids, LATE: ids[LATE] - going_on, FOLLOW_UP: ids[FOLLOW_UP] | going_on}


# ── records cell by cell ─────────────────────────────────────────────────────────────────────


def _cells(
    old: pd.DataFrame, then: pd.DataFrame, new: pd.DataFrame, ids: list[str], table: Table, cutoff: str
) -> CellChanges:
    frames = [_of(frame, set(ids)).set_index("record_id", drop=False).loc[ids] for frame in (old, then, new)]
    first = pd.DataFrame("", index=frames[0].index, columns=table.names, dtype=object)
    for name in table.names:
        first.loc[_differ(frames[0][name], frames[1][name]), name] = CORRECTED
    for when, after in table.later.items():
        filled = _filled(*(frame[when] for frame in frames))
        for name in (when, *after):
            first[name] = first[name].mask((first[name] != "") & (filled != ""), filled)
    for name in table.lasting:
        first[name] = first[name].mask(first[name] != "", _went_on(frames[0][name], frames[2][name], cutoff))
    beyond = pd.DataFrame({name: _differ(frames[1][name], frames[2][name]) for name in table.names})
    said, back, says, kinds = (frame.to_numpy(dtype=object) for frame in (*frames, first))
    return CellChanges(table.names, said, back, says, kinds, beyond.to_numpy(dtype=bool))


def _differ(left: pd.Series, right: pd.Series) -> pd.Series:
    return (left != right) & ~(left.isna() & right.isna())


def _filled(old: pd.Series, then: pd.Series, new: pd.Series) -> pd.Series:
    """What a later date that was blank is now: late by the old cut-off, follow-up after it; blank for any other."""
    words = np.select([old.notna(), then.notna(), new.notna()], ["", LATE, FOLLOW_UP], default="")
    return pd.Series(words, index=old.index, dtype=object)


def _went_on(old: pd.Series, new: pd.Series, cutoff: str) -> pd.Series:
    """What a changed date until when something held is: it may go on, late or as follow-up; an earlier one corrects."""
    longer = old.isna() | _later(new, old)
    words = np.select([dated_after(new, cutoff), new.notna() & longer], [FOLLOW_UP, LATE], default=CORRECTED)
    return pd.Series(words, index=old.index, dtype=object)


def _later(left: pd.Series, right: pd.Series) -> pd.Series:
    """Whether each date lies after the one beside it."""
    dates = [pd.to_datetime(side, format="%Y-%m-%d", errors="coerce") for side in (left, right)]
    return dates[0] > dates[1]


# ── data versions ────────────────────────────────────────────────────────────────────────────


def data_version(changes: Mapping[str, TableChange], on: frozenset[str]) -> dict[str, pd.DataFrame]:
    """The snapshot with just those of `SWITCHES` taken from the new one; none is the old one, all is the new one.

    Of a record that was corrected and goes on, what follows belongs to the corrected state: it is not grafted on the
    old one. Row order as in a snapshot.
    """
    return {name: _version(change, on) for name, change in changes.items()}


def _version(change: TableChange, on: frozenset[str]) -> pd.DataFrame:
    goes_on, ids = FOLLOW_UP in on, change.ids
    taken = set[str]().union(*(ids[kind] for kind in (CORRECTED, LATE) if kind in on))
    kept = set() if CORRECTED in on else ids[CORRECTED] | ids[DELETED]
    latest = taken | ids["same"] | ids[FOLLOW_UP]
    parts = [_of(change.old, kept if goes_on else kept | ids["same"]),
             _of(change.new, latest) if goes_on else _of(change.then, taken),
             _mixed(change.cells, on)]  # fmt: skip
    rows = pd.concat([part for part in parts if len(part)] or parts[:1])
    return rows.sort_values(["patient_id", "record_id"], kind="stable", ignore_index=True)


def _of(frame: pd.DataFrame, ids: set[str]) -> pd.DataFrame:
    return frame[_ids(frame).isin(ids)]


def _mixed(cells: CellChanges, on: frozenset[str]) -> pd.DataFrame:
    """The records compared cell by cell, with the changes that are on."""
    taken = np.isin(cells.first, [kind for kind in (CORRECTED, LATE) if kind in on])
    values = np.where(taken, cells.then, cells.old)
    if FOLLOW_UP in on:
        grown = (cells.beyond & (taken | (cells.first == ""))) | (cells.first == FOLLOW_UP)
        values = np.where(grown, cells.new, values)
    return pd.DataFrame(values, columns=cells.columns, dtype=object)


def rows_of(table: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows, each by column."""
    return [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]


# ── the changes as data ──────────────────────────────────────────────────────────────────────


def record_changes(
    changes: Mapping[str, TableChange], known_by: str, answered: frozenset[Record] = frozenset()
) -> pd.DataFrame:
    """One row per record and kind of change, and per column where it is in one: columns `CHANGE_COLUMNS`.

    `known_by` is the old cut's. `silent` is yes where the record claims to have been written by then and yet was not
    like this in the old snapshot, no where it was written later, and None where nobody can tell: the source keeps no
    recording dates, or the record is gone. `answered` are the records that the answer to a query corrected in either
    cut: these are told by it, and never silent. Tables in the study's order, then kinds, columns and records.
    """
    parts = [part for change in changes.values() for part in (*_whole_changes(change), *_cell_changes(change))]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    place = table["table"].map(list(changes).index) * len(KINDS) + table["kind"].map(KINDS.index)
    table = table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
    told = pd.Series([*zip(table["table"], table["record_id"], strict=True)], dtype=object).isin(answered)
    silent = _silent(table, known_by).mask(told, "no")
    return table.assign(silent=silent, answered=told)[CHANGE_COLUMNS].astype(object)


def _silent(table: pd.DataFrame, known_by: str) -> pd.Series:
    untold = (table["kind"] == DELETED) | (table["recorded_on"].isna() & (table["kind"] != FOLLOW_UP))
    later = dated_after(table["recorded_on"], known_by) | (table["kind"] == FOLLOW_UP)
    return only(later.map({True: "no", False: "yes"}), ~untold)


def _whole_changes(change: TableChange) -> list[pd.DataFrame]:
    moved = change.ids[CORRECTED] - set(_ids(change.then))
    cases = [(CORRECTED, change.table.began, moved, change.new),
             (CORRECTED, "record_id", change.ids[CORRECTED] - moved, change.new),
             (DELETED, "", change.ids[DELETED], change.old), (LATE, "", change.ids[LATE], change.new),
             (FOLLOW_UP, "", change.ids[FOLLOW_UP], change.new)]  # fmt: skip
    return [_described(_of(frame, ids), change.table, kind, column) for kind, column, ids, frame in cases]


def _described(records: pd.DataFrame, table: Table, kind: Any, column: str) -> pd.DataFrame:
    rows = records.reindex(columns=["record_id", "patient_id", "recorded_on"]).drop_duplicates("record_id")
    return rows.assign(table=table.name, kind=kind, column=column)


def _cell_changes(change: TableChange) -> Iterator[pd.DataFrame]:
    cells = change.cells
    blank = pd.DataFrame(cells.old).isna().to_numpy()
    kinds = np.where((cells.first == CORRECTED) & blank, COMPLETED, cells.first)
    kinds = np.where((cells.first == "") & cells.beyond, FOLLOW_UP, kinds)
    records = pd.DataFrame(cells.new, columns=cells.columns, dtype=object)
    for place, name in enumerate(cells.columns):
        changed = kinds[:, place] != ""
        if name != "recorded_on" and changed.any():
            yield _described(records[changed], change.table, kinds[changed, place], name)


# ── how many ─────────────────────────────────────────────────────────────────────────────────


def summarise_records(changes: pd.DataFrame) -> pd.DataFrame:
    """How many records and persons each kind of change concerns, per table and per column; rows as in `changes`."""
    rows = [row for (table, kind), found in changes.groupby(["table", "kind"], sort=False)
            for row in [_counted(table, kind, "", found), *_by_column(table, kind, found)]]  # fmt: skip
    return conform(pd.DataFrame(rows, columns=CHANGED_RECORDS.names), CHANGED_RECORDS)


def _by_column(table: Any, kind: Any, found: pd.DataFrame) -> list[dict[str, Any]]:
    named = found[found["column"] != ""]
    return [_counted(table, kind, column, rows) for column, rows in named.groupby("column", sort=False)]


def _counted(table: Any, kind: Any, column: Any, found: pd.DataFrame) -> dict[str, Any]:
    each = found.drop_duplicates("record_id")
    return {"table": table, "kind": kind, "column": column, "records": len(each),
            "persons": each["patient_id"].nunique(), "silent": int((each["silent"] == "yes").sum()),
            "answered": int(each["answered"].sum()), "untold": int(each["silent"].isna().sum())}  # fmt: skip
