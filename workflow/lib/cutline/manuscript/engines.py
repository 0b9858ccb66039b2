"""Which engine renders, and what every program it starts may see."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from cutline.errors import SetupError

FIXED_TIME = 315532800
"""1 January 1980, UTC, the earliest time a ZIP archive can hold: what rendered files carry instead of a clock's."""
KEPT = ("PATH", "SYSTEMROOT", "SystemRoot", "WINDIR", "COMSPEC", "PATHEXT")
PRIVATE = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP")
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: a program that tries the network fails instead of fetching."""


def chosen(engine: str) -> str:
    """`quarto` or `pandoc`. Raises SetupError if Quarto is asked for and not there."""
    there = shutil.which("quarto") is not None
    if engine == "auto":
        return "quarto" if there else "pandoc"
    if engine == "quarto" and not there:
        raise SetupError(
            "report.engine: quarto was asked for and is not on the PATH. Install Quarto 1.5 or newer from "
            "https://quarto.org, or set report.engine to auto or pandoc, which need nothing more."
        )
    return engine


def program_environment(stage: Path) -> dict[str, str]:
    """The environment of a program that renders: no user settings, no clock, no network, one locale."""
    private = dict.fromkeys(PRIVATE, str(stage))
    fixed = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": str(FIXED_TIME)}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
    return {name: os.environ[name] for name in KEPT if name in os.environ} | private | fixed | proxies


def without_paths(said: str, stage: Path) -> str:
    """What a program said, without the name of the private folder it ran in."""
    root = stage.parent
    return said.replace(f"{root}{os.sep}", "").replace(str(root), "").strip()
