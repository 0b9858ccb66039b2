"""Standardised differences: numbers by hand, what cannot be estimated, and what does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutline.balance import difference_of_counts, difference_of_numbers, largest_difference
from cutline.group_comparison import p_of_counts, p_of_numbers

NAN = float("nan")


def of_numbers(one: list[float], other: list[float]):
    return difference_of_numbers(np.array(one, dtype=float), np.array(other, dtype=float))


def of_counts(one: list[int], other: list[int]):
    return difference_of_counts(np.array(one), np.array(other))


# ── by hand ──────────────────────────────────────────────────────────────────────────────────


def test_a_difference_of_means_is_in_standard_deviations():
    # Means 2 and 5, variances 1 and 4: (2 - 5) / sqrt((1 + 4) / 2).
    assert of_numbers([1, 2, 3], [3, 5, 7]).value == pytest.approx(-3 / np.sqrt(2.5))


def test_a_difference_of_two_levels_is_that_of_their_proportions():
    # 30 of 100 against 50 of 100: 0.2 / sqrt((0.3 · 0.7 + 0.5 · 0.5) / 2).
    assert of_counts([70, 30], [50, 50]).value == pytest.approx(0.2 / np.sqrt(0.23))


def test_a_difference_of_three_levels_takes_their_covariance_into_account():
    # Shares of the last two levels 0.3, 0.2 and 0.2, 0.4. S = [[0.185, -0.07], [-0.07, 0.2]], its inverse times
    # 0.0321 is [[0.2, 0.07], [0.07, 0.185]]; gap (0.1, -0.2): (0.002 - 0.0028 + 0.0074) / 0.0321.
    assert of_counts([5, 3, 2], [4, 2, 4]).value == pytest.approx(np.sqrt(0.0066 / 0.0321))


def test_unknown_values_are_left_out():
    assert of_numbers([1, NAN, 2, 3], [3, 5, NAN, 7]) == of_numbers([1, 2, 3], [3, 5, 7])


def test_of_three_groups_the_largest_difference_of_any_two_counts():
    groups = [np.array([1.0, 2, 3]), np.array([3.0, 5, 7]), np.array([2.0, 3, 4])]
    assert largest_difference(groups, difference_of_numbers).value == pytest.approx(3 / np.sqrt(2.5))


def test_an_empty_group_does_not_hide_the_difference_of_the_others():
    groups = [np.array([1.0, 2, 3]), np.array([]), np.array([3.0, 5, 7])]
    assert largest_difference(groups, difference_of_numbers).value == pytest.approx(3 / np.sqrt(2.5))


# ── not estimable ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("found", "note"),
    [
        (of_numbers([1], [1, 2]), "too few known values in a group"),
        (of_numbers([], [1, 2]), "too few known values in a group"),
        (of_numbers([NAN, NAN], [1, 2]), "too few known values in a group"),
        (of_numbers([2, 2], [2, 2]), "everyone has the same value"),
        (of_numbers([2, 2], [3, 3]), "no variation within the groups"),
        (of_counts([0, 0], [1, 2]), "too few known values in a group"),
        (of_counts([3, 0], [2, 0]), "everyone has the same value"),
        (of_counts([3, 0], [0, 2]), "the groups share no category"),
        (of_counts([3, 1, 0, 0], [0, 0, 2, 2]), "the groups share no category"),
    ],
)
def test_what_cannot_be_estimated_has_no_value_and_says_why(found, note):
    assert (found.value, found.note) == (None, note)


def test_a_level_that_nobody_has_changes_nothing():
    assert of_counts([5, 0, 3, 2], [4, 0, 2, 4]).value == pytest.approx(of_counts([5, 3, 2], [4, 2, 4]).value)


def test_a_group_at_one_level_only_is_still_compared():
    assert of_counts([4, 0], [2, 2]).value == pytest.approx(0.5 / np.sqrt(0.125))


# ── what does not matter ─────────────────────────────────────────────────────────────────────

NUMBERS = st.lists(st.integers(-1000, 1000), min_size=2, max_size=12)
COUNTS = st.integers(2, 5).flatmap(
    lambda size: st.tuples(*[st.lists(st.integers(0, 9), min_size=size, max_size=size)] * 2)
)


def number(difference) -> float:
    return NAN if difference.value is None else difference.value


def near(difference):
    return pytest.approx(number(difference), rel=1e-7, abs=1e-7, nan_ok=True)


@given(NUMBERS, NUMBERS)
def test_swapped_groups_have_the_opposite_difference_of_means(one, other):
    there, back = of_numbers(one, other), of_numbers(other, one)
    assert there.note == back.note
    assert there.value is None or there.value == pytest.approx(-back.value)


@given(COUNTS)
def test_swapped_groups_have_the_same_distance_in_categories(pair):
    there, back = of_counts(*pair), of_counts(*reversed(pair))
    assert there.note == back.note
    assert number(there) == near(back)


@given(COUNTS, st.randoms(use_true_random=False))
def test_the_order_of_levels_and_with_it_the_one_left_out_changes_nothing(pair, random):
    order = list(range(len(pair[0])))
    random.shuffle(order)
    shuffled = ([counts[place] for place in order] for counts in pair)
    assert number(of_counts(*shuffled)) == near(of_counts(*pair))


@given(NUMBERS, NUMBERS, st.randoms(use_true_random=False))
def test_shuffled_persons_have_the_same_difference(one, other, random):
    shuffled = random.sample(one, len(one))
    assert number(of_numbers(shuffled, other)) == near(of_numbers(one, other))


@given(NUMBERS, NUMBERS, st.integers(1, 50), st.integers(-50, 50))
def test_another_unit_of_measurement_changes_nothing(one, other, scale, shift):
    changed = of_numbers([scale * x + shift for x in one], [scale * x + shift for x in other])
    assert number(changed) == near(of_numbers(one, other))


# ── tests, where a study asks for them ───────────────────────────────────────────────────────


def test_which_test_is_used_depends_on_the_groups_and_not_on_the_result():
    two, three = [np.array([1.0, 2, 3]), np.array([3.0, 5, 7])], [np.array([1.0, 2]), np.array([3.0]), np.array([5.0])]
    assert p_of_numbers(two, means=False).method.startswith("Wilcoxon")
    assert p_of_numbers(two, means=True).method == "Welch t test"
    assert p_of_numbers(three, means=False).method == "Kruskal-Wallis test"
    assert p_of_counts([np.array([20, 20]), np.array([20, 20])]).method == "chi-square test"
    assert p_of_counts([np.array([3, 2]), np.array([20, 20])]).method == "Fisher's exact test"
    assert p_of_counts([np.array([3, 2, 1]), np.array([20, 20, 1])]).method.startswith("Fisher's exact test (on 9999")


@pytest.mark.parametrize(
    ("tested", "note"),
    [
        (p_of_numbers([np.array([1.0, 2])], means=False), "too few known values in a group"),
        (p_of_numbers([np.array([1.0]), np.array([1.0, 2])], means=True), "too few known values in a group"),
        (p_of_numbers([np.array([1.0, 1]), np.array([1.0, 1])], means=False), "everyone has the same value"),
        (p_of_numbers([np.array([1.0, 1]), np.array([2.0, 2])], means=True), "no variation within the groups"),
        (p_of_counts([np.array([0, 0]), np.array([1, 2])]), "too few known values in a group"),
        (p_of_counts([np.array([3, 0]), np.array([2, 0])]), "everyone has the same value"),
    ],
)
def test_a_test_that_cannot_be_done_says_why(tested, note):
    assert (tested.p, tested.note) == (None, note)
