"""Cox models a second time, where the first one asks for it: terms that separate, cut-points taken from the data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.ard import result
from cutline.cox.firth import firth_fit
from cutline.cox.guard_rows import ANALYSIS, indicators
from cutline.cox.models import COLLINEAR, MONOTONE, NOT_CONVERGED, Model
from cutline.cox.terms import NO_EVENTS_IN_LEVEL, NO_EVENTS_IN_REFERENCE, term_path, terms_of
from cutline.filters import filter_text
from cutline.variant_names import FIRTH

Row = dict[str, Any]
Floats = NDArray[np.float64]

SEPARATING = (MONOTONE, NO_EVENTS_IN_LEVEL, NO_EVENTS_IN_REFERENCE)
FIRTH_METHOD = ", Firth's penalised likelihood, profile penalised-likelihood intervals and likelihood-ratio tests"
BEYOND = "not estimable (the profile of the penalised likelihood does not fall far enough)"
CHOSEN_FROM_DATA = (
    "cut-point taken from the data: the hazard ratio and its p-value are too favourable; the continuous and the spline "
    "version stand beside it"
)


# ── separation ───────────────────────────────────────────────────────────────────────────────


def separates(model: Model) -> bool:
    """Whether a term of the model has no finite maximum likelihood estimate."""
    return any(estimate.note.startswith(SEPARATING) for estimate in model.estimates.values())


def firth_rows(model: Model, conf_level: float) -> Iterator[Row]:
    """The whole model by Firth's penalised likelihood, as variant `firth`: every term has a finite estimate."""
    terms = terms_of(model.covariates)
    design = np.hstack([indicators(covariate) for covariate in model.covariates])
    varies = len(terms) and design.std(axis=0).all()
    centred = (design - design.mean(axis=0)) / design.std(axis=0) if varies else design
    note = "" if varies and np.linalg.matrix_rank(centred) == len(terms) and model.events else COLLINEAR
    strata = None if model.stratum is None else model.stratum.to_numpy()
    fitted = None if note else firth_fit(model.times["time_days"].to_numpy(), model.died, design, ties=model.ties,
                                         conf_level=conf_level, strata=strata)  # fmt: skip
    if fitted is not None and not fitted.converged:
        fitted, note = None, NOT_CONVERGED
    for place, (variable, level) in enumerate(terms):
        values = dict.fromkeys(("hr", "lower", "upper", "p"), math.nan)
        if fitted is not None:
            logarithms = (each[place] for each in (fitted.coefficients, fitted.lower, fitted.upper))
            values = dict(zip(values, [*(_exponential(each) for each in logarithms), fitted.p[place]], strict=True))
        yield from _firth_term(model, variable, level, values, note, conf_level)


def _firth_term(
    model: Model, variable: str, level: str, values: Mapping[str, float], note: str, conf_level: float
) -> Iterator[Row]:
    covariate = next(each for each in model.covariates if each.variable == variable)
    path = term_path(f"{FIRTH}/{model.path}", variable, level)
    columns = {
        **model.about,
        "analysis": "cox",
        "variable": variable,
        "level": level,
        "variant": FIRTH,
        "n": model.persons,
    }
    columns |= {"n_contributing": int(covariate.members(level).sum())}
    columns["filter"] = model.filter_of(variable, level)
    columns["method"] = model.about["method"] + FIRTH_METHOD
    for name, value in values.items():
        known = math.isfinite(value)
        yield result(
            f"{path}.{name}", float(value) if known else None, unit="probability" if name == "p" else "ratio",
            conf_level=conf_level if name in ("lower", "upper") else None,
            note="" if known else note or BEYOND, **columns,
        )  # fmt: skip


def _exponential(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf


# ── cut-points ───────────────────────────────────────────────────────────────────────────────


def cut_points_from_data(about: Mapping[str, Any], numbers: pd.Series) -> list[float]:
    """Those cut-points of a variable that were taken from the data, so far as can be told.

    All of a variable that says `data_driven: true`; else those that equal a quartile of its number (`numbers`, of the
    included), to the digits they are written with.
    """
    points = [float(point) for point in about.get("cut_points", [])]
    if about.get("data_driven"):
        return points
    if not numbers.notna().any() or about.get("data_driven") is False:
        return []
    quartiles = np.quantile(numbers.dropna().to_numpy(), [0.25, 0.5, 0.75])
    return [point for point in points if any(round(float(each), _decimals(point)) == point for each in quartiles)
            and numbers.nunique() > 2 * len(quartiles)]  # fmt: skip


def _decimals(number: float) -> int:
    return len(f"{number:g}".partition(".")[2])


def cut_point_rows(model: Model, variable: str, points: Sequence[float], unit: str) -> Iterator[Row]:
    """Each cut-point of a variable that was taken from the data, with what that does."""
    for place, point in enumerate(points):
        name = "cut_point" if place == 0 else f"cut_point_{place + 1}"
        columns = {**model.about, "analysis": ANALYSIS, "variable": variable}
        columns |= {
            "n": model.persons,
            "n_contributing": model.persons,
            "method": "",
            "filter": filter_text(model.who()),
            "unit": unit,
        }
        yield result(f"{model.path}.{variable}.{name}", point, note=CHOSEN_FROM_DATA, **columns)
