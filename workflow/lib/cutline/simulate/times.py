"""Times to progression and death whose medians and SPSS intervals are the published ones.

SPSS's interval of the median rests on three order statistics: with S the Kaplan-Meier estimate, m the first
time with S <= 0.50, u the last with S >= 0.55, l the first with S <= 0.45, its half width is
1.96 * se(S(m)) * (l - u) / (S(u) - S(l)), se after Greenwood (Collett, Modelling Survival Data in Medical
Research, section 2.4). So the order of events and censorings fixes everything but l - u, and times can be
drawn freely between these points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cutline.errors import ConfigError
from cutline.simulate.columns import Array
from cutline.simulate.targets import Targets

SCAN_MIN, SCAN_MAX = 56, 84
"""Days between scans: every 8 to 12 weeks."""
Z = 1.96
LONGEST_PROGRESSION = 900
LONGEST_SURVIVAL = 1750
SHORTEST_SURVIVAL = 90
LANDMARK_MONTHS = 36
PATTERNS = 4000
ROUNDS = 200


def draw_progression(rng: np.random.Generator, targets: Targets, days_per_month: float) -> Array:
    """Sorted days to progression, all observed, meeting the published median and interval.

    As many lie within the first scan as progressed there; the others have room for two scans or more.
    The two middle times are tied, so that every rule for a median gives the same one.
    """
    persons, first = targets.count("pfs.n"), targets.count("response.best.progressive.n")
    median, gap = _median_and_gap(targets, persons, days_per_month)
    upper_rank, lower_rank, middle = _ranks(persons)
    upper = median - int(rng.integers(gap // 4, gap - gap // 4))
    parts = [
        rng.integers(SCAN_MIN, SCAN_MAX + 1, first),
        rng.integers(2 * SCAN_MIN, upper, upper_rank - 1 - first),
        [upper],
        rng.integers(upper + 1, median, middle - 1 - upper_rank),
        [median, median],
        rng.integers(median + 1, upper + gap, lower_rank - 2 - middle),
        [upper + gap],
        np.minimum(upper + gap + 1 + rng.exponential(150, persons - lower_rank).astype(int), LONGEST_PROGRESSION),
    ]
    return np.sort(np.concatenate(parts)).astype(np.int64)


def _ranks(persons: int) -> tuple[int, int, int]:
    """Ranks of u, of l and of the median's first time, when nobody is censored."""
    return (45 * persons) // 100, -((-55 * persons) // 100), -(-persons // 2)


def _median_and_gap(targets: Targets, persons: int, days_per_month: float) -> tuple[int, int]:
    """The whole days of the median and of l - u that print closest to the published interval."""
    upper_rank, lower_rank, middle = _ranks(persons)
    survival = 1 - (middle + 1) / persons
    width = Z * np.sqrt(survival * (1 - survival) / persons) * persons / (lower_rank - upper_rank)
    candidates = []
    for median in _median_days(targets, "pfs", days_per_month):
        low, high = _half_width(targets, "pfs", median, days_per_month)
        fitting = [gap for gap in range(8, median) if low < width * gap < high]
        candidates += [(abs(width * gap - (low + high) / 2), median, gap) for gap in fitting]
    if not candidates:
        raise ConfigError(
            "published.yaml: pfs.km.median and its limits: no whole number of days prints as these three together; "
            "check them, or set simulate.calibrate to false"
        )
    return min(candidates)[1:]


def _median_days(targets: Targets, endpoint: str, days_per_month: float) -> range:
    low, high = targets.limits(f"{endpoint}.km.median")
    return range(int(low * days_per_month) + 1, int(high * days_per_month) + 1)


def _half_width(targets: Targets, endpoint: str, median: int, days_per_month: float) -> tuple[float, float]:
    """The half widths in days, as an open interval, that print both published limits round a median in days."""
    low, high = (targets.limits(f"{endpoint}.km.median_{side}") for side in ("lower", "upper"))
    months = median / days_per_month
    return (
        max(months - low[1], high[0] - months) * days_per_month,
        min(months - low[0], high[1] - months) * days_per_month,
    )


class Positions(NamedTuple):
    """Places in an order of deaths and censorings: of u, m and l, and the last one before the landmark."""

    upper: int
    middle: int
    lower: int
    landmark: int


@dataclass(frozen=True)
class Pattern:
    """An order of deaths and censorings with the days that m and l - u must have."""

    died: Array
    at: Positions
    median: int
    gap: int


def draw_survival(
    rng: np.random.Generator, targets: Targets, progression: Array, days_per_month: float
) -> tuple[Array, Array]:
    """Sorted days to death or last contact and whether it is death, meeting the published median, interval
    and survival at 36 months; each lies after the progression of the same rank, so that they can be matched.
    """
    for _ in range(ROUNDS):
        for pattern in _patterns(rng, targets, days_per_month):
            times = _times(rng, pattern, days_per_month)
            if times is not None and bool((times > progression).all()):
                return times, pattern.died
    raise ConfigError(
        f"published.yaml: os.km: no draw in {ROUNDS * PATTERNS} met the median, its limits and the survival at 36 "
        "months together; check them, or set simulate.calibrate to false"
    )


def _patterns(rng: np.random.Generator, targets: Targets, days_per_month: float) -> list[Pattern]:
    """Those of many random orders for which a whole number of days l - u gives the published interval."""
    persons, deaths = targets.count("os.n"), targets.count("os.events")
    died = rng.permuted(np.tile(np.arange(persons) < deaths, (PATTERNS, 1)), axis=1)
    survival, places, per_day = _positions(died, targets.number("os.km.survival_36m") / 100)
    usable = _usable(survival, places, targets.number("os.km.survival_36m") / 100)
    found = []
    for median in _median_days(targets, "os", days_per_month):
        low, high = _half_width(targets, "os", median, days_per_month)
        gap = np.floor(low / per_day).astype(int) + 1
        rows = np.flatnonzero(usable & (gap * per_day < high))
        rows = rows if low < high else rows[:0]
        found += [Pattern(died[row], Positions(*map(int, places[row])), median, int(gap[row])) for row in rows]
    return found


def _positions(died: Array, share: float) -> tuple[Array, Array, Array]:
    """Per order: survival after each position; positions of u, m, l and of the survival next to `share`;
    and half the interval per day of l - u.
    """
    count, persons = died.shape
    at_risk = np.arange(persons, 0, -1)
    survival = np.cumprod(np.where(died, 1 - 1 / at_risk, 1.0), axis=1)
    # The last at risk would divide by zero: her term is never used.
    variance = np.cumsum(np.where(died, 1 / (at_risk * np.maximum(at_risk - 1, 0.5)), 0.0), axis=1)
    upper = persons - 1 - ((survival >= 0.55) & died)[:, ::-1].argmax(axis=1)
    middle, lower = (survival <= 0.5).argmax(axis=1), (survival <= 0.45).argmax(axis=1)
    rows = np.arange(count)
    fall = survival[rows, upper] - survival[rows, lower]
    per_day = Z * survival[rows, middle] * np.sqrt(variance[rows, middle]) / fall
    return survival, np.column_stack([upper, middle, lower, np.abs(survival - share).argmin(axis=1)]), per_day


def _usable(survival: Array, places: Array, share: float) -> Array:
    """Whether survival comes near the share after l, with two or more left, and never lies on a limit itself,
    where the rounding of a product would decide.
    """
    landmark, persons = places[:, 3], survival.shape[1]
    near = np.abs(survival[np.arange(len(places)), landmark] - share) < 0.02
    safe = np.abs(survival[:, :, None] - np.array([0.45, 0.5, 0.55])).min(axis=(1, 2)) > 1e-6
    return np.asarray(near & safe & (landmark > places[:, 2]) & (landmark < persons - 2) & (survival[:, -1] < 0.45))


def _times(rng: np.random.Generator, pattern: Pattern, days_per_month: float) -> Array | None:
    """Distinct days in the pattern's order, or None if a stretch is too short for its times."""
    upper = pattern.median - int(rng.integers(pattern.gap // 4, pattern.gap - pattern.gap // 4))
    landmark = int(LANDMARK_MONTHS * days_per_month)
    fixed = {pattern.at.upper: upper, pattern.at.middle: pattern.median, pattern.at.lower: upper + pattern.gap}
    # (first position, last position, first day, last day) of each stretch between fixed times
    stretches = [
        (0, pattern.at.upper - 1, SHORTEST_SURVIVAL, upper - 1),
        (pattern.at.upper + 1, pattern.at.middle - 1, upper + 1, pattern.median - 1),
        (pattern.at.middle + 1, pattern.at.lower - 1, pattern.median + 1, upper + pattern.gap - 1),
        (pattern.at.lower + 1, pattern.at.landmark, upper + pattern.gap + 1, landmark),
        (pattern.at.landmark + 1, len(pattern.died) - 1, landmark + 1, LONGEST_SURVIVAL),
    ]
    times = np.zeros(len(pattern.died), dtype=np.int64)
    times[list(fixed)] = list(fixed.values())
    for first, last, start, end in stretches:
        count = last - first + 1
        if count > end - start + 1:
            return None
        times[first : last + 1] = np.sort(rng.choice(np.arange(start, end + 1), count, replace=False))
    return times


def matched(rng: np.random.Generator, progression: Array, survival: Array) -> Array:
    """For each person in the order of `progression`, the position of a survival time after it, at random.

    Longest progression first: the times after it are also after every shorter one, so none is left without.
    """
    free = list(range(len(survival)))
    found = np.zeros(len(progression), dtype=np.int64)
    for person in np.argsort(-progression, kind="stable"):
        later = [position for position in free if survival[position] > progression[person]]
        found[person] = later[int(rng.integers(len(later)))]
        free.remove(int(found[person]))
    return found
