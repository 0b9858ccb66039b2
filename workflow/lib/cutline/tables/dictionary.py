"""The data dictionary, written from the specs: `python -m cutline.tables.dictionary > docs/data_dictionary.md`."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from collections.abc import Iterator

import cutline.tables
from cutline.tables.layout import IDENTIFIERS, RECORD_TABLES
from cutline.tables.spec import Column, Table


def data_dictionary() -> str:
    """Every table of the source and of the pipeline as Markdown, source records first."""
    derived = [table for table in _all_tables() if table.name not in RECORD_TABLES]
    return "\n".join(
        [
            "# Data dictionary",
            "",
            "Written from the specs in `workflow/lib/cutline/tables/`; a test compares the two.",
            "",
            "## Source records",
            "",
            "What a source holds, table by table. A versioned source keeps `version`, `recorded_on`, `superseded_by` "
            "and `deleted` beside each record.",
            "",
            f"No column of a source with one of these names is ever read: {', '.join(sorted(IDENTIFIERS))}.",
            "",
            *(line for table in RECORD_TABLES.values() for line in _section(table)),
            "## Derived tables and results",
            "",
            *(line for table in derived for line in _section(table)),
        ]
    )


def _all_tables() -> Iterator[Table]:
    for module in pkgutil.iter_modules(cutline.tables.__path__):
        yield from getattr(importlib.import_module(f"cutline.tables.{module.name}"), "TABLES", ())


def _section(table: Table) -> Iterator[str]:
    yield from (f"### {table.name}", "", table.description, "")
    if table.began:
        yield from (f"Exists from `{table.began}` on.{_later(table)}", "")
    yield from ("| column | kind | required | description |", "|---|---|---|---|")
    yield from (_row(column) for column in table.columns)
    yield ""


def _later(table: Table) -> str:
    sentences = [f" Before `{when}`{_and(after)} not known." for when, after in table.later.items()]
    return "".join(sentences)


def _and(columns: tuple[str, ...]) -> str:
    names = ", ".join(f"`{column}`" for column in columns)
    return f" it and {names} are" if columns else " it is"


def _row(column: Column) -> str:
    bounds = [f"≥ {column.minimum:g}" if column.minimum is not None else "",
              f"≤ {column.maximum:g}" if column.maximum is not None else ""]  # fmt: skip
    limits = [*(bound for bound in bounds if bound), f"one of {', '.join(column.allowed)}" if column.allowed else ""]
    detail = "; ".join(part for part in (column.description, column.unit, *limits) if part)
    return f"| `{column.name}` | {column.kind} | {'yes' if column.required else ''} | {detail} |"


if __name__ == "__main__":
    sys.stdout.write(data_dictionary())
