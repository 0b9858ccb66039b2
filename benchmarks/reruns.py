"""What a rerun costs, as a share of a cold run, and how long a question takes.

`python3 run.py bench reruns` prints, for the default study:

- the run of a later cut-off, change report included, against the cold run of the first one;
- the run after a change of adverse-event records only, against the cold run;
- the run that has nothing to do against a bare Snakemake with as many jobs (aim: below 1.5);
- `cutline why` and `cutline verify`, and of `why` what comes on top of Python's own start (aim: below one second).

It works on a copy of the project in a temporary folder; `results/` is not touched. Times are wall time; of the short
ones the best of several counts.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

from orchestration import LEFT_OUT, ROOT, bare, seconds, snakemake, surroundings

LATER = "2025-12-31"
DATABASE = "resources/everolimus_exemestane/hospital.duckdb"


def measure(repeats: int, folder: Path) -> dict[str, float]:
    """Times in seconds; `folder` is empty and may be filled."""
    copy = folder / "cutline"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    cold = seconds(snakemake(), copy)
    trivial = bare(folder / "bare", len(list((copy / "logs").rglob("*.log"))))
    idle = [(seconds(snakemake(), copy), seconds(snakemake(), trivial)) for _ in range(repeats)]
    asked = {question: shortest(question.split(), copy, repeats) for question in ("why pfs.km.median", "verify")}
    start = min(seconds([sys.executable, "-c", ""], copy) for _ in range(repeats))
    later = seconds(snakemake("--config", f"data_cutoff={LATER}"), copy)
    one_more_adverse_event(copy / DATABASE)
    return {
        "cold": cold, "later": later, "safety": seconds(snakemake(), copy), "start": start,
        "nothing to do": min(ours for ours, _ in idle), "bare": min(theirs for _, theirs in idle), **asked,
    }  # fmt: skip


def shortest(question: list[str], copy: Path, repeats: int) -> float:
    """The best time of a question to the results."""
    command = [sys.executable, "-m", "cutline", *question]
    return min(seconds(command, copy, **surroundings(copy)) for _ in range(repeats))


def one_more_adverse_event(database: Path) -> None:
    """A new record of one table, as if the hospital had written it; the file is a source from then on."""
    import duckdb

    database.with_name(f"{database.name}.prov.json").unlink()
    with duckdb.connect(str(database)) as connection:
        connection.execute(
            "INSERT INTO adverse_events SELECT * REPLACE ('one-more' AS record_id) FROM adverse_events LIMIT 1"
        )


def report(times: dict[str, float]) -> str:
    rows = [
        ("cold run of the first cut-off", f"{times['cold']:.1f} s"),
        (f"run of {LATER} beside it, with the change report", f"{times['later']:.1f} s"),
        ("  as a share of the cold run", f"{times['later'] / times['cold']:.2f}"),
        ("run after a change of adverse events only", f"{times['safety']:.1f} s"),
        ("  as a share of the cold run", f"{times['safety'] / times['cold']:.2f}"),
        ("run with nothing to do", f"{times['nothing to do']:.2f} s"),
        ("  against a bare Snakemake (aim: below 1.5)", f"{times['nothing to do'] / times['bare']:.2f}"),
        ("cutline why, after Python's start (aim: below 1 s)", f"{times['why pfs.km.median'] - times['start']:.2f} s"),
        ("cutline verify, the report rendered again", f"{times['verify']:.2f} s"),
    ]
    return "\n".join(f"{name:<54} {value:>8}" for name, value in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=3, help="how often the short times are taken")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cutline-bench-") as folder:
        print(report(measure(arguments.repeats, Path(folder))))


if __name__ == "__main__":
    main()
