"""How long extraction and all derivations take for 10⁴ and for 10⁵ screened persons, and in how much memory.

`python3 run.py bench derivations` prints, for the default study on two cores:

- seconds of each rule from the source to the last table of the patient level, by the notes of its job, and their sum;
- wall time of the whole call of Snakemake, in which Python starts once per job, and the largest memory of one process
  and of all together (aim: below 60 s and 4 GB for 10⁵);
- the growth: the exponent of the number of persons, 1.0 being linear.

Which rules these are is the study's own list, so that one added later is measured too. The sources are synthetic, drawn
once and kept in the folder of temporary files; drawing them is timed apart, and with it the digest of the database that
the drawing job records. (A hospital's own database is digested at its first extraction.) `results/` is not touched.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import psutil  # type: ignore[import-untyped]  # Snakemake brings it
from orchestration import LEFT_OUT, ROOT, seconds, snakemake

sys.path.insert(0, str(ROOT / "workflow" / "lib"))

from cutline import study as studies
from cutline import study_rules
from cutline.provenance import JOB_NOTE, READ_BEFORE

STUDY = "everolimus_exemestane"
SOURCE = (Path("resources") / STUDY, READ_BEFORE)
"""Folders that hold the drawn source and the digests of databases that were read."""
PUBLISHED_SIZE = 172
"""Screened persons at scale 1."""
PERSONS = (10_000, 100_000)
DRAWING = "simulate_source"
FIGURES = "draw_patients"
"""Figures are drawn from the tables: their time is not that of a derivation."""
DRAWN = Path(tempfile.gettempdir()) / "cutline-bench-sources"


def scale_for(persons: int) -> int:
    """The smallest scale that draws so many screened persons."""
    return math.ceil(persons / PUBLISHED_SIZE)


def at_scale(text: str, scale: int) -> str:
    """The text of study.yaml with a source of that scale, in free draws."""
    text = re.sub(r"(?m)^  scale: \d+", f"  scale: {scale}", text)
    return re.sub(r"(?m)^  calibrate: \w+", "  calibrate: false", text)


def growth(small: float, large: float, times: float) -> float:
    """The exponent of growth, from the cost of one and of so many times as many persons."""
    return math.log(large / small) / math.log(times) if small > 0 and large > 0 else math.nan


def measure(persons: int, repeats: int, folder: Path) -> dict[str, float]:
    """Seconds by rule, `drawing`, `wall`, and `one process` and `all processes` in bytes; the best of the repeats."""
    copy = folder / str(persons)
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*LEFT_OUT))
    study = copy / "config" / "studies" / STUDY / "study.yaml"
    study.write_text(at_scale(study.read_text(encoding="utf-8"), scale_for(persons)), encoding="utf-8")
    drawing = draw(copy, DRAWN / str(persons))
    runs = [once(copy) for _ in range(repeats)]
    return {"drawing": drawing} | {name: min(run[name] for run in runs) for name in runs[0]}


def draw(copy: Path, kept: Path) -> float:
    """The source of the copy, as it was kept; Snakemake draws it anew if code or settings are others by now."""
    copy_folders(kept, copy)
    elapsed = seconds(snakemake(DRAWING), copy)
    copy_folders(copy, kept)
    return elapsed


def copy_folders(origin: Path, target: Path) -> None:
    """What of the source is there."""
    for folder in SOURCE:
        if (origin / folder).is_dir():
            shutil.copytree(origin / folder, target / folder, dirs_exist_ok=True)


def once(copy: Path) -> dict[str, float]:
    """One run of the rules, from nothing."""
    for made in ("results", "logs"):
        shutil.rmtree(copy / made, ignore_errors=True)
    rules, before = measured_rules(), processor_seconds()
    with watched() as peak:
        wall = seconds(snakemake("--config", f"study={STUDY}", "--", *rules), copy)
    spent = {rule: noted_seconds(copy, rule) for rule in rules}
    return spent | {"sum": sum(spent.values()), "wall": wall, "processor": processor_seconds() - before,
                    "one process": peak.one, "all processes": peak.all}  # fmt: skip


def noted_seconds(copy: Path, rule: str) -> float:
    """How long the rule's job took, without the start of Python."""
    (note,) = copy.glob(f"logs/*/*/{rule}{JOB_NOTE}")
    return float(json.loads(note.read_text(encoding="utf-8"))["seconds"])


def processor_seconds() -> float:
    """What all ended processes under this one have cost so far."""
    times = psutil.Process().cpu_times()
    return float(times.children_user + times.children_system)


def measured_rules() -> list[str]:
    """The rules of the study from its source to the last table of the patient level."""
    study = studies.load_study(ROOT, {"study": STUDY})
    derived = [rule for rule in study_rules.rules_of(study) if rule in study_rules.BEFORE_RESULTS]
    return [rule for rule in derived if rule not in (DRAWING, FIGURES)]


@contextmanager
def watched(every_seconds: float = 0.1) -> Iterator[SimpleNamespace]:
    """The largest resident memory in bytes of one process under this one (`one`) and of all together (`all`)."""
    peak, done = SimpleNamespace(one=0, all=0), threading.Event()

    def watch() -> None:
        while not done.wait(every_seconds):
            sizes = [*memory_of_children()]
            peak.one, peak.all = max([peak.one, *sizes]), max(peak.all, sum(sizes))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def memory_of_children() -> Iterator[int]:
    for process in psutil.Process().children(recursive=True):
        try:
            yield process.memory_info().rss
        except psutil.NoSuchProcess:
            continue


def report(small: Mapping[str, float], large: Mapping[str, float], persons: Sequence[int]) -> str:
    """One line per measure: both sizes, and how it grows."""
    lines = [f"{'screened persons':<42} {persons[0]:>10} {persons[1]:>10} {'exponent':>9}"]
    for name in large:
        per, unit = (1e9, "GB") if name in IN_BYTES else (1.0, "s")
        exponent = growth(small[name], large[name], persons[1] / persons[0])
        first, second = (f"{measured[name] / per:>7.2f} {unit:<2}" for measured in (small, large))
        lines.append(f"{WORDS.get(name, name):<42} {first} {second} {exponent:>9.2f}")
    return "\n".join(lines)


IN_BYTES = ("one process", "all processes")
WORDS = {
    "drawing": "drawing the source, if it was not kept",
    "sum": "sum of the rules",
    "wall": "the whole call on two cores (aim: 60 s)",
    "processor": "processor time of the whole call",
    "one process": "memory of the largest process",
    "all processes": "memory of all processes (aim: 4 GB)",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=1, help="how often the rules are run; the best counts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cutline-bench-") as folder:
        small, large = (measure(persons, arguments.repeats, Path(folder)) for persons in PERSONS)
    print(report(small, large, PERSONS))


if __name__ == "__main__":
    main()
