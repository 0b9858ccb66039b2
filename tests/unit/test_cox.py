"""Cox models on small hand-made tables: estimates, and every way in which there is none."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cutline.cox import fit_cox
from cutline.tables.results import ARD
from cutline.tables.spec import conform

LEVELS = {"a": "A", "b": "B", "c": "C"}
VARIABLES: dict[str, Any] = {
    "arm": {"kind": "categorical", "levels": LEVELS, "reference": "a"},
    "sex": {"kind": "categorical", "levels": {"f": "Female", "m": "Male"}},
    "age": {"kind": "continuous", "unit": "years"},
    "weight": {"kind": "continuous", "unit": "kg"},
}
TIMES = [5, 8, 12, 14, 20, 21, 25, 30, 33, 40, 41, 50]
EVENTS = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 0, 1]
ARMS = ["a", "b"] * 6
AGES = [61.0, 55, 70, 48, 66, 59, 62, 71, 50, 58, 64, 45]


def results(
    times: Sequence[int],
    events: Sequence[int],
    variables: dict[str, Sequence[Any]],
    known: dict[str, Any] | None = None,
    **statistics: Any,
) -> pd.DataFrame:
    """The rows by key, of models with these variables in this order."""
    persons = [f"p{number:03d}" for number in range(len(times))]
    endpoints = pd.DataFrame(
        {
            "patient_id": persons,
            "endpoint": "os",
            "rule_set": "main",
            "time_days": pd.array(times, dtype="Int64"),
            "event": np.array(events, dtype=bool),
        }
    )
    about = VARIABLES | (known or {})
    settings = {
        "endpoints": {"os": {"label": "Overall survival"}},
        "models": {"os": list(variables)},
        "variables": about,
        "statistics": {"conf_level": 0.95, "ties": "efron"} | statistics,
    }
    tables = [covariate_rows(persons, name, found, about[name]["kind"]) for name, found in variables.items()]
    outputs = fit_cox(settings=settings, endpoints=endpoints, covariates=pd.concat(tables, ignore_index=True))
    return conform(outputs["ard"], ARD).set_index("key")


def covariate_rows(persons: list[str], variable: str, found: Sequence[Any], kind: str) -> pd.DataFrame:
    continuous = kind == "continuous"
    return pd.DataFrame(
        {
            "patient_id": persons,
            "variable": variable,
            "value": pd.Series([None] * len(persons) if continuous else list(found), dtype=object),
            "number": np.array(found, dtype=float) if continuous else np.nan,
        }
    )


def value(table: pd.DataFrame, key: str) -> float | None:
    found = table.loc[key, "value"]
    return None if pd.isna(found) else float(found)


# ── estimates ────────────────────────────────────────────────────────────────────────────────


def test_hazard_ratio_of_two_persons_of_each_group_solves_the_score_equation_by_hand() -> None:
    # Events b, a, b and the last, a, censored. With r the hazard ratio of b against a the partial likelihood is
    # r/(2+2r) · 1/(2+r) · r/(1+r), largest where 2/r = 2/(1+r) + 1/(2+r), that is r² - r - 4 = 0.
    found = results([1, 2, 3, 4], [1, 1, 1, 0], {"arm": ["b", "a", "b", "a"]})
    assert value(found, "os.cox.univariable.arm.b.hr") == pytest.approx((1 + math.sqrt(17)) / 2, rel=1e-9)


def test_interval_and_p_are_those_of_wald() -> None:
    found = results(TIMES, EVENTS, {"age": AGES}, conf_level=0.90)
    ratio, lower, upper, p = (value(found, f"os.cox.univariable.age.{name}") for name in ("hr", "lower", "upper", "p"))
    error = math.log(upper / lower) / 2 / 1.6448536269514722
    assert math.sqrt(lower * upper) == pytest.approx(ratio, rel=1e-12)
    assert p == pytest.approx(math.erfc(abs(math.log(ratio)) / error / math.sqrt(2)), rel=1e-9)
    assert found.loc["os.cox.univariable.age.lower", "conf_level"] == 0.90
    assert math.isnan(found.loc["os.cox.univariable.age.hr", "conf_level"])


def test_ties_by_efron_and_by_breslow_differ_and_are_named() -> None:
    tied = [5, 5, 5, 14, 14, 14, 25, 25, 25, 40, 40, 40]
    efron = results(tied, EVENTS, {"age": AGES}, ties="efron")
    breslow = results(tied, EVENTS, {"age": AGES}, ties="breslow")
    key = "os.cox.univariable.age.hr"
    assert value(efron, key) != pytest.approx(value(breslow, key), rel=1e-6)
    assert "ties by Efron's method" in efron.loc[key, "method"]
    assert "ties by Breslow's method" in breslow.loc[key, "method"]


def test_hazard_ratio_does_not_depend_on_the_origin_and_scales_with_the_unit() -> None:
    years = results(TIMES, EVENTS, {"age": AGES})
    shifted = results(TIMES, EVENTS, {"age": [1e4 + 10 * age for age in AGES]})
    key = "os.cox.univariable.age.hr"
    assert value(years, key) == pytest.approx(value(shifted, key) ** 10, rel=1e-8)


def test_reference_has_its_counts_and_a_hazard_ratio_of_one() -> None:
    found = results(TIMES, EVENTS, {"arm": ARMS})
    path = "os.cox.univariable.arm.a"
    assert [value(found, f"{path}.{name}") for name in ("n", "events", "hr")] == [6, 3, 1]
    assert found.loc[f"{path}.hr", "note"] == "reference"
    assert f"{path}.p" not in found.index


def test_reference_is_the_first_level_unless_the_study_names_one() -> None:
    found = results(TIMES, EVENTS, {"sex": ["m", "f"] * 6})
    assert found.loc["os.cox.univariable.sex.f.hr", "note"] == "reference"


def test_levels_that_nobody_has_make_no_row() -> None:
    found = results(TIMES, EVENTS, {"arm": ARMS})
    assert not [key for key in found.index if ".arm.c." in key]


def test_models_say_how_many_persons_and_events_they_have() -> None:
    found = results(TIMES, EVENTS, {"arm": ARMS, "age": AGES})
    paths = ("univariable.arm", "univariable.age", "multivariable", "multivariable.age")
    counts = [(value(found, f"os.cox.{path}.n"), value(found, f"os.cox.{path}.events")) for path in paths]
    assert counts == [(12, 8)] * 4


def test_rows_are_one_univariable_model_per_variable_and_then_the_multivariable_one() -> None:
    found = results(TIMES, EVENTS, {"age": AGES, "arm": ARMS})
    models = found[["model", "variable"]].drop_duplicates().to_numpy().tolist()
    assert models == [
        ["univariable", "age"],
        ["univariable", "arm"],
        ["multivariable", ""],
        ["multivariable", "age"],
        ["multivariable", "arm"],
    ]


# ── unknown covariates ───────────────────────────────────────────────────────────────────────


def test_each_model_takes_those_with_all_of_its_covariates_and_counts_the_others() -> None:
    found = results(TIMES, EVENTS, {"arm": [None, *ARMS[1:]], "age": [*AGES[:-1], math.nan]})
    paths = ("univariable.arm", "univariable.age", "multivariable")
    assert [value(found, f"os.cox.{path}.n") for path in paths] == [11, 11, 10]
    assert [value(found, f"os.cox.{path}.excluded") for path in paths] == [1, 1, 2]
    assert "covariate is unknown" in found.loc["os.cox.multivariable.excluded", "note"]


def test_person_without_a_covariate_changes_nothing_in_the_estimate() -> None:
    without = results(TIMES[1:], EVENTS[1:], {"age": AGES[1:]})
    unknown = results(TIMES, EVENTS, {"age": [math.nan, *AGES[1:]]})
    key = "os.cox.univariable.age.hr"
    assert value(unknown, key) == value(without, key)


def test_level_whose_persons_all_lack_another_covariate_is_not_estimable_in_the_multivariable_model() -> None:
    arms = [*ARMS[:-1], "c"]
    found = results(TIMES, EVENTS, {"arm": arms, "age": [*AGES[:-1], math.nan]})
    assert value(found, "os.cox.multivariable.arm.c.n") == 0
    assert value(found, "os.cox.multivariable.arm.c.hr") is None
    assert "nobody in this level" in found.loc["os.cox.multivariable.arm.c.hr", "note"]
    assert value(found, "os.cox.multivariable.arm.b.hr") is not None


# ── nothing to estimate ──────────────────────────────────────────────────────────────────────


def not_estimable(table: pd.DataFrame, path: str) -> str:
    """The reason why the term has no hazard ratio, limits and p; it must be the same for all four."""
    rows = table.loc[[f"{path}.{name}" for name in ("hr", "lower", "upper", "p")]]
    assert rows["value"].isna().all()
    (note,) = set(rows["note"])
    return str(note)


def test_level_without_events_is_not_estimable_and_the_other_terms_keep_their_maximum() -> None:
    # R: coxph(Surv(time, event) ~ group + age, control = coxph.control(eps = 1e-13, iter.max = 60))
    found = results(
        [*TIMES, 6, 18, 28, 44],
        [*EVENTS, 0, 0, 0, 0],
        {"arm": [*ARMS, "c", "c", "c", "c"], "age": [*AGES, 52, 60, 67, 49]},
    )
    assert not_estimable(found, "os.cox.multivariable.arm.c").startswith("not estimable (no events in this level")
    assert value(found, "os.cox.multivariable.arm.c.n") == 4
    assert value(found, "os.cox.multivariable.arm.b.hr") == pytest.approx(1.21262257586111, rel=1e-9)
    assert value(found, "os.cox.multivariable.arm.b.upper") == pytest.approx(5.59196402974183, rel=1e-7)
    assert value(found, "os.cox.multivariable.age.hr") == pytest.approx(1.03206372053753, rel=1e-9)
    assert value(found, "os.cox.multivariable.age.p") == pytest.approx(0.504134673346755, rel=1e-7)


def test_reference_without_events_makes_its_variable_not_estimable_and_no_other() -> None:
    reference_c = {"arm": {"kind": "categorical", "levels": LEVELS, "reference": "c"}}
    variables = {"arm": [*ARMS, "c", "c"], "age": [*AGES, 52, 60]}
    found = results([*TIMES, 18, 44], [*EVENTS, 0, 0], variables, reference_c)
    for level in ("a", "b"):
        reason = not_estimable(found, f"os.cox.multivariable.arm.{level}")
        assert reason == "not estimable (no events in the reference level; name another reference, b has the most)"
    other = results([*TIMES, 18, 44], [*EVENTS, 0, 0], variables)
    key = "os.cox.multivariable.age.hr"
    assert value(found, key) == pytest.approx(value(other, key), rel=1e-9)


def test_reference_that_nobody_has_is_shown_and_named() -> None:
    found = results(TIMES, EVENTS, {"arm": ARMS}, {"arm": {"kind": "categorical", "levels": LEVELS, "reference": "c"}})
    assert value(found, "os.cox.univariable.arm.c.n") == 0
    assert not_estimable(found, "os.cox.univariable.arm.b") == "not estimable (nobody has the reference level)"


def test_only_level_that_occurs_is_not_compared_with_a_reference_that_nobody_has() -> None:
    found = results(TIMES, EVENTS, {"arm": ["b"] * 12, "age": AGES})
    assert not_estimable(found, "os.cox.univariable.arm.b") == "not estimable (only one level occurs)"
    assert value(found, "os.cox.multivariable.age.hr") == value(found, "os.cox.univariable.age.hr")


def test_group_whose_members_all_have_the_event_first_is_found_by_divergence() -> None:
    found = results([1, 2, 3, 4, 5, 6, 7, 8], [1] * 8, {"sex": ["m"] * 4 + ["f"] * 4, "age": AGES[:8]})
    assert "monotone likelihood" in not_estimable(found, "os.cox.univariable.sex.m")
    assert "monotone likelihood" in not_estimable(found, "os.cox.multivariable.sex.m")


def test_divergence_of_one_term_leaves_the_others_at_their_maximum() -> None:
    sex = ["m"] * 4 + ["f"] * 8
    # R: exp(coef(coxph(Surv(1:12, rep(1, 12)) ~ I(sex == "m") + age)))["age"]
    found = results(range(1, 13), [1] * 12, {"sex": sex, "age": AGES})
    assert "monotone likelihood" in not_estimable(found, "os.cox.multivariable.sex.m")
    assert value(found, "os.cox.multivariable.age.hr") == pytest.approx(1.06189407076626, rel=1e-6)


def test_continuous_covariate_that_orders_the_events_is_found_by_divergence() -> None:
    found = results(range(1, 9), [1] * 8, {"age": [80.0, 75, 70, 65, 60, 55, 50, 45]})
    assert "monotone likelihood" in not_estimable(found, "os.cox.univariable.age")


def test_constant_covariate_is_not_estimable() -> None:
    found = results(TIMES, EVENTS, {"age": [60.0] * 12, "arm": ARMS})
    assert "same value" in not_estimable(found, "os.cox.univariable.age")
    assert "same value" in not_estimable(found, "os.cox.multivariable.age")
    assert value(found, "os.cox.multivariable.arm.b.hr") == value(found, "os.cox.univariable.arm.b.hr")


def test_covariates_that_determine_each_other_are_not_estimable_together() -> None:
    found = results(TIMES, EVENTS, {"age": AGES, "weight": [150 - age for age in AGES]})
    assert "collinearity" in not_estimable(found, "os.cox.multivariable.weight")
    assert value(found, "os.cox.univariable.weight.hr") is not None


def test_without_events_nothing_is_estimable() -> None:
    found = results(TIMES, [0] * 12, {"arm": ARMS, "age": AGES})
    for path in ("univariable.arm.b", "univariable.age", "multivariable.arm.b", "multivariable.age"):
        assert not_estimable(found, f"os.cox.{path}") == "not estimable (no events)"
    assert value(found, "os.cox.multivariable.events") == 0


def test_one_event_among_two_patients_is_found_by_divergence() -> None:
    found = results([3, 8], [1, 0], {"age": [50.0, 60.0]})
    assert "monotone likelihood" in not_estimable(found, "os.cox.univariable.age")


def test_everyone_tied_on_one_day_gives_no_sign_of_an_association() -> None:
    found = results([5, 5, 5, 5], [1] * 4, {"age": [50.0, 60, 70, 80]}, ties="breslow")
    assert value(found, "os.cox.univariable.age.hr") == pytest.approx(1)


def test_hazard_ratio_per_a_huge_unit_says_that_it_is_too_large() -> None:
    found = results(TIMES, EVENTS, {"age": [age / 1e5 for age in AGES]})
    assert value(found, "os.cox.univariable.age.upper") is None
    assert "too large for a number" in found.loc["os.cox.univariable.age.upper", "note"]


def test_without_persons_counts_are_zero_and_nothing_is_estimable() -> None:
    found = results([], [], {"arm": [], "age": []})
    assert value(found, "os.cox.multivariable.n") == 0
    assert value(found, "os.cox.univariable.arm.a.n") == 0
    assert "no persons" in not_estimable(found, "os.cox.multivariable.age")


def test_level_that_the_study_does_not_list_is_never_counted_with_the_reference() -> None:
    with pytest.raises(AssertionError, match="arm has a level"):
        results(TIMES, EVENTS, {"arm": [*ARMS[:-1], "z"]})


def test_every_row_without_a_value_says_why() -> None:
    found = results([*TIMES, 6], [*EVENTS, 0], {"arm": [*ARMS, "c"], "sex": ["m"] * 13, "age": [*AGES, 52]})
    assert found[found["value"].isna() & (found["note"] == "")].empty
