"""Confidence levels as a reader sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display.numbers import times_hundred
from cutline.languages import with_decimal_sign


def level_of(settings: Mapping[str, Any]) -> str:
    """The level of the study's intervals in percent: 0.95 is 95, 0.975 is 97.5."""
    return level_percent(settings["statistics"]["conf_level"])


def level_percent(level: float) -> str:
    """A confidence level in percent, with all its digits: rounded, 97.5 would be told as another level."""
    return with_decimal_sign(f"{times_hundred(level):g}")
