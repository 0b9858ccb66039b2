"""Figure: the Kaplan-Meier curves of one endpoint at two cuts, the old one dashed, the new one solid, in one plot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from cutline.display import figure_survival as survival
from cutline.display.captions import endpoint_label, level_label
from cutline.display.figure_survival import Drawn, Series
from cutline.display.labels import in_sentence, label, language_of
from cutline.display.lookup import Results
from cutline.display.style import COLOURS, message_figure

OLD_COLOUR, OLD_LINE, NEW_LINE = "#767676", (0, (4, 2)), "solid"


@dataclass(frozen=True)
class Side:
    """One of the two cuts as the figure shows it: its name, its results and the released curves of all endpoints."""

    name: str
    results: Results
    curves: pd.DataFrame = field(default_factory=pd.DataFrame)


def draw_changes(endpoint: str, settings: Mapping[str, Any], sides: Sequence[Side]) -> Drawn:
    """The figure of one endpoint and its data: the rows of both curves with the column `cut` in front.

    `sides` are the old cut and the new one. The old curve is grey and dashed, without a band; where the study's
    figures show groups, it has the colour of its group. Numbers at risk are those of both. Where neither cut has
    anybody to draw, the figure says so.
    """
    pairs = [(side, _rows(endpoint, settings, side)) for side in sides]
    data = pd.concat([rows.assign(cut=side.name) for side, rows in pairs], ignore_index=True)
    data = data[["cut", *data.columns.drop("cut")]]
    language = language_of(settings)
    if data.empty:
        mark = label("synthetic", language) if settings.get("synthetic") else ""
        return message_figure(label("no_patients", language), mark), data
    levels = enumerate(_levels(settings, data))
    series = [one for position, level in levels for one in _pair(endpoint, level, position, settings, pairs)]
    ticks = survival.month_ticks(float(data["time_months"].max()))
    # Without its comparison, whose test is of one cut and would be read as one between the cuts.
    return survival.compose(endpoint, {**settings, "comparisons": {}}, {}, series, ticks), data


def _rows(endpoint: str, settings: Mapping[str, Any], side: Side) -> pd.DataFrame:
    return survival.with_months(survival.chosen(endpoint, settings, side.curves), settings)


def _levels(settings: Mapping[str, Any], data: pd.DataFrame) -> list[str]:
    """The groups drawn; one blank level for everyone."""
    group = survival.group_of(settings)
    known = settings["variables"][group]["levels"] if group else []
    return [level for level in known if (data["group_level"] == level).any()] or [""]


def _pair(
    endpoint: str, level: str, position: int, settings: Mapping[str, Any], pairs: Sequence[tuple[Side, pd.DataFrame]]
) -> Iterator[Series]:
    """The curves of one group, old and new."""
    group = survival.group_of(settings)
    path = f"{endpoint}.km" + (f".{group}={level}" if group else "")
    counts = path if group else endpoint
    for (side, rows), old in zip(pairs, (True, False), strict=True):
        name = f"{level_label(settings, group, level)}, {side.name}" if group else side.name
        inside = rows[rows["group_level"].fillna("") == level]
        if inside.empty:
            continue
        drawn = inside.assign(lower=float("nan"), upper=float("nan")) if old else inside
        one = survival.one_series(counts, path, name, settings, side.results, drawn, position)
        colour = OLD_COLOUR if old and not group else COLOURS[position % len(COLOURS)]
        yield replace(one, colour=colour, line=OLD_LINE if old else NEW_LINE)


def changes_alt_text(endpoint: str, settings: Mapping[str, Any], sides: Sequence[Side]) -> str:
    """What the figure shows, in one sentence with both medians."""
    path = f"{endpoint}.km"
    medians = "; ".join(f"{side.name}: {survival.median_words(path, settings, side.results)}" for side in sides)
    name = in_sentence(endpoint_label(settings, endpoint))
    return f"Kaplan-Meier curves of {name} at both cuts, the old one dashed ({medians}), with numbers at risk of both."
