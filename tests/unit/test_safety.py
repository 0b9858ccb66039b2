from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.errors import ConfigError
from cutline.safety.derive import derive_safety
from cutline.safety.summarise import summarise_safety
from cutline.tables.adverse_events import ADVERSE_EVENTS
from cutline.tables.cohort import COHORT
from cutline.tables.follow_up import DEATHS
from cutline.tables.safety import EXPOSURE, SAFETY
from cutline.tables.spec import conform, empty
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import cases, table

STUDY = {"data_cutoff": "2020-12-31", "statistics": {"conf_level": 0.95}, "variables": {},
         "safety": {"table": "adverse_events", "codelist": "adverse_events", "drugs": {"atc": ["L01EG02"]},
                    "days_after_last_dose": 30, "terms": {"fatigue": "Fatigue", "skin": "Skin toxicity"}}}  # fmt: skip
CODES = "recorded,term,soc,ctcae_version\nfatigue,fatigue,General,5.0\nrash,skin,Skin,5.0\nrash,skin,Dermatology,3.0\n"
COHORT_ABC = table(COHORT, "patient_id | index_date\nA | 2020-01-01\nB | 2020-01-01\nC | 2020-01-01")
TREATED = table(TREATMENTS, "patient_id | atc | start_date\nA | L01EG02 | 2020-01-01\nB | L01EG02 | 2020-01-01")
EVENTS = table(
    ADVERSE_EVENTS,
    """
    record_id | patient_id | term    | onset_date
    e1        | A          | fatigue | 2020-02-01
    e2        | A          | fatigue | 2020-02-01
    e3        | B          | rash    | 2020-02-01
    e4        | C          | rash    | 2020-02-01
    e5        | Z          | rash    | 2020-02-01
    """,
)


@pytest.fixture(scope="module")
def codes(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("codelists") / "adverse_events.csv"
    path.write_text(CODES, encoding="utf-8")
    return path


def derive(codes, events=EVENTS, cohort=COHORT_ABC, treatments=TREATED):
    inputs = {"codelist": codes, "treatments": treatments, "adverse_events": events}
    return derive_safety(settings=STUDY, cohort=cohort, **inputs)["safety"]


def test_events_of_treated_included_persons_are_kept_with_their_record(codes):
    derived = derive(codes)
    assert derived["source_record_id"].tolist() == ["e1", "e2", "e3"]
    assert derived["term"].tolist() == ["fatigue", "fatigue", "skin"]


def test_the_table_follows_its_spec(codes):
    pd.testing.assert_frame_equal(derive(codes), conform(derive(codes), SAFETY))


@pytest.mark.parametrize("nobody", ["cohort", "events", "treatments"])
def test_without_persons_events_or_treatment_the_table_is_empty(codes, nobody):
    nothing = {"cohort": empty(COHORT), "events": EVENTS.head(0), "treatments": TREATED.head(0)}
    assert derive(codes, **{nobody: nothing[nobody]}).empty


@settings(max_examples=20, deadline=None)
@given(of_events=st.permutations(range(len(EVENTS))), of_courses=st.permutations(range(len(TREATED))))
def test_the_order_of_the_rows_changes_nothing(codes, of_events, of_courses):
    shuffled = derive(codes, events=EVENTS.iloc[list(of_events)], treatments=TREATED.iloc[list(of_courses)])
    pd.testing.assert_frame_equal(shuffled, derive(codes))


def test_an_unknown_column_of_drugs_is_refused(codes):
    study = STUDY | {"safety": STUDY["safety"] | {"drugs": {"act": ["L01EG02"]}}}
    with pytest.raises(ConfigError, match="table treatments: no column 'act'"):
        derive_safety(settings=study, cohort=COHORT_ABC, codelist=codes, treatments=TREATED, adverse_events=EVENTS)


# ── summary ──────────────────────────────────────────────────────────────────────────────────

NO_DEATHS = empty(DEATHS)


def summarise(
    events: str = "", deaths: pd.DataFrame | None = NO_DEATHS, persons: str = "ABCD", written: list[str] | None = None
) -> pd.DataFrame:
    """The results by key, from lines of patient, term, grade, action, relatedness, outcome."""
    header = "patient_id | term | worst_grade | action | relatedness | outcome"
    cohort = table(COHORT, "patient_id | index_date\n" + "\n".join(f"{person} | 2020-01-01" for person in persons))
    safety = table(SAFETY, "\n".join([header, *events.strip().splitlines()]))
    safety["days_from_first_dose"] = 0
    safety["recorded_term"] = written or safety["recorded_term"]
    ard = summarise_safety(settings=STUDY, safety=safety, exposure=empty(EXPOSURE),
                           cohort=cohort if persons else empty(COHORT), deaths=deaths)  # fmt: skip
    return ard["ard"].set_index("key")


def test_persons_are_counted_and_not_events():
    ard = summarise("A | fatigue | 1\nA | fatigue | 2\nA | skin | 1\nB | fatigue | 1")["value"]
    assert (ard["safety.any.n"], ard["safety.none.n"]) == (2, 2)
    assert (ard["safety.term.fatigue.n"], ard["safety.term.fatigue.percent"]) == (2, 50)
    assert (ard["safety.term.skin.n"], ard["safety.term.skin.percent"]) == (1, 25)


def test_a_term_of_the_study_that_nobody_had_is_a_zero():
    ard = summarise()["value"]
    assert ard[["safety.term.fatigue.n", "safety.term.skin.n", "safety.any.n"]].tolist() == [0, 0, 0]
    assert ard["safety.none.percent"] == 100


def test_terms_that_the_study_does_not_list_follow_with_a_note():
    ard = summarise("A | zoster | 1\nA | aphasia | 1")
    terms = [key for key in ard.index if key.startswith("safety.term.") and key.count(".") == 3 and key.endswith(".n")]
    assert terms == [f"safety.term.{term}.n" for term in ("fatigue", "skin", "aphasia", "zoster", "unmapped")]
    assert ard.loc["safety.term.zoster.n", "note"] == "a term the study does not list"


def test_unmapped_terms_are_counted_together_and_what_was_written_is_in_no_result():
    written = ["Seen by Dr Jones", "seen by  dr jones", "taste change"]
    ard = summarise("A | unmapped | 1\nA | unmapped | 1\nB | unmapped | 1", written=written)
    row = ard.loc["safety.term.unmapped.n"]
    assert row["value"] == 2
    assert row["note"] == "different terms that are not in the code list: 2"
    assert "jones" not in ard.reset_index().to_csv().lower()


def test_without_unmapped_terms_their_number_is_zero():
    assert summarise("A | fatigue | 1 | none")["value"]["safety.term.unmapped.n"] == 0


def test_persons_with_grade_3_or_4_are_counted():
    ard = summarise("A | fatigue | 3\nA | skin | 4\nB | fatigue | 2\nC | fatigue | 5")["value"]
    assert ard["safety.grade_3_or_4.n"] == 1


def test_no_statement_about_grade_3_or_4_is_made_without_grades():
    ard = summarise("A | fatigue | 1\nB | fatigue |")
    for statistic in ("n", "percent"):
        row = ard.loc[f"safety.grade_3_or_4.{statistic}"]
        assert pd.isna(row["value"])
        assert row["note"] == "whether it was grade 3 or 4 is not recorded for 1 of 2 events, so no number is given"


def test_discontinued_is_persons_whose_drug_was_stopped_for_an_event():
    ard = summarise("A | fatigue | 1 | discontinued\nA | skin | 1 | discontinued\nB | skin | 1 | dose_reduced")["value"]
    assert ard["safety.discontinued.n"] == 1


@pytest.mark.parametrize("action", ["", "unknown"])
def test_no_number_discontinued_is_given_where_the_action_taken_is_not_recorded(action):
    ard = summarise(f"A | fatigue | 1 | discontinued\nB | skin | 1 | {action}")
    for statistic in ("n", "percent"):
        row = ard.loc[f"safety.discontinued.{statistic}"]
        assert pd.isna(row["value"])
        assert row["note"] == "whether it ended treatment is not recorded for 1 of 2 events, so no number is given"


def test_nobody_discontinued_is_a_zero_where_every_action_is_recorded():
    assert summarise("A | fatigue | 1 | none\nB | skin | 1 | dose_reduced")["value"]["safety.discontinued.n"] == 0


def test_a_related_death_counts_once_whether_the_death_or_the_event_says_so():
    deaths = table(DEATHS, "patient_id | death_date | treatment_related\nA | 2020-06-01 | yes\nB | 2020-06-01 | no\n"
                           "Z | 2020-06-01 | yes")  # fmt: skip
    events = "A | skin | 5 | | related | fatal\nC | skin | 5 | | related | fatal\nD | skin | 5 | | not_related | fatal"
    assert summarise(events, deaths)["value"]["safety.treatment_related_deaths.n"] == 2


UNDECIDED = """
death record | fatal event | number
no           |             | 0
no           | unknown     | 0
yes          | unknown     | 1
unknown      | related     | 1
unknown      |             |
             |             |
unknown      | not_related |
none         | unknown     |
none         | not_related | 0
"""


@pytest.mark.parametrize(("record", "event", "number"), cases(UNDECIDED))
def test_related_deaths_have_a_number_only_if_every_death_is_decided(record, event, number):
    deaths = NO_DEATHS if record == "none" else table(
        DEATHS, f"patient_id | death_date | treatment_related\nA | 2020-06-01 | {record or ''}"
    )  # fmt: skip
    events = f"A | skin | 5 | none | {event} | fatal" if event else ""
    row = summarise(events, deaths).loc["safety.treatment_related_deaths.n"]
    assert (None if pd.isna(row["value"]) else str(int(row["value"]))) == number
    unknown = "whether it was related to treatment is not recorded for 1 of 1 deaths, so no number is given"
    assert row["note"] == ("" if number else unknown)


def test_a_study_without_a_table_of_deaths_says_nothing_about_them():
    row = summarise("", None).loc["safety.treatment_related_deaths.n"]
    assert pd.isna(row["value"])
    assert row["note"] == "the study records no deaths"


def test_with_nobody_included_percentages_have_no_value_but_a_note():
    ard = summarise(persons="")
    assert ard.loc["safety.any.n", "value"] == 0
    assert pd.isna(ard.loc["safety.any.percent", "value"])
    assert ard.loc["safety.any.percent", "note"] == "nobody is included"
