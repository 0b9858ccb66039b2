"""`cutline list`: which studies have results, at which cut-offs, and in which state."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from cutline.audit.cut import RESULTS, Cut, cuts_in, project_root, read_plain_yaml
from cutline.audit.freeze import SEAL
from cutline.command import add_cut_arguments
from cutline.commands.terminal import columns, say

HELP = "list the studies and data cut-offs that have results"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("--json", action="store_true", help="as JSON for another program")
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every cut with its number of results, last run and seal; returns 0."""
    root = project_root(Path.cwd())
    found = [about(cut) for cut in cuts(root, arguments.results_dir, arguments.study, arguments.cut)]
    say(json.dumps(found, ensure_ascii=False, indent=1) if arguments.json else as_list(found))
    return 0


def cuts(root: Path, results_dir: str = "", study: str = "", name: str = "") -> list[Cut]:
    """Every cut of the results folder, or those of one study or with one name; by study, oldest first."""
    configured = read_plain_yaml(root / "config" / "config.yaml")
    folder = (root / (results_dir or configured.get("results_dir", "results"))).absolute()
    studies = sorted(path for path in folder.glob(study or "*") if path.is_dir())
    return [Cut(root, path / cut, path.name, cut) for path in studies for cut in cuts_in(path) if name in ("", cut)]


def about(cut: Cut) -> dict[str, Any]:
    """What is said of a cut; whether it still holds is a matter for `verify`."""
    last = cut.runs[-1] if cut.runs else {}
    return {
        "study": cut.study,
        "cut": cut.name,
        "results": len(cut.results) if (cut.folder / RESULTS).is_file() else 0,
        "last_run": last.get("started", ""),
        "outcome": last.get("outcome", ""),
        "sealed": (cut.folder / SEAL).is_file(),
        "folder": str(cut.folder),
    }


def as_list(found: list[dict[str, Any]]) -> str:
    """One cut a line, and how to go on."""
    if not found:
        return "There are no results yet: run `snakemake --cores 4`."
    rows = [
        (cut["study"], cut["cut"], str(cut["results"]), _when(cut), "sealed" if cut["sealed"] else "open")
        for cut in found
    ]
    header = ("study", "cut-off", "results", "last run", "seal")
    table = columns([header, *rows], right=[2], indent=0)
    return "\n".join([*table, "", "Whether a cut still holds: cutline verify --study STUDY --cut CUT-OFF"])


def _when(cut: dict[str, Any]) -> str:
    """When it was last run, and how that ended if not well."""
    when = cut["last_run"].replace("T", " ").replace("+00:00", " UTC")
    return (when or "not known") + ("" if cut["outcome"] in ("finished", "") else f" ({cut['outcome']})")
