"""One rounding rule, and every way a number is printed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutline.ard import result
from cutline.display.levels import level_of
from cutline.display.numbers import (
    MINUS,
    format_amount,
    format_count,
    format_interval,
    format_number,
    format_p,
    format_range,
    format_result,
    p_statement,
    times_hundred,
)
from cutline.errors import ReportError


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (14.25, 1, "14.3"),
        (0.05, 1, "0.1"),
        (2.675, 2, "2.68"),
        (1.005, 2, "1.01"),
        (0.5, 0, "1"),
        (2.5, 0, "3"),
        (14.249999, 1, "14.2"),
        (9.95, 1, "10.0"),
        (6.6, 1, "6.6"),
        (70, 1, "70.0"),
        (1e-7, 3, "0.000"),
        (1e22, 0, "10000000000000000000000"),
    ],
)
def test_a_half_in_the_decimal_text_rounds_away_from_zero(value, decimals, printed):
    assert format_number(value, decimals) == printed


def test_a_negative_half_rounds_away_from_zero_with_a_typographic_minus():
    assert format_number(-14.25, 1) == f"{MINUS}14.3"


@pytest.mark.parametrize("value", [-0.04, -0.0, 0.0])
def test_what_rounds_to_zero_has_no_sign(value):
    assert format_number(value, 1) == "0.0"


def test_a_numpy_number_prints_like_the_python_one():
    assert format_number(np.float64(14.25), 1) == "14.3"
    assert format_number(np.int64(3), 0) == "3"


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("fmt", ["%.1f", "%d", "percent", "p", "%s"])
def test_what_has_no_value_prints_as_not_estimable(value, fmt):
    assert format_result(value, fmt) in ("not estimable",)
    assert format_number(value, 1, "NE") == "NE"


@given(st.floats(-1e6, 1e6), st.integers(0, 4))
def test_the_printed_number_is_within_half_a_unit_of_its_last_digit(value, decimals):
    printed = float(format_number(value, decimals).replace(MINUS, "-"))
    assert abs(printed - value) <= 0.5 * 10**-decimals * (1 + 1e-9) + 1e-9


@pytest.mark.parametrize(
    ("fmt", "printed"),
    [("%.1f", "57.1"), ("%.2f", "57.14"), ("%.0f", "57"), ("%d", "57"), ("percent", "57.1%"), ("%s", "57.142")],
)
def test_each_format_prints_the_same_value_its_own_way(fmt, printed):
    assert format_result(57.142, fmt) == printed


def test_a_probability_of_the_results_prints_as_a_percentage_without_binary_noise():
    assert format_result(result("pfs.km.survival_6m", 0.2785, unit="probability"), "percent") == "27.9%"
    assert times_hundred(0.285) == 28.5


def test_a_percentage_of_the_results_is_not_multiplied():
    assert format_result(result("response.orr.percent", 57.142, unit="percent"), "percent") == "57.1%"


def test_a_result_that_is_a_date_prints_in_words():
    row = result("index_date.first", text="2020-03-05")
    assert format_result(row, "date") == "5 March 2020"
    assert format_result(row, "%s") == "2020-03-05"


def test_a_date_that_does_not_exist_prints_as_not_estimable():
    assert format_result(result("index_date.first", text=""), "date") == "not estimable"


@pytest.mark.parametrize("fmt", ["%.1g", "%5.1f", "%.1f%%", "", "percentage", "d"])
def test_an_unknown_format_stops_with_the_list_of_known_ones(fmt):
    with pytest.raises(ReportError, match="use one of"):
        format_result(1.0, fmt)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "<0.001"),
        (0.000999, "<0.001"),
        (0.001, "0.001"),
        (0.0465, "0.047"),
        (0.05, "0.050"),
        (0.0999, "0.100"),
        (0.1, "0.10"),
        (0.245, "0.25"),
        (0.99, "0.99"),
        (0.9901, ">0.99"),
        (1.0, ">0.99"),
    ],
)
def test_a_p_value_prints_in_one_style(value, printed):
    assert format_p(value) == printed


def test_a_p_value_in_a_sentence_carries_its_sign():
    assert [p_statement(p) for p in (0.0311, 0.00001, 1.0, None)] == [
        "p\u00a0=\u00a00.031",
        "p\u00a0<\u00a00.001",
        "p\u00a0>\u00a00.99",
        "p not estimable",
    ]


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (51.0, "51"),
        (67.25, "67.3"),
        (0.0, "0"),
        (52.99999999999999, "53"),
        (3.02, "3.0"),
        (-4.0, f"{MINUS}4"),
        (None, "NE"),
    ],
)
def test_a_measured_value_has_one_decimal_and_none_if_it_is_whole(value, printed):
    assert format_amount(value, "NE") == printed


def test_a_range_is_joined_like_an_interval():
    assert format_range(33.0, 77.0) == "33–77"
    assert format_range(46.0, 67.25) == "46–67.3"
    assert format_range(-4.0, 2.5) == f"{MINUS}4 to 2.5"


def test_an_interval_says_to_where_a_limit_is_negative_and_ne_where_one_is_missing():
    assert format_interval(5.59, 7.61, 1) == "5.6–7.6"
    assert format_interval(-1.25, 2.0, 1) == f"{MINUS}1.3 to 2.0"
    assert format_interval(5.5, None, 1) == "5.5–NE"


def test_a_count_has_its_percentage_where_there_is_one():
    assert format_count(53, 75.714) == "53 (75.7)"
    assert format_count(0, None) == "0"
    assert format_count(None, None) == "NE"


@pytest.mark.parametrize(("level", "said"), [(0.95, "95"), (0.9, "90"), (0.975, "97.5"), (0.999, "99.9")])
def test_a_confidence_level_is_told_with_all_its_digits(level, said):
    assert level_of({"statistics": {"conf_level": level}}) == said
