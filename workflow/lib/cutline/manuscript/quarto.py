"""Genuine Quarto, where it is installed: `quarto render` in a private copy, without executing or fetching anything."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from cutline.errors import ReportError, SetupError
from cutline.manuscript.compose import Document
from cutline.manuscript.engines import program_environment, without_paths
from cutline.manuscript.word import laid_out

OLDEST = (1, 5)
SECONDS_ALLOWED = 300
SAFELY = ("--no-execute", "--no-cache", "--quiet")
TARGETS = {"html": "html", "docx": "docx", "pdf": "typst"}


def rendering(document: Document, report: Path, formats: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """The document in these formats, from a filled stage, one after the other.

    Raises SetupError if Quarto is too old, ReportError with what Quarto says if it fails.
    """
    programs(report)
    yield from ((name, _render(report, name)) for name in formats)


def programs(report: Path) -> dict[str, str]:
    """The version of Quarto, which brings its own pandoc and typst. Raises SetupError if it is too old."""
    return {"quarto": check_version(_run([_program(), "--version"], report).stdout)}


def _program() -> str:
    return shutil.which("quarto") or "quarto"


def check_version(said: str) -> str:
    """The version. Raises SetupError unless it is that of a Quarto that renders the report."""
    found = re.match(r"\s*(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < OLDEST:
        raise SetupError(
            f"report.engine: found Quarto {said.strip() or 'of unknown version'}, expected "
            f"{OLDEST[0]}.{OLDEST[1]} or newer. "
            "Update Quarto, or set report.engine to pandoc."
        )
    return said.strip()


def _render(report: Path, name: str) -> bytes:
    done = _run([_program(), "render", "report/manuscript.qmd", "--to", TARGETS[name], *SAFELY], report)
    output = report / f"manuscript.{name}"
    if done.returncode or not output.is_file():
        raise ReportError(f"report as {name}: quarto says: {without_paths(done.stderr + done.stdout, report)}")
    content = output.read_bytes()
    return laid_out(content) if name == "docx" else content


def _run(command: Sequence[str], report: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=report.parent,
        env=program_environment(report.parent),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=SECONDS_ALLOWED,
        check=False,
    )
