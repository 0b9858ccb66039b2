"""A rule's code is what its script reaches: an edit changes exactly the rules that reach it."""

from pathlib import Path

import pytest

from cutline.code_digest import _distribution_of, _files_of, _metadata, _reached, _scan, code_of
from cutline.study_rules import SPEAKING


@pytest.fixture
def project(tmp_path):
    """A script that reaches `cutline.cox` and through it `cutline.ard`, beside an unrelated module."""
    package = tmp_path / "workflow" / "lib" / "cutline"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "ard.py").write_text("import pandas\nX = 1\n")
    (package / "cox.py").write_text(
        '"""Doc."""\nfrom cutline.ard import X\n\ndef fit():\n    """Fit."""\n    return X\n'
    )
    (package / "safety.py").write_text("Y = 2\n")
    (package / "job.py").write_text("import os\n")
    script = tmp_path / "workflow" / "scripts" / "fit_cox.py"
    script.parent.mkdir()
    script.write_text("from cutline.cox import fit\nfrom cutline.job import run\n")

    def digest(**edits):
        for name, text in edits.items():
            (package / f"{name}.py").write_text(text)
        for cached in (code_of, _scan, _files_of):
            cached.cache_clear()
        return code_of(script, package.parent)

    return digest


def test_the_script_and_every_module_it_reaches_are_named(project):
    files = [name for name in project() if "/" in name]
    assert files == ["lib/cutline/__init__.py", "lib/cutline/ard.py", "lib/cutline/cox.py", "scripts/fit_cox.py"]


def test_an_edit_of_a_reached_module_changes_the_digest(project):
    assert project() != project(ard="import pandas\nX = 2\n")


def test_an_edit_of_an_unrelated_module_changes_nothing(project):
    assert project() == project(safety="Y = 3\n")


def test_the_harness_is_not_part_of_the_code(project):
    assert project() == project(job="import sys\n")


def test_a_comment_a_docstring_or_a_reformat_changes_nothing(project):
    edited = '"""Other words."""\nfrom cutline.ard import X  # why\n\n\ndef fit( ):\n    "Fits."\n    return (X)\n'
    assert project() == project(cox=edited)


def test_every_module_the_library_imports_belongs_to_an_installed_distribution():
    library = Path(__file__).parents[2] / "workflow" / "lib"
    scripts = library.parent.glob("scripts/*.py")
    imported = {name for script in scripts for name in _reached(script, library)[1]}
    assert imported
    assert {name for name in imported if _metadata(_distribution_of(name)) is None} == set(), "name it in OTHER_NAMES"


def test_no_step_that_makes_results_rests_on_a_catalogue_so_that_a_translation_reruns_none():
    library = Path(__file__).parents[2] / "workflow" / "lib"
    scripts = library.parent.glob("scripts/*.py")
    resting = {script.stem for script in scripts if any(file.suffix == ".po" for file in _reached(script, library)[0])}
    assert resting == {*SPEAKING, "compare_cuts", "write_exports"}


def test_versions_of_imported_distributions_and_their_dependencies_are_part_of_the_code(project):
    digest = project()
    assert {"pandas", "numpy", "pyarrow", "python"} <= set(digest)
    assert "ruff" not in digest
