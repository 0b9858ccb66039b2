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
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from cutline.audit import git
from cutline.audit.cut import RUNS, Cut, read_lines
from cutline.provenance import JOB_NOTE, record_path, replace_text

FIRST = "0" * 64
"""The hash before the first entry."""
TELLS_OF_RUN = "close_run"
"""The rule named by records of files that are written after a run and tell of it: they are not in its entry."""


def append_entry(cut: Cut, logs: Path, *, started: datetime, outcome: str, user: str = "") -> dict[str, Any]:
    """Add this run to the ledger; returns its entry.

    `logs` holds the notes of the jobs that ran since `started`; rules with records that left no note were reused.
    """
    jobs = job_notes(logs, started)
    ran = {job["rule"] for job in jobs}
    entries = read_lines(cut.folder / RUNS)
    entry = {
        "number": len(entries) + 1,
        "previous": head(entries),
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - started).total_seconds(), 1),
        "outcome": outcome,
        "host_class": host_class(),
        **({"user": user} if user else {}),
        "commit": git.head(cut.root),
        "dirty": git.dirty(cut.root),
        "versions": {"python": platform.python_version(), "snakemake": version("snakemake")},
        "jobs": jobs,
        "reused": sorted({record["rule"] for record in cut.records.values()} - ran - {TELLS_OF_RUN}),
        "records": record_digests(cut),
    }
    entry["hash"] = hash_of(entry)
    old = (cut.folder / RUNS).read_text(encoding="utf-8").splitlines() if entries else []
    replace_text(cut.folder / RUNS, "\n".join([*old, json.dumps(entry, ensure_ascii=False, sort_keys=True)]) + "\n")
    return entry


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
        if record.get("rule") != TELLS_OF_RUN
    }


def job_notes(logs: Path, started: datetime) -> list[dict[str, Any]]:
    """What the jobs noted that began since then, in the order they began."""
    files = [*logs.glob(f"*{JOB_NOTE}"), *logs.parent.glob(f"*{JOB_NOTE}")]
    notes = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    since = started.isoformat(timespec="milliseconds")
    return sorted(
        (note for note in notes if note["started"] >= since), key=lambda note: (note["started"], note["rule"])
    )


def host_class() -> str:
    """What kind of machine this is; never its name."""
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
