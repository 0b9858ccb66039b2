"""How the width of a page is shared among the columns of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cutline.display.grid import INDENT, Cell, Grid

WIDEST_LABEL, WIDEST_CELL, NARROWEST, PADDING = 36, 24, 5, 3
BOLD = DIGITS = 1.12  # bold letters of a header, and digits, are wider than the average letter


def shares_of(grid: Grid) -> list[int]:
    """The share of the page of each column in percent, together 100: the table's own, else by its contents."""
    return list(grid.shares) or percentages(letters_of(grid))


def letters_of(grid: Grid) -> list[int]:
    """The width in letters that each column wants."""
    names = [(INDENT if row.indented else "") + _shown(row.label) for row in grid.rows]
    cells = [[_shown(row.cells[place]) for row in grid.rows if place < len(row.cells)]
             for place in range(len(grid.header) - 1)]  # fmt: skip
    return wanted_widths([[header, *texts] for header, texts in zip(grid.header, [names, *cells], strict=True)])


def wanted_widths(columns: Sequence[Sequence[str]]) -> list[int]:
    """The width in letters that each column wants, given its texts, the header first.

    A column is as wide as its longest cell, but not wider than a limit beyond which text wraps; of its
    header only the longest part without a place to break counts.
    """
    return [_wanted(column, WIDEST_CELL if place else WIDEST_LABEL) for place, column in enumerate(columns)]


def percentages(widths: Sequence[int]) -> list[int]:
    """Widths as whole percentages that add up to 100; the first column takes what rounding leaves."""
    shares = [round(100 * width / sum(widths)) for width in widths]
    return [100 - sum(shares[1:]), *shares[1:]]


def _wanted(column: Sequence[str], widest: int) -> int:
    words = [math.ceil(BOLD * len(word)) for word in column[0].split(" ")]  # a no-break space is no place to break
    cells = [math.ceil(DIGITS * len(cell)) for cell in column[1:]]
    return max(NARROWEST, *words, min(widest, max(cells, default=0))) + PADDING


def _shown(cell: Cell) -> str:
    return cell.text + ",".join(cell.marks)
