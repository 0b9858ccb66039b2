"""`cutline verify`: whether everything under a cut still holds."""

from __future__ import annotations

import argparse
import json
import re
import sys

from cutline.audit.cut import Cut
from cutline.audit.runs import head
from cutline.audit.since import changed_since
from cutline.audit.verify import Finding, can_render_again, crate_holds, page_holds, rendered_again, safely, verify
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import say
from cutline.errors import ConfigError, ProvenanceError

HELP = "recompute every digest of a cut and say what does not hold; exit code 0 only if all holds"
NOT_RENDERED = "The report was not rendered again: that is done where the embedded engine made it."
SHOWN = 10
"""Findings of one check that are printed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    add_cut_arguments(parser)
    parser.add_argument("--head", default="", help="a head of the ledger that was kept elsewhere: it must be in it")
    parser.add_argument(
        "--since", metavar="REV", default="", help="only say what the code changes since REV would rerun"
    )
    parser.add_argument("--quick", action="store_true", help="do not render the report again")
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print every check with what it found; returns 0 only if all holds."""
    if arguments.head and not re.fullmatch(r"[0-9a-fA-F]{12,64}", arguments.head):
        raise ConfigError("--head: expected the head that a run printed, or at least its first twelve characters")
    cut = chosen_cut(arguments)
    if arguments.since:
        say(_since(cut, arguments.since))
        return 0
    found = verify(cut, arguments.head)
    if not arguments.quick:
        found |= _thorough(cut, found)
    say(as_json(cut, found) if arguments.json else in_words(cut, found))
    return ProvenanceError.exit_code if any(found.values()) else 0


def _thorough(cut: Cut, found: dict[str, list[Finding]]) -> dict[str, list[Finding]]:
    """The checks that take seconds."""
    more = {
        "the audit page says what it would say now": list(safely(lambda: page_holds(cut, found), cut)),
        "the crate describes the files as they are": list(safely(lambda: crate_holds(cut), cut)),
    }
    if can_render_again(cut):
        more["the report, rendered again from the results, is the same"] = list(
            safely(lambda: rendered_again(cut), cut)
        )
    else:
        sys.stderr.write(f"{NOT_RENDERED}\n")
    return more


def in_words(cut: Cut, found: dict[str, list[Finding]]) -> str:
    """Every check with its findings, and the head of the ledger."""
    green, red, plain = ("\033[32m", "\033[31m", "\033[0m") if sys.stdout.isatty() else ("", "", "")
    lines = [f"Study {cut.study}, data cut-off {cut.name}: {len(cut.records)} files with a record"]
    for check, findings in found.items():
        lines.append(f"{red}FAILS{plain} {check}" if findings else f"{green}holds{plain} {check}")
        lines += [f"      {finding}" for finding in findings[:SHOWN]]
        lines += [f"      … and {len(findings) - SHOWN} more; --json lists all"] if len(findings) > SHOWN else []
    number = sum(map(len, found.values()))
    verdict = f"{red}{number} finding(s): do not rely on these results{plain}" if number else f"{green}All holds{plain}"
    return "\n".join([*lines, f"{verdict}. Head of the ledger (entry {len(cut.runs)}): {head(cut.runs)}"])


def as_json(cut: Cut, found: dict[str, list[Finding]]) -> str:
    """The checks for programs."""
    checks = {
        check: [{"file": each.file, "message": each.message} for each in of_check] for check, of_check in found.items()
    }
    return json.dumps({"study": cut.study, "cut": cut.name, "head": head(cut.runs), "checks": checks}, indent=1)


def _since(cut: Cut, revision: str) -> str:
    changed = changed_since(cut, revision)
    if not changed.reasons:
        return f"Since {revision} no rule's code changed: nothing would run again."
    lines = [f"Since {revision}, code changes would run again:"]
    for rule, why in changed.reasons.items():
        lines += [f"  {rule}", *(f"    - {reason}" for reason in why)]
    if changed.followers:
        lines.append(f"  and then, only where what they read comes out different: {', '.join(changed.followers)}")
    return "\n".join(lines)
