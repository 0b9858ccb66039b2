"""The rule `summarise_quality`: what became of the records, how complete they are, what they break, what is asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.ard import result, results_table
from cutline.quality.asking import query_list, with_values
from cutline.quality.completeness import completeness_rows
from cutline.quality.corrections import corrected
from cutline.quality.findings import look
from cutline.quality.listed import code_checks, range_checks
from cutline.quality.rules import ERROR, SEVERITIES, rules_of
from cutline.quality.workbook import query_workbook
from cutline.queries import KINDS
from cutline.tables.layout import layouts
from cutline.tables.spec import unpacked

Settings = Mapping[str, Any]
ACCEPTED, SNAPSHOT, ASKED = "accepted_", "snapshot_", "queries_"
"""How the names of inputs begin: accepted tables, those of the snapshot, and the questions of each derivation."""


def summarise_quality(
    *,
    settings: Settings,
    accounting: pd.DataFrame,
    quarantine: pd.DataFrame,
    corrections: pd.DataFrame,
    cohort: pd.DataFrame,
    ranges: Path,
    codes: Path,
    **tables: pd.DataFrame,
) -> dict[str, Any]:
    """How many records were accepted, set aside and corrected, how complete they are, and which rules they break.

    `tables` are the accepted records (`accepted_<table>`), the snapshot (`snapshot_<table>`) and the questions of each
    derivation (`queries_<rule>`). Returns the results, the `findings` about records that stay, the whole query list,
    and the workbook in which it is answered.
    """
    records, asked = ({name: unpacked(table) for name, table in _named(tables, begin).items()}
                      for begin in (ACCEPTED, ASKED))  # fmt: skip
    snapshot, quarantine, corrections = _named(tables, SNAPSHOT), unpacked(quarantine), unpacked(corrections)
    findings = look(settings, {**records, "cohort": unpacked(cohort)}, [*range_checks(ranges), *code_checks(codes)])
    questions = query_list(list(asked.values()), quarantine, findings, corrections)
    plans = layouts(settings["source"])
    layer = corrected(snapshot, corrections, {name: plan.table for name, plan in plans.items()},
                      settings.get("data_cutoff", ""))  # fmt: skip
    severity = settings.get("quality", {}).get("severity", {})
    rows = [*_accounting_rows(accounting), *_rule_rows(settings, severity, quarantine, findings, questions),
            *_query_rows(questions), *completeness_rows(plans, records)]  # fmt: skip
    return {
        "ard": results_table(rows, "summarise_quality"),
        "findings": findings,
        "queries": questions,
        "workbook": query_workbook(with_values(questions, layer, severity), layer),
    }


def _named(tables: Mapping[str, pd.DataFrame], begin: str) -> dict[str, pd.DataFrame]:
    return {name.removeprefix(begin): table for name, table in tables.items() if name.startswith(begin)}


_STATISTICS = {"extracted": "records", "values_set_aside": "values", "values_corrected": "corrected",
               "dates_imputed": "imputed"}  # fmt: skip
_UNITS = {"values": "values", "corrected": "values", "imputed": "dates"}


def _accounting_rows(accounting: pd.DataFrame) -> Iterator[dict[str, Any]]:
    counts = accounting.set_index("table").rename(columns=_STATISTICS)
    for name in counts.columns:
        yield from _count_rows(str(name), counts[name])


def _count_rows(statistic: str, counts: pd.Series) -> Iterator[dict[str, Any]]:
    about = {"analysis": "quality", "population": "screened", "unit": _UNITS.get(statistic, "records")}
    yield result(f"quality.{statistic}", float(counts.sum()), **about)
    for table, count in counts.items():
        yield result(f"quality.table.{table}.{statistic}", float(count), level=str(table), **about)


def _rule_rows(
    settings: Settings, severity: Mapping[str, str], quarantine: pd.DataFrame, findings: pd.DataFrame,
    questions: pd.DataFrame,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """How often each rule is broken, and how often rules of each severity are."""
    about = {"analysis": "quality", "population": "screened", "unit": "findings"}
    kinds = questions.loc[questions["query"].isin(KINDS), "query"]
    counts = pd.concat([quarantine["check"], findings["rule"], kinds]).value_counts()
    rules = rules_of(severity, settings["source"]["tables"])
    for grade in SEVERITIES:
        total = sum(int(counts.get(rule.id, 0)) for rule in rules if rule.severity == grade)
        yield result(f"quality.severity.{grade}.n", float(total), level=grade, **about)
    for rule in rules:
        followed = "record or value set aside" if rule.severity == ERROR else rule.severity
        count = float(counts.get(rule.id, 0))
        yield result(f"quality.rule.{rule.id}.n", count, level=rule.id, note=rule.note, method=followed, **about)


def _query_rows(questions: pd.DataFrame) -> Iterator[dict[str, Any]]:
    about = {"analysis": "quality", "population": "screened", "unit": "questions"}
    yield result("quality.queries.n", float(len(questions)), **about)
    for kind, meaning in KINDS.items():
        count = int((questions["query"] == kind).sum())
        yield result(f"quality.queries.{kind}.n", float(count), level=kind, note=meaning, **about)
