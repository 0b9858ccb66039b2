"""What the documents promise: every configuration key explained, every link alive, one version number."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

import run
from cutline import errors

CONFIG = run.ROOT / "config"
SCHEMAS = [CONFIG / "config.schema.yaml", CONFIG / "studies" / "study.schema.yaml"]
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/*.md", "config/*.md") for path in run.ROOT.glob(pattern) if path.is_file()
)
OF_JOBS = [error for error in vars(errors).values() if isinstance(error, type) and error is not errors.StudyError]


def keys(schema: Any) -> Iterator[str]:
    """Every key that a schema lets a configuration have."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from keys(part)


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda path: path.name)
def test_every_configuration_key_is_explained(schema: Path) -> None:
    words = set(re.findall(r"\w+", (CONFIG / "README.md").read_text(encoding="utf-8")))
    allowed = set(keys(yaml.safe_load(schema.read_text(encoding="utf-8"))))
    assert allowed
    assert allowed - words == set(), "explain these keys in config/README.md"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(run.ROOT).as_posix())
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_every_class_of_error_has_its_exit_code_in_the_readme() -> None:
    rows = re.findall(r"^\| (\d+) \|", (run.ROOT / "README.md").read_text(encoding="utf-8"), re.M)
    assert {error.exit_code for error in OF_JOBS} <= {int(code) for code in rows}


def test_version_is_the_same_everywhere() -> None:
    version = tomllib.loads((run.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert f"\nversion: {version}\n" in (run.ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert re.search(r"^## (\S+?),? ", (run.ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.M)[1] == version


def test_ci_script_is_valid_shell_and_executable() -> None:
    script = run.ROOT / ".ci" / "run"
    subprocess.run(["bash", "-n", script], check=True)
    assert script.stat().st_mode & 0o111
