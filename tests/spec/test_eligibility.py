"""Eligibility: each person counted once, at the first criterion failed; unknown does what the study says."""

from __future__ import annotations

import pandas as pd
import pytest

from cutline.cohort import select_cohort
from cutline.tables.covariates import COVARIATES
from cutline.tables.patients import PATIENTS
from tests.spec.tables import cases, table

# Patient, HER2 status, dose, index date; blank is unknown.
FACTS = """
patient_id | her2     | dose | index_date
A          | zero     | 10   | 2020-01-01
B          | positive | 10   | 2020-06-01
C          | positive | 5    | 2020-06-01
D          |          | 10   | 2024-12-31
E          | low      | 2.5  | 2020-06-01
F          | low      | 10   | 2025-01-01
G          | low      |      | 2020-06-01
"""


def covariates(facts: str) -> pd.DataFrame:
    """The facts as covariates: dose is a number, what is blank is unknown."""
    rows = []
    for patient, her2, dose, index_date in cases(facts):
        rows += [(patient, "her2", her2, None), (patient, "dose", None, dose)]
        rows += [(patient, "index_date", index_date, None)]
    frame = pd.DataFrame(rows, columns=["patient_id", "variable", "value", "number"])
    from_record = {"source_table": "t", "source_record_id": frame["patient_id"] + "-" + frame["variable"]}
    frame = frame.assign(reason="x", anchor=None, source_date=None, **from_record)
    return table_of(frame)


def table_of(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame({name: frame[name] for name in COVARIATES.names}).astype({"number": "float64"})


def select(*criteria: dict, facts: str = FACTS) -> dict[str, pd.DataFrame]:
    settings = {"criteria": [{"label": criterion["id"]} | criterion for criterion in criteria],
                "window": {"start": "2020-01-01", "end": "2024-12-31"}}  # fmt: skip
    found = covariates(facts)
    patients = table(PATIENTS, "patient_id\n" + "\n".join(found["patient_id"].unique()))
    return select_cohort(settings=settings, covariates=found, patients=patients)


NO_HER2_POSITIVE = {"id": "her2_positive", "exclude": {"her2": ["positive"]}, "unknown": "keep"}
FULL_DOSE = {"id": "dose", "require": {"dose": ["10"]}, "unknown": "exclude"}
KNOWN = {"id": "missing", "require_known": ["her2", "dose", "index_date"]}
IN_WINDOW = {"id": "window", "require_in_window": "index_date"}


def test_each_person_is_counted_at_the_first_criterion_failed_and_the_ledger_holds_all():
    chosen = select(NO_HER2_POSITIVE, KNOWN, FULL_DOSE, IN_WINDOW)
    ledger = chosen["ledger"].set_index("patient_id")
    first = [None, "her2_positive", "her2_positive", "missing", "dose", "window", "missing"]
    assert ledger["first_failed"].to_dict() == dict(zip("ABCDEFG", first, strict=True))
    assert ledger.loc["C", "all_failed"] == "her2_positive;dose"
    assert ledger.loc["G", "all_failed"] == "missing;dose"
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]


def test_attrition_lists_every_criterion_in_order_zeros_included_and_adds_up():
    nobody = {"id": "nobody", "exclude": {"her2": ["unheard_of"]}, "unknown": "keep"}
    chosen = select(nobody, NO_HER2_POSITIVE, KNOWN, FULL_DOSE, IN_WINDOW)
    attrition = chosen["attrition"]
    assert attrition["criterion"].tolist() == ["nobody", "her2_positive", "missing", "dose", "window"]
    assert attrition["excluded"].tolist() == [0, 2, 2, 1, 1]
    assert attrition["remaining"].tolist() == [7, 5, 3, 2, 1]


def test_order_decides_where_a_person_is_counted_but_not_who_is_in():
    forwards, backwards = select(NO_HER2_POSITIVE, FULL_DOSE, KNOWN), select(KNOWN, FULL_DOSE, NO_HER2_POSITIVE)
    assert forwards["cohort"].equals(backwards["cohort"])
    assert removed(forwards) == {"her2_positive": 2, "dose": 2, "missing": 1}
    assert removed(backwards) == {"missing": 2, "dose": 2, "her2_positive": 1}


def removed(chosen: dict[str, pd.DataFrame]) -> dict[str, int]:
    return chosen["attrition"].set_index("criterion")["excluded"].to_dict()


@pytest.mark.parametrize(("unknown", "kept"), [("keep", True), ("exclude", False)])
@pytest.mark.parametrize("asks", [{"exclude": {"her2": ["positive"]}}, {"require": {"her2": ["zero", "low"]}}])
def test_an_unknown_fact_does_what_the_study_says(asks, unknown, kept):
    ledger = select({"id": "her2", "unknown": unknown} | asks)["ledger"].set_index("patient_id")
    assert ledger.loc["D", "included"] == kept


def test_of_two_excluding_facts_one_that_holds_excludes_though_the_other_is_unknown():
    both = {"id": "both", "exclude": {"her2": ["positive"], "dose": ["10"]}, "unknown": "keep"}
    ledger = select(both)["ledger"].set_index("patient_id")
    assert not ledger.loc["D", "included"]
    assert ledger.loc["G", "included"]


def test_a_number_is_compared_as_its_text():
    ledger = select({"id": "dose", "require": {"dose": ["10", "2.5"]}, "unknown": "exclude"})["ledger"]
    assert ledger.loc[ledger["included"], "patient_id"].tolist() == ["A", "B", "D", "E", "F"]


def test_the_window_includes_its_first_and_its_last_day():
    assert select(IN_WINDOW)["cohort"]["patient_id"].tolist() == ["A", "B", "C", "D", "E", "G"]


def test_an_unknown_index_date_is_not_in_the_window():
    ledger = select(IN_WINDOW, facts=FACTS + "H | zero | 10 |\n")["ledger"].set_index("patient_id")
    assert ledger.loc["H", "first_failed"] == "window"


def test_the_ledger_names_each_record_once_that_failures_rest_on():
    twice = NO_HER2_POSITIVE | {"id": "again"}
    ledger = select(NO_HER2_POSITIVE, twice, FULL_DOSE)["ledger"].set_index("patient_id")
    assert ledger.loc["C", "source_records"] == "t:C-her2;t:C-dose"
    assert ledger.loc["A", "source_records"] is None


def test_nobody_eligible_gives_an_empty_cohort_and_the_whole_attrition():
    nobody = {"id": "nobody", "require": {"her2": ["unheard_of"]}, "unknown": "exclude"}
    chosen = select(nobody, FULL_DOSE)
    assert chosen["cohort"].empty
    assert chosen["attrition"]["excluded"].tolist() == [7, 0]
    assert chosen["attrition"]["remaining"].tolist() == [0, 0]


def test_an_included_person_carries_the_record_of_the_index_date():
    row = select(NO_HER2_POSITIVE, KNOWN, FULL_DOSE, IN_WINDOW)["cohort"].iloc[0]
    assert row["index_date"] == pd.Timestamp("2020-01-01")
    assert (row["source_table"], row["source_record_id"]) == ("t", "A-index_date")
