"""What git knows of the project's code; nothing where there is no git or no repository."""

from __future__ import annotations

import subprocess
from pathlib import Path

SECONDS_ALLOWED = 20


def head(root: Path) -> str:
    """The commit that is checked out; blank if unknown."""
    return _git(root, "rev-parse", "HEAD").strip()


def dirty(root: Path) -> bool | None:
    """Whether tracked code or configuration differs from that commit; None if there is no repository."""
    if not head(root):
        return None
    return bool(_git(root, "status", "--porcelain", "--untracked-files=no").strip())


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
