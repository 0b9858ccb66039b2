"""What speaks against reading too much into a Cox model, as results: one row per statistic, beside the model's own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutline.ard import result
from cutline.cox.guards import (
    detectable_hazard_ratios,
    events_per_degree_of_freedom,
    explained_share,
    variance_inflation,
)
from cutline.cox.models import Model
from cutline.cox.terms import CONSTANT, NOBODY_IN_LEVEL, ONE_LEVEL, Covariate, Estimate, term_path
from cutline.filters import filter_text, is_known, is_one_of, is_unknown
from cutline.rules_of_thumb import THRESHOLDS

Row = dict[str, Any]
Floats = NDArray[np.float64]
ANALYSIS = "cox_guards"

NOT_NOTABLE = 0.05
"""A term whose p-value is at least this has its smallest detectable hazard ratio beside it."""

EXPLORATORY = "exploratory only: fewer than {limit:g} events per degree of freedom"
FEW_EVENTS = "caution: fewer than {limit:g} events per degree of freedom"
INFLATED = "collinearity: the variance is inflated more than {limit:g}-fold"
LOST = "unknown, though all covariates before it are known"
NO_DEGREES = "not estimable (the model has no term that varies)"
UNDETECTABLE = "not estimable (no hazard ratio would be detectable)"
DESIGN_QUANTITY = (
    "smallest hazard ratio detectable with 80 % power at two-sided 5 %, exp(±2.8016 / sqrt(E q(1 − q)(1 − R²))): "
    "a quantity of the design, not the power of this result, which its interval tells"
)
NOT_VARYING = (CONSTANT, NOBODY_IN_LEVEL, ONE_LEVEL)


def guard_rows(model: Model, guards: Mapping[str, float]) -> Iterator[Row]:
    """Of the multivariable model events per degree of freedom, inflation and complete cases; of each model's terms with
    p of at least 0.05 the smallest hazard ratio that could have been shown, on both sides of 1.

    `guards` are the thresholds that the study sets, the others are the usual rules of thumb.
    """
    limits = THRESHOLDS | {**guards}
    if not model.univariable:
        yield from _events_per_degree(model, limits)
        yield from _inflation(model, limits["variance_inflation"])
        yield from _complete_cases(model)
    for covariate in model.covariates:
        for variable, level in covariate.compared_terms:
            if _p(model.estimates[variable, level]) >= NOT_NOTABLE:
                yield from _detectable(model, covariate, level)


def _columns(model: Model) -> Row:
    return {**model.about, "analysis": ANALYSIS}


def _events_per_degree(model: Model, limits: Mapping[str, float]) -> Iterator[Row]:
    degrees = sum(estimate.note not in NOT_VARYING for estimate in model.estimates.values())
    ratio = events_per_degree_of_freedom(model.events, degrees)
    exploratory, warning = limits["events_per_df_exploratory"], limits["events_per_df_warning"]
    note = ""
    if ratio < warning:
        note = EXPLORATORY.format(limit=exploratory) if ratio < exploratory else FEW_EVENTS.format(limit=warning)
    columns = _columns(model) | {"n": model.persons, "method": "estimated coefficients"}
    yield result(f"{model.path}.degrees_of_freedom", float(degrees), unit="terms", n_contributing=model.persons,
                 filter=filter_text(model.who()), **columns)  # fmt: skip
    columns |= {"method": "events by estimated coefficients", "note": note if degrees else NO_DEGREES}
    yield result(
        f"{model.path}.events_per_df", ratio if math.isfinite(ratio) else None, unit="events",
        n_contributing=model.events, filter=filter_text(model.who(), (model.event_happened,)), **columns,
    )  # fmt: skip


def _inflation(model: Model, limit: float) -> Iterator[Row]:
    """By how much each covariate's likeness to the others inflates the variance of its coefficients."""
    parts = [indicators(covariate) for covariate in model.covariates]
    ends = np.cumsum([part.shape[1] for part in parts]).tolist()
    for covariate, part, end in zip(model.covariates, parts, ends, strict=True):
        columns = _columns(model) | {"variable": covariate.variable, "unit": "ratio", "n": model.persons}
        columns |= {"n_contributing": model.persons, "filter": filter_text(model.who())}
        columns["method"] = "generalised variance inflation factor of the covariates, to the power 1/df"
        inflation = variance_inflation(np.hstack(parts), slice(end - part.shape[1], end)) if part.shape[1] else math.inf
        known = math.isfinite(inflation)
        note = (INFLATED.format(limit=limit) if inflation > limit else "") if known else _why_infinite(part)
        yield result(f"{model.path}.{covariate.variable}.variance_inflation", inflation if known else None,
                     **columns, note=note)  # fmt: skip


def _why_infinite(part: Floats) -> str:
    varies = part.shape[1] and part.size and part.std(axis=0).all()
    return "not estimable (the other covariates determine it: collinearity)" if varies else CONSTANT


def _complete_cases(model: Model) -> Iterator[Row]:
    """Persons lost at each covariate and stratum, in the model's order, and those left after it."""
    everyone = left = model.persons + model.excluded
    for place, (variable, lost) in enumerate(zip(model.variables, model.lost, strict=True)):
        before = tuple(is_known(name) for name in model.variables[:place])
        columns = _columns(model) | {"variable": variable, "unit": "persons", "n": everyone, "method": ""}
        left -= lost
        yield result(f"{model.path}.{variable}.lost", float(lost), **columns, n_contributing=lost,
                     note=LOST if lost else "", filter=filter_text((), (*before, is_unknown(variable))))  # fmt: skip
        yield result(f"{model.path}.{variable}.remaining", float(left), **columns, n_contributing=left,
                     filter=filter_text((), (*before, is_known(variable))))  # fmt: skip


# ── the smallest detectable hazard ratio ─────────────────────────────────────────────────────


def _detectable(model: Model, covariate: Covariate, level: str) -> Iterator[Row]:
    compared = covariate.members(level) | (covariate.members(covariate.reference) if level else False)
    events = int(model.died[compared].sum())
    others = [each for each in model.covariates if each is not covariate]
    ratios = detectable_hazard_ratios(events, *_variance_and_share(covariate, level, compared, others))
    path = term_path(model.path, covariate.variable, level)
    behind = [(is_one_of(covariate.variable, level, covariate.reference),)] if level else []
    columns = _columns(model) | {"variable": covariate.variable, "level": level, "n": model.persons}
    columns |= {"n_contributing": int(compared.sum()), "filter": filter_text(model.who(), *behind)}
    columns |= {"unit": "ratio" if level else "ratio per standard deviation", "method": DESIGN_QUANTITY}
    for side, ratio in zip(("lower", "upper"), ratios, strict=True):
        known = 0 < ratio < math.inf
        yield result(f"{path}.detectable_{side}", ratio if known else None, **columns,
                     note="" if known else UNDETECTABLE)  # fmt: skip


def _variance_and_share(
    covariate: Covariate, level: str, compared: NDArray[np.bool_], others: Sequence[Covariate]
) -> tuple[float, float]:
    """The variance of a term among those compared (1 per standard deviation), and the share the others explain."""
    if level:
        column = covariate.members(level)[compared].astype(np.float64)
    else:
        column = covariate.values.to_numpy(dtype=np.float64)[compared]
    rest = np.hstack([np.zeros((len(column), 0)), *(indicators(other)[compared] for other in others)])
    return float(column.var()) if level else float(column.std() > 0), explained_share(column, rest)


def indicators(covariate: Covariate) -> Floats:
    """The covariate's columns of a design: the numbers, or an indicator of each level but the reference that occurs."""
    if not covariate.levels:
        return covariate.values.to_numpy(dtype=np.float64)[:, None]
    columns = [covariate.members(level) for _, level in covariate.compared_terms]
    occurring = [column.astype(np.float64) for column in columns if column.any()]
    return np.column_stack(occurring) if occurring else np.zeros((len(covariate.values), 0))


def _p(estimate: Estimate) -> float:
    """Wald's p; 0 for a term without an estimate, of which another row says why."""
    if estimate.note or not estimate.standard_error > 0:
        return 0.0
    return estimate.p
