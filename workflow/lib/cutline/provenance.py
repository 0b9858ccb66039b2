"""Records of where a file came from: one deterministic `.prov.json` beside each output.

A record says which rule made the file, from which inputs, code and settings, and its SHA-256. It holds no
clock, host or user, so that a rebuild gives the same record. Before a job computes it compares each input
with its record: a file edited by hand stops the run instead of being believed.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import platform
import sysconfig
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from cutline.errors import ProvenanceError

SUFFIX = ".prov.json"
WORKFLOW = Path(__file__).resolve().parents[2]
"""The folder that the names of code files in a record are relative to."""
JOB_NOTE = ".job.json"
"""How the file beside a job's log ends that says when it ran and how long."""
LEVELS = ("patient", "aggregate", "report")
"""Folders of a cut: everything in them is some rule's output and so has a record."""
READ_BEFORE = Path(".snakemake/cutline-databases")
"""One small file per database that was read: its name is the SHA-256 of the bytes, its text that of the content."""
LONG_AGO = 86_400
"""Modification time (seconds since 1970) given to an output that other code or settings made."""
IN_CUT, BESIDE, IN_PACKAGE = "cut:", "beside:", "package:"
"""How the name of a file of the cut itself, of another cut, or of an installed package begins in a record."""


def record_path(file: Path) -> Path:
    return file.with_name(file.name + SUFFIX)


def fingerprint(file: Path, kind: str = "") -> str:
    """SHA-256 of a file; of a database, of its content in any order, since its bytes differ from write to write.

    `kind` is the suffix it will have, for a file that is not in its place yet.
    """
    if (kind or file.suffix) == ".duckdb":
        return _database_fingerprint(file)
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _database_fingerprint(file: Path) -> str:
    """Looked up by the file's bytes, where this very file was read before; the table of them may be lost."""
    status = file.stat()
    known = READ_BEFORE / _digest_of_bytes(file.absolute(), status.st_size, status.st_mtime_ns)
    if not known.is_file():
        digest = _digest_of_rows(file)
        if not READ_BEFORE.parent.is_dir():
            return digest
        READ_BEFORE.mkdir(exist_ok=True)
        replace_text(known, digest)
    return known.read_text(encoding="utf-8")


@functools.cache
def _digest_of_bytes(file: Path, size: int, changed_ns: int) -> str:
    """SHA-256, taken once for as long as size and time of change are the same: a job and its manifest both ask."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def once_while_unchanged(digest: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """A function that digests a file, which is asked again only if size or time of change of the file are others."""
    known: dict[tuple[Any, ...], Any] = {}

    async def digested(file: str, *options: Any, **named: Any) -> Any:
        status = os.stat(file) if os.path.isfile(file) else None
        asked = (str(file), status and (status.st_size, status.st_mtime_ns), options, *named.items())
        if asked not in known:
            known[asked] = await digest(file, *options, **named)
        return known[asked]

    return digested


def _digest_of_rows(file: Path) -> str:
    """Of every table its columns, its number of rows and the sums of their digests, which know no order.

    A sorted list would say the same and take a minute and all memory for the records of 10⁵ persons.
    """
    import duckdb

    digest = hashlib.sha256()
    with duckdb.connect(str(file), read_only=True) as database:
        columns = "SELECT table_name, list(column_name || ' ' || data_type ORDER BY column_index) FROM duckdb_columns()"
        for table, described in database.execute(f"{columns} WHERE NOT internal GROUP BY ALL ORDER BY ALL").fetchall():
            content = database.execute(_SUMS.format(table=table.replace('"', '""'))).fetchall()
            digest.update(f"{table} {described} {content}\n".encode())
    return digest.hexdigest()


_SUMS = """
    WITH texts AS (SELECT coalesce(COLUMNS(*)::VARCHAR, chr(30)) FROM "{table}"),
    rows AS (SELECT sha256(concat_ws(chr(31), *COLUMNS(*))) AS digest FROM texts)
    SELECT count(*), sum(('0x' || digest[1:16])::UBIGINT), sum(('0x' || digest[17:32])::UBIGINT) FROM rows
"""


def portable(file: Path) -> str:
    """The file's name in a message: relative to the project or to an installed package, never a home folder."""
    return _named_below(file, _places()) or file.name


def _places() -> list[tuple[Path, str]]:
    """Folders that names of files are relative to, and how such a name begins."""
    return [(Path.cwd(), ""), (Path(sysconfig.get_paths()["purelib"]), IN_PACKAGE)]


def _named_below(file: Path, places: Iterable[tuple[Path, str]]) -> str:
    """The file's name below the first of these folders that holds it; blank if none does."""
    whole = Path(os.path.abspath(file))  # without `..`, which would name the folders on the way
    holds = ((base, prefix) for base, prefix in places if whole.is_relative_to(base))
    return next((prefix + whole.relative_to(base).as_posix() for base, prefix in holds), "")


_KNOWN_BY = "_known_by_"


def name_of_cut(data_cutoff: str, known_by: str) -> str:
    """The folder of a cut: the cut-off's ISO date, and what was known by when if that is another day."""
    return data_cutoff if known_by == data_cutoff else f"{data_cutoff}{_KNOWN_BY}{known_by}"


def dates_of_cut(name: str) -> tuple[str, str]:
    """The data cut-off and the day of knowledge that the name of a cut tells."""
    data_cutoff, _, known_by = name.partition(_KNOWN_BY)
    return data_cutoff, known_by or data_cutoff


def cut_folder(file: Path) -> Path | None:
    """The folder of the cut that a file belongs to; None for a file outside of any, such as a source."""
    return next((parent.parent for parent in file.parents if parent.name in LEVELS), None)


def recorded_name(file: Path, cut: Path | None) -> str:
    """The file's name in a record: in its cut (`cut:aggregate/ard.csv`), in the project or in an installed package.

    A rebuild in another folder so gives the same records. Of any other file only the name is kept (`outside:`).
    """
    here = [(cut.absolute(), IN_CUT), (cut.absolute().parent, BESIDE)] if cut else []
    return _named_below(file, [*here, *_places()]) or f"outside:{file.name}"


def blob_id(file: Path) -> str:
    """The id git gives to the file's content, so that `git log --find-object=<id>` names the commits that had it."""
    content = file.read_bytes().replace(b"\r\n", b"\n")
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def installed_file(recorded: str) -> Path | None:
    """The file that `package:…` in a record names; None for any other name."""
    inside = recorded.removeprefix(IN_PACKAGE)
    return Path(sysconfig.get_paths()["purelib"]) / inside if inside != recorded else None


def read_record(file: Path) -> dict[str, Any] | None:
    """The record beside a file; None if there is none. Raises ProvenanceError if it cannot be read."""
    path = record_path(file)
    if not path.is_file():
        return None
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        whole = isinstance(record, dict) and record.keys() >= _PARTS and "sha256" in record["output"]
    except (ValueError, TypeError):
        whole = False
    if not whole:
        raise ProvenanceError(
            f"{portable(path)}: this provenance record is damaged. Delete it and {file.name} and run again: both will "
            "be made anew."
        )
    return dict(record)


_PARTS = {"rule", "inputs", "output", "code", "settings"}


_MEND = "If you did not mean to change it, delete the file and run again: it will be made anew."


def verified(file: Path, made_here: bool) -> str:
    """The input's fingerprint, after comparing it with its record.

    `made_here` says that a rule makes the file, so that it must have a record. Raises ProvenanceError
    if the record is missing or the file is not what the record says.
    """
    found = fingerprint(file)
    record = read_record(file)
    if record is None and made_here:
        raise ProvenanceError(f"{portable(file)}: it has no provenance record, so nobody can say who made it. {_MEND}")
    if record is not None and record["output"]["sha256"] != found:
        raise ProvenanceError(
            f"{portable(file)}: this file was changed after rule {record['rule']} wrote it "
            f"(found SHA-256 {found[:12]}…, its record says {record['output']['sha256'][:12]}…). {_MEND}"
        )
    return found


def job_record(
    rule: str, code: Mapping[str, Any], settings: Mapping[str, Any], inputs: Iterable[Mapping[str, Any]]
) -> dict[str, Any]:
    """What all outputs of a job share: its rule, inputs, code as digests and as git's blobs, settings and versions."""
    from importlib.metadata import version  # here: questions to results start without it

    return {
        "rule": rule,
        "inputs": sorted(inputs, key=lambda entry: entry["path"]),
        "code": dict(code),
        "blobs": {name: blob_id(WORKFLOW / name) for name in code if (WORKFLOW / name).is_file()},
        "settings": dict(settings),
        "versions": {"python": platform.python_version(), "snakemake": version("snakemake")},
    }


def write_record(job: Mapping[str, Any], file: Path, cut: Path | None, sha256: str, rows: int | None = None) -> None:
    """The record of one output, written in one step."""
    output = {"path": recorded_name(file, cut), "sha256": sha256} | ({} if rows is None else {"rows": rows})
    # Not sorted: the order of levels, criteria and endpoints in the settings is the order of display.
    replace_text(record_path(file), as_text({"output": output, **job}))


def as_text(record: Mapping[str, Any]) -> str:
    """A record as its file holds it."""
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def replace_text(path: Path, text: str) -> None:
    """Write a text file in one step: a reader, or a loss of power, sees the old one or the whole new one."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def made_by(record: Mapping[str, Any], code: Mapping[str, str], settings: Mapping[str, Any]) -> bool:
    """Whether a record names exactly this code and these settings, in this order."""
    return json.dumps([record["code"], record["settings"]]) == json.dumps([code, settings])


def age_outdated(
    folder: Path, current: Callable[[str], tuple[Any, Any] | None], given: Mapping[str, Path] | None = None
) -> None:
    """Make every output of other code, settings or given files look old, so that Snakemake makes it again.

    `current` gives a rule's code and settings now, or None for a rule that is no more. Snakemake remembers a job's
    parameters in `.snakemake` only; where that was deleted or results were copied, the records still know.
    `given` are the files that no rule makes, by their names in records: Snakemake takes one for unchanged that was
    replaced by an older file, as those are that were moved here or unpacked from an archive.
    Content is untouched; where Snakemake does remember, it compares checksums and nothing reruns without need.
    """
    for path in sorted(folder.rglob("*" + SUFFIX)):
        file = path.with_name(path.name.removesuffix(SUFFIX))
        record = read_record(file)
        now = current(record["rule"]) if record and file.is_file() else None
        if record and now and not (made_by(record, *now) and _read_the_same(record, given or {}, file.stat())):
            os.utime(file, (LONG_AGO, LONG_AGO))


def _read_the_same(record: Mapping[str, Any], given: Mapping[str, Path], output: os.stat_result) -> bool:
    """Whether the given files are still what the job read; only one that came here since then is looked into."""
    read = {entry["path"]: entry["sha256"] for entry in record["inputs"]}
    here = {name: given[name] for name in read.keys() & given.keys() if given[name].is_file()}
    newer = {name: file for name, file in here.items() if file.stat().st_ctime_ns > output.st_mtime_ns}
    return all(_known_fingerprint(file) == read[name] for name, file in newer.items())


_known_fingerprint = functools.cache(fingerprint)
