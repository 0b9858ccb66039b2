"""A hand-made cut of two jobs, with records as the pipeline writes them: a source, a derived table, a result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cutline.audit.cut import Cut
from cutline.provenance import fingerprint, job_record, write_record

CODE = {"lib/cutline/cohort.py": "c1", "pandas": "2.3.2", "python": "3.11"}
SETTINGS = {"criteria": ["adult"], "levels": {"b": 1, "a": 2}}


def small_cut(root: Path) -> Cut:
    """`config/list.csv` → select_cohort → patient/cohort.csv → summarise_baseline → aggregate/ard.csv."""
    folder = root / "results" / "toy" / "2025-01-01"
    files = {
        root / "config" / "list.csv": "code\nx\n",
        folder / "patient" / "cohort.csv": "patient_id\na\nb\n",
        folder / "aggregate" / "ard.csv": "key,value,rule\nflow.included,2.0,summarise_baseline\n",
    }
    for file, text in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    source, cohort, ard = files
    record(folder, "select_cohort", cohort, {"config/list.csv": source})
    record(folder, "summarise_baseline", ard, {"cut:patient/cohort.csv": cohort})
    return Cut(root, folder, "toy", "2025-01-01")


def record(folder: Path, rule: str, output: Path, inputs: dict[str, Path], **more: Any) -> None:
    """The record of one output."""
    entries = [{"path": name, "sha256": fingerprint(file)} for name, file in inputs.items()]
    job = job_record(rule, CODE, SETTINGS, entries) | more
    write_record(job, output, folder, fingerprint(output), 2)
