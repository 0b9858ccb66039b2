"""The `cutline` command: questions to results, by verb. `cutline` alone lists them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from cutline.audit.cut import Cut, open_cut, project_root
from cutline.errors import StudyError

VERBS = ("why", "verify", "explain", "results", "list", "open", "freeze", "compare", "audit", "eligibility", "certify",
         "consistency", "compare-renderings", "messages")  # fmt: skip
"""Each is a module of `cutline.commands`, hyphens as underscores, with HELP, add_arguments(parser), run(arguments)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a verb; returns its exit code. A StudyError becomes one readable line and the exit code of its class."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _parser(given[0] if given and given[0] in VERBS else "")
    parsed = parser.parse_args(given)
    if "run" not in parsed:
        parser.print_help()
        return 0
    try:
        return int(parsed.run(parsed))
    except StudyError as error:
        from cutline.commands.terminal import as_called

        sys.stderr.write(as_called(f"{type(error).__name__}: {error}\n"))
        return error.exit_code
    except BrokenPipeError:  # `cutline list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _parser(wanted: str) -> argparse.ArgumentParser:
    """The parser of one verb, or of all: a verb's module is imported only where it is asked for."""
    parser = argparse.ArgumentParser(prog="cutline", description="Ask results where they come from and if they hold.")
    verbs = parser.add_subparsers(metavar="verb")
    for verb in [wanted] if wanted else VERBS:
        module = import_module(f"cutline.commands.{verb.replace('-', '_')}")
        of_verb = verbs.add_parser(verb, help=module.HELP, description=module.HELP)
        module.add_arguments(of_verb)
        of_verb.set_defaults(run=module.run)
    return parser


def add_cut_arguments(parser: argparse.ArgumentParser) -> None:
    """The options that choose a cut; without them it is the configured one."""
    parser.add_argument("--study", default="", help="study, if not the one in config/config.yaml")
    parser.add_argument("--cut", default="", help="data cut-off, for example 2025-12-31, if not the configured one")
    parser.add_argument("--results-dir", default="", help="folder of the results, if not the configured one")


def chosen_cut(arguments: argparse.Namespace) -> Cut:
    """The cut that the options chose, with the project as the current folder. Raises ConfigError if it is not there."""
    os.chdir(project_root(Path.cwd()))  # names in records are relative to it
    return open_cut(Path.cwd(), arguments.study, arguments.cut, arguments.results_dir)
