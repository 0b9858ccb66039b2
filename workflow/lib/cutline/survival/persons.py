"""Whom a set of survival results is about: everyone of an endpoint, or one group of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cutline.analysis_set import members
from cutline.filters import Clause, Condition, filter_text, is_one_of
from cutline.marking import noted
from cutline.survival.kaplan_meier import Curve, product_limit

Row = dict[str, Any]
NOBODY = noted("not estimable (no persons)")
NO_EVENTS = noted("not estimable (no events)")


@dataclass(frozen=True)
class Persons:
    """The endpoint, and one group of it or (group blank) everyone.

    Restricted means of a configured horizon go up to `reach`, where the curves of all groups are known; the common
    horizon is `shortest`, the largest time of the smallest group. Both in days.
    """

    endpoint: str
    curve: Curve
    group: str = ""
    group_level: str = ""
    members: Clause = ()
    reach: float | None = None
    shortest: float | None = None

    @property
    def path(self) -> str:
        return f"{self.endpoint}.km{self.within}"

    @property
    def within(self) -> str:
        """The group's place in a key; blank for everyone."""
        return f".{self.group}={self.group_level}" if self.group else ""

    @property
    def count_path(self) -> str:
        return self.path if self.group else self.endpoint

    @property
    def columns(self) -> Row:
        return {"endpoint": self.endpoint, "group": self.group, "group_level": self.group_level}

    @property
    def counted(self) -> Row:
        """The columns of a result that all of them are behind."""
        n = self.curve.persons
        return self.columns | {"n": n, "n_contributing": n, "filter": self.filter()}

    @property
    def who(self) -> Clause:
        """Who they are, as a condition of the results' filter: everyone of the endpoint, or those of the group."""
        return (*self.members, *((is_one_of(self.group, self.group_level),) if self.group else ()))

    def filter(self, *contributing: Condition) -> str:
        return filter_text(self.who, contributing) if contributing else filter_text(self.who)

    def field(self, column: str) -> str:
        return f"endpoints.{self.endpoint}.{column}"


def everyone_of(endpoint: str, times: pd.DataFrame, settings: Mapping[str, Any]) -> Persons:
    """Everybody in `times` (as `times_of`)."""
    curve = product_limit(times["time_days"], times["event"])
    whose = members(endpoint, settings["endpoints"][endpoint])
    return Persons(endpoint, curve, members=whose, reach=curve.reach, shortest=curve.largest_time)


def by_level(
    endpoint: str, times: pd.DataFrame, groups: Mapping[str, pd.Series], settings: Mapping[str, Any]
) -> Iterator[Persons]:
    """The persons of each level of each comparison variable; restricted means go as far as all curves are known."""
    whose = members(endpoint, settings["endpoints"][endpoint])
    for variable, found in groups.items():
        curves = {}
        for level in settings["variables"][variable]["levels"]:
            inside = times[(found == level).to_numpy(dtype=bool)]
            curves[level] = product_limit(inside["time_days"], inside["event"])
        reach = min((curve.reach for curve in curves.values() if curve.reach is not None), default=None)
        shortest = min(
            (curve.largest_time for curve in curves.values() if curve.largest_time is not None), default=None
        )
        for level, curve in curves.items():
            yield Persons(endpoint, curve, variable, level, whose, reach, shortest)
