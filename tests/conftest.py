"""What every test may rely on: tools named by a marker, and no silent skip where none may be.

A test that needs a program outside Python says so with `@pytest.mark.needs("R with survival")`, by the name
that `python3 run.py doctor` prints. On a laptop without it the test is skipped with the reason. Where CI or
CUTLINE_NO_SKIPS is set, a skipped test has failed: it said nothing.
"""

from __future__ import annotations

import os
from collections.abc import Generator
from functools import cache

import pytest
from hypothesis import settings

import run

# Whether a test fails must not depend on how busy the machine is.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@cache
def present(name: str) -> bool:
    """Whether this machine has the tool, and it answers."""
    return bool(run.version_of(run.tool(name)))


def skips_forbidden() -> bool:
    return any(os.environ.get(name, "").lower() not in ("", "0", "false", "no") for name in ("CI", "CUTLINE_NO_SKIPS"))


def pytest_runtest_setup(item: pytest.Item) -> None:
    needed = [name for marker in item.iter_markers("needs") for name in marker.args]
    missing = [name for name in needed if not present(name)]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}, see `python3 run.py doctor`")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    # A test that is expected to fail is reported as skipped too, but it ran.
    if report.skipped and not hasattr(report, "wasxfail"):
        fail_if_forbidden(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        fail_if_forbidden(report)
    return report


def fail_if_forbidden(report: pytest.TestReport | pytest.CollectReport) -> None:
    if skips_forbidden():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped where every test must run: {reason}"
