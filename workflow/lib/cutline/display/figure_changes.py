"""Figure: the Kaplan-Meier curves of one endpoint at two cuts, the old one dashed, the new one solid, in one plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from cutline.display.captions import endpoint_label, level_label
from cutline.display.figure_csv import read_again, written
from cutline.display.figure_survival import Series, compose, series_of
from cutline.display.figure_survival_data import chosen, curve_data, group_of, median_of, month_ticks, with_months
from cutline.display.labels import in_sentence, label
from cutline.display.lookup import Results, value_of
from cutline.display.marks import mark_of
from cutline.display.numbers import format_interval, format_number, rounded, times_hundred
from cutline.display.style import COLOURS, message_figure

OLD_COLOUR, OLD_LINE, NEW_LINE = "#767676", (0, (4, 2)), "solid"


@dataclass(frozen=True)
class Side:
    """One of the two cuts as the figure shows it: its name, its results and the released curves of all endpoints."""

    name: str
    results: Results
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)


def draw_changes(endpoint: str, settings: Mapping[str, Any], sides: Sequence[Side]) -> tuple[Figure, pd.DataFrame]:
    """The figure of one endpoint and its data: the rows of both curves with the column `cut` in front.

    `sides` are the old cut and the new one. The old curve is grey and dashed, without a band; where the study's
    figures show groups, it has the colour of its group. Numbers at risk are those of both. Where neither cut has
    anybody to draw, the figure says so.
    """
    rows = {side.name: with_months(chosen(endpoint, settings, side.curves), settings) for side in sides}
    both = pd.concat(rows.values(), ignore_index=True)
    if both.empty:
        mark = mark_of(settings)
        return message_figure(label("no_patients"), mark), both.assign(cut="")
    ticks = month_ticks(float(both["time_months"].max()))
    parts = [_curve(endpoint, level, side, rows[side.name], ticks, settings)
             for level in _levels(settings, both) for side in sides]  # fmt: skip
    data = pd.concat([part for part in parts if len(part)], ignore_index=True)
    data = read_again(written(data[["cut", *data.columns.drop("cut")]]))  # drawn from nothing that a CSV does not hold
    # Without its comparison, whose test is of one cut and would be read as one between the cuts.
    return compose(endpoint, settings, list(_series(data, sides[0].name, settings)), []), data


def _levels(settings: Mapping[str, Any], rows: pd.DataFrame) -> list[str]:
    """The groups drawn; one blank level for everyone."""
    group = group_of(settings)
    known = settings["variables"][group]["levels"] if group else []
    return [level for level in known if (rows["group_level"] == level).any()] or [""]


def _curve(
    endpoint: str, level: str, side: Side, rows: pd.DataFrame, ticks: Sequence[int], settings: Mapping[str, Any]
) -> pd.DataFrame:
    """The data of one group at one cut; nothing where nobody is in it."""
    group = group_of(settings)
    inside = rows[rows["group_level"].fillna("") == level]
    if inside.empty:
        return inside
    path = f"{endpoint}.km" + (f".{group}={level}" if group else "")
    name = f"{level_label(settings, group, level)}, {side.name}" if group else side.name
    median = median_of(side.results, path, path if group else endpoint)
    return curve_data(inside.assign(label=name, group_level=level), ticks, median, settings).assign(cut=side.name)


def _series(data: pd.DataFrame, old: str, settings: Mapping[str, Any]) -> Iterator[Series]:
    """The curves of each group, old and new, each with its look."""
    positions = {level: place for place, level in enumerate(dict.fromkeys(data["group_level"]))}
    for (level, cut), rows in data.groupby(["group_level", "cut"], sort=False):
        colour = OLD_COLOUR if cut == old and not group_of(settings) else COLOURS[positions[level] % len(COLOURS)]
        one = series_of(rows, colour, OLD_LINE if cut == old else NEW_LINE)
        yield replace(one, curve=one.curve.assign(lower=np.nan, upper=np.nan)) if cut == old else one


def median_words(path: str, settings: Mapping[str, Any], results: Results) -> str:
    """The median with its interval in words, or that it is not reached."""
    median, lower, upper = (value_of(results, f"{path}.{part}") for part in ("median", "median_lower", "median_upper"))
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    if median is None and lower is None and upper is None:
        return label("median_plainly_not_reached")
    interval = format_interval(lower, upper, 2, label("ne"))
    if median is None:
        return label("median_not_reached", level=level, interval=interval)
    return label("median_interval", median=format_number(median, 1), level=level, interval=interval)


def changes_alt_text(endpoint: str, settings: Mapping[str, Any], sides: Sequence[Side]) -> str:
    """What the figure shows, in one sentence with both medians."""
    path = f"{endpoint}.km"
    medians = "; ".join(f"{side.name}: {median_words(path, settings, side.results)}" for side in sides)
    name = in_sentence(endpoint_label(settings, endpoint))
    return f"Kaplan-Meier curves of {name} at both cuts, the old one dashed ({medians}), with numbers at risk of both."
