"""Who is in: ordered criteria, tested once, give cohort, attrition and ledger.

A criterion asks one thing of each screened person and answers yes, no or unknown (three-valued); the study says
what unknown does. A person is counted at the first criterion she fails; the ledger keeps all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cutline.errors import CohortError, ConfigError
from cutline.records import Records, as_text, column_named, plain_text, screened_persons, table_named
from cutline.tables.cohort import ATTRITION, COHORT, LEDGER
from cutline.tables.queries import QUERIES
from cutline.tables.spec import conform, empty

INDEX_DATE = "index_date"
SEPARATOR = ";"
Criterion = Mapping[str, Any]


def select_cohort(*, settings: Mapping[str, Any], covariates: pd.DataFrame, **records: pd.DataFrame) -> dict[str, Any]:
    """The included persons, how many each criterion removed, and for each screened person which ones failed.

    `covariates` holds every variable of every screened person. Returns `cohort` (one row per included person),
    `attrition` (one row per criterion, in the study's order, zeros included) and `ledger` (one row per screened
    person), in the row order of their specs; screened = sum of excluded + included. Nobody eligible gives an empty
    cohort and the full attrition. Raises ConfigError for a criterion that names what does not exist or does not say
    what unknown does, RecordError for a person listed twice, CohortError for included persons without index date.
    """
    evidence = Evidence(settings, screened_persons(records), _by_variable(covariates), records)
    criteria = settings["criteria"]
    failed = pd.DataFrame({c["id"]: _fails(c, evidence) for c in criteria}, index=evidence.persons, dtype=bool)
    ledger = _ledger(failed, criteria, evidence)
    attrition = _attrition(criteria, ledger)
    cohort = _cohort(ledger.loc[ledger["included"], "patient_id"], evidence)
    assert len(ledger) == int(attrition["excluded"].sum()) + len(cohort), "a screened person is neither in nor out"
    return {"cohort": cohort, "ledger": ledger, "attrition": attrition, "queries": empty(QUERIES)}


def _by_variable(covariates: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(name): rows.set_index("patient_id") for name, rows in covariates.groupby("variable", sort=False)}


@dataclass(frozen=True)
class Evidence:
    """What criteria are tested on: the screened persons, their variables and their records."""

    settings: Mapping[str, Any]
    persons: pd.Index
    variables: Mapping[str, pd.DataFrame]
    records: Records

    def of(self, name: str) -> pd.DataFrame:
        """A variable's rows in the order of the persons. Raises ConfigError if there is no such variable."""
        if name not in self.variables and len(self.persons):
            raise ConfigError(f"criteria: unknown variable {name!r}; known: {', '.join(sorted(self.variables))}")
        empty = pd.DataFrame(columns=["value", "number", "source_table", "source_record_id"])
        return self.variables.get(name, empty).reindex(self.persons)

    def texts(self, name: str) -> pd.Series:
        """A variable as comparable text: its level id, or its number as 10 or 2.5; None where unknown."""
        rows = self.of(name)
        return as_text(rows["value"]).combine_first(as_text(rows["number"]))


def variables_of(criterion: Criterion) -> list[str]:
    """The variables that a criterion asks for."""
    named = [*criterion.get("exclude", {}), *criterion.get("require", {}), *criterion.get("require_known", [])]
    return named + ([criterion["require_in_window"]] if "require_in_window" in criterion else [])


# ── the tests ────────────────────────────────────────────────────────────────────────────────


def _excluded_levels(criterion: Criterion, evidence: Evidence) -> pd.Series:
    """Met unless a variable has one of the levels."""
    parts = [~_has_level(evidence, name, levels) for name, levels in criterion["exclude"].items()]
    return _all_met(parts, evidence.persons)


def _required_levels(criterion: Criterion, evidence: Evidence) -> pd.Series:
    """Met if every variable has one of its levels."""
    parts = [_has_level(evidence, name, levels) for name, levels in criterion["require"].items()]
    return _all_met(parts, evidence.persons)


def _has_level(evidence: Evidence, name: str, levels: list[str]) -> pd.Series:
    texts = evidence.texts(name)
    return texts.isin([plain_text(str(level)) for level in levels]).astype("boolean").mask(texts.isna())


def _known_variables(criterion: Criterion, evidence: Evidence) -> pd.Series:
    parts = [evidence.texts(name).notna().astype("boolean") for name in criterion["require_known"]]
    return _all_met(parts, evidence.persons)


def _known_columns(criterion: Criterion, evidence: Evidence) -> pd.Series:
    subjects = table_named(evidence.records, "subjects").set_index("patient_id").reindex(evidence.persons)
    columns = [column_named(subjects, name, "subjects") for name in criterion["require_known_columns"]]
    return _all_met([column.notna().astype("boolean") for column in columns], evidence.persons)


def _with_records(criterion: Criterion, evidence: Evidence) -> pd.Series:
    """Met if each table has at least one record of the person."""
    owners = [table_named(evidence.records, name)["patient_id"] for name in criterion["require_records"]]
    parts = [pd.Series(evidence.persons.isin(owner), evidence.persons, dtype="boolean") for owner in owners]
    return _all_met(parts, evidence.persons)


def _in_window(criterion: Criterion, evidence: Evidence) -> pd.Series:
    """Met if the date lies in the study window, both ends included; a date that is unknown does not."""
    if "window" not in evidence.settings:
        raise ConfigError(f"criteria.{criterion['id']}: tests the study window, but study.yaml has no window")
    dates = pd.to_datetime(evidence.of(criterion["require_in_window"])["value"], format="%Y-%m-%d")
    window = evidence.settings["window"]
    return dates.between(pd.Timestamp(window["start"]), pd.Timestamp(window["end"])).astype("boolean")


def _all_met(parts: list[pd.Series], persons: pd.Index) -> pd.Series:
    """Three-valued and: no if one is no, else unknown if one is unknown, else yes."""
    met = pd.Series(True, index=persons, dtype="boolean")
    for part in parts:
        met = met & part
    return met


TESTS: dict[str, Callable[[Criterion, Evidence], pd.Series]] = {
    "exclude": _excluded_levels,
    "require": _required_levels,
    "require_known": _known_variables,
    "require_known_columns": _known_columns,
    "require_records": _with_records,
    "require_in_window": _in_window,
}
"""What a criterion may ask; one that asks several things is met if all are."""


def _fails(criterion: Criterion, evidence: Evidence) -> pd.Series:
    """Whether each person fails; what is unknown fails or not, as the study says."""
    asked = [test for key, test in TESTS.items() if key in criterion]
    if not asked:
        raise ConfigError(f"criteria.{criterion['id']}: asks nothing; expected one of {', '.join(TESTS)}")
    if {"exclude", "require"} & set(criterion) and "unknown" not in criterion:
        raise ConfigError(f"criteria.{criterion['id']}.unknown: missing; say keep or exclude")
    met = _all_met([test(criterion, evidence) for test in asked], evidence.persons)
    return ~met.fillna(criterion.get("unknown") == "keep").astype(bool)


# ── what comes of it ─────────────────────────────────────────────────────────────────────────


def _ledger(failed: pd.DataFrame, criteria: list[Criterion], evidence: Evidence) -> pd.DataFrame:
    person, criterion = np.nonzero(failed.to_numpy())
    failures = pd.DataFrame({"patient_id": failed.index[person], "text": failed.columns[criterion].astype(object)})
    rows = pd.DataFrame(
        {"included": ~failed.any(axis="columns"),
         "first_failed": failures.drop_duplicates("patient_id").set_index("patient_id")["text"],
         "all_failed": _joined(failures),
         "source_records": _joined(_records_behind(failed, criteria, evidence))},
        index=failed.index,
    )  # fmt: skip
    return conform(rows.reset_index(), LEDGER)


def _records_behind(failed: pd.DataFrame, criteria: list[Criterion], evidence: Evidence) -> pd.DataFrame:
    """The records that failures rest on, in the order of the criteria: columns patient_id, text (table:record_id)."""
    parts = [pd.DataFrame({"patient_id": [], "text": []}, dtype=object)]
    for criterion in criteria:
        for name in variables_of(criterion):
            rows = evidence.of(name)[failed[criterion["id"]]]
            texts = (rows["source_table"] + ":" + rows["source_record_id"]).dropna()
            parts.append(texts.rename("text").rename_axis("patient_id").reset_index())
    return pd.concat(parts, ignore_index=True)


def _joined(texts: pd.DataFrame) -> pd.Series:
    """The distinct texts of each person in the order given, separated by semicolons; index patient_id."""
    distinct = texts.drop_duplicates(["patient_id", "text"])
    place = distinct.groupby("patient_id", sort=False).cumcount()
    joined = distinct[place == 0].set_index("patient_id")["text"]
    for position in range(1, int(place.max()) + 1 if len(place) else 0):
        more = distinct[place == position].set_index("patient_id")["text"]
        joined.loc[more.index] = joined.loc[more.index] + SEPARATOR + more
    return joined


def _attrition(criteria: list[Criterion], ledger: pd.DataFrame) -> pd.DataFrame:
    ids = [criterion["id"] for criterion in criteria]
    excluded = ledger["first_failed"].value_counts().reindex(ids, fill_value=0)
    labels = [criterion["label"] for criterion in criteria]
    rows = {"position": range(1, len(ids) + 1), "criterion": ids, "label": labels, "excluded": excluded.to_numpy(),
            "remaining": len(ledger) - excluded.cumsum().to_numpy()}  # fmt: skip
    return conform(pd.DataFrame(rows), ATTRITION)


def _cohort(included: pd.Series, evidence: Evidence) -> pd.DataFrame:
    if evidence.settings.get("time_only"):
        return conform(pd.DataFrame({"patient_id": included}).reindex(columns=COHORT.names), COHORT)
    rows = evidence.of(INDEX_DATE).loc[included]
    if rows["value"].isna().any():
        raise CohortError(
            f"{int(rows['value'].isna().sum())} included person(s) have no index date; add a criterion with "
            "require_known: [index_date], so that they are counted"
        )
    dates = pd.to_datetime(rows["value"], format="%Y-%m-%d")
    return conform(rows.assign(index_date=dates).rename_axis("patient_id").reset_index(), COHORT)
