"""Concordance of a Cox model: how often, of two persons, the one with the higher risk has the event first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Concordance:
    """The probability of concordance and its standard error; NaN without a pair that can be compared."""

    value: float
    standard_error: float


def concordance(times: ArrayLike, events: ArrayLike, risks: ArrayLike, strata: ArrayLike | None = None) -> Concordance:
    """Harrell's concordance of risk scores with times, and its infinitesimal-jackknife standard error.

    A pair can be compared if the earlier of the two times is an event; one with an event and one censored at the same
    time too (the event is earlier), two events at the same time cannot. Equal risks count one half. With `strata`
    pairs are of one stratum. As R's concordance of a coxph fit; O(n log n).
    """
    died = np.asarray(events, dtype=bool)
    stratum = np.zeros(len(died), dtype=np.int64) if strata is None else np.asarray(strata)
    order = np.lexsort((~died, np.asarray(times), stratum))
    died, stratum, time = died[order], stratum[order], np.asarray(times)[order]
    risk = np.unique(np.asarray(risks), return_inverse=True)[1][order]
    same_stratum = _runs(stratum[1:] != stratum[:-1])
    same_place = _runs((stratum[1:] != stratum[:-1]) | (time[1:] != time[:-1]) | (died[1:] != died[:-1]))
    balance, pairs = np.zeros(len(died), dtype=np.int64), np.zeros(len(died), dtype=np.int64)
    # Of each event the persons behind it, then of each person the events before her.
    lower, higher = _compared(risk, same_place.ends[died], same_stratum.ends[died], risk[died])
    balance[died], pairs[died] = lower - higher, (same_stratum.ends - same_place.ends)[died]
    count = int(pairs.sum())
    if not count:
        return Concordance(np.nan, np.nan)
    somers_d = balance.sum() / count
    before = np.append(0, np.cumsum(died))
    first, last = before[same_stratum.begins], before[same_place.begins]
    lower, higher = _compared(risk[died], first, last, risk)
    influence = (balance + higher - lower - somers_d * (pairs + last - first)) / count
    return Concordance(float(somers_d + 1) / 2, float(np.sqrt(influence @ influence)) / 2)


@dataclass(frozen=True, eq=False)
class _Runs:
    """Of each position, where the run of equal neighbours that it is in begins and ends."""

    begins: Integers
    ends: Integers


def _runs(changes: NDArray[np.bool_]) -> _Runs:
    bounds = np.concatenate([[0], np.flatnonzero(changes) + 1, [len(changes) + 1]])
    sizes = np.diff(bounds)
    return _Runs(np.repeat(bounds[:-1], sizes), np.repeat(bounds[1:], sizes))


def _compared(values: Integers, begins: Integers, ends: Integers, against: Integers) -> tuple[Integers, Integers]:
    """How many values from each begin up to each end are lower than `against`, and how many are higher.

    All queries at once on a wavelet matrix: bit by bit, the highest first, the values are parted into those with 0
    and those with 1, and the bounds of each query move along (Claude and Navarro 2012).
    """
    lower, sizes = np.zeros(len(against), dtype=np.int64), ends - begins
    for bit in reversed(range(int(max(values.max(initial=0), against.max(initial=0))).bit_length())):
        ones = (values >> bit) & 1 == 1
        zeros_before = np.append(0, np.cumsum(~ones))
        begin_zeros, end_zeros = zeros_before[begins], zeros_before[ends]
        is_one = (against >> bit) & 1 == 1
        lower += np.where(is_one, end_zeros - begin_zeros, 0)
        begins = np.where(is_one, zeros_before[-1] + begins - begin_zeros, begin_zeros)
        ends = np.where(is_one, zeros_before[-1] + ends - end_zeros, end_zeros)
        values = np.concatenate([values[~ones], values[ones]])
    return lower, sizes - lower - (ends - begins)
