"""Figure: Kaplan-Meier curve of one endpoint with interval band, censoring ticks and numbers at risk.

Words about the curve stand above the plot and numbers at risk below it, so that nothing can lie over a
curve whatever its course.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.captions import endpoint_label, level_label
from cutline.display.catalogue import Exhibit
from cutline.display.labels import counted, label, language_of
from cutline.display.lookup import Results, value_of
from cutline.display.numbers import format_interval, format_number, p_statement, rounded, times_hundred
from cutline.display.style import (
    GREY,
    LINE,
    SMALL,
    TEXT,
    WIDTH,
    line_of,
    message_figure,
    new_figure,
    panel,
    sheet,
    stamp,
    text_width,
    wrapped,
)

Drawn = tuple[Figure, pd.DataFrame]
STEPS = (1, 3, 6, 12, 24, 36, 60, 120, 240, 600)
"""Months between two ticks: the least of these that gives at most ten ticks."""
PLOT_HEIGHT, RIGHT, SAMPLE = 3.0, 0.3, 0.42
LABEL_WIDTH = 1.25
AXIS_HEIGHT = 0.42


@dataclass(frozen=True)
class Series:
    """One curve: whose it is, what is said about it, its rows, its colour and line style."""

    path: str
    name: str
    text: str
    rows: pd.DataFrame
    colour: str
    line: Any


def draw_survival(exhibit: Exhibit, settings: Mapping[str, Any], results: Results, curves: pd.DataFrame) -> Drawn:
    """The figure of one endpoint and its data: the rows of the curves drawn, with the time in months.

    Everyone together, or the groups of the main comparison where `comparisons.in_figures` says so.
    """
    drawn = with_months(chosen(exhibit.endpoint, settings, curves), settings)
    language = language_of(settings)
    mark = label("synthetic", language) if settings.get("synthetic") else ""
    if drawn.empty:
        return message_figure(label("no_patients", language), mark), drawn
    series = _series(exhibit.endpoint, settings, results, drawn)
    ticks = month_ticks(float(drawn["time_months"].max()))
    return compose(exhibit.endpoint, settings, results, series, ticks), drawn


def chosen(endpoint: str, settings: Mapping[str, Any], curves: pd.DataFrame) -> pd.DataFrame:
    """The rows of the curves to draw."""
    group = group_of(settings)
    return curves[(curves["endpoint"] == endpoint) & (curves["group"].fillna("") == group)].reset_index(drop=True)


def group_of(settings: Mapping[str, Any]) -> str:
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


# ── words ────────────────────────────────────────────────────────────────────────────────────


def _series(endpoint: str, settings: Mapping[str, Any], results: Results, drawn: pd.DataFrame) -> list[Series]:
    group = group_of(settings)
    if not group:
        name = label("all_patients", language_of(settings))
        return [one_series(endpoint, f"{endpoint}.km", name, settings, results, drawn, 0)]
    levels = [level for level in settings["variables"][group]["levels"] if (drawn["group_level"] == level).any()]
    return [
        one_series(
            f"{endpoint}.km.{group}={level}",
            f"{endpoint}.km.{group}={level}",
            level_label(settings, group, level),
            settings,
            results,
            drawn[drawn["group_level"] == level],
            position,
        )
        for position, level in enumerate(levels)
    ]


def one_series(
    counts: str,
    path: str,
    name: str,
    settings: Mapping[str, Any],
    results: Results,
    rows: pd.DataFrame,
    position: int,
) -> Series:
    language = language_of(settings)
    n, events = (format_number(value_of(results, f"{counts}.{part}"), 0) for part in ("n", "events"))
    head = label("legend", language, label=name, n=n, events=counted("event_count", events, language))
    colour, line = line_of(position)
    return Series(path, name, f"{head}: {median_words(path, settings, results)}", rows, colour, line)


def median_words(path: str, settings: Mapping[str, Any], results: Results) -> str:
    """The median with its interval in words, or that it is not reached."""
    language = language_of(settings)
    median, lower, upper = (value_of(results, f"{path}.{part}") for part in ("median", "median_lower", "median_upper"))
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    if median is None and lower is None and upper is None:
        return label("median_plainly_not_reached", language)
    interval = format_interval(lower, upper, 2, label("ne", language))
    if median is None:
        return label("median_not_reached", language, level=level, interval=interval)
    return label("median_interval", language, median=format_number(median, 1), level=level, interval=interval)


def _test(endpoint: str, settings: Mapping[str, Any], results: Results) -> str:
    """The log-rank test, where groups are drawn."""
    p = value_of(results, f"{endpoint}.logrank.p")
    return label("log_rank", language_of(settings), p=p_statement(p)) if group_of(settings) else ""


def _below(series: list[Series], settings: Mapping[str, Any]) -> str:
    """What the signs mean."""
    language = language_of(settings)
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    rows = pd.concat([one.rows for one in series])
    parts = [
        label("band", language, level=level) if rows[["lower", "upper"]].notna().all(axis=1).any() else "",
        label("tick", language) if (rows["censored"] > 0).any() else "",
        "" if (rows["events"] > 0).any() else label("no_event_seen", language),
    ]
    return " ".join(part for part in parts if part)


def _time_axis(endpoint: str, settings: Mapping[str, Any]) -> str:
    start = settings.get("index_date", {}).get("label", "")
    begins = settings["endpoints"][endpoint].get("start") == "index_date"
    return label("months_since", language_of(settings), start=start) if start and begins else label("time_months")


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def compose(
    endpoint: str, settings: Mapping[str, Any], results: Results, series: list[Series], ticks: list[int]
) -> Figure:
    """Top to bottom: legend, plot, numbers at risk, what the signs mean."""
    language = language_of(settings)
    legend = [wrapped(one.text, WIDTH - 0.15 - SAMPLE - 0.25) for one in series]
    test = _test(endpoint, settings, results)
    names = [wrapped(one.name, LABEL_WIDTH, SMALL) for one in series]
    foot = wrapped(_below(series, settings), WIDTH - 1.6, SMALL)
    heights = {
        "legend": LINE * (sum(map(len, legend)) + bool(test)) + 0.1,
        "risk": LINE * (1 + sum(map(len, names))) + 0.1,
        "foot": LINE * max(1, len(foot)) + 0.15,
    }
    figure = new_figure(0.12 + sum(heights.values()) + PLOT_HEIGHT + AXIS_HEIGHT)
    layer = sheet(figure)
    left = max(0.75, 0.25 + max(text_width(line, SMALL) for name in names for line in name) + 0.15)
    _draw_legend(layer, series, legend, test)
    base = heights["foot"] + heights["risk"] + AXIS_HEIGHT
    axes = panel(figure, left, base, WIDTH - left - RIGHT, PLOT_HEIGHT)
    _draw_curves(axes, series, ticks)
    axes.set_xlabel(_time_axis(endpoint, settings), labelpad=2)
    title = label("survival_axis", language, endpoint=endpoint_label(settings, endpoint))
    axes.set_ylabel("\n".join(wrapped(title, PLOT_HEIGHT)))
    _draw_risk(layer, series, names, ticks, left, heights["foot"] + heights["risk"], settings)
    layer.text(0.15, heights["foot"] - 0.05, "\n".join(foot), size=SMALL, va="top", color=GREY)
    stamp(layer, label("synthetic", language) if settings.get("synthetic") else "")
    return figure


def _draw_legend(layer: Axes, series: list[Series], legend: list[list[str]], test: str) -> None:
    level = layer.get_ylim()[1] - 0.12
    for one, lines in zip(series, legend, strict=True):
        middle = level - LINE / 2
        layer.plot([0.15, 0.15 + SAMPLE], [middle, middle], color=one.colour, linestyle=one.line)
        for line in lines:
            layer.text(0.15 + SAMPLE + 0.1, level - LINE / 2, line, size=TEXT, va="center_baseline")
            level -= LINE
    layer.text(0.15 + SAMPLE + 0.1, level - LINE / 2, test, size=TEXT, va="center_baseline")


def _draw_curves(axes: Axes, series: list[Series], ticks: list[int]) -> None:
    for one in series:
        months, survival = one.rows["time_months"], 100 * one.rows["survival"]
        band = one.rows["lower"].notna() & one.rows["upper"].notna()
        low, high = 100 * one.rows["lower"], 100 * one.rows["upper"]
        axes.fill_between(months, low, high, where=band, step="post", color=one.colour, alpha=0.18, linewidth=0)
        axes.step(months, survival, where="post", color=one.colour, linestyle=one.line)
        censored = one.rows["censored"] > 0
        axes.plot(months[censored], survival[censored], "|", color=one.colour, markersize=5, markeredgewidth=0.8)
    axes.set(xlim=(0, ticks[-1]), ylim=(0, 102))
    axes.set_xticks(ticks)
    axes.set_yticks(range(0, 101, 20))


def _draw_risk(
    layer: Axes,
    series: list[Series],
    names: list[list[str]],
    ticks: list[int],
    left: float,
    top: float,
    settings: Mapping[str, Any],
) -> None:
    """The numbers at risk, each below the tick of its time."""
    plot, days_per_month = WIDTH - left - RIGHT, settings["statistics"]["days_per_month"]
    level = top - LINE
    heading = label("at_risk", language_of(settings))
    layer.text(0.15, level + LINE / 2, heading, size=SMALL, weight="bold", va="center_baseline")
    for one, lines in zip(series, names, strict=True):
        for tick in ticks:
            place = left + plot * tick / ticks[-1]
            number = str(at_risk(one.rows, tick * days_per_month))
            layer.text(place, level - LINE / 2, number, size=SMALL, ha="center", va="center_baseline")
        for line in lines:
            layer.text(0.15, level - LINE / 2, line, size=SMALL, va="center_baseline")
            level -= LINE
