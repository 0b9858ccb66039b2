"""Two cores for one job: the second half of the persons, or every other picture, goes through a process of its own.

What is derived person by person is the same in halves as in one piece, and a picture is the same wherever it is drawn.
A forked process costs nothing to start, but forking is safe on Linux only: elsewhere, and for few records, there is one
piece.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import pyarrow as pa

from cutline.tables.spec import packed_text

Item = TypeVar("Item")
Result = TypeVar("Result")
Half = tuple[str, str] | None
"""Whose records are meant: pseudonyms before or from `MIDDLE` on; None for everybody's."""

PERSON = "patient_id"
MIDDLE = "8"
"""Pseudonyms are keyed hashes in hexadecimal digits, and half of them begin below this one."""
FIRST, SECOND = ("<", MIDDLE), (">=", MIDDLE)
FORKING = sys.platform == "linux"


def in_halves(derive: Callable[[Half], Mapping[str, Any]], folder: Path) -> Mapping[str, Any]:
    """What `derive` makes of everybody, from both halves at once: tables, the first half's rows before the second's.

    `folder` is for what the second process hands over, and holds nothing afterwards. Where either half fails the whole
    is derived in one piece, so that an error counts all that it is about. Call it before any thread is started.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix=".halves-") as handed:
        second = multiprocessing.get_context("fork").Process(target=_hand_over, args=(derive, Path(handed)))
        with warnings.catch_warnings():  # Python counts the threads of numpy, which wait for work
            warnings.simplefilter("ignore", DeprecationWarning)
            second.start()
        first: Mapping[str, Any] | None = None
        with suppress(Exception):
            first = derive(FIRST)
        if first is None:
            second.kill()
        second.join()
        if first is not None and second.exitcode == 0:
            return {name: _joined(frame, Path(handed, name)) for name, frame in first.items()}
    return derive(None)


def in_processes(work: Callable[[Item], Result], items: Sequence[Item], processes: int) -> list[Result]:
    """What `work` makes of each item, in their order, by so many processes where forking is safe.

    Results and what `work` is made of are pickled. An error of an item is raised here.
    """
    if processes < 2 or not FORKING:
        return [work(item) for item in items]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        with ProcessPoolExecutor(processes, multiprocessing.get_context("fork")) as pool:
            return list(pool.map(work, items))


def _hand_over(derive: Callable[[Half], Mapping[str, Any]], folder: Path) -> None:
    """The second half's tables as files. Its errors are told by the whole, which meets them again."""
    try:
        for name, frame in derive(SECOND).items():
            table = _arrow(frame)
            with pa.ipc.new_file(folder / name, table.schema) as file:
                file.write_table(table)
    except BaseException:
        os._exit(1)


def _joined(first: pd.DataFrame, file: Path) -> pd.DataFrame:
    with pa.memory_map(str(file)) as source:
        both = pa.concat_tables([_arrow(first), pa.ipc.open_file(source).read_all()])
        packed = {pa.string(): packed_text(), pa.large_string(): packed_text()}
        frame: pd.DataFrame = both.unify_dictionaries().combine_chunks().to_pandas(types_mapper=packed.get)
    return frame


def _arrow(frame: pd.DataFrame) -> pa.Table:
    """The frame in Arrow's buffers, categories under numbers of one width however many they are."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    columns = [_wide(column) if pa.types.is_dictionary(column.type) else column for column in table.columns]
    return pa.table(columns, names=table.column_names)


def _wide(column: pa.ChunkedArray) -> pa.ChunkedArray:
    chunks = [pa.DictionaryArray.from_arrays(part.indices.cast(pa.int32()), part.dictionary.cast(pa.large_string()))
              for part in column.chunks]  # fmt: skip
    return pa.chunked_array(chunks, pa.dictionary(pa.int32(), pa.large_string()))
