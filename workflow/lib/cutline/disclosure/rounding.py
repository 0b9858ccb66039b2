"""Counts as multiples of a unit, in classes so wide that relations between them leave enough possible values."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate, pairwise


def largest_as_zero(unit: int) -> int:
    """The largest count that is shown as 0: up to here and from here to the second multiple are about as many."""
    return (3 * unit // 2 - 1) // 2


def rounded(count: int, unit: int) -> int:
    """The nearest multiple of the unit, ties upwards; 0 for small counts, and the unit at least for all others.

    A function of the count alone that never falls: two cuts that count the same show the same, and what is part of
    another count never shows more than it. A unit of 1 changes nothing.
    """
    if count <= largest_as_zero(unit):
        return 0
    return max(unit, (count + unit // 2) // unit * unit)


def possible(shown: int, unit: int) -> tuple[int, int]:
    """The least and the largest count that `rounded` gives so."""
    lowest = 0 if not shown else largest_as_zero(unit) + 1 if shown == unit else shown - unit // 2
    return lowest, largest_as_zero(unit) if not shown else shown + (unit + 1) // 2 - 1


def rounded_parts(parts: Iterable[int], unit: int) -> list[int]:
    """Parts of a whole, of which not they but their running sums are rounded: so they add up to the rounded whole.

    Each sum is free to be anything its rounding allows, whatever the others are but for their order: the sums of parts
    tell nothing that they do not tell alone.
    """
    sums = [0, *(rounded(total, unit) for total in accumulate(parts))]
    return [after - before for before, after in pairwise(sums)]


def decimals(value: float, places: int) -> float:
    """The number with so many decimals, half away from zero on its decimal text, as `display.numbers` prints it.

    Not taken from there: what is released must not be made again because something is worded anew.
    """
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def significant(value: float, digits: int = 2) -> float:
    """The number with so many significant digits."""
    exact = Decimal(repr(value))
    return float(exact) if exact.is_zero() else decimals(value, digits - 1 - exact.adjusted())
