"""What git knows of the project's code; nothing where there is no git or no repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

SECONDS_ALLOWED = 20


CODE = ("Snakefile", "workflow", "config", "reports", "profiles")
"""What results are made by, as far as it is in the project."""


def head(root: Path) -> str:
    """The commit that is checked out; blank if the project is not a repository of its own."""
    told = _git(root, "rev-parse", "--show-toplevel", "HEAD").splitlines()
    return told[1] if len(told) == 2 and Path(told[0]).resolve() == root.resolve() else ""


def dirty(root: Path) -> bool | None:
    """Whether code or configuration differs from that commit, new files included; None without a repository."""
    if not head(root):
        return None
    return bool(_git(root, "status", "--porcelain", "--", *CODE).strip())


def commit_of(root: Path, path: str) -> str:
    """The last commit that touched a file, as `1a2b3c4 (subject)`; blank if git knows none."""
    return _git(root, "log", "-1", "--format=%h (%s)", "--", path).strip()


def commit_with(root: Path, blob: str) -> str:
    """The oldest commit that brought this content of a file, as `1a2b3c4 (subject)`; blank if no commit has it."""
    lines = _git(root, "log", "--format=%h (%s)", f"--find-object={blob}").strip().splitlines()
    return lines[-1] if lines else ""


def edited(root: Path, path: str) -> bool:
    """Whether the file differs from the commit that is checked out."""
    return bool(_git(root, "status", "--porcelain", "--", path).strip())


def _git(root: Path, *arguments: str) -> str:
    """What git says; blank if it fails or is not there."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *arguments],
            capture_output=True, encoding="utf-8", errors="replace", timeout=SECONDS_ALLOWED, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
