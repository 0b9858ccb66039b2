"""Proportions of two groups: their difference with its interval, and a test."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutline.ard import result
from cutline.filters import filter_text, is_unknown
from cutline.marking import noted

DIFFERENCE = noted("difference of proportions, Newcombe's interval (hybrid score, without continuity correction)")
FISHER = noted("Fisher's exact test, two-sided, not adjusted for the number of tests")
WILSON = "wilson"
EMPTY_GROUP = noted("a group has no persons")
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


def in_no_group(analysis: str, by: str, sizes: Sequence[int], total: int) -> Row:
    """The row of the persons at no level of the variable `by`, who are in none of the groups of these sizes."""
    unknown = total - sum(sizes)
    return result(f"{analysis}.{by}.missing", unknown, analysis=analysis, group=by, unit="persons", n=total,
                  n_contributing=unknown, filter=filter_text((), (is_unknown(by),)),
                  method="persons of unknown group, who are in none")  # fmt: skip


def newcombe_interval(
    events: int, total: int, other_events: int, other_total: int, conf_level: float
) -> tuple[float, float]:
    """The interval of the difference of two independent proportions by Newcombe's hybrid score method.

    From Wilson's intervals of the two, without continuity correction; as proportions, within -1 and 1. Both totals are
    above 0. Source: Newcombe, Stat Med 1998;17:873-90, method 10.
    """
    share, other = events / total, other_events / other_total
    (lower, upper), (other_lower, other_upper) = (
        proportion_interval(*each, conf_level, WILSON) for each in ((events, total), (other_events, other_total))
    )
    below, above = math.hypot(share - lower, other_upper - other), math.hypot(upper - share, other - other_lower)
    return share - other - below, share - other + above


def proportion_interval(count: int, total: int, conf_level: float, kind: str) -> tuple[float, float]:
    """The interval of a proportion: `exact` (Clopper and Pearson 1934) or `wilson` (1927), `total` above 0."""
    from scipy.stats import binomtest  # slow to import

    interval = binomtest(count, total).proportion_ci(conf_level, method=kind)
    return float(interval.low), float(interval.high)


def fisher_p(counts: Sequence[int], sizes: Sequence[int]) -> float:
    """Fisher's exact test of a table of persons with and without, two-sided: all tables as likely or less."""
    from scipy.stats import fisher_exact  # slow to import

    table = [[count, size - count] for count, size in zip(counts, sizes, strict=True)]
    return float(fisher_exact(table).pvalue)
