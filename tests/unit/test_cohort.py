from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.cohort import select_cohort
from cutline.errors import CohortError, ConfigError, RecordError
from cutline.tables.cohort import ATTRITION, COHORT, LEDGER
from cutline.tables.covariates import COVARIATES
from cutline.tables.follow_up import FOLLOW_UP
from cutline.tables.patients import PATIENTS
from cutline.tables.spec import conform, empty
from tests.spec.tables import table

PATIENTS_ABC = table(PATIENTS, "patient_id\nA\nB\nC")
FACTS = table(
    COVARIATES,
    """
    patient_id | variable   | value      | source_table | source_record_id
    A          | index_date | 2020-01-01 | treatments   | t1
    B          | index_date | 2020-02-01 | treatments   | t2
    C          | index_date |            |              |
    A          | ecog       | 0          | observations | o1
    B          | ecog       | 2          | observations | o2
    C          | ecog       | 1          | observations | o3
    """,
)
WINDOW = {"start": "2020-01-01", "end": "2020-12-31"}
WITH_INDEX = {"id": "no_index", "label": "No index date", "require_known": ["index_date"]}
FIT = {"id": "unfit", "label": "ECOG 2 or worse", "exclude": {"ecog": ["2", "3", "4"]}, "unknown": "keep"}


def select(*criteria, covariates=FACTS, patients=PATIENTS_ABC, **records):
    study = {"criteria": list(criteria), "window": WINDOW}
    return select_cohort(settings=study, covariates=covariates, patients=patients, **records)


def test_cohort_ledger_and_attrition_follow_their_specs_in_order():
    chosen = select(WITH_INDEX, FIT)
    for name, spec in (("cohort", COHORT), ("ledger", LEDGER), ("attrition", ATTRITION)):
        pd.testing.assert_frame_equal(chosen[name], conform(chosen[name], spec))
        pd.testing.assert_frame_equal(chosen[name], chosen[name].sort_values(list(spec.sort), ignore_index=True))


def test_screened_is_excluded_and_included_together():
    chosen = select(WITH_INDEX, FIT)
    assert len(chosen["ledger"]) == chosen["attrition"]["excluded"].sum() + len(chosen["cohort"]) == 3


def test_a_person_without_any_record_of_a_needed_table_fails():
    contacts = table(FOLLOW_UP, "patient_id | contact_date\nA | 2020-06-01\nA | 2020-07-01")
    needed = {"id": "no_follow_up", "label": "No follow-up", "require_records": ["follow_up"]}
    chosen = select(needed, follow_up=contacts)
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]


def test_one_criterion_may_ask_several_things():
    contacts = table(FOLLOW_UP, "patient_id | contact_date\nA | 2020-06-01\nC | 2020-07-01")
    both = WITH_INDEX | {"require_records": ["follow_up"]}
    chosen = select(both, follow_up=contacts)
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]
    assert chosen["attrition"]["excluded"].tolist() == [2]


def test_a_study_without_dates_takes_its_persons_and_columns_from_subjects():
    subjects = pd.DataFrame({"record_id": ["1", "2"], "patient_id": ["A", "B"], "time": pd.array([5, None], "Int64")})
    known = {"id": "no_time", "label": "No time", "require_known_columns": ["time"]}
    chosen = select_cohort(settings={"criteria": [known], "time_only": True}, covariates=empty(COVARIATES),
                           subjects=subjects)  # fmt: skip
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]
    assert chosen["cohort"]["index_date"].isna().all()
    assert chosen["ledger"]["first_failed"].tolist() == [None, "no_time"]


def test_nobody_screened_gives_empty_tables_and_zeros():
    chosen = select(WITH_INDEX, FIT, covariates=FACTS.head(0), patients=PATIENTS_ABC.head(0))
    assert chosen["cohort"].empty
    assert chosen["ledger"].empty
    assert chosen["attrition"]["excluded"].tolist() == [0, 0]


def test_an_included_person_without_index_date_stops_the_run_with_the_count():
    with pytest.raises(CohortError, match=r"1 included person\(s\) have no index date; add a criterion"):
        select(FIT)


def test_a_person_listed_twice_is_refused_with_the_count():
    with pytest.raises(RecordError, match=r"2 person\(s\) listed more than once"):
        select(FIT, patients=table(PATIENTS, "patient_id\nA\nA\nB\nB"))


@pytest.mark.parametrize(
    ("criterion", "complaint"),
    [
        ({"exclude": {"egoc": ["2"]}, "unknown": "keep"}, "unknown variable 'egoc'; known: ecog, index_date"),
        ({"exclude": {"ecog": ["2"]}}, r"criteria\.x\.unknown: missing; say keep or exclude"),
        ({}, r"criteria\.x: asks nothing"),
        ({"require_records": ["follow_up"]}, "table 'follow_up' is not among"),
    ],
)
def test_a_criterion_that_cannot_be_tested_is_refused(criterion, complaint):
    with pytest.raises(ConfigError, match=complaint):
        select({"id": "x", "label": "x"} | criterion)


def test_a_window_criterion_needs_a_window():
    criterion = {"id": "x", "label": "x", "require_in_window": "index_date"}
    with pytest.raises(ConfigError, match=r"study\.yaml has no window"):
        select_cohort(settings={"criteria": [criterion]}, covariates=FACTS, patients=PATIENTS_ABC)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(len(FACTS))), st.permutations(range(3)))
def test_the_order_of_the_rows_changes_nothing(of_facts, of_patients):
    facts, patients = FACTS.iloc[list(of_facts)], PATIENTS_ABC.iloc[list(of_patients)]
    shuffled = select(WITH_INDEX, FIT, covariates=facts, patients=patients)
    for name, expected in select(WITH_INDEX, FIT).items():
        pd.testing.assert_frame_equal(shuffled[name], expected)
