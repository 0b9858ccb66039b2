"""Agreement of standardised differences and p-values with base R, on 686 patients of the trial GBSG-2.

`balance.csv` holds R's numbers, each with the call or formula that gave it; `balance.R` made them.
"""

from __future__ import annotations

import subprocess
from functools import cache

import numpy as np
import pandas as pd
import pytest

from cutline.baseline import summarise_baseline
from cutline.group_comparison import p_of_counts
from cutline.tables.cohort import ATTRITION, LEDGER
from cutline.tables.spec import empty
from tests.reference.test_gbsg2 import CATEGORIES, DATA, HERE, NUMBERS, covariates_table, patients, reference, settings

FROZEN = reference((HERE / "balance.csv").read_text(encoding="utf-8"))
OF_THE_TRIAL = [key for key in FROZEN.index if "baseline." in key]


@cache
def results(test: str) -> pd.DataFrame:
    baseline = {"variables": [*NUMBERS, *CATEGORIES], "by": ["hormonal_therapy", "tumour_grade"], "p_values": True}
    baseline |= {"continuous_test": test}
    outputs = summarise_baseline(
        settings={"baseline": baseline, "variables": settings()["variables"]}, cohort=patients()[["patient_id"]],
        covariates=covariates_table(), attrition=empty(ATTRITION), ledger=empty(LEDGER),
    )  # fmt: skip
    return outputs["ard"].set_index("key")


@pytest.mark.parametrize("key", OF_THE_TRIAL)
def test_standardised_differences_and_tests_agree_with_r(key: str) -> None:
    test, _, path = key.rpartition("/")
    assert results(test or "rank").loc[path, "value"] == pytest.approx(FROZEN.loc[key, "value"], rel=1e-8, abs=0)


def test_fishers_test_of_a_two_by_two_table_agrees_with_r() -> None:
    tested = p_of_counts([np.array([3, 1]), np.array([1, 9])])
    assert tested.p == pytest.approx(FROZEN.loc["fisher", "value"], rel=1e-8)
    assert tested.method == "Fisher's exact test"


def test_fishers_test_on_random_tables_is_as_near_to_r_as_their_number_allows() -> None:
    tested = p_of_counts([np.array([6, 2, 1]), np.array([1, 5, 4])])
    p = FROZEN.loc["fisher_drawn", "value"]
    assert tested.p == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / 9999))
    assert tested == p_of_counts([np.array([6, 2, 1]), np.array([1, 5, 4])])


@pytest.mark.needs("R with survival")
def test_the_frozen_values_are_what_r_computes_here() -> None:
    command = ["Rscript", str(HERE / "balance.R"), str(DATA)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    again = reference(run.stdout)
    assert list(again["call"]) == list(FROZEN["call"])
    np.testing.assert_allclose(again["value"], FROZEN["value"], rtol=1e-9)
