"""Numbers as a publication prints them. No pandas."""

from __future__ import annotations

from decimal import Decimal

APPROXIMATE = 2.5
"""What "approximately" allows, in percentage points."""


def slack_of(text: str, approximate: bool = False) -> float:
    """How far from a printed number the one behind it may lie: half a unit of the last digit, both ends included."""
    half_a_unit = Decimal(1).scaleb(int(Decimal(text).as_tuple().exponent)) / 2
    return APPROXIMATE if approximate else float(half_a_unit)
