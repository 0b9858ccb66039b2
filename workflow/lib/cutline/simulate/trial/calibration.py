"""Draws of a trial until its published results recompute: medians by arm, hazard ratio, follow-up.

A median rises with the speed of progression that one arm is drawn at, step by step, so each arm's speed is found by
bisection; whether the hazard ratio and the follow-up are then the published ones too is chance, and most draws are
thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from cutline.simulate.columns import Array, Calendar, Columns
from cutline.simulate.hazards import fit
from cutline.simulate.targets import Targets
from cutline.simulate.trial.known import overall, progression_free

SLOWEST, FASTEST = 2.0, 0.5
"""How far an arm's times to progression may be from the configured ones."""
HALVINGS = 14
"""After so many an arm's speed is known to a ten-thousandth: no day changes any more."""
EXACTLY_HALF = 1e-9

SeenAt = Callable[[Mapping[str, float]], Columns]


class Calibration:
    """The published values of a trial that a draw must meet: those of its endpoint that published.yaml has."""

    def __init__(self, targets: Targets, trial: Mapping[str, Any], calendar: Calendar) -> None:
        endpoint, arm = trial["endpoint"], trial["arm"]
        self._calendar, self._control = calendar, trial["control"]
        self._levels = list(trial["arms"])
        medians = {level: f"{endpoint}.km.{arm}={level}.median" for level in self._levels}
        ratios = {level: f"{endpoint}.cox.univariable.{arm}.{level}.hr" for level in self._levels}
        follow_up = {"": "followup.reverse_km.median"}
        self._medians, self._ratios, self._follow_up = (
            {level: targets.limits(key) for level, key in keys.items() if key in targets.printed}
            for keys in (medians, ratios, follow_up)
        )
        every = [*medians.values(), *ratios.values(), *follow_up.values()]
        self.keys = [key for key in every if key in targets.printed]

    def met(self, seen_at: SeenAt) -> Columns | None:
        """The persons at the speeds at which all values are met; None if there are none."""
        persons = self._at_published_medians(seen_at)
        if persons is None or not self._has_follow_up(persons) or not self._has_ratios(persons):
            return None
        return persons

    def _at_published_medians(self, seen_at: SeenAt) -> Columns | None:
        between = dict.fromkeys(self._medians, (FASTEST, SLOWEST))
        for _ in range(HALVINGS):
            speeds = {level: (fast + slow) / 2 for level, (fast, slow) in between.items()}
            persons = seen_at(speeds)
            sides = {level: self._side(persons, level) for level in self._medians}
            if not any(sides.values()):
                return persons
            for level, side in sides.items():
                fast, slow = between[level]
                between[level] = {-1: (speeds[level], slow), 0: (fast, slow), 1: (fast, speeds[level])}[side]
        return None

    def _side(self, persons: Columns, level: str) -> int:
        """Whether an arm's median is below the published one (-1), prints as it (0), or is above (1)."""
        days, event = progression_free(persons, self._calendar)
        of_arm = persons["arm"] == level
        return self._beside(median_days(days[of_arm], event[of_arm]), self._medians[level])

    def _beside(self, days: float, limits: tuple[float, float]) -> int:
        months = days / self._calendar.days_per_month
        return int(months >= limits[1]) - int(months <= limits[0])

    def _has_follow_up(self, persons: Columns) -> bool:
        """By the reverse Kaplan-Meier method: who died is censored."""
        days, died = overall(persons, self._calendar)
        found = median_days(days, ~died)
        return all(self._beside(found, limits) == 0 for limits in self._follow_up.values())

    def _has_ratios(self, persons: Columns) -> bool:
        days, event = progression_free(persons, self._calendar)
        others = [level for level in self._levels if level != self._control]
        design = np.column_stack([persons["arm"] == level for level in others]).astype(float)
        found = fit(days.astype(float), event, design)
        if found is None:
            return False
        ratios = dict(zip(others, np.exp(found.beta), strict=True))
        return all(low < ratios[level] < high for level, (low, high) in self._ratios.items())


def median_days(days: Array, event: Array) -> float:
    """The first day on which the Kaplan-Meier estimate is at most one half; infinite if there is none.

    Also infinite where it equals one half, since what the median is then depends on the software.
    """
    times = np.unique(days[event])
    at_risk = len(days) - np.searchsorted(np.sort(days), times, side="left")
    events = np.searchsorted(np.sort(days[event]), times, side="right")
    survival = np.cumprod(1 - np.diff(events, prepend=0) / at_risk)
    below = np.flatnonzero(survival <= 0.5 + EXACTLY_HALF)
    if not len(below) or abs(survival[below[0]] - 0.5) <= EXACTLY_HALF:
        return float("inf")
    return float(times[below[0]])
