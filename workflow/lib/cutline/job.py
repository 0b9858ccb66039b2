"""The job contract: between a Snakemake job and a pure function of the library.

`run` opens the log, verifies every input against the record of the job that made it, reads tables through
their specs, calls the function, writes outputs in one step each and a provenance record beside each, and turns a
mistake of the user's into one readable line. Nothing else in Cutline knows what `snakemake` is.
"""

from __future__ import annotations

import errno
import json
import logging
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

import pandas as pd
import pyarrow.parquet as pq

from cutline.errors import SetupError, StudyError
from cutline.halves import FORKING, PERSON, SECOND, Half, in_halves
from cutline.provenance import (
    JOB_NOTE,
    cut_folder,
    job_record,
    portable,
    recorded_name,
    replace_text,
    verified,
    write_record,
)
from cutline.stored import Condition, Output, read, write
from cutline.tables.spec import Table

ERROR_FILE = "error.json"
MANY_ROWS = 1_000_000
"""From so many rows on two cores do more than they cost."""


def run(
    snakemake: Any,
    function: Callable[..., dict[str, Output]],
    tables: Iterable[ModuleType] = (),
    person_by_person: bool = False,
    variables: Callable[[Mapping[str, Any]], Collection[str]] | None = None,
) -> None:
    """Run one job: inputs by name into `function`, its outputs by name into files.

    `tables` are the modules whose specs the job's files follow. `person_by_person` says that what the function finds of
    a person rests on her own records: a job with two threads derives both halves of many persons at once. `variables`
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
        apart = person_by_person and FORKING and snakemake.threads > 1 and inputs.stored_rows() >= MANY_ROWS
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
