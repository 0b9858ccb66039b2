"""Intervals for the survival probability and for a quantile of the survival time.

A quantile is named by S: 0.5 is the median. One tolerance decides whether S(t) has reached it, so that
the answer does not depend on the order in which a product of fractions was rounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from cutline.survival.convention import SPSS_Z
from cutline.survival.grid import Flags, Floats, Times
from cutline.survival.kaplan_meier import Curve

TOLERANCE = 1e-9
SPSS_WINDOW = 0.05

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


def _logit(survival: Floats, greenwood: Floats, z: float) -> tuple[Floats, Floats]:
    half_width = z * np.sqrt(greenwood) / (1 - survival)
    odds = survival / (1 - survival)
    lower, upper = odds * np.exp(-half_width), odds * np.exp(half_width)
    return lower / (1 + lower), upper / (1 + upper)


def _arcsin(survival: Floats, greenwood: Floats, z: float) -> tuple[Floats, Floats]:
    centre = np.arcsin(np.sqrt(survival))
    half_width = 0.5 * z * np.sqrt(greenwood * survival / (1 - survival))
    lower, upper = np.maximum(centre - half_width, 0.0), np.minimum(centre + half_width, np.pi / 2)
    return np.sin(lower) ** 2, np.sin(upper) ** 2


TRANSFORMS: Mapping[str, Callable[[Floats, Floats, float], tuple[Floats, Floats]]] = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "logit": _logit,
    "arcsin": _arcsin,
}


def survival_limits(curve: Curve, transform: str, z: float) -> tuple[Floats, Floats]:
    """Pointwise limits of S(t) at each entry of the curve, by Greenwood's variance on the given scale.

    `transform` is plain, log, log-log, logit or arcsin as in R's `survfit(conf.type=)`; limits are cut to 0 and 1.
    Where S is 1 or 0 Greenwood's variance says nothing and the limits are NaN.
    """
    lower, upper = np.full(len(curve.times), np.nan), np.full(len(curve.times), np.nan)
    inside = (curve.survival > 0) & (curve.greenwood > 0)
    # Limits change where S does, and nowhere else.
    steps = inside & (curve.events > 0)
    low, high = TRANSFORMS[transform](curve.survival[steps], curve.greenwood[steps], z)
    step = np.cumsum(steps)[inside] - 1
    lower[inside], upper[inside] = low[step], high[step]
    return lower, upper


def quantile(curve: Curve, probability: float, rule: str = "left_end") -> float | None:
    """The time at which S(t) comes down to the probability; None if it stays above.

    Where S equals it along a whole step, the rule `left_end` takes the step's first time, as SPSS and lifelines do, and
    `midpoint` its middle, as R and SAS; the last step ends at the largest time, as in R (SAS gives no quantile on it).
    """
    return RULES[rule](curve.times, curve.survival, probability)


def quantile_limits(curve: Curve, probability: float, transform: str, z: float, rule: str = "left_end") -> Limits:
    """Limits of a quantile by Brookmeyer and Crowley: the times at which the limits of S(t) come down to it.

    Biometrics 1982;38:29-41; with the rule `midpoint` as R's `quantile(survfit(conf.type=))`. A limit that the curve's
    end does not reach is None.
    """
    lower, upper = survival_limits(curve, transform, z)
    return RULES[rule](curve.times, lower, probability), RULES[rule](curve.times, upper, probability)


def _left_end(times: Times, heights: Floats, probability: float) -> float | None:
    entries = np.flatnonzero(heights <= probability + TOLERANCE)
    return float(times[entries[0]]) if len(entries) else None


def _midpoint(times: Times, heights: Floats, probability: float) -> float | None:
    """The middle of the step at the probability; the left end where the curve jumps over it.

    Where a limit rises again after it came down, R takes the time at which it is next below the probability.
    """
    start = _next_below(times, heights, heights <= probability + TOLERANCE)
    end = _next_below(times, heights, heights < probability - TOLERANCE)
    return None if start is None else (start + (float(times[-1]) if end is None else end)) / 2


def _next_below(times: Times, heights: Floats, below: Flags) -> float | None:
    """The first time of the largest height among those below."""
    return float(times[below][np.argmax(heights[below])]) if below.any() else None


RULES: Mapping[str, Callable[[Times, Floats, float], float | None]] = {"left_end": _left_end, "midpoint": _midpoint}


def spss_quantile_limits(
    curve: Curve, probability: float, z: float = SPSS_Z, rule: str = "left_end"
) -> Limits:  # fmt: skip
    """Limits of a quantile as SPSS computes them: symmetric on the time scale, not cut at 0.

    The standard error of the time is that of S(t) divided by the slope of the curve between the last
    event time with S at least 0.05 above the quantile and the first with S at least 0.05 below it
    (Collett, Modelling Survival Data in Medical Research, section on the median). Both are None where
    the curve has no such times or S is 0 at the quantile, where Greenwood's variance is undefined.
    """
    day = quantile(curve, probability, rule)
    left_end = quantile(curve, probability)
    error = None if left_end is None else _spss_standard_error(curve, probability, left_end)
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
