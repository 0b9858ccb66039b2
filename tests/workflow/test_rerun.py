"""Only what must rerun, reruns; nothing that must is hidden.

Which rules an edit, an upgrade or a setting reaches is asked of the library, for every module, distribution and
setting there is. That Snakemake then runs those and no others is asked of a few real runs.
"""

import copy
import importlib.metadata
import os
import shutil
import subprocess
from fnmatch import fnmatchcase
from types import SimpleNamespace

import duckdb
import pytest

from cutline import code_digest, provenance, study, study_rules
from tests.workflow.conftest import ROOT

STUDY = "config/studies/everolimus_exemestane/study.yaml"
DATABASE = "resources/everolimus_exemestane/hospital.duckdb"

ANALYSES = "summarise_quality summarise_baseline estimate_survival fit_cox summarise_response summarise_safety"
DISPLAY = "present_tables draw_figures render_report"
EVERY = (
    "simulate_source extract_snapshot check_records derive_lines derive_covariates select_cohort derive_endpoints "
    f"derive_response derive_safety {ANALYSES} release_results {DISPLAY}"
)
RULES = EVERY.split()
"""The rules these tables speak of; a rule that is added later does not change what reaches these."""


# ── every module → the rules it reaches ──────────────────────────────────────────────────────

RECORD_TABLES = "simulate_source extract_snapshot check_records summarise_quality"
REACHED_FROM = {
    "__init__": EVERY,
    "analysis_plan": DISPLAY,
    "archive": "summarise_quality present_tables render_report",
    "as_of": "extract_snapshot check_records summarise_quality",
    "balance": "summarise_baseline",
    "checklists/*": "render_report",
    "checklists/load": "",
    "concordance": "release_results",
    "baseline": "summarise_baseline",
    "characteristics": "summarise_baseline",
    "cohort": "select_cohort",
    "consistency/*": "render_report",
    "covariates/*": "derive_covariates",
    "criteria": "select_cohort",
    "cox/*": "fit_cox",
    "cox/imputation": "",
    "cox/imputed": "",
    "disclosure/*": "release_results",
    "durations": "derive_covariates select_cohort",
    "display/__init__": DISPLAY,
    "display/adverse_events": "present_tables render_report",
    "display/alt_text": "render_report",
    "display/captions": DISPLAY,
    "display/catalogue": DISPLAY,
    "display/convention_words": DISPLAY,
    "display/figure*": "draw_figures",
    "display/figure_changes": "",
    "display/grid": "present_tables render_report",
    "display/journal": "present_tables render_report",
    "display/labels": DISPLAY,
    "display/levels": DISPLAY,
    "display/lookup": DISPLAY,
    "display/numbers": DISPLAY,
    "display/responses": DISPLAY,
    "display/result_names": "present_tables",
    "display/marks": DISPLAY,
    "display/style": "draw_figures",
    "display/table*": "present_tables",
    "display/table_sensitivity": "present_tables render_report",
    "display/table_sheet": "present_tables render_report",
    "display/table_word": "present_tables render_report",
    "display/widths": "present_tables render_report",
    "display/word": "present_tables render_report",
    "display/trial_words": DISPLAY,
    "endpoints/*": "derive_endpoints render_report",
    "endpoints/__init__": "derive_endpoints present_tables render_report",
    "endpoints/conventions": "derive_endpoints present_tables render_report",
    "expressions": "select_cohort summarise_baseline render_report",
    "languages/__init__": DISPLAY,
    "languages/noted": DISPLAY,
    "lines/*": "derive_lines",
    "group_comparison": "summarise_baseline",
    "manuscript/*": "render_report",
    "manuscript/again": "",
    "marking": "check_records derive_lines derive_covariates select_cohort derive_endpoints derive_response "
    f"derive_safety {ANALYSES} release_results {DISPLAY}",
    "partial_dates": "extract_snapshot check_records summarise_quality",
    "persons": "derive_lines select_cohort derive_endpoints derive_response derive_safety",
    "printed": "simulate_source release_results present_tables render_report",
    "quality/__init__": "check_records summarise_quality present_tables",
    "quality/answers": "check_records",
    "quality/asking": "summarise_quality",
    "quality/check": "check_records",
    "quality/checks": "check_records summarise_quality",
    "quality/completeness": "summarise_quality",
    "quality/corrections": "check_records summarise_quality",
    "quality/findings": "summarise_quality",
    "quality/listed": "summarise_quality",
    "quality/rules": "check_records summarise_quality present_tables",
    "quality/sheet": "check_records summarise_quality",
    "quality/summarise": "summarise_quality",
    "quality/workbook": "summarise_quality",
    "queries": "check_records derive_lines derive_covariates select_cohort derive_response derive_safety "
    "summarise_quality summarise_response present_tables",
    "receptors/*": "derive_covariates",
    "records": "derive_lines derive_covariates select_cohort derive_endpoints derive_response derive_safety "
    "summarise_quality summarise_response summarise_safety render_report",
    "response/*": "derive_response summarise_response",
    "report_engine": "render_report",
    "rules_of_thumb": "fit_cox render_report",
    "safety/*": "summarise_safety",
    "safety/codes": "derive_safety",
    "safety/derive": "derive_safety",
    "safety/windows": "derive_safety",
    "selection": "summarise_baseline",
    "selection_names": "summarise_baseline present_tables render_report",
    "simulate/*": "simulate_source",
    "slugs": f"{RECORD_TABLES} derive_safety",
    "sources/*": "extract_snapshot",
    "survival/*": "estimate_survival",
    "tables/*": RECORD_TABLES,
    "tables/__init__": EVERY,
    "tables/cohort": "select_cohort derive_endpoints derive_response derive_safety summarise_quality "
    "summarise_baseline summarise_response summarise_safety",
    "tables/consistency": "render_report",
    "tables/covariates": "derive_covariates select_cohort derive_response summarise_baseline estimate_survival fit_cox "
    "summarise_response summarise_safety present_tables render_report",
    "tables/changes": "",
    "tables/concordance": "release_results present_tables render_report",
    "tables/imaging": f"{RECORD_TABLES} derive_endpoints derive_response summarise_response",
    "tables/dictionary": "",
    "tables/differences": "",
    "tables/queries": "check_records derive_lines derive_covariates select_cohort derive_response derive_safety "
    "summarise_quality summarise_response present_tables",
    "tables/corrections": "check_records summarise_quality",
    "tables/findings": "summarise_quality",
    "tables/lines": "derive_lines derive_covariates select_cohort derive_endpoints derive_safety",
    "tables/quarantine": "extract_snapshot check_records summarise_quality",
    "tables/response": "derive_endpoints derive_response summarise_response",
    "tables/results": f"derive_response {ANALYSES} release_results {DISPLAY}",
    "tables/safety": "derive_safety summarise_safety",
    "tables/spec": EVERY,
    "trials": DISPLAY,
    "variant_names": "fit_cox release_results render_report",
    "analysis_set": "derive_endpoints derive_response estimate_survival fit_cox summarise_response summarise_safety "
    "release_results render_report",
    "ard": "derive_response summarise_quality summarise_baseline estimate_survival fit_cox summarise_response "
    "summarise_safety release_results",
    "configuration": "release_results",
    "disclosure/__init__": "release_results present_tables draw_figures render_report",
    "disclosure/profiles": "release_results present_tables draw_figures render_report",
    "disclosure/rounding": "release_results present_tables draw_figures render_report",
    "filters": "derive_endpoints derive_response summarise_baseline estimate_survival fit_cox summarise_response "
    "summarise_safety release_results render_report",
    "groups": "derive_response fit_cox summarise_response summarise_safety release_results present_tables "
    "render_report",
    "safety/__init__": "derive_safety summarise_safety release_results present_tables render_report",
    "safety/counting": "summarise_safety release_results",
    "safety/names": "derive_safety summarise_safety release_results present_tables render_report",
    "safety/rates": "summarise_safety release_results",
    "survival/__init__": "estimate_survival fit_cox release_results present_tables draw_figures render_report",
    "survival/choices": "estimate_survival release_results render_report",
    "survival/convention": "estimate_survival fit_cox release_results present_tables draw_figures render_report",
    "survival/curve_rows": "estimate_survival release_results",
    "survival/grid": "estimate_survival release_results",
    "survival/intervals": "estimate_survival release_results",
    "survival/kaplan_meier": "estimate_survival release_results",
    "survival/persons": "estimate_survival release_results",
    "survival/restricted_mean": "estimate_survival release_results",
    "tables/endpoints": "derive_endpoints derive_response estimate_survival fit_cox summarise_response "
    "summarise_safety "
    "release_results render_report",
    "two_proportions": "derive_response summarise_response summarise_safety release_results",
}
"""Module (or a pattern; the longest that fits counts) → rules. What is not named here reaches none of them."""

FORGETFUL = (code_digest.code_of, code_digest._scan, code_digest._files_of, code_digest._metadata)


@pytest.fixture
def workflow(tmp_path):
    """A copy of the code to edit, and what each rule's code is now."""
    for part in ("lib", "scripts"):
        shutil.copytree(ROOT / "workflow" / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))

    def codes():
        for cached in FORGETFUL:
            cached.cache_clear()
        return {rule: code_digest.code_of(tmp_path / "scripts" / f"{rule}.py", tmp_path / "lib") for rule in RULES}

    yield SimpleNamespace(folder=tmp_path, package=tmp_path / "lib" / "cutline", codes=codes)
    for cached in FORGETFUL:
        cached.cache_clear()


def changed(before, after):
    return {rule for rule in RULES if before[rule] != after[rule]}


def expected_of(table, name):
    """The rules of the longest pattern that fits the name."""
    fitting = sorted((pattern for pattern in table if fnmatchcase(name, pattern)), key=len)
    return set(table[fitting[-1]].split()) if fitting else set()


def must_agree(found, table):
    """Compares name → rules with a frozen table; what differs is printed as the lines to put there."""
    differing = {name: rules for name, rules in found.items() if rules != expected_of(table, name)}
    ordered = (f'    "{name}": "{" ".join(sorted(rules, key=RULES.index))}",' for name, rules in differing.items())
    assert not differing, "the table says otherwise; if the change was meant, its lines are:\n" + "\n".join(ordered)


def edited(text):
    """An edit that Python sees: one more statement at the end."""
    return text + "\n_EDITED = True\n"


def reached_from(before, after, key):
    """The rules for which this file of the code has changed."""
    return {rule for rule in RULES if before[rule].get(key) != after[rule].get(key)}


def test_an_edit_of_a_module_or_a_script_changes_the_code_of_exactly_the_rules_that_reach_it(workflow):
    before = workflow.codes()
    files = sorted(workflow.folder.rglob("*.py"))
    for file in files:
        file.write_text(edited(file.read_text(encoding="utf-8")), encoding="utf-8")
    after = workflow.codes()
    found = {file: reached_from(before, after, file.relative_to(workflow.folder).as_posix()) for file in files}
    modules = {file.relative_to(workflow.package).with_suffix("").as_posix(): rules
               for file, rules in found.items() if file.is_relative_to(workflow.package)}  # fmt: skip
    must_agree(modules, REACHED_FROM)
    must_agree(
        {rule: found[workflow.folder / "scripts" / f"{rule}.py"] for rule in RULES}, {rule: rule for rule in RULES}
    )


def commented(text):
    """What Python does not see: a comment, blank lines, and other words in the module's docstring."""
    return text.replace('"""', '"""In other words: ', 1) + "\n\n\n# a comment\n"


def test_comments_and_docstrings_everywhere_change_the_code_of_no_rule(workflow):
    before = workflow.codes()
    for file in workflow.folder.rglob("*.py"):
        file.write_text(commented(file.read_text(encoding="utf-8")), encoding="utf-8")
    assert workflow.codes() == before


# ── every distribution → the rules that import it ────────────────────────────────────────────

IMPORTED_BY = {
    "pandas": EVERY,
    "pyarrow": EVERY,
    "numpy": EVERY,
    "duckdb": "simulate_source extract_snapshot check_records",
    "scipy": "simulate_source derive_response summarise_baseline estimate_survival fit_cox summarise_response "
    "summarise_safety release_results",
    "lifelines": "",
    "statsmodels": "",
    "matplotlib": "draw_figures",
    "pyyaml": "simulate_source release_results render_report",
    "pypandoc-binary": "render_report",
    "typst": "render_report",
    "snakemake": "",
    "rocrate": "",
    "ruff": "",
    "mypy": "",
    "pytest": "",
    "hypothesis": "",
    "snakefmt": "",
}


def test_an_upgrade_changes_the_code_of_exactly_the_rules_that_import_the_library(workflow, monkeypatch):
    before, installed, found = workflow.codes(), importlib.metadata.distribution, {}
    for name in IMPORTED_BY:
        upgraded = SimpleNamespace(version="99.0", requires=installed(name).requires)
        monkeypatch.setattr(
            importlib.metadata,
            "distribution",
            lambda wanted, n=name, u=upgraded: u if wanted == n else installed(wanted),
        )
        found[name] = changed(before, workflow.codes())
    must_agree(found, IMPORTED_BY)


# ── every setting → the rules that use it ────────────────────────────────────────────────────

USED_BY = {
    "baseline": f"summarise_baseline {DISPLAY}",
    "analysis_plan": DISPLAY,
    "checklists": "render_report",
    "codelists": "derive_covariates render_report",
    "comparisons": f"release_results estimate_survival {DISPLAY}",
    "conventions": f"derive_endpoints {DISPLAY}",
    "criteria": f"select_cohort summarise_baseline {DISPLAY}",
    "data_cutoff": f"extract_snapshot check_records derive_endpoints derive_safety summarise_quality {DISPLAY}",
    "default_cutoff": "simulate_source",
    "design": "render_report",
    "endpoints": f"release_results derive_endpoints summarise_quality estimate_survival {DISPLAY}",
    "follow_up_endpoint": "release_results estimate_survival render_report",
    "lines": "derive_lines",
    "lines.classes": "derive_lines render_report",
    "lines.drugs": "derive_lines render_report",
    "literature": DISPLAY,
    "index_date": "derive_covariates summarise_baseline draw_figures render_report",
    "known_by": f"extract_snapshot {DISPLAY}",
    "models": f"fit_cox {DISPLAY}",
    "published": "present_tables render_report",
    "progression_anchors": f"derive_endpoints {DISPLAY}",
    "publication": "render_report",
    "queries": "derive_covariates",
    "report": "render_report",
    "report.files": DISPLAY,
    "report.language": DISPLAY,
    "report.disclosure": f"release_results {DISPLAY}",
    "report.profile": f"release_results {DISPLAY}",
    "response": f"derive_response summarise_response {DISPLAY}",
    "safety": f"derive_safety summarise_safety {DISPLAY}",
    "selection": f"summarise_baseline {DISPLAY}",
    "sensitivity": DISPLAY,
    "sensitivity.replace": f"fit_cox {DISPLAY}",
    "short_title": "render_report",
    "simulate": "simulate_source",
    "quality": f"summarise_quality {DISPLAY}",
    "simulate.calibrate": "simulate_source render_report",
    "source": "extract_snapshot check_records summarise_quality render_report",
    "source.path": "",
    "statistics.conf_level": f"release_results estimate_survival fit_cox summarise_response summarise_safety {DISPLAY}",
    "statistics.days_per_month": "release_results simulate_source derive_covariates select_cohort "
    f"estimate_survival {DISPLAY}",
    "statistics.convention": f"release_results estimate_survival fit_cox {DISPLAY}",
    "statistics.guards": f"release_results fit_cox {DISPLAY}",
    "statistics.landmark_minimum_at_risk": f"release_results estimate_survival {DISPLAY}",
    "statistics.landmarks_months": f"release_results estimate_survival {DISPLAY}",
    "statistics.median_interval": f"release_results estimate_survival {DISPLAY}",
    "statistics.quantile_rule": f"release_results estimate_survival {DISPLAY}",
    "statistics.quantiles": f"release_results estimate_survival {DISPLAY}",
    "statistics.rmst_months": f"release_results estimate_survival {DISPLAY}",
    "statistics.survival_interval": f"release_results estimate_survival {DISPLAY}",
    "statistics.tests": f"release_results estimate_survival {DISPLAY}",
    "statistics.ties": f"release_results fit_cox {DISPLAY}",
    "statistics.z": f"release_results estimate_survival fit_cox {DISPLAY}",
    "study": "render_report",
    "synthetic": DISPLAY,
    "title": "render_report",
    "variables": "release_results derive_covariates select_cohort summarise_baseline estimate_survival fit_cox "
    "summarise_response "
    f"summarise_safety {DISPLAY}",
    "vital_status_complete": "derive_endpoints render_report",
    "what_if": f"select_cohort {DISPLAY}",
    "window": "simulate_source select_cohort render_report",
}
"""Setting → rules; one inside a named section counts as the section, unless it is named itself; others: no rules."""


@pytest.fixture(scope="module")
def protocol():
    return study.load_study(ROOT, {})


def settings(protocol):
    return {rule: study_rules.settings_for(protocol, rule) for rule in RULES}


def leaves(node, place=()):
    """Every single value of a configuration: its name, and what holds it under which key."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node)
    for key, value in pairs:
        if isinstance(value, dict | list):
            yield from leaves(value, (*place, key))
        else:
            yield ".".join(map(str, (*place, key))), node, key


def users_of(name):
    """The rules of the longest section that the setting is in."""
    sections = [section for section in USED_BY if f"{name}.".startswith(f"{section}.")]
    return expected_of(USED_BY, max(sections, key=len)) if sections else set()


def test_another_value_of_a_setting_reaches_exactly_its_users(protocol):
    before, wrong = settings(protocol), {}
    mine = copy.deepcopy(protocol)
    for name, holder, key in list(leaves(mine)):
        value, holder[key] = holder[key], "another value"
        found = changed(before, settings(mine))
        if found != users_of(name):
            wrong[name] = sorted(found)
        holder[key] = value
    assert wrong == {}


def test_two_swapped_values_reach_their_users(protocol):
    mine = copy.deepcopy(protocol)
    mine["models"]["pfs"], mine["models"]["os"] = mine["models"]["os"], mine["models"]["pfs"]
    assert changed(settings(protocol), settings(mine)) == users_of("models")


# ── real runs: what reruns nothing ───────────────────────────────────────────────────────────


def test_a_comment_reruns_nothing(project):
    for file in (project.path / "workflow").rglob("*.py"):
        file.write_text(commented(file.read_text(encoding="utf-8")), encoding="utf-8")
    project.edit(STUDY, lambda text: text + "\n# a comment\n")
    assert project.run().nothing_to_do


def test_touching_every_file_reruns_nothing(project):
    for path in project.path.rglob("*"):
        if path.is_file() and ".snakemake" not in path.parts:
            path.touch()
    assert project.run().nothing_to_do


@pytest.mark.needs("git")
def test_switching_the_branch_and_back_reruns_nothing(project):
    def git(*arguments):
        who = ["-c", "user.name=Test", "-c", "user.email=test@example.org"]
        alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        subprocess.run(["git", *who, *arguments], cwd=project.path, env=os.environ | alone, check=True)

    git("init", "--quiet", "--initial-branch=main")
    git("add", "config", "workflow", "Snakefile")
    git("commit", "--quiet", "--message=one")
    git("switch", "--quiet", "--create", "other")
    project.edit("workflow/lib/cutline/tables/spec.py", edited)
    project.edit(STUDY, lambda text: text.replace("  convention: spss ", "  ties: efron\n  convention: spss "))
    git("commit", "--quiet", "--all", "--message=two")
    git("switch", "--quiet", "main")
    assert project.run().nothing_to_do


def test_lost_snakemake_metadata_alone_reruns_nothing(project):
    shutil.rmtree(project.path / ".snakemake")
    assert project.run().nothing_to_do


# ── real runs: what reruns, and nothing else ─────────────────────────────────────────────────


# Nothing follows rendering, so a dry run names all that an edit of the text makes; other tests here do render.


def must_rerun(project, *rules, **options):
    outcome = project.run(**options)
    assert outcome.code == 0, outcome.text
    assert outcome.rules == set(rules)
    return outcome


def test_edited_modules_rerun_their_rules_and_what_comes_out_unchanged_reruns_nothing_more(project):
    project.edit("workflow/lib/cutline/quality/check.py", edited)
    project.edit("workflow/lib/cutline/safety/derive.py", edited)
    project.edit("workflow/lib/cutline/safety/summarise.py", edited)
    # Releasing follows every analysis, and finds that nothing changed: no table or figure is made again.
    must_rerun(project, "check_records", "derive_safety", "summarise_safety", "release_results")


def test_lost_snakemake_metadata_hides_no_edit_and_no_setting(project):
    shutil.rmtree(project.path / ".snakemake")
    project.edit("workflow/lib/cutline/display/table_cox.py", edited)
    project.edit(STUDY, lambda text: text.replace("\ntitle: Everolimus", "\ntitle: On everolimus"))
    must_rerun(project, "present_tables", "render_report")


def test_an_edit_of_the_text_renders_again_and_nothing_else(project):
    sections = sorted((project.path / "reports/sections/everolimus_exemestane").glob("*.qmd"))
    project.edit(str(sections[0].relative_to(project.path)), lambda text: text + "\nOne more sentence.\n")
    assert project.run("--dry-run").planned == {"render_report"}


def test_an_upgrade_reruns_the_rules_that_import_the_library_and_a_linters_nothing(project, tmp_path):
    for name in ("typst", "ruff", "pytest"):
        folder = tmp_path / "newer" / f"{name}-99.0.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 99.0\n")
    newer = {"PYTHONPATH": str(tmp_path / "newer")}
    assert project.run("--dry-run", environment=newer).planned == {"render_report"}


def given_source(project):
    """The hospital's database as one that was given, so that nothing draws it anew and it may be edited."""
    project.edit(STUDY, lambda text: text[: text.index("\nsimulate:")] + text[text.index("\nindex_date:") :])
    provenance.record_path(project.path / DATABASE).unlink()


def test_a_date_changed_and_two_values_swapped_rerun_their_users(project):
    given_source(project)
    project.edit(STUDY, lambda text: text.replace("window: {start: 2020-01-01", "window: {start: 2020-01-02"))
    models = {"pfs": "  pfs: [her2_status,", "os": "  os: [her2_status,"}
    project.edit(STUDY, lambda text: text.replace(models["pfs"], "  swapped: [her2_status,"))
    project.edit(STUDY, lambda text: text.replace(models["os"], models["pfs"]).replace("  swapped: [", "  os: ["))
    fitted = ("fit_cox", "estimate_sensitivity", "write_exports")
    must_rerun(project, "select_cohort", *fitted, "release_results", *DISPLAY.split())


def test_other_adverse_events_in_the_source_reach_safety_and_the_report_and_not_survival(project):
    given_source(project)
    with duckdb.connect(str(project.path / DATABASE)) as source:
        source.execute("UPDATE adverse_events SET grade = 3, worst_grade = 3 WHERE worst_grade = 2")
    must_rerun(project, "extract_snapshot", "check_records", "summarise_quality", "derive_safety", "summarise_safety",
               "write_exports",
               "release_results", "present_tables", "render_report")  # fmt: skip


def test_an_input_replaced_by_an_older_file_is_seen(project):
    terms = project.path / "config/codelists/adverse_events.csv"
    terms.write_text(
        terms.read_text().replace(
            "\nasthenia,", "\na term nobody recorded,fatigue,Fatigue,General,5.0,none,\nasthenia,"
        )
    )
    os.utime(terms, (1_000_000_000, 1_000_000_000))  # as a file unpacked from an archive, or moved here, has
    must_rerun(project, "derive_covariates", "derive_safety", "render_report")
