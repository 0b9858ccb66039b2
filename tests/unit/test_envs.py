"""The pins: the lock files agree with what was asked for, with each other and with the conda environment."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import run
from envs import make_conda

LOCKS = (run.BUILD, run.MAIN, run.TEST)


def text(name: str) -> str:
    return (run.ENVS / name).read_text(encoding="utf-8")


def canonical(package: str) -> str:
    """The name by which pip knows a package: case, dots and underscores do not count."""
    return re.sub(r"[-_.]+", "-", package).lower()


def asked(name: str) -> dict[str, str]:
    return {canonical(package): version for package, version in make_conda.pins(text(name)).items()}


def locked(name: str) -> dict[str, str]:
    """Package and version of each entry of a lock."""
    return {canonical(package): version for package, version in re.findall(r"^([\w.-]+)==(\S+)", text(name), re.M)}


@pytest.mark.parametrize("name", LOCKS)
def test_lock_holds_the_versions_asked_for(name: str) -> None:
    wanted = asked(name.replace(".txt", ".in"))
    assert wanted
    assert wanted.items() <= locked(name).items()


def test_test_lock_contains_the_main_lock() -> None:
    assert locked(run.MAIN).items() <= locked(run.TEST).items()


def test_build_lock_contradicts_no_other() -> None:
    build, everything = locked(run.BUILD), locked(run.TEST)
    assert {name: everything.get(name, version) for name, version in build.items()} == build


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash(name: str) -> None:
    entries = re.split(r"^(?=[\w.-]+==)", text(name), flags=re.M)[1:]
    assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert len(entries) == len(locked(name)), "one version of each package for every Python and system"


@pytest.mark.parametrize("path", sorted(run.ENVS.glob("*.*")), ids=lambda path: path.name)
def test_no_file_names_a_server(path: Path) -> None:
    assert "://" not in path.read_text(encoding="utf-8")
    assert "index-url" not in path.read_text(encoding="utf-8")


def test_lifelines_and_its_pandas_are_pinned_together() -> None:
    """lifelines 0.30 needs pandas below 3, and the stubs must describe the pandas that is installed."""
    pins = asked("requirements.in") | asked("requirements-test.in")
    assert (pins["lifelines"], pins["pandas"]) == ("0.30.3", "2.3.3")
    assert pins["pandas-stubs"].startswith(f"{pins['pandas']}.")


def test_conda_environment_is_made_from_the_pins() -> None:
    written = text("cutline.yaml")
    assert written == make_conda.from_folder(), "run: python3 envs/make_conda.py"


def test_every_pin_has_a_conda_name_and_no_name_is_left_over() -> None:
    assert list(make_conda.conda_names(text("conda_names.csv"))) == list(make_conda.pins(text("requirements.in")))


def test_package_without_a_conda_name_is_refused() -> None:
    with pytest.raises(KeyError, match="says nothing of polars"):
        make_conda.environment({"polars": "1.0"}, {})


def test_requirement_without_a_version_is_refused() -> None:
    with pytest.raises(ValueError, match="without an exact version: pandas"):
        make_conda.pins("pandas\nnumpy==2.0\n")
