"""The ledger of runs: who ran what when, each entry chained to the one before by its hash.

One JSON object per line of `runs.jsonl` in the folder of a cut. An entry lists the SHA-256 of every provenance record
as the run left it, so an altered or removed record is seen, and so is an altered or removed entry. Whoever can write
the folder can also write the whole chain anew: that is seen only by comparing the head (the last hash) with a copy
kept elsewhere, which is why it is printed.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cutline.audit import git
from cutline.audit.cut import RUNS, Cut, read_lines
from cutline.provenance import JOB_NOTE, record_path, replace_text

FIRST = "0" * 64
"""The hash before the first entry."""
TELLS_OF_RUN = "close_run"
"""What records of the pages name as their rule."""
PAGES = ("report/audit.html", "ro-crate-metadata.json")
"""What is written after a run and tells of it: the run's own entry cannot vouch for it."""


def append_entry(
    cut: Cut, logs: Iterable[Path], *, started: datetime, outcome: str, config: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Add this run to the ledger; returns its entry.

    `logs` are the folders with the notes of the jobs that ran; rules with records whose jobs left no note since the
    entry before were reused. A record that changed although its rule did not run is noted as unexplained. `config` is
    what the command line said of the study; its `user` is named.
    """
    entries = read_lines(cut.folder / RUNS)
    jobs = job_notes(logs, _end_of(entries[-1]) if entries and entries[-1] else "")
    ran = {job["rule"] for job in jobs}
    records = record_digests(cut)
    told = {key: value for key, value in (config or {}).items() if _remembered(key, value)}
    entry = {
        "number": len(entries) + 1,
        "previous": head(entries),
        "started": started.isoformat(timespec="milliseconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 3),
        "outcome": outcome,
        "host_class": host_class(),
        **({"user": config["user"]} if config and config.get("user") else {}),
        **({"config": told} if told else {}),
        "commit": git.head(cut.root),
        "dirty": git.dirty(cut.root),
        "versions": {"python": platform.python_version(), "snakemake": version("snakemake")},
        "jobs": jobs,
        "reused": sorted({record["rule"] for record in cut.records.values()} - ran - {TELLS_OF_RUN}),
        "records": records,
        "unexplained": [path for path in changed(entries, records) if cut.records[path]["rule"] not in ran],
    }
    entry["hash"] = hash_of(entry)
    old = (cut.folder / RUNS).read_text(encoding="utf-8").splitlines() if entries else []
    replace_text(cut.folder / RUNS, "\n".join([*old, json.dumps(entry, ensure_ascii=False, sort_keys=True)]) + "\n")
    return entry


REMEMBERED = ("known_by", "compare_with", "corrections", "report")
"""What of the command line's configuration a cut is verified with; never a folder."""


def _remembered(key: str, value: Any) -> bool:
    """Whether the ledger says what was configured: files by their place in the project, and never a folder."""
    files = [value] if isinstance(value, str) else value
    return key in REMEMBERED and not (key == "corrections" and any(Path(file).is_absolute() for file in files))


def changed(entries: list[dict[str, Any]], records: Mapping[str, str]) -> list[str]:
    """The outputs whose records are new or not those of the entry before."""
    before = entries[-1].get("records", {}) if entries else {}
    return [path for path, digest in records.items() if before.get(path) != digest]


def unexplained(entries: list[dict[str, Any]]) -> dict[str, int]:
    """Outputs that came to be what they are while no job ran that makes them, with the number of that entry."""
    found: dict[str, int] = {}
    for number, entry in enumerate(entries, 1):
        new = changed(entries[: number - 1], entry.get("records", {}))
        found = {path: place for path, place in found.items() if path not in new}
        found |= dict.fromkeys(entry.get("unexplained", []), number)
    return found


def _end_of(entry: Mapping[str, Any]) -> str:
    """When the run of an entry ended."""
    end = datetime.fromisoformat(entry["started"]) + timedelta(seconds=entry["seconds"])
    return end.isoformat(timespec="milliseconds")


def hash_of(entry: Mapping[str, Any]) -> str:
    """SHA-256 of an entry without its own hash, as JSON with sorted keys."""
    content = {key: value for key, value in entry.items() if key != "hash"}
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def head(entries: list[dict[str, Any]]) -> str:
    """The hash of the newest entry."""
    return str(entries[-1].get("hash", FIRST)) if entries else FIRST


def broken_links(entries: list[dict[str, Any]]) -> list[int]:
    """The numbers (from 1) of entries that were altered, or do not follow the entry before them."""
    before = [FIRST, *(entry.get("hash", FIRST) for entry in entries)]
    return [
        number
        for number, (entry, previous) in enumerate(zip(entries, before, strict=False), 1)
        if not entry or entry.get("previous") != previous or entry.get("hash") != hash_of(entry)
    ]


def record_digests(cut: Cut) -> dict[str, str]:
    """The SHA-256 of every record file, by the path of its output; not of what tells of the run itself."""
    return {
        path: hashlib.sha256(record_path(cut.folder / path).read_bytes()).hexdigest()
        for path, record in cut.records.items()
        if path not in PAGES
    }


def job_notes(logs: Iterable[Path], since: str) -> list[dict[str, Any]]:
    """What the jobs noted that began since then (ISO, UTC), in the order they began; a killed one noted its start."""
    notes = [note for folder in logs for file in folder.glob(f"*{JOB_NOTE}") for note in read_lines(file) if note]
    return sorted(
        (note for note in notes if note["started"] >= since), key=lambda note: (note["started"], note["rule"])
    )


def host_class() -> str:
    """What kind of machine this is; never its name."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
