"""Survival results in the words of a change report."""

from __future__ import annotations

from typing import Any

import pytest

from cutline.display.result_names import name_of

SETTINGS = {
    "endpoints": {"os": {"label": "Overall survival", "event_label": "death"}},
    "variables": {"arm": {"label": "Arm", "levels": {"a": "Tablet", "b": "Capsule"}}},
}


def named(key: str, analysis: str, **columns: Any) -> str:
    empty = {"endpoint": "os", "group": "", "group_level": "", "unit": "months", "time_months": None}
    statistic = "survival_0.25" if key.endswith("0.25") else key.rpartition(".")[2]
    row = empty | {"key": key, "analysis": analysis, "statistic": statistic} | columns
    return name_of(row, SETTINGS).whole.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("key", "analysis", "columns", "words"),
    [
        ("os.km.quantile.survival_0.25", "km", {}, "Time to survival of 25 %, months"),
        ("os.km.events_12m", "km", {"unit": "persons"}, "Events until 12 months"),
        ("os.km.at_risk_12m", "km", {"unit": "persons"}, "At risk at 12 months"),
        ("os.km.rmst_36m", "rmst", {"time_months": 36.0}, "Restricted mean to 36 months, months"),
        ("os.km.rmst_max_se", "rmst", {}, "Restricted mean to the horizon, standard error"),
        ("os.rmst.arm.b.difference_36m_p", "rmst", {"time_months": 36.0, "group": "arm", "group_level": "b"},
         "Difference of restricted means to 36 months, p"),
        ("os.tarone_ware.p", "rank_test", {"group": "arm"}, "Tarone ware by arm, p"),
        ("os.logrank.arm.stratified.p", "rank_test", {"group": "arm"}, "Logrank stratified by arm, p"),
    ],
)  # fmt: skip
def test_a_survival_result_is_named_so_that_no_two_are_alike(key, analysis, columns, words) -> None:
    assert words.lower() in named(key, analysis, **columns).lower()


def test_follow_up_of_a_group_says_whose_it_is() -> None:
    of_group = {"group": "arm", "group_level": "b"}
    assert "capsule" in named("followup.reverse_km.arm=b.median", "followup", **of_group).lower()
    assert named("followup.reverse_km.median", "followup") == "median follow-up, months"
