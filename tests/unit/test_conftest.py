"""A skipped test is a reason on a laptop and a failure in CI."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import run

SKIPPING = """
import pytest

@pytest.mark.needs("a tool")
def test_that_needs_a_tool():
    pass

@pytest.mark.xfail
def test_expected_to_fail():
    assert False
"""


def run_pytest(folder: Path, test: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """pytest with this project's conftest on one test file, on a machine that lacks `a tool`."""
    shutil.copy(run.ROOT / "tests" / "conftest.py", folder)
    (folder / "run.py").write_text("def tool(name): return name\ndef version_of(tool): return ''\n")
    (folder / "test_it.py").write_text(test)
    kept = {name: value for name, value in os.environ.items() if name not in ("CI", "CUTLINE_NO_SKIPS")}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-c", os.devnull, "-rs", "--rootdir", folder]
    return subprocess.run(
        [*command, folder], cwd=folder, env={**kept, **variables}, capture_output=True, text=True, check=False
    )


def test_missing_tool_skips_with_its_name_on_a_laptop(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, SKIPPING)
    assert done.returncode == 0
    assert "needs a tool" in done.stdout
    assert "1 skipped, 1 xfailed" in done.stdout


@pytest.mark.parametrize("variable", ["CI", "CUTLINE_NO_SKIPS"])
def test_skip_is_a_failure_where_skips_are_forbidden(tmp_path: Path, variable: str) -> None:
    done = run_pytest(tmp_path, SKIPPING, **{variable: "1"})
    assert done.returncode == 1
    assert "skipped where every test must run: Skipped: needs a tool" in done.stdout
    assert "1 xfailed" in done.stdout


def test_module_that_skips_itself_is_a_failure_too(tmp_path: Path) -> None:
    done = run_pytest(tmp_path, "import pytest\npytest.importorskip('no_such_module')\n", CUTLINE_NO_SKIPS="1")
    assert done.returncode != 0
    assert "skipped where every test must run" in done.stdout
