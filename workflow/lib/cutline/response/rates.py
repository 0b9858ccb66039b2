"""Best overall response and the response rates as results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from cutline.analysis_set import levels_of
from cutline.ard import result, results_table
from cutline.filters import Clause, filter_text, is_one_of
from cutline.groups import reference_first
from cutline.marking import noted
from cutline.response.words import BEST_FIRST, CONTROLLED, RESPONDING, SLUGS
from cutline.two_proportions import compared_proportions, in_no_group, proportion_interval

RULE = "summarise_response"
NOBODY = {"included": noted("nobody is included"), "evaluable": noted("nobody is evaluable")}
NOBODY_OF_GROUP = noted("the group has no persons")
INTERVALS = {"": ("exact", "exact interval (Clopper-Pearson)"), "wilson_": ("wilson", "Wilson score interval")}
"""Before the statistic's name: the kind of interval, and its name."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """Unconfirmed or confirmed response: where in the keys it stands, in which columns, and in words."""

    path: str
    variable: str
    best: str
    benefit: str
    words: str


@dataclass(frozen=True, eq=False)
class Group:
    """Some of the included persons, all or those at a level of a variable: their responses, and how many there are."""

    persons: pd.DataFrame
    size: int
    by: str = ""
    level: str = ""

    @property
    def who(self) -> Clause:
        return (is_one_of(self.by, self.level),) if self.by else ()

    def under(self, path: str) -> str:
        """The path of its results: `response`, `response.arm=placebo`."""
        return f"{path}.{self.by}={self.level}" if self.by else path


def summarise_response(
    *,
    settings: Mapping[str, Any],
    response: pd.DataFrame,
    cohort: pd.DataFrame,
    covariates: pd.DataFrame | None = None,
) -> dict[str, pd.DataFrame]:
    """Best overall responses and rates of objective response, disease control and clinical benefit.

    All of it unconfirmed and confirmed, and the rates of two denominators: all included persons, those without an
    assessment too, and the evaluable, who have at least one that is not NE. Percentages are 0 to 100; each rate has the
    exact interval (Clopper and Pearson 1934) and Wilson's (1927). With nobody in a denominator a percentage has no
    value and a note says so. With `covariates` the same within each level of `response.by`, if the study names it, and
    each level beside the variable's reference; who is at no level is in none.
    """
    persons = response[response["patient_id"].isin(cohort["patient_id"])]
    everyone, groups = Group(persons, len(cohort)), list(_groups(settings, persons, cohort, covariates))
    rows = [row for group in (everyone, *groups) for row in _of_group(settings, group)]
    return {"ard": results_table([*rows, *_between(settings, groups, len(cohort))], RULE)}


def _groups(
    settings: Mapping[str, Any], persons: pd.DataFrame, cohort: pd.DataFrame, covariates: pd.DataFrame | None
) -> Iterator[Group]:
    """The levels of `response.by`, its reference first."""
    by = settings["response"].get("by")
    if by is None or covariates is None:
        return
    levels = reference_first(settings["variables"][by])
    level_of = levels_of(covariates, by, pd.Index(cohort["patient_id"]), levels)
    for level in levels:
        members = level_of.index[level_of == level]
        yield Group(persons[persons["patient_id"].isin(members)], len(members), by, level)


def _of_group(settings: Mapping[str, Any], group: Group) -> Iterator[Row]:
    rules, conf_level = settings["response"], settings["statistics"]["conf_level"]
    for kind in _kinds(rules):
        yield from _best(kind, group)
        for rate in _rates(kind, rules, group.under(kind.path)):
            yield from _rate(rate, group, conf_level)
    key = f"{group.under('response')}.evaluable"
    evaluable = Rate(key, "evaluable", (EVALUABLE,), "at least one assessment that is not NE")
    yield from _counted(evaluable.key, _about(evaluable, group))


def _kinds(rules: Mapping[str, Any]) -> tuple[Kind, Kind]:
    words = "best overall response by RECIST 1.1, {}"
    confirmed = words.format(f"confirmed at least {rules['confirmation_days']} days later")
    return (
        Kind("response", "", "best_response", "clinical_benefit", words.format("unconfirmed")),
        Kind("response.confirmed", "confirmed_", "confirmed_response", "confirmed_clinical_benefit", confirmed),
    )


def _best(kind: Kind, group: Group) -> Iterator[Row]:
    for category in BEST_FIRST:
        condition = is_one_of(f"response.{kind.best}", category)
        level = SLUGS[category]
        key = f"{group.under(kind.path)}.best.{level}"
        about = Rate(key, f"{kind.variable}best_response", (condition,), kind.words, level)
        yield from _counted(about.key, _about(about, group))


# ── rates ────────────────────────────────────────────────────────────────────────────────────

EVALUABLE = is_one_of("response.evaluable", True)


@dataclass(frozen=True)
class Rate:
    """What a proportion is of: who counts, where it stands in the keys, and in words."""

    key: str
    variable: str
    counted: Clause
    words: str
    level: str = ""


def _rates(kind: Kind, rules: Mapping[str, Any], path: str) -> Iterator[Rate]:
    """Objective response, disease control, clinical benefit, below a path; their names are those of the field."""
    best, days = f"response.{kind.best}", rules["clinical_benefit_days"]
    lasting = f"{kind.words}; stable disease and NON-CR/NON-PD from day {days} on"
    yield Rate(f"{path}.orr", f"{kind.variable}orr", (is_one_of(best, *RESPONDING),), kind.words)
    yield Rate(f"{path}.dcr", f"{kind.variable}dcr", (is_one_of(best, *CONTROLLED),), kind.words)
    benefit = (is_one_of(f"response.{kind.benefit}", True),)
    yield Rate(f"{path}.cbr", f"{kind.variable}cbr", benefit, lasting)


def _rate(rate: Rate, group: Group, conf_level: float) -> Iterator[Row]:
    """Counts and intervals, of all included and of the evaluable."""
    evaluable = group.persons[group.persons["evaluable"]]
    of_evaluable = _about(rate, replace(group, persons=evaluable, size=len(evaluable)), "evaluable")
    for key, about in ((rate.key, _about(rate, group)), (f"{rate.key}.evaluable", of_evaluable)):
        yield from _counted(key, about)
        yield from _intervals(key, about, conf_level)


def _about(rate: Rate, group: Group, denominator: str = "included") -> Row:
    """What all rows of a proportion share; the group's persons are those of the denominator that the table knows."""
    who = (*group.who, EVALUABLE) if denominator == "evaluable" else group.who
    count = int(_holding(rate.counted, group.persons).sum())
    nobody = NOBODY_OF_GROUP if group.by and denominator == "included" else NOBODY[denominator]
    return {
        "analysis": "response", "variable": rate.variable, "level": rate.level, "n": group.size,
        "n_contributing": count, "subset": "evaluable" if denominator == "evaluable" else "",
        "filter": filter_text(who, rate.counted), "group": group.by, "group_level": group.level,
        "method": f"{rate.words}; denominator: all {denominator} persons{' of the group' if group.by else ''}",
        "note": "" if group.size else nobody,
    }  # fmt: skip


def _holding(clause: Clause, persons: pd.DataFrame) -> pd.Series:
    """Who meets every condition, which are on columns of the table of responses."""
    holds = pd.Series(True, index=persons.index)
    for condition in clause:
        values = persons[condition.column].map({True: "true", False: "false"} | {name: name for name in BEST_FIRST})
        holds &= values.isin(condition.values)
    return holds


def _counted(key: str, about: Row) -> Iterator[Row]:
    count, total = about["n_contributing"], about["n"]
    yield result(f"{key}.n", count, **about | {"unit": "persons", "note": ""})
    yield result(f"{key}.percent", 100 * count / total if total else None, **about | {"unit": "percent"})


def _intervals(key: str, about: Row, conf_level: float) -> Iterator[Row]:
    count, total = about["n_contributing"], about["n"]
    for prefix, (method, words) in INTERVALS.items():
        given = about | {"unit": "percent", "conf_level": conf_level, "method": words}
        limits: tuple[float | None, float | None] = (None, None)
        if total:
            low, high = proportion_interval(count, total, conf_level, method)
            limits = (100 * low, 100 * high)
        for bound, limit in zip(("lower", "upper"), limits, strict=True):
            yield result(f"{key}.{prefix}{bound}", limit, **given)


# ── between groups ───────────────────────────────────────────────────────────────────────────


def _between(settings: Mapping[str, Any], groups: Sequence[Group], total: int) -> Iterator[Row]:
    """The rates of each group against the first one, and how many persons are in no group; nothing without groups."""
    if not groups:
        return
    by, reference = groups[0].by, groups[0]
    yield in_no_group("response", by, [group.size for group in groups], total)
    for group in groups[1:]:
        for kind in _kinds(settings["response"]):
            for rate in _rates(kind, settings["response"], f"{kind.path}.{by}.{group.level}"):
                yield from _compared(rate, group, reference, settings["statistics"]["conf_level"])


def _compared(rate: Rate, group: Group, reference: Group, conf_level: float) -> Iterator[Row]:
    counts = [int(_holding(rate.counted, each.persons).sum()) for each in (group, reference)]
    sizes = [group.size, reference.size]
    about = {"analysis": "response", "variable": rate.variable, "group": group.by, "group_level": group.level,
             "n": sum(sizes),
             "filter": filter_text((is_one_of(group.by, group.level, reference.level),), rate.counted)}  # fmt: skip
    yield from compared_proportions(rate.key, counts, sizes, conf_level, about)
