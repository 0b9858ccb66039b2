"""Firth's penalised likelihood where the answer is known by hand, and what it must not depend on."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import chdtri

from cutline.cox.firth import firth_fit

TIMES = np.array([1, 2, 2, 3, 3, 3, 5, 6, 7, 8, 8, 9])
EVENTS = np.array([1, 1, 1, 0, 1, 1, 1, 0, 1, 0, 1, 1], dtype=bool)
DESIGN = np.column_stack([[0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0], [5, 3, 8, 1, 9, 7, 2, 2, 6, 4, 8, 3]]).astype(float)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_two_persons_of_whom_the_exposed_one_dies_have_a_hazard_ratio_of_three(ties: str) -> None:
    # With u the ratio, the likelihood is u/(1 + u) and the information u/(1 + u)²: the penalised maximum is at u = 3.
    fit = firth_fit(np.array([1, 2]), np.array([True, False]), np.array([[1.0], [0.0]]), ties=ties)
    assert fit.converged
    assert math.exp(fit.coefficients[0]) == pytest.approx(3, rel=1e-9)
    # At 0 it is ½ · ½ against ¾ · √(3/16).
    assert fit.chi_square[0] == pytest.approx(2 * math.log(0.75 * math.sqrt(3) / 4 / 0.25), rel=1e-9)


def test_limits_of_two_persons_lie_where_the_penalised_likelihood_has_fallen_by_half_the_quantile() -> None:
    fit = firth_fit(np.array([1, 2]), np.array([True, False]), np.array([[1.0], [0.0]]))

    def penalised(coefficient: float) -> float:
        share = 1 / (1 + math.exp(-coefficient))
        return math.log(share) + math.log(share * (1 - share)) / 2

    for limit in (fit.lower[0], fit.upper[0]):
        assert 2 * (penalised(math.log(3)) - penalised(limit)) == pytest.approx(chdtri(1, 0.05), rel=1e-9)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_estimate_is_the_maximum_of_the_penalised_likelihood(ties: str) -> None:
    fit = firth_fit(TIMES, EVENTS, DESIGN, ties=ties)
    best = penalised_by_loops(fit.coefficients, ties)
    for shift in np.vstack([np.eye(2), -np.eye(2), [[1, 1], [1, -1]]]):
        assert penalised_by_loops(fit.coefficients + 1e-3 * shift, ties) < best


def test_units_of_a_covariate_change_its_coefficient_and_nothing_else() -> None:
    fit, scaled = firth_fit(TIMES, EVENTS, DESIGN), firth_fit(TIMES, EVENTS, DESIGN * [1, 1000] + [0, 5e4])
    np.testing.assert_allclose(scaled.coefficients, fit.coefficients / [1, 1000], rtol=1e-7)
    np.testing.assert_allclose(scaled.upper, fit.upper / [1, 1000], rtol=1e-7)
    np.testing.assert_allclose(scaled.p, fit.p, rtol=1e-7)


def test_order_of_persons_does_not_matter() -> None:
    order = np.random.default_rng(1).permutation(len(TIMES))
    fit, shuffled = firth_fit(TIMES, EVENTS, DESIGN), firth_fit(TIMES[order], EVENTS[order], DESIGN[order])
    np.testing.assert_allclose(shuffled.coefficients, fit.coefficients, rtol=1e-9)


def test_strata_that_never_overlap_in_time_change_nothing_but_their_risk_sets() -> None:
    # Two copies of the data, a stratum each: twice the score and the information, so the penalty weighs half as much.
    twice = firth_fit(np.tile(TIMES, 2), np.tile(EVENTS, 2), np.tile(DESIGN, (2, 1)), strata=np.repeat([0, 1], 12))
    np.testing.assert_allclose(
        twice.standard_errors, firth_fit(TIMES, EVENTS, DESIGN).standard_errors / 2**0.5, rtol=0.1
    )
    merged = firth_fit(np.tile(TIMES, 2), np.tile(EVENTS, 2), np.tile(DESIGN, (2, 1)))
    assert not np.allclose(twice.coefficients, merged.coefficients, rtol=1e-3)


def test_a_level_without_events_has_a_finite_estimate_below_one() -> None:
    exposed = np.isin(np.arange(12), [3, 7, 9]).astype(float)
    fit = firth_fit(TIMES, EVENTS, exposed[:, None])
    assert -20 < fit.coefficients[0] < 0
    assert fit.lower[0] < fit.coefficients[0] < 0 < fit.upper[0]
    assert 0.05 < fit.p[0] < 0.1


def penalised_by_loops(coefficients: np.ndarray, ties: str) -> float:
    """The definition, event by event."""
    value, information = 0.0, np.zeros((2, 2))
    for time in np.unique(TIMES[EVENTS]):
        dying, at_risk = (time == TIMES) & EVENTS, time <= TIMES
        for place in range(int(dying.sum())):
            part = place / dying.sum() if ties == "efron" else 0.0
            weights = np.exp(DESIGN @ coefficients) * (at_risk - part * dying)
            mean = weights @ DESIGN / weights.sum()
            information += (DESIGN - mean).T @ ((DESIGN - mean) * weights[:, None]) / weights.sum()
            value -= math.log(weights.sum())
        value += float((DESIGN[dying] @ coefficients).sum())
    return value + math.log(np.linalg.det(information)) / 2
