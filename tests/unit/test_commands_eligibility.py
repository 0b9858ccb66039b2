"""`cutline eligibility` says of one person what each criterion found, on which records, and what unknown did."""

import json

import pandas as pd
import pytest

from cutline.cohort import select_cohort
from cutline.command import main
from cutline.errors import CohortError, SetupError
from cutline.provenance import fingerprint, job_record, write_record
from cutline.tables.cohort import ELIGIBILITY, LEDGER, WHAT_IF
from cutline.tables.covariates import COVARIATES
from cutline.tables.diagnoses import DIAGNOSES
from cutline.tables.patients import PATIENTS
from tests.spec.tables import table
from tests.written_cut import CODE, write_cut

CUT = "2025-05-31"
SETTINGS = {
    "criteria": [
        {"id": "unfit", "label": "ECOG 2 or worse", "source": "protocol 3.1", "exclude": {"ecog": ["2"]},
         "unknown": "include"},
        {"id": "tumour", "label": "Other malignancy", "source": "3.2", "unknown": "include",
         "exclude": {"records": {"table": "diagnoses", "date": "diagnosis_date", "of": "index_date",
                                 "days_after": -1}}},
        {"id": "dose", "label": "Another starting dose", "source": "protocol 3.3", "unknown": "query",
         "require": {"dose": {"equals": "10"}}},
    ],
    "what_if": [{"id": "fit_or_not", "label": "x", "without": ["unfit", "tumour"]}],
    "variables": {"ecog": {"label": "ECOG", "kind": "categorical", "levels": {"0": "Fully active", "2": "In bed"}},
                  "dose": {"label": "Dose", "kind": "continuous", "unit": "mg"}},
}  # fmt: skip
FACTS = table(COVARIATES, """
    patient_id | variable   | value      | number | reason    | source_table | source_record_id | source_date
    p1aaaaaa   | ecog       | 2          |        | nearest   | observations | o1               | 2020-01-05
    p1aaaaaa   | dose       |            | 10     | first     | treatments   | t1               | 2020-02-01
    p1aaaaaa   | index_date | 2020-02-01 |        | first     | treatments   | t1               | 2020-02-01
    p2bbbbbb   | ecog       |            |        | no record |              |                  |
    p2bbbbbb   | dose       |            |        | no record |              |                  |
    p2bbbbbb   | index_date | 2020-03-01 |        | first     | treatments   | t2               | 2020-03-01
    """)  # fmt: skip
DIAGNOSED = table(DIAGNOSES, "patient_id | record_id | diagnosis_date\np1aaaaaa | d1 | 2019-01-01")


@pytest.fixture
def cutline(tmp_path, monkeypatch, capsys):
    """The command in a project whose cut holds what the criteria found of two persons."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    folder = write_cut(tmp_path).folder
    persons = table(PATIENTS, "patient_id\np1aaaaaa\np2bbbbbb")
    found = select_cohort(settings=SETTINGS, covariates=FACTS, patients=persons, diagnoses=DIAGNOSED)
    for spec in (LEDGER, ELIGIBILITY, WHAT_IF):
        found[spec.name].to_parquet(folder / f"patient/{spec.name}.parquet")
    FACTS.to_parquet(folder / "patient/covariates.parquet")
    ledger = folder / "patient/ledger.parquet"
    write_record(job_record("select_cohort", CODE, SETTINGS, []), ledger, folder, fingerprint(ledger), 2)

    def run(*arguments):
        code = main(["eligibility", *arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def lines(told):
    return [" ".join(line.split()) for line in told.splitlines()]


def test_the_excluded_are_told_the_first_criterion_and_all_and_the_records_behind_each(cutline):
    code, told, _ = cutline("p1aaaaaa")
    said = lines(told)
    assert code == 0
    assert said[0] == f"p1aaaaaa, study trial, cut {CUT}: excluded"
    assert said[1] == "first excluded by “ECOG 2 or worse”, also by “Other malignancy”"
    assert "what if: included in fit_or_not" in said
    assert "1. fails: ECOG 2 or worse" in said
    assert "rests on protocol 3.1" in said
    assert "ECOG In bed nearest observations o1 2020-01-05" in said
    assert "A record of diagnoses found diagnoses d1 2019-01-01" in said
    assert "3. passes: Another starting dose" in said
    assert "Dose 10 mg first treatments t1 2020-02-01" in said


def test_the_pending_are_told_what_is_not_known_and_how_unknown_is_treated(cutline):
    said = lines(cutline("p2bbbbbb")[1])
    assert said[0].endswith("pending")
    assert said[1] == "first not decided at “Another starting dose”"
    assert "1. unknown, included all the same: ECOG 2 or worse" in said
    assert "3. unknown, to be queried: Another starting dose" in said
    assert "Dose not known no record no record" in said
    assert "A record of diagnoses none found no record" in said


def test_everything_is_json_for_programs(cutline):
    told = json.loads(cutline("p2bbbbbb", "--json")[1])
    assert (told["status"], told["first"], told["all"]) == ("pending", "dose", ["dose"])
    assert [each["answer"] for each in told["criteria"]] == ["unknown", "met", "unknown"]


def test_a_pseudonym_nobody_has_names_the_nearest_and_has_an_exit_code(cutline):
    code, _, told = cutline("p1aaaaab")
    assert code == CohortError.exit_code
    assert "p1aaaaab is none of the 2 screened patients; the nearest: p1aaaaaa" in told


def test_without_the_patient_level_nobody_is_told_about(cutline, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError

    monkeypatch.setattr(pd, "read_parquet", refuse)
    code, _, told = cutline("p1aaaaaa")
    assert code == SetupError.exit_code
    assert "may not be read by you" in told
