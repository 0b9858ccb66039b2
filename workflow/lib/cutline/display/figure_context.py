"""Figure: the median of one endpoint here and in published trials, with intervals where they are known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.captions import level_label
from cutline.display.catalogue import Exhibit
from cutline.display.figure_survival_data import group_of
from cutline.display.labels import label
from cutline.display.lookup import Released, value_of
from cutline.display.marks import mark_of
from cutline.display.numbers import format_interval, format_number, is_known
from cutline.display.style import (
    COLOURS,
    INK,
    LINE,
    SMALL,
    WIDTH,
    new_figure,
    panel,
    sheet,
    stamp,
    text_width,
    wrapped,
)
from cutline.display.trial_words import cut_text, group_text
from cutline.trials import values_of

COLUMNS = ["part", "category", "label", "cut_label", "median", "lower", "upper", "sure"]
OURS, TRIAL = "ours", "trial"
NAME_WIDTH, NUMBER_WIDTH, GUTTER, MARGIN = 2.6, 1.05, 0.09, 0.12
TOP, ROW, AXIS_HEIGHT, INDENT = 0.32, 0.2, 0.5, 0.12
READ_SIGN: Mapping[str, Any] = {"marker": "o", "markerfacecolor": INK, "markeredgecolor": INK, "markersize": 4.4}
QUOTED_SIGN: Mapping[str, Any] = {**READ_SIGN, "markerfacecolor": "white"}
OUR_SIGN: Mapping[str, Any] = {"marker": "s", "color": COLOURS[0], "markersize": 5.2}


@dataclass(frozen=True)
class Line:
    """A printed line: the name and the row of the data if it shows one; a heading has the data cut behind its name."""

    name: str
    row: Mapping[Any, Any] | None = None
    heading: bool = False
    cut: str = ""


def context_data(exhibit: Exhibit, settings: Mapping[str, Any], released: Released) -> pd.DataFrame:
    """One row per median: the study's own, of its groups too where its figures show them, then the trials'.

    `part` is ours or trial, `category` what the rows stand under, `sure` how sure a published value is. Nothing
    without a patient of our own.
    """
    if not value_of(released.results, f"{exhibit.endpoint}.n"):
        return pd.DataFrame(columns=COLUMNS)
    rows = [*_our_rows(exhibit.endpoint, settings, released), *_trial_rows(exhibit.endpoint, settings)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _our_rows(endpoint: str, settings: Mapping[str, Any], released: Released) -> Iterator[dict[str, Any]]:
    group = group_of(settings)
    levels = list(settings["variables"][group]["levels"]) if group else []
    paths = {label("all_patients"): f"{endpoint}.km"} | {
        level_label(settings, group, level): f"{endpoint}.km.{group}={level}" for level in levels
    }
    for name, path in paths.items():
        if f"{path}.median" in released.results:
            numbers = {end: value_of(released.results, f"{path}.median_{end}") for end in ("lower", "upper")}
            median = value_of(released.results, f"{path}.median")
            yield {"part": OURS, "category": label("this_study"), "label": name, "median": median} | numbers


def _trial_rows(endpoint: str, settings: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for trial, value in values_of(settings["literature"], endpoint=endpoint, statistic="median"):
        cut = cut_text(trial, value, label(value["assessor"]))
        yield {"part": TRIAL, "category": trial["label"], "label": group_text(trial, value), "cut_label": cut,
               "median": value["value"], "lower": value.get("lower"), "upper": value.get("upper"),
               "sure": value["sure"]}  # fmt: skip


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def draw_context(exhibit: Exhibit, settings: Mapping[str, Any], data: pd.DataFrame) -> Figure:
    """The figure from its data: a line per median under its study, or its trial and data cut; numbers at the right."""
    lines = list(_lines(data))
    height, below = ROW * len(lines), AXIS_HEIGHT + LINE * len(_caveat(settings)) + 0.15
    figure = new_figure(TOP + height + below)
    plot = MARGIN + NAME_WIDTH + GUTTER
    axes = panel(figure, plot, below, WIDTH - MARGIN - NUMBER_WIDTH - GUTTER - plot, height)
    _draw_medians(axes, lines, data, settings)
    words = sheet(figure, above=True)
    _draw_words(words, lines, below + height, settings)
    words.text(MARGIN, below - AXIS_HEIGHT - 0.02, "\n".join(_caveat(settings)), size=SMALL, weight="bold", va="top")
    stamp(words, mark_of(settings))
    return figure


def _caveat(settings: Mapping[str, Any]) -> list[str]:
    return wrapped(label("not_compared"), WIDTH - 1.7, SMALL, "bold")


def _lines(data: pd.DataFrame) -> Iterator[Line]:
    """A heading for the study and each data cut of a trial; long names take more lines."""
    for (category, cut), rows in data.groupby(["category", "cut_label"], sort=False):
        yield Line(str(category), heading=True, cut=str(cut))
        for row in rows.to_dict("records"):
            for place, name in enumerate(wrapped(row["label"], NAME_WIDTH - INDENT, SMALL)):
                yield Line(name, None if place else row)


def _draw_words(layer: Axes, lines: list[Line], top: float, settings: Mapping[str, Any]) -> None:
    right = WIDTH - MARGIN
    bold: dict[str, Any] = {"size": SMALL, "weight": "bold", "va": "center_baseline"}
    layer.text(MARGIN, top + 0.14, label("trial_cut_assessor"), **bold)
    layer.text(right, top + 0.14, label("median_interval_short"), ha="right", **bold)
    layer.plot([MARGIN, right], [top + 0.01] * 2, color=INK, linewidth=0.8)
    for place, line in enumerate(lines):
        common: dict[str, Any] = {"size": SMALL, "va": "center_baseline", "y": top - ROW * (place + 0.5)}
        weight = "bold" if line.heading else "normal"
        layer.text(MARGIN + (0 if line.heading else INDENT), s=line.name, weight=weight, **common)
        layer.text(MARGIN + text_width(line.name, SMALL, "bold") + INDENT, s=line.cut, **common)
        if line.row is not None:
            layer.text(right, s=_number(line.row), ha="right", **common)


def _number(row: Mapping[Any, Any]) -> str:
    decimals = 2 if row["part"] == OURS else 1  # limits of ours as everywhere in the report
    if not is_known(row["median"]):
        return label("not_reached")
    known = is_known(row["lower"]) or is_known(row["upper"])
    interval = format_interval(row["lower"], row["upper"], decimals, label("ne"))
    return f"{format_number(row['median'], 1)}{f' ({interval})' if known else ''}"


def _draw_medians(axes: Axes, lines: list[Line], data: pd.DataFrame, settings: Mapping[str, Any]) -> None:
    largest = max(float(data[name].max()) for name in ("median", "lower", "upper") if data[name].notna().any())
    ticks = _ticks(largest)
    axes.set(xlim=(0, ticks[-1]), ylim=(len(lines), 0))
    axes.patch.set_alpha(0)
    for place, line in enumerate(lines):
        if line.row is not None:
            _draw_median(axes, place + 0.5, line.row)
    axes.set_xticks(ticks)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(label("median_axis"), labelpad=2)


def _ticks(largest: float) -> list[int]:
    """From nothing to beyond the largest number, four steps at most of a length that is easily read."""
    step = next((step for step in (1, 3, 6, 12, 24) if 4 * step >= largest), 48)
    return list(range(0, step * (int(largest // step) + 1) + 1, step))


def _draw_median(axes: Axes, height: float, row: Mapping[Any, Any]) -> None:
    """The sign, and the interval from its lower limit to its upper one, or to the end of the axis where it has none."""
    ours = row["part"] == OURS
    colour = COLOURS[0] if ours else INK
    if is_known(row["lower"]):
        upper = row["upper"] if is_known(row["upper"]) else axes.get_xlim()[1]
        axes.plot([row["lower"], upper], [height] * 2, color=colour, linewidth=1.1, solid_capstyle="butt", zorder=2)
    if is_known(row["median"]):
        sign = OUR_SIGN if ours else READ_SIGN if row["sure"] == "read" else QUOTED_SIGN
        axes.plot([row["median"]], [height], linestyle="none", zorder=3, clip_on=False, **sign)
