"""What today's code derives from a snapshot: of everybody, and of a frozen cohort in mixed data versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.changes.records import Snapshot
from cutline.cohort import select_cohort
from cutline.covariates import derive_covariates
from cutline.criteria import INDEX_DATE
from cutline.endpoints.derive import derive_endpoints
from cutline.errors import CohortError, StudyError
from cutline.lines import derive_lines
from cutline.quality.check import check_records
from cutline.response import derive_response
from cutline.safety.derive import emergent_events
from cutline.tables.cohort import COHORT
from cutline.tables.spec import conform, unpacked

Settings = Mapping[str, Any]
Codelists = Mapping[str, Path]
Version = frozenset[str]
"""What of the new snapshot a data version has: some of `SWITCHES`."""
SEPARATOR = "|"
OF_THE_SCREENED = ("ledger", "eligibility")
"""Tables that also tell of those who are not included: only a whole cut has them."""


@dataclass(frozen=True)
class Derived:
    """The patient-level tables of some persons; what the study does not have is None."""

    covariates: pd.DataFrame
    cohort: pd.DataFrame
    endpoints: pd.DataFrame
    response: pd.DataFrame | None = None
    safety: pd.DataFrame | None = None
    deaths: pd.DataFrame | None = None
    ledger: pd.DataFrame | None = None
    eligibility: pd.DataFrame | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: table for name, table in named.items() if table is not None}

    def each(self, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Derived:
        return replace(self, **{name: change(table) for name, table in self.tables().items()})

    def of(self, persons: pd.Index) -> Derived:
        """The rows of these persons."""
        return self.each(lambda table: table[table["patient_id"].isin(persons)])

    @property
    def members(self) -> pd.Index:
        return pd.Index(self.cohort["patient_id"], dtype=object)


def together(parts: list[Derived]) -> Derived:
    """The rows of all parts under each other; each part has other persons, and all the same tables."""
    tables = [part.tables() for part in parts]
    shared = [name for name in tables[0] if name not in OF_THE_SCREENED]
    return Derived(**{name: _stacked([table[name] for table in tables]) for name in shared})


def _stacked(tables: list[pd.DataFrame]) -> pd.DataFrame:
    return pd.concat([table for table in tables if len(table)] or tables[:1], ignore_index=True)


# ── one snapshot ─────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class DataVersion:
    """A snapshot, as it was or mixed, and the data cut-off it is analysed at."""

    snapshot: Snapshot
    cutoff: str


def derive_cut(settings: Settings, version: DataVersion, codelists: Codelists) -> Derived:
    """Everything about everybody in a snapshot, as the rules would derive it today."""
    records = _selectable(settings, version.snapshot)
    covariates = unpacked(derive_covariates(settings=settings, **records, **_inputs(codelists))["covariates"])
    chosen = select_cohort(settings=settings, covariates=covariates, **records)
    records |= _responses(settings, records, chosen["cohort"], covariates)
    outcomes = _outcomes(settings, records, chosen["cohort"], codelists)
    endpoints = _endpoints(settings, records, chosen["cohort"], version.cutoff)
    screened = {name: chosen[name] for name in OF_THE_SCREENED}
    return Derived(covariates, chosen["cohort"], endpoints, **screened, **outcomes)


def _selectable(settings: Settings, snapshot: Snapshot) -> dict[str, pd.DataFrame]:
    """The tables that records are selected from: accepted ones, and derived ones that are used like them."""
    found = check_records(settings=settings, answered=(), **snapshot)
    records = {name: unpacked(found[name]) for name in settings["source"]["tables"]}
    lines = derive_lines(settings=settings, **records)["lines"] if "lines" in settings else None
    return records if lines is None else records | {"lines": lines}


def _inputs(codelists: Codelists) -> dict[str, Path]:
    return {f"codelist_{name}": path for name, path in codelists.items()}


def _endpoints(settings: Settings, records: Snapshot, cohort: pd.DataFrame, cutoff: str) -> pd.DataFrame:
    about = {**settings, "data_cutoff": cutoff}
    return derive_endpoints(settings=about, cohort=cohort, **records)["endpoints"]


def _responses(
    settings: Settings, records: Snapshot, cohort: pd.DataFrame, covariates: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The response of each assessment and at best, which endpoints are derived from; nothing in a study without."""
    if "response" not in settings:
        return {}
    made = derive_response(settings=settings, cohort=cohort, covariates=covariates, **records)
    return {name: made[name] for name in ("visits", "response")}


def _outcomes(
    settings: Settings, records: Snapshot, cohort: pd.DataFrame, codelists: Codelists
) -> dict[str, pd.DataFrame]:
    """What else the study has: response, adverse events, deaths."""
    found = {name: records[name] for name in ("response", "deaths") if name in records}
    if "safety" in settings:
        codelist = codelists[settings["safety"]["codelist"]]
        found["safety"] = emergent_events(settings=settings, cohort=cohort, codelist=codelist, **records)
    return found


# ── several versions of the same persons ─────────────────────────────────────────────────────


def derive_versions(
    settings: Settings, versions: Mapping[Version, DataVersion], codelists: Codelists, persons: pd.Index
) -> dict[Version, Derived | str]:
    """What each data version says of a cohort that is given and not selected, or why it says nothing.

    The index date of each person is the version's own. A version that cannot be derived (a person listed twice in it,
    an index date that it does not have) gives the reason instead.
    """
    if not versions:
        return {}
    try:
        return dict(_derived(settings, versions, codelists, persons))
    except StudyError as error:
        if len(versions) == 1:
            return dict.fromkeys(versions, str(error))
    alone = [derive_versions(settings, {name: version}, codelists, persons) for name, version in versions.items()]
    return {name: derived for part in alone for name, derived in part.items()}


def _derived(
    settings: Settings, versions: Mapping[Version, DataVersion], codelists: Codelists, persons: pd.Index
) -> dict[Version, Derived]:
    """All versions in one go, as if they were about different persons: each derivation is of one person at a time."""
    prefixes = {name: f"{place}{SEPARATOR}" for place, name in enumerate(versions)}
    records = _selectable(settings, _under_each_other(versions, prefixes, persons, settings["source"]["tables"]))
    covariates = unpacked(derive_covariates(settings=settings, **records, **_inputs(codelists))["covariates"])
    cohort = _frozen(covariates, pd.Index([prefix + person for prefix in prefixes.values() for person in persons]))
    records |= _responses(settings, records, cohort, covariates)
    outcomes = _outcomes(settings, records, cohort, codelists)
    found: dict[Version, Derived] = {}
    for cutoff in dict.fromkeys(version.cutoff for version in versions.values()):
        times = _endpoints(settings, records, cohort, cutoff)
        everyone = Derived(covariates, cohort, times, **outcomes)
        of_cutoff = (name for name, version in versions.items() if version.cutoff == cutoff)
        found |= {name: everyone.each(partial(_unmarked, prefix=prefixes[name])) for name in of_cutoff}
    return found


def _under_each_other(
    versions: Mapping[Version, DataVersion], prefixes: Mapping[Version, str], persons: pd.Index, tables: Iterable[str]
) -> dict[str, pd.DataFrame]:
    """The records of these persons in every version, with a prefix to ids of records and persons."""
    named = [(prefixes[name], version.snapshot) for name, version in versions.items()]
    return {table: _stacked([_marked(part[table], persons, prefix) for prefix, part in named]) for table in tables}


def _marked(records: pd.DataFrame, persons: pd.Index, prefix: str) -> pd.DataFrame:
    ours = records[records["patient_id"].isin(persons)]
    return ours.assign(patient_id=prefix + ours["patient_id"], record_id=prefix + ours["record_id"])


def _unmarked(table: pd.DataFrame, prefix: str) -> pd.DataFrame:
    ours = table[table["patient_id"].str.startswith(prefix)]
    return ours.assign(patient_id=ours["patient_id"].str.removeprefix(prefix))


def _frozen(covariates: pd.DataFrame, members: pd.Index) -> pd.DataFrame:
    """The given persons with their index dates. Raises CohortError if one has none."""
    dates = covariates[covariates["variable"] == INDEX_DATE].set_index("patient_id").reindex(members)
    missing = int(dates["value"].isna().sum())
    if missing:
        raise CohortError(f"{missing} person(s) of both cohorts have no index date in it")
    dates = dates.assign(index_date=pd.to_datetime(dates["value"], format="%Y-%m-%d"))
    return conform(dates.rename_axis("patient_id").reset_index(), COHORT)
