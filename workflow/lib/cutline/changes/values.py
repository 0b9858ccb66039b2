"""Results and their differences as texts: a number with what belongs to it, from the ARD's own columns."""

from __future__ import annotations

import math
from decimal import Decimal

from cutline.changes.differences import is_limit, limit_keys, limits_of
from cutline.display.captions import NO_BREAK_SPACE
from cutline.display.lookup import Results, Row, value_of
from cutline.display.numbers import (
    MINUS,
    amount_decimals,
    format_date,
    format_interval,
    format_number,
    format_p,
    p_statement,
    rounded,
    times_hundred,
)

ABSENT, NOT_ESTIMABLE = "–", "NE"
DECIMALS = {"persons": 0, "records": 0, "values": 0, "percent": 1, "probability": 1, "ratio": 2, "sd": 2}
LIMIT_DECIMALS = {"percent": 1, "probability": 1, "ratio": 2}
"""Decimals by unit; times and sizes have one, their limits two. Probabilities are shown as percentages."""


def is_p(row: Row) -> bool:
    return bool(row.get("statistic") == "p")


def is_ratio(row: Row) -> bool:
    return bool(row.get("unit") == "ratio")


def decimals_of(row: Row) -> int:
    """The decimals a result is shown with."""
    if row.get("analysis") in ("baseline", "selection") and row.get("unit") not in DECIMALS:
        return amount_decimals(row.get("value"))
    whole = not row.get("unit") and float(row.get("value") or 0).is_integer()
    return 0 if whole else DECIMALS.get(str(row.get("unit")), 1)


def scaled(value: float, row: Row) -> float:
    """A value on the scale it is shown on: probabilities in percent."""
    return times_hundred(value) if row.get("unit") == "probability" and not is_p(row) else value


# ── one result ───────────────────────────────────────────────────────────────────────────────


def shown(key: str, results: Results) -> str:
    """A result with its percentage, interval and p-value, as far as it has them: `53 (75.7)`, `6.6 (5.59–7.61)`."""
    row = results.get(key)
    if row is None:
        return ABSENT
    return alone(row) + _events_beside(key, results) + _beside(key, results) + _p_beside(key, results)


def alone(row: Row) -> str:
    """A result without what belongs to it."""
    if row.get("text"):
        return format_date(str(row["text"])) if row.get("unit") == "date" else str(row["text"])
    value = row.get("value")
    if value is None:
        return NOT_ESTIMABLE
    return format_p(value) if is_p(row) else format_number(scaled(value, row), decimals_of(row))


def _beside(key: str, results: Results) -> str:
    """In brackets: the limits of the result, or the percentage that its count is."""
    lower, upper = limit_keys(key, results)
    if lower and (value_of(results, lower) is not None or value_of(results, upper) is not None):
        row = results[lower]
        limits = [None if limit is None else scaled(limit, row) for limit in limits_of(key, results)]
        return f" ({format_interval(limits[0], limits[1], LIMIT_DECIMALS.get(str(row['unit']), 2), NOT_ESTIMABLE)})"
    share = results.get(percent_key(key, results), {}).get("value")
    return "" if share is None else f" ({format_number(share, 1)})"


def _events_beside(key: str, results: Results) -> str:
    events = results.get(events_key(key, results))
    return "" if events is None else f" / {alone(events)}"


def _p_beside(key: str, results: Results) -> str:
    p = value_of(results, p_key(key, results))
    return "" if p is None else f", {p_statement(p)}"


# ── what belongs to what ─────────────────────────────────────────────────────────────────────


def percent_key(key: str, results: Results) -> str:
    """The key of the percentage that this count is; blank if there is none, or it has an interval and so a row."""
    path, _, statistic = key.rpartition(".")
    name = f"{path}.percent" if statistic == "n" else f"{key}_percent"
    return name if name in results and not limit_keys(name, results)[0] else ""


def events_key(key: str, results: Results) -> str:
    """The key of the events among the persons of this count; blank if there is none, or they have a percentage."""
    name = f"{key.rpartition('.')[0]}.events"
    belongs = key.endswith(".n") and name in results and not percent_key(name, results)
    return name if belongs else ""


def p_key(key: str, results: Results) -> str:
    """The key of the p-value of a ratio; blank for any other result."""
    name = f"{key.rpartition('.')[0]}.p"
    return name if is_ratio(results.get(key, {})) and not is_limit(results[key]) and name in results else ""


def companions(key: str, results: Results) -> list[str]:
    """The keys that are shown together with this one."""
    beside = (percent_key(key, results), events_key(key, results), p_key(key, results))
    return [name for name in (*limit_keys(key, results), *beside) if name]


# ── differences ──────────────────────────────────────────────────────────────────────────────


def signed(number: Decimal, nonzero: bool = False) -> str:
    """A number with its sign; a zero has none, unless it is one by rounding only and `nonzero`."""
    if number.is_zero():
        return f"{abs(number):f}" if nonzero else "0"
    return f"{MINUS if number < 0 else '+'}{abs(number):f}"


def difference_decimals(row: Row) -> int:
    """One more than the result has, so that small pieces show; none for counts."""
    return decimals_of(row) + 1 if decimals_of(row) or row.get("unit") not in DECIMALS else 0


def difference_shown(before: Row, after: Row) -> str:
    """After minus before on the scale shown; of ratios, after divided by before (`×1.08`); nothing for p-values."""
    first, last = before.get("value"), after.get("value")
    if first is None or last is None or is_p(after) or before.get("unit") != after.get("unit"):
        return ""
    if is_ratio(after):
        return factor(math.log(last / first)) if min(first, last) > 0 else ""
    change = scaled(last, after) - scaled(first, after)
    decimals = max(difference_decimals(before), difference_decimals(after))
    return signed(rounded(change, decimals), nonzero=change != 0)


def factor(log_ratio: float) -> str:
    """A step on the log scale as what it multiplies by: `×1.08`."""
    return f"×{NO_BREAK_SPACE}{format_number(math.exp(log_ratio), 3)}"
