from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutline.errors import ConfigError, RecordError
from cutline.records import (
    as_text,
    code_map,
    joined,
    matching,
    number_text,
    of_places,
    places_of,
    plain_text,
    screened_persons,
    select_record,
)
from cutline.tables.observations import OBSERVATIONS
from cutline.tables.patients import PATIENTS
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import day, table

ECOG = table(
    OBSERVATIONS,
    """
    record_id | patient_id | observed_on | item | value
    o1        | A          | 2020-01-01  | ecog | 0
    o2        | A          | 2020-03-01  | ecog | 1
    o3        | A          | 2020-03-01  | ecog | 2
    o4        | A          | 2020-02-10  | ecog |
    o5        | B          | 2020-05-01  | ecog | 1
    o6        | A          | 2020-02-01  | weight | 70
    """,
)
SELECT = {"table": "observations", "where": {"item": ["ecog"]}, "date": "observed_on", "value": "value"}


def chosen(anchor: dict[str, str] | None = None, rows: pd.DataFrame = ECOG, **select) -> dict[str, str]:
    """The chosen record id per patient."""
    dates = None if anchor is None else pd.Series({patient: day(text) for patient, text in anchor.items()})
    return select_record({"observations": rows}, SELECT | select, dates)["source_record_id"].to_dict()


def test_first_and_last_are_by_date_and_ties_go_to_the_lower_record_id():
    assert chosen(take="first") == {"A": "o1", "B": "o5"}
    assert chosen(take="last") == {"A": "o2", "B": "o5"}


def test_nearest_is_on_either_side_of_the_anchor():
    assert chosen({"A": "2020-02-20", "B": "2020-01-01"}, take="nearest") == {"A": "o2", "B": "o5"}
    assert chosen({"A": "2020-01-20"}, take="nearest") == {"A": "o1"}


def test_of_records_equally_near_the_earlier_is_taken():
    assert chosen({"A": "2020-01-31"}, take="nearest") == {"A": "o1"}


def test_a_preferred_record_counts_before_a_nearer_one_and_any_other_only_where_there_is_none():
    preferred = {"prefer": {"value": ["2", "1"]}, "take": "first"}
    assert chosen(**preferred) == {"A": "o3", "B": "o5"}
    assert chosen({"A": "2020-01-05", "B": "2020-05-01"}, prefer={"value": ["9"]}, take="nearest") == {
        "A": "o1", "B": "o5",
    }  # fmt: skip


def test_what_lies_outside_the_window_is_not_preferred():
    near = {"prefer": {"value": ["2"]}, "take": "nearest", "days_after": 20}
    assert chosen({"A": "2020-01-01"}, **near) == {"A": "o1"}


def test_nearest_with_no_day_after_is_the_last_up_to_the_anchor():
    anchor = {"A": "2020-02-29", "B": "2020-05-01"}
    assert chosen(anchor, take="nearest", days_after=0) == chosen(anchor, take="last", days_after=0)
    assert chosen(anchor, take="nearest", days_after=0) == {"A": "o1", "B": "o5"}


def test_a_record_without_a_value_is_no_candidate():
    assert chosen({"A": "2020-02-10"}, take="nearest") == {"A": "o2"}


@pytest.mark.parametrize(("anchor", "found"), [("2020-01-31", True), ("2020-02-01", False), ("2019-12-22", True),
                                               ("2019-12-21", False)])  # fmt: skip
def test_the_window_round_the_anchor_includes_both_ends(anchor, found):
    only_first = ECOG[ECOG["record_id"] == "o1"]
    window = {"take": "nearest", "days_before": 30, "days_after": 10}
    assert bool(chosen({"A": anchor}, rows=only_first, **window)) == found


def test_a_bound_that_is_not_given_is_open():
    assert chosen({"A": "2020-02-01"}, take="last", days_before=60) == {"A": "o2"}
    assert chosen({"A": "2020-02-01"}, take="first", days_after=60) == {"A": "o1"}


def test_a_person_whose_anchor_is_unknown_has_no_record():
    dates = pd.Series({"A": pd.NaT, "B": day("2020-05-01")})
    found = select_record({"observations": ECOG}, SELECT | {"take": "nearest"}, dates)
    assert found.index.tolist() == ["B"]


def test_a_relative_selection_without_an_anchor_is_refused():
    with pytest.raises(ConfigError, match="no anchor"):
        chosen(take="nearest")
    with pytest.raises(ConfigError, match="no anchor"):
        chosen(take="first", days_before=3)


@given(st.permutations(range(len(ECOG))))
def test_the_order_of_the_rows_changes_nothing(order):
    for take in ("first", "last", "nearest"):
        anchor = {"A": "2020-02-20", "B": "2020-06-01"}
        assert chosen(anchor, take=take, rows=ECOG.iloc[list(order)]) == chosen(anchor, take=take)


def test_the_chosen_record_is_named():
    row = select_record({"observations": ECOG}, SELECT).loc["B"]
    assert row.to_dict() == {"value": "1", "source_table": "observations", "source_record_id": "o5",
                             "source_date": day("2020-05-01")}  # fmt: skip


DRUGS = table(
    TREATMENTS,
    """
    record_id | patient_id | drug       | atc     | line | dose_mg
    t1        | A          | everolimus | L01EG02 | 1    | 10
    t2        | A          | exemestane | l02bg06 | 2    | 2.5
    t3        | A          | unknown    |         |      |
    """,
)


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ({"atc": ["L01*"]}, ["t1"]),
        ({"atc": ["L02BG06"]}, ["t2"]),
        ({"atc": ["L01"]}, []),
        ({"atc": ["*"]}, ["t1", "t2"]),
        ({"line": ["1"]}, ["t1"]),
        ({"dose_mg": ["10"]}, ["t1"]),
        ({"dose_mg": ["2.5"]}, ["t2"]),
        ({"atc": ["L01*", "L02*"], "line": ["2"]}, ["t2"]),
        ({}, ["t1", "t2", "t3"]),
    ],
)
def test_rows_match_where_every_column_holds_one_of_its_values(where, rows):
    assert matching(DRUGS, where, "treatments")["record_id"].tolist() == rows


def test_unknown_tables_and_columns_are_named_with_what_is_known():
    with pytest.raises(ConfigError, match=r"'observation' is not among .*known: observations"):
        chosen(table="observation")
    with pytest.raises(ConfigError, match="no column 'itme'; known: record_id"):
        chosen(where={"itme": ["ecog"]})


@pytest.mark.parametrize(("written", "plain"), [("  Invasive  DUCTAL carcinoma ", "invasive ductal carcinoma"),
                                                ("İNVAZİV", "invaziv"), ("ılık", "ilik")])  # fmt: skip
def test_text_is_compared_without_case_spaces_and_turkish_dots(written, plain):
    assert plain_text(written) == plain


def test_numbers_are_compared_as_their_shortest_text():
    assert [number_text(10.0), number_text(2.5), number_text(0)] == ["10", "2.5", "0"]
    assert as_text(pd.Series([1, None], dtype="Int64")).tolist() == ["1", None]
    assert as_text(pd.Series([day("2020-01-01"), pd.NaT])).tolist() == ["2020-01-01", None]


@pytest.mark.parametrize("dtype", ["object", "category"])
def test_values_are_places_among_the_distinct_ones_and_back(dtype):
    values = pd.Series(["b", None, "a", "b"], dtype=dtype)
    places, distinct = places_of(values)
    assert places[1] == -1
    assert pd.Series(of_places(places, distinct)).astype(object).fillna("").tolist() == ["b", "", "a", "b"]


def test_categories_match_as_texts_do():
    few = DRUGS.astype({"atc": "category"})
    assert matching(few, {"atc": ["L01*", "L02BG06"]}, "treatments")["record_id"].tolist() == ["t1", "t2"]


def test_texts_of_a_key_are_joined_in_their_order():
    texts = pd.Series(["x", "z", "y", "w"], index=[4, 7, 7, 7])
    assert joined(texts, "+").to_dict() == {4: "x", 7: "z+y+w"}


def test_a_person_listed_twice_is_refused_with_the_count_and_not_the_person():
    patients = table(PATIENTS, "patient_id\nsecret1\nsecret1\nB")
    with pytest.raises(RecordError, match=r"1 person\(s\) listed more than once") as caught:
        screened_persons({"patients": patients})
    assert "secret1" not in str(caught.value)


def test_a_code_list_that_maps_a_text_twice_is_refused(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("recorded,level\nIDC,ductal\nidc ,lobular\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"1 recorded text\(s\) mapped to more than one level"):
        code_map(path, "level")


def test_a_code_list_without_its_column_is_refused(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text("recorded\nIDC\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"missing column\(s\) level"):
        code_map(path, "level")
