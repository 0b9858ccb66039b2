"""The generator's building blocks: tables as columns, days as integers, one random stream per name.

Everything is drawn for many women at once; a table is a mapping from column to array. Days count from
1970-01-01. Text is an object array with None where missing, numbers are floats with NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Columns = dict[str, Array]

NEVER = 10_000_000
"""A day that does not come: written as a missing date."""


@dataclass(frozen=True)
class Streams:
    """Random streams by name, so that drawing one thing more leaves all others as they were."""

    seed: int
    chunk: int = 0

    def __call__(self, name: str) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.chunk, *name.encode()])


@dataclass(frozen=True)
class Calendar:
    """The days that bound a study: window of the index date, data cut-off, last day of the records."""

    window_start: int
    window_end: int
    cutoff: int
    days_per_month: float

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Calendar:
        window = settings["window"]
        return cls(
            day(window["start"]),
            day(window["end"]),
            day(settings["data_cutoff"]),
            float(settings["statistics"]["days_per_month"]),
        )

    @property
    def horizon(self) -> int:
        """Records go on for a year after the cut-off, so that a later cut has something to find."""
        return self.cutoff + 365


def day(text: str) -> int:
    """The number of a day given as YYYY-MM-DD."""
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


def between(rng: np.random.Generator, low: Array | int, high: Array | int, size: int | None = None) -> Array:
    """Whole numbers from `low` to `high`, both possible; `low` where `high` is below it."""
    return rng.integers(low, np.maximum(low, high) + 1, size=size, dtype=np.int64)


def pick(rng: np.random.Generator, weights: Mapping[str, float], size: int) -> Array:
    """Texts drawn with the given weights."""
    share = np.array(list(weights.values()), dtype=float)
    return np.array(list(weights), dtype=object)[rng.choice(len(share), size, p=share / share.sum())]


def shuffled(rng: np.random.Generator, counts: Mapping[str, int]) -> Array:
    """Each text as often as its count says, in random order."""
    return rng.permutation(np.repeat(np.array(list(counts), dtype=object), list(counts.values())))


def chosen(rng: np.random.Generator, eligible: Array, count: int) -> Array:
    """True for `count` random eligible rows, or for all if there are fewer."""
    marked = np.zeros(len(eligible), dtype=bool)
    marked[rng.permutation(np.flatnonzero(eligible))[:count]] = True
    return marked


def repeated(counts: Array) -> tuple[Array, Array]:
    """For rows repeated `counts` times: the row each copy is of, and its number among the copies, from 0."""
    owner = np.repeat(np.arange(len(counts)), counts)
    return owner, np.arange(len(owner)) - np.repeat(np.cumsum(counts) - counts, counts)


def constant(value: Any, size: int) -> Array:
    """One value `size` times, as text if it is text or None."""
    return np.full(size, value, dtype=object if value is None or isinstance(value, str) else None)


def translated(values: Array, table: Mapping[str, Any]) -> Array:
    """Each value's entry in a table."""
    found = np.empty(len(values), dtype=object)
    found[:] = [table[value] for value in values]
    return found


def blanked(values: Array, where: Array) -> Array:
    """Texts with None at some places."""
    found = np.array(values, dtype=object)
    found[where] = None
    return found


def numerals(values: Array) -> Array:
    """Numbers as text: 3 and 3.5 as "3" and "3.5"."""
    distinct, place = np.unique(values, return_inverse=True)
    texts = np.empty(len(distinct), dtype=object)
    texts[:] = [f"{value:g}" for value in distinct]
    return texts[place]


def size_of(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def take(columns: Columns, rows: Array) -> Columns:
    """Some rows of a table, by position or by mask."""
    return {name: values[rows] for name, values in columns.items()}


def stack(blocks: Sequence[Columns]) -> Columns:
    """Tables with the same columns, one below the other."""
    return {name: np.concatenate([block[name] for block in blocks]) for name in blocks[0]}
