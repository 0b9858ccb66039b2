"""`cutline results`: the results of a cut as a list."""

from __future__ import annotations

import argparse
import csv
import io
import json
from collections.abc import Mapping
from fnmatch import fnmatchcase

from cutline.audit.chain import Chains
from cutline.audit.wording import with_unit
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import columns, say
from cutline.errors import ReportError

HELP = "list the results of a cut: key, number as the report shows it, patients behind it"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument(
        "pattern", nargs="?", default="", help='only keys that hold this text (pfs) or match it ("pfs.km.*_lower")'
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="all columns, as JSON for another program")
    form.add_argument("--csv", action="store_true", help="all columns, as CSV with unrounded values")
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the results that match; returns 0. Raises ReportError if none does."""
    chains = Chains(chosen_cut(arguments))
    found = {key: row for key, row in chains.cut.results.items() if matches(key, arguments.pattern)}
    if not found:
        raise ReportError(
            f"cut {chains.cut.name}: no key matches {arguments.pattern!r}; `cutline results` lists them all"
        )
    shown = {key: chains.shown(key) for key in found}
    if arguments.csv:
        say(as_csv(found))
    elif arguments.json:
        say(
            json.dumps(
                [chains.of(key)["result"] | {"shown": shown[key]} for key in found], ensure_ascii=False, indent=1
            )
        )
    else:
        say(as_list(found, shown))
    return 0


def matches(key: str, pattern: str) -> bool:
    """Whether a key holds the text, or as a whole matches the pattern with `*`, `?` or `[…]`."""
    wild = any(sign in pattern for sign in "*?[")
    return fnmatchcase(key, pattern) if wild else pattern.lower() in key.lower()


def as_csv(rows: Mapping[str, Mapping[str, str]]) -> str:
    """The rows as they stand in aggregate/ard.csv."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(next(iter(rows.values()))), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows.values())
    return text.getvalue().rstrip("\n")


def as_list(rows: Mapping[str, Mapping[str, str]], shown: Mapping[str, str]) -> str:
    """Key, number and patients, one result a line."""
    lines = [(key, with_unit(row, shown[key]), _persons(row)) for key, row in rows.items()]
    count = f"{len(rows)} result{'' if len(rows) == 1 else 's'}"
    table = columns([("key", "result", "patients"), *lines], right=[1, 2], indent=0)
    return "\n".join([*table, "", f"{count}. Where one comes from: cutline why KEY"])


def _persons(row: Mapping[str, str]) -> str:
    """Those behind the statistic, of those in the denominator."""
    n, behind = (f"{float(row[name]):.0f}" if row[name] else "" for name in ("n", "n_contributing"))
    return f"{behind or '-'} of {n}" if n else ""
