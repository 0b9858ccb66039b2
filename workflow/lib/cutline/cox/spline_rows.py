"""A model's continuous covariate as a restricted cubic spline, as results: tests, and how far the curve rises."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutline.ard import result
from cutline.cox.guard_rows import indicators
from cutline.cox.model_tests import chi_square_rows
from cutline.cox.models import COLLINEAR, MONOTONE, NOT_CONVERGED, Model
from cutline.cox.partial_likelihood import Fit, fit
from cutline.cox.splines import knots_of, restricted_cubic
from cutline.cox.terms import NO_EVENTS
from cutline.filters import filter_text
from cutline.survival.convention import Convention
from cutline.variant_names import SPLINE

Row = dict[str, Any]
Floats = NDArray[np.float64]

KNOTS = 3
NO_SPLINE = "not estimable (too few different values for a spline)"
METHOD = ", restricted cubic spline with {knots} knots, likelihood-ratio tests"
RISE = ", restricted cubic spline with {knots} knots: third against first quartile"


@dataclass(frozen=True)
class Bent:
    """What the spline says: chi-square and degrees of the curve and of its bends, and its rise over the quartiles."""

    overall: tuple[float, int]
    nonlinearity: tuple[float, int]
    rise: float
    rise_error: float


def spline_rows(model: Model, variable: str, convention: Convention) -> Iterator[Row]:
    """The model with a spline of one continuous covariate, as variant `spline_<variable>`.

    Likelihood-ratio tests of the variable as a whole and of its bends, and the hazard ratio between the third and the
    first quartile of its values. What cannot be estimated is a row whose note says why.
    """
    found = _bent(model, variable)
    note = found if isinstance(found, str) else ""
    columns = {**model.about, "analysis": "cox", "variable": variable, "variant": f"{SPLINE}{variable}"}
    columns |= {"n": model.persons, "n_contributing": model.persons, "filter": filter_text(model.who())}
    path = f"{SPLINE}{variable}/{model.path}.{variable}"
    tests_method, rise_method = (model.about["method"] + words.format(knots=KNOTS) for words in (METHOD, RISE))
    for name in ("overall", "nonlinearity"):
        chi_square, degrees = (math.nan, KNOTS) if isinstance(found, str) else getattr(found, name)
        yield from chi_square_rows(f"{path}.{name}", chi_square, degrees, note, columns | {"method": tests_method})
    rise, error = (math.nan, math.nan) if isinstance(found, str) else (found.rise, found.rise_error)
    reach = convention.z * error
    for statistic, logarithm in {"hr": rise, "lower": rise - reach, "upper": rise + reach}.items():
        yield result(
            f"{path}.q3_to_q1.{statistic}", None if note else math.exp(logarithm), unit="ratio", note=note,
            conf_level=None if statistic == "hr" else convention.conf_level, **columns | {"method": rise_method},
        )  # fmt: skip


def _bent(model: Model, variable: str) -> Bent | str:
    """The three nested fits: with the spline, with the line, without the variable; or why there are none."""
    covariate = next(each for each in model.covariates if each.variable == variable)
    values = covariate.values.to_numpy(dtype=np.float64)
    knots = knots_of(values, KNOTS)
    if len(knots) < KNOTS:
        return NO_SPLINE
    if not model.events:
        return NO_EVENTS
    rest = [indicators(other) for other in model.covariates if other is not covariate]
    others = np.hstack([np.zeros((len(values), 0)), *rest])
    basis = restricted_cubic(values, knots)
    bent, line = (_fit(model, np.hstack([others, part])) for part in (basis, values[:, None]))
    if note := _why_not(bent, others.shape[1]):
        return note
    without = _fit(model, others).log_likelihood if others.shape[1] else bent.log_likelihood_null
    quartiles = restricted_cubic(np.quantile(values, [0.25, 0.75]), knots)
    step = np.concatenate([np.zeros(others.shape[1]), quartiles[1] - quartiles[0]])
    # A term of another covariate that separates is where Newton stopped; it has no part in this contrast.
    return Bent(
        overall=(max(0.0, 2 * (bent.log_likelihood - without)), KNOTS - 1),
        nonlinearity=(max(0.0, 2 * (bent.log_likelihood - line.log_likelihood)), KNOTS - 2),
        rise=float(step @ np.nan_to_num(bent.coefficients)),
        rise_error=math.sqrt(float(step @ np.nan_to_num(bent.covariance) @ step)),
    )


def _fit(model: Model, design: Floats) -> Fit:
    return fit(model.times["time_days"], model.died, design, model.ties, model.stratum)


def _why_not(bent: Fit, first: int) -> str:
    """Why the spline's own terms, those from `first` on, have no estimate."""
    if bent.unidentified[first:].any():
        return COLLINEAR
    if bent.diverged[first:].any():
        return MONOTONE
    return "" if bent.converged or bent.diverged.any() else NOT_CONVERGED
