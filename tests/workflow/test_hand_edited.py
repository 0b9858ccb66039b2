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

DATABASE = "resources/everolimus_exemestane/hospital.duckdb"
TEXT = (".csv", ".json", ".md", ".html", ".svg", ".qmd", ".css", ".csl", ".bib", ".yml")


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


def test_every_file_of_a_finished_run_is_refused_after_an_edit(finished, tmp_path):
    believed = []
    for file in recorded(finished):
        copy = tmp_path / file.name
        shutil.copy2(file, copy)
        shutil.copy2(provenance.record_path(file), provenance.record_path(copy))
        provenance.verified(copy, made_here=True)
        doctor(copy)
        try:
            provenance.verified(copy, made_here=True)
        except errors.ProvenanceError as error:
            if file.name in str(error):
                continue
        believed.append(file.name)
    assert believed == []


EDITED_AT_ONCE = [
    {DATABASE: "extract_snapshot"},
    {"patient/snapshot/deaths.parquet": "check_records"},
    {"patient/accepted/pathology.parquet": "derive_covariates", "aggregate/accounting.csv": "summarise_quality"},
    {"patient/covariates.parquet": "select_cohort"},
    {
        "aggregate/attrition.csv": "summarise_baseline",
        "patient/endpoints.parquet": "fit_cox",
        "patient/response.parquet": "summarise_response",
        "patient/safety.parquet": "summarise_safety",
    },
    {"aggregate/curves/pfs.csv": "release_results"},
    {
        "aggregate/released/ard/fit_cox.csv": "present_tables",
        "aggregate/released/curves/os.csv": "draw_figures",
    },
    {"aggregate/ard.csv": "render_report"},
    {"aggregate/figures/figure_2_survival_pfs.svg": "render_report"},
]


@pytest.mark.parametrize("readers", EDITED_AT_ONCE, ids=lambda readers: ", ".join(readers.values()))
def test_the_run_refuses_a_file_edited_by_hand_and_names_it(project, readers):
    for file in readers:
        doctor(project.path / (file if file == DATABASE else DEFAULT_CUT / file))
    outcome = project.run("--keep-going")
    assert outcome.code == errors.ProvenanceError.exit_code, outcome.text
    assert "was changed after rule" in outcome.text
    for file, reader in readers.items():
        log = (project.path / "logs" / DEFAULT_CUT.relative_to("results") / f"{reader}.log").read_text(encoding="utf-8")
        assert f"{file}: this file was changed after rule" in log
    assert not outcome.rules & set(readers.values())


def test_a_record_edited_by_hand_is_refused_like_its_file(project):
    record = provenance.record_path(project.path / DEFAULT_CUT / "patient/endpoints.parquet")
    content = json.loads(record.read_text(encoding="utf-8"))
    content["output"]["sha256"] = "0" * 64
    record.write_text(json.dumps(content), encoding="utf-8")
    project.edit("workflow/lib/cutline/cox.py", lambda text: text + "\n_EDITED = True\n")
    outcome = project.run()
    assert outcome.code == errors.ProvenanceError.exit_code, outcome.text
    assert "endpoints.parquet" in outcome.text


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"rule": "fit_cox"'])
def test_a_damaged_record_is_named_with_what_to_do_and_that_mends_it(project, content):
    file = project.path / DEFAULT_CUT / "aggregate/tables/table_1_baseline.csv"
    provenance.record_path(file).write_text(content, encoding="utf-8")
    outcome = project.run()
    print(outcome.text)
