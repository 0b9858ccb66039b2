"""Waterfall plot: the best change of the target sum from baseline, a bar per person."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from cutline.display.labels import label
from cutline.display.style import GREY, INK, LINE, SMALL, TEXT, WIDTH, message_figure, new_figure, panel, sheet, stamp
from cutline.patient_figures.looks import EDGE, colours_of, legend, response_patches

HEIGHT, LEFT, FOOT = 3.6, 0.75, 0.55
FALL, RISE = -30, 20
HIGHEST = 100
"""Larger rises end here, with their number on the bar."""
THINNEST = 0.6
"""Percent: what a bar without change shows."""


def waterfall_bars(response: pd.DataFrame) -> pd.DataFrame:
    """One row per included person, from the largest rise to the largest fall; those without a change come last."""
    table = response[["patient_id", "best_change_percent", "best_response", "confirmed_response"]].rename(
        columns={"best_change_percent": "change_percent"}
    )
    ordered = table.sort_values(["change_percent", "patient_id"], ascending=[False, True], na_position="last")
    return ordered.assign(position=range(1, len(table) + 1))[
        ["position", "patient_id", "change_percent", "best_response", "confirmed_response"]
    ]


def draw_waterfall(bars: pd.DataFrame, mark: str) -> Figure:
    """The figure of a table as `waterfall_bars` makes it."""
    drawn = bars[bars["change_percent"].notna()].reset_index(drop=True)
    if drawn.empty:
        return message_figure(label("no_sums"), mark)
    figure = new_figure(HEIGHT + FOOT + LINE + 0.2)
    layer = sheet(figure)
    counted = label("waterfall_header", n=len(drawn), all=len(bars))
    layer.text(LEFT, HEIGHT + FOOT + 0.12 + LINE / 2, counted, size=TEXT, va="center_baseline")
    _draw_bars(panel(figure, LEFT, FOOT, WIDTH - LEFT - 0.15, HEIGHT), drawn)
    layer.text(LEFT, 0.18, label("waterfall_note", fall=abs(FALL), rise=RISE), size=SMALL, color=GREY)
    stamp(layer, mark)
    return figure


def _draw_bars(axes: Axes, drawn: pd.DataFrame) -> None:
    change = drawn["change_percent"].clip(upper=HIGHEST)
    shown = change.where(change.abs() >= THINNEST, THINNEST)
    axes.bar(drawn.index, shown, width=0.82, color=colours_of(drawn["best_response"]), edgecolor=INK, linewidth=EDGE)
    for level in (FALL, RISE):
        axes.axhline(level, color=GREY, linewidth=0.8, linestyle=(0, (4, 2)), zorder=0)
    axes.axhline(0, color=INK, linewidth=0.8)
    confirmed = drawn.index[drawn["confirmed_response"].isin(["CR", "PR"])]
    axes.plot(confirmed, shown[confirmed] - 3.5, "o", color=INK, markersize=2.4, linestyle="none", clip_on=False)
    for place in drawn.index[drawn["change_percent"] > HIGHEST]:
        text = f"{drawn['change_percent'][place]:.0f}"
        axes.text(place, HIGHEST + 1, text, size=SMALL - 1, ha="center", va="bottom")
    lowest = min(-100.0 if change.min() < -90 else 10 * (change.min() // 10) - 10, -40.0)
    highest = max(10 * (change.max() // 10) + 10, 40.0)
    axes.set(ylim=(lowest - 5, highest + 2), xlim=(-0.8, len(drawn) - 0.2), ylabel=label("waterfall_axis"))
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    entries = response_patches(drawn["best_response"])
    dot = Line2D([], [], marker="o", color=INK, linestyle="none", markersize=2.4, label=label("is_confirmed"))
    legend(axes, [*entries, *([dot] if len(confirmed) else [])])
