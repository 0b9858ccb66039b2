"""Intervals for the survival probability and for a quantile of the survival time.

A quantile is named by S: 0.5 is the median. One tolerance decides whether S(t) has reached it, so that
the answer does not depend on the order in which a product of fractions was rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from cutline.survival.kaplan_meier import Curve, Floats

TOLERANCE = 1e-9
SPSS_WINDOW = 0.05
SPSS_Z = 1.96

Limits = tuple[float | None, float | None]


def _plain(survival: Floats, greenwood: Floats, z: float) -> tuple[Floats, Floats]:
    half_width = z * survival * np.sqrt(greenwood)
    return np.maximum(survival - half_width, 0.0), np.minimum(survival + half_width, 1.0)


def _log(survival: Floats, greenwood: Floats, z: float) -> tuple[Floats, Floats]:
    factor = np.exp(z * np.sqrt(greenwood))
    return survival / factor, np.minimum(survival * factor, 1.0)


def _log_log(survival: Floats, greenwood: Floats, z: float) -> tuple[Floats, Floats]:
    half_width = z * np.sqrt(greenwood) / np.log(survival)
    centre = np.log(-np.log(survival))
    return np.exp(-np.exp(centre - half_width)), np.exp(-np.exp(centre + half_width))


TRANSFORMS: Mapping[str, Callable[[Floats, Floats, float], tuple[Floats, Floats]]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
}


def survival_limits(curve: Curve, transform: str, z: float) -> tuple[Floats, Floats]:
    """Pointwise limits of S(t) at each entry of the curve, by Greenwood's variance on the given scale.

    `transform` is plain, log or log-log as in R's `survfit(conf.type=)`; limits are cut to 0 and 1.
    Where S is 1 or 0 Greenwood's variance says nothing and the limits are NaN.
    """
    lower, upper = np.full(len(curve.times), np.nan), np.full(len(curve.times), np.nan)
    inside = (curve.survival > 0) & (curve.greenwood > 0)
    lower[inside], upper[inside] = TRANSFORMS[transform](curve.survival[inside], curve.greenwood[inside], z)
    return lower, upper


def quantile(curve: Curve, probability: float) -> float | None:
    """First day on which S(t) is at or below the probability; None if it stays above.

    Where S equals it along a whole step this is the step's left end, as in SPSS and lifelines; R and SAS
    take its middle.
    """
    return _first_day(curve, curve.survival <= probability + TOLERANCE)


def quantile_limits(curve: Curve, probability: float, transform: str, z: float) -> Limits:
    """Limits of a quantile by Brookmeyer and Crowley: the days on which the limits of S(t) come down to it.

    Biometrics 1982;38:29-41; as R's `quantile(survfit(conf.type=))`. A limit that the curve's end does not
    reach is None.
    """
    lower, upper = survival_limits(curve, transform, z)
    return (
        _first_day(curve, lower <= probability + TOLERANCE),
        _first_day(curve, upper <= probability + TOLERANCE),
    )


def spss_quantile_limits(curve: Curve, probability: float, z: float = SPSS_Z) -> Limits:
    """Limits of a quantile as SPSS computes them: symmetric on the time scale, not cut at 0.

    The standard error of the time is that of S(t) divided by the slope of the curve between the last
    event time with S at least 0.05 above the quantile and the first with S at least 0.05 below it
    (Collett, Modelling Survival Data in Medical Research, section on the median). Both are None where
    the curve has no such times or S is 0 at the quantile, where Greenwood's variance is undefined.
    """
    day = quantile(curve, probability)
    error = None if day is None else _spss_standard_error(curve, probability, day)
    if day is None or error is None:
        return None, None
    return day - z * error, day + z * error


def _spss_standard_error(curve: Curve, probability: float, day: float) -> float | None:
    event_entries = np.flatnonzero(curve.events)
    survival = curve.survival[event_entries]
    above = event_entries[survival >= probability + SPSS_WINDOW - TOLERANCE]
    below = event_entries[survival <= probability - SPSS_WINDOW + TOLERANCE]
    at = int(np.searchsorted(curve.times, day))
    if not len(above) or not len(below) or curve.survival[at] <= 0:
        return None
    last, first = above[-1], below[0]
    slope = (curve.survival[last] - curve.survival[first]) / (curve.times[first] - curve.times[last])
    return float(curve.survival[at] * np.sqrt(curve.greenwood[at]) / slope)


def _first_day(curve: Curve, reached: NDArray[np.bool_]) -> float | None:
    entries = np.flatnonzero(reached)
    return float(curve.times[entries[0]]) if len(entries) else None
