from __future__ import annotations

import pandas as pd
import pytest

from cutline.as_of import dated_after
from cutline.partial_dates import complete_dates
from cutline.quality.check import check_records
from cutline.tables.follow_up import DEATHS
from cutline.tables.imaging import ASSESSMENTS
from cutline.tables.patients import PATIENTS
from tests.spec.tables import grid


def completed(date: str, rule: str = "last_day", written: str = "2024-01-01") -> str:
    frame = grid(f"record_id | patient_id | death_date | recorded_on\nd1 | A | {date} | {written}")
    rows, _ = complete_dates(frame, DEATHS, {"deaths.death_date": rule})
    return str(rows["death_date"].iloc[0])


@pytest.mark.parametrize(
    ("date", "rule", "day"),
    [("2023-02", "first_day", "2023-02-01"), ("2023-02", "middle", "2023-02-15"), ("2023-02", "last_day", "2023-02-28"),
     ("2020-02", "last_day", "2020-02-29"), ("2023", "first_day", "2023-01-01"), ("2023", "middle", "2023-07-01"),
     ("2023", "last_day", "2023-12-31"), ("2023-02-03", "last_day", "2023-02-03")],
)  # fmt: skip
def test_a_partial_date_is_completed_by_its_rule(date, rule, day):
    assert completed(date, rule) == day


@pytest.mark.parametrize("text", ["2023-13", "soon", "23-02", "02.2023"])
def test_what_is_no_partial_date_is_left_to_the_checks(text):
    assert completed(text) == text


def test_a_completed_date_is_not_after_the_day_of_the_entry():
    assert completed("2023", written="2023-05-04") == "2023-05-04"


def test_an_entry_before_the_date_itself_does_not_move_it_out_of_its_month():
    assert completed("2023-05", written="2023-03-04") == "2023-05-01"


@pytest.mark.parametrize(
    ("scan", "day"), [("2020-03", "2020-03-20"), ("2020", "2020-03-20"), ("2020-02", "2020-02-29"), ("2020-04", None)]
)
def test_a_date_that_we_complete_is_not_after_the_death_which_would_set_the_record_aside(scan, day):
    scans = f"record_id | patient_id | assessment_date\ns0 | A | 2020-01-15\ns1 | A | {scan}"
    tables = {"patients": (PATIENTS, "record_id | patient_id\np1 | A"), "assessments": (ASSESSMENTS, scans),
              "deaths": (DEATHS, "record_id | patient_id | death_date\nd1 | A | 2020-03-20")}  # fmt: skip
    records = {name: grid(text).reindex(columns=spec.names) for name, (spec, text) in tables.items()}
    source = {"tables": {name: {} for name in tables}, "partial_dates": {"assessments.assessment_date": "last_day"}}
    found = check_records(settings={"source": source}, **records)
    assert found["assessments"]["assessment_date"].tolist()[1:] == ([pd.Timestamp(day)] if day else [])
    assert found["quarantine"]["check"].tolist() == ([] if day else ["after_death"])


def test_a_completed_date_is_accepted_flagged_and_counted_and_without_a_rule_set_aside():
    people = grid("record_id | patient_id | screened_on\np1 | A | 2020-01-01")
    people = people.reindex(columns=PATIENTS.names)
    deaths = grid("record_id | patient_id | death_date\nd1 | A | 2023-05").reindex(columns=DEATHS.names)
    source = {"tables": {"patients": {}, "deaths": {}}}
    ruled = {"source": source | {"partial_dates": {"deaths.death_date": "last_day"}}}
    found = check_records(settings=ruled, patients=people, deaths=deaths)
    assert found["deaths"]["death_date"].tolist() == [pd.Timestamp("2023-05-31")]
    assert found["imputed"][["table", "record_id", "column", "known", "rule"]].to_numpy().tolist() == [
        ["deaths", "d1", "death_date", "month", "last_day"]
    ]
    assert found["accounting"].set_index("table")["dates_imputed"].to_dict() == {"patients": 0, "deaths": 1}
    without = check_records(settings={"source": source}, patients=people, deaths=deaths)
    assert without["deaths"].empty
    assert without["imputed"].empty


def test_a_partial_date_is_after_the_cut_off_if_its_first_day_is():
    dates = pd.Series(["2025-06", "2025-05", "2026", "2025", "soon", None], dtype=object)
    assert dated_after(dates, "2025-05-15").tolist() == [True, False, True, False, False, False]
