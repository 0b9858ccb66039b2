"""Agreement of restricted cubic splines with R's natural splines of the same knots: `splines.R` made `splines.csv`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cutline.cox.partial_likelihood import fit
from cutline.cox.splines import knots_of, restricted_cubic

REFERENCE = pd.read_csv(Path(__file__).parent / "splines.csv").set_index(["knots", "statistic"])["value"]


@pytest.mark.parametrize("number", [3, 4, 5])
def test_likelihoods_with_and_without_bends_are_those_of_r(number: int) -> None:
    gbsg2 = pd.read_csv(str(files("lifelines") / "datasets" / "gbsg2.csv"))
    age, times, events = gbsg2["age"].to_numpy("float64"), gbsg2["time"].to_numpy(), gbsg2["cens"].to_numpy(dtype=bool)
    basis = restricted_cubic(age, knots_of(age, number))
    bent = fit(times, events, basis, ties="efron")
    line = fit(times, events, age[:, None], ties="efron")
    assert basis.shape == (len(age), number - 1)
    ratio = 2 * (bent.log_likelihood - bent.log_likelihood_null)
    np.testing.assert_allclose(ratio, REFERENCE[number, "likelihood_ratio"], rtol=1e-7)
    np.testing.assert_allclose(2 * (bent.log_likelihood - line.log_likelihood), REFERENCE[number, "bends"], rtol=1e-7)
