"""What fails a check is set aside with its reason, and nothing is lost."""

from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook

from cutline.errors import RecordError
from cutline.quality.check import check_records
from cutline.quality.summarise import summarise_quality
from cutline.tables.cohort import COHORT
from cutline.tables.layout import RECORD_TABLES
from cutline.tables.spec import empty, unpacked

LISTS = Path(__file__).parents[2] / "config" / "quality"


def snapshot(table, *rows):
    """A snapshot table: text, with None where nothing was written."""
    names = RECORD_TABLES[table].names
    frame = pd.DataFrame([dict.fromkeys(names) | row for row in rows], columns=names, dtype=object)
    return frame.where(frame.notna(), None)


def person(patient_id, **more):
    return {"record_id": f"P-{patient_id}", "patient_id": patient_id, "screened_on": "2021-01-01", "sex": "female",
            "birth_date": "1970-05-05"} | more  # fmt: skip


def treatment(record_id, **more):
    row = {"record_id": record_id, "patient_id": "a", "drug": "everolimus", "start_date": "2022-01-01"}
    return row | more


def checked(**tables):
    return check_records(settings={"source": {"tables": {name: {} for name in tables}}}, **tables)


def summarised(**tables):
    """What is told of the records of these tables, the results by key."""
    source = {"tables": {name: {} for name in tables}}
    found = checked(**tables)
    lists = {name: LISTS / f"{name}.csv" for name in ("ranges", "codes")}
    told = summarise_quality(
        settings={"source": source}, cohort=empty(COHORT), **lists,
        **{name: found[name] for name in ("accounting", "quarantine", "corrections")},
        **{f"accepted_{name}": unpacked(found[name]) for name in tables},
        **{f"snapshot_{name}": table for name, table in tables.items()},
    )  # fmt: skip
    return told | {"ard": told["ard"].set_index("key")}


def faults(result):
    return result["quarantine"][["table", "record_id", "check", "column"]].values.tolist()


def test_sound_records_are_all_accepted_and_typed():
    result = checked(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", treatment("1")))
    assert result["quarantine"].empty
    assert result["treatments"]["start_date"].tolist() == [pd.Timestamp("2022-01-01")]


@pytest.mark.parametrize(
    ("row", "check", "column"),
    [
        ({"start_date": "2022-06-31"}, "not_a_date", "start_date"),
        ({"start_date": "01.06.2022"}, "not_a_date", "start_date"),
        ({"drug": None}, "missing", "drug"),
        ({"stop_date": "2021-12-31"}, "stops_before_start", "stop_date"),
        ({"patient_id": "stranger"}, "unknown_patient", "patient_id"),
    ],
)
def test_a_faulty_record_is_set_aside_with_its_reason(row, check, column):
    rows = treatment("1"), treatment("2", frequency="weekly", **row)
    result = checked(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))
    assert ["treatments", "2", check, column] in faults(result)
    assert result["treatments"]["record_id"].tolist() == ["1"]


@pytest.mark.parametrize(
    ("row", "check"),
    [
        ({"dose_mg": "ten"}, "not_a_number"),
        ({"dose_mg": "inf"}, "not_a_number"),
        ({"dose_mg": "-5"}, "out_of_range"),
        ({"line": "1.5"}, "not_whole"),
        ({"stop_date": "soon"}, "not_a_date"),
    ],
)
def test_a_fault_where_nothing_is_needed_sets_the_value_aside_and_keeps_the_record(row, check):
    (column,) = row
    table = snapshot("treatments", treatment("1", **row))
    result = checked(patients=snapshot("patients", person("a")), treatments=table)
    assert faults(result) == [["treatments", "1", check, column]]
    assert result["quarantine"]["set_aside"].tolist() == ["value"]
    assert result["treatments"][column].isna().tolist() == [True]
    assert result["accounting"].set_index("table").loc["treatments", "values_set_aside"] == 1


def test_a_value_that_is_not_allowed_is_set_aside():
    result = checked(patients=snapshot("patients", person("a"), person("b", sex="F")))
    assert faults(result) == [["patients", "P-b", "not_allowed", "sex"]]


def test_case_and_spaces_are_no_fault():
    result = checked(patients=snapshot("patients", person("a", sex=" Female")))
    assert result["quarantine"].empty
    assert result["patients"]["sex"].tolist() == ["female"]


def test_records_that_share_an_id_are_all_set_aside():
    rows = treatment("1"), treatment("1", drug="exemestane")
    result = checked(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))
    assert [check for _, _, check, _ in faults(result)] == ["same_id", "same_id"]


def test_an_impossible_death_does_not_take_the_history_with_it():
    death = {"record_id": "d", "patient_id": "a", "death_date": "1924-01-01"}
    result = checked(patients=snapshot("patients", person("a")), deaths=snapshot("deaths", death),
                     treatments=snapshot("treatments", treatment("1")))  # fmt: skip
    assert faults(result) == [["deaths", "d", "before_birth", "death_date"]]
    assert result["treatments"]["record_id"].tolist() == ["1"]


def test_an_exact_copy_is_set_aside_and_the_first_stays():
    result = checked(patients=snapshot("patients", person("a")),
                     treatments=snapshot("treatments", treatment("1"), treatment("2")))  # fmt: skip
    assert faults(result) == [["treatments", "2", "copy", "record_id"]]


def test_a_person_listed_twice_with_different_content_stops_the_run():
    twice = snapshot("patients", person("a"), person("a", record_id="P-a2", birth_date="1971-01-01"))
    with pytest.raises(RecordError, match="2 rows belong to persons listed more than once"):
        checked(patients=twice)


def test_two_persons_whose_rows_have_one_id_stop_the_run_for_neither_may_leave_the_flow_unseen():
    shared = snapshot("patients", person("a", record_id="1"), person("b", record_id="1"))
    with pytest.raises(RecordError, match="2 rows have the id of another person's row"):
        checked(patients=shared)


@pytest.mark.parametrize("screened_on", [None, "2021-05", "31.12.2021"])
def test_a_person_stays_whatever_is_written_of_the_day_she_was_screened(screened_on):
    result = checked(patients=snapshot("patients", person("a", screened_on=screened_on), person("b")),
                     treatments=snapshot("treatments", treatment("1")))  # fmt: skip
    assert result["patients"]["patient_id"].tolist() == ["a", "b"]
    assert len(result["treatments"]) == 1
    assert faults(result) == ([["patients", "P-a", "not_a_date", "screened_on"]] if screened_on else [])


def test_a_scan_after_death_is_set_aside():
    scan = {"record_id": "s", "patient_id": "a", "assessment_date": "2023-01-02"}
    death = {"record_id": "d", "patient_id": "a", "death_date": "2023-01-01"}
    result = checked(patients=snapshot("patients", person("a")), assessments=snapshot("assessments", scan),
                     deaths=snapshot("deaths", death))  # fmt: skip
    assert faults(result) == [["assessments", "s", "after_death", "assessment_date"]]


def test_every_extracted_record_is_accepted_or_set_aside():
    rows = [treatment("1"), treatment("2"), treatment("3", start_date="x"), treatment("4", patient_id="b")]
    result = checked(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))
    counts = result["accounting"].set_index("table")
    assert counts.loc["treatments", ["extracted", "accepted", "quarantined"]].tolist() == [4, 1, 3]
    assert (counts["extracted"] == counts["accepted"] + counts["quarantined"]).all()


def test_reasons_hold_no_patient_value():
    result = checked(patients=snapshot("patients", person("a"), person("b", birth_date="secret text")))
    assert "secret" not in result["quarantine"].to_csv()


def test_an_empty_table_is_no_fault():
    result = checked(patients=snapshot("patients", person("a")), deaths=snapshot("deaths"))
    assert result["quarantine"].empty
    assert result["deaths"].empty


def test_records_and_values_set_aside_are_results():
    rows = treatment("1"), treatment("2", dose_mg="ten", drug="exemestane"), treatment("3", start_date="x")
    ard = summarised(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))["ard"][
        "value"
    ]
    assert ard[["quality.records", "quality.quarantined", "quality.values"]].tolist() == [4, 1, 1]
    assert ard["quality.table.treatments.quarantined"] == 1


def test_a_column_of_which_nothing_can_be_read_stops_the_run():
    rows = [treatment(str(number), start_date=f"0{number}.01.2022") for number in range(1, 7)]
    with pytest.raises(RecordError, match=r"column start_date: none of its 6 values .* YYYY-MM-DD"):
        checked(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))


def test_two_rows_with_one_patient_number_stop_the_run_whatever_they_say():
    twice = snapshot("patients", person("a"), person("a", birth_date="1971-01-01"))
    with pytest.raises(RecordError, match="2 rows belong to persons listed more than once"):
        checked(patients=twice)


def test_each_rule_of_the_study_is_counted_with_its_meaning():
    rows = treatment("1", stop_reason="Progresyon"), treatment("2", start_date="x", drug="exemestane")
    ard = summarised(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))["ard"]
    assert ard.loc["quality.rule.unknown_code.n", ["value", "method"]].tolist() == [1, "warning"]
    assert ard.loc["quality.rule.not_a_date.n", "note"] == "not a real date"
    assert ard.loc["quality.rule.stops_before_start.n", "value"] == 0
    assert "quality.rule.impossible_ecog.n" not in ard.index
    assert ard["value"][[f"quality.severity.{name}.n" for name in ("error", "warning", "note")]].tolist() == [1, 1, 0]


def test_warnings_and_what_is_set_aside_are_asked_and_notes_are_not():
    rows = (treatment("1", stop_reason="Progresyon"), treatment("2", start_date="x", drug="exemestane"),
            treatment("3", drug="letrozole", recorded_on="2021-12-31"))  # fmt: skip
    told = summarised(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))
    assert told["queries"][["query", "source_record_id", "about"]].to_numpy().tolist() == [
        ["not_a_date", "2", "start_date"], ["unknown_code", "1", "stop_reason"],
    ]  # fmt: skip
    assert told["findings"]["rule"].tolist() == ["unknown_code", "written_before"]
    assert told["ard"]["value"]["quality.queries.n"] == 2


def test_the_records_of_any_table_can_be_asked_about(tmp_path):
    """Observations have a column that is called value."""
    six = {"record_id": "O", "patient_id": "a", "observed_on": "2021-02-01", "item": "ecog", "value": "6"}
    told = summarised(patients=snapshot("patients", person("a")), observations=snapshot("observations", six))
    told["workbook"](tmp_path / "queries.xlsx")
    shown = [*load_workbook(tmp_path / "queries.xlsx")["Records"].iter_rows(min_row=2, values_only=True)]
    assert ("observations", "O", "a", "item", "ecog") in shown
    assert ("observations", "O", "a", "value", "6") in shown


def test_completeness_is_the_share_of_accepted_records_in_which_a_value_is_given():
    rows = (treatment("1", dose_mg="10"), treatment("2", dose_mg="ten", drug="exemestane"),
            treatment("3", start_date="x", dose_mg="5"))  # fmt: skip
    ard = summarised(patients=snapshot("patients", person("a")), treatments=snapshot("treatments", *rows))["ard"]
    assert ard["value"][[f"completeness.treatments.dose_mg.{name}" for name in ("given", "percent")]].tolist() == [
        1,
        50,
    ]
    assert ard.loc["completeness.treatments.stop_date.percent", "note"] == "blank also while it goes on"
    assert "completeness.treatments.drug.given" not in ard.index


def test_the_completeness_of_a_table_without_records_is_said_not_to_be_estimable():
    ard = summarised(patients=snapshot("patients", person("a")), deaths=snapshot("deaths"))["ard"]
    percent = ard.loc["completeness.deaths.cause.percent"]
    assert pd.isna(percent["value"])
    assert percent["note"] == "the table has no records"
