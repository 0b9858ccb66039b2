"""The job contract: inputs verified, tables through their specs, outputs in one step, mistakes in one line."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from cutline.errors import CohortError
from cutline.job import run
from cutline.provenance import record_path
from cutline.stored import read
from cutline.tables import cohort
from cutline.tables.spec import packed_text


class Named(dict):
    """Named files as Snakemake gives them: by key and as attributes."""

    __getattr__ = dict.__getitem__


class Files(Named):
    """Outputs, which Snakemake also gives by position."""

    def __getitem__(self, position):
        return list(self.values())[position]


@pytest.fixture
def job(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("results/cut/patient", "logs"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "results/cut/patient/raw.json").write_text("{}")

    def make(function, source="config.json", **how):
        (tmp_path / "config.json").write_text("{}")
        snakemake = SimpleNamespace(
            rule="select_cohort", input=Named(source=source), log=["logs/select_cohort.log"],
            output=Files(cohort="results/cut/patient/cohort.parquet"),
            params=SimpleNamespace(code={"a": "1"}, settings={"b": 2}), threads=2,
        )  # fmt: skip
        run(snakemake, function, tables=[cohort], **how)
        return tmp_path / "results/cut/patient/cohort.parquet"

    return make


def included(*patients):
    return {"cohort": pd.DataFrame({"patient_id": patients}).reindex(columns=cohort.COHORT.names)}


def test_a_table_is_written_in_its_order_with_its_record(job):
    file = job(lambda settings, source: included("b", "a"))
    assert pd.read_parquet(file)["patient_id"].tolist() == ["a", "b"]
    record = json.loads(record_path(file).read_text())
    assert (record["rule"], record["settings"], record["output"]["rows"]) == ("select_cohort", {"b": 2}, 2)
    assert [entry["path"] for entry in record["inputs"]] == ["config.json"]


def test_categorical_text_is_written_as_text_in_the_order_of_its_letters(job):
    persons = pd.Categorical(["b", "a", "c"], categories=["c", "b", "a"])
    about = pd.Categorical([None, "lines", None], categories=["lines"])
    rows = pd.DataFrame({"patient_id": persons, "source_table": about}).reindex(columns=cohort.COHORT.names)
    written = pd.read_parquet(job(lambda settings, source: {"cohort": rows}))
    assert written["patient_id"].tolist() == ["a", "b", "c"]
    assert written["source_table"].tolist() == ["lines", None, None]
    assert written.dtypes[["patient_id", "source_table"]].tolist() == [object, object]


def test_what_was_written_is_read_as_its_spec_has_it(job):
    file = job(lambda settings, source: included("b", "a"))
    table = read(file, {"cohort": cohort.COHORT})
    assert table["patient_id"].tolist() == ["a", "b"]
    assert table["source_record_id"].isna().all()
    assert table.dtypes.tolist() == [packed_text(), np.dtype("datetime64[ns]"), object, object]  # no text, no buffers


def test_a_mistake_of_the_user_ends_the_job_with_a_note_and_no_output(job, tmp_path):
    def nobody(settings, source):
        raise CohortError("nobody is eligible")

    with pytest.raises(SystemExit):
        job(nobody)
    note = json.loads((tmp_path / "logs" / "error.json").read_text())
    assert note == {"rule": "select_cohort", "error": "CohortError", "exit_code": 14, "message": "nobody is eligible"}
    assert "Traceback" not in (tmp_path / "logs" / "select_cohort.log").read_text()
    assert list((tmp_path / "results/cut/patient").glob("cohort*")) == []


def test_a_bug_of_ours_keeps_its_traceback_and_what_it_says_stays_at_patient_level(job, tmp_path):
    value = " ".join(["a", "patient", "value"])

    def bug(settings, source):
        raise ValueError(f"could not read {value!r}")

    with pytest.raises(SystemExit):
        job(bug)
    log = (tmp_path / "logs" / "select_cohort.log").read_text()
    assert "in bug" in log
    assert "a patient value" not in log
    assert "a patient value" in (tmp_path / "results/cut/patient/select_cohort.traceback.txt").read_text()


def test_an_input_that_some_rule_makes_must_have_a_record(job, tmp_path):
    with pytest.raises(SystemExit):
        job(lambda settings, source: included("a"), source="results/cut/patient/raw.json")
    assert "no provenance record" in (tmp_path / "logs" / "error.json").read_text()


def test_a_job_that_dies_while_writing_leaves_the_old_file(job, tmp_path):
    file = job(lambda settings, source: included("a"))
    before = file.read_bytes()
    with pytest.raises(SystemExit):
        job(lambda settings, source: {})
    assert file.read_bytes() == before


def test_a_job_in_halves_writes_what_it_writes_in_one_piece(job, tmp_path, monkeypatch):
    persons = pd.DataFrame({"patient_id": [f"{place:x}0" for place in range(16)]})
    persons.to_parquet(tmp_path / "config.parquet")

    def select(settings, source):
        return included(*source["patient_id"])

    whole = job(select, source="config.parquet").read_bytes()
    monkeypatch.setattr("cutline.job.MANY_ROWS", 1)
    file = job(select, source="config.parquet", person_by_person=True)
    assert file.read_bytes() == whole
    (entry,) = json.loads(record_path(file).read_text())["inputs"]
    assert entry["rows"] == 16
