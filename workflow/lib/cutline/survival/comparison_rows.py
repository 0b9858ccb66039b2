"""Groups compared: tests of equal survival, pairs of groups, differences of restricted means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pandas as pd
from scipy.special import ndtr

from cutline.analysis_set import members, strata_numbers
from cutline.ard import first_note, result
from cutline.filters import Clause, filter_text, is_known, is_one_of
from cutline.marking import noted
from cutline.survival.choices import Choices
from cutline.survival.curve_rows import GROUP_HORIZON, mean_rows
from cutline.survival.persons import NOBODY, Persons, Row
from cutline.survival.rank_tests import NAMES, RankTest, holm, rank_test
from cutline.survival.restricted_mean import Mean, restricted_mean

Settings = Mapping[str, Any]
STRATIFIED = noted("{test}, stratified by {variables}")
UNKNOWN_LEFT_OUT = noted("left out: {count} with unknown {variables}")
NO_ERROR = noted("not estimable (no event before the horizon in either group, so no standard error)")


@dataclass(frozen=True)
class Comparison:
    """One endpoint by one variable: times (as `times_of`), each person's level, and her stratum by variable.

    `labels`: each variable in words.
    """

    endpoint: str
    variable: str
    times: pd.DataFrame
    groups: pd.Series
    strata: Mapping[str, pd.Series]
    members: Clause
    is_main: bool
    labels: Mapping[str, str]

    @property
    def is_known(self) -> pd.Series:
        return pd.concat([self.groups, *self.strata.values()], axis=1).notna().all(axis=1)

    @property
    def unknown(self) -> str:
        """The note on who is left out; blank if nobody is."""
        missing = int((~self.is_known).sum())
        named = " or ".join(self.labels[name] for name in (self.variable, *self.strata))
        return UNKNOWN_LEFT_OUT.format(count=missing, variables=named) if missing else ""

    @property
    def path(self) -> str:
        """What follows the name of the test in a key."""
        return ("" if self.is_main else f".{self.variable}") + (".stratified" if self.strata else "")

    def test(self, kind: str, among: pd.Series) -> RankTest:
        """The test of a kind among some of the persons."""
        times = self.times[among]
        strata = strata_numbers({name: stratum[among] for name, stratum in self.strata.items()})
        return rank_test(times["time_days"], times["event"], self.groups[among], kind, strata)

    def about(self, kind: str, among: pd.Series, who: Clause) -> Row:
        plain, strata = NAMES[kind], " and ".join(self.labels[name] for name in self.strata)
        method = STRATIFIED.format(test=plain, variables=strata) if strata else plain
        known = [is_known(name) for name in self.strata]
        n = int(among.sum())
        return {"analysis": "rank_test", "endpoint": self.endpoint, "group": self.variable, "method": method, "n": n,
                "n_contributing": n, "filter": filter_text((*self.members, *who, *known))}  # fmt: skip


def comparison_rows(
    endpoint: str, times: pd.DataFrame, groups: Mapping[str, pd.Series], strata: Mapping[str, pd.Series],
    settings: Settings, choices: Choices,
) -> Iterator[Row]:  # fmt: skip
    """Every configured test of every comparison of an endpoint, unstratified and, with strata, stratified.

    `groups` and `strata`: variable → each person's level. A variable is not stratified by itself. Persons of unknown
    group or stratum are left out and counted in the note. Of more than two levels each pair is compared too, by the
    same test among the persons of both, with p-values by Holm's method over the pairs of one test.
    """
    whose = members(endpoint, settings["endpoints"][endpoint])
    labels = {name: str(settings["variables"][name]["label"]) for name in (*groups, *strata)}
    for variable, found in groups.items():
        levels, is_main = (
            list(settings["variables"][variable]["levels"]),
            variable == settings["comparisons"].get("main"),
        )
        others = {name: stratum for name, stratum in strata.items() if name != variable}
        for by in [{}, others] if others else [{}]:
            comparison = Comparison(endpoint, variable, times, found, by, whose, is_main, labels)
            for kind in choices.tests:
                yield from _test_rows(comparison, kind)
                yield from _pairwise_rows(comparison, kind, levels) if len(levels) > 2 else ()


def _test_rows(comparison: Comparison, kind: str) -> Iterator[Row]:
    among = comparison.is_known
    test, path = comparison.test(kind, among), f"{comparison.endpoint}.{kind}{comparison.path}"
    common = comparison.about(kind, among, (is_known(comparison.variable),))
    # The plain log-rank test is the one that figures and headlines show.
    common |= {"analysis": "logrank"} if kind == "logrank" and not comparison.strata else {}
    common["note"] = "; ".join(part for part in (test.note, comparison.unknown) if part)
    yield result(f"{path}.p", test.p, unit="probability", **common)
    yield result(f"{path}.chi_square", test.chi_square, **common)
    yield result(f"{path}.df", test.degrees_of_freedom, **common)


def _pairwise_rows(comparison: Comparison, kind: str, levels: Sequence[str]) -> Iterator[Row]:
    pairs = list(combinations(levels, 2))
    among = {pair: comparison.is_known & comparison.groups.isin(pair) for pair in pairs}
    tests = {pair: comparison.test(kind, among[pair]) for pair in pairs}
    adjusted = holm({pair: test.p for pair, test in tests.items()})
    for pair, test in tests.items():
        path = f"{comparison.endpoint}.{kind}{comparison.path}.pairwise.{'_vs_'.join(pair)}"
        common = comparison.about(kind, among[pair], (is_one_of(comparison.variable, *pair),)) | {"note": test.note}
        yield result(f"{path}.p", test.p, unit="probability", **common)
        common["method"] += f"; adjusted by Holm for {len(pairs)} pairs"
        yield result(f"{path}.p_holm", adjusted[pair], unit="probability", **common)


# ── differences of restricted means ──────────────────────────────────────────────────────────


def difference_rows(everyone: Sequence[Persons], choices: Choices) -> Iterator[Row]:
    """Restricted means of each level less that of the first, at each configured horizon and at the common largest one.

    `everyone` as `by_level`, of one endpoint. The common horizon is the largest time of the smallest group.
    """
    for variable in dict.fromkeys(persons.group for persons in everyone):
        first, *others = [persons for persons in everyone if persons.group == variable]
        for other in others:
            path = f"{other.endpoint}.rmst.{variable}.{other.group_level}"
            for name, days in _horizons(first, choices).items():
                yield from _difference(f"{path}.difference_{name}", first, other, days, choices)


def _horizons(persons: Persons, choices: Choices) -> dict[str, float | None]:
    """In days, by their name in the key; None if there is none."""
    named = {f"{months}m": months * choices.days_per_month for months in choices.rmst_months}
    return {**named, "common": persons.shortest}


def _difference(path: str, first: Persons, other: Persons, days: float | None, choices: Choices) -> Iterator[Row]:
    pair, reach = (first, other), first.reach
    empty = not all(persons.curve.persons for persons in pair)
    beyond = days is not None and reach is not None and days > reach
    difference: Mean | None = None
    if days is not None and not empty and not beyond:
        difference = restricted_mean(other.curve, days).minus(restricted_mean(first.curve, days))
    n = sum(persons.curve.persons for persons in pair)
    who = (*first.members, is_one_of(first.group, first.group_level, other.group_level))
    common = other.columns | {"n": n, "n_contributing": n, "filter": filter_text(who)}
    common |= {
        "method": f"difference of restricted means to a common horizon: {other.group_level} less {first.group_level}",
        "note": first_note((empty, NOBODY), (beyond, GROUP_HORIZON)),
        "time_months": choices.months(days),
    }
    yield from mean_rows(path, difference, choices, common)
    common |= {"analysis": "rmst", "unit": "probability", "method": f"{common['method']}; Wald test"}
    p = _two_sided(difference)
    common["note"] = first_note((bool(common["note"]), common["note"]), (p is None, NO_ERROR))
    yield result(f"{path}_p", p, **common)


def _two_sided(difference: Mean | None) -> float | None:
    """The p-value of a difference of 0; None without a difference or without a standard error."""
    if difference is None or difference.standard_error == 0:
        return None
    return float(2 * ndtr(-abs(difference.value / difference.standard_error)))
