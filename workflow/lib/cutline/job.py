"""The job contract: between a Snakemake job and a pure function of the library.

`run` opens the log, verifies every input against the record of the job that made it, reads tables through
their specs, calls the function, writes outputs in one step each and a provenance record beside each, and turns a
mistake of the user's into one readable line. Nothing else in Cutline knows what `snakemake` is.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import stat
import sys
import time
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from cutline.errors import RecordError, SealedError, SetupError, StudyError
from cutline.halves import FORKING, PERSON, SECOND, Half, in_halves
from cutline.provenance import (
    JOB_NOTE,
    cut_folder,
    fingerprint,
    job_record,
    portable,
    recorded_name,
    replace_text,
    verified,
    write_record,
)
from cutline.tables.spec import REPEATING, Table, conform, in_buffers, is_id, packed_text

ERROR_FILE = "error.json"
SNAPSHOT = "snapshot"
"""The folder of the one kind of table that is all text, and large."""
MANY_ROWS = 1_000_000
Numbers = NDArray[np.int64]
Condition = tuple[str, str, Any]
"""Column, comparison and value, as `pyarrow.parquet` filters rows."""
Output = pd.DataFrame | str | bytes | Callable[[Path], None]


def run(
    snakemake: Any,
    function: Callable[..., dict[str, Output]],
    tables: Iterable[ModuleType] = (),
    person_by_person: bool = False,
    variables: Callable[[Mapping[str, Any]], Collection[str]] | None = None,
) -> None:
    """Run one job: inputs by name into `function`, its outputs by name into files.

    `tables` are the modules whose specs the job's files follow. `person_by_person` says that what the function finds of
    a person rests on her own records: of many records both halves of the persons are then derived at once. `variables`
    names, from the settings, the only ones of the table `covariates` that the function looks at. Ends the process with
    status 1, and one line instead of a traceback, if the function raises a StudyError; with the traceback of anything
    else.
    """
    log = _open_log(Path(snakemake.log[0]))
    specs = {table.name: table for module in tables for table in module.TABLES}
    timed = _Timed(snakemake.rule, Path(snakemake.log[0]))
    timed.note("started")
    try:
        _run(snakemake, function, specs, log, person_by_person, variables)
    except Exception as error:
        _tell(_as_mistake(error), snakemake, log)
        timed.note("failed")
        sys.exit(1)
    log.info("done in %.2f s", timed.note("finished"))


def _run(
    snakemake: Any,
    function: Callable[..., dict[str, Output]],
    specs: dict[str, Table],
    log: logging.Logger,
    person_by_person: bool = False,
    variables: Callable[[Mapping[str, Any]], Collection[str]] | None = None,
) -> None:
    cut = cut_folder(Path(snakemake.output[0]))
    only = [("variable", "in", variables(snakemake.params.settings))] if variables else []
    inputs = _Inputs(snakemake, specs, cut, getattr(function, "categorical", ()), {"covariates": only})

    def derive(half: Half = None) -> dict[str, Output]:
        return function(settings=snakemake.params.settings, **inputs.read(half))

    try:
        apart = person_by_person and FORKING and inputs.stored_rows() >= MANY_ROWS
        produced: Mapping[str, Output] = in_halves(derive, Path(snakemake.output[0]).parent) if apart else derive()
    finally:  # a file edited by hand is what to tell of, whatever else came of it
        entries = inputs.verified()
    log.info("%s: %d inputs agree with their records", snakemake.rule, len(entries))
    job = job_record(snakemake.rule, snakemake.params.code, snakemake.params.settings, entries)
    outputs = {name: Path(files[0]) for name, files in _named(snakemake.output)}

    def written(name: str) -> int | None:
        return write(produced[name], outputs[name], specs, record=partial(write_record, job, outputs[name], cut))

    for file, rows in zip(outputs.values(), _each(written, outputs, _are_large(produced.values())), strict=True):
        log.info("wrote %s%s", portable(file), "" if rows is None else f", {rows} rows")


def _each(write_one: Callable[[str], int | None], names: Iterable[str], large: bool) -> list[int | None]:
    """What writing each output returns; large ones two at a time, since most of it is compression."""
    if not large:
        return [write_one(name) for name in names]
    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(write_one, names))


def _are_large(produced: Iterable[Output]) -> bool:
    return sum(len(table) for table in produced if isinstance(table, pd.DataFrame)) >= MANY_ROWS


def _named(files: Any) -> list[tuple[str, list[str]]]:
    """Every named input or output with its files; all of ours are named."""
    return [(name, [value] if isinstance(value, str) else list(value)) for name, value in files.items()]


class _Inputs:
    """A job's input files, which are read while a thread compares them with the records of the jobs that made them."""

    def __init__(
        self,
        snakemake: Any,
        specs: dict[str, Table],
        cut: Path | None,
        few: Sequence[str],
        only: Mapping[str, list[Condition]],
    ) -> None:
        self.files = {name: [Path(file) for file in files] for name, files in _named(snakemake.input)}
        self.paths = [file for files in self.files.values() for file in files]
        self.lists = {name for name in self.files if not isinstance(getattr(snakemake.input, name), str)}
        self.specs, self.cut, self.few, self.only = specs, cut, few, only
        self.entries: dict[Path, dict[str, Any]] = {}
        self.digests: dict[Path, Future[str]] = {}
        found, told = len(self.paths), len(list(snakemake.input))
        if found != told:  # Snakemake can run a job whose checkpoint never came
            raise RuntimeError(f"{snakemake.rule}: {told} inputs, of which {found} are files")

    def stored_rows(self) -> int:
        """How many rows the tables have, before anything is read."""
        return sum(pq.read_metadata(file).num_rows for file in self.paths if file.suffix == ".parquet")

    def read(self, half: Half = None) -> dict[str, Any]:
        """The content of the files by name, of tables the rows of that half of the persons."""
        if half != SECOND and not self.digests:  # not before: the second half's process is forked without threads
            pool = ThreadPoolExecutor(1)
            self.digests = {file: pool.submit(self._sha256, file) for file in self.paths}
            pool.shutdown(wait=False)
        with ThreadPoolExecutor(1 if half else 2) as pool:
            content = dict(zip(self.paths, pool.map(lambda file: self._content(file, half), self.paths), strict=True))
        read = {name: [content[file] for file in files] for name, files in self.files.items()}
        return {name: contents if name in self.lists else contents[0] for name, contents in read.items()}

    def verified(self) -> list[dict[str, Any]]:
        """What is entered of each file in records. Raises ProvenanceError for one that is not what its record says."""
        found = {file: digest.result() for file, digest in self.digests.items()}
        return [entry | {"sha256": found[file]} for file, entry in self.entries.items()]

    def _sha256(self, file: Path) -> str:
        return verified(file, made_here=self.cut is not None and file.is_relative_to(self.cut.parent))

    def _content(self, file: Path, half: Half) -> Any:
        rows = {}
        content = read(
            file, self.specs, self.few, [*self.only.get(file.stem, []), *([(PERSON, *half)] if half else [])]
        )
        if isinstance(content, pd.DataFrame):
            rows = {"rows": pq.read_metadata(file).num_rows if file.suffix == ".parquet" else len(content)}
        self.entries[file] = {"path": recorded_name(file, self.cut), "sha256": ""} | rows
        return content


# ── files ────────────────────────────────────────────────────────────────────────────────────


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
        pq.write_table(stored, file, compression="zstd", use_dictionary=repeating, write_statistics=statistics)
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


# ── what people see ──────────────────────────────────────────────────────────────────────────


def _open_log(path: Path) -> logging.Logger:
    logging.basicConfig(filename=path, filemode="w", level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s",
                        encoding="utf-8", force=True)  # fmt: skip
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # a log that cannot be written, on a full disk, is not what to complain about
    return logging.getLogger("cutline")


class _Timed:
    """When a job began and how long it took, noted beside its log: the ledger of runs has it from there."""

    def __init__(self, rule: str, log: Path) -> None:
        self.rule, self.file = rule, log.with_suffix(JOB_NOTE)
        self.started, self.began = datetime.now(UTC), time.perf_counter()

    def note(self, outcome: str) -> float:
        seconds = round(time.perf_counter() - self.began, 2)
        note = {"rule": self.rule, "started": self.started.isoformat(timespec="milliseconds"), "seconds": seconds,
                "outcome": outcome}  # fmt: skip
        with suppress(OSError):  # a full disk: the run goes on to say so
            replace_text(self.file, json.dumps(note))
        return seconds


def _as_mistake(error: Exception) -> Exception:
    """A full disk is nobody's bug: it gets a sentence instead of a traceback."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SetupError("the disk is full: the output could not be written. Make room, or set results_dir to a "
                          "folder on another disk, and run again: it goes on from here.")  # fmt: skip
    return error


def _tell(error: Exception, snakemake: Any, log: logging.Logger) -> None:
    if isinstance(error, StudyError):
        log.error("%s", error)
        _leave_note(Path(snakemake.log[0]).parent, snakemake.rule, error)
    else:
        _report_bug(error, snakemake, log)


def _report_bug(error: Exception, snakemake: Any, log: logging.Logger) -> None:
    """The traceback without the message, which may quote a patient's value; all of it at patient level."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in frames:
        frame.filename = portable(Path(frame.filename))  # a person's folders belong in no log
    where = "".join(traceback.format_list(frames))
    told = f"{snakemake.rule} failed with {type(error).__name__}:\n{where}"
    cut = cut_folder(Path(snakemake.output[0]))
    if cut is not None and (cut / "patient").is_dir():
        full = cut / "patient" / f"{snakemake.rule}.traceback.txt"
        full.write_text(where + "".join(traceback.format_exception_only(error)), encoding="utf-8")
        told += f"Its message, which may hold a patient's value, is in {portable(full)}"
    log.error("%s", told)
    sys.stderr.write(told + "\n")


def _leave_note(folder: Path, rule: str, error: StudyError) -> None:
    """The error for the run's `onerror`, which alone can set Snakemake's exit code."""
    note = {"rule": rule, "error": type(error).__name__, "exit_code": error.exit_code, "message": str(error)}
    try:
        replace_text(folder / ERROR_FILE, json.dumps(note))
    except OSError:  # a full disk has no room for the note either
        sys.stderr.write(f"{rule} stopped. {note['error']}: {error}\n")
