"""The rule `attribute_changes`: what changed between two cuts of a study, and why."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.changes.attribution import (
    CAUSES,
    Cohorts,
    Results,
    Value,
    attribute,
    headline_results,
    state_results,
    value_in,
)
from cutline.changes.flow import count_flow
from cutline.changes.persons import trace_persons
from cutline.changes.records import (
    COMPLETED,
    CORRECTED,
    DELETED,
    FOLLOW_UP,
    Record,
    Snapshot,
    TableChange,
    compare_snapshots,
    data_version,
    record_changes,
    summarise_records,
)
from cutline.changes.versions import Codelists, DataVersion, Derived, Settings, Version, derive_cut, derive_versions
from cutline.errors import ConfigError, ProvenanceError
from cutline.quality.corrections import corrected
from cutline.tables.corrections import CONFIRMED, CORRECTIONS
from cutline.tables.layout import layouts
from cutline.tables.spec import unpacked

NOTHING: Version = frozenset()
OLD, NEW, CODELIST = "old_", "new_", "codelist_"
PRINTED = ("ledger", "eligibility", "cohort", "covariates", "endpoints", "response", "safety")
"""Tables of the old cut that say what was printed; those that are not given are as today's code makes them."""
TOLERANCE = 1e-9
"""How far two computations of one result may differ, relative to it: machines differ in the last bits."""
Tables = pd.DataFrame | list[pd.DataFrame]


def attribute_changes(
    *, settings: Settings, old_manifest: Path, new_manifest: Path, old_ard: Tables, new_ard: Tables, **inputs: Any
) -> dict[str, pd.DataFrame]:
    """Record changes, flow, attribution and changed persons between an old and a new cut of one study.

    `inputs` are the snapshot tables of either cut (`old_<table>`, `new_<table>`, text with pseudonyms), the corrections
    laid over them (`old_corrections`, `new_corrections`, where there are any), the code lists
    (`codelist_<name>`) and, as far as they are to be compared, the old cut's `PRINTED` tables (`old_<name>`). The ARD
    of either cut is a table or its parts. Today's code and settings derive everything from the snapshots, at the
    cut-offs their manifests name. Returns `records`, `flow`, `attribution` and `persons`: see `cutline.tables.changes`.
    Raises ConfigError for cuts that are not an earlier and a later one of the same persons, ProvenanceError if the new
    cut's results are not what today's code makes of it.
    """
    old, new = (_Cut.of(manifest) for manifest in (old_manifest, new_manifest))
    _require_order(old, new)
    inputs = _with_corrections(settings, inputs, {OLD: old, NEW: new})
    changes = _compared(settings, inputs, old)
    records = record_changes(changes, old.known_by, _answered(inputs))
    codelists = {name.removeprefix(CODELIST): path for name, path in inputs.items() if name.startswith(CODELIST)}
    versions = _versions(changes, _switches(records, old, new), old, new)
    first, *_, last = [*versions.values()] * 2
    today, after = (derive_cut(settings, version, codelists) for version in (first, last))
    states = state_results(settings, _cohorts(settings, versions, codelists, today, after))
    _require_agreement(states[frozenset(CAUSES)], headline_results(_whole(new_ard), settings))
    printed = replace(today, **{name: unpacked(inputs[OLD + name]) for name in PRINTED if OLD + name in inputs})
    return {
        "records": summarise_records(records),
        "flow": count_flow(settings, printed, after),
        "attribution": attribute(headline_results(_whole(old_ard), settings), states),
        "persons": trace_persons(settings, printed, today, after, records),
    }


@dataclass(frozen=True)
class _Cut:
    """When a cut was cut off, and what was known by when."""

    data_cutoff: str
    known_by: str

    @classmethod
    def of(cls, manifest: Path) -> _Cut:
        written = json.loads(manifest.read_text(encoding="utf-8"))
        return cls(written["data_cutoff"], written["known_by"])


def _whole(ard: Tables) -> pd.DataFrame:
    return ard if isinstance(ard, pd.DataFrame) else pd.concat(ard, ignore_index=True)


def _with_corrections(settings: Settings, inputs: Mapping[str, Any], cuts: Mapping[str, _Cut]) -> dict[str, Any]:
    """The inputs with the corrections of either cut laid over its snapshot, as its records were checked."""
    specs = {name: layout.table for name, layout in layouts(settings["source"]).items()}
    layered = dict(inputs)
    for which, cut in cuts.items():
        corrections = inputs.get(which + CORRECTIONS.name)
        if corrections is not None:
            snapshot = {name: inputs[which + name] for name in specs if which + name in inputs}
            layer = corrected(snapshot, corrections, specs, cut.data_cutoff)
            layered |= {which + name: table for name, table in layer.items()}
    return layered


def _answered(inputs: Mapping[str, Any]) -> frozenset[Record]:
    """The records that an answer corrected in one cut and not in the other, or otherwise."""
    said = [_answers(inputs.get(which + CORRECTIONS.name)) for which in (OLD, NEW)]
    return frozenset((answer[0], answer[1]) for answer in said[0] ^ said[1])


def _answers(corrections: pd.DataFrame | None) -> set[tuple[str, ...]]:
    if corrections is None:
        return set()
    changing = corrections[corrections["action"] != CONFIRMED]
    return set(
        changing[["table", "record_id", "column", "action", "new_value"]].fillna("").itertuples(index=False, name=None)
    )


def _compared(settings: Settings, inputs: Mapping[str, Any], old: _Cut) -> dict[str, TableChange]:
    plans = layouts(settings["source"])
    before, after = ({name: inputs[which + name] for name in plans if which + name in inputs} for which in (OLD, NEW))
    _require_common_persons(before, after)
    return compare_snapshots(before, after, plans, old.data_cutoff)


# ── the persons of both cohorts, in every data version ───────────────────────────────────────


def _switches(records: pd.DataFrame, old: _Cut, new: _Cut) -> Version:
    """The switches that make a difference: without such a change two data versions are one."""
    found = {CORRECTED if kind in (COMPLETED, DELETED) else kind for kind in records["kind"]}
    return frozenset(found) | ({FOLLOW_UP} if old.data_cutoff != new.data_cutoff else NOTHING)


def _versions(
    changes: Mapping[str, TableChange], switches: Version, old: _Cut, new: _Cut
) -> dict[Version, DataVersion]:
    """The data versions that differ, from the old snapshot to the new one."""
    cutoffs = {False: old.data_cutoff, True: new.data_cutoff}
    subsets = [frozenset(some) for size in range(len(switches) + 1) for some in combinations(sorted(switches), size)]
    return {on: DataVersion(data_version(changes, on), cutoffs[FOLLOW_UP in on]) for on in subsets}


def _cohorts(
    settings: Settings, versions: Mapping[Version, DataVersion], codelists: Codelists, today: Derived, after: Derived
) -> Cohorts:
    persons = today.members.intersection(after.members)
    first, *between, last = versions if len(versions) > 1 else [*versions] * 2
    mixed = derive_versions(settings, {on: versions[on] for on in between}, codelists, persons)
    leavers, entrants = today.members.difference(persons), after.members.difference(persons)
    both = {first: today.of(persons), **mixed, last: after.of(persons)}
    return Cohorts(both, today.of(leavers), after.of(entrants))


# ── what must hold ───────────────────────────────────────────────────────────────────────────


def _require_order(old: _Cut, new: _Cut) -> None:
    """Both cut-offs may be equal: then two versions of the code, or of what was known, are compared."""
    if old.data_cutoff > new.data_cutoff or old.known_by > new.known_by:
        raise ConfigError(
            f"the cut {old.data_cutoff} (known by {old.known_by}) cannot be compared as the earlier one with "
            f"{new.data_cutoff} (known by {new.known_by}): expected both dates of the first to be the earlier; "
            "name the cuts the other way round"
        )


def _require_common_persons(old: Snapshot, new: Snapshot) -> None:
    before, after = (_persons(snapshot) for snapshot in (old, new))
    if before and after and not before & after:
        raise ConfigError(
            f"the two snapshots hold {len(before)} and {len(after)} persons and have none in common: "
            "expected two cuts of one study whose pseudonyms were made with one key"
        )


def _persons(snapshot: Snapshot) -> set[str]:
    return set().union(*(table["patient_id"].dropna() for table in snapshot.values()))


def _require_agreement(today: Results | str, printed: Results) -> None:
    """The attribution ends at the new cut's results, so today's code must give them."""
    assert not isinstance(today, str)
    off = [key for key in {**today, **printed} if not _agree(*(value_in(side, key) for side in (today, printed)))]
    if off:
        raise ProvenanceError(
            f"{len(off)} result(s) of the new cut are not what today's code and settings make of its snapshot, "
            f"{off[0]} among them: run the new cut again before comparing"
        )


def _agree(one: Value, other: Value) -> bool:
    if one.number is None or other.number is None:
        return one.number is other.number
    return math.isclose(one.number, other.number, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
