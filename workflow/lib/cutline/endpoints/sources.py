"""The records that can end a time, and who is at risk from when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.records import Records, candidates

Select = Mapping[str, Any]
DEATHS = {"table": "deaths", "date": "death_date"}
ENDS = ["end_date", "event", "reason", "source_table", "source_record_id", "source_date"]
"""How and when a person's time ends."""


class Sources:
    """The records of the persons at risk that can end a time: from the start to death or the data cut-off.

    `start` holds each person's time zero (index patient_id). `index_date`, if it is another day, is what a baseline
    assessment is near to.
    """

    def __init__(
        self, records: Records, start: pd.Series, data_cutoff: pd.Timestamp, index_date: pd.Series | None = None
    ) -> None:
        self.records, self.start, self.data_cutoff = records, start, data_cutoff
        self.index_date = start if index_date is None else index_date.reindex(start.index)
        deaths = candidates(records, DEATHS) if "deaths" in records else None
        dead = deaths.groupby("patient_id")["source_date"].min() if deaths is not None else pd.Series(dtype=object)
        self.death = pd.to_datetime(dead.reindex(start.index))
        self.last_day = self.death.where(self.death <= data_cutoff, data_cutoff)

    def of(self, select: Select) -> pd.DataFrame:
        """The records of one source, as `cutline.records.candidates`."""
        rows, dates, start, last_day = self._dated(select)
        begun = dates > start if select.get("after_start") else dates >= start
        inside: pd.DataFrame = rows[begun & (dates <= last_day)]
        return inside

    def near_index_date(self, select: Select, window: Mapping[str, int]) -> pd.DataFrame:
        """The records from `days_before` the index date to `days_after` it (default: none after)."""
        rows, dates, _, last_day = self._dated(select)
        days = (dates - self.index_date.loc[rows["patient_id"]].to_numpy()) / np.timedelta64(1, "D")
        near = (days >= -window["days_before"]) & (days <= window.get("days_after", 0))
        inside: pd.DataFrame = rows[near & (dates <= last_day)]
        return inside

    def _dated(self, select: Select) -> tuple[pd.DataFrame, Any, Any, Any]:
        """The candidates of the persons at risk, their dates, and of each its person's start and last day."""
        rows = candidates(self.records, select)
        place = self.start.index.get_indexer(pd.Index(rows["patient_id"]))
        rows, place = rows[place >= 0], place[place >= 0]
        return rows, rows["source_date"].to_numpy(), self.start.to_numpy()[place], self.last_day.to_numpy()[place]

    def alive_at_cut_off(self) -> pd.Index:
        """The persons without a death up to the data cut-off."""
        return self.start.index[~(self.death <= self.data_cutoff)]

    def dead_before_start(self) -> pd.Index:
        return self.start.index[self.death < self.start]

    def latest_of(self, entries: list[Select]) -> pd.DataFrame:
        """The records of several sources, each with table, date and perhaps where, under each other in that order."""
        parts = [self.of(entry) for entry in entries]
        return pd.concat([part.assign(order=order) for order, part in enumerate(parts)], ignore_index=True)


def all_at(persons: pd.Index, date: pd.Series | pd.Timestamp, reason: str, *, event: bool = False) -> pd.DataFrame:
    """The persons with their time ended at a date that rests on no record."""
    return pd.DataFrame({"end_date": date, "event": event, "reason": reason}, index=persons)


def ended_by(rows: pd.DataFrame, *, event: bool, reason: str | pd.Series) -> pd.DataFrame:
    """The persons of chosen records (index patient_id), each with their time ended on its day."""
    return rows.assign(end_date=rows["source_date"], event=event, reason=reason)[ENDS]
