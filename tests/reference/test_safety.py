"""Rates, intervals and tests of adverse events against base R (safety.R wrote safety.csv) and Newcombe's examples."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cutline.safety.rates import poisson_interval
from cutline.two_proportions import WILSON, fisher_p, newcombe_interval, proportion_interval

REFERENCE = pd.read_csv(Path(__file__).with_suffix("").with_name("safety.csv"))


def cases(what: str) -> list[tuple[list[float], float]]:
    """Arguments and value of each line of that kind."""
    rows = REFERENCE[REFERENCE["what"] == what]
    return [([float(each) for each in row.arguments.split()], row.value) for row in rows.itertuples()]


@pytest.mark.parametrize("bound", [0, 1])
def test_the_interval_of_a_rate_is_that_of_poisson_test(bound):
    found = cases(("poisson_lower", "poisson_upper")[bound])
    assert len(found) == 10
    for (count, time, level), value in found:
        assert poisson_interval(int(count), time, level)[bound] == pytest.approx(value, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("bound", [0, 1])
def test_wilsons_interval_is_that_of_prop_test_without_correction(bound):
    for (count, total, level), value in cases(("wilson_lower", "wilson_upper")[bound]):
        assert proportion_interval(int(count), int(total), level, WILSON)[bound] == pytest.approx(
            value, rel=1e-9, abs=1e-12
        )


def test_fishers_test_is_that_of_fisher_test():
    found = cases("fisher")
    assert len(found) == 5
    for (events, total, other, other_total), value in found:
        p = fisher_p([int(events), int(other)], [int(total), int(other_total)])
        assert p == pytest.approx(value, rel=1e-8)


# Newcombe, Stat Med 1998;17:873-90, table II, method 10: two counts with their totals, and the limits as printed.
PRINTED = [
    ((56, 70, 48, 80), (0.0524, 0.3339)),
    ((9, 10, 3, 10), (0.1705, 0.8090)),
    ((6, 7, 2, 7), (0.0582, 0.8062)),
    ((5, 56, 0, 29), (-0.0381, 0.1926)),
    ((0, 10, 0, 20), (-0.1611, 0.2775)),
    ((0, 10, 0, 10), (-0.2775, 0.2775)),
    ((10, 10, 0, 20), (0.6791, 1.0)),
    ((10, 10, 0, 10), (0.6075, 1.0)),
]


@pytest.mark.parametrize(("counts", "limits"), PRINTED)
def test_the_interval_of_a_difference_is_newcombes_printed_one(counts, limits):
    assert newcombe_interval(*counts, 0.95) == pytest.approx(limits, abs=5e-5)


def test_the_interval_of_a_difference_turns_round_with_its_groups():
    lower, upper = newcombe_interval(56, 70, 48, 80, 0.95)
    assert newcombe_interval(48, 80, 56, 70, 0.95) == pytest.approx((-upper, -lower))
