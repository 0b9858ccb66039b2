"""The query list: each open question once, in a fixed order."""

import pandas as pd
import pytest

from cutline import queries
from cutline.tables.queries import QUERIES
from cutline.tables.spec import empty


@pytest.fixture
def two_kinds(monkeypatch):
    monkeypatch.setattr(queries, "KINDS", {"conflict": "two records disagree", "unclear": "a text has two readings"})


def test_a_question_keeps_person_record_and_words(two_kinds):
    rows = pd.DataFrame({"source_table": ["pathology"], "source_record_id": ["r7"]}, index=["p1"])
    asked = queries.queries("conflict", rows, about="er_status", question="which sample counts?").iloc[0]
    assert (asked["patient_id"], asked["about"], asked["source_record_id"]) == ("p1", "er_status", "r7")
    assert asked["question"] == "which sample counts?"


def test_a_kind_that_is_not_listed_is_our_bug(two_kinds):
    with pytest.raises(AssertionError, match="no kind of query"):
        queries.queries("other", pd.DataFrame({"patient_id": ["p1"]}), about="x", question="x")


def test_the_list_holds_each_question_once_in_order(two_kinds):
    rows = pd.DataFrame({"patient_id": ["p2", "p1"]})
    unclear = queries.queries("unclear", rows, about="her2_status", question=pd.Series(["b", "a"]))
    conflict = queries.queries("conflict", rows, about="her2_status", question="c")
    listed = queries.together([unclear, conflict, unclear, empty(QUERIES)])
    assert listed[["patient_id", "query", "question"]].to_numpy().tolist() == [
        ["p1", "conflict", "c"], ["p1", "unclear", "a"], ["p2", "conflict", "c"], ["p2", "unclear", "b"],
    ]  # fmt: skip


def test_no_questions_are_an_empty_list():
    assert queries.together([]).columns.tolist() == QUERIES.names
