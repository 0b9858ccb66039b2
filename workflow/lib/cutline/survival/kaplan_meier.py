"""The product-limit estimate on integer days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from lifelines import KaplanMeierFitter
from numpy.typing import NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: one entry per distinct time, time 0 first.

    `at_risk` counts those at risk just before the time, `survival` holds just after it. `greenwood` is
    the cumulative sum of d / (n (n - d)), the squared standard error of log S; infinite once S is 0.
    """

    times: Integers
    at_risk: Integers
    events: Integers
    censored: Integers
    survival: Floats
    greenwood: Floats

    @property
    def persons(self) -> int:
        return int(self.at_risk[0]) if len(self.at_risk) else 0

    @property
    def event_count(self) -> int:
        return int(self.events.sum())

    def position(self, days: float) -> int | None:
        """Entry that holds at that day; None where the curve is undefined.

        Beyond the largest time the curve is 0 if it has come down to 0, and undefined if its last
        person was censored: then nobody knows.
        """
        if not len(self.times) or (days > self.times[-1] and self.survival[-1] > 0):
            return None
        return int(np.searchsorted(self.times, days, side="right")) - 1

    def at_risk_at(self, days: float) -> int:
        """Persons whose time is not before that day."""
        entry = int(np.searchsorted(self.times, days, side="left"))
        return int(self.at_risk[entry]) if entry < len(self.times) else 0


def product_limit(times: pd.Series, events: pd.Series) -> Curve:
    """The Kaplan-Meier curve of persons with these days and events.

    Ties: those censored on the day of an event are still at risk for it. An event on day 0 counts.
    Without persons the curve is empty.
    """
    if times.empty:
        none: Integers = np.zeros(0, dtype=np.int64)
        return Curve(none, none, none, none, np.zeros(0), np.zeros(0))
    # The library switches numpy's warnings off for the whole process; errstate switches them on again.
    with np.errstate(divide="ignore", invalid="ignore"):
        fitted = KaplanMeierFitter().fit(times.to_numpy(), events.to_numpy())
    table = fitted.event_table
    at_risk, died, censored = (table[column].to_numpy(dtype=np.int64) for column in ("at_risk", "observed", "censored"))
    survival = fitted.survival_function_.to_numpy(dtype=np.float64)[:, 0]
    return Curve(table.index.to_numpy(dtype=np.int64), at_risk, died, censored, survival, _greenwood(at_risk, died))


def _greenwood(at_risk: Integers, died: Integers) -> Floats:
    with np.errstate(divide="ignore"):
        terms = np.where(died > 0, died / (at_risk * (at_risk - died).astype(np.float64)), 0.0)
    return np.asarray(np.cumsum(terms), dtype=np.float64)
