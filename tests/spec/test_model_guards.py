"""What keeps a reader from making too much of a Cox model, each guard on a cohort small enough to count by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cutline.contradictions.models import immortal_time, unfit_sensitivity
from cutline.cox import fit_cox
from cutline.manuscript.context import Context
from cutline.manuscript.model_guards import guards
from cutline.sensitivity import estimate_sensitivity
from cutline.tables.endpoints import MAIN

LEVELS = {"a": "Arm A", "b": "Arm B"}
VARIABLES: dict[str, Any] = {
    "arm": {"label": "Arm", "kind": "categorical", "derive": "column", "levels": LEVELS, "reference": "a"},
    "site": {"label": "Site", "kind": "categorical", "derive": "column", "levels": {"n": "North", "s": "South"}},
    "age": {"label": "Age", "kind": "continuous", "unit": "years", "derive": "column"},
    "weight": {"label": "Weight", "kind": "continuous", "unit": "kg", "derive": "column"},
    "old": {"label": "Age", "kind": "categorical", "derive": "cut", "inputs": ["age"], "cut_points": [60],
            "levels": {"young": "Below 60", "old": "60 or more"}},
}  # fmt: skip
TIMES = list(range(30, 1230, 100))
EVENTS = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1]
ARMS = ["a", "b"] * 6
SITES = ["n", "n", "s", "s"] * 3
AGES = [61.0, 55, 70, 48, 66, 59, 62, 71, 50, 58, 64, 45]


def study(*covariates: str, **more: Any) -> dict[str, Any]:
    statistics = {"conf_level": 0.95, "ties": "efron", "days_per_month": 30.4375, "landmarks_months": [12],
                  "median_interval": "plain", "survival_interval": "plain"}  # fmt: skip
    return {
        "models": {"os": list(covariates)}, "variables": VARIABLES, "statistics": statistics,
        "endpoints": {"os": {"label": "Overall survival", "event_label": "death"}},
    } | more  # fmt: skip


def cohort(times: list[int] = TIMES, events: list[int] = EVENTS, **values: list[Any]) -> dict[str, pd.DataFrame]:
    people = [f"p{place:02d}" for place in range(len(times))]
    endpoints = pd.DataFrame({"patient_id": people, "endpoint": "os", "rule_set": MAIN, "time_days": times,
                              "event": [bool(event) for event in events]})  # fmt: skip
    parts = []
    for variable, known in values.items():
        number = VARIABLES[variable]["kind"] == "continuous"
        parts.append(pd.DataFrame({"patient_id": people, "variable": variable, "value": None if number else known,
                                   "number": known if number else float("nan")}))  # fmt: skip
    return {"endpoints": endpoints, "covariates": pd.concat(parts, ignore_index=True)}


def results(settings: dict[str, Any], tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    ard = fit_cox(settings=settings, **tables)["ard"]
    return {row["key"]: row for row in ard.astype(object).where(ard.notna(), None).to_dict("records")}


def sentences(settings: dict[str, Any], found: dict[str, dict[str, Any]]) -> str:
    return guards("os", Context(settings, found))


# ── events per degree of freedom ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("copies", "note", "words"),
    [
        (1, "exploratory only: fewer than 5 events per degree of freedom", "so it is exploratory only"),
        (2, "caution: fewer than 10 events per degree of freedom", "to be read with caution"),
        (3, "", None),
    ],
)
def test_few_events_for_the_degrees_of_freedom_are_told(copies: int, note: str, words: str | None) -> None:
    times = [time + shift for shift in range(copies) for time in TIMES]
    settings = study("arm", "age")
    found = results(settings, cohort(times, EVENTS * copies, arm=ARMS * copies, age=AGES * copies))
    assert found["os.cox.multivariable.degrees_of_freedom"]["value"] == 2
    row = found["os.cox.multivariable.events_per_df"]
    assert (row["value"], row["note"]) == (8 * copies / 2, note)
    text = sentences(settings, found)
    assert (words in text) if words else ("degrees of freedom" not in text)


def test_a_study_may_set_its_own_rule_of_thumb() -> None:
    settings = study("arm", "age")
    settings["statistics"]["guards"] = {"events_per_df_warning": 3, "events_per_df_exploratory": 2}
    assert results(settings, cohort(arm=ARMS, age=AGES))["os.cox.multivariable.events_per_df"]["note"] == ""


# ── separation ───────────────────────────────────────────────────────────────────────────────


def test_a_level_without_events_is_not_estimable_and_has_a_finite_estimate_beside_it() -> None:
    arms = ["b" if not event else "a" for event in EVENTS]
    settings = study("arm", "age")
    found = results(settings, cohort(arm=arms, age=AGES))
    assert found["os.cox.multivariable.arm.b.hr"]["value"] is None
    firth = found["firth/os.cox.multivariable.arm.b.hr"]
    assert 0 < firth["value"] < 1
    assert firth["variant"] == "firth"
    assert found["firth/os.cox.multivariable.age.p"]["value"] is not None
    text = sentences(settings, found)
    assert "the likelihood grows without limit" in text
    assert "firth/os.cox.multivariable.arm.b.hr" in text


def test_a_number_that_orders_every_event_diverges_though_no_cell_is_empty() -> None:
    # Whoever is oldest dies next, each time: no empty cell, and the likelihood grows with the coefficient for ever.
    settings = study("arm", "age")
    ages = [float(80 - place) for place in range(12)]
    found = results(settings, cohort(events=[1] * 12, arm=ARMS, age=ages))
    assert "monotone likelihood" in found["os.cox.univariable.age.hr"]["note"]
    assert found["firth/os.cox.univariable.age.hr"]["value"] > 1
    assert found["firth/os.cox.univariable.age.lower"]["value"] > 1


def test_a_model_that_does_not_separate_has_no_second_version() -> None:
    assert not [key for key in results(study("arm", "age"), cohort(arm=ARMS, age=AGES)) if key.startswith("firth/")]


def test_a_reference_level_without_events_is_refused_and_another_one_named() -> None:
    arms = ["a" if not event else "b" for event in EVENTS]
    settings = study("arm", "age")
    found = results(settings, cohort(arm=arms, age=AGES))
    note = "not estimable (no events in the reference level; name another reference, b has the most)"
    assert found["os.cox.multivariable.arm.b.hr"]["note"] == note
    assert found["os.cox.multivariable.age.hr"]["value"] is not None
    assert "nobody of its reference level had the event" in sentences(settings, found)


# ── collinearity ─────────────────────────────────────────────────────────────────────────────


def test_covariates_that_resemble_each_other_are_told_and_others_are_not() -> None:
    settings = study("age", "weight", "arm")
    weights = [age + (0.5 if place % 3 else -1) for place, age in enumerate(AGES)]
    found = results(settings, cohort(age=AGES, weight=weights, arm=ARMS))
    assert found["os.cox.multivariable.age.variance_inflation"]["value"] > 5
    assert found["os.cox.multivariable.age.variance_inflation"]["note"].startswith("collinearity")
    assert found["os.cox.multivariable.arm.variance_inflation"]["note"] == ""
    assert "(collinearity)" in sentences(settings, found)


def test_covariates_that_determine_each_other_are_not_estimable() -> None:
    settings = study("age", "weight")
    found = results(settings, cohort(age=AGES, weight=[2 * age for age in AGES]))
    assert "collinearity" in found["os.cox.multivariable.age.hr"]["note"]
    assert found["os.cox.multivariable.age.variance_inflation"]["value"] is None
    assert "determine age" in sentences(settings, found)


# ── what could have been shown ───────────────────────────────────────────────────────────────


def test_smallest_detectable_hazard_ratio_stands_beside_a_large_p_value_on_both_sides_of_one() -> None:
    # Eight deaths, half the persons in each arm: exp(2.8016 / sqrt(8 / 4)) is 7.25.
    settings = study("arm")
    found = results(settings, cohort(arm=ARMS))
    upper, lower = (found[f"os.cox.univariable.arm.b.detectable_{side}"] for side in ("upper", "lower"))
    assert upper["value"] == pytest.approx(7.25, abs=0.005)
    assert lower["value"] == pytest.approx(1 / upper["value"])
    assert "not the power of this result" in upper["method"]
    assert "does not mean no effect" in sentences(settings, found)


def test_of_a_number_it_is_per_standard_deviation() -> None:
    found = results(study("age"), cohort(age=AGES))
    assert found["os.cox.univariable.age.detectable_upper"]["value"] == pytest.approx(2.6927, abs=1e-3)
    assert found["os.cox.univariable.age.detectable_upper"]["unit"] == "ratio per standard deviation"


def test_beside_a_small_p_value_there_is_none() -> None:
    times = [place + 1 for place in range(60)]
    arms = ["b"] * 28 + ["a", "b"] * 2 + ["a"] * 28
    found = results(study("arm"), cohort(times, [1] * 60, arm=arms))
    assert found["os.cox.univariable.arm.b.p"]["value"] < 0.05
    assert "os.cox.univariable.arm.b.detectable_upper" not in found


# ── cut-points ───────────────────────────────────────────────────────────────────────────────


def test_a_cut_at_the_median_of_these_patients_is_flagged_with_the_number_and_its_spline_beside_it() -> None:
    settings = study("old", "arm")
    old = ["old" if age >= 60 else "young" for age in AGES]
    found = results(settings, cohort(old=old, arm=ARMS, age=AGES))
    assert found["os.cox.multivariable.old.cut_point"]["value"] == 60
    assert found["with_age/os.cox.multivariable.age.hr"]["value"] is not None
    assert found["spline_age/os.cox.multivariable.age.nonlinearity.df"]["value"] == 1
    assert "is a quartile of these data" in sentences(settings, found)


@pytest.mark.parametrize(("declared", "point", "flagged"), [(True, 52, True), (None, 52, False), (False, 60, False)])
def test_a_study_may_say_whether_a_cut_point_comes_from_its_data(declared: bool, point: int, flagged: bool) -> None:
    about = VARIABLES["old"] | {"cut_points": [point]} | ({} if declared is None else {"data_driven": declared})
    settings = study("old", variables=VARIABLES | {"old": about})
    found = results(settings, cohort(old=["old" if age >= point else "young" for age in AGES], age=AGES))
    assert ("os.cox.multivariable.old.cut_point" in found) == flagged


def test_another_variable_takes_the_place_of_the_one_that_the_study_names() -> None:
    settings = study("arm", "site", sensitivity={"replace": {"site": ["age"]}})
    found = results(settings, cohort(arm=ARMS, site=SITES, age=AGES))
    assert found["with_age/os.cox.multivariable.age.hr"]["value"] is not None
    assert "with_age/os.cox.multivariable.site.s.hr" not in found
    assert "os.cox.multivariable.site.s.hr" in found


# ── unknown covariates ───────────────────────────────────────────────────────────────────────


def test_complete_cases_say_how_many_are_lost_at_each_step() -> None:
    arms: list[Any] = [None, None, *ARMS[2:]]
    ages = [float("nan"), 55, float("nan"), *AGES[3:]]
    settings = study("arm", "age")
    found = results(settings, cohort(arm=arms, age=ages))
    steps = {name: found[f"os.cox.multivariable.{name}"]["value"] for name in
             ("arm.lost", "arm.remaining", "age.lost", "age.remaining")}  # fmt: skip
    assert steps == {"arm.lost": 2, "arm.remaining": 10, "age.lost": 1, "age.remaining": 9}
    assert "were left out in this order" in sentences(settings, found)


def sensitivity(settings: dict[str, Any], tables: dict[str, pd.DataFrame]) -> dict[str, dict[str, Any]]:
    people = tables["endpoints"][["patient_id"]]
    nobody = pd.DataFrame({"variant": [], "patient_id": []})
    gaps = pd.DataFrame({"endpoint": [], "days": [], "ends_with": [], "beyond_limit": [], "patient_id": []})
    ard = estimate_sensitivity(settings=settings, cohort=people, what_if=nobody, scan_intervals=gaps,
                               what_if_endpoints=tables["endpoints"].iloc[:0], **tables)["ard"]  # fmt: skip
    return {row["key"]: row for row in ard.astype(object).where(ard.notna(), None).to_dict("records")}


def test_unknown_covariates_are_imputed_as_often_as_percent_are_incomplete() -> None:
    ages = [float("nan"), *AGES[1:]]
    settings = study("arm", "age", sensitivity={"imputation": {"seed": 1}})
    found = sensitivity(settings, cohort(arm=ARMS, age=ages))
    path = "imputed/os.cox.multivariable"
    assert found[f"{path}.incomplete"]["value"] == 1
    assert found[f"{path}.imputations"]["value"] == 9  # one of twelve: 8.3 percent
    assert found[f"{path}.n"]["value"] == 12
    assert found[f"{path}.age.lower"]["value"] < found[f"{path}.age.hr"]["value"] < found[f"{path}.age.upper"]["value"]
    assert found[f"{path}.age.missing_information"]["value"] > 0
    again = sensitivity(settings, cohort(arm=ARMS, age=ages))
    assert again[f"{path}.age.hr"]["value"] == found[f"{path}.age.hr"]["value"]


def test_with_every_covariate_known_nothing_is_imputed() -> None:
    found = sensitivity(study("arm", "age", sensitivity={"imputation": {"seed": 1}}), cohort(arm=ARMS, age=AGES))
    assert found["imputed/os.cox.multivariable.imputations"]["value"] == 0
    assert "the main model stands" in found["imputed/os.cox.multivariable.imputations"]["note"]


def test_a_landmark_analysis_is_of_those_at_risk_then_and_counts_from_there() -> None:
    settings = study("arm", sensitivity={"landmarks_months": [12]})
    found = sensitivity(settings, cohort(arm=ARMS))
    # 366 days: the times 430 to 1130, eight persons of whom six die.
    assert (found["landmark_12m/os.n"]["value"], found["landmark_12m/os.events"]["value"]) == (8, 5)
    assert found["landmark_12m/os.n"]["filter"] == "endpoints.os.time_days>=366"
    assert "from the landmark at 12 months" in found["landmark_12m/os.cox.multivariable.arm.b.hr"]["method"]


# ── immortal time ────────────────────────────────────────────────────────────────────────────

RECORD = {"kind": "categorical", "label": "x", "levels": {"yes": "Yes", "no": "No"}}
SELECT = {"table": "observations", "date": "observed_on"}


@pytest.mark.parametrize(
    ("variable", "refused"),
    [
        ({"derive": "exists", "after": "index_date", "select": SELECT}, True),
        ({"derive": "exists", "before": "index_date", "select": SELECT}, False),
        (
            {
                "derive": "record_value",
                "anchor": "index_date",
                "select": SELECT | {"take": "nearest", "days_after": 30},
            },
            True,
        ),
        (
            {"derive": "record_value", "anchor": "index_date", "select": SELECT | {"take": "nearest", "days_after": 0}},
            False,
        ),
        ({"derive": "under_way", "anchor": "index_date", "days": 28, "select": SELECT}, True),
        ({"derive": "interval", "from": "index_date", "to": "stopped"}, True),
        ({"derive": "cut", "inputs": ["later"]}, True),
        ({"derive": "age", "anchor": "index_date"}, False),
    ],
)
def test_a_covariate_measured_after_the_index_date_is_refused(variable: dict[str, Any], refused: bool) -> None:
    variables = {
        "x": RECORD | variable,
        "stopped": {"label": "Stop", "kind": "date", "derive": "record_date", "select": SELECT},
        "later": {"label": "Later", "kind": "continuous", "derive": "interval", "from": "index_date", "to": "stopped"},
    }
    asked = study("x", variables=variables, index_date={"select": SELECT})
    found = list(immortal_time(asked))
    assert bool(found) == refused
    assert all(fault.startswith("models.os: 'x' is measured after the index date") for fault in found)


def test_a_study_may_say_how_many_days_after_the_index_date_are_harmless() -> None:
    late = RECORD | {"derive": "record_value", "anchor": "index_date", "select": SELECT | {"days_after": 7}}
    asked = study("x", variables={"x": late}, index_date={"select": SELECT})
    assert list(immortal_time(asked))
    asked["statistics"]["guards"] = {"days_after_index": 7}
    assert not list(immortal_time(asked))


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"replace": {"weight": ["age"]}}, "is in no model"),
        ({"replace": {"arm": ["agee"]}}, "unknown variable 'agee'; did you mean"),
        ({"replace": {"arm": ["age"]}}, "is in the same model already"),
    ],
)
def test_a_sensitivity_analysis_of_what_no_model_has_is_an_error(asked: dict[str, Any], words: str) -> None:
    faults = list(unfit_sensitivity(study("arm", "age", sensitivity=asked)))
    assert len(faults) == 1
    assert words.partition("; did you mean")[0] in faults[0]
