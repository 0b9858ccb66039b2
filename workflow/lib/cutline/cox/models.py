"""The Cox models of an endpoint: their persons, and what is fitted to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from cutline.analysis_set import levels_of, strata_numbers
from cutline.ard import first_note
from cutline.cox.concordance import Concordance, concordance
from cutline.cox.partial_likelihood import Fit, fit
from cutline.cox.terms import (
    NO_EVENTS,
    NOBODY,
    Covariate,
    Estimate,
    Flags,
    Floats,
    Term,
    columns_of,
    covariate_of,
    reason,
)
from cutline.filters import Clause, Condition, filter_text, is_known, is_one_of
from cutline.marking import noted
from cutline.survival.convention import convention_of

Row = dict[str, Any]

UNIVARIABLE, MULTIVARIABLE = "univariable", "multivariable"
METHOD, STRATIFIED = noted("Cox regression, ties by {ties}'s method"), noted("{method}, stratified by {variables}")
COLLINEAR = noted("not estimable (the covariates determine each other: collinearity)")
NOT_CONVERGED = noted("not estimable (the fit did not converge)")
MONOTONE = noted("not estimable (monotone likelihood: the estimate grows without limit)")
NO_TERM = noted("not estimable (no covariate varies)")


@dataclass(frozen=True, eq=False)
class Model:
    """One model: the persons with all of its covariates and a known stratum, and how many lack one (`excluded`).

    `about` holds the results' columns endpoint and model, and the method of the fit.
    """

    about: Row
    times: pd.DataFrame
    covariates: Sequence[Covariate]
    strata: Mapping[str, pd.Series]
    excluded: int
    ties: str
    lost: tuple[int, ...] = ()
    """Persons left out at each of `variables`: it is unknown, and those before it are known."""

    @property
    def path(self) -> str:
        return f"{self.about['endpoint']}.cox.{self.about['model']}"

    @property
    def persons(self) -> int:
        return len(self.times)

    @property
    def events(self) -> int:
        return int(self.died.sum())

    @property
    def died(self) -> Flags:
        return self.times["event"].to_numpy(dtype=bool)

    @property
    def event_happened(self) -> Condition:
        return is_one_of(f"endpoints.{self.about['endpoint']}.event", True)

    @property
    def univariable(self) -> bool:
        return bool(self.about["model"] == UNIVARIABLE)

    @property
    def variables(self) -> list[str]:
        """Everything that must be known of a person: covariates, then strata."""
        return [*(covariate.variable for covariate in self.covariates), *self.strata]

    def who(self, variable: str = "", level: str = "") -> Clause:
        """The persons of the model, as conditions of the results' filter: all, or those in one of its levels."""
        return tuple(is_one_of(name, level) if level and name == variable else is_known(name)
                     for name in self.variables)  # fmt: skip

    def filter_of(self, variable: str, level: str) -> str:
        """The persons behind a term's estimate: all, and of a category those in its level."""
        return filter_text(self.who(), *([(is_one_of(variable, level),)] if level else []))

    # ── the fit ──

    @cached_property
    def design(self) -> dict[Term, Floats]:
        """The columns of the design."""
        return {term: column for each in self.covariates for term, column in columns_of(each, self.died).items()}

    @cached_property
    def matrix(self) -> Floats:
        return np.column_stack(list(self.design.values()))

    @cached_property
    def stratum(self) -> pd.Series | None:
        return strata_numbers(self.strata)

    @cached_property
    def not_fitted(self) -> str:
        """Why there is no fit at all; blank if there is one."""
        return first_note((not self.persons, NOBODY), (not self.events, NO_EVENTS), (not self.design, NO_TERM))

    @cached_property
    def fitted(self) -> Fit | None:
        """The partial likelihood's maximum; None for the reason in `not_fitted`."""
        if self.not_fitted:
            return None
        return fit(self.times["time_days"], self.died, self.matrix, self.ties, self.stratum)

    @cached_property
    def estimates(self) -> dict[Term, Estimate]:
        """Of every term but the reference levels its estimate, or why there is none.

        A level without events has its maximum at a hazard ratio of 0, a monotone likelihood at infinity: the other
        terms keep their maximum likelihood estimates.
        """
        found = dict(self._fitted_terms())
        return {
            term: Estimate(note=why) if (why := reason(each, term[1], self.died)) else found[term]
            for each in self.covariates
            for term in each.compared_terms
        }

    def _fitted_terms(self) -> Iterator[tuple[Term, Estimate]]:
        if self.fitted is None:
            return
        numbers = (
            self.fitted.coefficients,
            self.fitted.standard_errors,
            self.fitted.unidentified,
            self.fitted.diverged,
        )
        for term, coefficient, error, unidentified, diverged in zip(self.design, *numbers, strict=True):
            lost = not self.fitted.converged
            note = first_note((unidentified, COLLINEAR), (diverged, MONOTONE), (lost, NOT_CONVERGED))
            yield term, Estimate(note=note) if note else Estimate(float(coefficient), float(error))

    @cached_property
    def concordance(self) -> Concordance | None:
        if self.fitted is None:
            return None
        risks = self.fitted.predictor(self.matrix)
        return concordance(self.times["time_days"], self.died, risks, self.stratum)


def models_of(
    endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, alone: Sequence[str], settings: Mapping[str, Any]
) -> list[Model]:
    """The models of one endpoint on the persons of `times`: each variable of `alone`, then the study's together.

    An endpoint without a model in the study has the univariable ones only.
    """
    together = settings["models"].get(endpoint, [])
    known = {name: covariate_of(covariates, name, times.index, settings["variables"][name])
             for name in dict.fromkeys([*alone, *together])}  # fmt: skip
    strata = {name: levels_of(covariates, name, times.index, list(settings["variables"][name]["levels"]))
              for name in settings.get("model_strata", {}).get(endpoint, [])}  # fmt: skip
    ties = convention_of(settings["statistics"]).ties
    method = METHOD.format(ties=ties.capitalize())
    if strata:
        named = " and ".join(settings["variables"][name]["label"] for name in strata)
        method = STRATIFIED.format(method=method, variables=named)
    chosen = [(UNIVARIABLE, [name]) for name in alone] + ([(MULTIVARIABLE, together)] if together else [])
    return [
        _model(
            {"endpoint": endpoint, "model": model, "method": method},
            times,
            [known[name] for name in names],
            strata,
            ties,
        )
        for model, names in chosen
    ]


def _model(
    about: Row, times: pd.DataFrame, covariates: Sequence[Covariate], strata: Mapping[str, pd.Series], ties: str
) -> Model:
    """The model on the persons with all of its covariates and a known stratum."""
    everything = [*(covariate.values for covariate in covariates), *strata.values()]
    left = np.logical_and.accumulate([values.notna().to_numpy(dtype=bool) for values in everything])
    complete: Flags = left[-1]
    return Model(
        about=about,
        times=times[complete],
        covariates=[covariate.of(complete) for covariate in covariates],
        strata={name: values[complete] for name, values in strata.items()},
        excluded=int((~complete).sum()),
        ties=ties,
        lost=tuple((-np.diff([len(times), *left.sum(axis=1)])).tolist()),
    )
