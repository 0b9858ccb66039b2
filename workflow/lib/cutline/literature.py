"""What published trials report: the context of a study's results, read from config/literature/trials.yaml.

A value is named by trial, cut, assessor, population, arm, endpoint and statistic: 6.9 and 7.4 months are then no
contradiction but two data cuts.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from cutline.configuration import nearest, read_checked
from cutline.errors import ConfigError
from cutline.trials import ADVERSE_EVENT, RECALLED, Trial

PLACE = Path("config/literature/trials.yaml")
IDENTITY = ("cut", "assessor", "population", "arm", "versus", "endpoint", "term", "grade", "statistic")
"""What names a value within its trial."""


def load_trials(root: Path) -> dict[str, Any]:
    """The file of trials, checked: `sources`, `endpoints`, and `trials` with their `values`. Raises ConfigError.

    To be read only: every part of a study that names trials gets the same.
    """
    path = root / PLACE
    return _checked(path, path.read_bytes() if path.is_file() else b"")


@functools.lru_cache(maxsize=1)
def _checked(path: Path, content: bytes) -> dict[str, Any]:
    """`content` is the file's, so that another one is read anew."""
    found: dict[str, Any] = read_checked(path, path.with_name("trials.schema.yaml"))
    faults = [f"{PLACE.as_posix()}: {fault}" for name, trial in found["trials"].items()
              for fault in _faults(name, trial, found)]  # fmt: skip
    if faults:
        raise ConfigError("\n".join(faults))
    return found


def _faults(name: str, trial: Trial, found: Mapping[str, Any]) -> Iterator[str]:
    """Ids that the trial does not define, a value outside its interval, and two values of the same thing."""
    names = {"cut": trial["cuts"], "arm": trial["arms"], "versus": trial["arms"], "term": trial.get("terms", {}),
             "population": trial.get("populations", {}), "endpoint": found["endpoints"],
             "source": found["sources"]}  # fmt: skip
    seen: set[tuple[Any, ...]] = set()
    for number, value in enumerate(trial["values"]):
        place = f"trials.{name}.values.{number}"
        for key, known in names.items():
            if key in value and value[key] not in known:
                yield f"{place}.{key}: unknown {key} {value[key]!r}{nearest(value[key], list(known))}"
        if not value.get("lower", 0) <= value["value"] <= value.get("upper", value["value"]):
            yield f"{place}: {value['value']} is not within its interval {value.get('lower')} to {value.get('upper')}"
        if ("term" in value and "grade" in value) != (value["endpoint"] == ADVERSE_EVENT):
            yield f"{place}: an adverse event has a term and a grade, and nothing else has"
        if ("versus" in value) != (value["statistic"] == "hazard_ratio"):
            yield f"{place}: a hazard ratio names the arm it is versus, and nothing else does"
        identity = tuple(value.get(key) for key in IDENTITY)
        if identity in seen:
            yield f"{place}: the same cut, assessor, population, arm and statistic as an earlier value"
        seen.add(identity)


def context_of(section: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """A study's section `literature` with all that is shown of the trials it names, in its order, and nothing else."""
    trials = {name: _shown(found["trials"][name]) for name in section["trials"]}
    cited = {value["source"] for trial in trials.values() for value in trial["values"]}
    sources = {key: label for key, label in found["sources"].items() if key in cited}
    return {**section, "trials": trials, "endpoints": found["endpoints"], "sources": sources}


def _shown(trial: Trial) -> dict[str, Any]:
    return {**trial, "values": [value for value in trial["values"] if value["sure"] != RECALLED]}


def reference(named: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """A trial's objective response rate and median progression-free survival, of one cut, arm and assessor.

    `named` says which: `trial`, `cut`, `arm`, `assessor`. Returns them with the trial's label, the cut's, and whether
    both were read somewhere. Raises ConfigError if the file of trials lacks one.
    """
    if named["trial"] not in found["trials"]:
        raise ConfigError(
            f"references: unknown trial {named['trial']!r}{nearest(named['trial'], list(found['trials']))}"
        )
    trial = found["trials"][named["trial"]]
    response, median = (_value_of(trial, named, *of) for of in (("orr", "percent"), ("pfs", "median")))
    return {
        "trial": trial["label"],
        "data_cut": trial["cuts"][named["cut"]],
        "response_percent": response["value"],
        "median_pfs_months": median["value"],
        "sure": "known" if RECALLED in (response["sure"], median["sure"]) else "read",
    }


def _value_of(trial: Trial, named: Mapping[str, Any], endpoint: str, statistic: str) -> Mapping[str, Any]:
    wanted = {key: named[key] for key in ("cut", "arm", "assessor")} | {"endpoint": endpoint, "statistic": statistic}
    fitting = [value for value in trial["values"] if all(value.get(key) == each for key, each in wanted.items())]
    if not fitting:
        raise ConfigError(f"references: {PLACE.as_posix()} has no {statistic} of {endpoint} for {dict(named)}")
    first: Mapping[str, Any] = fitting[0]
    return first
