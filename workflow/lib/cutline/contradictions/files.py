"""Files that the study names and that are not there, or do not hold what it asks of them."""

from __future__ import annotations

import csv
from pathlib import Path

from cutline.configuration import nearest
from cutline.contradictions.parts import Faults, Study, codelist_uses


def absent_files(study: Study, root: Path) -> Faults:
    """Code lists, and the folder of the report's sections, as the study names them."""
    for name, path in study.get("codelists", {}).items():
        if not (root / path).is_file():
            yield f"codelists.{name}: {path} does not exist"
        else:
            yield from _absent_columns(f"codelists.{name}", root / path, _targets(study, name))
            yield from _absent_values(study, name, root / path)
            yield from _absent_version(study, name, root / path)
    for name in ("ranges", "codes"):
        if not (root / study["quality"][name]).is_file():
            yield f"quality.{name}: {study['quality'][name]} does not exist"
    folders = sorted(path.name for path in (root / "reports" / "sections").glob("*") if path.is_dir())
    if study["report"]["sections"] not in folders:
        sections = study["report"]["sections"]
        yield f"report.sections: no folder reports/sections/{sections}{nearest(sections, folders)}"


OF_EVENTS = ("term", "soc", "ctcae_version")
"""Columns of a code list of adverse events."""


def _targets(study: Study, codelist: str) -> list[str]:
    """The columns of a code list that the study uses."""
    uses = [place for place, name in codelist_uses(study) if name == codelist]
    needed = [OF_EVENTS if place == "safety.codelist" else ("level",) for place in uses]
    return sorted({"recorded", *(column for columns in needed for column in columns)})


def _absent_columns(place: str, path: Path, columns: list[str]) -> Faults:
    with path.open(encoding="utf-8", newline="") as file:
        found = next(csv.reader(file), [])
    absent = [column for column in columns if column not in found]
    if absent:
        yield f"{place}: {path.name} has no column(s) {', '.join(absent)}; found: {', '.join(found) or 'nothing'}"


def _absent_values(study: Study, codelist: str, path: Path) -> Faults:
    """A value that a variable asks for and its code list never gives."""
    with path.open(encoding="utf-8", newline="") as file:
        given = sorted({row["level"] for row in csv.DictReader(file) if row.get("level")})
    for name, variable in study["variables"].items():
        if variable.get("codelist") == codelist:
            absent = [value for value in variable.get("of", []) if value not in given]
            yield from (
                f"variables.{name}.of: {path.name} never gives {value!r}{nearest(value, given)}" for value in absent
            )


def _absent_version(study: Study, codelist: str, path: Path) -> Faults:
    """A version of CTCAE that the code list of adverse events has no row of."""
    rules = study.get("safety", {})
    if rules.get("codelist") == codelist and "ctcae_version" in rules:
        with path.open(encoding="utf-8", newline="") as file:
            given = sorted({row["ctcae_version"] for row in csv.DictReader(file) if row.get("ctcae_version")})
        if rules["ctcae_version"] not in given:
            yield (
                f"safety.ctcae_version: {path.name} has no row of version {rules['ctcae_version']!r}; it has: "
                f"{', '.join(given)}"
            )
