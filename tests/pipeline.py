"""The whole pipeline in one Python process: the same library calls as the rules, without Snakemake."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd

from cutline import study_rules
from cutline.study import QUALITY as DEFAULTS
from cutline.tables.results import ARD
from cutline.tables.spec import conform, unpacked

ROOT = Path(__file__).parents[1]
MODULES = {
    "derive_lines": "lines", "derive_covariates": "covariates", "select_cohort": "cohort",
    "derive_endpoints": "endpoints.derive", "derive_response": "response", "derive_safety": "safety.derive",
    "summarise_baseline": "baseline", "summarise_quality": "quality.summarise",
    "estimate_survival": "survival.estimate",
    "fit_cox": "cox", "estimate_sensitivity": "sensitivity", "summarise_response": "response",
    "summarise_safety": "safety.summarise",
}  # fmt: skip


def rule(name: str) -> Callable[..., dict[str, Any]]:
    function: Callable[..., dict[str, Any]] = getattr(import_module(f"cutline.{MODULES[name]}"), name)
    return function


def as_read(content: Any) -> Any:
    """An output as another rule reads it from its file: text as objects."""
    return unpacked(content) if isinstance(content, pd.DataFrame) else content


def derive(study: Mapping[str, Any], root: Path, source: Path, answered: Sequence[Path] = ()) -> dict[str, Any]:
    """Everything at patient level from one source: accepted records, covariates, cohort, endpoints, …"""
    from cutline.quality.check import check_records
    from cutline.sources import extract_snapshot

    snapshot = extract_snapshot(settings=study_rules.settings_for(study, "extract_snapshot"), source=source)
    tables = {name: snapshot[name] for name in study["source"]["tables"]}
    found = check_records(settings=study_rules.settings_for(study, "check_records"), answered=answered, **tables)
    found |= {f"snapshot_{name}": tables[name] for name in tables}
    found |= {name: unpacked(found[name]) for name in tables}
    codelists = {f"codelist_{name}": root / path for name, path in study.get("codelists", {}).items()}

    def call(name: str, **more: Any) -> dict[str, Any]:
        records = {table: found[table] for table in study_rules.record_tables(study, name)}
        made = rule(name)(settings=study_rules.settings_for(study, name), **records, **more)
        return {f"queries_{name}" if key == "queries" else key: as_read(table) for key, table in made.items()}

    if "lines" in study:
        found |= call("derive_lines")
    found |= call("derive_covariates", **codelists)
    found |= call("select_cohort", covariates=found["covariates"])
    if "response" in study:
        found |= call("derive_response", cohort=found["cohort"], covariates=found["covariates"])
    responses = {name: found[name] for name in ("response",) if "response" in study}
    found |= call("derive_endpoints", cohort=found["cohort"], what_if=found["what_if"], **responses)
    if "safety" in study:
        codelist = root / study["codelists"][study["safety"]["codelist"]]
        found |= call("derive_safety", cohort=found["cohort"], codelist=codelist)
    return found


INPUTS = {
    "summarise_quality": ("accounting", "quarantine", "corrections", "cohort"),
    "summarise_baseline": ("cohort", "attrition", "ledger", "covariates"),
    "estimate_survival": ("endpoints", "covariates"),
    "fit_cox": ("endpoints", "covariates"),
    "estimate_sensitivity": ("cohort", "what_if", "covariates", "endpoints", "what_if_endpoints", "scan_intervals"),
    "summarise_response": ("cohort", "response"),
    "summarise_safety": ("cohort", "safety", "exposure"),
}


def judge(study: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What `summarise_quality` makes of derived tables: results, findings, the query list and its workbook."""
    inputs = {key: found[key] for key in INPUTS["summarise_quality"]}
    inputs |= {f"queries_{asking}": found[f"queries_{asking}"] for asking in study_rules.asking(study)}
    inputs |= {f"accepted_{table}": found[table] for table in study["source"]["tables"]}
    inputs |= {name: table for name, table in found.items() if name.startswith("snapshot_")}
    inputs |= {name: ROOT / DEFAULTS[name] for name in ("ranges", "codes")}
    return rule("summarise_quality")(settings=study_rules.settings_for(study, "summarise_quality"), **inputs)


def analyse(study: Mapping[str, Any], found: Mapping[str, Any]) -> pd.DataFrame:
    """The analysis results data of derived tables, one row per statistic, indexed by key."""
    parts = []
    for name in study_rules.result_parts(study):
        records = {table: found[table] for table in study_rules.record_tables(study, name)}
        if name == "summarise_quality":
            parts.append(judge(study, found)["ard"])
            continue
        inputs = {key: found[key] for key in INPUTS[name]}
        if "by" in study.get(name.removeprefix("summarise_"), {}):
            inputs["covariates"] = found["covariates"]
        parts.append(rule(name)(settings=study_rules.settings_for(study, name), **records, **inputs)["ard"])
    return pd.concat([conform(part, ARD) for part in parts]).set_index("key", drop=False)
