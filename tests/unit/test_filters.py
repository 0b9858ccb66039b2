"""Filters of results: what is written can be read again, and nothing else can."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutline.errors import ProvenanceError
from cutline.filters import (
    Condition,
    Filter,
    as_number,
    filter_text,
    is_at_least,
    is_known,
    is_none_of,
    is_one_of,
    is_unknown,
    parse,
)

ARM_A, ECOG_0 = is_one_of("arm", "a"), is_one_of("ecog", "0")


# ── writing ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (filter_text(), ""),
        (filter_text((ARM_A,)), "arm=a"),
        (filter_text((), (ECOG_0,)), "| ecog=0"),
        (filter_text((ARM_A, is_known("age")), (ECOG_0,)), "arm=a & age=* | ecog=0"),
        (filter_text((), (is_unknown("age"),), (is_unknown("ecog"),)), "| age!=* or ecog!=*"),
        (filter_text((), (is_none_of("ledger.first_failed", "too_young", "no_scan"),)),
         "| ledger.first_failed!=too_young,no_scan"),
        (filter_text((), (is_one_of("endpoints.pfs.event", True),)), "| endpoints.pfs.event=true"),
        (filter_text((), (is_one_of("safety.worst_grade", 3, 4),)), "| safety.worst_grade=3,4"),
        (filter_text((), (is_at_least("endpoints.pfs.time_days", 6 * 30.4375),)), "| endpoints.pfs.time_days>=182.625"),
        (filter_text((), (is_one_of("response.best_response", "NON-CR/NON-PD"),)),
         "| response.best_response=NON-CR/NON-PD"),
    ],
)  # fmt: skip
def test_a_filter_is_written_in_words_of_its_grammar(written, expected):
    assert written == expected


def test_a_number_is_written_to_its_last_bit_whatever_its_type():
    assert str(is_one_of("age", np.float64(0.1) + np.float64(0.2))) == "age=0.30000000000000004"


def test_a_term_that_reads_like_grammar_is_encoded():
    term = "nausea or vomiting, grade > 2 | 100 %"
    written = filter_text((), (is_one_of("safety.term", term),))
    assert written == "| safety.term=nausea%20or%20vomiting%2C%20grade%20%3E%202%20%7C%20100%20%25"
    assert parse(written).contributing[0][0].values == (term,)


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def test_blank_is_everyone():
    assert parse("") == parse("  ") == Filter()


def test_what_stands_left_of_the_bar_is_the_denominator_and_right_of_it_who_is_behind_the_statistic():
    assert parse("arm=a | ecog=0") == Filter(who=((ARM_A,),), contributing=((ECOG_0,),))


def test_and_binds_closer_than_or():
    read = parse("| arm=a & ecog=0 or age=*").contributing
    assert read == ((ARM_A, ECOG_0), (is_known("age"),))


@pytest.mark.parametrize(
    ("field", "table", "of", "column"),
    [
        ("her2_status", "covariates", "her2_status", ""),
        ("safety", "covariates", "safety", ""),
        ("endpoints.pfs.time_days", "endpoints", "pfs", "time_days"),
        ("response.best_response", "response", "", "best_response"),
        ("deaths.treatment_related", "deaths", "", "treatment_related"),
        ("ledger.first_failed", "ledger", "", "first_failed"),
        ("cohort.index_date", "cohort", "", "index_date"),
    ],
)
def test_a_field_names_its_table_and_column_and_alone_a_variable(field, table, of, column):
    (condition,) = parse(f"{field}=x").conditions
    assert (condition.table, condition.of, condition.column) == (table, of, column)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("ecog", "'ecog', which is no condition"),
        ("ecog=", "'ecog=', which is no condition"),
        ("ecog>1", "'ecog>1', which is no condition"),
        ("ecog=0 and arm=a", "'ecog=0 and arm=a', which is no condition"),
        ("ecog=0 &", "which is no condition"),
        ("or ecog=0", "'or ecog=0', which is no condition"),
        ("ecog=0,", "a value that does not fit"),
        ("age>=old", "a value that does not fit"),
        ("age<1,2", "a value that does not fit"),
        ("age>=*", "a value that does not fit"),
        ("ecog=0 |", "nothing stands behind the bar"),
        ("ecog=0 | arm=a | arm=b", "which is no condition"),
        ("endpoints.pfs=1", "unknown field 'endpoints.pfs'"),
        ("safety.grade.worst=1", "unknown field 'safety.grade.worst'"),
        ("treatments.atc=L01", "unknown field 'treatments.atc'"),
        ("covariates.ecog=0", "unknown field 'covariates.ecog'"),
        (".ecog=0", "unknown field '.ecog'"),
        ("safety.=0", "unknown field 'safety.'"),
    ],
)
def test_anything_else_is_refused_with_what_was_found_and_what_to_do(text, complaint):
    with pytest.raises(ProvenanceError, match="make them again with snakemake") as error:
        parse(text)
    assert complaint in str(error.value)


@pytest.mark.parametrize(
    ("text", "number"), [("3", 3.0), ("0.1", 0.1), ("-1e-05", -1e-05), ("low", None), ("nan", None), ("inf", None)]
)
def test_a_word_is_no_number_not_even_nan(text, number):
    assert as_number(text) == number


FIELDS = st.sampled_from(["ecog", "age", "endpoints.pfs.event", "safety.term", "deaths.cause"])
VALUES = st.text("a1 ,|&*=<>!%/+-ğ", min_size=1, max_size=8).filter(lambda text: text != "*")
CONDITIONS = st.one_of(
    st.builds(is_known, FIELDS),
    st.builds(is_unknown, FIELDS),
    st.builds(is_at_least, FIELDS, st.floats(allow_nan=False, allow_infinity=False)),
    st.builds(Condition, FIELDS, st.sampled_from(["=", "!="]), st.lists(VALUES, min_size=1, max_size=3).map(tuple)),
)
CLAUSES = st.lists(st.lists(CONDITIONS, min_size=1, max_size=3).map(tuple), max_size=3).map(tuple)


@given(who=CLAUSES, contributing=CLAUSES)
def test_what_is_written_is_read_again(who, contributing):
    written = Filter(who, contributing)
    assert parse(str(written)) == written


def test_reading_a_filter_needs_no_pandas():
    code = "import sys, cutline.filters; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": "workflow/lib"})
