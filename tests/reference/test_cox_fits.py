"""The engine of the Cox models against R's survival package on lung, veteran and rotterdam, both ties, with and
without strata.

`cox_fits.csv` holds R's numbers, each with the call that gave it; `cox_fits.R` made them, and the persons in
`cox_fits/`.
"""

from __future__ import annotations

import subprocess
from functools import cache
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import chdtrc

from cutline.cox.concordance import concordance
from cutline.cox.partial_likelihood import Fit, fit
from cutline.cox.proportional_hazards import scaled_residuals, score_test, smooth

HERE = Path(__file__).parent
FIT, CLOSED_FORM = 1e-6, 1e-8
TERMS = {
    "lung": {"age": ["age"], "female": ["female"], "ecog": ["ecog"], "weight_loss": ["weight_loss"]},
    "veteran": {"experimental": ["experimental"], "celltype": ["small", "adeno", "large"], "karnofsky": ["karnofsky"],
                "age": ["age"]},
    "rotterdam": {"age": ["age"], "postmenopausal": ["postmenopausal"], "size": ["size_20_50", "size_above_50"],
                  "nodes": ["nodes"], "hormone": ["hormone"]},
}  # fmt: skip


def reference(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text)).set_index("key")


FROZEN = reference((HERE / "cox_fits.csv").read_text(encoding="utf-8"))
MODELS = sorted({tuple(key.split(".")[:3]) for key in FROZEN.index})


@cache
def persons(data: str) -> pd.DataFrame:
    return pd.read_csv(HERE / "cox_fits" / f"{data}.csv")


@cache
def fitted(data: str, ties: str, strata: str) -> Fit:
    known = persons(data)
    columns = [column for names in TERMS[data].values() for column in names]
    stratum = known["stratum"] if strata == "stratified" else None
    return fit(known["time"].astype(int), known["event"], known[columns].to_numpy(), ties, stratum)


def found(data: str, ties: str, strata: str) -> dict[str, float]:
    """Every number of R's by its key."""
    known, model = persons(data), fitted(data, ties, strata)
    columns = [column for names in TERMS[data].values() for column in names]
    numbers = {f"{name}.coefficient": value for name, value in zip(columns, model.coefficients, strict=True)}
    numbers |= {f"{name}.standard_error": value for name, value in zip(columns, model.standard_errors, strict=True)}
    numbers |= {
        "log_likelihood_null": model.log_likelihood_null,
        "log_likelihood": model.log_likelihood,
        "score": model.score_test,
        "wald": float(model.coefficients @ np.linalg.solve(model.covariance, model.coefficients)),
        "aic": 2 * model.degrees_of_freedom - 2 * model.log_likelihood,
    }
    risks = known[columns].to_numpy() @ model.coefficients
    agreement = concordance(known["time"], known["event"], risks, known["stratum"] if strata == "stratified" else None)
    numbers |= {"concordance": agreement.value, "concordance_se": agreement.standard_error}
    return numbers | _of_time(data, model, columns)


def _of_time(data: str, model: Fit, columns: list[str]) -> dict[str, float]:
    known = persons(data)
    places = {name: [columns.index(column) for column in names] for name, names in TERMS[data].items()}
    numbers = {}
    for transform in ("km", "rank", "identity"):
        for name, test in score_test(model, known["time"], known["event"], places, transform).items():
            path = f"zph.{transform}.{name}"
            numbers |= {f"{path}.chi_square": test.chi_square, f"{path}.p": test.p}
    residuals = scaled_residuals(model, known["time"], known["event"])
    numbers[f"residuals.{columns[0]}.sum_of_squares"] = float((residuals.values[:, 0] ** 2).sum())
    line = smooth(residuals, 0)
    assert line is not None
    for place in (1, 13, 40):
        numbers[f"smooth.{columns[0]}.at.{place}"] = line.values[place - 1]
        numbers[f"smooth.{columns[0]}.upper.{place}"] = line.upper[place - 1]
    return numbers


@pytest.mark.parametrize("model", MODELS, ids=".".join)
def test_every_number_of_the_model_agrees_with_r(model: tuple[str, str, str]) -> None:
    path = ".".join(model)
    expected = FROZEN[FROZEN.index.str.startswith(f"{path}.")]["value"]
    numbers = found(*model)
    ours = [numbers[key.removeprefix(f"{path}.")] for key in expected.index]
    differences = {key: (value, mine) for key, value, mine in zip(expected.index, expected, ours, strict=True)
                   if mine != pytest.approx(value, rel=FIT, abs=0)}  # fmt: skip
    assert differences == {}


@pytest.mark.parametrize("model", MODELS, ids=".".join)
def test_likelihood_and_score_test_at_zero_agree_with_r_as_closed_forms(model: tuple[str, str, str]) -> None:
    path, fit_of_ours = ".".join(model), fitted(*model)
    null, score = (FROZEN.loc[f"{path}.{name}", "value"] for name in ("log_likelihood_null", "score"))
    assert fit_of_ours.log_likelihood_null == pytest.approx(null, rel=CLOSED_FORM)
    assert fit_of_ours.score_test == pytest.approx(score, rel=CLOSED_FORM)


def test_the_p_value_is_that_of_the_chi_square() -> None:
    model = fitted("lung", "efron", "plain")
    known = persons("lung")
    test = score_test(model, known["time"], known["event"], {"all": [0, 1, 2, 3]})["global"]
    assert test.p == chdtrc(4, test.chi_square)


@pytest.mark.needs("R with survival")
def test_the_frozen_values_are_what_r_computes_here() -> None:
    run = subprocess.run(["Rscript", str(HERE / "cox_fits.R")], capture_output=True, text=True, check=True, timeout=300)
    again = reference(run.stdout)
    assert list(again.index) == list(FROZEN.index)
    np.testing.assert_allclose(again["value"], FROZEN["value"], rtol=1e-7)
