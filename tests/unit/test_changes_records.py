"""Which records changed between two snapshots: one small table per claim."""

import hypothesis
import pandas as pd
import pytest
from hypothesis import strategies as st

from cutline.changes.records import (
    SWITCHES,
    compare_snapshots,
    compare_table,
    data_version,
    record_changes,
    summarise_records,
)
from cutline.tables.layout import RECORD_TABLES, Layout, layouts
from tests.unit.changes_study import OLD_CUTOFF, records

EVERYTHING = frozenset(SWITCHES)
DECLARED = {"columns": {"seen": {"from": "seen", "kind": "date", "lasting": True},
                         "died": {"from": "died", "kind": "date"}, "arm": {"from": "arm"}}}  # fmt: skip
SPREADSHEET = layouts({"tables": {"subjects": DECLARED}})


def changes_of(name, old, new, plans=None):
    plans = plans or {name: Layout(RECORD_TABLES[name], {})}
    return compare_snapshots({name: old}, {name: new}, plans, OLD_CUTOFF)


def found(name, old, new, known_by=OLD_CUTOFF):
    """The changes of one table as tuples record, kind, column."""
    table = record_changes(changes_of(name, records(name, old), records(name, new)), known_by)
    return list(table[["record_id", "kind", "column"]].itertuples(index=False, name=None))


def silent(name, old, new):
    return list(record_changes(changes_of(name, records(name, old), records(name, new)), OLD_CUTOFF)["silent"])


def version(name, old, new, *on):
    return data_version(changes_of(name, records(name, old), records(name, new)), frozenset(on))[name]


OBSERVED = "record_id | patient_id | observed_on | item | value | recorded_on\n"
ECOG_0 = OBSERVED + "o1 | p1 | 2023-05-01 | ecog | 0 | 2023-05-02"
ECOG_1 = OBSERVED + "o1 | p1 | 2023-05-01 | ecog | 1 | 2024-03-01"


# ── kinds ────────────────────────────────────────────────────────────────────────────────────


def test_a_record_that_says_something_else_was_corrected():
    assert found("observations", ECOG_0, ECOG_1) == [("o1", "corrected", "value")]


def test_a_blank_that_is_filled_in_was_completed():
    blank = OBSERVED + "o1 | p1 | 2023-05-01 | ecog | | 2023-05-02"
    assert found("observations", blank, ECOG_1) == [("o1", "completed", "value")]


def test_a_record_of_the_old_snapshot_alone_was_deleted():
    assert found("observations", ECOG_0, "") == [("o1", "deleted", "")]


def test_a_record_dated_by_the_old_cut_off_and_new_is_late():
    assert found("observations", "", ECOG_1) == [("o1", "late", "")]


def test_a_record_dated_after_the_old_cut_off_is_follow_up():
    later = OBSERVED + "o1 | p1 | 2024-01-02 | ecog | 1 | 2024-01-02"
    assert found("observations", "", later) == [("o1", "follow_up", "")]


def test_a_new_writing_date_alone_is_no_change():
    again = ECOG_0.replace("2023-05-02", "2024-03-01")
    assert found("observations", ECOG_0, again) == []


def test_a_record_moved_beyond_the_old_cut_off_was_corrected_and_not_deleted():
    moved = OBSERVED + "o1 | p1 | 2024-02-01 | ecog | 0 | 2024-03-01"
    assert found("observations", ECOG_0, moved) == [("o1", "corrected", "observed_on")]


def test_rows_that_share_an_id_are_compared_as_one():
    twice = ECOG_0 + "\no1 | p1 | 2023-05-01 | ecog | 2 | 2023-05-02"
    swapped = OBSERVED + "o1 | p1 | 2023-05-01 | ecog | 2 |\no1 | p1 | 2023-05-01 | ecog | 0 |"
    assert found("observations", twice, swapped) == []
    assert found("observations", twice, ECOG_0) == [("o1", "corrected", "record_id")]


TREATED = "record_id | patient_id | drug | start_date | stop_date | stop_reason | recorded_on\n"
GOES_ON = TREATED + "t1 | p1 | x | 2023-05-01 | | | 2023-05-02"


@pytest.mark.parametrize(("stop", "kind"), [("2023-12-31", "late"), ("2024-01-02", "follow_up")])
def test_a_treatment_that_stopped_is_late_or_follow_up_by_the_day_it_stopped(stop, kind):
    stopped = TREATED + f"t1 | p1 | x | 2023-05-01 | {stop} | toxicity | 2024-03-01"
    assert found("treatments", GOES_ON, stopped) == [("t1", kind, "stop_date"), ("t1", kind, "stop_reason")]


def test_a_stop_date_that_was_another_one_was_corrected():
    stopped = TREATED + "t1 | p1 | x | 2023-05-01 | {} | toxicity | 2024-03-01"
    assert found("treatments", stopped.format("2023-09-01"), stopped.format("2023-08-01")) == [
        ("t1", "corrected", "stop_date")
    ]


def test_a_treatment_said_to_have_stopped_that_went_on_was_corrected():
    old = TREATED + "t1 | p1 | x | 2023-05-01 | 2023-09-01 | toxicity | 2023-09-01"
    new = TREATED + "t1 | p1 | x | 2023-05-01 | 2024-03-01 | progression | 2024-03-01"
    assert found("treatments", old, new) == [("t1", "corrected", "stop_date"), ("t1", "corrected", "stop_reason")]
    both = version("treatments", old, new, "corrected")
    assert both["stop_date"].tolist() == [None], "at the old cut-off it went on, as is known today"


def test_the_outcome_of_an_event_that_ended_later_is_follow_up_and_no_correction():
    header = "record_id | patient_id | term | onset_date | end_date | outcome\n"
    old = header + "a1 | p1 | fatigue | 2023-05-01 | | not_recovered"
    new = header + "a1 | p1 | fatigue | 2023-05-01 | 2024-03-01 | recovered"
    assert found("adverse_events", old, new) == [("a1", "follow_up", "end_date"), ("a1", "follow_up", "outcome")]
    assert version("adverse_events", old, new, "corrected", "late")["outcome"].tolist() == ["not_recovered"]


# ── a row per person ─────────────────────────────────────────────────────────────────────────

SHEET = ["record_id", "patient_id", "seen", "died", "arm"]


def sheet(*rows):
    return pd.DataFrame(list(rows), columns=SHEET, dtype=object)


def sheet_kinds(old, new):
    table = record_changes(changes_of("subjects", old, new, SPREADSHEET), OLD_CUTOFF)
    return list(table[["kind", "column"]].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("2023-05-01", "2023-12-01", "late"), ("2023-05-01", "2024-03-01", "follow_up"),
     (None, "2024-03-01", "follow_up"), ("2023-05-01", "2023-02-01", "corrected"), ("2023-05-01", None, "corrected")],
)  # fmt: skip
def test_a_last_contact_that_moves_on_is_late_or_follow_up_and_one_that_moves_back_a_correction(before, after, kind):
    old, new = sheet(["1", "p1", before, None, "a"]), sheet(["1", "p1", after, None, "a"])
    assert sheet_kinds(old, new) == [(kind, "seen")]


@pytest.mark.parametrize(("died", "kind"), [("2023-11-01", "late"), ("2024-03-01", "follow_up")])
def test_a_death_filled_in_is_late_or_follow_up_by_its_date(died, kind):
    old, new = sheet(["1", "p1", "2023-05-01", None, "a"]), sheet(["1", "p1", "2023-05-01", died, "a"])
    assert sheet_kinds(old, new) == [(kind, "died")]


@pytest.mark.parametrize(("seen", "kind"), [("2023-11-01", "late"), ("2024-03-01", "follow_up")])
def test_a_new_row_is_follow_up_if_any_of_its_dates_is(seen, kind):
    assert sheet_kinds(sheet(), sheet(["1", "p1", seen, None, "a"])) == [(kind, "")]


# ── silence ──────────────────────────────────────────────────────────────────────────────────


def test_a_change_written_after_the_old_cut_is_not_silent():
    assert silent("observations", ECOG_0, ECOG_1) == ["no"]


def test_a_change_that_claims_to_be_as_old_as_the_old_cut_is_silent():
    rewritten = ECOG_0.replace("| 0 |", "| 1 |")
    assert silent("observations", ECOG_0, rewritten) == ["yes"]
    assert silent("observations", "", ECOG_0) == ["yes"]


def test_without_a_writing_date_nobody_can_tell():
    undated = ECOG_0.replace("| 0 | 2023-05-02", "| 1 |")
    assert silent("observations", ECOG_0, undated) == [None]


def test_a_snapshot_does_not_say_when_a_record_was_deleted():
    assert silent("observations", ECOG_0, "") == [None]


def test_follow_up_is_never_silent():
    assert silent("observations", "", OBSERVED + "o1 | p1 | 2024-01-02 | ecog | 1 |") == ["no"]


# ── counts ───────────────────────────────────────────────────────────────────────────────────


def test_records_and_persons_are_counted_once_per_kind_and_once_per_column():
    old = OBSERVED + "o1 | p1 | 2023-05-01 | ecog | 0 |\no2 | p1 | 2023-06-01 | ecog | 0 |"
    new = OBSERVED + "o1 | p1 | 2023-05-02 | ecog | 1 |\no2 | p1 | 2023-06-01 | ecog | 1 |"
    table = summarise_records(
        record_changes(
            changes_of("observations", records("observations", old), records("observations", new)), OLD_CUTOFF
        )
    )
    rows = table[["kind", "column", "records", "persons", "untold"]].to_numpy().tolist()
    assert rows == [["corrected", "", 2, 1, 2], ["corrected", "observed_on", 1, 1, 1], ["corrected", "value", 2, 1, 2]]


def test_two_equal_snapshots_have_no_changes():
    table = summarise_records(
        record_changes(changes_of("observations", *[records("observations", ECOG_0)] * 2), "2024")
    )
    assert table.empty


def test_a_table_the_old_cut_did_not_have_is_empty_in_it():
    plans = {"observations": Layout(RECORD_TABLES["observations"], {})}
    changes = compare_snapshots({}, {"observations": records("observations", ECOG_1)}, plans, OLD_CUTOFF)
    assert record_changes(changes, OLD_CUTOFF)["kind"].tolist() == ["late"]


# ── data versions ────────────────────────────────────────────────────────────────────────────


def test_each_switch_brings_its_changes_and_no_others():
    old = ECOG_0 + "\no2 | p1 | 2023-06-01 | ecog | 0 |"
    new = ECOG_1 + "\no3 | p1 | 2023-07-01 | ecog | 3 |\no4 | p1 | 2024-02-01 | ecog | 4 |"

    def values(*on):
        return version("observations", old, new, *on)["value"].tolist()

    assert values("corrected") == ["1"]
    assert values("late") == ["0", "0", "3"]
    assert values("follow_up") == ["0", "0", "4"]
    assert values("late", "follow_up") == ["0", "0", "3", "4"]


def test_what_follows_a_correction_is_not_grafted_on_the_uncorrected_record():
    old = TREATED + "t1 | p1 | x | 2023-05-01 | 2023-09-01 | toxicity |"
    new = TREATED + "t1 | p1 | x | 2023-05-01 | 2024-03-01 | progression |"
    assert version("treatments", old, new, "follow_up")["stop_date"].tolist() == ["2023-09-01"]


DATES = st.sampled_from([None, "2023-02-01", "2023-08-01", "2024-01-01", "2024-01-02", "2024-05-01", "unknown"])
ROWS = st.lists(
    st.tuples(st.sampled_from(["t1", "t2", "t3", None]), st.sampled_from(["p1", "p2"]), DATES, DATES,
              st.sampled_from([None, "toxicity", "progression"])),
    max_size=6,
)  # fmt: skip


def treatments(rows, cutoff):
    """What a snapshot at the cut-off holds of such rows."""
    columns = ["record_id", "patient_id", "start_date", "stop_date", "stop_reason"]
    spec = RECORD_TABLES["treatments"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object).reindex(columns=spec.names)
    known = compare_table(frame.iloc[:0], frame.astype(object).where(frame.notna(), None), spec, cutoff).then
    return known.sort_values(["patient_id", "record_id"], kind="stable", ignore_index=True)


@hypothesis.settings(max_examples=15, deadline=None)
@hypothesis.given(ROWS, ROWS)
def test_with_nothing_switched_on_the_old_snapshot_comes_out_and_with_all_the_new_one(before, after):
    old, new = treatments(before, OLD_CUTOFF), treatments(after, "2024-07-01")
    changes = changes_of("treatments", old, new)
    pd.testing.assert_frame_equal(data_version(changes, frozenset())["treatments"], old)
    pd.testing.assert_frame_equal(data_version(changes, EVERYTHING)["treatments"], new)


@hypothesis.settings(max_examples=15, deadline=None)
@hypothesis.given(ROWS)
def test_without_any_change_every_version_is_the_snapshot(rows):
    snapshot = treatments(rows, OLD_CUTOFF)
    changes = changes_of("treatments", snapshot, snapshot)
    assert record_changes(changes, OLD_CUTOFF).empty
    for on in ({"corrected"}, {"late"}, {"follow_up"}):
        pd.testing.assert_frame_equal(data_version(changes, frozenset(on))["treatments"], snapshot)
