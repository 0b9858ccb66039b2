"""Firth's penalised partial likelihood: finite estimates where a coefficient of Cox's model has none."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri

Floats = NDArray[np.float64]

LARGEST_STEP = 1.0
"""How far a standardised coefficient may move in one step."""
CONVERGED_STEP = 1e-10
"""Length of a Newton step, per standard deviation, at which a maximum counts as found."""
ROUNDING = 1e-12
"""How much, relative to itself, a likelihood may fall before a step counts as too long."""
STEPS, HALVINGS = 200, 20
WIDEST = 40.0
"""Where a limit of the interval, per standard deviation, counts as infinite: a hazard ratio of 10^17."""


@dataclass(frozen=True)
class FirthFit:
    """Estimates per unit of each column, with the limits and the test of the profile of the penalised likelihood."""

    coefficients: Floats
    covariance: Floats
    lower: Floats
    upper: Floats
    chi_square: Floats
    p: Floats
    penalised_log_likelihood_null: float
    penalised_log_likelihood: float
    converged: bool

    @property
    def standard_errors(self) -> Floats:
        return np.sqrt(np.diag(self.covariance))


def firth_fit(
    times: NDArray[Any], events: NDArray[np.bool_], design: Floats, *, ties: str = "efron", conf_level: float = 0.95,
    strata: NDArray[Any] | None = None,
) -> FirthFit:  # fmt: skip
    """Cox's model by Firth's penalised likelihood, with profile intervals and likelihood-ratio tests of each term.

    `times` (n), `events` (n), `design` (n x p, full rank): the penalty is half the log determinant of the information,
    which makes the maximum finite whatever is separated. Ties as in the main analysis, efron or breslow; the baseline
    hazard is one per value of `strata` (n). The test of a term fixes it at 0 and keeps the penalty of the whole model,
    as R's coxphf; a limit that lies beyond any number is infinite. The covariance is the inverse of the unpenalised
    information at the estimate. No missing values. Raises AssertionError without an event.

    Source: Heinze and Schemper, Biometrics 2001;57:114-9; Firth, Biometrika 1993;80:27-38.
    """
    assert events.any(), "a Cox model needs an event"
    centre, scale = design.mean(axis=0), design.std(axis=0)
    sets = _RiskSets(times, events, (design - centre) / scale, ties, strata)
    terms = design.shape[1]
    best = _maximum(sets, np.zeros(terms), np.ones(terms, dtype=bool))
    tests = [_profile(sets, best, term, 0.0) for term in range(terms)]
    chi_square = np.array([max(0.0, 2 * (best.value - at_zero.value)) for at_zero in tests])
    limits = np.array([[_limit(sets, best, term, side, conf_level) for side in (-1, 1)] for term in range(terms)])
    return FirthFit(
        coefficients=best.coefficients / scale,
        covariance=np.linalg.inv(best.information) / np.outer(scale, scale),
        lower=limits[:, 0] / scale,
        upper=limits[:, 1] / scale,
        chi_square=chi_square,
        p=np.asarray(chdtrc(1, chi_square), dtype=np.float64),
        penalised_log_likelihood_null=sets.at(np.zeros(terms)).value,
        penalised_log_likelihood=best.value,
        converged=best.converged and all(test.converged for test in tests),
    )


# ── the penalised likelihood ─────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class _Point:
    """The penalised likelihood at one vector of coefficients."""

    coefficients: Floats
    value: float
    score: Floats
    information: Floats
    converged: bool = False


class _RiskSets:
    """Persons sorted by stratum and time, so that each event's risk set is one slice of them."""

    def __init__(
        self, times: NDArray[Any], events: NDArray[np.bool_], design: Floats, ties: str, strata: NDArray[Any] | None
    ) -> None:
        groups = np.zeros(len(times), dtype=np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
        order = np.lexsort((~events, times, groups))
        times, groups, self.design, died = times[order], groups[order], design[order], events[order]
        starts = np.flatnonzero(np.r_[True, (times[1:] != times[:-1]) | (groups[1:] != groups[:-1])])
        block = np.cumsum(np.isin(np.arange(len(times)), starts)) - 1
        self.events = np.flatnonzero(died)
        self.first = starts[block[self.events]]
        self.end = np.searchsorted(groups, groups[self.events], side="right")
        deaths = np.bincount(block, weights=died).astype(np.int64)[block[self.events]]
        self.tied_end = self.first + deaths
        # Those who die first in a block come first in it: the r-th of d tied deaths sees 1 - r/d of each of them.
        self.fraction = (self.events - self.first) / deaths if ties == "efron" else np.zeros(len(self.events))

    def at(self, coefficients: Floats) -> _Point:
        """Value, score and information, penalised but for the information."""
        predictor = self.design @ coefficients
        predictor -= predictor.max()
        weights = np.exp(predictor)
        terms = self.design.shape[1]
        total = self._sums(weights)
        mean = self._sums(weights[:, None] * self.design) / total[:, None]
        products = (self.design[:, :, None] * self.design[:, None, :]).reshape(len(weights), -1)
        second = (self._sums(weights[:, None] * products) / total[:, None]).reshape(-1, terms, terms)
        information = (second - mean[:, :, None] * mean[:, None, :]).sum(axis=0)
        sign, log_determinant = np.linalg.slogdet(information)
        if sign <= 0 or not math.isfinite(log_determinant):
            return _Point(coefficients, -math.inf, np.zeros(terms), information)
        value = float((predictor[self.events] - np.log(total)).sum()) + log_determinant / 2
        score = (self.design[self.events] - mean).sum(axis=0)
        score = score + self._penalty(weights, total, mean, second, np.linalg.inv(information)) / 2
        return _Point(coefficients, value, score, information)

    def _penalty(self, weights: Floats, total: Floats, mean: Floats, second: Floats, inverse: Floats) -> Floats:
        """Gradient of the log determinant: third central moments of each risk set, contracted with the inverse."""
        lengths = np.einsum("ij,jk,ik->i", self.design, inverse, self.design)
        length = self._sums(weights * lengths) / total
        crossed = self._sums((weights * lengths)[:, None] * self.design) / total[:, None]
        toward = mean @ inverse
        covariance_toward = np.einsum("ejk,ek->ej", second, toward) - mean * (mean * toward).sum(axis=1)[:, None]
        gradient: Floats = (crossed - mean * length[:, None] - 2 * covariance_toward).sum(axis=0)
        return gradient

    def _sums(self, values: Floats) -> Floats:
        """Of each event, the sum over its risk set, less the part of tied deaths that Efron's method takes away."""
        running = np.concatenate([np.zeros((1, *values.shape[1:])), np.cumsum(values[::-1], axis=0)])
        persons = len(values)
        at_risk = running[persons - self.first] - running[persons - self.end]
        tied = running[persons - self.first] - running[persons - self.tied_end]
        fraction = self.fraction.reshape(-1, *([1] * (values.ndim - 1)))
        result: Floats = at_risk - fraction * tied
        return result


# ── maxima, tests, limits ────────────────────────────────────────────────────────────────────


def _maximum(sets: _RiskSets, start: Floats, free: NDArray[np.bool_]) -> _Point:
    """Where the penalised likelihood is largest in the free coefficients; the others stay where they are."""
    point = sets.at(start)
    inverse: Floats = np.asarray(np.linalg.inv(point.information[np.ix_(free, free)]), dtype=np.float64)
    for _ in range(STEPS):
        step = np.zeros(len(start))
        step[free] = inverse @ point.score[free]
        length = np.abs(step).max()
        if length < CONVERGED_STEP:
            return replace(point, converged=True)
        found = _climbed(sets, point, step * min(1.0, LARGEST_STEP / length))
        if found is None:
            break
        moved, fallen = found.coefficients - point.coefficients, point.score - found.score
        inverse, point = _updated(inverse, moved[free], fallen[free]), found
    return point


def _updated(inverse: Floats, moved: Floats, fallen: Floats) -> Floats:
    """The inverse curvature after a step, by Broyden, Fletcher, Goldfarb and Shanno: the penalty has one of its own."""
    product = float(moved @ fallen)
    if product <= 0:
        return inverse
    turn = np.eye(len(moved)) - np.outer(moved, fallen) / product
    updated: Floats = turn @ inverse @ turn.T + np.outer(moved, moved) / product
    return updated


def _climbed(sets: _RiskSets, point: _Point, step: Floats) -> _Point | None:
    """Where the step leads, halved until the likelihood does not fall; None if it always does."""
    lowest = point.value - ROUNDING * abs(point.value)
    tried = (sets.at(point.coefficients + step / 2**halving) for halving in range(HALVINGS))
    return next((found for found in tried if found.value >= lowest), None)


def _profile(sets: _RiskSets, near: _Point, term: int, fixed: float) -> _Point:
    """The maximum with one coefficient fixed."""
    start, free = near.coefficients.copy(), np.ones(len(near.coefficients), dtype=bool)
    start[term], free[term] = fixed, False
    return _maximum(sets, start, free)


def _limit(sets: _RiskSets, best: _Point, term: int, side: int, conf_level: float) -> float:
    """Where the profile has fallen by half the quantile of chi-square, below (-1) or above (1) the estimate."""
    drop = float(chdtri(1, 1 - conf_level)) / 2
    estimate, near = float(best.coefficients[term]), [best]

    def excess(value: float) -> float:
        near[0] = _profile(sets, near[0], term, value)
        return near[0].value - best.value + drop

    width = math.sqrt(2 * drop / best.information[term, term])
    outside = estimate + side * width
    while excess(outside) > 0:
        width *= 1.6
        outside = estimate + side * width
        if width > WIDEST:
            return side * math.inf
    return float(brentq(excess, estimate, outside, xtol=1e-11, rtol=1e-12))
