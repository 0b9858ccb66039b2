"""What the schema of a study cannot see: names that nothing defines, parts that do not fit together.

Each check is a generator of sentences: the place, what was found, what was expected. They all run before the first
job, so that a mistake costs a second and not the time until the rule that stumbles over it.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from cutline.disclosure import BUILT
from cutline.errors import ConfigError
from cutline.study import INDEX_DATE, endpoint_records, nearest
from cutline.tables.covariates import LEVELS, OPTIONAL_LEVELS, SAMPLES
from cutline.tables.layout import layouts
from cutline.tables.spec import Table

Study = Mapping[str, Any]
Part = Mapping[str, Any]
Faults = Iterator[str]
Uses = Iterator[tuple[str, str]]


def contradictions(study: Study, root: Path) -> list[str]:
    """Every contradiction in a study that fits its schema, one sentence each; `root` is the project's folder."""
    checks = (_unknown_names, _unfit_kinds, _unfit_variables, _unfit_criteria, _unfit_endpoints, _unfit_records,
              _impossible_dates, _time_only_limits, _unfit_report)  # fmt: skip
    return [*(fault for check in checks for fault in check(study)), *_absent_files(study, root)]


# ── names ────────────────────────────────────────────────────────────────────────────────────


def _kinds(study: Study) -> dict[str, str]:
    """The kind of every variable, the index date among them."""
    kinds = {name: str(variable["kind"]) for name, variable in study["variables"].items()}
    return kinds | ({INDEX_DATE: "date"} if INDEX_DATE in study else {})


def _unknown_names(study: Study) -> Faults:
    defined = (
        ("variable", sorted(_kinds(study)), _variable_uses(study)),
        ("endpoint", list(study["endpoints"]), _endpoint_uses(study)),
        ("code list", list(study.get("codelists", {})), _codelist_uses(study)),
    )
    for what, known, uses in defined:
        for place, name in uses:
            if name not in known:
                yield f"{place}: unknown {what} {name!r}{nearest(name, known)}"


def _variable_uses(study: Study) -> Uses:
    yield from (("baseline.variables", name) for name in study["baseline"]["variables"])
    yield from (("comparisons or baseline.by", name) for name in _groups(study))
    for endpoint, names in study["models"].items():
        yield from ((f"models.{endpoint}", name) for name in names)
    for criterion in study["criteria"]:
        names = [*criterion.get("exclude", {}), *criterion.get("require", {}), *criterion.get("require_known", [])]
        names += [criterion["require_in_window"]] if "require_in_window" in criterion else []
        yield from ((f"criteria.{criterion['id']}", name) for name in names)
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}", used) for used in _used_by(variable))


def _groups(study: Study) -> list[str]:
    comparisons = study.get("comparisons", {})
    named = [comparisons.get("main"), *comparisons.get("others", []), study["baseline"].get("by")]
    return list(dict.fromkeys(name for name in named if name))


DATES = ("anchor", "before", "from", "to")
"""The keys of a variable that name a date variable."""


def _used_by(variable: Part) -> list[str]:
    return [*(variable[key] for key in DATES if key in variable), *variable.get("inputs", [])]


def _endpoint_uses(study: Study) -> Uses:
    yield "follow_up_endpoint", study["follow_up_endpoint"]
    yield from (("models", endpoint) for endpoint in study["models"])


def _codelist_uses(study: Study) -> Uses:
    for name, variable in study["variables"].items():
        if "codelist" in variable:
            yield f"variables.{name}.codelist", variable["codelist"]
    if "safety" in study:
        yield "safety.codelist", study["safety"]["codelist"]


# ── kinds ────────────────────────────────────────────────────────────────────────────────────


def _unfit_kinds(study: Study) -> Faults:
    """A date in a model or in Table 1, a number as a comparison group, a category as a date."""
    kinds = _kinds(study)
    for name in _groups(study):
        if kinds.get(name, "categorical") != "categorical":
            yield f"comparisons: {name!r} is {kinds[name]}; groups need a categorical variable"
    measured = {"baseline.variables": study["baseline"]["variables"]}
    for place, names in (
        measured | {f"models.{endpoint}": names for endpoint, names in study["models"].items()}
    ).items():
        dates = [name for name in names if kinds.get(name) == "date"]
        yield from (f"{place}: {name!r} is a date; expected categorical or continuous variables" for name in dates)
    for place, name in _date_uses(study):
        if kinds.get(name, "date") != "date":
            yield f"{place}: {name!r} is {kinds[name]}; expected a date variable"


def _date_uses(study: Study) -> Uses:
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}.{key}", variable[key]) for key in DATES if key in variable)
    for criterion in study["criteria"]:
        if "require_in_window" in criterion:
            yield f"criteria.{criterion['id']}.require_in_window", criterion["require_in_window"]


# ── variables ────────────────────────────────────────────────────────────────────────────────

NEEDS: dict[str, tuple[str, ...]] = {
    "age": ("anchor",), "column": ("column",), "cut": ("inputs", "cut_points"), "exists": ("select", "before"),
    "interval": ("from", "to"), "record_date": ("select",), "record_value": ("select",), "subtype": ("inputs",),
    "within": ("from", "to", "days"),
}  # fmt: skip
"""The keys a kind of derivation cannot do without."""

GIVES = {"record_date": ("date",), "age": ("continuous",), "interval": ("continuous",),
         "record_value": ("categorical", "continuous"), "column": ("categorical", "continuous")}  # fmt: skip
"""The kinds of variable a derivation can give; those not listed give categories."""


def _unfit_variables(study: Study) -> Faults:
    for name, variable in study["variables"].items():
        checks = (_unfit_derivation, _unfit_levels, _unfit_selection, _unfit_cut)
        yield from (f"variables.{name}{fault}" for check in checks for fault in check(variable))
        yield from (f"variables.{name}{fault}" for fault in _unfit_inputs(variable, _kinds(study)))
    graph = {name: _used_by(variable) for name, variable in study["variables"].items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"variables: derived from themselves: {' from '.join(error.args[1])}"


def _unfit_derivation(variable: Part) -> Faults:
    derive = variable["derive"]
    absent = [key for key in NEEDS.get(derive, ()) if key not in variable]
    if absent:
        yield f": missing key(s) {', '.join(absent)}, which derive: {derive} needs"
    kinds = GIVES.get(derive, ("categorical",))
    if variable["kind"] not in kinds:
        yield f".kind: found {variable['kind']!r}, expected {' or '.join(kinds)}, which derive: {derive} gives"
    unit = variable.get("unit", "days")
    if derive == "interval" and unit not in ("days", "months"):
        yield f".unit: found {unit!r}, expected days or months"


def _unfit_levels(variable: Part) -> Faults:
    levels = list(variable.get("levels", {}))
    if variable["kind"] == "categorical" and not levels:
        yield ": a categorical variable needs levels"
        return
    derive = variable["derive"]
    absent = sorted(LEVELS.get(derive, set()) - set(levels))
    if absent:
        yield f".levels: missing {', '.join(absent)}, which derive: {derive} gives"
    known = LEVELS.get(derive, set(levels)) | OPTIONAL_LEVELS.get(derive, set())
    if never := [level for level in levels if level not in known]:
        given = ", ".join(sorted(known))
        yield f".levels: found {', '.join(never)}, which derive: {derive} never gives; it gives {given}"
    reference = variable.get("reference", levels[0] if levels else None)
    if reference is not None and reference not in levels:
        yield f".reference: {reference!r} is not one of its levels{nearest(reference, levels)}"
    for recorded, level in variable.get("values", {}).items():
        if level not in levels:
            yield f".values.{recorded}: {level!r} is not one of its levels{nearest(level, levels)}"


def _unfit_selection(variable: Part) -> Faults:
    derive, select = variable["derive"], variable.get("select", {})
    if derive == "exists" and "prefer" in select:
        yield ".select.prefer: only where one record is chosen; derive: exists asks for any. Use where"
    if derive == "record_value" and select and "value" not in select:
        yield ".select: missing key(s) value, which derive: record_value needs"
    if derive.startswith("receptor"):
        select = SAMPLES | select
        if select["table"] != SAMPLES["table"]:
            yield f".select.table: found {select['table']!r}, expected {SAMPLES['table']}, which holds receptor texts"
    elif derive not in ("record_date", "record_value"):
        return
    if _is_relative(select) and "anchor" not in variable:
        yield ": missing key(s) anchor, the date that its records are chosen by"


def _is_relative(select: Part) -> bool:
    """Whether which record is chosen depends on a date of the person."""
    return select.get("take") == "nearest" or "days_before" in select or "days_after" in select


def _unfit_cut(variable: Part) -> Faults:
    if variable["derive"] != "cut":
        return
    points, levels = variable.get("cut_points", []), variable.get("levels", {})
    if len(levels) != len(points) + 1 or points != sorted(points):
        yield (
            f".cut_points: found {len(points)} for {len(levels)} levels; "
            "expected rising cut points and one level more than those"
        )


def _unfit_inputs(variable: Part, kinds: Mapping[str, str]) -> Faults:
    expected = {"cut": (1, "continuous"), "subtype": (3, "categorical")}.get(variable["derive"])
    if expected is None or "inputs" not in variable:
        return
    number, kind = expected
    inputs = variable["inputs"]
    if len(inputs) != number:
        yield f".inputs: found {len(inputs)}, expected {number} for derive: {variable['derive']}"
    yield from (f".inputs: {name!r} is {kinds[name]}; expected {kind}" for name in inputs
                if kinds.get(name, kind) != kind)  # fmt: skip


# ── criteria ─────────────────────────────────────────────────────────────────────────────────

ASKS = ("exclude", "require", "require_known", "require_known_columns", "require_records", "require_in_window")
WRITTEN = {"continuous": (r"-?(0|[1-9]\d*)(\.\d*[1-9])?", "a number as 10 or 2.5"),
           "date": (r"\d{4}-\d{2}-\d{2}", "a date as YYYY-MM-DD")}  # fmt: skip
"""How the values of a variable without levels are written where a criterion names them, and that in words."""


def _unfit_criteria(study: Study) -> Faults:
    for name, count in Counter(criterion["id"] for criterion in study["criteria"]).items():
        if count > 1:
            yield f"criteria.{name}: {count} criteria have this id; expected one, since it names their result"
    for criterion in study["criteria"]:
        place = f"criteria.{criterion['id']}"
        if not set(ASKS) & set(criterion):
            yield f"{place}: asks nothing; expected one of {', '.join(ASKS)}"
        if "require_in_window" in criterion and "window" not in study:
            yield f"{place}.require_in_window: the study has no window; add one or leave this criterion out"
        for key in ("exclude", "require"):
            for name, values in criterion.get(key, {}).items():
                yield from _unknown_levels(f"{place}.{key}.{name}", study["variables"].get(name, {}), values)


def _unknown_levels(place: str, variable: Part, values: list[str]) -> Faults:
    levels, kind = list(variable.get("levels", {})), variable.get("kind")
    for value in values:
        if kind == "categorical" and value not in levels:
            yield f"{place}: {value!r} is not one of its levels{nearest(value, levels)}"
        elif kind in WRITTEN and not re.fullmatch(WRITTEN[kind][0], value):
            yield f"{place}: found {value!r}, expected {WRITTEN[kind][1]}"


# ── endpoints ────────────────────────────────────────────────────────────────────────────────


def _unfit_endpoints(study: Study) -> Faults:
    for name, endpoint in study["endpoints"].items():
        place = f"endpoints.{name}"
        expected = ["columns"] if study.get("time_only") else ["events", "censoring"]
        found = [key for key in ("columns", "events", "censoring") if key in endpoint]
        if sorted(found) != sorted(expected):
            study_kind = "durations and no dates (time_only)" if study.get("time_only") else "dates"
            yield (
                f"{place}: found {' and '.join(found) or 'neither columns nor events'}, "
                f"expected {' and '.join(expected)} in a study with {study_kind}"
            )
        if endpoint.get("start", INDEX_DATE) != INDEX_DATE:
            yield f"{place}.start: found {endpoint['start']!r}, expected {INDEX_DATE}"
        for key, ways in (("events", ["table"]), ("censoring", ["table", "latest_of", "at"])):
            for number, rule in enumerate(endpoint.get(key, [])):
                yield from _unfit_rule(f"{place}.{key}.{number}", rule, ways)
        yield from _short_follow_up(place, endpoint, study["source"]["tables"])


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


# ── records ──────────────────────────────────────────────────────────────────────────────────


def _unfit_records(study: Study) -> Faults:
    """Tables, columns and recorded values that no record can have."""
    listed = study["source"]["tables"]
    persons = [name for name in ("patients", "subjects") if name in listed]
    if len(persons) != 1:
        yield f"source.tables: found {' and '.join(persons) or 'no table of persons'}, expected patients or subjects"
    try:
        tables = {name: layout.table for name, layout in layouts(study["source"]).items()}
    except ConfigError as error:
        yield str(error)
        tables = {}
    for place, select in _selections(study):
        if select["table"] not in listed:
            yield f"{place}: table {select['table']!r} is not in source.tables{nearest(select['table'], list(listed))}"
        elif tables:
            yield from _unfit_columns(place, select, tables[select["table"]])


def _selections(study: Study) -> Iterator[tuple[str, Part]]:
    """Every place that reads records: the table, and the columns it names as where, date or value."""
    if INDEX_DATE in study:
        yield "index_date.select", study[INDEX_DATE]["select"]
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}{key}", select) for key, select in _selections_of(variable))
    for criterion in study["criteria"]:
        place = f"criteria.{criterion['id']}"
        yield from ((f"{place}.require_records", {"table": table}) for table in criterion.get("require_records", []))
        columns = criterion.get("require_known_columns", [])
        yield from ((f"{place}.require_known_columns", {"table": "subjects", "value": name}) for name in columns)
    yield from endpoint_records(study)
    if "response" in study:
        yield "response", study["response"]
    if "safety" in study:
        yield "safety.table", {"table": study["safety"]["table"], "date": "onset_date", "value": "term"}
        yield "safety.drugs", {"table": "treatments", "where": study["safety"]["drugs"]}


def _selections_of(variable: Part) -> Iterator[tuple[str, Part]]:
    derive = variable["derive"]
    if "select" in variable:
        yield ".select", variable["select"]
    elif derive.startswith("receptor"):
        yield "", SAMPLES
    if derive == "age" and "from" not in variable:
        yield "", {"table": "patients", "value": "birth_date"}
    if derive == "column" and "column" in variable:
        recorded = {variable["column"]: list(variable.get("values", {}))}
        yield ".column", {"table": "subjects", "value": variable["column"], "where": recorded}


def _unfit_columns(place: str, select: Part, table: Table) -> Faults:
    where = {**select.get("where", {}), **select.get("prefer", {})}
    for name in dict.fromkeys([*where, *(select[key] for key in ("date", "value") if key in select)]):
        if name not in table.names:
            yield f"{place}: table {table.name} has no column {name!r}{nearest(name, table.names)}"
    date = select.get("date")
    if date in table.names and table.column(date).kind != "date":
        yield f"{place}: column {date!r} of {table.name} is of kind {table.column(date).kind}, expected a date"
    for name, values in where.items():
        allowed = table.column(name).allowed if name in table.names else ()
        known = {value.casefold() for value in allowed}
        for value in values:
            if allowed and not value.endswith("*") and value.casefold() not in known:
                yield f"{place}: {name} is never {value!r} in {table.name}{nearest(value, list(allowed))}"


# ── dates, files, report ─────────────────────────────────────────────────────────────────────


def _impossible_dates(study: Study) -> Faults:
    window = study.get("window")
    if window and window["end"] < window["start"]:
        yield f"window: it ends ({window['end']}) before it starts ({window['start']})"
    if window and study["data_cutoff"] < window["start"]:
        yield (
            f"data_cutoff: found {study['data_cutoff']}, which is before the study window starts ({window['start']}), "
            "so nobody could be included; move the cut-off or the window"
        )


def _time_only_limits(study: Study) -> Faults:
    if not study.get("time_only"):
        if INDEX_DATE not in study:
            yield "index_date: missing; a study with dates needs its time zero"
        elif _is_relative(study[INDEX_DATE]["select"]):
            yield "index_date.select: nothing comes before time zero to be near to; take the first or the last record"
        return
    if study["known_by"] != study["data_cutoff"]:
        yield "known_by: this study holds durations and no dates, so what was known by a day cannot be told"
    for section in ("response", "safety", INDEX_DATE):
        if section in study:
            yield f"{section}: this study holds durations and no dates (time_only), and this rests on dates"


def _unfit_report(study: Study) -> Faults:
    profile = study["report"].get("profile", BUILT[0])
    if profile not in BUILT:
        yield (
            f"report.profile: {profile!r} is not built yet, so nothing would be released. "
            f"Expected {' or '.join(BUILT)}, whose results stay within the study group. Set report.profile: internal."
        )


def _absent_files(study: Study, root: Path) -> Faults:
    for name, path in study.get("codelists", {}).items():
        if not (root / path).is_file():
            yield f"codelists.{name}: {path} does not exist"
        else:
            yield from _absent_columns(f"codelists.{name}", root / path, _targets(study, name))
    folders = sorted(path.name for path in (root / "reports" / "sections").glob("*") if path.is_dir())
    if study["report"]["sections"] not in folders:
        sections = study["report"]["sections"]
        yield f"report.sections: no folder reports/sections/{sections}{nearest(sections, folders)}"


def _targets(study: Study, codelist: str) -> list[str]:
    """The columns of a code list that the study uses."""
    uses = [place for place, name in _codelist_uses(study) if name == codelist]
    return sorted({"recorded", *("term" if place == "safety.codelist" else "level" for place in uses)})


def _absent_columns(place: str, path: Path, columns: list[str]) -> Faults:
    with path.open(encoding="utf-8", newline="") as file:
        found = next(csv.reader(file), [])
    absent = [column for column in columns if column not in found]
    if absent:
        yield f"{place}: {path.name} has no column(s) {', '.join(absent)}; found: {', '.join(found) or 'nothing'}"
