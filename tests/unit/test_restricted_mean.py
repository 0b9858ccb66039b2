"""Restricted means against R, and SPSS's."""

from __future__ import annotations

import numpy as np
import pytest

from cutline.survival.kaplan_meier import Curve, product_limit
from cutline.survival.restricted_mean import restricted_mean, spss_mean
from tests.unit.freireich import EVENTS, TIMES

MERCAPTOPURINE = product_limit(TIMES[:21], EVENTS[:21])
PLACEBO = product_limit(TIMES[21:], EVENTS[21:])


# R: summary(survfit(Surv(time, status) ~ arm), rmean = 20)$table and rmean = "individual"
@pytest.mark.parametrize(
    ("curve", "horizon", "mean", "error"),
    [
        (MERCAPTOPURINE, 20, 16.11652661064, 1.25156019601),
        (PLACEBO, 20, 8.42857142857, 1.26808268250),
        (MERCAPTOPURINE, 35, 23.28739495798, 2.82746762337),
        (PLACEBO, 23, 8.66666666667, 1.37739004126),
    ],
)
def test_mean_and_standard_error_are_r_s(curve: Curve, horizon: float, mean: float, error: float) -> None:
    found = restricted_mean(curve, horizon)
    assert (found.value, found.standard_error) == (pytest.approx(mean, rel=1e-11), pytest.approx(error, rel=1e-11))


def test_a_horizon_between_two_times_cuts_the_step() -> None:
    assert restricted_mean(product_limit([2, 4], [True, True]), 3.5).value == pytest.approx(2 + 0.5 * 1.5)


def test_before_the_first_event_the_mean_is_the_horizon_without_error() -> None:
    found = restricted_mean(product_limit([5, 6], [True, True]), 3)
    assert (found.value, found.standard_error) == (3, 0)


def test_without_censoring_spss_s_error_is_the_usual_one_of_a_mean() -> None:
    times = TIMES[21:]
    assert spss_mean(PLACEBO).value == pytest.approx(times.mean())
    assert spss_mean(PLACEBO).standard_error == pytest.approx(times.std(ddof=1) / np.sqrt(len(times)))


def test_spss_s_mean_is_r_s_where_the_last_time_is_censored() -> None:
    assert spss_mean(MERCAPTOPURINE) == restricted_mean(MERCAPTOPURINE, 35)


def test_a_difference_of_independent_groups_adds_their_variances() -> None:
    one, other = restricted_mean(MERCAPTOPURINE, 20), restricted_mean(PLACEBO, 20)
    assert one.minus(other).value == pytest.approx(one.value - other.value)
    assert one.minus(other).standard_error == pytest.approx(np.sqrt(1.25156019601**2 + 1.26808268250**2))


def test_beyond_a_curve_that_ends_censored_there_is_no_mean_and_beyond_one_that_ends_at_0_nothing_is_added() -> None:
    with pytest.raises(AssertionError, match="beyond the curve"):
        restricted_mean(MERCAPTOPURINE, 35.5)
    assert restricted_mean(PLACEBO, 30) == restricted_mean(PLACEBO, 23)
