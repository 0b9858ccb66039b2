"""Where each column of a record table lives in the source: the study's mapping over the specs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cutline.errors import ConfigError
from cutline.slugs import slug
from cutline.tables import (
    adverse_events,
    diagnoses,
    follow_up,
    imaging,
    observations,
    pathology,
    patients,
    subjects,
    treatments,
)
from cutline.tables.spec import Column, Table

MODULES = (patients, subjects, diagnoses, pathology, observations, treatments, imaging, adverse_events, follow_up)

RECORD_TABLES: dict[str, Table] = {table.name: table for module in MODULES for table in module.TABLES}


IDENTIFIERS = frozenset((
    "name", "first_name", "last_name", "full_name", "surname", "patient_name", "ad", "soyad", "adi", "soyadi",
    "ad_soyad", "isim", "hasta_adi", "national_id", "tc", "tckn", "tc_kimlik", "tc_kimlik_no", "social_security_number",
    "ssn", "nhs_number", "mrn", "medical_record_number", "protokol_no", "dosya_no", "phone", "phone_number", "mobile",
    "tel", "telefon", "email", "e_mail", "e_posta", "address", "street", "adres",
))  # fmt: skip
"""Names of columns that identify a person directly, as slugs. A patient number may only become the pseudonym."""


@dataclass(frozen=True)
class Layout:
    """A record table as the source holds it: our names to the source's; `named` are those the study gave."""

    table: Table
    columns: Mapping[str, str]
    named: frozenset[str] = frozenset()
    row_number_is_id: bool = False


def layouts(source: Mapping[str, Any]) -> dict[str, Layout]:
    """The layout of every table the study lists. Raises ConfigError for a table or column that no spec knows."""
    unknown = sorted(set(source["tables"]) - set(RECORD_TABLES))
    if unknown:
        raise ConfigError(f"source.tables: unknown table(s) {', '.join(unknown)}; known: {', '.join(RECORD_TABLES)}")
    return {name: _layout(name, given) for name, given in source["tables"].items()}


def _layout(name: str, given: Mapping[str, Any]) -> Layout:
    table = declared_table(name, given)
    mapping = {column: spec["from"] for column, spec in given.get("columns", {}).items()}
    content = {column: origin for column, origin in mapping.items() if column not in ("record_id", "patient_id")}
    forbidden = sorted(origin for origin in content.values() if slug(origin) in IDENTIFIERS)
    if forbidden:
        raise ConfigError(f"source.tables.{name}: direct identifiers may not leave the source: {', '.join(forbidden)}")
    numbered = given.get("id") == "row number"
    if "id" in given and not numbered:
        mapping |= {"record_id": given["id"], "patient_id": given["id"]}
    columns = {column: mapping.get(column, column) for column in table.names}
    return Layout(table, columns, frozenset(mapping), numbered)


def declared_table(name: str, given: Mapping[str, Any]) -> Table:
    """The spec of a table with the columns that the study adds (`subjects` only) or a ConfigError."""
    base = RECORD_TABLES[name]
    added = {column: spec for column, spec in given.get("columns", {}).items() if column not in base.names}
    if added and name != "subjects":
        raise ConfigError(
            f"source.tables.{name}: unknown column(s) {', '.join(sorted(added))}; known: {', '.join(base.names)}"
        )
    columns = tuple(_column(column, spec) for column, spec in added.items())
    # A date in a row per person became known on that day: before, the cell was still empty.
    lasting = tuple(column for column, spec in added.items() if spec.get("lasting"))
    dates: dict[str, tuple[str, ...]] = {
        column.name: () for column in columns if column.kind == "date" and column.name not in lasting
    }
    return replace(base, columns=base.columns + columns, later={**base.later, **dates}, lasting=lasting)


def _column(name: str, spec: Mapping[str, Any]) -> Column:
    return Column(
        name,
        spec.get("kind", "text"),
        spec.get("description", name),
        unit=spec.get("unit", ""),
        allowed=tuple(spec.get("allowed", ())),
        minimum=spec.get("minimum"),
        maximum=spec.get("maximum"),
    )
