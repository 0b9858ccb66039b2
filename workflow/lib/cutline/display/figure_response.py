"""Figure: best overall response, one bar per category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.catalogue import Exhibit
from cutline.display.labels import label, language_of
from cutline.display.lookup import Results, value_of, with_prefix
from cutline.display.numbers import format_interval, format_number, rounded, times_hundred
from cutline.display.responses import category_label, response_bars
from cutline.display.style import (
    COLOURS,
    INK,
    LINE,
    SMALL,
    TEXT,
    WIDTH,
    message_figure,
    new_figure,
    panel,
    sheet,
    stamp,
)

Drawn = tuple[Figure, pd.DataFrame]
RATES = ("orr", "dcr")
PLOT_HEIGHT, LEFT = 2.7, 0.8


def draw_response(exhibit: Exhibit, settings: Mapping[str, Any], results: Results, curves: pd.DataFrame) -> Drawn:
    """The bar chart and its data: one row per category, with persons and percentage."""
    bars, language = response_bars(results), language_of(settings)
    mark = label("synthetic", language) if settings.get("synthetic") else ""
    if not bars["n"].fillna(0).sum():
        return message_figure(label("no_patients", language), mark), bars
    lines = _header_lines(settings, results)
    foot = 0.45 + LINE * max(category_label(name, language).count("\n") + 1 for name in bars["category"])
    figure = new_figure(0.15 + LINE * len(lines) + 0.1 + PLOT_HEIGHT + foot)
    layer = sheet(figure)
    top = figure.get_size_inches()[1] - 0.15
    for position, line in enumerate(lines):
        layer.text(LEFT, top - LINE * (position + 0.5), line, size=TEXT, va="center_baseline")
    _draw_bars(panel(figure, LEFT, foot, WIDTH - LEFT - 0.15, PLOT_HEIGHT), bars, language)
    stamp(layer, mark)
    return figure, bars


def _header_lines(settings: Mapping[str, Any], results: Results) -> list[str]:
    language = language_of(settings)
    sizes = [row["n"] for _, row in with_prefix(results, "response.best.") if row["n"] is not None]
    lines = [label("patients_n", language, n=max(sizes))] if sizes else []
    return lines + [_rate(settings, results, rate) for rate in RATES if f"response.{rate}.percent" in results]


def _rate(settings: Mapping[str, Any], results: Results, rate: str) -> str:
    language = language_of(settings)
    ne = label("ne", language)
    values = {part: value_of(results, f"response.{rate}.{part}") for part in ("percent", "lower", "upper")}
    name, percent = label(rate, language), format_number(values["percent"], 1, ne)
    if values["lower"] is None and values["upper"] is None:
        return label("rate_text", language, label=name, percent=percent)
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    interval = format_interval(values["lower"], values["upper"], 1, ne)
    return label("interval_text", language, label=name, percent=percent, level=level, interval=interval)


def _draw_bars(axes: Axes, bars: pd.DataFrame, language: str) -> None:
    heights = bars["percent"].fillna(0.0)
    axes.bar(range(len(bars)), heights, width=0.62, color=COLOURS[0], edgecolor=INK, linewidth=0.8)
    for position, bar in enumerate(bars.to_dict("records")):
        text = label("count_percent", language, n=bar["n"], percent=format_number(bar["percent"], 1))
        axes.text(position, heights[position] + 1, text, ha="center", va="bottom", size=SMALL)
    names = [category_label(category, language) for category in bars["category"]]
    axes.set_xticks(range(len(bars)), names)
    axes.set(xlim=(-0.6, len(bars) - 0.4), ylabel=label("response_axis", language))
    limit = min(100, 10 * (int(heights.max()) // 10 + 1))
    axes.set_yticks(range(0, limit + 1, 10 if limit <= 60 else 20))
    axes.set_ylim(0, limit * 1.08)
    axes.tick_params(axis="x", length=0)
