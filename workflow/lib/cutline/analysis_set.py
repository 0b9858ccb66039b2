"""The persons a time-to-event analysis is about: their times, and what is known of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.filters import Clause, is_known
from cutline.tables.endpoints import MAIN


def times_of(endpoints: pd.DataFrame, endpoint: str, rule_set: str = MAIN) -> pd.DataFrame:
    """The persons of one endpoint: index patient_id (sorted), columns time_days (int) and event (bool)."""
    rows = endpoints[(endpoints["endpoint"] == endpoint) & (endpoints["rule_set"] == rule_set)]
    columns = {"time_days": rows["time_days"].astype("int64"), "event": rows["event"].astype(bool)}
    return pd.DataFrame(columns).set_index(pd.Index(rows["patient_id"], name="patient_id")).sort_index()


def is_restricted(definition: Mapping[str, Any]) -> bool:
    """Whether an endpoint is of some of the included only: of a population, or from a start that not all have."""
    return "population" in definition or definition.get("start", "index_date") != "index_date"


def members(endpoint: str, definition: Mapping[str, Any]) -> Clause:
    """Who of the included persons an endpoint is of, as a condition of the results' filter: blank if all."""
    return (is_known(f"endpoints.{endpoint}.time_days"),) if is_restricted(definition) else ()


def levels_of(covariates: pd.DataFrame, variable: str, persons: pd.Index, levels: list[str]) -> pd.Series:
    """The level id of each person, in the order of `persons`; missing where it is unknown.

    Raises AssertionError for a level that the study does not list: it would be counted nowhere.
    """
    values = _by_person(covariates, variable, "value").reindex(persons)
    assert set(values.dropna()) <= set(levels), f"{variable} has a level that is not among its levels"
    return values


def numbers_of(covariates: pd.DataFrame, variable: str, persons: pd.Index) -> pd.Series:
    """The number of each person, in the order of `persons`; NaN where it is unknown."""
    return _by_person(covariates, variable, "number").reindex(persons).astype("float64")


def strata_numbers(strata: Mapping[str, pd.Series]) -> pd.Series | None:
    """A number per stratum, which is a combination of the variables' levels that occurs; None without strata."""
    return pd.DataFrame(dict(strata)).groupby(list(strata), sort=True).ngroup() if strata else None


def _by_person(covariates: pd.DataFrame, variable: str, column: str) -> pd.Series:
    rows = covariates[covariates["variable"] == variable]
    return rows.set_index("patient_id")[column]
