"""`cutline audit`: the audit page and the crate of a cut, written anew as it is now."""

from __future__ import annotations

import argparse

from cutline.audit.runs import PAGES
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import say
from cutline.errors import ProvenanceError

HELP = "write the audit page and the crate of a cut anew; a run does so by itself"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write both and print where the page is; returns 0 only if everything holds."""
    from cutline.audit.closing import describe

    cut = chosen_cut(arguments)
    findings = describe(cut)
    say(str(cut.folder / PAGES[0]))
    return ProvenanceError.exit_code if findings else 0
