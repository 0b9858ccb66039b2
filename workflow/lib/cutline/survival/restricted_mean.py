"""The restricted mean survival time: the area under the Kaplan-Meier curve up to a horizon."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot

import numpy as np

from cutline.survival.kaplan_meier import Curve


@dataclass(frozen=True)
class Mean:
    """A restricted mean or a difference of two, with its standard error, in the unit of the times."""

    value: float
    standard_error: float

    def limits(self, z: float) -> tuple[float, float]:
        return self.value - z * self.standard_error, self.value + z * self.standard_error

    def minus(self, other: Mean) -> Mean:
        """The difference of the means of two independent groups up to one horizon."""
        return Mean(self.value - other.value, hypot(self.standard_error, other.standard_error))


def restricted_mean(curve: Curve, horizon: float) -> Mean:
    """The mean of time up to the horizon, up to which the curve must be known (`Curve.reach`).

    The variance is the sum over event times up to the horizon of A² d / (n (n - d)), A being the area under the curve
    from that time to the horizon; an event of the last at risk adds nothing. Equal to R's
    `summary(survfit(...), rmean = horizon)`. Raises AssertionError beyond that.
    """
    assert curve.reach is not None, "nobody to take a mean of"
    assert horizon <= curve.reach, "the horizon lies beyond the curve"
    inside = curve.times <= horizon
    edges = np.append(curve.times[inside], horizon).astype(np.float64)
    areas = np.diff(edges) * curve.survival[inside]
    to_the_right = np.cumsum(areas[::-1])[::-1]
    terms = np.diff(curve.greenwood[inside], prepend=0.0)
    weighed = to_the_right > 0
    variance = float(np.sum(to_the_right[weighed] ** 2 * terms[weighed]))
    return Mean(float(areas.sum()), float(np.sqrt(variance)))


def spss_mean(curve: Curve) -> Mean:
    """The restricted mean to the largest time as SPSS gives it; nobody is an AssertionError.

    Where the largest time is that of an event the variance is multiplied by m / (m - 1) with m events, without which a
    sample that nobody is censored in would not have the usual standard error of a mean; with one event it stays.
    """
    mean, events = restricted_mean(curve, float(curve.times[-1])), curve.event_count
    if not curve.events[-1] or events < 2:
        return mean
    return Mean(mean.value, mean.standard_error * float(np.sqrt(events / (events - 1))))
