"""The log-rank test, and when there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines.statistics import multivariate_logrank_test


@dataclass(frozen=True)
class LogRank:
    """A log-rank test; its numbers are None and `note` says why where it cannot be made."""

    chi_square: float | None
    degrees_of_freedom: int | None
    p: float | None
    note: str = ""


def log_rank(times: pd.Series, events: pd.Series, groups: pd.Series) -> LogRank:
    """The log-rank test of equal survival in the groups, with the hypergeometric variance.

    Ties: all events of a day are one event time. A group in which nobody was at risk at an event
    expects none and is left out, with its degree of freedom, as R's `survdiff` does.
    """
    if not events.any():
        return LogRank(None, None, None, "not estimable (no events)")
    first = times[events].min()
    compared = set(groups[times >= first])
    if len(compared) < 2:
        return LogRank(None, None, None, "not estimable (fewer than two groups were at risk at an event)")
    if not ((times > first) | ((times == first) & ~events)).any():
        return LogRank(None, None, None, "not estimable (all events on one day, and nobody was left to compare with)")
    inside = groups.isin(compared)
    note = "" if inside.all() else "left out: a group in which nobody was at risk at an event"
    return _test(times[inside], events[inside], groups[inside], note)


def _test(times: pd.Series, events: pd.Series, groups: pd.Series, note: str) -> LogRank:
    # The library switches numpy's warnings off for the whole process; errstate switches them on again.
    with np.errstate(divide="ignore", invalid="ignore"):
        test = multivariate_logrank_test(times.to_numpy(), groups.to_numpy(), events.to_numpy())
    return LogRank(float(test.test_statistic), int(test.degrees_of_freedom), float(test.p_value), note)
