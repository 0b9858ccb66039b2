"""A made-up project with one finished cut, small enough to read: three rules, a handful of files, two runs."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from cutline.audit.cut import Cut
from cutline.audit.runs import FIRST, hash_of
from cutline.provenance import record_path

PROJECT = {
    "Snakefile": "rule all:\n",
    "run.py": "",
    "workflow/rules/common.smk": "",
    "workflow/scripts/extract_snapshot.py": "# extract\n",
    "workflow/scripts/release_results.py": "# release\n",
    "workflow/scripts/render_report.py": "# render\n",
    "workflow/lib/cutline/__init__.py": "",
    "workflow/lib/cutline/__pycache__/__init__.cpython-311.pyc": "",
    "workflow/lib/cutline/audit/page.css": "",
    "workflow/lib/cutline/.page.css.swp": "",
    "config/config.yaml": "study: small\nresults_dir: /home/ann/My Results/2025\n",
    "config/pseudonym.key": "SECRET-KEY",
    "config/studies/small/study.yaml": 'source:\n  path: "C:\\\\Users\\\\ann\\\\a.csv"\n  date_format: "%d/%m/%Y"\n',
    "config/studies/other/study.yaml": "title: of other people\n",
    "reports/manuscript.qmd": "text",
    "reports/sections/other/abstract.qmd": "of other people",
    "envs/requirements.txt": "pandas==2.3.3\n",
}
SETTINGS = {"title": "A small study", "synthetic": True}
OUTPUTS: dict[str, tuple[str, list[str], dict[str, Any]]] = {
    "patient/snapshot/patients.parquet": ("extract_snapshot", ["outside:cohort.csv"], {}),
    "aggregate/accounting.csv": ("extract_snapshot", ["outside:cohort.csv"], {}),
    "aggregate/ard.csv": ("release_results", ["cut:aggregate/accounting.csv"], {"report": {"profile": "internal"}}),
    "report/manuscript.html": ("render_report", ["cut:aggregate/ard.csv", "reports/manuscript.qmd"], SETTINGS),
}
"""Output → rule, inputs, settings."""


def made_up_cut(root: Path) -> Cut:
    for name, text in PROJECT.items():
        _write(root / name, text)
    folder = root / "results" / "small" / "2025-05-31"
    for name, (rule, inputs, settings) in OUTPUTS.items():
        _write(folder / name, f"made by {rule}")
        record = {
            "rule": rule, "settings": settings, "inputs": [{"path": path, "sha256": ""} for path in inputs],
            "output": {"path": f"cut:{name}", "sha256": digest(folder / name)},
            "code": {f"scripts/{rule}.py": "0", "pandas": "2.3.3"},
        }  # fmt: skip
        _write(record_path(folder / name), json.dumps(record))
    failed = run(1, FIRST, {"extract_snapshot": "finished", "release_results": "failed"})
    mended = run(2, failed["hash"], {"release_results": "finished", "render_report": "finished"}, user="ann")
    _write(folder / "runs.jsonl", "".join(json.dumps(entry) + "\n" for entry in (failed, mended)))
    return Cut(root, folder, "small", folder.name)


def run(number: int, previous: str, outcomes: dict[str, str], user: str = "") -> dict[str, Any]:
    """An entry of the ledger; each job begins on another minute and takes 1.5 seconds."""
    started = f"2025-06-0{number}T10:0{{}}:00+00:00"
    jobs = [
        {"rule": rule, "started": started.format(minute), "seconds": 1.5, "outcome": outcome}
        for minute, (rule, outcome) in enumerate(outcomes.items())
    ]
    entry = {
        "number": number, "previous": previous, "started": started.format(0), "seconds": 240,
        "outcome": "failed" if "failed" in outcomes.values() else "finished", "host_class": "Linux x86_64, 2 cores",
        "commit": "", "dirty": None, "versions": {"python": "3.11.7", "snakemake": "9.27.1"}, "jobs": jobs,
        "reused": [], "records": {},
    } | ({"user": user} if user else {})  # fmt: skip
    return entry | {"hash": hash_of(entry)}


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
