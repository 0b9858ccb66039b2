"""Whatever interrupts a run, the next one gives the bytes of an undisturbed run, or says in a sentence what to do."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass

import pytest

from cutline import errors, provenance
from tests.workflow import interrupting
from tests.workflow.conftest import DEFAULT_CUT, GBSG2_CUT, Outcome, of_gbsg2
from tests.workflow.same_bytes import must_be_the_same

STUDY = "config/studies/everolimus_exemestane/study.yaml"


def must_be_undisturbed(project, finished):
    must_be_the_same(project.path / DEFAULT_CUT, finished.path / DEFAULT_CUT)


@dataclass(frozen=True)
class Run:
    """A run of Snakemake in a process group of its own, so that all of it can be killed."""

    process: subprocess.Popen

    def end(self):
        text, _ = self.process.communicate(timeout=600)
        return Outcome(self.process.returncode, text)


def start(project, *arguments, cores=2, **environment):
    command = [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments]
    return Run(subprocess.Popen(
        command, cwd=project.path, env=os.environ | environment, start_new_session=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ))  # fmt: skip


def plan(project, interruptions):
    shutil.copy(interrupting.__file__, project.path / "workflow/lib/sitecustomize.py")
    (project.path / interrupting.PLAN).write_text(json.dumps(interruptions))


def interrupted(project):
    return {path.name for path in (project.path / interrupting.DONE).glob("*")}


def files_of(project, rule):
    """The outputs of a rule and their records."""
    records = (project.path / DEFAULT_CUT).rglob(f"*{provenance.SUFFIX}")
    mine = [path for path in records if json.loads(path.read_text(encoding="utf-8"))["rule"] == rule]
    return [file for path in mine for file in (path.with_name(path.name.removesuffix(provenance.SUFFIX)), path)]


def forget(project, rule):
    for file in files_of(project, rule):
        file.unlink()


# ── killed in every job ──────────────────────────────────────────────────────────────────────

OTHER_WAYS = {"check_records": "power_cut", "derive_endpoints": "power_cut", "render_report": "power_cut",
              "draw_figures": "ctrl_c"}  # fmt: skip
"""How a rule is interrupted, if not by SIGKILL to the process of its job."""


def every_rule_once(finished):
    """A moment for each rule: at once, or with this or that number of its records and outputs in their place."""
    records = (finished.path / "results").rglob("*.prov.json")
    files = Counter(json.loads(path.read_text(encoding="utf-8"))["rule"] for path in records)
    files.pop("close_run", None)  # what tells of the run is no job's
    moments = {rule: number % min(5, 2 * files[rule] + 1) - 1 for number, rule in enumerate(sorted(files))}
    return {rule: (moment, OTHER_WAYS.get(rule, "kill_job")) for rule, moment in moments.items()}


def test_killed_once_in_every_job_and_without_power_now_and_then_it_still_gives_the_same_bytes(
    finished_gbsg2, empty_project
):
    empty_project.edit("config/config.yaml", of_gbsg2)
    interruptions = every_rule_once(finished_gbsg2)
    plan(empty_project, interruptions)
    ends = []
    while not ends or (ends[-1].code and len(ends) <= len(OTHER_WAYS)):
        ends.append(start(empty_project, "--retries", "1", cores=4, PYTHONHASHSEED="1").end())
        if ends[-1].code == -signal.SIGKILL:
            assert start(empty_project, "--unlock").end().code == 0
    assert ends[-1].code == 0, ends[-1].text
    assert interrupted(empty_project) == set(interruptions)
    assert [end.code for end in ends].count(-signal.SIGKILL) == 3
    must_be_the_same(empty_project.path / GBSG2_CUT, finished_gbsg2.path / GBSG2_CUT)


# ── half of it is there ──────────────────────────────────────────────────────────────────────


def test_a_lost_output_is_made_again_and_hides_no_change(finished, project):
    lost = ["patient/ledger.parquet", "aggregate/ard.csv", "aggregate/tables/table_1_baseline.csv"]
    for file in lost:
        (project.path / DEFAULT_CUT / file).unlink()
    project.edit(STUDY, lambda text: text.replace("\ntitle: Everolimus", "\ntitle: On everolimus"))
    outcome = project.run()
    assert outcome.code == 0, outcome.text
    assert outcome.rules == {"select_cohort", "release_results", "present_tables", "render_report"}
    assert all((project.path / DEFAULT_CUT / file).read_bytes() == (finished.path / DEFAULT_CUT / file).read_bytes()
               for file in lost)  # fmt: skip


def test_half_an_output_without_its_record_is_refused_and_made_again_once_it_is_deleted(finished, project):
    part = project.path / DEFAULT_CUT / "aggregate/ard/summarise_quality.csv"
    os.truncate(part, part.stat().st_size // 2)
    provenance.record_path(part).unlink()
    refused = project.run()
    assert refused.code == errors.ProvenanceError.exit_code, refused.text
    assert "summarise_quality.csv: it has no provenance record" in refused.text
    assert "delete the file and run again" in refused.text
    part.unlink()
    assert project.run().code == 0
    must_be_undisturbed(project, finished)


# ── a full disk ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def small_disk(project):
    """The results of a finished project on a file system of their own that has next to no room left."""
    results, aside = project.path / "results", project.path / "aside"
    results.rename(aside)
    results.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=96m", "tmpfs", str(results)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("needs the right to mount a file system")
    try:
        shutil.copytree(aside, results, dirs_exist_ok=True)
        yield results
    finally:
        subprocess.run(["umount", "--lazy", str(results)], check=True)


def test_a_full_disk_is_named_and_with_room_again_the_bytes_are_the_same(finished, project, small_disk):
    forget(project, "select_cohort")
    disk = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(b"\0" * ((disk.f_bavail - 2) * disk.f_frsize))
    full = project.run()
    assert full.code == errors.SetupError.exit_code, full.text
    assert "the disk is full" in full.text
    assert "Make room" in full.text
    assert "Traceback" not in full.text
    (small_disk / "ballast").unlink()
    assert project.run().code == 0
    must_be_undisturbed(project, finished)


# ── two runs, and a lock that is left ────────────────────────────────────────────────────────


@pytest.fixture
def at_work(project):
    """A run that is held in the middle of `select_cohort`, with one output half done."""
    forget(project, "select_cohort")
    plan(project, {"select_cohort": (1, "hold")})
    run = start(project)
    deadline = time.monotonic() + 300
    while not interrupted(project) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield run
    (project.path / interrupting.GO_ON).touch()
    run.process.kill()
    run.process.wait()
    run.process.stdout.close()


def test_a_second_run_at_once_says_who_is_first_and_damages_nothing(finished, project, at_work):
    for other in ((), ("--config", "study=gbsg2")):
        second = project.run(*other)
        assert second.code != 0
        assert f"process {at_work.process.pid}" in second.text
        assert "Wait until it is done" in second.text
    (project.path / interrupting.GO_ON).touch()
    assert at_work.end().code == 0
    must_be_undisturbed(project, finished)


def test_after_snakemake_was_killed_unlock_mends_it_even_if_a_job_lived_on(finished, project, at_work):
    at_work.process.kill()
    at_work.process.wait()
    locked = project.run()
    assert locked.code != 0
    assert "python3 run.py unlock" in locked.text
    assert project.run("--unlock").code == 0
    assert project.run().code == 0
    (project.path / interrupting.GO_ON).touch()
    at_work.process.communicate()  # returns when the last process that could write to it, the job, is gone
    ledger = (project.path / DEFAULT_CUT / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["outcome"] for line in ledger] == ["finished", "interrupted", "finished"]
    must_be_undisturbed(project, finished)
