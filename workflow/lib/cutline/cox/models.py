"""Cox proportional hazards models as results: one row per term and statistic, with its n and events."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.duration.hazard_regression import PHReg

from cutline.analysis_set import levels_of, numbers_of
from cutline.ard import result
from cutline.filters import Clause, Condition, filter_text, is_known, is_one_of, is_unknown

Row = dict[str, Any]
Floats = NDArray[np.float64]
Term = tuple[str, str]
"""Variable and level; the level is blank for a continuous variable."""

UNIVARIABLE, MULTIVARIABLE = "univariable", "multivariable"
NOBODY = "not estimable (no persons with known covariates)"
NO_EVENTS = "not estimable (no events)"
NOBODY_IN_LEVEL = "not estimable (nobody in this level has known covariates)"
NO_EVENTS_IN_LEVEL = "not estimable (no events in this level: the hazard ratio tends to 0)"
ONE_LEVEL = "not estimable (only one level occurs)"
NOBODY_IN_REFERENCE = "not estimable (nobody has the reference level)"
NO_EVENTS_IN_REFERENCE = "not estimable (no events in the reference level)"
CONSTANT = "not estimable (everyone has the same value)"
COLLINEAR = "not estimable (the covariates determine each other: collinearity)"
NOT_CONVERGED = "not estimable (the fit did not converge)"
TOO_LARGE = "not estimable (too large for a number)"
MONOTONE = "not estimable (monotone likelihood: the estimate grows without limit)"

DIVERGED_STANDARD_ERROR = 50.0
"""Standard error, per standard deviation of the covariate, above which a coefficient has diverged. On the
way to infinity it grows without limit; with a single event in a group it is about 1."""
CONVERGED_DECREMENT = 1e-8
"""How far below its maximum, in units of log-likelihood, a fit may stop."""


@dataclass(frozen=True)
class Covariate:
    """A variable of the model with each person's value: level ids, or numbers if it has no levels.

    `levels` are those that somebody in the analysis has, and the reference, in the study's order.
    """

    variable: str
    values: pd.Series
    levels: tuple[str, ...] = ()
    reference: str = ""

    @property
    def terms(self) -> list[Term]:
        return [(self.variable, level) for level in self.levels] or [(self.variable, "")]

    @property
    def compared_terms(self) -> list[Term]:
        """The terms that have an estimate: not the reference level."""
        return [term for term in self.terms if not self.levels or term[1] != self.reference]

    def members(self, level: str) -> NDArray[np.bool_]:
        """Who is in the level; everyone if the level is blank."""
        return (self.values == level).to_numpy(dtype=bool) if level else np.ones(len(self.values), dtype=bool)

    def of(self, persons: NDArray[np.bool_]) -> Covariate:
        return Covariate(self.variable, self.values[persons], self.levels, self.reference)


@dataclass(frozen=True)
class Estimate:
    """A coefficient on the log hazard scale, per unit or against the reference; or why there is none."""

    coefficient: float = math.nan
    standard_error: float = math.nan
    note: str = ""


@dataclass(frozen=True)
class Model:
    """One fitted model: its persons, and an estimate for each term but the reference levels."""

    path: str
    columns: Row
    times: pd.DataFrame
    covariates: Sequence[Covariate]
    excluded: int
    estimates: Mapping[Term, Estimate]
    lost: tuple[int, ...] = ()
    """Persons left out at each covariate: its value is unknown, and those of the covariates before it are known."""

    @property
    def persons(self) -> int:
        return len(self.times)

    @property
    def events(self) -> int:
        return int(self.times["event"].sum())

    @property
    def event_happened(self) -> Condition:
        return is_one_of(f"endpoints.{self.columns['endpoint']}.event", True)

    def who(self, variable: str = "", level: str = "") -> Clause:
        """The persons of the model, as conditions of the results' filter: all, or those in one of its levels."""
        names = [covariate.variable for covariate in self.covariates]
        return tuple(is_one_of(name, level) if level and name == variable else is_known(name) for name in names)


# ── the models of an endpoint ────────────────────────────────────────────────────────────────


def model_rows(
    endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, alone: Sequence[str], settings: Mapping[str, Any]
) -> list[Row]:
    """The rows of one endpoint's models on the persons of `times`, as `fitted_models`."""
    models = fitted_models(endpoint, times, covariates, alone, settings)
    return [row for model in models for row in rows_of(model, settings["statistics"]["conf_level"])]


def fitted_models(
    endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, alone: Sequence[str], settings: Mapping[str, Any]
) -> list[Model]:
    """One endpoint's models on the persons of `times`: each variable of `alone`, then the study's model.

    Categories are compared with the variable's `reference` (default: its first level), levels that nobody has are not
    in the model; continuous variables are per unit. Each model has the persons who have all of its covariates. An
    endpoint without a model in the study has the univariable ones only.
    """
    together = settings["models"].get(endpoint, [])
    known = {name: covariate_of(covariates, name, times.index, settings["variables"][name])
             for name in dict.fromkeys([*alone, *together])}  # fmt: skip
    models = [_model(endpoint, UNIVARIABLE, times, [known[name]], settings) for name in alone]
    if together:
        models.append(_model(endpoint, MULTIVARIABLE, times, [known[name] for name in together], settings))
    return models


def covariate_of(covariates: pd.DataFrame, variable: str, persons: pd.Index, about: Mapping[str, Any]) -> Covariate:
    """A variable of the persons, in their order, missing where it is unknown."""
    if about["kind"] == "continuous":
        return Covariate(variable, numbers_of(covariates, variable, persons))
    values = levels_of(covariates, variable, persons, list(about["levels"]))
    reference = about.get("reference", next(iter(about["levels"])))
    present = {*values.dropna(), reference}
    return Covariate(variable, values, tuple(level for level in about["levels"] if level in present), reference)


def _model(
    endpoint: str, model: str, times: pd.DataFrame, covariates: Sequence[Covariate], settings: Mapping[str, Any]
) -> Model:
    """The model on the persons with all of its covariates."""
    known_values = [covariate.values.notna().to_numpy(dtype=bool) for covariate in covariates]
    left = np.logical_and.accumulate(known_values)
    complete: NDArray[np.bool_] = left[-1]
    inside, known = times[complete], [covariate.of(complete) for covariate in covariates]
    ties = settings["statistics"]["ties"]
    return Model(
        path=f"{endpoint}.cox.{model}",
        columns={
            "analysis": "cox",
            "endpoint": endpoint,
            "model": model,
            "method": f"Cox regression, ties by {ties.capitalize()}'s method, Wald intervals and tests (statsmodels)",
        },
        times=inside,
        covariates=known,
        excluded=int((~complete).sum()),
        lost=tuple((-np.diff([len(times), *left.sum(axis=1)])).tolist()),
        estimates=estimates(inside["time_days"], inside["event"], known, ties),
    )


# ── the fit ──────────────────────────────────────────────────────────────────────────────────


def estimates(times: pd.Series, events: pd.Series, covariates: Sequence[Covariate], ties: str) -> dict[Term, Estimate]:
    """Maximum partial likelihood estimates of every term but the reference levels, or why there is none.

    A level without events has its maximum at a hazard ratio of 0. Persons in it then weigh nothing in any
    risk set, so the other terms keep their maximum likelihood estimates when those persons are left out.
    """
    died = events.to_numpy(dtype=bool)
    reasons = {term: _reason(covariate, term[1], died) for covariate in covariates for term in covariate.compared_terms}
    eventless = [c.members(level) for c in covariates for level in c.levels if not died[c.members(level)].any()]
    inside = ~np.logical_or.reduce([np.zeros(len(died), dtype=bool), *eventless])
    columns = {term: column for c in covariates for term, column in _columns(c.of(inside), died[inside]).items()}
    fitted = _fit(times.to_numpy()[inside], died[inside], columns, ties)
    constant = dict.fromkeys(reasons, Estimate(note=CONSTANT))
    return constant | fitted | {term: Estimate(note=note) for term, note in reasons.items() if note}


def _reason(covariate: Covariate, level: str, died: NDArray[np.bool_]) -> str:
    """Why a term has no estimate whatever the fit says; blank where it may have one."""
    members, reference = covariate.members(level), covariate.members(covariate.reference)
    checks = [
        (not len(died), NOBODY),
        (not died.any(), NO_EVENTS),
        (not members.any(), NOBODY_IN_LEVEL),
        (bool(level) and members.all(), ONE_LEVEL),
        (not reference.any(), NOBODY_IN_REFERENCE),
        (not died[reference].any(), NO_EVENTS_IN_REFERENCE),
        (not died[members].any(), NO_EVENTS_IN_LEVEL),
    ]
    return next((note for holds, note in checks if holds), "")


def _columns(covariate: Covariate, died: NDArray[np.bool_]) -> dict[Term, Floats]:
    """The covariate's columns of the design: an indicator per level but one, or the numbers."""
    if not covariate.levels:
        varies = covariate.values.nunique() > 1
        return {(covariate.variable, ""): covariate.values.to_numpy(dtype=np.float64)} if varies else {}
    # If the reference has no events another level stands in, for the sake of the other variables' terms.
    levels = [level for level in covariate.levels if died[covariate.members(level)].any()]
    compared_with = covariate.reference if covariate.reference in levels else next(iter(levels), "")
    return {
        (covariate.variable, level): covariate.members(level).astype(np.float64)
        for level in levels
        if level != compared_with
    }


def _fit(
    times: NDArray[Any], died: NDArray[np.bool_], columns: Mapping[Term, Floats], ties: str
) -> dict[Term, Estimate]:
    """Newton's estimates on standardised columns, given back per unit; none without events."""
    if not columns or not died.any():
        return {}
    design = np.column_stack(list(columns.values()))
    scale = design.std(axis=0)
    design = (design - design.mean(axis=0)) / scale
    if np.linalg.matrix_rank(design) < len(columns):
        return dict.fromkeys(columns, Estimate(note=COLLINEAR))
    solution = _maximum(times, died, design, ties)
    if solution is None:
        return dict.fromkeys(columns, Estimate(note=NOT_CONVERGED))
    return {
        term: Estimate(coefficient / unit, error / unit) if error < DIVERGED_STANDARD_ERROR else Estimate(note=MONOTONE)
        for term, coefficient, error, unit in zip(columns, *solution, scale, strict=True)
    }


def _maximum(times: NDArray[Any], died: NDArray[np.bool_], design: Floats, ties: str) -> tuple[Floats, Floats] | None:
    """Coefficients and standard errors where the partial likelihood is largest; None if Newton does not get there."""
    model = PHReg(times, design, status=died.astype(np.int64), ties=ties)
    # A diverging coefficient overflows on its way: it is found by its standard error, not by a warning.
    with np.errstate(all="ignore"):
        try:
            fitted = model.fit(warn_convergence=False)
            score = model.score(fitted.params)
            decrement = abs(float(score @ fitted.cov_params() @ score))
        except np.linalg.LinAlgError:
            return None
        coefficients, errors = np.asarray(fitted.params, dtype=np.float64), np.asarray(fitted.bse, dtype=np.float64)
    if not (decrement < CONVERGED_DECREMENT and np.isfinite(coefficients).all() and np.isfinite(errors).all()):
        return None
    return coefficients, errors


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def rows_of(model: Model, conf_level: float) -> Iterator[Row]:
    """Totals of the model, then its terms in order."""
    yield from _total_rows(model)
    for covariate in model.covariates:
        for variable, level in covariate.terms:
            died = int(model.times["event"].to_numpy()[covariate.members(level)].sum())
            persons = int(covariate.members(level).sum())
            columns = model.columns | {"variable": variable, "level": level}
            path = f"{model.path}.{variable}" + (f".{level}" if level else "")
            yield from _count_rows(path, persons, died, columns, model.who(variable, level), model.event_happened)
            columns["filter"] = filter_text(model.who(), *([(is_one_of(variable, level),)] if level else []))
            if level and level == covariate.reference:
                yield result(f"{path}.hr", 1.0, unit="ratio", n=model.persons, n_contributing=persons, **columns,
                             note="reference")  # fmt: skip
            else:
                columns |= {"n": model.persons, "n_contributing": persons}
                yield from _hazard_ratio_rows(path, model.estimates[variable, level], conf_level, columns)


def _total_rows(model: Model) -> Iterator[Row]:
    covariate = model.covariates[0]
    univariable = model.columns["model"] == UNIVARIABLE
    path = f"{model.path}.{covariate.variable}" if univariable else model.path
    columns = model.columns | ({"variable": covariate.variable} if univariable else {})
    # The single term of a continuous variable has the model's n and events itself.
    if covariate.levels or not univariable:
        yield from _count_rows(path, model.persons, model.events, columns, model.who(), model.event_happened)
    yield result(
        f"{path}.excluded", float(model.excluded), unit="persons", n=model.persons + model.excluded,
        n_contributing=model.excluded, **columns,
        filter=filter_text((), *((is_unknown(each.variable),) for each in model.covariates)),
        note="left out of the model: a covariate is unknown" if model.excluded else "",
    )  # fmt: skip


def _count_rows(path: str, persons: int, events: int, columns: Row, who: Clause, happened: Condition) -> Iterator[Row]:
    columns = columns | {"unit": "persons", "n": persons}
    yield result(f"{path}.n", float(persons), n_contributing=persons, filter=filter_text(who), **columns)
    yield result(f"{path}.events", float(events), n_contributing=events, filter=filter_text(who, (happened,)),
                 **columns)  # fmt: skip


def _hazard_ratio_rows(path: str, estimate: Estimate, conf_level: float, columns: Row) -> Iterator[Row]:
    """Hazard ratio, Wald limits and Wald p of one term."""
    half_width = NormalDist().inv_cdf((1 + conf_level) / 2) * estimate.standard_error
    with np.errstate(over="ignore"):
        ratios = np.exp(estimate.coefficient + half_width * np.array([0.0, -1.0, 1.0]))
    for name, ratio in zip(("hr", "lower", "upper"), ratios, strict=True):
        level = None if name == "hr" else conf_level
        note = estimate.note or ("" if math.isfinite(ratio) else TOO_LARGE)
        yield result(f"{path}.{name}", _number(ratio), unit="ratio", conf_level=level, note=note, **columns)
    p = math.erfc(abs(estimate.coefficient) / estimate.standard_error / math.sqrt(2))
    yield result(f"{path}.p", _number(p), unit="probability", note=estimate.note, **columns)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
