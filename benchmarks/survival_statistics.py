"""Survival statistics at a million persons, beside R, lifelines and statsmodels, in one run.

    python3 run.py bench survival_statistics [--persons 1000000] [--repeats 3] [--statistics cox]

The same synthetic persons (whole days, about half with an event, two groups) go to every package. Each measurement is a
process of its own that imports, reads the data, computes once to warm up and once more per repeat. Printed are the
shortest time of the computation, how far the peak of resident memory rose above what the process held before it, the
ratio of each to the best other package (at most 1.0 is the aim), and the exponent with which our time grows from 10⁴
persons on (n log n is about 1.1). R is left out where it is not installed.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]
OURS = "cutline"
SMALL = 10_000
Columns = Mapping[str, np.ndarray[Any, Any]]


def persons(count: int) -> dict[str, np.ndarray[Any, Any]]:
    """Days of follow-up, event, two groups and six covariates; always the same for one count."""
    random = np.random.default_rng(20_240_607)
    covariates = random.normal(size=(count, 6))
    event_days = random.exponential(1000.0, count) * np.exp(-0.2 * covariates[:, 0])
    censored_days = random.exponential(1000.0, count)
    columns = {"time": np.ceil(np.minimum(event_days, censored_days)).astype(np.int64),
               "event": event_days <= censored_days, "group": random.integers(0, 2, count)}  # fmt: skip
    return columns | {f"x{number}": covariates[:, number] for number in range(6)}


# ── the statistics, by package ───────────────────────────────────────────────────────────────


def ours_kaplan_meier(data: Columns) -> Callable[[], float]:
    from cutline.survival.intervals import survival_limits
    from cutline.survival.kaplan_meier import product_limit

    def compute() -> float:
        curve = product_limit(data["time"], data["event"])
        lower, _ = survival_limits(curve, "log-log", 1.959963984540054)
        return float(lower[curve.position(365)])

    return compute


def ours_log_rank(data: Columns) -> Callable[[], float]:
    from cutline.survival.rank_tests import rank_test

    return lambda: float(rank_test(data["time"], data["event"], data["group"]).chi_square or math.nan)


def lifelines_kaplan_meier(data: Columns) -> Callable[[], float]:
    from lifelines import KaplanMeierFitter

    def compute() -> float:
        fitted = KaplanMeierFitter().fit(data["time"], data["event"])
        return float(fitted.confidence_interval_.loc[:365].iloc[-1, 0])

    return compute


def lifelines_log_rank(data: Columns) -> Callable[[], float]:
    from lifelines.statistics import multivariate_logrank_test

    return lambda: float(multivariate_logrank_test(data["time"], data["group"], data["event"]).test_statistic)


def statsmodels_kaplan_meier(data: Columns) -> Callable[[], float]:
    from statsmodels.duration.survfunc import SurvfuncRight

    def compute() -> float:
        fitted = SurvfuncRight(data["time"], data["event"])
        entry = int(np.searchsorted(fitted.surv_times, 365, side="right")) - 1
        survival, error = fitted.surv_prob[entry], fitted.surv_prob_se[entry]
        spread = 1.959963984540054 * error / (survival * math.log(survival))
        return float(math.exp(-math.exp(math.log(-math.log(survival)) - spread)))

    return compute


def statsmodels_log_rank(data: Columns) -> Callable[[], float]:
    from statsmodels.duration.survfunc import survdiff

    return lambda: float(survdiff(data["time"], data["event"], data["group"])[0])


def covariates_of(data: Columns) -> np.ndarray[Any, Any]:
    return np.column_stack([data[f"x{number}"] for number in range(6)])


def ours_cox(data: Columns) -> Callable[[], float]:
    from cutline.cox.partial_likelihood import fit

    design = covariates_of(data)
    return lambda: float(fit(data["time"], data["event"], design).coefficients[0])


def ours_proportional_hazards(data: Columns) -> Callable[[], float]:
    from cutline.cox.partial_likelihood import fit
    from cutline.cox.proportional_hazards import score_test

    fitted = fit(data["time"], data["event"], covariates_of(data))
    terms = {f"x{number}": [number] for number in range(6)}
    return lambda: score_test(fitted, data["time"], data["event"], terms)["global"].chi_square


def lifelines_cox(data: Columns) -> Callable[[], float]:
    import pandas as pd
    from lifelines import CoxPHFitter

    table = pd.DataFrame(covariates_of(data)).assign(time=data["time"], event=data["event"])
    return lambda: float(CoxPHFitter().fit(table, "time", "event").params_.iloc[0])


def statsmodels_cox(data: Columns) -> Callable[[], float]:
    from statsmodels.duration.hazard_regression import PHReg

    design, events = covariates_of(data), data["event"].astype(np.int64)
    return lambda: float(PHReg(data["time"], design, status=events, ties="efron").fit().params[0])


STATISTICS: dict[str, dict[str, Callable[[Columns], Callable[[], float]]]] = {
    "kaplan_meier": {OURS: ours_kaplan_meier, "lifelines": lifelines_kaplan_meier,
                     "statsmodels": statsmodels_kaplan_meier},
    "log_rank": {OURS: ours_log_rank, "lifelines": lifelines_log_rank, "statsmodels": statsmodels_log_rank},
    "cox": {OURS: ours_cox, "lifelines": lifelines_cox, "statsmodels": statsmodels_cox},
    # The others' tests of this name are other tests.
    "proportional_hazards": {OURS: ours_proportional_hazards},
}  # fmt: skip
"""Statistic → package → what prepares its computation; the value computed is compared between packages."""

LIMIT_SECONDS = 600
"""A package that takes longer is shown with inf."""
COMPARED_TO = 1e-6
"""Relative difference up to which the packages' values are the same statistic."""

IN_R = {
    "kaplan_meier": """
        fit <- survfit(Surv(data$time, data$event) ~ 1, conf.type = "log-log")
        fit$lower[findInterval(365, fit$time)]""",
    "log_rank": "survdiff(Surv(data$time, data$event) ~ data$group)$chisq",
    "cox": "coef(coxph(Surv(time, event) ~ x0 + x1 + x2 + x3 + x4 + x5, data, ties = 'efron'))[[1]]",
    "proportional_hazards": "cox.zph(fit)$table['GLOBAL', 'chisq']",
}
"""Statistic → the same in R."""

BEFORE_IN_R = {
    "proportional_hazards": "fit <- coxph(Surv(time, event) ~ x0 + x1 + x2 + x3 + x4 + x5, data, ties = 'efron')",
}
"""Statistic → what R prepares before the clock starts, as our own preparation does."""

R_PROGRAM = """
suppressPackageStartupMessages(library(survival))
arguments <- commandArgs(TRUE)
files <- list.files(arguments[1], "[.]bin$", full.names = TRUE)
data <- lapply(files, function(file) readBin(file, "double", file.size(file) / 8))
names(data) <- sub("[.]bin$", "", basename(files))
{before}
compute <- function() {{ {call} }}
resident <- function(name) {{
  line <- grep(name, readLines("/proc/self/status"), value = TRUE)
  as.numeric(gsub("[^0-9]", "", line)) * 1024
}}
value <- NA
invisible(gc())
before <- resident("VmRSS")
seconds <- c()
for (repeat_ in seq_len(as.integer(arguments[2]) + 1)) {{
  started <- proc.time()[["elapsed"]]
  value <- compute()
  seconds <- c(seconds, proc.time()[["elapsed"]] - started)
}}
cat(sprintf('{{"value": %.17g, "seconds": %.6f, "bytes": %.0f}}', value, min(seconds[-1]), resident("VmHWM") - before))
"""


# ── measuring ────────────────────────────────────────────────────────────────────────────────


def measure_here(statistic: str, package: str, data: Path, repeats: int) -> dict[str, float]:
    """Value, seconds and bytes of one computation in this process."""
    import resource
    from time import perf_counter

    sys.path.insert(0, str(ROOT / "workflow" / "lib"))
    with np.load(data) as stored:
        columns = dict(stored)
    compute = STATISTICS[statistic][package](columns)
    before = _resident_bytes()
    seconds = []
    for _ in range(repeats + 1):
        started = perf_counter()
        value = compute()
        seconds.append(perf_counter() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"value": value, "seconds": min(seconds[1:]), "bytes": max(peak - before, 0)}


def _resident_bytes() -> int:
    import psutil  # type: ignore[import-untyped]  # Snakemake brings it

    return int(psutil.Process().memory_info().rss)


def measure(statistic: str, package: str, folder: Path, repeats: int) -> dict[str, float]:
    """The same in a process of its own."""
    if package == "R":
        program = folder / f"{statistic}.R"
        program.write_text(
            R_PROGRAM.format(call=IN_R[statistic], before=BEFORE_IN_R.get(statistic, "")), encoding="utf-8"
        )
        command = ["Rscript", str(program), str(folder), str(repeats)]
    else:
        command = [sys.executable, __file__, "--one", statistic, package, str(folder / "data.npz"),
                   "--repeats", str(repeats)]  # fmt: skip
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=True, timeout=LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        return dict.fromkeys(("value", "seconds", "bytes"), math.inf)
    found: dict[str, float] = json.loads(ran.stdout)
    return found


def written(count: int, folder: Path) -> Path:
    """A folder with the persons as each package reads them."""
    place = folder / str(count)
    place.mkdir()
    data = persons(count)
    np.savez(place / "data.npz", **data)  # type: ignore[arg-type]  # columns by name
    for name, column in data.items():
        column.astype(np.float64).tofile(place / f"{name}.bin")
    return place


def packages_for(statistic: str) -> list[str]:
    """Ours first, then the others that are installed."""
    return [*STATISTICS[statistic], *(["R"] if shutil.which("Rscript") and statistic in IN_R else [])]


# ── telling ──────────────────────────────────────────────────────────────────────────────────


def told(
    statistic: str, found: Mapping[str, Mapping[str, float]], small: Mapping[str, float], times: float
) -> Iterator[str]:
    """One line per package, then our ratios and growth; a value that differs is said."""
    for package, each in found.items():
        same = math.isinf(each["value"]) or math.isclose(each["value"], found[OURS]["value"], rel_tol=COMPARED_TO)
        differs = "" if same else f"   value differs: {each['value']:.10g}, ours {found[OURS]['value']:.10g}"
        yield f"{statistic:<16} {package:<12} {each['seconds']:>9.3f} s {each['bytes'] / 1e6:>9.0f} MB{differs}"
    for measure_, unit in (("seconds", "time"), ("bytes", "memory")):
        best = min((each[measure_] for package, each in found.items() if package != OURS), default=math.nan)
        yield f"{statistic:<16} {unit} to the best other: {ratio(found[OURS][measure_], best):.2f}"
    exponent = growth(small["seconds"], found[OURS]["seconds"], times)
    yield f"{statistic:<16} growth exponent from {SMALL} persons: {exponent:.2f}"


def ratio(ours: float, best: float) -> float:
    return ours / best if best > 0 else math.nan


def growth(small: float, large: float, times: float) -> float:
    """The exponent of growth, from the cost of one and of so many times as many persons."""
    return math.log(large / small) / math.log(times) if small > 0 and large > 0 else math.nan


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3, help="how often each is computed; the best counts")
    parser.add_argument("--statistics", nargs="+", choices=[*STATISTICS], default=[*STATISTICS])
    parser.add_argument("--one", nargs=3, metavar=("STATISTIC", "PACKAGE", "FILE"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        statistic, package, data = arguments.one
        print(json.dumps(measure_here(statistic, package, Path(data), arguments.repeats)))
        return
    with tempfile.TemporaryDirectory(prefix="cutline-bench-") as folder:
        small, large = (written(count, Path(folder)) for count in (SMALL, arguments.persons))
        for statistic in arguments.statistics:
            found = {name: measure(statistic, name, large, arguments.repeats) for name in packages_for(statistic)}
            few = measure(statistic, OURS, small, arguments.repeats)
            print("\n".join(told(statistic, found, few, arguments.persons / SMALL)), flush=True)


if __name__ == "__main__":
    main()
