"""Derivation in two halves: the same tables as in one piece, and the same words where it fails."""

import os

import numpy as np
import pandas as pd
import pytest

from cutline.errors import RecordError
from cutline.halves import FIRST, FORKING, SECOND, in_halves, in_processes

pytestmark = pytest.mark.skipif(not FORKING, reason="a process is forked on Linux only")

PERSONS = ["0a", "1b", "7f", "80", "c3", "ff"]


def of_half(half):
    return [person for person in PERSONS if half is None or (person < "8") == (half == FIRST)]


def derive(half):
    persons = of_half(half)
    frame = pd.DataFrame({
        "patient_id": pd.Categorical(persons),
        "days": pd.array([7, None, 3] * 2, dtype="Int64")[: len(persons)],
        "date": pd.to_datetime(["2024-02-29", None, "2024-03-01"] * 2)[: len(persons)],
        "words": pd.Series([None, "later", "now"] * 2, dtype=object)[: len(persons)],
    })  # fmt: skip
    return {"facts": frame, "none": frame.iloc[:0]}


def plain(frame):
    return frame.astype(object).where(frame.notna(), None).to_numpy().tolist()


def test_both_halves_are_what_one_piece_is(tmp_path):
    halves, whole = in_halves(derive, tmp_path), derive(None)
    assert plain(halves["facts"]) == plain(whole["facts"])
    assert len(halves["none"]) == 0
    assert list(tmp_path.iterdir()) == []


def test_many_persons_may_stand_in_one_half_and_few_in_the_other(tmp_path):
    persons = [f"{number:04x}" for number in np.arange(300)] + ["ffff"]

    def derive(half):
        listed = [person for person in persons if half is None or (person < "8") == (half == FIRST)]
        return {"facts": pd.DataFrame({"patient_id": pd.Categorical(listed)})}

    assert in_halves(derive, tmp_path)["facts"]["patient_id"].tolist() == persons


@pytest.mark.parametrize("failing", [FIRST, SECOND])
def test_an_error_of_either_half_is_told_of_the_whole(tmp_path, failing):
    def derive(half):
        if half in (failing, None):
            raise RecordError(f"{len(of_half(half))} persons")
        return {"facts": pd.DataFrame({"patient_id": of_half(half)})}

    with pytest.raises(RecordError, match="6 persons"):
        in_halves(derive, tmp_path)
    assert list(tmp_path.iterdir()) == []


# ── items ────────────────────────────────────────────────────────────────────────────────────


def process_of(item):
    return item, os.getpid()


def fails_at_two(item):
    if item == 2:
        raise RecordError("item 2")


def test_items_go_through_other_processes_and_come_back_in_their_order():
    items, processes = zip(*in_processes(process_of, [3, 1, 2], 2), strict=True)
    assert items == (3, 1, 2)
    assert os.getpid() not in processes
    assert in_processes(process_of, [3], 1) == [(3, os.getpid())]


def test_an_error_of_an_item_is_raised_as_it_is():
    with pytest.raises(RecordError, match="item 2"):
        in_processes(fails_at_two, [1, 2], 2)
