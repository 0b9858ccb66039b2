"""Who is at work in this folder. Snakemake's lock says only that somebody is, or was when the power failed."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from cutline.errors import SetupError
from cutline.provenance import replace_text

NOTE = Path(".snakemake/cutline-run.json")
LOCKS = Path(".snakemake/locks")


def begin_run(started: datetime, cut: str) -> None:
    """Note that this process runs here, since when and for which cut. Raises SetupError if another one does.

    Of two runs with different outputs Snakemake lets both in, and the first to end removes the lock of the other.
    """
    who, alive = _noted()
    if alive:
        raise SetupError(_WAIT.format(who=who))
    with suppress(OSError):  # a full disk: the first job will say so
        replace_text(NOTE, json.dumps({"process": os.getpid(), "started": started.isoformat(), "cut": cut}))


def end_run() -> None:
    """The run that was noted is over, or known to be dead."""
    if not _noted()[1]:
        NOTE.unlink(missing_ok=True)


def forget_run() -> None:
    """Whatever was noted does not hold: somebody says so by `--unlock`."""
    NOTE.unlink(missing_ok=True)


def cut_short(cut: str) -> datetime | None:
    """When the last run of that cut began, if it never ended: it was killed, or the power failed.

    On Windows nobody can tell a run that was killed from one at work, so the next run that does something says so.
    """
    note = _note()
    if (
        os.name == "nt"
        or note is None
        or note["cut"] != cut
        or note["process"] == os.getpid()
        or _is_alive(note["process"])
    ):
        return None
    return datetime.fromisoformat(note["started"])


def about_the_lock() -> str:
    """What to do about a lock that is there already; blank if there is none."""
    if not (LOCKS.is_dir() and any(LOCKS.iterdir())):
        return ""
    who, alive = _noted()
    return (_WAIT if alive else _KILLED).format(who=who)


_WAIT = (
    "Another run is at work in this folder ({who}). Wait until it is done, then run the same command again. If there "
    "is none: python3 run.py unlock"
)
_KILLED = (
    "A run in this folder was killed and left its lock ({who}). If it is not still at work on another computer: "
    "python3 run.py unlock, then run the same command again."
)


def _noted() -> tuple[str, bool]:
    """Who began the last run that did not end, and whether that process is still there and not this one."""
    note = _note()
    if note is None:
        return "its process is not known", False
    who = f"process {note['process']}, begun {note['started'][:16]} UTC"
    return who, note["process"] != os.getpid() and _is_alive(note["process"])


def _note() -> dict[str, Any] | None:
    """What the last run noted; None if it ended, or if that cannot be read."""
    try:
        note = json.loads(NOTE.read_text(encoding="utf-8"))
        return {"process": int(note["process"]), "started": str(note["started"]), "cut": str(note["cut"])}
    except (OSError, ValueError, KeyError):
        return None


def _is_alive(process: int) -> bool:
    """Whether there is a process of this number; on Windows, where asking would stop it, is not asked."""
    if os.name == "nt":
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
