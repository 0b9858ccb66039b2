"""What the schema of a study cannot see: names that nothing defines, parts that do not fit together.

Each check is a generator of sentences: the place, what was found, what was expected. They all run before the first
job, so that a mistake costs a second and not the time until the rule that stumbles over it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from cutline.disclosure import BUILT
from cutline.errors import ConfigError
from cutline.study import AFTER_THE_COHORT, INDEX_DATE, convention_records, derived_tables, endpoint_records, nearest
from cutline.tables.covariates import LEVELS, OPTIONAL_LEVELS, SAMPLES, anchor_of
from cutline.tables.imaging import ASSESSMENTS
from cutline.tables.layout import layouts
from cutline.tables.lines import LINES
from cutline.tables.response import VISITS
from cutline.tables.spec import Table
from cutline.unfit_criteria import date_uses, record_selections, unfit_criteria, variable_uses
from cutline.unfit_endpoints import unfit_endpoints
from cutline.unfit_lines import unfit_lines, unfit_queries

Study = Mapping[str, Any]
Part = Mapping[str, Any]
Faults = Iterator[str]
Uses = Iterator[tuple[str, str]]


def contradictions(study: Study, root: Path) -> list[str]:
    """Every contradiction in a study that fits its schema, one sentence each; `root` is the project's folder."""
    checks = (_unknown_names, _unfit_kinds, _unfit_baseline_rows, unfit_lines, _unfit_variables, _untimed,
              unfit_queries, unfit_criteria, unfit_endpoints, _unfit_records, _unfit_partial_dates, _impossible_dates,
              _time_only_limits, _unfit_response, _unfit_report)  # fmt: skip
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
    yield from (("selection.variables", name) for name in study.get("selection", {}).get("variables", []))
    for endpoint, names in study["models"].items():
        yield from ((f"models.{endpoint}", name) for name in names)
    yield from variable_uses(study)
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}", used) for used in _used_by(variable))
    for number, query in enumerate(study.get("queries", [])):
        yield from ((f"queries.{number}", name) for name in [query["about"], *query["where"]])


def _groups(study: Study) -> list[str]:
    comparisons = study.get("comparisons", {})
    named = [comparisons.get("main"), *comparisons.get("others", []), *study["baseline"].get("by", [])]
    return list(dict.fromkeys(name for name in named if name))


DATES = ("anchor", "before", "after", "from", "to")
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
    measured = {
        "baseline.variables": study["baseline"]["variables"],
        "selection.variables": study.get("selection", {}).get("variables", []),
    }
    for place, names in (
        measured | {f"models.{endpoint}": names for endpoint, names in study["models"].items()}
    ).items():
        for name in names:
            if kinds.get(name) in ("date", "text"):
                yield f"{place}: {name!r} is a {kinds[name]}; expected categorical or continuous variables"
    for place, name in _date_uses(study):
        if kinds.get(name, "date") != "date":
            yield f"{place}: {name!r} is {kinds[name]}; expected a date variable"


def _unfit_baseline_rows(study: Study) -> Faults:
    """The text tells of what Table 1 shows; Welch's t test compares two groups."""
    baseline = study["baseline"]
    for name in baseline.get("in_text", []):
        if name not in baseline["variables"]:
            yield f"baseline.in_text: {name!r} is not among baseline.variables, which Table 1 shows"
    if baseline.get("continuous_test") != "welch":
        return
    for name in baseline.get("by", []):
        levels = study["variables"].get(name, {}).get("levels", {})
        if len(levels) > 2:
            yield f"baseline.continuous_test: welch compares two groups, and {name!r} has {len(levels)}; take rank"


def _date_uses(study: Study) -> Uses:
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}.{key}", variable[key]) for key in DATES if key in variable)
    yield from date_uses(study)


# ── variables ────────────────────────────────────────────────────────────────────────────────

NEEDS: dict[str, tuple[str, ...]] = {
    "age": ("anchor",), "any_of": ("select", "of"), "column": ("column",), "count": ("select",),
    "course_end": ("select", "days"), "cut": ("inputs", "cut_points"),
    "dose_intensity": ("select", "from", "to", "planned_mg"), "exists": ("select",), "interval": ("from", "to"),
    "joined": ("select",), "only_of": ("select", "of"), "record_date": ("select",), "record_value": ("select",),
    "subtype": ("inputs",), "under_way": ("select", "anchor"), "within": ("from", "to", "days"),
}  # fmt: skip
"""The keys a kind of derivation cannot do without."""

DERIVED: dict[str, Table] = {LINES.name: LINES, VISITS.name: VISITS}
"""Derived tables that records can be selected from."""

WITH_STOP = ("under_way", "course_end", "dose_intensity")
"""The kinds of derivation that need to know when a record's drug stopped."""

WITH_VALUE = ("record_value", "joined", "dose_intensity", "any_of", "only_of")
"""The kinds of derivation that take a value from records."""

FROM_SEVERAL = ("exists", "count", "any_of", "only_of")
"""The kinds of derivation that choose no one record."""

GIVES = {"record_date": ("date",), "course_end": ("date",), "count": ("continuous",), "joined": ("text",),
         "dose_intensity": ("continuous",), "age": ("continuous",), "interval": ("continuous",),
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


def _untimed(study: Study) -> Faults:
    """A baseline variable of which nobody could say of which day it is; a column of a row per person has no day."""
    for name in study["baseline"]["variables"] if INDEX_DATE in study else []:
        variable = study["variables"].get(name, {"derive": "column"})
        if variable["derive"] != "column" and anchor_of(study["variables"], name) is None:
            yield f"variables.{name}.anchor: missing; a baseline variable names the date variable that it is timed by"


def _unfit_derivation(variable: Part) -> Faults:
    derive = variable["derive"]
    absent = [key for key in NEEDS.get(derive, ()) if key not in variable]
    if absent:
        yield f": missing key(s) {', '.join(absent)}, which derive: {derive} needs"
    kinds = GIVES.get(derive, ("categorical",))
    if variable["kind"] not in kinds:
        yield f".kind: found {variable['kind']!r}, expected {' or '.join(kinds)}, which derive: {derive} gives"
    if derive in ("exists", "joined") and not {"before", "after"} & set(variable):
        yield f": missing key(s) before or after, the date that derive: {derive} counts records from"
    if derive in ("count", "any_of", "only_of") and not set(TIMED) & set(variable):
        yield f": missing key(s) before, after or anchor, the date that derive: {derive} counts records about"
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
    if variable["kind"] == "categorical" and variable.get("otherwise", levels[0]) not in levels:
        yield f".otherwise: {variable['otherwise']!r} is not one of its levels{nearest(variable['otherwise'], levels)}"
    for recorded, level in variable.get("values", {}).items():
        if level not in levels:
            yield f".values.{recorded}: {level!r} is not one of its levels{nearest(level, levels)}"


TIMED = ("anchor", "before", "after")
"""The keys that say when a fact held; one between two dates, or from other facts, has its time from them."""


def _unfit_baseline(study: Study) -> Faults:
    for name in study["baseline"]["variables"]:
        variable = study["variables"].get(name, {"derive": ""})
        from_records = variable["derive"] in ("record_value",) or variable["derive"].startswith("receptor")
        if from_records and not set(TIMED) & set(variable):
            yield f"variables.{name}: missing key(s) anchor, the date it is timed by, which Table 1 needs"


def _unfit_selection(variable: Part) -> Faults:
    derive, select = variable["derive"], variable.get("select", {})
    if derive in FROM_SEVERAL and "prefer" in select:
        yield f".select.prefer: only where one record is chosen; derive: {derive} asks for any. Use where"
    if derive in WITH_VALUE and select and "value" not in select:
        yield f".select: missing key(s) value, which derive: {derive} needs"
    if derive.startswith("receptor"):
        select = SAMPLES | select
        if select["table"] != SAMPLES["table"]:
            yield f".select.table: found {select['table']!r}, expected {SAMPLES['table']}, which holds receptor texts"
    elif derive not in ("record_date", "record_value", "course_end", "count", "any_of", "only_of"):
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


# ── records ──────────────────────────────────────────────────────────────────────────────────


AFTER_COHORT_PLACES = ("endpoints.", "conventions.", "progression_anchors.")


def _unfit_records(study: Study) -> Faults:
    """Tables, columns and recorded values that no record can have."""
    listed = [*study["source"]["tables"], *derived_tables(study)]
    persons = [name for name in ("patients", "subjects") if name in listed]
    if len(persons) != 1:
        yield f"source.tables: found {' and '.join(persons) or 'no table of persons'}, expected patients or subjects"
    try:
        tables = {name: layout.table for name, layout in layouts(study["source"]).items()} | DERIVED
    except ConfigError as error:
        yield str(error)
        tables = {}
    for place, select in _selections(study):
        if select["table"] in AFTER_THE_COHORT and not place.startswith(AFTER_COHORT_PLACES):
            yield f"{place}: table {select['table']!r} is derived after the cohort; only endpoints can select from it"
        elif select["table"] not in listed:
            yield f"{place}: table {select['table']!r} is not in source.tables{nearest(select['table'], listed)}"
        elif tables:
            yield from _unfit_columns(place, select, tables[select["table"]])


def _unfit_partial_dates(study: Study) -> Faults:
    try:
        tables = {name: layout.table for name, layout in layouts(study["source"]).items()}
    except ConfigError:
        return  # `_unfit_records` says it
    dates = [
        f"{name}.{column.name}" for name, table in tables.items() for column in table.columns if column.kind == "date"
    ]
    for name in study["source"].get("partial_dates", {}):
        if name not in dates:
            yield f"source.partial_dates: {name!r} is no date of the records{nearest(name, dates)}"


def _selections(study: Study) -> Iterator[tuple[str, Part]]:
    """Every place that reads records: the table, and the columns it names as where, date or value."""
    if INDEX_DATE in study:
        yield "index_date.select", study[INDEX_DATE]["select"]
    if "lines" in study:
        yield "lines.metastasis", study["lines"]["metastasis"]
        yield from ((f"lines.drugs.{name}", {"table": "treatments"}) for name in study["lines"]["drugs"])
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}{key}", select) for key, select in _selections_of(variable))
    yield from record_selections(study)
    yield from endpoint_records(study)
    yield from convention_records(study)
    if "response" in study:
        yield "response", study["response"]
        if "new_therapy" in study["response"]:
            yield "response.new_therapy", study["response"]["new_therapy"]
    if "safety" in study:
        yield "safety.table", {"table": study["safety"]["table"], "date": "onset_date", "value": "term"}
        yield "safety.drugs", {"table": "treatments", "where": study["safety"]["drugs"]}


def _selections_of(variable: Part) -> Iterator[tuple[str, Part]]:
    derive = variable["derive"]
    if "select" in variable:
        needs_stop = {"until": "stop_date"} if derive in WITH_STOP else {}
        counted = {"value": variable["distinct"]} if "distinct" in variable else {}
        yield ".select", variable["select"] | needs_stop | counted
    elif derive.startswith("receptor"):
        yield "", SAMPLES
    if derive == "age" and "from" not in variable:
        yield "", {"table": "patients", "value": "birth_date"}
    if derive == "column" and "column" in variable:
        recorded = {variable["column"]: list(variable.get("values", {}))}
        yield ".column", {"table": "subjects", "value": variable["column"], "where": recorded}


def _unfit_columns(place: str, select: Part, table: Table) -> Faults:
    where = {**select.get("where", {}), **select.get("prefer", {})}
    for name in dict.fromkeys([*where, *(select[key] for key in ("date", "value", "until") if key in select)]):
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


def _unfit_response(study: Study) -> Faults:
    rules = study.get("response", {})
    least, benefit = rules.get("minimum_stable_days", 0), rules.get("clinical_benefit_days", 0)
    if benefit < least:
        yield (
            f"response.clinical_benefit_days: found {benefit}, expected at least the {least} days of "
            "minimum_stable_days; otherwise benefit would be less than stable disease"
        )
    if rules.get("overall") == "derived" and rules["table"] != ASSESSMENTS.name:
        yield (
            f"response.overall: derived needs measurements, which are in table {ASSESSMENTS.name}; found table "
            f"{rules['table']!r}. Name that table, or set response.overall: recorded"
        )


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
            yield from _absent_values(study, name, root / path)
    folders = sorted(path.name for path in (root / "reports" / "sections").glob("*") if path.is_dir())
    if study["report"]["sections"] not in folders:
        sections = study["report"]["sections"]
        yield f"report.sections: no folder reports/sections/{sections}{nearest(sections, folders)}"


def _targets(study: Study, codelist: str) -> list[str]:
    """The columns of a code list that the study uses."""
    uses = [place for place, name in _codelist_uses(study) if name == codelist]
    return sorted({"recorded", *("term" if place == "safety.codelist" else "level" for place in uses)})


def _absent_values(study: Study, codelist: str, path: Path) -> Faults:
    """A value that a variable asks for and its code list never gives."""
    with path.open(encoding="utf-8", newline="") as file:
        given = sorted({row["level"] for row in csv.DictReader(file) if row.get("level")})
    for name, variable in study["variables"].items():
        if variable.get("codelist") == codelist:
            absent = [value for value in variable.get("of", []) if value not in given]
            yield from (
                f"variables.{name}.of: {path.name} never gives {value!r}{nearest(value, given)}" for value in absent
            )


def _absent_columns(place: str, path: Path, columns: list[str]) -> Faults:
    with path.open(encoding="utf-8", newline="") as file:
        found = next(csv.reader(file), [])
    absent = [column for column in columns if column not in found]
    if absent:
        yield f"{place}: {path.name} has no column(s) {', '.join(absent)}; found: {', '.join(found) or 'nothing'}"
