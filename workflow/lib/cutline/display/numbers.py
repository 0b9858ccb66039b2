"""The one rounding rule, and every way a number is printed.

Rounding is half away from zero on the shortest decimal text of the number (its `repr`): 14.25 prints
as 14.3 and 2.675 as 2.68. Python's own formatting rounds the binary value instead (14.2 and 2.67),
so it is never used for results.

A p-value prints as `<0.001` below 0.001, with three decimals below 0.1, with two from 0.1 on and as
`>0.99` above 0.99: three decimals around 0.05 keep 0.046 and 0.049 apart from 0.05.

A median, quartile or extreme of a measured characteristic (age, months, size) prints with one decimal, and with
none if it is a whole number: a median age of 51 with quartiles 46–67.3. Data with two decimals keep them. A mean and
its standard deviation have one decimal, or as many as the data.

A percentage has one decimal; of fewer than 20 persons none, where one person more or less is five percent or more.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

from cutline.display.labels import label
from cutline.errors import ReportError
from cutline.languages import with_decimal_sign

MINUS = "\u2212"
FORMATS = ("%.<decimals>f", "%d", "percent", "p", "p_statement", "date", "%s")
_WIDE = Context(prec=700)  # quantize needs every digit of the largest float, 1.8e308, and the decimals after it
_DECIMALS = re.compile(r"%\.(\d+)f")


def is_known(value: float | None) -> bool:
    """Whether there is a finite number to print."""
    return value is not None and value == value and math.isfinite(value)


def rounded(value: float, decimals: int) -> Decimal:
    """The number rounded half away from zero on the decimal text of its repr; never minus zero."""
    exact = Decimal(repr(value if isinstance(value, int) else float(value)))
    cut = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP, context=_WIDE)
    return abs(cut) if cut.is_zero() else cut


def format_number(value: float | None, decimals: int, missing: str = "") -> str:
    """The number with that many decimals and a typographic minus; `missing` or its word for None, NaN, infinity."""
    if value is None or not is_known(value):
        return missing or label("not_estimable")
    return with_decimal_sign(f"{rounded(value, decimals):f}".replace("-", MINUS))


def format_amount(value: float | None, missing: str = "") -> str:
    """A value of a measured characteristic: one decimal, none if it is whole; `missing` as in `format_number`."""
    return format_number(value, amount_decimals(value), missing)


def amount_decimals(value: float | None) -> int:
    """The decimals of a measured characteristic's value: none if it is whole but for binary noise, else one."""
    if value is None or not is_known(value):
        return 1
    return 0 if rounded(value, 9) == rounded(value, 0) else 1


SMALL = 20
"""Percentages of fewer persons have no decimals."""


def percent_decimals(n: int | None) -> int:
    """The decimals of a percentage of so many persons."""
    return 0 if n is not None and n < SMALL else 1


def data_decimals(values: Iterable[float | None]) -> int:
    """The decimals of the data, 0 to 2, by some of their values; more are of a computed number and count as 1."""
    known = [value for value in values if value is not None and is_known(value)]
    most = max((_decimals(value) for value in known), default=1)
    return most if most <= 2 else 1


def _decimals(value: float) -> int:
    exponent = rounded(value, 9).normalize(_WIDE).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def format_datum(value: float | None, decimals: int, missing: str = "") -> str:
    """A value of a characteristic whose data have so many decimals: as `format_amount`, with two if they have two."""
    return format_number(value, 2, missing) if decimals == 2 else format_amount(value, missing)


def format_p(value: float | None, missing: str = "") -> str:
    """A p-value in the style of this module; `missing` if there is none."""
    if value is None or not is_known(value):
        return missing or label("not_estimable")
    if value < 0.001:
        return with_decimal_sign("<0.001")
    if value > 0.99:
        return with_decimal_sign(">0.99")
    return format_number(value, 3 if value < 0.1 else 2)


def p_statement(value: float | None, missing: str = "") -> str:
    """The p-value with its sign of relation, as in a sentence: `p = 0.031`, `p < 0.001`, unbroken over lines."""
    text = format_p(value, missing)
    if text[0] in "<>":
        return f"p\u00a0{text[0]}\u00a0{text[1:]}"
    return f"p\u00a0=\u00a0{text}" if text[0].isdigit() else f"p {text}"


def format_interval(lower: float | None, upper: float | None, decimals: int, missing: str = "") -> str:
    """Both limits with an en dash between, or the word `to` where a minus sign would read as a dash."""
    return _joined([format_number(limit, decimals, missing or label("ne")) for limit in (lower, upper)])


def format_range(lower: float | None, upper: float | None, missing: str = "", decimals: int = 1) -> str:
    """Two values of a characteristic whose data have so many decimals, joined as the limits of an interval are."""
    return _joined([format_datum(limit, decimals, missing or label("ne")) for limit in (lower, upper)])


def _joined(limits: list[str]) -> str:
    joint = "range_word" if any(limit.startswith(MINUS) for limit in limits) else "range_separator"
    return label(joint).join(limits)


def format_count(n: float | None, percent: float | None, missing: str = "", decimals: int = 1) -> str:
    """A count with its percentage, `53 (75.7)`; the count alone where no percentage exists."""
    share = f" ({format_number(percent, decimals)})" if is_known(percent) else ""
    return format_number(n, 0, missing or label("ne")) + share


def format_date(iso: str) -> str:
    """An ISO date in words: 2020-03-05 is 5 March 2020."""
    day = date.fromisoformat(iso)
    return label("date", day=day.day, month=label("months").split()[day.month - 1], year=day.year)


def format_result(source: Mapping[str, Any] | float | None, fmt: str = "%s") -> str:
    """A result as a reader sees it.

    `source` is a row of the ARD or a bare number. `fmt` is `%.1f` (any number of decimals), `%d`,
    `percent` (one decimal and the sign; a probability of the ARD is multiplied by 100, exactly), `p`,
    `p_statement`, `date` or `%s` (the row's text, or the number unrounded).
    None, NaN and infinite values print as `not estimable`.
    Raises ReportError for any other format.
    """
    row = source if isinstance(source, Mapping) else {"value": source}
    value = row.get("value")
    decimals = _DECIMALS.fullmatch(fmt)
    if decimals:
        return format_number(value, int(decimals[1]))
    match fmt:
        case "%d":
            return format_number(value, 0)
        case "percent":
            return _percent(value, str(row.get("unit", "")))
        case "p":
            return format_p(value)
        case "p_statement":
            return p_statement(value)
        case "date":
            return format_date(str(row["text"])) if row.get("text") else label("not_estimable")
        case "%s":
            return _plain(row)
    raise ReportError(f"number format {fmt!r} is unknown; use one of {', '.join(FORMATS)}")


def times_hundred(probability: float) -> float:
    """A probability as a percentage, without the binary noise of `100 * 0.285`, which is 28.499999999999996."""
    return float(Decimal(repr(float(probability))).scaleb(2))


def _percent(value: float | None, unit: str) -> str:
    if value is None or not is_known(value):
        return label("not_estimable")
    share = times_hundred(value) if unit == "probability" else value
    return label("percent", value=format_number(share, 1))


def _plain(row: Mapping[str, Any]) -> str:
    """The row's text if it has one, else its number with the digits it has."""
    if row.get("text"):
        return str(row["text"])
    value = row.get("value")
    if value is None or not is_known(value):
        return label("not_estimable")
    return with_decimal_sign(f"{_WIDE.normalize(Decimal(repr(float(value)))):f}".replace("-", MINUS))
