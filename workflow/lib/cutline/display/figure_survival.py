"""Figure: Kaplan-Meier curve of one endpoint with interval band, censoring ticks, and numbers at risk and events below.

Medians and the test stand inside the plot, in the corner that the curves leave free; above the plot where
they leave none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.captions import endpoint_label
from cutline.display.catalogue import Exhibit
from cutline.display.figure_survival_data import CURVE, MEDIAN, RISK, TEST
from cutline.display.labels import label
from cutline.display.marks import mark_of
from cutline.display.numbers import format_interval, format_number, is_known, p_statement, rounded, times_hundred
from cutline.display.style import (
    GREY,
    LINE,
    SMALL,
    WIDTH,
    line_of,
    new_figure,
    panel,
    sheet,
    stamp,
    text_width,
    wrapped,
)

PLOT_HEIGHT, RIGHT, TOP = 2.7, 0.3, 0.12
AXIS_HEIGHT = 0.42
LABEL_WIDTH, NAME_WIDTH = 1.6, 2.1
SAMPLE, GUTTER = 0.3, 0.1
HIGHEST = 102
"""The upper end of the axis in percent: the line at 100 is drawn whole."""
HALF = 50
NORMAL, BOLD = "normal", "bold"
Row = tuple[str, str, list[int]]
"""A line below the axis: its name, the weight of its type, and the numbers at the ticks if it has any."""


@dataclass(frozen=True)
class Series:
    """One curve: its name, its rows by part, its colour and line style."""

    name: str
    curve: pd.DataFrame
    below: pd.DataFrame
    median: Mapping[Any, Any]
    colour: str
    line: Any


@dataclass(frozen=True)
class Box:
    """The words inside the plot: lines of cells, the left edge of each column and the whole size, in inches."""

    lines: list[tuple[str, ...]]
    edges: list[float]
    samples: list[int]
    width: float
    height: float


def draw_survival(exhibit: Exhibit, settings: Mapping[str, Any], data: pd.DataFrame) -> Figure:
    """The figure from its data."""
    levels = data.loc[data["part"] == MEDIAN, "group_level"]
    series = [series_of(data[data["group_level"] == level], *line_of(place)) for place, level in enumerate(levels)]
    return compose(exhibit.endpoint, settings, series, list(data.loc[data["part"] == TEST, "p"]))


def series_of(rows: pd.DataFrame, colour: str, line: Any) -> Series:
    """The curve of those rows."""
    parts = {part: rows[rows["part"] == part] for part in (CURVE, RISK, MEDIAN)}
    middle = parts[MEDIAN].to_dict("records")[0]
    return Series(middle["label"], parts[CURVE], parts[RISK], middle, colour, line)


def compose(endpoint: str, settings: Mapping[str, Any], series: list[Series], tests: Sequence[float]) -> Figure:
    """The figure of some curves, `tests` the p-value of their log-rank test.

    Top to bottom: plot, numbers at risk, events, what is missing.
    """
    ticks = [int(month) for month in series[0].below["time_months"]]
    table = _below(series)
    left = max(0.75, 0.25 + max(text_width(line, SMALL, weight) for line, weight, _ in table if weight != BOLD) + 0.25)
    box = _box(series, tests, settings)
    place = _free_corner(box, series, WIDTH - left - RIGHT, ticks[-1])
    below, foot = LINE * len(table) + 0.1, LINE + 0.1
    figure = new_figure((TOP if place else TOP + box.height) + PLOT_HEIGHT + AXIS_HEIGHT + below + foot)
    base = foot + below + AXIS_HEIGHT
    axes = panel(figure, left, base, WIDTH - left - RIGHT, PLOT_HEIGHT)
    _draw_curves(axes, series, ticks)
    axes.set_xlabel(_time_axis(endpoint, settings), labelpad=2)
    title = label("survival_axis", endpoint=endpoint_label(settings, endpoint))
    axes.set_ylabel("\n".join(wrapped(title, PLOT_HEIGHT)))
    layer = sheet(figure, above=True)
    x, y = place or (min(0.1, WIDTH - 0.1 - left - box.width), PLOT_HEIGHT + box.height)
    _draw_box(layer, box, series, left + x, base + y)
    _draw_below(layer, table, ticks, left, foot + below)
    events = any((one.curve["events"] > 0).any() for one in series)
    note = "" if events else label("no_event_seen")
    layer.text(0.15, foot - 0.05, note, size=SMALL, va="top", color=GREY)
    stamp(layer, mark_of(settings))
    return figure


# ── words inside the plot ────────────────────────────────────────────────────────────────────


def _box(series: list[Series], tests: Sequence[float], settings: Mapping[str, Any]) -> Box:
    """A line of headings, one or more per curve (its name, events of persons, median with interval), the test."""
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    lines: list[tuple[str, ...]] = [("", label("events_of_n"), label("median_inside", level=level))]
    samples = []
    for one in series:
        first, *rest = wrapped(one.name, NAME_WIDTH, SMALL)
        samples.append(len(lines))
        lines += [(first, _events_of_n(one.median), _median_text(one.median, settings)), *((line,) for line in rest)]
    lines += [(label("log_rank", p=p_statement(p)),) for p in tests]
    weights = [BOLD, *[NORMAL] * (len(lines) - 1)]
    widths = [max(text_width(line[place], SMALL, weight) for line, weight in zip(lines, weights, strict=True)
                  if len(line) > place) for place in range(3)]  # fmt: skip
    edges = [SAMPLE + 0.08]
    edges += [edges[0] + widths[0] + GUTTER]
    edges += [edges[1] + widths[1] + GUTTER]
    return Box(lines, edges, samples, edges[2] + widths[2], LINE * len(lines))


def _events_of_n(median: Mapping[Any, Any]) -> str:
    return "/".join("–" if pd.isna(median[part]) else str(int(median[part])) for part in ("events", "n"))


def _median_text(median: Mapping[Any, Any], settings: Mapping[str, Any]) -> str:
    """The median with its interval, or that it is not reached."""
    limits = [median["median_lower"], median["median_upper"]]
    value = format_number(median["median"], 1, label("not_reached"))
    if not any(is_known(limit) for limit in limits):
        return value
    return f"{value} ({format_interval(limits[0], limits[1], 2, label('ne'))})"


def _free_corner(box: Box, series: list[Series], width: float, last: float) -> tuple[float, float] | None:
    """The left and the upper edge of the words, in inches within the plot, where no curve or band passes."""
    margin = 0.1
    for x, top in ((width - box.width, PLOT_HEIGHT), (margin, box.height + margin)):
        if x >= 0 and not any(_passes(one, box, x, top, width, last, margin) for one in series):
            return x, top
    return None


def _passes(one: Series, box: Box, x: float, top: float, width: float, last: float, margin: float) -> bool:
    """Whether a curve or its band lies over the words."""
    begins, ends = ((edge / width) * last for edge in (x - margin, x + box.width + margin))
    low, high = ((edge / PLOT_HEIGHT) * HIGHEST for edge in (top - box.height - margin, top + margin))
    months = one.curve["time_months"]
    until = months.shift(-1).fillna(months)
    survival = 100 * one.curve["survival"]
    lower, upper = (100 * one.curve[side] for side in ("lower", "upper"))
    lower, upper = lower.fillna(survival), upper.fillna(survival)
    return bool(((months <= ends) & (until >= begins) & (lower <= high) & (upper >= low)).any())


def _draw_box(layer: Axes, box: Box, series: list[Series], left: float, top: float) -> None:
    for place, line in enumerate(box.lines):
        middle = top - LINE * (place + 0.5)
        weight = "bold" if place == 0 else "normal"
        for edge, text in zip(box.edges, line, strict=False):
            layer.text(left + edge, middle, text, size=SMALL, weight=weight, va="center_baseline")
    for place, one in zip(box.samples, series, strict=True):
        middle = top - LINE * (place + 0.5)
        layer.plot([left, left + SAMPLE], [middle, middle], color=one.colour, linestyle=one.line)


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def _time_axis(endpoint: str, settings: Mapping[str, Any]) -> str:
    start = settings.get("index_date", {}).get("label", "")
    begins = settings["endpoints"][endpoint].get("start") == "index_date"
    return label("months_since", start=start) if start and begins else label("time_months")


def _draw_curves(axes: Axes, series: list[Series], ticks: list[int]) -> None:
    for one in series:
        months, survival = one.curve["time_months"], 100 * one.curve["survival"]
        band = one.curve["lower"].notna() & one.curve["upper"].notna()
        low, high = 100 * one.curve["lower"], 100 * one.curve["upper"]
        axes.fill_between(months, low, high, where=band, step="post", color=one.colour, alpha=0.18, linewidth=0)
        axes.step(months, survival, where="post", color=one.colour, linestyle=one.line)
        censored = one.curve["censored"] > 0
        axes.plot(months[censored], survival[censored], "|", color=one.colour, markersize=5, markeredgewidth=0.8)
    medians = [float(one.median["median"]) for one in series if is_known(one.median["median"])]
    if medians:
        axes.plot([0, max(medians)], [HALF, HALF], color=GREY, linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
    axes.set(xlim=(0, ticks[-1]), ylim=(0, HIGHEST))
    axes.set_xticks(ticks)
    axes.set_yticks(range(0, 101, 20))


def _below(series: list[Series]) -> list[Row]:
    """The lines below the axis: persons at risk, then events so far; of a single curve one line each."""
    lines: list[Row] = []
    for name, column in (("at_risk", "at_risk"), ("events_so_far", "events")):
        heading = label(name)
        if len(series) == 1:
            lines.append((heading, NORMAL, list(series[0].below[column])))
            continue
        lines.append((heading, BOLD, []))
        for one in series:
            first, *rest = wrapped(one.name, LABEL_WIDTH, SMALL)
            lines += [(first, NORMAL, list(one.below[column])), *((line, NORMAL, []) for line in rest)]
    return lines


def _draw_below(layer: Axes, table: list[Row], ticks: list[int], left: float, top: float) -> None:
    """Each number below the tick of its time."""
    plot = WIDTH - left - RIGHT
    for place, (name, weight, counts) in enumerate(table):
        middle = top - LINE * (place + 0.5)
        layer.text(0.15, middle, name, size=SMALL, weight=weight, va="center_baseline")
        for tick, count in zip(ticks, counts, strict=False):
            across = left + plot * tick / ticks[-1]
            layer.text(across, middle, str(count), size=SMALL, ha="center", va="center_baseline")
