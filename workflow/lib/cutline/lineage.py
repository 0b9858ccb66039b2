"""From a result to the persons and source records behind it.

No book is kept of this: the row of the result says by its columns `population`, `filter` and `endpoint` who is meant,
and the derived tables of the same cut, which name the record behind each fact, say who that is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutline.errors import ProvenanceError, SetupError
from cutline.filters import AT_LEAST, BELOW, OTHER, Clause, Condition, Filter, as_number, parse
from cutline.records import number_text
from cutline.tables.cohort import COHORT, LEDGER, WHAT_IF
from cutline.tables.corrections import CORRECTIONS
from cutline.tables.covariates import COVARIATES
from cutline.tables.endpoints import ENDPOINTS, MAIN, SCAN_INTERVALS, WHAT_IF_ENDPOINTS
from cutline.tables.follow_up import DEATHS
from cutline.tables.response import RESPONSE
from cutline.tables.safety import EXPOSURE, SAFETY
from cutline.tables.spec import Column, Table, conform, empty
from cutline.variant_names import is_reanalysis

Row = Mapping[str, Any] | pd.Series
"""A row of the results: numbers and blanks as read from the file, or as text."""
Derived = Mapping[str, pd.DataFrame]
"""Derived tables of one cut by name."""

SPECS = {table.name: table for table in (LEDGER, COHORT, WHAT_IF, COVARIATES, ENDPOINTS, WHAT_IF_ENDPOINTS,
                                         SCAN_INTERVALS, RESPONSE, SAFETY, EXPOSURE, DEATHS)}  # fmt: skip
POPULATIONS = {"screened": LEDGER.name, "included": COHORT.name}
"""Whose persons a population is."""
SEVERAL = {COVARIATES.name: "variable", ENDPOINTS.name: "endpoint"}
"""Tables that hold several facts of a person, and the column that tells them apart."""
RECORD_SEPARATOR = ";"

RECORDS = Table(
    "lineage",
    "One row per fact about a person behind a result and record it rests on.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("derived_table", "text", "table that holds the fact", required=True),
        Column("what", "text", "variable, endpoint or term, or what else the fact is", required=True),
        Column("value", "text", "the fact; blank if unknown"),
        Column("reason", "text", "how it was found, or why it is unknown"),
        Column("source_table", "text", "table of the record it rests on; blank if it rests on none"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id", "derived_table", "what", "source_table", "source_record_id"),
)

_ANOTHER_RUN = "the results and the tables in patient/ are not of one run: make them again with snakemake"


Facts = tuple[str, pd.DataFrame]
"""A derived table's name and rows of it."""


@dataclass(frozen=True, eq=False)
class Lineage:
    """The pseudonyms in the denominator and behind the statistic, both sorted, and the facts that make them so."""

    denominator: tuple[str, ...]
    contributing: tuple[str, ...]
    facts: tuple[Facts, ...]

    @cached_property
    def records(self) -> pd.DataFrame:
        """The facts about those behind the statistic with the records they rest on, each once, as `RECORDS`."""
        parts = [_told(table, rows[rows["patient_id"].isin(self.contributing)]) for table, rows in self.facts]
        filled = [part for part in parts if len(part)]
        table = conform(pd.concat(filled), RECORDS) if filled else empty(RECORDS)
        return table.drop_duplicates().sort_values(list(RECORDS.sort), kind="stable", ignore_index=True)


def lineage(row: Row, derived: Derived) -> Lineage:
    """Who is in the denominator of a result, who is behind the statistic, and on which source records that rests.

    `row` is a row of the results, `derived` holds at least the tables that `tables_needed` names. A row without `n`
    counts records and not persons, and has nobody; behind a statistic that is not given (no `n_contributing`) is
    nobody either. The facts are those that the row's population, filter and endpoint speak of: of events
    the ones that the filter asks for, of a time also its start, the index date. Raises ProvenanceError if the row
    cannot be read, or speaks of what the tables do not hold.
    """
    if not _text(row, "n"):
        return Lineage((), (), ())
    asked, population = parse(_text(row, "filter")), _population(row)
    derived = _of_variant(_text(row, "variant"), derived)
    who = _meeting(asked.who, frozenset(derived[population]["patient_id"]), derived)
    behind = _meeting(asked.contributing, who.persons, derived) if _text(row, "n_contributing") else NOBODY
    facts = (*who.facts, *behind.facts, *_facts_beside_filter(row, derived))
    return Lineage(tuple(sorted(who.persons)), tuple(sorted(behind.persons)), facts)


def tables_needed(row: Row) -> tuple[str, ...]:
    """The derived tables that `lineage` of this row reads, in the order of `SPECS`."""
    if not _text(row, "n"):
        return ()
    named = {_population(row), *(condition.table for condition in _filter(row).conditions)}
    if _text(row, "endpoint"):
        named |= {ENDPOINTS.name, COHORT.name}
    if _text(row, "variant") and not is_reanalysis(_text(row, "variant")):
        named |= {ENDPOINTS.name, WHAT_IF.name, WHAT_IF_ENDPOINTS.name}
    return tuple(name for name in SPECS if name in named)


# ── the row ──────────────────────────────────────────────────────────────────────────────────


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    return "" if value is None or pd.isna(value) else str(value)


def _filter(row: Row) -> Filter:
    return parse(_text(row, "filter"))


def _population(row: Row) -> str:
    """The table whose persons the population is."""
    named = _text(row, "population")
    if named not in POPULATIONS:
        raise ProvenanceError(
            f"column population: found {named!r}, expected {' or '.join(POPULATIONS)}; {_ANOTHER_RUN}"
        )
    return POPULATIONS[named]


def _facts_beside_filter(row: Row, derived: Derived) -> list[Facts]:
    """What the row speaks of without asking for it: eligibility of the screened, the times of its endpoint."""
    population, endpoint = _population(row), _text(row, "endpoint")
    facts = [(population, derived[population])] if population == LEDGER.name else []
    if endpoint:
        facts += [(ENDPOINTS.name, _rows(derived, ENDPOINTS.name, endpoint)), (COHORT.name, derived[COHORT.name])]
    return facts


def _of_variant(variant: str, derived: Derived) -> Derived:
    """The tables as a variant sees them: the times by its rule set, or the cohort that its criteria select."""
    if ENDPOINTS.name not in derived:
        return derived
    times = derived[ENDPOINTS.name]
    main = times[times["rule_set"] == MAIN]
    if not variant or is_reanalysis(variant):
        return {**derived, ENDPOINTS.name: main}
    if variant in set(times["rule_set"]):
        return {**derived, ENDPOINTS.name: times[times["rule_set"] == variant]}
    cohort = derived[WHAT_IF.name]
    if variant not in set(cohort["variant"]):
        raise ProvenanceError(f"the results speak of a variant {variant!r}, which no table knows; {_ANOTHER_RUN}")
    everyone = pd.concat([part for part in (main, derived[WHAT_IF_ENDPOINTS.name]) if len(part)])
    return {**derived, COHORT.name: cohort[cohort["variant"] == variant], ENDPOINTS.name: everyone}


# ── persons ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Found:
    """Persons who meet a filter, and the rows by which they do."""

    persons: frozenset[str]
    facts: tuple[Facts, ...] = ()


NOBODY = Found(frozenset())


def _meeting(clauses: tuple[Clause, ...], persons: frozenset[str], derived: Derived) -> Found:
    """Who of the persons meets any of the clauses; everyone if there is none."""
    if not clauses:
        return Found(persons)
    found = [_meeting_all(clause, persons, derived) for clause in clauses]
    return Found(frozenset().union(*(each.persons for each in found)), tuple(f for each in found for f in each.facts))


def _meeting_all(clause: Clause, persons: frozenset[str], derived: Derived) -> Found:
    """Who of the persons meets every condition; those on one variable, endpoint or table by one row."""
    facts: list[Facts] = []
    for table, of in dict.fromkeys((condition.table, condition.of) for condition in clause):
        conditions = [condition for condition in clause if (condition.table, condition.of) == (table, of)]
        rows = _rows(derived, table, of)
        holding = rows
        for condition in conditions:
            holding = holding[_holds(condition, holding)]
        nothing_known = persons.difference(rows["patient_id"])
        without_row = nothing_known if all(each.holds_without_row for each in conditions) else frozenset()
        persons = persons.intersection(holding["patient_id"]) | without_row
        facts.append((table, holding))
    return Found(persons, tuple((table, rows[rows["patient_id"].isin(persons)]) for table, rows in facts))


def _rows(derived: Derived, table: str, of: str) -> pd.DataFrame:
    """The rows of one variable, or of one endpoint; of other tables all."""
    rows = derived[table]
    if table not in SEVERAL:
        return rows
    found = rows[rows[SEVERAL[table]] == of]
    if len(rows) and found.empty:
        raise ProvenanceError(f"the results speak of {SEVERAL[table]} {of!r}, not in table {table}; {_ANOTHER_RUN}")
    return found


def _holds(condition: Condition, rows: pd.DataFrame) -> pd.Series:
    """Whether each row meets the condition."""
    texts, numbers = _values(condition, rows)
    if condition.operator in (AT_LEAST, BELOW):
        reached: pd.Series = numbers >= float(condition.values[0])
        return reached if condition.operator == AT_LEAST else numbers.notna() & ~reached
    if condition.asks_if_known:
        holds = texts.notna() | numbers.notna()
    else:
        wanted = [number for number in map(as_number, condition.values) if number is not None]
        holds = texts.isin(condition.values) | numbers.isin(wanted)
    return ~holds if condition.operator == OTHER else holds


def _values(condition: Condition, rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """What the field holds in each row, as text and as number; one of them is missing."""
    if condition.table == COVARIATES.name:
        return rows["value"], rows["number"]
    values, nothing = rows[_column(condition).name], pd.Series(np.nan, index=rows.index)
    match _column(condition).kind:
        case "integer" | "number":
            return nothing, values.astype("float64")
        case "date":
            return values.dt.strftime("%Y-%m-%d"), nothing
        case "flag":
            return values.map({True: "true", False: "false"}), nothing
        case _:
            return values, nothing


def _column(condition: Condition) -> Column:
    spec = SPECS[condition.table]
    if condition.column not in spec.names:
        raise ProvenanceError(
            f"column filter: table {spec.name} has no column {condition.column!r}; known: {', '.join(spec.names)}; "
            f"{_ANOTHER_RUN}"
        )
    return spec.column(condition.column)


# ── records ──────────────────────────────────────────────────────────────────────────────────


def _told(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    return FACTS[table](rows).assign(derived_table=table)[RECORDS.names]


def _of_variables(rows: pd.DataFrame) -> pd.DataFrame:
    numbers = rows["number"].map(number_text, na_action="ignore")
    return rows.assign(what=rows["variable"], value=rows["value"].where(rows["value"].notna(), numbers))


def _of_endpoints(rows: pd.DataFrame) -> pd.DataFrame:
    ends = rows["event"].map({True: "event", False: "censored"})
    return rows.assign(what=rows["endpoint"], value=rows["time_days"].astype(str) + " days, " + ends)


def _of_response(rows: pd.DataFrame) -> pd.DataFrame:
    """The best response, unconfirmed and confirmed, each with its record."""
    names = {"confirmed_reason": "reason", "confirmed_record_id": "source_record_id", "confirmed_date": "source_date"}
    best = rows.assign(what="best_response", value=rows["best_response"])
    own = ["reason", "source_record_id", "source_date"]
    confirmed = rows.drop(columns=own).rename(columns=names).assign(what="confirmed_response")
    return pd.concat([best, confirmed.assign(value=confirmed["confirmed_response"])])


def _of_safety(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(what=rows["term"], value=_said(rows, ["worst_grade", "action", "relatedness", "outcome"]))


def _of_exposure(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.assign(what="time at risk of adverse events", value=rows["at_risk_days"].astype(str) + " days")


def _of_intervals(rows: pd.DataFrame) -> pd.DataFrame:
    value = rows["days"].astype(str) + " days to a " + rows["ends_with"]
    return rows.assign(what="time between scans: " + rows["endpoint"], value=value, reason="as recorded")


def _of_deaths(rows: pd.DataFrame) -> pd.DataFrame:
    names = {"record_id": "source_record_id", "death_date": "source_date"}
    value = _said(rows, ["cause", "treatment_related"])
    return rows.rename(columns=names).assign(what="death", value=value, reason="as recorded", source_table=DEATHS.name)


def _said(rows: pd.DataFrame, columns: list[str]) -> pd.Series:
    """What is recorded of each row, in words: `worst_grade 3, action discontinued`."""
    given = [zip(columns, values, strict=True) for values in rows[columns].itertuples(index=False)]
    said = [", ".join(f"{name} {value}" for name, value in pairs if pd.notna(value)) or None for pairs in given]
    return pd.Series(said, index=rows.index, dtype=object)


def _of_cohort(rows: pd.DataFrame) -> pd.DataFrame:
    """The index date; no facts in a study without dates."""
    dated = rows[rows["index_date"].notna()]
    value = dated["index_date"].dt.strftime("%Y-%m-%d")
    return dated.assign(what="index_date", value=value, reason="start of every time", source_date=dated["index_date"])


def _of_ledger(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per record that eligibility rests on; one without a record for who fails nothing or lacks a record."""
    facts = [
        (row["patient_id"], _standing(row), _reasons(row), *_table_and_record(text))
        for row in rows.to_dict("records")
        for text in (row["source_records"] or "").split(RECORD_SEPARATOR)
    ]
    columns = ["patient_id", "value", "reason", "source_table", "source_record_id"]
    undated = pd.Series(pd.NaT, index=range(len(facts)), dtype="datetime64[ns]")
    return pd.DataFrame(facts, columns=columns, dtype=object).assign(what="eligibility", source_date=undated)


def _standing(row: Mapping[Any, Any]) -> str:
    """A person's status with the criterion she is counted at: `excluded by too_young`."""
    at = {"excluded": f" by {row['first_failed']}", "pending": f" at {row['first_pending']}"}
    return f"{row['status']}{at.get(row['status'], '')}"


def _reasons(row: Mapping[Any, Any]) -> str:
    """Every criterion that excludes, or that is not decided."""
    if row["status"] == "pending":
        return f"not decided: {_listed(row['all_pending'])}"
    return f"fails {_listed(row['all_failed'])}" if row["all_failed"] else "fails no criterion"


def _listed(criteria: str) -> str:
    return criteria.replace(RECORD_SEPARATOR, ", ")


def _table_and_record(text: str) -> tuple[str | None, str | None]:
    table, _, record_id = text.partition(":")
    return table or None, record_id or None


FACTS: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    LEDGER.name: _of_ledger,
    COHORT.name: _of_cohort,
    COVARIATES.name: _of_variables,
    ENDPOINTS.name: _of_endpoints,
    RESPONSE.name: _of_response,
    SCAN_INTERVALS.name: _of_intervals,
    SAFETY.name: _of_safety,
    EXPOSURE.name: _of_exposure,
    DEATHS.name: _of_deaths,
}
"""How each derived table tells its facts, in columns of `RECORDS`."""


# ── files ────────────────────────────────────────────────────────────────────────────────────


def read_derived(folder: Path, tables: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Derived tables of a cut by name, from `patient/` in its folder; see `tables_needed`.

    Raises SetupError where `patient/` is not there or not readable, ProvenanceError for a table in it that is missing
    or damaged.
    """
    return {name: read_table(folder, SPECS[name]) for name in tables}


def read_table(folder: Path, spec: Table, person: str | None = None) -> pd.DataFrame:
    """A table of the patient level of a cut, of one person or of all; raises as `read_derived`."""
    place = Path("patient", "accepted" if spec is DEATHS else "", f"{spec.name}.parquet")
    of_person = None if person is None else [("patient_id", "==", person)]
    try:
        return conform(pd.read_parquet(folder / place, filters=of_person), spec)
    except PermissionError:
        raise SetupError(_not_readable(folder, "may not be read by you: ask who may")) from None
    except FileNotFoundError:
        if not (folder / "patient").is_dir():
            raise SetupError(_not_readable(folder, "is not here: ask where the study is run")) from None
        raise ProvenanceError(f"cut {folder.name}: {place.as_posix()} is missing; make it with snakemake") from None
    except ValueError:
        raise ProvenanceError(
            f"cut {folder.name}: {place.as_posix()} is damaged, for it is no Parquet file; delete it and run snakemake"
        ) from None


def read_corrections(folder: Path, persons: Iterable[str]) -> pd.DataFrame:
    """The answers to queries about records of these persons, in the order in which they were applied."""
    corrections = read_table(folder, CORRECTIONS)
    return corrections[corrections["patient_id"].isin(list(persons))].reset_index(drop=True)


def _not_readable(folder: Path, what: str) -> str:
    return f"cut {folder.name}: the persons behind a result are known in patient/ only, which {what}"
