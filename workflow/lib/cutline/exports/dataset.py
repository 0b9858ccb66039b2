"""A data set for other programs: columns that say what they are, and rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

Kind = Literal["text", "number", "date"]


@dataclass(frozen=True)
class Column:
    """One column: `codes` maps its numbers to what they mean, `origin` says where its values come from."""

    name: str
    kind: Kind
    label: str
    origin: str
    codes: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """One data set. `rows` has the columns, sorted: text as objects with None, numbers float64, dates datetime64."""

    name: str
    label: str
    columns: Sequence[Column]
    rows: pd.DataFrame


def dataset(name: str, label: str, described: Sequence[tuple[Column, pd.Series]], sort: Sequence[str]) -> Dataset:
    """The data set of columns and their values, which share an index; rows sorted by `sort`, of equals as given."""
    columns = [column for column, _ in described]
    rows = pd.DataFrame({column.name: _typed(values, column.kind) for column, values in described})
    return Dataset(name, label, columns, rows.sort_values(list(sort), kind="stable", ignore_index=True))


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    typed: pd.Series
    if kind == "number":
        typed = pd.to_numeric(values).astype("float64")
    elif kind == "date":
        typed = pd.to_datetime(values).astype("datetime64[ns]")
    else:
        typed = values.astype(object).where(values.notna(), None)  # type: ignore[call-overload]
    return typed
