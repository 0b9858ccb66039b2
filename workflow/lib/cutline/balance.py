"""How far apart two or more groups are in one characteristic: the standardised mean difference.

It is a distance in standard deviations and no test, so it does not depend on how many persons there are. A group comes
as the numbers of its persons, or as how many of them are at each level; unknown ones are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cutline.marking import noted

Numbers = NDArray[np.floating[Any]]

NUMBERS = "standardised difference of means: by the root of the mean of both variances (n - 1)"
CATEGORIES = "standardised difference of proportions: Mahalanobis distance (Yang and Dalton 2012)"
TOO_FEW = noted("too few known values in a group")
CONSTANT = noted("everyone has the same value")
NO_SPREAD = noted("no variation within the groups")
NOTHING_SHARED = noted("the groups share no category")


@dataclass(frozen=True)
class Difference:
    """A standardised difference, or none and why."""

    value: float | None
    note: str = ""


def difference_of_numbers(one: Numbers, other: Numbers) -> Difference:
    """The mean of the first group less that of the other, in standard deviations: (m1 - m2) / sqrt((s1² + s2²) / 2).

    NaN are unknown values and left out. Not estimable with fewer than two known values in a group, or without any
    variation. Method: Austin, Stat Med 2009;28:3083-107, section 2.1.
    """
    known = [values[~np.isnan(values)] for values in (one, other)]
    if min(map(len, known)) < 2:
        return Difference(None, TOO_FEW)
    if all(np.ptp(values) == 0 for values in known):
        return Difference(None, CONSTANT if known[0][0] == known[1][0] else NO_SPREAD)
    spread = np.sqrt((known[0].var(ddof=1) + known[1].var(ddof=1)) / 2)
    return Difference(float((known[0].mean() - known[1].mean()) / spread))


def difference_of_counts(one: NDArray[Any], other: NDArray[Any]) -> Difference:
    """The distance of two groups' proportions in the levels of a category, in standard deviations; never negative.

    `one` and `other` are the numbers of persons at each level, unknown ones left out. Levels that neither group has
    do not matter. With two levels it is |p1 - p2| / sqrt((p1 (1 - p1) + p2 (1 - p2)) / 2). Not estimable where a group
    is empty, everyone is at one level, or the groups have no level in common. Method: Yang and Dalton, SAS Global
    Forum 2012, paper 335: all levels but one, with the mean of both groups' covariance matrices.
    """
    counts = np.array([one, other], dtype="float64")
    if (counts.sum(axis=1) == 0).any():
        return Difference(None, TOO_FEW)
    counts = counts[:, counts.any(axis=0)]
    if counts.shape[1] == 1:
        return Difference(None, CONSTANT)
    if not counts.all(axis=0).any():
        return Difference(None, NOTHING_SHARED)
    shares = (counts / counts.sum(axis=1, keepdims=True))[:, 1:]
    covariance = sum(np.diag(share) - np.outer(share, share) for share in shares) / 2
    gap = shares[0] - shares[1]
    return Difference(float(np.sqrt(max(0.0, gap @ np.linalg.solve(covariance, gap)))))


def largest_difference(groups: Iterable[Any], compare: Callable[[Any, Any], Difference]) -> Difference:
    """The largest of the absolute differences between any two groups, of those that are estimable.

    With two groups it is the absolute difference of these. If none is estimable the first reason is given.
    """
    found = [compare(*pair) for pair in combinations(groups, 2)]
    sizes = [abs(each.value) for each in found if each.value is not None]
    return Difference(max(sizes)) if sizes else next(iter(found), Difference(None, TOO_FEW))
