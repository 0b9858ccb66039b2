"""The end of a run: its entry in the ledger, then the pages that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from cutline.audit.cut import Cut
from cutline.audit.runs import append_entry


def close_run(root: Path, folder: Path, study: Mapping[str, Any], logs: Path, started: datetime, outcome: str) -> str:
    """Add the run to the cut's ledger; returns its new head, which is worth keeping elsewhere.

    Only a finished run leaves an audit page and a crate: they describe results that hold together.
    """
    cut = Cut(root, folder.absolute(), str(study["study"]), folder.name)
    entry = append_entry(cut, logs, started=started, outcome=outcome, user=str(study.get("user", "")))
    return str(entry["hash"])
