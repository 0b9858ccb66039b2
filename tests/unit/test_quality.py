"""What fails a check is set aside with its reason, and nothing is lost."""

import pandas as pd
import pytest

from cutline.errors import RecordError
from cutline.quality import check_records
from cutline.tables.layout import RECORD_TABLES


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
        ({"dose_mg": "ten"}, "not_a_number", "dose_mg"),
        ({"dose_mg": "-5"}, "out_of_range", "dose_mg"),
        ({"line": "1.5"}, "not_a_number", "line"),
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


def test_a_value_that_is_not_allowed_is_set_aside():
    result = checked(patients=snapshot("patients", person("a"), person("b", sex="F")))
    assert faults(result) == [["patients", "P-b", "not_allowed", "sex"]]


def test_an_exact_copy_is_set_aside_and_the_first_stays():
    result = checked(patients=snapshot("patients", person("a")),
                     treatments=snapshot("treatments", treatment("1"), treatment("2")))  # fmt: skip
    assert faults(result) == [["treatments", "2", "copy", "record_id"]]


def test_a_person_listed_twice_with_different_content_stops_the_run():
    twice = snapshot("patients", person("a"), person("a", record_id="P-a2", birth_date="1971-01-01"))
    with pytest.raises(RecordError, match="2 rows belong to persons listed more than once"):
        checked(patients=twice)


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
