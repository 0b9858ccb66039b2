"""Who is randomised to what, when she progresses and dies, and which scans see it.

A tumour grows at a time of its own; a scan sees it later, or at once if symptoms bring one forward. Scans on planned
days alone would put every median on a planned day, so a share of progressions is seen on unscheduled scans, and
some persons die without a progression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cutline.errors import ConfigError
from cutline.simulate.columns import NEVER, Array, Calendar, Columns, Streams, between, pick, shuffled
from cutline.simulate.targets import Targets
from cutline.simulate.trial.calibration import Calibration
from cutline.simulate.trial.shares import of_arms

EARLIEST_UNSCHEDULED = 14
"""Nobody is scanned for symptoms in the first so many days."""
LATE_DEATHS, LATE_DAYS = 0.2, 45
"""Share of the deaths of the last so many days before the cut-off that are learnt of after it."""
ROUNDS = 2000
Trial = Mapping[str, Any]


def draw_times(streams: Streams, calendar: Calendar, trial: Trial, size: int, targets: Targets | None) -> Columns:
    """Arm, index date, planned scans and contacts, progression, death and loss to follow-up of every person.

    `index` is an absolute day, all others are days from it, NEVER where there is none; `scans` and `contacts` have one
    row of planned days per person, `end` is the last day with a record. With `targets` the draw is repeated, on the
    next stream each time, until the published medians, hazard ratio and follow-up recompute. Raises ConfigError if
    none does.
    """
    arms = _arms(streams("arm"), trial, size, exact=targets is not None)
    if targets is None:
        return Course(streams("times"), calendar, trial, arms).seen_at({})
    calibration = Calibration(targets, trial, calendar)
    for number in range(ROUNDS):
        persons = calibration.met(Course(streams(f"times {number}"), calendar, trial, arms).seen_at)
        if persons is not None:
            return persons
    raise ConfigError(
        f"published.yaml: no draw in {ROUNDS} met {', '.join(calibration.keys)} together; check these values, the "
        "window and the medians in simulate.trial.arms, or set simulate.calibrate to false"
    )


def _arms(rng: np.random.Generator, trial: Trial, size: int, exact: bool) -> Array:
    sizes = {name: int(arm["persons"]) for name, arm in trial["arms"].items()}
    return shuffled(rng, sizes) if exact else pick(rng, sizes, size)


class Course:
    """All that is drawn of the persons but the speed of progression, so that one draw can be seen at many speeds."""

    def __init__(self, rng: np.random.Generator, calendar: Calendar, trial: Trial, arms: Array) -> None:
        size, scans = len(arms), trial["scans"]
        self._trial, self._arms = trial, arms
        index = between(rng, calendar.window_start, calendar.window_end, size)
        self._followed, self._until_cutoff = calendar.horizon - index, calendar.cutoff - index
        longest = int(self._followed.max())
        self._fixed: Columns = {
            "arm": arms,
            "index": index,
            "scans": _planned(rng, size, longest, scans["every_days"], scans["window_days"], scans["missed"]),
            "contacts": _planned(rng, size, longest, trial["contacts"]["every_days"], trial["contacts"]["window_days"]),
            "lost": np.where(rng.random(size) < trial["lost"], between(rng, 1, self._followed), NEVER),
        }
        days = calendar.days_per_month
        self._growth = _half_lives(rng, size) * self._months("progression_months") * days
        self._unscheduled = rng.random(size) < scans["unscheduled"]
        early = _half_lives(rng, size) * self._months("death_without_progression_months") * days
        self._early_death = 1 + np.minimum(early, NEVER // 2).astype(np.int64)
        later = _half_lives(rng, size) * self._months("death_after_progression_months") * days
        self._later_death = 1 + np.minimum(later, NEVER // 2).astype(np.int64)
        self._learnt_late = rng.random(size) < LATE_DEATHS

    def _months(self, name: str) -> Array:
        """What the configuration says of each person's arm."""
        return of_arms(self._arms, {arm: spec[name] for arm, spec in self._trial["arms"].items()})

    def seen_at(self, speeds: Mapping[str, float]) -> Columns:
        """What happens where the times to progression are so many times the configured ones, by arm (default: once)."""
        grown = self._growth * of_arms(self._arms, dict.fromkeys(self._trial["arms"], 1.0) | dict(speeds))
        planned = np.where(self._fixed["scans"] >= grown[:, None], self._fixed["scans"], NEVER).min(axis=1)
        at_once = np.maximum(np.ceil(np.minimum(grown, NEVER)), EARLIEST_UNSCHEDULED).astype(np.int64)
        progression = np.where(self._unscheduled, np.minimum(at_once, NEVER), planned)
        later = np.minimum(progression, NEVER // 2) + self._later_death
        death = np.where(self._early_death <= progression, self._early_death, later)
        last = np.minimum(self._fixed["lost"], self._followed)
        end = np.minimum(last, death - 1)
        return self._fixed | {
            "progression": np.where(progression <= end, progression, NEVER),
            "death": np.where(death <= last, death, NEVER),
            "end": end,
            "late_death": self._late_deaths(progression, death),
        }

    def _late_deaths(self, progression: Array, death: Array) -> Array:
        """Deaths shortly before the cut-off, after a progression, that are learnt of after it."""
        recent = (death <= self._until_cutoff) & (death > self._until_cutoff - LATE_DAYS)
        return np.asarray(self._learnt_late & recent & (progression < death))


def _half_lives(rng: np.random.Generator, size: int) -> Array:
    """Exponential waiting times with a median of 1."""
    return rng.exponential(1 / np.log(2), size)


def _planned(
    rng: np.random.Generator, size: int, longest: int, every: int, window: int, missed: float = 0.0
) -> Array:  # fmt: skip
    """Days of planned visits, rising, one row per person: within `window` days of the plan, NEVER if missed."""
    number = np.arange(1, longest // every + 1)
    when = number * every + rng.integers(-window, window + 1, (size, len(number)))
    return np.where(rng.random(when.shape) < missed, NEVER, when).astype(np.int64)
