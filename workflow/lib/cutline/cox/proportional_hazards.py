"""Whether hazards are proportional: the score test that R's cox.zph makes since survival 3.0, and what its plot
shows.

The model is enlarged by g(t) times each covariate; the test is Rao's of the new coefficients at the fitted model
(Grambsch and Therneau 1994, without their approximation). lifelines' proportional_hazard_test is the approximation
and another test.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from cutline.cox.partial_likelihood import At, Fit, derivatives, first_moments, likelihood_at
from cutline.cox.risk_sets import Flags, Floats, RiskSets

KM, RANK, IDENTITY = "km", "rank", "identity"
TRANSFORMS = (KM, RANK, IDENTITY)
GLOBAL = "global"
SMOOTH_POINTS = 40
SMOOTH_DEGREES_OF_FREEDOM = 4


@dataclass(frozen=True)
class ScoreTest:
    """A chi-square test; NaN where it cannot be made."""

    chi_square: float
    degrees_of_freedom: int

    @property
    def p(self) -> float:
        return float(chdtrc(self.degrees_of_freedom, self.chi_square))


def score_test(
    fitted: Fit, times: ArrayLike, events: ArrayLike, terms: Mapping[str, Sequence[int]], transform: str = KM
) -> dict[str, ScoreTest]:
    """Tests of proportional hazards: by variable, then `global` of all together.

    `times` and `events` are those the model was fitted to, `terms` the columns of the design by variable; columns
    whose coefficient is not finite (`diverged`, `unidentified`) take no part, as in R where they are NA, and a
    variable without others has NaN. `transform` is km (1 minus the pooled Kaplan-Meier estimate just before the
    time), rank (mean rank among all times) or identity. Raises ValueError for another one.
    """
    sets = fitted.risk_sets
    g = _transformed(sets, np.asarray(times), np.asarray(events, dtype=bool), transform)
    g = g - np.average(g, weights=sets.deaths)
    at = likelihood_at(sets, fitted.solution)
    scores, informations = derivatives(sets, at, np.array([np.ones_like(g), g, g * g]))
    finite = ~(fitted.diverged | fitted.unidentified)
    tested = {name: [column for column in columns if finite[column]] for name, columns in terms.items()}
    tested[GLOBAL] = [column for columns in tested.values() for column in columns]
    return {name: _test(scores[1], informations, columns, finite) for name, columns in tested.items()}


def _test(score: Floats, informations: Floats, columns: list[int], finite: Flags) -> ScoreTest:
    """Rao's test of these columns times g; the model's own score is 0 at its maximum."""
    if not columns:
        return ScoreTest(np.nan, 0)
    kept = np.flatnonzero(finite)
    plain, once, twice = informations
    crossed = once[kept][:, columns]
    residual = twice[columns][:, columns] - crossed.T @ np.linalg.solve(plain[kept][:, kept], crossed)
    return ScoreTest(_quadratic(score[columns], residual), len(columns))


def _quadratic(score: Floats, information: Floats) -> float:
    """score' information^-1 score; NaN without information, as with events at a single time."""
    spread = np.sqrt(np.maximum(np.diag(information), np.finfo(np.float64).tiny))
    scaled = information / np.outer(spread, spread)
    if np.linalg.eigvalsh(scaled)[0] < 1e-10:
        return np.nan
    return float(score / spread @ np.linalg.solve(scaled, score / spread))


def _transformed(sets: RiskSets, times: Floats, events: Flags, transform: str) -> Floats:
    """g of each block's time."""
    at = sets.times.astype(np.float64)
    match transform:
        case "identity":
            return at
        case "rank":
            everyone = np.sort(times)
            return (np.searchsorted(everyone, at, "left") + np.searchsorted(everyone, at, "right") + 1) / 2
        case "km":
            return _failed_before(times, events, at)
    raise ValueError(f"transform: found {transform!r}, expected one of {', '.join(TRANSFORMS)}")


def _failed_before(times: Floats, events: Flags, at: Floats) -> Floats:
    """1 minus the Kaplan-Meier estimate of everybody just before each time."""
    distinct, deaths = np.unique(times[events], return_counts=True)
    at_risk = len(times) - np.searchsorted(np.sort(times), distinct, "left")
    survival = np.append(1.0, np.cumprod(1 - deaths / at_risk))
    return np.asarray(1 - survival[np.searchsorted(distinct, at, "left")])


# ── what the plot shows ──────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Residuals:
    """Scaled Schoenfeld residuals: one row per event in order of stratum and time, one column per term.

    `transformed` is g(t), `values` estimate the coefficient at that time. `variance` is what R's cox.zph calls `var`:
    the variance of one event's value.
    """

    times: Floats
    transformed: Floats
    values: Floats
    variance: Floats


def scaled_residuals(fitted: Fit, times: ArrayLike, events: ArrayLike, transform: str = KM) -> Residuals:
    """Schoenfeld residuals times the number of events and the covariance, plus the coefficients (Grambsch and
    Therneau 1994).

    Arguments as `score_test`. One value per event is a value per person: it stays at patient level, only the smooth
    leaves.
    """
    sets = fitted.risk_sets
    g = _transformed(sets, np.asarray(times), np.asarray(events, dtype=bool), transform)
    means = _means(sets, likelihood_at(sets, fitted.solution))
    residuals = sets.design[:, sets.event_positions] - np.repeat(means, sets.deaths, axis=1)
    variance = fitted.covariance * int(sets.deaths.sum())
    values = (residuals * sets.scale[:, None]).T @ variance + fitted.coefficients
    at = np.repeat(sets.times.astype(np.float64), sets.deaths)
    return Residuals(at, np.repeat(g, sets.deaths), values, variance)


def _means(sets: RiskSets, at: At) -> Floats:
    """The mean of each term over the risk set, by block; with Efron's ties the average over its events."""
    sums = first_moments(sets, at)
    parts = [each * once for each, once in zip(sums, at.once * np.array([[1.0], [-1.0]])[: len(at.once)], strict=True)]
    return np.asarray(np.sum(parts, axis=0) / (sets.deaths * sets.event_weights))


@dataclass(frozen=True, eq=False)
class Smooth:
    """A smooth of one term's residuals with a band of two standard errors, along equally spaced g(t)."""

    transformed: Floats
    values: Floats
    lower: Floats
    upper: Floats


def smooth(residuals: Residuals, term: int) -> Smooth | None:
    """The natural spline with four degrees of freedom that R's plot of a cox.zph object draws.

    None with fewer event times than degrees of freedom.
    """
    x, y = residuals.transformed, residuals.values[:, term]
    if len(np.unique(x)) < SMOOTH_DEGREES_OF_FREEDOM:
        return None
    along = np.linspace(x.min(), x.max(), SMOOTH_POINTS)
    everywhere = np.concatenate([along, x])
    knots = np.quantile(everywhere, np.linspace(0, 1, SMOOTH_DEGREES_OF_FREEDOM))
    basis = _natural_spline(everywhere, knots)
    at_points, at_events = basis[:SMOOTH_POINTS], basis[SMOOTH_POINTS:]
    orthogonal, triangle = np.linalg.qr(at_events)
    leverage = np.linalg.solve(triangle.T, at_points.T)
    values = at_points @ np.linalg.solve(triangle, orthogonal.T @ y)
    half_width = 2 * np.sqrt(residuals.variance[term, term] * (leverage**2).sum(axis=0))
    return Smooth(along, values, values - half_width, values + half_width)


def _natural_spline(x: Floats, knots: Floats) -> Floats:
    """Cubic between the knots and linear outside: one column per knot (Hastie, Tibshirani and Friedman 2009, 5.2.1)."""
    scaled, bounds = (x - knots[0]) / np.ptp(knots), (knots - knots[0]) / np.ptp(knots)
    cubes = np.maximum(scaled[:, None] - bounds, 0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (bounds[-1] - bounds[:-1])
    return np.column_stack([np.ones_like(scaled), scaled, slopes[:, :-1] - slopes[:, -1:]])
