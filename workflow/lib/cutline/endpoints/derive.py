"""The time to event of every included person, endpoint and rule set, from the sources that the study lists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from cutline.analysis_set import is_restricted
from cutline.endpoints.anchors import anchored, by_anchor
from cutline.endpoints.columns import from_columns
from cutline.endpoints.conventions import ANCHOR, rule_set
from cutline.endpoints.intervals import intervals_of
from cutline.endpoints.rule_sets import Course, Scans
from cutline.endpoints.sources import DEATHS, ENDS, Selections, Sources, all_at, ended_by
from cutline.errors import ConfigError
from cutline.records import first_per_person
from cutline.tables.endpoints import ENDPOINTS, MAIN, SCAN_INTERVALS, WHAT_IF_ENDPOINTS
from cutline.tables.spec import Table, conform, empty

START = "index_date"
STARTS = {"first_response": "first_response_date"}
"""Other starts than the index date: the column of table `response` that holds the day; blank for who never starts."""
RESPONDERS = "responders"
NO_RECORD = "no record on or after the start"
DEATH_BEFORE_START = "death recorded before the start"
ALIVE_AT_CUT_OFF = "alive at the data cut-off, vital status complete"
Settings = Mapping[str, Any]
Definition = Mapping[str, Any]


def derive_endpoints(
    *, settings: Settings, cohort: pd.DataFrame, what_if: pd.DataFrame | None = None, **records: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The time to event of every included person, endpoint and rule set, in whole days.

    `what_if` lists the persons of other cohorts (variant, patient_id, index_date). Returns `endpoints`: one row per
    person of the endpoint's population, endpoint and rule set, `main` being the study's own and the others those that
    the endpoint names under `sensitivity`; `what_if_endpoints`: main rows of persons who are in a variant's cohort and
    not in the study's, of endpoints of everybody; `scan_intervals`: the times between scans until the main end. All
    sorted. An event on the start counts, with time 0, unless its source says `after_start`; records before it or after
    the data cut-off do not, and neither does anything dated after death. A person whose death is recorded before the
    start is censored at the start with that reason. Raises ConfigError for an unknown table, column or start,
    RecordError for given times that are blank, negative or not whole days.
    """
    others = _others(what_if, cohort)
    selections = Selections(records, pd.Index(pd.concat([cohort["patient_id"], others["patient_id"]])))
    included, further = AtRisk(settings, cohort, selections), AtRisk(settings, others, selections)
    parts = [part for name in settings["endpoints"] for part in _endpoint(name, included)]
    endpoints = _sorted(parts, ENDPOINTS)
    everybody = [name for name, definition in settings["endpoints"].items() if not is_restricted(definition)]
    main = [next(_endpoint(name, further)) for name in everybody] if len(others) else []
    intervals = [rows for name in settings["endpoints"] for rows in _intervals(name, included, endpoints)]
    return {"endpoints": endpoints, "what_if_endpoints": _sorted(main, WHAT_IF_ENDPOINTS),
            "scan_intervals": _sorted(intervals, SCAN_INTERVALS)}  # fmt: skip


def _sorted(parts: list[pd.DataFrame], spec: Table) -> pd.DataFrame:
    filled = [part for part in parts if len(part)]
    if not filled:
        return empty(spec)
    table = conform(pd.concat(filled, ignore_index=True), spec)
    return table.sort_values(list(spec.sort), ignore_index=True)


def _others(what_if: pd.DataFrame | None, cohort: pd.DataFrame) -> pd.DataFrame:
    """The persons of other cohorts who are not in the study's, each once."""
    if what_if is None:
        return cohort.head(0)
    outside = what_if[~what_if["patient_id"].isin(cohort["patient_id"])]
    return outside.drop_duplicates("patient_id").sort_values("patient_id")


def only_death_ends(definition: Definition) -> bool:
    """Whether every event of an endpoint is a death, so that to know who lives is to know who has no event."""
    events = definition.get("events", [])
    return bool(events) and all(rule.get("table") == DEATHS["table"] for rule in events)


# ── one endpoint ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class AtRisk:
    """The persons of a cohort, and the records that can end their times."""

    settings: Settings
    persons: pd.DataFrame
    selections: Selections
    _of_start: dict[tuple[str, bool], Sources] = field(default_factory=dict)

    def sources(self, name: str) -> Sources:
        """Who of them is at risk in an endpoint, and from when; one for all endpoints of the same persons and start."""
        definition = self.settings["endpoints"][name]
        start, responders = definition.get("start", START), definition.get("population") == RESPONDERS
        if start != START and start not in STARTS:
            raise ConfigError(f"endpoints.{name}.start: found {start!r}, expected {START} or {', '.join(STARTS)}")
        if (start, responders) not in self._of_start:
            self._of_start[start, responders] = self._sources(start, responders)
        return self._of_start[start, responders]

    def _sources(self, start: str, responders: bool) -> Sources:
        index_date = self.persons.set_index("patient_id")["index_date"]
        begun = index_date if start == START else self._response_dates(STARTS[start])
        if responders:
            begun = begun[self._response_dates(STARTS["first_response"]).notna()]
        return Sources(self.selections, begun.dropna(), pd.Timestamp(self.settings["data_cutoff"]), index_date)

    def _response_dates(self, column: str) -> pd.Series:
        response = self.selections.table("response").set_index("patient_id")
        return response[column].reindex(self.persons["patient_id"])


def _endpoint(name: str, at_risk: AtRisk) -> Iterator[pd.DataFrame]:
    """The rows of the main rule set, then of each that the endpoint names under `sensitivity`."""
    settings, definition = at_risk.settings, at_risk.settings["endpoints"][name]
    if "columns" in definition:
        yield from_columns(name, definition["columns"], at_risk.persons, at_risk.selections.records)
        return
    sources = at_risk.sources(name)
    yield _rows(name, MAIN, _ends(definition, sources, settings), sources)
    for variant in definition.get("sensitivity", []):
        yield _rows(name, variant, _ends(_variant(definition, variant, settings), sources, settings), sources)


def _variant(definition: Definition, variant: str, settings: Settings) -> Definition:
    """The endpoint with another rule set, or with progressions of one anchor only."""
    if variant.startswith(ANCHOR):
        anchor = settings["progression_anchors"][variant.removeprefix(ANCHOR)]
        return {**definition, "events": by_anchor(definition["events"], anchor)}
    return {**definition, "rule_set": variant}


def _rows(name: str, rules: str, ends: pd.DataFrame, sources: Sources) -> pd.DataFrame:
    days = (pd.to_datetime(ends["end_date"]) - sources.start).dt.days
    return ends.assign(endpoint=name, rule_set=rules, start_date=sources.start, time_days=days).reset_index()


def _ends(definition: Definition, sources: Sources, settings: Settings) -> pd.DataFrame:
    """How and when each person's time ends: index patient_id, columns `ENDS` and anchor."""
    dead = sources.dead_before_start()
    steps = [all_at(dead, sources.start.reindex(dead), DEATH_BEFORE_START)]
    if "rule_set" in definition:
        course = Course(sources, definition["events"], settings["conventions"])
        steps.append(course.ends(rule_set(settings, definition["rule_set"])))
    else:
        steps += _listed_ends(definition, sources, bool(settings.get("vital_status_complete")))
    steps.append(all_at(sources.start.index, sources.start, NO_RECORD))
    ends = pd.concat(steps)
    ends = ends[~ends.index.duplicated()].reindex(index=sources.start.index, columns=ENDS)
    return ends.assign(anchor=anchored(ends, sources.selections, settings.get("progression_anchors", {})))


def _listed_ends(definition: Definition, sources: Sources, vital_status_complete: bool) -> list[pd.DataFrame]:
    """How time ends by the endpoint's own lists of events and censoring."""
    steps = [_earliest_event(definition["events"], sources)]
    if vital_status_complete and only_death_ends(definition):
        steps.append(all_at(sources.alive_at_cut_off(), sources.data_cutoff, ALIVE_AT_CUT_OFF))
    return steps + [_censored(rule, sources) for rule in definition.get("censoring", [])]


def _earliest_event(rules: list[Mapping[str, Any]], sources: Sources) -> pd.DataFrame:
    parts = [sources.of(rule).assign(order=order, reason=rule["reason"]) for order, rule in enumerate(rules)]
    first = first_per_person(pd.concat(parts, ignore_index=True), ["source_date", "order"])
    return ended_by(first, event=True, reason=first["reason"])


def _censored(rule: Mapping[str, Any], sources: Sources) -> pd.DataFrame:
    """The persons whom one censoring rule can end, each at their last record of it."""
    if rule.get("at") == "start":
        return all_at(sources.start.index, sources.start, rule["reason"])
    # Of several sources on the last day the one listed first is named.
    last = sources.latest_of(rule["latest_of"]) if "latest_of" in rule else sources.latest(rule)
    return ended_by(last, event=False, reason=rule["reason"])


def _intervals(name: str, at_risk: AtRisk, endpoints: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The times between scans of an endpoint that has a rule set, until the main analysis ends it."""
    conventions = at_risk.settings.get("conventions")
    if "rule_set" not in at_risk.settings["endpoints"][name] or conventions is None:
        return
    ended = endpoints[(endpoints["endpoint"] == name) & (endpoints["rule_set"] == MAIN)].set_index("patient_id")
    scans = Scans.of(at_risk.sources(name), conventions)
    yield intervals_of(scans.adequate, ended, conventions).assign(endpoint=name)
