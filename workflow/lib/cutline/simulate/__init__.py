"""The synthetic source of a study: a database whose records recompute the published aggregates.

No record describes a person. What is checked with it is the pipeline's arithmetic, known answer in, known
answer out, not the paper: many other cohorts would give the same printed values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

import pandas as pd

from cutline.simulate.columns import Array, Columns, Streams
from cutline.simulate.database import write_database
from cutline.simulate.hospital import Hospital
from cutline.simulate.noise import with_noise
from cutline.simulate.records import hospital_numbers
from cutline.simulate.targets import Targets
from cutline.simulate.trial import Trial

CHUNK_PERSONS = 4300


def simulate_source(*, settings: Mapping[str, Any], published: Path) -> dict[str, Callable[[Path], None]]:
    """The synthetic database and what a pipeline should find in it.

    Returns `database` and `truth`, each a function that writes its file (DuckDB; CSV with one row per
    person). With `simulate.trial` it is that trial, else the hospital of the default study. `simulate.calibrate` meets
    the published values at scale 1; any other scale is that many times the size in free draws. The same settings and
    published values give the same content. Raises ConfigError if no draw meets the published values.
    """
    source = _Source(settings, published)
    return {"database": source.write_database, "truth": source.write_truth}


class _Model(Protocol):
    """What is drawn: persons, their records, and the truth about them."""

    @property
    def size(self) -> int: ...

    def persons(self, streams: Streams, size: int, calibrated: bool) -> Columns: ...

    def records(self, persons: Columns, streams: Streams) -> dict[str, Columns]: ...

    def truth(self, persons: Columns, streams: Streams, numbers: Array) -> pd.DataFrame: ...


class _Source:
    """Draws chunk by chunk; a chunk that both files need is drawn once if it is the only one."""

    def __init__(self, settings: Mapping[str, Any], published: Path) -> None:
        self._simulate = settings["simulate"]
        self._calibrated = self._simulate["calibrate"] and self._simulate["scale"] == 1
        targets = Targets.read(published) if self._calibrated else None
        self._model: _Model = (Trial if "trial" in self._simulate else Hospital)(settings, targets)
        self._single: tuple[Streams, Columns] | None = None

    def write_database(self, path: Path) -> None:
        write_database(path, self._chunks())

    def write_truth(self, path: Path) -> None:
        for position, (streams, persons, numbers) in enumerate(self._drawn()):
            table = self._model.truth(persons, streams, numbers)
            _append(table, path, header=position == 0)

    def _chunks(self) -> Iterator[tuple[Array, dict[str, Columns]]]:
        for streams, persons, numbers in self._drawn():
            tables = self._model.records(persons, streams)
            yield numbers, with_noise(tables, streams, float(self._simulate["noise"]))

    def _drawn(self) -> Iterator[tuple[Streams, Columns, Array]]:
        seed, total = int(self._simulate["seed"]), self._model.size * int(self._simulate["scale"])
        for chunk, first in enumerate(range(0, total, CHUNK_PERSONS)):
            streams, size = Streams(seed, chunk), min(CHUNK_PERSONS, total - first)
            yield streams, self._persons(streams, size, total), hospital_numbers(seed, first, size)

    def _persons(self, streams: Streams, size: int, total: int) -> Columns:
        if size < total:
            return self._model.persons(streams, size, calibrated=False)
        if self._single is None:
            self._single = streams, self._model.persons(streams, size, self._calibrated)
        return self._single[1]


def _append(table: pd.DataFrame, path: Path, header: bool) -> None:
    table.to_csv(path, mode="w" if header else "a", header=header, index=False, lineterminator="\n", encoding="utf-8")


__all__ = ["simulate_source"]
