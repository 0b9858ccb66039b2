"""Two cuts compared by their released results alone, outside the pipeline: where a side has no patient level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.audit.cut import Cut
from cutline.changes.report import compare_cuts
from cutline.errors import ProvenanceError
from cutline.provenance import verified
from cutline.stored import read, write
from cutline.study import load_study, side
from cutline.study_rules import settings_for
from cutline.tables import differences, results
from cutline.tables.spec import Table

SPECS: dict[str, Table] = {table.name: table for table in (*results.TABLES, *differences.TABLES)}
MADE_RESULTS = ("patient/", "aggregate/ard")
"""Beginnings of the paths of outputs whose code can have moved a result; an archive has the last of them only."""
NO_ATTRIBUTION = "Only the released results of the two sides were compared."


def compare_results_of(old: Cut, new: Cut, root: Path) -> dict[str, Any]:
    """The change report of two cuts from their released results; outputs as of `compare_cuts`, without attribution.

    `root` is the project whose configuration names the study's labels and whose reports/ the page is made from.
    Raises ProvenanceError if a file of either side is missing or is not what its record says.
    """
    study = load_study(root, {"study": new.study, "compare_with": "none"})
    both = sorted(path for path in old.records if path in new.records and path.startswith(MADE_RESULTS))
    compared = {"old": side_of(old, both), "new": side_of(new, both), "unavailable": NO_ATTRIBUTION}
    return compare_cuts(
        settings=settings_for(study | {"compare": compared}, "compare_cuts"),
        old_ard=_ard(old),
        new_ard=_ard(new),
        old_curves=_curves(old),
        new_curves=_curves(new),
        sources=sorted(path for path in (root / "reports").rglob("*") if path.is_file()),
    )


def write_changes(outputs: Mapping[str, Any], folder: Path) -> list[Path]:
    """The report, its table and its figures as files of that folder, each written in one step; returns them."""
    names = {"html": "changes.html", "docx": "changes.docx", "csv": "changes.csv"}
    names |= {key: ".".join(key.rsplit("_", 1)) for key in outputs if key.startswith("survival_")}
    folder.mkdir(parents=True, exist_ok=True)
    for key, name in names.items():
        write(outputs[key], folder / name, SPECS)
    return [folder / name for name in names.values()]


def side_of(cut: Cut, paths: Sequence[str]) -> dict[str, Any]:
    """What is known of a side: its cut-off, from the name of its folder, and the code that made these outputs."""
    return {**side(cut.name), "code": code_of(cut, paths)}


def code_of(cut: Cut, paths: Sequence[str]) -> dict[str, str]:
    """Every code file and library that made these outputs of a cut, with digest or version."""
    found = {name: digest for path in paths for name, digest in cut.records[path]["code"].items()}
    return dict(sorted(found.items()))


def _ard(cut: Cut) -> pd.DataFrame:
    return _verified_table(cut.folder / "aggregate" / "ard.csv")


def _curves(cut: Cut) -> list[pd.DataFrame]:
    return [_verified_table(file) for file in sorted((cut.folder / "aggregate" / "released" / "curves").glob("*.csv"))]


def _verified_table(file: Path) -> pd.DataFrame:
    if not file.is_file():
        raise ProvenanceError(f"{file.parent.parent.name}: {file.name} is missing; run the study at this cut-off first")
    verified(file, made_here=True)
    table: pd.DataFrame = read(file, SPECS)
    return table
