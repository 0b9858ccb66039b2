"""Cox models in words, by what their p-values are."""

from __future__ import annotations

from typing import Any

from cutline.display.captions import level_label
from cutline.languages import tell
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.findings.places import shown_in
from cutline.manuscript.markdown import capital, in_digits, in_text, listed, look_up, sentences
from cutline.manuscript.model_guards import NOTABLE, guards, is_exploratory
from cutline.manuscript.quantities import hazard_ratio

SPELT_OUT = 3
"""Up to so many associations are given with their hazard ratios; of more the text names the p-values and the table has
the rest."""


def models(endpoint: str, context: Context) -> str:
    """The univariable and the multivariable models of an endpoint, by what their p-values are."""
    if context.nobody or not context.settings["models"].get(endpoint):
        return ""
    parts = [_model(endpoint, "univariable", context)]
    if len(context.settings["models"][endpoint]) > 1:
        parts.append(_model(endpoint, "multivariable", context))
    return sentences(
        [*parts, _proportional_hazards(endpoint, context), guards(endpoint, context), _caution(endpoint, context)]
    )


def p_rows(endpoint: str, model: str, context: Context) -> list[Any]:
    """The p-values of hazard ratios, the smallest first: tests of a whole model have none beside them."""
    prefix = f"{endpoint}.cox.{model}."
    found = {key: row for key, row in context.results.items() if key.startswith(prefix) and row["statistic"] == "p"}
    rows = [row for key, row in found.items() if context.has(f"{key.removesuffix('p')}hr")]
    return sorted((row for row in rows if row["value"] is not None), key=lambda row: (row["value"], row["key"]))


def hazard(row: Any, context: Context) -> str:
    """The term of a p-value with its hazard ratio."""
    fmt = "%.2f" if row["level"] else "%.3f"  # per unit of a continuous variable the ratio is close to 1
    return hazard_ratio(context, _term(row, context), str(row["key"]).rpartition(".")[0], fmt)


def _model(endpoint: str, model: str, context: Context) -> str:
    return capital(
        tell("{where}, {found}.", where=_where(endpoint, model, context), found=_found(endpoint, model, context))
    )


def _where(endpoint: str, model: str, context: Context) -> str:
    if model == "univariable":
        shown = shown_in(context, ("table", "cox", endpoint), ("figure", "forest", endpoint))
        return tell("In univariable Cox models{shown}", shown=shown)
    if is_exploratory(endpoint, context):
        return tell("In the multivariable Cox model, which is exploratory only")
    return tell("In the multivariable Cox model")


def _found(endpoint: str, model: str, context: Context) -> str:
    rows = p_rows(endpoint, model, context)
    if not rows:
        return tell("no hazard ratio could be estimated")
    limit = in_digits(NOTABLE)
    notable = [row for row in rows if row["value"] < NOTABLE]
    if not notable:
        smallest = hazard(rows[0], context)
        return tell("no p-value was below {limit}; the smallest was that of {term}", limit=limit, term=smallest)
    shown_as = hazard if len(notable) <= SPELT_OUT else _p_alone
    terms = listed([shown_as(row, context) for row in notable])
    return tell("p was below {limit} for {terms}", limit=limit, terms=terms)


def _p_alone(row: Any, context: Context) -> str:
    return f"{_term(row, context)} ({look_up(str(row['key']), 'p_statement')})"


def _term(row: Any, context: Context) -> str:
    variable, level = str(row["variable"]), str(row["level"] or "")
    spec = context.settings["variables"].get(variable, {})
    label = in_text(str(spec.get("label", variable)))
    if not level or spec.get("kind") == "continuous":
        return tell("{variable} (per {unit})", variable=label, unit=spec["unit"]) if spec.get("unit") else label
    named = in_text(level_label(context.settings, variable, level))
    if not spec.get("reference"):
        return f"{label}: {named}"
    reference_level = in_text(level_label(context.settings, variable, str(spec["reference"])))
    return tell("{variable}: {level} versus {reference}", variable=label, level=named, reference=reference_level)


def _proportional_hazards(endpoint: str, context: Context) -> str:
    """What the test of all variables together says of the multivariable model."""
    key = f"{endpoint}.cox.multivariable.zph.km.global.p"
    p = context.value(key)
    if p is None:
        return ""
    figure = find("figure", context, "schoenfeld", endpoint)
    values = {"p": look_up(key, "p_statement"), "shown": f"; {reference(figure)}" if figure else ""}
    if p < NOTABLE:
        return tell("The global test spoke against proportional hazards ({p}{shown}).", **values)
    return tell("The global test did not speak against proportional hazards ({p}{shown}).", **values)


def _caution(endpoint: str, context: Context) -> str:
    every = [row for model in ("univariable", "multivariable") for row in p_rows(endpoint, model, context)]
    if not every or all(row["value"] < NOTABLE for row in every):
        return ""
    return tell(
        "With {events} events, an interval that includes 1 does not show that there is no association: its limits say "
        "which hazard ratios the data leave open.",
        events=look_up(f"{endpoint}.events", "%d"),
    )
