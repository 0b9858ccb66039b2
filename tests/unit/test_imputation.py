"""Chained equations and Rubin's rules: by hand, against another package, and on a trial with holes made in it."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from cutline.cox import imputation
from cutline.cox.imputation import Incomplete, imputations, nelson_aalen, number_of_imputations, pooled
from cutline.cox.partial_likelihood import fit

Arrays = dict[str, np.ndarray]


def test_rubins_rules_by_hand() -> None:
    # Estimates 1, 2, 3 with variances 1, 1, 4: within 2, between 1, total 2 + 4/3.
    result = pooled([np.array([1.0]), np.array([2.0]), np.array([3.0])], [np.array([s]) for s in (1.0, 1.0, 2.0)], 50)
    share = (4 / 3) / (10 / 3)
    observed = 51 / 53 * 50 * (1 - share)
    degrees = 1 / (share**2 / 2 + 1 / observed)
    assert result.coefficients[0] == 2
    assert result.standard_errors[0] == pytest.approx((10 / 3) ** 0.5)
    assert result.missing_information[0] == pytest.approx(share)
    assert result.degrees_of_freedom[0] == pytest.approx(degrees)
    # R, with df 8.722919: 2 - qt(0.975, df) * sqrt(10/3) and 2 * pt(-2 / sqrt(10/3), df).
    assert result.limits(0.95)[0][0] == pytest.approx(-2.1502001017, rel=1e-9)
    assert result.p[0] == pytest.approx(0.302643613543, rel=1e-9)


def test_estimates_that_agree_need_no_more_variance_than_one_of_them() -> None:
    same = [np.array([0.5, -0.2])] * 5
    result = pooled(same, [np.array([0.1, 0.2])] * 5, 40)
    np.testing.assert_allclose(result.standard_errors, [0.1, 0.2])
    np.testing.assert_allclose(result.degrees_of_freedom, 41 / 43 * 40)
    assert result.p[0] < 0.001 < result.p[1]


@pytest.mark.parametrize(("incomplete", "expected"), [(0, 5), (1, 5), (70, 11), (342, 50), (686, 100)])
def test_as_many_imputations_as_percent_incomplete(incomplete: int, expected: int) -> None:
    assert number_of_imputations(incomplete, 686, 5) == expected


def test_nelson_aalen_by_hand() -> None:
    hazard = nelson_aalen(np.array([3, 1, 2, 2]), np.array([True, True, False, True]))
    np.testing.assert_allclose(hazard, [1 / 4 + 1 / 3 + 1, 1 / 4, 1 / 4 + 1 / 3, 1 / 4 + 1 / 3])


def test_known_values_stay_and_holes_get_values_of_their_kind() -> None:
    times, events, complete = trial()
    holed = with_holes(times, complete)
    for drawn in imputations(times, events, holed, number=2, cycles=3, seed=7):
        for name, covariate in holed.items():
            known = ~covariate.missing
            assert (drawn[name][known] == covariate.values[known]).all()
            if covariate.levels:
                assert set(np.unique(drawn[name])) <= set(range(covariate.levels))
            else:
                assert np.isfinite(drawn[name]).all()


def test_same_seed_draws_the_same_and_another_one_does_not() -> None:
    times, events, complete = trial()
    holed = with_holes(times, complete)
    runs = [list(imputations(times, events, holed, number=2, cycles=2, seed=seed)) for seed in (7, 7, 8)]
    assert (runs[0][1]["age"] == runs[1][1]["age"]).all()
    assert (runs[0][0]["age"] != runs[0][1]["age"]).any()
    assert (runs[0][0]["age"] != runs[2][0]["age"]).any()


def test_multinomial_regression_is_that_of_statsmodels() -> None:
    stream = np.random.default_rng(5)
    predictors = np.column_stack([np.ones(300), stream.normal(size=(300, 2))])
    chances = imputation._shares(predictors, np.array([[0.2, 0.8, -0.5], [-0.4, 0.1, 1.0]]))
    codes = (stream.random(300)[:, None] > chances.cumsum(axis=1)[:, :-1]).sum(axis=1)
    expected = sm.MNLogit(codes, predictors).fit(disp=0, tol=1e-12, method="newton")
    coefficients, covariance = imputation._multinomial(predictors, codes, np.ones(300), 3)
    np.testing.assert_allclose(coefficients, expected.params.T, rtol=1e-5)
    np.testing.assert_allclose(np.diag(covariance) ** 0.5, expected.bse.T.ravel(), rtol=1e-5)


def test_a_level_that_a_covariate_predicts_perfectly_is_still_drawn() -> None:
    marker = np.r_[np.zeros(20), np.ones(20)]
    codes = np.r_[np.zeros(18, int), -1, -1, np.ones(18, int), -1, -1]
    holed = {"level": Incomplete(codes, 2), "marker": Incomplete(marker)}
    times, events = np.arange(1, 41), np.tile([True, False], 20)
    drawn = [each["level"] for each in imputations(times, events, holed, number=20, cycles=1, seed=1)]
    assert np.mean([values[18:20].mean() for values in drawn]) < 0.2
    assert np.mean([values[38:].mean() for values in drawn]) > 0.8


def test_pooled_estimates_of_a_trial_with_holes_are_near_those_without_holes() -> None:
    """A quarter of four covariates of 686 patients is removed, more of it of those whose time is short."""
    times, events, complete = trial()
    holed = with_holes(times, complete)
    whole = fit(times, events, design({name: each.values for name, each in complete.items()}), ties="efron")
    fits = [
        fit(times, events, design(drawn), ties="efron")
        for drawn in imputations(times, events, holed, number=20, cycles=5, seed=20250531)
    ]
    result = pooled([f.coefficients for f in fits], [f.standard_errors for f in fits], events.sum() - 6)
    kept = ~np.logical_or.reduce([each.missing for each in holed.values()])
    cut = fit(times[kept], events[kept], design({n: e.values[kept] for n, e in complete.items()}), ties="efron")
    distance = np.abs(result.coefficients - whole.coefficients) / whole.standard_errors
    assert distance.max() < 1
    assert distance.mean() < np.mean(np.abs(cut.coefficients - whole.coefficients) / whole.standard_errors)
    # Holes cost information: less than complete cases lose, more than nothing.
    assert (result.standard_errors > 0.99 * whole.standard_errors).all()
    assert (result.standard_errors < cut.standard_errors).sum() >= 5
    assert (result.missing_information > 0).all()


def trial() -> tuple[np.ndarray, np.ndarray, dict[str, Incomplete]]:
    table = pd.read_csv(str(files("lifelines") / "datasets" / "gbsg2.csv"))
    covariates = {
        "hormonal_therapy": Incomplete((table["horTh"] == "yes").to_numpy("int64"), 2),
        "grade": Incomplete(table["tgrade"].map({"I": 0, "II": 1, "III": 2}).to_numpy("int64"), 3),
        "age": Incomplete(table["age"].to_numpy("float64")),
        "nodes": Incomplete(np.log(table["pnodes"].to_numpy("float64"))),
        "receptor": Incomplete(np.log1p(table["progrec"].to_numpy("float64"))),
    }
    return table["time"].to_numpy(), table["cens"].to_numpy(dtype=bool), covariates


def with_holes(times: np.ndarray, complete: dict[str, Incomplete]) -> dict[str, Incomplete]:
    stream = np.random.default_rng(11)
    chance = np.where(times < np.median(times), 0.35, 0.15)
    holed = dict(complete)
    for name in ("grade", "age", "nodes", "receptor"):
        values = complete[name].values.copy()
        values[stream.random(len(values)) < chance] = -1 if complete[name].levels else np.nan
        holed[name] = Incomplete(values, complete[name].levels)
    return holed


def design(values: Arrays) -> np.ndarray:
    grades = [values["grade"] == 1, values["grade"] == 2]
    return np.column_stack(
        [values["hormonal_therapy"], *grades, values["age"], values["nodes"], values["receptor"]]
    ).astype(float)
