"""Figure: best overall response, one bar per category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.catalogue import Exhibit
from cutline.display.labels import label
from cutline.display.lookup import Released, Results, value_of
from cutline.display.marks import mark_of
from cutline.display.numbers import format_interval, format_number, is_known, rounded, times_hundred
from cutline.display.responses import ALWAYS, category_label, groups_shown, response_bars, size_of
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
OF_GROUP = ["group_level", "label"]
TYPES = {"n": "Int64", "percent": "float64", "lower": "float64", "upper": "float64"}
PLOT_HEIGHT, LEFT = 2.7, 0.8
WIDTH_OF_BARS, WIDTH_OF_GROUPS = 0.62, 0.84
"""Of the bar of a category, and of those of all groups together, where 1 is the distance to the next category."""


def response_data(exhibit: Exhibit, settings: Mapping[str, Any], released: Released) -> pd.DataFrame:
    """One row per category with persons and percentage, then the rates with their intervals; nothing without persons.

    `part` is category or rate; of a rate `n` is the denominator. With `response.by` all of it for each group, which
    `group_level` and `label` name.
    """
    results = released.results
    if not response_bars(results)["n"].fillna(0).sum():
        return pd.DataFrame(columns=COLUMNS)
    groups = list(groups_shown(settings, results))
    if not groups:
        return _of(results, "")
    parts = [_of(results, group.suffix).assign(group_level=group.level, label=group.name) for group in groups]
    return pd.concat(parts, ignore_index=True)[["part", *OF_GROUP, *COLUMNS[1:]]]


def _of(results: Results, suffix: str) -> pd.DataFrame:
    """The categories and the rates of one group, or of all."""
    rates = [rate for rate in RATES if f"response{suffix}.{rate}.percent" in results]
    limits = {part: [value_of(results, f"response{suffix}.{rate}.{part}") for rate in rates]
              for part in ("percent", "lower", "upper")}  # fmt: skip
    total = size_of(results, f"response{suffix}.best.{ALWAYS[0]}.n")
    below = pd.DataFrame({"part": "rate", "category": rates, "n": total or None} | limits, columns=COLUMNS)
    parts = [response_bars(results, suffix).assign(part="category").reindex(columns=COLUMNS), below]
    return pd.concat([part.astype(TYPES) for part in parts], ignore_index=True)


def draw_response(exhibit: Exhibit, settings: Mapping[str, Any], data: pd.DataFrame) -> Figure:
    """The bar chart from its data; the bars of groups stand side by side."""
    groups = [part for _, part in data.groupby("label", sort=False)] if "label" in data else [data]
    lines = [line for group in groups for line in _lines(settings, group)]
    categories = groups[0][groups[0]["part"] == "category"]["category"]
    foot = 0.45 + LINE * max(category_label(name).count("\n") + 1 for name in categories)
    figure = new_figure(0.15 + LINE * len(lines) + 0.1 + PLOT_HEIGHT + foot)
    layer = sheet(figure)
    top = figure.get_size_inches()[1] - 0.15
    for position, line in enumerate(lines):
        layer.text(LEFT, top - LINE * (position + 0.5), line, size=TEXT, va="center_baseline")
    axes = panel(figure, LEFT, foot, WIDTH - LEFT - 0.15, PLOT_HEIGHT)
    _draw_bars(axes, [group[group["part"] == "category"] for group in groups])
    stamp(layer, mark_of(settings))
    return figure


def _lines(settings: Mapping[str, Any], group: pd.DataFrame) -> list[str]:
    """How many patients there are, of which group, and their rates."""
    rates = group[group["part"] == "rate"]
    rows = [_rate(settings, rate) for rate in rates.to_dict("records")]
    sizes = rates["n"].dropna().unique()
    if "label" in group:
        name = group["label"].iloc[0]
        return [label("group_n", label=name, n=n) for n in sizes] + [f"    {row}" for row in rows]
    return [label("patients_n", n=n) for n in sizes] + rows


def _rate(settings: Mapping[str, Any], rate: Mapping[Any, Any]) -> str:
    ne = label("ne")
    name, percent = label(rate["category"]), format_number(rate["percent"], 1, ne)
    if not is_known(rate["lower"]) and not is_known(rate["upper"]):
        return label("rate_text", label=name, percent=percent)
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    interval = format_interval(rate["lower"], rate["upper"], 1, ne)
    return label("interval_text", label=name, percent=percent, level=level, interval=interval)


def _draw_bars(axes: Axes, groups: Sequence[pd.DataFrame]) -> None:
    width = WIDTH_OF_BARS if len(groups) == 1 else WIDTH_OF_GROUPS / len(groups)
    highest = max(bars["percent"].fillna(0.0).max() for bars in groups)
    for number, bars in enumerate(groups):
        places = [place + width * (number - (len(groups) - 1) / 2) for place in range(len(bars))]
        name = bars["label"].iloc[0] if "label" in bars else None
        _draw_group(axes, bars, places, width, number, name)
    if len(groups) > 1:
        axes.legend(frameon=False, fontsize=SMALL, loc="upper right")
    names = [category_label(category) for category in groups[0]["category"]]
    axes.set_xticks(range(len(names)), names)
    axes.set(xlim=(-0.6, len(names) - 0.4), ylabel=label("response_axis"))
    limit = min(100, 10 * (int(highest) // 10 + 1))
    axes.set_yticks(range(0, limit + 1, 10 if limit <= 60 else 20))
    axes.set_ylim(0, limit * 1.08)
    axes.tick_params(axis="x", length=0)


def _draw_group(
    axes: Axes, bars: pd.DataFrame, places: Sequence[float], width: float, number: int, name: str | None
) -> None:  # fmt: skip
    """The bars of one group, each with its count and percentage: in two lines where there are several groups."""
    heights = bars["percent"].fillna(0.0).tolist()
    axes.bar(places, heights, width=width, color=COLOURS[number], edgecolor=INK, linewidth=0.8, label=name)
    for place, height, bar in zip(places, heights, bars.to_dict("records"), strict=True):
        text = label("count_percent", n=bar["n"], percent=format_number(bar["percent"], 1))
        text = text if name is None else text.replace(" ", "\n", 1)
        axes.text(place, height + 1, text, ha="center", va="bottom", size=SMALL)
