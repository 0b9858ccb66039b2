"""The part of tables.R that is the study's own: one call per variable, endpoint, comparison and model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cutline.exports.plan import Plan, Variable, compared
from cutline.response import BEST_FIRST, DISEASE_CONTROL, OBJECTIVE_RESPONSE, SLUGS

Settings = Mapping[str, Any]
Lines = Iterator[str]


def r_text(text: str) -> str:
    """A string of R, whatever it holds."""
    return json.dumps(text, ensure_ascii=False)


def r_vector(values: Iterable[Any]) -> str:
    return "c(" + ", ".join(r_text(value) if isinstance(value, str) else f"{value:g}" for value in values) + ")"


def r_codes(variable: Variable) -> str:
    """The codes of the levels, named by level id: `c("low" = 1, "high" = 2)`."""
    return "c(" + ", ".join(f"{r_text(level)} = {code}" for level, code in variable.codes.items()) + ")"


def r_fields(settings: Settings) -> dict[str, str]:
    """The values of the template's own fields."""
    statistics = settings["statistics"]
    names = ("conf_level", "days_per_month", "median_interval", "survival_interval", "ties")
    return {name: str(statistics[name]) for name in names} | {"landmarks": r_vector(statistics["landmarks_months"])}


def r_analyses(settings: Settings, plan: Plan) -> str:
    """The calls, in the order of the report."""
    lines = [*_baseline(settings, plan), *_survival(settings, plan), *_models(settings, plan)]
    lines += _response() if "response" in settings else []
    lines += _safety(settings) if "safety" in settings else []
    return "\n".join(lines).strip()


# ── baseline ─────────────────────────────────────────────────────────────────────────────────


def _baseline(settings: Settings, plan: Plan) -> Lines:
    yield "baseline <- function(path, persons) {"
    for name in settings["baseline"]["variables"]:
        yield f"  {_characteristic(plan.variables[name])}"
    yield from ("}", 'baseline("baseline", adsl)')
    by = settings["baseline"].get("by")
    if by:
        yield from _baseline_by(plan.variables[by], listed=by in settings["baseline"]["variables"])


def _characteristic(variable: Variable) -> str:
    path, column = f'paste0(path, ".{variable.id}")', f"persons${variable.coded}"
    if variable.levels:
        return f"categorical({path}, {column}, {r_codes(variable)})  # {variable.label}"
    return f"continuous({path}, {column})  # {variable.label}"


def _baseline_by(variable: Variable, *, listed: bool) -> Lines:
    for level, code in variable.codes.items():
        path, column = f"baseline.{variable.id}={level}", f"adsl${variable.coded}"
        yield f"members <- adsl[!is.na({column}) & {column} == {code}, ]  # {variable.label}: {variable.levels[level]}"
        yield f"tell_share({r_text(path)}, nrow(members), nrow(adsl))"
        yield f"baseline({r_text(path)}, members)"
    if not listed:
        yield f'tell_missing("baseline.{variable.id}", adsl${variable.coded})'


# ── survival ─────────────────────────────────────────────────────────────────────────────────


def _survival(settings: Settings, plan: Plan) -> Lines:
    for endpoint, code in plan.endpoints.items():
        yield from ("", f"# {settings['endpoints'][endpoint]['label']}", f"persons <- persons_of({r_text(code)})")
        yield f'kaplan_meier("{endpoint}.km", "{endpoint}", persons$AVAL, persons$event)'
        for place, name in enumerate(compared(settings)):
            variable = plan.variables[name]
            column = f"persons${variable.coded}"
            path = f"{endpoint}.logrank" + ("" if _is_main(settings, place) else f".{name}")
            yield f'kaplan_meier_by("{endpoint}", persons, "{name}", {column}, {r_codes(variable)})'
            yield f'log_rank("{path}", persons, {column})'
        if endpoint == settings["follow_up_endpoint"]:
            yield "reverse_kaplan_meier(persons)"


def _is_main(settings: Settings, place: int) -> bool:
    return place == 0 and "main" in settings["comparisons"]


def _models(settings: Settings, plan: Plan) -> Lines:
    for endpoint, names in settings["models"].items():
        yield from ("", f"# Cox models: {settings['endpoints'][endpoint]['label']}")
        yield f'cox_models("{endpoint}", persons_of({r_text(plan.endpoints[endpoint])}), list('
        terms = [_term(plan.variables[name]) for name in names]
        yield from (f"  {term}," for term in terms[:-1])
        yield from (f"  {terms[-1]}", "))")


def _term(variable: Variable) -> str:
    levels = f', {r_codes(variable)}, reference = "{variable.reference}"' if variable.levels else ""
    return f'variable("{variable.id}", "{variable.coded}"{levels})'


# ── response and adverse events ──────────────────────────────────────────────────────────────


def _response() -> Lines:
    yield from ("", "# Best overall response", 'adrs <- read_table("adrs.csv")')
    yield 'best <- adrs$AVALC[adrs$PARAMCD == "BOR"]'
    for response in BEST_FIRST:
        yield f'tell_share("response.best.{SLUGS[response]}", sum(best == "{response}"), nrow(adsl))'
    for path, responses in (("orr", OBJECTIVE_RESPONSE), ("dcr", DISEASE_CONTROL)):
        yield f'rate("response.{path}", sum(best %in% {r_vector(responses)}), nrow(adsl))'


def _safety(settings: Settings) -> Lines:
    yield from ("", "# Adverse events: persons, not events", 'adae <- read_table("adae.csv")')
    yield "total <- nrow(adsl)"
    yield from ('tell_share("safety.any", length(unique(adae$USUBJID)), total)',
                'tell_share("safety.none", total - length(unique(adae$USUBJID)), total)')  # fmt: skip
    yield f"for (term in unique(c({r_vector([*settings['safety']['terms'], 'unmapped'])}, adae$AETRMID))) {{"
    yield '  tell_share(paste0("safety.term.", term), persons_with(adae, adae$AETRMID == term), total)'
    yield "}"
    yield 'decided("safety.grade_3_or_4", adae, adae$ATOXGRN %in% c(3, 4), is.na(adae$ATOXGRN), total)'
    yield 'unrecorded <- is.na(adae$AEACN) | adae$AEACN == "unknown"'
    yield 'decided("safety.discontinued", adae, adae$AEACN %in% "discontinued", unrecorded, total)'
    yield 'tell("safety.treatment_related_deaths.n", related_deaths(adsl, adae))'
