"""The end of a run: its entry in the ledger, then the pages that tell of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cutline.audit.cut import Cut
from cutline.audit.freeze import sealed
from cutline.audit.reasons import foresee, missing_rules
from cutline.audit.runs import TELLS_OF_RUN, append_entry, head
from cutline.audit.verify import verify
from cutline.errors import SealedError
from cutline.provenance import fingerprint, job_record, replace_text, write_record

AUDIT_PAGE = "report/audit.html"


def close_run(root: Path, folder: Path, study: Mapping[str, Any], logs: Path, started: datetime, outcome: str) -> str:
    """Add the run to the cut's ledger; returns its new head, which is worth keeping elsewhere.

    Only a run that finished leaves an audit page and a crate, and only if the cut is whole, which it is not where a
    single file was asked for: they describe results that hold together.
    """
    cut = Cut(root, folder.absolute(), str(study["study"]), folder.name)
    if sealed(folder):  # a run that was let through changed nothing
        return head(cut.runs)
    entry = append_entry(cut, logs, started=started, outcome=outcome, user=str(study.get("user", "")))
    if outcome == "finished" and not missing_rules(cut, study):
        describe(replace(cut), study)  # looks at the folder anew
    return str(entry["hash"])


def describe(cut: Cut, study: Mapping[str, Any] | None = None) -> Path:
    """Write the audit page and the crate of a cut as it is now, each with its record; returns the page."""
    from cutline.audit.crate import write_crate  # here: a run that has nothing to do starts without them
    from cutline.audit.page import audit_page

    page = cut.folder / AUDIT_PAGE
    replace_text(page, audit_page(cut, verify(cut, study=study)))
    _record(cut, page)
    _record(cut, write_crate(replace(cut)))  # which names the page too
    return page


def _record(cut: Cut, file: Path) -> None:
    """The record of a page: it names the head of the ledger it was written at."""
    job = job_record(TELLS_OF_RUN, {}, {"head": head(cut.runs)}, [])
    write_record(job, file, cut.folder, fingerprint(file))


def require_unsealed_or_done(root: Path, folder: Path, study: Mapping[str, Any]) -> None:
    """Raises SealedError if the cut is sealed and a run would change it."""
    seal = sealed(folder)
    if seal is None:
        return
    cut = Cut(root, folder.absolute(), str(study["study"]), folder.name)
    found = foresee(cut, study).reasons
    if found:
        told = "\n  ".join(f"{rule}: {'; '.join(why)}" for rule, why in found.items())
        raise SealedError(
            f"{study['study']}, cut-off {folder.name}: sealed on {seal['date']}, and these steps would change it:"
            f"\n  {told}\nTo keep it, make the new results elsewhere: --config results_dir=…, or another data_cutoff. "
            "To give up the seal: python3 run.py freeze --undo"
        )
