"""Figure: how each coefficient of an endpoint's multivariable Cox model moves with time: the smooth of the scaled
Schoenfeld residuals with its band, one panel per term."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.captions import NO_BREAK_SPACE, level_label, variable_label
from cutline.display.catalogue import Exhibit
from cutline.display.figure_survival_data import month_ticks
from cutline.display.labels import label
from cutline.display.lookup import Released, Results, value_of
from cutline.display.marks import mark_of
from cutline.display.numbers import MINUS, is_known, p_statement
from cutline.display.style import COLOURS, GREY, INK, LINE, SMALL, WIDTH, new_figure, panel, sheet, stamp, wrapped

MODEL, TRANSFORM = "multivariable", "km"
COLUMNS = ["endpoint", "model", "variable", "level", "label", "transformed", "time_months", "smooth", "lower", "upper",
           "coefficient", "p", "df"]  # fmt: skip
ACROSS, WIDEST, PANEL_HEIGHT, LEFT, BETWEEN, AXIS, FOOT = 3, 2.6, 1.25, 0.74, 0.56, 0.34, 0.4
HEAD = 0.06
CLOSEST = 0.17
"""Of the width of a panel: labels of the axis of time are at least so far apart."""


def schoenfeld_data(exhibit: Exhibit, settings: Mapping[str, Any], released: Released) -> pd.DataFrame:
    """The points of each smooth, and on every row the term's coefficient and the p-value of its variable's test.

    `transformed` is the axis, 1 minus the Kaplan-Meier estimate, `time_months` the time that stands there; `smooth`,
    `lower` and `upper` are log hazard ratios. Nothing where no smooth could be made.
    """
    smooths = released.smooths
    rows = smooths[(smooths["endpoint"] == exhibit.endpoint) & (smooths["model"] == MODEL)]
    rows = rows.assign(level=rows["level"].fillna(""))
    parts = [
        group.rename(columns={"coefficient": "smooth"}).assign(
            time_months=group["time_days"].astype("float64") / settings["statistics"]["days_per_month"],
            **_term(exhibit.endpoint, str(variable), str(level), settings, released.results),
        )
        for (variable, level), group in rows.groupby(["variable", "level"], sort=False)
    ]
    return pd.DataFrame([row for part in parts for row in part.to_dict("records")], columns=COLUMNS)


def _term(
    endpoint: str, variable: str, level: str, settings: Mapping[str, Any], results: Results
) -> dict[str, str | float | None]:
    """The name of a term, its coefficient, and p and degrees of freedom of its variable's test."""
    path = f"{endpoint}.cox.{MODEL}"
    ratio = value_of(results, ".".join(part for part in (path, variable, level, "hr") if part))
    test = {part: value_of(results, f"{path}.zph.{TRANSFORM}.{variable}.{part}") for part in ("p", "df")}
    name = variable_label(settings, variable)
    named = f"{name}: {level_label(settings, variable, level)}" if level else name
    return {"label": named, "coefficient": float(np.log(ratio)) if ratio else None} | test


def draw_schoenfeld(exhibit: Exhibit, settings: Mapping[str, Any], data: pd.DataFrame) -> Figure:
    """The figure from its data."""
    terms = [rows for _, rows in data.groupby(["variable", "level"], sort=False)]
    across = min(ACROSS, len(terms))
    down = -(-len(terms) // across)
    width = min(WIDEST, (WIDTH - LEFT - 0.12 - (across - 1) * BETWEEN) / across)
    titles = [wrapped(_kept_together(str(rows["label"].iloc[0])), width + BETWEEN - 0.1, SMALL) for rows in terms]
    heights = [LINE * max(map(len, titles[row * across : (row + 1) * across])) + HEAD for row in range(down)]
    figure = new_figure(sum(heights) + down * (PANEL_HEIGHT + AXIS) + FOOT)
    layer = sheet(figure, above=True)
    for place, (rows, title) in enumerate(zip(terms, titles, strict=True)):
        row, column = divmod(place, across)
        left = LEFT + column * (width + BETWEEN)
        top = figure.get_size_inches()[1] - sum(heights[: row + 1]) - row * (PANEL_HEIGHT + AXIS)
        axes = panel(figure, left, top - PANEL_HEIGHT, width, PANEL_HEIGHT)
        _draw_term(axes, rows, settings)
        for line, text in enumerate(title):
            layer.text(left, top + LINE * (len(title) - line - 0.4), text, size=SMALL, va="center_baseline")
    _draw_axes_words(layer, figure, LEFT + (across * (width + BETWEEN) - BETWEEN) / 2, settings)
    return figure


def _kept_together(name: str) -> str:
    """The name without a place to break after a sign of comparison."""
    return re.sub(r"([<>≤≥]) ", rf"\1{NO_BREAK_SPACE}", name)


def _draw_term(axes: Axes, rows: pd.DataFrame, settings: Mapping[str, Any]) -> None:
    places = rows["transformed"]
    axes.fill_between(places, rows["lower"], rows["upper"], color=COLOURS[0], alpha=0.18, linewidth=0)
    axes.plot(places, rows["smooth"], color=COLOURS[0], linewidth=1.4)
    low, high = min(rows["lower"].min(), 0), max(rows["upper"].max(), 0)
    axes.axhline(0, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
    if is_known(coefficient := float(rows["coefficient"].iloc[0])):
        axes.axhline(coefficient, color=INK, linewidth=0.9, linestyle=(0, (5, 2)))
    axes.set(xlim=(places.min(), places.max()), ylim=(low, high + 0.24 * (high - low)))
    axes.locator_params(axis="y", nbins=4)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", MINUS))
    ticks = list(_ticks(rows))
    axes.set_xticks([place for _, place in ticks], [f"{month}" for month, _ in ticks])
    said = label("score_test", p=p_statement(_number(rows["p"])))
    axes.text(0.97, 0.97, said, transform=axes.transAxes, size=SMALL, ha="right", va="top")


def _number(column: pd.Series) -> float | None:
    return None if pd.isna(column.iloc[0]) else float(column.iloc[0])


def _ticks(rows: pd.DataFrame) -> Iterator[tuple[int, float]]:
    """Months and their places on the axis, those left out that stand too close to the one before."""
    places, months = rows["transformed"].to_numpy(), rows["time_months"].to_numpy()
    width, last = places.max() - places.min(), -np.inf
    for month in month_ticks(float(months.max())):
        place = float(np.interp(month, months, places))
        if months.min() <= month <= months.max() and place - last >= CLOSEST * width:
            yield month, place
            last = place


def _draw_axes_words(layer: Axes, figure: Figure, centre: float, settings: Mapping[str, Any]) -> None:
    """One name for all axes of a kind: beside the panels, in as many lines as their height asks for, and below them."""
    height = figure.get_size_inches()[1]
    bottom = FOOT + AXIS
    name = "\n".join(wrapped(label("coefficient_axis"), height - bottom - 0.15))
    layer.text(0.18, bottom + (height - bottom) / 2, name, rotation=90, ha="center", va="center", linespacing=1.1)
    layer.text(centre, FOOT - 0.1, label("time_months"), ha="center", va="center_baseline")
    stamp(layer, mark_of(settings))
