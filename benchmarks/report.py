"""What an edit of the text costs: the rendering of all three formats, and nothing else.

    python3 run.py bench report [--study gbsg2] [--repeats 3]

A sentence is added to a section of the finished study, and the pipeline runs again on two cores. Printed are the rules
that ran (aim: render_report alone), the seconds of that job (aim: below 10) and of the whole run. It works on a copy of
the project in a temporary folder; `results/` is not touched. Of several runs the shortest counts.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path

from orchestration import LEFT_OUT, ROOT, seconds, snakemake

SECTION = Path("reports/sections/generic/abstract.qmd")
SENTENCE = "\n\nOne more sentence.\n"
NOTES = "logs/*/*/*.job.json"


def measure(study: str, repeats: int, folder: Path) -> list[dict[str, float]]:
    """Of each run after an edit the seconds by rule, and of the whole as `run`; `folder` is empty and may be filled."""
    copy = folder / "cutline"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    command = snakemake("--config", f"study={study}")
    seconds(command, copy)
    return [after_an_edit(command, copy) for _ in range(repeats)]


def after_an_edit(command: list[str], copy: Path) -> dict[str, float]:
    before = noted(copy)
    with (copy / SECTION).open("a", encoding="utf-8") as section:
        section.write(SENTENCE)
    whole = seconds(command, copy)
    ran = {rule: spent for rule, (started, spent) in noted(copy).items() if before[rule][0] != started}
    return ran | {"run": whole}


def noted(copy: Path) -> dict[str, tuple[str, float]]:
    """When each rule's last job began, and its seconds."""
    notes = (json.loads(path.read_text(encoding="utf-8")) for path in copy.glob(NOTES))
    return {note["rule"]: (note["started"], note["seconds"]) for note in notes}


def report(runs: list[dict[str, float]]) -> str:
    """What was measured, a line each."""
    shortest = min(runs, key=lambda run: run["run"])
    rules = sorted(set().union(*runs) - {"run"})
    rows = [("rules that ran after an edit of the text", ", ".join(rules)),
            *((f"{rule}, without the start of Python (aim: below 10 s)", f"{shortest[rule]:.1f} s") for rule in rules),
            ("the whole run", f"{shortest['run']:.1f} s")]  # fmt: skip
    return "\n".join(f"{name:<62} {value:>14}" for name, value in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--study", default="everolimus_exemestane", help="the study whose report is rendered")
    parser.add_argument("--repeats", type=int, default=3, help="how many edits")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cutline-bench-") as folder:
        print(report(measure(arguments.study, arguments.repeats, Path(folder))))


if __name__ == "__main__":
    main()
