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
from cutline.records import Array, of_places, places_of, screened_persons
from cutline.tables.covariates import COVARIATES, INDEX_DATE, anchor_of
from cutline.tables.spec import conform, is_text

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
    pseudonyms = screened_persons(records)
    persons = pd.RangeIndex(len(pseudonyms), name="patient_id")
    records = {name: _prepared(table, pseudonyms, _columns_asked(settings)) for name, table in records.items()}
    facts = Facts(settings, records, codelists, pseudonyms, persons, DERIVATIONS)
    names = sorted({*settings["variables"], *([INDEX_DATE] if "index_date" in settings else [])})
    covariates = conform(_person_by_person(facts, names), COVARIATES)
    return {"covariates": covariates, "queries": together([*facts.asked, *_contradictory_facts(facts)])}


def _columns_asked(settings: Mapping[str, Any]) -> set[str]:
    """The columns whose texts say which records count."""
    asked = [settings.get("index_date", {}), *settings["variables"].values()]
    selects = [variable["select"] for variable in asked if "select" in variable]
    return {column for select in selects for key in ("where", "prefer") for column in select.get(key, {})}


def _prepared(table: pd.DataFrame, pseudonyms: pd.Index, asked: set[str]) -> pd.DataFrame:
    """The records of the persons, with their places for patient_id; the texts of the columns asked as categories."""
    found, distinct = places_of(table["patient_id"])
    places = np.append(pseudonyms.get_indexer(distinct), -1)[found]
    columns = {name: values.astype("category") if name in asked and is_text(values) else values
               for name, values in table.items()}  # fmt: skip
    prepared = pd.DataFrame(columns | {"patient_id": places}, copy=False)
    return prepared if (places >= 0).all() else prepared[places >= 0]


def _contradictory_facts(facts: Facts) -> list[pd.DataFrame]:
    """The questions of the study about persons all of whose named variables have one of the levels given."""
    found = []
    for asked in facts.settings.get("queries", []):
        holds = pd.Series(True, index=facts.persons)
        for name, levels in asked["where"].items():
            holds &= facts.of(name)["value"].isin(levels)
        rows = facts.named(facts.of(asked["about"]).loc[holds])
        found.append(queries(asked["kind"], rows, about=asked["about"], question=asked["question"]))
    return found


def _person_by_person(facts: Facts, names: list[str]) -> pd.DataFrame:
    """One row per person and variable, in that order: every variable has the same persons in the same order."""
    width, persons = len(names), len(facts.persons)
    found = [facts.of(name) for name in names]
    anchors = [anchor_of(facts.settings["variables"], name) for name in names]
    return pd.DataFrame(
        {"patient_id": of_places(np.repeat(facts.persons, width), facts.pseudonyms),
         "variable": pd.Categorical(names).take(np.tile(np.arange(width), persons)),
         "anchor": pd.Categorical(anchors).take(np.tile(np.arange(width), persons))}
        | {part: _interleaved([fact[part] for fact in found]) for part in FACT_COLUMNS}
    )  # fmt: skip


def _interleaved(columns: list[pd.Series]) -> Array | pd.Categorical:
    """The first values of all columns, then the second ones, and so on; text of which there is little as categories."""
    if columns[0].name not in ("value", "reason", "source_table"):
        return np.stack([column.to_numpy() for column in columns], axis=1).ravel()
    parts = [places_of(column) for column in columns]
    texts = pd.Index(list(dict.fromkeys(text for _, distinct in parts for text in distinct)), dtype=object)
    codes = [np.append(texts.get_indexer(distinct), -1)[places] for places, distinct in parts]
    return of_places(np.stack(codes, axis=1).ravel(), texts)
