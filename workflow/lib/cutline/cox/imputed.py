"""The multivariable model with missing covariates imputed, as results beside those of complete cases."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.analysis_set import strata_numbers
from cutline.ard import result
from cutline.cox.imputation import Incomplete, Pooled, imputations, number_of_imputations, pooled
from cutline.cox.models import COLLINEAR, MONOTONE, MULTIVARIABLE, NOT_CONVERGED
from cutline.cox.partial_likelihood import Fit, fit
from cutline.cox.terms import NO_EVENTS, NOBODY, NOBODY_IN_REFERENCE, Covariate, Term, covariate_of, term_path, terms_of
from cutline.filters import Clause, filter_text, is_known, is_one_of, is_unknown
from cutline.marking import noted
from cutline.survival.convention import convention_of
from cutline.variant_names import IMPUTED

Row = dict[str, Any]
Floats = NDArray[np.float64]

CYCLES, AT_LEAST = 10, 5
COMPLETE = noted("no covariate is unknown, so nothing is imputed: the main model stands")
METHOD = (
    "Cox regression, ties by {ties}'s method, imputations by chained equations (seed {seed}, {cycles} cycles), "
    "pooled by Rubin's rules with Barnard and Rubin's degrees of freedom"
)
"""How many imputations is a result of its own: it tells of how many persons something is unknown."""


@dataclass(frozen=True, eq=False)
class Case:
    """What is imputed and fitted: the persons with known strata, their covariates with holes, and how."""

    times: pd.DataFrame
    covariates: Sequence[Covariate]
    strata: Sequence[Covariate]
    ties: str
    seed: int
    cycles: int
    at_least: int

    @property
    def died(self) -> NDArray[np.bool_]:
        return self.times["event"].to_numpy(dtype=bool)

    @property
    def incomplete(self) -> int:
        holes = [each.values.isna().to_numpy(dtype=bool) for each in self.covariates]
        return int(np.logical_or.reduce(holes).sum())

    @property
    def number(self) -> int:
        return number_of_imputations(self.incomplete, len(self.times), self.at_least) if self.incomplete else 0

    @property
    def stratum(self) -> pd.Series | None:
        return strata_numbers({each.variable: each.values for each in self.strata})

    @property
    def who(self) -> Clause:
        return tuple(is_known(each.variable) for each in self.strata)


def imputed_rows(
    endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, settings: Mapping[str, Any]
) -> Iterator[Row]:
    """One endpoint's multivariable model of everybody of known stratum, as variant `imputed`.

    As many imputations as percent of the persons lack a covariate, at least `at_least`; seed and cycles from the
    study's `sensitivity.imputation`. Where nobody lacks one there are the counts alone. What cannot be estimated is a
    row whose note says why.
    """
    case = _case(endpoint, times, covariates, settings)
    columns: Row = {"analysis": "cox", "endpoint": endpoint, "model": MULTIVARIABLE, "variant": IMPUTED}
    columns |= {"n": len(case.times), "filter": filter_text(case.who)}
    columns["method"] = METHOD.format(ties=case.ties.capitalize(), seed=case.seed, cycles=case.cycles)
    path = f"{IMPUTED}/{endpoint}.cox.{MULTIVARIABLE}"
    yield from _count_rows(path, case, columns)
    if case.incomplete:
        yield from _term_rows(path, case, _pooled(case), settings["statistics"]["conf_level"], columns)


def _case(endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, settings: Mapping[str, Any]) -> Case:
    def found(names: Sequence[str]) -> list[Covariate]:
        return [covariate_of(covariates, name, times.index, settings["variables"][name]) for name in names]

    strata = found(settings.get("model_strata", {}).get(endpoint, []))
    inside = np.ones(len(times), dtype=bool)
    for each in strata:
        inside &= each.values.notna().to_numpy(dtype=bool)
    known = [each.of(inside) for each in found(settings["models"][endpoint])]
    chosen = {"cycles": CYCLES, "at_least": AT_LEAST} | settings["sensitivity"]["imputation"]
    ties = convention_of(settings["statistics"]).ties
    return Case(times[inside], known, [each.of(inside) for each in strata], ties, **chosen)


def _count_rows(path: str, case: Case, columns: Row) -> Iterator[Row]:
    events, persons = int(case.died.sum()), len(case.times)
    happened = is_one_of(f"endpoints.{columns['endpoint']}.event", True)
    unknown = ((is_unknown(each.variable),) for each in case.covariates)
    people = columns | {"unit": "persons"}
    yield result(f"{path}.n", float(persons), **people, n_contributing=persons)
    yield result(f"{path}.events", float(events), n_contributing=events,
                 **people | {"filter": filter_text(case.who, (happened,))})  # fmt: skip
    yield result(f"{path}.incomplete", float(case.incomplete), n_contributing=case.incomplete,
                 **people | {"filter": filter_text(case.who, *unknown)})  # fmt: skip
    yield result(f"{path}.imputations", float(case.number), unit="imputations", n_contributing=persons,
                 note="" if case.incomplete else COMPLETE, **columns)  # fmt: skip


# ── the fits ─────────────────────────────────────────────────────────────────────────────────


def _pooled(case: Case) -> dict[Term, tuple[Pooled, int] | str]:
    """Of each compared term the pooled fits and its place in them; or why there is none."""
    if note := _hopeless(case):
        return {term: note for covariate in case.covariates for term in covariate.compared_terms}
    terms = terms_of(case.covariates)
    moments = case.times["time_days"].to_numpy()
    holed = {each.variable: _holed(each) for each in (*case.covariates, *case.strata)}
    drawn = imputations(moments, case.died, holed, number=case.number, cycles=case.cycles, seed=case.seed)
    fits = [fit(moments, case.died, _design(case.covariates, values), case.ties, case.stratum) for values in drawn]
    notes = [_why_not(fits, place) for place in range(len(terms))]
    usable = [place for place, note in enumerate(notes) if not note]
    if not usable:
        return dict(zip(terms, notes, strict=True))
    complete_degrees = max(1.0, float(case.died.sum() - len(terms)))
    together = pooled([each.coefficients[usable] for each in fits], [each.standard_errors[usable] for each in fits],
                      complete_degrees)  # fmt: skip
    return {term: note or (together, usable.index(place))
            for place, (term, note) in enumerate(zip(terms, notes, strict=True))}  # fmt: skip


def _hopeless(case: Case) -> str:
    """Why nothing can be imputed or fitted at all; blank where something can."""
    if not case.died.any():
        return NO_EVENTS
    if any(not each.values.notna().any() for each in case.covariates):
        return NOBODY
    lacking = [each for each in case.covariates if each.levels and not each.members(each.reference).any()]
    return NOBODY_IN_REFERENCE if lacking else ""


def _levels(covariate: Covariate) -> list[str]:
    """The levels that somebody has, the reference first."""
    others = [level for level in covariate.levels if level != covariate.reference and covariate.members(level).any()]
    return [covariate.reference, *others] if covariate.levels else []


def _holed(covariate: Covariate) -> Incomplete:
    levels = _levels(covariate)
    if not levels:
        return Incomplete(covariate.values.to_numpy(dtype=np.float64))
    codes = covariate.values.map({level: code for code, level in enumerate(levels)})
    return Incomplete(np.asarray(codes.fillna(-1), dtype=np.int64), len(levels))


def _design(known: Sequence[Covariate], values: Mapping[str, NDArray[Any]]) -> Floats:
    parts = [Incomplete(values[each.variable], len(_levels(each))).columns() for each in known]
    return np.hstack(parts)


def _why_not(fits: Sequence[Fit], place: int) -> str:
    """Why a term has no estimate in some imputation; blank if it has one in all."""
    if any(each.unidentified[place] for each in fits):
        return COLLINEAR
    if any(each.diverged[place] for each in fits):
        return MONOTONE
    return "" if all(each.converged or each.diverged.any() for each in fits) else NOT_CONVERGED


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _term_rows(
    path: str, case: Case, answers: Mapping[Term, tuple[Pooled, int] | str], conf_level: float, columns: Row
) -> Iterator[Row]:  # fmt: skip
    for covariate in case.covariates:
        for variable, level in covariate.terms:
            place = term_path(path, variable, level)
            about = columns | {"variable": variable, "level": level, "n_contributing": columns["n"]}
            if level and level == covariate.reference:
                yield result(f"{place}.hr", 1.0, unit="ratio", note="reference", **about)
            elif (variable, level) in answers:
                yield from _pooled_rows(place, answers[variable, level], conf_level, about)


def _pooled_rows(path: str, answer: tuple[Pooled, int] | str, conf_level: float, columns: Row) -> Iterator[Row]:
    note, values = "", dict.fromkeys(("hr", "lower", "upper", "p", "missing_information"), math.nan)
    if isinstance(answer, str):
        note = answer
    else:
        together, place = answer
        logarithms = (together.coefficients[place], *(limit[place] for limit in together.limits(conf_level)))
        ratios = np.exp(np.minimum(logarithms, 700.0))
        values = dict(zip(values, [*ratios, together.p[place], 100 * together.missing_information[place]], strict=True))
    units = {"p": "probability", "missing_information": "percent"}
    for name, value in values.items():
        yield result(f"{path}.{name}", None if note else float(value), unit=units.get(name, "ratio"), note=note,
                     conf_level=conf_level if name in ("lower", "upper") else None, **columns)  # fmt: skip
