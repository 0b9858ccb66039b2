"""Which adverse events are treatment-emergent: from the first dose to thirty days after the last. One patient each."""

from __future__ import annotations

import pytest

from cutline.safety.derive import derive_safety
from cutline.tables.adverse_events import ADVERSE_EVENTS
from cutline.tables.cohort import COHORT
from cutline.tables.follow_up import DEATHS
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import cases, table

SETTINGS = {"data_cutoff": "2030-12-31",
            "safety": {"table": "adverse_events", "drugs": {"atc": ["L01EG02", "L02BG06"]}, "days_after_last_dose": 30,
                       "terms": {"fatigue": "Fatigue"}}}  # fmt: skip
CODES = """recorded,term,soc,ctcae_version
fatigue,fatigue,General,5.0
asthenia,fatigue,General,5.0
rash,skin,Skin,5.0
fever,fever,General,5.0
"""

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


# ── the next therapy, and time at risk ───────────────────────────────────────────────────────

# Everolimus from 2020-01-01 to 2020-03-01, a next line, death, cut-off: the last day at risk, what ends it, days.
AT_RISK = """
next line  | death      | cut-off    | last day   | ended by                   | days
           |            | 2030-12-31 | 2020-03-31 | 30 days after the last dose | 91
2020-02-01 |            | 2030-12-31 | 2020-01-31 | next therapy               | 31
2020-03-31 |            | 2030-12-31 | 2020-03-30 | next therapy               | 90
2020-04-01 |            | 2030-12-31 | 2020-03-31 | 30 days after the last dose | 91
2020-01-01 |            | 2030-12-31 | 2020-03-31 | 30 days after the last dose | 91
2019-06-01 |            | 2030-12-31 | 2020-03-31 | 30 days after the last dose | 91
           | 2020-01-01 | 2030-12-31 | 2020-01-01 | death                      | 1
2020-02-01 | 2020-01-20 | 2030-12-31 | 2020-01-20 | death                      | 20
           | 2020-06-01 | 2030-12-31 | 2020-03-31 | 30 days after the last dose | 91
           |            | 2020-01-31 | 2020-01-31 | data cut-off               | 31
"""
NEXT = {"table": "treatments", "where": {"drug": ["paclitaxel"]}, "date": "start_date"}


def derived(tmp_path, next_line: str | None, death: str | None = None, cutoff: str = "2030-12-31", events: str = ""):
    """Patient A, who has everolimus from 2020-01-01 to 2020-03-01, perhaps a next line, and events (onset | term)."""
    codelist = tmp_path / "codes.csv"
    codelist.write_text(CODES, encoding="utf-8")
    lines = ["patient_id | drug | atc | start_date | stop_date", "A | eve | L01EG02 | 2020-01-01 | 2020-03-01"]
    lines += [f"A | paclitaxel | L01CD01 | {next_line} |"] if next_line else []
    deaths = "patient_id | death_date" + (f"\nA | {death}" if death else "")
    settings = {"data_cutoff": cutoff, "safety": SETTINGS["safety"] | {"new_therapy": NEXT}}
    return derive_safety(
        settings=settings, cohort=table(COHORT, "patient_id | index_date\nA | 2020-01-01"), codelist=codelist,
        treatments=table(TREATMENTS, "\n".join(lines)), deaths=table(DEATHS, deaths),
        adverse_events=table(ADVERSE_EVENTS, "patient_id | onset_date | term\n" + events),
    )  # fmt: skip


@pytest.mark.parametrize(("next_line", "death", "cutoff", "last_day", "reason", "days"), cases(AT_RISK))
def test_time_at_risk_ends_with_the_window_the_next_therapy_death_or_the_cut_off(
    tmp_path, next_line, death, cutoff, last_day, reason, days
):
    row = derived(tmp_path, next_line, death, cutoff)["exposure"].iloc[0]
    assert str(row["last_day"].date()) == last_day
    assert (row["reason"], row["at_risk_days"]) == (reason, int(days))


@pytest.mark.parametrize(("onset", "counts"), [("2020-01-31", 1), ("2020-02-01", 0)])
def test_an_event_of_the_day_the_next_therapy_begins_is_not_counted(tmp_path, onset, counts):
    assert len(derived(tmp_path, "2020-02-01", events=f"A | {onset} | fatigue")["safety"]) == counts


def test_every_event_that_the_code_list_lacks_is_a_question(tmp_path):
    asked = derived(tmp_path, None, events="A | 2020-01-05 | fatigue\nA | 2020-01-06 | tired legs")["queries"]
    assert asked[["patient_id", "query", "source_record_id"]].to_numpy().tolist() == [
        ["A", "adverse_event_unmapped", "r02"]
    ]
    assert "“tired legs”" in asked["question"].item()


# ── the worst event ──────────────────────────────────────────────────────────────────────────

# Grades of one person's events of one term, in the order of their onset (? is not recorded), and which is the worst.
WORST = """
grades | worst
2      | 1
1 3 2  | 2
2 2    | 1
? 2    | 1
2 ?    | 2
? 3    | 2
3 ?    | 1
? ?    | 1
5 4    | 1
"""


@pytest.mark.parametrize(("grades", "worst"), cases(WORST))
def test_a_grade_that_is_not_recorded_outranks_1_and_2_and_yields_to_3_to_5(tmp_path, grades, worst):
    listed = enumerate(grades.split(), 1)
    lines = [f"2020-01-{day:02d} | fatigue | {grade.strip('?')} |" for day, grade in listed]
    events = emergent(tmp_path, COURSE, "\n".join(lines))
    for mark in ("worst_of_all", "worst_of_term", "worst_of_class"):
        assert events.index[events[mark]].tolist() == [int(worst) - 1]


def test_each_term_and_each_class_has_its_own_worst_event(tmp_path):
    events = emergent(tmp_path, COURSE, "2020-01-02 | fatigue | 1 |\n2020-01-03 | rash | 3 |\n2020-01-04 | fever | 2 |")
    assert events["term"].tolist() == ["fatigue", "skin", "fever"]
    assert events["soc"].tolist() == ["general", "skin", "general"]
    assert events["worst_of_all"].tolist() == [False, True, False]
    assert events["worst_of_class"].tolist() == [False, True, True]
    assert events["worst_of_term"].tolist() == [True, True, True]
