"""Tests of equal survival against R and lifelines, by hand where groups are small, and every edge."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines.statistics import multivariate_logrank_test

from cutline.survival.rank_tests import WEIGHTS, holm, rank_test
from tests.unit.freireich import ARM, EVENTS, TIMES

STRATUM = np.tile(["x", "y", "z"], 14)
THIRD = np.tile([1, 2, 3], 14)


# R: survdiff(Surv(time, status) ~ arm, rho = …), ~ arm + strata(stratum), ~ third
@pytest.mark.parametrize(
    ("kind", "groups", "strata", "chi_square", "p"),
    [
        ("logrank", ARM, None, 16.7929409892, 4.16880910933e-05),
        ("logrank", ARM, STRATUM, 15.1816069949, 9.76499477626e-05),
        ("logrank", THIRD, None, 0.716380589169, 0.698940057843),
        ("fleming_harrington", ARM, None, 14.4571508187, 1.43384444819e-04),
        ("fleming_harrington", ARM, STRATUM, 13.7435728615, 2.09536551992e-04),
        ("fleming_harrington", THIRD, None, 0.562272146263, 0.754925603400),
    ],
)
def test_log_rank_and_fleming_harrington_are_r_s(kind, groups, strata, chi_square, p) -> None:
    found = rank_test(TIMES, EVENTS, groups, kind, strata)
    assert found.chi_square == pytest.approx(chi_square, rel=1e-10)
    assert found.p == pytest.approx(p, rel=1e-9)
    assert found.degrees_of_freedom == len(set(groups)) - 1


@pytest.mark.parametrize(("kind", "name"), [("gehan_breslow", "wilcoxon"), ("tarone_ware", "tarone-ware")])
@pytest.mark.parametrize("groups", [ARM, THIRD])
def test_gehan_breslow_and_tarone_ware_are_those_of_lifelines(kind, name, groups) -> None:
    peer = multivariate_logrank_test(TIMES, groups, EVENTS, weightings=name)
    found = rank_test(TIMES, EVENTS, groups, kind)
    assert (found.chi_square, found.p) == (pytest.approx(peer.test_statistic), pytest.approx(peer.p_value))


def test_gehan_breslow_of_five_persons_by_hand() -> None:
    # a: 1, 3; b: 2, 4, 5+. At 1, 2, 3, 4 at risk 5, 4, 3, 2, of a 2, 1, 1, 0.
    # Weighted observed less expected of a: 5 (1 - 2/5) + 4 (0 - 1/4) + 3 (1 - 1/3) + 2 (0 - 0) = 4.
    # Variance: 25 (2/5)(3/5) + 16 (1/4)(3/4) + 9 (1/3)(2/3) + 0 = 11.
    found = rank_test([1, 3, 2, 4, 5], [True, True, True, True, False], list("aabbb"), "gehan_breslow")
    assert found.chi_square == pytest.approx(16 / 11)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_times_in_another_unit_and_persons_in_another_order_give_the_same_test(kind) -> None:
    order = np.random.default_rng(1).permutation(len(TIMES))
    first = rank_test(TIMES, EVENTS, ARM, kind, STRATUM)
    other = rank_test(TIMES[order] / 30.4375, EVENTS[order], ARM[order], kind, STRATUM[order])
    assert other.chi_square == pytest.approx(first.chi_square, rel=1e-12)


@pytest.mark.parametrize("kind", WEIGHTS)
def test_one_stratum_is_no_stratum(kind) -> None:
    assert rank_test(TIMES, EVENTS, ARM, kind, np.repeat("x", 42)) == rank_test(TIMES, EVENTS, ARM, kind)


def test_as_many_strata_as_pairs_are_mcnemar_s_test() -> None:
    # In pairs the one who has the event first decides: 3 of a, 1 of b; (3 - 1)^2 / (3 + 1) = 1.
    times, events = [1, 2, 1, 2, 1, 2, 2, 1], [True] * 8
    found = rank_test(times, events, list("abababab"), "logrank", [1, 1, 2, 2, 3, 3, 4, 4])
    assert found.chi_square == pytest.approx(1)


def test_strata_far_apart_on_a_sparse_grid_give_the_same_test() -> None:
    sparse = rank_test(TIMES * 1_000_003, EVENTS, ARM, "fleming_harrington", STRATUM)
    assert sparse.chi_square == pytest.approx(13.7435728615, rel=1e-10)


@pytest.mark.parametrize(
    ("times", "events", "groups", "strata", "why"),
    [
        ([1, 2], [False, False], ["a", "b"], None, "no events"),
        ([1, 2], [True, True], ["a", "a"], None, "fewer than two groups"),
        ([1, 5, 6], [False, True, True], ["a", "b", "b"], None, "fewer than two groups"),
        ([5, 5], [True, True], ["a", "b"], None, "nobody was left"),
        ([1, 2, 1, 2], [True] * 4, ["a", "a", "b", "b"], [1, 1, 2, 2], "nobody was left"),
    ],
)
def test_where_there_is_no_test_the_note_says_why(times, events, groups, strata, why) -> None:
    found = rank_test(times, events, groups, "logrank", strata)
    assert (found.chi_square, found.degrees_of_freedom, found.p) == (None, None, None)
    assert why in found.note


def test_a_group_gone_before_the_first_event_costs_its_degree_of_freedom() -> None:
    with_it = rank_test([1, 5, 6, 7, 8], [False, True, True, True, False], list("cabab"))
    without = rank_test([5, 6, 7, 8], [True, True, True, False], list("abab"))
    assert (with_it.chi_square, with_it.degrees_of_freedom) == (without.chi_square, 1)
    assert "left out" in with_it.note


def test_holm_s_adjustment_is_r_s_and_a_test_that_was_not_made_is_not_counted() -> None:
    # R: p.adjust(c(.01, .04, .03), "holm") is 0.03, 0.06, 0.06
    assert holm({"x": 0.01, "y": 0.04, "z": 0.03}) == pytest.approx({"x": 0.03, "y": 0.06, "z": 0.06})
    assert holm({"x": 0.01, "y": None, "z": 0.6}) == {"x": 0.02, "y": None, "z": 0.6}
    assert holm({"x": 0.9, "y": 0.8}) == {"x": 1.0, "y": 1.0}
