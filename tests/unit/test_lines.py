"""Lines of therapy: what must hold whatever the records, and what each column of a line says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.as_of import dated_by
from cutline.lines import derive_lines
from cutline.study import load_study
from cutline.tables.diagnoses import DIAGNOSES
from cutline.tables.spec import conform
from cutline.tables.treatments import TREATMENTS

RULES = load_study(Path(__file__).parents[2], {})["lines"]
CUTOFF = "2021-01-01"
ATC = {"palbociclib": "L01EF01", "ribociclib": "L01EF02", "letrozole": "L02BG04", "anastrozole": "L02BG03",
       "fulvestrant": "L02BA03", "paclitaxel": "L01CD01", "capecitabine": "L01BC06", "everolimus": "L01EG02",
       "exemestane": "L02BG06", "goserelin": "L02AE03"}  # fmt: skip

COURSE = st.tuples(
    st.sampled_from("ABCDEFGH"), st.sampled_from(sorted(ATC)), st.integers(0, 500), st.none() | st.integers(0, 200),
    st.sampled_from(["progression", "toxicity", None]), st.sampled_from([10.0, 7.5, 5.0, 2.5]),
)  # fmt: skip
COURSES = st.lists(COURSE, max_size=60)
AFTER_GAP = st.sampled_from(["same_line", "new_line"])


def records(courses: list[Any]) -> pd.DataFrame:
    """Courses of patient, drug, days from 2020-01-01 to start, days given, reason and dose as records of treatments."""
    columns = ["patient_id", "drug", "start", "given", "stop_reason", "dose_mg"]
    rows = pd.DataFrame(courses, columns=columns)
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rows["start"].astype("int64"), unit="D")
    stop = start + pd.to_timedelta(rows["given"].astype("float64"), unit="D")
    dates = {"start_date": start, "stop_date": stop, "record_id": [f"r{place:02d}" for place in range(len(rows))]}
    known = rows.assign(atc=rows["drug"].map(ATC), setting="metastatic", **dates)
    return conform(known.reindex(columns=TREATMENTS.names), TREATMENTS)


def lines(treatments: pd.DataFrame, after_gap: str = "same_line") -> pd.DataFrame:
    diagnoses = conform(pd.DataFrame(columns=DIAGNOSES.names), DIAGNOSES)
    rules = {"lines": RULES | {"after_gap": after_gap}}
    return derive_lines(settings=rules, treatments=treatments, diagnoses=diagnoses)["lines"]


# ── properties ───────────────────────────────────────────────────────────────────────────────


@settings(max_examples=12, deadline=None)
@given(courses=COURSES, after_gap=AFTER_GAP, order=st.randoms(use_true_random=False))
def test_shuffling_the_records_changes_nothing(courses, after_gap, order):
    treatments = records(courses)
    places = list(range(len(treatments)))
    order.shuffle(places)
    shuffled = treatments.iloc[places].reset_index(drop=True)
    pd.testing.assert_frame_equal(lines(treatments, after_gap), lines(shuffled, after_gap))


@settings(max_examples=12, deadline=None)
@given(courses=COURSES, after_gap=AFTER_GAP, later=st.lists(COURSE, min_size=1, max_size=3))
def test_a_record_begun_after_the_cut_off_changes_nothing(courses, after_gap, later):
    beyond = [(person, drug, start + 367, *rest) for person, drug, start, *rest in later]
    with_later = dated_by(records(courses + beyond), TREATMENTS, CUTOFF)
    pd.testing.assert_frame_equal(
        lines(dated_by(records(courses), TREATMENTS, CUTOFF), after_gap), lines(with_later, after_gap)
    )


@settings(max_examples=12, deadline=None)
@given(courses=COURSES, after_gap=AFTER_GAP, dose=st.sampled_from([None, 0.0, 2.5]), extra=st.lists(COURSE, max_size=3))
def test_a_dose_or_a_supportive_drug_changes_no_line(courses, after_gap, dose, extra):
    supported = records(courses + [(person, "goserelin", *rest) for person, _, *rest in extra])
    other_dose = supported.assign(dose_mg=dose).astype({"dose_mg": "float64"})
    pd.testing.assert_frame_equal(lines(records(courses), after_gap), lines(other_dose, after_gap))


@settings(max_examples=12, deadline=None)
@given(courses=COURSES, after_gap=AFTER_GAP)
def test_every_record_is_in_one_line_and_lines_follow_each_other(courses, after_gap):
    treatments = records(courses)
    found = lines(treatments, after_gap)
    placed = [record for row in found["records"] for record in row.split(";")]
    assert sorted(placed) == treatments.loc[treatments["drug"] != "goserelin", "record_id"].tolist()
    assert found["record_id"].is_unique
    for _, rows in found.groupby("patient_id"):
        assert rows["line"].tolist() == list(range(1, len(rows) + 1))
        assert rows["stop_date"].iloc[:-1].notna().all()
        assert (rows["stop_date"] < rows["start_date"].shift(-1))[:-1].all()
        assert (rows["start_date"].diff().dt.days[1:] > RULES["regimen_days"]).all()
    assert not (found["stop_date"] < found["start_date"]).any()


@settings(max_examples=12, deadline=None)
@given(courses=COURSES, after_gap=AFTER_GAP)
def test_persons_do_not_touch_each_other(courses, after_gap):
    treatments = records(courses)
    both = lines(treatments, after_gap)
    alone = lines(treatments[treatments["patient_id"] == "A"].reset_index(drop=True), after_gap)
    pd.testing.assert_frame_equal(both[both["patient_id"] == "A"].reset_index(drop=True), alone)


# ── columns ──────────────────────────────────────────────────────────────────────────────────


def test_a_line_tells_its_drugs_codes_and_records_in_alphabetical_and_in_given_order():
    row = lines(records([("A", "palbociclib", 3, 100, "toxicity", 10.0), ("A", "letrozole", 0, 100, None, 10.0)])).iloc[
        0
    ]
    assert (row["regimen"], row["atc"], row["records"]) == ("letrozole + palbociclib", "L01EF01 + L02BG04", "r01;r00")
    assert (row["class"], row["stop_reason"]) == ("cdk46_inhibitor", "toxicity")
    assert row[["source_table", "source_record_id"]].tolist() == ["treatments", "r01"]


def test_a_line_none_of_whose_drugs_stopped_ended_with_the_next_line():
    found = lines(records([("A", "paclitaxel", 0, None, None, 10.0), ("A", "capecitabine", 100, None, None, 10.0)]))
    assert found["stop_reason"].tolist() == ["next line", None]
    assert found["regimen"].tolist() == ["paclitaxel", "capecitabine + paclitaxel"]


def test_a_class_needs_all_of_its_groups_and_a_line_without_class_is_other():
    courses = [("A", "everolimus", 0, 50, None, 10.0), ("A", "exemestane", 60, 50, None, 10.0)]
    assert lines(records(courses))["class"].tolist() == ["mtor_inhibitor", "endocrine"]
    diagnoses = conform(pd.DataFrame(columns=DIAGNOSES.names), DIAGNOSES)
    bare = {
        key: value for key, value in RULES.items() if key not in ("classes", "substitutions", "supportive", "never")
    }
    found = derive_lines(settings={"lines": bare}, treatments=records(courses), diagnoses=diagnoses)["lines"]
    assert found["class"].tolist() == ["other", "other"]


@pytest.mark.parametrize("drug", ["EVEROLİMUS", "  Everolimus "])
def test_a_drug_is_recognised_however_it_is_written(drug):
    treatments = records([("A", "everolimus", 0, 50, None, 10.0), ("A", "everolimus", 60, 50, None, 5.0)])
    treatments.loc[1, "drug"] = drug
    assert lines(treatments)["regimen"].tolist() == ["everolimus"]
