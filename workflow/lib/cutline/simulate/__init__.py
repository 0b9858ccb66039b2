"""The synthetic source of a study: a hospital database whose records recompute the published aggregates.

No record describes a person. What is checked with it is the pipeline's arithmetic, known answer in, known
answer out, not the paper: many other cohorts would give the same printed values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.simulate.columns import Array, Calendar, Columns, Streams
from cutline.simulate.database import write_database
from cutline.simulate.noise import with_noise
from cutline.simulate.persons import draw_persons
from cutline.simulate.records import hospital_numbers, records_of
from cutline.simulate.targets import Targets
from cutline.simulate.timeline import SCREENED
from cutline.simulate.truth import truth_table

CHUNK_PERSONS = 25 * SCREENED


def simulate_source(*, settings: Mapping[str, Any], published: Path) -> dict[str, Callable[[Path], None]]:
    """The synthetic database and what a pipeline should find in it.

    Returns `database` and `truth`, each a function that writes its file (DuckDB; CSV with one row per
    screened woman). `simulate.calibrate` meets the published values at scale 1; any other scale is that many
    times 172 women in free draws. The same settings and published values give the same content.
    Raises ConfigError if no draw meets the published values.
    """
    source = _Source.of(settings, published)
    return {"database": source.write_database, "truth": source.write_truth}


class _Source:
    """Draws chunk by chunk; a chunk that both files need is drawn once if it is the only one."""

    def __init__(self, settings: Mapping[str, Any], targets: Targets | None) -> None:
        self._simulate = settings["simulate"]
        self._calendar = Calendar.of(settings)
        self._targets = targets
        self._single: tuple[Streams, Columns] | None = None

    @classmethod
    def of(cls, settings: Mapping[str, Any], published: Path) -> _Source:
        calibrated = settings["simulate"]["calibrate"] and settings["simulate"]["scale"] == 1
        return cls(settings, Targets.read(published) if calibrated else None)

    def write_database(self, path: Path) -> None:
        write_database(path, self._chunks())

    def write_truth(self, path: Path) -> None:
        for position, (streams, persons, numbers) in enumerate(self._drawn()):
            table = truth_table(persons, streams, self._calendar, numbers)
            _append(table, path, header=position == 0)

    def _chunks(self) -> Iterator[tuple[Array, dict[str, Columns]]]:
        for streams, persons, numbers in self._drawn():
            tables = records_of(persons, streams, self._calendar)
            yield numbers, with_noise(tables, streams, float(self._simulate["noise"]))

    def _drawn(self) -> Iterator[tuple[Streams, Columns, Array]]:
        seed, total = int(self._simulate["seed"]), SCREENED * int(self._simulate["scale"])
        for chunk, first in enumerate(range(0, total, CHUNK_PERSONS)):
            streams, size = Streams(seed, chunk), min(CHUNK_PERSONS, total - first)
            yield streams, self._persons(streams, size, total), hospital_numbers(seed, first, size)

    def _persons(self, streams: Streams, size: int, total: int) -> Columns:
        if size < total:
            return draw_persons(streams, self._calendar, size, self._targets)
        if self._single is None:
            self._single = streams, draw_persons(streams, self._calendar, size, self._targets)
        return self._single[1]


def _append(table: pd.DataFrame, path: Path, header: bool) -> None:
    table.to_csv(path, mode="w" if header else "a", header=header, index=False, lineterminator="\n", encoding="utf-8")


__all__ = ["simulate_source"]
