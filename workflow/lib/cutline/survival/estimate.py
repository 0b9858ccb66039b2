"""Time-to-event endpoints as results: medians, landmarks, comparisons, follow-up, and the curves.

Days are integers to the end; only the values of the rows are in months.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from cutline.analysis_set import levels_of, members, times_of
from cutline.ard import result, results_table
from cutline.filters import Clause, Condition, filter_text, is_at_least, is_known, is_one_of
from cutline.survival.intervals import (
    SPSS_Z,
    Limits,
    quantile,
    quantile_limits,
    spss_quantile_limits,
    survival_limits,
)
from cutline.survival.kaplan_meier import Curve, product_limit
from cutline.survival.logrank import log_rank
from cutline.survival.times import time_rows
from cutline.tables.results import CURVES
from cutline.tables.spec import conform, empty

Row = dict[str, Any]
MEDIAN = 0.5
QUANTILE_RULE = "left end of a step at the quantile"
NOBODY = "not estimable (no persons)"
NO_EVENTS = "not estimable (no events)"
NOT_REACHED = "not estimable (median not reached)"
LIMIT_NOT_REACHED = "not estimable (the limit of the curve does not come down to 50 percent)"
NO_SLOPE = (
    "not estimable (the standard error needs survival above 0 at the median, "
    "and event times with survival of at least 55 percent and of at most 45 percent)"
)
BEYOND = "not estimable (beyond the last time, at which a person was censored)"
NO_VARIANCE = "not estimable (Greenwood's variance is zero where survival is 1 and undefined where it is 0)"
NOBODY_CENSORED = "not estimable (nobody was censored: everyone was followed to the event)"


@dataclass(frozen=True)
class Convention:
    """The methods that the study's `statistics` section names."""

    conf_level: float
    days_per_month: float
    median_interval: str
    survival_interval: str
    landmarks_months: tuple[int, ...]

    @property
    def z(self) -> float:
        return NormalDist().inv_cdf((1 + self.conf_level) / 2)

    @property
    def spss_z(self) -> float:
        """SPSS computes its 95 % interval with 1.96, not with the normal quantile."""
        return SPSS_Z if self.conf_level == 0.95 else self.z


@dataclass(frozen=True)
class Persons:
    """Whom a set of rows is about: the endpoint, and one group of it or (group blank) everyone."""

    endpoint: str
    curve: Curve
    group: str = ""
    group_level: str = ""
    members: Clause = ()

    @property
    def path(self) -> str:
        return f"{self.endpoint}.km" + (f".{self.group}={self.group_level}" if self.group else "")

    @property
    def count_path(self) -> str:
        return self.path if self.group else self.endpoint

    @property
    def columns(self) -> Row:
        return {"endpoint": self.endpoint, "group": self.group, "group_level": self.group_level}

    @property
    def who(self) -> Clause:
        """Who they are, as a condition of the results' filter: everyone of the endpoint, or those of the group."""
        return (*self.members, *((is_one_of(self.group, self.group_level),) if self.group else ()))

    def filter(self, *contributing: Condition) -> str:
        return filter_text(self.who, contributing) if contributing else filter_text(self.who)

    def field(self, column: str) -> str:
        return f"endpoints.{self.endpoint}.{column}"


# ── the rule ─────────────────────────────────────────────────────────────────────────────────


def estimate_survival(*, settings: dict[str, Any], endpoints: pd.DataFrame, covariates: pd.DataFrame) -> dict[str, Any]:
    """Kaplan-Meier results for every endpoint of the study, overall and by its comparison variables.

    Returns `ard` (rows in the order endpoint, counts and curve overall and per level, log-rank; then
    follow-up) and `curves_<endpoint>` per endpoint. A `descriptive` endpoint, which nobody is censored for, has median,
    quartiles and range instead, and no curve. Medians and their limits are in months, survival is a
    probability. What cannot be estimated is a row without value whose note says why; persons whose
    comparison variable is unknown are in the overall results only, and counted in the log-rank's note.
    """
    convention = _convention(settings["statistics"])
    rows: list[Row] = []
    curves: dict[str, pd.DataFrame] = {}
    for endpoint, definition in settings["endpoints"].items():
        times = times_of(endpoints, endpoint)
        if definition.get("descriptive"):
            rows += time_rows(endpoint, times, members(endpoint, definition), convention.days_per_month)
            continue
        groups = _groups(covariates, times.index, settings)
        everyone = [_everyone(endpoint, times, settings), *_by_level(endpoint, times, groups, settings)]
        rows += [row for persons in everyone for row in _survival_rows(persons, convention)]
        rows += _log_rank_rows(endpoint, times, groups, settings)
        curves[f"curves_{endpoint}"] = _curves_table(everyone, convention)
    followed = settings["follow_up_endpoint"]
    rows += _follow_up_rows(times_of(endpoints, followed), followed, convention)
    return {"ard": results_table(rows, "estimate_survival")} | curves


def overall_rows(endpoint: str, times: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """The Kaplan-Meier rows of everybody in `times` (as `times_of`): counts, median, landmarks."""
    return list(_survival_rows(_everyone(endpoint, times, settings), _convention(settings["statistics"])))


def _everyone(endpoint: str, times: pd.DataFrame, settings: Mapping[str, Any]) -> Persons:
    curve = product_limit(times["time_days"], times["event"])
    return Persons(endpoint, curve, members=members(endpoint, settings["endpoints"][endpoint]))


def _convention(statistics: Mapping[str, Any]) -> Convention:
    return Convention(
        conf_level=statistics["conf_level"],
        days_per_month=statistics["days_per_month"],
        median_interval=statistics["median_interval"],
        survival_interval=statistics["survival_interval"],
        landmarks_months=tuple(statistics["landmarks_months"]),
    )


def _groups(covariates: pd.DataFrame, persons: pd.Index, settings: Mapping[str, Any]) -> dict[str, pd.Series]:
    """Per comparison variable, the main one first, each person's level."""
    comparisons = settings.get("comparisons", {})
    named = [comparisons.get("main"), *comparisons.get("others", [])]
    levels = settings["variables"]
    return {name: levels_of(covariates, name, persons, list(levels[name]["levels"])) for name in named if name}


def _by_level(
    endpoint: str, times: pd.DataFrame, groups: Mapping[str, pd.Series], settings: Mapping[str, Any]
) -> Iterator[Persons]:
    whose = members(endpoint, settings["endpoints"][endpoint])
    for variable, found in groups.items():
        for level in settings["variables"][variable]["levels"]:
            inside = times[(found == level).to_numpy(dtype=bool)]
            yield Persons(endpoint, product_limit(inside["time_days"], inside["event"]), variable, level, whose)


# ── Kaplan-Meier rows ────────────────────────────────────────────────────────────────────────


def _survival_rows(persons: Persons, convention: Convention) -> Iterator[Row]:
    yield from _count_rows(persons)
    common = persons.columns | {"analysis": "km", "n": persons.curve.persons, "n_contributing": persons.curve.persons}
    common["filter"] = persons.filter()
    names = ("median", "median_lower", "median_upper")
    for name, fields in zip(names, _median(persons.curve, convention), strict=True):
        yield result(f"{persons.path}.{name}", **common | fields)
    for months in convention.landmarks_months:
        for name, fields in _landmark(persons, months, convention).items():
            yield result(f"{persons.path}.{name}", **common | {"time_months": float(months)} | fields)


def _count_rows(persons: Persons) -> Iterator[Row]:
    total, events = persons.curve.persons, persons.curve.event_count
    common = persons.columns | {"analysis": "km", "unit": "persons", "n": total}
    happened, censored = (persons.filter(is_one_of(persons.field("event"), flag)) for flag in (True, False))
    counts = (("n", total, persons.filter()), ("events", events, happened), ("censored", total - events, censored))
    for name, count, behind in counts:
        yield result(f"{persons.count_path}.{name}", float(count), **common, n_contributing=count, filter=behind)
    shares = common | {"unit": "percent", "note": _first_note((not total, NOBODY))}
    for name, count, behind in counts[1:]:
        share = 100 * count / total if total else None
        key = f"{persons.count_path}.{name}_percent"
        yield result(key, share, **shares, n_contributing=count, filter=behind)


def _median(curve: Curve, convention: Convention) -> list[Row]:
    """Columns of the median, its lower and its upper limit."""
    median = quantile(curve, MEDIAN)
    method = f"Kaplan-Meier; {QUANTILE_RULE}"
    limits, interval, missing = _median_limits(curve, convention)
    no_events = ((not curve.persons, NOBODY), (not curve.event_count, NO_EVENTS))
    rows: list[Row] = [
        {"value": median, "method": method, "note": _first_note(*no_events, (median is None, NOT_REACHED))}
    ]
    rows += [
        {
            "value": limit,
            "method": f"{method}; {interval}",
            "conf_level": convention.conf_level,
            "note": _first_note(*no_events, (limit is None, missing)),
        }
        for limit in limits
    ]
    return [row | {"value": _months(row["value"], convention), "unit": "months"} for row in rows]


def _median_limits(curve: Curve, convention: Convention) -> tuple[Limits, str, str]:
    """The limits in days, the method in words, and why a limit is missing if it is."""
    if convention.median_interval == "spss":
        limits = spss_quantile_limits(curve, MEDIAN, convention.spss_z)
        why = NOT_REACHED if quantile(curve, MEDIAN) is None else NO_SLOPE
        return limits, f"interval as SPSS, median -/+ {convention.spss_z:.6g} standard errors", why
    limits = quantile_limits(curve, MEDIAN, convention.median_interval, convention.z)
    return limits, f"interval by Brookmeyer-Crowley, {convention.median_interval}", LIMIT_NOT_REACHED


def _landmark(persons: Persons, months: int, convention: Convention) -> dict[str, Row]:
    """Statistic's name and columns of S(t), its limits and the number at risk at a landmark."""
    curve, days = persons.curve, months * convention.days_per_month
    entry = curve.position(days)
    name = f"{months}m"
    why = _first_note((not curve.persons, NOBODY), (entry is None, BEYOND))
    estimate = None if entry is None else float(curve.survival[entry])
    common: Row = {"unit": "probability", "method": "Kaplan-Meier", "note": why}
    rows = {f"survival_{name}": common | {"value": estimate}}
    limits = survival_limits(curve, convention.survival_interval, convention.z)
    for side, limit in zip(("lower", "upper"), limits, strict=True):
        value = None if entry is None or np.isnan(limit[entry]) else float(limit[entry])
        rows[f"survival_{name}_{side}"] = common | {
            "value": value,
            "method": f"Kaplan-Meier; Greenwood's variance, {convention.survival_interval}",
            "conf_level": convention.conf_level,
            "note": why or _first_note((value is None, NO_VARIANCE)),
        }
    return rows | {f"at_risk_{name}": _at_risk(persons, days)}


def _at_risk(persons: Persons, days: float) -> Row:
    at_risk = persons.curve.at_risk_at(days)
    behind = persons.filter(is_at_least(persons.field("time_days"), days))
    return {"value": float(at_risk), "unit": "persons", "n_contributing": at_risk, "filter": behind}


def _months(days: float | None, convention: Convention) -> float | None:
    return None if days is None else days / convention.days_per_month


def _first_note(*reasons: tuple[bool, str]) -> str:
    """The note of the first reason that holds; blank if none does."""
    return next((note for holds, note in reasons if holds), "")


# ── comparison and follow-up ─────────────────────────────────────────────────────────────────


def _log_rank_rows(
    endpoint: str, times: pd.DataFrame, groups: Mapping[str, pd.Series], settings: Mapping[str, Any]
) -> Iterator[Row]:
    for variable, found in groups.items():
        known = found.notna().to_numpy(dtype=bool)
        test = log_rank(times["time_days"][known], times["event"][known], found[known])
        path = f"{endpoint}.logrank" + ("" if variable == settings["comparisons"].get("main") else f".{variable}")
        unknown = f"left out: {(~known).sum()} with unknown {variable}" if not known.all() else ""
        common: Row = {"analysis": "logrank", "endpoint": endpoint, "group": variable, "method": "log-rank test"}
        common |= {"n": int(known.sum()), "n_contributing": int(known.sum())}
        common |= {"filter": filter_text((*members(endpoint, settings["endpoints"][endpoint]), is_known(variable)))}
        common |= {"note": "; ".join(part for part in (test.note, unknown) if part)}
        yield result(f"{path}.p", test.p, unit="probability", **common)
        yield result(f"{path}.chi_square", test.chi_square, **common)
        yield result(f"{path}.df", test.degrees_of_freedom, **common)


def _follow_up_rows(times: pd.DataFrame, endpoint: str, convention: Convention) -> Iterator[Row]:
    """Median follow-up by reverse Kaplan-Meier: being censored is the event (Schemper and Smith 1996)."""
    curve = product_limit(times["time_days"], ~times["event"])
    common: Row = {"analysis": "followup", "endpoint": endpoint, "n": curve.persons, "n_contributing": curve.persons}
    for name, fields in zip(("median", "lower", "upper"), _median(curve, convention), strict=True):
        note = NOBODY_CENSORED if fields["note"] == NO_EVENTS else fields["note"]
        method = f"reverse Kaplan-Meier of {endpoint}: {fields['method']}"
        yield result(f"followup.reverse_km.{name}", **common | fields | {"method": method, "note": note})


# ── curves ───────────────────────────────────────────────────────────────────────────────────


def _curves_table(everyone: list[Persons], convention: Convention) -> pd.DataFrame:
    frames = [_curve_table(persons, convention) for persons in everyone if persons.curve.persons]
    if not frames:
        return empty(CURVES)
    return conform(pd.concat(frames, ignore_index=True).sort_values(list(CURVES.sort), kind="stable"), CURVES)


def _curve_table(persons: Persons, convention: Convention) -> pd.DataFrame:
    curve = persons.curve
    lower, upper = survival_limits(curve, convention.survival_interval, convention.z)
    steps = {
        "time_days": curve.times,
        "at_risk": curve.at_risk,
        "events": curve.events,
        "censored": curve.censored,
        "survival": curve.survival,
        "lower": lower,
        "upper": upper,
    }
    return pd.DataFrame(persons.columns | steps)
