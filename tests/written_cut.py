"""A finished cut of a few files, written by hand: results, their report, and the records of the jobs behind them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

from cutline.audit.cut import Cut
from cutline.provenance import fingerprint, job_record, recorded_name, write_record
from cutline.tables.results import RESULT_COLUMNS

MANUSCRIPT = """---
title: Trial
---

# Abstract {.unnumbered}

**Results:** Median progression-free survival was [6.6]{.result key="pfs.km.median" fmt="%.1f"} months (95% CI
[5.59]{.result key="pfs.km.median_lower"}–7.61). The rate was [57.1%]{.result key="response.orr.percent"} [@trial2020].

# Results {#sec-results}

## Survival {#sec-pfs}

The median was [6.6]{.result key="pfs.km.median"} months (@fig-survival-pfs), in others 16.6 and 6.9. A second\\
sentence says \\*nothing\\*.

![Survival.](../aggregate/figures/figure_2_survival_pfs){#fig-survival-pfs fig-alt="the median is 6.6 months"}

| Characteristic | All |
| :--- | ---: |
|  0 | [56 (80.0)]{.result key="baseline.ecog.0.n baseline.ecog.0.percent"} |

: Baseline. {#tbl-baseline}
"""

TABLE = """<table><caption>Baseline characteristics</caption>
<thead><tr><th scope="col">Characteristic</th><th scope="col">All patients (n\u00a0=\u00a070)</th></tr></thead>
<tbody><tr><th scope="rowgroup" class="heading" colspan="2">ECOG<sup>a</sup></th></tr>
<tr><th scope="row" class="indented">0</th>
<td data-keys="baseline.ecog.0.n baseline.ecog.0.percent">56 (80.0)<sup>b</sup></td></tr>
</tbody></table>"""

SETTINGS: dict[str, Any] = {
    "endpoints": {
        "pfs": {"label": "Progression-free survival", "event_label": "progression or death"},
        "os": {"label": "Overall survival", "event_label": "death"},
    },
    "variables": {"ecog": {"label": "ECOG performance status", "levels": {"0": "0"}}, "age": {"label": "Age"}},
    "statistics": {"conf_level": 0.95},
}
DRAWN = SETTINGS | {"criteria": [{"id": "late", "label": "Too late"}], "comparisons": {"main": "ecog"}}
MANIFEST = {
    "source": "synthetic records",
    "kind": "files",
    "data_cutoff": "2025-05-31",
    "known_by": "2025-05-31",
    "note": "of every record the version known by known_by counts",
    "tables": {"patients": {"file": "patients.csv", "records": 70}},
}
CODE = {"lib/cutline/survival/estimate.py": "d1", "lib/cutline/ard.py": "d2", "numpy": "2.4.6", "python": "3.11"}


def row(key: str, value: float, **columns: str) -> dict[str, str]:
    """A row of the results, as text."""
    blank = {column.name: "" for column in RESULT_COLUMNS}
    about = {"key": key, "statistic": key.rpartition(".")[2], "value": repr(value), "population": "included"}
    return blank | about | {"n": "70", "n_contributing": "70", "rule": "estimate_survival"} | columns


RESULTS = [
    row("pfs.km.median", 6.6036960985626285, analysis="km", endpoint="pfs", unit="months"),
    row("pfs.km.median_lower", 5.593931712115672, analysis="km", endpoint="pfs", unit="months", conf_level="0.95"),
    row("response.orr.percent", 57.142857142857146, analysis="response", unit="percent", n_contributing="40",
        filter="| response.best_response=CR,PR"),
    row("response.best.partial.percent", 57.142857142857146, analysis="response", unit="percent", n_contributing="40",
        filter="| response.best_response=PR"),
    row("baseline.ecog.0.n", 56.0, analysis="baseline", variable="ecog", level="0", unit="persons", n_contributing="56",
        filter="| ecog=0"),
    row("baseline.ecog.0.percent", 80.0, analysis="baseline", variable="ecog", level="0", unit="percent"),
    row("quality.records", 70.0, analysis="quality", unit="records", n="", n_contributing="", population="screened"),
]  # fmt: skip


def write_cut(root: Path) -> Cut:
    """The project and its cut; records name files as seen from `root`, which must be the working directory."""
    folder = root / "results" / "trial" / "2025-05-31"
    texts = {
        root / "config" / "config.yaml": "study: trial\n",
        root / "config" / "studies" / "trial" / "study.yaml": "data_cutoff: 2025-05-31\n",
        root / "resources" / "patients.csv": "record_id\n",
        root / "workflow" / "scripts" / "estimate_survival.py": (
            "from cutline.job import run\nfrom cutline.survival.estimate import estimate_survival\n"
        ),
        folder / "patient" / "snapshot" / "patients.parquet": "70 patients",
        folder / "patient" / "snapshot" / "manifest.json": json.dumps(MANIFEST),
        folder / "patient" / "accepted" / "patients.parquet": "70 accepted",
        folder / "patient" / "endpoints.parquet": "70 endpoints",
        folder / "aggregate" / "figures" / "figure_2_survival_pfs.csv": "time_days\n",
        folder / "aggregate" / "tables" / "table_1_baseline.html": TABLE,
        folder / "report" / "manuscript.qmd": MANUSCRIPT,
    }
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    for ard in (folder / "aggregate" / "ard" / "estimate_survival.csv", folder / "aggregate" / "ard.csv"):
        _write_results(ard)
    _write_records(root, folder)
    return Cut(root, folder, "trial", "2025-05-31")


def _write_results(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(RESULTS[0]))
        writer.writeheader()
        writer.writerows(RESULTS)


def _write_records(root: Path, folder: Path) -> None:
    """One job after the other, each from what the one before it made."""
    snapshot, accepted = folder / "patient" / "snapshot", folder / "patient" / "accepted"
    endpoints, ard = folder / "patient" / "endpoints.parquet", folder / "aggregate" / "ard" / "estimate_survival.csv"
    released, figure = folder / "aggregate" / "ard.csv", folder / "aggregate" / "figures" / "figure_2_survival_pfs.csv"
    table, manuscript = folder / "aggregate" / "tables" / "table_1_baseline.html", folder / "report" / "manuscript.qmd"
    extracted = [snapshot / "patients.parquet", snapshot / "manifest.json"]
    jobs: list[tuple[str, list[Path], list[Path], dict[str, Any]]] = [
        ("extract_snapshot", [root / "resources" / "patients.csv"], extracted, {"data_cutoff": "2025-05-31"}),
        ("check_records", extracted[:1], [accepted / "patients.parquet"], {}),
        ("derive_endpoints", [accepted / "patients.parquet"], [endpoints], {}),
        ("estimate_survival", [endpoints], [ard], SETTINGS),
        ("release_results", [ard], [released], {"report": {"profile": "internal"}}),
        ("draw_figures", [released], [figure], DRAWN),
        ("present_tables", [released], [table], DRAWN),
        ("render_report", [released, table], [manuscript], {}),
    ]
    for rule, read, written, settings in jobs:
        inputs = [{"path": recorded_name(file, folder), "sha256": fingerprint(file), "rows": 70} for file in read]
        job = job_record(rule, CODE, settings, inputs)
        for file in written:
            write_record(job, file, folder, fingerprint(file), 70)
