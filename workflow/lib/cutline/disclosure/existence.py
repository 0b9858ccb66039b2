"""Rows that are among the results only where the data ask for them: that they are there tells of the data.

A model that has no finite estimate is fitted a second time, a cut-point at a quartile of the persons' values is flagged
and its variable analysed as a number and as a spline, and terms are imputed only where somebody's covariate is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.disclosure.cells import Row
from cutline.variant_names import FIRTH, IMPUTED, SPLINE, WITH

ALWAYS_IMPUTED = ("n", "events", "incomplete", "imputations")
"""Of the imputed models these rows are there whatever the data are; their values are withheld."""


def is_there_by_the_data(row: Row, settings: Mapping[str, Any]) -> bool:
    """Whether a row could be missing with other data of the same study; what the study itself asks for is there."""
    variant, statistic = str(row["variant"]), str(row["statistic"])
    if variant == FIRTH:
        return True
    if variant == IMPUTED:
        return statistic not in ALWAYS_IMPUTED
    if variant.startswith(SPLINE):
        return variant.removeprefix(SPLINE) not in _declared(settings)
    if variant.startswith(WITH):
        return variant.removeprefix(WITH) not in {*_declared(settings), *_replacing(settings)}
    if statistic.startswith("cut_point"):
        return not settings["variables"][row["variable"]].get("data_driven")
    return False


def _declared(settings: Mapping[str, Any]) -> set[str]:
    """The numbers of which the study says itself that their cut-points come from its data."""
    return {str(about["inputs"][0]) for about in settings["variables"].values() if about.get("data_driven")}


def _replacing(settings: Mapping[str, Any]) -> set[str]:
    """The variables that the study puts in place of others."""
    replace = settings.get("sensitivity", {}).get("replace", {})
    return {str(name) for others in replace.values() for name in others}
