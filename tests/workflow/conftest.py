"""Real runs: a copy of the project, Snakemake as the user starts it, and a finished run to copy from."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS_ALLOWED = 900
PARTS = ("Snakefile", "config", "envs", "profiles", "reports", "workflow")
DEFAULT_CUT = Path("results/everolimus_exemestane/2025-05-31")
GBSG2_CUT = Path("results/gbsg2/1994-01-01")
BOLERO2_CUT = Path("results/bolero2/2011-07-08")
LATER = "2025-12-31"
LATER_CUT = DEFAULT_CUT.with_name(LATER)


FIRST = ("test_end_to_end.py", "test_new_cut.py", "test_interrupted.py", "test_determinism.py", "test_secrets.py")
"""What makes the runs that others copy, then the longest tests."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Real runs before everything else: one process makes them while the other has the unit tests, and none waits."""

    def rank(item: pytest.Item) -> int:
        if Path(__file__).parent != item.path.parent:
            return len(FIRST) + 1
        return FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST)

    items.sort(key=rank)


@dataclass(frozen=True)
class Outcome:
    """How a run of Snakemake ended."""

    code: int
    text: str

    @property
    def rules(self) -> set[str]:
        """Rules that ran."""
        return set(re.findall(r"Finished jobid: \d+ \(Rule: (\w+)\)", self.text)) - {"all"}

    @property
    def planned(self) -> set[str]:
        """Rules that a dry run counts."""
        return set(re.findall(r"^(\w+) +\d+$", self.text, re.M)) - {"all", "total"}

    @property
    def nothing_to_do(self) -> bool:
        return "Nothing to be done" in self.text


@dataclass(frozen=True)
class Project:
    """A private copy of the project."""

    path: Path

    def run(self, *arguments: str, cores: int = 2, environment: dict[str, str] | None = None) -> Outcome:
        command = [sys.executable, "-m", "snakemake", "--cores", str(cores), *arguments]
        done = subprocess.run(
            command,
            cwd=self.path,
            env=os.environ | (environment or {}),
            capture_output=True,
            text=True,
            timeout=SECONDS_ALLOWED,
        )
        return Outcome(done.returncode, done.stdout + done.stderr)

    def ask(self, *question: str) -> subprocess.CompletedProcess[str]:
        """The `cutline` command as its user calls it."""
        environment = os.environ | {"PYTHONPATH": str(self.path / "workflow" / "lib")}
        command = [sys.executable, "-m", "cutline", *question]
        return subprocess.run(command, cwd=self.path, env=environment, capture_output=True, text=True, timeout=300)

    def edit(self, file: str, change: Callable[[str], str]) -> None:
        path = self.path / file
        before = path.read_text(encoding="utf-8")
        after = change(before)
        assert after != before, f"the edit of {file} changed nothing"
        path.write_text(after, encoding="utf-8")

    def record(self, file: str) -> dict[str, object]:
        return dict(json.loads((self.path / f"{file}.prov.json").read_text(encoding="utf-8")))

    def copy_to(self, path: Path) -> Project:
        shutil.copytree(self.path, path, copy_function=shutil.copy2)
        return Project(path)


def fresh(path: Path) -> Project:
    path.mkdir(parents=True)
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy2
        copy(ROOT / part, path / part)
    return Project(path)


@pytest.fixture
def empty_project(tmp_path: Path) -> Project:
    """The project, nothing run yet."""
    return fresh(tmp_path / "project")


Made = Callable[[str, Callable[[Path], Project]], Project]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Makes a project by name once, for all processes of a test run; the others wait until it is there."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], Project]) -> Project:
        folder, finished = shared / name, shared / f"{name}.made"
        try:
            (shared / f"{name}.lock").mkdir()
        except FileExistsError:
            for _ in range(SECONDS_ALLOWED):
                if finished.exists():
                    return Project(folder)
                time.sleep(1)
        try:
            return make(folder)
        finally:
            finished.touch()

    return made


def ran(project: Project, *arguments: str) -> Project:
    """The project after a run that must succeed."""
    outcome = project.run(*arguments)
    assert outcome.code == 0, outcome.text
    return project


@pytest.fixture(scope="session")
def finished(made_once: Made) -> Project:
    """The default study, run to the end once; tests must not change it."""
    return made_once("finished", lambda path: ran(fresh(path)))


@pytest.fixture(scope="session")
def finished_gbsg2(made_once: Made) -> Project:
    """gbsg2, run to the end once; tests must not change it."""
    return made_once("gbsg2", lambda path: ran(fresh(path), "--config", "study=gbsg2"))


@pytest.fixture(scope="session")
def finished_bolero2(made_once: Made) -> Project:
    """bolero2, run to the end once; tests must not change it."""
    return made_once("bolero2", lambda path: ran(fresh(path), "--config", "study=bolero2"))


@pytest.fixture(scope="session")
def turkish(finished: Project, made_once: Made) -> Project:
    """The default study, its report made anew in Turkish; `again.txt` says what ran. Tests must not change it."""

    def made(path: Path) -> Project:
        project = finished.copy_to(path)
        outcome = project.run("--config", "report={language: tr}")
        assert outcome.code == 0, outcome.text
        (path / "again.txt").write_text(outcome.text, encoding="utf-8")
        return project

    return made_once("turkish", made)


@pytest.fixture
def project(finished: Project, tmp_path: Path) -> Project:
    """A copy of the finished default study, to change and run again."""
    return finished.copy_to(tmp_path / "project")


@pytest.fixture
def project_gbsg2(finished_gbsg2: Project, tmp_path: Path) -> Project:
    """A copy of the finished gbsg2, to change and run again; it is the study that this copy runs by itself."""
    project = finished_gbsg2.copy_to(tmp_path / "project")
    project.edit("config/config.yaml", of_gbsg2)
    return project


def of_gbsg2(config: str) -> str:
    """The configuration with the small study in the place of the default one."""
    return config.replace("study: everolimus_exemestane", "study: gbsg2")


@pytest.fixture(scope="session")
def updated(finished: Project, made_once: Made) -> Project:
    """The default study at two cut-offs, the second run beside the first; tests must not change it."""
    return made_once("updated", lambda path: ran(finished.copy_to(path), "--config", f"data_cutoff={LATER}"))
