"""A small study on hand-made snapshots, for the tests of what changes between two cuts."""

from __future__ import annotations

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cutline import study_rules
from cutline.quality.check import check_records
from cutline.tables.layout import RECORD_TABLES
from tests.pipeline import analyse, as_read, rule
from tests.spec.tables import grid

OLD_CUTOFF, NEW_CUTOFF = "2024-01-01", "2024-07-01"
TABLES = ("patients", "observations", "treatments", "assessments", "adverse_events", "follow_up", "deaths")
LEVELS = {"0": "0", "1": "1"}
STUDY: dict[str, Any] = {
    "exports": {"formats": []},
    "source": {"kind": "files", "tables": {name: {} for name in TABLES}},
    "index_date": {"select": {"table": "treatments", "where": {"drug": ["x"]}, "date": "start_date", "take": "first"}},
    "codelists": {"adverse_events": "codelist.csv"},
    "variables": {
        name: {"label": name, "kind": "categorical", "derive": "record_value", "anchor": "index_date", "levels": levels,
               "select": {"table": "observations", "where": {"item": [name]}, "date": "observed_on", "value": "value",
                          "take": "nearest"}}
        for name, levels in (("ecog", LEVELS), ("her2", {"negative": "Negative", "positive": "Positive"}))
    },
    "criteria": [
        {"id": "her2_positive", "label": "HER2-positive", "exclude": {"her2": ["positive"]},
         "unknown": "include"},
        {"id": "incomplete", "label": "Incomplete", "require": {"known": ["index_date", "ecog"]}},
    ],
    "baseline": {"variables": ["ecog"]},
    "endpoints": {
        "os": {
            "events": [{"reason": "death", "table": "deaths", "date": "death_date"}],
            "censoring": [{"reason": "last contact", "table": "follow_up", "date": "contact_date"}],
        },
    },
    "follow_up_endpoint": "os",
    "statistics": {"conf_level": 0.95, "days_per_month": 30.4375, "median_interval": "plain",
                   "survival_interval": "log-log", "ties": "breslow", "landmarks_months": [6]},
    "comparisons": {"main": "ecog"},
    "models": {"os": ["ecog"]},
    "response": {"table": "assessments", "date": "assessment_date", "value": "overall_response",
                 "overall": "recorded", "baseline_days_before": 28, "minimum_stable_days": 42,
                 "confirmation_days": 28, "max_not_evaluable": 1, "accept_stable": False,
                 "missing_as_not_evaluable": False, "clinical_benefit_days": 168},
    "safety": {"table": "adverse_events", "codelist": "adverse_events", "drugs": {"drug": ["x"]},
               "days_after_last_dose": 30, "terms": {"fatigue": "Fatigue"}},
}  # fmt: skip
Snapshot = dict[str, pd.DataFrame]


def settings(**changes: Any) -> dict[str, Any]:
    """The study with whole sections replaced."""
    return copy.deepcopy(STUDY) | changes


def snapshot(**tables: str) -> Snapshot:
    """Snapshot tables from text; columns not written are blank, tables not named have no rows."""
    return {name: records(name, tables.get(name, "")) for name in TABLES}


def records(table: str, text: str) -> pd.DataFrame:
    """A snapshot table: text as in the source, sorted by person and record."""
    names = RECORD_TABLES[table].names
    rows = grid(text) if text.strip() else pd.DataFrame(columns=names, dtype=object)
    return rows.reindex(columns=names).astype(object).where(lambda cells: cells.notna(), None).pipe(_sorted)


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.sort_values(["patient_id", "record_id"], kind="stable", ignore_index=True)


def printed(
    study: dict[str, Any], tables: Snapshot, codelist: Path, cutoff: str, answered: Sequence[Path] = ()
) -> dict[str, Any]:
    """What a cut's rules make of a snapshot and of answered query lists: the derived tables, and `ard`."""
    study = study | {"data_cutoff": cutoff, "known_by": cutoff}
    checked = check_records(settings=study_rules.settings_for(study, "check_records"), answered=answered, **tables)
    checked |= {f"snapshot_{name}": table for name, table in tables.items()}
    found = {name: as_read(content) for name, content in checked.items()}

    def call(name: str, **more: Any) -> dict[str, Any]:
        used = {table: found[table] for table in study_rules.record_tables(study, name)}
        made = rule(name)(settings=study_rules.settings_for(study, name), **used, **more)
        return {f"queries_{name}" if key == "queries" else key: as_read(made[key]) for key in made}

    found |= call("derive_covariates", codelist_adverse_events=codelist)
    found |= call("select_cohort", covariates=found["covariates"])
    found |= call("derive_endpoints", cohort=found["cohort"])
    found |= call("derive_response", cohort=found["cohort"], covariates=found["covariates"])
    found |= call("derive_safety", cohort=found["cohort"], codelist=codelist)
    return found | {"ard": analyse(study, found)}


def codelist(folder: Path) -> Path:
    path = folder / "codelist.csv"
    path.write_text("recorded,term,soc,ctcae_version\nfatigue,fatigue,General,5.0\n", encoding="utf-8")
    return path


def manifest(folder: Path, cutoff: str, known_by: str = "") -> Path:
    path = folder / f"manifest_{cutoff}.json"
    path.write_text(json.dumps({"data_cutoff": cutoff, "known_by": known_by or cutoff}), encoding="utf-8")
    return path
