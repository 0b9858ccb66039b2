"""What the schema cannot see of a study's endpoints: parts, rule sets and anchors that do not fit together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.configuration import nearest
from cutline.contradictions.parts import Faults, Part, Study
from cutline.endpoints.conventions import ANCHOR, RULE_SETS, needs_interval, rule_set
from cutline.tables.covariates import INDEX_DATE
from cutline.tables.endpoints import MAIN

STARTS = (INDEX_DATE, "first_response")


def unfit_endpoints(study: Study) -> Faults:
    """Every contradiction in the endpoints, rule sets and anchors of a study, one sentence each."""
    for name, endpoint in study["endpoints"].items():
        place = f"endpoints.{name}"
        yield from _unfit_parts(place, endpoint, bool(study.get("time_only")))
        yield from _unfit_persons(name, endpoint, study)
        yield from _unfit_rule_sets(place, endpoint, study)
        for key, ways in (("events", ["table"]), ("censoring", ["table", "latest_of", "at"])):
            for number, rule in enumerate(endpoint.get(key, [])):
                yield from _unfit_rule(f"{place}.{key}.{number}", rule, ways)
        yield from _short_follow_up(place, endpoint, study["source"]["tables"])
    yield from _unfit_names(study)


def _unfit_parts(place: str, endpoint: Part, time_only: bool) -> Faults:
    censoring = "rule_set" if "rule_set" in endpoint and "censoring" not in endpoint else "censoring"
    expected = ["columns"] if time_only else ["events", censoring]
    found = [key for key in ("columns", "events", "censoring", "rule_set") if key in endpoint]
    if sorted(found) != sorted(expected):
        kind = "durations and no dates (time_only)" if time_only else "dates"
        wanted = "columns" if time_only else "events and censoring (or rule_set)"
        given = " and ".join(found) or "neither columns nor events"
        yield f"{place}: found {given}, expected {wanted} in a study with {kind}"


def _unfit_persons(name: str, endpoint: Part, study: Study) -> Faults:
    """Starts and populations that no step derives, or that another part of the study cannot be about."""
    place, start = f"endpoints.{name}", endpoint.get("start", INDEX_DATE)
    if start not in STARTS:
        yield f"{place}.start: found {start!r}, expected {' or '.join(STARTS)}"
    restricted = start != INDEX_DATE or "population" in endpoint
    if restricted and "response" not in study:
        yield f"{place}: it is of responders, but the study has no section response; add one or leave it out"
    if name == study["follow_up_endpoint"] and (restricted or endpoint.get("descriptive")):
        yield f"follow_up_endpoint: {name!r} is not of every included person; expected an endpoint that is"
    if name in study["models"] and (restricted or endpoint.get("descriptive")):
        yield f"models.{name}: this endpoint is not of every included person; expected an endpoint that is"


def _unfit_rule_sets(place: str, endpoint: Part, study: Study) -> Faults:
    known = [*RULE_SETS, *study.get("rule_sets", {})]
    anchors = [f"{ANCHOR}{name}" for name in study.get("progression_anchors", {})]
    asked = [(f"{place}.rule_set", endpoint["rule_set"], known)] if "rule_set" in endpoint else []
    asked += [(f"{place}.sensitivity", name, known + anchors) for name in endpoint.get("sensitivity", [])]
    if asked and "conventions" not in study:
        yield f"{place}: rule sets need the section conventions, which says what a scan is; add it"
        return
    for where, name, names in asked:
        if name not in names:
            yield f"{where}: unknown rule set {name!r}{nearest(name, names)}"
        elif name in known and needs_interval(rule_set(study, name), study["conventions"]):
            yield from _missing_interval(where, name, study["conventions"])


def _missing_interval(place: str, name: str, conventions: Part) -> Faults:
    if "interval_days" not in conventions:
        yield (
            f"{place}: rule set {name!r} counts in nominal intervals between scans, and records have no schedule: give "
            " conventions.interval_days"
        )


def _unfit_names(study: Study) -> Faults:
    """A rule set of the study's own may not take the name of another variant."""
    taken = {*RULE_SETS, MAIN, *(f"{ANCHOR}{name}" for name in study.get("progression_anchors", {}))}
    for name in sorted(taken & set(study.get("rule_sets", {}))):
        yield f"rule_sets.{name}: this name is taken; choose another one"
    for variant in study.get("what_if", []):
        if variant["id"] in taken | set(study.get("rule_sets", {})):
            yield (
                f"what_if.{variant['id']}: this is the name of a rule set; expected another one, since it names their "
                "results"
            )


def _short_follow_up(place: str, endpoint: Part, tables: Mapping[str, Any]) -> Faults:
    """In a row per person a last contact after an earlier cut-off must still say: alive at the cut-off."""
    columns = tables.get("subjects", {}).get("columns", {})
    for rule in endpoint.get("censoring", []):
        for entry in [*rule.get("latest_of", []), *([rule] if "table" in rule else [])]:
            column = columns.get(entry.get("date"), {})
            if entry["table"] == "subjects" and column.get("kind") == "date" and not column.get("lasting"):
                yield (
                    f"{place}.censoring: {entry['date']} ends the time of those without event, so "
                    f"source.tables.subjects.columns.{entry['date']} needs lasting: true"
                )


def _unfit_rule(place: str, rule: Part, ways: list[str]) -> Faults:
    """An event or censoring rule says in exactly one way where its date comes from."""
    found = [way for way in ("table", "latest_of", "at") if way in rule]
    if len(found) != 1 or found[0] not in ways:
        yield f"{place}: found {' and '.join(found) or 'no date'}, expected one of {', '.join(ways)}"
    if "table" in rule and "date" not in rule:
        yield f"{place}: missing key(s) date, the column that dates the records of {rule['table']}"
