"""How long a Cox model and its test of proportional hazards take, beside R, lifelines and statsmodels.

`python3 run.py bench cox_models` draws 10⁴, 10⁵ and 10⁶ persons with times in days, six covariates and about 50 % events,
and prints for each program, on the same persons and each in a process of its own:

- seconds of the fit with Efron's ties, and of R's cox.zph or ours (lifelines' test is another one and not measured);
- how much the process's peak of memory grew while it computed;
- the ratio of ours to the fastest of the others (aim: at most 1), and the growth of ours: the exponent of the number of
  persons, 1.0 being linear.

A program that takes longer than the limit has none; statsmodels' sums over risk sets are loops in Python.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

LIBRARY = Path(__file__).resolve().parents[1] / "workflow" / "lib"
PERSONS = (10_000, 100_000, 1_000_000)
COVARIATES = 6
PROGRAMS = ("cutline", "R", "lifelines", "statsmodels")
TASKS = ("cox", "zph")
LIMIT_SECONDS = 300
Floats = NDArray[np.float64]
Measured = dict[str, dict[str, float]]
"""Task → seconds and bytes."""

R_PROGRAM = """
suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(trailingOnly = TRUE)
n <- as.integer(arguments[2])
columns <- matrix(readBin(arguments[1], "double", n * 8), n)
time <- columns[, 1]; event <- columns[, 2]; x <- columns[, 3:8]
status <- function(name) as.numeric(gsub("[^0-9]", "", grep(name, readLines("/proc/self/status"), value = TRUE))) * 1024
measure <- function(task) {
  gc(); before <- status("VmRSS"); started <- proc.time()[["elapsed"]]
  found <- task()
  list(seconds = proc.time()[["elapsed"]] - started, bytes = max(0, status("VmHWM") - before), found = found)
}
fit <- measure(function() coxph(Surv(time, event) ~ x, ties = "efron"))
test <- measure(function() cox.zph(fit$found))
cat(sprintf('{"cox": {"seconds": %f, "bytes": %f}, "zph": {"seconds": %f, "bytes": %f}}', fit$seconds, fit$bytes,
            test$seconds, test$bytes))
"""


# ── the persons ──────────────────────────────────────────────────────────────────────────────


def persons(number: int) -> Floats:
    """Persons × (days, event, six covariates): three numbers, three yes or no; about half have the event."""
    random = np.random.default_rng(number)
    covariates = random.normal(size=(number, COVARIATES))
    covariates[:, ::2] = covariates[:, ::2] > 0
    log_hazards = covariates @ np.array([0.3, -0.5, 0.2, 0.0, 0.1, -0.1])
    failed, left = random.exponential(1500 / np.exp(log_hazards)), random.exponential(1500, number)
    return np.column_stack([np.ceil(np.minimum(failed, left)), failed <= left, covariates])


# ── one program on them, in a process of its own ─────────────────────────────────────────────


def measure(task: Callable[[], Any]) -> tuple[dict[str, float], Any]:
    """Seconds, by how many bytes the peak of memory grew, and what the task gave."""
    before, started = _status("VmRSS"), time.perf_counter()
    found = task()
    return {"seconds": time.perf_counter() - started, "bytes": max(0, _status("VmHWM") - before)}, found


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def run_cutline(data: Floats) -> Measured:
    sys.path.insert(0, str(LIBRARY))
    from cutline.cox.partial_likelihood import fit
    from cutline.cox.proportional_hazards import score_test

    times, events, design = data[:, 0].astype(np.int64), data[:, 1] > 0, data[:, 2:].copy()
    names = {str(place): [place] for place in range(COVARIATES)}
    cox, fitted = measure(lambda: fit(times, events, design))
    return {"cox": cox, "zph": measure(lambda: score_test(fitted, times, events, names))[0]}


def run_lifelines(data: Floats) -> Measured:
    import pandas as pd
    from lifelines import CoxPHFitter

    table = pd.DataFrame(data, columns=["days", "event", *(f"x{place}" for place in range(COVARIATES))])
    return {"cox": measure(lambda: CoxPHFitter().fit(table, "days", "event"))[0]}


def run_statsmodels(data: Floats) -> Measured:
    from statsmodels.duration.hazard_regression import PHReg

    return {"cox": measure(lambda: PHReg(data[:, 0], data[:, 2:], status=data[:, 1], ties="efron").fit())[0]}


def one(program: str, number: int, folder: Path) -> Measured:
    """What a program takes; nothing where it takes too long or is not installed."""
    file = folder / f"{number}.bin"
    if program == "R":
        command = ["Rscript", "-e", R_PROGRAM, str(file), str(number)]
    else:
        command = [sys.executable, __file__, "--measure", program, "--data", str(file)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=True)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, FileNotFoundError):
        return {}
    measured: Measured = json.loads(ran.stdout)
    return measured


# ── all of them ──────────────────────────────────────────────────────────────────────────────


def growth(small: float, large: float, times: float) -> float:
    """The exponent of growth, from the cost of one and of so many times as many persons."""
    return math.log(large / small) / math.log(times)


def report(found: dict[tuple[str, int], Measured], sizes: Sequence[int]) -> None:
    for task in TASKS:
        print(f"\n{task}: seconds (megabytes) by number of persons")
        for program in PROGRAMS:
            cells = [found[program, number].get(task) for number in sizes]
            shown = [f"{cell['seconds']:9.3f} ({cell['bytes'] / 1e6:6.0f})" if cell else f"{'-':>18}" for cell in cells]
            print(f"  {program:12}" + "".join(shown))
        for kind in ("seconds", "bytes"):
            others = [
                found[program, sizes[-1]][task][kind] for program in PROGRAMS[1:] if task in found[program, sizes[-1]]
            ]
            ours = found["cutline", sizes[-1]][task][kind]
            print(f"  ratio of {kind} to the best of the others: {ours / min(others):.2f}" if others else "  no other")
        small, large = (found["cutline", number][task]["seconds"] for number in (sizes[0], sizes[-1]))
        print(f"  growth of ours: {growth(small, large, sizes[-1] / sizes[0]):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--persons", type=int, nargs="+", default=PERSONS)
    parser.add_argument("--measure", choices=PROGRAMS, help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        data = np.fromfile(chosen.data).reshape(2 + COVARIATES, -1).T
        print(json.dumps(globals()[f"run_{chosen.measure}"](data)))
        return
    with tempfile.TemporaryDirectory() as folder:
        for number in chosen.persons:
            np.ascontiguousarray(persons(number).T).tofile(Path(folder) / f"{number}.bin")
        runs = [(program, number) for number in chosen.persons for program in PROGRAMS]
        report({run: one(*run, Path(folder)) for run in runs}, chosen.persons)


if __name__ == "__main__":
    main()
