"""Tests and measures of a whole Cox model, and of all levels of a category together, as results."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from scipy.special import chdtrc

from cutline.ard import result
from cutline.cox.models import COLLINEAR, Model
from cutline.cox.terms import Covariate
from cutline.filters import filter_text
from cutline.marking import noted

Row = dict[str, Any]
ANALYSIS = "cox_model"
NO_PAIR = noted("not estimable (no two persons can be compared)")
LEVEL_LOST = noted("not estimable (a level has no estimate)")
TERM_LOST = noted("not estimable (a term has no estimate)")


def overall_rows(model: Model, covariate: Covariate) -> Iterator[Row]:
    """Wald's test of all levels of a category with more than two together."""
    if len(covariate.levels) <= 2:
        return
    notes = [model.estimates[term].note for term in covariate.compared_terms]
    note = model.not_fitted or (LEVEL_LOST if any(notes) else "")
    columns = [place for place, (variable, _) in enumerate(model.design) if variable == covariate.variable]
    path = f"{model.path}.{covariate.variable}.overall"
    about = _about(model, "Wald test of all levels together") | {"variable": covariate.variable}
    wald = model.fitted.wald(columns) if model.fitted and not note else math.nan
    yield from chi_square_rows(path, wald, len(columns), note, about)


def model_test_rows(model: Model) -> Iterator[Row]:
    """Likelihood ratio, Wald and score test, concordance and its standard error, AIC and log-likelihood."""
    path = f"{model.path}.{model.covariates[0].variable}" if model.univariable else model.path
    about = _about(model, "") | ({"variable": model.covariates[0].variable} if model.univariable else {})
    yield from _tests(model, path, about)
    yield from _agreement(model, path, about)
    fitted = model.fitted
    likelihood = fitted.log_likelihood if fitted else None
    aic = fitted.aic if fitted else None
    named = about | {"note": model.not_fitted}
    yield result(f"{path}.aic", aic, **named | _method(model, "Akaike's information criterion"))
    yield result(f"{path}.log_likelihood", likelihood, **named | _method(model, "log partial likelihood"))


def _tests(model: Model, path: str, about: Row) -> Iterator[Row]:
    fitted = model.fitted
    nothing = model.not_fitted or (COLLINEAR if fitted and not fitted.degrees_of_freedom else "")
    lost = TERM_LOST if fitted and (fitted.diverged | fitted.unidentified).any() else ""
    ratio = fitted.likelihood_ratio if fitted else math.nan
    wald = fitted.wald(range(len(model.design))) if fitted and not lost else math.nan
    for name, words, chi_square, note in (
        ("likelihood_ratio", "likelihood ratio test of the model", ratio, ""),
        ("wald", "Wald test of the model", wald, lost),
        ("score", "score test of the model", fitted.score_test if fitted else math.nan, ""),
    ):
        degrees = fitted.degrees_of_freedom if fitted else 0
        named = about | _method(model, words)
        yield from chi_square_rows(f"{path}.{name}", chi_square, degrees, nothing or note, named)


def _agreement(model: Model, path: str, about: Row) -> Iterator[Row]:
    """Concordance and its standard error."""
    found = model.concordance
    note = model.not_fitted or ("" if found and math.isfinite(found.value) else NO_PAIR)
    numbers = (found.value, found.standard_error) if found and not note else (None, None)
    named = about | _method(model, "concordance (Harrell), standard error by the infinitesimal jackknife")
    for name, number in zip(("concordance", "concordance_se"), numbers, strict=True):
        yield result(f"{path}.{name}", number, unit="probability", note=note, **named)


def chi_square_rows(path: str, chi_square: float, degrees: int, note: str, about: Row) -> Iterator[Row]:
    """Chi-square, degrees of freedom and p of a test; none of them where there is a note."""
    p = float(chdtrc(degrees, chi_square)) if not note else None
    values = (("chi_square", chi_square, ""), ("df", float(degrees), ""), ("p", p, "probability"))
    for name, value, unit in values:
        yield result(f"{path}.{name}", None if note else value, unit=unit, note=note, **about)


def _about(model: Model, words: str) -> Row:
    counted = {"n": model.persons, "n_contributing": model.persons, "filter": filter_text(model.who())}
    return model.about | counted | {"analysis": ANALYSIS} | _method(model, words)


def _method(model: Model, words: str) -> Row:
    return {"method": f"{model.about['method']}, {words}"}
