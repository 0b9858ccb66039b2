"""Which adverse events are treatment-emergent: from the first dose to thirty days after the last. One patient each."""

from __future__ import annotations

import pytest

from cutline.safety.derive import derive_safety
from cutline.tables.adverse_events import ADVERSE_EVENTS
from cutline.tables.cohort import COHORT
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import cases, table

SETTINGS = {"data_cutoff": "2030-12-31",
            "safety": {"table": "adverse_events", "drugs": {"atc": ["L01EG02", "L02BG06"]}, "days_after_last_dose": 30,
                       "terms": {"fatigue": "Fatigue"}}}  # fmt: skip
CODES = "recorded,term,soc,ctcae_version\nfatigue,fatigue,General,5.0\nasthenia,fatigue,General,5.0\n"

# Index date 2020-01-01 throughout; courses as drug start stop: eve(rolimus), exe(mestane), let(rozole); … goes on.
WINDOWS = """
courses                                                          | onset      | counts
eve 2020-01-01 2020-03-01                                 | 2019-12-31 | no
eve 2020-01-01 2020-03-01                                 | 2020-01-01 | yes
eve 2020-01-01 2020-03-01                                 | 2020-03-31 | yes
eve 2020-01-01 2020-03-01                                 | 2020-04-01 | no
eve 2020-01-01 …                                          | 2029-01-01 | yes
eve 2020-01-01 2020-03-01 + exe 2020-01-01 2020-06-01 | 2020-07-01 | yes
eve 2020-01-01 2020-03-01 + eve 2020-03-31 2020-05-01 | 2020-05-31 | yes
eve 2020-01-01 2020-03-01 + eve 2020-04-01 2020-05-01 | 2020-04-10 | no
eve 2020-01-01 2020-09-01 + exe 2020-01-01 2020-02-01 + exe 2020-05-01 2020-10-01 | 2020-10-31 | yes
exe 2015-01-01 2018-01-01 + eve 2020-01-01 2020-03-01 | 2018-01-15 | no
exe 2019-06-01 2020-06-01 + eve 2020-01-01 2020-03-01 | 2019-12-31 | no
exe 2019-06-01 2020-06-01 + eve 2020-01-01 2020-03-01 | 2020-06-15 | yes
eve 2020-01-10 2020-03-01                                 | 2020-01-05 | no
let 2020-01-01 2020-03-01                                  | 2020-01-15 | no
"""
ATC = {"eve": "L01EG02", "exe": "L02BG06", "let": "L02BG04"}


def emergent(tmp_path, courses: str, events: str):
    """Patient A's events (lines of onset | term | grade | worst grade) that count."""
    codelist = tmp_path / "codes.csv"
    codelist.write_text(CODES, encoding="utf-8")
    drugs = [course.split() for course in courses.split("+")]
    written = [f"A | {drug} | {ATC[drug]} | {start} | {stop.strip('…')}" for drug, start, stop in drugs]
    treatments = table(TREATMENTS, "\n".join(["patient_id | drug | atc | start_date | stop_date", *written]))
    rows = "\nA | ".join(["patient_id | onset_date | term | grade | worst_grade", *events.splitlines()])
    return derive_safety(
        settings=SETTINGS, cohort=table(COHORT, "patient_id | index_date\nA | 2020-01-01"), codelist=codelist,
        treatments=treatments, adverse_events=table(ADVERSE_EVENTS, rows),
    )["safety"]  # fmt: skip


@pytest.mark.parametrize(("courses", "onset", "counts"), cases(WINDOWS))
def test_an_event_counts_from_first_dose_to_thirty_days_after_the_last(tmp_path, courses, onset, counts):
    assert len(emergent(tmp_path, courses, f"{onset} | fatigue | 1 |")) == (counts == "yes")


COURSE = "eve 2020-01-01 2020-03-01"


def test_recorded_terms_are_mapped_whatever_their_case_and_spaces(tmp_path):
    events = emergent(tmp_path, COURSE, "2020-01-05 | Fatigue | 1 |\n2020-01-06 |  ASTHENIA  | 1 |")
    assert events["term"].tolist() == ["fatigue", "fatigue"]
    assert events["recorded_term"].tolist() == ["Fatigue", "ASTHENIA"]


def test_terms_that_are_not_in_the_code_list_count_under_one_term_and_stay_as_written_with_the_patient(tmp_path):
    events = emergent(tmp_path, COURSE, "2020-01-05 | Taste change, Mrs Smith | 1 |\n2020-01-06 | 疲劳 | 1 |")
    assert events["term"].tolist() == ["unmapped", "unmapped"]
    assert events["recorded_term"].tolist() == ["Taste change, Mrs Smith", "疲劳"]
    assert events["reason"].str.endswith("its term is not in the code list").all()


GRADES = """
grade | worst | counted
1     |       | 1
1     | 3     | 3
      | 2     | 2
      |       |
"""


@pytest.mark.parametrize(("grade", "worst", "counted"), cases(GRADES))
def test_the_worst_grade_is_the_higher_of_those_recorded(tmp_path, grade, worst, counted):
    event = emergent(tmp_path, COURSE, f"2020-01-05 | fatigue | {grade or ''} | {worst or ''}").iloc[0]
    assert str(event["worst_grade"]) == (counted or "<NA>")
