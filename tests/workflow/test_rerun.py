"""Only what must rerun, reruns; nothing that must is hidden."""

import shutil

import pytest

AFTER_COX = {"fit_cox", "release_results", "present_tables", "render_report"}


def changed_number(text):
    """An edit that Python sees: one more statement at the end."""
    return text + "\n_EDITED = True\n"


def test_an_edit_of_the_cox_module_reruns_cox_and_what_follows_it(project):
    project.edit(
        "workflow/lib/cutline/cox.py", lambda text: text.replace("def fit_cox(", "def fit_cox(", 1) + "\n_X = 1\n"
    )
    outcome = project.run()
    assert outcome.code == 0, outcome.text
    assert "fit_cox" in outcome.rules
    assert outcome.rules <= AFTER_COX


def test_a_comment_reruns_nothing(project):
    project.edit("workflow/lib/cutline/cox.py", lambda text: text + "\n# a comment\n")
    assert project.run().nothing_to_do


@pytest.mark.parametrize(
    ("module", "first", "spared"),
    [
        ("safety", {"derive_safety", "summarise_safety"}, {"estimate_survival", "fit_cox", "draw_figures"}),
        ("endpoints", {"derive_endpoints"}, {"derive_safety", "summarise_safety", "summarise_baseline"}),
        ("quality", {"check_records"}, {"derive_covariates", "derive_endpoints", "fit_cox", "render_report"}),
    ],
)
def test_an_edit_of_a_module_reruns_its_rules_and_spares_the_others(project, module, first, spared):
    project.edit(f"workflow/lib/cutline/{module}.py", changed_number)
    outcome = project.run()
    assert outcome.code == 0, outcome.text
    assert first <= outcome.rules
    assert not spared & outcome.rules


def test_an_edit_of_the_text_renders_again_and_nothing_else(project):
    sections = sorted((project.path / "reports/sections/everolimus_exemestane").glob("*.qmd"))
    project.edit(str(sections[0].relative_to(project.path)), lambda text: text + "\nOne more sentence.\n")
    assert project.run().rules == {"render_report"}


def test_touching_every_file_reruns_nothing(project):
    for path in (project.path / "workflow").rglob("*.py"):
        path.touch()
    for path in (project.path / "config").rglob("*.yaml"):
        path.touch()
    assert project.run().nothing_to_do


def test_another_setting_reruns_its_users(project):
    study = "config/studies/everolimus_exemestane/study.yaml"
    project.edit(study, lambda text: text.replace("ties: breslow ", "ties: efron "))
    outcome = project.run()
    assert outcome.code == 0, outcome.text
    assert "fit_cox" in outcome.rules
    assert not outcome.rules & {"derive_endpoints", "summarise_safety", "extract_snapshot"}


def test_lost_snakemake_metadata_hides_no_change(project):
    shutil.rmtree(project.path / ".snakemake")
    project.edit("workflow/lib/cutline/cox.py", changed_number)
    outcome = project.run()
    assert outcome.code == 0, outcome.text
    assert "fit_cox" in outcome.rules


def test_another_cut_off_is_a_new_tree_beside_the_old(project):
    old = {path: path.read_bytes() for path in (project.path / "results").rglob("*") if path.is_file()}
    outcome = project.run("--config", "data_cutoff=2025-12-31")
    assert outcome.code == 0, outcome.text
    assert "simulate_source" not in outcome.rules
    assert (project.path / "results/everolimus_exemestane/2025-12-31/report/manuscript.html").is_file()
    assert {path: path.read_bytes() for path in old} == old
