"""What a model can bear and what it cannot show, in sentences: never silent where a guard of the results speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cutline.analysis_plan import is_post_hoc
from cutline.display.captions import level_label
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import in_text, listed, look_up, sentences
from cutline.rules_of_thumb import THRESHOLDS
from cutline.variant_names import FIRTH, IMPUTED, SPLINE, WITH, landmark_variant

MONOTONE, WITHOUT_EVENTS = "not estimable (monotone likelihood", "not estimable (no events in this level"
NO_REFERENCE = "not estimable (no events in the reference level"
NOTABLE = 0.05


def is_exploratory(endpoint: str, context: Context) -> bool:
    """Whether an endpoint's multivariable model has too few events to be more than exploratory."""
    ratio = context.value(f"{endpoint}.cox.multivariable.events_per_df")
    return ratio is not None and ratio < _limit("events_per_df_exploratory", context)


def guards(endpoint: str, context: Context) -> str:
    """The guards of an endpoint's models that apply, a sentence each."""
    told = (_events_per_degree, _separation, _reference, _collinearity, _cut_points, _lost, _imputed, _landmarks,
            _detectable)  # fmt: skip
    return sentences(sentence for tell in told for sentence in tell(endpoint, context))


def _limit(name: str, context: Context) -> float:
    return float((THRESHOLDS | context.settings["statistics"].get("guards", {}))[name])


def _events_per_degree(endpoint: str, context: Context) -> Iterator[str]:
    path = f"{endpoint}.cox.multivariable"
    ratio, limit = context.value(f"{path}.events_per_df"), _limit("events_per_df_warning", context)
    if ratio is None or ratio >= limit:
        return
    counted = (
        f"The multivariable model rests on {look_up(f'{path}.events', '%d')} events for "
        f"{look_up(f'{path}.degrees_of_freedom', '%d')} degrees of freedom, "
        f"{look_up(f'{path}.events_per_df', '%.1f')} for each"
    )
    if is_exploratory(endpoint, context):
        yield f"{counted}: fewer than {_limit('events_per_df_exploratory', context):g}, so it is exploratory only."
    else:
        yield f"{counted}: fewer than the {limit:g} of the rule of thumb, so its estimates are to be read with caution."


def _separation(endpoint: str, context: Context) -> Iterator[str]:
    """Terms that have no finite estimate, and where one stands that has."""
    for model in ("univariable", "multivariable"):
        rows = _noted(endpoint, model, (MONOTONE, WITHOUT_EVENTS), context)
        if not rows:
            continue
        named = listed([_term(row, context) for row in rows])
        first = f"{FIRTH}/{str(rows[0]['key']).removesuffix('.hr')}"
        instead = "Firth's penalised likelihood gives finite estimates of these models"
        shown = ""
        if context.value(f"{first}.hr") is not None:
            limits = [look_up(f"{first}.{end}", "%.2f") if context.value(f"{first}.{end}") is not None
                      else "not estimable" for end in ("lower", "upper")]  # fmt: skip
            shown = (
                f" ({_term(rows[0], context)}: hazard ratio {look_up(f'{first}.hr', '%.2f')}, {context.level_percent}% "
                f"profile CI {' to '.join(limits)}, {look_up(f'{first}.p', 'p_statement')})"
            )
        yield (
            f"In the {model} analysis the hazard ratio of {named} is not estimable, because the likelihood grows "
            f"without limit; {instead}{shown}."
        )


def _reference(endpoint: str, context: Context) -> Iterator[str]:
    rows = _noted(endpoint, "multivariable", (NO_REFERENCE,), context)
    for variable in dict.fromkeys(str(row["variable"]) for row in rows):
        label = in_text(str(context.settings["variables"][variable]["label"]))
        yield f"Nothing could be compared by {label}, because nobody of its reference level had the event."


def _collinearity(endpoint: str, context: Context) -> Iterator[str]:
    limit = _limit("variance_inflation", context)
    for variable in context.settings["models"][endpoint]:
        key = f"{endpoint}.cox.multivariable.{variable}.variance_inflation"
        value, note = context.value(key), str(context.results.get(key, {}).get("note", ""))
        label = in_text(str(context.settings["variables"][variable]["label"]))
        if value is None and "collinearity" in note:
            yield f"The other covariates determine {label}, so its hazard ratio cannot be told from theirs."
        elif value is not None and value > limit:
            yield (
                f"The other covariates inflate the variance of {label} {look_up(key, '%.1f')}-fold (collinearity), "
                "which its interval shows."
            )


def _cut_points(endpoint: str, context: Context) -> Iterator[str]:
    """A cut-point from the data, with the number itself and its spline beside it."""
    for variable in context.settings["models"][endpoint]:
        key = f"{endpoint}.cox.multivariable.{variable}.cut_point"
        if not context.has(key):
            continue
        number = str(context.settings["variables"][variable]["inputs"][0])
        spec: Mapping[str, Any] = context.settings["variables"][number]
        spec_of_cut: Mapping[str, Any] = context.settings["variables"][variable]
        unit, label = str(spec.get("unit", "")), in_text(str(spec["label"]))
        path = f"{endpoint}.cox.multivariable.{number}"
        line, bend = f"{WITH}{number}/{path}", f"{SPLINE}{number}/{path}.nonlinearity.p"
        beside = ""
        if context.value(f"{line}.hr") is not None:
            beside = (
                f"As a number{f' (per {unit})' if unit else ''}, its hazard ratio was {look_up(f'{line}.hr', '%.3f')} "
                f"({look_up(f'{line}.p', 'p_statement')})"
            )
            beside += (
                f"; a spline bends with {look_up(bend, 'p_statement')}." if context.value(bend) is not None else "."
            )
        yield (
            f"The cut-point of {label} ({look_up(key, '%.1f')}{f' {unit}' if unit else ''}) {_chosen(spec_of_cut)} "
            f"{beside}".rstrip()
        )


def _chosen(cut: Mapping[str, Any]) -> str:
    """What is known of how a cut-point was chosen: what the study says of it, or that it is a quartile of its data."""
    if cut.get("data_driven"):
        return "was taken from the data, so that the difference between its groups may be overstated."
    return (
        "is a quartile of these data; had it been chosen from them, the difference between its groups would be "
        "overstated."
    )


def _lost(endpoint: str, context: Context) -> Iterator[str]:
    """Who is lost to complete cases, covariate by covariate."""
    path = f"{endpoint}.cox.multivariable"
    names = [*context.settings["models"][endpoint], *context.settings.get("model_strata", {}).get(endpoint, [])]
    lost = [name for name in names if context.has(f"{path}.{name}.lost") and context.count(f"{path}.{name}.lost")]
    if not lost:
        return
    each = [f"{look_up(f'{path}.{name}.lost', '%d')} at {in_text(str(context.settings['variables'][name]['label']))}"
            for name in lost]  # fmt: skip
    yield (
        f"The multivariable model has {look_up(f'{path}.n', '%d')} complete cases; patients whose value is unknown "
        f"were left out in this order: {listed(each)}."
    )


def _imputed(endpoint: str, context: Context) -> Iterator[str]:
    path = f"{IMPUTED}/{endpoint}.cox.multivariable"
    if not context.has(f"{path}.imputations"):
        return
    number = context.value(f"{path}.imputations")
    if number is None:
        yield "The models with unknown covariates imputed are not shown (disclosure control)."
        return
    if not number:
        yield "No covariate was unknown, so that nothing had to be imputed."
        return
    yield (
        f"With unknown covariates of {look_up(f'{path}.incomplete', '%d')} patients imputed "
        f"{look_up(f'{path}.imputations', '%d')} times, {_notable(f'{path}.', context)}."
    )


def _landmarks(endpoint: str, context: Context) -> Iterator[str]:
    for months in context.settings.get("sensitivity", {}).get("landmarks_months", []):
        path = f"{landmark_variant(months)}/{endpoint}"
        if not context.has(f"{path}.n"):
            continue
        number = context.value(f"{path}.n")
        if number == 0:
            yield f"Nobody was still at risk at {months} months."
            continue
        told = ["post hoc"] if is_post_hoc(context.settings, "sensitivity.landmarks_months") else []
        if number is not None:
            counts = f"{look_up(f'{path}.n', '%d')} patients still at risk, {look_up(f'{path}.events', '%d')} events"
            told.append(counts)
        found = _notable(f"{path}.cox.multivariable.", context)
        among = f" ({'; '.join(told)})" if told else ""
        few = _few_for_each(f"{path}.cox.multivariable", context)
        yield f"In the multivariable model from a landmark at {months} months on{among}, {found}{few}."


def _few_for_each(path: str, context: Context) -> str:
    """That a model of a variant rests on fewer events for each coefficient than the rule of thumb asks for."""
    ratio, limit = context.value(f"{path}.events_per_df"), _limit("events_per_df_warning", context)
    if ratio is None or ratio >= limit:
        return ""
    return f", with {look_up(f'{path}.events_per_df', '%.1f')} events for each degree of freedom, so it is uncertain"


def _notable(prefix: str, context: Context) -> str:
    """Which terms of a model have a small p-value."""
    rows = [row for key, row in context.results.items() if key.startswith(prefix) and row["statistic"] == "p"
            and row["analysis"] == "cox" and row["value"] is not None and row["value"] < NOTABLE]  # fmt: skip
    named = listed([_ratio(str(row["key"]).removesuffix(".p"), row, context) for row in rows])
    return f"p was below {NOTABLE:g} for {named}" if rows else f"no p-value was below {NOTABLE:g}"


def _ratio(path: str, row: Mapping[str, Any], context: Context) -> str:
    fmt = "%.2f" if row["level"] else "%.3f"
    limits = [look_up(f"{path}.{end}", fmt) for end in ("lower", "upper")]
    return (
        f"{_term(row, context)} (hazard ratio {look_up(f'{path}.hr', fmt)}, {context.level_percent}% CI "
        f"{'–'.join(limits)}, {look_up(f'{path}.p', 'p_statement')})"
    )


def _detectable(endpoint: str, context: Context) -> Iterator[str]:
    """The range of what the model's terms with a large p-value could have shown."""
    prefix = f"{endpoint}.cox.multivariable."
    uppers = {key: row["value"] for key, row in context.results.items() if key.startswith(prefix)
              and row["statistic"] == "detectable_upper" and row["level"] and row["value"] is not None}  # fmt: skip
    if not uppers:
        return
    ends = [min(uppers, key=lambda key: uppers[key]), max(uppers, key=lambda key: uppers[key])]
    paths = [key.removesuffix("_upper") for key in dict.fromkeys(ends)]
    each = [
        f"{look_up(f'{path}_upper', '%.2f')} or {look_up(f'{path}_lower', '%.2f')} for "
        f"{_term(context.results[f'{path}_upper'], context)}"
        for path in paths
    ]
    span = " to ".join(each)
    yield (
        "A large p-value here does not mean no effect: the smallest hazard ratio that this number of events would "
        f"detect with 80% power (two-sided 5%) is {span}. These are quantities of the design and not the power of "
        "the result; it is the interval that is to be interpreted."
    )


def _noted(endpoint: str, model: str, notes: tuple[str, ...], context: Context) -> list[Mapping[str, Any]]:
    prefix = f"{endpoint}.cox.{model}."
    return [row for key, row in context.results.items()
            if key.startswith(prefix) and row["statistic"] == "hr" and str(row["note"]).startswith(notes)]  # fmt: skip


def _term(row: Mapping[str, Any], context: Context) -> str:
    variable, level = str(row["variable"]), str(row["level"] or "")
    label = in_text(str(context.settings["variables"][variable]["label"]))
    return f"{label}: {in_text(level_label(context.settings, variable, level))}" if level else label
