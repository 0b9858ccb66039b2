"""Progression-free and overall survival: when each person's time ends, and why. One story per patient."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.endpoints.derive import derive_endpoints
from cutline.tables.cohort import COHORT
from cutline.tables.endpoints import ENDPOINTS
from cutline.tables.follow_up import DEATHS, FOLLOW_UP
from cutline.tables.imaging import ASSESSMENTS
from cutline.tables.response import RESPONSE
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import cases, day, grid, table

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


# ── conventions of censoring: FDA 2018, appendix 3, tables A to C; EMA/CHMP/27994/2008, appendix 1; as read ──

INTERVAL, LIMIT = 84, 182
"""Planned days between scans, and the longest gap without too many scans missed: 2 x 84 + 14."""
CONVENTIONS = {
    "scans": {"table": "assessments", "date": "assessment_date"},
    "clinical": {"modality": ["clinical"]},
    "inadequate": {"overall_response": ["NE"]},
    "new_lesions": {"new_lesions": ["yes"]},
    "baseline": {"days_before": 42},
    "interval_days": INTERVAL,
    "window_days": 14,
    "missed_allowed": 2,
    "new_therapy": {"table": "treatments", "where": {"drug": ["capecitabine"]}, "date": "start_date"},
    "treatment_stop": {"table": "treatments", "where": {"drug": ["everolimus"], "stop_reason": ["toxicity", "other"]},
                       "date": "stop_date"},
}  # fmt: skip
ANCHORS = {
    "radiology": {"table": "assessments", "where": {"overall_response": ["PD"], "assessor": ["radiology"]},
                  "date": "assessment_date"},
    "clinician": {"table": "assessments", "where": {"overall_response": ["PD"], "assessor": ["clinician"]},
                  "date": "assessment_date"},
}  # fmt: skip
NAMED = ["documented_only", "assessment_date", "investigator", "itt"]
BASELINE = "-7 ct radiology"


def by_rule_set(records: str, *, deaths: str = "", drugs: str = "", cut_off: int = 730, **changes):
    """Patient A's end by each rule set, as `84 event` or `70 censored`; days are counted from the index date.

    A line of `records` is a day, modality, assessor and response; of `drugs` a name, first day, last day, stop reason.
    """
    definition = SETTINGS["endpoints"]["pfs"] | {"rule_set": "itt", "sensitivity": [*NAMED, *changes.pop("more", [])]}
    settings = {"data_cutoff": at(cut_off), "endpoints": {"pfs": definition}, "conventions": CONVENTIONS,
                "progression_anchors": ANCHORS} | changes  # fmt: skip
    ends = derive_endpoints(settings=settings, cohort=table(COHORT, "patient_id | index_date\nA | 2020-01-01"),
                            **course(records, deaths, drugs))["endpoints"]  # fmt: skip
    ends = ends.set_index("rule_set")
    said = ends["time_days"].astype(str) + ends["event"].map({True: " event", False: " censored"})
    return said.to_dict(), ends


def course(records: str = "", deaths: str = "", drugs: str = "") -> dict:
    scans = [(*line.split(), *[""] * 4)[:5] for line in records.strip().splitlines()]
    given = [(*line.split(), *[""] * 3)[:4] for line in drugs.strip().splitlines()]
    return {
        "assessments": table(ASSESSMENTS, "patient_id | assessment_date | modality | assessor | overall_response"
            " | new_lesions" + "".join(f"\nA | {at(d)} | {m} | {who} | {r} | {new}" for d, m, who, r, new in scans)),
        "deaths": table(DEATHS, "patient_id | death_date" + "".join(f"\nA | {at(d)}" for d in deaths.split())),
        "treatments": table(TREATMENTS, "patient_id | drug | start_date | stop_date | stop_reason" + "".join(
            f"\nA | {drug} | {at(start)} | {at(stop) if stop else ''} | {why}" for drug, start, stop, why in given)),
    }  # fmt: skip


def at(days) -> str:
    return (day("2020-01-01") + pd.Timedelta(days=int(days))).date().isoformat()


# As `84 SD`: day and response of a scan. The answers are the day of the event, or of censoring with a plus sign, under
# documented_only (A), assessment_date (B), investigator (C) and itt (EMA).
SITUATIONS = """
situation                      / records                       / died / drugs                / A    / B    / C    / EMA
no baseline: PD                / 70 SD; 150 PD                 /      /                      / 0+   / 0+   / 0+   / 0+
no baseline, death at 100 days / 70 SD                         / 100  /                      / 0+   / 0+   / 0+   / 100
no baseline, death at 182 days / 70 SD                         / 182  /                      / 0+   / 0+   / 0+   / 182
no baseline, death at 183 days / 70 SD                         / 183  /                      / 0+   / 0+   / 0+   / 0+
scan 43 days before: none      / -43; 70 PD                    /      /                      / 0+   / 0+   / 0+   / 0+
scan 42 days before: baseline  / -42; 70 PD                    /      /                      / 70   / 70   / 70   / 70
scan 41 days before: baseline  / -41; 70 PD                    /      /                      / 70   / 70   / 70   / 70
scan on index day: baseline    / 0; 70 PD                      /      /                      / 70   / 70   / 70   / 70
PD between planned visits      / -7; 84 SD; 120 PD             /      /                      / 120  / 168  / 120  / 120
PD in the window of a visit    / -7; 84 SD; 155 PD             /      /                      / 155  / 155  / 155  / 155
earlier scan: a new lesion     / -7; 84 SD new; 120 PD         /      /                      / 84   / 168  / 120  / 120
no progression, alive          / -7; 84 SD; 200 SD             /      /                      / 200+ / 168+ / 200+ / 200+
last scan not evaluable        / -7; 84 SD; 165 NE             /      /                      / 84+  / 84+  / 165+ / 84+
no scan since the start        / -7                            /      /                      / 0+   / 0+   / 0+   / 0+
new therapy, PD later          / -7; 84 SD; 168 PD             /      / next 100             / 84+  / 84+  / 100  / 168
new therapy, death later       / -7; 84 SD                     / 150  / next 100             / 84+  / 84+  / 100  / 150
new therapy, then nothing      / -7; 84 SD; 170 SD             /      / next 100             / 84+  / 84+  / 100  / 170+
new therapy on day of PD       / -7; 84 PD                     /      / next 84              / 84   / 84   / 84   / 84
stop, toxicity, PD later       / -7; 84 SD; 168 PD             /      / stop 100 toxicity    / 84+  / 84+  / 168  / 168
stop for PD, PD later          / -7; 84 SD; 168 PD             /      / stop 100 progression / 168  / 168  / 168  / 168
death before the first scan    / -7                            / 60   /                      / 60   / 60   / 60   / 60
PD after a gap of 182 days     / -7; 84 SD; 266 PD             /      /                      / 266  / 266  / 266  / 266
PD after a gap of 183 days     / -7; 84 SD; 267 PD             /      /                      / 84+  / 84+  / 267  / 267
death after gap of 183 days    / -7; 84 SD                     / 267  /                      / 84+  / 84+  / 267  / 267
death after gap of 182 days    / -7; 84 SD                     / 266  /                      / 266  / 266  / 266  / 266
two scans missed, then scans   / -7; 84 SD; 300 SD; 370 PD     /      /                      / 370  / 420  / 370  / 370
death after 183 days, no scan  / -7                            / 183  /                      / 0+   / 0+   / 183  / 183
clinical PD, scan later        / -7; 84 SD; 100 stated; 168 PD /      /                      / 168  / 168  / 100  / 100
clinical PD, no scan           / -7; 84 SD; 100 stated         /      /                      / 84+  / 84+  / 100  / 100
PD on the index date           / -7; 0 PD                      /      /                      / 0    / 0    / 0    / 0
PD and death on one day        / -7; 84 PD                     / 84   /                      / 84   / 84   / 84   / 84
PD, then SD                    / -7; 84 PD; 168 SD             /      /                      / 84   / 84   / 84   / 84
one day with SD and PD         / -7; 84 SD; 84 PD              /      /                      / 84   / 84   / 84   / 84
"""


@pytest.fixture(scope="module")
def ends_of_situations():
    """The end of each situation's patient under each rule set: all patients in one derivation."""
    told = grid(SITUATIONS.replace(" / ", " | "))
    stories = {row["situation"]: (written(row["records"]), row["died"] or "", treated(row["drugs"] or ""))
               for row in told.to_dict("records")}  # fmt: skip
    return derived_together(stories, cut_off=730)


@pytest.mark.parametrize(("situation", "records", "deaths", "drugs", *NAMED), cases(SITUATIONS.replace(" / ", " | ")))
def test_each_situation_under_each_rule_set(
    ends_of_situations, situation, records, deaths, drugs, documented_only, assessment_date, investigator, itt
):
    ends = ends_of_situations.loc[situation]
    said = ends["time_days"].astype(str) + ends["event"].map({True: "", False: "+"})
    assert [said[name] for name in NAMED] == [documented_only, assessment_date, investigator, itt]
    assert said["main"] == said["itt"]
    assert ends["reason"].notna().all()


def derived_together(stories, cut_off, order=None):
    """The ends of several patients, each told by (records, deaths, drugs): index patient and rule set."""
    parts = [{name: rows.assign(patient_id=person, record_id=person + rows["record_id"]) for name, rows in
              course(*story).items()} for person, story in stories.items()]  # fmt: skip
    records = {name: as_known(pd.concat([part[name] for part in parts]), at(cut_off)) for name in parts[0]}
    if order is not None:
        records = {name: rows.sample(frac=1, random_state=order) for name, rows in records.items()}
    definition = SETTINGS["endpoints"]["pfs"] | {"rule_set": "itt", "sensitivity": NAMED}
    settings = {"data_cutoff": at(cut_off), "endpoints": {"pfs": definition}, "conventions": CONVENTIONS}
    cohort = table(COHORT, "patient_id | index_date" + "".join(f"\n{person} | 2020-01-01" for person in stories))
    ends = derive_endpoints(settings=settings, cohort=cohort, **records)["endpoints"]
    return ends.set_index(["patient_id", "rule_set"])[["time_days", "event", "reason", "source_record_id"]]


def written(records: str) -> str:
    """`84 SD` is a CT read by radiology, `100 stated` a progression that the clinician states without a scan."""
    lines = []
    for entry in (records or "").split(";"):
        days, *rest = entry.split()
        if rest == ["stated"]:
            lines.append(f"{days} clinical clinician PD")
        else:
            lines.append(" ".join([days, "ct", "radiology", *rest[:1], *(["yes"] if "new" in rest else [])]))
    return "\n".join(lines)


def treated(drugs: str) -> str:
    """`next 100` is a new therapy from that day, `stop 100 toxicity` the last day of everolimus and why."""
    what, _, rest = drugs.partition(" ")
    return {"next": f"capecitabine {rest}", "stop": f"everolimus 0 {rest}", "": ""}[what]


def test_next_therapy_recorded_late_changes_the_sets_that_ask_for_it_and_no_other():
    early = by_rule_set(written("-7; 84 SD; 168 PD"))[0]
    late = by_rule_set(written("-7; 84 SD; 168 PD"), drugs="capecitabine 100")[0]
    assert (early["documented_only"], late["documented_only"]) == ("168 event", "84 censored")
    assert (early["itt"], late["itt"]) == ("168 event", "168 event")


def test_a_corrected_date_of_progression_moves_the_event_to_the_corrected_day():
    assert by_rule_set(written("-7; 84 SD; 168 PD"))[0]["main"] == "168 event"
    assert by_rule_set(written("-7; 84 SD; 150 PD"))[0]["main"] == "150 event"


def test_a_progression_names_who_states_it_and_a_variant_counts_only_theirs():
    more = ["progression_radiology", "progression_clinician"]
    said, ends = by_rule_set(written("-7; 84 SD; 100 stated; 168 PD"), more=more)
    assert (said["main"], ends.loc["main", "anchor"]) == ("100 event", "clinician")
    assert (said["progression_radiology"], ends.loc["progression_radiology", "anchor"]) == ("168 event", "radiology")
    assert said["progression_clinician"] == "100 event"


def test_a_death_has_no_anchor():
    _, ends = by_rule_set(written("-7; 84 SD"), deaths="100")
    assert ends["anchor"].isna().all()


def test_a_study_may_change_one_treatment_of_a_rule_set():
    own = {"lenient": {"label": "Lenient", "like": "documented_only", "new_therapy": "follow"}}
    said, _ = by_rule_set(written("-7; 84 SD; 168 PD"), drugs="capecitabine 100", rule_sets=own, more=["lenient"])
    assert (said["documented_only"], said["lenient"]) == ("84 censored", "168 event")


def test_the_planned_visit_of_a_progression_lies_neither_after_death_nor_after_the_cut_off():
    assert by_rule_set(written("-7; 84 SD; 120 PD"), deaths="140")[0]["assessment_date"] == "140 event"
    assert by_rule_set(written("-7; 84 SD; 120 PD"), cut_off=130)[0]["assessment_date"] == "130 event"


def test_gaps_between_scans_are_counted_up_to_the_event():
    settings = {"data_cutoff": at(730), "endpoints": {"pfs": SETTINGS["endpoints"]["pfs"] | {"rule_set": "itt"}},
                "conventions": CONVENTIONS}  # fmt: skip
    cohort = table(COHORT, "patient_id | index_date\nA | 2020-01-01")
    records = course(written("-7; 84 SD; 84 SD; 267 PD; 300 PD"))
    rows = derive_endpoints(settings=settings, cohort=cohort, **records)["scan_intervals"]
    assert rows[["days", "beyond_limit"]].to_numpy().tolist() == [[84, False], [183, True]]


def further(start: str, population: str, events: list[str], records: str, drugs: str = "", response: str = ""):
    """Patient A's end of an endpoint without a rule set, and how many persons it has."""
    sources = {
        "progression": {"reason": "progression", "table": "assessments", "where": {"overall_response": ["PD"]},
                        "date": "assessment_date", "after_start": True},
        "response": {"reason": "response", "table": "assessments", "where": {"overall_response": ["CR", "PR"]},
                     "date": "assessment_date", "after_start": True},
        "next line": {"reason": "next line", "table": "treatments", "where": {"drug": ["capecitabine"]},
                      "date": "start_date", "after_start": True},
        "stop": {"reason": "stop", "table": "treatments", "where": {"drug": ["everolimus"]}, "date": "stop_date",
                 "unless_resumed": {"where": {"drug": ["everolimus"]}, "days": 90}},
    }  # fmt: skip
    last = {"reason": "last scan", "table": "assessments", "date": "assessment_date"}
    definition = {"start": start, "events": [sources[name] for name in events], "censoring": [last]}
    definition |= {"population": population} if population else {}
    settings = {"data_cutoff": at(730), "endpoints": {"x": definition}}
    cohort = table(COHORT, "patient_id | index_date\nA | 2020-01-01")
    answers = table(RESPONSE, f"patient_id | first_response_date\nA | {response}")
    given = course(written(records), drugs=drugs)
    ends = derive_endpoints(settings=settings, cohort=cohort, response=answers, **given)["endpoints"]
    return [f"{row.time_days} {row.reason}" for row in ends.itertuples()]


def test_time_to_next_treatment_ends_with_the_next_line():
    found = further("index_date", "", ["next line"], "-7; 84 PD", "everolimus 0 85 progression\ncapecitabine 100")
    assert found == ["100 next line"]


def test_time_to_discontinuation_ends_with_the_last_dose():
    assert further("index_date", "", ["stop"], "-7; 84 PD", "everolimus 0 85 progression") == ["85 stop"]


@pytest.mark.parametrize(
    ("drugs", "stops"),
    [("everolimus 0 60 dose_reduction\neverolimus 61 200 progression", "200 stop"),
     ("everolimus 0 60 toxicity\neverolimus 150 200 progression", "200 stop"),
     ("everolimus 0 60 toxicity\neverolimus 151 200 progression", "60 stop"),
     ("everolimus 0 60 toxicity\ncapecitabine 70 200 progression", "60 stop"),
     ("everolimus 0 100 other\neverolimus 0 100 other", "100 stop"),
     ("everolimus 0 200 progression\neverolimus 30 60 other", "200 stop"),
     ("everolimus 0 60 toxicity\neverolimus 61", "84 last scan")],
)  # fmt: skip
def test_neither_a_change_of_dose_nor_a_pause_of_90_days_is_a_discontinuation(drugs, stops):
    assert further("index_date", "", ["stop"], "-7; 84 SD", drugs) == [stops]


def test_duration_of_response_runs_from_the_first_response_to_progression():
    assert further("first_response", "", ["progression"], "-7; 60 PR; 120 CR; 200 PD", response=at(60)) == [
        "140 progression"
    ]


def test_duration_of_response_has_no_time_for_who_never_responded():
    assert further("first_response", "", ["progression"], "-7; 60 SD; 200 PD") == []


def test_time_to_response_is_of_responders_only():
    assert further("index_date", "responders", ["response"], "-7; 60 PR; 200 PD", response=at(60)) == ["60 response"]
    assert further("index_date", "responders", ["response"], "-7; 60 SD; 200 PD") == []


# ── properties ──

LINES = st.lists(
    st.tuples(st.integers(-60, 900), st.sampled_from(["SD", "PD", "NE", "PR", "stated", "SD new"])), max_size=6
)
DRUGS = st.lists(
    st.tuples(st.sampled_from(["everolimus", "capecitabine"]), st.integers(0, 800), st.integers(0, 90),
              st.sampled_from(["toxicity", "progression"])), max_size=2)  # fmt: skip
PATIENTS = st.lists(st.tuples(LINES, DRUGS, st.none() | st.integers(1, 900)), min_size=4, max_size=8)
"""Several patients at once: each derivation is of one person at a time."""


def told_all(patients, cut_off=730, order=None):
    """The ends of patients drawn as (scans, drugs, day of death), from the records begun by the cut-off."""
    stories = {}
    for place, (lines, drugs, death) in enumerate(patients):
        text = written("; ".join(f"{days} {what}" for days, what in lines)) if lines else ""
        given = "\n".join(f"{drug} {start} {start + length} {why}" for drug, start, length, why in drugs)
        stories[f"P{place}"] = (text, "" if death is None else str(death), given)
    return derived_together(stories, cut_off, order)


def as_known(rows, cut_off):
    """The records begun by the cut-off, a stop after it still blank: as a snapshot of that day holds them."""
    begun = rows[rows.filter(regex="assessment_date|death_date|start_date").iloc[:, 0] <= cut_off]
    if "stop_date" not in begun:
        return begun
    later = begun["stop_date"] > cut_off
    return begun.assign(stop_date=begun["stop_date"].mask(later), stop_reason=begun["stop_reason"].mask(later))


@settings(max_examples=8, deadline=None)
@given(PATIENTS, st.integers(0, 1000))
def test_under_no_rule_set_does_the_order_of_the_rows_matter(patients, order):
    pd.testing.assert_frame_equal(told_all(patients), told_all(patients, order=order))


@settings(max_examples=8, deadline=None)
@given(PATIENTS, st.integers(731, 1100), st.sampled_from(["PD", "SD", "stated"]))
def test_under_no_rule_set_does_a_record_after_the_cut_off_matter(patients, later, what):
    more = [([*lines, (later, what)], drugs, death) for lines, drugs, death in patients]
    pd.testing.assert_frame_equal(told_all(patients), told_all(more))


@settings(max_examples=12, deadline=None)
@given(PATIENTS)
def test_under_no_rule_set_does_a_later_cut_undo_an_event(patients):
    before, after = (told_all(patients, cut_off)["event"] for cut_off in (400, 730))
    assert (after | ~before).all()
