"""The layer of corrections over a snapshot: the answers to queries, in their order, never written to the source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.as_of import dated_by
from cutline.errors import RecordError
from cutline.tables.corrections import CONFIRMED, WITHDRAWN
from cutline.tables.spec import Table, unpacked

Snapshot = Mapping[str, pd.DataFrame]
Row = Mapping[str, Any]
_SEND_BACK = "Make the query list anew at this cut and answer it there."


def corrected(
    snapshot: Snapshot, corrections: pd.DataFrame, specs: Mapping[str, Table], cutoff: str
) -> dict[str, pd.DataFrame]:
    """The snapshot with the corrections laid over it, in their order; tables without any are the same objects.

    A withdrawn record is left out, and so is one that an answer dates after the data cut-off; what an answer dates
    after it within a record is as it was at the cut-off: blank. The day on which a record was written stays as it is.
    Raises RecordError for a record that is not there or shares its id, and for an old value that is no longer the
    snapshot's.
    """
    layer = dict(snapshot)
    changing = corrections[corrections["action"] != CONFIRMED]
    for name, answers in changing.groupby("table", sort=False):
        table = specs[str(name)]
        # As objects: the categories of a column have no place for a value that nobody has yet.
        frame = unpacked(snapshot[table.name]).reset_index(drop=True)
        frame = _applied(frame, answers.to_dict("records"))
        layer[table.name] = _as_of(frame, set(answers["record_id"]), table, cutoff)
    return layer


def attributed(corrections: pd.DataFrame, snapshot: Snapshot) -> pd.DataFrame:
    """The corrections with the pseudonym of each record's patient, blank where there is no such record."""
    asked = corrections["table"].isin(list(snapshot))
    persons = [_person(snapshot[row["table"]], row["record_id"]) if there else None
               for row, there in zip(corrections.to_dict("records"), asked, strict=True)]  # fmt: skip
    return corrections.assign(patient_id=pd.Series(persons, index=corrections.index, dtype=object))


def _person(frame: pd.DataFrame, record_id: str | None) -> str | None:
    found = frame.loc[frame["record_id"] == record_id, "patient_id"]
    return None if found.empty or pd.isna(found.iloc[0]) else str(found.iloc[0])


def _applied(frame: pd.DataFrame, answers: list[dict[Any, Any]]) -> pd.DataFrame:
    frame = frame.copy()
    gone: list[int] = []
    for answer in answers:
        place, column = _place(frame, answer, gone), answer["column"]
        if answer["action"] == WITHDRAWN:
            gone.append(place)
        else:
            _require_old_value(frame.at[place, column], answer)
            frame.at[place, column] = answer["new_value"] if pd.notna(answer["new_value"]) else None
    return frame.drop(index=gone).reset_index(drop=True)


def _place(frame: pd.DataFrame, answer: Row, gone: list[int]) -> int:
    """The row of the record that an answer is about."""
    places = [int(place) for place in np.flatnonzero(frame["record_id"] == answer["record_id"]) if place not in gone]
    if len(places) == 1:
        return places[0]
    found = "no such record is in the snapshot" if not places else f"{len(places)} records have this id"
    raise RecordError(
        f"{answer['file']}, row {answer['row']}: table {answer['table']}, column Record: {found}; expected one. "
        f"{_SEND_BACK}"
    )


def _require_old_value(found: Any, answer: Row) -> None:
    if not _same(found, answer["old_value"]):
        raise RecordError(
            f"{answer['file']}, row {answer['row']}: table {answer['table']}, column {answer['column']}: the value in "
            f"the data is no longer the one that was corrected. {_SEND_BACK}"
        )


def _same(found: Any, told: Any) -> bool:
    """Whether two texts are one value: blank as nothing, numbers by their value, as a spreadsheet writes them."""
    here, there = ("" if pd.isna(text) else str(text).strip() for text in (found, told))
    if here == there:
        return True
    try:
        return float(here) == float(there)
    except ValueError:
        return False


def _as_of(frame: pd.DataFrame, ids: set[str], table: Table, cutoff: str) -> pd.DataFrame:
    """The records of these ids as they were at the cut-off; all other rows, and their order, as they are."""
    touched = frame["record_id"].isin(ids).to_numpy()
    if not cutoff or not touched.any():
        return frame
    known = dated_by(frame[touched], table, cutoff).set_index("record_id", drop=False)
    stays = ~touched | frame["record_id"].isin(known.index).to_numpy()
    kept = frame[stays].reset_index(drop=True)
    places = kept.index[kept["record_id"].isin(known.index)]
    for name in table.names:
        kept.loc[places, name] = known.loc[kept.loc[places, "record_id"], name].to_numpy()
    return kept
