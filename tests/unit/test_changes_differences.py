"""Two analysis results data side by side: what became of each key, which conclusions moved, what pieces add up to."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutline.ard import result, results_table
from cutline.changes.differences import compare_results
from cutline.changes.rounding import apportioned, outward
from cutline.display.numbers import rounded
from cutline.tables.differences import CHANGES, CONCLUSIONS, STATUSES
from cutline.tables.results import ARD
from cutline.tables.spec import conform

Row = dict[str, Any]


def ard(*rows: Row) -> pd.DataFrame:
    return conform(results_table(rows, "made_by_hand"), ARD)


def one(key: str, value: float | None, **fields: Any) -> Row:
    return result(key, value, analysis="km", **fields)


def compared(old: list[Row], new: list[Row]) -> dict[str, Row]:
    table = compare_results(ard(*old), ard(*new))
    rows = [{name: None if pd.isna(cell) else cell for name, cell in row.items()} for row in table.to_dict("records")]
    return {row["key"]: row for row in rows}


# ── statuses ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (6.5, 6.5, "same"),
        (6.5, 7.0, "changed"),
        (None, 7.0, "became estimable"),
        (6.5, None, "no longer estimable"),
        (None, None, "same"),
        (0.0, 0.0, "same"),
        (1.0, 1.0 + 1e-12, "same"),
        (1.0, 1.0 + 1e-6, "changed"),
    ],
)
def test_a_result_of_both_sides_has_the_status_of_what_became_of_it(
    before: float | None, after: float | None, status: str
) -> None:
    row = compared([one("pfs.km.median", before)], [one("pfs.km.median", after)])["pfs.km.median"]
    assert row["status"] == status
    assert (row["before"], row["after"]) == (before, after)


def test_a_key_of_one_side_only_is_new_or_gone_and_has_no_difference() -> None:
    rows = compared([one("old.n", 1.0), one("both.n", 1.0)], [one("both.n", 1.0), one("new.n", 2.0)])
    assert {key: row["status"] for key, row in rows.items()} == {"both.n": "same", "new.n": "new", "old.n": "gone"}
    assert rows["new.n"]["difference"] is None
    assert (rows["old.n"]["before"], rows["old.n"]["after"]) == (1.0, None)


def test_keys_come_in_the_order_of_the_new_results_and_then_those_that_are_gone() -> None:
    rows = compared([one("c.n", 1), one("b.n", 1), one("a.n", 1)], [one("d.n", 1), one("b.n", 1)])
    assert list(rows) == ["d.n", "b.n", "c.n", "a.n"]


def test_a_text_changes_by_being_another_text() -> None:
    old, new = (result("index_date.last", text=day, analysis="flow") for day in ("2024-12-01", "2024-12-25"))
    row = compared([old], [new])["index_date.last"]
    assert (row["status"], row["text_before"], row["text_after"]) == ("changed", "2024-12-01", "2024-12-25")
    assert compared([old], [old])["index_date.last"]["status"] == "same"


def test_every_result_has_its_denominators_and_notes_of_both_sides() -> None:
    row = compared([one("pfs.km.median", 6.5, n=70)], [one("pfs.km.median", None, n=76, note="not reached")])
    assert (row["pfs.km.median"]["n_before"], row["pfs.km.median"]["n_after"]) == (70, 76)
    assert row["pfs.km.median"]["note_after"] == "not reached"


def test_nothing_changed_at_all_gives_every_key_as_the_same_with_difference_zero() -> None:
    rows = [one("pfs.n", 70.0), one("pfs.km.median", 6.6), one("pfs.logrank.p", 0.04, unit="probability")]
    found = compared(rows, rows)
    assert {row["status"] for row in found.values()} == {"same"}
    assert {row["difference"] for row in found.values()} == {0.0}
    assert not any(row["conclusion"] for row in found.values())


def test_differences_are_after_minus_before_and_only_ratios_have_a_logarithm() -> None:
    rows = compared(
        [one("os.cox.a.hr", 0.5, unit="ratio"), one("os.n", 4.0)],
        [one("os.cox.a.hr", 2.0, unit="ratio"), one("os.n", 5.0)],
    )
    assert rows["os.cox.a.hr"]["difference"] == 1.5
    assert rows["os.cox.a.hr"]["log_ratio"] == math.log(4)
    assert (rows["os.n"]["difference"], rows["os.n"]["log_ratio"]) == (1.0, None)


def test_a_ratio_of_zero_has_no_logarithm() -> None:
    rows = compared([one("os.cox.a.hr", 0.0, unit="ratio")], [one("os.cox.a.hr", 2.0, unit="ratio")])
    assert rows["os.cox.a.hr"]["log_ratio"] is None


def test_another_method_or_unit_is_named_and_values_of_other_units_have_no_difference() -> None:
    old = [one("pfs.km.median", 6.5, unit="months", method="log")]
    new = [one("pfs.km.median", 200.0, unit="days", method="plain")]
    row = compared(old, new)["pfs.km.median"]
    assert (row["redefined"], row["difference"]) == ("unit, method", None)


def test_a_method_that_one_side_leaves_blank_is_no_other_method() -> None:
    row = compared([one("pfs.km.median", 6.5)], [one("pfs.km.median", 6.5, method="plain")])["pfs.km.median"]
    assert not row["redefined"]


def test_the_table_has_its_spec_and_no_other_words() -> None:
    table = compare_results(ard(one("a.n", 1.0)), ard(one("a.n", 2.0)))
    assert list(table.columns) == CHANGES.names
    assert set(table["status"]) <= set(STATUSES)
    assert set(table["conclusion"]) <= {*CONCLUSIONS, ""}


# ── conclusions ──────────────────────────────────────────────────────────────────────────────


def ratio(hr: float | None, lower: float | None, upper: float | None) -> list[Row]:
    limit = {"unit": "ratio", "conf_level": 0.95}
    return [
        one("os.cox.arm.b.n", 40.0, unit="persons"),
        one("os.cox.arm.b.hr", hr, unit="ratio"),
        one("os.cox.arm.b.lower", lower, **limit),
        one("os.cox.arm.b.upper", upper, **limit),
    ]


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [
        ((0.5, 0.3, 0.9), (0.6, 0.4, 0.95), False),
        ((0.5, 0.3, 0.9), (0.7, 0.4, 1.2), True),
        ((0.7, 0.4, 1.2), (0.5, 0.3, 0.9), True),
        ((1.5, 1.2, 1.9), (0.5, 0.3, 0.9), True),
        ((1.5, 1.2, 1.9), (1.4, 1.0, 1.9), True),
        ((0.7, 0.4, 1.2), (1.4, 0.9, 1.9), False),
        ((0.5, 0.3, 0.9), (0.7, 0.4, None), False),
        ((0.5, 0.3, 0.9), (None, None, None), False),
    ],
    ids=["stays below", "takes in 1", "leaves 1", "to the other side", "touches 1", "keeps 1", "no limit", "no ratio"],
)
def test_a_ratio_concludes_otherwise_when_its_interval_crosses_1(before: Any, after: Any, moved: bool) -> None:
    rows = compared(ratio(*before), ratio(*after))
    assert rows["os.cox.arm.b.hr"]["conclusion"] == ("interval crossed 1" if moved else "")
    assert not any(rows[f"os.cox.arm.b.{other}"]["conclusion"] for other in ("n", "lower", "upper"))


@pytest.mark.parametrize(
    ("before", "after", "moved"),
    [(0.04, 0.06, True), (0.06, 0.04, True), (0.05, 0.049, True), (0.2, 0.051, False), (0.01, 0.04, False),
     (0.04, None, False)],
)  # fmt: skip
def test_a_p_value_concludes_otherwise_when_it_crosses_0_05(before: float, after: float | None, moved: bool) -> None:
    rows = compared([one("os.logrank.p", before)], [one("os.logrank.p", after)])
    assert rows["os.logrank.p"]["conclusion"] == ("p crossed 0.05" if moved else "")


def median(value: float | None, lower: float | None, upper: float | None, key: str = "os.km.median") -> list[Row]:
    limits = {"lower": lower, "upper": upper}
    return [one(key, value)] + [one(f"{key}_{side}", limit, conf_level=0.95) for side, limit in limits.items()]


@pytest.mark.parametrize(
    ("old", "new", "moved"),
    [
        ((10.0, 8.0, 12.0), 11.9, False),
        ((10.0, 8.0, 12.0), 12.0, False),
        ((10.0, 8.0, 12.0), 12.1, True),
        ((10.0, 8.0, 12.0), 7.9, True),
        ((10.0, 8.0, None), 99.0, False),
        ((10.0, 8.0, None), 7.9, True),
        ((10.0, None, None), 99.0, False),
        ((10.0, 8.0, 12.0), None, False),
    ],
    ids=["inside", "at the limit", "above", "below", "open above", "below an open one", "no interval", "not reached"],
)
def test_a_median_concludes_otherwise_outside_its_old_interval(old: Any, new: float | None, moved: bool) -> None:
    rows = compared(median(*old), median(new, 1.0, 99.0))
    assert rows["os.km.median"]["conclusion"] == ("median left its old interval" if moved else "")


def test_median_follow_up_is_no_conclusion() -> None:
    old, new = ([row | {"analysis": "followup"} for row in median(value, 8.0, 12.0)] for value in (10.0, 20.0))
    assert not compared(old, new)["os.km.median"]["conclusion"]


def test_a_conclusion_of_one_side_only_has_not_moved() -> None:
    assert not compared([], ratio(0.5, 0.3, 0.9))["os.cox.arm.b.hr"]["conclusion"]


# ── pieces that add up ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pieces", "total", "decimals", "shown"),
    [
        ([0.14, 0.14, 0.14], 0.42, 1, ["0.2", "0.1", "0.1"]),
        ([0.26, 0.17, 0.0], 0.43, 1, ["0.2", "0.2", "0.0"]),
        ([-0.26, 0.17, 0.0], -0.09, 1, ["-0.3", "0.2", "0.0"]),
        ([1.0, -1.0, 0.0], 0.0, 0, ["1", "-1", "0"]),
        ([0.1, 0.2], 0.1 + 0.2, 1, ["0.1", "0.2"]),
        ([0.004, 0.004], 0.008, 2, ["0.01", "0.00"]),
    ],
    ids=["ties go to the first", "largest remainder", "a negative piece", "whole numbers", "binary noise", "small"],
)
def test_rounded_pieces_add_up(pieces: list[float], total: float, decimals: int, shown: list[str]) -> None:
    assert list(map(str, apportioned(pieces, total, decimals))) == shown


@given(st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=1, max_size=6), st.integers(0, 4))
def test_rounded_pieces_always_add_up_and_are_off_by_less_than_a_unit(pieces: list[float], decimals: int) -> None:
    total, unit = math.fsum(pieces), Decimal(1).scaleb(-decimals)
    shown = apportioned(pieces, total, decimals)
    assert sum(shown) == rounded(total, decimals)
    assert all(abs(there - Decimal(repr(piece))) < unit for there, piece in zip(shown, pieces, strict=True))
    assert all(there == 0 for there, piece in zip(shown, pieces, strict=True) if piece == 0)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(-0.101, 0.402, ["-0.11", "0.41"]), (0.1 * 3, 0.1 + 0.6, ["0.30", "0.70"]), (-0.004, 0.0, ["-0.01", "0.00"])],
    ids=["outward", "binary noise", "to zero"],
)
def test_a_range_is_rounded_outward(low: float, high: float, shown: list[str]) -> None:
    assert list(map(str, outward(low, high, 2))) == shown


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.floats(0, 1), st.floats(0, 1))
def test_an_apportioned_piece_lies_within_its_outward_range(pieces: list[float], below: float, above: float) -> None:
    for piece, printed in zip(pieces, apportioned(pieces, math.fsum(pieces), 2), strict=True):
        low, high = outward(piece - below, piece + above, 2)
        assert low <= printed <= high
