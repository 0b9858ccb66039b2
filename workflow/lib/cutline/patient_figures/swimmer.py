"""Swimmer plot: time on treatment, a lane per person, with response, progression and death."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from cutline.display.labels import label
from cutline.display.style import GREY, INK, LINE, TEXT, WIDTH, message_figure, new_figure, panel, sheet, stamp
from cutline.patient_figures.looks import EDGE, colours_of, legend, response_patches
from cutline.records import matching, table_named
from cutline.response.targets import ON_STUDY

COLUMNS = ["position", "patient_id", "best_response", "what", "from_months", "to_months"]
TREATMENT, FOLLOW_UP, ONGOING = "treatment", "follow_up", "ongoing"
MARKS: dict[str, tuple[str, str, float]] = {
    "first_response": ("^", "#1a1a1a", 3.6), "progression": ("D", "#1a1a1a", 3.2), "death": ("X", "#1a1a1a", 4.2),
    ONGOING: (">", "#1a1a1a", 4.2),
}  # fmt: skip
"""Sign, colour and size of each mark."""
LANE, LOWEST, HIGHEST = 0.088, 1.2, 8.4
"""Height of a lane, and the smallest and largest height of them all, in inches."""
LEFT, FOOT = 0.35, 0.6


def swimmer_lanes(
    settings: Mapping[str, Any],
    cohort: pd.DataFrame,
    response: pd.DataFrame,
    visits: pd.DataFrame,
    records: Mapping[str, pd.DataFrame],
) -> pd.DataFrame:
    """What is drawn in each person's lane, the longest treatment first; months from the index date.

    Treatment is that of the index date: from there to the last recorded stop of the same drugs, or to the earlier of
    death and data cut-off where one has no stop (`ongoing`, if alive). `follow_up` reaches to the last mark behind it.
    No rows where the table of the index date has no stop dates.
    """
    select = settings["index_date"]["select"]
    table = table_named(records, select["table"])
    if "stop_date" not in table.columns:
        return pd.DataFrame(columns=COLUMNS)
    start = cohort.set_index("patient_id")["index_date"]
    days = pd.DataFrame(index=start.index)
    died = _first(records["deaths"], "death_date") if "deaths" in records else pd.Series(dtype="datetime64[ns]")
    days["death"] = (died.reindex(start.index) - start).dt.days
    days["treatment"], days[ONGOING] = _treated(table, select, start, days["death"], settings["data_cutoff"])
    progressed = visits[(visits["phase"] == ON_STUDY) & (visits["overall_response"] == "PD")]
    days["progression"] = (_first(progressed, "visit_date").reindex(start.index) - start).dt.days
    responded = response.set_index("patient_id")["first_response_date"].reindex(start.index)
    days["first_response"] = (responded - start).dt.days
    best = response.set_index("patient_id")["best_response"]
    return _rows(days, best, settings["statistics"]["days_per_month"])


def _first(rows: pd.DataFrame, date: str) -> pd.Series:
    return rows.groupby("patient_id")[date].min()


def _treated(
    table: pd.DataFrame, select: Mapping[str, Any], start: pd.Series, death: pd.Series, cutoff: str
) -> tuple[pd.Series, pd.Series]:
    """Days on treatment, and the same where it goes on, blank elsewhere."""
    given = matching(table, select.get("where", {}), select["table"])
    begun = pd.to_datetime(given["patient_id"].map(start))
    given = given[given[select["date"]] >= begun]
    stops = given["stop_date"].fillna(pd.Timestamp.max.normalize()).groupby(given["patient_id"]).max()
    open_end = stops.reindex(start.index) == pd.Timestamp.max.normalize()
    until_cutoff = (pd.Timestamp(cutoff) - start).dt.days
    last = pd.Series(np.fmin(death.astype("float64"), until_cutoff.astype("float64")), index=start.index)
    days = (stops.reindex(start.index).where(~open_end) - start).dt.days.where(~open_end, last)
    return days, days.where(open_end & death.isna())


def _rows(days: pd.DataFrame, best: pd.Series, days_per_month: float) -> pd.DataFrame:
    """Long: bars, then marks, by lane."""
    end = days[["treatment", "progression", "death", "first_response"]].max(axis=1)
    parts = [_part(TREATMENT, 0.0 * days["treatment"], days["treatment"]),
             _part(FOLLOW_UP, days["treatment"].where(end > days["treatment"]), end)]  # fmt: skip
    parts += [_part(name, days[name], days[name]) for name in MARKS]
    table = pd.concat(parts, ignore_index=True).dropna(subset=["from_months"])
    lanes = days["treatment"].sort_index().sort_values(ascending=False, kind="stable")
    position = pd.Series(np.arange(1, len(lanes) + 1), index=lanes.index)
    table["position"], table["best_response"] = table["patient_id"].map(position), table["patient_id"].map(best)
    table[["from_months", "to_months"]] /= days_per_month
    return table.sort_values("position", kind="stable", ignore_index=True)[COLUMNS]


def _part(what: str, begin: pd.Series, end: pd.Series) -> pd.DataFrame:
    rows = pd.DataFrame({"from_months": begin.astype("float64"), "to_months": end.astype("float64")})
    return rows.rename_axis("patient_id").reset_index().assign(what=what)


# ── drawing ──────────────────────────────────────────────────────────────────────────────────


def draw_swimmer(lanes: pd.DataFrame, mark: str) -> Figure:
    """The figure of a table as `swimmer_lanes` makes it."""
    if lanes.empty:
        return message_figure(label("no_stop_dates"), mark)
    number = int(lanes["position"].max())
    height = min(max(LANE * number, LOWEST), HIGHEST)
    figure = new_figure(height + FOOT + LINE + 0.2)
    layer = sheet(figure)
    layer.text(LEFT, height + FOOT + 0.12 + LINE / 2, label("swimmer_header", n=number), size=TEXT,
               va="center_baseline")  # fmt: skip
    _draw_lanes(panel(figure, LEFT, FOOT, WIDTH - LEFT - 0.2, height), lanes, number)
    stamp(layer, mark)
    return figure


def _draw_lanes(axes: Axes, lanes: pd.DataFrame, number: int) -> None:
    treated, followed = (lanes[lanes["what"] == what] for what in (TREATMENT, FOLLOW_UP))
    axes.hlines(
        followed["position"], followed["from_months"], followed["to_months"], color=GREY, linewidth=0.6, zorder=1
    )
    axes.barh(treated["position"], treated["to_months"], height=0.78, color=colours_of(treated["best_response"]),
              edgecolor=INK, linewidth=EDGE, zorder=2)  # fmt: skip
    entries = [Line2D([], [], color=GREY, linewidth=0.6, label=label("swimmer_follow_up"))]
    for what, (sign, colour, size) in MARKS.items():
        marked = lanes[lanes["what"] == what]
        style: dict[str, Any] = {"marker": sign, "color": colour, "markersize": size, "linestyle": "none",
                                 "markeredgecolor": "white", "markeredgewidth": 0.4}  # fmt: skip
        axes.plot(marked["to_months"], marked["position"], zorder=3, clip_on=False, **style)
        if len(marked):
            entries.append(Line2D([], [], label=label(f"swimmer_{what}"), **style))
    axes.set(ylim=(number + 0.8, 0.2), xlabel=label("swimmer_axis"))
    axes.set_xlim(0, lanes["to_months"].max() * 1.02)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 3, 6, 10]))
    axes.set_yticks([])
    legend(axes, [*response_patches(treated["best_response"]), *entries], "lower right")
