"""`cutline eligibility`: why one person is in, out or pending, criterion by criterion, with the records behind it."""

from __future__ import annotations

import argparse
import difflib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from cutline.audit.cut import Cut
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import columns, heading, say, strong, wrapped
from cutline.errors import CohortError, ProvenanceError
from cutline.expressions import AS_MISSING, INCLUDE, QUERY, Criterion, records_of, variables_of
from cutline.lineage import read_table
from cutline.records import number_text
from cutline.tables.cohort import ELIGIBILITY, LEDGER, WHAT_IF
from cutline.tables.covariates import COVARIATES
from cutline.tables.spec import Table

HELP = "say why one patient is included, excluded or pending: each criterion, its answer and its records"
TREATED = {AS_MISSING: "excluded as missing", INCLUDE: "included all the same", QUERY: "to be queried"}
"""What was done about an unknown answer."""
SAID = {"met": "passes", "failed": "fails", "unknown": "unknown"}
NO_RECORD = dict.fromkeys(("source_table", "source_record_id", "source_date"))
NEAREST = 3
LEDGER_FILE = "patient/ledger.parquet"

Data = Mapping[str, Any]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("patient", metavar="PSEUDONYM", help="the patient, by pseudonym (needs patient/)")
    parser.add_argument("--json", action="store_true", help="everything, as JSON for another program")
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the person's standing and every criterion; returns 0. Raises CohortError if nobody is called so."""
    cut = chosen_cut(arguments)
    told = standing(cut, arguments.patient)
    say(json.dumps(told, ensure_ascii=False, indent=1) if arguments.json else "\n".join(_in_words(told, cut)))
    return 0


def standing(cut: Cut, patient: str) -> dict[str, Any]:
    """What the ledger knows of one person: status, criteria in order with their answers and facts, variants.

    Raises CohortError for a pseudonym that was not screened, SetupError where patient/ may not be read, ProvenanceError
    where the ledger or its record is missing.
    """
    ledger = _rows(cut, LEDGER, patient)
    if not ledger:
        raise CohortError(_nobody(cut, patient))
    row, settings = ledger[0], _settings(cut)
    found = _rows(cut, ELIGIBILITY, patient)
    facts = {fact["variable"]: fact for fact in _rows(cut, COVARIATES, patient)}
    criteria = [_criterion(each, settings, found, facts) for each in settings["criteria"]]
    variants = [each["variant"] for each in _rows(cut, WHAT_IF, patient)]
    at = {"first": row["first_failed"] or row["first_pending"], "all": _split(row["all_failed"] or row["all_pending"])}
    return {"patient": patient, "study": cut.study, "cut": cut.name, "status": row["status"], **at,
            "criteria": criteria, "included_in_variants": variants}  # fmt: skip


def _rows(cut: Cut, spec: Table, patient: str) -> list[Data]:
    """The person's rows of a table: what is missing as None, dates as text."""
    table = read_table(cut.folder, spec, patient)
    rows: list[Data] = json.loads(table.to_json(orient="records", date_format="iso", date_unit="s"))
    dates = [column.name for column in spec.columns if column.kind == "date"]
    return [{**row, **{name: (row[name] or "")[:10] or None for name in dates}} for row in rows]


def _settings(cut: Cut) -> Data:
    """The criteria and variables as they were when the ledger was made."""
    if LEDGER_FILE not in cut.records:
        raise ProvenanceError(f"cut {cut.name}: the record of {LEDGER_FILE} is missing; make it with snakemake")
    settings: Data = cut.records[LEDGER_FILE]["settings"]
    return settings


def _nobody(cut: Cut, patient: str) -> str:
    known = read_table(cut.folder, LEDGER)["patient_id"]
    close = difflib.get_close_matches(patient, known, n=NEAREST, cutoff=0.8)
    hint = f"the nearest: {', '.join(close)}" if close else "their pseudonyms are in patient/ledger.parquet"
    return f"cut {cut.name} of {cut.study}: {patient} is none of the {len(known)} screened patients; {hint}"


def _criterion(criterion: Criterion, settings: Data, found: list[Data], facts: Data) -> dict[str, Any]:
    """A criterion with the person's answer, what was done if it is unknown, and the facts it rests on."""
    ours = [row for row in found if row["criterion"] == criterion["id"]]
    answer = ours[0]["answer"]
    records = [fact for asked in records_of(criterion) for fact in _records(asked["table"], ours)]
    variables = [_fact(name, settings, facts) for name in variables_of(criterion)]
    return {"id": criterion["id"], "label": criterion["label"], "source": criterion.get("source", ""), "answer": answer,
            "treated": TREATED.get(criterion.get("unknown", ""), "") if answer == "unknown" else "",
            "facts": [*variables, *records]}  # fmt: skip


def _records(table: str, rows: list[Data]) -> list[dict[str, Any]]:
    """The records of a table that decide; a line without a record where there is none."""
    found = [row for row in rows if row["source_table"] == table]
    told = {"what": f"A record of {table}", "value": "found" if found else "none found", "reason": None}
    return [told | _source(row) for row in found or [NO_RECORD]]


def _fact(name: str, settings: Data, facts: Data) -> dict[str, Any]:
    row, variable = facts[name], settings["variables"].get(name, {"label": "Index date"})
    number = None if row["number"] is None else f"{number_text(round(row['number'], 2))} {variable.get('unit', '')}"
    value = variable.get("levels", {}).get(row["value"], row["value"]) or number
    return {"what": variable["label"], "value": value and str(value).strip(), "reason": row["reason"], **_source(row)}


def _source(row: Data) -> dict[str, Any]:
    return {name: row[name] for name in ("source_table", "source_record_id", "source_date")}


def _split(text: str | None) -> list[str]:
    return text.split(";") if text else []


# ── in words ─────────────────────────────────────────────────────────────────────────────────


def _in_words(told: Data, cut: Cut) -> Iterator[str]:
    labels = {each["id"]: f"“{each['label']}”" for each in told["criteria"]}
    yield f"{strong(told['patient'])}, study {cut.study}, cut {cut.name}: {strong(told['status'])}"
    if told["first"]:
        how = "first excluded by" if told["status"] == "excluded" else "first not decided at"
        others = [labels[name] for name in told["all"] if name != told["first"]]
        yield wrapped(f"{how} {labels[told['first']]}" + (f", also by {', '.join(others)}" if others else ""))
    if told["included_in_variants"]:
        yield wrapped(f"what if: included in {', '.join(told['included_in_variants'])}")
    yield heading(f"Criteria, in order ({len(told['criteria'])}): patient level, not to be passed on")
    for number, criterion in enumerate(told["criteria"], 1):
        yield from _criterion_in_words(number, criterion)


def _criterion_in_words(number: int, criterion: Data) -> Iterator[str]:
    treated = f", {criterion['treated']}" if criterion["treated"] else ""
    yield f"{number:3}. {strong(SAID[criterion['answer']])}{treated}: {criterion['label']}"
    if criterion["source"]:
        yield wrapped(f"rests on {criterion['source']}", 5)
    yield from columns([_fact_in_words(fact) for fact in criterion["facts"]], indent=7)


def _fact_in_words(fact: Data) -> tuple[str, ...]:
    record = " ".join(filter(None, (fact["source_table"], fact["source_record_id"]))) or "no record"
    return fact["what"], fact["value"] or "not known", fact["reason"] or "", record, fact["source_date"] or ""
