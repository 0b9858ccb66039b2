"""A small made-up study with results by hand, for the tests of tables and figures."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.ard import result, results_table
from cutline.tables.results import CURVES, SCHOENFELD
from cutline.tables.spec import conform, empty

STYLES = sorted(Path("reports/styles/word").resolve().iterdir())
SETTINGS: dict[str, Any] = {
    "synthetic": True,
    "statistics": {"conf_level": 0.95, "days_per_month": 30.4375, "median_interval": "spss", "ties": "breslow"},
    "variables": {
        "age": {"label": "Age at diagnosis", "kind": "continuous", "unit": "years"},
        "ecog": {
            "label": "ECOG performance status",
            "kind": "categorical",
            "note": "at the start of treatment",
            "levels": {"0": "0", "1": "1", "2": "2"},
            "reference": "0",
        },
        "arm": {
            "label": "Arm",
            "kind": "categorical",
            "levels": {"a": "Tablets | weekly", "b": "None"},
            "reference": "a",
        },
    },
    "criteria": [
        {"id": "her2_positive", "label": "HER2-positive disease"},
        {"id": "no_scan", "label": "No scan"},
        {"id": "too_young", "label": "Younger than 18 years"},
    ],
    "baseline": {"variables": ["age", "ecog", "arm"]},
    "endpoints": {"pfs": {"label": "Progression-free survival", "event_label": "progression or death"}},
    "models": {"pfs": ["age", "ecog", "arm"]},
    "comparisons": {"main": "arm"},
    "response": {
        "table": "assessments",
        "minimum_stable_days": 42,
        "confirmation_days": 28,
        "clinical_benefit_days": 168,
    },
    "safety": {"terms": {"skin": "Skin toxicity", "fatigue": "Fatigue", "rash": "Rash"}},
    "report": {"language": "en", "profile": "internal", "files": []},
}


def settings(**changes: Any) -> dict[str, Any]:
    """The settings of the study, with whole sections replaced."""
    return copy.deepcopy(SETTINGS) | changes


def baseline(ecog_missing: int = 0) -> pd.DataFrame:
    """Flow and baseline: 10 screened, 2 excluded, 8 included; ECOG unknown in some of those with 0."""
    known = 8 - ecog_missing
    fields: dict[str, Any] = {"analysis": "baseline", "n": 8}
    method = {"method": "R type 6"}
    age = {"median": 14.25, "q1": 0.05, "q3": 60.0, "mean": 40.0, "sd": 10.0, "min": 33.0, "max": 77.0, "missing": 0.0}
    counts = {"0": 6 - ecog_missing, "1": 2, "2": 0}
    rows = [
        result("flow.screened", 10.0, analysis="flow", n=10),
        result("flow.excluded.her2_positive", 2.0, analysis="flow", n=10),
        result("flow.excluded.no_scan", 0.0, analysis="flow", n=10),
        result("flow.excluded.too_young", 0.0, analysis="flow", n=10),
        *(
            result(f"flow.{what}.{criterion}", 0.0, analysis="flow", n=10)
            for what in ("excluded_unknown", "pending")
            for criterion in ("her2_positive", "no_scan", "too_young")
        ),
        result("flow.remaining.her2_positive", 8.0, analysis="flow", n=10),
        result("flow.remaining.no_scan", 8.0, analysis="flow", n=10),
        result("flow.remaining.too_young", 8.0, analysis="flow", n=10),
        result("flow.included", 8.0, analysis="flow", n=10),
        *(result(f"baseline.age.{name}", value, variable="age", **fields | method) for name, value in age.items()),
        *(level_row("ecog", level, count, known) for level, count in counts.items()),
        *(level_row("ecog", level, 100 * count / known, known, "percent") for level, count in counts.items()),
        result("baseline.ecog.missing", float(ecog_missing), variable="ecog", **fields),
        result("baseline.ecog.missing_percent", ecog_missing * 12.5, variable="ecog", **fields),
        *(level_row("arm", level, 4, 8) for level in "ab"),
        *(level_row("arm", level, 50, 8, "percent") for level in "ab"),
        result("baseline.arm.missing", 0.0, variable="arm", **fields),
        *(result(f"baseline.arm={arm}.n", 4.0, analysis="baseline", group="arm", group_level=arm, n=8) for arm in "ab"),
        *(group_row(arm, level, count) for arm in "ab" for level, count in (("0", 3), ("1", 1), ("2", 0))),
    ]
    return results_table(rows, "summarise_baseline")


def level_row(variable: str, level: str, value: float, n: int, statistic: str = "n") -> dict[str, Any]:
    key = f"baseline.{variable}.{level}.{statistic}"
    return result(key, float(value), analysis="baseline", variable=variable, level=level, n=n)


def group_row(arm: str, level: str, count: int) -> dict[str, Any]:
    place = {"variable": "ecog", "level": level, "group": "arm", "group_level": arm, "n": 4}
    return result(f"baseline.arm={arm}.ecog.{level}.n", float(count), analysis="baseline", **place)


def cox() -> pd.DataFrame:
    """Age estimable, ECOG 1 not estimable, arm in the univariable model only; the multivariable one leaves one out."""
    rows = [
        *term("univariable", "age", "", (0.9985, 0.9975, 0.9995, 0.0004), 8, 5),
        *term("univariable", "ecog", "0", (1.0, None, None, None), 6, 5, "reference"),
        *term("univariable", "ecog", "1", (None, None, None, None), 2, 0, "not estimable (no events in this level)"),
        *term("univariable", "arm", "a", (1.0, None, None, None), 4, 3, "reference"),
        *term("univariable", "arm", "b", (0.675, 0.0149, 1.345, 0.0496), 4, 2),
        *term("multivariable", "age", "", (1.01, 0.99, None, 0.25), 7, 5),
        *term("multivariable", "ecog", "0", (1.0, None, None, None), 5, 5, "reference"),
        *term("multivariable", "ecog", "1", (None, None, None, None), 2, 0, "not estimable (no events in this level)"),
        result("pfs.cox.multivariable.zph.km.age.p", 0.31, variable="age"),
        result("pfs.cox.multivariable.zph.km.global.p", 0.2),
        result("pfs.cox.multivariable.n", 7.0, analysis="cox"),
        result("pfs.cox.multivariable.events", 5.0, analysis="cox"),
        result("pfs.cox.multivariable.excluded", 1.0, analysis="cox"),
    ]
    return results_table(rows, "fit_cox")


def term(
    model: str,
    variable: str,
    level: str,
    estimate: tuple[float | None, ...],
    n: int,
    events: int,
    note: str = "",
) -> list[dict[str, Any]]:
    path = ".".join(part for part in ("pfs.cox", model, variable, level) if part)
    place = {"endpoint": "pfs", "model": model, "variable": variable, "level": level, "analysis": "cox"}
    counts = [result(f"{path}.n", float(n), **place), result(f"{path}.events", float(events), **place)]
    method = "Cox regression, breslow ties"
    names = ("hr", "lower", "upper", "p") if note != "reference" else ("hr",)
    values = zip(names, estimate, strict=False)
    return counts + [result(f"{path}.{name}", value, note=note, method=method, **place) for name, value in values]


def safety() -> pd.DataFrame:
    counts = {"none": 4, "any": 4, "grade_3_or_4": 0, "treatment_related_deaths": 0, "discontinued": 1}
    terms = {"skin": 1, "fatigue": 3, "rash": 0}
    paths = {f"safety.{name}": n for name, n in counts.items()} | {
        f"safety.term.{name}": n for name, n in terms.items()
    }
    notes = {"safety.grade_3_or_4": "the grade was not recorded for 2 events"}
    rows = [
        result(f"{path}.n", float(n), analysis="safety", n=8, note=notes.get(path, "")) for path, n in paths.items()
    ]
    rows += [result(f"{path}.percent", 100 * n / 8, analysis="safety", n=8) for path, n in paths.items()]
    return results_table(rows, "summarise_safety")


def response() -> pd.DataFrame:
    counts = {
        "complete": 0,
        "partial": 4,
        "stable": 3,
        "progressive": 1,
        "non_cr_non_pd": 0,
        "not_evaluable": 0,
        "missing": 0,
    }
    rows = [result(f"response.best.{name}.n", float(n), analysis="response", n=8) for name, n in counts.items()]
    rows += [result(f"response.best.{name}.percent", n / 8 * 100, n=8) for name, n in counts.items()]
    rates = {"orr": (50.0, 21.5, 78.5), "dcr": (87.5, 52.9, 99.4)}
    for rate, values in rates.items():
        names = ("percent", "lower", "upper")
        rows += [result(f"response.{rate}.{name}", value) for name, value in zip(names, values, strict=True)]
    return results_table(rows, "summarise_response")


def survival(median: float | None = 6.55, events: int = 5) -> pd.DataFrame:
    rows = [
        result("pfs.n", 8.0, analysis="km", endpoint="pfs"),
        result("pfs.events", float(events), analysis="km", endpoint="pfs"),
        result("pfs.km.median", median, endpoint="pfs"),
        result("pfs.km.median_lower", None if median is None else 5.5, endpoint="pfs"),
        result("pfs.km.median_upper", None, endpoint="pfs"),
        result("pfs.km.survival_6m", 0.285, endpoint="pfs", unit="probability"),
        *(result(f"pfs.km.arm={arm}.n", 4.0) for arm in "ab"),
        *(result(f"pfs.km.arm={arm}.events", 2.0) for arm in "ab"),
        *(result(f"pfs.km.arm={arm}.median", 7.0) for arm in "ab"),
        result("pfs.logrank.p", 0.0004, unit="probability"),
    ]
    return results_table(rows, "estimate_survival")


def curve(group: str = "", level: str = "", censored_only: bool = False) -> pd.DataFrame:
    """Eight persons: events at 61, 122, 200, 300 and 410 days, censored at 150, 365 and 500."""
    steps = [(0, 8, 0, 0), (61, 8, 1, 0), (122, 7, 1, 0), (150, 6, 0, 1), (200, 5, 1, 0)]
    steps += [(300, 4, 1, 0), (365, 3, 0, 1), (410, 2, 1, 0), (500, 1, 0, 1)]
    rows, survived = [], 1.0
    for days, at_risk, events, censored in steps:
        events, censored = (0, events + censored) if censored_only else (events, censored)
        survived *= 1 - events / at_risk
        interval = (max(0.0, survived - 0.2), min(1.0, survived + 0.2)) if survived < 1 else (None, None)
        rows.append(("pfs", group, level, days, at_risk, events, censored, survived, *interval))
    return conform(pd.DataFrame(rows, columns=CURVES.names), CURVES)


def curves() -> pd.DataFrame:
    """Everyone, and each arm."""
    return pd.concat([curve(), curve("arm", "a"), curve("arm", "b")], ignore_index=True)


def no_curves() -> pd.DataFrame:
    return empty(CURVES)


def smooths() -> pd.DataFrame:
    """Of age and of ECOG 1 in the multivariable model: a line and a bend, each at four times."""
    rows = [
        ("pfs", "multivariable", variable, level, place, days, number, number - 1, number + 1)
        for variable, level, bend in (("age", "", 0.0), ("ecog", "1", 2.0))
        for place, days, number in ((0.0, 61.0, 0.1), (0.3, 122.0, 0.1 + bend), (0.6, 300.0, 0.1), (0.9, 410.0, 0.2))
    ]
    return conform(pd.DataFrame(rows, columns=SCHOENFELD.names), SCHOENFELD)
