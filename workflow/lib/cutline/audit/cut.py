"""A cut on disk as data: its records, results and ledger of runs. No pandas: a question is answered in a second."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from cutline.errors import ConfigError, ProvenanceError, SetupError
from cutline.provenance import BESIDE, IN_CUT, SUFFIX, fingerprint, installed_file, name_of_cut, read_record

RUNS = "runs.jsonl"
RESULTS = "aggregate/ard.csv"
MANUSCRIPT = "report/manuscript.qmd"
ENGINE = "report/engine.json"
MANIFEST = "patient/snapshot/manifest.json"
_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclass(frozen=True)
class Cut:
    """One study at one data cut-off: `folder` is results/<study>/<cut>, `root` the project."""

    root: Path
    folder: Path
    study: str
    name: str

    @cached_property
    def records(self) -> dict[str, dict[str, Any]]:
        """The provenance record of every output, by its path below the folder.

        Raises ProvenanceError for a damaged record, SetupError if the patient level may not be read.
        """
        if (self.folder / "patient").is_dir() and not os.access(self.folder / "patient", os.R_OK | os.X_OK):
            raise SetupError(f"{self.study}/{self.name}/patient cannot be read; ask who owns it to answer this for you")
        files = sorted(path.with_name(path.name.removesuffix(SUFFIX)) for path in self.folder.rglob(f"*{SUFFIX}"))
        return {file.relative_to(self.folder).as_posix(): read_record(file) or {} for file in files}

    @cached_property
    def results(self) -> dict[str, dict[str, str]]:
        """The released ARD by key, every cell as text. Raises ProvenanceError if there is none."""
        file = self.folder / RESULTS
        if not file.is_file():
            raise ProvenanceError(f"{self.folder}: {RESULTS} is missing. Run the study at this cut-off first.")
        with file.open(encoding="utf-8", newline="") as stream:
            rows = list(csv.DictReader(stream))
        if any("key" not in row or None in row or None in row.values() for row in rows):
            raise ProvenanceError(f"{RESULTS}: this file was edited or is damaged. Delete it and run again.")
        return {row["key"]: row for row in rows}

    @cached_property
    def engine(self) -> str:
        """The engine that rendered the report, `pandoc` or `quarto`. Raises ConfigError if there is no report."""
        record = self.folder / ENGINE
        if not record.is_file():
            raise ConfigError(
                f"{record}: missing; it says which engine rendered the report. Run the study at this cut-off"
            )
        return str(json.loads(record.read_text(encoding="utf-8"))["engine"])

    @cached_property
    def runs(self) -> list[dict[str, Any]]:
        """The entries of the ledger of runs, oldest first; a line that cannot be read is left to `verify`."""
        return [entry for entry in read_lines(self.folder / RUNS) if entry]

    def sha256(self, file: Path) -> str:
        """The fingerprint of a file, taken once."""
        if file not in self._fingerprints:
            self._fingerprints[file] = fingerprint(file)
        return self._fingerprints[file]

    @cached_property
    def _fingerprints(self) -> dict[Path, str]:
        return {}

    def file(self, recorded: str) -> Path:
        """The file that a name in a record means (see `provenance.recorded_name`)."""
        if recorded.startswith(IN_CUT):
            return self.folder / recorded.removeprefix(IN_CUT)
        if recorded.startswith(BESIDE):
            return self.folder.parent / recorded.removeprefix(BESIDE)
        return installed_file(recorded) or self.root / recorded

    def producer(self, recorded: str) -> dict[str, Any] | None:
        """The record of the job that made a file named in a record; None for what no rule makes."""
        if recorded.startswith(IN_CUT):
            return self.records.get(recorded.removeprefix(IN_CUT))
        return read_record(self.file(recorded))


def read_lines(file: Path) -> list[dict[str, Any]]:
    """The objects of a file with one JSON object per line; {} for a line that is none."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return [_object(line) for line in lines]


def _object(line: str) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


# ── which cut ────────────────────────────────────────────────────────────────────────────────


def project_root(start: Path) -> Path:
    """The project's folder: `start` or the nearest above it with a Snakefile, else the checkout of this library.

    Raises SetupError if there is none.
    """
    candidates = [start, *start.parents, Path(__file__).resolve().parents[4]]
    found = next((path for path in candidates if (path / "config" / "config.yaml").is_file()), None)
    if found is None:
        raise SetupError(f"{start}: not inside a Cutline project; go to the folder that holds Snakefile and config/")
    return found


def open_cut(root: Path, study: str = "", cut: str = "", results_dir: str = "") -> Cut:
    """The cut asked for; what is left out is as configured. Raises ConfigError if there is no such cut."""
    config = read_plain_yaml(root / "config" / "config.yaml")
    study = study or config.get("study", "")
    folder = (root / (results_dir or config.get("results_dir", "results")) / study).absolute()
    cuts = cuts_in(folder)
    cut = cut or _configured_cut(config, read_plain_yaml(root / "config" / "studies" / study / "study.yaml"))
    if cut not in cuts:
        known = ", ".join(cuts) or "none"
        raise ConfigError(f"study {study}: there are no results at the cut-off {cut!r}; there are: {known}")
    return Cut(root, folder / cut, study, cut)


def cuts_in(folder: Path) -> list[str]:
    """The names of the cuts of a study's results folder, oldest first."""
    return sorted(path.name for path in folder.glob("*") if (path / "aggregate").is_dir())


def _configured_cut(config: dict[str, Any], protocol: dict[str, Any]) -> str:
    cutoff = config.get("data_cutoff", protocol.get("data_cutoff", ""))
    known_by = config.get("known_by", protocol.get("known_by", cutoff))
    return name_of_cut(str(cutoff), str(known_by))


def read_plain_yaml(file: Path) -> dict[str, Any]:
    """A YAML file, every scalar as text; empty if it is missing. The pipeline checks it, here it is only read."""
    found = yaml.load(file.read_text(encoding="utf-8"), Loader=_LOADER) if file.is_file() else {}
    return found if isinstance(found, dict) else {}
