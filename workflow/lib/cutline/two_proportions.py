"""Proportions of two groups: their difference with its interval, and a test."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutline.ard import result

DIFFERENCE = "difference of proportions, Newcombe's interval (hybrid score, without continuity correction)"
FISHER = "Fisher's exact test, two-sided, not adjusted for the number of tests"
EMPTY_GROUP = "a group has no persons"
Row = dict[str, Any]


def compared_proportions(
    key: str, counts: Sequence[int], sizes: Sequence[int], conf_level: float, about: Mapping[str, Any]
) -> Iterator[Row]:
    """Rows of a group's proportion less that of the other, in percentage points with its interval, and of the test.

    `about` are the other columns. Nothing is estimated where it has a note, or where a group is empty.
    """
    note = about.get("note") or ("" if all(sizes) else EMPTY_GROUP)
    about = {**about, "note": note, "n_contributing": None if note else sum(counts)}
    found: list[float | None] = [None] * 4
    if not note:
        limits = newcombe_interval(counts[0], sizes[0], counts[1], sizes[1], conf_level)
        shares = [count / size for count, size in zip(counts, sizes, strict=True)]
        found = [*(100 * each for each in (shares[0] - shares[1], *limits)), fisher_p(counts, sizes)]
    points = about | {"unit": "percentage points", "method": DIFFERENCE}
    yield result(f"{key}.risk_difference", found[0], **points)
    yield result(f"{key}.risk_difference_lower", found[1], **points | {"conf_level": conf_level})
    yield result(f"{key}.risk_difference_upper", found[2], **points | {"conf_level": conf_level})
    yield result(f"{key}.fisher.p", found[3], **about | {"unit": "probability", "method": FISHER})


def newcombe_interval(
    events: int, total: int, other_events: int, other_total: int, conf_level: float
) -> tuple[float, float]:
    """The interval of the difference of two independent proportions by Newcombe's hybrid score method.

    From Wilson's intervals of the two, without continuity correction; as proportions, within -1 and 1. Both totals are
    above 0. Source: Newcombe, Stat Med 1998;17:873-90, method 10.
    """
    share, other = events / total, other_events / other_total
    (lower, upper), (other_lower, other_upper) = (
        wilson_interval(*each, conf_level) for each in ((events, total), (other_events, other_total))
    )
    below, above = math.hypot(share - lower, other_upper - other), math.hypot(upper - share, other - other_lower)
    return share - other - below, share - other + above


def wilson_interval(events: int, total: int, conf_level: float) -> tuple[float, float]:
    """Wilson's score interval of a proportion, without continuity correction; `total` is above 0."""
    from scipy.special import ndtri  # slow to import

    z = float(ndtri((1 + conf_level) / 2))
    share = events / total
    centre, spread = share + z**2 / (2 * total), z * math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    scale = 1 + z**2 / total
    # The exact limits at no event and at all; rounding could miss them.
    lower = 0.0 if events == 0 else (centre - spread) / scale
    return lower, 1.0 if events == total else (centre + spread) / scale


def fisher_p(counts: Sequence[int], sizes: Sequence[int]) -> float:
    """Fisher's exact test of a table of persons with and without, two-sided: all tables as likely or less."""
    from scipy.stats import fisher_exact  # slow to import

    table = [[count, size - count] for count, size in zip(counts, sizes, strict=True)]
    return float(fisher_exact(table).pvalue)
