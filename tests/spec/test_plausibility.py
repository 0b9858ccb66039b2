"""Each rule of plausibility: records that break it, and records that come close and do not.

A case is a few small tables and the record that is found, or `-`. Patient a was born in 1960, came on the list on
2019-01-01 and began the study treatment on 2021-01-01.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cutline.quality.check import check_records
from cutline.quality.findings import look
from cutline.quality.listed import code_checks, range_checks
from cutline.quality.rules import ASKED, ERROR, RULES
from cutline.tables.cohort import COHORT
from cutline.tables.layout import RECORD_TABLES
from cutline.tables.spec import unpacked
from tests.spec.tables import grid, table

LISTS = Path(__file__).parents[2] / "config" / "quality"
PATIENTS = "record_id | patient_id | birth_date | screened_on\nP | a | 1960-05-05 | 2019-01-01"
INDEX = "patient_id | index_date\na | 2021-01-01"
ALSO = {"drug": "letrozole", "icd10": "C50.9", "item": "ecog", "value": "1", "procedure": "biopsy", "term": "rash",
        "lesion_number": "1", "treatment_record_id": "T", "assessment_record_id": "A", "patient_id": "a"}  # fmt: skip
"""What a case does not write, where a record must have it."""

CASES = {
    # ── errors ──
    ("missing", "treatments"): ["start_date | drug\n| everolimus", "start_date | drug\n2021-01-01 | everolimus"],
    ("not_a_date", "treatments"): ["start_date\n2021-02-30", "start_date\n2021-02-28"],
    ("not_a_number", "lesions"): ["assessment_date | diameter_mm\n2021-01-01 | ten",
                                  "assessment_date | diameter_mm\n2021-01-01 | 10"],
    ("not_whole", "adverse_events"): ["onset_date | grade\n2021-01-01 | 1.5", "onset_date | grade\n2021-01-01 | 1.0"],
    ("out_of_range", "adverse_events"): ["onset_date | grade\n2021-01-01 | 6", "onset_date | grade\n2021-01-01 | 5"],
    ("not_allowed", "assessments"): ["assessment_date | overall_response\n2021-01-01 | good",
                                     "assessment_date | overall_response\n2021-01-01 | pd"],
    ("copy", "treatments"): ["start_date | drug\n2021-01-01 | everolimus\n2021-01-01 | everolimus",
                             "start_date | drug\n2021-01-01 | everolimus\n2021-01-01 | exemestane"],
    ("same_id", "treatments"): ["record_id | start_date\nT | 2021-01-01\nT | 2021-02-01",
                                "record_id | start_date\nT | 2021-01-01\nU | 2021-02-01"],
    ("unknown_patient", "treatments"): ["patient_id | start_date\nb | 2021-01-01",
                                        "patient_id | start_date\na | 2021-01-01"],
    ("before_everything", "deaths"): ["death_date\n2018-12-31", "death_date\n2019-01-01"],
    ("before_birth", "deaths"): ["death_date\n1960-05-04", "death_date\n2022-01-01"],
    ("before_birth", "diagnoses"): ["diagnosis_date\n1960-05-04", "diagnosis_date\n1960-05-05"],
    ("stops_before_start", "treatments"): ["start_date | stop_date\n2021-01-02 | 2021-01-01",
                                           "start_date | stop_date\n2021-01-01 | 2021-01-01"],
    ("stops_before_start", "doses"): ["start_date | stop_date\n2021-01-02 | 2021-01-01",
                                      "start_date | stop_date\n2021-01-01 | 2021-01-01"],
    ("ends_before_onset", "adverse_events"): ["onset_date | end_date\n2021-01-02 | 2021-01-01",
                                              "onset_date | end_date\n2021-01-01 | 2021-01-01"],
    ("worst_before_onset", "adverse_events"): ["onset_date | worst_grade_date\n2021-01-02 | 2021-01-01",
                                               "onset_date | worst_grade_date\n2021-01-01 | 2021-01-01"],
    ("worst_below_onset", "adverse_events"): ["onset_date | grade | worst_grade\n2021-01-01 | 3 | 2",
                                              "onset_date | grade | worst_grade\n2021-01-01 | 3 | 3"],
    ("impossible_ecog", "observations"): ["observed_on | item | value\n2021-01-01 | ECOG | 6",
                                          "observed_on | item | value\n2021-01-01 | weight | 60"],
    # ── warnings ──
    ("treatment_before_diagnosis", "treatments"): [
        "start_date\n2018-01-01\n; diagnoses: diagnosis_date\n2018-01-02",
        "start_date\n2018-01-02\n; diagnoses: diagnosis_date\n2018-01-02"],
    ("metastasis_before_primary", "diagnoses"): ["diagnosis_date | icd10\n2018-01-01 | C79.5\n2018-01-02 | C50.4",
                                                 "diagnosis_date | icd10\n2018-01-02 | C79.5\n2018-01-02 | C50.4"],
    ("progression_before_index", "assessments"): [
        "assessment_date | kind | overall_response\n2020-12-20 | baseline |\n2020-12-30 | unscheduled | PD",
        "assessment_date | kind | overall_response\n2020-12-10 | scheduled | PD\n2020-12-20 | baseline |\n"
        "2021-01-01 | unscheduled | PD"],
    ("duplicate_visit", "assessments"): [
        "assessment_date | modality | assessor | target_sum_mm\n2021-03-01 | ct | radiology | 20\n"
        "2021-03-01 | ct | radiology | 30",
        "assessment_date | modality | assessor | target_sum_mm\n2021-03-01 | ct | radiology | 20\n"
        "2021-03-01 | bone_scan | radiology | 30"],
    ("duplicate_visit", "follow_up"): ["contact_date | status\n2021-03-01 | alive\n2021-03-01 | lost",
                                       "contact_date | status\n2021-03-01 | alive\n2021-03-02 | lost"],
    ("dead_at_visit", "observations"): ["observed_on | item | value\n2021-01-01 | ecog | 5",
                                        "observed_on | item | value\n2021-01-01 | ecog | 5\n; "
                                        "deaths: death_date\n2021-01-01"],
    ("fatal_without_death", "adverse_events"): [
        "onset_date | grade | worst_grade\n2021-01-01 | 4 | 5",
        "onset_date | grade | worst_grade\n2021-01-01 | 4 | 5\n; deaths: death_date\n2021-01-09"],
    ("no_parent", "doses"): ["treatment_record_id | start_date\nU | 2021-01-01\n; "
                             "treatments: record_id | start_date\nT | 2021-01-01",
                             "treatment_record_id | start_date\nT | 2021-01-01\n; "
                             "treatments: record_id | start_date\nT | 2021-01-01"],
    ("no_parent", "lesions"): ["assessment_record_id | assessment_date\nB | 2021-01-01\n; "
                               "assessments: record_id | assessment_date\nA | 2021-01-01",
                               "assessment_record_id | assessment_date\nA | 2021-01-01\n; "
                               "assessments: record_id | assessment_date\nA | 2021-01-01"],
    ("implausible_range", "treatments"): ["start_date | drug | dose_mg\n2021-01-01 | Everolimus | 100",
                                          "start_date | drug | dose_mg\n2021-01-01 | Everolimus | 10"],
    ("implausible_range", "observations"): ["observed_on | item | value | unit\n2021-01-01 | weight | 654 | kg",
                                            "observed_on | item | value | unit\n2021-01-01 | weight | 65.4 | kg"],
    ("implausible_range", "pathology"): ["sample_date | er_percent\n2019-01-01 | 900%",
                                         "sample_date | er_percent\n2019-01-01 | 90%\n2019-01-02 | positive"],
    ("implausible_range", "lesions"): ["assessment_date | diameter_mm\n2021-01-01 | 450",
                                       "assessment_date | diameter_mm\n2021-01-01 | 45"],
    ("unexpected_unit", "observations"): ["observed_on | item | value | unit\n2021-01-01 | weight | 144 | lb",
                                          "observed_on | item | value | unit\n2021-01-01 | weight | 65 | KG"],
    ("unknown_code", "treatments"): ["start_date | stop_reason\n2021-01-01 | Progresyon",
                                     "start_date | stop_reason\n2021-01-01 | Progression\n2021-02-01 |"],
    ("malformed_code", "diagnoses"): ["diagnosis_date | icd10\n2019-01-01 | C5O.4",
                                      "diagnosis_date | icd10\n2019-01-01 | C50.4\n2019-01-01 | c504"],
    ("malformed_code", "treatments"): ["start_date | atc\n2021-01-01 | L1EG02",
                                       "start_date | atc\n2021-01-01 | L01EG02\n2021-02-01 |"],
    # ── notes ──
    ("written_before", "assessments"): ["assessment_date | recorded_on\n2021-03-02 | 2021-03-01",
                                        "assessment_date | recorded_on\n2021-03-01 | 2021-03-01"],
}  # fmt: skip
DATES = {name: spec.began for name, spec in RECORD_TABLES.items() if spec.began}
for _name in RULES["after_death"].tables:
    CASES["after_death", _name] = [f"{DATES[_name]}\n2021-06-02\n; deaths: death_date\n2021-06-01",
                                   f"{DATES[_name]}\n2021-06-01\n; deaths: death_date\n2021-06-01"]  # fmt: skip
for _name in RULES["finding_after_death"].tables:
    CASES["finding_after_death", _name] = CASES["after_death", "treatments"]
    CASES["finding_after_death", _name] = [
        f"{DATES[_name]}\n2021-06-0{day}\n; deaths: death_date\n2021-06-01" for day in (2, 1)
    ]
for _name in RULES["after_loss"].tables:
    CASES["after_loss", _name] = [
        f"{DATES[_name]}\n2021-06-02\n; follow_up: contact_date | status\n2021-06-01 | lost",
        f"{DATES[_name]}\n2021-06-02\n; follow_up: contact_date | status\n2021-06-01 | lost\n2021-07-01 | alive",
    ]
    CASES["after_last_contact", _name] = [
        f"{DATES[_name]}\n2021-06-0{day}\n; follow_up: contact_date | status\n2021-06-01 | alive" for day in (2, 1)
    ]


def written(name: str, text: str) -> pd.DataFrame:
    """A snapshot table: what the text says, and what every record must have."""
    rows, spec = grid(text), RECORD_TABLES[name]
    needed = {column.name: ALSO.get(column.name) for column in spec.columns if column.required}
    needed["record_id"] = [f"{name}-{place}" for place in range(1, len(rows) + 1)]
    return rows.assign(**{key: value for key, value in needed.items() if key not in rows}).reindex(columns=spec.names)


def broken(name: str, text: str) -> set[str]:
    """The ids of all rules that the records of table `name` break; `; other: …` adds another table."""
    first, *others = text.split("\n; ")
    tables = {name: first} | dict(other.split(": ", 1) for other in others)
    snapshot = {"patients": written("patients", PATIENTS)} | {key: written(key, rows) for key, rows in tables.items()}
    checked = check_records(settings={"source": {"tables": {key: {} for key in snapshot}}}, **snapshot)
    records = {key: unpacked(checked[key]) for key in snapshot} | {"cohort": table(COHORT, INDEX)}
    listed = [*range_checks(LISTS / "ranges.csv"), *code_checks(LISTS / "codes.csv")]
    found = look({}, records, listed)
    aside = checked["quarantine"]
    return {*aside.loc[aside["table"] == name, "check"], *found.loc[found["table"] == name, "rule"]}


@pytest.mark.parametrize(("rule", "name"), CASES)
def test_a_record_breaks_the_rule_and_another_that_comes_close_does_not(rule, name):
    trips, passes = CASES[rule, name]
    assert rule in broken(name, trips)
    assert rule not in broken(name, passes)


def test_every_rule_of_records_has_its_cases():
    assert {rule for rule, _ in CASES} == {*RULES} - {rule.id for rule in ASKED}


def test_every_table_that_a_rule_names_has_a_case_or_a_list():
    looked_at = {(rule.id, name) for rule in RULES.values() for name in rule.tables if rule not in ASKED}
    by_list = {(rule, name) for rule, name in looked_at if rule == "implausible_range"} | {
        ("progression_before_index", "subjects")
    }
    assert looked_at - set(CASES) <= by_list


def test_a_date_in_a_row_per_person_that_ends_an_endpoint_lies_not_before_the_index_date():
    endpoints = {"pfs": {"events": [{"reason": "progression", "table": "subjects", "date": "progressed_on"}]}}
    rows = pd.DataFrame({"record_id": ["1", "2"], "patient_id": ["a", "b"],
                         "progressed_on": pd.to_datetime(["2020-12-31", "2021-01-01"])})  # fmt: skip
    cohort = table(COHORT, INDEX + "\nb | 2021-01-01")
    found = look({"endpoints": endpoints}, {"subjects": rows, "cohort": cohort}, [])
    assert found[["rule", "patient_id", "column"]].to_numpy().tolist() == [
        ["progression_before_index", "a", "progressed_on"]
    ]


STRANGE = {"treatments": table(RECORD_TABLES["treatments"], "start_date | stop_reason\n2021-01-01 | Progresyon")}


def test_what_a_rule_sets_aside_is_an_error_and_what_it_only_asks_about_is_none():
    assert look({}, STRANGE, code_checks(LISTS / "codes.csv"))["severity"].tolist() == ["warning"]
    assert RULES["stops_before_start"].severity == ERROR


@pytest.mark.parametrize(("chosen", "severities"), [("note", ["note"]), ("off", [])])
def test_a_study_may_choose_how_grave_a_warning_is(chosen, severities):
    settings = {"quality": {"severity": {"unknown_code": chosen}}}
    assert look(settings, STRANGE, code_checks(LISTS / "codes.csv"))["severity"].tolist() == severities
