"""Counts as multiples of a base, so that every published one leaves at least `base` possible values."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate


def rounded(count: int, base: int) -> int:
    """The nearest multiple of the base, ties upwards; 0 where that would be the base itself.

    Below the second multiple classes of their own would have fewer than `base` members: 0 to 2 and 3 to 7 of base 5.
    Together they are 0 to 7. A function of the count alone that never falls: two cuts that count the same show the
    same, and what is part of another count never shows more than it.
    """
    nearest = (count + base // 2) // base * base
    return nearest if nearest > base else 0


def possible(shown: int, base: int) -> tuple[int, int]:
    """The least and the largest count that `rounded` gives so."""
    half = base // 2
    return (0 if shown == 0 else shown - half), (2 * base if shown == 0 else shown + base) - half - 1


def rounded_parts(parts: Iterable[int], base: int) -> list[int]:
    """Parts of a whole, of which not they but their running sums are rounded: so they add up to the rounded whole.

    Each sum is free to be anything its rounding allows, whatever the others are but for their order: the sums of parts
    tell nothing that they do not tell alone.
    """
    sums = [0, *(rounded(total, base) for total in accumulate(parts))]
    return [after - before for before, after in zip(sums, sums[1:], strict=False)]


def decimals(value: float, places: int) -> float:
    """The number with so many decimals, half away from zero on its decimal text."""
    return float(Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP))


def significant(value: float, digits: int = 2) -> float:
    """The number with so many significant digits."""
    exact = Decimal(repr(value))
    return float(exact) if exact.is_zero() else decimals(value, digits - 1 - exact.adjusted())
