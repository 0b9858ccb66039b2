"""A query list goes out, is filled in by hand, and comes back as attributed corrections that move a result."""

import shutil
import stat

import pandas as pd
import pytest
from openpyxl import load_workbook

from cutline.changes.attribute import attribute_changes
from cutline.errors import RecordError
from cutline.quality.answers import read_answers
from cutline.quality.check import check_records
from cutline.quality.corrections import corrected
from cutline.quality.sheet import EMPTY, SHEET, TITLES, WITHDRAW
from cutline.tables.corrections import CORRECTIONS
from cutline.tables.layout import RECORD_TABLES
from tests.pipeline import judge
from tests.unit.changes_study import (
    OLD_CUTOFF,
    TABLES,
    codelist,
    manifest,
    printed,
    records,
    settings,
    snapshot,
)

SPECS = {name: RECORD_TABLES[name] for name in TABLES}
BY, ON, WHY = "study nurse", "2025-06-20", "the letter says the 11th"
PERSONS = "\n".join(f"P{name} | {name} | 1970-01-01 | 2023-01-01" for name in "abc")
TREATED = "\n".join(f"T{name} | {name} | x | 2023-02-01 | | 2023-02-02" for name in "abc")
SEEN = "\n".join(f"O{name} | {name} | 2023-02-01 | ecog | 0" for name in "abc")
CONTACTS = "\n".join(f"F{name} | {name} | 2023-10-01 | alive" for name in "abc")


def study_snapshot():
    """Three treated persons; b died, but the day of her death cannot be one."""
    return snapshot(
        patients="record_id | patient_id | birth_date | screened_on\n" + PERSONS,
        treatments="record_id | patient_id | drug | start_date | stop_date | recorded_on\n" + TREATED,
        observations="record_id | patient_id | observed_on | item | value\n" + SEEN,
        follow_up="record_id | patient_id | contact_date | status\n" + CONTACTS,
        deaths="record_id | patient_id | death_date | cause | recorded_on\n"
        "Db | b | 2023-11-31 | disease_progression | 2023-12-03",
    )


STUDY = settings() | {"data_cutoff": OLD_CUTOFF}


@pytest.fixture(scope="module")
def asked(tmp_path_factory):
    """The cut without answers, and its query list as a file."""
    folder = tmp_path_factory.mktemp("asked")
    found = printed(STUDY, study_snapshot(), codelist(folder), OLD_CUTOFF)
    judge(STUDY, found)["workbook"](folder / "queries.xlsx")
    return found, folder


@pytest.fixture
def cut(asked, tmp_path):
    """The cut without answers, and a folder of one's own with its query list."""
    for name in ("queries.xlsx", "codelist.csv"):
        shutil.copy(asked[1] / name, tmp_path / name)
    return asked[0], tmp_path


def cells(file):
    """The rows of the sheet by the names of its columns, and the sheet's book."""
    book = load_workbook(file)
    rows = [dict(zip(TITLES, row, strict=True)) for row in book[SHEET].iter_rows(min_row=2)]
    return book, rows


def fill_in(file, record, to, **answer):
    """By hand: the row of that record, or the first free one, is answered; the file is saved under another name."""
    book, rows = cells(file)
    of_record = [row for row in rows if row["record_id"].value == record]
    free = [row for row in rows if row["record_id"].value is None]
    row = (of_record or free)[0]
    given = {"record_id": record, "answered_by": BY, "answered_on": ON, "reason": WHY} | answer
    for name, value in given.items():
        row[name].value = value
    book.save(to)
    return to


def answered(cut, to="answers.xlsx", **answer):
    folder = cut[1]
    return fill_in(folder / "queries.xlsx", "Db", folder / to, **({"new_value": "2023-11-11"} | answer))


def rerun(cut, *files):
    """Everything again with these answers."""
    return printed(STUDY, study_snapshot(), cut[1] / "codelist.csv", OLD_CUTOFF, files)


def checked(*files):
    """The records alone, with these answers."""
    return check_records(settings=STUDY, answered=files, **study_snapshot())


def open_questions(cut, found):
    """What is asked of the cut when its records are these."""
    return judge(STUDY, cut[0] | found)["queries"]


# ── the list goes out ────────────────────────────────────────────────────────────────────────


def test_what_is_set_aside_is_asked_with_the_value_in_the_data(cut):
    _, rows = cells(cut[1] / "queries.xlsx")
    asked = {name: cell.value for name, cell in rows[0].items()}
    assert (asked["table"], asked["record_id"], asked["column"]) == ("deaths", "Db", "death_date")
    assert asked["old_value"] == "2023-11-31"
    assert asked["severity"] == "error"
    assert asked["action"] == "Give the date as YYYY-MM-DD, or empty the value."
    assert [asked[name] for name in ("new_value", "reason", "answered_by", "answered_on")] == [None] * 4


def test_the_sheet_of_records_shows_all_that_is_known_of_a_record_in_question(cut):
    shown = load_workbook(cut[1] / "queries.xlsx")["Records"].iter_rows(min_row=2, values_only=True)
    assert ("deaths", "Db", "b", "cause", "disease_progression") in list(shown)


def test_the_list_is_its_owners_alone_and_equal_questions_give_equal_bytes(cut, tmp_path):
    judge(STUDY, cut[0])["workbook"](tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == (tmp_path / "queries.xlsx").read_bytes()
    assert stat.S_IMODE((tmp_path / "again.xlsx").stat().st_mode) == 0o600


def test_a_text_of_the_records_never_becomes_a_formula(cut):
    spoilt = study_snapshot()["deaths"].assign(cause="=1+1")
    judge(STUDY, cut[0] | {"snapshot_deaths": spoilt})["workbook"](cut[1] / "spoilt.xlsx")
    kinds = {cell.data_type for row in load_workbook(cut[1] / "spoilt.xlsx")["Records"] for cell in row}
    assert kinds <= {"s", "n"}


# ── and comes back ───────────────────────────────────────────────────────────────────────────


def test_an_answer_moves_the_result_it_should(cut):
    after = rerun(cut, answered(cut))
    before, now = (side["ard"]["value"] for side in (cut[0], after))
    assert (before["os.events"], now["os.events"]) == (0, 1)
    assert (before["quality.quarantined"], now["quality.quarantined"]) == (1, 0)
    assert (before["quality.corrected"], now["quality.corrected"]) == (0, 1)
    assert "Db" not in set(open_questions(cut, after)["source_record_id"])


def test_a_correction_says_who_when_from_what_to_what_and_why(cut):
    kept = checked(answered(cut))["corrections"].iloc[0]
    assert kept[["answered_by", "reason", "file", "row"]].tolist() == [BY, WHY, "answers.xlsx", 2]
    assert kept[["table", "record_id", "patient_id", "column"]].tolist() == ["deaths", "Db", "b", "death_date"]
    assert kept[["action", "old_value", "new_value"]].tolist() == ["changed", "2023-11-31", "2023-11-11"]
    assert kept["answered_on"] == pd.Timestamp(ON)


def test_the_snapshot_stays_as_it_is(cut):
    tables = study_snapshot()
    check_records(settings=STUDY, answered=[answered(cut)], **tables)
    pd.testing.assert_frame_equal(tables["deaths"], study_snapshot()["deaths"])


def test_a_list_without_answers_changes_nothing(cut):
    after = checked(cut[1] / "queries.xlsx")
    assert after["corrections"].empty
    pd.testing.assert_frame_equal(after["quarantine"], cut[0]["quarantine"])


def test_what_is_confirmed_is_settled_and_not_asked_again(cut):
    after = checked(answered(cut, new_value=None))
    assert after["corrections"]["action"].tolist() == ["confirmed"]
    assert after["deaths"].empty
    assert open_questions(cut, after).empty


def test_a_withdrawn_record_does_not_count_and_is_accounted_for(cut):
    after = checked(answered(cut, new_value=WITHDRAW))
    account = after["accounting"].set_index("table").loc["deaths"]
    assert account[["extracted", "accepted", "quarantined", "withdrawn"]].tolist() == [1, 0, 0, 1]


def test_a_correction_that_nobody_asked_for_takes_a_row_of_its_own(cut):
    free = fill_in(cut[1] / "queries.xlsx", "Oa", cut[1] / "own.xlsx", table="observations", column="value",
                   old_value="0", new_value=1)  # fmt: skip
    after = checked(free)
    assert after["observations"]["value"].tolist() == ["1", "0", "0"]
    assert pd.isna(after["corrections"]["query"].iloc[0])


def test_a_second_list_corrects_what_the_first_one_left(cut):
    first = answered(cut)
    folder = cut[1]
    judge(STUDY, cut[0] | checked(first))["workbook"](folder / "second.xlsx")
    again = fill_in(folder / "second.xlsx", "Db", folder / "second_answers.xlsx", table="deaths", column="death_date",
                    old_value="2023-11-11", new_value="2023-11-12")  # fmt: skip
    assert checked(first, again)["deaths"]["death_date"].tolist() == [pd.Timestamp("2023-11-12")]


def test_a_date_after_the_cut_off_was_not_known_at_it(cut):
    after = checked(answered(cut, new_value="2024-03-01"))
    assert after["deaths"].empty
    assert after["accounting"].set_index("table").loc["deaths", "withdrawn"] == 1


def test_a_later_date_of_a_record_is_blank_again_at_a_cut_off_before_it():
    treatments = records("treatments", "record_id | patient_id | drug | start_date | stop_date | stop_reason\n"
                         "T1 | a | x | 2023-01-01 | 2023-05-01 | toxicity\n"
                         "T2 | a | y | 2023-01-01 | 2023-05-01 | toxicity")  # fmt: skip
    answer = {"file": "f", "row": 2, "query": None, "table": "treatments", "record_id": "T1", "patient_id": "a",
              "column": "stop_date", "action": "changed", "old_value": "2023-05-01", "new_value": "2024-05-01",
              "reason": "r", "answered_by": "x", "answered_on": pd.Timestamp(ON)}  # fmt: skip
    layer = corrected({"treatments": treatments}, pd.DataFrame([answer])[CORRECTIONS.names], SPECS, OLD_CUTOFF)
    assert layer["treatments"]["stop_reason"].tolist() == [None, "toxicity"]
    assert layer["treatments"]["stop_date"].tolist() == [None, "2023-05-01"]


# ── what cannot be right is refused ──────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"answered_by": None}, "row 2, column Answered by: nothing is given"),
        ({"reason": None}, "row 2, column Reason: nothing is given"),
        ({"answered_on": "20.06.2025"}, "row 2, column Answered on: not a real date as YYYY-MM-DD"),
        ({"answered_on": "2025-06-31"}, "row 2, column Answered on: not a real date"),
        ({"new_value": "2023-11-32"}, "row 2, column New value: not a real date"),
        ({"new_value": EMPTY}, "death_date may not be empty; withdraw the record instead"),
        ({"column": "day"}, "row 2, column Column: no column of deaths; expected one of death_date, cause"),
        ({"column": "patient_id"}, "row 2, column Column: no column of deaths"),
        ({"table": "letters"}, "row 2, column Table: no table of this study"),
        ({"table": None}, "row 2, column Table: no table of this study"),
        ({"record_id": "D9"}, "column Record: no such record is in the snapshot"),
        ({"old_value": "2023-10-31"}, "column death_date: the value in the data is no longer the one"),
        ({"column": "treatment_related", "new_value": "perhaps"}, "expected one of yes, no, unknown"),
    ],
)
def test_an_answer_that_cannot_be_right_stops_the_run_and_says_where(cut, answer, said):
    file = answered(cut, **answer)
    with pytest.raises(RecordError) as refused:
        checked(file)
    assert said in str(refused.value)
    assert "2023" not in str(refused.value)


def test_all_that_is_wrong_is_said_at_once(cut):
    with pytest.raises(RecordError, match=r"Reason.*; row 2, column Answered by"):
        checked(answered(cut, reason=None, answered_by=None))


def test_excels_own_dates_and_numbers_are_read(cut):
    file = answered(cut, answered_on=pd.Timestamp(ON).to_pydatetime(),
                    new_value=pd.Timestamp("2023-11-11").to_pydatetime())  # fmt: skip
    assert checked(file)["deaths"]["death_date"].tolist() == [pd.Timestamp("2023-11-11")]


def test_what_is_no_query_list_is_refused(tmp_path):
    (tmp_path / "letter.xlsx").write_text("no workbook")
    with pytest.raises(RecordError, match=r"letter\.xlsx: no Excel workbook that can be read"):
        read_answers([tmp_path / "letter.xlsx"], SPECS)


def test_a_header_that_was_changed_is_refused(cut):
    book, _ = cells(cut[1] / "queries.xlsx")
    book[SHEET]["K1"] = "Value"
    book.save(cut[1] / "other.xlsx")
    with pytest.raises(RecordError, match=r"missing column\(s\) New value in its first row"):
        read_answers([cut[1] / "other.xlsx"], SPECS)


def test_of_two_records_with_one_id_none_can_be_corrected(tmp_path, cut):
    tables = study_snapshot()
    tables["deaths"] = pd.concat([tables["deaths"], tables["deaths"].assign(cause="other")], ignore_index=True)
    with pytest.raises(RecordError, match="2 records have this id"):
        check_records(settings=STUDY, answered=[answered(cut)], **tables)


# ── and is seen in the change report ─────────────────────────────────────────────────────────


def test_the_change_report_has_the_correction_and_what_it_moved(cut):
    before, folder = cut
    after = rerun(cut, answered(cut))
    same = manifest(folder, OLD_CUTOFF)
    sides = {f"{which}_{name}": table for which in ("old", "new") for name, table in study_snapshot().items()}
    found = attribute_changes(
        settings=STUDY, old_manifest=same, new_manifest=same, old_ard=before["ard"], new_ard=after["ard"],
        codelist_adverse_events=folder / "codelist.csv", old_corrections=before["corrections"],
        new_corrections=after["corrections"], **sides,
    )  # fmt: skip
    row = found["records"].set_index(["table", "kind", "column"]).loc[("deaths", "corrected", "death_date")]
    assert row[["records", "answered", "silent"]].tolist() == [1, 1, 0]
    moved = found["attribution"].set_index(["key", "cause"])["piece"]
    assert moved[("os.events", "corrected")] == 1
    person = found["persons"].set_index(["patient_id", "name"]).loc[("b", "os")]
    assert person[["kind", "source_table", "source_record_id"]].tolist() == ["corrected", "deaths", "Db"]
