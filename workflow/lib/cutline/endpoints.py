"""Times to event as data: ordered event and censoring sources, whole days, and why each person ended.

Each person starts at the index date. Of the event sources the earliest record on or after it counts (only after it,
where the source says `after_start`), on one day the source listed first. Without an event the first censoring source
that has a record on or after the start ends the time, and as a last resort the start itself: nobody is lost, nobody
gets a negative time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.analysis_set import MAIN
from cutline.errors import ConfigError, RecordError
from cutline.records import Records, as_text, candidates, column_named, first_per_person, plain_text, table_named
from cutline.tables.endpoints import ENDPOINTS
from cutline.tables.spec import conform

START = "index_date"
DEATHS = {"table": "deaths", "date": "death_date"}
NO_RECORD = "no record on or after the start"
DEATH_BEFORE_START = "death recorded before the start"
ALIVE_AT_CUT_OFF = "alive at the data cut-off, vital status complete"
_ENDS = ["end_date", "event", "reason", "source_table", "source_record_id", "source_date"]


def derive_endpoints(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, **records: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The time to event of every included person and endpoint, in whole days from the index date.

    One row per person, endpoint and rule set (`main`, the study's own rules), sorted by endpoint and person. An
    event on the index date counts, with time 0, unless its source says `after_start`; records before it or after the
    data cut-off do not, and neither does anything dated after death. A person whose death is recorded before the start
    is censored at the start with that reason. Raises ConfigError for an unknown table, column or start, RecordError for
    given times that are blank, negative or not whole days.
    """
    definitions = settings["endpoints"].items()
    parts = [_endpoint(name, definition, settings, cohort, records) for name, definition in definitions]
    table = conform(pd.concat(parts, ignore_index=True), ENDPOINTS)
    return {"endpoints": table.sort_values(list(ENDPOINTS.sort), ignore_index=True)}


def only_death_ends(definition: Mapping[str, Any]) -> bool:
    """Whether every event of an endpoint is a death, so that to know who lives is to know who has no event."""
    events = definition.get("events", [])
    return bool(events) and all(rule.get("table") == DEATHS["table"] for rule in events)


def _endpoint(
    name: str, definition: Mapping[str, Any], settings: Mapping[str, Any], cohort: pd.DataFrame, records: Records
) -> pd.DataFrame:
    if "columns" in definition:
        return _from_columns(name, definition["columns"], cohort, records)
    if definition.get("start", START) != START:
        raise ConfigError(f"endpoints.{name}.start: found {definition['start']!r}, expected {START}")
    start = cohort.set_index("patient_id")["index_date"]
    sources = Sources(records, start, pd.Timestamp(settings["data_cutoff"]))
    ends = _ends(definition, sources, bool(settings.get("vital_status_complete")))
    days = (pd.to_datetime(ends["end_date"]) - start).dt.days
    return ends.assign(endpoint=name, rule_set=MAIN, start_date=start, time_days=days).reset_index()


# ── where dates come from ────────────────────────────────────────────────────────────────────


class Sources:
    """The records of the included persons that can end a time: from the start to death or the data cut-off."""

    def __init__(self, records: Records, start: pd.Series, data_cutoff: pd.Timestamp) -> None:
        self.records, self.start, self.data_cutoff = records, start, data_cutoff
        deaths = candidates(records, DEATHS) if "deaths" in records else None
        dead = deaths.groupby("patient_id")["source_date"].min() if deaths is not None else pd.Series(dtype=object)
        self.death = pd.to_datetime(dead.reindex(start.index))
        self.last_day = self.death.where(self.death <= data_cutoff, data_cutoff)

    def of(self, select: Mapping[str, Any]) -> pd.DataFrame:
        """The records of one source, as `cutline.records.candidates`."""
        rows = candidates(self.records, select)
        place = self.start.index.get_indexer(pd.Index(rows["patient_id"]))
        rows, place = rows[place >= 0], place[place >= 0]
        dates, start = rows["source_date"].to_numpy(), self.start.to_numpy()[place]
        begun = dates > start if select.get("after_start") else dates >= start
        return rows[begun & (dates <= self.last_day.to_numpy()[place])]

    def alive_at_cut_off(self) -> pd.Index:
        """The persons without a death up to the data cut-off."""
        return self.start.index[~(self.death <= self.data_cutoff)]

    def latest_of(self, entries: list[Mapping[str, Any]]) -> pd.DataFrame:
        """The records of several sources, each with table, date and perhaps where, under each other in that order."""
        parts = [self.of(entry) for entry in entries]
        return pd.concat([part.assign(order=order) for order, part in enumerate(parts)], ignore_index=True)


def _ends(definition: Mapping[str, Any], sources: Sources, vital_status_complete: bool) -> pd.DataFrame:
    """How and when each person's time ends: index patient_id, columns `_ENDS`."""
    steps = [_earliest_event(definition["events"], sources), _dead_before_start(sources)]
    if vital_status_complete and only_death_ends(definition):
        steps.append(_all_at(sources.alive_at_cut_off(), sources.data_cutoff, ALIVE_AT_CUT_OFF))
    steps += [_censored(rule, sources) for rule in definition["censoring"]]
    steps.append(_all_at(sources.start.index, sources.start, NO_RECORD))
    ends = pd.concat(steps)
    return ends[~ends.index.duplicated()].reindex(index=sources.start.index, columns=_ENDS)


def _earliest_event(rules: list[Mapping[str, Any]], sources: Sources) -> pd.DataFrame:
    parts = [sources.of(rule).assign(order=order, reason=rule["reason"]) for order, rule in enumerate(rules)]
    first = first_per_person(pd.concat(parts, ignore_index=True), ["source_date", "order"])
    return first.assign(end_date=first["source_date"], event=True)[_ENDS]


def _censored(rule: Mapping[str, Any], sources: Sources) -> pd.DataFrame:
    """The persons whom one censoring rule can end, each at their last record of it."""
    if rule.get("at") == "start":
        return _all_at(sources.start.index, sources.start, rule["reason"])
    rows = sources.latest_of(rule["latest_of"]) if "latest_of" in rule else sources.of(rule).assign(order=0)
    # Of several sources on the last day the one listed first is named.
    last = first_per_person(rows.assign(days_ago=sources.data_cutoff - rows["source_date"]), ["days_ago", "order"])
    return last.assign(end_date=last["source_date"], event=False, reason=rule["reason"])[_ENDS]


def _dead_before_start(sources: Sources) -> pd.DataFrame:
    """Persons said to have died before their start: no later record can be believed, so no time is counted."""
    dead = sources.start.index[sources.death < sources.start]
    return _all_at(dead, sources.start.reindex(dead), DEATH_BEFORE_START)


def _all_at(persons: pd.Index, date: pd.Series | pd.Timestamp, reason: str) -> pd.DataFrame:
    """The persons censored at a date that rests on no record."""
    return pd.DataFrame({"end_date": date, "event": False, "reason": reason}, index=persons)


# ── times that were recorded as such ─────────────────────────────────────────────────────────


def _from_columns(name: str, columns: Mapping[str, Any], cohort: pd.DataFrame, records: Records) -> pd.DataFrame:
    """Times and events of a table of persons without dates."""
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
