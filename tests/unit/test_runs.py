"""The ledger of runs: what was altered or removed is seen."""

import json
from datetime import UTC, datetime

import pytest

from cutline.audit.cut import RUNS, Cut, read_lines
from cutline.audit.runs import append_entry, broken_links, head, job_notes, unexplained
from tests.small_cut import small_cut

STARTED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def again(cut):
    """The cut as somebody who opens it now sees it."""
    return Cut(cut.root, cut.folder, cut.study, cut.name)


@pytest.fixture
def cut(tmp_path):
    """A cut after two runs, in the first of which one job ran."""
    cut, logs = small_cut(tmp_path), tmp_path / "logs" / "cut"
    logs.mkdir(parents=True)
    note = {"rule": "select_cohort", "started": "2026-01-02T03:04:06.000+00:00", "seconds": 1.5, "outcome": "finished"}
    (logs / "select_cohort.job.json").write_text(json.dumps(note))
    append_entry(cut, [logs], started=STARTED, outcome="finished")
    said = {"user": "ab", "report": {"formats": ["html"]}, "results_dir": "/home/ab/results"}
    append_entry(again(cut), [logs], started=datetime.now(UTC), outcome="failed", config=said)
    return again(cut)


def test_an_entry_says_which_jobs_ran_and_which_were_reused(cut):
    first, second = cut.runs
    assert [job["rule"] for job in first["jobs"]] == ["select_cohort"]
    assert first["reused"] == ["summarise_baseline"]
    assert (second["jobs"], second["reused"]) == ([], ["select_cohort", "summarise_baseline"])


def test_notes_of_earlier_runs_do_not_count(tmp_path, cut):
    logs = [tmp_path / "logs" / "cut"]
    assert job_notes(logs, "2026-01-03T00:00:00.000+00:00") == []
    assert len(job_notes(logs, "2026-01-02T00:00:00.000+00:00")) == 1


def test_nobody_is_named_unless_the_configuration_says_so(cut):
    first, second = cut.runs
    assert "user" not in first
    assert second["user"] == "ab"


def test_what_the_command_line_said_of_the_study_is_kept_and_no_folder(cut):
    assert cut.runs[1]["config"] == {"report": {"formats": ["html"]}}


def test_a_file_that_changed_with_its_record_though_its_job_did_not_run_is_unexplained_until_the_job_runs(
    cut, tmp_path
):
    logs = tmp_path / "logs" / "cut"
    assert unexplained(cut.runs) == {"aggregate/ard.csv": 1}  # the small cut was written by hand
    record = cut.folder / "patient" / "cohort.csv.prov.json"
    record.write_text(record.read_text() + " ")
    append_entry(again(cut), [logs], started=datetime.now(UTC), outcome="finished")
    assert unexplained(again(cut).runs) == {"aggregate/ard.csv": 1, "patient/cohort.csv": 3}
    record.write_text(record.read_text() + " ")
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    note = {"rule": "select_cohort", "started": now, "seconds": 0.1, "outcome": "finished"}
    (logs / "select_cohort.job.json").write_text(json.dumps(note))
    append_entry(again(cut), [logs], started=datetime.now(UTC), outcome="finished")
    assert unexplained(again(cut).runs) == {"aggregate/ard.csv": 1}


def test_an_untouched_ledger_has_no_broken_link(cut):
    assert broken_links(cut.runs) == []
    assert head(cut.runs) == cut.runs[1]["hash"]


@pytest.mark.parametrize("change", ['"outcome": "finished"', '"seconds"', '"reused"'])
def test_an_altered_entry_is_seen(cut, change):
    file = cut.folder / RUNS
    file.write_text(file.read_text().replace(change, change.replace("e", "E", 1), 1))
    assert broken_links(read_lines(file)) == [1]


def test_a_removed_entry_is_seen(cut):
    file = cut.folder / RUNS
    file.write_text(file.read_text().splitlines()[1] + "\n")
    assert broken_links(read_lines(file)) == [1]


def test_an_entry_whose_hash_was_made_anew_does_not_fit_the_next_one(cut):
    from cutline.audit.runs import hash_of

    first, second = cut.runs
    first["outcome"] = "failed"
    first["hash"] = hash_of(first)
    assert broken_links([first, second]) == [2]


def test_a_line_cut_short_by_a_loss_of_power_is_seen_and_the_next_run_goes_on(cut, tmp_path):
    file = cut.folder / RUNS
    file.write_text(file.read_text()[:-40])
    append_entry(again(cut), [tmp_path / "logs" / "cut"], started=STARTED, outcome="finished")
    assert len(read_lines(file)) == 3
    assert broken_links(read_lines(file)) == [2]


def test_every_record_is_in_the_entry_so_that_an_altered_one_is_seen(cut):
    assert set(cut.runs[0]["records"]) == {"patient/cohort.csv", "aggregate/ard.csv"}


def test_the_ledger_names_no_machine(cut):
    import platform

    assert platform.node() not in (cut.folder / RUNS).read_text()
