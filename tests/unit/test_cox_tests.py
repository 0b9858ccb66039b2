"""What Cox results say beside hazard ratios: overall tests, tests of the model, strata, proportional hazards."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from cutline.cox import fit_cox
from tests.unit.test_cox import AGES, ARMS, EVENTS, TIMES, VARIABLES, covariate_rows, results, value

THREE = ["a", "b", "c", "b", "c", "a", "c", "a", "b", "a", "b", "c"]
CENTRES = ["f", "m"] * 6


def numbers(table: pd.DataFrame, path: str) -> list[float | None]:
    return [value(table, f"{path}.{name}") for name in ("chi_square", "df", "p")]


def test_category_of_three_levels_has_an_overall_test_and_one_of_two_has_none() -> None:
    found = results(TIMES, EVENTS, {"arm": THREE, "sex": CENTRES})
    chi_square, df, p = numbers(found, "os.cox.multivariable.arm.overall")
    assert df == 2
    assert p == pytest.approx(np.exp(-chi_square / 2))  # the chi-square distribution with two degrees of freedom
    assert "os.cox.multivariable.sex.overall.p" not in found.index


def test_overall_test_of_the_only_variable_is_the_wald_test_of_the_model() -> None:
    found = results(TIMES, EVENTS, {"arm": THREE})
    path = "os.cox.univariable.arm"
    assert numbers(found, f"{path}.overall") == pytest.approx(numbers(found, f"{path}.wald"))


def test_overall_test_does_not_depend_on_the_reference() -> None:
    other = {"arm": VARIABLES["arm"] | {"reference": "c"}}
    key = "os.cox.multivariable.arm.overall"
    first, second = (results(TIMES, EVENTS, {"arm": THREE, "age": AGES}, known) for known in ({}, other))
    assert numbers(first, key) == pytest.approx(numbers(second, key), rel=1e-7)


def test_overall_test_is_not_estimable_where_a_level_has_no_events() -> None:
    died = [event and arm != "c" for event, arm in zip(EVENTS, THREE, strict=True)]
    found = results(TIMES, died, {"arm": THREE, "age": AGES})
    assert numbers(found, "os.cox.multivariable.arm.overall") == [None] * 3
    assert numbers(found, "os.cox.multivariable.wald") == [None] * 3
    assert "no estimate" in found.loc["os.cox.multivariable.wald.p", "note"]
    # The likelihood has its supremum all the same, and three degrees of freedom.
    assert value(found, "os.cox.multivariable.likelihood_ratio.df") == 3


def test_aic_is_two_per_degree_of_freedom_above_the_deviance() -> None:
    found = results(TIMES, EVENTS, {"arm": THREE, "age": AGES})
    likelihood = value(found, "os.cox.multivariable.log_likelihood")
    assert value(found, "os.cox.multivariable.aic") == pytest.approx(2 * 3 - 2 * likelihood)


def test_without_events_no_test_is_estimable_and_each_says_so() -> None:
    found = results(TIMES, [0] * 12, {"arm": ARMS, "age": AGES})
    tests = found[found["analysis"].isin(["cox_model", "proportional_hazards"])]
    assert tests["value"].isna().all()
    assert set(tests["note"]) == {"not estimable (no events)"}


def test_proportional_hazards_are_tested_by_variable_and_together_under_three_transforms() -> None:
    found = results(TIMES, EVENTS, {"arm": THREE, "age": AGES})
    for transform in ("km", "rank", "identity"):
        path = f"os.cox.multivariable.zph.{transform}"
        assert [value(found, f"{path}.{name}.df") for name in ("arm", "age", "global")] == [2, 1, 3]
    assert value(found, "os.cox.univariable.age.zph.km.df") == 1
    assert "os.cox.univariable.age.zph.km.global.df" not in found.index


# ── strata ───────────────────────────────────────────────────────────────────────────────────


def stratified(centres: list[Any]) -> pd.DataFrame:
    """The rows of a model of age, stratified by sex."""
    persons = [f"p{number:02d}" for number in range(12)]
    times = {"time_days": pd.array(TIMES, dtype="Int64"), "event": np.array(EVENTS, dtype=bool)}
    endpoints = pd.DataFrame({"patient_id": persons, "endpoint": "os", "rule_set": "main"} | times)
    settings = {"models": {"os": ["age"]}, "model_strata": {"os": ["sex"]},
                "variables": {"age": VARIABLES["age"], "sex": VARIABLES["sex"] | {"label": "Sex"}},
                "statistics": {"conf_level": 0.95, "ties": "efron"}}  # fmt: skip
    tables = [
        covariate_rows(persons, "age", AGES, "continuous"),
        covariate_rows(persons, "sex", centres, "categorical"),
    ]
    outputs = fit_cox(settings=settings, endpoints=endpoints, covariates=pd.concat(tables, ignore_index=True))
    return outputs["ard"].set_index("key")


def test_each_stratum_has_a_baseline_of_its_own() -> None:
    # R: coxph(Surv(time, event) ~ age + strata(sex), control = coxph.control(eps = 1e-14, iter.max = 60))
    found = stratified(CENTRES)
    assert value(found, "os.cox.multivariable.age.hr") == pytest.approx(1.04456656498087, rel=1e-8)
    assert "stratified by Sex" in found.loc["os.cox.multivariable.age.hr", "method"]


def test_person_of_unknown_stratum_is_left_out_and_counted() -> None:
    found = stratified([None, *CENTRES[1:]])
    assert [value(found, f"os.cox.multivariable.{name}") for name in ("n", "excluded")] == [11, 1]
    assert found.loc["os.cox.multivariable.excluded", "filter"] == "| age!=* or sex!=*"
