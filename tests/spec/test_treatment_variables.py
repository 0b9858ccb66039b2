"""Treatment as variables: how long, how much, what before and what after. One patient, index date 2020-06-01."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cutline.covariates import derive_covariates
from cutline.tables.patients import PATIENTS
from cutline.tables.spec import unpacked
from cutline.tables.treatments import DOSES, TREATMENTS
from tests.spec.tables import cases, day, table

INDEX = {"label": "start", "select": {"table": "treatments", "where": {"drug": ["everolimus"]}, "date": "start_date"}}
STARTED = "everolimus | 2020-06-01 | 2020-06-30\n"
STOP = {"kind": "date", "derive": "course_end", "days": 90, "anchor": "index_date",
        "select": {"table": "treatments", "where": {"drug": ["everolimus"]}, "date": "start_date"}}  # fmt: skip


def derived(variable: dict[str, Any], treatments: str, doses: str = "", **settings: Any) -> dict[str, pd.DataFrame]:
    """A's facts; `treatments` are rows of drug, start and stop, `doses` of mg, start and stop of everolimus."""
    rows = "drug | start_date | stop_date | patient_id\n" + "\n".join(_full(line) for line in treatments.splitlines())
    given = "dose_mg | start_date | stop_date | patient_id\n" + "\n".join(_full(line) for line in doses.splitlines())
    study = {"variables": {"asked": variable, "stop": STOP}, "index_date": INDEX,
             "statistics": {"days_per_month": 30.4375}} | settings  # fmt: skip
    records = {"patients": table(PATIENTS, "patient_id\nA"), "treatments": table(TREATMENTS, rows)}
    periods = table(DOSES, given).assign(drug="everolimus")
    found = derive_covariates(settings=study, **records, doses=periods)
    return {name: unpacked(table) for name, table in found.items()}


def _full(line: str) -> str:
    cells = [*(cell.strip() for cell in line.split("|")), "", ""][:3]
    return " | ".join([*cells, "A"])


def asked(variable: dict[str, Any], treatments: str, doses: str = "") -> pd.Series:
    return derived(variable, treatments, doses)["covariates"].set_index("variable").loc["asked"]


# ── how long ─────────────────────────────────────────────────────────────────────────────────

INHIBITORS = {"table": "treatments", "where": {"drug": ["palbociclib", "ribociclib"]}, "date": "start_date"}
COURSE = {"kind": "date", "derive": "course_end", "days": 90, "select": INHIBITORS}
COURSES = """
first                                | second                                | ends
palbociclib, 2019-01-01, 2019-03-01  |                                       | 2019-03-01
palbociclib, 2019-01-01, 2019-03-01  | palbociclib, 2019-05-30, 2019-12-31   | 2019-12-31
palbociclib, 2019-01-01, 2019-03-01  | palbociclib, 2019-05-31, 2019-12-31   | 2019-03-01
palbociclib, 2019-01-01, 2019-03-01  | ribociclib, 2019-03-15, 2019-12-31    | 2019-12-31
palbociclib, 2019-01-01, 2019-12-31  | ribociclib, 2019-03-15, 2019-06-01    | 2019-12-31
palbociclib, 2019-01-01,             |                                       |
palbociclib, 2019-01-01,             | ribociclib, 2019-03-15, 2019-06-01    |
palbociclib, 2019-01-01, 2019-03-01  | ribociclib, 2019-03-15,               |
letrozole, 2019-01-01, 2019-03-01    |                                       |
"""


@pytest.mark.parametrize(("first", "second", "ends"), cases(COURSES))
def test_interruptions_up_to_90_days_and_switches_belong_to_the_course(first, second, ends):
    lines = "\n".join(course.replace(",", " | ") for course in (first, second) if course)
    assert asked(COURSE, STARTED + lines)["value"] == ends


# ── how much ─────────────────────────────────────────────────────────────────────────────────

INTENSITY = {"kind": "continuous", "unit": "%", "derive": "dose_intensity", "planned_mg": 10, "from": "index_date",
             "to": "stop", "select": {"table": "doses", "date": "start_date", "value": "dose_mg"}}  # fmt: skip
DOSED = {
    "10 mg all the 30 days": ("10 | 2020-06-01 | 2020-06-30", 100),
    "reduced to 5 mg after 15 days": ("10 | 2020-06-01 | 2020-06-15\n5 | 2020-06-16 | 2020-06-30", 75),
    "interrupted for 10 days, recorded as 0": (
        "10 | 2020-06-01 | 2020-06-10\n0 | 2020-06-11 | 2020-06-20\n10 | 2020-06-21 | 2020-06-30", 200 / 3),
    "interrupted for 10 days, not recorded": ("10 | 2020-06-01 | 2020-06-10\n10 | 2020-06-21 | 2020-06-30", 200 / 3),
    "a period without end lasts until the next": ("10 | 2020-06-01 |\n5 | 2020-06-16 |", 75),
    "of overlapping periods the later one": ("10 | 2020-06-01 | 2020-06-30\n5 | 2020-06-16 | 2020-06-30", 75),
    "the same period entered twice": ("10 | 2020-06-01 | 2020-06-30\n10 | 2020-06-01 | 2020-06-30", 100),
    "days after the stop and before the start do not count": ("10 | 2020-05-01 | 2020-12-31", 100),
}  # fmt: skip


@pytest.mark.parametrize(("doses", "percent"), DOSED.values(), ids=DOSED)
def test_relative_dose_intensity_is_mg_given_of_mg_planned(doses, percent):
    assert asked(INTENSITY, STARTED, doses)["number"] == pytest.approx(percent)


def test_dose_intensity_is_unknown_while_treatment_goes_on_and_without_doses():
    going_on = asked(INTENSITY, "everolimus | 2020-06-01 |", "10 | 2020-06-01 |")
    assert pd.isna(going_on["number"])
    assert going_on["reason"] == "stop is unknown"
    assert asked(INTENSITY, STARTED)["reason"] == "no matching record in doses"


# ── before and after ─────────────────────────────────────────────────────────────────────────

SELECT = {"table": "treatments", "where": {"drug": ["paclitaxel", "docetaxel"]}, "date": "start_date"}
BEFORE = "paclitaxel | 2020-01-01\nPaclitaxel | 2020-02-01\ndocetaxel | 2020-05-31\n"
ON_AND_AFTER = "docetaxel | 2020-06-01\npaclitaxel | 2020-06-02\n"


@pytest.mark.parametrize(("when", "number"), [("before", 3), ("after", 1)])
def test_records_are_counted_before_or_after_a_date_but_not_of_its_day(when, number):
    count = {"kind": "continuous", "derive": "count", "select": SELECT, when: "index_date"}
    assert asked(count, STARTED + BEFORE + ON_AND_AFTER)["number"] == number
    assert asked(count, STARTED)["number"] == 0
    assert pd.isna(asked(count, BEFORE)["number"])


def test_agents_are_the_distinct_values_in_alphabetical_order():
    agents = {"kind": "text", "derive": "joined", "select": SELECT | {"value": "drug"}, "before": "index_date"}
    row = asked(agents, STARTED + BEFORE + ON_AND_AFTER)
    assert row["value"] == "docetaxel + paclitaxel"
    assert row["source_date"] == day("2020-05-31")
    assert asked(agents, STARTED)["value"] is None
    assert asked(agents | {"otherwise": "none"}, STARTED)["value"] == "none"
    assert asked(agents | {"otherwise": "none"}, BEFORE)["value"] is None


def test_the_first_treatment_after_a_date_is_none_where_there_is_no_later_one_and_unknown_without_the_date():
    drugs = {name: name for name in ("paclitaxel", "docetaxel", "none")}
    first = {"kind": "categorical", "derive": "record_value", "select": SELECT | {"value": "drug"}, "levels": drugs,
             "after": "index_date", "otherwise": "none"}  # fmt: skip
    assert asked(first, STARTED + ON_AND_AFTER)["value"] == "paclitaxel"
    assert asked(first, STARTED + BEFORE)["value"] == "none"
    assert asked(first, BEFORE)["value"] is None


SUPPRESSION = """
start      | stop       | under way
2019-01-01 |            | yes
2019-01-01 | 2020-06-01 | yes
2019-01-01 | 2020-05-31 | no
2020-06-29 |            | yes
2020-06-30 |            | no
"""
UNDER_WAY = {"kind": "categorical", "derive": "under_way", "anchor": "index_date", "days": 28,
             "select": {"table": "treatments", "where": {"drug": ["goserelin"]}, "date": "start_date"},
             "levels": {"yes": "Yes", "no": "No"}}  # fmt: skip


@pytest.mark.parametrize(("start", "stop", "answer"), cases(SUPPRESSION))
def test_ovarian_suppression_is_under_way_at_the_date_or_begun_within_28_days(start, stop, answer):
    assert asked(UNDER_WAY, STARTED + f"goserelin | {start} | {stop or ''}")["value"] == answer


@pytest.mark.parametrize(("goserelin", "number"), [("", 1), ("goserelin | 2020-06-01", 0)])
def test_facts_that_do_not_go_together_are_asked_about(goserelin, number):
    query = {"kind": "aromatase_inhibitor_without_suppression", "about": "asked", "where": {"asked": ["no"]},
             "question": "Was there none?"}  # fmt: skip
    found = derived(UNDER_WAY, STARTED + goserelin, queries=[query])["queries"]
    assert found["question"].tolist() == ["Was there none?"] * number
