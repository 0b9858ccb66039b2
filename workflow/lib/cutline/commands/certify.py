"""`cutline certify`: whether this machine's statistics agree with the frozen numbers of other software."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from cutline.audit.cut import project_root
from cutline.commands.terminal import say
from cutline.errors import ProvenanceError, SetupError

HELP = "compare the survival statistics with R's and with printed ones, number by number, on this machine"
REFERENCES = Path("tests/reference")
FOLDER = Path("results/certification")
SHOWN = 10
"""Disagreements that are printed; the page has all."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("--output", default=str(FOLDER), help="folder of agreement.html and agreement.json")


def run(arguments: argparse.Namespace) -> int:
    """Write the page and the JSON, and print the verdict; returns 0 only if every number agrees."""
    from cutline.certification import agreements
    from cutline.certification.report import WHAT_IT_IS, as_json, as_page, counts

    os.chdir(project_root(Path.cwd()))
    if not REFERENCES.is_dir():
        raise SetupError(f"{REFERENCES} is not here: the frozen references come with the whole checkout of Cutline.")
    found = agreements(REFERENCES)
    folder = Path(arguments.output)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in (("agreement.html", as_page(found)), ("agreement.json", as_json(found))):
        (folder / name).write_text(text, encoding="utf-8")
    wrong = [each for each in found if not each.agrees]
    for each in wrong[:SHOWN]:
        about = each.reference
        say(f"{about.data_set} {about.members} {about.statistic} {about.options}: reference {about.value:.10g}, "
            f"here {each.error or format(each.ours, '.10g')}")  # fmt: skip
    number, disagreeing = counts(found).values()
    say(f"{number:,} numbers compared, {disagreeing or 'none'} outside tolerance: {folder / 'agreement.html'}")
    say(WHAT_IT_IS)
    return ProvenanceError.exit_code if wrong else 0
