"""Characteristics of a group of persons, described one by one as results.

A `Characteristic` holds one variable of many persons as an array, a `Group` says who of them is meant and how the
results are named; Table 1 and the comparison of included and excluded persons are made of the same statistics.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.ard import result
from cutline.balance import Difference, difference_of_counts, difference_of_numbers
from cutline.errors import ConfigError
from cutline.filters import Clause, Condition, filter_text, is_known, is_one_of, is_unknown
from cutline.marking import noted

QUARTILES = "weighted average at (n + 1) p (R type 6, SPSS HAVERAGE)"
PERCENT = "percent of all persons in the group, those with a missing value too"
NOT_ENOUGH = noted("too few known values")
NOBODY = noted("nobody in the group")
UNKNOWN = -1
EXTREMES = ("min", "max")
MEAN_SD = ("mean", "sd")
Rows = Iterator[dict[str, Any]]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Characteristic:
    """One variable of many persons: the position of each one's level (-1 unknown), or each one's number (NaN unknown).

    `levels` are the level ids of a category; a number has none.
    """

    name: str
    values: NDArray[Any]
    levels: tuple[str, ...] = ()
    unit: str = ""

    @property
    def known(self) -> Mask:
        known: Mask = self.values != UNKNOWN if self.levels else ~np.isnan(self.values)
        return known

    def among(self, members: Mask) -> NDArray[Any]:
        """The known values of some persons: numbers, or how many are at each level."""
        values = self.values[members & self.known]
        return np.bincount(values, minlength=len(self.levels)) if self.levels else values

    def difference(self, one: NDArray[Any], other: NDArray[Any]) -> Difference:
        """The standardised difference of two groups, each as `among` gives it."""
        return difference_of_counts(one, other) if self.levels else difference_of_numbers(one, other)


def characteristics(
    variables: Mapping[str, Any], names: Iterable[str], covariates: pd.DataFrame, persons: pd.Index
) -> dict[str, Characteristic]:
    """The named variables of the persons, in the order of both.

    Raises ConfigError for a variable that is neither categorical nor continuous, AssertionError for a level that the
    study does not list.
    """
    names = list(dict.fromkeys(names))
    which = pd.Index(names, dtype=object).get_indexer(pd.Index(covariates["variable"]))
    rows, which = covariates.loc[which >= 0, ["patient_id", "value", "number"]], which[which >= 0]
    place = persons.get_indexer(pd.Index(rows["patient_id"]))
    found = {}
    for position, name in enumerate(names):
        ours = (which == position) & (place >= 0)
        found[name] = _read(name, variables.get(name, {}), rows[ours], place[ours], len(persons))
    return found


def _read(
    name: str, variable: Mapping[str, Any], rows: pd.DataFrame, place: NDArray[np.intp], count: int
) -> Characteristic:
    """The variable of so many persons; `place` is whose each row is."""
    match variable.get("kind"):
        case "categorical":
            levels = tuple(variable["levels"])
            codes, told = np.full(count, UNKNOWN), rows["value"].to_numpy()
            codes[place] = pd.Index(levels, dtype=object).get_indexer(pd.Index(told, dtype=object))
            unlisted = (codes[place] == UNKNOWN) & rows["value"].notna().to_numpy()
            assert not unlisted.any(), f"{name} has a level that is not among its levels"
            return Characteristic(name, codes, levels)
        case "continuous":
            numbers = np.full(count, np.nan)
            numbers[place] = rows["number"].to_numpy("float64")
            return Characteristic(name, numbers, unit=variable.get("unit", ""))
    raise ConfigError(f"baseline.variables: {name!r} is a date; expected categorical or continuous variables")


@dataclass(frozen=True, eq=False)
class Group:
    """Who is described: `members` of all persons, where their keys start, and what every row says of them.

    `who` is the clause that names the members in the filter of a result; `fields` are columns of the results.
    """

    path: str
    members: Mask
    who: Clause = ()
    fields: Mapping[str, Any] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.members.sum())


def describe(group: Group, characteristic: Characteristic, statistics: tuple[str, ...] | None = None) -> Rows:
    """The rows of one characteristic in a group: counts with percentages, or the statistics of a number.

    Percentages are 0 to 100 of everyone in the group, so that levels and missing add up to 100. `statistics` narrows
    those of a number. What the group's data cannot give has no value and a note.
    """
    if characteristic.levels:
        yield from _levels(group, characteristic)
    else:
        yield from _numbers(group, characteristic, statistics)
    yield from _missing(group, characteristic)


def counted(key: str, count: int, group: Group, counted_by: Condition, about: Mapping[str, Any]) -> Rows:
    """A number of persons and their percentage of the group."""
    shared: dict[str, Any] = {**group.fields, **about, "n": group.size, "n_contributing": count}
    shared["filter"] = filter_text(group.who, (counted_by,))
    yield result(f"{key}.n", count, unit="persons", **shared)
    yield result(f"{key}.percent", unit="percent", method=PERCENT, **_percent(count, group.size), **shared)


def _levels(group: Group, characteristic: Characteristic) -> Rows:
    name = characteristic.name
    for level, count in zip(characteristic.levels, characteristic.among(group.members), strict=True):
        key = f"{group.path}.{name}.{level}"
        yield from counted(key, int(count), group, is_one_of(name, level), {"variable": name, "level": level})


def _missing(group: Group, characteristic: Characteristic) -> Rows:
    name = characteristic.name
    count = int((group.members & ~characteristic.known).sum())
    shared: dict[str, Any] = {**group.fields, "variable": name, "n": group.size, "n_contributing": count}
    shared["filter"] = filter_text(group.who, (is_unknown(name),))
    percent = _percent(count, group.size) | {"unit": "percent", "method": PERCENT}
    yield result(f"{group.path}.{name}.missing", count, **shared | {"unit": "persons"})
    yield result(f"{group.path}.{name}.missing_percent", **shared | percent)


def _percent(count: int, total: int) -> dict[str, Any]:
    return {"value": 100 * count / total} if total else {"value": None, "note": NOBODY}


def _numbers(group: Group, characteristic: Characteristic, wanted: tuple[str, ...] | None) -> Rows:
    name = characteristic.name
    shared: dict[str, Any] = {**group.fields, "variable": name, "n": group.size, "unit": characteristic.unit}
    for statistic, value, behind, method in _statistics(characteristic.among(group.members)):
        if wanted is not None and statistic not in wanted:
            continue
        note = "" if value is not None else NOT_ENOUGH
        which = is_known(name)
        if value is not None and statistic in EXTREMES:
            which = is_one_of(name, value)
        yield result(f"{group.path}.{name}.{statistic}", value, n_contributing=behind, method=method, note=note,
                     filter=filter_text(group.who, (which,)), **shared)  # fmt: skip


def _statistics(known: NDArray[np.float64]) -> Iterator[tuple[str, float | None, int, str]]:
    """Statistic, value, persons behind it, method; of an extreme only those who have it are behind it."""
    count = len(known)
    for statistic, probability in (("median", 0.5), ("q1", 0.25), ("q3", 0.75)):
        value = float(np.quantile(known, probability, method="weibull")) if count else None
        yield statistic, value, count, QUARTILES
    yield "mean", float(known.mean()) if count else None, count, "arithmetic mean"
    yield "sd", float(known.std(ddof=1)) if count > 1 else None, count, "sample standard deviation (n - 1)"
    for statistic, extreme in zip(EXTREMES, (known.min, known.max), strict=True):
        value = float(extreme()) if count else None
        yield statistic, value, int((known == value).sum()) if count else 0, ""
