"""Every variable of the study for every screened person, by the kind of derivation that it names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutline.covariates.facts import FACT_COLUMNS, Derivation, Facts
from cutline.covariates.from_dates import age, interval, within
from cutline.covariates.from_one_record import column, record_date, record_value
from cutline.covariates.from_several_records import count, exists, joined_values, of_values
from cutline.covariates.from_variables import cut, subtype
from cutline.covariates.receptors import receptor
from cutline.covariates.treatment import course_end, dose_intensity, under_way
from cutline.queries import queries, together
from cutline.receptors import RECEPTORS
from cutline.records import screened_persons
from cutline.tables.covariates import COVARIATES, INDEX_DATE, anchor_of
from cutline.tables.spec import conform

CODELIST_PREFIX = "codelist_"

DERIVATIONS: dict[str, Derivation] = {
    "record_date": record_date,
    "record_value": record_value,
    "column": column,
    "exists": exists,
    "count": count,
    "joined": joined_values,
    "under_way": under_way,
    "course_end": course_end,
    "dose_intensity": dose_intensity,
    "any_of": of_values(only=False),
    "only_of": of_values(only=True),
    "age": age,
    "interval": interval,
    "within": within,
    "cut": cut,
    "subtype": subtype,
    **dict.fromkeys(RECEPTORS, receptor),
}


def derive_covariates(*, settings: Mapping[str, Any], **inputs: pd.DataFrame | Path) -> dict[str, pd.DataFrame]:
    """Every variable of the study, and `index_date`, for every screened person.

    `inputs` are the accepted tables by name and the code lists as `codelist_<name>`. One row per person and variable,
    sorted by both; a category's level id or an ISO date is in `value`, a continuous variable in `number` in the
    variable's unit. What is unknown has neither, and `reason` says why. Raises ConfigError for an unknown variable,
    kind of derivation, table or column, RecordError for a person listed twice.
    """
    records = {name: table for name, table in inputs.items() if isinstance(table, pd.DataFrame)}
    codelists = {name.removeprefix(CODELIST_PREFIX): path for name, path in inputs.items() if isinstance(path, Path)}
    facts = Facts(settings, records, codelists, screened_persons(records), DERIVATIONS)
    names = sorted({*settings["variables"], *([INDEX_DATE] if "index_date" in settings else [])})
    covariates = conform(_person_by_person(facts, names), COVARIATES)
    return {"covariates": covariates, "queries": together([*facts.asked, *_contradictory_facts(facts)])}


def _contradictory_facts(facts: Facts) -> list[pd.DataFrame]:
    """The questions of the study about persons all of whose named variables have one of the levels given."""
    found = []
    for asked in facts.settings.get("queries", []):
        holds = pd.Series(True, index=facts.persons)
        for name, levels in asked["where"].items():
            holds &= facts.of(name)["value"].isin(levels)
        rows = facts.of(asked["about"]).loc[holds]
        found.append(queries(asked["kind"], rows, about=asked["about"], question=asked["question"]))
    return found


def _person_by_person(facts: Facts, names: list[str]) -> pd.DataFrame:
    """One row per person and variable, in that order: every variable has the same persons in the same order."""
    width, persons = len(names), len(facts.persons)
    found = [facts.of(name) for name in names]
    return pd.DataFrame(
        {"patient_id": facts.persons.repeat(width), "variable": names * persons,
         "anchor": [anchor_of(facts.settings["variables"], name) for name in names] * persons}
        | {part: np.stack([fact[part].to_numpy() for fact in found], axis=1).ravel() for part in FACT_COLUMNS}
    )  # fmt: skip
