"""The main results beside themselves: under other censoring conventions, other anchors of progression, other criteria.

Each variant is a row set of its own, named in column `variant` and at the head of the key. The estimators are those of
the main analysis.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.analysis_set import is_restricted, times_of
from cutline.ard import of_variant, result, results_table
from cutline.cox import model_rows
from cutline.cox.imputed import imputed_rows
from cutline.endpoints.conventions import ANCHOR
from cutline.filters import filter_text, from_later_start, is_one_of
from cutline.marking import noted
from cutline.survival.curve_rows import COUNTED
from cutline.survival.estimate import overall_rows
from cutline.survival.times import QUARTILES
from cutline.variant_names import landmark_variant

Row = dict[str, Any]
Settings = Mapping[str, Any]
FROM_LANDMARK = "times from the landmark at {months} months, of those at risk then"
NO_INTERVAL = "not estimable (no time between two scans)"
NEVER_STATED = noted("not estimable (this source states no progression, so deaths alone would be the events)")


def estimate_sensitivity(
    *, settings: Settings, cohort: pd.DataFrame, what_if: pd.DataFrame, covariates: pd.DataFrame,
    endpoints: pd.DataFrame, what_if_endpoints: pd.DataFrame, scan_intervals: pd.DataFrame,
) -> dict[str, pd.DataFrame]:  # fmt: skip
    """Persons, events, median, landmarks and hazard ratios of every variant, and how regular the scans were.

    Of each endpoint with `sensitivity` one variant per rule set and anchor that it names, on the cohort; of each
    endpoint of everybody one per `what_if` cohort, by the main rules. Of each modelled endpoint one per landmark of
    `sensitivity`, from there on, and one with missing covariates imputed. Hazard ratios are those of the main
    comparison alone and of the study's multivariable model. Returns `ard`, by endpoint in the study's order. What
    cannot be estimated is a row whose note says why.
    """
    rows: list[Row] = []
    asked = settings.get("sensitivity", {})
    for name, definition in settings["endpoints"].items():
        if "rule_set" in definition:
            rows += _scan_rows(name, scan_intervals[scan_intervals["endpoint"] == name], len(cohort))
        for variant in definition.get("sensitivity", []):
            found = _variant_rows(variant, name, times_of(endpoints, name, variant), covariates, settings)
            rows += found if _is_stated(endpoints, name, variant) else map(_never_stated, found)
    for name in settings["models"]:
        for months in asked.get("landmarks_months", []):
            rows += _landmark_rows(months, name, times_of(endpoints, name), covariates, settings)
        if "imputation" in asked:
            rows += imputed_rows(name, times_of(endpoints, name), covariates, settings)
    everyone = pd.concat([part for part in (endpoints, what_if_endpoints) if len(part)] or [endpoints])
    for variant in settings.get("what_if", []):
        persons = what_if.loc[what_if["variant"] == variant["id"], "patient_id"]
        rows += _what_if_rows(variant["id"], everyone[everyone["patient_id"].isin(persons)], covariates, settings)
    return {"ard": results_table(rows, "estimate_sensitivity")}


def _is_stated(endpoints: pd.DataFrame, endpoint: str, variant: str) -> bool:
    """Whether a variant by an anchor of progression has any progression that the anchor states; any other has."""
    rows = endpoints[(endpoints["endpoint"] == endpoint) & (endpoints["rule_set"] == variant)]
    return not variant.startswith(ANCHOR) or bool(rows["anchor"].notna().any())


def _never_stated(row: Row) -> Row:
    """The row of a variant without progressions: its counts stay, nothing is estimated from them."""
    return row if row["statistic"] in COUNTED else row | {"value": None, "note": NEVER_STATED}


def _what_if_rows(variant: str, endpoints: pd.DataFrame, covariates: pd.DataFrame, settings: Settings) -> list[Row]:
    names = [name for name, definition in settings["endpoints"].items() if not is_restricted(definition)]
    return [
        row for name in names for row in _variant_rows(variant, name, times_of(endpoints, name), covariates, settings)
    ]  # fmt: skip


def _variant_rows(
    variant: str, endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, settings: Settings
) -> list[Row]:
    """The rows of one variant and endpoint, named after it."""
    main = settings.get("comparisons", {}).get("main")
    rows = overall_rows(endpoint, times, settings)
    if main or endpoint in settings["models"]:
        rows += model_rows(endpoint, times, covariates, [main] if main else [], settings)
    return of_variant(rows, variant)


def _landmark_rows(
    months: int, endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame, settings: Settings
) -> list[Row]:
    """The analysis from a landmark on, of those who are still at risk then: whoever got there cannot have died before.

    Source: Anderson, Cain and Gelber, J Clin Oncol 1983;1:710-9.
    """
    days = math.ceil(months * settings["statistics"]["days_per_month"])
    reached = times[times["time_days"] >= days]
    rows = _variant_rows(
        landmark_variant(months), endpoint, reached.assign(time_days=reached["time_days"] - days), covariates, settings
    )
    field, since = f"endpoints.{endpoint}.time_days", FROM_LANDMARK.format(months=months)
    return [
        row | {"filter": from_later_start(row["filter"], field, days), "method": _joined(row["method"], since)}
        for row in rows
    ]


def _joined(method: str, words: str) -> str:
    return f"{method}; {words}" if method else words


# ── scans ────────────────────────────────────────────────────────────────────────────────────


def _scan_rows(endpoint: str, intervals: pd.DataFrame, persons: int) -> Iterator[Row]:
    """How long the times between scans were, and who had a gap of more scans than may be missed."""
    days = intervals.loc[intervals["ends_with"] == "scan", "days"].to_numpy("float64")
    about: Row = {"analysis": "scans", "endpoint": endpoint}
    yield result(f"{endpoint}.scans.intervals", float(len(days)), unit="intervals", **about)
    for name, position in (("median", 0.5), ("q1", 0.25), ("q3", 0.75), ("max", 1.0)):
        value = float(np.quantile(days, position, method="weibull")) if len(days) else None
        yield result(f"{endpoint}.scans.{name}", value, unit="days", method="" if position == 1 else QUARTILES,
                     note="" if len(days) else NO_INTERVAL, **about)  # fmt: skip
    gap = (is_one_of("scan_intervals.endpoint", endpoint), is_one_of("scan_intervals.beyond_limit", True))
    count = int(intervals.loc[intervals["beyond_limit"], "patient_id"].nunique())
    counted = about | {"n": persons, "n_contributing": count, "filter": filter_text((), gap)}
    yield result(f"{endpoint}.scans.gaps", float(count), unit="persons", **counted)
    yield result(f"{endpoint}.scans.gaps_percent", 100 * count / persons if persons else None, unit="percent",
                 note="" if persons else "nobody is included", **counted)  # fmt: skip
