"""Tables, columns and recorded values that no record can have, wherever the study reads records."""

from __future__ import annotations

from collections.abc import Iterator

from cutline.configuration import nearest
from cutline.contradictions.criteria import record_selections
from cutline.contradictions.parts import Faults, Part, Study
from cutline.errors import ConfigError
from cutline.study_rules import AFTER_THE_COHORT, convention_records, derived_tables, endpoint_records
from cutline.tables.covariates import INDEX_DATE, SAMPLES
from cutline.tables.layout import layouts
from cutline.tables.lines import LINES
from cutline.tables.response import VISITS
from cutline.tables.spec import Table

DERIVED: dict[str, Table] = {LINES.name: LINES, VISITS.name: VISITS}
"""Derived tables that records can be selected from."""

AFTER_COHORT_PLACES = ("endpoints.", "conventions.", "progression_anchors.")

WITH_STOP = ("under_way", "course_end", "dose_intensity")
"""The kinds of derivation that need to know when a record's drug stopped."""


def unfit_records(study: Study) -> Faults:
    """Tables, columns and recorded values that no record can have."""
    listed = [*study["source"]["tables"], *derived_tables(study)]
    persons = [name for name in ("patients", "subjects") if name in listed]
    if len(persons) != 1:
        yield f"source.tables: found {' and '.join(persons) or 'no table of persons'}, expected patients or subjects"
    try:
        tables = {name: layout.table for name, layout in layouts(study["source"]).items()} | DERIVED
    except ConfigError as error:
        yield str(error)
        tables = {}
    for place, select in _selections(study):
        if select["table"] in AFTER_THE_COHORT and not place.startswith(AFTER_COHORT_PLACES):
            yield f"{place}: table {select['table']!r} is derived after the cohort; only endpoints can select from it"
        elif select["table"] not in listed:
            yield f"{place}: table {select['table']!r} is not in source.tables{nearest(select['table'], listed)}"
        elif tables:
            yield from _unfit_columns(place, select, tables[select["table"]])


def _unfit_columns(place: str, select: Part, table: Table) -> Faults:
    where = {**select.get("where", {}), **select.get("prefer", {})}
    for name in dict.fromkeys([*where, *(select[key] for key in ("date", "value", "until") if key in select)]):
        if name not in table.names:
            yield f"{place}: table {table.name} has no column {name!r}{nearest(name, table.names)}"
    date = select.get("date")
    if date in table.names and table.column(date).kind != "date":
        yield f"{place}: column {date!r} of {table.name} is of kind {table.column(date).kind}, expected a date"
    for name, values in where.items():
        allowed = table.column(name).allowed if name in table.names else ()
        known = {value.casefold() for value in allowed}
        for value in values:
            if allowed and not value.endswith("*") and value.casefold() not in known:
                yield f"{place}: {name} is never {value!r} in {table.name}{nearest(value, list(allowed))}"


def unfit_partial_dates(study: Study) -> Faults:
    """Rules on partial dates for columns that are no dates."""
    try:
        tables = {name: layout.table for name, layout in layouts(study["source"]).items()}
    except ConfigError:
        return  # `unfit_records` says it
    dates = [
        f"{name}.{column.name}" for name, table in tables.items() for column in table.columns if column.kind == "date"
    ]
    for name in study["source"].get("partial_dates", {}):
        if name not in dates:
            yield f"source.partial_dates: {name!r} is no date of the records{nearest(name, dates)}"


# ── where a study reads records ──────────────────────────────────────────────────────────────


def _selections(study: Study) -> Iterator[tuple[str, Part]]:
    """Every place that reads records: the table, and the columns it names as where, date or value."""
    if INDEX_DATE in study:
        yield "index_date.select", study[INDEX_DATE]["select"]
    if "lines" in study:
        yield "lines.metastasis", study["lines"]["metastasis"]
        yield from ((f"lines.drugs.{name}", {"table": "treatments"}) for name in study["lines"]["drugs"])
    for name, variable in study["variables"].items():
        yield from ((f"variables.{name}{key}", select) for key, select in _selections_of(variable))
    yield from record_selections(study)
    yield from endpoint_records(study)
    yield from convention_records(study)
    if "response" in study:
        yield "response", study["response"]
        if "new_therapy" in study["response"]:
            yield "response.new_therapy", study["response"]["new_therapy"]
    if "safety" in study:
        yield "safety.table", {"table": study["safety"]["table"], "date": "onset_date", "value": "term"}
        yield "safety.drugs", {"table": "treatments", "where": study["safety"]["drugs"]}
        if "new_therapy" in study["safety"]:
            yield "safety.new_therapy", study["safety"]["new_therapy"]


def _selections_of(variable: Part) -> Iterator[tuple[str, Part]]:
    derive = variable["derive"]
    if "select" in variable:
        needs_stop = {"until": "stop_date"} if derive in WITH_STOP else {}
        counted = {"value": variable["distinct"]} if "distinct" in variable else {}
        yield ".select", variable["select"] | needs_stop | counted
    elif derive.startswith("receptor"):
        yield "", SAMPLES
    if derive == "age" and "from" not in variable:
        yield "", {"table": "patients", "value": "birth_date"}
    if derive == "column" and "column" in variable:
        recorded = {variable["column"]: list(variable.get("values", {}))}
        yield ".column", {"table": "subjects", "value": variable["column"], "where": recorded}
