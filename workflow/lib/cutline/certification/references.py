"""Frozen numbers of other software, and the records they were computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SOURCES = ("survival_package.csv", "printed_quantiles.csv")
"""R's package survival, run by `survival_package.R`; and values that others printed."""
USUAL_COLUMNS = {"time": "time", "event": "event", "group": "treatment"}


@dataclass(frozen=True, eq=False)
class DataSet:
    """Records of persons: times, events, who is in which group, and covariates by name."""

    name: str
    records: pd.DataFrame
    time: str
    event: str
    group: str
    levels: Mapping[str, list[str]]

    def of(self, members: str) -> DataSet:
        """The records of one group (`column=level`); all if blank."""
        column, _, level = members.partition("=")
        if not column:
            return self
        inside = self.records[column] == level
        return DataSet(self.name, self.records[inside], self.time, self.event, self.group, self.levels)

    def complete(self, *columns: str) -> DataSet:
        """The records in which none of the columns is missing."""
        known = self.records.dropna(subset=list(columns))
        return DataSet(self.name, known, self.time, self.event, self.group, self.levels)

    @cached_property
    def times(self) -> Floats:
        return self.records[self.time].to_numpy("float64")

    @cached_property
    def events(self) -> NDArray[np.bool_]:
        return np.asarray(self.records[self.event] == 1, dtype=bool)

    def columns_of(self, covariate: str) -> dict[str, Floats]:
        """Term, named as R names it, → column of the design: an indicator per level but the first, or the number."""
        values = self.records[covariate]
        if covariate not in self.levels:
            return {covariate: values.to_numpy("float64")}
        terms = self.levels[covariate][1:]
        return {f"{covariate}{level}": np.asarray(values == level, dtype=np.float64) for level in terms}


@dataclass(frozen=True)
class Reference:
    """One number of other software: whom it is of, which statistic with which options, its value, how it was got.

    The value is NaN where the other software has none.
    """

    data_set: str
    members: str
    statistic: str
    options: str
    value: float
    call: str

    @property
    def chosen(self) -> dict[str, str]:
        """The options by name."""
        return dict(part.split("=", 1) for part in self.options.split(";") if part)


def references(folder: Path) -> Iterator[Reference]:
    """Every frozen number, file by file in the order of `SOURCES`."""
    for file in SOURCES:
        table = pd.read_csv(folder / file, dtype=str, keep_default_na=False)
        for about, value in zip(table.drop(columns="value").to_dict("records"), table["value"], strict=True):
            yield Reference(
                value=float(value) if value else np.nan, **{str(name): text for name, text in about.items()}
            )


def data_sets(folder: Path) -> dict[str, DataSet]:
    """Every data set by name. Columns are `time` and `event` where `analyses.csv` does not say otherwise."""
    levels = pd.read_csv(folder / "levels.csv", dtype=str)
    columns = pd.read_csv(folder / "analyses.csv", dtype=str).set_index("data_set").T.to_dict()
    files = [file for file in sorted(folder.glob("*.csv")) if file.stem not in ("levels", "analyses")]
    return {
        file.stem: _data_set(file, columns.get(file.stem, USUAL_COLUMNS), levels[levels["data_set"] == file.stem])
        for file in files
    }


def _data_set(file: Path, columns: Mapping[str, str], levels: pd.DataFrame) -> DataSet:
    categories: dict[str, list[str]] = {str(name): list(found) for name, found in levels.groupby("column")["level"]}
    texts: Any = dict.fromkeys([*categories, columns["group"]], "str")
    records = pd.read_csv(file, dtype=texts, keep_default_na=False, na_values=[""])
    return DataSet(file.stem, records, levels=categories, **columns)
