"""`cutline open`: the report and what belongs to it, in the program that shows such files."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from cutline.audit.cut import Cut
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import say
from cutline.errors import ReportError

HELP = "open the report of a cut, or its audit page, changes, tables or folder"
WHAT = {
    "report": ("report/manuscript.html", "report/manuscript.docx", "report/manuscript.pdf"),
    "audit": ("report/audit.html",),
    "changes": ("report/changes.html",),
    "tables": ("aggregate/tables",),
    "folder": (".",),
}
"""What can be opened: the first of these that is there."""
HOW_MADE = {
    "report": "run the study at this cut-off: `snakemake --cores 4`",
    "audit": "it is written at the end of a run that finished: `snakemake --cores 4`",
    "changes": "compare this cut with an older one: `cutline compare`",
    "tables": "run the study at this cut-off: `snakemake --cores 4`",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument(
        "what", nargs="?", default="report", choices=list(WHAT), help="what to open (default: the report)"
    )
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the path, and open it where there is a screen; returns 0. Raises ReportError if it is not there."""
    path = path_of(chosen_cut(arguments), arguments.what)
    say(str(path))
    opener = opener_of(sys.platform)
    if opener == "startfile":
        os.startfile(path)  # type: ignore[attr-defined,unused-ignore]
    elif opener:
        subprocess.Popen(
            [opener, str(path)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
    return 0


def path_of(cut: Cut, what: str) -> Path:
    """The file or folder. Raises ReportError if it is not there."""
    paths = [(cut.folder / name).resolve() for name in WHAT[what]]
    there = next((path for path in paths if path.exists()), None)
    if there is None:
        raise ReportError(f"cut {cut.name} of {cut.study}: {WHAT[what][0]} is not there; {HOW_MADE[what]}")
    return there


def opener_of(platform: str) -> str:
    """The program that opens a file as a double click would; blank where there is no screen."""
    known = {"win32": "startfile", "darwin": "open"}
    screen = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return known.get(platform) or (screen and shutil.which("xdg-open")) or ""
