"""The study: its protocol and what this run makes of it, complete and free of contradictions before the first job."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cutline.checklists.load import load_checklists
from cutline.configuration import nearest, read_checked
from cutline.contradictions import contradictions
from cutline.contradictions.publication import unknown_keys
from cutline.disclosure.profiles import PUBLIC, limits_of
from cutline.errors import ConfigError, SetupError, SourceError
from cutline.literature import context_of, load_trials, reference
from cutline.provenance import dates_of_cut, name_of_cut, read_record
from cutline.study_texts import load_texts
from cutline.survival.convention import completed

QUALITY = {"ranges": "config/quality/ranges.csv", "codes": "config/quality/codes.csv"}
"""The lists of usual ranges and known words, where a study names none of its own."""


def load_published(root: Path, study: str) -> list[dict[str, Any]]:
    """The values printed in the literature on this study; empty if it has none. Raises ConfigError."""
    folder = root / "config" / "studies"
    path = folder / study / "published.yaml"
    entries: list[dict[str, Any]] = read_checked(path, folder / "published.schema.yaml") if path.is_file() else []
    return entries


def load_publication(root: Path, study: str, values: list[dict[str, Any]]) -> dict[str, Any]:
    """What a publication on this study prints and states: `values` and `description`; empty if it is not described.

    `values` are those of `load_published`. Raises ConfigError, also for a value that the description names and nobody
    printed.
    """
    folder = root / "config" / "studies"
    path = folder / study / "publication.yaml"
    if not path.is_file():
        return {}
    description = read_checked(path, folder / "publication.schema.yaml")
    faults = [f"{path}: {fault}" for fault in unknown_keys(values, description)]
    if faults:
        raise ConfigError("\n".join(faults))
    if named := description.get("references"):
        description["references"] = [reference(each, load_trials(root)) for each in named]
    return {"publication": {"values": values, "description": description}}


def load_study(root: Path, overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The configured study: config.yaml and `overrides` choose it, its study.yaml is the protocol.

    `overrides` is what the command line gave. Returns plain builtins; keys of config.yaml that override
    the study (data_cutoff, known_by, report) are already applied. Raises ConfigError with all faults.
    """
    folder = root / "config"
    config: dict[str, Any] = read_checked(folder / "config.yaml", folder / "config.schema.yaml", _words(overrides))
    studies = sorted(path.parent.name for path in folder.glob("studies/*/study.yaml"))
    name = config["study"]
    if name not in studies:
        raise ConfigError(f"config: study: found {name!r}{nearest(name, studies)}")
    path = Path("config/studies") / name / "study.yaml"
    protocol: dict[str, Any] = read_checked(root / path, folder / "studies" / "study.schema.yaml")
    values = load_published(root, name)
    published = {"published": True} if values else {}
    study = load_publication(root, name, values) | _completed(protocol, config, _words(overrides).get("report", {}))
    faults = [f"{path.as_posix()}: {fault}" for fault in contradictions(study, root)]
    if faults:
        raise ConfigError("\n".join(faults))
    if protocol.get("time_only") and study["data_cutoff"] != protocol["data_cutoff"]:
        raise ConfigError(_NO_OTHER_CUT.format(study=name, cutoff=protocol["data_cutoff"]))
    _require_corrections(study, root)
    literature = {"literature": context_of(study["literature"], load_trials(root))} if "literature" in study else {}
    checklists = {"checklists": load_checklists(root, study)}
    study = study | published | literature | checklists | _comparison(study, root)
    texts = load_texts(root, study, values)
    return study | ({"report": study["report"] | {"texts": texts}} if texts else {})


def _completed(protocol: Mapping[str, Any], config: Mapping[str, Any], report: Mapping[str, Any]) -> dict[str, Any]:
    """The protocol with what config.yaml says of this run; `report` is what the command line says of the report."""
    study = dict(protocol) | {key: config[key] for key in ("data_cutoff", "known_by") if key in config}
    reporting = {"language": "en"} | config["report"] | protocol["report"] | report
    by = study["baseline"].get("by", [])
    corrections = config.get("corrections", protocol.get("corrections", []))
    return study | {
        "study": config["study"],
        "baseline": study["baseline"] | {"by": [by] if isinstance(by, str) else by},
        **_models(study["models"]),
        "statistics": completed(study["statistics"]),
        "default_cutoff": protocol["data_cutoff"],
        "known_by": study.get("known_by", study["data_cutoff"]),
        "results_dir": Path(config["results_dir"]).as_posix(),  # `results/` is `results`
        "user": config.get("user", ""),
        "compare_with": config.get("compare_with", "previous"),
        "quality": QUALITY | protocol.get("quality", {}),
        "corrections": [corrections] if isinstance(corrections, str) else corrections,
        "exports": config.get("exports", {"formats": []}),
        "report": reporting | {"engine": _engine(reporting.get("engine", "auto"))},
    }


def _require_corrections(study: Mapping[str, Any], root: Path) -> None:
    """Raises SourceError for a query list that did not come back, or two of one name: a record knows only names."""
    absent = [path for path in study["corrections"] if not (root / path).is_file()]
    if absent:
        raise SourceError(
            f"corrections: this file does not exist: {', '.join(absent)}. Put the query list that came back there, or "
            "take it out of `corrections`."
        )
    names = [Path(path).name for path in study["corrections"]]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ConfigError(f"corrections: two files are called {', '.join(twice)}; expected names that tell them apart")


def _models(models: Mapping[str, Any]) -> dict[str, Any]:
    """`models`: endpoint → covariates; and `model_strata`: endpoint → strata, if any model has some."""
    covariates = {name: model if isinstance(model, list) else model["covariates"] for name, model in models.items()}
    strata = {name: model["strata"] for name, model in models.items() if isinstance(model, dict) and "strata" in model}
    return {"models": covariates} | ({"model_strata": strata} if strata else {})


def _comparison(study: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """What the cut is compared with: both sides by cut-off, and the old one's folder; nothing if with nothing.

    Raises ConfigError if the cut that `compare_with` names has no results.
    """
    wanted, results = study["compare_with"], Path(study["results_dir"]) / study["study"]
    if wanted == "previous":
        found = sorted(path.parents[1] for path in (root / results).glob("*/aggregate/ard.csv"))
        earlier = [folder.name for folder in found if folder.name < cut_name(study) and _as_released(folder, study)]
        folder = results / earlier[-1] if earlier and not study.get("time_only") else None
    else:
        named = results / wanted if (root / results / wanted).is_dir() else Path(wanted)
        folder = None if wanted == "none" else named
    if folder is None:
        return {}
    if not (root / folder / "aggregate" / "ard.csv").is_file():
        raise ConfigError(
            f"compare_with: found {wanted!r}; expected previous, none, a cut that has results in {results}, or the "
            "folder of one"
        )
    if not _as_released(root / folder, study):
        raise ConfigError(
            f"compare_with: found {wanted!r}, whose results were not released by the profile public and the same "
            "limits; their difference to public results would tell what those hide. Run that cut by this profile first"
        )
    compared = {"old": side(folder.name), "new": side(cut_name(study)), "audit": True}
    if study["report"].get("profile") == PUBLIC:
        compared |= {"unavailable": "counts behind the changes are not shown (disclosure control)"}
    elif not (root / folder / "patient" / "snapshot" / "manifest.json").is_file():
        compared |= {"unavailable": "the old cut has no patient level here"}
    return {"compare": compared, "compared_folder": folder.as_posix()}


def _as_released(folder: Path, study: Mapping[str, Any]) -> bool:
    """Whether public results may be set beside this cut's: only if they were made public by the same limits."""
    if study["report"].get("profile") != PUBLIC:
        return True
    record = read_record(folder / "aggregate" / "ard.csv") or {}
    report = record.get("settings", {}).get("report", {})
    return report.get("profile") == PUBLIC and limits_of(report) == limits_of(study["report"])


def side(cut: str) -> dict[str, str]:
    """One side of a comparison, by the name of its folder, which says its cut-off."""
    data_cutoff, known_by = dates_of_cut(cut)
    return {"cut": cut, "data_cutoff": data_cutoff, "known_by": known_by}


def _engine(wanted: str) -> str:
    """The engine that will render here: part of the settings, so that the report is made again once Quarto is there."""
    there = shutil.which("quarto") is not None
    if wanted == "quarto" and not there:
        raise SetupError(
            "report.engine: quarto was asked for and is not on the PATH. Install Quarto 1.5 or newer from "
            "https://quarto.org, or set report.engine to auto or pandoc, which need nothing more."
        )
    return ("quarto" if there else "pandoc") if wanted == "auto" else wanted


_NO_OTHER_CUT = (
    "data_cutoff: study {study} holds durations and no dates, so it cannot be cut off at another day; "
    "its cut-off {cutoff} is only a label. Leave data_cutoff out."
)


def _words(value: Any) -> Any:
    """What Snakemake made of the command line, back to strings."""
    if isinstance(value, Mapping):
        return {str(key): _words(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_words(item) for item in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def cut_name(study: Mapping[str, Any]) -> str:
    """The folder of this cut."""
    return name_of_cut(study["data_cutoff"], study["known_by"])


def source_files(study: Mapping[str, Any], root: Path) -> list[str]:
    """The files to extract from. Raises SourceError if one that no rule makes is absent."""
    source = study["source"]
    tables = source["tables"].values() if source["kind"] == "files" else [source]
    given = [table.get("path", source["path"]) for table in tables]
    paths = [_of_package(source["package"], path) if "package" in source else path for path in given]
    absent = [path for path in paths if not (root / path).is_file()]
    if absent and "simulate" not in study:
        raise SourceError(
            f"source: this file does not exist: {', '.join(absent)}. "
            f"Put it there, or change source.path in config/studies/{study['study']}/study.yaml"
        )
    return paths


def require_writable(folder: Path) -> None:
    """Raises SetupError unless the folder is there, or can be made, and be written."""
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK):
        raise SetupError(f"results_dir: {folder} cannot be written; expected a folder that may be. Choose another one.")


def _of_package(package: str, path: str) -> str:
    """A file inside an installed package, found without importing the package."""
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise SourceError(f"source.package: {package} is not installed here")
    return str(Path(found.origin).parent / path)
