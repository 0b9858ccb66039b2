"""Figure: forest plot of one endpoint's Cox models: hazard ratios on a logarithmic axis, each variable alone (open
signs) and with the others (filled signs), with the numbers beside them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.catalogue import Exhibit
from cutline.display.figure_forest_data import MODELS, NOT_IN_MODEL, REFERENCE
from cutline.display.labels import label
from cutline.display.marks import mark_of
from cutline.display.numbers import format_interval, format_number, is_known, rounded, times_hundred
from cutline.display.style import GREY, INK, LINE, SMALL, WIDTH, new_figure, panel, sheet, stamp, text_width, wrapped

ROW, TOP, AXIS_HEIGHT, MARGIN = 0.225, 0.5, 0.55, 0.12
NAME_WIDTH, COUNT_WIDTH, RATIO_WIDTH, GUTTER = 1.75, 0.56, 1.16, 0.09
INDENT = 0.13
SIGNS: Mapping[str, Mapping[str, Any]] = {
    "univariable": {"marker": "o", "markerfacecolor": "white", "markeredgecolor": INK, "markersize": 4.6},
    "multivariable": {"marker": "s", "markerfacecolor": INK, "markeredgecolor": INK, "markersize": 4.2},
}
OFFSETS = {"univariable": 0.17, "multivariable": -0.17}
"""Of the signs from the middle of a row, in rows."""
SHADE = "#f3f3f3"
TICKS = ((0.5, 0.7, 1, 1.4, 2), (0.2, 0.5, 1, 2, 5), (0.1, 0.3, 1, 3, 10), (0.05, 0.2, 1, 5, 20))
"""The axes to choose from: the narrowest that holds all intervals. Beyond the widest an arrow says that they go on."""
REFERENCE_SIGN: Mapping[str, Any] = {"marker": "D", "color": GREY, "markersize": 3.0}
NOTE_OF = {"univariable": "univariable_alone", "multivariable": "multivariable_alone"}


@dataclass(frozen=True)
class Line:
    """A printed line: its name, whether it is set in, and the row of the data if it shows one."""

    name: str
    indented: bool
    row: Mapping[Any, Any] | None
    shaded: bool


@dataclass(frozen=True)
class Layout:
    """The left edges of the columns in inches: events of persons, plot, and the hazard ratios of each model."""

    counts: float
    plot: float
    plot_width: float
    ratios: Mapping[str, float]


def draw_forest(exhibit: Exhibit, settings: Mapping[str, Any], data: pd.DataFrame) -> Figure:
    """The figure from its data: a line per term under its characteristic."""
    lines = list(_lines(data))
    foot = [line for text in _reasons(data, settings) for line in wrapped(text, WIDTH - 1.6, SMALL)]
    layout, height = _layout(lines), ROW * len(lines)
    below = AXIS_HEIGHT + LINE * max(1, len(foot)) + 0.15
    figure = new_figure(TOP + height + below)
    layer = sheet(figure)
    _shade(layer, lines, below + height)
    axes = panel(figure, layout.plot, below, layout.plot_width, height)
    _draw_ratios(axes, lines, data, settings)
    words = sheet(figure, above=True)
    _draw_header(words, layout, below + height, settings)
    _draw_words(words, lines, layout, below + height, settings)
    words.text(0.15, below - AXIS_HEIGHT - 0.02, "\n".join(foot), size=SMALL, va="top", color=GREY)
    stamp(words, mark_of(settings))
    return figure


def _layout(lines: list[Line]) -> Layout:
    widest = max(text_width(line.name, SMALL) + (INDENT if line.indented else 0) for line in lines)
    counts = MARGIN + min(NAME_WIDTH, widest) + GUTTER
    plot = counts + COUNT_WIDTH + GUTTER
    second = WIDTH - MARGIN - RATIO_WIDTH
    first = second - GUTTER - RATIO_WIDTH
    return Layout(counts, plot, first - plot - 2 * GUTTER, {"univariable": first, "multivariable": second})


def _lines(data: pd.DataFrame) -> Iterator[Line]:
    """A heading and its levels for a category, one line for a number; long names take more lines."""
    for position, (_, rows) in enumerate(data.groupby("variable", sort=False)):
        shaded = position % 2 == 0
        name, levels = rows["variable_label"].iloc[0], rows.to_dict("records")
        if levels[0]["level"] == "":
            yield from _named(name, False, levels[0], shaded)
            continue
        yield from _named(name, False, None, shaded)
        for row in levels:
            yield from _named(row["label"], True, row, shaded)


def _named(name: str, indented: bool, row: Mapping[Any, Any] | None, shaded: bool) -> Iterator[Line]:
    first, *rest = wrapped(name, NAME_WIDTH - (INDENT if indented else 0), SMALL)
    yield Line(first, indented, row, shaded)
    yield from (Line(text, indented, None, shaded) for text in rest)


# ── words ────────────────────────────────────────────────────────────────────────────────────


def _reasons(data: pd.DataFrame, settings: Mapping[str, Any]) -> Iterator[str]:
    """Why a hazard ratio is not estimable, each reason once with the terms it is of."""
    for model in MODELS:
        missing = data[data[f"{model}_hr"].isna() & (data[f"{model}_note"] != NOT_IN_MODEL)]
        for note, rows in missing.groupby(f"{model}_note", sort=False):
            terms = [f"{row['variable_label']}: {row['label']}" if row["label"] else row["variable_label"]
                     for row in rows.to_dict("records")]  # fmt: skip
            words = {"model": label(NOTE_OF[model]), "terms": "; ".join(terms)}
            yield label("forest_reason", reason=note, **words)


def _ratio_text(row: Mapping[Any, Any], model: str, settings: Mapping[str, Any]) -> str:
    note = row[f"{model}_note"]
    if note == NOT_IN_MODEL:
        return label("not_in_model")
    if note == REFERENCE:
        return label("reference")
    ratio, lower, upper = (row[f"{model}_{name}"] for name in ("hr", "lower", "upper"))
    if not is_known(ratio):
        return label("not_estimable")
    decimals = 2 if row["level"] else 3
    interval = format_interval(lower, upper, decimals, label("ne"))
    return f"{format_number(ratio, decimals)} ({interval})"


def _draw_header(layer: Axes, layout: Layout, top: float, settings: Mapping[str, Any]) -> None:
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    bold: dict[str, Any] = {"size": SMALL, "weight": "bold", "va": "center_baseline"}
    first, second = top + 0.31, top + 0.12
    layer.text(MARGIN, second, label("characteristic"), **bold)
    layer.text(layout.counts + COUNT_WIDTH, second, label("events_of_n"), ha="right", **bold)
    for model, edge in layout.ratios.items():
        layer.plot([edge + 0.06], [first], linestyle="none", **SIGNS[model])
        layer.text(edge + 0.16, first, label(f"{model}_alone"), **bold)
        layer.text(edge, second, label("hr_interval", level=level), **bold)
    layer.plot([MARGIN, WIDTH - MARGIN], [top + 0.01] * 2, color=INK, linewidth=0.8)


def _draw_words(layer: Axes, lines: list[Line], layout: Layout, top: float, settings: Mapping[str, Any]) -> None:
    for place, line in enumerate(lines):
        middle = top - ROW * (place + 0.5)
        common: dict[str, Any] = {"size": SMALL, "va": "center_baseline"}
        layer.text(MARGIN + (INDENT if line.indented else 0), middle, line.name, **common)
        if line.row is None:
            continue
        counts = "/".join("–" if pd.isna(line.row[name]) else str(int(line.row[name])) for name in ("events", "n"))
        layer.text(layout.counts + COUNT_WIDTH, middle, counts, ha="right", **common)
        for model, edge in layout.ratios.items():
            layer.text(edge, middle, _ratio_text(line.row, model, settings), **common)


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def _shade(layer: Axes, lines: list[Line], top: float) -> None:
    """Every other characteristic on grey, so that the eye keeps the line."""
    for place, line in enumerate(lines):
        if line.shaded:
            high, low = top - ROW * place, top - ROW * (place + 1)
            layer.fill_between([MARGIN, WIDTH - MARGIN], low, high, color=SHADE, linewidth=0)


def _draw_ratios(axes: Axes, lines: list[Line], data: pd.DataFrame, settings: Mapping[str, Any]) -> None:
    ticks = _ticks(data)
    axes.set(xscale="log", xlim=(ticks[0], ticks[-1]), ylim=(len(lines), 0))
    axes.patch.set_alpha(0)
    axes.axvline(1, color=GREY, linewidth=0.8, zorder=1)
    for place, line in enumerate(lines):
        if line.row is not None:
            _draw_term(axes, place + 0.5, line.row)
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xticks([], minor=True)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel(label("hazard_axis"), labelpad=2)


def _ticks(data: pd.DataFrame) -> tuple[float, ...]:
    """The marks of the narrowest axis around all hazard ratios and limits."""
    numbers = [number for model in MODELS for side in ("hr", "lower", "upper") for number in data[f"{model}_{side}"]]
    reach = max((abs(math.log(number)) for number in numbers if is_known(number) and number > 0), default=0.0)
    return next((ticks for ticks in TICKS if reach <= math.log(ticks[-1])), TICKS[-1])


def _draw_term(axes: Axes, height: float, row: Mapping[Any, Any]) -> None:
    """Both models' signs, one above the other; of a reference level one small sign."""
    if REFERENCE in (row[f"{model}_note"] for model in MODELS):
        axes.plot([1], [height], linestyle="none", zorder=3, **REFERENCE_SIGN)
        return
    for model in MODELS:
        if is_known(row[f"{model}_hr"]):
            _draw_ratio(axes, height - OFFSETS[model], row, model)


def _draw_ratio(axes: Axes, height: float, row: Mapping[Any, Any], model: str) -> None:
    """The sign and its interval; an arrow where the interval has no end, or one beyond the axis."""
    ratio, lower, upper = (row[f"{model}_{name}"] for name in ("hr", "lower", "upper"))
    low, high = axes.get_xlim()
    begins, ends = lower if is_known(lower) else 0.0, upper if is_known(upper) else math.inf
    drawn = [max(begins, low), min(ends, high)]
    axes.plot(drawn, [height] * 2, color=INK, linewidth=1.0, solid_capstyle="butt", zorder=2)
    for goes_on, edge, sign in ((begins < low, low, "<"), (ends > high, high, ">")):
        if goes_on:
            axes.plot([edge], [height], marker=sign, color=INK, markersize=4, clip_on=False)
    if low <= ratio <= high:
        axes.plot([ratio], [height], linestyle="none", zorder=3, markeredgewidth=0.9, **SIGNS[model])
