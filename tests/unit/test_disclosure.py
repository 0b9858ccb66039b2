"""What may leave, and how counts are rounded; the attack on real results is in tests/workflow/test_disclosure.py."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from cutline.disclosure.release import release_results
from cutline.disclosure.rounding import possible, rounded, rounded_parts, significant
from cutline.errors import ConfigError
from tests.unit import display_study as study

UNITS = some.sampled_from([10, 15, 20])
COUNTS = some.integers(0, 10**6)


def release(profile: str = "internal", curves: pd.DataFrame | None = None) -> dict[str, pd.DataFrame]:
    return release_results(
        settings={"report": {"profile": profile}},
        summarise_baseline=study.baseline(),
        fit_cox=study.cox(),
        curves_pfs=study.curves() if curves is None else curves,
    )


def test_the_internal_profile_releases_every_part_and_curve_unchanged():
    released = release()
    assert set(released) == {"ard", "released_summarise_baseline", "released_fit_cox", "released_curves_pfs"}
    pd.testing.assert_frame_equal(released["released_fit_cox"], study.cox())
    pd.testing.assert_frame_equal(released["released_curves_pfs"], study.curves())


def test_all_parts_in_their_order_are_the_analysis_results_data():
    assert release()["ard"]["key"].tolist() == [*study.baseline()["key"], *study.cox()["key"]]


def test_a_curve_of_nobody_is_released_under_its_endpoint():
    assert release(curves=study.no_curves())["released_curves_pfs"].empty


@pytest.mark.parametrize("profile", ["Public", "Internal", ""])
def test_a_profile_that_does_not_exist_releases_nothing(profile):
    with pytest.raises(ConfigError, match=r"report\.profile: found .* expected one of internal, irb, public"):
        release(profile)


# ── rounding ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("count", "shown"), [(0, 0), (7, 0), (8, 10), (14, 10), (15, 20), (24, 20), (25, 30), (70, 70), (172, 170)]
)
def test_counts_are_the_nearest_ten_and_small_ones_zero(count, shown):
    assert rounded(count, 10) == shown


@given(COUNTS, UNITS)
def test_what_a_shown_count_can_stand_for_holds_the_count_and_half_a_unit_more(count, unit):
    low, high = possible(rounded(count, unit), unit)
    assert low <= count <= high
    assert high - low + 1 >= 7
    assert {rounded(low, unit), rounded(high, unit)} == {rounded(count, unit)}


@given(COUNTS, COUNTS, UNITS)
def test_more_is_never_shown_as_less(count, more, unit):
    assert rounded(count, unit) <= rounded(count + more, unit)


@given(some.lists(some.integers(0, 400), min_size=1, max_size=12), UNITS)
def test_rounded_parts_are_none_below_zero_and_add_up_to_the_rounded_whole(parts, unit):
    shown = rounded_parts(parts, unit)
    assert sum(shown) == rounded(sum(parts), unit)
    assert all(part >= 0 and part % unit == 0 for part in shown)


def test_significant_digits_are_taken_from_the_decimal_text():
    assert [significant(value) for value in (0.0, 14.3, 0.0251, 1234.0, 2.45)] == [0.0, 14.0, 0.025, 1200.0, 2.5]
