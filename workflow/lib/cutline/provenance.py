"""Records of where a file came from: one deterministic `.prov.json` beside each output.

A record says which rule made the file, from which inputs, code and settings, and its SHA-256. It holds no
clock, host or user, so that a rebuild gives the same record. Before a job computes it compares each input
with its record: a file edited by hand stops the run instead of being believed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sysconfig
from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cutline.errors import ProvenanceError

SUFFIX = ".prov.json"
LONG_AGO = 86_400
"""Modification time (seconds since 1970) given to an output that other code or settings made."""


def record_path(file: Path) -> Path:
    return file.with_name(file.name + SUFFIX)


def fingerprint(file: Path) -> str:
    """SHA-256 of a file; of a database, of its sorted content, since its bytes differ from write to write."""
    if file.suffix == ".duckdb":
        return _database_fingerprint(file)
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _database_fingerprint(file: Path) -> str:
    import duckdb

    digest = hashlib.sha256()
    with duckdb.connect(str(file), read_only=True) as database:
        for (table,) in database.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall():
            query = f'SELECT sha256(string_agg(row::VARCHAR, chr(10) ORDER BY row::VARCHAR)) FROM "{table}" AS row'
            (content,) = database.execute(query).fetchone() or ("",)
            digest.update(f"{table} {content}\n".encode())
    return digest.hexdigest()


def portable(file: Path) -> str:
    """The file's name in a record: relative to the project or to an installed package, never a home folder."""
    for base, prefix in ((Path.cwd(), ""), (Path(sysconfig.get_paths()["purelib"]), "package:")):
        if file.absolute().is_relative_to(base):
            return prefix + file.absolute().relative_to(base).as_posix()
    return file.name


def read_record(file: Path) -> dict[str, Any] | None:
    """The record beside a file; None if there is none. Raises ProvenanceError if it cannot be read."""
    path = record_path(file)
    if not path.is_file():
        return None
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ProvenanceError(f"{portable(path)}: this provenance record is damaged. {_MEND}") from error


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
    """What all outputs of a job share."""
    return {
        "rule": rule,
        "inputs": sorted(inputs, key=lambda entry: entry["path"]),
        "code": dict(code),
        "settings": dict(settings),
        "versions": {"python": platform.python_version(), "snakemake": version("snakemake")},
    }


def write_record(job: Mapping[str, Any], file: Path, sha256: str, rows: int | None) -> None:
    """The record of one output, written in one step."""
    output = {"path": portable(file), "sha256": sha256} | ({} if rows is None else {"rows": rows})
    text = json.dumps({"output": output, **job}, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    path = record_path(file)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    os.replace(partial, path)


def age_outdated(folder: Path, current: Callable[[str], tuple[Any, Any] | None]) -> None:
    """Make every output of other code or settings look old, so that Snakemake makes it again.

    `current` gives a rule's code and settings now, or None for a rule that is no more. Snakemake remembers a job's
    parameters in `.snakemake` only; where that was deleted or results were copied, the records still know.
    Content is untouched; where Snakemake does remember, it compares checksums and nothing reruns without need.
    """
    for path in sorted(folder.rglob("*" + SUFFIX)):
        file = path.with_name(path.name.removesuffix(SUFFIX))
        record = read_record(file)
        now = current(record["rule"]) if record and file.is_file() else None
        if record and now and [record["code"], record["settings"]] != json.loads(json.dumps(now)):
            os.utime(file, (LONG_AGO, LONG_AGO))
