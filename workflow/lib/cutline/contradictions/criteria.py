"""What a schema cannot see in criteria: names, kinds, levels and bounds that do not fit, and what unknown does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cutline.configuration import nearest, parse_date
from cutline.contradictions.parts import Faults, Part, Study, Uses
from cutline.expressions import (
    AS_MISSING,
    EXCLUDE,
    IN_WINDOW,
    INCLUDE,
    KNOWN_COLUMNS,
    QUERY,
    RECORDS,
    REQUIRE,
    RESERVED,
    Condition,
    Criterion,
    asked_by,
    conditions,
    every_criterion,
    may_be_unknown,
    names_a_variable,
)
from cutline.tables.covariates import INDEX_DATE

STATUSES = ("included", "excluded", "pending")
"""What a person can be; a criterion called so could not be told from it."""
WRITTEN = {"continuous": (r"-?(0|[1-9]\d*)(\.\d*[1-9])?", "a number as 10 or 2.5"),
           "date": (r"\d{4}-\d{2}-\d{2}", "a date as YYYY-MM-DD")}  # fmt: skip
"""How the values of a variable without levels are written where a criterion lists them, and that in words."""


def unfit_criteria(study: Study) -> Faults:
    """Every contradiction in the criteria and in the what-if variants of a study that fits its schema."""
    yield from _reserved_variables(study)
    yield from _twice("criteria", [criterion["id"] for criterion in study["criteria"]])
    for place, criterion in every_criterion(study):
        yield from _unfit_criterion(place, criterion)
    for place, condition in _asked(study):
        yield from _unfit_condition(place, condition, study)
    yield from _unfit_variants(study)


def variable_uses(study: Study) -> Uses:
    """Every variable that a criterion names within a condition, with its place; those it begins with are asked here."""
    for place, condition in _asked(study):
        named = condition.variables if condition.word in RESERVED else condition.compared_with
        yield from ((place, name) for name in named)


def date_uses(study: Study) -> Uses:
    """Every variable of which a criterion needs a date, with its place."""
    for place, condition in _asked(study):
        if condition.word in (IN_WINDOW, RECORDS):
            yield from ((place, name) for name in condition.variables)
        yield from ((place, name) for name in condition.compared_with)


def record_selections(study: Study) -> Iterator[tuple[str, Part]]:
    """Every place of a criterion that reads records: the table, and the columns it names."""
    for place, condition in _asked(study):
        if condition.word == RECORDS:
            yield place, condition.asked
        elif condition.word == KNOWN_COLUMNS:
            yield from ((place, {"table": "subjects", "value": name}) for name in condition.asked)


def _asked(study: Study) -> Iterator[tuple[str, Condition]]:
    """Every condition of every criterion that asks in one way, with its place in study.yaml."""
    for place, criterion in every_criterion(study):
        if (REQUIRE in criterion) != (EXCLUDE in criterion):
            side = REQUIRE if REQUIRE in criterion else EXCLUDE
            yield from ((f"{place}.{side}.{each.place}", each) for each in conditions(asked_by(criterion)))


# ── criteria ─────────────────────────────────────────────────────────────────────────────────


def _reserved_variables(study: Study) -> Faults:
    for name in study["variables"]:
        if name in RESERVED:
            yield f"variables.{name}: this word belongs to the language of criteria; give the variable another name"


def _twice(place: str, ids: Iterable[str]) -> Faults:
    for name, count in Counter(ids).items():
        if count > 1:
            yield f"{place}.{name}: {count} have this id; expected one, since it names their result"


def _unfit_criterion(place: str, criterion: Criterion) -> Faults:
    if criterion["id"] in STATUSES:
        yield f"{place}: a criterion cannot be called {criterion['id']}, which is what a person can be; rename it"
    found = [side for side in (REQUIRE, EXCLUDE) if side in criterion]
    if len(found) != 1:
        yield f"{place}: found {' and '.join(found) or 'neither'}, expected exactly one of require and exclude"
    elif may_be_unknown(criterion) and "unknown" not in criterion:
        yield (
            f"{place}.unknown: missing; the answer can be unknown, so say what that does: "
            f"{AS_MISSING}, {INCLUDE} or {QUERY}"
        )


def _unfit_condition(place: str, condition: Condition, study: Study) -> Faults:
    known = [*study["variables"], *([INDEX_DATE] if INDEX_DATE in study else []), *RESERVED]
    if condition.word not in known:
        yield f"{place}: unknown variable {condition.word!r}{nearest(condition.word, known)}"
    if condition.word == IN_WINDOW and "window" not in study:
        yield f"{place}: the study has no window; add one or leave this out"
    elif condition.word == RECORDS:
        yield from _unfit_records(place, condition.asked)
    elif condition.word not in RESERVED:
        variable = {"kind": "date"} if condition.word == INDEX_DATE else study["variables"].get(condition.word, {})
        unfit = _unfit_bounds if isinstance(condition.asked, Mapping) else unfit_levels
        yield from unfit(place, variable, condition.asked)


def unfit_levels(place: str, variable: Part, values: Sequence[str]) -> Faults:
    """Values that a variable never has, or not as written."""
    levels, kind = list(variable.get("levels", {})), variable.get("kind")
    for value in values:
        if kind == "categorical" and value not in levels:
            yield f"{place}: {value!r} is not one of its levels{nearest(value, levels)}"
        elif kind in WRITTEN and not re.fullmatch(WRITTEN[kind][0], value):
            yield f"{place}: found {value!r}, expected {WRITTEN[kind][1]}"


def _unfit_bounds(place: str, variable: Part, bounds: Mapping[str, str]) -> Faults:
    match variable.get("kind"):
        case "categorical":
            yield f"{place}: it has levels and cannot be compared; expected a list of its levels"
        case "continuous":
            for word, bound in bounds.items():
                if not re.fullmatch(r"-?\d+(\.\d+)?", bound):
                    yield f"{place}.{word}: found {bound!r}, expected a number"
        case "date":
            yield from (fault for word, bound in bounds.items() for fault in _unfit_day(f"{place}.{word}", bound))


def _unfit_day(place: str, bound: str) -> Faults:
    if names_a_variable(bound):
        return
    try:
        parse_date(bound)
    except ValueError:
        yield f"{place}: found {bound!r}, expected a real date as YYYY-MM-DD, or the name of a date variable"


def _unfit_records(place: str, asked: Part) -> Faults:
    """A window needs a date to lie about, and that date a window; some number of records must fit."""
    bounded = [key for key in ("days_before", "days_after") if key in asked]
    if bounded and "of" not in asked:
        yield f"{place}: missing key(s) of, the date variable that {' and '.join(bounded)} are counted from"
    if "of" in asked and not bounded:
        yield f"{place}: missing key(s) days_before or days_after, so that the window about {asked['of']} has an end"
    if "of" in asked and "date" not in asked:
        yield f"{place}: missing key(s) date, the column that dates the records of {asked['table']}"
    if len(bounded) == 2 and asked["days_before"] + asked["days_after"] < 0:
        yield f"{place}: the window ends before it starts (days_before and days_after); no record can lie in it"
    if asked.get("at_most", asked.get("at_least", 0)) < asked.get("at_least", 0):
        yield f"{place}: no number is at least {asked['at_least']} and at most {asked['at_most']}"


# ── what-if variants ─────────────────────────────────────────────────────────────────────────


def _unfit_variants(study: Study) -> Faults:
    variants = study.get("what_if", [])
    yield from _twice("what_if", [variant["id"] for variant in variants])
    known = [criterion["id"] for criterion in study["criteria"]]
    for variant in variants:
        place = f"what_if.{variant['id']}"
        if not {"with", "without"} & set(variant):
            yield f"{place}: found neither with nor without, so nothing is varied; expected one of them"
        for name in variant.get("without", []):
            if name not in known:
                yield f"{place}.without: unknown criterion {name!r}{nearest(name, known)}"
        yield from _twice(f"{place}.with", [criterion["id"] for criterion in variant.get("with", [])])
        for name in [each["id"] for each in variant.get("with", []) if each["id"] in variant.get("without", [])]:
            yield f"{place}: {name} is in with and in without; a criterion in with replaces its namesake"
