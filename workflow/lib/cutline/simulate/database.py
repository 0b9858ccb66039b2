"""The DuckDB file: tables after the column specs, filled chunk by chunk."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from cutline.simulate.columns import NEVER, Array, Columns, size_of
from cutline.tables import layout
from cutline.tables.spec import Column, Table

PREFIXES = {
    "patients": "PAT", "diagnoses": "DIA", "procedures": "PRO", "pathology": "HIS", "observations": "OBS",
    "treatments": "TRT", "doses": "DOS", "assessments": "SCN", "lesions": "LES", "adverse_events": "AEV",
    "follow_up": "FUP", "deaths": "DTH",
}  # fmt: skip
RECORD_TABLES = {name: layout.RECORD_TABLES[name] for name in PREFIXES}
REFERENCES = {"treatment_record_id": ("treatments", "treatment"), "assessment_record_id": ("assessments", "assessment")}
"""Columns that name a record of another table: that table, and the column here with its number."""
IDENTIFIERS = {"name": "Synthetic", "national_id": "SYN-ID", "phone": "SYN-TEL", "address": "Synthetic address"}
"""What a hospital has and the pipeline must leave out."""
FIRST_ID = 100_000_001
"""All ids have the same length without padding."""
SQL_TYPES = {"text": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "date": "DATE", "flag": "BOOLEAN"}
ABOUT = "Synthetic records: no person in this database exists. Drawn so that published aggregates recompute from them."


def write_database(path: Path, chunks: Iterable[tuple[Array, dict[str, Columns]]]) -> None:
    """All tables from chunks of (hospital number of each person, table name -> versions of its records).

    Record ids go on from chunk to chunk; only one chunk is in memory. The file must not exist yet.
    """
    with duckdb.connect(str(path)) as database:
        _create(database)
        first = dict.fromkeys(RECORD_TABLES, 0)
        persons = 0
        for numbers, tables in chunks:
            for name, columns in tables.items():
                _insert(database, RECORD_TABLES[name], columns, numbers, first, persons)
            for name, columns in tables.items():
                first[name] += int(columns["record"].max()) + 1 if size_of(columns) else 0
            persons += len(numbers)


def _create(database: duckdb.DuckDBPyConnection) -> None:
    database.execute("CREATE TABLE about (synthetic BOOLEAN, note VARCHAR)")
    database.execute("INSERT INTO about VALUES (true, ?)", [ABOUT])
    for table in RECORD_TABLES.values():
        columns = ", ".join(f'"{column.name}" {SQL_TYPES[column.kind]}' for column in _columns(table))
        database.execute(f'CREATE TABLE "{table.name}" ({columns})')


def _columns(table: Table) -> list[Column]:
    """The spec's columns, the direct identifiers only a source has, and those of the version."""
    names = IDENTIFIERS if table.name == "patients" else ()
    identifiers = [Column(name, "text", "direct identifier") for name in names]
    versions = [
        Column("version", "integer", "number of the version, from 1"),
        Column("superseded_by", "integer", "number of the version that replaced this one"),
        Column("deleted", "flag", "whether this version withdraws the record"),
    ]
    return [*table.columns, *identifiers, *versions]


def _insert(
    database: duckdb.DuckDBPyConnection, table: Table, columns: Columns, numbers: Array, first: dict[str, int],
    persons: int,
) -> None:  # fmt: skip
    kept = columns | {"patient_id": numbers[columns["person"]]}
    database.register("chunk", pa.table({name: _storable(values) for name, values in kept.items()}))
    listed = ", ".join(_expression(column, table.name, first, persons) for column in _columns(table))
    database.execute(f'INSERT INTO "{table.name}" SELECT {listed} FROM chunk')
    database.unregister("chunk")


def _storable(values: Array) -> pa.Array:
    """With missing values as such: NaN of numbers, NEVER of days (no other whole number is that large)."""
    if values.dtype == object:
        return pa.array(values, pa.string())
    if values.dtype == np.int64:
        return pa.array(values, mask=values >= NEVER)
    return pa.array(values, from_pandas=True)


def _expression(column: Column, table: str, first: dict[str, int], persons: int) -> str:
    """SQL for one column; ids are put together here, which is faster than in Python."""
    if column.name == "record_id":
        return _identifier(table, "record", first)
    if column.name in REFERENCES:
        return _identifier(REFERENCES[column.name][0], REFERENCES[column.name][1], first)
    if column.name in IDENTIFIERS:
        return f"printf('{IDENTIFIERS[column.name]} %04d', person + {persons + 1})"
    if column.kind == "date":
        return f"DATE '1970-01-01' + \"{column.name}\"::INTEGER"
    return f'"{column.name}"'


def _identifier(table: str, number: str, first: dict[str, int]) -> str:
    return f"'{PREFIXES[table]}' || ({number}::BIGINT + {FIRST_ID + first[table]})"
