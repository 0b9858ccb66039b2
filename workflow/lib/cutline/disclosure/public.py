"""The profile `public`: what anybody may see, also beside the results of another data cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cutline.disclosure.cells import Row, cells_of, known, rows_of, without_extreme
from cutline.disclosure.coarse import coarsened
from cutline.disclosure.counts import show_counts
from cutline.disclosure.derived import COUNT_OF, differences, limit, patient_years, share
from cutline.disclosure.existence import is_there_by_the_data
from cutline.disclosure.profiles import WITHHELD, limits_of
from cutline.disclosure.redraw import Redrawing, Values, redraw
from cutline.groups import reference_first

if TYPE_CHECKING:
    import pandas as pd

LIMITS = ("lower", "upper", "wilson_lower", "wilson_upper")
OF_EVERYONE = ("baseline", "km", "followup", "rmst", "times", "response", "safety")
"""Analyses whose denominators are numbers of persons that are shown elsewhere too."""
NOT_ESTIMABLE = "not estimable"


def protect(
    ard: pd.DataFrame, curves: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The results and curves as everybody may see them; columns and order of the results stay.

    Rows that are there only because of the data go. A statistic that cannot be protected is a row without value whose
    note says so. Numbers of persons are rounded in every column. Why something is not estimable is said only of what is
    read off the redrawn curves: of anything else the reason can be an exact count.
    """
    import pandas as pd

    public = _Public(rows_of(ard), settings)
    tables, read = redraw(Redrawing(public.cells, public.threshold, settings), curves)
    rows = [public.shown(row, read) for row in public.rows.values() if not is_there_by_the_data(row, settings)]
    return pd.DataFrame(rows, columns=list(ard.columns)).astype(ard.dtypes.to_dict()), tables


class _Public:
    """The rows of a study's results, and what is shown of each."""

    def __init__(self, rows: Mapping[str, Row], settings: Mapping[str, Any]) -> None:
        self.rows, self.settings = rows, settings
        self.threshold = limits_of(settings["report"]).threshold
        self.cells = cells_of(rows, settings, self.threshold)
        self.apart = self.cells.apart
        show_counts(self.cells, self._included())

    def _included(self) -> tuple[int, ...]:
        """The persons of each stratum."""
        everyone = int(self.rows["flow.included"]["value"])
        if not self.apart:
            return (everyone,)
        rows = [row for cell, found in self.cells.of_levels.items() if cell in self.rows for row in found.values()]
        found = [(row["group_level"], int(row["n"])) for row in rows if known(row["n"])]
        sizes = [max((n for each, n in found if each == level), default=0) for level in self.cells.levels]
        return (*sizes, everyone - sum(sizes))

    @cached_property
    def computed(self) -> dict[str, float | None]:
        """What is computed from several shown counts, by key."""
        if not self.apart:
            return dict(patient_years(self.cells))
        reference = reference_first(self.settings["variables"][self.apart])[0]
        level = float(self.settings["statistics"]["conf_level"])
        return differences(self.cells, reference, level) | dict(patient_years(self.cells))

    def shown(self, row: Row, read: Values) -> Row:
        """A row as everybody may see it; `read` are the results read off the redrawn curves."""
        mine = not row["variant"] and row["group"] in ("", self.apart)
        if mine and row["key"] in read:
            return self._with(row, {"note": "", **read[row["key"]]}, self._size(row))
        value = self._value(row, mine)
        counted = value if mine and self._is_count(row) else None
        size = self._size(row) if mine else None
        return self._with(row, {"value": value, "note": self._note(row, value, mine)}, size, counted)

    def _value(self, row: Row, mine: bool) -> float | None:
        if not known(row["value"]):
            return None
        if mine and (found := self._from_counts(row)) is not None:
            return found
        if row["group"] == self.apart == "" or not self._told_by_level(row):
            return coarsened(row, self.threshold)
        return None

    def _told_by_level(self, row: Row) -> bool:
        """Whether a value of persons is of everyone while levels are counted apart, or of other groups' persons."""
        if row["analysis"] not in ("baseline", "selection") or row["statistic"] in ("smd", "p"):
            return False
        return bool(row["group"] != self.apart)

    def _from_counts(self, row: Row) -> float | None:
        statistic = str(row["statistic"])
        if row["key"] in self.computed:
            return self.computed[row["key"]]
        if statistic in COUNT_OF:
            return share(self.cells, row)
        if row["analysis"] == "response" and statistic in LIMITS:
            return limit(self.cells, row)
        if statistic == "events_per_df":
            return self._events_per_df(row)
        return self.cells.shown_of(row) if self._is_count(row) else None

    def _is_count(self, row: Row) -> bool:
        return self.cells.cell_of(row) in self.cells.shown

    def _events_per_df(self, row: Row) -> float | None:
        path = str(row["key"]).removesuffix("events_per_df")
        events = self.cells.shown.get(f"{path}events")
        terms = self.rows.get(f"{path}degrees_of_freedom", {}).get("value")
        return sum(events) / float(terms) if events and terms else None

    def _size(self, row: Row) -> int | None:
        if row["analysis"] == "flow":
            return sum(self.cells.shown.get("flow.screened", (0,)))
        return self.cells.size_of(row) if row["analysis"] in OF_EVERYONE and known(row["n"]) else None

    def _note(self, row: Row, value: float | None, mine: bool) -> str:
        """Not estimable is only what would be shown if it were: of what is withheld anyway nobody learns it."""
        if value is not None:
            return ""
        missing = not known(row["value"]) and str(row["note"] or "").startswith(NOT_ESTIMABLE)
        return NOT_ESTIMABLE if missing and self._value({**row, "value": 1.0}, mine) is not None else WITHHELD

    def _with(self, row: Row, changed: Mapping[str, Any], size: int | None, counted: float | None = None) -> Row:
        row = without_extreme(row)
        return {**row, "text": "", "time_months": self._time(row), **changed, "n": size, "n_contributing": counted}

    def _time(self, row: Row) -> Any:
        """A time that the study names; not the largest one of anybody."""
        return None if row["analysis"] == "rmst" and not str(row["statistic"]).endswith("m") else row["time_months"]
