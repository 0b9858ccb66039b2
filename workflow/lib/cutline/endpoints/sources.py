"""The records that can end a time, and who is at risk from when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.records import Records, candidates, first_per_person, in_courses, matching, table_named

Select = Mapping[str, Any]
DEATHS = {"table": "deaths", "date": "death_date"}
ENDS = ["end_date", "event", "reason", "source_table", "source_record_id", "source_date"]
"""How and when a person's time ends."""
CHOSEN = ["patient_id", "source_table", "source_record_id", "source_date"]
"""What is known of a record that can end a time."""


class Found:
    """What is found on first use and kept: endpoints and their rule sets ask much alike."""

    def __init__(self) -> None:
        self._found: dict[str, Any] = {}

    def once(self, key: str, find: Callable[[], Any]) -> Any:
        """What `find` gives, which nobody changes. The key names all that it depends on."""
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]


class Selections(Found):
    """The records of some persons, as endpoints choose from them."""

    def __init__(self, records: Records, persons: pd.Index) -> None:
        super().__init__()
        self.records, self.persons = records, persons

    def candidates(self, select: Select) -> pd.DataFrame:
        """As `cutline.records.candidates`, in the columns `CHOSEN`; without what was resumed, where the study asks."""

        def find() -> pd.DataFrame:
            table = {select["table"]: self.table(select["table"])}
            rows = candidates(table, select)[CHOSEN]
            if "unless_resumed" in select:
                rows = rows[~rows.index.isin(_resumed(table, select["table"], **select["unless_resumed"]))]
            return rows

        rows: pd.DataFrame = self.once(f"candidates of {_selected(select)}", find)
        return rows

    def ids(self, name: str, where: Mapping[str, Any]) -> pd.Series:
        """The ids of the records of a table that match `where`."""
        ids: pd.Series = self.once(
            f"ids of {name} {where}", lambda: matching(self.table(name), where, name)["record_id"]
        )
        return ids

    def table(self, name: str) -> pd.DataFrame:
        """The persons' rows of a table. Raises ConfigError if the study has none of that name."""
        rows = table_named(self.records, name)
        of_persons: pd.DataFrame = self.once(f"table {name}", lambda: rows[rows["patient_id"].isin(self.persons)])
        return of_persons


def _resumed(records: Records, name: str, where: Mapping[str, Any], days: int) -> pd.Index:
    """Which of the matching records do not end their course: a change of dose is no end, nor is a short pause."""
    given = candidates(records, {"table": name, "where": where, "date": "start_date"})
    courses = in_courses(given, records[name]["stop_date"].loc[given.index], days)
    end = courses.groupby(["patient_id", "course"], sort=False)["until"].transform("max")
    return courses.index[courses["until"] < end]


def _selected(select: Select) -> dict[str, Any]:
    """What of a source decides which records are its candidates."""
    return {key: select[key] for key in ("table", "where", "date", "value", "unless_resumed") if key in select}


class Sources(Found):
    """The records of the persons at risk that can end a time: from the start to death or the data cut-off.

    `start` holds each person's time zero (index patient_id). `index_date`, if it is another day, is what a baseline
    assessment is near to.
    """

    def __init__(
        self,
        selections: Selections,
        start: pd.Series,
        data_cutoff: pd.Timestamp,
        index_date: pd.Series | None = None,
    ) -> None:
        super().__init__()
        self.selections, self.start, self.data_cutoff = selections, start, data_cutoff
        self.index_date = start if index_date is None else index_date.reindex(start.index)
        deaths = selections.candidates(DEATHS) if "deaths" in selections.records else None
        dead = deaths.groupby("patient_id")["source_date"].min() if deaths is not None else pd.Series(dtype=object)
        self.death = pd.to_datetime(dead.reindex(start.index))
        self.last_day = self.death.where(self.death <= data_cutoff, data_cutoff)

    def of(self, select: Select) -> pd.DataFrame:
        """The records of one source, in the columns `CHOSEN`."""

        def find() -> pd.DataFrame:
            rows, dates, start, last_day = self._dated(select)
            begun = dates > start if select.get("after_start") else dates >= start
            chosen: pd.DataFrame = rows[begun & (dates <= last_day)]
            return chosen

        inside: pd.DataFrame = self.once(f"records of {_selected(select)} {bool(select.get('after_start'))}", find)
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
        rows = self.selections.candidates(select)
        place = self.start.index.get_indexer(pd.Index(rows["patient_id"]))
        rows, place = rows[place >= 0], place[place >= 0]
        return rows, rows["source_date"].to_numpy(), self.start.to_numpy()[place], self.last_day.to_numpy()[place]

    def alive_at_cut_off(self) -> pd.Index:
        """The persons without a death up to the data cut-off."""
        return self.start.index[~(self.death <= self.data_cutoff)]

    def dead_before_start(self) -> pd.Index:
        return self.start.index[self.death < self.start]

    def latest(self, select: Select) -> pd.DataFrame:
        """The last record of each person of one source, index patient_id."""

        def find() -> pd.DataFrame:
            return first_per_person(self.of(select), ["source_date"], last=True)

        rows: pd.DataFrame = self.once(f"latest of {select}", find)
        return rows

    def latest_of(self, entries: list[Select]) -> pd.DataFrame:
        """The last record of each person of several sources; on one day that of the source listed first."""
        parts = [self.latest(entry).assign(order=order) for order, entry in enumerate(entries)]
        rows = pd.concat(parts).reset_index()
        days_ago = self.data_cutoff - rows["source_date"]
        return first_per_person(rows.assign(days_ago=days_ago), ["days_ago", "order"])


def all_at(persons: pd.Index, date: pd.Series | pd.Timestamp, reason: str, *, event: bool = False) -> pd.DataFrame:
    """The persons with their time ended at a date that rests on no record."""
    return pd.DataFrame({"end_date": date, "event": event, "reason": reason}, index=persons)


def ended_by(rows: pd.DataFrame, *, event: bool, reason: str | pd.Series) -> pd.DataFrame:
    """The persons of chosen records (index patient_id), each with their time ended on its day."""
    return rows.assign(end_date=rows["source_date"], event=event, reason=reason)[ENDS]
