"""Every curve of a study drawn anew, and the results that are read off the new ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cutline.disclosure.cells import Cells
from cutline.disclosure.curves import Grid, ending, month_ends, on_grid, redrawn_rows, rounded_grid, table_of
from cutline.disclosure.profiles import BEYOND_THE_END
from cutline.survival.choices import Choices, choices_of
from cutline.tables.results import CURVES
from cutline.tables.spec import conform

if TYPE_CHECKING:
    import pandas as pd

Values = dict[str, dict[str, Any]]
"""Key → the columns that change."""
ONLY_READ_OFF = ("value", "note", "time_months")


@dataclass(frozen=True)
class Redrawing:
    """What curves are drawn with: the shown counts, the fewest at risk, and the study's settings."""

    cells: Cells
    fewest: int
    settings: Mapping[str, Any]

    @property
    def choices(self) -> Choices:
        return choices_of(self.settings["statistics"])


def redraw(drawing: Redrawing, curves: Mapping[str, pd.DataFrame]) -> tuple[dict[str, pd.DataFrame], Values]:
    """The curves by name (`curves_<endpoint>`), and the results of each by key."""
    tables, values = {}, Values()
    for name, curve in curves.items():
        endpoint = name.removeprefix("curves_")
        grids = _grids(drawing, endpoint, curve)
        tables[name] = _table(drawing, endpoint, grids)
        values |= _values(drawing, endpoint, grids)
    return tables, values


def _grids(drawing: Redrawing, endpoint: str, curve: pd.DataFrame) -> dict[str, tuple[Grid, int]]:
    """Everyone under a blank, and each level that is counted apart: the shown running counts, and the persons."""
    cells = drawing.cells
    persons, events = (cells.shown.get(f"{endpoint}.{name}") for name in ("n", "events"))
    if persons is None or events is None or curve.empty:
        return {}
    days = month_ends(float(curve["time_days"].max()), drawing.settings["statistics"]["days_per_month"])
    parts = _of_strata(cells, curve, days)
    shown = [rounded_grid(*each, drawing.cells.unit) for each in zip(parts, persons, events, strict=True)]
    found = {"": (_total(shown), sum(persons))} | dict(
        zip(cells.levels, zip(shown, persons, strict=False), strict=False)
    )
    return {level: (ending(grid, n, drawing.fewest), n) for level, (grid, n) in found.items() if n}


def _of_strata(cells: Cells, curve: pd.DataFrame, days: Any) -> list[Grid]:
    """The true running counts of each stratum; those at no level are everyone less the levels."""
    overall = on_grid(curve[curve["group"].fillna("") == ""], days)
    if not cells.apart:
        return [overall]
    mine = curve[curve["group"].fillna("") == cells.apart]
    levels = [on_grid(mine[mine["group_level"] == level], days) for level in cells.levels]
    inside = _total(levels)
    return [
        *levels,
        replace(overall, events=overall.events - inside.events, censored=overall.censored - inside.censored),
    ]


def _total(grids: list[Grid]) -> Grid:
    found = grids[0]
    for grid in grids[1:]:
        found = found + grid
    return found


def _table(drawing: Redrawing, endpoint: str, grids: Mapping[str, tuple[Grid, int]]) -> pd.DataFrame:
    import pandas as pd

    rows = [row for level, (grid, persons) in grids.items() for row in table_of(
        grid, persons, {"endpoint": endpoint, "group": drawing.cells.apart if level else "", "group_level": level},
        drawing.choices)]  # fmt: skip
    return conform(pd.DataFrame(rows, columns=CURVES.names), CURVES)


def _values(drawing: Redrawing, endpoint: str, grids: Mapping[str, tuple[Grid, int]]) -> Values:
    followed = endpoint == drawing.settings["follow_up_endpoint"]
    rows = redrawn_rows(endpoint, grids, drawing.cells.apart, drawing.choices, followed=followed)
    read = {row["key"]: {name: row[name] for name in ONLY_READ_OFF if name in row} for row in rows}
    for key in _after_the_end(drawing, endpoint, grids):
        read[key] = {"value": None, "note": BEYOND_THE_END}
    return read


def _after_the_end(drawing: Redrawing, endpoint: str, grids: Mapping[str, tuple[Grid, int]]) -> Iterator[str]:
    """The counts at landmarks that lie after the end of their curve."""
    choices = drawing.choices
    for level, (grid, _) in grids.items():
        within = f".{drawing.cells.apart}={level}" if level else ""
        for months in choices.landmarks_months:
            if months * choices.days_per_month >= grid.days[-1] + choices.days_per_month:
                yield from (f"{endpoint}.km{within}.{name}_{months}m" for name in ("at_risk", "events"))
