"""The terms of a Cox model: variables with their levels, columns of the design, and why a term has no estimate."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.analysis_set import levels_of, numbers_of
from cutline.ard import first_note
from cutline.groups import reference_of
from cutline.marking import noted

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Term = tuple[str, str]
"""Variable and level; the level is blank for a continuous variable."""

NOBODY = noted("not estimable (no persons with known covariates)")
NO_EVENTS = noted("not estimable (no events)")
NOBODY_IN_LEVEL = noted("not estimable (nobody in this level has known covariates)")
NO_EVENTS_IN_LEVEL = noted("not estimable (no events in this level: the hazard ratio tends to 0)")
ONE_LEVEL = noted("not estimable (only one level occurs)")
NOBODY_IN_REFERENCE = noted("not estimable (nobody has the reference level)")
NO_EVENTS_IN_REFERENCE = "not estimable (no events in the reference level"
"""What the next begins with, whichever level would do as reference."""
NAME_ANOTHER_REFERENCE = noted(
    "not estimable (no events in the reference level; name another reference, {level} has the most)"
)
CONSTANT = noted("not estimable (everyone has the same value)")


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

    def members(self, level: str) -> Flags:
        """Who is in the level; everyone if the level is blank."""
        return (self.values == level).to_numpy(dtype=bool) if level else np.ones(len(self.values), dtype=bool)

    def of(self, persons: Flags) -> Covariate:
        return Covariate(self.variable, self.values[persons], self.levels, self.reference)


def term_path(model_path: str, variable: str, level: str) -> str:
    """Where the results of a term stand in the keys."""
    return f"{model_path}.{variable}" + (f".{level}" if level else "")


@dataclass(frozen=True)
class Estimate:
    """A coefficient on the log hazard scale, per unit or against the reference; or why there is none."""

    coefficient: float = math.nan
    standard_error: float = math.nan
    note: str = ""

    @property
    def p(self) -> float:
        """Wald's two-sided p-value; NaN without an estimate."""
        return math.erfc(abs(self.coefficient) / self.standard_error / math.sqrt(2))


def covariate_of(covariates: pd.DataFrame, variable: str, persons: pd.Index, about: Mapping[str, Any]) -> Covariate:
    """The variable as the study defines it, for these persons; its values may be missing."""
    if about["kind"] == "continuous":
        return Covariate(variable, numbers_of(covariates, variable, persons))
    values = levels_of(covariates, variable, persons, list(about["levels"]))
    reference = reference_of(about)
    present = {*values.dropna(), reference}
    return Covariate(variable, values, tuple(level for level in about["levels"] if level in present), reference)


def terms_of(covariates: Sequence[Covariate]) -> list[Term]:
    """The terms that are compared and occur, covariate by covariate."""
    return [term for each in covariates for term in each.compared_terms if not term[1] or each.members(term[1]).any()]


def reason(covariate: Covariate, level: str, died: Flags) -> str:
    """Why a term has no estimate whatever the fit says; blank where it may have one."""
    members, reference = covariate.members(level), covariate.members(covariate.reference)
    return first_note(
        (not len(died), NOBODY),
        (not died.any(), NO_EVENTS),
        (not members.any(), NOBODY_IN_LEVEL),
        (bool(level) and bool(members.all()), ONE_LEVEL),
        (not reference.any(), NOBODY_IN_REFERENCE),
        (not died[reference].any(), no_events_in_reference(covariate, died)),
        (not died[members].any(), NO_EVENTS_IN_LEVEL),
        (not level and covariate.values.nunique() == 1, CONSTANT),
    )


def no_events_in_reference(covariate: Covariate, died: Flags) -> str:
    """Why nothing can be compared with a reference level without events, and which level has most events."""
    events = {level: int(died[covariate.members(level)].sum()) for level in covariate.levels}
    instead = max(events, key=lambda level: events[level], default="")
    return NAME_ANOTHER_REFERENCE.format(level=instead) if instead else ""


def columns_of(covariate: Covariate, died: Flags) -> dict[Term, Floats]:
    """The covariate's columns of the design: an indicator per level but one, or the numbers."""
    if not covariate.levels:
        varies = covariate.values.nunique() > 1
        return {(covariate.variable, ""): covariate.values.to_numpy(dtype=np.float64)} if varies else {}
    # If the reference has no events another level stands in, for the sake of the other variables' terms.
    with_events = [level for level in covariate.levels if died[covariate.members(level)].any()]
    compared_with = covariate.reference if covariate.reference in with_events else next(iter(with_events), "")
    return {
        (covariate.variable, level): covariate.members(level).astype(np.float64)
        for level in covariate.levels
        if level != compared_with and covariate.members(level).any()
    }
