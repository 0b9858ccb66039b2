"""The multivariable model with missing covariates imputed, as results beside those of complete cases."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.ard import result
from cutline.cox.imputation import Incomplete, Pooled, imputations, number_of_imputations, pooled
from cutline.cox.models import (
    COLLINEAR,
    MONOTONE,
    MULTIVARIABLE,
    NO_EVENTS,
    NOBODY,
    NOBODY_IN_REFERENCE,
    NOT_CONVERGED,
    Covariate,
    Term,
    covariate_of,
)
from cutline.cox.partial_likelihood import Fit, fit
from cutline.filters import filter_text, is_one_of, is_unknown
from cutline.variant_names import IMPUTED

Row = dict[str, Any]
Floats = NDArray[np.float64]

CYCLES, AT_LEAST = 10, 5
COMPLETE = "no covariate is unknown, so nothing is imputed: the main model stands"
METHOD = (
    "Cox regression, ties by {ties}'s method, {number} imputations by chained equations (seed {seed}, {cycles} cycles), "
    "pooled by Rubin's rules with Barnard and Rubin's degrees of freedom"
)


def imputed_rows(
    endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, settings: Mapping[str, Any]
) -> Iterator[Row]:
    """One endpoint's multivariable model of everybody, as variant `imputed`.

    As many imputations as percent of the persons lack a covariate, at least `at_least`; seed and cycles from the study's
    `sensitivity.imputation`. Where nobody lacks one there are the counts alone. What cannot be estimated is a row whose
    note says why.
    """
    known = [covariate_of(covariates, name, times.index, settings["variables"][name])
             for name in settings["models"][endpoint]]  # fmt: skip
    incomplete = int(np.logical_or.reduce([each.values.isna().to_numpy(dtype=bool) for each in known]).sum())
    chosen = {"cycles": CYCLES, "at_least": AT_LEAST} | settings["sensitivity"]["imputation"]
    number = number_of_imputations(incomplete, len(times), chosen["at_least"]) if incomplete else 0
    ties = settings["statistics"]["ties"]
    words = {"ties": ties.capitalize(), "number": number, "seed": chosen["seed"], "cycles": chosen["cycles"]}
    columns = {"analysis": "cox", "endpoint": endpoint, "model": MULTIVARIABLE, "variant": IMPUTED, "n": len(times)}
    columns["method"] = METHOD.format(**words)
    path = f"{IMPUTED}/{endpoint}.cox.{MULTIVARIABLE}"
    yield from _count_rows(path, times, known, number, incomplete, columns)
    if incomplete:
        answer = _pooled(times, known, number, chosen, ties)
        yield from _term_rows(path, known, answer, settings["statistics"]["conf_level"], columns)


def _count_rows(
    path: str, times: pd.DataFrame, known: Sequence[Covariate], number: int, incomplete: int, columns: Row
) -> Iterator[Row]:
    events = int(times["event"].sum())
    happened = is_one_of(f"endpoints.{columns['endpoint']}.event", True)
    unknown = ((is_unknown(each.variable),) for each in known)
    people, plain = (
        columns | {"unit": "persons"},
        {"n_contributing": len(times), "note": "" if incomplete else COMPLETE},
    )
    yield result(f"{path}.n", float(len(times)), **people, n_contributing=len(times))
    yield result(f"{path}.events", float(events), **people, n_contributing=events,
                 filter=filter_text((), (happened,)))  # fmt: skip
    yield result(f"{path}.incomplete", float(incomplete), **people, n_contributing=incomplete,
                 filter=filter_text((), *unknown))  # fmt: skip
    yield result(f"{path}.imputations", float(number), unit="imputations", **columns, **plain)


# ── the fits ─────────────────────────────────────────────────────────────────────────────────


def _pooled(
    times: pd.DataFrame, known: Sequence[Covariate], number: int, chosen: Mapping[str, int], ties: str
) -> dict[Term, tuple[Pooled, int] | str]:
    """Of each compared term the pooled fits and its place in them; or why there is none."""
    terms = [term for covariate in known for term in _compared(covariate)]
    if note := _hopeless(times, known):
        return {term: note for covariate in known for term in covariate.compared_terms}
    moments, died = times["time_days"].to_numpy(), times["event"].to_numpy(dtype=bool)
    holed = {each.variable: _holed(each) for each in known}
    drawn = imputations(moments, died, holed, number=number, cycles=chosen["cycles"], seed=chosen["seed"])
    fits = [fit(moments, died, _design(known, values), ties=ties) for values in drawn]
    notes = [_why_not(fits, place) for place in range(len(terms))]
    usable = [place for place, note in enumerate(notes) if not note]
    if not usable:
        return dict(zip(terms, notes, strict=True))
    together = pooled([each.coefficients[usable] for each in fits], [each.standard_errors[usable] for each in fits],
                      max(1.0, float(died.sum() - len(terms))))  # fmt: skip
    return {term: note or (together, usable.index(place))
            for place, (term, note) in enumerate(zip(terms, notes, strict=True))}  # fmt: skip


def _hopeless(times: pd.DataFrame, known: Sequence[Covariate]) -> str:
    """Why nothing can be imputed or fitted at all; blank where something can."""
    if not times["event"].any():
        return NO_EVENTS
    if any(not each.values.notna().any() for each in known):
        return NOBODY
    return NOBODY_IN_REFERENCE if any(each.levels and not each.members(each.reference).any() for each in known) else ""


def _levels(covariate: Covariate) -> list[str]:
    """The levels that somebody has, the reference first."""
    others = [level for level in covariate.levels if level != covariate.reference and covariate.members(level).any()]
    return [covariate.reference, *others] if covariate.levels else []


def _compared(covariate: Covariate) -> list[Term]:
    return [(covariate.variable, level) for level in _levels(covariate)[1:]] or (
        [] if covariate.levels else [(covariate.variable, "")]
    )


def _holed(covariate: Covariate) -> Incomplete:
    levels = _levels(covariate)
    if not levels:
        return Incomplete(covariate.values.to_numpy(dtype=np.float64))
    codes = covariate.values.map({level: code for code, level in enumerate(levels)})
    return Incomplete(codes.fillna(-1).to_numpy(dtype=np.int64), len(levels))


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
    path: str, known: Sequence[Covariate], answers: Mapping[Term, tuple[Pooled, int] | str], conf_level: float,
    columns: Row,
) -> Iterator[Row]:  # fmt: skip
    for covariate in known:
        for variable, level in covariate.terms:
            place = f"{path}.{variable}" + (f".{level}" if level else "")
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
