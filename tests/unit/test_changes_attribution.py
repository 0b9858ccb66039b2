"""What moved a result: pieces of made-up states, checked against all orders by brute force."""

import math
from itertools import pairwise, permutations

import hypothesis
import pytest
from hypothesis import strategies as st

from cutline.ard import result, results_table
from cutline.changes.attribution import CAUSES, Value, all_states, attribute, headline_results, over_orders

STATES = all_states()
SETTINGS = {"comparisons": {"main": "arm"}}


def rows_of(table, key):
    return table[table["key"] == key].set_index("cause")


def states(key, number_of):
    """A result in every state, as a function of the causes that are replaced."""
    return {replaced: {key: number_of(replaced)} for replaced in STATES}


def additive(moved, start=10.0):
    return lambda replaced: Value(start + sum(moved[cause] for cause in sorted(replaced)))


MOVED = dict(zip(CAUSES, (0.5, -0.25, 2.0, 0.0, -1.0), strict=True))


def test_there_is_a_state_for_every_set_of_causes():
    assert len(STATES) == len(set(STATES)) == 2 ** len(CAUSES)


def test_each_piece_is_the_difference_of_two_consecutive_states():
    table = attribute({"os.km.median": Value(9.0)}, states("os.km.median", additive(MOVED)))
    assert table["cause"].tolist() == ["code", *CAUSES]
    assert table["piece"].tolist() == [1.0, *MOVED.values()]
    assert table["before"].tolist() == [9.0, 10.0, 10.5, 10.25, 12.25, 12.25]
    assert table["after"].tolist() == [10.0, 10.5, 10.25, 12.25, 12.25, 11.25]
    assert (table["note"] == "").all()
    assert table["together"].isna().all()


def test_hazard_ratios_move_on_the_log_scale():
    ratios = {replaced: {"os.cox.multivariable.ecog.1.hr": Value(2.0 ** len(replaced))} for replaced in STATES}
    table = attribute({"os.cox.multivariable.ecog.1.hr": Value(0.5)}, ratios)
    assert (table["scale"] == "log").all()
    assert table["piece"].tolist() == pytest.approx([math.log(2)] * 6)
    assert table["after"].tolist() == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]


def test_a_step_that_cannot_be_estimated_is_a_state_with_its_note_and_no_number():
    gone = {frozenset(CAUSES[:1]), frozenset(CAUSES[:2])}

    def number_of(replaced):
        return Value(None, "not estimable (no events)") if replaced in gone else additive(MOVED)(replaced)

    table = rows_of(attribute({"k.hr_like": Value(10.0)}, states("k.hr_like", number_of)), "k.hr_like")
    assert table["piece"].isna().tolist() == [False, True, True, True, False, False]
    assert table.loc["corrected", "note"] == "after this step: not estimable (no events)"
    assert table.loc["follow_up", "note"] == "before this step: not estimable (no events)"
    assert table.loc["follow_up", "together"] == 0.5 - 0.25 + 2.0
    assert table["together"].isna().sum() == 5


def test_an_end_that_is_no_number_has_no_sum():
    table = rows_of(attribute({"k": Value(None, "too few")}, states("k", additive(MOVED))), "k")
    assert table.loc["code", "note"] == "before this step: too few"
    assert table["together"].isna().all()
    assert table["piece"].isna().tolist() == [True, False, False, False, False, False]


def test_a_result_of_one_cut_only_is_said_to_be_absent_in_the_other():
    only_old = attribute({"gone": Value(3.0)}, states("here", additive(MOVED)))
    assert rows_of(only_old, "gone").loc["code", "note"] == "after this step: no such result"
    assert rows_of(only_old, "here").loc["code", "note"] == "before this step: no such result"


def test_a_data_version_that_cannot_be_derived_is_why_its_states_have_no_number():
    some = states("k", additive(MOVED)) | {frozenset({"corrected"}): "a person is listed twice"}
    table = rows_of(attribute({"k": Value(10.0)}, some), "k")
    assert table.loc["corrected", "note"] == "after this step: a person is listed twice"
    assert table.loc["late", "together"] == 0.25


NUMBERS = st.one_of(st.none(), st.floats(-1e3, 1e3, allow_nan=False).map(lambda number: round(number, 6)))


def by_brute_force(cause, values):
    """The pieces of a cause in every one of the 120 orders in which it is a number."""
    pieces = []
    for order in permutations(CAUSES):
        path = [frozenset(order[:count]) for count in range(len(order) + 1)]
        before, after = next(step for step, name in zip(pairwise(path), order, strict=True) if name == cause)
        if values[before] is not None and values[after] is not None:
            pieces.append(values[after] - values[before])
    return {"smallest": min(pieces, default=None), "largest": max(pieces, default=None), "orders": len(pieces)}


@hypothesis.settings(max_examples=25, deadline=None)
@hypothesis.given(st.lists(NUMBERS, min_size=len(STATES), max_size=len(STATES)))
def test_the_extremes_over_all_orders_are_those_of_all_120_orders(numbers):
    values = dict(zip(STATES, numbers, strict=True))
    for cause in CAUSES:
        assert over_orders(cause, values) == by_brute_force(cause, values)


@hypothesis.settings(max_examples=25, deadline=None)
@hypothesis.given(st.lists(NUMBERS, min_size=len(STATES), max_size=len(STATES)), NUMBERS)
def test_the_pieces_add_up_to_the_difference_to_the_last_bits(numbers, old):
    values = dict(zip(STATES, numbers, strict=True))
    table = attribute({"k": Value(old)}, {replaced: {"k": Value(number)} for replaced, number in values.items()})
    new = values[frozenset(CAUSES)]
    if old is not None and new is not None:
        moved = table["together"].fillna(table["piece"]).sum()
        assert moved == pytest.approx(new - old, abs=1e-12 * max(1.0, *(abs(number or 0) for number in numbers)))


def test_the_piece_of_the_code_is_the_same_in_every_order():
    table = rows_of(attribute({"k": Value(9.0)}, states("k", additive(MOVED))), "k")
    assert table.loc["code", ["smallest", "largest", "orders"]].tolist() == [1.0, 1.0, 120]


# ── which results ────────────────────────────────────────────────────────────────────────────


def headlines(*rows):
    return list(headline_results(results_table(rows, "rule"), SETTINGS))


def test_survival_results_overall_and_of_the_main_comparison_are_headlines():
    about = {"analysis": "km"}
    rows = [
        result("os.km.median", 1.0, **about), result("os.km.median_lower", 1.0, **about),
        result("os.events", 1.0, **about), result("os.n", 1.0, **about),
        result("os.km.survival_6m", 1.0, **about), result("os.km.survival_6m_lower", 1.0, **about),
        result("os.km.arm=a.median", 1.0, group="arm", **about),
        result("os.km.sex=f.median", 1.0, group="sex", **about),
    ]  # fmt: skip
    assert headlines(*rows) == ["os.km.median", "os.km.median_lower", "os.events", "os.km.survival_6m",
                                "os.km.arm=a.median"]  # fmt: skip


def test_every_hazard_ratio_but_the_references_is_a_headline():
    rows = [result("os.cox.univariable.ecog.0.hr", 1.0, analysis="cox", note="reference"),
            result("os.cox.univariable.ecog.1.hr", None, analysis="cox", note="not estimable (no events)"),
            result("os.cox.multivariable.age.hr", 1.0, analysis="cox"),
            result("os.cox.multivariable.age.lower", 1.0, analysis="cox")]  # fmt: skip
    assert headlines(*rows) == ["os.cox.univariable.ecog.1.hr", "os.cox.multivariable.age.hr"]


def test_percentages_of_responses_and_events_and_the_included_are_headlines():
    rows = [result("flow.included", 1.0, analysis="flow"), result("flow.screened", 1.0, analysis="flow"),
            result("response.orr.percent", 1.0, analysis="response"),
            result("response.orr.n", 1.0, analysis="response"),
            result("safety.any.percent", 1.0, analysis="safety"),
            result("baseline.ecog.0.percent", 1.0, analysis="baseline")]  # fmt: skip
    assert headlines(*rows) == ["flow.included", "response.orr.percent", "safety.any.percent"]


def test_a_p_value_is_never_attributed():
    rows = [result("os.logrank.p", 0.03, analysis="logrank"),
            result("os.cox.multivariable.ecog.1.p", 0.03, analysis="cox")]  # fmt: skip
    assert headlines(*rows) == []


def test_a_result_without_a_number_keeps_its_note():
    row = result("os.km.median", None, analysis="km", note="not estimable (median not reached)")
    found = headline_results(results_table([row], "rule"), SETTINGS)
    assert found == {"os.km.median": Value(None, "not estimable (median not reached)")}
