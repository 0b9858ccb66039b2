"""Persons by organ class, grade, relation and consequence; events in time at risk; groups: small tables by hand."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cutline.errors import ConfigError
from cutline.safety.codes import adverse_event_codes
from cutline.safety.summarise import overview, summarise_safety
from cutline.tables.cohort import COHORT
from cutline.tables.covariates import COVARIATES
from cutline.tables.safety import EXPOSURE, SAFETY
from tests.spec.tables import grid, table

STUDY: dict[str, Any] = {
    "safety": {"terms": {"fatigue": "Fatigue"}, "by": "arm"}, "statistics": {"conf_level": 0.95},
    "variables": {"arm": {"levels": {"new": "New", "old": "Old"}, "reference": "old"}},
}  # fmt: skip
COHORT_AF = table(COHORT, "patient_id | index_date\n" + "\n".join(f"{person} | 2020-01-01" for person in "ABCDEF"))
ARMS = table(COVARIATES, "patient_id | variable | value\n" + "\n".join(
    f"{person} | arm | {arm}" for person, arm in zip("ABCDE", ("new", "new", "new", "old", "old"), strict=True)
))  # fmt: skip
# 1461 days are four years: A, B, D and E together 16, C half a year, F was not treated.
AT_RISK = table(EXPOSURE, """
    patient_id | at_risk_days
    A          | 1461
    B          | 1461
    C          | 183
    D          | 1461
    E          | 1461
    """)  # fmt: skip
EVENTS = """
    patient_id | term    | soc     | worst_grade | days_from_first_dose | action       | relatedness | outcome   | worst
    A          | fatigue | general | 3           | 364                  | dose_reduced | related     | recovered | yes
    A          | fatigue | general | 1           | 900                  | none         | unknown     | recovered |
    A          | fever   | general |             | 20                   | none         | not_related | recovered |
    B          | fatigue | general |             | 729                  | interrupted  | not_related | recovered | yes
    D          | rash    | skin    | 5           | 99                   | discontinued | related     | unknown   | yes
    """


def results(events: str = EVENTS, **safety: Any) -> pd.DataFrame:
    rows = table(SAFETY, events)
    worst = grid(events)["worst"].eq("yes")
    rows = rows.assign(worst_of_all=worst, worst_of_class=worst, worst_of_term=worst | rows["term"].eq("fever"))
    settings = STUDY | {"safety": STUDY["safety"] | safety}
    made = summarise_safety(settings=settings, safety=rows, exposure=AT_RISK, cohort=COHORT_AF, covariates=ARMS)
    return made["ard"].set_index("key")


@pytest.fixture(scope="module")
def found() -> pd.DataFrame:
    return results()


@pytest.mark.parametrize(("key", "value"), [
    ("safety.none.n", 3), ("safety.soc.general.n", 2), ("safety.soc.general.percent", 100 / 3),
    ("safety.soc.skin.n", 1),
    ("safety.term.fatigue.related.n", 1), ("safety.related.n", 2), ("safety.dose_reduced.n", 1),
    ("safety.interrupted.n", 1), ("safety.discontinued.n", 1), ("safety.fatal.n", 1), ("safety.term.rash.fatal.n", 1),
    ("safety.soc.general.dose_reduced.n", 1),
])  # fmt: skip
def test_persons_are_counted_by_class_relation_and_consequence(found, key, value):
    assert found.loc[key, "value"] == pytest.approx(value)


def test_the_grades_with_those_not_recorded_add_up_to_the_persons_with_an_event(found):
    grades = [found.loc[f"safety.grade.{grade}.n", "value"] for grade in (1, 2, 3, 4, 5, "not_recorded")]
    assert grades == [0, 0, 1, 0, 1, 1]
    assert sum(grades) == found.loc["safety.any.n", "value"]


def test_grade_3_or_higher_has_no_number_while_a_persons_grade_is_open(found):
    row = found.loc["safety.grade_3_or_higher.n"]
    assert pd.isna(row["value"])
    assert row["note"] == "whether it was grade 3 or higher is not recorded for 1 of 5 events, so no number is given"
    assert found.loc["safety.term.rash.grade_3_or_higher.n", "value"] == 1


def test_where_no_grade_at_all_is_recorded_nothing_is_said_of_any(found):
    for grade in range(1, 6):
        row = found.loc[f"safety.term.fever.grade.{grade}.n"]
        assert pd.isna(row["value"])
        assert row["note"] == "no grade is recorded of any of 1 persons"
    assert found.loc["safety.term.fever.grade.not_recorded.n", "value"] == 1


def test_incidence_counts_persons_over_the_time_to_their_first_event(found):
    """Fatigue: A after 365 days, B after 730; C, D and E without one: 183 and twice 1461 days."""
    years = (365 + 730 + 183 + 1461 + 1461) / 365.25
    assert found.loc["safety.term.fatigue.patient_years", "value"] == pytest.approx(years)
    assert found.loc["safety.term.fatigue.per_100_patient_years", "value"] == pytest.approx(100 * 2 / years)
    assert found.loc["safety.term.fatigue.per_100_patient_years", ["n", "n_contributing"]].tolist() == [5, 2]


def test_the_rate_of_events_counts_all_of_them_over_all_time_at_risk(found):
    years = (4 * 1461 + 183) / 365.25
    assert found.loc["safety.exposure.patient_years", "value"] == pytest.approx(years)
    assert found.loc["safety.term.fatigue.events", "value"] == 3
    assert found.loc["safety.term.fatigue.events_per_100_patient_years", "value"] == pytest.approx(300 / years)


def test_without_time_at_risk_a_rate_has_a_note_and_no_value():
    made = summarise_safety(settings=STUDY, safety=table(SAFETY, "patient_id"), exposure=AT_RISK.head(0),
                            cohort=COHORT_AF, covariates=ARMS)["ard"].set_index("key")  # fmt: skip
    row = made.loc["safety.any.per_100_patient_years_upper"]
    assert pd.isna(row["value"])
    assert row["note"] == "nobody was at risk"


def test_everything_is_told_within_each_group_too_and_those_of_none_are_counted(found):
    assert found.loc["safety.arm=new.any.n", ["value", "n"]].tolist() == [2, 3]
    assert found.loc["safety.arm=old.none.percent", "value"] == 50
    assert found.loc["safety.arm=new.exposure.patient_years", "value"] == pytest.approx((2 * 1461 + 183) / 365.25)
    assert found.loc["safety.arm.missing", ["value", "n"]].tolist() == [1, 6]


def test_a_group_is_compared_with_the_reference(found):
    row = found.loc["safety.arm.new.term.fatigue.risk_difference"]
    assert row["value"] == pytest.approx(100 * (2 / 3 - 0))
    assert row[["n", "n_contributing"]].tolist() == [5, 2]
    assert found.loc["safety.arm.new.term.fatigue.fisher.p", "value"] == pytest.approx(0.4)  # 4 of 10 tables
    assert not any(key.startswith("safety.arm.old.") for key in found.index)


def test_a_difference_of_grades_that_are_open_is_not_estimated(found):
    row = found.loc["safety.arm.new.grade_3_or_higher.risk_difference"]
    assert pd.isna(row["value"])
    assert "is not recorded for 1 of 4 events" in row["note"]
    assert found.loc["safety.arm.new.soc.skin.grade_3_or_higher.risk_difference", "value"] == -50


def test_the_overview_is_part_of_the_whole(found):
    rows = table(SAFETY, EVENTS)
    part = overview(STUDY, rows, COHORT_AF, None).set_index("key")
    pd.testing.assert_series_equal(part["value"], found.loc[part.index, "value"])


# ── the code list ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("lines", "version", "complaint"), [
    ("recorded,term", "5.0", r"missing column\(s\) soc, ctcae_version"),
    ("recorded,term,soc,ctcae_version\na,b,C,4.03", "5.0", "no row for CTCAE version 5.0; it has: 4.03"),
    ("recorded,term,soc,ctcae_version\na,b,C,5.0\nA,b,D,5.0", "5.0", r"1 recorded text\(s\) mapped to more than one"),
])  # fmt: skip
def test_a_code_list_that_does_not_fit_is_refused(tmp_path, lines, version, complaint):
    path = tmp_path / "codes.csv"
    path.write_text(lines, encoding="utf-8")
    with pytest.raises(ConfigError, match=complaint):
        adverse_event_codes(path, {"ctcae_version": version})


def test_only_the_rows_of_the_studys_ctcae_version_count(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text(
        "recorded,term,soc,ctcae_version\nrash,skin,Skin,5.0\nrash,rash,Dermatology,3.0\n", encoding="utf-8"
    )
    codes = adverse_event_codes(path, {"ctcae_version": "3.0"})
    assert (codes.terms, codes.classes) == ({"rash": "rash"}, {"rash": "dermatology"})
