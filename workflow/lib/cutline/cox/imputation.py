"""Multiple imputation of missing covariates by chained equations, pooled by Rubin's rules."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

NEWTON_STEPS = 50
CONVERGED_STEP = 1e-8


@dataclass(frozen=True)
class Incomplete:
    """A covariate with holes: numbers (NaN is missing), or codes 0 to levels - 1 (-1 is missing).

    `levels` is 0 for numbers. Every level must occur among the known values.
    """

    values: Floats | Integers
    levels: int = 0

    @property
    def missing(self) -> NDArray[np.bool_]:
        return np.asarray(self.values < 0 if self.levels else np.isnan(self.values))

    def columns(self) -> Floats:
        """As predictors (n x columns): the numbers, or an indicator of each level but the first."""
        if not self.levels:
            return np.asarray(self.values, dtype=np.float64)[:, None]
        return np.asarray(self.values[:, None] == np.arange(1, self.levels), dtype=np.float64)


def number_of_imputations(incomplete: int, persons: int, least: int) -> int:
    """As many as the percentage of persons with a missing value, rounded up, but at least so many.

    Source: White, Royston and Wood, Stat Med 2011;30:377-99, section 7.
    """
    return max(least, math.ceil(100 * incomplete / persons)) if persons else least


def nelson_aalen(times: NDArray[Any], events: NDArray[np.bool_]) -> Floats:
    """The cumulative hazard of everyone together at each person's own time (n): the sum of d/n at times up to it."""
    moments, position = np.unique(times, return_inverse=True)
    deaths = np.bincount(position, weights=events, minlength=len(moments))
    leaving = np.bincount(position, minlength=len(moments))
    at_risk = leaving[::-1].cumsum()[::-1]
    return np.asarray(np.cumsum(deaths / at_risk)[position], dtype=np.float64)


def imputations(
    times: NDArray[Any], events: NDArray[np.bool_], covariates: Mapping[str, Incomplete], *,
    number: int, cycles: int, seed: int,
) -> Iterator[dict[str, Floats | Integers]]:  # fmt: skip
    """Completed covariates, `number` times: name → values without holes, each n long.

    Each covariate with holes is drawn from its regression on all the others, the event indicator and the Nelson-Aalen
    cumulative hazard: linear for numbers, logit or multinomial logit for levels, the coefficients themselves drawn
    from their approximate posterior distribution. The covariates are visited from the fewest holes to the most,
    `cycles` times, from random known values on. Every imputation has a random stream of its own, made of `seed` and
    its place. Where all or no values of a covariate are missing nothing is drawn for it: it must then not be among
    the models'.

    Source: van Buuren, Stat Methods Med Res 2007;16:219-42; White and Royston, Stat Med 2009;28:1982-98.
    """
    outcome = np.column_stack([events.astype(np.float64), nelson_aalen(times, events)])
    holes = {name: covariate.missing for name, covariate in covariates.items()}
    order = sorted((name for name in holes if holes[name].any()), key=lambda name: int(holes[name].sum()))
    for place in range(number):
        stream = np.random.default_rng([seed, place])
        filled = {name: _from_known(covariate, stream) for name, covariate in covariates.items()}
        for _ in range(cycles):
            for name in order:
                others = [each.columns() for other, each in filled.items() if other != name]
                predictors = _standardised(np.column_stack([outcome, *others]))
                filled[name] = _redrawn(filled[name], holes[name], predictors, stream)
        yield {name: covariate.values for name, covariate in filled.items()}


def _from_known(covariate: Incomplete, stream: np.random.Generator) -> Incomplete:
    """Every hole filled with a known value drawn at random."""
    missing = covariate.missing
    values = covariate.values.copy()
    values[missing] = stream.choice(covariate.values[~missing], size=int(missing.sum()))
    return Incomplete(values, covariate.levels)


def _standardised(columns: Floats) -> Floats:
    """A constant, then the columns that vary, with mean 0 and variance 1."""
    spread = columns.std(axis=0)
    varies = spread > 1e-12
    scaled = (columns[:, varies] - columns[:, varies].mean(axis=0)) / spread[varies]
    return np.column_stack([np.ones(len(columns)), scaled])


def _redrawn(
    covariate: Incomplete, missing: NDArray[np.bool_], predictors: Floats, stream: np.random.Generator
) -> Incomplete:
    values = covariate.values.copy()
    known, wanted = predictors[~missing], predictors[missing]
    if covariate.levels:
        values[missing] = _drawn_levels(known, covariate.values[~missing], wanted, covariate.levels, stream)
    else:
        values[missing] = _drawn_numbers(known, np.asarray(covariate.values[~missing], np.float64), wanted, stream)
    return Incomplete(values, covariate.levels)


# ── numbers ──────────────────────────────────────────────────────────────────────────────────


def _drawn_numbers(known: Floats, values: Floats, wanted: Floats, stream: np.random.Generator) -> Floats:
    """Draws from the posterior prediction of a linear regression with the usual uninformative prior."""
    # A trace of a ridge keeps predictors that determine each other from making the cross product singular.
    cross = known.T @ known + 1e-8 * len(known) * np.eye(known.shape[1])
    coefficients = np.linalg.solve(cross, known.T @ values)
    residuals = values - known @ coefficients
    freedom = max(1, len(values) - known.shape[1])
    sigma = math.sqrt(float(residuals @ residuals) / stream.chisquare(freedom))
    root = np.linalg.cholesky(np.linalg.inv(cross))
    drawn = coefficients + sigma * root @ stream.standard_normal(known.shape[1])
    return np.asarray(wanted @ drawn + sigma * stream.standard_normal(len(wanted)))


# ── levels ───────────────────────────────────────────────────────────────────────────────────


def _drawn_levels(
    known: Floats, codes: NDArray[Any], wanted: Floats, levels: int, stream: np.random.Generator
) -> Integers:
    """Draws from a multinomial logit regression whose coefficients are drawn first; with two levels a logit one."""
    if levels == 1:
        return np.zeros(len(wanted), dtype=np.int64)
    coefficients, covariance = _multinomial(*_augmented(known, codes, levels), levels)
    drawn = coefficients.ravel() + _root(covariance) @ stream.standard_normal(coefficients.size)
    cumulated = _shares(wanted, drawn.reshape(coefficients.shape)).cumsum(axis=1)
    return np.asarray((stream.random(len(wanted))[:, None] > cumulated[:, :-1]).sum(axis=1), dtype=np.int64)


def _augmented(known: Floats, codes: NDArray[Any], levels: int) -> tuple[Floats, Integers, Floats]:
    """Predictors, codes and weights with a few pseudo-persons of little weight, against perfect prediction.

    One of each level stands one standard deviation above and one below the mean of each predictor; together they
    weigh as much as there are coefficients. Source: White, Daniel and Royston, Comput Stat Data Anal 2010;54:2267-75.
    """
    slopes = known.shape[1] - 1
    if not slopes:
        return known, codes.astype(np.int64), np.ones(len(known))
    shifts = np.column_stack([np.ones(2 * slopes), np.vstack([np.eye(slopes), -np.eye(slopes)])])
    added = np.tile(shifts, (levels, 1))
    weight = (slopes + 1) / len(added)
    return (
        np.vstack([known, added]),
        np.concatenate([codes.astype(np.int64), np.repeat(np.arange(levels), 2 * slopes)]),
        np.concatenate([np.ones(len(known)), np.full(len(added), weight)]),
    )


def _multinomial(predictors: Floats, codes: Integers, weights: Floats, levels: int) -> tuple[Floats, Floats]:
    """Maximum likelihood coefficients (levels - 1 x predictors, the first level is compared with) and covariance."""
    size = predictors.shape[1]
    observed = (codes[:, None] == np.arange(1, levels)).astype(np.float64)
    coefficients = np.zeros((levels - 1, size))
    for _ in range(NEWTON_STEPS):
        shares = _shares(predictors, coefficients)[:, 1:]
        score = ((observed - shares) * weights[:, None]).T @ predictors
        spread = (shares[:, :, None] * np.eye(levels - 1) - shares[:, :, None] * shares[:, None, :]) * weights[
            :, None, None
        ]
        information = np.einsum("nab,ni,nj->aibj", spread, predictors, predictors, optimize=True)
        information = information.reshape(score.size, score.size) + 1e-8 * len(codes) * np.eye(score.size)
        step = np.linalg.solve(information, score.ravel()).reshape(score.shape)
        coefficients = coefficients + step * min(1.0, 2.0 / max(np.abs(step).max(), 1e-300))
        if np.abs(step).max() < CONVERGED_STEP:
            break
    return coefficients, np.linalg.inv(information)


def _shares(predictors: Floats, coefficients: Floats) -> Floats:
    """The probability of each level (n x levels)."""
    logits = np.column_stack([np.zeros(len(predictors)), predictors @ coefficients.T])
    weights = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _root(covariance: Floats) -> Floats:
    return np.asarray(np.linalg.cholesky((covariance + covariance.T) / 2), dtype=np.float64)


# ── Rubin's rules ────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Pooled:
    """What several imputations say together of each coefficient: arrays (p)."""

    coefficients: Floats
    standard_errors: Floats
    degrees_of_freedom: Floats
    missing_information: Floats

    def limits(self, conf_level: float) -> tuple[Floats, Floats]:
        """The interval of each coefficient by Student's t."""
        reach = stdtrit(self.degrees_of_freedom, (1 + conf_level) / 2) * self.standard_errors
        return self.coefficients - reach, self.coefficients + reach

    @property
    def p(self) -> Floats:
        """Two-sided p of each coefficient against 0 by Student's t."""
        return np.asarray(2 * stdtr(self.degrees_of_freedom, -np.abs(self.coefficients / self.standard_errors)))


def pooled(coefficients: Sequence[Floats], standard_errors: Sequence[Floats], complete_degrees: float) -> Pooled:
    """Rubin's rules for coefficients (m x p) on the log hazard scale and their standard errors.

    The variance is that within imputations plus (1 + 1/m) times that between them. Degrees of freedom by Barnard and
    Rubin from those that complete data would leave: for a Cox model the events less the estimated coefficients.
    `missing_information` is the share of the variance that is due to the holes. Raises AssertionError for fewer than
    two imputations. Source: Rubin 1987, section 3.1; Barnard and Rubin, Biometrika 1999;86:948-55.
    """
    estimates, number = np.vstack(coefficients), len(coefficients)
    assert number >= 2, "one imputation says nothing of the variance between them"
    within = (np.vstack(standard_errors) ** 2).mean(axis=0)
    between = (1 + 1 / number) * estimates.var(axis=0, ddof=1)
    total = within + between
    share = between / total
    observed = (complete_degrees + 1) / (complete_degrees + 3) * complete_degrees * (1 - share)
    # Without any variance between imputations the imputations themselves leave the degrees unlimited.
    inverse = share**2 / (number - 1) + 1 / observed
    return Pooled(estimates.mean(axis=0), np.sqrt(total), 1 / inverse, share)
