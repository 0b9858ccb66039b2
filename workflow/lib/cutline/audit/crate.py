"""A cut as an RO-Crate: what it holds, by which workflow and in which runs it was made, for other people's programs.

The profile is Provenance Run Crate 0.5 (https://w3id.org/ro/wfrun/provenance/0.5), which rests on RO-Crate 1.1. Only
what went through `release_results`, and what was made of that, is part of the crate; the tables before that are
mentioned as one thing that stays where it is. Beside the metadata the crate holds the files of the workflow (`code/`),
because a crate must hold the workflow it tells of. Everything it says is in the cut's records and its ledger.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cutline.audit.cut import RUNS, Cut
from cutline.disclosure.profiles import PUBLIC, profile_of_record, profile_of_records
from cutline.errors import ProvenanceError
from cutline.provenance import IN_CUT, dates_of_cut, fingerprint, replace_text
from cutline.study_rules import AFTER_RESULTS, COMPARING

CRATE = "ro-crate-metadata.json"
CODE = "code"
"""The folder of a cut that holds the files of the workflow."""
WORKFLOW_FILES = ("Snakefile", "workflow/rules/*.smk", "workflow/scripts/*.py")
PROFILES = (
    ("https://w3id.org/ro/wfrun/process/0.5", "Process Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/workflow/0.5", "Workflow Run Crate", "0.5"),
    ("https://w3id.org/ro/wfrun/provenance/0.5", "Provenance Run Crate", "0.5"),
    ("https://w3id.org/workflowhub/workflow-ro-crate/1.0", "Workflow RO-Crate", "1.0"),
)
LICENCE = "https://spdx.org/licenses/MIT"
"""Of the code; see LICENSE."""
TERMS = "https://w3id.org/ro/terms/workflow-run/context"
BIOSCHEMAS = "https://bioschemas.org/profiles/{}/1.0-RELEASE"
MEDIA_TYPES = {
    ".bib": "application/x-bibtex", ".css": "text/css", ".csl": "application/vnd.citationstyles.style+xml",
    ".csv": "text/csv", ".html": "text/html", ".json": "application/json", ".md": "text/markdown",
    ".pdf": "application/pdf", ".png": "image/png", ".py": "text/x-python", ".qmd": "text/markdown",
    ".svg": "image/svg+xml", ".tiff": "image/tiff", ".yml": "application/yaml",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}  # fmt: skip
KEPT = "#kept-tables"
MAIN = f"{CODE}/Snakefile"
Entity = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """A job of a run, as the ledger has it; times in ISO 8601, UTC."""

    run: int
    rule: str
    started: str
    ended: str
    finished: bool

    @property
    def id(self) -> str:
        return f"#run-{self.run}/{self.rule}"


def write_crate(cut: Cut) -> Path:
    """Write the cut's crate: `ro-crate-metadata.json` and, in `code/`, the files of the workflow; returns the former.

    The same cut and ledger give the same bytes. Raises ProvenanceError if no run is in the ledger.
    """
    if not cut.runs:
        raise ProvenanceError(
            f"{RUNS}: missing or empty, so a crate could not say how the results were made. Run again."
        )
    _copy_workflow(cut)
    file = cut.folder / CRATE
    replace_text(file, json.dumps(metadata(cut), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return file


def released(cut: Cut) -> dict[str, Mapping[str, Any]]:
    """The outputs that may leave, with their records: what `release_results` let through and what is made of it.

    Not the pages that tell of the runs: they are written after the crate, and anew after each run. Nor, where all may
    see the results, the counts behind changes, and what an earlier run for fewer readers left: there each file must
    itself have been made for everybody, as its own record says.
    """
    public = profile_of_records(cut.records) == PUBLIC
    rules = (*AFTER_RESULTS, *(COMPARING[1:] if public else COMPARING))
    return {
        path: record
        for path, record in sorted(cut.records.items())
        if record["rule"] in rules and not path.startswith("patient/")
        and (not public or profile_of_record(record) == PUBLIC)
    }  # fmt: skip


def differing(cut: Cut) -> list[str]:
    """The files the crate names that are missing or not what it says; empty if it holds.

    Raises ProvenanceError if the crate is missing or damaged.
    """
    try:
        graph = json.loads((cut.folder / CRATE).read_text(encoding="utf-8"))["@graph"]
    except (OSError, ValueError, LookupError) as error:
        raise ProvenanceError(f"{CRATE}: missing or damaged. Run again: it will be made anew.") from error
    told = {entity["@id"]: entity["sha256"] for entity in graph if "sha256" in entity}
    return [path for path, sha256 in told.items() if _differs(cut.folder / path, sha256)]


def metadata(cut: Cut) -> dict[str, Any]:
    """The crate's JSON-LD: the context and the graph of its entities."""
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version="1.1")
    crate.metadata.extra_contexts.append(TERMS)
    for entity in _files(cut):
        path = entity.pop("@id")
        crate.add_file(dest_path=path, properties=entity)
    crate.add_workflow(
        dest_path=MAIN, main=True, lang="snakemake", lang_version=_newest(cut)["versions"]["snakemake"],
        properties=_workflow(cut),
    )  # fmt: skip
    for entity in [*_context(cut), *_runs(cut)]:
        crate.add_jsonld(entity)
    for name, value in _root(cut).items():
        crate.root_dataset[name] = value
    return dict(crate.metadata.generate())


# ── files ────────────────────────────────────────────────────────────────────────────────────


def _copy_workflow(cut: Cut) -> None:
    """Bring `code/` up to date; what is the same is not touched."""
    files = {f"{CODE}/{path}": cut.root / path for path in workflow_files(cut.root)}
    for path, source in files.items():
        text, target = source.read_text(encoding="utf-8"), cut.folder / path
        if not target.is_file() or target.read_bytes() != text.encode():
            target.parent.mkdir(parents=True, exist_ok=True)
            replace_text(target, text)
    for file in (cut.folder / CODE).rglob("*"):
        if file.is_file() and file.relative_to(cut.folder).as_posix() not in files:
            file.unlink()


def workflow_files(root: Path) -> list[str]:
    """The files that define the workflow, without the library they call."""
    return sorted(file.relative_to(root).as_posix() for pattern in WORKFLOW_FILES for file in root.glob(pattern))


def _files(cut: Cut) -> Iterator[Entity]:
    for path, record in released(cut).items():
        yield _file(cut, path) | {
            "description": f"Written by {record['rule']}.",
            "sha256": record["output"]["sha256"],
        }
    yield _file(cut, RUNS) | {"description": "The ledger of runs, each entry chained to the one before by its hash."}
    for path in _code(cut):
        if path != MAIN:
            yield _file(cut, path) | _source_code(cut, path)


def _file(cut: Cut, path: str) -> Entity:
    file = cut.folder / path
    kind = MEDIA_TYPES.get(file.suffix, "text/plain")
    return {"@id": path, "@type": "File", "name": file.name, "encodingFormat": kind}


def _code(cut: Cut) -> list[str]:
    return [f"{CODE}/{path}" for path in workflow_files(cut.folder / CODE)]


def _source_code(cut: Cut, path: str) -> Entity:
    return {
        "@type": ["File", "SoftwareSourceCode"],
        "sha256": fingerprint(cut.folder / path),
        "version": _newest(cut)["commit"] or "unknown",
    }


def _differs(file: Path, sha256: str) -> bool:
    return not file.is_file() or fingerprint(file) != sha256


def _script(rule: str) -> str:
    return f"{CODE}/workflow/scripts/{rule}.py"


# ── the workflow ─────────────────────────────────────────────────────────────────────────────


def _workflow(cut: Cut) -> Entity:
    rules = _rules_that_ran(cut)
    return _source_code(cut, MAIN) | {
        "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow", "HowTo"],
        "name": "Cutline: from clinical records to a manuscript at a data cut-off",
        "conformsTo": {"@id": BIOSCHEMAS.format("ComputationalWorkflow")},
        "encodingFormat": "text/plain",
        "license": {"@id": LICENCE},
        "input": _references(f"#parameter/{name}" for name in _parameters(cut)),
        "hasPart": _references(map(_script, rules)),
        "step": _references(f"#step/{rule}" for rule in rules),
        "softwareRequirements": _references(f"#library/{name}" for name in _libraries(cut)),
    }


def _rules_that_ran(cut: Cut) -> list[str]:
    """The rules of jobs in the ledger, in the order in which they first began."""
    return list(dict.fromkeys(job.rule for job in jobs(cut)))


def _parameters(cut: Cut) -> dict[str, str]:
    data_cutoff, known_by = dates_of_cut(cut.name)
    late = {"known_by": known_by} if known_by != data_cutoff else {}
    return {"study": cut.study, "data_cutoff": data_cutoff, **late}


def _libraries(cut: Cut) -> dict[str, str]:
    """Distributions that the cut's outputs were made with; the newest output's version where they differ."""
    found = {name: version for record in cut.records.values() for name, version in record["code"].items()}
    return {name: version for name, version in sorted(found.items()) if "/" not in name}


def _context(cut: Cut) -> Iterator[Entity]:
    """What the crate speaks of that is not a file: profiles, licence, parameters, steps, libraries."""
    for uri, name, version in PROFILES:
        yield {"@id": uri, "@type": "CreativeWork", "name": name, "version": version}
    yield {"@id": LICENCE, "@type": "CreativeWork", "name": "MIT License",
           "description": "The licence of the workflow's code."}  # fmt: skip
    yield _terms_of_use()
    yield {"@id": KEPT, "@type": "CreativeWork", "name": "Tables that stay with the holder of the records",
           "description": "Records of patients, what was derived from them, and results before their release. "
                          "They are not part of this crate."}  # fmt: skip
    for name, value in _parameters(cut).items():
        yield {"@id": f"#parameter/{name}", "@type": "FormalParameter", "name": name, "additionalType": "Text",
               "conformsTo": {"@id": BIOSCHEMAS.format("FormalParameter")},
               "workExample": {"@id": f"#value/{name}"}}  # fmt: skip
        yield {"@id": f"#value/{name}", "@type": "PropertyValue", "name": name, "value": value,
               "exampleOfWork": {"@id": f"#parameter/{name}"}}  # fmt: skip
    for position, rule in enumerate(_rules_that_ran(cut), 1):
        yield {"@id": f"#step/{rule}", "@type": "HowToStep", "name": rule, "position": str(position),
               "workExample": {"@id": _script(rule)}}  # fmt: skip
    for name, version in _libraries(cut).items():
        yield {"@id": f"#library/{name}", "@type": "SoftwareApplication", "name": name, "softwareVersion": version}


def _terms_of_use() -> Entity:
    return {
        "@id": "#terms-of-use",
        "@type": "CreativeWork",
        "name": "Terms of use",
        "description": "The workflow's code is under the MIT License. This crate grants no right to the results: how "
        "they may be used is for those responsible for the study to say.",
    }


# ── runs ─────────────────────────────────────────────────────────────────────────────────────


def jobs(cut: Cut) -> list[Job]:
    """Every job of the ledger whose script is part of the workflow still, oldest first."""
    return [
        Job(entry["number"], job["rule"], job["started"], _end(job), job["outcome"] == "finished")
        for entry in cut.runs
        for job in entry["jobs"]
        if (cut.folder / _script(job["rule"])).is_file()
    ]


def _runs(cut: Cut) -> Iterator[Entity]:
    """Every run that did something, else the newest: the run, its engine, and each job with its step."""
    all_jobs = jobs(cut)
    made_by = {job.rule: job for job in all_jobs if job.finished}
    yield from _engines(cut)
    yield from _agents(cut)
    for entry in _told(cut):
        of_run = [job for job in all_jobs if job.run == entry["number"]]
        made = {job.rule for job in of_run if made_by.get(job.rule) == job}
        yield _run(cut, entry, made)
        if of_run:
            yield _orchestration(entry, of_run)
        for job in of_run:
            yield _agent(entry) | _job(cut, job, job.rule in made)
            yield {"@id": f"{job.id}/step", "@type": "ControlAction", "name": f"Step {job.rule} of run {job.run}",
                   "instrument": {"@id": f"#step/{job.rule}"}, "object": {"@id": job.id}}  # fmt: skip


def _told(cut: Cut) -> list[dict[str, Any]]:
    busy = {job.run for job in jobs(cut)}
    return [entry for entry in cut.runs if entry["number"] in busy] or [_newest(cut)]


def _run(cut: Cut, entry: Mapping[str, Any], made: set[str]) -> Entity:
    outputs = [path for path, record in released(cut).items() if record["rule"] in made]
    return _agent(entry) | {
        "@id": f"#run-{entry['number']}",
        "@type": "CreateAction",
        "name": f"Run {entry['number']} of the workflow",
        "description": f"On {entry['host_class']}, with Python {entry['versions']['python']}. Hash of its entry in the "
        f"ledger: {entry['hash']}",
        "instrument": {"@id": MAIN},
        "startTime": entry["started"],
        "endTime": _end(entry),
        "actionStatus": _status(entry["outcome"] == "finished"),
        "object": _references([KEPT, *(f"#value/{name}" for name in _parameters(cut))]),
        "result": _references(outputs or [KEPT]),
    }


def _orchestration(entry: Mapping[str, Any], of_run: list[Job]) -> Entity:
    return {
        "@id": f"#run-{entry['number']}/engine",
        "@type": "OrganizeAction",
        "name": f"Snakemake's part in run {entry['number']}",
        "instrument": {"@id": _engine(entry)},
        "object": _references(f"{job.id}/step" for job in of_run),
        "result": {"@id": f"#run-{entry['number']}"},
        "startTime": entry["started"],
        "endTime": _end(entry),
    }


def _job(cut: Cut, job: Job, made: bool) -> Entity:
    """A job; results are the newest finished job's, since earlier ones were replaced."""
    shared = released(cut)
    outputs = {path: record for path, record in shared.items() if record["rule"] == job.rule}
    inputs = {entry["path"].removeprefix(IN_CUT) for record in outputs.values() for entry in record["inputs"]}
    return {
        "@id": job.id,
        "@type": "CreateAction",
        "name": f"{job.rule} in run {job.run}",
        "description": f"The job of the rule {job.rule}.",
        "instrument": {"@id": _script(job.rule)},
        "startTime": job.started,
        "endTime": job.ended,
        "actionStatus": _status(job.finished),
        "object": _references(sorted(inputs & set(shared)) or [KEPT]),
        "result": _references((sorted(outputs) if made else []) or [KEPT]),
    }


def _engines(cut: Cut) -> Iterator[Entity]:
    for version in sorted({entry["versions"]["snakemake"] for entry in cut.runs}):
        uri = _engine({"versions": {"snakemake": version}})
        yield {"@id": uri, "@type": "SoftwareApplication", "name": "Snakemake", "url": {"@id": uri},
               "softwareVersion": version}  # fmt: skip


def _engine(entry: Mapping[str, Any]) -> str:
    return f"https://snakemake.readthedocs.io/en/v{entry['versions']['snakemake']}/"


def _agents(cut: Cut) -> Iterator[Entity]:
    for user in sorted({entry["user"] for entry in cut.runs if "user" in entry}):
        yield {"@id": f"#user/{quote(user)}", "@type": "Person", "name": user}


def _agent(entry: Mapping[str, Any]) -> Entity:
    return {"agent": {"@id": f"#user/{quote(entry['user'])}"}} if "user" in entry else {}


# ── the root ─────────────────────────────────────────────────────────────────────────────────


def _root(cut: Cut) -> Entity:
    settings: Mapping[str, Any] = next(
        (record["settings"] for record in cut.records.values() if "title" in record["settings"]), {}
    )
    synthetic = " Its patients are synthetic." if settings.get("synthetic") else ""
    newest = _newest(cut)
    told = _told(cut)
    return {
        "name": f"{settings.get('title', cut.study)}: results at the data cut-off {cut.name}",
        "description": f"Released results and report of the study {cut.study}, with the workflow and the runs that "
        f"made them.{synthetic} Head of the ledger of runs: {newest['hash']}",
        "datePublished": _end(newest),
        "license": {"@id": "#terms-of-use"},
        "conformsTo": _references(uri for uri, _, _ in PROFILES),
        "mentions": _references(
            [*(f"#run-{entry['number']}" for entry in told), *(job.id for job in jobs(cut))]
        ),
    }  # fmt: skip


def _newest(cut: Cut) -> dict[str, Any]:
    return cut.runs[-1]


def _end(what: Mapping[str, Any]) -> str:
    return (datetime.fromisoformat(what["started"]) + timedelta(seconds=what["seconds"])).isoformat(timespec="seconds")


def _status(finished: bool) -> str:
    return f"http://schema.org/{'Completed' if finished else 'Failed'}ActionStatus"


def _references(ids: Iterable[str]) -> list[dict[str, str]] | dict[str, str]:
    """References to entities; one alone stands without a list, as RO-Crate recommends."""
    found = [{"@id": each} for each in ids]
    return found[0] if len(found) == 1 else found
