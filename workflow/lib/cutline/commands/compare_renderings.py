"""`cutline compare-renderings`: whether two renderings of the report say the same."""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from cutline.audit.cut import Cut, project_root
from cutline.command import add_cut_arguments, chosen_cut
from cutline.commands.terminal import columns, heading, say, wrapped
from cutline.errors import ReportError, SetupError
from cutline.renderings.differences import KINDS, Difference
from cutline.renderings.files import FORMATS, Pair, compare, pairs
from cutline.report_engine import EMBEDDED, QUARTO, chosen

HELP = "whether two renderings of the report say the same: words, numbers, cells, captions, references"
Found = list[tuple[Pair, list[Difference]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of the verb."""
    parser.add_argument("one", nargs="?", default="", help="folder with manuscript.html, .docx, .pdf, or one file; "
                        "default: the cut's composed document, rendered now by the other engine")  # fmt: skip
    parser.add_argument("other", nargs="?", default="", help="the folder or file beside it; default: the cut's report")
    parser.add_argument("--format", nargs="+", choices=FORMATS, default=list(FORMATS), help="only these formats")
    parser.add_argument("--json", action="store_true", help="as JSON for another program")
    add_cut_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print every difference; returns 0 if there is none, else the exit code of ReportError."""
    with tempfile.TemporaryDirectory(prefix="cutline-renderings-") as folder:
        found = [(pair, compare(pair)) for pair in chosen_pairs(arguments, Path(folder))]
    say(json.dumps(as_data(found), ensure_ascii=False, indent=1) if arguments.json else in_words(found))
    return ReportError.exit_code if any(differences for _, differences in found) else 0


# ── what is compared ─────────────────────────────────────────────────────────────────────────


def chosen_pairs(arguments: argparse.Namespace, folder: Path) -> list[Pair]:
    """The files that the arguments name; what is rendered for it goes to the folder."""
    given = [Path(name).resolve() for name in (arguments.one, arguments.other) if name]
    if len(given) == 2:
        return pairs(given[0], given[1], arguments.format)
    cut = chosen_cut(arguments)
    if not given:
        given = [rendered_by_the_other(cut, arguments.format, folder)]
    return pairs(given[0], cut.folder / "report", arguments.format)


def rendered_by_the_other(cut: Cut, formats: Sequence[str], folder: Path) -> Path:
    """The folder, filled with what the engine that did not render the cut's report makes of its composed document."""
    from cutline.manuscript.again import rendered_again

    engine = QUARTO if cut.engine == EMBEDDED else EMBEDDED
    if engine == QUARTO and chosen("auto") != engine:
        raise SetupError(
            "Quarto is not on the PATH, and the report was rendered by the embedded engine. Install Quarto 1.5 or "
            "newer, or name a folder with a rendering that was made elsewhere: cutline compare-renderings <folder>"
        )
    say(f"Rendering {cut.study} at {cut.name} by {engine}, to compare it with the report")
    reports = project_root(Path.cwd()) / "reports"
    there = [name for name in formats if (cut.folder / "report" / f"manuscript.{name}").is_file()]
    for name, content in rendered_again(cut.folder, reports, engine, there).items():
        (folder / f"manuscript.{name}").write_bytes(content)
    return folder


# ── what is said ─────────────────────────────────────────────────────────────────────────────


def as_data(found: Found) -> list[dict[str, object]]:
    """Of each pair of files its format, names and differences, as builtins."""
    return [
        {"format": pair.format, "one": str(pair.one), "other": str(pair.other),
         "differences": [each.as_dict() for each in differences]}
        for pair, differences in found
    ]  # fmt: skip


def in_words(found: Found) -> str:
    """By format: how many differences of each kind, then each with its place."""
    lines: list[str] = []
    for pair, differences in found:
        lines.append(heading(f"{pair.format}: {_verdict(differences)}"))
        counted = Counter(each.kind for each in differences)
        lines += columns([(kind, str(counted[kind])) for kind in KINDS if kind in counted], right=[1])
        lines += [wrapped(told(each), 2, 4) for kind in KINDS for each in differences if each.kind == kind]
    return "\n".join(lines).lstrip("\n")


def _verdict(differences: Sequence[Difference]) -> str:
    return f"{len(differences)} difference{'s' * (len(differences) != 1)}" if differences else "the two say the same"


def told(found: Difference) -> str:
    """One line: kind, place, the words before, what the one says and what the other says."""
    if found.kind == "order":
        return f"order: {found.place}: stands elsewhere in the other: {_shown(found.one)}"
    after = f"after “{found.after}” " if found.after else ""
    return f"{found.kind}: {found.place}: {after}{_shown(found.one)}; other: {_shown(found.other)}"


def _shown(text: str) -> str:
    """The text in quotation marks, long ones by their beginning."""
    return f"“{text if len(text) <= 160 else text[:160] + '…'}”" if text else "nothing"
