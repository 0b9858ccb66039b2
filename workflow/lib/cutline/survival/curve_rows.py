"""The results of one Kaplan-Meier curve: counts, quantiles, survival at landmarks, restricted means."""

from __future__ import annotations

from collections.abc import Iterator
from math import floor

import numpy as np

from cutline.ard import first_note, result
from cutline.filters import is_at_least, is_below, is_one_of
from cutline.marking import noted
from cutline.survival.choices import Choices
from cutline.survival.convention import Convention
from cutline.survival.intervals import Limits, quantile, quantile_limits, spss_quantile_limits, survival_limits
from cutline.survival.kaplan_meier import Curve
from cutline.survival.persons import NO_EVENTS, NOBODY, Persons, Row
from cutline.survival.restricted_mean import Mean, restricted_mean, spss_mean

MEDIAN = 0.5
COUNTED = ("n", "events", "censored", "events_percent", "censored_percent")
"""Who is counted rather than estimated: in a group these stand behind `km.` in the key, of everyone they do not."""
THE_MEDIAN, THE_QUANTILE = noted("median"), noted("quantile at survival of {percent:g} percent")
NOT_REACHED = noted("not estimable ({name} not reached)")
LIMIT_NOT_REACHED = noted("not estimable (the limit of the curve does not come down to {percent:g} percent)")
NO_SLOPE = noted(
    "not estimable (the standard error needs survival above 0 at the {name}, "
    "and event times with survival of at least {above:g} percent and of at most {below:g} percent)"
)
BEYOND = noted("not estimable (beyond the last time, at which a person was censored)")
NO_VARIANCE = noted("not estimable (Greenwood's variance is zero where survival is 1 and undefined where it is 0)")
FEW = noted("fewer than {limit} at risk at this time: read with caution")
HORIZON = noted("not estimable (the horizon lies beyond the largest time, which is not an event of the last at risk)")
GROUP_HORIZON = noted("not estimable (the horizon lies beyond the time up to which the curve of each group is known)")


def survival_rows(persons: Persons, choices: Choices) -> Iterator[Row]:
    """Counts, median, further quantiles, landmarks and restricted means of some persons, in this order."""
    yield from _count_rows(persons)
    common = persons.counted | {"analysis": "km"}
    for name, fields in _quantiles(persons.curve, choices).items():
        yield result(f"{persons.path}.{name}", **common | fields)
    for months in choices.landmarks_months:
        for name, fields in _landmark(persons, months, choices).items():
            yield result(f"{persons.path}.{name}", **common | {"time_months": float(months)} | fields)
    yield from _restricted_mean_rows(persons, choices)


def _count_rows(persons: Persons) -> Iterator[Row]:
    total, events = persons.curve.persons, persons.curve.event_count
    common = persons.columns | {"analysis": "km", "unit": "persons", "n": total}
    happened, censored = (persons.filter(is_one_of(persons.field("event"), flag)) for flag in (True, False))
    counts = (("n", total, persons.filter()), ("events", events, happened), ("censored", total - events, censored))
    for name, count, behind in counts:
        yield result(f"{persons.count_path}.{name}", float(count), **common, n_contributing=count, filter=behind)
    shares = common | {"unit": "percent", "note": first_note((not total, NOBODY))}
    for name, count, behind in counts[1:]:
        share = 100 * count / total if total else None
        key = f"{persons.count_path}.{name}_percent"
        yield result(key, share, **shares, n_contributing=count, filter=behind)


# ── quantiles ────────────────────────────────────────────────────────────────────────────────


def _quantiles(curve: Curve, choices: Choices) -> dict[str, Row]:
    """Columns of the median, the further quantiles and their limits, by what stands behind `km.` in the key."""
    rows = median_rows(curve, choices)
    for probability in choices.quantiles:
        # The number has a dot of its own, so that the statistic is not what follows the last dot of the key.
        found = quantile_rows(curve, probability, f"survival_{probability:g}", choices)
        rows |= {f"quantile.{name}": fields | {"statistic": name} for name, fields in found.items()}
    return rows


def median_rows(curve: Curve, choices: Choices) -> dict[str, Row]:
    """Columns of the median, its lower and its upper limit, in months."""
    return quantile_rows(curve, MEDIAN, "median", choices)


def quantile_rows(curve: Curve, probability: float, name: str, choices: Choices) -> dict[str, Row]:
    """Columns of a quantile, its lower and its upper limit, in months."""
    convention = choices.convention
    day = quantile(curve, probability, convention.quantile_rule)
    method = f"Kaplan-Meier; {convention.rule_in_words}"
    limits, interval, missing = _quantile_limits(curve, probability, day, convention)
    said = _reasons(probability)
    no_events = ((not curve.persons, NOBODY), (not curve.event_count, NO_EVENTS))
    note = first_note(*no_events, (day is None, NOT_REACHED.format(**said)))
    rows: dict[str, Row] = {name: {"value": choices.months(day), "unit": "months", "method": method, "note": note}}
    for side, limit in zip(("lower", "upper"), limits, strict=True):
        rows[f"{name}_{side}"] = {
            "value": choices.months(limit),
            "unit": "months",
            "method": f"{method}; {interval}",
            "conf_level": convention.conf_level,
            "note": first_note(*no_events, (limit is None, missing.format(**said))),
        }
    return rows


def _quantile_limits(
    curve: Curve, probability: float, day: float | None, convention: Convention
) -> tuple[Limits, str, str]:
    """The limits of the quantile in days, the method in words, and why a limit is missing if it is."""
    rule, z = convention.quantile_rule, convention.z
    if convention.median_interval == "spss":
        limits = spss_quantile_limits(curve, probability, z, rule)
        why = NOT_REACHED if day is None else NO_SLOPE
        what = "median" if probability == MEDIAN else "quantile"
        return limits, f"interval as SPSS, {what} -/+ {z:.6g} standard errors", why
    limits = quantile_limits(curve, probability, convention.median_interval, z, rule)
    return limits, f"interval by Brookmeyer-Crowley, {convention.median_interval}", LIMIT_NOT_REACHED


def _reasons(probability: float) -> Row:
    percent = 100 * probability
    name = THE_MEDIAN if probability == MEDIAN else THE_QUANTILE.format(percent=percent)
    return {"name": name, "percent": percent, "above": percent + 5, "below": percent - 5}


# ── landmarks ────────────────────────────────────────────────────────────────────────────────


def _landmark(persons: Persons, months: int, choices: Choices) -> dict[str, Row]:
    """Statistic's name and columns of S(t), its limits, the number at risk and the events until a landmark."""
    curve, days, convention = persons.curve, months * choices.days_per_month, choices.convention
    entry, name = curve.position(days), f"{months}m"
    few = first_note((curve.at_risk_at(days) < choices.landmark_minimum_at_risk, _few(choices)))
    why = first_note((not curve.persons, NOBODY), (entry is None, BEYOND), (True, few))
    estimate = None if entry is None else float(curve.survival[entry])
    common: Row = {"unit": "probability", "method": "Kaplan-Meier", "note": why}
    rows = {f"survival_{name}": common | {"value": estimate}}
    limits = survival_limits(curve, convention.survival_interval, convention.z)
    for side, limit in zip(("lower", "upper"), limits, strict=True):
        value = None if entry is None or np.isnan(limit[entry]) else float(limit[entry])
        rows[f"survival_{name}_{side}"] = common | {
            "value": value,
            "method": f"Kaplan-Meier; Greenwood's variance, {convention.survival_interval_in_words}",
            "conf_level": convention.conf_level,
            "note": first_note((entry is None, why), (value is None, NO_VARIANCE), (True, why)),
        }
    return rows | {f"at_risk_{name}": _at_risk(persons, days, few), f"events_{name}": _events(persons, days)}


def _few(choices: Choices) -> str:
    return FEW.format(limit=choices.landmark_minimum_at_risk)


def _at_risk(persons: Persons, days: float, few: str) -> Row:
    at_risk = persons.curve.at_risk_at(days)
    behind = persons.filter(is_at_least(persons.field("time_days"), days))
    return {"value": float(at_risk), "unit": "persons", "n_contributing": at_risk, "filter": behind, "note": few}


def _events(persons: Persons, days: float) -> Row:
    """Events up to the landmark; times are whole days, so that they lie before the day after it."""
    events = persons.curve.events_until(days)
    until = is_below(persons.field("time_days"), floor(days) + 1)
    behind = persons.filter(is_one_of(persons.field("event"), True), until)
    return {"value": float(events), "unit": "persons", "n_contributing": events, "filter": behind}


# ── restricted means ─────────────────────────────────────────────────────────────────────────


def _restricted_mean_rows(persons: Persons, choices: Choices) -> Iterator[Row]:
    """Restricted means up to each configured horizon and up to the largest time, each with error and limits."""
    reach, largest = persons.reach, persons.curve.largest_time
    beyond = GROUP_HORIZON if persons.group else HORIZON
    for months in choices.rmst_months:
        days = months * choices.days_per_month
        mean = None if largest is None or reach is None or days > reach else restricted_mean(persons.curve, days)
        note = first_note((largest is None, NOBODY), (mean is None, beyond))
        of_horizon: Row = {"time_months": float(months), "method": "area under the Kaplan-Meier curve to the horizon"}
        yield from mean_rows(
            f"{persons.path}.rmst_{months}m", mean, choices, persons.counted | of_horizon | {"note": note}
        )
    about: Row = {
        "time_months": choices.months(largest),
        "method": "area under the Kaplan-Meier curve to the largest time",
    }
    mean = None
    if largest is not None:
        as_spss = choices.convention.name == "spss"
        mean = spss_mean(persons.curve) if as_spss else restricted_mean(persons.curve, largest)
        about |= {"method": f"{about['method']}, as SPSS"} if as_spss else {}
    note = first_note((mean is None, NOBODY))
    yield from mean_rows(f"{persons.path}.rmst_max", mean, choices, persons.counted | about | {"note": note})


def mean_rows(path: str, mean: Mean | None, choices: Choices, common: Row) -> Iterator[Row]:
    """A restricted mean or a difference, its standard error and limits, in months; without values if there is none."""
    common = {"analysis": "rmst", "unit": "months", **common}
    yield result(path, choices.months(mean.value if mean else None), **common)
    yield result(f"{path}_se", choices.months(mean.standard_error if mean else None), **common)
    z = choices.convention.z
    common["conf_level"] = choices.convention.conf_level
    common["method"] += f"; -/+ {z:.6g} standard errors"
    for side, limit in zip(("lower", "upper"), mean.limits(z) if mean else (None, None), strict=True):
        yield result(f"{path}_{side}", choices.months(limit), **common)
