"""Checks of intervals, rates and survival at a time."""

from __future__ import annotations

import math
from collections.abc import Iterator

from cutline.consistency.account import (
    ERROR,
    EXACT,
    NOTE,
    ON_EVENT_TIMES,
    ON_LOG_SCALE,
    SYMMETRIC,
    WARNING,
    Account,
    Checked,
    Interval,
    Landmark,
    Printed,
    joined,
    shown,
)
from cutline.marking import noted
from cutline.printed import APPROXIMATE

OUTSIDE = noted("The interval {lower} to {upper} does not hold its estimate {estimate}.")
ROUNDED = noted(
    "The centre of the interval is {centre}, not {estimate}: the estimate was rounded to fewer digits than its limits, "
    "and lies between {low} and {high}. Rounding alone."
)
ASYMMETRIC = noted(
    "By the stated method the interval is symmetric, but its centre is {centre} and the estimate {estimate}: another "
    "method, or a misprint."
)
NO_GEOMETRIC_MEAN = noted(
    "By the stated method the estimate is the geometric mean of its limits, which is {centre}, not {estimate}."
)
NO_TIME_OF_EVENT = noted("By the stated method both limits are times at which an event happened; {limits} is none.")
WITHOUT_INTERVAL = noted("{percent}% is an outcome and printed without an interval.")
NUMBER_AT_RISK = noted(
    "{percent}% at {months} months is printed without the number at risk: how many it rests on cannot be told."
)
NUMBER_AT_RISK_AND_INTERVAL = noted(
    "{percent}% at {months} months is printed without the number at risk and without an interval: how many it rests on "
    "cannot be told."
)
CRUDE = noted(
    "{percent}% is the crude share of those without an event ({crude}%), which is not the Kaplan-Meier estimate where "
    "persons are censored earlier."
)
WORDED_AS_SHARE = noted(
    "{percent}% at {months} months can only be a Kaplan-Meier estimate: the crude share without an event is {crude}%. "
    "It is worded as a share of the patients."
)


def interval_of_its_method(account: Account) -> Iterator[Checked]:
    """An interval encloses its estimate, and is what its stated method makes of one.

    SPSS's of a median is symmetric on the time scale, Wald's of a ratio on the log scale; the limits of Brookmeyer and
    Crowley's are event times. An estimate that is printed with fewer digits than its limits may lie off their centre
    by its own rounding, which is a note.
    """
    for interval in account.intervals:
        yield _judged(interval)


def _judged(interval: Interval) -> Checked:
    lower, estimate, upper = interval.lower, interval.estimate, interval.upper
    if not (_reaches(lower, estimate) and _reaches(estimate, upper)):
        limits = f"{lower.text} to {upper.text}"
        meaning = OUTSIDE.format(lower=lower.text, upper=upper.text, estimate=estimate.text)
        return _said(interval, False, ERROR, estimate.text, limits, meaning)
    match interval.kind:
        case kind if kind == SYMMETRIC:
            return _symmetric(interval)
        case kind if kind == ON_LOG_SCALE and lower.value > 0:
            return _symmetric_on_log_scale(interval)
        case kind if kind == ON_EVENT_TIMES and interval.event_times:
            return _on_event_times(interval)
        case _:
            return _said(interval, True, ERROR, estimate.text, f"{lower.text} to {upper.text}", "")


def _reaches(smaller: Printed, larger: Printed) -> bool:
    return smaller.value - smaller.slack <= larger.value + larger.slack + EXACT


def _symmetric(interval: Interval) -> Checked:
    lower, estimate, upper = interval.lower, interval.estimate, interval.upper
    centre, slack = (lower.value + upper.value) / 2, (lower.slack + upper.slack) / 2
    holds = abs(centre - estimate.value) <= slack + EXACT
    if estimate.agrees(centre, slack):
        low, high = (shown(round(centre + side * slack, 6)) for side in (-1, 1))
        meaning = ROUNDED.format(centre=shown(centre), estimate=estimate.text, low=low, high=high)
        return _said(interval, holds, NOTE, estimate.text, shown(centre), meaning)
    meaning = ASYMMETRIC.format(centre=shown(centre), estimate=estimate.text)
    return _said(interval, holds, ERROR, estimate.text, shown(centre), meaning)


def _symmetric_on_log_scale(interval: Interval) -> Checked:
    lower, estimate, upper = interval.lower, interval.estimate, interval.upper
    centre = math.sqrt(lower.value * upper.value)
    slack = centre * (lower.slack / lower.value + upper.slack / upper.value) / 2
    meaning = NO_GEOMETRIC_MEAN.format(centre=shown(centre), estimate=estimate.text)
    return _said(interval, estimate.agrees(centre, slack), ERROR, estimate.text, shown(centre), meaning)


def _on_event_times(interval: Interval) -> Checked:
    limits = (interval.lower, interval.upper)
    off = [limit.text for limit in limits if not any(limit.agrees(time, EXACT * time) for time in interval.event_times)]
    meaning = NO_TIME_OF_EVENT.format(limits=joined(off))
    found = " and ".join(off or [limit.text for limit in limits])
    return _said(interval, not off, ERROR, found, "times of events", meaning)


def _said(interval: Interval, holds: bool, severity: str, found: str, expected: str, meaning: str) -> Checked:
    return Checked(interval.key, holds, severity, found, expected, meaning, interval.section)


def rate_has_interval(account: Account) -> Iterator[Checked]:
    """A proportion that is an outcome is printed with its interval."""
    for rate in account.rates:
        yield Checked(
            rate.key,
            rate.has_interval,
            WARNING,
            found=rate.percent.text,
            expected="a confidence interval",
            meaning=WITHOUT_INTERVAL.format(percent=rate.percent.text),
            section=rate.section,
        )


def landmark_has_number_at_risk(account: Account) -> Iterator[Checked]:
    """Survival at a time is printed with how many were still at risk then."""
    for each in account.landmarks:
        meaning = NUMBER_AT_RISK if each.interval_given else NUMBER_AT_RISK_AND_INTERVAL
        yield Checked(
            each.key,
            each.at_risk_given,
            WARNING,
            found=each.percent.text,
            expected="persons at risk",
            meaning=meaning.format(percent=each.percent.text, months=each.months),
            section=each.section,
        )


def crude_and_estimated_kept_apart(account: Account) -> Iterator[Checked]:
    """Where some are censored, survival at a time is neither the crude share without an event nor worded as one."""
    for each in account.landmarks:
        if each.censored:
            severity, meaning = _confused(each)
            crude = f"crude {each.crude_percent:.1f}"
            yield Checked(each.key, not meaning, severity, each.percent.text, crude, meaning, each.section)


def _confused(each: Landmark) -> tuple[str, str]:
    if each.percent.slack < APPROXIMATE and each.percent.agrees(each.crude_percent):
        return ERROR, CRUDE.format(percent=each.percent.text, crude=f"{each.crude_percent:.1f}")
    if each.of_patients:
        crude = f"{each.crude_percent:.1f}"
        return WARNING, WORDED_AS_SHARE.format(percent=each.percent.text, months=each.months, crude=crude)
    return WARNING, ""
