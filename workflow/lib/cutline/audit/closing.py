"""The end of a run: its entry in the ledger, then the pages that tell of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cutline.audit.cut import Cut
from cutline.audit.freeze import sealed
from cutline.audit.reasons import foresee, missing_rules
from cutline.audit.runs import PAGES, TELLS_OF_RUN, append_entry, head
from cutline.audit.verify import verify
from cutline.errors import SealedError
from cutline.provenance import fingerprint, job_record, replace_text, write_record


def close_run(
    cut: Cut, study: Mapping[str, Any], logs: Iterable[Path], started: datetime, outcome: str, config: Mapping[str, Any]
) -> tuple[str, int]:
    """Add the run to the cut's ledger; returns its new head, worth keeping elsewhere, and how much does not hold.

    Only a run that finished leaves an audit page and a crate, and only if the cut is whole, which it is not where a
    single file was asked for: they describe results that hold together.
    """
    if sealed(cut.folder):  # a run that was let through changed nothing
        return head(cut.runs), 0
    entry = append_entry(cut, logs, started=started, outcome=outcome, config={"user": study["user"], **config})
    if outcome == "finished" and not missing_rules(cut, study):
        return str(entry["hash"]), describe(replace(cut), study)  # looks at the folder anew
    return str(entry["hash"]), 0


def describe(cut: Cut, study: Mapping[str, Any] | None = None) -> int:
    """Write the audit page and the crate of a cut as it is now, each with its record; returns the number of findings.

    Raises SealedError if the cut is sealed.
    """
    from cutline.audit.crate import write_crate  # here: a run that has nothing to do starts without them
    from cutline.audit.page import audit_page

    if sealed(cut.folder):
        raise SealedError(f"{cut.study}, cut-off {cut.name}: sealed, so its pages are not written anew")
    page = cut.folder / PAGES[0]
    verdict = verify(cut, study=study)
    replace_text(page, audit_page(cut, verdict))
    _record(cut, page)
    _record(cut, write_crate(cut))
    return sum(map(len, verdict.values()))


def _record(cut: Cut, file: Path) -> None:
    """The record of a page: it names the head of the ledger it was written at."""
    job = job_record(TELLS_OF_RUN, {}, {"head": head(cut.runs)}, [])
    write_record(job, file, cut.folder, fingerprint(file))


def require_unsealed_or_done(cut: Cut, study: Mapping[str, Any]) -> None:
    """Raises SealedError if the cut is sealed and a run would change it."""
    seal = sealed(cut.folder)
    if seal is None:
        return
    found = foresee(cut, study).reasons
    if found:
        told = "\n  ".join(f"{rule}: {'; '.join(why)}" for rule, why in found.items())
        raise SealedError(
            f"{cut.study}, cut-off {cut.name}: sealed on {seal['date']}, and these steps would change it:"
            f"\n  {told}\nTo keep it, make the new results elsewhere: --config results_dir=…, or another data_cutoff. "
            "To give up the seal: python3 run.py freeze --undo"
        )
