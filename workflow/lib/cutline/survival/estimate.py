"""Time-to-event endpoints as results: quantiles, landmarks, restricted means, comparisons, follow-up, and the curves.

Days are integers to the end; only the values of the rows are in months.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cutline.analysis_set import levels_of, members, times_of
from cutline.ard import result, results_table
from cutline.marking import noted
from cutline.survival.choices import Choices, choices_of
from cutline.survival.comparison_rows import comparison_rows, difference_rows
from cutline.survival.curve_rows import median_rows, survival_rows
from cutline.survival.intervals import survival_limits
from cutline.survival.persons import NO_EVENTS, Persons, Row, by_level, everyone_of
from cutline.survival.times import time_rows
from cutline.tables.results import CURVES
from cutline.tables.spec import conform, empty

Levels = Mapping[str, pd.Series]
"""Variable → the level of each person."""
NOBODY_CENSORED = noted("not estimable (nobody was censored: everyone was followed to the event)")


def estimate_survival(*, settings: dict[str, Any], endpoints: pd.DataFrame, covariates: pd.DataFrame) -> dict[str, Any]:
    """Kaplan-Meier results for every endpoint of the study, overall and by its comparison variables.

    Returns `ard` (rows in the order endpoint, counts and curve overall and per level, tests, differences of restricted
    means; then follow-up) and `curves_<endpoint>` per endpoint. A `descriptive` endpoint, which nobody is censored for,
    has median, quartiles and range instead, and no curve. Times are in months, survival is a
    probability. What cannot be estimated is a row without value whose note says why; persons whose
    comparison variable is unknown are in the overall results only, and counted in the note of the tests.
    """
    choices = choices_of(settings["statistics"])
    rows: list[Row] = []
    curves: dict[str, pd.DataFrame] = {}
    for endpoint, definition in settings["endpoints"].items():
        times = times_of(endpoints, endpoint)
        if definition.get("descriptive"):
            rows += time_rows(endpoint, times, members(endpoint, definition), choices.days_per_month)
            continue
        groups = _groups(covariates, times.index, settings)
        grouped = list(by_level(endpoint, times, groups, settings))
        everyone = [everyone_of(endpoint, times, settings), *grouped]
        rows += [row for persons in everyone for row in survival_rows(persons, choices)]
        strata = _levels(covariates, times.index, settings, settings.get("comparisons", {}).get("strata", []))
        rows += comparison_rows(endpoint, times, groups, strata, settings, choices)
        rows += difference_rows(grouped, choices)
        curves[f"curves_{endpoint}"] = _curves_table(everyone, choices)
    rows += _follow_up(endpoints, covariates, settings, choices)
    return {"ard": results_table(rows, "estimate_survival")} | curves


def overall_rows(endpoint: str, times: pd.DataFrame, settings: Mapping[str, Any]) -> list[Row]:
    """The Kaplan-Meier rows of everybody in `times` (as `times_of`): counts, quantiles, landmarks, restricted means."""
    return list(survival_rows(everyone_of(endpoint, times, settings), choices_of(settings["statistics"])))


def _groups(covariates: pd.DataFrame, persons: pd.Index, settings: Mapping[str, Any]) -> Levels:
    """Of the comparison variables, the main one first."""
    comparisons = settings.get("comparisons", {})
    named = [comparisons.get("main"), *comparisons.get("others", [])]
    return _levels(covariates, persons, settings, [name for name in named if name])


def _levels(covariates: pd.DataFrame, persons: pd.Index, settings: Mapping[str, Any], names: Sequence[str]) -> Levels:
    variables = settings["variables"]
    return {name: levels_of(covariates, name, persons, list(variables[name]["levels"])) for name in names}


# ── follow-up ────────────────────────────────────────────────────────────────────────────────


def _follow_up(
    endpoints: pd.DataFrame, covariates: pd.DataFrame, settings: Mapping[str, Any], choices: Choices
) -> Iterator[Row]:
    """Median follow-up by reverse Kaplan-Meier: being censored is the event (Schemper and Smith 1996)."""
    followed = settings["follow_up_endpoint"]
    times = times_of(endpoints, followed)
    reverse = times.assign(event=~times["event"])
    groups = _groups(covariates, times.index, settings)
    for persons in (everyone_of(followed, reverse, settings), *by_level(followed, reverse, groups, settings)):
        yield from _follow_up_rows(persons, choices)


def _follow_up_rows(persons: Persons, choices: Choices) -> Iterator[Row]:
    common = persons.counted | {"analysis": "followup"}
    for name, fields in median_rows(persons.curve, choices).items():
        note = NOBODY_CENSORED if fields["note"] == NO_EVENTS else fields["note"]
        method = f"reverse Kaplan-Meier of {persons.endpoint}: {fields['method']}"
        key = f"followup.reverse_km{persons.within}.{name.removeprefix('median_')}"
        yield result(key, **common | fields | {"method": method, "note": note})


# ── curves ───────────────────────────────────────────────────────────────────────────────────


def _curves_table(everyone: list[Persons], choices: Choices) -> pd.DataFrame:
    frames = [_curve_table(persons, choices) for persons in everyone if persons.curve.persons]
    if not frames:
        return empty(CURVES)
    return conform(pd.concat(frames, ignore_index=True).sort_values(list(CURVES.sort), kind="stable"), CURVES)


def _curve_table(persons: Persons, choices: Choices) -> pd.DataFrame:
    curve = persons.curve
    lower, upper = survival_limits(curve, choices.convention.survival_interval, choices.convention.z)
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
