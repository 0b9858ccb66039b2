"""Tests of equal survival in groups: the log-rank test and its weighted kin, stratified too, and Holm's method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.special import chdtrc

from cutline.marking import noted
from cutline.survival.grid import Flags, Floats, Integers, in_cells, on_grid

NO_EVENTS = noted("not estimable (no events)")
ONE_GROUP = noted("not estimable (fewer than two groups were at risk at an event)")
NO_VARIANCE = noted("not estimable (no variance: at the events of a group nobody was left to compare it with)")
LEFT_OUT = noted("left out: a group in which nobody was at risk at an event")


@dataclass(frozen=True)
class RankTest:
    """A test; its numbers are None and `note` says why where it cannot be made."""

    chi_square: float | None
    degrees_of_freedom: int | None
    p: float | None
    note: str = ""


@dataclass(frozen=True)
class Counts:
    """One row per time of an event in a stratum, in that order: those at risk and events by group."""

    strata: Integers
    at_risk: Integers
    events: Integers

    @property
    def all_at_risk(self) -> Floats:
        return np.asarray(self.at_risk.sum(axis=1), dtype=np.float64)

    @property
    def all_events(self) -> Floats:
        return np.asarray(self.events.sum(axis=1), dtype=np.float64)


def _survival_before(counts: Counts) -> Floats:
    """Pooled Kaplan-Meier estimate of the stratum just before each of its event times."""
    at_risk, events = counts.all_at_risk, counts.all_events
    # Where the last at risk have the event nothing follows in that stratum: the factor 0 is never used.
    logs = np.log1p(-np.where(events < at_risk, events / at_risk, 0.0))
    before = np.concatenate([[0.0], np.cumsum(logs)[:-1]])
    starts = np.flatnonzero(np.diff(counts.strata, prepend=-1))
    return np.asarray(np.exp(before - np.repeat(before[starts], np.diff(np.append(starts, len(before))))))


WEIGHTS: Mapping[str, Callable[[Counts], Floats]] = MappingProxyType(
    {
        "logrank": lambda counts: np.ones(len(counts.strata)),
        "gehan_breslow": lambda counts: counts.all_at_risk,
        "tarone_ware": lambda counts: np.sqrt(counts.all_at_risk),
        "fleming_harrington": _survival_before,
    }
)
"""What an event time weighs: 1; those at risk; their square root; pooled survival just before it (G(rho), rho = 1)."""

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "logrank": noted("log-rank test"),
        "gehan_breslow": noted("Gehan-Breslow test (generalised Wilcoxon; weight: number at risk)"),
        "tarone_ware": noted("Tarone-Ware test (weight: square root of the number at risk)"),
        "fleming_harrington": noted("Fleming-Harrington test G(rho), rho = 1 (weight: pooled survival just before)"),
    }
)


def rank_test(
    times: ArrayLike, events: ArrayLike, groups: ArrayLike, kind: str = "logrank", strata: ArrayLike | None = None
) -> RankTest:
    """The test of equal survival in the groups, of a kind of `WEIGHTS`, with the hypergeometric variance.

    `times`, `events`, `groups` and `strata` have one entry per person, without missing values. Ties: all events of a
    time are one event time. Observed minus expected and their variance are summed over strata, weights are a
    stratum's own. A group in which nobody was at risk at an event expects none and is left out, with its degree of
    freedom. Equal to R's `survdiff(..., rho = 0)`, and with `fleming_harrington` to rho = 1; formulas of Klein and
    Moeschberger, Survival Analysis, sections 7.3 to 7.5.
    """
    happened: Flags = np.asarray(events, dtype=bool)
    if not happened.any():
        return RankTest(None, None, None, NO_EVENTS)
    counts = _counts(times, happened, _codes(groups), None if strata is None else _codes(strata))
    expecting = counts.at_risk.any(axis=0)
    if expecting.sum() < 2:
        return RankTest(None, None, None, ONE_GROUP)
    difference, variance = _difference(counts, WEIGHTS[kind](counts))
    # One group's difference follows from the others'.
    free = np.flatnonzero(expecting)[1:]
    difference, variance = difference[free], variance[np.ix_(free, free)]
    if not _is_regular(variance):
        return RankTest(None, None, None, NO_VARIANCE)
    chi_square = float(difference @ np.linalg.solve(variance, difference))
    return RankTest(chi_square, len(free), float(chdtrc(len(free), chi_square)), "" if expecting.all() else LEFT_OUT)


def _codes(labels: ArrayLike) -> Integers:
    return np.asarray(pd.factorize(np.asarray(labels))[0], dtype=np.int64)


def _counts(times: ArrayLike, happened: Flags, groups: Integers, strata: Integers | None) -> Counts:
    positions, grid = on_grid(times)
    cells, of_stratum = (positions, np.zeros(len(grid), np.int64)) if strata is None else in_cells(
        positions, len(grid), strata
    )  # fmt: skip
    shape = (len(of_stratum), int(groups.max()) + 1)
    places = cells * shape[1] + groups
    persons = np.bincount(places, minlength=shape[0] * shape[1]).reshape(shape)
    events = np.bincount(places[happened], minlength=shape[0] * shape[1]).reshape(shape)
    later = np.cumsum(persons[::-1], axis=0)[::-1]
    kept = np.flatnonzero(events.any(axis=1))
    return Counts(of_stratum[kept], later[kept] - _in_later_strata(later, of_stratum, kept), events[kept])


def _in_later_strata(later: Integers, of_stratum: Integers, kept: Integers) -> Integers | int:
    """Persons of all strata after a cell's own, by group."""
    if of_stratum[-1] == of_stratum[0]:
        return 0
    first_after = np.searchsorted(of_stratum, of_stratum[kept], side="right")
    return np.vstack([later, np.zeros((1, later.shape[1]), np.int64)])[first_after]


def _difference(counts: Counts, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted sum of observed minus expected events by group, and its covariance."""
    total, events = counts.all_at_risk, counts.all_events
    at_risk = counts.at_risk.astype(np.float64)
    difference = weights @ counts.events - (weights * events / total) @ at_risk
    spread = weights**2 * events * (total - events) / (total**2 * np.maximum(total - 1, 1))
    variance = -(at_risk * spread[:, None]).T @ at_risk
    # In this form exactly zero where a group was never compared with anybody.
    np.fill_diagonal(variance, spread @ (at_risk * (total[:, None] - at_risk)))
    return difference, variance


def _is_regular(variance: Floats) -> bool:
    scale = np.sqrt(np.diag(variance))
    return bool((scale > 0).all()) and np.linalg.matrix_rank(variance / np.outer(scale, scale)) == len(scale)


def holm(p_values: Mapping[Any, float | None]) -> dict[Any, float | None]:
    """The p-values adjusted by Holm's step-down method; a comparison that was not made is not counted.

    Holm, Scand J Stat 1979;6:65-70; equal to R's `p.adjust(method = "holm")`.
    """
    made = sorted((p, key) for key, p in p_values.items() if p is not None)
    adjusted: dict[Any, float | None] = dict.fromkeys(p_values)
    largest = 0.0
    for rank, (p, key) in enumerate(made):
        largest = max(largest, min(1.0, (len(made) - rank) * p))
        adjusted[key] = largest
    return adjusted
