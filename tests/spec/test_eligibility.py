"""Eligibility: each criterion answers yes, no or unknown; each person is counted once.

What clinicians agree on in words stands here as tables: the boundary days of every comparison and window, what two
answers give together when one of them is not known, and what an unknown answer does to the flow of patients.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from cutline.cohort import select_cohort
from cutline.criteria import Evidence, answer
from cutline.tables.covariates import COVARIATES
from cutline.tables.diagnoses import DIAGNOSES
from cutline.tables.patients import PATIENTS
from tests.spec.tables import cases, table

# Patient, HER2 status, dose, index date; blank is unknown.
FACTS = """
patient_id | her2     | dose | index_date
A          | zero     | 10   | 2020-01-01
B          | positive | 10   | 2020-06-01
C          | positive | 5    | 2020-06-01
D          |          | 10   | 2024-12-31
E          | low      | 2.5  | 2020-06-01
F          | low      | 10   | 2025-01-01
G          | low      |      | 2020-06-01
"""
VARIABLES: dict[str, Any] = {
    "her2": {"label": "HER2 status", "kind": "categorical", "levels": {"zero": "0", "low": "low", "positive": "+"}},
    "dose": {"label": "Starting dose", "kind": "continuous", "unit": "mg"},
    "age": {"label": "Age", "kind": "continuous", "unit": "years"},
    "duration": {"label": "Duration", "kind": "continuous", "unit": "months", "derive": "interval"},
    "diagnosed": {"label": "Diagnosis", "kind": "date"},
    "progressed": {"label": "Progression", "kind": "date"},
    **{name: {"label": name, "kind": "categorical", "levels": {"yes": "Yes", "no": "No"}} for name in ("p", "q")},
}
NUMBERS = [name for name, variable in VARIABLES.items() if variable["kind"] == "continuous"]


def covariates(facts: str) -> pd.DataFrame:
    """The facts as covariates; what is blank is unknown."""
    names, *people = [[cell.strip() for cell in line.split("|")] for line in facts.strip().splitlines()]
    rows = [(person[0], name, *_as(name, cell)) for person in people
            for name, cell in zip(names[1:], person[1:], strict=True)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["patient_id", "variable", "value", "number"])
    from_record = {"source_table": "t", "source_record_id": frame["patient_id"] + "-" + frame["variable"]}
    frame = frame.assign(reason="no record", anchor=None, source_date=None, **from_record)
    return pd.DataFrame({name: frame[name] for name in COVARIATES.names}).astype({"number": "float64"})


def _as(name: str, cell: str) -> tuple[str | None, float | None]:
    if name in NUMBERS:
        return None, float(cell) if cell else None
    return cell or None, None


SETTINGS = {"variables": VARIABLES, "statistics": {"days_per_month": 30.4375},
            "window": {"start": "2020-01-01", "end": "2024-12-31"}}  # fmt: skip


def select(*criteria: dict[str, Any], facts: str = FACTS, what_if: Any = (), **records: pd.DataFrame) -> dict[str, Any]:
    named = [{"label": criterion["id"], "source": "protocol"} | criterion for criterion in criteria]
    settings = SETTINGS | {"criteria": named, "what_if": what_if}
    found = covariates(facts)
    patients = table(PATIENTS, "patient_id\n" + "\n".join(found["patient_id"].unique()))
    return select_cohort(settings=settings, covariates=found, patients=patients, **records)


def answer_of_one(expression: dict[str, Any], facts: str, **records: pd.DataFrame) -> str:
    """What an expression answers about the one person of the facts: yes, no or unknown."""
    found = covariates(facts)
    evidence = Evidence.of_study(SETTINGS, pd.Index(found["patient_id"].unique(), dtype=object), found, records)
    (one,) = answer(expression, evidence)
    return "unknown" if pd.isna(one) else ("yes" if one else "no")


# ── who is counted where ─────────────────────────────────────────────────────────────────────

NO_HER2_POSITIVE = {"id": "her2_positive", "exclude": {"her2": ["positive"]}, "unknown": "include"}
FULL_DOSE = {"id": "dose", "require": {"dose": ["10"]}, "unknown": "exclude as missing"}
KNOWN = {"id": "missing", "require": {"known": ["her2", "dose", "index_date"]}}
IN_WINDOW = {"id": "window", "require": {"in_window": "index_date"}, "unknown": "exclude as missing"}


def test_each_person_is_counted_at_the_first_criterion_failed_and_the_ledger_holds_all():
    chosen = select(NO_HER2_POSITIVE, KNOWN, FULL_DOSE, IN_WINDOW)
    ledger = chosen["ledger"].set_index("patient_id")
    first = [None, "her2_positive", "her2_positive", "missing", "dose", "window", "missing"]
    assert ledger["first_failed"].to_dict() == dict(zip("ABCDEFG", first, strict=True))
    assert ledger.loc["C", "all_failed"] == "her2_positive;dose"
    assert ledger.loc["G", "all_failed"] == "missing;dose"
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]


def test_attrition_lists_every_criterion_in_order_zeros_included_and_adds_up():
    nobody = {"id": "nobody", "exclude": {"her2": ["unheard_of"]}, "unknown": "include"}
    chosen = select(nobody, NO_HER2_POSITIVE, KNOWN, FULL_DOSE, IN_WINDOW)
    attrition = chosen["attrition"]
    assert attrition["criterion"].tolist() == ["nobody", "her2_positive", "missing", "dose", "window"]
    assert attrition["excluded"].tolist() == [0, 2, 2, 1, 1]
    assert attrition["remaining"].tolist() == [7, 5, 3, 2, 1]


def test_order_decides_where_a_person_is_counted_but_not_who_is_in():
    forwards, backwards = select(NO_HER2_POSITIVE, FULL_DOSE, KNOWN), select(KNOWN, FULL_DOSE, NO_HER2_POSITIVE)
    assert forwards["cohort"].equals(backwards["cohort"])
    assert removed(forwards) == {"her2_positive": 2, "dose": 2, "missing": 1}
    assert removed(backwards) == {"missing": 2, "dose": 2, "her2_positive": 1}


def removed(chosen: dict[str, pd.DataFrame]) -> dict[str, int]:
    return chosen["attrition"].set_index("criterion")["excluded"].to_dict()


def test_nobody_eligible_gives_an_empty_cohort_and_the_whole_attrition():
    nobody = {"id": "nobody", "require": {"her2": ["unheard_of"]}, "unknown": "exclude as missing"}
    chosen = select(nobody, FULL_DOSE)
    assert chosen["cohort"].empty
    assert chosen["attrition"]["excluded"].tolist() == [7, 0]
    assert chosen["attrition"]["remaining"].tolist() == [0, 0]


def test_an_included_person_carries_the_record_of_the_index_date():
    row = select(NO_HER2_POSITIVE, KNOWN, FULL_DOSE, IN_WINDOW)["cohort"].iloc[0]
    assert row["index_date"] == pd.Timestamp("2020-01-01")
    assert (row["source_table"], row["source_record_id"]) == ("t", "A-index_date")


def test_the_ledger_names_each_record_once_that_failures_rest_on():
    twice = NO_HER2_POSITIVE | {"id": "again"}
    ledger = select(NO_HER2_POSITIVE, twice, FULL_DOSE)["ledger"].set_index("patient_id")
    assert ledger.loc["C", "source_records"] == "t:C-her2;t:C-dose"
    assert ledger.loc["A", "source_records"] is None


# ── what an unknown answer does ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("unknown", "status"),
    cases("""
    unknown            | status
    exclude as missing | excluded
    include            | included
    query              | pending
    """),
)
@pytest.mark.parametrize("asks", [{"exclude": {"her2": ["positive"]}}, {"require": {"her2": ["zero", "low"]}}])
def test_an_unknown_answer_does_what_the_study_says(asks, unknown, status):
    ledger = select({"id": "her2", "unknown": unknown} | asks)["ledger"].set_index("patient_id")
    assert ledger.loc["D", "status"] == status
    assert ledger.loc["B", "status"] == "excluded"


def test_who_is_excluded_because_unknown_is_told_apart_from_who_failed():
    chosen = select(FULL_DOSE)
    assert chosen["attrition"][["excluded", "excluded_unknown", "pending"]].to_numpy().tolist() == [[3, 1, 0]]
    answers = chosen["ledger"].set_index("patient_id")["first_answer"].dropna().to_dict()
    assert answers == {"C": "failed", "E": "failed", "G": "unknown"}


ASK_HER2 = NO_HER2_POSITIVE | {"unknown": "query"}
ASK_DOSE = FULL_DOSE | {"unknown": "query"}


def test_pending_persons_are_out_for_now_and_the_flow_still_adds_up():
    chosen = select(ASK_HER2, ASK_DOSE)
    counts = chosen["attrition"][["criterion", "excluded", "pending", "remaining"]].to_numpy().tolist()
    assert counts == [["her2_positive", 2, 1, 4], ["dose", 1, 1, 2]]
    assert chosen["cohort"]["patient_id"].tolist() == ["A", "F"]
    first = chosen["ledger"].set_index("patient_id")["first_pending"].dropna().to_dict()
    assert first == {"D": "her2_positive", "G": "dose"}


def test_who_fails_another_criterion_is_excluded_and_not_asked_about():
    """The answer to the query would change nothing."""
    chosen = select(ASK_DOSE, {"id": "zero", "require": {"her2": ["zero"]}, "unknown": "include"})
    ledger = chosen["ledger"].set_index("patient_id")
    assert (ledger.loc["G", "status"], ledger.loc["G", "first_failed"]) == ("excluded", "zero")
    assert chosen["queries"].empty


def test_every_pending_person_is_a_question_on_the_query_list():
    asked = select(ASK_HER2, ASK_DOSE)["queries"]
    assert asked[["patient_id", "query", "about"]].to_numpy().tolist() == [
        ["D", "eligibility_unknown", "her2_positive"], ["G", "eligibility_unknown", "dose"],
    ]  # fmt: skip
    assert asked.loc[0, "question"] == "“her2_positive” is not decided. Not known: HER2 status (no record)."


# ── comparisons, at the boundary ─────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("operator", "bound", "seventeen", "eighteen", "nineteen", "nobody_knows"),
    cases("""
    operator | bound | 17  | 18  | 19  | unknown
    at_least | 18    | no  | yes | yes | unknown
    above    | 18    | no  | no  | yes | unknown
    at_most  | 18    | yes | yes | no  | unknown
    below    | 18    | yes | no  | no  | unknown
    equals   | 18    | no  | yes | no  | unknown
    """),
)
def test_a_number_is_compared_with_a_bound(operator, bound, seventeen, eighteen, nineteen, nobody_knows):
    answers = [answer_of_one({"age": {operator: bound}}, f"patient_id | age\nA | {age}") for age in (17, 18, 19, "")]
    assert answers == [seventeen, eighteen, nineteen, nobody_knows]


@pytest.mark.parametrize(
    ("age", "answer"),
    cases("""
    age | answer
    17  | no
    18  | yes
    74  | yes
    75  | no
    """),
)
def test_two_bounds_must_both_hold(age, answer):
    assert answer_of_one({"age": {"at_least": 18, "below": 75}}, f"patient_id | age\nA | {age}") == answer


@pytest.mark.parametrize(
    ("days", "at_least_12_months", "below_12_months"),
    cases("""
    days | at least | below
    365  | no       | yes
    366  | yes      | no
    """),
)
def test_a_duration_in_months_is_compared_in_whole_days(days, at_least_12_months, below_12_months):
    """12 months of 30.4375 days are 365.25 days, which lie between 365 and 366."""
    facts = f"patient_id | duration\nA | {int(days) / 30.4375}"
    assert answer_of_one({"duration": {"at_least": "12"}}, facts) == at_least_12_months
    assert answer_of_one({"duration": {"below": "12"}}, facts) == below_12_months


@pytest.mark.parametrize(("months", "days"), [("14.3", 436), ("6", 183), ("24", 731), ("48", 1461), ("96", 2922)])
def test_the_first_day_at_or_above_a_bound_in_months_is_the_same_at_every_length(months, days):
    for apart, expected in ((days - 1, "no"), (days, "yes")):
        facts = f"patient_id | duration\nA | {apart / 30.4375}"
        assert answer_of_one({"duration": {"at_least": months}}, facts) == expected


@pytest.mark.parametrize(
    ("date", "before", "on_or_before", "after"),
    cases("""
    date       | before | on or before | after
    2020-05-31 | yes    | yes          | no
    2020-06-01 | no     | yes          | no
    2020-06-02 | no     | no           | yes
               | unknown | unknown     | unknown
    """),
)
def test_a_date_is_compared_with_a_day(date, before, on_or_before, after):
    facts = f"patient_id | diagnosed\nA | {date or ''}"
    for operator, expected in (("below", before), ("at_most", on_or_before), ("above", after)):
        assert answer_of_one({"diagnosed": {operator: "2020-06-01"}}, facts) == expected


@pytest.mark.parametrize(
    ("diagnosed", "progressed", "answer"),
    cases("""
    diagnosed  | progressed | answer
    2020-06-01 | 2020-06-02 | yes
    2020-06-01 | 2020-06-01 | no
    2020-06-01 |            | unknown
               | 2020-06-01 | unknown
    """),
)
def test_a_date_is_compared_with_another_date_of_the_person(diagnosed, progressed, answer):
    facts = f"patient_id | diagnosed | progressed\nA | {diagnosed or ''} | {progressed or ''}"
    assert answer_of_one({"progressed": {"above": "diagnosed"}}, facts) == answer


def test_a_number_in_a_list_is_compared_as_its_text():
    ledger = select({"id": "dose", "require": {"dose": ["10", "2.5"]}, "unknown": "exclude as missing"})["ledger"]
    assert ledger.loc[ledger["included"], "patient_id"].tolist() == ["A", "B", "D", "E", "F"]


@pytest.mark.parametrize(
    ("index_date", "answer"),
    cases("""
    index date | answer
    2019-12-31 | no
    2020-01-01 | yes
    2024-12-31 | yes
    2025-01-01 | no
               | unknown
    """),
)
def test_the_window_includes_its_first_and_its_last_day(index_date, answer):
    assert answer_of_one({"in_window": "index_date"}, f"patient_id | index_date\nA | {index_date or ''}") == answer


def test_known_is_never_unknown():
    facts = "patient_id | her2 | dose\nA | low |"
    assert answer_of_one({"known": ["her2"]}, facts) == "yes"
    assert answer_of_one({"known": ["her2", "dose"]}, facts) == "no"


# ── and, or, not: Kleene's tables ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("p", "q", "both", "either", "not_p"),
    cases("""
    p       | q       | p and q | p or q  | not p
    yes     | yes     | yes     | yes     | no
    yes     | unknown | unknown | yes     | no
    yes     | no      | no      | yes     | no
    unknown | yes     | unknown | yes     | unknown
    unknown | unknown | unknown | unknown | unknown
    unknown | no      | no      | unknown | unknown
    no      | yes     | no      | yes     | yes
    no      | unknown | no      | unknown | yes
    no      | no      | no      | no      | yes
    """),
)
def test_and_or_not_with_unknown(p, q, both, either, not_p):
    facts = f"patient_id | p | q\nA | {p.replace('unknown', '')} | {q.replace('unknown', '')}"
    asked_p, asked_q = {"p": ["yes"]}, {"q": ["yes"]}
    assert answer_of_one(asked_p | asked_q, facts) == both
    assert answer_of_one({"all": [asked_p, asked_q]}, facts) == both
    assert answer_of_one({"any": [asked_p, asked_q]}, facts) == either
    assert answer_of_one({"not": asked_p}, facts) == not_p
    # De Morgan holds with unknown too.
    assert answer_of_one({"not": {"any": [asked_p, asked_q]}}, facts) == answer_of_one(
        {"all": [{"not": asked_p}, {"not": asked_q}]}, facts
    )


@pytest.mark.parametrize(
    ("p", "q", "status"),
    cases("""
    p   | q   | status
    yes | yes | excluded
    yes | no  | included
    no  |     | included
    yes |     | pending
    """),
)
def test_exclude_means_all_that_it_lists_holds(p, q, status):
    facts = f"patient_id | p | q | index_date\nA | {p} | {q or ''} | 2020-01-01"
    both = {"id": "both", "exclude": {"p": ["yes"], "q": ["yes"]}, "unknown": "query"}
    assert select(both, facts=facts)["ledger"]["status"].tolist() == [status]


# ── records within a window about another date ───────────────────────────────────────────────

ON = "patient_id | index_date\nA | 2020-06-15"
BEFORE = {"table": "diagnoses", "where": {"icd10": ["C3*"]}, "date": "diagnosis_date", "of": "index_date"}


def diagnosed(*dates: str, icd10: str = "C34") -> pd.DataFrame:
    """Diagnoses of the person, numbered r01, r02 …; a date that is blank is not known."""
    known = pd.to_datetime(pd.Series(dates, dtype=object).replace("", None))
    rows = "\n".join(f"A | {icd10}" for _ in dates)
    return table(DIAGNOSES, f"patient_id | icd10\n{rows}").assign(diagnosis_date=known)


@pytest.mark.parametrize(
    ("date", "up_to_the_day_before", "from_30_before_to_7_after", "after_it"),
    cases("""
    date       | up to the day before | from 30 days before to 7 after | from the day after
    2010-01-01 | yes                  | no                             | no
    2020-05-15 | yes                  | no                             | no
    2020-05-16 | yes                  | yes                            | no
    2020-06-14 | yes                  | yes                            | no
    2020-06-15 | no                   | yes                            | no
    2020-06-16 | no                   | yes                            | yes
    2020-06-22 | no                   | yes                            | yes
    2020-06-23 | no                   | no                             | yes
    """),
)
def test_windows_include_both_ends(date, up_to_the_day_before, from_30_before_to_7_after, after_it):
    windows = ({"days_after": -1}, {"days_before": 30, "days_after": 7}, {"days_before": -1})
    answers = [answer_of_one({"records": BEFORE | window}, ON, diagnoses=diagnosed(date)) for window in windows]
    assert answers == [up_to_the_day_before, from_30_before_to_7_after, after_it]


@pytest.mark.parametrize(
    ("number", "one", "two", "at_most_one", "exactly_two"),
    cases("""
    records | at least 1 | at least 2 | at most 1 | exactly 2
    0       | no         | no         | yes       | no
    1       | yes        | no         | yes       | no
    2       | yes        | yes        | no        | yes
    3       | yes        | yes        | no        | no
    """),
)
def test_records_are_counted(number, one, two, at_most_one, exactly_two):
    records = diagnosed(*(f"2020-0{month}-01" for month in range(1, int(number) + 1)))
    counts = ({}, {"at_least": 2}, {"at_most": 1}, {"at_least": 2, "at_most": 2})
    asked = [{"records": BEFORE | {"days_after": -1} | count} for count in counts]
    assert [answer_of_one(each, ON, diagnoses=records) for each in asked] == [one, two, at_most_one, exactly_two]


def test_another_code_does_not_count():
    records = diagnosed("2020-01-01", icd10="C50")
    assert answer_of_one({"records": BEFORE | {"days_after": -1}}, ON, diagnoses=records) == "no"


def test_without_the_date_that_a_window_is_about_the_answer_is_unknown():
    facts, before = "patient_id | index_date\nA |", {"records": BEFORE | {"days_after": -1}}
    assert answer_of_one(before, facts, diagnoses=diagnosed("2020-01-01")) == "unknown"
    assert answer_of_one(before, facts, diagnoses=diagnosed()) == "unknown"


def test_without_of_records_of_any_time_count():
    at_all = {"records": {"table": "diagnoses", "date": "diagnosis_date"}}
    facts = "patient_id | index_date\nA |"
    assert answer_of_one(at_all, facts, diagnoses=diagnosed("1990-01-01")) == "yes"
    assert answer_of_one(at_all, facts, diagnoses=diagnosed()) == "no"


@pytest.mark.parametrize(
    ("dates", "one", "two"),
    cases("""
    dates of the records   | at least 1 | at least 2
    unknown                | unknown    | no
    2020-01-01             | yes        | no
    2020-01-01 and unknown | yes        | unknown
    2021-01-01 and unknown | unknown    | no
    """),
)
def test_a_record_without_a_date_may_lie_in_the_window(dates, one, two):
    records = diagnosed(*dates.replace("unknown", "").split(" and "))
    before = BEFORE | {"days_after": -1}
    assert answer_of_one({"records": before}, ON, diagnoses=records) == one
    assert answer_of_one({"records": before | {"at_least": 2}}, ON, diagnoses=records) == two


def test_the_answer_names_the_records_that_decide_it_the_earliest_first():
    records = diagnosed("2020-03-01", "2020-01-01", "2021-01-01", "2020-02-01")
    second = {"id": "two", "exclude": {"records": BEFORE | {"days_after": -1, "at_least": 2}}, "unknown": "include"}
    chosen = select(second, facts=ON, diagnoses=records)
    assert chosen["eligibility"]["source_record_id"].tolist() == ["r02", "r04"]
    assert chosen["eligibility"]["source_date"].dt.strftime("%Y-%m-%d").tolist() == ["2020-01-01", "2020-02-01"]
    assert chosen["ledger"]["source_records"].tolist() == ["t:A-index_date;diagnoses:r02;diagnoses:r04"]


# ── what if ──────────────────────────────────────────────────────────────────────────────────


def included_if(**variant: Any) -> str:
    found = select(NO_HER2_POSITIVE, FULL_DOSE, what_if=[{"id": "v", "label": "v"} | variant])["what_if"]
    assert set(found["variant"]) <= {"v"}
    return "".join(found["patient_id"])


def test_a_variant_leaves_out_adds_or_replaces_criteria():
    added = {"id": "zero", "label": "z", "require": {"her2": ["zero"]}, "unknown": "exclude as missing"}
    any_dose = FULL_DOSE | {"label": "d", "unknown": "include"}
    assert "".join(select(NO_HER2_POSITIVE, FULL_DOSE)["cohort"]["patient_id"]) == "ADF"
    assert included_if(without=["dose"]) == "ADEFG"
    assert included_if(without=["dose", "her2_positive"]) == "ABCDEFG"
    assert included_if(**{"with": [added]}) == "A"
    assert included_if(**{"with": [any_dose]}) == "ADFG"
    assert included_if(without=["dose"], **{"with": [added]}) == "A"
