"""Figures with a mark per person: what is drawn, and that nothing else is."""

from __future__ import annotations

import io

import pandas as pd
import pytest

from cutline.patient_figures import draw_patients
from cutline.patient_figures.swimmer import swimmer_lanes
from cutline.patient_figures.waterfall import waterfall_bars
from cutline.tables.cohort import COHORT
from cutline.tables.follow_up import DEATHS
from cutline.tables.response import RESPONSE, VISITS
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import table

SETTINGS = {
    "data_cutoff": "2020-12-31", "synthetic": True, "report": {"language": "en"},
    "statistics": {"days_per_month": 30.0},
    "index_date": {"select": {"table": "treatments", "where": {"drug": ["x"]}, "date": "start_date"}},
}  # fmt: skip
TABLES = {
    "cohort": table(COHORT, "patient_id | index_date\nA | 2020-01-01\nB | 2020-01-01\nC | 2020-01-01\nD | 2020-01-01"),
    "response": table(
        RESPONSE,
        """
        patient_id | best_response | confirmed_response | best_change_percent | first_response_date
        A          | PR            | PR                 | -45                 | 2020-01-31
        B          | PD            | PD                 | 130                 |
        C          | SD            | SD                 | 0                   |
        D          | MISSING       | MISSING            |                     |
        """,
    ),
    "visits": table(
        VISITS,
        """
        record_id | patient_id | visit_date | phase    | overall_response
        v1        | A          | 2019-12-02 | before   | PD
        v2        | A          | 2020-04-30 | on_study | PD
        v3        | A          | 2020-05-30 | on_study | PD
        v4        | B          | 2020-03-01 | on_study | PD
        """,
    ),
    "treatments": table(
        TREATMENTS,
        """
        record_id | patient_id | drug | start_date | stop_date
        t0        | A          | x    | 2019-01-01 | 2019-02-01
        t1        | A          | x    | 2020-01-01 | 2020-02-01
        t2        | A          | x    | 2020-02-01 | 2020-04-30
        t3        | A          | y    | 2020-05-01 |
        t4        | B          | x    | 2020-01-01 |
        t5        | C          | x    | 2020-01-01 |
        t6        | D          | x    | 2020-01-01 | 2020-01-31
        """,
    ),
    "deaths": table(DEATHS, "record_id | patient_id | death_date\nd1 | B | 2020-03-31"),
}


def lanes() -> pd.DataFrame:
    records = {name: TABLES[name] for name in ("treatments", "deaths")}
    return swimmer_lanes(SETTINGS, TABLES["cohort"], TABLES["response"], TABLES["visits"], records)


def marks(person: str) -> dict[str, tuple[float, float]]:
    rows = lanes()
    own = rows[rows["patient_id"] == person]
    return {row.what: (round(row.from_months, 2), round(row.to_months, 2)) for row in own.itertuples()}


def test_a_lane_shows_treatment_response_progression_and_what_came_after():
    assert marks("A") == {"treatment": (0, 4), "first_response": (1, 1), "progression": (4, 4)}
    assert marks("B") == {"treatment": (0, 3), "progression": (2, 2), "death": (3, 3)}
    assert marks("D") == {"treatment": (0, 1)}


def test_treatment_without_a_stop_goes_on_to_the_cut_off_in_the_living():
    assert marks("C") == {"treatment": (0, 12.17), "ongoing": (12.17, 12.17)}


def test_the_longest_treatment_has_the_first_lane():
    assert list(dict.fromkeys(lanes()["patient_id"])) == ["C", "A", "B", "D"]


def test_bars_go_from_the_largest_rise_to_the_largest_fall_and_the_unmeasured_come_last():
    bars = waterfall_bars(TABLES["response"])
    assert bars["patient_id"].tolist() == ["B", "C", "A", "D"]
    assert bars["position"].tolist() == [1, 2, 3, 4]


@pytest.fixture(scope="module")
def drawn():
    return draw_patients(settings=SETTINGS, **TABLES)


def test_each_figure_is_there_with_what_it_was_drawn_from(drawn):
    assert sorted(drawn) == [f"{name}_{kind}" for name in ("swimmer", "waterfall") for kind in ("csv", "png", "svg")]
    assert len(pd.read_csv(io.StringIO(drawn["waterfall_csv"]))) == 4


def test_equal_tables_in_any_row_order_give_equal_bytes(drawn):
    shuffled = {name: rows.iloc[::-1].reset_index(drop=True) for name, rows in TABLES.items()}
    assert draw_patients(settings=SETTINGS, **shuffled) == drawn


def test_no_pseudonym_is_drawn(drawn):
    named = {name: rows.assign(patient_id="secret" + rows["patient_id"]) for name, rows in TABLES.items()}
    again = draw_patients(settings=SETTINGS, **named)
    assert "secretA" in again["swimmer_csv"]
    assert [again[name] for name in drawn if "csv" not in name] == [drawn[name] for name in drawn if "csv" not in name]


def test_with_nobody_measured_and_no_stop_dates_the_figures_say_so():
    unmeasured = TABLES["response"].assign(best_change_percent=float("nan"))
    endless = TABLES["treatments"].drop(columns="stop_date")
    assert draw_patients(settings=SETTINGS, **TABLES | {"response": unmeasured, "treatments": endless})["waterfall_svg"]
    assert draw_patients(settings=SETTINGS, **{name: rows.head(0) for name, rows in TABLES.items()})["swimmer_png"]
