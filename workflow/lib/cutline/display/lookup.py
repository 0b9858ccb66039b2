"""Results by key, as plain Python values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from cutline.languages.noted import told

Row = Mapping[str, Any]
Results = Mapping[str, Row]


@dataclass(frozen=True)
class Released:
    """All that figures may show: the results by key, the curves, the smooths of Schoenfeld residuals."""

    results: Results
    curves: pd.DataFrame
    smooths: pd.DataFrame


_NUMBERS: Mapping[str, Callable[[Any], float]] = {"value": float, "n": int, "n_contributing": int, "time_months": float,
                                                  "conf_level": float}  # fmt: skip
"""The columns of numbers, and of which kind; all others are text."""


_BARE_LIMITS = ("hr", "median", "percent")
"""Statistics whose limits may be called `lower` and `upper` alone."""


def limit_keys(results: Results, key: str) -> tuple[str, str] | None:
    """The keys of the interval of a result, if there are both: `median_lower`, or `lower` beside `hr` and the like."""
    path, _, statistic = key.rpartition(".")
    named = [(f"{key}_lower", f"{key}_upper")]
    named += [(f"{path}.lower", f"{path}.upper")] if statistic in _BARE_LIMITS else []
    return next((pair for pair in named if pair[0] in results and pair[1] in results), None)


def index_results(parts: Iterable[pd.DataFrame]) -> dict[str, Row]:
    """The rows of ARD tables by their key, in the order given: missing numbers None, missing text "" ."""
    return {row["key"]: row for part in parts for row in _rows(part)}


def _rows(part: pd.DataFrame) -> Iterator[Row]:
    columns = {str(name): _plain(str(name), part[name]) for name in part.columns}
    return (dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True))


def _plain(name: str, column: pd.Series[Any]) -> list[Any]:
    """The cells of a column; a column at a time, since there are as many cells as make a second one by one."""
    missing, kind = (None, _NUMBERS[name]) if name in _NUMBERS else ("", str)
    cells = zip(column.tolist(), column.isna().tolist(), strict=True)
    return [missing if is_missing else kind(cell) for cell, is_missing in cells]


def value_of(results: Results, key: str) -> float | None:
    """The value of that key; None where the row says it is not estimable or where there is no row."""
    value = results.get(key, {}).get("value")
    return None if value is None or value != value else float(value)


def with_prefix(results: Results, prefix: str) -> Iterator[tuple[str, Row]]:
    """The rows whose key starts so, as (rest of the key, row), in the order of the results."""
    return ((key.removeprefix(prefix), row) for key, row in results.items() if key.startswith(prefix))


def notes_of(results: Results, keys: Iterable[str]) -> list[str]:
    """The different notes on those rows, in order, as they are told to a reader."""
    found = (results.get(key, {}).get("note", "") for key in keys)
    return list(dict.fromkeys(told(note) for note in found if note))


def methods_of(results: Results, keys: Iterable[str]) -> list[str]:
    """The different methods of those rows, in order, as they are told to a reader."""
    found = (results.get(key, {}).get("method", "") for key in keys)
    return list(dict.fromkeys(told(method) for method in found if method))
