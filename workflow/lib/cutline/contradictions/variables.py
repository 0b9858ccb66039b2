"""Variables: what their kind of derivation needs and gives, their levels, and what they are derived from."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from cutline.configuration import nearest
from cutline.contradictions.parts import Faults, Part, Study, dates_and_inputs, is_relative, kinds_of
from cutline.tables.covariates import INDEX_DATE, LEVELS, OPTIONAL_LEVELS, SAMPLES, anchor_of

NEEDS: dict[str, tuple[str, ...]] = {
    "age": ("anchor",), "any_of": ("select", "of"), "column": ("column",), "count": ("select",),
    "course_end": ("select", "days"), "cut": ("inputs", "cut_points"),
    "dose_intensity": ("select", "from", "to", "planned_mg"), "exists": ("select",), "interval": ("from", "to"),
    "joined": ("select",), "only_of": ("select", "of"), "record_date": ("select",), "record_value": ("select",),
    "subtype": ("inputs",), "under_way": ("select", "anchor"), "within": ("from", "to", "days"),
}  # fmt: skip
"""The keys a kind of derivation cannot do without."""

WITH_VALUE = ("record_value", "joined", "dose_intensity", "any_of", "only_of")
"""The kinds of derivation that take a value from records."""

FROM_SEVERAL = ("exists", "count", "any_of", "only_of")
"""The kinds of derivation that choose no one record."""

GIVES = {"record_date": ("date",), "course_end": ("date",), "count": ("continuous",), "joined": ("text",),
         "dose_intensity": ("continuous",), "age": ("continuous",), "interval": ("continuous",),
         "record_value": ("categorical", "continuous"), "column": ("categorical", "continuous")}  # fmt: skip
"""The kinds of variable a derivation can give; those not listed give categories."""

TIMED = ("anchor", "before", "after")
"""The keys that say when a fact held; one between two dates, or from other facts, has its time from them."""


def unfit_variables(study: Study) -> Faults:
    """Every contradiction within one variable, and variables that are derived from themselves."""
    for name, variable in study["variables"].items():
        checks = (_unfit_derivation, _unfit_levels, _unfit_selection, _unfit_cut)
        yield from (f"variables.{name}{fault}" for check in checks for fault in check(variable))
        yield from (f"variables.{name}{fault}" for fault in _unfit_inputs(variable, kinds_of(study)))
    graph = {name: dates_and_inputs(variable) for name, variable in study["variables"].items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"variables: derived from themselves: {' from '.join(error.args[1])}"


def unfit_text(study: Study) -> Faults:
    """A characteristic of the text that Table 1 does not show."""
    for name in study["baseline"].get("in_text", []):
        if name not in study["baseline"]["variables"]:
            yield f"baseline.in_text: {name!r} is not among baseline.variables, which Table 1 shows"


def untimed(study: Study) -> Faults:
    """A baseline variable of which nobody could say of which day it is; a column of a row per person has no day."""
    for name in study["baseline"]["variables"] if INDEX_DATE in study else []:
        variable = study["variables"].get(name, {"derive": "column"})
        if variable["derive"] != "column" and anchor_of(study["variables"], name) is None:
            yield f"variables.{name}.anchor: missing; a baseline variable names the date variable that it is timed by"


# ── one variable ─────────────────────────────────────────────────────────────────────────────


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
    if is_relative(select) and "anchor" not in variable:
        yield ": missing key(s) anchor, the date that its records are chosen by"


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
