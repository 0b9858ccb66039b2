"""A study of four persons for the tests of the exports: settings as a rule gets them, and derived tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from cutline.exports.plan import PROGRAMS
from cutline.exports.write import write_exports

TEMPLATES = Path(__file__).parents[2] / "workflow" / "lib" / "cutline" / "exports" / "templates"
AWKWARD = 'It\'s 100 % "öyle"; */ İğneli\n  ilaç.'
PERSONS = ["p1", "p2", "p3", "p4"]


def settings(**more: Any) -> dict[str, Any]:
    return {
        "study": "toy", "short_title": AWKWARD, "synthetic": False, "data_cutoff": "2025-05-31",
        "index_date": {"label": "start of treatment"},
        "exports": {"formats": ["csv", "xpt", "sav"]},
        "variables": {
            "arm": {"label": AWKWARD, "kind": "categorical", "reference": "b",
                    "levels": {"a": "Kolu A'nın", "b": AWKWARD}},
            "ecog": {"label": "ECOG", "kind": "categorical", "levels": {"0": "0", "1": "1"}, "reference": "0"},
            "age": {"label": "Age", "kind": "continuous", "unit": "years"},
            "birth": {"label": "Birth", "kind": "date"},
        },
        "baseline": {"variables": ["age", "ecog"], "by": "arm"},
        "comparisons": {"main": "arm"},
        "endpoints": {"os": {"label": "Overall survival"}, "pfs": {"label": "Progression-free survival"}},
        "follow_up_endpoint": "os",
        "models": {"os": ["arm", "age"]},
        "response": {}, "safety": {"terms": {"rash": AWKWARD}},
        "statistics": {"conf_level": 0.95, "days_per_month": 30.4375, "median_interval": "spss",
                       "survival_interval": "log-log", "ties": "breslow", "landmarks_months": [6, 12]},
    } | more  # fmt: skip


def tables() -> dict[str, pd.DataFrame]:
    days = pd.to_datetime(["2024-01-01", "2024-02-29", "1959-12-31", "2024-03-01"])
    cohort = pd.DataFrame({"patient_id": PERSONS, "index_date": days})
    return {"cohort": cohort, "covariates": covariates(), "endpoints": endpoints(days), "response": response(),
            "safety": safety(), "exposure": exposure(), "deaths": deaths()}  # fmt: skip


def covariates() -> pd.DataFrame:
    values = {"arm": ["a", "b", None, "a"], "ecog": ["0", "1", "1", None]}
    texts = [pd.DataFrame({"patient_id": PERSONS, "variable": name, "value": found, "number": None})
             for name, found in values.items()]  # fmt: skip
    ages = pd.DataFrame({"patient_id": PERSONS, "variable": "age", "value": None, "number": [50.5, None, 61.0, 70.0]})
    outside = pd.DataFrame({"patient_id": ["p0"], "variable": ["arm"], "value": ["a"], "number": [None]})
    return pd.concat([*(part.astype(object) for part in (*texts, ages, outside))], ignore_index=True)


def endpoints(days: pd.DatetimeIndex) -> pd.DataFrame:
    rows = pd.DataFrame({
        "patient_id": PERSONS, "endpoint": "os", "rule_set": "main", "start_date": days, "time_days": [61, 0, 365, 20],
        "event": [True, False, False, True], "reason": ["death", "last known alive", "last known alive", "death"],
        "source_table": "deaths", "source_record_id": ["d1", "f2", "f3", "d4"], "source_date": days,
    })  # fmt: skip
    rows["end_date"] = rows["start_date"] + pd.to_timedelta(rows["time_days"], unit="D")
    return pd.concat([rows, rows.assign(endpoint="pfs")], ignore_index=True)


def response() -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": PERSONS, "best_response": ["PR", "NE", "MISSING", "SD"], "reason": "because",
        "source_table": ["assessments", "assessments", None, "assessments"],
        "source_record_id": ["a1", "a2", None, "a4"], "source_date": pd.to_datetime(["2024-03-01"] * 2 + [None] * 2),
    })  # fmt: skip


def safety() -> pd.DataFrame:
    return pd.DataFrame({
        "patient_id": ["p1", "p1", "p4"], "term": ["rash", "unmapped", "rash"],
        "recorded_term": ["döküntü", "ş" * 150, "rash"], "onset_date": pd.to_datetime(["2024-01-05"] * 3),
        "worst_grade": pd.array([3, None, 1], dtype="Int64"), "action": [None, "discontinued", "none"],
        "soc": ["skin_disorders", "unmapped", "skin_disorders"], "days_from_first_dose": [4, 4, 4],
        "worst_of_all": [True, False, True], "worst_of_class": True, "worst_of_term": True,
        "relatedness": "related", "outcome": None, "reason": "r", "source_table": "adverse_events",
        "source_record_id": ["e1", "e2", "e3"], "source_date": pd.to_datetime(["2024-01-05"] * 3),
    })  # fmt: skip


def exposure() -> pd.DataFrame:
    days = pd.to_datetime(["2024-01-01", "2024-02-29", "2024-03-01"])
    return pd.DataFrame({"patient_id": ["p1", "p2", "p4"], "first_dose": days, "at_risk_days": [61, 300, 20],
                         "last_day": days + pd.to_timedelta([60, 299, 19], unit="D")})  # fmt: skip


def deaths() -> pd.DataFrame:
    return pd.DataFrame({"patient_id": ["p1", "p4"], "death_date": pd.to_datetime(["2024-03-02", "2024-03-21"]),
                         "treatment_related": ["no", None]})  # fmt: skip


def exported(folder: Path, derived: dict[str, pd.DataFrame] | None = None, **more: Any) -> dict[str, Path]:
    """The exports of the study, written; by output name."""
    chosen, folder = settings(**more), Path(folder)
    templates = [TEMPLATES / PROGRAMS[suffix] for suffix in chosen["exports"]["formats"]]
    files = {}
    for name, content in write_exports(settings=chosen, templates=templates, **(derived or tables())).items():
        files[name] = folder / name
        if callable(content):
            content(files[name])
        else:
            files[name].write_text(content, encoding="utf-8")
    return files
