"""What the checks of consistency say of the finished studies."""

import pandas as pd
import pytest

from tests.workflow.conftest import DEFAULT_CUT


@pytest.fixture(scope="module")
def checks(finished):
    return pd.read_csv(finished.path / DEFAULT_CUT / "aggregate" / "consistency.csv", keep_default_na=False)


def test_the_report_contradicts_itself_nowhere(checks):
    """It selects by follow-up as the paper did, which its Discussion says; nothing else is found."""
    found = checks[(checks["about"] == "report") & (checks["verdict"] == "found")]
    assert list(zip(found["check"], found["subject"], strict=True)) == [("selection_free_of_outcome", "follow_up")]


def test_all_that_the_report_prints_is_looked_at(checks):
    of_report = checks[checks["about"] == "report"]["check"].value_counts()
    assert of_report["percentages_recompute"] > 300
    assert of_report["interval_of_its_method"] > 300
    assert of_report["counts_add_up"] > 100


def test_of_every_printed_percentage_of_the_paper_it_says_whether_it_recomputes(checks):
    printed = checks[(checks["about"] == "publication") & (checks["check"] == "percentages_recompute")]
    assert len(printed) == 29
    assert set(printed["verdict"]) == {"holds"}


def test_the_supplement_shows_every_finding(finished, checks):
    text = (finished.path / DEFAULT_CUT / "report" / "manuscript.html").read_text(encoding="utf-8")
    assert "Consistency of numbers and statements" in text
    assert text.count("(warning)") + text.count("(note)") == (checks["verdict"] == "found").sum()
