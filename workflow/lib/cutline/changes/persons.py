"""Person by person: what changed between two cuts, and which record change is behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from cutline.changes.flow import CENSORED, INCLUDED, PENDING, station
from cutline.changes.records import FOLLOW_UP, KINDS, rows_of
from cutline.changes.versions import Derived, Settings
from cutline.criteria import INDEX_DATE
from cutline.expressions import QUERY, Criterion, records_of, variables_of
from cutline.records import as_text
from cutline.tables.changes import CHANGED_PERSONS
from cutline.tables.endpoints import MAIN
from cutline.tables.spec import conform, text_values

CRITERION, ENTERED, LEFT, VARIABLE = "criterion", "entered", "left", "variable"
EVENT, TIME, RESPONSE, ADVERSE_EVENT = "event", "time", "response", "adverse_event"
SEVERAL, CODE = "several", "code"
ABOUT = ["patient_id", "change", "name"]
SOURCE = ["source_table", "source_record_id"]
Record = tuple[str, str]
"""A source record: its table and id."""


def trace_persons(
    settings: Settings, before: Derived, today: Derived, after: Derived, records: pd.DataFrame
) -> pd.DataFrame:
    """Every person who entered, left or changed, with the record change behind it: rows as in `CHANGED_PERSONS`.

    `before` is the old cut as printed, `today` what today's code makes of its snapshot, `after` the new cut; `records`
    are the record changes. Of the records that either value rests on, directly or by way of the variables it is derived
    from, one that changed is named: a change of the old window before follow-up. Variables (categories and the index
    date) and outcomes are followed in the persons of both cohorts, criteria in all who were screened.
    """
    facts = {name: _facts(settings, side) for name, side in (("before", before), ("today", today), ("after", after))}
    changed = _changed(facts["before"], facts["after"], before.members.intersection(after.members))
    by_code = _found_already(changed, facts["today"])
    evidence = Evidence(settings, before, after, records)
    asked = zip(rows_of(changed), by_code, strict=True)
    causes = [_cause(CODE) if code else evidence.behind(row) for row, code in asked]
    rows = changed.assign(change=_in_words(changed)).join(pd.DataFrame(causes, columns=["kind", *SOURCE], dtype=object))
    return conform(rows, CHANGED_PERSONS).sort_values(list(CHANGED_PERSONS.sort), ignore_index=True)


# ── what is said of each person ──────────────────────────────────────────────────────────────


def _facts(settings: Settings, side: Derived) -> pd.DataFrame:
    """One row per person, kind of change and name: its value, and the record it rests on."""
    parts = [part.reindex(columns=[*ABOUT, "value", *SOURCE]) for part in _said(settings, side)]
    return pd.concat([part.astype(object) for part in parts if len(part)] or parts[:1], ignore_index=True)


def _said(settings: Settings, side: Derived) -> Iterator[pd.DataFrame]:
    yield station(side).rename("value").reset_index().assign(change=CRITERION, name="")
    names = [name for name, variable in settings["variables"].items() if variable["kind"] == "categorical"]
    variables = side.covariates[side.covariates["variable"].isin([*names, INDEX_DATE])]
    yield variables.rename(columns={"variable": "name"}).assign(change=VARIABLE)
    ended = side.endpoints[side.endpoints["rule_set"] == MAIN].rename(columns={"endpoint": "name"})
    yield ended.assign(change=EVENT, value=ended["reason"].where(ended["event"], CENSORED))
    yield ended.assign(change=TIME, value=as_text(ended["time_days"]))
    if side.response is not None:
        yield side.response.rename(columns={"best_response": "value"}).assign(change=RESPONSE, name="")
    if side.safety is not None:
        events = side.safety.rename(columns={"term": "name"}).drop_duplicates(["patient_id", "name"])
        yield events.assign(change=ADVERSE_EVENT, value="yes")


def _changed(before: pd.DataFrame, after: pd.DataFrame, both: pd.Index) -> pd.DataFrame:
    """What differs: `before`, `after`, and the sources of either; a new event is not a new time as well."""
    merged = before.merge(after, on=ABOUT, how="outer", suffixes=("_before", "_after"))
    merged = merged.rename(columns={"value_before": "before", "value_after": "after"}).apply(text_values)
    differ = merged[merged["before"].fillna("") != merged["after"].fillna("")]
    ours = differ[(differ["change"] == CRITERION) | differ["patient_id"].isin(both)]
    ended = ours["patient_id"] + " " + ours["name"]
    new_event = ended.isin(ended[ours["change"] == EVENT])
    return ours.loc[(ours["change"] != TIME) | ~new_event].reset_index(drop=True)


def _found_already(changed: pd.DataFrame, today: pd.DataFrame) -> list[bool]:
    """Whether today's code finds the new value on the old snapshot already."""
    now = changed[ABOUT].merge(today, on=ABOUT, how="left")["value"]
    return [bool(same) for same in now.fillna("") == changed["after"].fillna("")]


def _in_words(changed: pd.DataFrame) -> pd.Series:
    """Entered or left instead of another criterion."""
    words = changed["change"].mask((changed["change"] == CRITERION) & (changed["before"] == INCLUDED), LEFT)
    return words.mask((changed["change"] == CRITERION) & (changed["after"] == INCLUDED), ENTERED)


# ── the record behind it ─────────────────────────────────────────────────────────────────────


class Evidence:
    """Which changed record a person's change rests on."""

    def __init__(self, settings: Settings, before: Derived, after: Derived, records: pd.DataFrame) -> None:
        self.settings = settings
        self.columns = _changed_columns(records)
        self.of_person = {str(person): _changed_columns(rows) for person, rows in records.groupby("patient_id")}
        self.variables = [_by_variable(side.covariates) for side in (after, before)]
        self.eligibility = [_by_criterion(side.eligibility, set(self.of_person)) for side in (after, before)]

    def behind(self, row: Mapping[str, Any]) -> dict[str, str | None]:
        """Kind of record change, and the record, of one changed fact."""
        for definition, records in self._steps(row):
            words = _words(definition)
            found = [(_kind(self.columns[record], words), record) for record in records if record in self.columns]
            if found:
                kind, record = min(found, key=lambda each: KINDS.index(each[0]))
                return _cause(kind, *record)
        return self._by_elimination(row["patient_id"])

    def _steps(self, row: Mapping[str, Any]) -> Iterator[tuple[Any, list[Record]]]:
        """Definitions and the records that the fact rests on by them, the nearest first."""
        person, change = row["patient_id"], row["change"]
        own = [(row[f"source_table_{side}"], row[f"source_record_id_{side}"]) for side in ("after", "before")]
        yield self._definition(change, row["name"]), own
        variables = [INDEX_DATE]
        if change == CRITERION:
            yield {}, self._of_a_newcomer(person, row["before"])
            criteria = self._criteria({row["before"], row["after"]})
            yield from ((records_of(each), self._of_criterion(person, each["id"])) for each in criteria)
            variables = self._decisive(person, criteria)
        elif change == VARIABLE:
            variables = self._inputs(row["name"])
        while variables:
            yield from ((self._definition(VARIABLE, name), self._of_variable(person, name)) for name in variables)
            variables = [each for name in variables for each in self._inputs(name)]

    def _definition(self, change: str, name: str) -> Any:
        """What the study says of a variable or an outcome: the columns it rests on are among its words."""
        if change == VARIABLE:
            return self.settings["variables"].get(name, self.settings["index_date"])
        sections = {EVENT: "endpoints", TIME: "endpoints", RESPONSE: "response", ADVERSE_EVENT: "safety"}
        section = self.settings.get(sections.get(change, ""), {})
        return section[name] if change in (EVENT, TIME) else section

    def _inputs(self, name: str) -> list[str]:
        """The variables that a variable is derived from."""
        variable = self.settings["variables"].get(name, {})
        named = [variable[role] for role in ("from", "to", "before", "anchor") if role in variable]
        return [*variable.get("inputs", []), *named]

    def _of_a_newcomer(self, person: str, before: str | None) -> list[Record]:
        """The row of persons by which somebody came on the screening list."""
        listed = {"patients", "subjects"}
        return [] if before else [record for record in self.of_person.get(person, {}) if record[0] in listed]

    def _criteria(self, stations: set[str | None]) -> list[Criterion]:
        """The criteria at which a person was or is counted; if pending, all that may ask for a query."""
        criteria: list[Criterion] = self.settings["criteria"]
        return [each for each in criteria
                if each["id"] in stations or (PENDING in stations and each.get("unknown") == QUERY)]  # fmt: skip

    def _of_criterion(self, person: str, criterion: str) -> list[Record]:
        """The records that decide the criterion's `records` conditions, on either side."""
        return [record for side in self.eligibility for record in side.get((person, criterion), [])]

    def _decisive(self, person: str, criteria: list[Criterion]) -> list[str]:
        """Of the variables the criteria ask for, those of the person that became known or unknown, or else changed."""
        asked = [name for each in criteria for name in variables_of(each)]
        now, then = ({name: side.get((person, name), UNKNOWN).value for name in asked} for side in self.variables)
        turned = [name for name in asked if (now[name] is None) != (then[name] is None)]
        return turned or [name for name in asked if now[name] != then[name]]

    def _of_variable(self, person: str, name: str) -> list[Record]:
        return [side[person, name].record for side in self.variables if (person, name) in side]

    def _by_elimination(self, person: str) -> dict[str, str | None]:
        """Without a changed record among those it rests on: the only one that changed in the old window, if so."""
        kinds = {record: _kind(columns, set()) for record, columns in self.of_person.get(person, {}).items()}
        window = [record for record, kind in kinds.items() if kind != FOLLOW_UP]
        if len(window) == 1:
            return _cause(kinds[window[0]], *window[0])
        return _cause(SEVERAL if window else FOLLOW_UP)


def _cause(kind: str, table: str | None = None, record_id: str | None = None) -> dict[str, str | None]:
    return {"kind": kind, "source_table": table, "source_record_id": record_id}


def _changed_columns(records: pd.DataFrame) -> dict[Record, dict[str, str]]:
    """Of each changed record the columns it changed in (blank: as a whole), with the kind of change."""
    found: dict[Record, dict[str, str]] = {}
    for row in rows_of(records):
        found.setdefault((row["table"], row["record_id"]), {})[row["column"]] = row["kind"]
    return found


def _kind(columns: Mapping[str, str], words: set[str]) -> str:
    """The kind of change in the columns that are asked for, if any is; of several the first of `KINDS`."""
    asked = [kind for column, kind in columns.items() if not column or column in words]
    return min(asked or columns.values(), key=KINDS.index)


def _words(definition: Any) -> set[str]:
    """Every key and text of a definition."""
    match definition:
        case str():
            return {definition}
        case Mapping():
            return set(definition).union(*map(_words, definition.values()))
        case list():
            return set().union(*map(_words, definition))
    return set()


class Known(NamedTuple):
    """What is known of a person's variable, and by which record."""

    value: str | None
    record: Record


UNKNOWN = Known(None, ("", ""))


def _by_criterion(eligibility: pd.DataFrame | None, persons: set[str]) -> dict[tuple[str, str], list[Record]]:
    """The records behind each criterion of these persons."""
    assert eligibility is not None
    rows = eligibility[eligibility["patient_id"].isin(persons) & eligibility["source_record_id"].notna()]
    found: dict[tuple[str, str], list[Record]] = {}
    for row in rows_of(rows):
        found.setdefault((row["patient_id"], row["criterion"]), []).append((row[SOURCE[0]], row[SOURCE[1]]))
    return found


def _by_variable(covariates: pd.DataFrame) -> dict[tuple[str, str], Known]:
    values = text_values(as_text(covariates["value"]).combine_first(as_text(covariates["number"])))
    rows = rows_of(covariates[["patient_id", "variable", *SOURCE]].assign(known=values))
    return {(row["patient_id"], row["variable"]): Known(row["known"], (row[SOURCE[0]], row[SOURCE[1]])) for row in rows}
