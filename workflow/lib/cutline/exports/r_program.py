"""The part of tables.R that is the study's own: one call per variable, endpoint, comparison and model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cutline.exports.names import one_line
from cutline.exports.plan import Plan, Variable, compared, groupings, has_confirmed, response_kinds
from cutline.groups import grouping
from cutline.response.words import BEST_FIRST, CONTROLLED, RESPONDING, SLUGS
from cutline.survival.choices import choices_of

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
    chosen = choices_of(settings["statistics"])
    convention = chosen.convention
    names = ("conf_level", "median_interval", "survival_interval", "quantile_rule", "ties")
    vectors = {"quantiles": chosen.quantiles, "landmarks": chosen.landmarks_months, "horizons": chosen.rmst_months,
               "tests": chosen.tests}  # fmt: skip
    fields = {name: str(getattr(convention, name)) for name in names}
    fields |= {name: r_vector(values) for name, values in vectors.items()}
    return fields | {
        "days_per_month": str(chosen.days_per_month),
        "z": f"{convention.z:.17g}",
        "mean_as_spss": str(convention.name == "spss").upper(),
    }


def r_analyses(settings: Settings, plan: Plan) -> str:
    """The calls, in the order of the report."""
    lines = [*_baseline(settings, plan), *_survival(settings, plan), *_models(settings, plan)]
    lines += _sensitivity(settings, plan)
    lines += _response(settings, plan) if "response" in settings else []
    lines += _safety(settings, plan) if "safety" in settings else []
    return "\n".join(lines).strip()


# ── baseline ─────────────────────────────────────────────────────────────────────────────────


def _baseline(settings: Settings, plan: Plan) -> Lines:
    variables = [plan.variables[name] for name in settings["baseline"]["variables"]]
    yield "baseline <- function(path, persons) {"
    yield from (f"  {_characteristic(variable)}" for variable in variables)
    yield from ("}", 'baseline("baseline", adsl)')
    for by in groupings(settings):
        yield from _baseline_by(plan.variables[by], variables)


def _characteristic(variable: Variable) -> str:
    path, column = f'paste0(path, ".{variable.id}")', f"persons${variable.coded}"
    if variable.levels:
        return f"categorical({path}, {column}, {r_codes(variable)})  # {variable.label}"
    return f"continuous({path}, {column})  # {variable.label}"


def _baseline_by(group: Variable, variables: list[Variable]) -> Lines:
    """The same within each group, and how far the groups are apart."""
    column = f"adsl${group.coded}"
    for level, code in group.codes.items():
        path = r_text(f"baseline.{group.id}={level}")
        yield f"members <- adsl[{column} %in% {code}, ]  # {group.label}: {group.levels[level]}"
        yield f"tell_share({path}, nrow(members), nrow(adsl))"
        yield f"baseline({path}, members)"
    if group.id not in [variable.id for variable in variables]:
        yield f'tell_missing("baseline.{group.id}", {column})'
    for variable in variables:
        if variable.id != group.id:
            codes = f", {r_codes(variable)}" if variable.levels else ""
            path = f"baseline.{group.id}.{variable.id}.smd"
            yield f'tell("{path}", difference(adsl${variable.coded}, {column}{codes}))'


# ── survival ─────────────────────────────────────────────────────────────────────────────────


def _survival(settings: Settings, plan: Plan) -> Lines:
    for endpoint, code in plan.endpoints.items():
        about = settings["endpoints"][endpoint]
        yield from ("", f"# {one_line(about['label'])}", f"persons <- persons_of({r_text(code)})")
        if about.get("descriptive"):
            yield f'described_times("{endpoint}", persons)'
            continue
        yield f'kaplan_meier("{endpoint}.km", "{endpoint}", persons$AVAL, persons$event)'
        yield from _comparisons(settings, plan, endpoint)
        if endpoint == settings["follow_up_endpoint"]:
            yield "reverse_kaplan_meier(persons)"
            for name in compared(settings):
                column, codes = f"persons${plan.variables[name].coded}", r_codes(plan.variables[name])
                yield f'reverse_kaplan_meier_by(persons, "{name}", {column}, {codes})'


def _comparisons(settings: Settings, plan: Plan, endpoint: str) -> Lines:
    for place, name in enumerate(compared(settings)):
        variable = plan.variables[name]
        column, codes = f"persons${variable.coded}", r_codes(variable)
        path = "" if _is_main(settings, place) else f".{name}"
        yield f'kaplan_meier_by("{endpoint}", persons, "{name}", {column}, {codes})'
        yield f'rank_tests("{endpoint}", "{path}", persons, {column}, {codes})'
        strata = [plan.variables[each].coded for each in settings["comparisons"].get("strata", []) if each != name]
        if strata:
            listed = ", ".join(f"persons${each}" for each in strata)
            yield f'rank_tests("{endpoint}", "{path}.stratified", persons, {column}, {codes}, list({listed}))'


def _is_main(settings: Settings, place: int) -> bool:
    return place == 0 and "main" in settings["comparisons"]


def _models(settings: Settings, plan: Plan) -> Lines:
    for endpoint, names in settings["models"].items():
        label, code = one_line(settings["endpoints"][endpoint]["label"]), r_text(plan.endpoints[endpoint])
        yield from ("", f"# Cox models: {label}", f"variables_of_{endpoint} <- list(")
        terms = [_term(plan.variables[name]) for name in names]
        yield from (f"  {term}," for term in terms[:-1])
        yield from (f"  {terms[-1]}", ")", f"strata_of_{endpoint} <- {_strata(settings, plan, endpoint)}")
        yield f'cox_models("{endpoint}", persons_of({code}), variables_of_{endpoint}, strata_of_{endpoint})'


def _sensitivity(settings: Settings, plan: Plan) -> Lines:
    """Counts, median, landmarks and hazard ratios under each other rule set that the study names."""
    main = settings.get("comparisons", {}).get("main")
    for endpoint, about in settings["endpoints"].items():
        for variant in about.get("sensitivity", []):
            path = f"{variant}/{endpoint}"
            yield from ("", f"# {one_line(about['label'])}, censoring rules: {variant}",
                        f"persons <- persons_of({r_text(plan.endpoints[endpoint])}, {r_text(variant)})",
                        f'kaplan_meier("{path}.km", "{path}", persons$AVAL, persons$event)')  # fmt: skip
            if main:
                strata = _strata(settings, plan, endpoint)
                yield (f'cox("{path}.cox.univariable", persons, list({_term(plan.variables[main])}), {strata}, '
                       "univariable = TRUE)")  # fmt: skip
            if endpoint in settings["models"]:
                yield f'cox("{path}.cox.multivariable", persons, variables_of_{endpoint}, strata_of_{endpoint})'


def _strata(settings: Settings, plan: Plan, endpoint: str) -> str:
    """The columns of the model's strata."""
    return r_vector(plan.variables[name].coded for name in settings.get("model_strata", {}).get(endpoint, []))


def _term(variable: Variable) -> str:
    levels = f', {r_codes(variable)}, reference = "{variable.reference}"' if variable.levels else ""
    return f'variable("{variable.id}", "{variable.coded}"{levels})'


# ── response and adverse events ──────────────────────────────────────────────────────────────


def _response(settings: Settings, plan: Plan) -> Lines:
    yield from ("", "# Best overall response and rates", 'adrs <- read_table("adrs.csv")',
                'evaluable <- adsl$RSEVFL %in% "Y"', "among <- rep(TRUE, nrow(adsl))")  # fmt: skip
    yield from _response_among(settings, "")
    for variable in (plan.variables[name] for name in grouping(settings, "response")):
        yield f'tell("response.{variable.id}.missing", sum(!adsl${variable.coded} %in% {r_codes(variable)}))'
        for level, code in variable.codes.items():
            yield f"among <- adsl${variable.coded} %in% {code}  # {variable.label}: {variable.levels[level]}"
            yield from _response_among(settings, f".{variable.id}={level}")
        yield from _response_between(settings, variable)


def _response_between(settings: Settings, variable: Variable) -> Lines:
    """Each group against the reference."""
    column, reference = f"adsl${variable.coded}", variable.codes[variable.reference]
    for path, parameter, benefit in response_kinds(settings):
        yield f'best <- best_of("{parameter}")'
        holds = {"orr": f"best %in% {r_vector(RESPONDING)}", "dcr": f"best %in% {r_vector(CONTROLLED)}"}
        holds |= {"cbr": f'adsl${benefit} %in% "Y"'} if has_confirmed(settings) else {}
        for level, code in variable.codes.items():
            for rate, condition in holds.items() if level != variable.reference else ():
                key = f"{path}.{variable.id}.{level}.{rate}"
                yield f'compare_rates("{key}", {condition}, {column} %in% {code}, {column} %in% {reference})'


def _response_among(settings: Settings, group: str) -> Lines:
    """Of the persons `among`, who are everybody or a group."""
    if has_confirmed(settings):
        yield f'tell_share("response{group}.evaluable", sum(evaluable & among), sum(among))'
    for path, parameter, benefit in response_kinds(settings):
        yield f'best <- best_of("{parameter}")'
        for response in BEST_FIRST:
            found = f'"{path}{group}.best.{SLUGS[response]}"'
            yield f'tell_share({found}, sum(best == "{response}" & among), sum(among))'
        for rate, responses in (("orr", RESPONDING), ("dcr", CONTROLLED)):
            yield f'rates("{path}{group}.{rate}", best %in% {r_vector(responses)}, among)'
        if has_confirmed(settings):
            yield f'rates("{path}{group}.cbr", adsl${benefit} %in% "Y", among)'


def _safety(settings: Settings, plan: Plan) -> Lines:
    yield from ("", "# Adverse events: persons, not events", 'adae <- read_table("adae.csv")')
    yield f"terms <- unique(c({r_vector([*settings['safety']['terms'], 'unmapped'])}, adae$AETRMID))"
    yield 'adverse_events("safety", adsl)'
    if "by" in settings["safety"]:
        group = plan.variables[settings["safety"]["by"]]
        yield f'adverse_events_by("{group.id}", adsl${group.coded}, {r_codes(group)}, "{group.reference}")'
