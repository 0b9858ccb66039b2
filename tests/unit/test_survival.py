"""Kaplan-Meier results on small hand-made tables: what each convention gives, and every edge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import hypothesis
import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from cutline.survival.convention import PRESETS
from cutline.survival.estimate import estimate_survival
from cutline.survival.intervals import quantile, spss_quantile_limits, survival_limits
from cutline.survival.kaplan_meier import Curve, product_limit
from cutline.tables.results import ARD, CURVES
from cutline.tables.spec import conform

Persons = Sequence[tuple[int, bool]]


def persons(text: str) -> list[tuple[int, bool]]:
    """Times as textbooks print them: `6 6+ 7`, a plus sign where the person was censored."""
    return [(int(word.rstrip("+")), not word.endswith("+")) for word in text.split()]


# Freireich and others 1963, remission in weeks under 6-mercaptopurine and placebo.
MERCAPTOPURINE = persons("6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+")
PLACEBO = persons("1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23")
# Collett, weeks to discontinuation of an intrauterine device.
DEVICE = persons("10 13+ 18+ 19 23+ 30 36 38+ 54+ 56+ 59 75 93 97 104+ 107 107+ 107+")


def endpoints_table(rows: Persons, endpoint: str = "os", rule_set: str = "main") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient_id": [f"p{number:03d}" for number in range(len(rows))],
            "endpoint": endpoint,
            "rule_set": rule_set,
            "time_days": pd.array([time for time, _ in rows], dtype="Int64"),
            "event": np.array([event for _, event in rows], dtype=bool),
        }
    )


def covariates_table(levels: Sequence[str | None], variable: str = "arm") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "patient_id": [f"p{number:03d}" for number in range(len(levels))],
            "variable": variable,
            "value": pd.Series(levels, dtype=object),
            "number": np.nan,
        }
    )


def settings(comparisons: dict[str, Any] | None = None, **statistics: Any) -> dict[str, Any]:
    levels = {"a": "A", "b": "B"}
    chosen = {
        "conf_level": 0.95,
        "days_per_month": 1,
        "median_interval": "log-log",
        "survival_interval": "log-log",
        "ties": "efron",
        "landmarks_months": [6],
    }
    return {
        "endpoints": {"os": {"label": "Overall survival"}},
        "follow_up_endpoint": "os",
        "comparisons": comparisons or {},
        "variables": {
            name: {"label": f"The {name}", "kind": "categorical", "levels": levels} for name in ("arm", "sex")
        },
        "statistics": chosen | statistics,
    }


def results(rows: Persons, levels: Sequence[str | None] | None = None, **statistics: Any) -> pd.DataFrame:
    """The rows by key; with levels, compared by arm. One day is one month unless told otherwise."""
    comparisons = {"main": "arm"} if levels is not None else {}
    outputs = estimate_survival(
        settings=settings(comparisons, **statistics),
        endpoints=endpoints_table(rows),
        covariates=covariates_table(levels or []),
    )
    return conform(outputs["ard"], ARD).set_index("key")


def values(table: pd.DataFrame, *keys: str) -> list[float | None]:
    found = [table.loc[key, "value"] for key in keys]
    return [None if pd.isna(value) else float(value) for value in found]


def curve(rows: Persons) -> Curve:
    table = endpoints_table(rows)
    return product_limit(table["time_days"].astype("int64"), table["event"])


# ── the median and its interval, by convention ───────────────────────────────────────────────


@pytest.mark.parametrize(
    ("rows", "median", "standard_error"),
    [(MERCAPTOPURINE, 23, 5.2554), (PLACEBO, 8, 1.6690), (DEVICE, 93, 17.131)],
    ids=["6-mercaptopurine", "placebo", "intrauterine device"],
)
def test_spss_interval_is_the_median_plus_and_minus_1_96_standard_errors(
    rows: Persons, median: float, standard_error: float
) -> None:
    found = results(rows, median_interval="spss")
    middle, lower, upper = values(found, "os.km.median", "os.km.median_lower", "os.km.median_upper")
    assert middle == median
    assert upper - middle == pytest.approx(1.96 * standard_error, abs=1e-3)
    assert middle - lower == pytest.approx(1.96 * standard_error, abs=1e-3)


def test_spss_interval_is_not_cut_at_zero() -> None:
    # S falls to 0.5 at day 2; the window from S = 0.75 (day 1) to S = 0.25 (day 60) makes a flat slope.
    lower, upper = spss_quantile_limits(curve(persons("1 2 60 61")), 0.5)
    assert lower is not None
    assert upper is not None
    # SE of S(2) is 0.25, slope is (0.75 - 0.25) / (60 - 1), so SE of the time is 29.5.
    assert (lower, upper) == (pytest.approx(2 - 1.96 * 29.5), pytest.approx(2 + 1.96 * 29.5))


def test_spss_interval_with_a_thirty_day_gap_around_the_median_of_seventy_events() -> None:
    # 70 distinct events: the 31st (S = 39/70, last at or above 0.55) and the 39th (S = 31/70, first at or below
    # 0.45) are 30 days apart, the 35th is at day 201.
    days = [*range(150, 180), 190, 192, 195, 198, 201, 205, 210, 215, 220, *range(300, 331)]
    found = results([(day, True) for day in days], median_interval="spss", days_per_month=30.4375)
    printed = [round(value, 2) for value in values(found, "os.km.median", "os.km.median_lower", "os.km.median_upper")]
    assert printed == [6.60, 5.59, 7.61]


def test_spss_prints_a_median_but_no_interval_where_survival_stays_above_45_percent() -> None:
    found = results(persons("1 2 3+ 3+"), median_interval="spss")
    assert values(found, "os.km.median", "os.km.median_lower", "os.km.median_upper") == [2, None, None]
    assert "at most 45 percent" in found.loc["os.km.median_upper", "note"]


def test_spss_gives_no_interval_where_everyone_left_dies_on_the_day_of_the_median() -> None:
    found = results(persons("1 2 3 10 10 10 10"), median_interval="spss")
    assert values(found, "os.km.median", "os.km.median_lower", "os.km.median_upper") == [10, None, None]


# R: quantile(survfit(Surv(time, status) ~ 1, conf.type = …), 0.5) on the 6-mercaptopurine group
@pytest.mark.parametrize(("transform", "limits"), [("plain", [13, None]), ("log", [16, None]), ("log-log", [13, None])])
def test_brookmeyer_crowley_limits_of_mercaptopurine_are_those_of_r(transform: str, limits: list[float | None]) -> None:
    found = results(MERCAPTOPURINE, median_interval=transform)
    assert values(found, "os.km.median_lower", "os.km.median_upper") == limits


# R: the same on the placebo group
@pytest.mark.parametrize(("transform", "limits"), [("plain", [4, 11]), ("log", [4, 12]), ("log-log", [4, 11])])
def test_brookmeyer_crowley_limits_of_placebo_are_those_of_r(transform: str, limits: list[float | None]) -> None:
    assert values(results(PLACEBO, median_interval=transform), "os.km.median_lower", "os.km.median_upper") == limits


def test_median_of_seventy_distinct_events_is_the_thirty_fifth_however_the_product_is_rounded() -> None:
    at = curve([(day, True) for day in range(1, 71)])
    assert quantile(at, 0.5) == 35
    above = Curve(at.times, at.at_risk, at.events, at.censored, np.nextafter(at.survival, 1), at.greenwood)
    assert quantile(above, 0.5) == 35


def test_median_on_a_flat_step_is_its_left_end() -> None:
    assert values(results(persons("1 2 3 4")), "os.km.median") == [2]


def test_a_limit_is_not_reached_where_its_curve_stays_above_one_half() -> None:
    found = results(MERCAPTOPURINE)
    assert values(found, "os.km.median", "os.km.median_upper") == [23, None]
    assert found.loc["os.km.median_upper", "note"].startswith("not estimable (the limit")


def test_the_convention_is_written_beside_the_numbers() -> None:
    spss = results(MERCAPTOPURINE, median_interval="spss")
    assert "as SPSS, median -/+ 1.96 standard errors" in spss.loc["os.km.median_lower", "method"]
    log = results(MERCAPTOPURINE, median_interval="log")
    assert "Brookmeyer-Crowley, log" in log.loc["os.km.median_lower", "method"]
    assert log.loc["os.km.median_lower", "conf_level"] == 0.95


def test_months_are_days_divided_after_everything_else() -> None:
    found = results([(day, True) for day in (100, 201, 202)], days_per_month=30.4375)
    assert found.loc["os.km.median", "value"] == 201 / 30.4375
    assert found.loc["os.km.median", "unit"] == "months"


# ── survival at a landmark ───────────────────────────────────────────────────────────────────


# Freireich's 6-mercaptopurine at 10 weeks by hand: (18/21)(16/17)(14/15) = 0.752941.
# R: summary(survfit(Surv(time, status) ~ 1, conf.type = …), times = 10)
@pytest.mark.parametrize(
    ("transform", "lower", "upper"),
    [
        ("plain", 0.5640993267, 0.9417830263),
        ("log", 0.5859189820, 0.9675747546),
        ("log-log", 0.5031995108, 0.8893618352),
    ],
)
def test_survival_at_a_landmark_has_the_interval_of_its_convention(transform: str, lower: float, upper: float) -> None:
    found = results(MERCAPTOPURINE, survival_interval=transform, landmarks_months=[10])
    expected = [18 / 21 * 16 / 17 * 14 / 15, lower, upper]
    keys = ("os.km.survival_10m", "os.km.survival_10m_lower", "os.km.survival_10m_upper")
    assert values(found, *keys) == pytest.approx(expected, abs=1e-9)


def test_those_whose_time_is_the_landmark_are_still_at_risk_for_it() -> None:
    assert values(results(persons("6 6+ 7 5"), landmarks_months=[6]), "os.km.at_risk_6m") == [3]


def test_survival_beyond_the_last_time_is_unknown_if_a_person_was_censored_there() -> None:
    found = results(persons("1 2 5+"), landmarks_months=[5, 6])
    assert values(found, "os.km.survival_5m")[0] == pytest.approx(1 / 3)
    assert values(found, "os.km.survival_6m", "os.km.survival_6m_lower", "os.km.at_risk_6m") == [None, None, 0]
    assert "beyond the last time" in found.loc["os.km.survival_6m", "note"]


def test_survival_beyond_the_last_time_is_zero_if_everyone_had_the_event() -> None:
    found = results(persons("1 2 5"), landmarks_months=[6])
    assert values(found, "os.km.survival_6m", "os.km.survival_6m_lower") == [0, None]
    assert not found.loc["os.km.survival_6m", "note"].startswith("not estimable")


def test_survival_before_any_event_is_one_without_an_interval() -> None:
    found = results(persons("8 9 10+"), landmarks_months=[6])
    assert values(found, "os.km.survival_6m", "os.km.survival_6m_lower", "os.km.survival_6m_upper") == [1, None, None]
    assert "Greenwood" in found.loc["os.km.survival_6m_upper", "note"]


def test_plain_and_log_intervals_stay_within_zero_and_one() -> None:
    for transform in ("plain", "log"):
        lower, upper = survival_limits(curve(persons("1 2 3 4 5+")), transform, 1.96)
        assert np.nanmin(lower) >= 0
        assert np.nanmax(upper) == 1


def test_a_landmark_with_fewer_than_five_at_risk_is_flagged_and_its_number_given() -> None:
    at_six = {days: results(persons(f"1 2 3 {days} 8 8 8 8"), landmarks_months=[6]) for days in ("6", "5")}
    assert at_six["6"].loc["os.km.survival_6m", "note"] == ""
    for name in ("survival_6m", "survival_6m_lower", "at_risk_6m"):
        assert "fewer than 5 at risk" in at_six["5"].loc[f"os.km.{name}", "note"]
    assert values(at_six["5"], "os.km.survival_6m") == [0.5]
    relaxed = results(persons("1 2 3 5 8 8 8 8"), landmarks_months=[6], landmark_minimum_at_risk=4)
    assert relaxed.loc["os.km.survival_6m", "note"] == ""


def test_events_until_a_landmark_are_counted_those_of_its_day_too() -> None:
    found = results(persons("1 2+ 6 6+ 7"), landmarks_months=[6])
    assert values(found, "os.km.events_6m", "os.km.at_risk_6m") == [2, 3]
    assert found.loc["os.km.events_6m", "filter"] == "| endpoints.os.event=true & endpoints.os.time_days<7"


# ── quantiles and restricted means ───────────────────────────────────────────────────────────


# R: quantile(survfit(Surv(time, status) ~ 1, conf.type = …), c(.25, .75)) on the placebo group; both named by S here
@pytest.mark.parametrize(
    ("transform", "upper_quartile", "lower_quartile"),
    [
        ("plain", [4, 2, 8], [12, 8, 17]),
        ("log", [4, 2, 8], [12, 8, None]),
        ("log-log", [4, 1, 5], [12, 8, 22]),
        ("logit", [4, 1, 8], [12, 8, None]),
        ("arcsin", [4, 1, 8], [12, 8, 22]),
    ],
)
def test_quartiles_are_named_by_survival_and_have_r_s_limits(
    transform: str, upper_quartile: list[float | None], lower_quartile: list[float | None]
) -> None:
    found = results(PLACEBO, convention="r", median_interval=transform)
    for level, expected in (("0.75", upper_quartile), ("0.25", lower_quartile)):
        path = f"os.km.quantile.survival_{level}"
        assert values(found, path, f"{path}_lower", f"{path}_upper") == expected
        assert found.loc[path, "statistic"] == f"survival_{level}"


def test_the_quantile_rule_decides_where_survival_equals_one_half_along_a_step() -> None:
    rows = persons("1 2 3 4 5 6 7 8 9 10")
    # R: quantile(survfit(Surv(1:10, rep(1, 10)) ~ 1), 0.5) is 5.5
    assert values(results(rows, quantile_rule="midpoint"), "os.km.median") == [5.5]
    assert values(results(rows, quantile_rule="left_end"), "os.km.median") == [5]
    # R: the same of Surv(1:2, c(1, 0)) is 1.5: the last step ends at the largest time
    assert values(results(persons("1 2+"), quantile_rule="midpoint"), "os.km.median") == [1.5]


def test_with_only_the_preset_changed_the_median_is_the_other_package_s() -> None:
    rows = persons("1 2 3 4 5 6 7 8 9 10")
    keys = ("os.km.median", "os.km.median_lower", "os.km.median_upper")
    found = {name: results(rows, **PRESETS[name], convention=name) for name in PRESETS}
    assert values(found["r"], *keys) == [5.5, 3, None]  # R: lower 3, upper NA under conf.type = "log"
    assert values(found["spss"], keys[0]) == [5]
    assert "left end" in found["spss"].loc["os.km.median", "method"]
    assert "midpoint" in found["sas"].loc["os.km.median", "method"]
    assert "SAS's scale stands in" in found["spss"].loc["os.km.survival_6m_lower", "method"]


def test_restricted_means_stop_where_the_curve_of_a_group_is_no_longer_known() -> None:
    rows, arms = [*MERCAPTOPURINE, *PLACEBO], ["a"] * 21 + ["b"] * 21
    found = results(rows, arms, rmst_months=[20, 30, 36])
    assert values(found, "os.km.arm=a.rmst_20m", "os.km.rmst_30m")[0] == pytest.approx(16.11652661064)
    assert values(found, "os.km.rmst_30m")[0] is not None
    # On placebo nobody is left after 23: the curve is 0 from there on. R: summary(survfit(...), rmean = 30)
    assert values(found, "os.km.arm=a.rmst_30m", "os.km.arm=b.rmst_30m") == pytest.approx([21.04649859944, 26 / 3])
    assert values(found, "os.rmst.arm.b.difference_30m_se")[0] == pytest.approx(np.hypot(2.24380195156, 1.37739004126))
    # On mercaptopurine the last, at 35, was censored.
    assert values(found, "os.km.rmst_36m", "os.km.arm=a.rmst_36m", "os.km.arm=b.rmst_36m") == [None, None, None]
    assert "each group is known" in found.loc["os.km.arm=a.rmst_36m", "note"]
    assert values(found, "os.km.arm=a.rmst_max")[0] == pytest.approx(23.28739495798)
    assert list(found.loc[["os.km.arm=a.rmst_max", "os.km.arm=b.rmst_max"], "time_months"]) == [35, 23]


def test_differences_of_restricted_means_are_given_at_a_common_horizon() -> None:
    found = results([*MERCAPTOPURINE, *PLACEBO], ["a"] * 21 + ["b"] * 21, rmst_months=[20])
    path = "os.rmst.arm.b.difference_20m"
    difference, error, lower, upper, p = values(found, path, *(f"{path}_{x}" for x in ("se", "lower", "upper", "p")))
    assert difference == pytest.approx(8.42857142857 - 16.11652661064)
    assert error == pytest.approx(np.hypot(1.25156019601, 1.26808268250))
    assert (upper - lower) / 2 == pytest.approx(1.959963984540054 * error)
    assert p == pytest.approx(1.59626499906e-05)  # R: 2 * pnorm(-abs(difference / error))
    assert found.loc["os.rmst.arm.b.difference_common", "time_months"] == 23


# ── counts, groups, log-rank ─────────────────────────────────────────────────────────────────


def test_counts_are_given_overall_and_by_group() -> None:
    found = results(persons("1 2+ 3 4"), ["a", "a", "b", None])
    assert values(found, "os.n", "os.events", "os.censored") == [4, 3, 1]
    assert values(found, "os.km.arm=a.n", "os.km.arm=a.events", "os.km.arm=a.censored") == [2, 1, 1]
    assert values(found, "os.km.arm=b.n") == [1]
    assert list(found.loc["os.km.arm=b.median", ["group", "group_level", "endpoint"]]) == ["arm", "b", "os"]


def test_log_rank_of_freireich_is_r_s() -> None:
    # R: survdiff(Surv(time, status) ~ treatment) on the 42 children: chisq 16.7929409892, p 4.168809109e-05
    found = results([*MERCAPTOPURINE, *PLACEBO], ["a"] * 21 + ["b"] * 21)
    chi_square, df, p = values(found, "os.logrank.chi_square", "os.logrank.df", "os.logrank.p")
    assert chi_square == pytest.approx(16.7929409892, rel=1e-10)
    assert df == 1
    assert p == pytest.approx(4.168809109e-05, rel=1e-9)


def test_persons_without_a_group_are_left_out_of_the_log_rank_and_counted() -> None:
    found = results(persons("1 2 3 4 5"), ["a", "b", "a", "b", None])
    assert found.loc["os.logrank.p", "n"] == 4
    assert found.loc["os.logrank.p", "note"] == "left out: 1 with unknown The arm"


def test_further_comparisons_carry_their_variable_in_the_key() -> None:
    covariates = pd.concat([covariates_table(["a", "b", "a"]), covariates_table(["b", "b", "a"], "sex")])
    outputs = estimate_survival(
        settings=settings({"main": "arm", "others": ["sex"]}),
        endpoints=endpoints_table(persons("1 2 3")),
        covariates=covariates,
    )
    keys = set(outputs["ard"]["key"])
    assert {"os.logrank.p", "os.logrank.sex.p", "os.km.sex=a.median"} <= keys
    assert "os.logrank.arm.p" not in keys


def test_a_group_that_nobody_represented_at_an_event_loses_its_degree_of_freedom() -> None:
    # R: survdiff(Surv(c(1, 5, 6), c(0, 1, 1)) ~ c('a', 'b', 'b')) has one group left and no test
    found = results(persons("1+ 5 6"), ["a", "b", "b"])
    assert values(found, "os.logrank.p", "os.logrank.df") == [None, None]
    assert "fewer than two groups" in found.loc["os.logrank.p", "note"]


def test_log_rank_says_so_when_all_events_fall_on_one_day_with_nobody_left() -> None:
    found = results(persons("5 5"), ["a", "b"])
    assert values(found, "os.logrank.chi_square") == [None]
    assert "nobody was left" in found.loc["os.logrank.p", "note"]


def test_each_configured_test_has_its_own_rows_stratified_too_and_persons_of_unknown_stratum_are_left_out() -> None:
    covariates = pd.concat(
        [covariates_table([*list("abab"), "a", None]), covariates_table([*list("aabb"), None, "a"], "sex")]
    )
    outputs = estimate_survival(
        settings=settings({"main": "arm", "others": ["sex"], "strata": ["sex"]}, tests=["logrank", "tarone_ware"]),
        endpoints=endpoints_table(persons("1 2 3 4+ 5 6")),
        covariates=covariates,
    )
    table = outputs["ard"].set_index("key")
    assert {"os.logrank.p", "os.tarone_ware.p", "os.tarone_ware.sex.p", "os.logrank.stratified.p"} <= set(table.index)
    assert "os.logrank.sex.stratified.p" not in table.index
    assert list(table.loc[["os.logrank.p", "os.logrank.stratified.p"], "n"]) == [5, 4]
    assert table.loc["os.logrank.stratified.p", "note"] == "left out: 2 with unknown The arm or The sex"
    assert table.loc["os.logrank.stratified.p", "filter"] == "arm=* & sex=*"
    assert "stratified by The sex" in table.loc["os.logrank.stratified.p", "method"]


def test_more_than_two_groups_are_compared_in_pairs_with_holm_s_adjustment() -> None:
    chosen = settings({"main": "arm"})
    chosen["variables"]["arm"]["levels"] = {"a": "A", "b": "B", "c": "C"}
    rows, arms = persons("1 2 3 5 6 7 8 9+ 4 9 9+ 9+"), list("aaaabbbbcccc")
    table = estimate_survival(settings=chosen, endpoints=endpoints_table(rows), covariates=covariates_table(arms))[
        "ard"
    ]
    pairs = table[table["key"].str.contains("pairwise")].set_index("key")
    p = pairs.loc[[f"os.logrank.pairwise.{pair}.p" for pair in ("a_vs_b", "a_vs_c", "b_vs_c")], "value"].tolist()
    adjusted = pairs.loc[[f"os.logrank.pairwise.{pair}.p_holm" for pair in ("a_vs_b", "a_vs_c", "b_vs_c")], "value"]
    assert min(adjusted) == pytest.approx(3 * min(p))
    assert pairs.loc["os.logrank.pairwise.a_vs_c.p", "filter"] == "arm=a,c"
    assert pairs.loc["os.logrank.pairwise.a_vs_c.p", "n"] == 8


def test_follow_up_is_given_by_group_too() -> None:
    found = results(persons("1 4+ 2 3"), ["a", "a", "b", "b"])
    assert values(found, "followup.reverse_km.median", "followup.reverse_km.arm=a.median") == [4, 4]
    assert values(found, "followup.reverse_km.arm=b.median") == [None]
    assert "everyone was followed to the event" in found.loc["followup.reverse_km.arm=b.median", "note"]


# ── edges ────────────────────────────────────────────────────────────────────────────────────


def test_without_persons_every_row_is_there_and_says_why() -> None:
    empty, full = results([], []), results(persons("1 2"), ["a", "b"])
    assert list(empty.index) == list(full.index)
    assert values(empty, "os.n", "os.events", "os.km.arm=a.n", "os.km.at_risk_6m") == [0, 0, 0, 0]
    silent = empty[empty["value"].isna() & (empty["note"] == "")]
    assert silent.empty


def test_without_events_medians_and_tests_are_not_estimable_but_survival_is_one() -> None:
    found = results(persons("4+ 9+"), ["a", "b"], median_interval="spss")
    keys = ("os.km.median", "os.km.median_lower", "os.km.median_upper", "os.logrank.p")
    assert values(found, *keys) == [None, None, None, None]
    assert {found.loc[key, "note"] for key in keys} == {"not estimable (no events)"}
    assert values(found, "os.km.survival_6m") == [1]


def test_one_event_is_enough_for_a_curve_and_not_for_a_median() -> None:
    found = results(persons("3 9+ 9+"))
    assert values(found, "os.km.median", "os.km.survival_6m")[0] is None
    assert values(found, "os.km.survival_6m")[0] == pytest.approx(2 / 3)
    assert found.loc["os.km.median", "note"] == "not estimable (median not reached)"


def test_two_patients_have_a_median_and_no_spss_interval() -> None:
    found = results(persons("3 8"), median_interval="spss")
    assert values(found, "os.km.median", "os.km.median_lower") == [3, None]


def test_median_may_be_the_largest_time() -> None:
    assert values(results(persons("2+ 7")), "os.km.median", "os.km.median_lower") == [7, None]


def test_everyone_tied_on_one_day() -> None:
    found = results(persons("5 5 5"))
    keys = ("os.km.median", "os.km.median_lower", "os.km.median_upper", "os.km.survival_6m")
    assert values(found, *keys) == [5, None, None, 0]


def test_person_censored_on_the_day_of_an_event_is_still_at_risk_for_it() -> None:
    assert curve(persons("5 5+ 9+")).survival[-1] == pytest.approx(2 / 3)


def test_event_on_day_zero_lowers_the_curve_from_the_start() -> None:
    at = curve(persons("0 4 9+"))
    assert list(at.times) == [0, 4, 9]
    assert list(at.at_risk) == [3, 2, 1]
    assert at.survival == pytest.approx([2 / 3, 1 / 3, 1 / 3])


def test_only_the_study_s_own_censoring_rules_are_estimated() -> None:
    tables = [endpoints_table(persons("1 2")), endpoints_table(persons("8+ 9+"), rule_set="strict")]
    outputs = estimate_survival(settings=settings(), endpoints=pd.concat(tables), covariates=covariates_table([]))
    assert outputs["ard"].set_index("key").loc["os.n", "value"] == 2


def test_numpy_keeps_its_warnings_after_the_library_has_run() -> None:
    before = np.geterr()
    results(persons("1 2 3+ 4"), ["a", "b", "a", "b"])
    assert np.geterr() == before


# ── follow-up ────────────────────────────────────────────────────────────────────────────────


def test_follow_up_takes_censoring_as_the_event() -> None:
    # Reversed, 4, 8 and 12 are the events: S falls to 3/4 at 4, with four at risk, and to 1/2 at 8, with three.
    found = results(persons("2 4+ 8+ 9 12+"))
    assert values(found, "followup.reverse_km.median") == [8]
    assert found.loc["followup.reverse_km.median", "method"].startswith("reverse Kaplan-Meier of os")


def test_follow_up_without_censoring_is_not_estimable_and_says_so() -> None:
    found = results(persons("2 4 8"))
    assert values(found, "followup.reverse_km.median", "followup.reverse_km.lower") == [None, None]
    assert "nobody was censored" in found.loc["followup.reverse_km.upper", "note"]


# ── curves ───────────────────────────────────────────────────────────────────────────────────


def curves(rows: Persons, levels: Sequence[str | None]) -> pd.DataFrame:
    outputs = estimate_survival(
        settings=settings({"main": "arm"}), endpoints=endpoints_table(rows), covariates=covariates_table(levels)
    )
    return outputs["curves_os"]


def test_every_curve_starts_at_day_zero_with_everyone_at_risk() -> None:
    table = curves(persons("3 4+ 9"), ["a", "b", "a"])
    starts = table[table["time_days"] == 0]
    assert list(starts["group_level"]) == ["", "a", "b"]
    assert list(starts["at_risk"]) == [3, 2, 1]
    assert list(starts["survival"]) == [1, 1, 1]


def test_curves_account_for_every_event_and_censoring() -> None:
    table = curves(persons("3 3 4+ 9 9+"), ["a", "b", "a", "b", "a"])
    everyone = table[table["group"] == ""]
    assert list(everyone["time_days"]) == [0, 3, 4, 9]
    assert list(everyone["at_risk"]) == [5, 5, 3, 2]
    assert list(everyone["events"]) == [0, 2, 0, 1]
    assert list(everyone["censored"]) == [0, 0, 1, 1]
    assert list(everyone["survival"]) == pytest.approx([1, 0.6, 0.6, 0.3])


def test_curves_are_in_the_order_of_their_spec_and_empty_without_persons() -> None:
    table = curves(persons("3 4+ 9"), ["b", "a", "b"])
    assert list(table.columns) == CURVES.names
    pd.testing.assert_frame_equal(table, table.sort_values(list(CURVES.sort)))
    assert list(curves([], []).columns) == CURVES.names
    assert curves([], []).empty


# ── invariants ───────────────────────────────────────────────────────────────────────────────

COHORTS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=40)
repeated = hypothesis.settings(deadline=None, max_examples=25, derandomize=True)


@repeated
@hypothesis.given(COHORTS)
def test_curve_falls_from_one_and_follows_its_definition(rows: list[tuple[int, bool]]) -> None:
    at = curve(rows)
    assert at.persons == len(rows)
    assert at.event_count + at.censored.sum() == len(rows)
    assert at.survival == pytest.approx(np.cumprod(1 - at.events / at.at_risk), abs=1e-12)


@repeated
@hypothesis.given(COHORTS, st.sampled_from(["spss", "plain", "log", "log-log"]))
def test_any_cohort_gives_rows_that_have_a_value_or_a_reason(rows: list[tuple[int, bool]], interval: str) -> None:
    levels = ["a" if time % 2 else "b" for time, _ in rows]
    found = results(rows, levels, median_interval=interval, landmarks_months=[0, 6, 40])
    assert found[found["value"].isna() & (found["note"] == "")].empty
    assert np.isfinite(found["value"].dropna()).all()


@repeated
@hypothesis.given(COHORTS)
def test_order_of_the_rows_does_not_matter(rows: list[tuple[int, bool]]) -> None:
    table = endpoints_table(rows)
    inputs = {"settings": settings(), "covariates": covariates_table([])}
    first = estimate_survival(endpoints=table, **inputs)
    second = estimate_survival(endpoints=table.iloc[::-1], **inputs)
    pd.testing.assert_frame_equal(first["ard"], second["ard"])
    pd.testing.assert_frame_equal(first["curves_os"], second["curves_os"])
