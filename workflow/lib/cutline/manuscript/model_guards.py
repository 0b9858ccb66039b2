"""What a model can bear and what it cannot show, in sentences: never silent where a guard of the results speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cutline.analysis_plan import is_post_hoc
from cutline.display.captions import level_label
from cutline.display.labels import label
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.cut_points import cut_points
from cutline.manuscript.markdown import capital, in_digits, in_text, listed, look_up, sentences
from cutline.manuscript.quantities import hazard_ratio
from cutline.rules_of_thumb import THRESHOLDS
from cutline.variant_names import FIRTH, IMPUTED, landmark_variant

MONOTONE, WITHOUT_EVENTS = "not estimable (monotone likelihood", "not estimable (no events in this level"
NO_REFERENCE = "not estimable (no events in the reference level"
NOTABLE = 0.05


def is_exploratory(endpoint: str, context: Context) -> bool:
    """Whether an endpoint's multivariable model has too few events to be more than exploratory."""
    ratio = context.value(f"{endpoint}.cox.multivariable.events_per_df")
    return ratio is not None and ratio < _limit("events_per_df_exploratory", context)


def guards(endpoint: str, context: Context) -> str:
    """The guards of an endpoint's models that apply, a sentence each."""
    all_guards = (_events_per_degree, _separation, _reference, _collinearity, cut_points, _lost, _imputed, _landmarks,
                  _detectable)  # fmt: skip
    return sentences(capital(sentence) for guard in all_guards for sentence in guard(endpoint, context))


def _limit(name: str, context: Context) -> float:
    return float((THRESHOLDS | context.settings["statistics"].get("guards", {}))[name])


# ── what the multivariable model can bear ────────────────────────────────────────────────────


def _events_per_degree(endpoint: str, context: Context) -> Iterator[str]:
    path = f"{endpoint}.cox.multivariable"
    ratio, limit = context.value(f"{path}.events_per_df"), _limit("events_per_df_warning", context)
    if ratio is None or ratio >= limit:
        return
    counted = tell(
        "The multivariable model rests on {events} events for {degrees} degrees of freedom, {ratio} for each",
        events=look_up(f"{path}.events", "%d"),
        degrees=look_up(f"{path}.degrees_of_freedom", "%d"),
        ratio=look_up(f"{path}.events_per_df", "%.1f"),
    )
    if is_exploratory(endpoint, context):
        few = in_digits(_limit("events_per_df_exploratory", context))
        yield tell("{counted}: fewer than {limit}, so it is exploratory only.", counted=counted, limit=few)
    else:
        yield tell(
            "{counted}: fewer than the {limit} of the rule of thumb, so its estimates are to be read with caution.",
            counted=counted,
            limit=in_digits(limit),
        )


INESTIMABLE = {
    "univariable": marked(
        "In the univariable analysis the hazard ratio of {terms} is not estimable, because the likelihood grows "
        "without limit; Firth's penalised likelihood gives finite estimates of these models{shown}."
    ),
    "multivariable": marked(
        "In the multivariable analysis the hazard ratio of {terms} is not estimable, because the likelihood grows "
        "without limit; Firth's penalised likelihood gives finite estimates of these models{shown}."
    ),
}


def _separation(endpoint: str, context: Context) -> Iterator[str]:
    """Terms that have no finite estimate, and where one stands that has."""
    for model, words in INESTIMABLE.items():
        rows = _noted(endpoint, model, (MONOTONE, WITHOUT_EVENTS), context)
        if rows:
            named = listed([_term(row, context) for row in rows])
            yield tell(words, terms=named, shown=_penalised(rows[0], context))


def _penalised(row: Mapping[str, Any], context: Context) -> str:
    """The term's estimate by Firth's likelihood, in brackets; blank where there is none."""
    path = f"{FIRTH}/{str(row['key']).removesuffix('.hr')}"
    if context.value(f"{path}.hr") is None:
        return ""
    lower, upper = (look_up(key, "%.2f") if context.value(key) is not None else label("not_estimable")
                    for key in (f"{path}.lower", f"{path}.upper"))  # fmt: skip
    shown = tell(
        "{term}: hazard ratio {ratio}, {level}% profile CI {lower} to {upper}, {p}",
        term=_term(row, context),
        ratio=look_up(f"{path}.hr", "%.2f"),
        level=context.level_percent,
        lower=lower,
        upper=upper,
        p=look_up(f"{path}.p", "p_statement"),
    )
    return f" ({shown})"


def _reference(endpoint: str, context: Context) -> Iterator[str]:
    rows = _noted(endpoint, "multivariable", (NO_REFERENCE,), context)
    for variable in dict.fromkeys(str(row["variable"]) for row in rows):
        yield tell(
            "Nothing could be compared by {variable}, because nobody of its reference level had the event.",
            variable=variable_name(variable, context),
        )


def _collinearity(endpoint: str, context: Context) -> Iterator[str]:
    limit = _limit("variance_inflation", context)
    for variable in context.settings["models"][endpoint]:
        key = f"{endpoint}.cox.multivariable.{variable}.variance_inflation"
        value, note = context.value(key), str(context.results.get(key, {}).get("note", ""))
        named = variable_name(variable, context)
        if value is None and "collinearity" in note:
            yield tell(
                "The other covariates determine {variable}, so its hazard ratio cannot be told from theirs.",
                variable=named,
            )
        elif value is not None and value > limit:
            yield tell(
                "The other covariates inflate the variance of {variable} {factor}-fold (collinearity), which its "
                "interval shows.",
                variable=named,
                factor=look_up(key, "%.1f"),
            )


# ── who is in the model ──────────────────────────────────────────────────────────────────────


def _lost(endpoint: str, context: Context) -> Iterator[str]:
    """Who is lost to complete cases, covariate by covariate."""
    path = f"{endpoint}.cox.multivariable"
    names = [*context.settings["models"][endpoint], *context.settings.get("model_strata", {}).get(endpoint, [])]
    lost = [name for name in names if context.count(f"{path}.{name}.lost")]
    if not lost:
        return
    each = [
        tell("{n} at {covariate}", n=look_up(f"{path}.{name}.lost", "%d"), covariate=variable_name(name, context))
        for name in lost
    ]
    yield tell(
        "The multivariable model has {n} complete cases; patients whose value is unknown were left out in this order: "
        "{covariates}.",
        n=look_up(f"{path}.n", "%d"),
        covariates=listed(each),
    )


def _imputed(endpoint: str, context: Context) -> Iterator[str]:
    path = f"{IMPUTED}/{endpoint}.cox.multivariable"
    if not context.has(f"{path}.imputations"):
        return
    number = context.value(f"{path}.imputations")
    if number is None:
        yield tell("The models with unknown covariates imputed are not shown (disclosure control).")
        return
    if not number:
        yield tell("No covariate was unknown, so that nothing had to be imputed.")
        return
    yield tell(
        "With unknown covariates of {n} patients imputed {times} times, {found}.",
        n=look_up(f"{path}.incomplete", "%d"),
        times=look_up(f"{path}.imputations", "%d"),
        found=_notable(f"{path}.", context),
    )


def _landmarks(endpoint: str, context: Context) -> Iterator[str]:
    for months in context.settings.get("sensitivity", {}).get("landmarks_months", []):
        path = f"{landmark_variant(months)}/{endpoint}"
        if not context.has(f"{path}.n"):
            continue
        at = in_digits(months)
        if context.value(f"{path}.n") == 0:
            yield tell("Nobody was still at risk at {months} months.", months=at)
            continue
        yield tell(
            "In the multivariable model from a landmark at {months} months on{among}, {found}{few}.",
            months=at,
            among=_among(path, context),
            found=_notable(f"{path}.cox.multivariable.", context),
            few=_few_for_each(f"{path}.cox.multivariable", context),
        )


def _among(path: str, context: Context) -> str:
    """That a landmark was not planned, and how many it has, in brackets."""
    told = [tell("post hoc")] if is_post_hoc(context.settings, "sensitivity.landmarks_months") else []
    if context.value(f"{path}.n") is not None:
        counts = {"n": look_up(f"{path}.n", "%d"), "events": look_up(f"{path}.events", "%d")}
        told.append(tell("{n} patients still at risk, {events} events", **counts))
    return f" ({'; '.join(told)})" if told else ""


def _few_for_each(path: str, context: Context) -> str:
    """That a model of a variant rests on fewer events for each coefficient than the rule of thumb asks for."""
    ratio, limit = context.value(f"{path}.events_per_df"), _limit("events_per_df_warning", context)
    if ratio is None or ratio >= limit:
        return ""
    return tell(
        ", with {ratio} events for each degree of freedom, so it is uncertain",
        ratio=look_up(f"{path}.events_per_df", "%.1f"),
    )


def _notable(prefix: str, context: Context) -> str:
    """Which terms of a model have a small p-value."""
    rows = [row for key, row in context.results.items() if key.startswith(prefix) and row["statistic"] == "p"
            and row["analysis"] == "cox" and row["value"] is not None and row["value"] < NOTABLE]  # fmt: skip
    if not rows:
        return tell("no p-value was below {limit}", limit=in_digits(NOTABLE))
    return tell(
        "p was below {limit} for {terms}",
        limit=in_digits(NOTABLE),
        terms=listed([_ratio(row, context) for row in rows]),
    )


def _ratio(row: Mapping[str, Any], context: Context) -> str:
    return hazard_ratio(
        context, _term(row, context), str(row["key"]).removesuffix(".p"), "%.2f" if row["level"] else "%.3f"
    )


# ── what the model could have shown ──────────────────────────────────────────────────────────


def _detectable(endpoint: str, context: Context) -> Iterator[str]:
    """The range of what the model's terms with a large p-value could have shown."""
    prefix = f"{endpoint}.cox.multivariable."
    uppers = {key: row["value"] for key, row in context.results.items() if key.startswith(prefix)
              and row["statistic"] == "detectable_upper" and row["level"] and row["value"] is not None}  # fmt: skip
    if not uppers:
        return
    ends = [min(uppers, key=lambda key: uppers[key]), max(uppers, key=lambda key: uppers[key])]
    each = [_detectable_of(key.removesuffix("_upper"), context) for key in dict.fromkeys(ends)]
    span = tell("{smallest} to {largest}", smallest=each[0], largest=each[-1]) if len(each) > 1 else each[0]
    yield tell(
        "A large p-value here does not mean no effect: the smallest hazard ratio that this number of events would "
        "detect with 80% power (two-sided 5%) is {ratios}. These are quantities of the design and not the power of "
        "the result; it is the interval that is to be interpreted.",
        ratios=span,
    )


def _detectable_of(path: str, context: Context) -> str:
    return tell(
        "{upper} or {lower} for {term}",
        upper=look_up(f"{path}_upper", "%.2f"),
        lower=look_up(f"{path}_lower", "%.2f"),
        term=_term(context.results[f"{path}_upper"], context),
    )


def _noted(endpoint: str, model: str, notes: tuple[str, ...], context: Context) -> list[Mapping[str, Any]]:
    prefix = f"{endpoint}.cox.{model}."
    return [row for key, row in context.results.items()
            if key.startswith(prefix) and row["statistic"] == "hr" and str(row["note"]).startswith(notes)]  # fmt: skip


def _term(row: Mapping[str, Any], context: Context) -> str:
    variable, level = str(row["variable"]), str(row["level"] or "")
    named = variable_name(variable, context)
    return f"{named}: {in_text(level_label(context.settings, variable, level))}" if level else named
