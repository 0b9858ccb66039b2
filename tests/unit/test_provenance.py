"""A file is what its record says, or the run stops."""

import asyncio
import json
import os
import subprocess
from pathlib import Path

import duckdb
import pytest

from cutline.errors import ProvenanceError
from cutline.provenance import (
    LONG_AGO,
    WORKFLOW,
    age_outdated,
    fingerprint,
    job_record,
    made_by,
    once_while_unchanged,
    portable,
    read_record,
    record_path,
    recorded_name,
    verified,
    write_record,
)


@pytest.fixture
def made(tmp_path):
    """A file with the record of the job that made it."""
    file = tmp_path / "patient" / "cohort.csv"
    file.parent.mkdir()
    file.write_text("patient_id\na\n")
    job = job_record("select_cohort", {"lib/cutline/cohort.py": "1"}, {"criteria": ["x"]}, [])
    write_record(job, file, tmp_path, fingerprint(file), 1)
    return file


def test_an_untouched_file_agrees_with_its_record(made):
    assert verified(made, made_here=True) == fingerprint(made)


def test_a_file_edited_by_hand_is_refused_by_name_and_rule(made):
    made.write_text("patient_id\nb\n")
    with pytest.raises(ProvenanceError, match=r"cohort\.csv: this file was changed after rule select_cohort wrote it"):
        verified(made, made_here=True)


def test_a_result_without_record_is_refused(made):
    record_path(made).unlink()
    with pytest.raises(ProvenanceError, match="no provenance record"):
        verified(made, made_here=True)


def test_a_source_file_needs_no_record(tmp_path):
    (tmp_path / "source.csv").write_text("x")
    assert verified(tmp_path / "source.csv", made_here=False)


def test_a_damaged_record_is_refused(made):
    record_path(made).write_text("{")
    with pytest.raises(ProvenanceError, match="damaged"):
        verified(made, made_here=True)


def test_a_record_tells_rule_rows_code_settings_and_versions_and_no_time_or_host(made):
    record = json.loads(record_path(made).read_text())
    assert set(record) == {"rule", "inputs", "code", "blobs", "settings", "versions", "output"}
    assert record["output"]["rows"] == 1


def test_a_database_is_known_by_its_content_and_not_by_its_bytes(tmp_path):
    for name, rows in (("one", "(1),(2)"), ("two", "(2),(1)"), ("three", "(1),(3)")):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as database:
            database.execute(f"CREATE TABLE t AS SELECT * FROM (VALUES {rows}) AS v(x)")
    one, two, three = (fingerprint(tmp_path / f"{name}.duckdb") for name in ("one", "two", "three"))
    assert one == two != three


@pytest.mark.parametrize("rows", ["(1),(1)", "(1),(1),(1),(1)", "(NULL),(2)", "(2)", "(1),(1),(2)"])
def test_a_row_too_many_or_too_few_makes_another_database(tmp_path, rows):
    for name, values in (("one", "(1),(2)"), ("two", rows)):
        with duckdb.connect(str(tmp_path / f"{name}.duckdb")) as database:
            database.execute(f"CREATE TABLE t AS SELECT * FROM (VALUES {values}) AS v(x)")
    assert fingerprint(tmp_path / "one.duckdb") != fingerprint(tmp_path / "two.duckdb")


def test_a_database_that_was_read_is_looked_up_by_its_bytes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path(".snakemake").mkdir()
    with duckdb.connect("a.duckdb") as database:
        database.execute("CREATE TABLE t AS SELECT 1 AS x")
    first = fingerprint(Path("a.duckdb"))
    monkeypatch.setattr("cutline.provenance._digest_of_rows", lambda file: pytest.fail("was read again"))
    assert fingerprint(Path("a.duckdb")) == first


def test_a_record_names_no_home_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert portable(tmp_path / "results" / "a.csv") == "results/a.csv"
    assert portable(tmp_path.parent / "elsewhere.csv") == "elsewhere.csv"


def test_an_output_of_other_code_looks_old_and_keeps_its_content(made):
    before = made.read_bytes()
    age_outdated(made.parent, lambda rule: ({"cohort.py": "2"}, {"criteria": ["x"]}))
    assert (os.stat(made).st_mtime, made.read_bytes()) == (LONG_AGO, before)


def test_an_output_of_the_same_code_and_settings_is_left_alone(made):
    then = os.stat(made).st_mtime
    age_outdated(made.parent, lambda rule: ({"lib/cutline/cohort.py": "1"}, {"criteria": ["x"]}))
    assert os.stat(made).st_mtime == then


def test_another_order_of_settings_is_another_job_since_it_is_the_order_of_display(made):
    record = read_record(made) | {"settings": {"b": 1, "a": 2}}
    assert made_by(record, record["code"], {"b": 1, "a": 2})
    assert not made_by(record, record["code"], {"a": 2, "b": 1})


def test_a_record_names_files_by_their_cut_so_that_a_rebuild_elsewhere_gives_the_same(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path.parent)
    assert recorded_name(made, tmp_path) == "cut:patient/cohort.csv"
    assert recorded_name(made, None) == f"{tmp_path.name}/patient/cohort.csv"
    assert recorded_name(tmp_path.parent.parent / "source.csv", tmp_path) == "outside:source.csv"


def test_the_code_is_named_as_git_names_its_content(made):
    blob = read_record(made)["blobs"]["lib/cutline/cohort.py"]
    file = WORKFLOW / "lib" / "cutline" / "cohort.py"
    told = subprocess.run(["git", "hash-object", str(file)], capture_output=True, text=True, check=True)
    assert blob == told.stdout.strip()


def test_a_file_without_record_has_none(tmp_path):
    assert read_record(tmp_path / "nothing.csv") is None


def test_a_file_is_digested_once_for_as_long_as_it_is_the_same(made):
    digested = []

    async def digest(file, limit, algorithm="sha256"):
        digested.append((file, limit, algorithm))
        return f"{algorithm} of {Path(file).read_text()}"

    once = once_while_unchanged(digest)
    first = [asyncio.run(once(str(made), 1000)) for _ in range(3)]
    made.write_text("patient_id\nb\n")
    os.utime(made, (1, 1))  # as many bytes as before, written at another time
    assert {*first} == {"sha256 of patient_id\na\n"}
    assert asyncio.run(once(str(made), 1000)) == "sha256 of patient_id\nb\n"
    assert asyncio.run(once(str(made), 1000, algorithm="md5")) == "md5 of patient_id\nb\n"
    assert len(digested) == 3


def test_a_file_that_is_not_there_yet_is_asked_for_again_once_it_is(tmp_path):
    async def digest(file):
        return Path(file).exists()

    once, file = once_while_unchanged(digest), tmp_path / "later.csv"
    before = asyncio.run(once(str(file)))
    file.touch()
    assert (before, asyncio.run(once(str(file)))) == (False, True)
