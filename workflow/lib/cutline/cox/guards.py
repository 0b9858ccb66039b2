"""What a Cox model can bear and find: events per degree of freedom, collinearity, detectable hazard ratio."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

POWER, TWO_SIDED_LEVEL = 0.80, 0.05
DESIGN_QUANTILES = NormalDist().inv_cdf(1 - TWO_SIDED_LEVEL / 2) + NormalDist().inv_cdf(POWER)
"""2.8016: the standard errors a log hazard ratio must lie from 0 to be found with 80 % power at two-sided 5 %."""


def detectable_hazard_ratios(events: float, variance: float, shared: float) -> tuple[float, float]:
    """The smallest effect that the data could show, as a hazard ratio below and one above 1.

    `events` is the number of events E behind the comparison, `variance` that of the term among its persons: q(1 - q)
    for a level held by the share q of those in it or in the reference, 1 for a continuous term per standard
    deviation. `shared` is R², the share of that variance that the model's other covariates explain. exp(∓2.8016 /
    sqrt(E q(1 - q) (1 - R²))), the sign taken either way; (0, infinity) where nothing could be shown. This is a
    quantity of the design, not the power of a result that is already known. Source: Schoenfeld, Biometrics
    1983;39:499-503; Hsieh and Lavori, Control Clin Trials 2000;21:552-60.
    """
    information = events * variance * (1.0 - shared)
    if information <= 0:
        return 0.0, math.inf
    distance = DESIGN_QUANTILES / math.sqrt(information)
    # Beyond any number a float can hold, nothing could be shown either.
    return math.exp(-distance), math.exp(distance) if distance < 700 else math.inf


def explained_share(column: Floats, others: Floats) -> float:
    """R²: the share of a column's variance (n) that a linear regression on others (n x p) explains; 0 without others.

    Constant and linearly dependent columns among the others add nothing; a constant column is explained wholly.
    """
    centred = column - column.mean()
    total = float(centred @ centred)
    if total <= 1e-12 * float(column @ column) or total == 0:
        return 1.0
    if not others.shape[1]:
        return 0.0
    predictors = others - others.mean(axis=0)
    fitted = predictors @ np.linalg.lstsq(predictors, centred, rcond=None)[0]
    return min(1.0, max(0.0, float(fitted @ fitted) / total))


def variance_inflation(design: Floats, columns: slice) -> float:
    """By how much the variance of a covariate's coefficients grows because the other covariates resemble it.

    The generalised variance inflation factor of the columns (one per degree of freedom) within the design (n x p),
    taken to the power 1/df, so that it compares with the factor 1/(1 - R²) of a single column, which it equals
    there. 1 without other columns, infinite where they determine it. Source: Fox and Monette, J Am Stat Assoc
    1992;87:178-83.
    """
    if not len(design) or not design.std(axis=0).all():
        return math.inf
    correlation = np.corrcoef(design, rowvar=False).reshape(design.shape[1], design.shape[1])
    own = np.zeros(design.shape[1], dtype=bool)
    own[columns] = True
    inside, outside = correlation[np.ix_(own, own)], correlation[np.ix_(~own, ~own)]
    whole = float(np.linalg.det(correlation))
    if whole < 1e-10:
        return math.inf
    return float((np.linalg.det(inside) * np.linalg.det(outside) / whole) ** (1 / int(own.sum())))


def events_per_degree_of_freedom(events: int, degrees: int) -> float:
    """Events by the number of estimated coefficients; infinite without any."""
    return events / degrees if degrees else math.inf
