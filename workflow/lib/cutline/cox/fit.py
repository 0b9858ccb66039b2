"""The rule: every Cox model of the study with its guards, and again where the guards ask for another version of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cutline.analysis_set import numbers_of, times_of
from cutline.ard import of_variant, results_table
from cutline.cox.guard_rows import guard_rows
from cutline.cox.models import Model, models_of
from cutline.cox.rows import rows_of
from cutline.cox.schoenfeld import proportional_hazards_rows, smooths
from cutline.cox.spline_rows import spline_rows
from cutline.cox.versions import cut_point_rows, cut_points_from_data, firth_rows, separates
from cutline.survival.convention import convention_of
from cutline.tables.results import SCHOENFELD
from cutline.tables.spec import conform, empty
from cutline.variant_names import WITH

Row = dict[str, Any]
Settings = Mapping[str, Any]


def fit_cox(*, settings: Settings, endpoints: pd.DataFrame, covariates: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Uni- and multivariable Cox models of every endpoint that the study models, each with its guards.

    Returns `ard`: per endpoint one univariable model per variable, then the multivariable one, terms in the study's
    order, each with its tests and the test of proportional hazards; and `schoenfeld`, the smooths of its plots.
    Categories are compared with the variable's `reference` (default: its first level), levels that nobody has make no
    row; continuous variables are per unit. Each model has the persons who have all of its covariates and strata;
    `excluded` counts the others. Ties and z by the convention in force; interval and p by Wald.

    Then, as variants: models with a term that separates, by Firth's penalised
    likelihood; the multivariable model with other variables in place of those of `sensitivity.replace`, and, where a
    cut-point was taken from the data, with the number itself and with a spline of it. What cannot be estimated is a row
    without value whose note says why.
    """
    rows: list[Row] = []
    lines: list[pd.DataFrame] = []
    for endpoint, variables in settings["models"].items():
        times = times_of(endpoints, endpoint)
        models = models_of(endpoint, times, covariates, variables, settings)
        for model in models:
            rows += [row for part in _parts(model, covariates, settings) for row in part]
            lines.append(smooths(model))
        rows += _versions(endpoint, models, times, covariates, settings)
    filled = [line for line in lines if len(line)]
    schoenfeld = conform(pd.concat(filled, ignore_index=True), SCHOENFELD) if filled else empty(SCHOENFELD)
    return {"ard": results_table(rows, "fit_cox"), "schoenfeld": schoenfeld}


def _parts(model: Model, covariates: pd.DataFrame, settings: Settings) -> Iterator[Iterable[Row]]:
    """The rows of one model: its own, the test of its assumption, its guards."""
    yield rows_of(model, convention_of(settings["statistics"]))
    yield proportional_hazards_rows(model)
    yield guard_rows(model, settings["statistics"].get("guards", {}))
    if not model.univariable:
        for variable, points in _from_data(model, covariates, settings).items():
            unit = settings["variables"][settings["variables"][variable]["inputs"][0]].get("unit", "")
            yield cut_point_rows(model, variable, points, unit)


def _from_data(model: Model, covariates: pd.DataFrame, settings: Settings) -> dict[str, list[float]]:
    """The variables of the model that were cut where the data said, with those cut-points."""
    cut = {each.variable: settings["variables"][each.variable] for each in model.covariates}
    found = {
        name: cut_points_from_data(about, numbers_of(covariates, about["inputs"][0], model.times.index))
        for name, about in cut.items()
        if about.get("derive") == "cut"
    }
    return {name: points for name, points in found.items() if points}


def _versions(
    endpoint: str, models: Sequence[Model], times: pd.DataFrame, covariates: pd.DataFrame, settings: Settings
) -> Iterator[Row]:
    convention = convention_of(settings["statistics"])
    for model in models:
        if separates(model):
            yield from firth_rows(model, convention.conf_level)
    main = [model for model in models if not model.univariable]
    from_data = [name for model in main for name in _from_data(model, covariates, settings)]
    replaced = {name: settings["variables"][name]["inputs"][0] for name in from_data}
    for old, new in dict.fromkeys([*_configured(endpoint, settings), *replaced.items()]):
        for model in replaced_models(endpoint, times, covariates, old, new, settings):
            yield from of_variant(rows_of(model, convention), f"{WITH}{new}")
            if replaced.get(old) == new:
                yield from spline_rows(model, new, convention)


def _configured(endpoint: str, settings: Settings) -> list[tuple[str, str]]:
    """The replacements of the study that this endpoint's model has the variable for."""
    replace = settings.get("sensitivity", {}).get("replace", {})
    return [(old, new) for old, others in replace.items() for new in others if old in settings["models"][endpoint]]


def replaced_models(
    endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, old: str, new: str, settings: Settings
) -> list[Model]:
    """The multivariable model with another variable in place of one of its own."""
    names = [new if name == old else name for name in settings["models"][endpoint]]
    return models_of(endpoint, times, covariates, [], {**settings, "models": {endpoint: names}})
