"""A DuckDB source whose records have versions: as of the cut-off, per column and not only per row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from cutline.errors import SourceError
from cutline.tables.layout import Layout
from cutline.tables.spec import VERSION_COLUMNS, Table

Read = Callable[[str], tuple[pa.Table, dict[str, Any]]]


@contextmanager
def opened(paths: list[Path], layouts: Mapping[str, Layout], settings: Mapping[str, Any]) -> Iterator[Read]:
    """A function that reads one table as text, as known at the cut-off and in any order, and says how; threads may.

    A record that began by the cut-off and was recorded by then stays, in the version known then; what came
    later (its end, the reason for it, its outcome) is blank. Raises SourceError for what is not there.
    """
    (path,) = paths
    try:
        with duckdb.connect(str(path), read_only=True) as database:
            database.execute("SET arrow_large_buffer_size = true")  # as text is packed: nothing to convert
            _require_columns(database, layouts, path)
            yield lambda name: _read_table(database.cursor(), layouts[name], settings)
    except duckdb.IOException:
        raise SourceError(f"{path.name}: not a DuckDB database that can be opened") from None
    except duckdb.Error as error:
        # Its message may quote a patient's value.
        raise SourceError(f"{path.name}: DuckDB could not read it ({type(error).__name__})") from None


def _require_columns(database: duckdb.DuckDBPyConnection, layouts: Mapping[str, Layout], path: Path) -> None:
    rows = database.execute("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal").fetchall()
    present: dict[str, set[str]] = {}
    for table, column in rows:
        present.setdefault(table, set()).add(column)
    for name, layout in layouts.items():
        if name not in present:
            raise SourceError(f"{path.name}: table {name} is missing; found: {', '.join(sorted(present))}")
        missing = sorted({*layout.columns.values(), *VERSION_COLUMNS} - present[name])
        if missing:
            raise SourceError(f"{path.name}, table {name}: missing column(s) {', '.join(missing)}")


def _read_table(
    database: duckdb.DuckDBPyConnection, layout: Layout, settings: Mapping[str, Any]
) -> tuple[pa.Table, dict[str, Any]]:
    query = as_of_query(layout)
    cut = {"cutoff": settings["data_cutoff"], "known": settings["known_by"]}
    named = {name: value for name, value in cut.items() if f"${name}" in query}
    table = database.sql(query, params=named).to_arrow_table()
    ((versions,),) = database.execute(f"SELECT count(*) FROM {_quoted(layout.table.name)}").fetchall()
    return table, {"query": query, "rows_in_source": versions, "recorded_on": True}


def as_of_query(layout: Layout) -> str:
    """The query: the last version written by $known, of records begun by $cutoff, later columns blank.

    A version without a recording date counts as known, and a date that cannot be read stays as it was written: both are
    for the checks to judge. Ties are kept (two rows that claim one version), and so is every row without an id, so that
    nothing is lost. Few records are edited. Only versions above the lowest number are grouped, which is all that can
    replace another one, or every version where a number is missing: to group or to rank all of them would cost more
    than all the rest.
    """
    table = layout.table
    columns = ",\n       ".join(f"{_known(column, table)} AS {column}" for column in layout.columns)
    source = ", ".join(f"{_quoted(origin)} AS {name}" for name, origin in layout.columns.items())
    began = f"\n  AND {_by(table.began, 'cutoff')}" if table.began else ""
    return (
        f"WITH known AS (\n  SELECT {source}, version, deleted\n  FROM {_quoted(table.name)}\n"
        f"  WHERE {_by('recorded_on', 'known')}\n"
        f"), numbers AS (\n  SELECT min(version) AS lowest, count(*) > count(version) AS incomplete FROM known\n"
        f"), edited AS (\n  SELECT record_id AS edited_id, max(version) AS newest\n"
        f"  FROM known, numbers WHERE version > lowest OR incomplete GROUP BY record_id\n)\n"
        f"SELECT {columns}\nFROM known LEFT JOIN edited ON record_id = edited_id\n"
        f"WHERE (newest IS NULL OR version = newest)\n  AND TRY_CAST(deleted AS BOOLEAN) IS NOT TRUE{began}"
    )


def _by(date: str, limit: str) -> str:
    """Whether a date is missing, unreadable or not after the limit."""
    return f"(TRY_CAST({date} AS DATE) IS NULL OR TRY_CAST({date} AS DATE) <= ${limit}::DATE)"


def _known(column: str, table: Table) -> str:
    """The column as text, a date as its day; blank where its own date lies after the cut-off."""
    text = f"{column}::VARCHAR"
    if table.column(column).kind == "date":
        text = f"coalesce(TRY_CAST({column} AS DATE)::VARCHAR, {text})"
    if column in table.lasting:
        return f"CASE WHEN {_by(column, 'cutoff')} THEN {text} ELSE $cutoff::VARCHAR END"
    for when, after in table.later.items():
        if column == when or column in after:
            return f"CASE WHEN {_by(when, 'cutoff')} THEN {text} END"
    return text


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
