from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.as_of import dated_by
from cutline.cohort import select_cohort
from cutline.errors import CohortError, ConfigError, RecordError
from cutline.expressions import AS_MISSING, INCLUDE, QUERY
from cutline.tables.cohort import ATTRITION, COHORT, ELIGIBILITY, LEDGER, WHAT_IF
from cutline.tables.covariates import COVARIATES
from cutline.tables.follow_up import FOLLOW_UP
from cutline.tables.patients import PATIENTS
from cutline.tables.queries import QUERIES
from cutline.tables.spec import conform, empty, unpacked
from tests.spec.tables import table

PATIENTS_ABC = table(PATIENTS, "patient_id\nA\nB\nC")
FACTS = table(
    COVARIATES,
    """
    patient_id | variable   | value      | source_table | source_record_id
    A          | index_date | 2020-01-01 | treatments   | t1
    B          | index_date | 2020-02-01 | treatments   | t2
    C          | index_date |            |              |
    A          | ecog       | 0          | observations | o1
    B          | ecog       | 2          | observations | o2
    C          | ecog       | 1          | observations | o3
    """,
)
WINDOW = {"start": "2020-01-01", "end": "2020-12-31"}
WITH_INDEX = {"id": "no_index", "label": "No index date", "require": {"known": ["index_date"]}}
FIT = {"id": "unfit", "label": "ECOG 2 or worse", "exclude": {"ecog": ["2", "3", "4"]}, "unknown": "include"}
VARIABLES = {"ecog": {"label": "ECOG", "kind": "categorical"}, "age": {"label": "Age", "kind": "continuous"}}


def select(*criteria, covariates=FACTS, patients=PATIENTS_ABC, what_if=(), **records):
    study = {"criteria": list(criteria), "window": WINDOW, "variables": VARIABLES, "what_if": what_if}
    return select_cohort(settings=study, covariates=covariates, patients=patients, **records)


def test_cohort_ledger_and_attrition_follow_their_specs_in_order():
    chosen = select(WITH_INDEX, FIT)
    for spec in (COHORT, LEDGER, ELIGIBILITY, ATTRITION, WHAT_IF, QUERIES):
        name = spec.name
        pd.testing.assert_frame_equal(chosen[name], conform(chosen[name], spec))
        pd.testing.assert_frame_equal(chosen[name], chosen[name].sort_values(list(spec.sort), ignore_index=True))


def test_covariates_held_as_categories_give_the_same():
    asked = FIT | {"unknown": QUERY}
    facts = FACTS.assign(value=["2020-01-01", "2020-02-01", "2020-03-01", "0", "2", None], reason="as recorded")
    packed = facts.astype(dict.fromkeys(["variable", "value", "reason", "source_table"], "category"))
    for given_as_texts, given_as_categories in zip(
        select(WITH_INDEX, asked, covariates=facts).values(),
        select(WITH_INDEX, asked, covariates=packed).values(),
        strict=True,
    ):
        pd.testing.assert_frame_equal(unpacked(given_as_texts), unpacked(given_as_categories))


def test_an_answer_with_two_deciding_records_has_a_row_for_each_and_one_without_has_one():
    contacts = table(FOLLOW_UP, """
        record_id | patient_id | contact_date
        f2        | B          | 2020-07-01
        f1        | B          | 2020-06-01
        f3        | A          | 2020-06-01
        """)  # fmt: skip
    twice = {"id": "seen_once", "label": "Seen once",
             "require": {"records": {"table": "follow_up", "date": "contact_date", "at_least": 2}}}  # fmt: skip
    rows = select(twice, WITH_INDEX, follow_up=contacts)["eligibility"]
    asked = rows[rows["criterion"] == "seen_once"]
    assert asked["patient_id"].tolist() == ["A", "B", "B", "C"]
    assert asked["answer"].tolist() == ["failed", "met", "met", "failed"]
    assert asked["source_record_id"].tolist() == ["f3", "f1", "f2", None]
    assert len(rows) == 7


def test_screened_is_excluded_and_included_together():
    chosen = select(WITH_INDEX, FIT)
    assert len(chosen["ledger"]) == chosen["attrition"]["excluded"].sum() + len(chosen["cohort"]) == 3


def test_a_person_without_any_record_of_a_needed_table_fails():
    contacts = table(FOLLOW_UP, "patient_id | contact_date\nA | 2020-06-01\nA | 2020-07-01")
    needed = {"id": "no_follow_up", "label": "No follow-up", "require": {"records": {"table": "follow_up"}}}
    chosen = select(needed, follow_up=contacts)
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]


def test_one_criterion_may_ask_several_things():
    contacts = table(FOLLOW_UP, "patient_id | contact_date\nA | 2020-06-01\nC | 2020-07-01")
    both = WITH_INDEX | {"require": {"known": ["index_date"], "records": {"table": "follow_up"}}}
    chosen = select(both, follow_up=contacts)
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]
    assert chosen["attrition"]["excluded"].tolist() == [2]


def test_a_study_without_dates_takes_its_persons_and_columns_from_subjects():
    subjects = pd.DataFrame({"record_id": ["1", "2"], "patient_id": ["A", "B"], "time": pd.array([5, None], "Int64")})
    known = {"id": "no_time", "label": "No time", "require": {"known_columns": ["time"]}}
    chosen = select_cohort(settings={"criteria": [known], "time_only": True}, covariates=empty(COVARIATES),
                           subjects=subjects)  # fmt: skip
    assert chosen["cohort"]["patient_id"].tolist() == ["A"]
    assert chosen["cohort"]["index_date"].isna().all()
    assert chosen["ledger"]["first_failed"].tolist() == [None, "no_time"]


def test_nobody_screened_gives_empty_tables_and_zeros():
    chosen = select(WITH_INDEX, FIT, covariates=FACTS.head(0), patients=PATIENTS_ABC.head(0))
    assert chosen["cohort"].empty
    assert chosen["ledger"].empty
    assert chosen["attrition"]["excluded"].tolist() == [0, 0]


def test_an_included_person_without_index_date_stops_the_run_with_the_count():
    with pytest.raises(CohortError, match=r"1 included person\(s\) have no index date; add a criterion"):
        select(FIT)


def test_a_person_listed_twice_is_refused_with_the_count():
    with pytest.raises(RecordError, match=r"2 person\(s\) listed more than once"):
        select(FIT, patients=table(PATIENTS, "patient_id\nA\nA\nB\nB"))


@pytest.mark.parametrize(
    ("criterion", "complaint"),
    [
        ({"exclude": {"egoc": ["2"]}, "unknown": "include"}, "unknown variable 'egoc'; known: ecog, index_date"),
        ({"exclude": {"ecog": ["2"]}}, r"criteria\.x\.unknown: expected one of exclude as missing, include, query"),
        ({"exclude": {"ecog": ["2"]}, "unknown": "keep"}, r"criteria\.x\.unknown: expected one of"),
        ({"require": {"known": ["ecog"]}, "exclude": {"known": ["ecog"]}}, r"criteria\.x: expected exactly one of"),
        ({"require": {"records": {"table": "follow_up"}}}, "table 'follow_up' is not among"),
    ],
)
def test_a_criterion_that_cannot_be_tested_is_refused(criterion, complaint):
    with pytest.raises(ConfigError, match=complaint):
        select({"id": "x", "label": "x"} | criterion)


def test_a_window_criterion_needs_a_window():
    criterion = {"id": "x", "label": "x", "require": {"in_window": "index_date"}, "unknown": "include"}
    with pytest.raises(ConfigError, match=r"study\.yaml has no window"):
        select_cohort(settings={"criteria": [criterion]}, covariates=FACTS, patients=PATIENTS_ABC)


def test_a_variant_that_includes_somebody_without_index_date_is_named():
    without = {"id": "everybody", "label": "x", "without": ["no_index"]}
    with pytest.raises(CohortError, match=r"what_if\.everybody: 1 included person\(s\) have no index date"):
        select(WITH_INDEX, FIT, what_if=[without])


# ── whatever the study asks, nobody is lost ──────────────────────────────────────────────────

PERSONS = [f"p{number:02d}" for number in range(12)]
levels = st.sampled_from(["0", "1", "2", None])
days = st.dates(date(2019, 12, 1), date(2020, 3, 1))
dates = days | st.none()
visits = st.lists(st.tuples(st.sampled_from(PERSONS), days), max_size=16)
atoms = st.one_of(
    st.builds(lambda level: {"ecog": [level]}, st.sampled_from(["0", "1", "2"])),
    st.builds(lambda years: {"age": {"at_least": years}}, st.integers(17, 20)),
    st.just({"in_window": "index_date"}),
    st.just({"known": ["ecog"]}),
    st.builds(lambda before, after, least: {"records": VISITS | {"days_before": before, "days_after": after,
                                                                  "at_least": least}},
              st.integers(0, 40), st.integers(0, 40), st.integers(1, 2)),
)  # fmt: skip
VISITS = {"table": "follow_up", "date": "contact_date", "of": "index_date"}
expressions = st.recursive(
    atoms,
    lambda parts: st.one_of(
        st.builds(lambda part: {"not": part}, parts),
        st.builds(
            lambda word, some: {word: some}, st.sampled_from(["all", "any"]), st.lists(parts, min_size=1, max_size=3)
        ),
    ),
    max_leaves=4,
)
asked = st.lists(
    st.tuples(st.sampled_from(["require", "exclude"]), expressions, st.sampled_from([AS_MISSING, INCLUDE, QUERY])),
    min_size=1, max_size=4,
)  # fmt: skip


@st.composite
def studies(draw):
    """Criteria, facts and records of twelve persons, of whom anything may be unknown."""
    criteria = [WITH_INDEX] + [
        {"id": f"c{number}", "label": "x", side: expression, "unknown": unknown}
        for number, (side, expression, unknown) in enumerate(draw(asked))
    ]
    rows = [(person, name, value, number) for person in PERSONS for name, value, number in (
        ("index_date", iso(draw(dates)), None), ("ecog", draw(levels), None),
        ("age", None, draw(st.integers(16, 20) | st.none())))]  # fmt: skip
    facts = pd.DataFrame(rows, columns=["patient_id", "variable", "value", "number"])
    facts = facts.assign(reason="x", anchor=None, source_table=None, source_record_id=None, source_date=None)
    return criteria, conform(facts, COVARIATES), contacts_of(draw(visits))


def iso(day):
    return day and day.isoformat()


def contacts_of(visits):
    rows = "\n".join(f"{person} | {day}" for person, day in visits)
    return table(FOLLOW_UP, f"patient_id | contact_date\n{rows}")


def of_all(criteria, facts, contacts):
    return select(*criteria, covariates=facts, patients=table(PATIENTS, "\n".join(["patient_id", *PERSONS])),
                  follow_up=contacts)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(studies())
def test_every_drop_is_a_criterion_and_screened_is_excluded_pending_and_included_together(study):
    chosen = of_all(*study)
    ledger, attrition = chosen["ledger"], chosen["attrition"]
    assert ledger["patient_id"].tolist() == PERSONS
    assert ledger.loc[ledger["included"], "patient_id"].tolist() == chosen["cohort"]["patient_id"].tolist()
    out = ledger[ledger["status"] != "included"]
    assert (out["first_failed"].notna() ^ out["first_pending"].notna()).all(), "who is out is counted at one criterion"
    assert attrition["excluded"].sum() + attrition["pending"].sum() + len(chosen["cohort"]) == len(PERSONS)
    assert attrition["remaining"].iloc[-1] == len(chosen["cohort"])
    assert (attrition["excluded_unknown"] <= attrition["excluded"]).all()
    assert set(chosen["queries"]["patient_id"]) == set(ledger.loc[ledger["status"] == "pending", "patient_id"])


@settings(max_examples=25, deadline=None)
@given(studies(), st.randoms(use_true_random=False))
def test_shuffling_rows_changes_nothing(study, random):
    criteria, *tables = study
    shuffled = [rows.iloc[random.sample(range(len(rows)), len(rows))] for rows in tables]
    found = of_all(criteria, *shuffled)
    for name, expected in of_all(*study).items():
        pd.testing.assert_frame_equal(found[name], expected)


@settings(max_examples=12, deadline=None)
@given(
    studies(), st.lists(st.tuples(st.sampled_from(PERSONS), st.dates(date(2020, 2, 1), date(2021, 1, 1))), min_size=1)
)
def test_adding_records_dated_after_the_cut_off_changes_nothing(study, later):
    """The cut-off is 31 January 2020: what came later is not in its snapshot, whatever a window would reach."""
    criteria, facts, contacts = study
    more = pd.concat([contacts, contacts_of(later).assign(record_id=[f"later{place}" for place in range(len(later))])])
    before, after = (of_all(criteria, facts, known_at_cut_off(rows)) for rows in (contacts, more))
    for name, expected in before.items():
        pd.testing.assert_frame_equal(after[name], expected)


def known_at_cut_off(contacts):
    """The records of the snapshot, by the function that every source is read with."""
    texts = contacts.assign(contact_date=contacts["contact_date"].dt.strftime("%Y-%m-%d"))
    return conform(dated_by(texts, FOLLOW_UP, "2020-01-31"), FOLLOW_UP)
