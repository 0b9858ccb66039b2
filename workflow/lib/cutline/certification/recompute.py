"""What Cutline's own functions, those behind every report, give for a frozen number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from cutline.certification.references import DataSet, Floats, Reference
from cutline.cox.concordance import concordance
from cutline.cox.partial_likelihood import Fit, fit
from cutline.cox.proportional_hazards import GLOBAL, score_test
from cutline.survival.intervals import quantile, quantile_limits, spss_quantile_limits, survival_limits
from cutline.survival.kaplan_meier import Curve, product_limit
from cutline.survival.rank_tests import rank_test
from cutline.survival.restricted_mean import restricted_mean

Options = Mapping[str, str]
Z = NormalDist().inv_cdf(0.975)
R_RULE = "midpoint"
R_GLOBAL = "GLOBAL"


class Recomputed:
    """Cutline's answers on some data sets; curves and models are computed once."""

    def __init__(self, data_sets: Mapping[str, DataSet]) -> None:
        self.data_sets = data_sets
        self.curve, self.model = cache(self._curve), cache(self._model)

    def value(self, reference: Reference) -> float:
        """Cutline's number for the reference; NaN where it has none. Raises KeyError for an unknown statistic."""
        found = STATISTICS[reference.statistic](self, reference)
        return np.nan if found is None else float(found)

    def _curve(self, name: str, members: str, reverse: bool = False) -> Curve:
        persons = self.data_sets[name].of(members)
        return product_limit(persons.times, persons.events != reverse)

    def _model(self, name: str, covariates: str, strata: str, ties: str) -> CoxModel:
        names = covariates.split("+")
        persons = self.data_sets[name].complete(*names, *([strata] if strata else []))
        columns = {covariate: persons.columns_of(covariate) for covariate in names}
        design = np.column_stack([column for of_one in columns.values() for column in of_one.values()])
        stratum = persons.records[strata].to_numpy() if strata else None
        terms = [term for of_one in columns.values() for term in of_one]
        places = iter(range(len(terms)))
        variables = {covariate: [next(places) for _ in of_one] for covariate, of_one in columns.items()}
        fitted = fit(persons.times, persons.events, design, ties, stratum)
        return CoxModel(persons, fitted, design, terms, variables, stratum)

    def model_of(self, reference: Reference) -> CoxModel:
        chosen = reference.chosen
        return self.model(reference.data_set, chosen["model"], chosen.get("strata", ""), chosen["ties"])


@dataclass(frozen=True, eq=False)
class CoxModel:
    """A fitted model with what was fitted."""

    persons: DataSet
    fitted: Fit
    design: Floats
    terms: list[str]
    variables: dict[str, list[int]]
    strata: NDArray[np.generic] | None

    @cache  # noqa: B019 - as many models as the references name
    def proportional_hazards(self, transform: str) -> dict[str, tuple[float, float]]:
        tests = score_test(self.fitted, self.persons.times, self.persons.events, self.variables, transform)
        return {name: (test.chi_square, test.p) for name, test in tests.items()}

    @cache  # noqa: B019
    def concordance(self) -> tuple[float, float]:
        risks = self.design @ self.fitted.coefficients
        found = concordance(self.persons.times, self.persons.events, risks, self.strata)
        return found.value, found.standard_error


# ── Kaplan-Meier ─────────────────────────────────────────────────────────────────────────────


def _quantile(side: int | None, reverse: bool = False) -> Callable[[Recomputed, Reference], float | None]:
    """A quantile of survival, or its lower (0) or upper (1) limit."""

    def found(ours: Recomputed, reference: Reference) -> float | None:
        curve = ours.curve(reference.data_set, reference.members, reverse)
        probability = float(reference.chosen.get("survival", 0.5))
        if side is None:
            return quantile(curve, probability, R_RULE)
        return quantile_limits(curve, probability, reference.chosen["interval"], Z, R_RULE)[side]

    return found


def _spss_error(ours: Recomputed, reference: Reference) -> float | None:
    curve = ours.curve(reference.data_set, reference.members)
    lower, upper = spss_quantile_limits(curve, float(reference.chosen["survival"]), 1.0)
    return None if lower is None or upper is None else (upper - lower) / 2


def _at(statistic: Callable[[Curve, int, Options], float]) -> Callable[[Recomputed, Reference], float | None]:
    """A statistic of the curve's entry at a time."""

    def found(ours: Recomputed, reference: Reference) -> float | None:
        curve = ours.curve(reference.data_set, reference.members)
        entry = curve.position(float(reference.chosen["time"]))
        return None if entry is None else statistic(curve, entry, reference.chosen)

    return found


def _limit(side: int) -> Callable[[Curve, int, Options], float]:
    return lambda curve, entry, chosen: float(survival_limits(curve, chosen["interval"], Z)[side][entry])


def _at_risk(ours: Recomputed, reference: Reference) -> float:
    return ours.curve(reference.data_set, reference.members).at_risk_at(float(reference.chosen["time"]))


def _mean(column: str) -> Callable[[Recomputed, Reference], float | None]:
    def found(ours: Recomputed, reference: Reference) -> float | None:
        curve = ours.curve(reference.data_set, reference.members)
        value: float = getattr(restricted_mean(curve, float(reference.chosen["horizon"])), column)
        return value

    return found


def _log_rank(column: str) -> Callable[[Recomputed, Reference], float | None]:
    """R's survdiff: rho 0 is the log-rank test, rho 1 that of Fleming and Harrington."""

    def found(ours: Recomputed, reference: Reference) -> float | None:
        data = ours.data_sets[reference.data_set]
        strata = reference.chosen.get("strata", "")
        persons = data.complete(data.group, *([strata] if strata else []))
        weights = {"0": "logrank", "1": "fleming_harrington"}[reference.chosen["rho"]]
        labels = persons.records[strata].to_numpy() if strata else None
        test = rank_test(persons.times, persons.events, persons.records[data.group].to_numpy(), weights, labels)
        value: float | None = getattr(test, column)
        return value

    return found


# ── Cox ──────────────────────────────────────────────────────────────────────────────────────


def _of_term(column: str) -> Callable[[Recomputed, Reference], float]:
    def found(ours: Recomputed, reference: Reference) -> float:
        model = ours.model_of(reference)
        values: Floats = getattr(model.fitted, column)
        return float(values[model.terms.index(reference.chosen["term"])])

    return found


def _of_model(statistic: Callable[[CoxModel], float]) -> Callable[[Recomputed, Reference], float]:
    return lambda ours, reference: statistic(ours.model_of(reference))


def _proportional(place: int) -> Callable[[Recomputed, Reference], float]:
    def found(ours: Recomputed, reference: Reference) -> float:
        tests = ours.model_of(reference).proportional_hazards(reference.chosen["transform"])
        term = reference.chosen["term"]
        return tests[GLOBAL if term == R_GLOBAL else term][place]

    return found


STATISTICS: Mapping[str, Callable[[Recomputed, Reference], float | None]] = {
    "quantile": _quantile(None),
    "quantile_lower": _quantile(0),
    "quantile_upper": _quantile(1),
    "quantile_se": _spss_error,
    "follow_up": _quantile(None, reverse=True),
    "follow_up_lower": _quantile(0, reverse=True),
    "follow_up_upper": _quantile(1, reverse=True),
    "survival": _at(lambda curve, entry, _: float(curve.survival[entry])),
    "standard_error": _at(lambda curve, entry, _: float(curve.survival[entry] * np.sqrt(curve.greenwood[entry]))),
    "survival_lower": _at(_limit(0)),
    "survival_upper": _at(_limit(1)),
    "at_risk": _at_risk,
    "restricted_mean": _mean("value"),
    "restricted_mean_se": _mean("standard_error"),
    "log_rank_chi_square": _log_rank("chi_square"),
    "log_rank_p": _log_rank("p"),
    "coefficient": _of_term("coefficients"),
    "coefficient_se": _of_term("standard_errors"),
    "log_likelihood_null": _of_model(lambda model: model.fitted.log_likelihood_null),
    "log_likelihood": _of_model(lambda model: model.fitted.log_likelihood),
    "likelihood_ratio_chi_square": _of_model(lambda model: model.fitted.likelihood_ratio),
    "score_chi_square": _of_model(lambda model: model.fitted.score_test),
    "wald_chi_square": _of_model(lambda model: model.fitted.wald(range(len(model.terms)))),
    "aic": _of_model(lambda model: model.fitted.aic),
    "concordance": _of_model(lambda model: model.concordance()[0]),
    "concordance_se": _of_model(lambda model: model.concordance()[1]),
    "proportional_hazards_chi_square": _proportional(0),
    "proportional_hazards_p": _proportional(1),
}
"""Statistic → how Cutline computes it."""
