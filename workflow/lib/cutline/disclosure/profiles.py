"""The profiles by name, and what they are told: who may see the results, and how coarse they must be.

Read before the first job, so nothing here needs pandas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.disclosure.rounding import largest_as_zero
from cutline.marking import noted

INTERNAL, IRB, PUBLIC = "internal", "irb", "public"
PROFILES = (INTERNAL, IRB, PUBLIC)
BASE, THRESHOLD = 5, 10
SPLIT_IN_HALVES = 2
"""A mean or median needs so many times the threshold behind it, so that either half holds the threshold."""
SPLIT_IN_QUARTERS = 4
"""Quartiles need so many times the threshold."""

WITHHELD = noted("not shown (disclosure control)")
BEYOND_THE_END = noted("not shown (disclosure control: too few are at risk)")


@dataclass(frozen=True)
class Limits:
    """`base`: the fewest values that any count must be left. `threshold`: what counts are rounded to, a multiple of it.

    Rounded to the base itself a count is left just so many values, and any relation to another takes one of them: a
    second cut, in which no count falls, leaves four of five.
    """

    base: int = BASE
    threshold: int = THRESHOLD


def limits_of(report: Mapping[str, Any]) -> Limits:
    """The limits of a study's section `report`, with defaults for what it does not say."""
    given = report.get("disclosure", {})
    return Limits(int(given.get("base", BASE)), int(given.get("threshold", THRESHOLD)))


def is_public(settings: Mapping[str, Any]) -> bool:
    """Whether a study's results are rounded for everybody."""
    return bool(settings.get("report", {}).get("profile") == PUBLIC)


def in_numbers(settings: Mapping[str, Any]) -> dict[str, int]:
    """What counts are rounded to (`unit`), and the largest that is shown as 0 (`small`)."""
    unit = limits_of(settings["report"]).threshold
    return {"unit": unit, "small": largest_as_zero(unit)}


def profile_of_records(records: Mapping[str, Mapping[str, Any]]) -> str:
    """The profile that a cut's results were released by, told by the record of its results.

    Where nothing tells it, `public`: then everything is kept back that anybody may not see.
    """
    return profile_of_record(records.get("aggregate/ard.csv", {})) or PUBLIC


def profile_of_record(record: Mapping[str, Any]) -> str:
    """The profile in the settings that a file was made with; blank if its record has none."""
    return str(record.get("settings", {}).get("report", {}).get("profile", ""))


def counted_apart(settings: Mapping[str, Any]) -> str:
    """The variable whose levels are counted apart: the main comparison where figures show it; else blank.

    Counts of everyone are then sums of the levels' own, so that the two cannot be set against each other.
    """
    comparisons = settings.get("comparisons", {})
    return str(comparisons.get("main", "")) if comparisons.get("in_figures") else ""
