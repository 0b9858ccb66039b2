"""What every program that an engine starts may see, and what is recorded of an engine."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

FIXED_TIME = 315532800
"""1 January 1980, UTC, the earliest time a ZIP archive can hold: what rendered files carry instead of a clock's."""
KEPT = ("PATH", "SYSTEMROOT", "SystemRoot", "WINDIR", "COMSPEC", "PATHEXT")
PRIVATE = ("HOME", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TMPDIR", "TEMP", "TMP")
NOWHERE = "http://127.0.0.1:9"
"""A proxy that is not there: a program that tries the network fails instead of fetching."""


def program_environment(stage: Path) -> dict[str, str]:
    """The environment of a program that renders: no user settings, no clock, no network, one locale.

    Its home and its temporary files are in a hidden folder of the stage, which is made if need be; a home that is the
    project itself would hide the project from Quarto.
    """
    home = stage / ".home"
    home.mkdir(exist_ok=True)
    private = dict.fromkeys(PRIVATE, str(home))
    fixed = {"LC_ALL": "C.UTF-8", "TZ": "UTC", "SOURCE_DATE_EPOCH": str(FIXED_TIME)}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE)
    return {name: os.environ[name] for name in KEPT if name in os.environ} | private | fixed | proxies


def without_paths(said: str, stage: Path) -> str:
    """What a program said, without the name of the private folder it ran in."""
    root = stage.parent
    return said.replace(f"{root}{os.sep}", "").replace(str(root), "").strip()


def recorded(engine: str, programs: Mapping[str, str]) -> str:
    """The text of report/engine.json: which engine rendered, and the version of each of its programs."""
    return json.dumps({"engine": engine, "programs": dict(sorted(programs.items()))}, indent=1) + "\n"
