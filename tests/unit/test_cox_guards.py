"""What a model can bear and find, against numbers by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from cutline.cox.guards import (
    detectable_hazard_ratios,
    events_per_degree_of_freedom,
    explained_share,
    variance_inflation,
)
from cutline.cox.splines import knots_of, restricted_cubic


def test_smallest_detectable_ratio_of_two_equal_groups_with_seventy_events_is_1_95() -> None:
    below, above = detectable_hazard_ratios(70, 0.25, 0.0)
    assert above == pytest.approx(math.exp(2.8016 / math.sqrt(17.5)), rel=1e-5)
    assert above == pytest.approx(1.9536, abs=1e-3)
    assert below * above == pytest.approx(1)


def test_unequal_groups_and_shared_variance_widen_what_cannot_be_seen() -> None:
    ratios = [detectable_hazard_ratios(36, q * (1 - q), shared)[1] for q, shared in ((0.5, 0), (0.2, 0), (0.2, 0.5))]
    assert ratios == sorted(ratios)
    assert ratios[1] == pytest.approx(math.exp(2.8016 / 2.4), rel=1e-5)


@pytest.mark.parametrize(("events", "variance", "shared"), [(0, 0.25, 0), (30, 0, 0), (30, 0.25, 1)])
def test_without_events_variation_or_variance_of_its_own_nothing_is_detectable(
    events: float, variance: float, shared: float
) -> None:
    assert detectable_hazard_ratios(events, variance, shared) == (0.0, math.inf)


def test_explained_share_is_that_of_a_regression_by_hand() -> None:
    # Of 1, 2, 3, 4, 5 against 1, 2, 4, 3, 5: r = 0.9.
    column, other = np.arange(1.0, 6), np.array([1.0, 2, 4, 3, 5])
    assert explained_share(column, other[:, None]) == pytest.approx(0.81)
    assert explained_share(column, np.column_stack([other, other, np.ones(5)])) == pytest.approx(0.81)
    assert explained_share(column, np.zeros((5, 0))) == 0
    assert explained_share(np.full(5, 3.0), other[:, None]) == 1
    assert explained_share(column, -2 * column[:, None] + 7) == pytest.approx(1)


def test_variance_inflation_of_a_single_column_is_one_over_what_is_not_shared() -> None:
    column, other = np.arange(1.0, 6), np.array([1.0, 2, 4, 3, 5])
    design = np.column_stack([column, other])
    assert variance_inflation(design, slice(0, 1)) == pytest.approx(1 / (1 - 0.81))
    assert variance_inflation(design, slice(0, 2)) == pytest.approx(1)
    assert variance_inflation(np.column_stack([column, 2 * column]), slice(0, 1)) == math.inf
    assert variance_inflation(column[:, None], slice(0, 1)) == 1
    assert variance_inflation(np.column_stack([column, np.ones(5)]), slice(0, 1)) == math.inf


def test_variance_inflation_of_a_category_does_not_depend_on_its_reference() -> None:
    stream = np.random.default_rng(3)
    codes, age = stream.integers(0, 3, 60), stream.normal(size=60)
    age = age + codes
    of_first = np.column_stack([codes == 1, codes == 2, age]).astype(float)
    of_last = np.column_stack([codes == 0, codes == 1, age]).astype(float)
    inflation = variance_inflation(of_first, slice(0, 2))
    assert inflation > 1
    assert variance_inflation(of_last, slice(0, 2)) == pytest.approx(inflation)


def test_events_per_degree_of_freedom() -> None:
    assert events_per_degree_of_freedom(36, 5) == pytest.approx(7.2)
    assert events_per_degree_of_freedom(36, 0) == math.inf


def test_spline_is_a_straight_line_beyond_its_outer_knots_and_smooth_between() -> None:
    knots = np.array([2.0, 5.0, 9.0])
    outside = restricted_cubic(np.array([-3.0, 0.0, 1.0, 9.0, 12.0, 15.0]), knots)
    assert outside[:3, 1].tolist() == [0, 0, 0]
    assert outside[4, 1] - outside[3, 1] == pytest.approx(outside[5, 1] - outside[4, 1])
    grid = restricted_cubic(np.linspace(0, 12, 1201), knots)[:, 1]
    assert np.abs(np.diff(grid, 2)).max() < 1e-3


def test_knots_that_coincide_count_once_and_missing_values_not_at_all() -> None:
    assert knots_of(np.array([1.0, 1, 1, 1, 1, 1, 1, 1, 1, 9]), 3).tolist() == pytest.approx([1, 1.8])
    assert knots_of(np.array([np.nan, *range(11)]), 3).tolist() == pytest.approx([1, 5, 9])
    assert len(knots_of(np.array([np.nan]), 3)) == 0
    with pytest.raises(AssertionError, match="three knots"):
        restricted_cubic(np.arange(3.0), np.array([1.0, 2.0]))
