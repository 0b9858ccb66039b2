"""The test of proportional hazards as results, and the smooths that show how a coefficient moves with time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from cutline.cox.model_tests import chi_square_rows
from cutline.cox.models import MONOTONE, Model
from cutline.cox.proportional_hazards import GLOBAL, KM, TRANSFORMS, ScoreTest, scaled_residuals, score_test, smooth
from cutline.filters import filter_text
from cutline.marking import noted
from cutline.tables.results import SCHOENFELD

Row = dict[str, Any]
ANALYSIS = "proportional_hazards"
TOO_FEW_TIMES = noted("not estimable (too few event times)")
WORDS = {
    "km": "time as 1 minus the Kaplan-Meier estimate just before it",
    "rank": "time as its rank among all times",
    "identity": "time as it is",
}


def proportional_hazards_rows(model: Model) -> Iterator[Row]:
    """Per transform of time a test of each variable and, of a model with several, of all together."""
    for transform in TRANSFORMS:
        tests = _tests(model, transform)
        for name in tests if not model.univariable else [model.covariates[0].variable]:
            variable = "" if name == GLOBAL else name
            place = f"{name}.zph.{transform}" if model.univariable else f"zph.{transform}.{name}"
            test, note = tests[name], model.not_fitted or _why_not(model, variable, tests[name])
            about = _about(model, transform) | {"variable": variable}
            yield from chi_square_rows(f"{model.path}.{place}", test.chi_square, test.degrees_of_freedom, note, about)


def _tests(model: Model, transform: str) -> dict[str, ScoreTest]:
    """By variable and for all; empty tests without a fit."""
    names = [covariate.variable for covariate in model.covariates]
    if model.fitted is None:
        return dict.fromkeys([*names, GLOBAL], ScoreTest(np.nan, 0))
    terms = {name: [place for place, (variable, _) in enumerate(model.design) if variable == name] for name in names}
    return score_test(model.fitted, model.times["time_days"], model.died, terms, transform)


def _why_not(model: Model, variable: str, test: ScoreTest) -> str:
    if np.isfinite(test.chi_square):
        return ""
    notes = {estimate.note for (name, _), estimate in model.estimates.items() if name == variable and estimate.note}
    return next(iter(sorted(notes)), MONOTONE if not test.degrees_of_freedom else TOO_FEW_TIMES)


def _about(model: Model, transform: str) -> Row:
    counted = {"n": model.persons, "n_contributing": model.persons, "filter": filter_text(model.who())}
    test = "score test of proportional hazards as R's cox.zph since survival 3.0"
    method = f"{model.about['method']}, {test}, {WORDS[transform]}"
    return model.about | counted | {"analysis": ANALYSIS, "method": method}


# ── smooths ──────────────────────────────────────────────────────────────────────────────────


def smooths(model: Model) -> pd.DataFrame:
    """Of every term with an estimate the smooth of its scaled Schoenfeld residuals, as `SCHOENFELD`, Kaplan-Meier time.

    The residuals themselves are one per event and stay here: what is drawn is the smooth and its band.
    """
    if model.fitted is None:
        return pd.DataFrame(columns=SCHOENFELD.names)
    residuals = scaled_residuals(model.fitted, model.times["time_days"], model.died, KM)
    order = np.argsort(residuals.times, kind="stable")
    parts = []
    for place, (variable, level) in enumerate(model.design):
        estimate = model.estimates.get((variable, level))  # none where a reference is a column for want of events
        line = smooth(residuals, place) if estimate and not estimate.note else None
        if line is None:
            continue
        days = np.interp(line.transformed, residuals.transformed[order], residuals.times[order])
        parts.append(pd.DataFrame({
            "endpoint": model.about["endpoint"], "model": model.about["model"], "variable": variable,
            "level": level, "transformed": line.transformed, "time_days": days, "coefficient": line.values,
            "lower": line.lower, "upper": line.upper,
        }))  # fmt: skip
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=SCHOENFELD.names)
