"""Agreement with R's survival package on 686 patients of German Breast Cancer Study Group trial 2.

`gbsg2.csv` holds R's numbers, each with the call that gave it; `gbsg2.R` made them.
"""

from __future__ import annotations

import subprocess
from functools import cache
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from cutline.cox import fit_cox
from cutline.survival.estimate import estimate_survival

HERE = Path(__file__).parent
DATA = Path(str(files("lifelines") / "datasets" / "gbsg2.csv"))
DAYS_PER_MONTH = 30.4375
CATEGORIES: dict[str, tuple[str, dict[str, str]]] = {
    "hormonal_therapy": ("horTh", {"no": "no", "yes": "yes"}),
    "menopausal_status": ("menostat", {"Pre": "premenopausal", "Post": "postmenopausal"}),
    "tumour_grade": ("tgrade", {"I": "i", "II": "ii", "III": "iii"}),
}
NUMBERS = {
    "age": "age",
    "tumour_size": "tsize",
    "positive_nodes": "pnodes",
    "progesterone_receptor": "progrec",
    "oestrogen_receptor": "estrec",
}
ORDER = ["hormonal_therapy", "age", "menopausal_status", "tumour_size", "tumour_grade", "positive_nodes",
         "progesterone_receptor", "oestrogen_receptor"]  # fmt: skip


def reference(text: str) -> pd.DataFrame:
    return pd.read_csv(StringIO(text)).set_index("key")


FROZEN = reference((HERE / "gbsg2.csv").read_text(encoding="utf-8"))
CLOSED_FORMS = [key for key in FROZEN.index if ".cox." not in key]
FITS = [key for key in FROZEN.index if ".cox." in key]


def patients() -> pd.DataFrame:
    data = pd.read_csv(DATA)
    return data.assign(patient_id=[f"p{number:03d}" for number in range(len(data))])


def endpoints_table() -> pd.DataFrame:
    data = patients()
    return pd.DataFrame(
        {
            "patient_id": data["patient_id"],
            "endpoint": "rfs",
            "rule_set": "main",
            "time_days": data["time"].astype("Int64"),
            "event": data["cens"] == 1,
        }
    )


def covariates_table() -> pd.DataFrame:
    data = patients()
    parts = [
        pd.DataFrame({"patient_id": data["patient_id"], "variable": name, "value": data[column].map(levels)})
        for name, (column, levels) in CATEGORIES.items()
    ]
    parts += [
        pd.DataFrame({"patient_id": data["patient_id"], "variable": name, "number": data[column].astype(float)})
        for name, column in NUMBERS.items()
    ]
    return pd.concat(parts, ignore_index=True)


def settings(**statistics: Any) -> dict[str, Any]:
    variables: dict[str, Any] = {name: {"kind": "continuous"} for name in NUMBERS}
    for name, (_, levels) in CATEGORIES.items():
        variables[name] = {"label": name, "kind": "categorical", "levels": dict.fromkeys(levels.values(), "")}
    chosen = {
        "conf_level": 0.95,
        "days_per_month": DAYS_PER_MONTH,
        "median_interval": "log-log",
        "survival_interval": "log-log",
        "ties": "efron",
        "landmarks_months": [12, 24, 36, 60],
    }
    return {
        "endpoints": {"rfs": {}},
        "follow_up_endpoint": "rfs",
        "comparisons": {"main": "hormonal_therapy", "others": ["tumour_grade"]},
        "models": {"rfs": ORDER},
        "variables": variables,
        "statistics": chosen | statistics,
    }


@cache
def survival_results(transform: str) -> pd.DataFrame:
    chosen = settings(median_interval=transform, survival_interval=transform)
    outputs = estimate_survival(settings=chosen, endpoints=endpoints_table(), covariates=covariates_table())
    return outputs["ard"].set_index("key")


@cache
def cox_results(ties: str) -> pd.DataFrame:
    outputs = fit_cox(settings=settings(ties=ties), endpoints=endpoints_table(), covariates=covariates_table())
    return outputs["ard"].set_index("key")


def in_days(row: pd.Series) -> float:
    return float("nan") if row["value"] is None else row["value"] * (DAYS_PER_MONTH if row["unit"] == "months" else 1)


@pytest.mark.parametrize("key", CLOSED_FORMS)
def test_kaplan_meier_and_log_rank_agree_with_r(key: str) -> None:
    variant, _, path = key.rpartition("/")
    found = in_days(survival_results(variant or "log-log").loc[path])
    assert found == pytest.approx(FROZEN.loc[key, "value"], rel=1e-8, abs=0, nan_ok=True)


@pytest.mark.parametrize("key", FITS)
def test_cox_models_agree_with_r(key: str) -> None:
    ties, _, path = key.partition("/")
    found = in_days(cox_results(ties).loc[path])
    assert found == pytest.approx(FROZEN.loc[key, "value"], rel=1e-6, abs=0)


def test_every_estimate_of_the_cox_models_is_compared_with_r() -> None:
    estimated = {key for key in cox_results("efron").index if key.endswith((".hr", ".lower", ".upper", ".p"))}
    compared = {key.partition("/")[2] for key in FITS}
    references = {f"rfs.cox.{model}.{level}.hr" for model in ("univariable", "multivariable") for level in
                  ("hormonal_therapy.no", "menopausal_status.premenopausal", "tumour_grade.i")}  # fmt: skip
    assert estimated - compared == references


@pytest.mark.needs("R with survival")
def test_the_frozen_values_are_what_r_computes_here() -> None:
    command = ["Rscript", str(HERE / "gbsg2.R"), str(DATA)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    again = reference(run.stdout)
    assert list(again.index) == list(FROZEN.index)
    assert list(again["call"]) == list(FROZEN["call"])
    np.testing.assert_allclose(again["value"], FROZEN["value"], rtol=1e-9, equal_nan=True)
