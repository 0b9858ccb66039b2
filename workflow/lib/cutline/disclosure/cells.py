"""Counts of the results as cells: of everyone, or of each level of one variable and of those at none of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cutline.disclosure.profiles import counted_apart
from cutline.disclosure.rounding import rounded, rounded_parts
from cutline.survival.curve_rows import COUNTED

if TYPE_CHECKING:
    import pandas as pd

Row = Mapping[str, Any]
EXTREMES = ("min", "max", "first", "last")
"""Statistics that are the value or the date of one person; their filter says whose, and so names it."""


def without_extreme(row: Row) -> Row:
    """The row; of an extreme the filter says only among whom it was sought."""
    return {**row, "filter": str(row["filter"] or "").partition("|")[0].strip()} if is_extreme(row) else row


def is_extreme(row: Row) -> bool:
    return row["statistic"] in EXTREMES


def rows_of(ard: pd.DataFrame) -> dict[str, Row]:
    """The rows of the results by key."""
    return {str(row["key"]): {str(name): cell for name, cell in row.items()} for row in ard.to_dict("records")}


def known(value: Any) -> bool:
    """Whether a cell of the results holds a number."""
    return value is not None and value == value


def cells_of(rows: Mapping[str, Row], settings: Mapping[str, Any], unit: int) -> Cells:
    """The cells of a study's main analysis, of which nothing is shown yet; counts are to be rounded to the unit."""
    apart = counted_apart(settings)
    levels = [str(level) for level in settings["variables"][apart]["levels"]] if apart else []
    return Cells({key: row for key, row in rows.items() if not row["variant"]}, apart, levels, unit)


@dataclass(frozen=True)
class Cells:
    """The rows of the main analysis by key; `apart` is the variable whose levels are counted apart, or blank.

    A cell is named by the key of everyone's row. `shown` gathers, cell by cell, what may be shown of each stratum: the
    levels in their order and then those at no level, or everyone alone.
    """

    rows: Mapping[str, Row]
    apart: str
    levels: Sequence[str]
    unit: int
    shown: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @cached_property
    def of_levels(self) -> dict[str, dict[str, Row]]:
        """Cell → level → its row."""
        found: dict[str, dict[str, Row]] = {}
        for row in self.rows.values():
            if self.apart and row["group"] == self.apart and row["group_level"] in self.levels:
                found.setdefault(self.cell_of(row), {})[row["group_level"]] = row
        return found

    def cell_of(self, row: Row) -> str:
        """The name of a row's cell."""
        if not row["group"]:
            return str(row["key"])
        name = str(row["key"]).replace(f".{row['group']}={row['group_level']}", "", 1)
        return name.replace(".km.", ".", 1) if row["analysis"] == "km" and row["statistic"] in COUNTED else name

    def true(self, cell: str, column: str = "value") -> tuple[int, ...] | None:
        """The counts of each stratum; None where one of them is not known."""
        overall = self.rows.get(cell, {}).get(column)
        if not known(overall):
            return None
        if not self.apart:
            return (int(overall),)  # type: ignore[arg-type]
        values = [self.of_levels.get(cell, {}).get(level, {}).get(column) for level in self.levels]
        if not all(map(known, values)):
            return None
        counts = [int(value) for value in values]  # type: ignore[arg-type]
        rest = int(overall) - sum(counts)  # type: ignore[arg-type]
        return (*counts, rest) if rest >= 0 else None

    def size(self, cell: str) -> tuple[int, ...] | None:
        """The rounded denominators of a cell."""
        true = self.true(cell, "n")
        return None if true is None else tuple(rounded(count, self.unit) for count in true)

    def alone(self, *cells: str) -> None:
        """Show each cell rounded by itself."""
        for cell in cells:
            true = self.true(cell)
            if true is not None:
                self.shown[cell] = tuple(rounded(count, self.unit) for count in true)

    def exactly(self, cell: str) -> None:
        """Show a cell as it is."""
        true = self.true(cell)
        if true is not None:
            self.shown[cell] = true

    def parts(self, cells: Iterable[str]) -> bool:
        """Show cells that together are their denominator by their running sums; whether they are is the answer."""
        found = {cell: self.true(cell) for cell in cells if cell in self.rows}
        true = {cell: counts for cell, counts in found.items() if counts is not None}
        size = self.true(next(iter(true), ""), "n")
        whole = [sum(counts) for counts in zip(*true.values(), strict=True)]
        if len(true) < len(found) or size is None or whole != list(size):
            return False
        self.running(true)
        return True

    def running(self, true: Mapping[str, tuple[int, ...]]) -> None:
        """Show these parts of one whole by their running sums, in this order."""
        strata = [rounded_parts(counts, self.unit) for counts in zip(*true.values(), strict=True)]
        self.shown.update(zip(true, zip(*strata, strict=True), strict=True))

    def less(self, cell: str, whole: str, part: str) -> None:
        """Show a cell as what is left of one when another is taken away."""
        if whole in self.shown and part in self.shown and cell in self.rows:
            pairs = zip(self.shown[whole], self.shown[part], strict=True)
            self.shown[cell] = tuple(all_of - some for all_of, some in pairs)

    def shown_of(self, row: Row) -> int | None:
        """What is shown of a row: of a level its own, of everyone the sum; None where nothing may be."""
        found = self.shown.get(self.cell_of(row))
        return None if found is None else self._of(row, found)

    def size_of(self, row: Row) -> int | None:
        """The rounded denominator of a row."""
        found = self.size(self.cell_of(row))
        return None if found is None else self._of(row, found)

    def _of(self, row: Row, strata: tuple[int, ...]) -> int:
        return strata[list(self.levels).index(row["group_level"])] if row["group"] else sum(strata)
