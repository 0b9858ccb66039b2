from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.endpoints.derive import derive_endpoints
from cutline.errors import ConfigError, RecordError
from cutline.tables.cohort import COHORT
from cutline.tables.endpoints import ENDPOINTS
from cutline.tables.follow_up import DEATHS, FOLLOW_UP
from cutline.tables.imaging import ASSESSMENTS
from cutline.tables.spec import conform, empty
from tests.spec.tables import day, table

PFS = {
    "start": "index_date",
    "events": [
        {"reason": "progression", "table": "assessments", "where": {"overall_response": ["PD"]},
         "date": "assessment_date"},
        {"reason": "death", "table": "deaths", "date": "death_date"},
    ],
    "censoring": [{"reason": "last scan", "table": "assessments", "date": "assessment_date"}],
}  # fmt: skip
OS = {
    "events": [{"reason": "death", "table": "deaths", "date": "death_date"}],
    "censoring": [{"reason": "last contact", "latest_of": [{"table": "follow_up", "date": "contact_date"},
                                                           {"table": "assessments", "date": "assessment_date"}]}],
}  # fmt: skip
STUDY = {"endpoints": {"pfs": PFS, "os": OS}, "data_cutoff": "2021-12-31", "vital_status_complete": False}
COHORT_AB = table(COHORT, "patient_id | index_date\nB | 2020-02-01\nA | 2020-01-01\nC | 2020-01-01")
RECORDS = {
    "assessments": table(
        ASSESSMENTS,
        """
        record_id | patient_id | assessment_date | overall_response
        s1        | A          | 2020-03-01      | PD
        s2        | A          | 2020-03-01      | PD
        s3        | B          | 2020-03-01      | SD
        s4        | B          | 2020-03-01      | SD
        s5        | Z          | 2020-03-01      | PD
        """,
    ),
    "deaths": table(DEATHS, "record_id | patient_id | death_date\nd1 | A | 2020-09-01\nd2 | A | 2020-08-01"),
    "follow_up": table(FOLLOW_UP, "record_id | patient_id | contact_date\nf1 | B | 2020-03-01\nf2 | B | 2020-02-15"),
}


def derive(study=STUDY, cohort=COHORT_AB, **changes):
    return derive_endpoints(settings=study, cohort=cohort, **RECORDS | changes)["endpoints"]


def test_every_included_person_has_one_row_per_endpoint_in_order():
    derived = derive()
    assert derived[["endpoint", "patient_id"]].to_numpy().tolist() == [
        ["os", "A"], ["os", "B"], ["os", "C"], ["pfs", "A"], ["pfs", "B"], ["pfs", "C"],
    ]  # fmt: skip
    assert set(derived["rule_set"]) == {"main"}


def test_the_table_follows_its_spec():
    derived = derive()
    pd.testing.assert_frame_equal(derived, conform(derived, ENDPOINTS))


def test_of_records_of_one_day_the_lower_record_id_is_named():
    rows = derive().set_index(["endpoint", "patient_id"])["source_record_id"]
    assert rows["pfs", "A"] == "s1"
    assert rows["pfs", "B"] == "s3"


def test_of_sources_whose_last_record_is_of_one_day_the_first_listed_is_named():
    row = derive().set_index(["endpoint", "patient_id"]).loc[("os", "B")]
    assert (row["source_table"], row["source_record_id"]) == ("follow_up", "f1")


def test_endpoints_of_the_same_records_from_the_same_start_keep_their_own_conditions():
    scan = {"reason": "scan", "table": "assessments", "date": "assessment_date"}
    progression = scan | {"where": {"overall_response": ["PD"]}}
    later = progression | {"after_start": True}
    events = {"any": [scan], "progression": [progression], "later": [later]}
    study = STUDY | {"endpoints": {name: {"events": rules} for name, rules in events.items()}}
    cohort = conform(COHORT_AB.assign(index_date=day("2020-03-01")), COHORT)
    happened = derive(study, cohort).set_index(["endpoint", "patient_id"])["event"]
    assert happened["any"].to_dict() == {"A": True, "B": True, "C": False}
    assert happened["progression"].to_dict() == {"A": True, "B": False, "C": False}
    assert not happened["later"].any()


def test_of_two_death_records_the_earlier_counts():
    row = derive().set_index(["endpoint", "patient_id"]).loc[("os", "A")]
    assert row["end_date"] == day("2020-08-01")


def test_the_earliest_event_counts_whatever_the_order_of_the_sources():
    scans = table(ASSESSMENTS, "patient_id | assessment_date | new_lesions | overall_response\n"
                               "A | 2020-03-01 | no | PD\nA | 2020-05-01 | yes | PD")  # fmt: skip
    new_lesions = {"reason": "new lesions", "table": "assessments", "where": {"new_lesions": ["yes"]},
                   "date": "assessment_date"}  # fmt: skip
    study = STUDY | {"endpoints": {"pfs": PFS | {"events": [new_lesions, *PFS["events"]]}}}
    row = derive(study=study, assessments=scans).set_index("patient_id").loc["A"]
    assert (row["time_days"], row["reason"]) == (60, "progression")


def test_a_person_whom_no_censoring_rule_reaches_is_censored_at_the_start_and_not_lost():
    row = derive().set_index(["endpoint", "patient_id"]).loc[("os", "C")]
    assert (row["time_days"], row["event"], row["reason"]) == (0, False, "no record on or after the start")


def test_a_study_without_deaths_still_has_times():
    only_scans = {"pfs": PFS | {"events": PFS["events"][:1]}}
    derived = derive_endpoints(settings=STUDY | {"endpoints": only_scans}, cohort=COHORT_AB,
                               assessments=RECORDS["assessments"])["endpoints"]  # fmt: skip
    assert derived.set_index("patient_id")["time_days"].to_dict() == {"A": 60, "B": 29, "C": 0}


def test_nobody_included_gives_an_empty_table():
    assert derive(cohort=empty(COHORT)).empty


def test_nobody_with_an_event_leaves_everyone_censored():
    derived = derive(deaths=RECORDS["deaths"].head(0), assessments=RECORDS["assessments"].head(0))
    assert not derived["event"].any()
    assert len(derived) == 6


def test_a_start_that_is_not_the_index_date_is_refused():
    with pytest.raises(ConfigError, match=r"endpoints\.pfs\.start: found 'randomisation', expected index_date"):
        derive(study=STUDY | {"endpoints": {"pfs": PFS | {"start": "randomisation"}}})


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_the_order_of_the_rows_changes_nothing(data):
    shuffled = {name: rows.iloc[data.draw(st.permutations(range(len(rows))))] for name, rows in RECORDS.items()}
    cohort = COHORT_AB.iloc[data.draw(st.permutations(range(3)))]
    pd.testing.assert_frame_equal(derive(cohort=cohort, **shuffled), derive())


DATES = st.dates(day("2019-06-01").date(), day("2022-12-31").date())


@settings(max_examples=50, deadline=None)
@given(st.lists(DATES, max_size=4), st.lists(DATES, max_size=3), st.lists(DATES, max_size=2), st.booleans())
def test_times_are_never_negative_nor_beyond_death_or_the_cut_off(scans, contacts, deaths, complete):
    derived = derive(
        study=STUDY | {"vital_status_complete": complete},
        assessments=table(ASSESSMENTS, _of_a("assessment_date | overall_response", [f"{scan} | PD" for scan in scans])),
        follow_up=table(FOLLOW_UP, _of_a("contact_date", contacts)),
        deaths=table(DEATHS, _of_a("death_date", deaths)),
    )
    assert len(derived) == 6
    assert (derived["time_days"] >= 0).all()
    assert (derived["end_date"] <= pd.Timestamp("2021-12-31")).all()
    died = min((pd.Timestamp(death) for death in deaths), default=pd.Timestamp.max)
    of_a = derived[derived["patient_id"] == "A"]
    assert ((of_a["end_date"] <= died) | (of_a["reason"] == "death recorded before the start")).all()


def _of_a(header, rows):
    return "\n".join([f"patient_id | {header}", *(f"A | {row}" for row in rows)])


SUBJECTS = pd.DataFrame({"record_id": ["1", "2"], "patient_id": ["A", "B"], "time": pd.array([10, 20], "Int64"),
                         "seen": pd.array([1, 0], "Int64")})  # fmt: skip
RFS = {"endpoints": {"rfs": {"columns": {"time_days": "time", "event": "seen", "event_values": ["1"]}}}}


def from_columns(**changed):
    cohort = table(COHORT, "patient_id | index_date\nA |\nB |")
    return derive_endpoints(settings=RFS, cohort=cohort, subjects=SUBJECTS.assign(**changed))["endpoints"]


def test_times_and_events_of_a_study_without_dates_are_taken_as_recorded():
    derived = from_columns()
    assert derived["time_days"].tolist() == [10, 20]
    assert derived["event"].tolist() == [True, False]
    assert derived["source_record_id"].tolist() == ["1", "2"]
    assert derived["end_date"].isna().all()


@pytest.mark.parametrize("times", [[10, None], [-1, 20], [10.5, 20]])
def test_a_time_that_is_blank_negative_or_not_whole_is_refused_with_the_count(times):
    with pytest.raises(RecordError, match=r"endpoints\.rfs: the time \(subjects\.time\) of 1 included person\(s\)"):
        from_columns(time=times)


def test_a_time_written_as_text_is_refused_without_being_quoted():
    with pytest.raises(RecordError) as refused:
        from_columns(time=["10", "asked Mrs Smith"])
    assert "the time (subjects.time) of 1 included person(s)" in str(refused.value)
    assert "Smith" not in str(refused.value)
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None


def test_a_blank_event_is_refused_and_not_taken_for_censoring():
    with pytest.raises(
        RecordError, match=r"endpoints\.rfs: the event \(subjects\.seen\) of 1 included person\(s\) is blank"
    ):
        from_columns(seen=pd.array([1, None], "Int64"))
