"""Agreement of Firth's penalised likelihood with values published for R's coxphf.

`monotone.csv` holds 100 drawn persons of whom nobody without `separator` has the event: the data, drawn with numpy's
generator from seed 42, on which the package firthmodels (version 0.8.2) publishes what coxphf prints.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from cutline.cox.firth import FirthFit, firth_fit

HERE = Path(__file__).parent
COXPHF = {
    "coefficients": [3.8815800583, 0.6042066427, -0.4202139201, 1.0415063080],
    "standard_errors": [1.4430190269, 0.1599607483, 0.2541800107, 0.3128784410],
    "lower": [1.9343469272, 0.2921186188, -0.9217200647, 0.4348431279],
    "upper": [8.7215676015, 0.9164270978, 0.0699415336, 1.6550461482],
    "p": [7.318984974e-09, 1.686334002e-04, 9.295083722e-02, 8.463066114e-04],
}
"""`coxphf(Surv(time, event) ~ separator + x1 + x2 + x3)`, ties by Breslow's method; logarithms of the limits."""
COXPHF_LIKELIHOOD_RATIO = 57.6071


def monotone() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = pd.read_csv(HERE / "monotone.csv")
    design = table[["separator", "x1", "x2", "x3"]].to_numpy("float64")
    return table["time"].to_numpy(), table["event"].to_numpy(dtype=bool), design


def fitted(ties: str = "breslow") -> FirthFit:
    times, events, design = monotone()
    return firth_fit(times, events, design, ties=ties)


@pytest.mark.parametrize("statistic", COXPHF)
def test_estimates_profile_limits_and_tests_are_those_of_coxphf(statistic: str) -> None:
    np.testing.assert_allclose(getattr(fitted(), statistic), COXPHF[statistic], rtol=2e-7)


def test_penalised_likelihood_ratio_is_that_of_coxphf() -> None:
    fit = fitted()
    ratio = 2 * (fit.penalised_log_likelihood - fit.penalised_log_likelihood_null)
    assert fit.converged
    assert ratio == pytest.approx(COXPHF_LIKELIHOOD_RATIO, rel=1e-6)
