"""Figure: best overall response, one bar per category."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.catalogue import Exhibit
from cutline.display.labels import label, language_of
from cutline.display.lookup import Released, value_of, with_prefix
from cutline.display.numbers import format_interval, format_number, is_known, rounded, times_hundred
from cutline.display.responses import category_label, response_bars
from cutline.display.style import (
    COLOURS,
    INK,
    LINE,
    SMALL,
    TEXT,
    WIDTH,
    new_figure,
    panel,
    sheet,
    stamp,
)

RATES = ("orr", "dcr")
COLUMNS = ["part", "category", "n", "percent", "lower", "upper"]
TYPES = {"n": "Int64", "percent": "float64", "lower": "float64", "upper": "float64"}
PLOT_HEIGHT, LEFT = 2.7, 0.8


def response_data(exhibit: Exhibit, settings: Mapping[str, Any], released: Released) -> pd.DataFrame:
    """One row per category with persons and percentage, then the rates with their intervals; nothing without persons.

    `part` is category or rate; of a rate `n` is the denominator.
    """
    results = released.results
    bars = response_bars(results)
    if not bars["n"].fillna(0).sum():
        return pd.DataFrame(columns=COLUMNS)
    sizes = [row["n"] for _, row in with_prefix(results, "response.best.") if row["n"] is not None]
    rates = [rate for rate in RATES if f"response.{rate}.percent" in results]
    limits = {part: [value_of(results, f"response.{rate}.{part}") for rate in rates]
              for part in ("percent", "lower", "upper")}  # fmt: skip
    below = pd.DataFrame({"part": "rate", "category": rates, "n": max(sizes, default=None)} | limits, columns=COLUMNS)
    parts = [bars.assign(part="category").reindex(columns=COLUMNS), below]
    return pd.concat([part.astype(TYPES) for part in parts], ignore_index=True)


def draw_response(exhibit: Exhibit, settings: Mapping[str, Any], data: pd.DataFrame) -> Figure:
    """The bar chart from its data."""
    language = language_of(settings)
    bars, rates = data[data["part"] == "category"], data[data["part"] == "rate"]
    lines = [label("patients_n", language, n=n) for n in rates["n"].dropna().unique()]
    lines += [_rate(settings, rate) for rate in rates.to_dict("records")]
    foot = 0.45 + LINE * max(category_label(name, language).count("\n") + 1 for name in bars["category"])
    figure = new_figure(0.15 + LINE * len(lines) + 0.1 + PLOT_HEIGHT + foot)
    layer = sheet(figure)
    top = figure.get_size_inches()[1] - 0.15
    for position, line in enumerate(lines):
        layer.text(LEFT, top - LINE * (position + 0.5), line, size=TEXT, va="center_baseline")
    _draw_bars(panel(figure, LEFT, foot, WIDTH - LEFT - 0.15, PLOT_HEIGHT), bars, language)
    stamp(layer, label("synthetic", language) if settings.get("synthetic") else "")
    return figure


def _rate(settings: Mapping[str, Any], rate: Mapping[Any, Any]) -> str:
    language = language_of(settings)
    ne = label("ne", language)
    name, percent = label(rate["category"], language), format_number(rate["percent"], 1, ne)
    if not is_known(rate["lower"]) and not is_known(rate["upper"]):
        return label("rate_text", language, label=name, percent=percent)
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    interval = format_interval(rate["lower"], rate["upper"], 1, ne)
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
