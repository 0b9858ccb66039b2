"""What a Kaplan-Meier figure shows: its curves, the numbers below them, the medians and the test, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cutline.display.captions import level_label
from cutline.display.catalogue import Exhibit
from cutline.display.labels import label
from cutline.display.lookup import Released, Results, value_of

CURVE, RISK, MEDIAN, TEST = "curve", "at_risk", "median", "test"
"""The parts of the table: a row per time of a curve, per curve and tick, per curve, and of the test of all."""
COLUMNS = ["part", "endpoint", "group", "group_level", "label", "time_days", "time_months", "at_risk", "events",
           "censored", "survival", "lower", "upper", "n", "median", "median_lower", "median_upper", "test",
           "p"]  # fmt: skip
STEPS = (1, 3, 6, 12, 24, 36, 60, 120, 240, 600)
"""Months between two ticks: the least of these that gives at most ten ticks."""
LIMITS = ("median", "median_lower", "median_upper")


def survival_data(exhibit: Exhibit, settings: Mapping[str, Any], released: Released) -> pd.DataFrame:
    """All that the figure of one endpoint shows; nothing where nobody is in it.

    Everyone together, or the groups of the main comparison where `comparisons.in_figures` says so. Rows of `part`
    curve are the curve's own; at_risk: at each tick of the axis the persons at risk and the events until then;
    median: the size of a group, its events, and its median with limits in months; test: the log-rank test.
    """
    drawn = with_months(chosen(exhibit.endpoint, settings, released.curves), settings)
    if drawn.empty:
        return pd.DataFrame(columns=COLUMNS)
    ticks = month_ticks(float(drawn["time_months"].max()))
    parts = []
    for level, name, path, counts in shown_curves(exhibit.endpoint, settings, drawn):
        rows = drawn[drawn["group_level"].fillna("") == level].assign(group_level=level, label=name)
        parts.append(curve_data(rows, ticks, median_of(released.results, path, counts), settings))
    parts += [pd.DataFrame([row]) for row in _test(exhibit.endpoint, settings, released.results)]
    return together(parts)


def together(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The parts below each other, with the columns of them all."""
    return pd.DataFrame([row for part in parts for row in part.to_dict("records")], columns=COLUMNS)


def curve_data(
    rows: pd.DataFrame, ticks: Sequence[int], median: Mapping[str, Any], settings: Mapping[str, Any]
) -> pd.DataFrame:
    """One curve's own rows, of which all have its endpoint, group and label, its numbers at each tick, its median."""
    about = {name: rows[name].fillna("").iloc[0] for name in ("endpoint", "group", "group_level", "label")}
    below = pd.DataFrame(list(_at_risk(rows, ticks, settings["statistics"]["days_per_month"])))
    middle = pd.DataFrame([{"part": MEDIAN, **median}])
    return together([part.assign(**about) for part in (rows.assign(part=CURVE), below, middle)])


def chosen(endpoint: str, settings: Mapping[str, Any], curves: pd.DataFrame) -> pd.DataFrame:
    """The rows of the curves to draw."""
    group = group_of(settings)
    return curves[(curves["endpoint"] == endpoint) & (curves["group"].fillna("") == group)].reset_index(drop=True)


def group_of(settings: Mapping[str, Any]) -> str:
    """The variable whose levels have a curve each; blank for one curve of everyone."""
    comparisons = settings.get("comparisons", {})
    return str(comparisons.get("main", "")) if comparisons.get("in_figures") else ""


def with_months(rows: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    drawn = rows.copy()
    months = rows["time_days"].astype("float64") / settings["statistics"]["days_per_month"]
    drawn.insert(list(rows.columns).index("time_days") + 1, "time_months", months)
    return drawn


def month_ticks(last: float) -> list[int]:
    """Ticks in whole months from 0 to the first that is not before `last`, ten at most."""
    step = next((step for step in STEPS if last <= 9 * step), STEPS[-1])
    count = max(1, -int(-last // step))
    return [step * position for position in range(count + 1)]


def at_risk(rows: pd.DataFrame, days: float) -> int:
    """Persons at risk just before that day: those whose own time is not shorter."""
    later = rows[rows["time_days"] >= days]
    return int(later["at_risk"].iloc[0]) if len(later) else 0


def events_until(rows: pd.DataFrame, days: float) -> int:
    """Events up to that day, its own too."""
    return int(rows["events"][rows["time_days"] <= days].sum())


def shown_curves(
    endpoint: str, settings: Mapping[str, Any], drawn: pd.DataFrame
) -> Iterator[tuple[str, str, str, str]]:
    """Each curve: its level, its name, and what the keys of its median and of its counts begin with."""
    group = group_of(settings)
    if not group:
        yield "", label("all_patients"), f"{endpoint}.km", endpoint
        return
    for level in settings["variables"][group]["levels"]:
        if (drawn["group_level"] == level).any():
            path = f"{endpoint}.km.{group}={level}"
            yield level, level_label(settings, group, level), path, path


def _at_risk(rows: pd.DataFrame, ticks: Sequence[int], days_per_month: float) -> Iterator[dict[str, Any]]:
    for tick in ticks:
        days = tick * days_per_month
        yield {"part": RISK, "time_months": float(tick), "at_risk": at_risk(rows, days),
               "events": events_until(rows, days)}  # fmt: skip


def median_of(results: Results, path: str, counts: str) -> dict[str, float | None]:
    """The persons and events of a curve by the keys below `counts`, its median with limits by those below `path`."""
    sizes = {part: value_of(results, f"{counts}.{part}") for part in ("n", "events")}
    return sizes | {name: value_of(results, f"{path}.{name}") for name in LIMITS}


def _test(endpoint: str, settings: Mapping[str, Any], results: Results) -> Iterator[dict[str, Any]]:
    """The log-rank test, where groups are drawn and the study has it."""
    key = f"{endpoint}.logrank.p"
    if group_of(settings) and key in results:
        yield {"part": TEST, "endpoint": endpoint, "group": group_of(settings), "test": "logrank",
               "p": value_of(results, key)}  # fmt: skip
