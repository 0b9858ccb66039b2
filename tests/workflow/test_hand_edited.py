"""A file edited by hand stops the job that reads it, by name, whatever kind of file it is.

Every file of a finished run is edited and shown to the check that each job makes of its inputs. Real runs then show
that the jobs of every step do make that check; several files are edited at once where no reader waits for another.
"""

import json
import shutil

import duckdb
import pandas as pd
import pytest

from cutline import errors, provenance
from tests.workflow.conftest import DEFAULT_CUT
from tests.workflow.same_bytes import must_be_the_same

DATABASE = "resources/everolimus_exemestane/hospital.duckdb"
TEXT = (".csv", ".json", ".md", ".html", ".svg", ".qmd", ".css", ".csl", ".bib", ".yml", ".lua")


def doctor(file):
    """Change a file into another valid one of its kind, as somebody would who wants another result."""
    if file.suffix == ".parquet":
        table = pd.read_parquet(file)
        edited = table.iloc[:-1] if len(table) else pd.concat([table, pd.DataFrame([{}])])
        edited.to_parquet(file, index=False)
    elif file.suffix == ".duckdb":
        with duckdb.connect(str(file)) as database:
            database.execute("UPDATE deaths SET death_date = death_date + 1")
    elif file.suffix in TEXT:
        text = file.read_text(encoding="utf-8")
        file.write_text(text.replace("1", "2", 1) if "1" in text else text + "\n", encoding="utf-8")
    else:
        file.write_bytes(file.read_bytes() + b"\0")


def recorded(project):
    """Every file with a record, of the results and of the source."""
    folders = (project.path / DEFAULT_CUT, project.path / "resources")
    records = [path for folder in folders for path in folder.rglob(f"*{provenance.SUFFIX}")]
    return sorted(path.with_name(path.name.removesuffix(provenance.SUFFIX)) for path in records)


def refusal(file):
    """What the check of a job's inputs says of a file; blank if it believes it."""
    try:
        provenance.verified(file, made_here=True)
    except errors.ProvenanceError as error:
        return str(error)
    return ""


def test_every_file_of_a_finished_run_is_refused_by_name_after_an_edit(finished, tmp_path):
    believed = []
    for file in recorded(finished):
        copy = tmp_path / file.name
        shutil.copy2(file, copy)
        shutil.copy2(provenance.record_path(file), provenance.record_path(copy))
        assert refusal(copy) == ""
        doctor(copy)
        if file.name not in refusal(copy):
            believed.append(file.name)
    assert believed == []


EDITED_AT_ONCE = [
    {DATABASE: "extract_snapshot"},
    {"patient/accepted/pathology.parquet": "derive_covariates"},
    {"patient/response.parquet": "derive_endpoints"},
    {
        "aggregate/accounting.csv": "summarise_quality",
        "aggregate/attrition.csv": "summarise_baseline",
        "patient/endpoints.parquet": "fit_cox",
        "patient/safety.parquet": "summarise_safety",
    },
    {"aggregate/released/ard/fit_cox.csv": "present_tables"},
    {"aggregate/released/curves/os.csv": "draw_figures"},
    {"aggregate/figures/figure_2_survival_pfs.svg": "render_report"},
]
"""File edited → the job that reads it; at once where none of these jobs waits for another."""


@pytest.mark.parametrize("readers", EDITED_AT_ONCE, ids=lambda readers: "+".join(readers.values()))
def test_the_run_refuses_a_file_edited_by_hand_and_names_it(project, readers):
    for file in readers:
        doctor(project.path / (file if file == DATABASE else DEFAULT_CUT / file))
    outcome = project.run("--keep-going")
    assert outcome.code == errors.ProvenanceError.exit_code, outcome.text
    assert not outcome.rules & set(readers.values())
    for file, reader in readers.items():
        log = project.path / "logs" / DEFAULT_CUT.relative_to("results") / f"{reader}.log"
        assert f"{file}: this file was changed after rule" in log.read_text(encoding="utf-8")


def test_every_record_edited_by_hand_is_refused_like_its_file(finished, tmp_path):
    believed = []
    for file in recorded(finished):
        copy = tmp_path / file.name
        shutil.copy2(file, copy)
        record = json.loads(provenance.record_path(file).read_text(encoding="utf-8"))
        record["output"]["sha256"] = "0" * 64
        provenance.record_path(copy).write_text(json.dumps(record), encoding="utf-8")
        if file.name not in refusal(copy):
            believed.append(file.name)
    assert believed == []


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", "1", '{"rule": "fit_cox"}'])
def test_a_damaged_record_is_refused_by_name(tmp_path, content):
    file = tmp_path / "ard.csv"
    file.write_text("key\n")
    provenance.record_path(file).write_text(content, encoding="utf-8")
    with pytest.raises(errors.ProvenanceError, match=r"ard\.csv\.prov\.json: this provenance record is damaged"):
        provenance.verified(file, made_here=True)


def test_a_damaged_record_stops_the_run_with_what_to_do_and_that_mends_it(finished, project):
    file = project.path / DEFAULT_CUT / "patient/ledger.parquet"
    record = provenance.record_path(file)
    record.write_text("", encoding="utf-8")
    outcome = project.run()
    assert outcome.code == errors.ProvenanceError.exit_code, outcome.text
    assert "Delete it and ledger.parquet and run again" in outcome.text
    assert "Traceback" not in outcome.text
    record.unlink()
    file.unlink()
    assert project.run().rules == {"select_cohort"}
    must_be_the_same(project.path / DEFAULT_CUT, finished.path / DEFAULT_CUT)
