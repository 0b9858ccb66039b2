"""What moved each headline result from the old cut to the new one: one cause replaced at a time.

A state is a set of persons with their data: those in both cohorts in one of eight data versions, with or without the
persons who left and with or without those who entered. The piece of a cause is the difference of two consecutive
states. It depends on the order in which the causes are replaced, so its smallest and largest value over all orders of
the causes after `code` are given too: 32 states are enough for all 120.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import factorial
from typing import Any

import pandas as pd

from cutline.changes.records import CORRECTED, FOLLOW_UP, LATE, SWITCHES, rows_of
from cutline.changes.versions import Derived, Settings, Version, together
from cutline.cox import fit_cox
from cutline.response import summarise_response
from cutline.safety.summarise import overview
from cutline.survival.estimate import estimate_survival
from cutline.tables.changes import ATTRIBUTION, NO_SUCH_RESULT
from cutline.tables.spec import conform

CODE, LEFT, ENTERED = "code", "left", "entered"
CAUSES = (CORRECTED, LATE, FOLLOW_UP, LEFT, ENTERED)
"""What is replaced after the code, in this order."""
INCLUDED = "flow.included"
MEDIANS = ("median", "median_lower", "median_upper")
_LANDMARK = re.compile(r"survival_\d+m")
Replaced = frozenset[str]
"""The causes that are replaced in a state."""


@dataclass(frozen=True)
class Value:
    """A result in one state; without a number, the note says why."""

    number: float | None
    note: str = ""


Results = Mapping[str, Value]


# ── which results ────────────────────────────────────────────────────────────────────────────


def headline(row: Mapping[str, Any], main: str) -> bool:
    """Whether a row of the results is one whose movement is explained; `main` is the study's main comparison.

    Persons included; of every endpoint, overall and by the main comparison, events, median with limits and survival at
    the landmarks; median follow-up; every hazard ratio but the references; percentages of adverse events and, of all
    included, of best responses and of the rates of response, unconfirmed and confirmed.
    Never a p-value.
    """
    statistic = str(row["statistic"])
    match row["analysis"]:
        case "flow":
            return bool(row["key"] == INCLUDED)
        case "km":
            shown = statistic in (*MEDIANS, "events") or _LANDMARK.fullmatch(statistic) is not None
            return shown and str(row["group"]) in ("", main)
        case "followup":
            return statistic == "median" and not row["group"]
        case "cox":
            return statistic == "hr" and bool(row["note"] != "reference")
        case "response":
            of_all = not row["subset"] and not row["group"]
            named = str(row["variable"]) not in ("confirmed_best_response", "evaluable")
            return statistic == "percent" and of_all and named
        case "safety":
            of_all = not row["group"] and not row["subset"] and row["variable"] != "system_organ_class"
            return statistic == "percent" and of_all
    return False


def headline_results(ard: pd.DataFrame, settings: Settings) -> dict[str, Value]:
    """The headline results among rows of the ARD, in their order; those of the main analysis, not of its variants."""
    main = settings.get("comparisons", {}).get("main", "")
    rows = [row for row in rows_of(ard) if headline(row, main) and not row["variant"]]
    return {row["key"]: Value(_number(row["value"]), row["note"] or "") for row in rows}


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) else float(value)


def is_ratio(key: str) -> bool:
    """Whether the pieces of a result add up on the log scale: of a hazard ratio."""
    return key.endswith(".hr")


# ── the states ───────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Cohorts:
    """Whose data a state is made of: the persons in both cohorts by data version, and the others of either cut.

    `both` holds the data versions that differ from each other, or the reason why one could not be derived.
    """

    both: Mapping[Version, Derived | str]
    leavers: Derived
    entrants: Derived

    @property
    def at_work(self) -> Replaced:
        """The causes that can move anything here: a state is the same with and without the others."""
        moved = {LEFT: self.leavers.members, ENTERED: self.entrants.members}
        return frozenset().union(*self.both, (cause for cause, persons in moved.items() if len(persons)))

    def state(self, replaced: Replaced) -> Derived | str:
        """The persons of a state with their data, or why there are none."""
        stayed = self.both[replaced & frozenset(SWITCHES)]
        if isinstance(stayed, str):
            return f"not estimable (these records cannot be analysed together: {stayed})"
        others = [*([] if LEFT in replaced else [self.leavers]), *([self.entrants] if ENTERED in replaced else [])]
        return together([stayed, *others])


def all_states() -> list[Replaced]:
    """Every set of causes, none first and all last."""
    return [frozenset(some) for size in range(len(CAUSES) + 1) for some in combinations(CAUSES, size)]


def state_results(settings: Settings, cohorts: Cohorts) -> dict[Replaced, Results | str]:
    """The headline results of every state, or why a state has none."""
    found: dict[Replaced, Results | str] = {}
    summaries = Summaries(settings)
    for different in sorted({replaced & cohorts.at_work for replaced in all_states()}, key=sorted):
        state = cohorts.state(different)
        found[different] = state if isinstance(state, str) else summaries.of(state)
    return {replaced: found[replaced & cohorts.at_work] for replaced in all_states()}


class Summaries:
    """The headline results of states, by the functions that make the study's results.

    What many states have in common, the data of one endpoint, is summarised once.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.known: dict[tuple[str, ...], Results] = {}

    def of(self, persons: Derived) -> dict[str, Value]:
        """The headline results of these persons."""
        found = {INCLUDED: Value(float(len(persons.cohort)))}
        main = self.settings.get("comparisons", {}).get("main")
        for endpoint in self.settings["endpoints"]:
            found |= self._once(_survival, endpoint, persons, [main] if main else [])
        for endpoint, variables in self.settings["models"].items():
            found |= self._once(_cox, endpoint, persons, variables)
        for section, summarise in (("response", _response), ("safety", _safety)):
            if section in self.settings:
                found |= headline_results(summarise(self.settings, persons), self.settings)
        return found

    def _once(self, summarise: _OfEndpoint, endpoint: str, persons: Derived, variables: list[str]) -> Results:
        times = persons.endpoints[persons.endpoints["endpoint"] == endpoint]
        covariates = persons.covariates[persons.covariates["variable"].isin(variables)]
        covariates = covariates[covariates["patient_id"].isin(persons.members)]
        key = (summarise.__name__, endpoint, _digest(times, _TIME), _digest(covariates, _VALUE))
        if key not in self.known:
            self.known[key] = headline_results(summarise(self.settings, endpoint, times, covariates), self.settings)
        return self.known[key]


_TIME, _VALUE = ["patient_id", "rule_set", "time_days", "event"], ["patient_id", "variable", "value", "number"]
_OfEndpoint = Callable[[Settings, str, pd.DataFrame, pd.DataFrame], pd.DataFrame]


def _digest(table: pd.DataFrame, columns: list[str]) -> str:
    rows = table[columns].sort_values(columns[:2])
    return hashlib.sha256(pd.util.hash_pandas_object(rows, index=False).to_numpy().tobytes()).hexdigest()


def _survival(settings: Settings, endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame) -> pd.DataFrame:
    """Of one endpoint, and without the further comparisons: they are no headline."""
    main = {name: item for name, item in settings.get("comparisons", {}).items() if name != "others"}
    about = {**settings, "endpoints": {endpoint: settings["endpoints"][endpoint]}, "comparisons": main,
             "follow_up_endpoint": endpoint}  # fmt: skip
    rows: pd.DataFrame = estimate_survival(settings=about, endpoints=times, covariates=covariates)["ard"]
    return rows if endpoint == settings["follow_up_endpoint"] else rows[rows["analysis"] != "followup"]


def _cox(settings: Settings, endpoint: str, times: pd.DataFrame, covariates: pd.DataFrame) -> pd.DataFrame:
    about = {**settings, "models": {endpoint: settings["models"][endpoint]}}
    rows: pd.DataFrame = fit_cox(settings=about, endpoints=times, covariates=covariates)["ard"]
    return rows


def _response(settings: Settings, persons: Derived) -> pd.DataFrame:
    assert persons.response is not None
    return summarise_response(settings=settings, response=persons.response, cohort=persons.cohort)["ard"]


def _safety(settings: Settings, persons: Derived) -> pd.DataFrame:
    assert persons.safety is not None
    return overview(settings, persons.safety, persons.cohort, persons.deaths)


# ── the pieces ───────────────────────────────────────────────────────────────────────────────


def attribute(old: Results, states: Mapping[Replaced, Results | str]) -> pd.DataFrame:
    """The pieces of every headline result: rows as in `ATTRIBUTION`, by result and position.

    `old` are the printed results of the old cut, `states` those of every state by today's code. Results come in the
    order of the new cut's, then those that only the old one has. Between two states that are numbers the pieces, and
    what some moved `together`, add up to the difference.
    """
    path = [frozenset(CAUSES[:count]) for count in range(len(CAUSES) + 1)]
    last = states[path[-1]]
    keys = dict.fromkeys([*(last if not isinstance(last, str) else ()), *old])
    rows = [row for key in keys for row in _attributed(key, old.get(key, Value(None, NO_SUCH_RESULT)), states, path)]
    return conform(pd.DataFrame(rows, columns=ATTRIBUTION.names), ATTRIBUTION)


def value_in(state: Results | str, key: str) -> Value:
    return Value(None, state) if isinstance(state, str) else state.get(key, Value(None, NO_SUCH_RESULT))


def _attributed(
    key: str, old: Value, states: Mapping[Replaced, Results | str], path: list[Replaced]
) -> Iterator[dict[str, Any]]:
    scale = math.log if is_ratio(key) else float
    values = {replaced: value_in(state, key) for replaced, state in states.items()}
    scaled = {replaced: None if value.number is None else scale(value.number) for replaced, value in values.items()}
    steps = [old, *(values[replaced] for replaced in path)]
    pieces = _pieces([None if value.number is None else scale(value.number) for value in steps])
    for position, (cause, (before, after), piece) in enumerate(
        zip((CODE, *CAUSES), pairwise(steps), pieces, strict=True), start=1
    ):
        yield {"key": key, "scale": "log" if is_ratio(key) else "identity", "position": position, "cause": cause,
               "before": before.number, "after": after.number, "note": _note(before, after),
               **piece, **(_once(piece["piece"]) if cause == CODE else over_orders(cause, scaled))}  # fmt: skip


def _pieces(steps: list[float | None]) -> list[dict[str, float | None]]:
    """Between consecutive states: the piece, or at the end of a gap what its steps moved together."""
    found: list[dict[str, float | None]] = []
    known, gap = steps[0], False
    for before, after in pairwise(steps):
        direct = None if before is None or after is None else after - before
        joint = after - known if gap and known is not None and after is not None else None
        found.append({"piece": direct, "together": joint})
        gap = after is None
        known = known if after is None else after
    return found


def _note(before: Value, after: Value) -> str:
    for value, where in ((after, "after"), (before, "before")):
        if value.number is None:
            return f"{where} this step: {value.note or 'not a number'}"
    return ""


def _once(piece: float | None) -> dict[str, Any]:
    """The code is always replaced first, so its piece is the same in every order."""
    return {"smallest": piece, "largest": piece, "orders": 0 if piece is None else factorial(len(CAUSES))}


def over_orders(cause: str, values: Mapping[Replaced, float | None]) -> dict[str, Any]:
    """The smallest and the largest piece of a cause over all orders, and in how many of them it is a number."""
    found, orders = [], 0
    for replaced, before in values.items():
        after = values[replaced | {cause}]
        if cause not in replaced and before is not None and after is not None:
            found.append(after - before)
            orders += factorial(len(replaced)) * factorial(len(CAUSES) - len(replaced) - 1)
    return {"smallest": min(found, default=None), "largest": max(found, default=None), "orders": orders}
