"""Cut-points of a model's variables in sentences: where they come from, and what the number itself shows."""

from __future__ import annotations

from collections.abc import Iterator

from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.markdown import capital, look_up, sentences
from cutline.variant_names import SPLINE, WITH

FROM_DATA = marked(
    "The cut-point of {variable} ({cut_point}) was taken from the data, so that the difference between its groups may "
    "be overstated."
)
QUARTILE = marked(
    "The cut-point of {variable} ({cut_point}) is a quartile of these data; had it been chosen from them, the "
    "difference between its groups would be overstated."
)
MEDIAN = marked(
    "The cut-point of {variable} ({cut_point}) is the median of these data; had it been chosen from them, the "
    "difference between its groups would be overstated."
)


def cut_points(endpoint: str, context: Context) -> Iterator[str]:
    """The cut-points of the variables of an endpoint's models, with the number itself and its spline beside it."""
    for variable in context.settings["models"][endpoint]:
        key = f"{endpoint}.cox.multivariable.{variable}.cut_point"
        if context.has(key):
            yield sentences([_chosen(variable, key, context), capital(_as_number(endpoint, variable, context))])


def _chosen(variable: str, key: str, context: Context) -> str:
    """What is known of how a cut-point was chosen: what the study says of it, or which quartile of its data it is."""
    number, unit = _number_behind(variable, context)
    is_median = _printed(f"baseline.{number}.median", context) == _printed(key, context)
    stated = context.settings["variables"][variable].get("data_driven")
    words = FROM_DATA if stated else MEDIAN if is_median else QUARTILE
    cut_point = look_up(key, "%.1f") + (f" {unit}" if unit else "")
    return tell(words, variable=variable_name(number, context), cut_point=cut_point)


def _printed(key: str, context: Context) -> str:
    value = context.value(key)
    return "" if value is None else f"{value:.1f}"


def _as_number(endpoint: str, variable: str, context: Context) -> str:
    """The hazard ratio of the number that was cut, and whether a spline of it bends; blank without an estimate."""
    number, unit = _number_behind(variable, context)
    path = f"{endpoint}.cox.multivariable.{number}"
    line, bend = f"{WITH}{number}/{path}", f"{SPLINE}{number}/{path}.nonlinearity.p"
    if context.value(f"{line}.hr") is None:
        return ""
    values = {"ratio": look_up(f"{line}.hr", "%.3f"), "p": look_up(f"{line}.p", "p_statement")}
    ratio = (
        tell("As a number (per {unit}), its hazard ratio was {ratio} ({p})", unit=unit, **values)
        if unit
        else tell("As a number, its hazard ratio was {ratio} ({p})", **values)
    )
    if context.value(bend) is None:
        return f"{ratio}."
    return tell("{ratio}; a spline bends with {p}.", ratio=ratio, p=look_up(bend, "p_statement"))


def _number_behind(variable: str, context: Context) -> tuple[str, str]:
    """The variable that was cut and its unit."""
    number = str(context.settings["variables"][variable]["inputs"][0])
    return number, str(context.settings["variables"][number].get("unit", ""))
