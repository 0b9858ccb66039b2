"""A snapshot holds what was known at the data cut-off: no more, no less, and nobody's name."""

import json

import duckdb
import pandas as pd
import pytest

from cutline.errors import ConfigError, SetupError, SourceError
from cutline.sources import extract_snapshot
from cutline.sources.pseudonyms import Pseudonyms
from cutline.tables.spec import unpacked

SETTINGS = {
    "data_cutoff": "2025-05-31",
    "known_by": "2025-05-31",
    "source": {"kind": "duckdb", "path": "h.duckdb", "description": "test", "pseudonym_key": "public",
               "tables": {"treatments": {}}},
}  # fmt: skip

TREATMENT = {
    "record_id": "T1", "patient_id": "1001", "setting": "metastatic", "line": 1, "drug": "everolimus", "atc": "L01EG02",
    "dose_mg": 10.0, "frequency": "once_daily", "start_date": "2025-01-10", "stop_date": None, "stop_reason": None,
    "version": 1, "recorded_on": "2025-01-11", "superseded_by": None, "deleted": False,
}  # fmt: skip
TYPES = {"start_date": "DATE", "stop_date": "DATE", "recorded_on": "DATE", "line": "INTEGER", "dose_mg": "DOUBLE",
         "version": "INTEGER", "superseded_by": "INTEGER", "deleted": "BOOLEAN"}  # fmt: skip


@pytest.fixture
def treatments(tmp_path):
    """The treatments known at the cut-off, of a database with the given versions of records."""

    def extract(*rows, **settings):
        path = tmp_path / "h.duckdb"
        path.unlink(missing_ok=True)
        frame = pd.DataFrame([TREATMENT | row for row in rows]).astype(object)
        with duckdb.connect(str(path)) as database:
            columns = ", ".join(f"{name}::{TYPES.get(name, 'VARCHAR')} AS {name}" for name in frame)
            database.register("frame", frame)
            database.execute(f"CREATE TABLE treatments AS SELECT {columns} FROM frame")
        return unpacked(extract_snapshot(settings=SETTINGS | settings, source=path)["treatments"])

    return extract


def test_a_record_that_began_and_was_recorded_by_the_cut_off_stays(treatments):
    assert treatments({})["record_id"].tolist() == ["T1"]


def test_a_record_that_began_later_is_not_there(treatments):
    assert treatments({"start_date": "2025-06-01"}).empty


def test_a_record_written_later_is_not_there_though_it_began_before(treatments):
    assert treatments({"recorded_on": "2025-06-01"}).empty


def test_a_record_written_later_is_there_if_the_study_says_known_by_then(treatments):
    assert len(treatments({"recorded_on": "2025-06-01"}, known_by="2025-06-30")) == 1


def test_a_treatment_stopped_after_the_cut_off_reads_as_ongoing(treatments):
    row = treatments({"stop_date": "2025-06-10", "stop_reason": "toxicity"}).iloc[0]
    assert (row["stop_date"], row["stop_reason"]) == (None, None)


def test_a_treatment_stopped_on_the_cut_off_has_its_stop_and_reason(treatments):
    row = treatments({"stop_date": "2025-05-31", "stop_reason": "toxicity"}).iloc[0]
    assert (row["stop_date"], row["stop_reason"]) == ("2025-05-31", "toxicity")


def test_of_an_edited_record_the_version_known_then_counts(treatments):
    first = {"dose_mg": 10.0, "superseded_by": 2}
    second = {"dose_mg": 5.0, "version": 2, "recorded_on": "2025-07-01"}
    assert treatments(first, second)["dose_mg"].tolist() == ["10.0"]


def test_of_an_edited_record_the_newest_known_version_counts(treatments):
    first = {"dose_mg": 10.0, "superseded_by": 2}
    second = {"dose_mg": 5.0, "version": 2, "recorded_on": "2025-03-01"}
    assert treatments(first, second)["dose_mg"].tolist() == ["5.0"]


def test_a_record_deleted_before_the_cut_off_is_gone_and_one_deleted_later_is_there(treatments):
    tombstone = {"version": 2, "deleted": True}
    assert treatments({}, tombstone | {"recorded_on": "2025-04-01"}).empty
    assert len(treatments({}, tombstone | {"recorded_on": "2025-08-01"})) == 1


def test_a_corrected_start_date_counts_from_when_it_was_known(treatments):
    moved = {"version": 2, "start_date": "2025-06-02", "recorded_on": "2025-05-01"}
    assert treatments({}, moved).empty


def test_a_version_without_recording_date_or_mark_of_deletion_counts_as_known(treatments):
    assert len(treatments({"recorded_on": None, "deleted": None})) == 1


def test_records_without_id_are_not_taken_for_versions_of_one(treatments):
    nameless = {"record_id": None}
    found = treatments({}, nameless, nameless | {"drug": "fulvestrant", "version": 2})
    assert sorted(found["drug"]) == ["everolimus", "everolimus", "fulvestrant"]


def test_an_unreadable_date_is_left_for_the_checks_and_told_to_nobody(tmp_path):
    with duckdb.connect(str(tmp_path / "h.duckdb")) as database:
        database.register("frame", pd.DataFrame([TREATMENT | {"start_date": "31.02.2024"}]).astype(object))
        columns = ", ".join(f"{name}::VARCHAR AS {name}" for name in TREATMENT)
        database.execute(f"CREATE TABLE treatments AS SELECT {columns} FROM frame")
    extracted = extract_snapshot(settings=SETTINGS, source=tmp_path / "h.duckdb")
    assert extracted["treatments"]["start_date"].tolist() == ["31.02.2024"]


def test_the_manifest_tells_query_rows_and_digest_of_the_source(treatments, tmp_path):
    treatments({}, {"record_id": "T2", "start_date": "2026-01-01"})
    manifest = json.loads(extract_snapshot(settings=SETTINGS, source=tmp_path / "h.duckdb")["manifest"])
    table = manifest["tables"]["treatments"]
    assert (table["rows_in_source"], table["records"], table["began"]) == (2, 1, "start_date")
    assert "max(version)" in table["query"]
    assert len(manifest["source_files"]["h.duckdb"]) == 64


def test_a_short_pseudonym_key_is_refused(monkeypatch):
    monkeypatch.setenv("CUTLINE_PSEUDONYM_KEY", "secret")
    with pytest.raises(SetupError, match="expected at least 32"):
        Pseudonyms.of("private")


def test_a_private_key_is_made_once_and_only_its_owner_can_read_it(monkeypatch, tmp_path):
    monkeypatch.delenv("CUTLINE_PSEUDONYM_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config").mkdir()
    assert Pseudonyms.of("private") == Pseudonyms.of("private") != Pseudonyms.of("public")
    assert (tmp_path / "config/pseudonym.key").stat().st_mode & 0o777 == 0o600


def test_hospital_numbers_and_identifiers_do_not_leave(treatments):
    snapshot = treatments({"name": "Synthetic 0001", "phone": "000"})
    assert "1001" not in snapshot.to_csv()
    assert "Synthetic" not in snapshot.to_csv()
    assert len(snapshot["patient_id"].iloc[0]) == 16


def test_one_person_has_one_pseudonym_in_every_row(treatments):
    assert treatments({}, {"record_id": "T2"}, {"record_id": "T3", "patient_id": "1002"})["patient_id"].nunique() == 2


def test_a_missing_table_names_it_and_what_there_is(treatments, tmp_path):
    treatments({})
    tables = {"source": SETTINGS["source"] | {"tables": {"deaths": {}}}}
    with pytest.raises(SourceError, match="table deaths is missing; found: treatments"):
        extract_snapshot(settings=SETTINGS | tables, source=tmp_path / "h.duckdb")


def test_a_missing_column_is_named(tmp_path):
    with duckdb.connect(str(tmp_path / "h.duckdb")) as database:
        database.execute("CREATE TABLE treatments AS SELECT 'T1' AS record_id, '1' AS patient_id")
    with pytest.raises(SourceError, match=r"missing column\(s\) atc, .*start_date"):
        extract_snapshot(settings=SETTINGS, source=tmp_path / "h.duckdb")


def test_a_file_that_is_no_database_is_a_source_error(tmp_path):
    (tmp_path / "h.duckdb").write_text("not a database")
    with pytest.raises(SourceError, match="not a DuckDB database"):
        extract_snapshot(settings=SETTINGS, source=tmp_path / "h.duckdb")


# ── files ──

COLUMNS = {"age": {"from": "Yas", "kind": "integer"}, "time": {"from": "gun", "kind": "integer"}}
FILES = {"source": {"kind": "files", "path": "a.csv", "description": "a spreadsheet", "pseudonym_key": "public",
                    "tables": {"subjects": {"id": "hasta", "columns": COLUMNS}}},
         "data_cutoff": "2025-05-31", "known_by": "2025-05-31"}  # fmt: skip


def test_a_spreadsheet_with_one_row_per_person_is_read_under_our_names(tmp_path):
    (tmp_path / "a.csv").write_text("hasta,Yas,gun,isim\n7, 51 ,200,A B\n", encoding="utf-8-sig")
    subjects = extract_snapshot(settings=FILES, source=tmp_path / "a.csv")["subjects"]
    assert subjects[["age", "time"]].values.tolist() == [["51", "200"]]
    assert "A B" not in subjects.to_csv()
    assert subjects["record_id"].tolist() == subjects["patient_id"].tolist() != ["7"], "the number is the hospital's"


def test_a_progression_after_the_cut_off_is_not_yet_known_in_a_row_per_person(tmp_path):
    columns = {"progressed_on": {"from": "progresyon", "kind": "date"}}
    tables = {"subjects": {"id": "hasta", "columns": columns}}
    (tmp_path / "a.csv").write_text("hasta,progresyon\n7,2025-05-31\n8,2025-06-01\n")
    settings = FILES | {"source": FILES["source"] | {"tables": tables}}
    subjects = unpacked(extract_snapshot(settings=settings, source=tmp_path / "a.csv")["subjects"])
    assert set(subjects["progressed_on"]) == {"2025-05-31", None}


def test_a_contact_after_the_cut_off_says_alive_at_the_cut_off_where_the_column_says_so(tmp_path):
    columns = {"last_contact": {"from": "kontrol", "kind": "date", "lasting": True}}
    (tmp_path / "a.csv").write_text("hasta,kontrol\n7,01.02.2025\n8,01.07.2025\n9,sonra\n")
    source = FILES["source"] | {"date_format": "%d.%m.%Y", "tables": {"subjects": {"id": "hasta", "columns": columns}}}
    subjects = extract_snapshot(settings=FILES | {"source": source}, source=tmp_path / "a.csv")["subjects"]
    assert set(subjects["last_contact"]) == {"2025-02-01", "2025-05-31", "sonra"}


def test_a_column_that_may_be_empty_need_not_be_in_the_file(tmp_path):
    (tmp_path / "f.csv").write_text("record_id,patient_id,contact_date\na,1,2025-05-31\n")
    settings = FILES | {"source": FILES["source"] | {"tables": {"follow_up": {}}}}
    status = extract_snapshot(settings=settings, source=tmp_path / "f.csv")["follow_up"]["status"]
    assert status.isna().tolist() == [True]


def test_a_missing_column_of_a_file_is_named_with_what_there_is(tmp_path):
    (tmp_path / "a.csv").write_text("hasta,gun\n7,200\n")
    with pytest.raises(SourceError, match=r"a\.csv: missing column\(s\) Yas; found: hasta, gun"):
        extract_snapshot(settings=FILES, source=tmp_path / "a.csv")


def test_another_encoding_is_an_error_that_says_what_to_set(tmp_path):
    (tmp_path / "a.csv").write_bytes("hasta,Yas,gun\nİ,51,200\n".encode("windows-1254"))
    with pytest.raises(SourceError, match=r"source\.encoding"):
        extract_snapshot(settings=FILES, source=tmp_path / "a.csv")
    turkish = FILES | {"source": FILES["source"] | {"encoding": "windows-1254"}}
    assert extract_snapshot(settings=turkish, source=tmp_path / "a.csv")["subjects"]["time"].tolist() == ["200"]


def test_files_are_bounded_by_their_dates(tmp_path):
    tables = {"follow_up": {"path": "f.csv"}}
    (tmp_path / "f.csv").write_text(
        "record_id,patient_id,contact_date,kind,status\na,1,2025-05-31,visit,alive\nb,1,2025-06-01,visit,alive\n"
        "c,1,someday,visit,alive\n"
    )
    settings = FILES | {"source": FILES["source"] | {"tables": tables}}
    extracted = extract_snapshot(settings=settings, source=tmp_path / "f.csv")
    assert extracted["follow_up"]["record_id"].tolist() == ["a", "c"], "an unreadable date is for the checks to judge"
    assert "keeps no recording dates" in json.loads(extracted["manifest"])["note"]


@pytest.mark.parametrize("shuffled", [[0, 1, 2, 3, 4, 5], [5, 3, 0, 4, 2, 1]])
def test_rows_come_by_pseudonym_then_id_then_content_however_the_source_orders_them(tmp_path, shuffled):
    rows = ["b,1,2025-01-02", "b,1,2025-01-01", "a,1,2025-01-03", ",1,2025-01-04", "c,2,2025-01-05", "a,,2025-01-06"]
    lines = ["record_id,patient_id,contact_date", *(rows[place] for place in shuffled)]
    (tmp_path / "f.csv").write_text("\n".join(lines) + "\n")
    settings = FILES | {"source": FILES["source"] | {"tables": {"follow_up": {}}}}
    found = extract_snapshot(settings=settings, source=tmp_path / "f.csv")["follow_up"]
    one, two = Pseudonyms.of("public").replace(pd.Series(["1", "2"]))
    assert two < one
    assert found["contact_date"].str[-1].tolist() == ["5", "3", "1", "2", "4", "6"]
    assert unpacked(found)["patient_id"].tolist() == [two, one, one, one, one, None]


@pytest.mark.parametrize("column", ["name", "Full Name", "TC Kimlik No", "Adı", "telefon"])
def test_an_identifier_cannot_be_asked_for_under_any_name(tmp_path, column):
    tables = {"subjects": {"id": "hasta", "columns": {"who": {"from": column}}}}
    with pytest.raises(ConfigError, match="direct identifiers may not leave"):
        extract_snapshot(settings=FILES | {"source": FILES["source"] | {"tables": tables}}, source=tmp_path / "a.csv")
