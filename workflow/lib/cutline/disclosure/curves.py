"""Kaplan-Meier curves drawn anew from rounded counts on a monthly grid, and all that is read off them.

At the end of each month stand the events and the censorings until then, each rounded as a running count. The curve is
the product-limit estimate of these; it ends where fewer than the threshold are at risk. So every number of a curve is
a function of the rounded counts and tells nothing beyond them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cutline.disclosure.rounding import rounded
from cutline.survival.choices import Choices
from cutline.survival.curve_rows import COUNTED, median_rows, survival_rows
from cutline.survival.intervals import survival_limits
from cutline.survival.kaplan_meier import Curve, product_limit
from cutline.survival.persons import Persons

if TYPE_CHECKING:
    import pandas as pd

Counts = NDArray[np.int64]
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Grid:
    """Running counts at the end of each month, from month 0: `days`, who had an event and who was censored by then."""

    days: Counts
    events: Counts
    censored: Counts

    def __add__(self, other: Grid) -> Grid:
        return Grid(self.days, self.events + other.events, self.censored + other.censored)


def month_ends(last_day: float, days_per_month: float) -> Counts:
    """The last whole day of each month, from month 0 to the first that is not before `last_day`."""
    months = 0
    while floor(months * days_per_month) < last_day:
        months += 1
    return np.array([floor(month * days_per_month) for month in range(months + 1)], dtype=np.int64)


def on_grid(curve: pd.DataFrame, days: Counts) -> Grid:
    """The running counts of a curve, which has a row per time."""
    at = np.searchsorted(days, curve["time_days"].to_numpy())
    events, censored = (
        np.bincount(at, weights=curve[name].to_numpy(), minlength=len(days)).cumsum().astype(np.int64)
        for name in ("events", "censored")
    )
    return Grid(days, events, censored)


def rounded_grid(true: Grid, persons: int, events: int, unit: int) -> Grid:
    """The running counts rounded to a unit; `persons` and `events` are the rounded totals, which they never exceed."""
    shown = [np.array([rounded(int(count), unit) for count in counts]) for counts in (true.events, true.censored)]
    return Grid(true.days, np.minimum(shown[0], events), np.minimum(shown[1], persons - events))


def ending(grid: Grid, persons: int, threshold: int) -> Grid:
    """The months at which at least the threshold are at risk."""
    before = np.concatenate([[0], (grid.events + grid.censored)[:-1]])
    kept = int((persons - before >= threshold).sum())
    return Grid(grid.days[:kept], grid.events[:kept], grid.censored[:kept])


def curve_of(grid: Grid, persons: int, *, reverse: bool = False) -> Curve:
    """The product-limit estimate; who is at risk still after the last month is censored then.

    `reverse`: of being censored, for the follow-up.
    """
    events, censored = (np.diff(counts, prepend=0) for counts in (grid.events, grid.censored))
    left = persons - int(events.sum() + censored.sum())
    happened, not_happened = (censored, events) if reverse else (events, censored)
    times = np.concatenate([np.repeat(grid.days, happened), np.repeat(grid.days, not_happened),
                            np.repeat(grid.days[-1:], left)])  # fmt: skip
    return product_limit(times, np.arange(len(times)) < int(happened.sum()))


def table_of(grid: Grid, persons: int, columns: Row, choices: Choices) -> Iterator[dict[str, Any]]:
    """The rows of the released curve; how many are censored at a time is blank, so that no figure marks it."""
    curve = curve_of(grid, persons)
    lower, upper = survival_limits(curve, choices.convention.survival_interval, choices.convention.z)
    parts = zip(curve.times, curve.at_risk, curve.events, curve.survival, lower, upper, strict=True)
    for time, at_risk, events, survival, low, high in parts:
        yield {**columns, "time_days": int(time), "at_risk": int(at_risk), "events": int(events),
               "survival": float(survival), "lower": float(low), "upper": float(high)}  # fmt: skip


def redrawn_rows(
    endpoint: str, grids: Mapping[str, tuple[Grid, int]], group: str, choices: Choices, *, followed: bool
) -> Iterator[dict[str, Any]]:
    """The results of the redrawn curves: `grids` are levels of `group`, or everyone under a blank, with their persons.

    Of the endpoint that is `followed`, the follow-up too. Counts are not among them: those are shown as they are.
    """
    curves = {level: curve_of(*each) for level, each in grids.items()}
    levels = [curve for level, curve in curves.items() if level and curve.persons]
    reach = min((curve.reach for curve in levels if curve.reach is not None), default=None)
    shortest = min((float(curve.times[-1]) for curve in levels), default=None)
    for level, curve in curves.items():
        if not curve.persons:
            continue
        limits = (reach, shortest) if level else (curve.reach, curve.largest_time)
        persons = Persons(endpoint, curve, group if level else "", level, (), *limits)
        counts = {f"{persons.count_path}.{name}" for name in COUNTED}
        yield from (row for row in survival_rows(persons, choices) if row["key"] not in counts)
        if followed:
            yield from _follow_up(persons, curve_of(*grids[level], reverse=True), choices)


def _follow_up(persons: Persons, curve: Curve, choices: Choices) -> Iterator[dict[str, Any]]:
    for name, fields in median_rows(curve, choices).items():
        yield fields | {"key": f"followup.reverse_km{persons.within}.{name.removeprefix('median_')}"}
