"""Adverse events between groups: the difference of risks with its interval, and a test."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutline.ard import result
from cutline.filters import Clause, filter_text, is_one_of
from cutline.safety.counting import ASPECTS, Events, Group, Kind, Row, decided, persons_with
from cutline.safety.names import HIGH

DIFFERENCE = "difference of risks, Newcombe's interval (hybrid score, without continuity correction)"
FISHER = "Fisher's exact test, two-sided, not adjusted for the number of terms"
EMPTY_GROUP = "a group has no persons"
HIGH_GRADES = next(aspect for aspect in ASPECTS if aspect.name == HIGH)


@dataclass(frozen=True, eq=False)
class Contrast:
    """A group and the one it is compared with, and the level of the intervals."""

    group: Group
    reference: Group
    conf_level: float

    @property
    def groups(self) -> tuple[Group, Group]:
        return self.group, self.reference

    @property
    def fields(self) -> Row:
        return {"analysis": "safety", **self.group.fields, "n": self.group.size + self.reference.size}

    @property
    def path(self) -> str:
        return f"safety.{self.group.fields['group']}.{self.group.fields['group_level']}"

    def filter(self, clauses: Sequence[Clause]) -> str:
        levels = [group.fields["group_level"] for group in self.groups]
        return filter_text((is_one_of(self.group.fields["group"], *levels),), *clauses)


def compared_rows(events: Events, kind: Kind, contrast: Contrast) -> Iterator[Row]:
    """The risk of a group less that of the reference: of an event of the kind, and of one of grade 3 or higher."""
    about = contrast.fields | {"variable": kind.variable, "level": kind.level}
    counts = [len(persons_with(events, kind.which, group)) for group in contrast.groups]
    yield from _rows(kind.under(contrast.path), counts, contrast, about | {"filter": contrast.filter((kind.counted,))})
    high = [decided(events, group, kind, HIGH_GRADES) for group in contrast.groups]
    clauses = [(*kind.clause, *clause) for clause in HIGH_GRADES.holds]
    about |= {"subset": HIGH, "filter": contrast.filter(clauses), "note": next((why for _, why in high if why), "")}
    yield from _rows(kind.under(contrast.path, HIGH), [count for count, _ in high], contrast, about)


def _rows(key: str, counts: Sequence[int], contrast: Contrast, about: Row) -> Iterator[Row]:
    """Difference, interval and test of two groups' numbers of persons; none of them where there is a note."""
    sizes = [group.size for group in contrast.groups]
    note = about.get("note") or ("" if all(sizes) else EMPTY_GROUP)
    about = about | {"note": note, "n_contributing": None if note else sum(counts)}
    found: list[float | None] = [None] * 4
    if not note:
        limits = newcombe_interval(counts[0], sizes[0], counts[1], sizes[1], contrast.conf_level)
        shares = [count / size for count, size in zip(counts, sizes, strict=True)]
        found = [*(100 * each for each in (shares[0] - shares[1], *limits)), fisher_p(counts, sizes)]
    points = about | {"unit": "percentage points", "method": DIFFERENCE}
    yield result(f"{key}.risk_difference", found[0], **points)
    yield result(f"{key}.risk_difference_lower", found[1], **points | {"conf_level": contrast.conf_level})
    yield result(f"{key}.risk_difference_upper", found[2], **points | {"conf_level": contrast.conf_level})
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
