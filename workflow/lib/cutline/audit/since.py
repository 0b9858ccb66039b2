"""What the code changes since a commit would run again."""

from __future__ import annotations

import io
import subprocess
import tarfile
import tempfile
from pathlib import Path

from cutline.audit.cut import Cut
from cutline.audit.reasons import Outlook, code_changes, followers, jobs_in_order
from cutline.code_digest import code_of
from cutline.errors import ConfigError, SetupError


def changed_since(cut: Cut, revision: str) -> Outlook:
    """Per rule, the files of its code that differ between a revision and now; libraries are as installed in both.

    Raises ConfigError if git does not know the revision, SetupError without git.
    """
    with tempfile.TemporaryDirectory(prefix="cutline-since-") as folder:
        old = Path(folder).resolve() / "workflow"
        _unpack(cut.root, revision, Path(folder).resolve())
        jobs = jobs_in_order(cut)
        found = {rule: [*_changes(rule, old, cut.root / "workflow", cut.root)] for rule in jobs}
    reasons = {rule: why for rule, why in found.items() if why}
    return Outlook(reasons, followers(jobs, reasons))


def _changes(rule: str, old: Path, new: Path, root: Path) -> list[str]:
    scripts = [folder / "scripts" / f"{rule}.py" for folder in (old, new)]
    if not all(script.is_file() for script in scripts):
        return ["the rule is new, or no more"]
    before, after = (code_of(script, folder / "lib") for script, folder in zip(scripts, (old, new), strict=True))
    return [*code_changes(root, before, after)]


def _unpack(root: Path, revision: str, folder: Path) -> None:
    """The folder `workflow` as it was at a revision."""
    command = ["git", "-C", str(root), "archive", "--format=tar", revision, "workflow"]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError:
        raise SetupError("--since needs git, which is not on this machine") from None
    if done.returncode:
        raise ConfigError(f"--since: git does not know {revision!r} here; expected a commit, tag or branch")
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")
