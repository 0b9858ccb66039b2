"""The price of orchestration: Snakemake with its jobs against the same library calls in one Python process.

`python3 run.py bench` prints, for the default study or `--study`:

- the cold run on two cores against one process that makes the same calls, reads and writes the same tables, and keeps
  no records (aim: below 2.0);
- the run that has nothing to do against a bare Snakemake that has as many jobs and nothing to do (aim: below 1.5).

It works on a copy of the project in a temporary folder; `results/` is not touched. Times are wall time, including the
start of Python; of the short ones the best of several counts.
"""

from __future__ import annotations

import argparse
import json
import os
import runpy
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = (".git", ".venv", ".snakemake", ".*_cache", "__pycache__", "results", "resources", "logs")
CORES = "2"

CAPTURE = '''

_uncaptured = run


def run(snakemake, function, tables=(), **how):
    """Note what the job works on, for `benchmarks/orchestration.py`, then run it."""
    note = {"rule": snakemake.rule, "settings": snakemake.params.settings,
            "input": _by_name(snakemake.input), "output": _by_name(snakemake.output)}
    Path("captured", f"{time.time_ns()}.json").write_text(json.dumps(note), encoding="utf-8")
    _uncaptured(snakemake, function, tables, **how)


def _by_name(files):
    return {name: value if isinstance(value, str) else list(value) for name, value in files.items()}
'''
"""Added to the copy's job.py, which no code digest covers."""

BARE = """
rule all:
    input: expand("made/{{number}}.txt", number=range({jobs}))

rule one:
    output: "made/{{number}}.txt"
    shell: "echo > {{output}}"
"""


def seconds(command: Sequence[str], folder: Path, **variables: str) -> float:
    """Wall time of a command that must succeed; its output is shown if it does not."""
    start = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    elapsed = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return elapsed


def snakemake(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "snakemake", "--cores", CORES, *arguments]


def measure(study: str, repeats: int, folder: Path) -> dict[str, float]:
    """Times in seconds and the number of jobs; `folder` is empty and may be filled."""
    copy = folder / "cutline"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    config = ["--config", f"study={study}"] if study else []
    cold = seconds(snakemake(*config), copy)
    trivial = bare(folder / "bare", len(list((copy / "logs").rglob("*.log"))))
    # Alternating, so that a busy moment of the machine falls on both.
    idle = [(seconds(snakemake(*config), copy), seconds(snakemake(), trivial)) for _ in range(repeats)]
    jobs = capture(copy, config)
    return {
        "jobs": jobs,
        "cold": cold,
        "one process": seconds([sys.executable, __file__, "--replay"], copy, **surroundings(copy)),
        "nothing to do": min(ours for ours, _ in idle),
        "bare": min(theirs for _, theirs in idle),
    }


def surroundings(copy: Path) -> dict[str, str]:
    """The environment in which Snakemake runs the jobs, as workflow/rules/common.smk sets it."""
    return {"PYTHONPATH": str(copy / "workflow" / "lib"), "PYTHONHASHSEED": "0", "TZ": "UTC", "MPLBACKEND": "Agg"}


def capture(copy: Path, config: Sequence[str]) -> int:
    """Run everything again, noting what each job works on. Returns the number of jobs."""
    (copy / "captured").mkdir()
    with (copy / "workflow" / "lib" / "cutline" / "job.py").open("a", encoding="utf-8") as job:
        job.write(CAPTURE)
    seconds(snakemake("--forceall", *config), copy)
    return len(list((copy / "captured").iterdir()))


def replay() -> None:
    """The captured jobs in their order, in this process: read, call, write; no Snakemake, no records."""
    from cutline import job, stored

    def replayed(snakemake: Any, function: Any, tables: Iterable[ModuleType] = (), **_: Any) -> None:
        specs = {table.name: table for module in tables for table in module.TABLES}
        inputs = {name: read(files, specs) for name, files in snakemake.input.items()}
        produced = function(settings=snakemake.settings, **inputs)
        for name, file in snakemake.output.items():
            stored.write(produced[name], Path(file), specs)

    def read(files: str | list[str], specs: dict[str, Any]) -> Any:
        if isinstance(files, str):
            return stored.read(Path(files), specs)
        return [stored.read(Path(file), specs) for file in files]

    job.run = replayed  # type: ignore[assignment]  # it needs less
    for note in sorted(Path("captured").iterdir()):
        captured = SimpleNamespace(**json.loads(note.read_text(encoding="utf-8")))
        runpy.run_path(f"workflow/scripts/{captured.rule}.py", init_globals={"snakemake": captured})


def bare(folder: Path, jobs: int) -> Path:
    """A folder in which Snakemake has nothing left to do, with so many trivial jobs."""
    folder.mkdir()
    (folder / "Snakefile").write_text(BARE.format(jobs=jobs), encoding="utf-8")
    seconds(snakemake(), folder)
    return folder


def report(times: dict[str, float]) -> str:
    jobs = int(times["jobs"])
    rows = [
        (f"cold run, {jobs} jobs on {CORES} cores", f"{times['cold']:.1f} s"),
        ("the same library calls in one process", f"{times['one process']:.1f} s"),
        ("price of orchestration (aim: below 2.0)", f"{times['cold'] / times['one process']:.2f}"),
        ("run with nothing to do", f"{times['nothing to do']:.2f} s"),
        (f"bare Snakemake with {jobs} jobs, nothing to do", f"{times['bare']:.2f} s"),
        ("price of looking (aim: below 1.5)", f"{times['nothing to do'] / times['bare']:.2f}"),
    ]
    return "\n".join(f"{name:<50} {value:>8}" for name, value in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--study", default="", help="a folder of config/studies/; default: the one config.yaml names")
    parser.add_argument("--repeats", type=int, default=3, help="how often the short times are taken")
    parser.add_argument("--replay", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.replay:
        replay()
        return
    with tempfile.TemporaryDirectory(prefix="cutline-bench-") as folder:
        print(report(measure(arguments.study, arguments.repeats, Path(folder))))


if __name__ == "__main__":
    main()
