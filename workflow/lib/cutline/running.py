"""Who is at work in this folder. Snakemake's lock says only that somebody is, or was when the power failed."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from cutline.provenance import replace_text

NOTE = Path(".snakemake/cutline-run.json")
LOCKS = Path(".snakemake/locks")


def note_run(started: datetime, cut: str) -> None:
    """Say which process runs here since when, for which cut; to be called where Snakemake's lock is held."""
    with suppress(OSError):
        replace_text(NOTE, json.dumps({"process": os.getpid(), "started": started.isoformat(), "cut": cut}))


def forget_run() -> None:
    """The run that was noted is over."""
    NOTE.unlink(missing_ok=True)


def cut_short(cut: str) -> datetime | None:
    """When the last run of that cut began, if it never ended: it was killed, or the power failed."""
    note = _note()
    if note is None or note["cut"] != cut or _is_alive(note["process"]):
        return None
    return datetime.fromisoformat(note["started"])


def other_run() -> str:
    """What to do about a lock that is there already; blank if there is none."""
    if not (LOCKS.is_dir() and any(LOCKS.iterdir())):
        return ""
    note = _note()
    who = f"process {note['process']}, begun {note['started'][:16]} UTC" if note else "its process is not known"
    if note and _is_alive(note["process"]):
        return f"Another run is at work in this folder ({who}). Wait until it is done, then run the same command again."
    return (
        f"A run in this folder was killed and left its lock ({who}). If it is not still at work on another computer: "
        "python3 run.py unlock, then run the same command again."
    )


def _note() -> dict[str, Any] | None:
    """What the last run noted; None if it ended, or if that cannot be read."""
    try:
        note = json.loads(NOTE.read_text(encoding="utf-8"))
        return {"process": int(note["process"]), "started": str(note["started"]), "cut": str(note["cut"])}
    except (OSError, ValueError, KeyError):
        return None


def _is_alive(process: int) -> bool:
    """Whether there is a process of this number; on Windows, where asking would stop it, it is taken for alive."""
    if os.name == "nt":
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
