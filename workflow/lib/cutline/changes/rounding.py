"""Rounding of pieces so that what is printed adds up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from cutline.display.numbers import rounded

NOISE = 9
"""Decimals of a unit beyond which two remainders are equal: the last bits differ between machines."""


def apportioned(pieces: Sequence[float], total: float, decimals: int) -> list[Decimal]:
    """The pieces with that many decimals, adding up to the rounded total: largest remainders (Hamilton's method).

    Every piece is rounded down; the units that are then missing go to the pieces that lost most, the earlier first
    where two lost the same. So each is off by less than one unit, and one that is zero stays zero. `pieces` must add up
    to `total` but for binary noise.
    """
    unit = Decimal(1).scaleb(-decimals)
    exact = [Decimal(repr(float(piece))) for piece in pieces]
    floors = [(piece / unit).to_integral_value(ROUND_FLOOR) for piece in exact]
    missing = int(rounded(total, decimals) / unit - sum(floors))
    lost = sorted(range(len(exact)), key=lambda place: (round(floors[place] - exact[place] / unit, NOISE), place))
    for place in lost[:missing]:
        floors[place] += 1
    return [abs(floor * unit) if floor == 0 else (floor * unit).quantize(unit) for floor in floors]


def outward(low: float, high: float, decimals: int) -> tuple[Decimal, Decimal]:
    """A range with that many decimals, rounded so that it holds every apportioned piece between its ends.

    Apportioning gives the next lower or the next higher number, not always the nearest: so the lower end is rounded
    down and the upper one up. What is a number of units but for binary noise is that number.
    """
    unit = Decimal(1).scaleb(-decimals)
    units = [round(Decimal(repr(float(end))) / unit, NOISE) for end in (low, high)]
    ends = [end.to_integral_value(way) * unit for end, way in zip(units, (ROUND_FLOOR, ROUND_CEILING), strict=True)]
    first, last = (abs(end) if end.is_zero() else end.quantize(unit) for end in ends)
    return first, last
