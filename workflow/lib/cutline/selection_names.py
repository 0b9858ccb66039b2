"""How results of the comparison of included and excluded persons are named, for who makes and who shows them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.marking import noted

REMOVED, REMAINED = SIDES = ("removed", "remaining")
DECIDED = noted("the criterion itself decides on it")


def side_path(criterion: str, side: str) -> str:
    """Where the keys of one side of a step start."""
    return f"selection.{criterion}={side}"


def size_key(criterion: str, side: str) -> str:
    """The number of persons on one side of a step."""
    return f"{side_path(criterion, side)}.n"


def smd_key(criterion: str, variable: str) -> str:
    """The standardised difference of both sides in one variable."""
    return f"selection.{criterion}.{variable}.smd"


def variables_compared(settings: Mapping[str, Any]) -> list[str]:
    """The variables of `selection`; without a list those of the baseline table."""
    return list(settings["selection"].get("variables", settings["baseline"]["variables"]))
