"""How the width of a page is shared among the columns of a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from cutline.display.grid import INDENT, Cell, Grid

WIDEST_LABEL, WIDEST_CELL, NARROWEST, PADDING = 36, 24, 5, 3
LINE = 125
"""Letters that fit into a line of a table."""
BOLD = DIGITS = 1.12  # bold letters of a header, and digits, are wider than the average letter


def shares_of(grid: Grid) -> list[int]:
    """The share of the page of each column in percent, together 100: the table's own, else by its contents."""
    return list(grid.shares) or fitted(_columns(grid))


def letters_of(grid: Grid) -> list[int]:
    """The width in letters that each column wants."""
    return wanted_widths(_columns(grid))


def _columns(grid: Grid) -> list[list[str]]:
    names = [(INDENT if row.indented else "") + _shown(row.label) for row in grid.rows]
    cells = [[_shown(row.cells[place]) for row in grid.rows if place < len(row.cells)]
             for place in range(len(grid.header) - 1)]  # fmt: skip
    return [[header, *texts] for header, texts in zip(grid.header, [names, *cells], strict=True)]


def wanted_widths(columns: Sequence[Sequence[str]]) -> list[int]:
    """The width in letters that each column wants, given its texts, the header first.

    A column is as wide as its longest cell, but not wider than a limit beyond which text wraps; of its
    header only the longest part without a place to break counts.
    """
    return [_wanted(column, WIDEST_CELL if place else WIDEST_LABEL) for place, column in enumerate(columns)]


def fitted(columns: Sequence[Sequence[str]]) -> list[int]:
    """The share of the page of each column in percent, by its texts, the header first.

    Where the page is too narrow for what the columns want, none is narrower than its longest word while there is room.
    """
    wanted, needed = wanted_widths(columns), [_needed(column) for column in columns]
    room = LINE - sum(needed)
    if sum(wanted) <= LINE or room <= 0:
        return _percentages(wanted if room > 0 else needed)
    more = [want - need for want, need in zip(wanted, needed, strict=True)]
    return _percentages([need + room * extra / sum(more) for need, extra in zip(needed, more, strict=True)])


def _percentages(widths: Sequence[float]) -> list[int]:
    """Widths as whole percentages that add up to 100; the first column takes what rounding leaves."""
    shares = [round(100 * width / sum(widths)) for width in widths]
    return [100 - sum(shares[1:]), *shares[1:]]


def _wanted(column: Sequence[str], widest: int) -> int:
    cells = [math.ceil(DIGITS * len(cell)) for cell in column[1:]]
    return max(_of_header(column), min(widest, max(cells, default=0))) + PADDING


def _needed(column: Sequence[str]) -> int:
    words = [math.ceil(DIGITS * len(word)) for cell in column[1:] for word in cell.split(" ")]
    return max(_of_header(column), min(WIDEST_CELL, max(words, default=0))) + PADDING


def _of_header(column: Sequence[str]) -> int:
    """Of its longest word; a no-break space is no place to break."""
    return max(NARROWEST, *(math.ceil(BOLD * len(word)) for word in column[0].split(" ")))


def _shown(cell: Cell) -> str:
    return cell.text + ",".join(cell.marks)
