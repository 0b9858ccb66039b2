"""`cutline audit`: the audit page and the crate of a cut, written anew as it is now."""

from __future__ import annotations

import argparse

from cutline.command import add_cut_arguments, chosen_cut

HELP = "write the audit page and the crate of a cut anew; a run does so by itself"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write both and print where the page is; returns 0."""
    from cutline.audit.closing import describe

    print(describe(chosen_cut(arguments)))
    return 0
