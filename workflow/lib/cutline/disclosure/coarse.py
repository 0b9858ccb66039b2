"""Statistics that are no counts: how many digits are shown of each, and which are not shown at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cutline.disclosure.cells import Row
from cutline.disclosure.profiles import SPLIT_IN_HALVES, SPLIT_IN_QUARTERS
from cutline.disclosure.rounding import decimals, significant

Rule = Callable[[float], float]


def _p(value: float) -> float:
    """As it is printed: three decimals below 0.1, else two; below 0.001 only that it is."""
    return 0.0009 if value < 0.001 else decimals(value, 3 if value < 0.1 else 2)


def _whole(value: float) -> float:
    return decimals(value, 0)


def _hundredths(value: float) -> float:
    return decimals(value, 2)


def _tenths(value: float) -> float:
    return decimals(value, 1)


def _same(value: float) -> float:
    return value


TESTS: dict[str, Rule] = {"p": _p, "p_holm": _p, "chi_square": significant, "df": _same}
TIMES: dict[str, Rule] = dict.fromkeys(("median", "median_lower", "median_upper", "lower", "upper"), _whole)
AMOUNTS: dict[str, Rule] = dict.fromkeys(("mean", "sd", "median", "q1", "q3"), significant)
SHOWN: Mapping[str, Mapping[str, Rule]] = {
    "baseline": AMOUNTS | {"smd": _tenths, "p": _p},
    "selection": {"smd": _tenths},
    "cox": TESTS | dict.fromkeys(("hr", "lower", "upper"), _hundredths),
    "cox_guards": {"degrees_of_freedom": _same, "variance_inflation": significant}
    | dict.fromkeys(("cut_point", "cut_point_2", "cut_point_3"), significant),
    "cox_model": TESTS | {"concordance": _hundredths, "concordance_se": _hundredths},
    "proportional_hazards": TESTS,
    "logrank": TESTS,
    "rank_test": TESTS,
    "km": TIMES,
    "followup": TIMES,
    "times": dict.fromkeys(("median", "q1", "q3"), _whole),
    "scans": dict.fromkeys(("median", "q1", "q3"), significant),
}  # fmt: skip
"""Analysis → statistic → how it is shown. What is not here is not shown."""
HALVES = ("mean", "sd", "median", "median_lower", "median_upper", "lower", "upper")
QUARTILES = ("q1", "q3")
OF_PERSONS = ("baseline", "km", "followup", "times")
"""Analyses whose statistics are values of persons: these need enough persons behind them."""


def coarsened(row: Row, threshold: int) -> float | None:
    """The statistic as it is shown; None where it is not."""
    rule = rule_of(row)
    if rule is None or not enough(row, threshold):
        return None
    value: Any = row["value"]
    return rule(float(value))


def rule_of(row: Row) -> Rule | None:
    """How a statistic is shown; a difference of restricted means is a result like a ratio."""
    if row["analysis"] == "rmst" and str(row["statistic"]).startswith("difference_"):
        return _p if str(row["statistic"]).endswith("_p") else significant
    return SHOWN.get(str(row["analysis"]), {}).get(str(row["statistic"]))


def enough(row: Row, threshold: int) -> bool:
    """Whether so many persons are behind a value of persons that no few of them can be it."""
    if row["analysis"] not in OF_PERSONS or row["statistic"] in ("smd", "p"):
        return True
    needed = {**dict.fromkeys(HALVES, SPLIT_IN_HALVES), **dict.fromkeys(QUARTILES, SPLIT_IN_QUARTERS)}
    n: Any = row["n"]
    return n == n and n is not None and int(n) >= threshold * needed[str(row["statistic"])]
