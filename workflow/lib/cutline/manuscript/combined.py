"""Results of several numbers under one format: a count with its percentage, an estimate with its interval, a range.

Each number of them stays a look-up of its own, so that every one of them can be followed to its source.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from cutline.display.labels import label
from cutline.display.lookup import limit_keys
from cutline.display.numbers import MINUS, format_number, percent_decimals
from cutline.errors import ReportError
from cutline.languages import tell
from cutline.manuscript.context import Context

COMBINED = ("n (percent)", "interval", "interval %.<decimals>f", "%.<decimals>f (interval)", "percent (interval)",
            "range", "quartiles", "%.<decimals>f (range)", "%.<decimals>f (quartiles)")  # fmt: skip
LookUp = Callable[[str, str], str]
_NUMBER = r"%\.\d+f|percent"
_INTERVAL = re.compile(rf"(?:(?P<estimate>{_NUMBER}) \()?interval(?: (?P<limits>{_NUMBER}))?(?P<close>\))?")
_SPREAD = re.compile(rf"(?:(?P<middle>{_NUMBER}) \()?(?P<spread>range|quartiles)(?P<close>\))?")
ENDS = {"range": ("min", "max"), "quartiles": ("q1", "q3")}
SHARES = ("percent", "probability")


def combined(key: str, fmt: str, context: Context, look_up: LookUp) -> str | None:
    """The text of a result in one of the formats `COMBINED`; None if the format is none of them.

    `key` is the path of `n (percent)` and of a spread (`response.orr`, `baseline.age`), else that of the estimate;
    `look_up` gives the text of one number. Raises ReportError for a part that is not among the results.
    """
    if fmt == "n (percent)":
        return _count(key, context, look_up)
    interval, spread = _INTERVAL.fullmatch(fmt), _SPREAD.fullmatch(fmt)
    if interval and bool(interval["estimate"]) == bool(interval["close"]):
        limits = _interval(key, interval["limits"], context, look_up)
        return f"{look_up(key, interval['estimate'])} ({limits})" if interval["estimate"] else limits
    if spread and bool(spread["middle"]) == bool(spread["close"]):
        ends = _spread(key, ENDS[spread["spread"]], spread["middle"] or "%.1f", context, look_up)
        return f"{look_up(f'{key}.median', spread['middle'])} ({ends})" if spread["middle"] else ends
    return None


def _count(path: str, context: Context, look_up: LookUp) -> str:
    """As in the tables: of few persons a percentage has no decimals."""
    share = context.row(f"{path}.percent")
    if share["value"] is None:
        return look_up(f"{path}.n", "%d")
    percent = look_up(f"{path}.percent", f"%.{percent_decimals(share['n'])}f")
    return f"{look_up(f'{path}.n', '%d')} ({label('percent', value=percent)})"


def _interval(key: str, fmt: str | None, context: Context, look_up: LookUp) -> str:
    """With the level of the study's intervals, which no section may type: `95% CI 5.59–7.61`."""
    limits = limit_keys(context.results, key)
    if limits is None:
        raise ReportError(f"result {key!r}: there is no interval of it among the results")
    named = fmt or ("percent" if context.row(key)["unit"] in SHARES else "%.2f")
    joined = _joined([(each, named) for each in limits], context, look_up)
    return tell("{level}% CI {limits}", level=context.level_percent, limits=joined)


def _spread(path: str, ends: tuple[str, str], fmt: str, context: Context, look_up: LookUp) -> str:
    return _joined([(f"{path}.{end}", fmt) for end in ends], context, look_up)


def _joined(ends: list[tuple[str, str]], context: Context, look_up: LookUp) -> str:
    """Two numbers with a dash between; `to` where one is below zero or not estimable; one word where neither is."""
    values = [context.row(key)["value"] for key, _ in ends]
    if all(value is None for value in values):
        return label("not_estimable")
    plain = all(value is not None and not format_number(value, 2).startswith(MINUS) for value in values)
    return label("range_separator" if plain else "range_word").join(look_up(key, fmt) for key, fmt in ends)
