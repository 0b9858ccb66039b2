"""`cutline consistency`: which numbers and statements of the publication and of the report do not agree."""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Mapping, Sequence

from cutline.audit.cut import Cut
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import columns, heading, say, wrapped
from cutline.errors import ProvenanceError

HELP = "what checks of the publication and of the report found: counts, percentages, intervals, statements"
FILE = "aggregate/consistency.csv"
Row = Mapping[str, str]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("about", nargs="?", default="", choices=["", "publication", "report"], help="only of this one")
    parser.add_argument("--all", action="store_true", help="each check that holds too, one a line")
    parser.add_argument("--json", action="store_true", help="as JSON for another program")
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print what was found; returns 0 unless the report contradicts itself. Raises ProvenanceError without checks."""
    rows = [row for row in checks_of(chosen_cut(arguments)) if arguments.about in ("", row["about"])]
    wanted = rows if arguments.all else [row for row in rows if row["verdict"] == "found"]
    say(json.dumps(wanted, ensure_ascii=False, indent=1) if arguments.json else in_words(rows, wanted))
    contradicted = any(row["about"] == "report" and row["severity"] == "error" for row in rows)
    return ProvenanceError.exit_code if contradicted else 0


def checks_of(cut: Cut) -> list[dict[str, str]]:
    """The rows of the table of checks. Raises ProvenanceError if the cut has none."""
    file = cut.folder / FILE
    if not file.is_file():
        raise ProvenanceError(f"{cut.name}: {FILE} is missing. Run the study at this cut-off first.")
    with file.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def in_words(rows: Sequence[Row], wanted: Sequence[Row]) -> str:
    """By what was checked: how many things each check holds for, then what was found."""
    lines: list[str] = []
    for about in dict.fromkeys(row["about"] for row in rows):
        of_it = [row for row in rows if row["about"] == about]
        lines += [heading(f"the {about}"), *columns(_counted(of_it), right=[1])]
        lines += [wrapped(_told(row), 2, 4) for row in wanted if row["about"] == about]
    return "\n".join([*lines, "", f"Every check is in {FILE}."]).lstrip("\n")


def _counted(rows: Sequence[Row]) -> list[tuple[str, str]]:
    verdicts: dict[str, list[str]] = {}
    for row in rows:
        verdicts.setdefault(row["check"], []).append(row["verdict"])
    return [(name.replace("_", " "), f"{found.count('holds')} of {len(found)}") for name, found in verdicts.items()]


def _told(row: Row) -> str:
    """One line: severity, subject, and the finding's sentence, or what was compared where the check holds."""
    where = f" (section {row['section']})" if row["about"] == "publication" and row["section"] else ""
    unsure = " [general knowledge, to be confirmed]" if row["basis"] != "printed" else ""
    compared = "; expected ".join(part for part in (row["found"], row["expected"]) if part)
    return f"{row['severity'] or 'holds'}: {row['subject']}{where}: {row['meaning'] or compared}{unsure}"
