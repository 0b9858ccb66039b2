"""Cox models as results: per model its persons and events, terms, tests, and the test of its assumption."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from cutline.ard import result
from cutline.cox.model_tests import model_test_rows, overall_rows
from cutline.cox.models import Model, models_of
from cutline.cox.terms import Covariate, Estimate, term_path
from cutline.filters import Clause, Condition, filter_text, is_unknown
from cutline.marking import noted
from cutline.survival.convention import Convention, convention_of

Row = dict[str, Any]
METHOD = noted("{method}, Wald intervals and tests")
TOO_LARGE = noted("not estimable (too large for a number)")


def model_rows(
    endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, alone: Sequence[str], settings: Mapping[str, Any]
) -> list[Row]:
    """The rows of one endpoint's models on the persons of `times`: each variable of `alone`, then the study's model.

    An endpoint without a model in the study has the univariable ones only. Proportional hazards are not tested.
    """
    convention = convention_of(settings["statistics"])
    models = models_of(endpoint, times, covariates, alone, settings)
    return [row for model in models for row in rows_of(model, convention)]


def rows_of(model: Model, convention: Convention) -> Iterator[Row]:
    """Totals of the model, its terms in order, its tests."""
    yield from _total_rows(model)
    for covariate in model.covariates:
        for variable, level in covariate.terms:
            path = term_path(model.path, variable, level)
            yield from _term_rows(model, covariate, level, path, convention)
        yield from overall_rows(model, covariate)
    yield from model_test_rows(model)


def _term_rows(model: Model, covariate: Covariate, level: str, path: str, convention: Convention) -> Iterator[Row]:
    """Persons, events and hazard ratio of one level, or of a continuous variable."""
    variable, members = covariate.variable, covariate.members(level)
    persons, died = int(members.sum()), int(model.died[members].sum())
    columns = _columns(model) | {"variable": variable, "level": level}
    yield from _count_rows(path, persons, died, columns, model.who(variable, level), model.event_happened)
    columns["filter"] = model.filter_of(variable, level)
    columns |= {"n": model.persons, "n_contributing": persons}
    if level and level == covariate.reference:
        yield result(f"{path}.hr", 1.0, unit="ratio", note="reference", **columns)
    else:
        yield from _hazard_ratio_rows(path, model.estimates[variable, level], convention, columns)


def _columns(model: Model) -> Row:
    return {**model.about, "analysis": "cox", "method": METHOD.format(method=model.about["method"])}


def _total_rows(model: Model) -> Iterator[Row]:
    covariate = model.covariates[0]
    path = f"{model.path}.{covariate.variable}" if model.univariable else model.path
    columns = _columns(model) | ({"variable": covariate.variable} if model.univariable else {})
    # The single term of a continuous variable has the model's n and events itself.
    if covariate.levels or not model.univariable:
        yield from _count_rows(path, model.persons, model.events, columns, model.who(), model.event_happened)
    yield result(
        f"{path}.excluded", float(model.excluded), unit="persons", n=model.persons + model.excluded,
        n_contributing=model.excluded, **columns,
        filter=filter_text((), *((is_unknown(name),) for name in model.variables)),
        note="left out of the model: a covariate is unknown" if model.excluded else "",
    )  # fmt: skip


def _count_rows(path: str, persons: int, events: int, columns: Row, who: Clause, happened: Condition) -> Iterator[Row]:
    columns = columns | {"unit": "persons", "n": persons}
    yield result(f"{path}.n", float(persons), n_contributing=persons, filter=filter_text(who), **columns)
    yield result(f"{path}.events", float(events), n_contributing=events, filter=filter_text(who, (happened,)),
                 **columns)  # fmt: skip


def _hazard_ratio_rows(path: str, estimate: Estimate, convention: Convention, columns: Row) -> Iterator[Row]:
    """Hazard ratio, Wald limits and Wald p of one term."""
    half_width = convention.z * estimate.standard_error
    with np.errstate(over="ignore"):
        ratios = np.exp(estimate.coefficient + half_width * np.array([0.0, -1.0, 1.0]))
    for name, ratio in zip(("hr", "lower", "upper"), ratios, strict=True):
        level = None if name == "hr" else convention.conf_level
        note = estimate.note or ("" if math.isfinite(ratio) else TOO_LARGE)
        yield result(f"{path}.{name}", _number(ratio), unit="ratio", conf_level=level, note=note, **columns)
    yield result(f"{path}.p", _number(estimate.p), unit="probability", note=estimate.note, **columns)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
