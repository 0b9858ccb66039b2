"""Names that nothing defines, and names of things of another kind than their place asks for."""

from __future__ import annotations

from cutline.configuration import nearest
from cutline.contradictions.criteria import date_uses, variable_uses
from cutline.contradictions.parts import (
    DATES,
    Faults,
    Study,
    Uses,
    codelist_uses,
    dates_and_inputs,
    groups_of,
    kinds_of,
)
from cutline.groups import grouping


def unknown_names(study: Study) -> Faults:
    """Variables, endpoints and code lists that are used and defined nowhere."""
    defined = (
        ("variable", sorted(kinds_of(study)), _variable_uses(study)),
        ("endpoint", list(study["endpoints"]), _endpoint_uses(study)),
        ("code list", list(study.get("codelists", {})), codelist_uses(study)),
    )
    for what, known, uses in defined:
        for place, name in uses:
            if name not in known:
                yield f"{place}: unknown {what} {name!r}{nearest(name, known)}"


def _variable_uses(study: Study) -> Uses:
    yield from (("baseline.variables", name) for name in study["baseline"]["variables"])
    yield from (("comparisons or baseline.by", name) for name in groups_of(study))
    yield from (("comparisons.strata", name) for name in study.get("comparisons", {}).get("strata", []))
    yield from (("response.by", name) for name in grouping(study, "response"))
    yield from (("safety.by", name) for name in grouping(study, "safety"))
    yield from (("selection.variables", name) for name in study.get("selection", {}).get("variables", []))
    for endpoint, names in study["models"].items():
        yield from ((f"models.{endpoint}", name) for name in names)
    for endpoint, names in study.get("model_strata", {}).items():
        yield from ((f"models.{endpoint}.strata", name) for name in names)
    yield from variable_uses(study)
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}", used) for used in dates_and_inputs(variable))
    for number, query in enumerate(study.get("queries", [])):
        yield from ((f"queries.{number}", name) for name in [query["about"], *query["where"]])


def _endpoint_uses(study: Study) -> Uses:
    yield "follow_up_endpoint", study["follow_up_endpoint"]
    yield from (("models", endpoint) for endpoint in study["models"])


# ── kinds ────────────────────────────────────────────────────────────────────────────────────


def unfit_kinds(study: Study) -> Faults:
    """A date in a model or in Table 1, a number as a comparison group, a category as a date."""
    kinds = kinds_of(study)
    groups = [("comparisons", name) for name in (*groups_of(study), *study.get("comparisons", {}).get("strata", []))]
    groups += [("response.by", name) for name in grouping(study, "response")]
    for place, name in [*groups, *(("safety.by", name) for name in grouping(study, "safety"))]:
        if kinds.get(name, "categorical") != "categorical":
            yield f"{place}: {name!r} is {kinds[name]}; groups need a categorical variable"
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


TESTS_OF_A_MODEL = ("likelihood_ratio", "overall", "score", "wald", "zph")
"""Names in the keys of a model's results, where variables and levels have their names too."""


def unfit_models(study: Study) -> Faults:
    """A stratum that is no category or is a covariate too, and names that a model's tests have in the results' keys."""
    kinds = kinds_of(study)
    for endpoint, names in study.get("model_strata", {}).items():
        for name in names:
            if kinds.get(name, "categorical") != "categorical":
                yield f"models.{endpoint}.strata: {name!r} is {kinds[name]}; strata need a categorical variable"
            if name in study["models"][endpoint]:
                yield f"models.{endpoint}.strata: {name!r} is a covariate of this model too; expected one of the two"
    modelled = dict.fromkeys(name for names in study["models"].values() for name in names)
    for name in modelled:
        levels = study["variables"].get(name, {}).get("levels", {})
        for place, used in ((f"variables.{name}", name), *((f"variables.{name}.levels", level) for level in levels)):
            if used in TESTS_OF_A_MODEL:
                yield f"{place}: {used!r} is the name of a test in the results' keys; choose another id"


def unfit_tests(study: Study) -> Faults:
    """Welch's t test compares two groups."""
    baseline = study["baseline"]
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
