"""The engine of the Cox models: what must not change a fit, what changes it in a known way, and where there is none."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from cutline.cox.concordance import concordance
from cutline.cox.partial_likelihood import Fit, fit
from cutline.cox.proportional_hazards import score_test

RANDOM = np.random.default_rng(7)
PERSONS = 120
X = RANDOM.normal(size=(PERSONS, 3))
TIMES = np.ceil(RANDOM.exponential(10 * np.exp(-X[:, 0] / 2))).astype(np.int64)
EVENTS = RANDOM.random(PERSONS) < 0.7
STRATA = RANDOM.integers(0, 3, PERSONS)
TIES = pytest.mark.parametrize("ties", ["efron", "breslow"])


def same(found: Fit, expected: Fit) -> None:
    np.testing.assert_allclose(found.coefficients, expected.coefficients, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.covariance, expected.covariance, rtol=1e-8, atol=1e-14)
    assert (found.converged, expected.converged) == (True, True)


# ── what must not change a fit ───────────────────────────────────────────────────────────────


@TIES
def test_the_order_of_persons_does_not_matter(ties: str) -> None:
    shuffled = RANDOM.permutation(PERSONS)
    same(fit(TIMES[shuffled], EVENTS[shuffled], X[shuffled], ties), fit(TIMES, EVENTS, X, ties))


@TIES
def test_only_the_order_of_times_matters(ties: str) -> None:
    same(fit(np.sqrt(TIMES) + 0.25, EVENTS, X, ties), fit(TIMES, EVENTS, X, ties))
    same(fit(TIMES * 10**6, EVENTS, X, ties), fit(TIMES, EVENTS, X, ties))


def test_origin_of_a_covariate_does_not_matter_and_its_unit_scales_the_coefficient() -> None:
    moved, plain = fit(TIMES, EVENTS, 1e6 + 10 * X), fit(TIMES, EVENTS, X)
    np.testing.assert_allclose(10 * moved.coefficients, plain.coefficients, rtol=1e-6)


def test_persons_censored_before_the_first_event_do_not_matter() -> None:
    times = np.append(TIMES, [0, 0])
    same(fit(times, np.append(EVENTS, [False, False]), np.vstack([X, [[9, 9, 9], [-9, 9, 0]]])), fit(TIMES, EVENTS, X))


def test_stratum_without_events_does_not_matter() -> None:
    more = [np.append(TIMES, [3, 30]), np.append(EVENTS, [False, False]), np.vstack([X, [[9, 9, 9], [-9, 9, 0]]])]
    same(fit(*more, strata=np.append(STRATA, [8, 8])), fit(TIMES, EVENTS, X, strata=STRATA))


def test_without_ties_both_methods_are_one() -> None:
    times = np.arange(PERSONS)
    same(fit(times, EVENTS, X, "efron"), fit(times, EVENTS, X, "breslow"))


# ── what changes it in a known way ───────────────────────────────────────────────────────────


def test_weight_of_two_is_a_person_counted_twice_under_breslow() -> None:
    weights = RANDOM.integers(1, 4, PERSONS)
    twice = np.repeat(np.arange(PERSONS), weights)
    same(fit(TIMES, EVENTS, X, "breslow", weights=weights), fit(TIMES[twice], EVENTS[twice], X[twice], "breslow"))


@TIES
def test_offset_takes_away_what_it_says(ties: str) -> None:
    plain = fit(TIMES, EVENTS, X, ties)
    rest = fit(TIMES, EVENTS, X, ties, offset=X @ plain.coefficients)
    np.testing.assert_allclose(rest.coefficients, 0, atol=1e-9)
    assert rest.log_likelihood_null == pytest.approx(plain.log_likelihood, rel=1e-12)


@TIES
@pytest.mark.parametrize("strata", [None, STRATA], ids=["plain", "stratified"])
def test_no_place_near_the_maximum_is_higher(ties: str, strata: np.ndarray | None) -> None:
    found = fit(TIMES, EVENTS, X, ties, strata)
    for step in itertools.product([-0.01, 0.01], repeat=3):
        near = fit(TIMES, EVENTS, X, ties, strata, offset=X @ (found.coefficients + step)).log_likelihood_null
        # A parabola with the information as its curvature.
        fall = 0.5 * np.array(step) @ np.linalg.solve(found.covariance, step)
        assert found.log_likelihood - near == pytest.approx(fall, rel=0.02)


# ── where there is none ──────────────────────────────────────────────────────────────────────


def test_terms_that_determine_each_other_have_no_estimate_and_the_others_keep_theirs() -> None:
    found = fit(TIMES, EVENTS, np.column_stack([X[:, 0], X[:, 1], X[:, 0] + 2 * X[:, 1], X[:, 2]]))
    plain = fit(TIMES, EVENTS, X)
    assert found.unidentified.tolist() == [True, True, True, False]
    assert np.isnan(found.coefficients[:3]).all()
    assert found.coefficients[3] == pytest.approx(plain.coefficients[2], rel=1e-8)
    assert found.standard_errors[3] == pytest.approx(plain.standard_errors[2], rel=1e-7)
    assert (found.degrees_of_freedom, found.log_likelihood) == (3, pytest.approx(plain.log_likelihood, rel=1e-12))


def test_term_that_varies_only_among_those_never_at_risk_has_no_estimate() -> None:
    early = np.append(TIMES, 0)
    found = fit(
        early, np.append(EVENTS, False), np.column_stack([np.vstack([X, X[:1]]), np.arange(len(early)) == PERSONS])
    )
    assert found.unidentified.tolist() == [False, False, False, True]
    np.testing.assert_allclose(found.coefficients[:3], fit(TIMES, EVENTS, X).coefficients, rtol=1e-8)


def test_term_constant_within_each_stratum_has_no_estimate() -> None:
    found = fit(TIMES, EVENTS, np.column_stack([X, STRATA]), strata=STRATA)
    assert found.unidentified.tolist() == [False, False, False, True]


def test_group_without_events_diverges_and_the_others_have_the_estimates_without_it() -> None:
    group = np.arange(PERSONS) % 6 == 0
    died = EVENTS & ~group
    found, without = fit(TIMES, died, np.column_stack([X, group])), fit(TIMES[~group], died[~group], X[~group])
    assert found.diverged.tolist() == [False, False, False, True]
    np.testing.assert_allclose(found.coefficients[:3], without.coefficients, rtol=1e-8)
    np.testing.assert_allclose(found.standard_errors[:3], without.standard_errors, rtol=1e-7)


def test_combination_that_grows_without_limit_is_found_though_no_term_alone_does() -> None:
    group = np.arange(PERSONS) % 6 == 0
    died = EVENTS & ~group
    found = fit(TIMES, died, np.column_stack([X[:, 0] + group, X[:, 0] - group, X[:, 1]]))
    without = fit(TIMES[~group], died[~group], X[~group, :2])
    assert found.diverged.tolist() == [True, True, False]
    assert found.coefficients[2] == pytest.approx(without.coefficients[1], rel=1e-6)


def test_two_persons_of_whom_the_one_with_the_higher_value_dies_first_diverge() -> None:
    assert fit([3, 8], [True, False], [[2.0], [1.0]]).diverged.tolist() == [True]


@TIES
def test_everyone_dead_on_one_day_has_no_sign_of_an_association(ties: str) -> None:
    found = fit([5, 5, 5, 5], [True] * 4, [[1.0], [2.0], [3.0], [4.0]], ties)
    assert found.coefficients[0] == pytest.approx(0, abs=1e-9)


def test_an_event_at_time_0_counts() -> None:
    found, later = fit(TIMES - TIMES.min(), EVENTS, X), fit(TIMES, EVENTS, X)
    same(found, later)


def test_without_events_there_is_no_partial_likelihood() -> None:
    with pytest.raises(ValueError, match="no events"):
        fit(TIMES, np.zeros(PERSONS, dtype=bool), X)


def test_unknown_way_with_ties_is_refused() -> None:
    with pytest.raises(ValueError, match="found 'exact', expected breslow or efron"):
        fit(TIMES, EVENTS, X, "exact")


# ── proportional hazards ─────────────────────────────────────────────────────────────────────


def test_events_at_a_single_time_say_nothing_of_proportional_hazards() -> None:
    times, events = [4, 4, 6, 7, 9], [True, True, False, False, False]
    found = fit(times, events, [[1.0], [3.0], [2.0], [4.0], [2.5]])
    assert np.isnan(score_test(found, times, events, {"x": [0]})["x"].chi_square)


def test_a_diverged_term_takes_no_part_in_the_test() -> None:
    group = np.arange(PERSONS) % 6 == 0
    died = EVENTS & ~group
    found, without = fit(TIMES, died, np.column_stack([X, group])), fit(TIMES[~group], died[~group], X[~group])
    terms = {"x": [0, 1, 2]}
    tests = score_test(found, TIMES, died, terms | {"group": [3]}, "identity")
    alone = score_test(without, TIMES[~group], died[~group], terms, "identity")
    assert tests["x"].chi_square == pytest.approx(alone["x"].chi_square, rel=1e-6)
    assert (tests["group"].degrees_of_freedom, tests["global"].degrees_of_freedom) == (0, 3)


def test_unknown_transform_is_refused() -> None:
    with pytest.raises(ValueError, match="transform: found 'log'"):
        score_test(fit(TIMES, EVENTS, X), TIMES, EVENTS, {"x": [0]}, "log")


# ── concordance ──────────────────────────────────────────────────────────────────────────────


def by_hand(times: np.ndarray, events: np.ndarray, risks: np.ndarray, strata: np.ndarray) -> float:
    agree = pairs = 0.0
    for one, other in itertools.permutations(range(len(times)), 2):
        later = times[other] > times[one] or (times[other] == times[one] and not events[other])
        if events[one] and later and strata[one] == strata[other]:
            pairs += 1
            agree += (risks[one] > risks[other]) + 0.5 * (risks[one] == risks[other])
    return agree / pairs


@pytest.mark.parametrize(
    "risks", [X[:, 0], np.round(X[:, 0]), np.ones(PERSONS)], ids=["all differ", "ties", "all tied"]
)
@pytest.mark.parametrize("strata", [np.zeros(PERSONS), STRATA], ids=["plain", "stratified"])
def test_concordance_is_the_share_of_pairs_counted_one_by_one(risks: np.ndarray, strata: np.ndarray) -> None:
    assert concordance(TIMES, EVENTS, risks, strata).value == pytest.approx(
        by_hand(TIMES, EVENTS, risks, strata), rel=1e-12
    )


def test_concordance_of_two_who_cannot_be_compared_is_unknown() -> None:
    assert np.isnan(concordance([3, 8], [False, True], [1.0, 2.0]).value)
