"""`cutline compare`: what changed between two cuts, and why."""

from __future__ import annotations

import argparse
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from cutline.audit.cut import MANIFEST, RESULTS, Cut, cuts_in, open_cut, project_root
from cutline.commands.terminal import say
from cutline.errors import ConfigError
from cutline.provenance import dates_of_cut

HELP = "report what changed between two cuts, and why: cuts of the project, folders of cuts, or archives"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument(
        "old", nargs="?", default="", help="older cut: name, folder or archive (default: the one before)"
    )
    parser.add_argument(
        "new", nargs="?", default="", help="newer cut: name, folder or archive (default: the configured)"
    )
    parser.add_argument("--study", default="", help="study, if not the one in config/config.yaml")
    parser.add_argument("--results-dir", default="", help="folder of the results, if not the configured one")
    parser.add_argument("--output", default="", help="folder of the report where it is not made by the pipeline")
    parser.add_argument("--cores", default=str(os.cpu_count() or 1), help="cores for the pipeline (default: all)")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say what would be run")


def run(arguments: argparse.Namespace) -> int:
    """Make the change report and print where it is; returns 0, or the exit code of the pipeline."""
    root = project_root(Path.cwd())
    with ExitStack() as opened:
        new = side(arguments.new, root, arguments, opened)
        old = side(arguments.old or previous(new), root, arguments, opened)
        if old.study != new.study:
            raise ConfigError(f"{old.study} and {new.study} are two studies; expected two cuts of one")
        if old.folder == new.folder:
            raise ConfigError(f"both sides are {new.folder}; expected two cuts, or one cut made by two versions")
        if by_pipeline(old, new, root, arguments):
            return run_pipeline(old, new, root, arguments)
        return run_directly(old, new, root, arguments)


# ── the two sides ────────────────────────────────────────────────────────────────────────────


def side(given: str, root: Path, arguments: argparse.Namespace, opened: ExitStack) -> Cut:
    """The cut of that name, in that folder or in that archive; the configured one for a blank.

    An archive is unpacked and verified, and removed again when `opened` is closed. Raises ConfigError if it is none
    of these.
    """
    path = Path(given)
    if given and path.is_file():
        from cutline.audit.freeze import archived_cut

        cut = archived_cut(path)
        opened.callback(shutil.rmtree, cut.folder.parents[1], ignore_errors=True)
        return cut
    if given and (path / RESULTS).is_file():
        folder = path.resolve()
        return Cut(root, folder, folder.parent.name, folder.name)
    if os.sep in given:
        raise ConfigError(f"{given}: found neither an archive nor the folder of a cut, which holds {RESULTS}")
    return open_cut(root, arguments.study, given, arguments.results_dir)


def previous(cut: Cut) -> str:
    """The folder of the cut before that one. Raises ConfigError if it is the first."""
    earlier = [name for name in cuts_in(cut.folder.parent) if name < cut.name]
    if not earlier:
        raise ConfigError(
            f"study {cut.study}: there is no cut before {cut.name} to compare with. Run an earlier cut-off first, for "
            "example `snakemake --cores 4 --config data_cutoff=2025-05-31`, or name an archive."
        )
    return str(cut.folder.parent / earlier[-1])


# ── by the pipeline, with attribution ────────────────────────────────────────────────────────


def by_pipeline(old: Cut, new: Cut, root: Path, arguments: argparse.Namespace) -> bool:
    """Whether both sides have their patient level and the new one is a cut of this project."""
    if arguments.output or not all((cut.folder / MANIFEST).is_file() for cut in (old, new)):
        return False
    try:
        return open_cut(root, new.study, new.name, arguments.results_dir).folder == new.folder
    except ConfigError:
        return False


def pipeline_command(old: Cut, new: Cut, arguments: argparse.Namespace) -> list[str]:
    """The call of Snakemake that makes the change report of the new cut."""
    data_cutoff, known_by = dates_of_cut(new.name)
    beside = old.folder.parent == new.folder.parent
    config = {
        "study": new.study, "data_cutoff": data_cutoff, "known_by": known_by if known_by != data_cutoff else "",
        "results_dir": arguments.results_dir, "compare_with": old.name if beside else str(old.folder),
    }  # fmt: skip
    chosen = [f"{key}={value}" for key, value in config.items() if value]
    return [sys.executable, "-m", "snakemake", "--cores", arguments.cores, "--config", *chosen]


def run_pipeline(old: Cut, new: Cut, root: Path, arguments: argparse.Namespace) -> int:
    command = pipeline_command(old, new, arguments)
    say(shlex.join(["snakemake", *command[3:]]))
    if arguments.dry_run:
        return 0
    done = subprocess.run(command, cwd=root, check=False)
    if done.returncode == 0:
        say(f"What changed: {new.folder / 'report' / 'changes.html'}")
    return done.returncode


# ── directly, from released results ──────────────────────────────────────────────────────────


def run_directly(old: Cut, new: Cut, root: Path, arguments: argparse.Namespace) -> int:
    folder = Path(arguments.output or f"changes_{old.name}_{new.name}")
    if arguments.dry_run:
        say(f"The released results of {old.name} and {new.name} would be compared, without attribution, into {folder}")
        return 0
    from cutline.changes.direct import compare_results_of, write_changes

    write_changes(compare_results_of(old, new, root), folder)
    say(f"What changed: {folder / 'changes.html'} (without attribution: it needs the patient level of both cuts)")
    return 0
