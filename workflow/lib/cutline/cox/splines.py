"""Restricted cubic splines: a continuous covariate whose effect need not be a straight line."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

KNOT_QUANTILES = {3: (0.10, 0.50, 0.90), 4: (0.05, 0.35, 0.65, 0.95), 5: (0.05, 0.275, 0.50, 0.725, 0.95)}
"""Where the knots lie, by their number (Harrell, Regression Modeling Strategies, 2nd edition, table 2.3)."""


def knots_of(values: Floats, number: int) -> Floats:
    """The knots (k) at the usual quantiles of the values (n), linearly interpolated; missing values do not count.

    Fewer than `number` where quantiles coincide, as of a covariate with few distinct values: with fewer than three
    there is no spline. `number` is 3, 4 or 5.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(0)
    return np.unique(np.quantile(known, KNOT_QUANTILES[number]))


def restricted_cubic(values: Floats, knots: Floats) -> Floats:
    """The basis (n x k - 1) of a cubic spline, linear beyond its outer knots: the value itself, then k - 2 bends.

    Spans what R's `splines::ns` spans with the same knots. The bends are divided by the squared distance of the outer
    knots, so that all columns have the unit of the value. Raises AssertionError for fewer than three knots. Source:
    Stone and Koo 1985; Harrell, Regression Modeling Strategies, section 2.4.5.
    """
    assert len(knots) >= 3, "a restricted cubic spline has at least three knots"
    last, before = knots[-1], knots[-2]

    def cubed(knot: float) -> Floats:
        return np.asarray(np.maximum(values - knot, 0.0) ** 3)

    bends = [
        cubed(knot) - cubed(before) * (last - knot) / (last - before) + cubed(last) * (before - knot) / (last - before)
        for knot in knots[:-2]
    ]
    return np.column_stack([values, *(bend / (last - knots[0]) ** 2 for bend in bends)])
