"""A doctored file, a removed record, newer code: `cutline verify` sees each, and says which file it is."""

import hashlib
import json
import re
import subprocess
from pathlib import Path

from cutline.audit.cut import RUNS, open_cut
from cutline.audit.runs import hash_of, head
from cutline.audit.verify import numbers, rendered_again, verify
from tests.workflow.conftest import DEFAULT_CUT

HTML = "report/manuscript.html"
OUTPUTS, WHOLE, CHAIN, LEDGER, SEAL, SAME = range(6)
"""The checks in their order."""


def found(project):
    """Per check, the files that its findings name."""
    return [{finding.file for finding in findings} for findings in verify(open_cut(project.path)).values()]


def doctor(project, file, change, with_record=False):
    """Change a file as somebody would who wants another number; also in its record, if they know of records."""
    path = project.path / DEFAULT_CUT / file
    before = path.read_bytes()
    after = change(before)
    assert after != before, f"the change left {file} as it was"
    path.write_bytes(after)
    if with_record:
        record = Path(f"{path}.prov.json")
        old, new = (hashlib.sha256(content).hexdigest() for content in (before, after))
        record.write_text(record.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def test_an_untouched_cut_holds(finished):
    told = finished.ask("verify")
    assert told.returncode == 0, told.stdout + told.stderr
    assert "All holds. Head of the ledger (entry 1)" in told.stdout


def test_a_study_without_a_report_engine_of_its_own_holds_too(finished_gbsg2):
    assert not any(verify(open_cut(finished_gbsg2.path, "gbsg2")).values())


def test_edited_files_are_named_and_no_others(project):
    edited = {
        HTML, "report/manuscript.docx", "report/manuscript.pdf", "report/manuscript.qmd", "aggregate/ard.csv",
        "aggregate/ard/fit_cox.csv", "aggregate/released/curves/pfs.csv", "aggregate/tables/table_1_baseline.md",
        "aggregate/figures/figure_1_flow.svg", "aggregate/attrition.csv", "patient/cohort.parquet",
        "patient/snapshot/manifest.json",
    }  # fmt: skip
    for file in edited:
        doctor(project, file, lambda content: content + b"\n")
    assert found(project)[OUTPUTS] == edited
    told = project.ask("verify", "--quick")
    assert told.returncode == 15
    assert "FAILS every output is what its job wrote" in told.stdout


def test_a_number_changed_in_a_sentence_or_a_table_of_the_page_is_named_though_its_record_was_changed_too(project):
    doctor(project, HTML, lambda page: re.sub(rb">6\.6<", b">9.9<", page), with_record=True)
    doctor(project, HTML, lambda page: page.replace(b">53 (75.7)<", b">54 (75.7)<"), with_record=True)
    told = [str(finding) for finding in numbers(open_cut(project.path))]
    assert any("'9.9' for pfs.km.median, but the results print 6.6" in each for each in told)
    assert any("'54 (75.7)' for baseline.menopausal_status.postmenopausal.n" in each for each in told)


def test_a_result_changed_with_its_record_no_longer_fits_what_was_made_from_it(project):
    doctor(project, "aggregate/ard.csv", lambda text: text.replace(b"flow.scr", b"flow.src"), with_record=True)
    checks = found(project)
    assert HTML in checks[CHAIN]
    assert "aggregate/ard.csv.prov.json" in checks[LEDGER]


def test_a_changed_word_file_or_pdf_is_seen_by_rendering_again_though_its_record_was_changed(project):
    files = {f"report/manuscript.{ending}" for ending in ("docx", "pdf")}
    for file in files:
        doctor(project, file, lambda content: content + b" ", with_record=True)
    assert {finding.file for finding in rendered_again(open_cut(project.path))} == files


def test_a_missing_file_a_missing_record_and_an_additional_file_are_named(project):
    cut = project.path / DEFAULT_CUT
    (cut / "aggregate/tables/table_1_baseline.csv").unlink()
    (cut / "aggregate/attrition.csv.prov.json").unlink()
    (cut / "aggregate/notes.txt").write_text("mine")
    checks = found(project)
    assert checks[OUTPUTS] == {"aggregate/tables/table_1_baseline.csv"}
    assert checks[WHOLE] == {"aggregate/attrition.csv", "aggregate/notes.txt"}
    assert checks[LEDGER] == {"aggregate/attrition.csv.prov.json"}


def test_an_altered_or_removed_ledger_is_seen_and_one_written_anew_by_a_head_that_was_kept(project):
    cut = open_cut(project.path)
    kept = head(cut.runs)
    anew = cut.runs[-1] | {"seconds": 1.0}
    (cut.folder / RUNS).write_text(json.dumps(anew) + "\n")
    assert found(project)[LEDGER] == {RUNS}
    anew["hash"] = hash_of(anew)
    (cut.folder / RUNS).write_text(json.dumps(anew) + "\n")
    assert found(project)[LEDGER] == set()
    assert [finding.file for finding in [*verify(open_cut(project.path), kept).values()][LEDGER]] == [RUNS]
    (cut.folder / RUNS).unlink()
    assert found(project)[LEDGER] == {RUNS}


def test_the_next_run_does_not_vouch_for_a_doctored_table_and_made_anew_it_holds_again(project):
    table = "aggregate/tables/table_1_baseline.csv"
    doctor(project, table, lambda text: text.replace(b"53 (75.7)", b"99 (75.7)"), with_record=True)
    project.edit("workflow/lib/cutline/exports/templates/tables.R", lambda text: text + "\n# More.\n")
    assert project.run().rules == {"write_exports"}
    assert found(project)[LEDGER] == {table}
    (project.path / DEFAULT_CUT / table).unlink()
    assert "present_tables" in project.run().rules
    assert project.ask("verify").returncode == 0


def test_a_page_that_tells_of_the_run_and_a_forged_one_are_seen(project):
    doctor(project, "report/audit.html", lambda page: page.replace(b"6.6", b"9.9"), with_record=True)
    record = (project.path / DEFAULT_CUT / "report/audit.html.prov.json").read_text(encoding="utf-8")
    forged = project.path / DEFAULT_CUT / "report/supplement.html"
    forged.write_text("9.9")
    digest = json.loads(record)["output"]["sha256"]
    Path(f"{forged}.prov.json").write_text(record.replace(digest, hashlib.sha256(b"9.9").hexdigest()))
    told = project.ask("verify")
    assert told.returncode == 15
    assert "report/audit.html: not what it would say now" in told.stdout
    assert "report/supplement.html: its record names no rule of the study" in told.stdout


def test_what_the_command_line_said_is_not_held_against_the_cut(project):
    assert project.run("--config", "report={formats: [html]}").code == 0
    files = {str(finding.file) for findings in verify(open_cut(project.path)).values() for finding in findings}
    assert files == {"report/manuscript.docx", "report/manuscript.pdf"}, "left over: no run makes them any more"


def test_a_run_that_was_killed_is_entered_by_the_next_even_if_that_has_nothing_to_do(project):
    project.edit("workflow/lib/cutline/cox/fit.py", lambda text: text + "\n_X = 1\n")
    assert project.run("--no-hooks").code == 0  # as if it had been killed after its last job
    note = {"process": 2**22 + 1, "started": "2026-01-01T00:00:00+00:00", "cut": DEFAULT_CUT.as_posix()}
    (project.path / ".snakemake/cutline-run.json").write_text(json.dumps(note))
    assert found(project)[LEDGER]
    assert project.run().nothing_to_do
    assert not found(project)[LEDGER]
    entry = open_cut(project.path).runs[-1]
    assert entry["outcome"] == "interrupted"
    assert "fit_cox" in {job["rule"] for job in entry["jobs"]}


def test_newer_code_another_setting_and_another_text_are_named_with_their_rules(project):
    project.edit("workflow/lib/cutline/cox/fit.py", lambda text: text + "\n_X = 1\n")
    project.edit("reports/sections/generic/declarations.qmd", lambda text: text + "\nMore.\n")
    project.edit("config/studies/everolimus_exemestane/study.yaml", lambda text: text.replace("6, 12, 24", "6, 18, 24"))
    checks = found(project)
    assert {"fit_cox", "render_report", "estimate_survival"} <= checks[SAME]
    assert "derive_endpoints" not in checks[SAME]
    told = project.ask("explain").stdout
    assert "fit.py changed" in told
    assert "statistics.landmarks_months: [6, 12, 24, 36] → [6, 18, 24, 36]" in told
    assert "its input reports/sections/generic/declarations.qmd changed" in told


def test_what_explain_foretells_is_what_runs(project):
    project.edit("workflow/lib/cutline/cox/fit.py", lambda text: text + "\n_X = 1\n")
    told = json.loads(project.ask("explain", "--json").stdout)
    outcome = project.run()
    assert outcome.code == 0, outcome.text
    assert set(told["run"]) <= outcome.rules <= {*told["run"], *told["may_follow"]}


def test_since_a_commit_names_the_rules_whose_code_changed(project):
    def git(*arguments):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=project.path, check=True, capture_output=True)

    git("init", "-q")
    git("add", "workflow")
    git("commit", "-qm", "Before")
    project.edit("workflow/lib/cutline/safety/derive.py", lambda text: text + "\n_X = 1\n")
    git("commit", "-qam", "Count differently")
    told = project.ask("verify", "--since", "HEAD~1").stdout
    assert re.search(r"derive_safety\n    - derive\.py changed in commit \w+ \(Count differently\)", told)
    assert "fit_cox" not in told
    assert project.ask("verify", "--since", "nowhere").returncode == 11


def test_explain_says_that_a_new_cut_is_a_new_tree(finished):
    told = finished.ask("explain", "--cut", "2025-12-31")
    assert told.returncode == 0
    assert "every step after the source would run. The cut-off changed: there are results at 2025-05-31" in told.stdout
