"""`cutline freeze`: seal a cut and pack what may leave."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime

from cutline.audit.freeze import freeze, unfreeze
from cutline.audit.runs import head
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import say

HELP = "seal a cut: verify it, make its files read-only and pack an archive; --undo makes them writable again"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    add_cut_arguments(parser)
    parser.add_argument("--undo", action="store_true", help="make the files writable again and remove the seal")


def run(arguments: argparse.Namespace) -> int:
    """Seal or unseal the cut and say what was done."""
    cut = chosen_cut(arguments)
    named = f"Study {cut.study}, data cut-off {cut.name}"
    if arguments.undo:
        date = unfreeze(cut)
        say(f"{named}: the seal of {date or 'unknown date'} is removed, the files are writable again.")
        say("The archive stays. Seal it again when you are done: cutline freeze")
        return 0
    archive = freeze(cut, datetime.now(UTC).date().isoformat())
    say(f"{named}: sealed. Its files are read-only; `cutline freeze --undo` makes them writable again.")
    say(f"Archive without patient-level files: {archive}")
    say(f"Keep the head of the ledger elsewhere, in an e-mail or on paper: {head(cut.runs)}")
    return 0
