from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.covariates import derive_covariates
from cutline.errors import ConfigError, RecordError
from cutline.tables.covariates import COVARIATES
from cutline.tables.diagnoses import DIAGNOSES
from cutline.tables.observations import OBSERVATIONS
from cutline.tables.pathology import PATHOLOGY
from cutline.tables.patients import PATIENTS
from cutline.tables.spec import conform, unpacked
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import day, table

RECORDS = {
    "patients": table(PATIENTS, "patient_id | birth_date\nB | 1970-01-01\nA | 1960-05-10\nC |"),
    "treatments": table(
        TREATMENTS,
        """
        record_id | patient_id | atc     | start_date | dose_mg
        t1        | A          | L01EG02 | 2020-02-01 | 10
        t2        | A          | L01EG02 | 2021-02-01 | 5
        t3        | B          | L01EG02 | 2020-03-01 |
        """,
    ),
    "observations": table(
        OBSERVATIONS,
        """
        record_id | patient_id | observed_on | item | value
        o1        | A          | 2020-01-20  | ecog | 1
        o2        | B          | 2020-03-05  | ecog | two
        """,
    ),
    "pathology": table(
        PATHOLOGY,
        """
        record_id | patient_id | sample_date | specimen | histology  | er_percent
        p1        | A          | 2020-01-05  | primary  |  IDC       | 90
        p2        | B          | 2020-01-05  | primary  | papillary  | <10
        """,
    ),
    "diagnoses": table(DIAGNOSES, "patient_id | icd10 | diagnosis_date\nA | C50 | 2020-01-01\nB | C50.4 | 2020-01-02"),
}
INDEX = {"label": "start", "select": {"table": "treatments", "where": {"atc": ["L01EG02"]}, "date": "start_date"}}
ECOG = {"kind": "categorical", "derive": "record_value", "anchor": "index_date", "levels": {"0": "0", "1": "1"},
        "select": {"table": "observations", "where": {"item": ["ecog"]}, "date": "observed_on", "value": "value",
                   "take": "nearest", "days_before": 30, "days_after": 30}}  # fmt: skip
DOSE = {"kind": "continuous", "derive": "record_value", "anchor": "index_date",
        "select": INDEX["select"] | {"value": "dose_mg"}}  # fmt: skip
HISTOLOGY = {"kind": "categorical", "derive": "record_value", "codelist": "histology", "levels": {"ductal": "Ductal"},
             "select": {"table": "pathology", "date": "sample_date", "value": "histology"}}  # fmt: skip


def derive(variables: dict, records: dict = RECORDS, **inputs) -> pd.DataFrame:
    study = {"variables": variables, "index_date": INDEX, "statistics": {"days_per_month": 30.4375}}
    return unpacked(derive_covariates(settings=study, **records, **inputs)["covariates"])


def rows(variables: dict, name: str, **inputs) -> pd.DataFrame:
    derived = derive(variables, **inputs)
    return derived[derived["variable"] == name].set_index("patient_id")


@pytest.fixture
def codes(tmp_path) -> Path:
    path = tmp_path / "histology.csv"
    path.write_text("recorded,level\nidc,ductal\nilc,lobular\n", encoding="utf-8")
    return path


def test_every_screened_person_has_a_row_for_every_variable_and_the_index_date():
    derived = derive({"ecog": ECOG, "dose": DOSE})
    assert list(zip(derived["patient_id"], derived["variable"], strict=True)) == [
        (patient, variable) for patient in "ABC" for variable in ("dose", "ecog", "index_date")
    ]


def test_the_table_follows_its_spec():
    derived = derive({"ecog": ECOG, "dose": DOSE})
    pd.testing.assert_frame_equal(derived, conform(derived, COVARIATES))


def test_the_index_date_is_the_first_matching_record():
    index = rows({"dose": DOSE}, "index_date")
    assert index["value"].to_dict() == {"A": "2020-02-01", "B": "2020-03-01", "C": None}
    assert index.loc["A", "source_record_id"] == "t1"
    assert index.loc["C", "reason"] == "no matching record in treatments"


def test_a_study_without_dates_has_no_index_date():
    subjects = pd.DataFrame({"record_id": ["1"], "patient_id": ["A"], "nodes": pd.array([3], dtype="Int64")})
    study = {"variables": {"nodes": {"kind": "continuous", "derive": "column", "column": "nodes"}}, "time_only": True,
             "statistics": {"days_per_month": 30.4375}}  # fmt: skip
    derived = unpacked(derive_covariates(settings=study, subjects=subjects)["covariates"])
    assert derived["variable"].tolist() == ["nodes"]
    assert derived["number"].tolist() == [3.0]


def test_a_value_is_a_level_and_one_that_is_no_level_is_unknown_with_a_reason():
    ecog = rows({"ecog": ECOG}, "ecog")
    assert ecog["value"].to_dict() == {"A": "1", "B": None, "C": None}
    assert ecog["reason"].to_dict() == {
        "A": "nearest record to index_date", "B": "not one of the variable's levels", "C": "index_date is unknown",
    }  # fmt: skip
    assert ecog.loc["A", ["anchor", "source_table", "source_record_id", "source_date"]].tolist() == [
        "index_date", "observations", "o1", day("2020-01-20"),
    ]  # fmt: skip


def test_a_recorded_text_goes_through_the_code_list(codes):
    histology = rows({"histology": HISTOLOGY}, "histology", codelist_histology=codes)
    assert histology["value"].to_dict() == {"A": "ductal", "B": None, "C": None}
    assert histology.loc["B", "reason"] == "not in the code list"


def test_a_code_that_the_variable_does_not_list_is_unknown(codes):
    only_lobular = HISTOLOGY | {"levels": {"lobular": "Lobular"}}
    histology = rows({"histology": only_lobular}, "histology", codelist_histology=codes)
    assert histology.loc["A", ["value", "reason"]].tolist() == [None, "not one of the variable's levels"]


def test_a_number_is_taken_from_the_record_that_has_one():
    dose = rows({"dose": DOSE}, "dose")
    assert dose["number"].fillna(-1).to_dict() == {"A": 10.0, "B": -1.0, "C": -1.0}
    assert dose["value"].isna().all()


def test_a_number_written_with_a_comma_is_read_and_a_word_is_unknown():
    weight = {"kind": "continuous", "derive": "record_value",
              "select": {"table": "observations", "date": "observed_on", "value": "value"}}  # fmt: skip
    written = RECORDS | {"observations": table(OBSERVATIONS, "patient_id | observed_on | value\nA | 2020-01-01 | 70,5\n"
                                                             "B | 2020-01-01 | heavy")}  # fmt: skip
    found = rows({"weight": weight}, "weight", records=written)
    assert found.loc["A", "number"] == 70.5
    assert found.loc["B", "reason"] == "not a number as recorded"


def test_a_percentage_on_both_sides_of_the_threshold_is_unknown_with_the_reason():
    receptor = {"kind": "categorical", "derive": "receptor_er", "anchor": "index_date",
                "levels": {"positive": "+", "negative": "-"}}  # fmt: skip
    er = rows({"er": receptor}, "er")
    assert er["value"].to_dict() == {"A": "positive", "B": None, "C": None}
    assert er["reason"].to_dict() == {"A": "1 % of nuclei or more", "C": "index_date is unknown",
                                      "B": "the percentage as written lies on both sides of 1 %"}  # fmt: skip


def test_recorded_values_of_a_column_are_mapped_to_levels():
    subjects = pd.DataFrame({"record_id": ["1", "2", "3", "4"], "patient_id": list("ABCD"),
                             "menopause": ["Pre", "post", None, "peri"]})  # fmt: skip
    status = {"kind": "categorical", "derive": "column", "column": "menopause",
              "values": {"Pre": "premenopausal", "Post": "postmenopausal"},
              "levels": {"premenopausal": "Pre", "postmenopausal": "Post"}}  # fmt: skip
    study = {"variables": {"status": status}, "statistics": {"days_per_month": 30.4375}}
    derived = unpacked(derive_covariates(settings=study, subjects=subjects)["covariates"])
    assert derived["value"].tolist() == ["premenopausal", "postmenopausal", None, None]
    assert derived["reason"].tolist() == ["as recorded", "as recorded", "blank in the source",
                                          "not among the recorded values the study maps"]  # fmt: skip


def test_a_column_of_durations_in_months_is_cut_as_it_is():
    subjects = pd.DataFrame({"record_id": ["1", "2"], "patient_id": ["A", "B"], "months": [14.29, 14.3]})
    variables = {"months": {"kind": "continuous", "unit": "months", "derive": "column", "column": "months"},
                 "group": {"kind": "categorical", "derive": "cut", "inputs": ["months"], "cut_points": [14.3],
                           "levels": {"below": "<", "above": "≥"}}}  # fmt: skip
    study = {"variables": variables, "statistics": {"days_per_month": 30.4375}}
    derived = unpacked(derive_covariates(settings=study, subjects=subjects)["covariates"])
    assert derived.loc[derived["variable"] == "group", "value"].tolist() == ["below", "above"]


def test_nobody_screened_gives_an_empty_table():
    nobody = {name: rows.head(0) for name, rows in RECORDS.items()}
    assert derive({"ecog": ECOG, "dose": DOSE}, records=nobody).empty


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_order_of_the_source_rows_changes_nothing(data):
    shuffled = {name: table.iloc[data.draw(st.permutations(range(len(table))))] for name, table in RECORDS.items()}
    receptor = {"kind": "categorical", "derive": "receptor_er", "anchor": "index_date",
                "levels": {"positive": "+", "negative": "-"}}  # fmt: skip
    variables = {"ecog": ECOG, "dose": DOSE, "er": receptor}
    pd.testing.assert_frame_equal(derive(variables, records=shuffled), derive(variables))


def test_the_order_of_the_variables_changes_nothing():
    earlier = {"kind": "continuous", "derive": "age", "anchor": "diagnosed"}
    diagnosed = {"kind": "date", "derive": "record_date", "select": {"table": "diagnoses", "date": "diagnosis_date"}}
    one, other = derive({"age": earlier, "diagnosed": diagnosed}), derive({"diagnosed": diagnosed, "age": earlier})
    pd.testing.assert_frame_equal(one, other)
    assert one.set_index(["patient_id", "variable"]).loc[("A", "age"), "number"] == 59


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"x": {"kind": "categorical", "derive": "guess"}}, r"variables\.x\.derive: found 'guess', expected one of"),
        ({"x": ECOG | {"anchor": "indexdate"}}, "unknown variable 'indexdate'; known"),
        ({"x": HISTOLOGY}, "unknown code list 'histology'"),
        ({"x": {"kind": "categorical", "derive": "within", "from": "x", "to": "x", "days": 1,
                "levels": {"yes": "", "no": ""}}}, "derived from itself"),
        ({"x": {"kind": "categorical", "derive": "receptor_her2", "levels": {"negative": "", "positive": ""}}},
         r"variables\.x\.levels: missing low, zero"),
        ({"x": {"kind": "continuous", "unit": "weeks", "derive": "interval", "from": "index_date", "to": "index_date"}},
         "expected unit days or months"),
        ({"d": DOSE, "x": {"kind": "categorical", "derive": "cut", "inputs": ["d"], "cut_points": [2.0, 1.0],
                           "levels": {"a": "", "b": "", "c": ""}}}, "expected rising cut points"),
        ({"x": ECOG | {"select": ECOG["select"] | {"table": "visits"}}}, "table 'visits' is not among"),
    ],
)  # fmt: skip
def test_a_variable_that_cannot_be_derived_is_refused(variables, complaint):
    with pytest.raises(ConfigError, match=complaint):
        derive(variables)


def test_a_person_listed_twice_is_refused():
    twice = RECORDS | {"patients": pd.concat([RECORDS["patients"], RECORDS["patients"].head(1)])}
    with pytest.raises(RecordError, match=r"1 person\(s\) listed more than once"):
        derive({"dose": DOSE}, records=twice)
