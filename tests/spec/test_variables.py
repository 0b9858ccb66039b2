"""Variables from dates and records: age, de novo disease, durations, earlier treatment, receptors. One patient each."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cutline.covariates import derive_covariates
from cutline.tables.diagnoses import DIAGNOSES
from cutline.tables.pathology import PATHOLOGY
from cutline.tables.patients import PATIENTS
from cutline.tables.spec import unpacked
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import cases, day, table

YES_NO = {"yes": "Yes", "no": "No"}


def dated(code: str) -> dict:
    """A date variable: the first diagnosis with the code."""
    select = {"table": "diagnoses", "where": {"icd10": [code]}, "date": "diagnosis_date", "take": "first"}
    return {"kind": "date", "derive": "record_date", "select": select}


def derived(variable: dict, diagnoses: str = "", birth: str = "", month: float = 30.4375, **records: pd.DataFrame):
    """Patient A's row of the variable; `diagnoses` are lines of code and date, C50 from and C79 to."""
    rows = "patient_id | icd10 | diagnosis_date" + "".join(f"\nA | {row}" for row in diagnoses.splitlines())
    settings = {
        "statistics": {"days_per_month": month},
        "variables": {"begin": dated("C50*"), "end": dated("C79*"), "duration": DURATION, "asked": variable},
    }
    patients = table(PATIENTS, f"patient_id | birth_date\nA | {birth}")
    records |= {"patients": patients, "diagnoses": table(DIAGNOSES, rows)}
    covariates = unpacked(derive_covariates(settings=settings, **records)["covariates"])
    return covariates.set_index("variable").loc["asked"]


DURATION = {"kind": "continuous", "unit": "months", "derive": "interval", "from": "begin", "to": "end"}


# ── age ──────────────────────────────────────────────────────────────────────────────────────

BIRTHDAYS = """
born       | at         | years
1960-05-10 | 2020-05-09 | 59
1960-05-10 | 2020-05-10 | 60
1960-02-29 | 2021-02-28 | 60
1960-02-29 | 2021-03-01 | 61
2020-05-10 | 2020-05-10 | 0
2020-05-11 | 2020-05-10 |
           | 2020-05-10 |
"""


@pytest.mark.parametrize(("born", "at", "years"), cases(BIRTHDAYS))
def test_age_is_whole_years_on_the_day(born, at, years):
    row = derived({"kind": "continuous", "derive": "age", "anchor": "begin"}, f"C50.9 | {at}", birth=born or "")
    assert pd.isna(row["number"]) if years is None else row["number"] == int(years)


def test_age_may_be_counted_from_a_date_variable():
    row = derived({"kind": "continuous", "derive": "age", "from": "begin", "anchor": "end"},
                  "C50.9 | 2000-03-01\nC79.5 | 2020-02-29")  # fmt: skip
    assert row["number"] == 19


# ── de novo ──────────────────────────────────────────────────────────────────────────────────

DE_NOVO = """
diagnosis  | metastasis | de novo
2020-01-01 | 2020-01-01 | yes
2020-01-01 | 2020-03-31 | yes
2020-01-01 | 2020-04-01 | no
2020-01-01 | 2019-12-20 | yes
2020-01-01 | 2019-06-01 |
"""


@pytest.mark.parametrize(("diagnosis", "metastasis", "de_novo"), cases(DE_NOVO))
def test_metastasis_is_de_novo_up_to_ninety_days_from_diagnosis(diagnosis, metastasis, de_novo):
    variable = {"kind": "categorical", "derive": "within", "from": "begin", "to": "end", "days": 90, "levels": YES_NO}
    assert derived(variable, f"C50.9 | {diagnosis}\nC79.5 | {metastasis}")["value"] == de_novo


def test_without_a_metastasis_date_de_novo_is_unknown_and_says_why():
    variable = {"kind": "categorical", "derive": "within", "from": "begin", "to": "end", "days": 90, "levels": YES_NO}
    row = derived(variable, "C50.9 | 2020-01-01")
    assert row["value"] is None
    assert row["reason"] == "end is unknown"


# ── durations ────────────────────────────────────────────────────────────────────────────────


def test_a_duration_in_months_is_its_days_divided_by_the_days_of_a_month():
    assert derived(DURATION, "C50.9 | 2020-01-01\nC79.5 | 2020-12-31")["number"] == 365 / 30.4375


def test_a_duration_that_ends_before_it_begins_is_unknown():
    row = derived(DURATION, "C50.9 | 2020-01-02\nC79.5 | 2020-01-01")
    assert pd.isna(row["number"])
    assert row["reason"] == "end lies before begin"


# 14.3 months of 30.4375 days are 435.256 days; 16 are 487 exactly; 8.3 of 30 are 249, though 8.3 * 30 is a hair more.
GROUPS = """
cut  | month   | days | group
14.3 | 30.4375 | 435  | below
14.3 | 30.4375 | 436  | above
16   | 30.4375 | 486  | below
16   | 30.4375 | 487  | above
12   | 30.44   | 365  | below
12   | 30.44   | 366  | above
8.3  | 30      | 248  | below
8.3  | 30      | 249  | above
"""


@pytest.mark.parametrize(("cut", "month", "days", "group"), cases(GROUPS))
def test_a_fixed_cut_point_is_tested_in_days_below_against_at_or_above(cut, month, days, group):
    variable = {"kind": "categorical", "derive": "cut", "inputs": ["duration"], "cut_points": [float(cut)],
                "levels": {"below": "<", "above": "≥"}}  # fmt: skip
    end = (pd.Timestamp("2020-01-01") + pd.Timedelta(days=int(days))).date()
    assert derived(variable, f"C50.9 | 2020-01-01\nC79.5 | {end}", month=float(month))["value"] == group


# ── what was there before ────────────────────────────────────────────────────────────────────

EARLIER = """
start of drug | before     | yes or no
2019-12-31    | 2020-01-01 | yes
2020-01-01    | 2020-01-01 | no
2019-01-01    | 2020-01-01 | yes
2018-12-31    | 2020-01-01 | no
              | 2020-01-01 | no
2019-12-31    |            |
"""


@pytest.mark.parametrize(("started", "before", "expected"), cases(EARLIER))
def test_earlier_treatment_is_strictly_before_and_within_the_window(started, before, expected):
    variable = {"kind": "categorical", "derive": "exists", "before": "begin", "days_before": 365, "levels": YES_NO,
                "select": {"table": "treatments", "where": {"atc": ["L01EG*"]}, "date": "start_date"}}  # fmt: skip
    rows = f"patient_id | atc | start_date\nA | L01EG02 | {started}" if started else "patient_id | atc | start_date"
    row = derived(variable, f"C50.9 | {before}" if before else "", treatments=table(TREATMENTS, rows))
    assert row["value"] == expected


# ── which sample counts ──────────────────────────────────────────────────────────────────────


def her2(samples: str) -> pd.Series:
    """Patient A's HER2 status at 2020-01-01 from samples written as date | IHC | ISH."""
    rows = "patient_id | sample_date | her2_ihc | her2_ish" + "".join(f"\nA | {row}" for row in samples.splitlines())
    return derived(HER2, "C50.9 | 2020-01-01", pathology=table(PATHOLOGY, rows))


def test_the_sample_nearest_the_diagnosis_counts():
    row = her2("2019-06-01 | 3+ |\n2020-01-10 | 1+ |\n2021-01-01 | 0 |")
    assert (row["value"], row["source_record_id"]) == ("low", "r02")


def test_of_samples_equally_near_the_earlier_counts():
    assert her2("2020-01-11 | 3+ |\n2019-12-22 | 1+ |")["value"] == "low"


def test_a_sample_that_was_not_tested_gives_way_to_one_that_was():
    assert her2("2020-01-01 | Unk/ND |\n2020-06-01 | 1+ |")["value"] == "low"


def test_a_sample_whose_result_decides_nothing_does_not_give_way():
    row = her2("2020-01-01 | 2+ |\n2020-06-01 | 1+ |")
    assert row["value"] is None
    assert row["reason"] == "IHC 2+ without ISH is unresolved"


def test_samples_of_one_day_that_disagree_leave_the_status_unknown():
    row = her2("2020-01-01 | 1+ |\n2020-01-01 | 3+ |")
    assert row["value"] is None
    assert row["reason"] == "samples of one day contradict each other"


def test_ihc_in_one_report_and_ish_in_another_of_the_day_are_read_together():
    row = her2("2020-01-01 | 2+ |\n2020-01-01 | | positive")
    assert (row["value"], row["reason"]) == ("positive", "IHC 2+ and ISH positive")
    assert her2("2020-01-01 | 2+ |\n2020-01-01 | 2+ | negative")["value"] == "low"


def test_ihc_and_ish_of_different_days_are_not_read_together():
    assert her2("2020-01-01 | 2+ |\n2020-01-02 | | positive")["reason"] == "IHC 2+ without ISH is unresolved"


def test_ihc_and_ish_of_one_day_that_contradict_each_other_leave_the_status_unknown_and_say_so():
    row = her2("2020-01-01 | 3+ |\n2020-01-01 | | negative")
    assert row["value"] is None
    assert row["reason"] == "IHC 3+ and ISH negative contradict each other"


def test_a_sample_that_decides_nothing_beside_one_that_does_leaves_the_status_unknown_and_says_which():
    row = her2("2020-01-01 | 1+ |\n2020-01-01 | 1-2+ |")
    assert row["value"] is None
    assert row["reason"] == "another sample of the day is undecided: IHC as written is not one result"


def test_samples_of_one_day_that_agree_are_one_result():
    row = her2("2020-01-01 | 1+ |\n2020-01-01 | 2+ | negative")
    assert (row["value"], row["source_record_id"]) == ("low", "r01")


def test_a_metastasis_counts_before_a_nearer_primary_and_the_primary_where_no_metastasis_was_tested():
    preferred = {"table": "pathology", "date": "sample_date", "take": "nearest", "prefer": {"specimen": ["metastasis"]}}
    primary, metastasis = "2020-01-01 | 1+ | | primary", "2020-06-01 | 3+ | | metastasis"
    assert of_specimens(f"{primary}\n{metastasis}", select=preferred)["value"] == "positive"
    assert of_specimens(f"{primary}\n2020-06-01 | Unk/ND | | metastasis", select=preferred)["value"] == "low"
    assert of_specimens(primary, select=preferred)["value"] == "low"
    late = preferred | {"days_after": 90}
    assert of_specimens(f"{primary}\n{metastasis}", select=late)["value"] == "low"


def test_only_preferred_samples_of_the_day_are_read_together():
    preferred = {"table": "pathology", "date": "sample_date", "take": "nearest", "prefer": {"specimen": ["metastasis"]}}
    same_day = "2020-01-01 | 1+ | | primary\n2020-01-01 | 3+ | | metastasis"
    assert of_specimens(same_day)["value"] is None
    assert of_specimens(same_day, select=preferred)["value"] == "positive"


def test_the_last_sample_up_to_a_date_can_be_chosen():
    samples = "2019-06-01 | 3+ | | primary\n2019-12-01 | 1+ | | primary\n2020-01-02 | 0 | | primary"
    last = {"table": "pathology", "date": "sample_date", "take": "last", "days_after": 0}
    assert of_specimens(samples, select=last)["value"] == "low"


# ── what is asked instead of chosen ──────────────────────────────────────────────────────────

QUESTIONS = """
samples as date, IHC, ISH, specimen                     | kind                | question
2020-01-01, 2+                                          | her2_equivocal      | IHC 2+ without ISH is unresolved
2020-01-01, 1-2+                                        | receptor_unresolved | IHC as written is not one result
2020-01-01, 3+, negative                                | receptor_conflict   | IHC 3+ and ISH negative contradict each other
2020-01-01, 1+; 2020-01-01, 3+                          | receptor_conflict   | samples of one day contradict each other
2020-01-01, 1+,, primary; 2020-06-01, 3+,, metastasis   | receptor_differs    | the metastasis is positive, the primary, which counts, low
2020-01-01, 1+,, primary; 2020-06-01, 3+,, primary      |                     |
2020-01-01, 1+,, primary; 2020-06-01, 1-2+,, metastasis |                     |
2020-01-01, 1+,, primary; 2020-06-01, 1+,, metastasis   |                     |
2020-01-01, 1+                                          |                     |
2020-01-01, Unk/ND                                      |                     |
"""  # noqa: E501 (one case per line)


@pytest.mark.parametrize(("samples", "kind", "question"), cases(QUESTIONS))
def test_what_the_samples_leave_open_is_asked_and_nothing_else(samples, kind, question):
    asked = questions(samples.replace("; ", "\n").replace(",", " |"))
    assert asked[["query", "question"]].to_numpy().tolist() == ([[kind, question]] if kind else [])
    assert asked["about"].isin(["asked"]).all()


SAME_DAY = """
what two records of the nearest day say, of a dose in mg | value | asked
10, 10                                                    | 10    |
10, 10.0                                                  | 10    |
10, 5                                                     |       | records of one day say: 10; 5
"""


@pytest.mark.parametrize(("doses", "value", "question"), cases(SAME_DAY))
def test_where_records_of_one_day_contradict_each_other_no_side_is_chosen_and_it_is_asked(doses, value, question):
    first, second = doses.split(", ")
    records = {
        "patients": table(PATIENTS, "patient_id\nA"),
        "diagnoses": table(DIAGNOSES, "patient_id | icd10 | diagnosis_date\nA | C50 | 2020-01-01"),
        "treatments": table(TREATMENTS, "patient_id | record_id | atc | start_date | dose_mg\n"
                            f"A | t2 | L01EG02 | 2020-01-02 | {first}\nA | t1 | L01EG02 | 2020-01-02 | {second}\n"
                            "A | t0 | L01EG02 | 2020-03-01 | 2.5"),
    }  # fmt: skip
    select = {"table": "treatments", "date": "start_date", "value": "dose_mg", "take": "nearest"}
    dose = {"label": "dose", "kind": "continuous", "derive": "record_value", "anchor": "begin", "select": select}
    settings = {"statistics": {"days_per_month": 30.4375}, "variables": {"begin": dated("C50*"), "asked": dose}}
    found = {name: unpacked(part) for name, part in derive_covariates(settings=settings, **records).items()}
    row = found["covariates"].set_index("variable").loc["asked"]
    assert (None if pd.isna(row["number"]) else row["number"]) == (float(value) if value else None)
    assert found["queries"]["question"].tolist() == ([question] if question else [])
    assert found["queries"]["source_record_id"].tolist() == (["t1"] if question else [])


def test_a_question_names_the_record_it_is_about():
    asked = questions("2020-01-01 | 1+ | | primary\n2020-06-01 | 3+ | | metastasis").iloc[0]
    assert (asked["source_table"], asked["source_record_id"]) == ("pathology", "r02")
    assert asked["source_date"] == day("2020-06-01")


def test_equivocal_is_a_level_where_the_study_lists_it_and_still_asked_about():
    listed = HER2 | {"levels": {"zero": "", "low": "", "equivocal": "", "positive": ""}}
    assert of_specimens("2020-01-01 | 2+", **listed)["value"] == "equivocal"
    assert questions("2020-01-01 | 2+", **listed)["query"].tolist() == ["her2_equivocal"]


def of_specimens(samples: str, **changed: Any) -> pd.Series:
    """Patient A's HER2 status at 2020-01-01 from samples written as date | IHC | ISH | specimen."""
    return found_of(samples, changed)["covariates"].set_index("variable").loc["asked"]


def questions(samples: str, **changed: Any) -> pd.DataFrame:
    return found_of(samples, changed)["queries"]


def found_of(samples: str, changed: dict[str, Any]) -> dict[str, pd.DataFrame]:
    header = "patient_id | sample_date | her2_ihc | her2_ish | specimen"
    rows = header + "".join(f"\nA | {row}" for row in samples.splitlines())
    records = {
        "patients": table(PATIENTS, "patient_id\nA"),
        "diagnoses": table(DIAGNOSES, "patient_id | icd10 | diagnosis_date\nA | C50 | 2020-01-01"),
        "pathology": table(PATHOLOGY, rows),
    }
    variables = {"begin": dated("C50*"), "asked": HER2 | changed}
    settings = {"statistics": {"days_per_month": 30.4375}, "variables": variables}
    return {name: unpacked(found) for name, found in derive_covariates(settings=settings, **records).items()}


# ── subtype ──────────────────────────────────────────────────────────────────────────────────

SUBTYPES = """
er       | pr       | her2     | subtype
low      | negative | zero     | hr_positive_her2_negative
5-20     | negative | zero     | hr_positive_her2_negative
0-5      | negative | zero     |
positive | positive | zero     | hr_positive_her2_negative
positive | negative | low      | hr_positive_her2_negative
positive |          | low      | hr_positive_her2_negative
negative | positive | zero     | hr_positive_her2_negative
negative | negative | zero     | triple_negative
negative | negative | low      | triple_negative
negative |          | zero     |
         | negative | zero     |
negative | negative | positive | her2_positive
positive | positive | positive | her2_positive
         |          | positive | her2_positive
positive | positive |          |
negative | negative |          |
"""
WRITTEN = {"positive": "90", "low": "5", "5-20": "5-20", "0-5": "0-5", "negative": "0", None: ""}
IHC = {"zero": "0", "low": "1+", "positive": "3+", None: "2+"}


STATUS = {"kind": "categorical", "anchor": "begin", "levels": {"positive": "+", "negative": "-"}}
HER2 = {"kind": "categorical", "derive": "receptor_her2", "anchor": "begin",
        "levels": {"zero": "", "low": "", "positive": ""}}  # fmt: skip
SUBTYPE = {"kind": "categorical", "derive": "subtype", "inputs": ["er", "pr", "her2"],
           "levels": {"hr_positive_her2_negative": "", "her2_positive": "", "triple_negative": ""}}  # fmt: skip


@pytest.mark.parametrize(("er", "pr", "her2_status", "expected"), cases(SUBTYPES))
def test_subtype_is_unknown_only_where_an_unknown_receptor_could_change_it(er, pr, her2_status, expected):
    apart = STATUS["levels"] | {"low_positive": "low"}
    receptors = {
        "er": STATUS | {"derive": "receptor_er", "levels": apart},
        "pr": STATUS | {"derive": "receptor_pr"},
        "her2": HER2,
    }
    variables = {"begin": dated("C50*"), "asked": SUBTYPE} | receptors
    sample = f"A | 2020-01-01 | {WRITTEN[er]} | {WRITTEN[pr]} | {IHC[her2_status]}"
    records = {
        "patients": table(PATIENTS, "patient_id\nA"),
        "diagnoses": table(DIAGNOSES, "patient_id | icd10 | diagnosis_date\nA | C50 | 2020-01-01"),
        "pathology": table(PATHOLOGY, f"patient_id | sample_date | er_percent | pr_percent | her2_ihc\n{sample}"),
    }
    settings = {"statistics": {"days_per_month": 30.4375}, "variables": variables}
    rows = unpacked(derive_covariates(settings=settings, **records)["covariates"]).set_index("variable")
    assert rows.loc["asked", "value"] == expected
