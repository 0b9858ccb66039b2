"""The chain of one result: from the sentence that shows it back to the snapshot and its source. No pandas.

A chain is plain data, fit for JSON. `VERSION` counts changes of its form that a reader of it must know:

    version, study, cut, key
    result       the row of the results: every column that is not blank; `value` unrounded, counts as whole numbers
    shown        the number as the report prints it
    places       where it appears: list of {kind: text | table | figure, where, before, shown, after, row, column,
                 format, file}, blank parts left out
    persons      population, filter, n, n_contributing, and in words denominator and contributing
    rule         the rule whose job computed it
    used         the settings of that job that bear on this result: by endpoint, model and the variables it names
    route        {files: [...], jobs: [...]}: names of the files from the results back to the source, and of their jobs
    breaks       sentences on every link that does not hold; empty if the chain is whole

`chain_of` adds what all results share, cut down to this route, and `jobs_of` gives it for the whole cut:

    files        by name in the records: stage, sha256, rows (tables), rule (blank if no job makes it)
    jobs         by rule: rule, script, code [{file, digest, blob, own}], libraries, settings, versions, inputs
                 {file: SHA-256 it had}, outputs, ran {run, started, seconds, commit, dirty} by the ledger or {};
                 `own` marks the modules that compute, as against those they use
    snapshot     file, source, kind, data_cutoff, known_by, note, source_files, tables {name: records} of the
                 manifest; {} where patient/ cannot be read
    corrections  answers to queries that are laid over the snapshot: files {name: SHA-256}, tables {name: {corrected
                 (values), withdrawn (records)}}; {} if there are none
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from cutline.audit.appearances import Place, passages, places
from cutline.audit.cut import MANIFEST, MANUSCRIPT, RESULTS, Cut
from cutline.audit.passages import Passage
from cutline.audit.wording import displayed, who, words_of
from cutline.errors import ReportError
from cutline.filters import COVARIATES, parse
from cutline.provenance import IN_CUT, fingerprint

VERSION = 1
STAGES = {
    "cut:aggregate/": "results",
    "cut:report/": "report",
    "cut:patient/accepted/": "accepted records",
    "cut:patient/snapshot/": "snapshot",
    "cut:patient/": "derived tables",
    "config/": "configuration",
    "reports/": "text and layout",
}
"""How names in records begin, and the stage of the flow that such files belong to; any other is the source's."""
SOURCE = "source"
ORDER = (
    "report",
    "results",
    "derived tables",
    "accepted records",
    "snapshot",
    SOURCE,
    "configuration",
    "text and layout",
)
COUNTS = ("n", "n_contributing")
CHECKING, CORRECTING = "check_records", ("corrected", "withdrawn")
"""The rule that lays corrections over the snapshot, and the results that count them."""
NUMBERS = ("value", "time_months", "conf_level")
WIRING = ("cutline.job", "cutline.tables")
"""What every script imports beside the module that computes."""

Data = dict[str, Any]


def chain_of(cut: Cut, key: str) -> Data:
    """The chain of one result with the jobs and files on its route; see the module for its form.

    Raises ReportError if there is no such key.
    """
    return Chains(cut).whole(key)


def jobs_of(cut: Cut) -> Data:
    """What all results of a cut share: {version, jobs, files, snapshot}; see the module for their form."""
    records = _every_record(cut)
    jobs = {rule: job | {"ran": _last_run(cut, rule)} for rule, job in _jobs(cut.root, records).items()}
    return {"version": VERSION, "jobs": jobs, "files": _files(records), "snapshot": _snapshot(cut),
            "corrections": _corrections(cut, jobs.get(CHECKING, {}))}  # fmt: skip


class Chains:
    """The chains of a cut: every file is read once, however many results are asked for."""

    def __init__(self, cut: Cut) -> None:
        self.cut = cut

    @cached_property
    def report(self) -> list[Passage]:
        """Sentences and cells of the report."""
        return passages(self.cut)

    @cached_property
    def places(self) -> dict[str, list[Place]]:
        """Where each key appears."""
        return places(self.cut, self.report)

    @cached_property
    def shared(self) -> Data:
        """As `jobs_of`."""
        return jobs_of(self.cut)

    def whole(self, key: str) -> Data:
        """As `chain_of`."""
        chain = self.of(key)
        on_route = {
            kind: {name: self.shared[kind][name] for name in chain["route"][kind]} for kind in ("jobs", "files")
        }
        return chain | on_route | {name: self.shared[name] for name in ("snapshot", "corrections")}

    def of(self, key: str) -> Data:
        """The chain without the jobs and files themselves. Raises ReportError if there is no such key."""
        if key not in self.cut.results:
            raise ReportError(f"cut {self.cut.name}: there is no result {key!r}; `cutline results` lists them all")
        row = self.cut.results[key]
        route, typed = self._routes[row["rule"]], _typed(row)
        return {
            "version": VERSION,
            "study": self.cut.study,
            "cut": self.cut.name,
            "key": key,
            "result": typed,
            "shown": self.shown(key),
            "places": [place.as_data() for place in self.places.get(key, ())],
            "persons": {name: typed[name] for name in ("population", "filter", *COUNTS) if name in typed}
            | who(row, self._words),
            "rule": row["rule"],
            "used": _used(row, self.shared["jobs"].get(row["rule"], {}).get("settings", {})),
            "route": route,
            "breaks": [self._breaks[name] for name in [*route["files"], *self._shown_in] if name in self._breaks],
        }

    def shown(self, key: str) -> str:
        """The number as the report prints it: in its text or a table, else as it would."""
        printed = [place.shown for place in self.places.get(key, ()) if place.shown]
        return printed[0] if printed else displayed(self.cut.results[key])

    # ── parts ──

    @cached_property
    def _words(self) -> Any:
        return words_of(self.cut)

    @cached_property
    def _shown_in(self) -> list[str]:
        """The files that places are read from."""
        tables = (name for name in self.shared["files"] if name.startswith("cut:aggregate/tables/"))
        return [IN_CUT + MANUSCRIPT, *(name for name in tables if name.endswith(".html"))]

    @cached_property
    def _routes(self) -> dict[str, Data]:
        """By rule of the results: the files from its rows back to the source, and the jobs that made them."""
        return {rule: self._route(rule) for rule in sorted({row["rule"] for row in self.cut.results.values()})}

    def _route(self, rule: str) -> Data:
        files, jobs = self.shared["files"], self.shared["jobs"]
        found = dict.fromkeys([IN_CUT + RESULTS, f"cut:aggregate/ard/{rule}.csv"])
        rules = dict.fromkeys([files.get(IN_CUT + RESULTS, {}).get("rule", ""), rule])
        waiting = [rule]
        while waiting:
            inputs = jobs.get(waiting.pop(0), {}).get("inputs", {})
            found |= dict.fromkeys(inputs)
            makers = dict.fromkeys(files[name]["rule"] for name in inputs)
            waiting += [maker for maker in makers if maker and maker not in rules]
            rules |= makers
        if IN_CUT + MANIFEST in files and files[IN_CUT + MANIFEST]["rule"] in rules:
            found[IN_CUT + MANIFEST] = None
        there = [name for name in found if name in files]
        return {
            "files": sorted(there, key=lambda name: ORDER.index(files[name]["stage"])),
            "jobs": [each for each in rules if each in jobs],
        }

    @cached_property
    def _breaks(self) -> dict[str, str]:
        """By file: what does not hold of it, judged by the records, and by the bytes of files that are read here."""
        found: dict[str, str] = {}
        for job in self.shared["jobs"].values():
            for name, sha256 in job["inputs"].items():
                if self.shared["files"][name]["sha256"] != sha256:
                    found[name] = f"{_path(name)}: {job['rule']} read another version of it than the one there now"
        for name in [IN_CUT + RESULTS, IN_CUT + MANIFEST, *self._shown_in]:
            recorded = self.shared["files"].get(name)
            file = self.cut.file(name)
            if recorded and file.is_file() and fingerprint(file) != recorded["sha256"]:
                found[name] = f"{_path(name)}: edited after {recorded['rule']} wrote it"
        return found


# ── one row ──────────────────────────────────────────────────────────────────────────────────


def _typed(row: Mapping[str, str]) -> Data:
    """The columns that are not blank, numbers as numbers."""
    numbers: Data = {name: float(row[name]) for name in NUMBERS if row[name]}
    counts: Data = {name: int(float(row[name])) for name in COUNTS if row[name]}
    return {name: (numbers | counts).get(name, value) for name, value in row.items() if value}


def _used(row: Mapping[str, str], settings: Mapping[str, Any]) -> Data:
    """The settings without endpoints, models and variables that the row does not speak of."""
    conditions = parse(row["filter"]).conditions
    endpoints = {row["endpoint"], *(each.of for each in conditions if each.table == "endpoints")}
    variables = {row["variable"], row["group"], row["subset"]}
    variables |= {each.of for each in conditions if each.table == COVARIATES}
    spoken_of = {"endpoints": endpoints, "models": endpoints, "variables": variables}
    kept = {
        name: {key: part for key, part in value.items() if key in spoken_of[name]} if name in spoken_of else value
        for name, value in settings.items()
    }
    return {name: value for name, value in kept.items() if value not in ({}, None)}


# ── jobs and files ───────────────────────────────────────────────────────────────────────────


def _jobs(root: Path, records: Mapping[str, Data]) -> dict[str, Data]:
    """Every job behind the cut, also of files outside it that a rule makes."""
    jobs: dict[str, Data] = {}
    for name, record in records.items():
        if record["rule"] not in jobs:
            jobs[record["rule"]] = _job(root, record)
        jobs[record["rule"]]["outputs"].append(name)
        jobs[record["rule"]]["inputs"] |= {entry["path"]: entry["sha256"] for entry in record["inputs"]}
    return jobs


def _job(root: Path, record: Mapping[str, Any]) -> Data:
    code, blobs = record["code"], record.get("blobs", {})
    own = own_modules(root, record["rule"], code)
    return {
        "rule": record["rule"],
        "script": f"workflow/scripts/{record['rule']}.py",
        "code": [
            {"file": f"workflow/{name}", "digest": digest, "blob": blobs.get(name, ""), "own": name in own}
            for name, digest in code.items()
            if "/" in name
        ],
        "libraries": {name: version for name, version in code.items() if "/" not in name},
        "settings": record["settings"],
        "versions": record.get("versions", {}),
        "inputs": {},
        "outputs": [],
    }


def _last_run(cut: Cut, rule: str) -> Data:
    """When the job last ran to its end, by the ledger of runs; empty if that does not know."""
    ran = {}
    for entry in cut.runs:
        for job in entry.get("jobs", ()):
            if job["rule"] == rule and job["outcome"] == "finished":
                ran = {"run": entry["number"], "started": job["started"], "seconds": job["seconds"]}
                ran |= {"commit": entry.get("commit", ""), "dirty": entry.get("dirty")}
    return ran


def own_modules(root: Path, rule: str, code: Iterable[str]) -> list[str]:
    """The files, of those a job's code has, in which what its script calls is written; none if the script is gone."""
    script = root / "workflow" / "scripts" / f"{rule}.py"
    if not script.is_file():
        return []
    imports = [node for node in ast.walk(ast.parse(script.read_bytes())) if isinstance(node, ast.ImportFrom)]
    modules = [node.module or "" for node in imports]
    bases = ["lib/" + name.replace(".", "/") for name in modules if not name.startswith(WIRING)]
    return [name for name in code if any(name == f"{base}.py" or _inside(name, base) for base in bases)]


def _inside(name: str, package: str) -> bool:
    return name.startswith(f"{package}/") and not name.endswith("/__init__.py")


def _files(records: Mapping[str, Data]) -> dict[str, Data]:
    """Every file that a job behind the cut read or wrote."""
    files: dict[str, Data] = {}
    for name, record in records.items():
        for entry in record["inputs"]:
            files.setdefault(entry["path"], _file(entry["path"], entry, ""))
        files[name] = _file(name, record["output"], record["rule"])
    return files


def _file(name: str, entry: Mapping[str, Any], rule: str) -> Data:
    stage = next((stage for begin, stage in STAGES.items() if name.startswith(begin)), SOURCE)
    rows = {"rows": entry["rows"]} if "rows" in entry else {}
    return {"stage": stage, "sha256": entry["sha256"], "rule": rule} | rows


def _snapshot(cut: Cut) -> Data:
    """The manifest, of each table its number of records only; empty where it cannot be read."""
    try:
        manifest: Data = json.loads((cut.folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError:
        return {}
    tables = {name: table["records"] for name, table in manifest["tables"].items()}
    return {"file": IN_CUT + MANIFEST} | manifest | {"tables": tables}


def _corrections(cut: Cut, job: Mapping[str, Any]) -> Data:
    """Which files the corrections came in, and how many of them each table has."""
    files = {name: sha256 for name, sha256 in job.get("inputs", {}).items() if not name.startswith(IN_CUT)}
    tables: dict[str, dict[str, int]] = {}
    for key, row in cut.results.items():
        if key.startswith("quality.table.") and row["statistic"] in CORRECTING and float(row["value"] or 0):
            tables.setdefault(row["level"], {})[row["statistic"]] = int(float(row["value"]))
    return {"files": files, "tables": tables} if files else {}


def _every_record(cut: Cut) -> dict[str, Data]:
    """The records by the name of their output, those of the cut and of what outside of any cut was made for it.

    What another cut is compared by is an input and no more: in its records the same names mean its own files.
    """
    found = {IN_CUT + path: record for path, record in cut.records.items()}
    waiting = list(found.values())
    while waiting:
        for entry in waiting.pop(0)["inputs"]:
            record = None if entry["path"] in found else cut.producer(entry["path"])
            if record and not record["output"]["path"].startswith(IN_CUT):
                found[entry["path"]] = record
                waiting.append(record)
    return found


def _path(name: str) -> str:
    return name.removeprefix(IN_CUT)
