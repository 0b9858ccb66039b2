"""What may leave, and how counts are rounded; the attack on real results is in tests/workflow/test_disclosure.py."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as some

from cutline.ard import result, results_table
from cutline.disclosure.profiles import WITHHELD
from cutline.disclosure.release import release_results
from cutline.disclosure.rounding import possible, rounded, rounded_parts, significant
from cutline.errors import ConfigError
from cutline.manuscript.context import Context
from cutline.manuscript.model_guards import guards
from cutline.tables.results import ARD
from cutline.tables.spec import conform
from tests.spec import test_model_guards as models
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


# ── what rows tell besides their values ──────────────────────────────────────────────────────

AGE_UNKNOWN = [float("nan"), *models.AGES[1:]]
IN_FLOW = result("flow.included", 12.0, analysis="flow", n=12)
ASKED = models.study(
    "arm", "age", sensitivity={"imputation": {"seed": 1}}, follow_up_endpoint="os", report={"profile": "public"}
)


def table_of(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of results, as a step of the workflow hands them on; the rule is added to them."""
    bare = [{name: cell for name, cell in row.items() if name != "rule"} for row in rows]
    return conform(results_table([IN_FLOW, *bare], "made"), ARD)


def shown(profile: str, rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    settings = ASKED | {"report": {"profile": profile}}
    ard = release_results(settings=settings, made=table_of(rows))["ard"]
    return {row["key"]: row for row in ard.astype(object).where(ard.notna(), None).to_dict("records")}


def published(**values: list[Any]) -> dict[str, dict[str, Any]]:
    """The models of persons with these covariates, and the same with unknown ones imputed, as everybody sees them."""
    tables = models.cohort(**values)
    found = models.results(ASKED, tables) | models.sensitivity(ASKED, tables)
    return shown("public", list(found.values()))


def test_nothing_tells_whether_a_covariate_is_unknown_or_of_how_many():
    some_unknown, all_known = published(arm=models.ARMS, age=AGE_UNKNOWN), published(arm=models.ARMS, age=models.AGES)
    assert list(some_unknown) == list(all_known)
    for name in ("method", "note"):
        assert [row[name] for row in some_unknown.values()] == [row[name] for row in all_known.values()]
    for released in (some_unknown, all_known):
        said = guards("os", Context(ASKED, released))
        assert released["imputed/os.cox.multivariable.imputations"]["value"] is None
        assert "imputed are not shown" in said
        assert not re.search(r"No covariate was unknown|imputations}", said)


def test_a_level_without_events_has_no_reason_that_tells_it_and_no_second_model():
    lost = ["b" if event else "a" for event in models.EVENTS]
    exact = models.results(ASKED, models.cohort(arm=lost, age=models.AGES))
    assert any("no events in" in row["note"] for row in exact.values())
    assert any(key.startswith("firth/") for key in exact)
    released = published(arm=lost, age=models.AGES)
    assert {row["note"] for row in released.values()} == {"", WITHHELD, "not estimable"}
    assert not [key for key in released if key.startswith("firth/")]
    assert "likelihood grows" not in guards("os", Context(ASKED, released))


@pytest.mark.parametrize("declared", [None, True])
def test_a_cut_point_is_flagged_only_where_the_study_itself_says_that_its_data_gave_it(declared):
    about = models.VARIABLES["old"] | ({} if declared is None else {"data_driven": declared})
    asked = models.study("arm", "old", variables=models.VARIABLES | {"old": about}, report={"profile": "public"})
    old = ["old" if age >= 60 else "young" for age in models.AGES]
    found = models.results(asked, models.cohort(arm=models.ARMS, age=models.AGES, old=old))
    keys = set(release_results(settings=asked, made=table_of(list(found.values())))["ard"]["key"])
    added = {key for key in found if key.startswith(("with_age/", "spline_age/")) or ".cut_point" in key}
    assert added
    assert added & keys == (added if declared else set())


@pytest.mark.parametrize("profile", ["irb", "public"])
def test_an_extreme_is_neither_in_its_value_nor_in_its_filter(profile):
    rows = [
        result("baseline.age.max", 77.0, analysis="baseline", variable="age", filter="| age=77.0", n=12),
        result("os.times.min", 1.9, analysis="times", filter="arm=* | endpoints.os.time_days=58", n=12),
    ]
    released = shown(profile, rows)
    assert [released[row["key"]]["value"] for row in rows] == [None, None]
    assert [released[row["key"]]["filter"] for row in rows] == ["", "arm=*"]


def test_a_committee_sees_of_variants_no_time_of_one_person():
    of_variant: dict[str, Any] = {"variant": "strict", "endpoint": "os", "n": 12, "unit": "months"}
    rows = [
        result("strict/os.km.median", 13.437, analysis="km", **of_variant),
        result("strict/os.km.rmst_max", 14.2, analysis="rmst", time_months=37.125, **of_variant),
        result("strict/os.km.rmst_max_se", 1.2, analysis="rmst", time_months=37.125, **of_variant),
        result("strict/os.km.rmst_36m", 13.9, analysis="rmst", time_months=36.0, **of_variant),
        result("os.rmst.arm.b.difference_common", 1.3, analysis="rmst", time_months=35.2, n=12, unit="months"),
        result("strict/os.n", 12.0, analysis="km", variant="strict", n=12, unit="persons"),
    ]
    released = shown("irb", rows)
    assert [(released[row["key"]]["value"], released[row["key"]]["time_months"]) for row in rows] == [
        (13.0, None), (None, None), (None, None), (13.9, 36.0), (1.3, None), (12.0, None),
    ]  # fmt: skip
    assert released["strict/os.km.rmst_max"]["note"] == WITHHELD
