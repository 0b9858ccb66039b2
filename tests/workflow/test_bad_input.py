"""A mistake gives one readable message and its own exit code; nothing is lost, nothing leaks."""

import pytest

from cutline import errors
from tests.workflow.conftest import DEFAULT_CUT

COHORT = str(DEFAULT_CUT / "patient/cohort.parquet")


def stopped(outcome, error, *words):
    assert outcome.code == error.exit_code, outcome.text
    assert "Traceback" not in outcome.text
    for word in words:
        assert word in outcome.text


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ("study=gbgs2", ["did you mean gbsg2?"]),
        ("data_cutoff=2025-06-31", ["2025-06-31", "real date"]),
        ("data_cutoff=2019-01-01", ["before the study window"]),
        ("data_cuttoff=2025-01-01", ["did you mean data_cutoff?"]),
    ],
)
def test_a_mistake_in_the_configuration(empty_project, config, words):
    stopped(empty_project.run("--config", config), errors.ConfigError, *words)


def spreadsheet(project, text, *config, encoding="utf-8", id_column="row number"):
    """A study on a spreadsheet of the user's own, made from gbsg2 by configuration only."""
    folder = project.path / "config/studies/mine"
    folder.mkdir()
    gbsg2 = (project.path / "config/studies/gbsg2/study.yaml").read_text()
    mine = gbsg2.replace("  package: lifelines\n", "").replace("path: datasets/gbsg2.csv", "path: data/cohort.csv")
    (folder / "study.yaml").write_text(mine.replace("id: row number", f"id: {id_column}"))
    (project.path / "data").mkdir()
    if text is not None:
        (project.path / "data/cohort.csv").write_bytes(text.encode(encoding))
    return project.run("--config", "study=mine", *config)


def test_a_misspelt_level_in_a_criterion_stops_before_the_first_job(empty_project):
    study = "config/studies/everolimus_exemestane/study.yaml"
    empty_project.edit(study, lambda text: text.replace("{her2_status: [positive]}", "{her2_status: [positve]}"))
    outcome = empty_project.run()
    stopped(outcome, errors.ConfigError, "criteria.her2_positive", "'positve'", "did you mean positive?")
    assert outcome.rules == set()


HEADER = "horTh,age,menostat,tsize,tgrade,pnodes,progrec,estrec,time,cens\n"


def test_a_missing_file(empty_project):
    stopped(spreadsheet(empty_project, None), errors.SourceError, "data/cohort.csv", "does not exist")


def test_a_missing_column(empty_project):
    outcome = spreadsheet(empty_project, HEADER.replace("tgrade,", "") + "no,70,Post,21,3,48,66,1814,1\n")
    stopped(outcome, errors.SourceError, "cohort.csv: missing column(s) tgrade")


def test_a_wrong_encoding(empty_project):
    outcome = spreadsheet(empty_project, HEADER + "no,70,Öncü,21,II,3,48,66,1814,1\n", encoding="windows-1254")
    stopped(outcome, errors.SourceError, "source.encoding")


def test_a_file_whose_rows_are_all_faulty_still_gives_an_honest_empty_report(empty_project):
    outcome = spreadsheet(empty_project, HEADER + "no,seventy,Post,21,II,3,48,66,1814,1\n")
    assert outcome.code == 0, outcome.text
    assert "seventy" not in outcome.text


def test_an_endpoint_without_events_still_gives_a_report(empty_project):
    rows = "".join(f"{'yes' if i % 2 else 'no'},{50 + i},Post,21,II,3,48,66,{1000 + i},0\n" for i in range(12))
    outcome = spreadsheet(empty_project, HEADER + rows, "report={formats: [html]}", "exports={formats: []}")
    assert outcome.code == 0, outcome.text


def test_a_results_folder_that_cannot_be_written(empty_project):
    (empty_project.path / "taken").write_text("a file, not a folder")
    stopped(empty_project.run("--config", "results_dir=taken"), errors.SetupError, "taken", "cannot be written")


def test_a_patient_listed_twice(empty_project):
    row = "{},51,Post,21,II,3,48,66,1814,1\n"
    text = HEADER + "".join(row.format(arm) for arm in ("no", "yes"))
    outcome = spreadsheet(empty_project, text, id_column="age")
    stopped(outcome, errors.RecordError, "2 rows belong to persons listed more than once")
