from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.errors import ConfigError, RecordError
from cutline.response import derive_response, summarise_response
from cutline.tables.cohort import COHORT
from cutline.tables.imaging import ASSESSMENTS
from cutline.tables.response import RESPONSE
from cutline.tables.spec import conform, empty
from tests.spec.tables import day, table

RULES = {"table": "assessments", "date": "assessment_date", "value": "overall_response", "confirmation": "none",
         "minimum_stable_days": 42}  # fmt: skip
COHORT_ABC = table(COHORT, "patient_id | index_date\nA | 2020-01-01\nB | 2020-01-01\nC | 2020-01-01")
SCANS = table(
    ASSESSMENTS,
    """
    record_id | patient_id | assessment_date | overall_response
    s1        | A          | 2020-01-01      |
    s2        | A          | 2020-03-01      | PR
    s3        | A          | 2020-05-01      | PD
    s4        | B          | 2020-03-01      | SD
    s5        | B          | 2020-03-01      | PD
    s6        | Z          | 2020-03-01      | CR
    """,
)


def derive(scans=SCANS, cohort=COHORT_ABC, **rules):
    return derive_response(settings={"response": RULES | rules}, cohort=cohort, assessments=scans)["response"]


def test_every_included_person_has_a_best_response_and_its_record():
    derived = derive().set_index("patient_id")
    assert derived["best_response"].to_dict() == {"A": "PR", "B": "PD", "C": "MISSING"}
    assert derived["source_record_id"].to_dict() == {"A": "s2", "B": "s5", "C": None}
    assert derived["source_table"].to_dict() == {"A": "assessments", "B": "assessments", "C": None}
    assert derived.loc["A", "source_date"] == day("2020-03-01")


def test_the_table_follows_its_spec():
    pd.testing.assert_frame_equal(derive(), conform(derive(), RESPONSE))


def test_nobody_included_gives_an_empty_table():
    assert derive(cohort=empty(COHORT)).empty


def test_nobody_assessed_leaves_everyone_missing():
    assert set(derive(scans=SCANS.head(0))["best_response"]) == {"MISSING"}


def test_an_assessment_on_the_index_date_does_not_count_where_the_study_says_so():
    scans = table(ASSESSMENTS, "patient_id | assessment_date | overall_response\n"
                               "A | 2020-01-01 | PD\nA | 2020-03-01 | PR")  # fmt: skip
    assert derive(scans)["best_response"].tolist() == ["PD", "MISSING", "MISSING"]
    assert derive(scans, after_start=True)["best_response"].tolist() == ["PR", "MISSING", "MISSING"]


def test_words_that_are_not_of_recist_are_refused_without_being_quoted():
    scans = SCANS.assign(comment=["", "", "asked Mrs Smith", "PR", "PR", "PR"])
    with pytest.raises(RecordError, match="3 record") as refused:
        derive(scans, value="comment")
    assert "Smith" not in str(refused.value)


def test_a_confirmation_that_is_not_done_is_refused():
    with pytest.raises(ConfigError, match=r"response\.confirmation: found 'required', expected none"):
        derive(confirmation="required")


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(len(SCANS))))
def test_the_order_of_the_rows_changes_nothing(order):
    pd.testing.assert_frame_equal(derive(scans=SCANS.iloc[list(order)]), derive())


# ── summary ──────────────────────────────────────────────────────────────────────────────────


def summarise(counts: dict[str, int]) -> pd.DataFrame:
    best = [response for response, count in counts.items() for _ in range(count)]
    persons = [f"p{number:03d}" for number in range(len(best))]
    response = pd.DataFrame({"patient_id": persons, "best_response": best})
    study = {"statistics": {"conf_level": 0.95}}
    return summarise_response(settings=study, response=response, cohort=response)["ard"].set_index("key")


def test_counts_and_percentages_are_of_all_included_persons():
    ard = summarise({"PR": 40, "SD": 22, "PD": 8})
    assert ard.loc["response.best.partial.n", "value"] == 40
    assert ard.loc["response.best.partial.percent", "value"] == pytest.approx(57.142857142857)
    assert ard.loc["response.best.complete.n", "value"] == 0
    assert ard.loc["response.orr.n", "value"] == 40
    assert ard.loc["response.dcr.n", "value"] == 62
    assert ard.loc["response.dcr.percent", ["n", "n_contributing"]].tolist() == [70, 62]


def test_response_rates_have_the_exact_interval():
    # R 4.2.2: 100 * binom.test(40, 70)$conf.int and 100 * binom.test(62, 70)$conf.int
    ard = summarise({"PR": 40, "SD": 22, "PD": 8})["value"]
    assert ard["response.orr.lower"] == pytest.approx(44.7487106811536, abs=1e-9)
    assert ard["response.orr.upper"] == pytest.approx(68.9132081896396, abs=1e-9)
    assert ard["response.dcr.lower"] == pytest.approx(78.7171957830910, abs=1e-9)
    assert ard["response.dcr.upper"] == pytest.approx(94.9347801209644, abs=1e-9)


@pytest.mark.parametrize(("response", "bounds"), [("PD", (0.0, None)), ("CR", (None, 100.0))])
def test_a_rate_of_none_or_all_has_its_bound_at_the_end(response, bounds):
    ard = summarise({response: 10})["value"]
    # 1 - 0.025 ** (1 / 10), by hand
    edge = 100 * (1 - 0.025**0.1)
    lower, upper = bounds
    assert ard["response.orr.lower"] == pytest.approx(lower if lower is not None else 100 - edge)
    assert ard["response.orr.upper"] == pytest.approx(upper if upper is not None else edge)


def test_every_category_has_its_rows_though_nobody_is_in_it():
    ard = summarise({"CR": 1})
    slugs = ["complete", "partial", "stable", "non_cr_non_pd", "progressive", "not_evaluable", "missing"]
    assert [f"response.best.{slug}.n" in ard.index for slug in slugs] == [True] * 7


def test_non_cr_non_pd_is_disease_control_and_missing_is_not():
    ard = summarise({"NON-CR/NON-PD": 1, "MISSING": 1, "NE": 1, "CR": 1})["value"]
    assert ard["response.dcr.n"] == 2
    assert ard["response.orr.n"] == 1
    assert ard["response.orr.percent"] == 25


def test_with_nobody_included_percentages_have_no_value_but_a_note():
    ard = summarise({})
    assert ard.loc["response.orr.n", "value"] == 0
    for statistic in ("percent", "lower", "upper"):
        assert pd.isna(ard.loc[f"response.orr.{statistic}", "value"])
        assert ard.loc[f"response.orr.{statistic}", "note"] == "nobody is included"
