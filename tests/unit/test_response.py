from __future__ import annotations

from functools import cache

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.errors import RecordError
from cutline.response import derive_response, summarise_response
from cutline.response.words import first_that_holds, numbered
from cutline.tables.cohort import COHORT
from cutline.tables.covariates import COVARIATES
from cutline.tables.imaging import ASSESSMENTS, LESIONS
from cutline.tables.response import RESPONSE, VISITS
from cutline.tables.spec import conform, empty
from tests.spec.tables import day, table

RULES = {"table": "assessments", "date": "assessment_date", "value": "overall_response", "overall": "recorded",
         "baseline_days_before": 28, "minimum_stable_days": 42, "confirmation_days": 28, "max_not_evaluable": 1,
         "accept_stable": False, "missing_as_not_evaluable": False, "clinical_benefit_days": 168}  # fmt: skip
COHORT_ABC = table(COHORT, "patient_id | index_date\nA | 2020-01-01\nB | 2020-01-01\nC | 2020-01-01")
COVARIATES_ABCZ = table(
    COVARIATES,
    """
    patient_id | variable   | value
    A          | index_date | 2020-01-01
    B          | index_date | 2020-01-01
    C          | index_date | 2020-01-01
    Y          | index_date |
    Z          | index_date | 2020-01-01
    """,
)
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


def derive_all(scans=SCANS, cohort=COHORT_ABC, records=None, **rules):
    return derive_response(settings={"response": RULES | rules}, cohort=cohort, covariates=COVARIATES_ABCZ,
                           assessments=scans, **records or {})  # fmt: skip


def derive(*given, **more):
    return derive_all(*given, **more)["response"]


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


def test_assessments_of_everyone_with_an_index_date_are_there_included_or_not():
    visits = derive_all()["visits"]
    pd.testing.assert_frame_equal(visits, conform(visits, VISITS))
    assert visits["record_id"].tolist() == ["s1", "s2", "s3", "s4", "s5", "s6"]
    assert visits["phase"].tolist() == ["baseline", *["on_study"] * 5]


CONFIRMED = table(
    ASSESSMENTS,
    """
    record_id | patient_id | assessment_date | overall_response | target_sum_mm | measurable
    s0        | A          | 2020-01-01      |                  | 100           | yes
    s1        | A          | 2020-02-01      | PR               | 60            | yes
    s2        | A          | 2020-03-01      | PR               | 50            | yes
    s3        | A          | 2020-07-01      | PD               | 90            | yes
    s4        | A          | 2020-09-01      | PR               | 10            | yes
    s5        | B          | 2020-01-01      |                  | 100           | yes
    s6        | B          | 2020-03-01      | PR               | 85            | yes
    s7        | B          | 2020-05-01      | SD               | 80            | yes
    s8        | C          | 2020-03-01      | NE               |               | yes
    """,
)


def test_confirmed_response_and_first_dates_stand_beside_the_unconfirmed():
    derived = derive(CONFIRMED).set_index("patient_id")
    assert derived["best_response"].to_dict() == {"A": "PR", "B": "PR", "C": "NE"}
    assert derived["confirmed_response"].to_dict() == {"A": "PR", "B": "SD", "C": "NE"}
    assert derived["confirmed_record_id"].to_dict() == {"A": "s1", "B": "s6", "C": "s8"}
    assert derived.loc["A", "first_response_date"] == day("2020-02-01")
    assert derived["first_confirmed_response_record_id"].to_dict() == {"A": "s1", "B": None, "C": None}
    assert derived["evaluable"].to_dict() == {"A": True, "B": True, "C": False}


def test_the_best_change_is_that_before_or_at_progression():
    change = derive(CONFIRMED).set_index("patient_id")["best_change_percent"]
    assert change["A"] == -50
    assert change["B"] == -20
    assert pd.isna(change["C"])


def test_a_recorded_response_that_the_measurements_contradict_is_asked_about():
    asked = derive_all(CONFIRMED)["queries"]
    assert asked[["patient_id", "query", "about", "source_record_id"]].to_numpy().tolist() == [
        ["B", "response_differs", "overall_response", "s6"]
    ]
    assert asked["question"].iloc[0].startswith("recorded as PR, but SD by RECIST 1.1")


def test_the_derived_response_is_in_force_where_the_study_says_so():
    assert derive(CONFIRMED, overall="derived")["best_response"].tolist() == ["PR", "SD", "NE"]


def test_a_new_therapy_ends_what_counts():
    therapy = pd.DataFrame({"patient_id": ["A", "A"], "record_id": ["t0", "t1"], "atc": ["x", "x"],
                            "start_date": pd.to_datetime(["2020-01-01", "2020-02-15"])})  # fmt: skip
    select = {"table": "treatments", "where": {"atc": ["x"]}, "date": "start_date"}
    derived = derive(CONFIRMED, records={"treatments": therapy}, new_therapy=select).set_index("patient_id")
    assert derived.loc["A", ["best_response", "confirmed_response"]].tolist() == ["PR", "NE"]


def test_an_assessment_after_the_cut_off_of_another_person_changes_nothing():
    more = pd.concat([CONFIRMED, SCANS[SCANS["patient_id"] == "Z"]], ignore_index=True)
    pd.testing.assert_frame_equal(derive(more), derive(CONFIRMED))


in_order = cache(derive)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(len(SCANS))))
def test_the_order_of_the_rows_changes_nothing(order):
    pd.testing.assert_frame_equal(derive(scans=SCANS.iloc[list(order)]), in_order())


LESIONS_OF_A = table(
    LESIONS,
    """
    assessment_record_id | lesion_number | kind       | site       | diameter_mm | finding
    s0                   | 1             | target     | liver      | 60          | present
    s0                   | 2             | target     | lung       | 40          | present
    s0                   | 3             | non_target | bone       |             | present
    s1                   | 1             | target     | liver      | 20          | present
    s1                   | 1             | target     | liver      | 30          | present
    s1                   | 2             | target     | lung       |             | absent
    s1                   | 3             | non_target | bone       |             | absent
    elsewhere            | 1             | target     | liver      | 90          | present
    """,
)


@settings(max_examples=20, deadline=None)
@given(st.permutations(range(len(LESIONS_OF_A))))
def test_lesions_count_at_their_assessment_wherever_their_rows_stand(order):
    records = {"lesions": LESIONS_OF_A.iloc[list(order)]}
    visit = derive_all(CONFIRMED, records=records)["visits"].set_index("record_id").loc["s1"]
    assert visit[["target_sum_mm", "target_response", "non_target"]].tolist() == [30, "PR", "CR"]


def test_words_that_the_list_does_not_number_and_blanks_are_otherwise():
    words = pd.Series(["PD", None, "odd", "CR"], dtype="category")
    assert numbered(words, {"CR": 0, "PD": 5}, -1).tolist() == [5, -1, -1, 0]


def test_of_conditions_that_hold_the_first_has_the_word():
    holds = {"first": pd.Series([True, True, False, False]), "second": pd.Series([True, False, True, False])}
    assert first_that_holds(holds, "neither").tolist() == ["first", "first", "second", "neither"]


# ── summary ──────────────────────────────────────────────────────────────────────────────────


def summarise(counts: dict[str, int], confirmed: dict[str, int] | None = None) -> pd.DataFrame:
    best, sure = (
        [name for name, count in each.items() for _ in range(count)] for each in (counts, confirmed or counts)
    )
    persons = [f"p{number:03d}" for number in range(len(best))]
    known = [name not in ("MISSING", "NE") for name in best]
    response = pd.DataFrame({
        "patient_id": persons, "best_response": best, "confirmed_response": sure,
        "evaluable": pd.Series(known, dtype=bool),
        "clinical_benefit": pd.Series([name in ("CR", "PR") for name in best], dtype=bool),
        "confirmed_clinical_benefit": pd.Series([name in ("CR", "PR") for name in sure], dtype=bool),
    })  # fmt: skip
    study = {"response": RULES, "statistics": {"conf_level": 0.95}}
    return summarise_response(settings=study, response=response, cohort=response)["ard"].set_index("key")


def test_confirmed_rates_stand_beside_the_unconfirmed():
    ard = summarise({"PR": 6, "SD": 4}, {"PR": 2, "SD": 8})["value"]
    assert (ard["response.orr.percent"], ard["response.confirmed.orr.percent"]) == (60, 20)
    assert (ard["response.best.partial.n"], ard["response.confirmed.best.partial.n"]) == (6, 2)
    assert (ard["response.cbr.n"], ard["response.confirmed.cbr.n"]) == (6, 2)


def test_rates_of_the_evaluable_name_their_denominator():
    ard = summarise({"PR": 4, "PD": 4, "NE": 1, "MISSING": 1})
    assert ard.loc["response.orr.percent", ["value", "n"]].tolist() == [40, 10]
    assert ard.loc["response.orr.evaluable.percent", ["value", "n"]].tolist() == [50, 8]
    assert ard.loc["response.evaluable.n", ["value", "n"]].tolist() == [8, 10]
    assert ard.loc["response.orr.evaluable.n", "filter"] == "response.evaluable=true | response.best_response=CR,PR"
    assert "all evaluable persons" in ard.loc["response.orr.evaluable.percent", "method"]


def test_rates_have_the_interval_of_wilson_too():
    # R 4.2.2: 100 * prop.test(40, 70, correct = FALSE)$conf.int
    ard = summarise({"PR": 40, "SD": 22, "PD": 8})["value"]
    assert ard["response.orr.wilson_lower"] == pytest.approx(45.4778365598502, abs=1e-9)
    assert ard["response.orr.wilson_upper"] == pytest.approx(68.0646911200031, abs=1e-9)


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
    for statistic in ("percent", "lower", "upper", "wilson_lower", "wilson_upper"):
        assert pd.isna(ard.loc[f"response.orr.{statistic}", "value"])
        assert ard.loc[f"response.orr.{statistic}", "note"] == "nobody is included"
        assert ard.loc[f"response.orr.evaluable.{statistic}", "note"] == "nobody is evaluable"


# ── groups ───────────────────────────────────────────────────────────────────────────────────


@cache
def of_arms() -> pd.DataFrame:
    """56 of 70 against 48 of 80 responders, and one person whose arm is unknown."""
    best = ["PR"] * 56 + ["SD"] * 14 + ["PR"] * 48 + ["SD"] * 32 + ["CR"]
    persons = [f"p{number:03d}" for number in range(len(best))]
    benefit = pd.Series([name != "SD" for name in best], dtype=bool)
    response = pd.DataFrame({
        "patient_id": persons, "best_response": best, "confirmed_response": best, "evaluable": True,
        "clinical_benefit": benefit, "confirmed_clinical_benefit": benefit,
    })  # fmt: skip
    arms = ["new"] * 70 + ["old"] * 80 + [None]
    covariates = pd.DataFrame({"patient_id": persons, "variable": "arm", "value": pd.Series(arms, dtype=object)})
    variables = {"arm": {"label": "Arm", "levels": {"new": "New", "old": "Old"}, "reference": "old"}}
    study = {"response": RULES | {"by": "arm"}, "statistics": {"conf_level": 0.95}, "variables": variables}
    made = summarise_response(settings=study, response=response, cohort=response, covariates=covariates)
    return made["ard"].set_index("key")


def test_each_group_has_its_own_denominator():
    ard = of_arms()
    assert ard.loc["response.arm=new.orr.n", ["value", "n"]].tolist() == [56, 70]
    assert ard.loc["response.confirmed.arm=old.orr.percent", ["value", "n"]].tolist() == [60, 80]
    assert ard.loc["response.orr.n", ["value", "n"]].tolist() == [105, 151]
    assert ard.loc["response.arm=new.orr.evaluable.n", "filter"] == (
        "arm=new & response.evaluable=true | response.best_response=CR,PR"
    )


def test_who_is_of_no_group_is_in_none_and_counted():
    ard = of_arms()
    assert ard.loc["response.arm.missing", ["value", "n"]].tolist() == [1, 151]
    assert ard.loc["response.arm=new.best.complete.n", "value"] == 0


def test_groups_are_compared_with_the_reference_by_newcombes_interval():
    # Newcombe, Stat Med 1998;17:873-90, table II, 56/70 and 48/80 by method 10: 0.0524 to 0.3339
    ard = of_arms()
    path = "response.arm.new.orr.risk_difference"
    assert ard.loc[path, ["value", "n", "n_contributing"]].tolist() == [pytest.approx(20), 150, 104]
    assert ard.loc[[f"{path}_lower", f"{path}_upper"], "value"].tolist() == pytest.approx([5.24, 33.39], abs=5e-3)
    # R 4.2.2: fisher.test(matrix(c(56, 48, 14, 32), 2))$p.value
    assert ard.loc["response.arm.new.orr.fisher.p", "value"] == pytest.approx(0.0125211297492092, rel=1e-9)
    assert not any(key.startswith("response.arm.old") for key in ard.index)
