"""The product-limit estimate."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from cutline.survival.grid import Flags, Floats, Integers, Times, on_grid


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve: one entry per distinct time, time 0 first.

    `at_risk` counts those at risk just before the time, `survival` holds just after it. `greenwood` is
    the cumulative sum of d / (n (n - d)), the squared standard error of log S; infinite once S is 0.
    """

    times: Times
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

    @property
    def largest_time(self) -> float | None:
        """The last time of anybody, event or not; None without persons."""
        return float(self.times[-1]) if len(self.times) else None

    @property
    def reach(self) -> float | None:
        """Up to when the curve is known: its largest time, and for ever once it has come down to 0."""
        return math.inf if len(self.times) and self.survival[-1] == 0 else self.largest_time

    def position(self, days: float) -> int | None:
        """Entry that holds at that day; None where the curve is undefined.

        Beyond the largest time the curve is 0 if it has come down to 0, and undefined if its last
        person was censored: then nobody knows.
        """
        if self.reach is None or days > self.reach:
            return None
        return int(np.searchsorted(self.times, days, side="right")) - 1

    def at_risk_at(self, days: float) -> int:
        """Persons whose time is not before that day."""
        entry = int(np.searchsorted(self.times, days, side="left"))
        return int(self.at_risk[entry]) if entry < len(self.times) else 0

    def events_until(self, days: float) -> int:
        """Events up to that day, those of the day itself among them."""
        return int(self.events[: int(np.searchsorted(self.times, days, side="right"))].sum())


def product_limit(times: ArrayLike, events: ArrayLike) -> Curve:
    """The Kaplan-Meier curve of persons with these times (whole days or numbers, none negative) and events (flags).

    Ties: those censored at the time of an event are still at risk for it. An event at time 0 counts.
    Without persons the curve is empty. Equal to R's `survfit(Surv(times, events) ~ 1)`. Kaplan and Meier, J Am Stat
    Assoc 1958;53:457-81.
    """
    happened: Flags = np.asarray(events, dtype=bool)
    positions, grid = on_grid(times)
    everyone = np.bincount(positions, minlength=len(grid))
    died = np.bincount(positions[happened], minlength=len(grid))
    kept = np.flatnonzero(everyone)
    everyone, died, at = everyone[kept], died[kept], grid[kept]
    if len(at) and at[0] > 0:
        everyone, died, at = (np.concatenate([[0], column]).astype(column.dtype) for column in (everyone, died, at))
    at_risk = np.cumsum(everyone[::-1])[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(died > 0, died / (at_risk * (at_risk - died).astype(np.float64)), 0.0)
    survival: Floats = np.cumprod((at_risk - died) / at_risk, dtype=np.float64)
    return Curve(at, at_risk, died, everyone - died, survival, np.cumsum(terms))
