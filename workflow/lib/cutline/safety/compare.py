"""Adverse events between groups: the difference of risks with its interval, and a test."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cutline.filters import Clause, filter_text, is_one_of
from cutline.safety.counting import ASPECTS, Events, Group, Kind, Row, decided, persons_with
from cutline.safety.names import HIGH
from cutline.two_proportions import compared_proportions

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
    sizes = [group.size for group in contrast.groups]
    counts = [len(persons_with(events, kind.which, group)) for group in contrast.groups]
    filtered = about | {"filter": contrast.filter((kind.counted,))}
    yield from compared_proportions(kind.under(contrast.path), counts, sizes, contrast.conf_level, filtered)
    high = [decided(events, group, kind, HIGH_GRADES) for group in contrast.groups]
    clauses = [(*kind.clause, *clause) for clause in HIGH_GRADES.holds]
    about |= {"subset": HIGH, "filter": contrast.filter(clauses), "note": next((why for _, why in high if why), "")}
    numbers = [count for count, _ in high]
    yield from compared_proportions(kind.under(contrast.path, HIGH), numbers, sizes, contrast.conf_level, about)
