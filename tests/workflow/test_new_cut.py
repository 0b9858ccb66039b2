"""From the old cut to the new one with one command: a new tree, and what changed and why."""

import csv
import json
import math
import re
from pathlib import Path

import pytest

from cutline.audit.cut import open_cut
from cutline.audit.verify import verify
from tests.workflow.conftest import DEFAULT_CUT, GBSG2_CUT, LATER, LATER_CUT

SEALED = 18


def table(project, file):
    """The rows of a CSV file of the later cut."""
    with (project.path / LATER_CUT / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def text(project):
    """What a reader of the change report sees."""
    page = (project.path / LATER_CUT / "report/changes.html").read_text(encoding="utf-8")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<body")[2]))


def files(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_old_tree_stays_as_it_was(finished, updated):
    assert files(updated.path / DEFAULT_CUT) == files(finished.path / DEFAULT_CUT)


def test_both_cuts_hold(updated):
    for name in (DEFAULT_CUT.name, LATER):
        findings = [str(each) for of_check in verify(open_cut(updated.path, cut=name)).values() for each in of_check]
        assert findings == []


def test_the_old_cut_has_nothing_to_do_beside_the_new_one(updated):
    assert updated.run().nothing_to_do
    assert updated.run("--config", f"data_cutoff={LATER}").nothing_to_do


def test_the_change_report_names_what_the_source_holds_after_the_old_cut(updated):
    found = {(row["table"], row["kind"]) for row in table(updated, "aggregate/changes/records.csv")}
    assert {("deaths", "follow_up"), ("deaths", "late"), ("adverse_events", "late"), ("adverse_events", "deleted"),
            ("pathology", "corrected"), ("observations", "corrected"), ("assessments", "corrected"),
            ("pathology", "completed")} <= found  # fmt: skip
    told = text(updated)
    assert "6 patients entered the cohort" in told
    assert "corrected" in told
    assert "deleted" in told
    assert "12 more events" in told


def test_every_key_is_in_the_table_of_changes(updated):
    keys = {row["key"] for row in table(updated, "report/changes.csv")}
    for cut in (DEFAULT_CUT, LATER_CUT):
        with (updated.path / cut / "aggregate/ard.csv").open(encoding="utf-8", newline="") as stream:
            assert {row["key"] for row in csv.DictReader(stream)} <= keys


def test_the_pieces_of_each_headline_result_add_up_to_its_difference(updated):
    results = {}
    for row in table(updated, "aggregate/changes/attribution.csv"):
        results.setdefault(row["key"], []).append(row)
    assert len(results) > 50
    whole = {key: rows for key, rows in results.items() if all(row["piece"] for row in rows)}
    assert len(whole) > 50
    for rows in whole.values():
        scale = math.log if rows[0]["scale"] == "log" else float
        difference = scale(float(rows[-1]["after"])) - scale(float(rows[0]["before"]))
        assert sum(float(row["piece"]) for row in rows) == pytest.approx(difference, abs=1e-12)


def test_no_p_value_is_attributed(updated):
    assert not [row["key"] for row in table(updated, "aggregate/changes/attribution.csv") if row["key"].endswith(".p")]


def test_no_pseudonym_is_in_what_may_be_shared(updated):
    import pandas as pd

    persons = set(pd.read_parquet(updated.path / LATER_CUT / "patient/changed_persons.parquet")["patient_id"])
    assert persons
    shared = [*(updated.path / LATER_CUT / "aggregate").rglob("*"), *(updated.path / LATER_CUT / "report").rglob("*")]
    content = b"".join(path.read_bytes() for path in shared if path.is_file())
    assert not [person for person in persons if person.encode() in content]


def test_a_sealed_cut_runs_if_nothing_would_change_and_refuses_if_something_would(updated, tmp_path):
    project = updated.copy_to(tmp_path / "project")
    later = ("--config", f"data_cutoff={LATER}")
    assert project.ask("freeze", "--cut", LATER).returncode == 0
    assert (project.path / f"{LATER_CUT}.zip").is_file()
    assert project.run(*later).nothing_to_do
    project.edit("workflow/lib/cutline/cox/fit.py", lambda text: text + "\n_X = 1\n")
    refused = project.run(*later)
    assert refused.code == SEALED
    assert "fit_cox: fit.py changed" in refused.text
    assert "freeze --undo" in refused.text


def test_a_comparison_with_nothing_is_none(updated):
    for wanted, compared in (("previous", True), ("none", False)):
        planned = updated.run("-n", "--config", "data_cutoff=2025-10-31", f"compare_with={wanted}")
        assert ("compare_cuts" in planned.text) == compared


def test_the_same_command_compares_two_code_versions_on_one_cut(project_gbsg2):
    project = project_gbsg2
    project.edit("workflow/lib/cutline/cox/fit.py", lambda text: text + "\n_X = 1\n")
    cut = Path("checked", *GBSG2_CUT.parts[1:])
    changes = f"{cut.as_posix()}/report/changes.csv"
    outcome = project.run(changes, "--config", "results_dir=checked", f"compare_with={GBSG2_CUT.as_posix()}")
    assert outcome.code == 0, outcome.text
    cut = project.path / cut
    with (cut / "report/changes.csv").open(encoding="utf-8", newline="") as stream:
        assert {row["status"] for row in csv.DictReader(stream)} == {"same"}


def test_a_cut_to_compare_with_that_is_not_there_is_a_mistake_of_the_configuration(finished, tmp_path):
    project = finished.copy_to(tmp_path / "project")
    outcome = project.run("--config", f"data_cutoff={LATER}", "compare_with=2020-01-01")
    assert outcome.code == 11
    assert "compare_with: found '2020-01-01'; expected previous, none, a cut that has results in" in outcome.text


def test_the_ledger_tells_of_both_runs_which_jobs_ran(updated):
    for cut, made in ((DEFAULT_CUT, "simulate_source"), (LATER_CUT, "compare_cuts")):
        entries = [json.loads(line) for line in (updated.path / cut / "runs.jsonl").read_text().splitlines()]
        assert made in {job["rule"] for job in entries[0]["jobs"]}
