"""Progression-free and overall survival: when each person's time ends, and why. One story per patient."""

from __future__ import annotations

import pytest

from cutline.endpoints import derive_endpoints
from cutline.tables.cohort import COHORT
from cutline.tables.endpoints import ENDPOINTS
from cutline.tables.follow_up import DEATHS, FOLLOW_UP
from cutline.tables.imaging import ASSESSMENTS
from tests.spec.tables import day, table

CUT_OFF = "2021-12-31"
SETTINGS = {
    "data_cutoff": CUT_OFF,
    "vital_status_complete": False,
    "endpoints": {
        "pfs": {
            "events": [
                {"reason": "progression", "table": "assessments", "where": {"overall_response": ["PD"]},
                 "date": "assessment_date"},
                {"reason": "death", "table": "deaths", "date": "death_date"},
            ],
            "censoring": [
                {"reason": "last assessment", "table": "assessments", "date": "assessment_date"},
                {"reason": "never assessed", "at": "start"},
            ],
        },
        "os": {
            "events": [{"reason": "death", "table": "deaths", "date": "death_date"}],
            "censoring": [
                {"reason": "last known alive", "latest_of": [
                    {"table": "follow_up", "where": {"status": ["alive"]}, "date": "contact_date"},
                    {"table": "assessments", "date": "assessment_date"},
                ]},
                {"reason": "never seen again", "at": "start"},
            ],
        },
    },
}  # fmt: skip

TO_PROGRESSION = SETTINGS["endpoints"] | {
    "pfs": SETTINGS["endpoints"]["pfs"] | {"events": SETTINGS["endpoints"]["pfs"]["events"][:1]}
}
"""The same endpoints, with death no event of the first."""


def ends(scans: str = "", deaths: str = "", contacts: str = "", index_date: str = "2020-01-01", **changes):
    """Patient A's row of each endpoint, from her scans (date, response), deaths (date, cause) and contacts.

    A contact is a date and a status; without a status she was alive.
    """
    contacts = "\n".join(row if "|" in row else f"{row} | alive" for row in contacts.splitlines())
    records = {
        "assessments": table(ASSESSMENTS, "patient_id | assessment_date | overall_response" + _of_a(scans)),
        "deaths": table(DEATHS, "patient_id | death_date | cause" + _of_a(deaths)),
        "follow_up": table(FOLLOW_UP, "patient_id | contact_date | status" + _of_a(contacts)),
    }
    cohort = table(COHORT, f"patient_id | index_date\nA | {index_date}")
    derived = derive_endpoints(settings=SETTINGS | changes, cohort=cohort, **records)["endpoints"]
    return derived.set_index("endpoint").loc[["pfs", "os"]]


def _of_a(rows: str) -> str:
    return "".join(f"\nA | {row.strip()}" for row in rows.strip().splitlines())


def pfs(**story):
    return told(ends(**story).loc["pfs"])


def os(**story):
    return told(ends(**story).loc["os"])


def told(row):
    return int(row["time_days"]), bool(row["event"]), row["reason"]


def test_progression_is_the_first_scan_with_pd():
    scans = "2020-02-01 | SD\n2020-03-01 | PD\n2020-04-01 | PD"
    assert pfs(scans=scans) == (60, True, "progression")


def test_pd_then_sd_is_still_progression_at_the_pd():
    assert pfs(scans="2020-03-01 | PD\n2020-05-01 | SD") == (60, True, "progression")


def test_death_before_the_first_scan_is_an_event():
    assert pfs(deaths="2020-01-11") == (10, True, "death")


def test_progression_and_death_on_one_day_count_as_what_the_study_lists_first():
    assert pfs(scans="2020-03-01 | PD", deaths="2020-03-01") == (60, True, "progression")


def test_death_before_a_later_reported_progression_is_the_event():
    assert pfs(scans="2020-03-02 | PD", deaths="2020-03-01") == (60, True, "death")


def test_progression_on_the_index_date_is_an_event_at_time_zero():
    assert pfs(scans="2020-01-01 | PD") == (0, True, "progression")


def test_progression_on_the_index_date_does_not_count_where_the_study_asks_for_events_after_it():
    progression, death = SETTINGS["endpoints"]["pfs"]["events"]
    later = SETTINGS["endpoints"]["pfs"] | {"events": [progression | {"after_start": True}, death]}
    endpoints = SETTINGS["endpoints"] | {"pfs": later}
    assert pfs(scans="2020-01-01 | PD\n2020-02-01 | SD", endpoints=endpoints) == (31, False, "last assessment")
    assert pfs(scans="2020-01-02 | PD", endpoints=endpoints) == (1, True, "progression")
    assert pfs(scans="2020-01-01 | PD", deaths="2020-01-01", endpoints=endpoints) == (0, True, "death")


def test_progression_before_the_index_date_is_why_treatment_changed_and_does_not_count():
    assert pfs(scans="2019-12-31 | PD\n2020-02-01 | SD") == (31, False, "last assessment")


def test_patient_without_progression_is_censored_at_the_last_scan_and_not_at_a_later_visit():
    assert pfs(scans="2020-02-01 | SD\n2020-03-01 | SD", contacts="2020-12-01") == (60, False, "last assessment")


def test_patient_without_a_scan_is_censored_at_the_start():
    assert pfs(contacts="2020-12-01") == (0, False, "never assessed")


def test_a_scan_before_the_index_date_does_not_start_the_clock():
    assert pfs(scans="2019-12-20 |") == (0, False, "never assessed")


def test_patient_alive_at_the_cut_is_censored_at_last_contact():
    assert os(contacts="2020-06-01\n2021-01-01") == (366, False, "last known alive")


def test_last_known_alive_is_the_latest_of_all_named_sources():
    row = ends(contacts="2020-06-01", scans="2020-07-01 | SD").loc["os"]
    assert told(row) == (182, False, "last known alive")
    assert row["source_table"] == "assessments"
    assert row["source_date"] == day("2020-07-01")


def test_to_find_out_that_a_patient_was_lost_is_no_proof_of_life():
    assert os(contacts="2020-06-01 | alive\n2021-01-01 | lost") == (152, False, "last known alive")
    assert os(contacts="2021-01-01 | lost") == (0, False, "never seen again")


def test_a_contact_after_death_never_extends_life():
    assert os(deaths="2020-06-01", contacts="2020-12-01") == (152, True, "death")


def test_a_record_after_death_does_not_count_for_an_endpoint_without_death_either():
    story = {"scans": "2020-03-01 | SD\n2020-09-01 | PD", "deaths": "2020-06-01"}
    assert pfs(**story, endpoints=TO_PROGRESSION) == (60, False, "last assessment")


def test_death_on_the_index_date_is_not_death_before_the_start():
    story = {"scans": "2020-01-01 |", "deaths": "2020-01-01"}
    assert pfs(**story, endpoints=TO_PROGRESSION) == (0, False, "last assessment")


def test_death_on_the_index_date_is_an_event_at_time_zero():
    assert os(deaths="2020-01-01") == (0, True, "death")


@pytest.mark.parametrize("endpoint", ["pfs", "os"])
def test_death_before_the_start_is_no_event_and_nothing_after_it_is_believed(endpoint):
    row = ends(deaths="2019-06-01", contacts="2020-12-01", scans="2020-12-01 | PD").loc[endpoint]
    assert told(row) == (0, False, "death recorded before the start")


@pytest.mark.parametrize("endpoint", ["pfs", "os"])
def test_records_after_the_cut_off_change_nothing(endpoint):
    known = {"scans": "2020-03-01 | SD", "contacts": "2021-06-01"}
    later = {"scans": "2020-03-01 | SD\n2022-01-01 | PD", "contacts": "2021-06-01\n2022-02-01", "deaths": "2022-03-01"}
    assert told(ends(**known).loc[endpoint]) == told(ends(**later).loc[endpoint])


def test_a_record_on_the_cut_off_counts():
    assert os(deaths=CUT_OFF) == (730, True, "death")


def test_where_vital_status_is_complete_all_the_living_are_censored_at_the_cut_off():
    complete = {"vital_status_complete": True}
    assert os(contacts="2020-06-01", **complete) == (730, False, "alive at the data cut-off, vital status complete")
    assert os(**complete) == (730, False, "alive at the data cut-off, vital status complete")
    assert os(deaths="2020-06-01", **complete) == (152, True, "death")


def test_complete_vital_status_says_nothing_about_progression():
    assert pfs(scans="2020-03-01 | SD", vital_status_complete=True) == (60, False, "last assessment")


def test_complete_vital_status_needs_no_list_of_contacts():
    seen = {"reason": "last contact", "table": "follow_up", "date": "contact_date"}
    endpoints = SETTINGS["endpoints"] | {"os": SETTINGS["endpoints"]["os"] | {"censoring": [seen]}}
    found = os(contacts="2020-06-01", vital_status_complete=True, endpoints=endpoints)
    assert found == (730, False, "alive at the data cut-off, vital status complete")


def test_complete_vital_status_says_nothing_about_an_endpoint_that_progression_can_end():
    contacts = SETTINGS["endpoints"]["os"]["censoring"]
    endpoints = SETTINGS["endpoints"] | {"pfs": SETTINGS["endpoints"]["pfs"] | {"censoring": contacts}}
    found = pfs(contacts="2020-06-01", vital_status_complete=True, endpoints=endpoints)
    assert found == (152, False, "last known alive")


def test_a_patient_dead_of_another_cause_is_not_alive_at_the_cut_off():
    of_cancer = {
        "reason": "death",
        "table": "deaths",
        "where": {"cause": ["disease_progression"]},
        "date": "death_date",
    }
    endpoints = SETTINGS["endpoints"] | {"os": SETTINGS["endpoints"]["os"] | {"events": [of_cancer]}}
    story = {"vital_status_complete": True, "endpoints": endpoints, "contacts": "2020-03-01"}
    assert os(deaths="2020-06-01 | other", **story) == (60, False, "last known alive")
    assert os(deaths="2020-06-01 | disease_progression", **story) == (152, True, "death")


def test_every_end_names_the_record_it_rests_on():
    row = ends(scans="2020-02-01 | SD\n2020-03-01 | PD").loc["pfs"]
    assert (row["source_table"], row["source_record_id"]) == ("assessments", "r02")
    assert row["source_date"] == row["end_date"] == day("2020-03-01")
    assert row["start_date"] == day("2020-01-01")


def test_endpoints_follow_their_spec():
    assert list(ends(deaths="2020-06-01").reset_index().columns.sort_values()) == sorted(ENDPOINTS.names)
