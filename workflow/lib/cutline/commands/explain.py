"""`cutline explain`: what a run would do now, and why."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from cutline.audit.cut import Cut, cuts_in, open_cut, project_root
from cutline.audit.reasons import Outlook, foresee, study_of
from cutline.command import add_cut_arguments
from cutline.commands.terminal import say
from cutline.errors import ConfigError
from cutline.study import cut_name, load_study

EVERY_STEP = "every step after the source would run."
HELP = "say in plain words which steps would run now, and why"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    add_cut_arguments(parser)
    parser.add_argument("--json", action="store_true", help="as JSON")


def run(arguments: argparse.Namespace) -> int:
    """Print the outlook of the cut; returns 0."""
    root = project_root(Path.cwd())
    try:
        cut = open_cut(root, arguments.study, arguments.cut, arguments.results_dir)
    except ConfigError as no_such_cut:
        new = _new_cut(root, arguments, no_such_cut)
        say(json.dumps({"run": "every step", "why": new}) if arguments.json else new)
        return 0
    found = foresee(cut, study_of(cut))
    say(as_json(found) if arguments.json else in_words(cut, found))
    return 0


def in_words(cut: Cut, found: Outlook) -> str:
    """The outlook as text."""
    lines = [f"Study {cut.study}, data cut-off {cut.name}:"]
    if not found.reasons:
        return "\n".join(
            [*lines, "  nothing would run: code, settings, libraries and inputs are those of the results."]
        )
    for rule, why in found.reasons.items():
        lines += [f"  {rule} would run:", *(f"    - {reason}" for reason in why)]
    if found.followers:
        lines.append(f"  and then, only where what they read comes out different: {', '.join(found.followers)}")
    return "\n".join(lines)


def as_json(found: Outlook) -> str:
    """The outlook for programs."""
    return json.dumps({"run": found.reasons, "may_follow": list(found.followers)}, indent=1, ensure_ascii=False)


def _new_cut(root: Path, arguments: argparse.Namespace, why: ConfigError) -> str:
    """What a run at a cut-off without results would do. Raises ConfigError if there is no such study or cut-off."""
    given = {"study": arguments.study, "data_cutoff": arguments.cut, "results_dir": arguments.results_dir}
    study = load_study(root, {key: value for key, value in given.items() if value})
    if arguments.cut and cut_name(study) != arguments.cut:
        raise why
    others = cuts_in(root / study["results_dir"] / study["study"])
    beside = f"The cut-off changed: there are results at {', '.join(others)}. They" if others else "Other results"
    return f"Study {study['study']}, data cut-off {cut_name(study)}:\n  {EVERY_STEP} {beside} stay as they are."
