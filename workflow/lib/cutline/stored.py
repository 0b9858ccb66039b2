"""Tables as files: read through their specs, written in one step and the same bytes each time."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cutline.errors import RecordError, SealedError
from cutline.halves import PERSON
from cutline.provenance import fingerprint, portable
from cutline.tables.spec import REPEATING, Table, conform, in_buffers, is_id, packed_text

SNAPSHOT = "snapshot"
"""The folder of the one kind of table that is all text, and large."""
ROWS_TOGETHER = 1 << 17
"""Rows of a group in a Parquet file: few enough that half of the persons are read without the groups of the others."""
Numbers = NDArray[np.int64]
Condition = tuple[str, str, Any]
"""Column, comparison and value, as `pyarrow.parquet` filters rows."""
Output = pd.DataFrame | str | bytes | Callable[[Path], None]


def spec_of(file: Path, specs: dict[str, Table]) -> Table | None:
    """The spec a file follows: of its stem, or of its folder (`ard/fit_cox.csv`, `curves/pfs.csv`)."""
    return specs.get(file.stem) or specs.get(file.parent.name)


def read(file: Path, specs: dict[str, Table], few: Sequence[str] = (), rows: Sequence[Condition] = ()) -> Any:
    """A table through its spec, a snapshot's as it is, or the path of anything else.

    Text is read as categories in the columns `few`, which may be `REPEATING`, and where its spec says that it repeats.
    Of a Parquet table only the `rows` are read that meet all of these conditions.
    """
    spec = spec_of(file, specs)
    if file.suffix == ".parquet":
        return _read_parquet(file, spec, few, rows)
    if spec is None or file.suffix != ".csv":
        return file
    return conform(_read_csv(file, spec), spec)


def _read_parquet(file: Path, spec: Table | None, few: Sequence[str], rows: Sequence[Condition]) -> pd.DataFrame:
    """Text in Arrow's buffers or as categories: so it costs little to read, to check against the spec and to write.

    A snapshot is nothing but text, whatever its writer's pandas called it.
    """
    repeated = [column.name for column in spec.columns if column.few] if spec else []
    named = [name for name in pq.read_schema(file).names if not is_id(name)] if few == REPEATING else few
    stored = pq.read_table(file, read_dictionary=[*named, *repeated], filters=list(rows) or None)
    stored = stored.replace_schema_metadata() if file.parent.name == SNAPSHOT else stored
    packed = {pa.string(): packed_text(), pa.large_string(): packed_text()}
    frame: pd.DataFrame = stored.to_pandas(types_mapper=packed.get)
    return conform(frame, spec) if spec else frame


def _read_csv(file: Path, spec: Table) -> pd.DataFrame:
    """Text stays text, blanks included; numbers to the last bit."""
    options: dict[str, Any] = {
        "dtype": {column.name: "str" for column in spec.columns if column.kind == "text"},
        "na_values": {column.name: [""] for column in spec.columns if column.kind != "text"},
    }
    frame: pd.DataFrame = pd.read_csv(file, keep_default_na=False, float_precision="round_trip", **options)
    return frame


def write(
    content: Output, file: Path, specs: dict[str, Table], record: Callable[[str, int | None], None] | None = None
) -> int | None:
    """One output, in one step: a reader sees the old file or the whole new one. Returns its rows, if it is a table.

    `record` is told SHA-256 and rows before the file takes its place: where power fails in between, there is a record
    and no file, which is made again; a file without a record would be neither believed nor made again.
    """
    partial = file.with_name(f".{file.name}.partial")
    try:
        rows = _write_content(content, partial, spec_of(file, specs))
        _flush(partial)
        _refuse_sealed(file)
        if record:
            record(fingerprint(partial, file.suffix), rows)
        os.replace(partial, file)
    except BaseException:
        partial.unlink(missing_ok=True)  # on a full disk it takes the room of what is still to be said
        raise
    return rows


def _refuse_sealed(file: Path) -> None:
    """Raises SealedError for a file that is there and read-only, whatever else this user may do."""
    if file.exists() and not file.stat().st_mode & stat.S_IWUSR:
        raise SealedError(
            f"{portable(file)}: read-only, since the cut is sealed. `python3 run.py freeze --undo` opens it."
        )


def _write_content(content: Output, file: Path, spec: Table | None) -> int | None:
    if isinstance(content, pd.DataFrame):
        table = _in_order(conform(in_buffers(content, spec), spec), spec) if spec else content
        _write_table(table, file)
        return len(table)
    if callable(content):
        file.unlink(missing_ok=True)
        content(file)
    else:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    return None


def _in_order(table: pd.DataFrame, spec: Table) -> pd.DataFrame:
    """The rows in the order of the spec, ties as they are; nothing is moved where they stand so already."""
    if not spec.sort or table.empty:
        return table
    columns = [table[name] for name in spec.sort]
    ids = columns.pop() if isinstance(columns[-1].dtype, pd.StringDtype) else None
    key = _together([_ranks(values) for values in columns], len(table))
    order = np.argsort(key, kind="stable")  # which takes no time where most rows stand in order
    if ids is not None and _falls(ids.take(order), key[order]):
        order = np.lexsort([_ranks(ids), key])
    return table if (order[1:] > order[:-1]).all() else table.take(order).reset_index(drop=True)


def _falls(values: pd.Series, key: Numbers) -> bool:
    """Whether any text is below the one before it among rows of one key; to see that takes less than to sort."""
    texts = pa.table({"text": values})["text"].combine_chunks()
    rises = pc.less_equal(texts[:-1], texts[1:]).fill_null(False).to_numpy(zero_copy_only=False)
    return bool((~rises & (key[1:] == key[:-1])).any())


def _together(ranks: list[Numbers], rows: int) -> Numbers:
    """One number per row that sorts as the ranks do, the first foremost."""
    key = np.zeros(rows, dtype=np.int64)
    for rank in ranks:
        if int(key.max() + 1) * int(rank.max() + 1) > np.iinfo(np.int64).max:
            key = np.unique(key, return_inverse=True)[1]
        key = key * (rank.max() + 1) + rank
    return key


def _ranks(values: pd.Series) -> Numbers:
    """Numbers from 0 on that sort as the values do, missing ones behind all."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        ranks = np.append(np.argsort(np.argsort(values.cat.categories)), len(values.cat.categories))
        return ranks[values.cat.codes]  # the code of a missing value is -1, which is the last
    if values.dtype == "datetime64[ns]" and (values == values.dt.normalize()).where(values.notna(), True).all():
        days = (values - values.min()).dt.days
        return np.asarray(days.fillna(days.max() + 1).fillna(0), dtype=np.int64)
    places, distinct = pd.factorize(values, sort=True)
    return np.where(places < 0, len(distinct), places)


def _write_table(table: pd.DataFrame, file: Path) -> None:
    if file.name.endswith(".parquet.partial"):
        stored = _without_dictionaries(pa.Table.from_pandas(table, preserve_index=False))
        repeating = [name for name in stored.column_names if not is_id(name)]
        statistics = [name for name in stored.column_names if name == PERSON] or False  # halves are read by them
        # Smaller by a third than what is pyarrow's default: every table is digested several times.
        pq.write_table(stored, file, compression="zstd", use_dictionary=repeating, write_statistics=statistics,
                       row_group_size=ROWS_TOGETHER)  # fmt: skip
    elif file.name.endswith(".csv.partial"):
        table.to_csv(file, index=False, lineterminator="\n", encoding="utf-8")
    else:
        raise RecordError(f"{portable(file)}: a table is written as .parquet or .csv")


def _without_dictionaries(table: pa.Table) -> pa.Table:
    """The table with categories as the texts they are: how a column was kept in memory is nobody's business."""
    fields = [
        field.with_type(pa.large_string()) if pa.types.is_dictionary(field.type) else field for field in table.schema
    ]
    return table.cast(pa.schema(fields, metadata=table.schema.metadata))


def _flush(file: Path) -> None:
    with file.open("rb+") as stream:
        os.fsync(stream.fileno())
