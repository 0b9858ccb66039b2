"""Times as positions on a sorted grid, so that persons are counted per time without a loop over either."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Times = NDArray[Any]

EMPTY_CELLS_PER_PERSON = 4
"""A grid of every whole day is counted without sorting; a sparser one than this is not worth its memory."""
SMALL = 1_000_000


def on_grid(times: ArrayLike) -> tuple[Integers, Times]:
    """Each time's position in a sorted grid of times, and that grid; the grid may hold times that nobody has.

    Whole days are their own positions, as long as the grid is not much larger than the number of persons. Times must
    be finite and not negative.
    """
    given = np.asarray(times)
    if given.dtype.kind in "iu" and given.size and given.min() >= 0 and _is_dense(int(given.max()) + 1, given.size):
        return given.astype(np.int64, copy=False), np.arange(int(given.max()) + 1, dtype=np.int64)
    distinct, positions = np.unique(given, return_inverse=True)
    return positions.astype(np.int64, copy=False), distinct


def in_cells(positions: Integers, grid_size: int, strata: Integers) -> tuple[Integers, Integers]:
    """The cell (stratum, position) of each person, and the stratum of each cell; cells are sorted by both."""
    count = int(strata.max()) + 1
    cells = strata * grid_size + positions
    if _is_dense(count * grid_size, len(positions)):
        return cells, np.repeat(np.arange(count), grid_size)
    distinct, numbered = np.unique(cells, return_inverse=True)
    return numbered.astype(np.int64, copy=False), distinct // grid_size


def _is_dense(cells: int, persons: int) -> bool:
    return cells <= max(SMALL, EMPTY_CELLS_PER_PERSON * persons)
