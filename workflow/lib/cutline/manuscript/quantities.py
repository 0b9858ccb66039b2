"""Results in a sentence, each number a look-up, with what belongs to it: its percentage, its interval, its noun."""

from __future__ import annotations

from cutline.display.labels import label
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import look_up

NOBODY = marked("No patient met all criteria at this data cut-off, so nothing is estimated.")
ENDS_OF_MEDIAN = ("median_lower", "median_upper")


def one_or_many(context: Context, key: str, one: str, many: str, **values: str) -> str:
    """The text that goes with the number of that key, its field `{n}`: `one` for 1, `many` for any other."""
    return tell(one if context.count(key) == 1 else many, n=look_up(key, "%d"), **values)


def count(path: str) -> str:
    """The look-up of a count."""
    return look_up(f"{path}.n", "%d")


def share(context: Context, path: str) -> str:
    """The percentage in brackets as it follows a count, ` (57.1%)`; blank where there is none."""
    return f" ({look_up(f'{path}.percent', 'percent')})" if context.has(f"{path}.percent") else ""


def interval(context: Context, lower: str, upper: str, fmt: str, in_words: bool = False) -> str:
    """The confidence interval of two keys: `95% CI 5.59–7.61`.

    It is in words for a limit that is not estimable, and where asked for, since a minus would read as the dash.
    """
    known = [context.value(key) is not None for key in (lower, upper)]
    if not any(known):
        return tell("{level}% CI not estimable", level=context.level_percent)
    low, high = (look_up(key, fmt) if context.has(key) else label("not_estimable") for key in (lower, upper))
    if not all(known):
        return tell("{level}% CI {lower} to {upper}", level=context.level_percent, lower=low, upper=high)
    if in_words:
        return tell("{level}% CI {limits}", level=context.level_percent, limits=f"{low}{label('range_word')}{high}")
    return tell("{level}% CI {lower}–{upper}", level=context.level_percent, lower=low, upper=high)


def median(context: Context, path: str, ends: tuple[str, str] = ENDS_OF_MEDIAN) -> str:
    """A median in months with its interval, or that it was not reached: `6.6 months (95% CI 5.59–7.61)`."""
    limits = _interval_of_median(context, path, ends)
    if context.value(f"{path}.median") is not None:
        return tell("{median} months ({interval})", median=look_up(f"{path}.median", "%.1f"), interval=limits)
    return tell("not reached ({interval})", interval=limits) if limits else tell("not reached")


def median_of(context: Context, endpoint: str, path: str) -> str:
    """As `median`, as a clause that names what it is of: `median overall survival was 6.6 months (95% CI …)`."""
    limits = _interval_of_median(context, path, ENDS_OF_MEDIAN)
    if context.value(f"{path}.median") is not None:
        number = look_up(f"{path}.median", "%.1f")
        return tell(
            "median {endpoint} was {median} months ({interval})", endpoint=endpoint, median=number, interval=limits
        )
    if limits:
        return tell("median {endpoint} was not reached ({interval})", endpoint=endpoint, interval=limits)
    return tell("median {endpoint} was not reached", endpoint=endpoint)


def _interval_of_median(context: Context, path: str, ends: tuple[str, str]) -> str:
    """Its interval; blank where neither the median nor a limit was reached."""
    lower, upper = (f"{path}.{end}" for end in ends)
    if all(context.value(key) is None for key in (f"{path}.median", lower, upper)):
        return ""
    return interval(context, lower, upper, "%.2f")


def hazard_ratio(context: Context, term: str, path: str, fmt: str) -> str:
    """A term of a model with its hazard ratio, interval and p-value."""
    return tell(
        "{term} (hazard ratio {ratio}, {interval}, {p})",
        term=term,
        ratio=look_up(f"{path}.hr", fmt),
        interval=interval(context, f"{path}.lower", f"{path}.upper", fmt),
        p=look_up(f"{path}.p", "p_statement"),
    )
