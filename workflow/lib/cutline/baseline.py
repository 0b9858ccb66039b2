"""The flow of persons, their baseline characteristics and how far groups differ in them, as results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.ard import result, results_table
from cutline.balance import CATEGORIES, NUMBERS, largest_difference
from cutline.characteristics import Characteristic, Group, Rows, characteristics, counted, describe
from cutline.filters import Clause, filter_text, is_known, is_none_of, is_one_of
from cutline.group_comparison import p_of_counts, p_of_numbers
from cutline.selection import LEFT_AT, compare_at_each_step

RULE = "summarise_baseline"
FIRST_FAILED, FIRST_ANSWER, FIRST_PENDING = "ledger.first_failed", "ledger.first_answer", "ledger.first_pending"
STATUS, INDEX_DATE = "ledger.status", "cohort.index_date"
LARGEST = ", the largest between any two groups"


def summarise_baseline(
    *,
    settings: Mapping[str, Any],
    cohort: pd.DataFrame,
    covariates: pd.DataFrame,
    attrition: pd.DataFrame,
    ledger: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Flow of persons, first and last index date, every baseline variable overall and by `baseline.by`, and selection.

    Counts are of included persons, those of `selection` of screened ones; see `describe` for percentages and quartiles,
    `balance` for standardised differences. Raises ConfigError for a baseline variable that is neither categorical nor
    continuous.
    """
    rows = [*_flow(attrition, len(cohort)), *_index_dates(settings, cohort)]
    persons = pd.Index(cohort["patient_id"])
    groupings = settings["baseline"].get("by", [])
    names = [*settings["baseline"]["variables"], *groupings]
    found = characteristics(settings["variables"], names, covariates, persons)
    shown = [found[name] for name in settings["baseline"]["variables"]]
    everyone = Group("baseline", np.ones(len(persons), dtype=bool), fields={"analysis": "baseline"})
    rows += [row for each in shown for row in describe(everyone, each)]
    for by in groupings:
        rows += _by_group(settings["baseline"], found[by], shown, everyone)
    if "selection" in settings:
        rows += compare_at_each_step(settings, covariates, attrition, ledger)
    return {"ard": results_table(rows, RULE)}


# ── the flow ─────────────────────────────────────────────────────────────────────────────────


def _flow(attrition: pd.DataFrame, included: int) -> Rows:
    """Screened = excluded + pending + included, and per criterion who left at it and who remained."""
    excluded, pending = (int(attrition[name].sum()) for name in ("excluded", "pending"))
    screened = excluded + pending + included
    about = {"analysis": "flow", "population": "screened", "unit": "persons", "n": screened}
    yield result("flow.screened", screened, n_contributing=screened, **about)
    ordered = attrition.sort_values("position")
    for position, row in enumerate(ordered.to_dict("records"), 1):
        for what, which in _places(row["criterion"], ordered["criterion"].head(position).tolist()).items():
            count, key = int(row[what]), f"flow.{what}.{row['criterion']}"
            yield result(key, count, statistic=what, level=row["criterion"], n_contributing=count,
                         filter=filter_text((), which), **about)  # fmt: skip
    for status, count in (("excluded", excluded), ("pending", pending), ("included", included)):
        yield result(f"flow.{status}", count, n_contributing=count,
                     filter=filter_text((), (is_one_of(STATUS, status),)), **about)  # fmt: skip


def _places(criterion: str, so_far: list[str]) -> dict[str, Clause]:
    """Who is counted where at a criterion, of which `so_far` lists the ids of all up to it."""
    return {
        "excluded": (is_one_of(FIRST_FAILED, criterion),),
        "excluded_unknown": (is_one_of(FIRST_FAILED, criterion), is_one_of(FIRST_ANSWER, "unknown")),
        "pending": (is_one_of(FIRST_PENDING, criterion),),
        "remaining": (is_none_of(LEFT_AT, *so_far),),
    }


def _index_dates(settings: Mapping[str, Any], cohort: pd.DataFrame) -> Rows:
    """The first and the last index date; none in a study without dates."""
    if "index_date" not in settings:
        return
    for statistic, date in (("first", cohort["index_date"].min()), ("last", cohort["index_date"].max())):
        text, note = ("", "nobody is included") if pd.isna(date) else (date.date().isoformat(), "")
        behind = int((cohort["index_date"] == date).sum())
        which = is_one_of(INDEX_DATE, text) if text else is_known(INDEX_DATE)
        yield result(f"index_date.{statistic}", text=text, note=note, analysis="flow", unit="date",
                     n=len(cohort), n_contributing=behind, filter=filter_text((), (which,)))  # fmt: skip


# ── the groups ───────────────────────────────────────────────────────────────────────────────


def _by_group(baseline: Mapping[str, Any], by: Characteristic, shown: list[Characteristic], everyone: Group) -> Rows:
    """Group sizes, the characteristics within each, and how far the groups differ.

    Persons of unknown group are in none, but counted as missing.
    """
    groups = [_group(by, place) for place in range(len(by.levels))]
    for level, group in zip(by.levels, groups, strict=True):
        place = {"group": by.name, "group_level": level}
        yield from counted(group.path, group.size, everyone, is_one_of(by.name, level), place)
        yield from (row for each in shown for row in describe(group, each))
    if by.name not in baseline["variables"]:
        yield from (row for row in describe(everyone, by) if row["statistic"].startswith("missing"))
    for each in shown:
        if each.name != by.name:
            yield from _compared(by, each, [each.among(group.members) for group in groups], baseline)


def _group(by: Characteristic, place: int) -> Group:
    level = by.levels[place]
    fields = {"analysis": "baseline", "group": by.name, "group_level": level}
    return Group(f"baseline.{by.name}={level}", by.values == place, (is_one_of(by.name, level),), fields)


def _compared(by: Characteristic, each: Characteristic, groups: list[Any], baseline: Mapping[str, Any]) -> Rows:
    """The standardised difference of the groups in one characteristic and, where asked for, a p-value."""
    known = by.known & each.known
    about: dict[str, Any] = {
        "analysis": "baseline", "group": by.name, "variable": each.name, "n": int(by.known.sum()),
        "n_contributing": int(known.sum()), "filter": filter_text((is_known(by.name),), (is_known(each.name),)),
    }  # fmt: skip
    path, found = f"baseline.{by.name}.{each.name}", largest_difference(groups, each.difference)
    method = (CATEGORIES if each.levels else NUMBERS) + (LARGEST if len(groups) > 2 else "")
    yield result(f"{path}.smd", found.value, unit="sd", method=method, note=found.note, **about)
    if baseline.get("p_values"):
        means = baseline.get("continuous_test") == "welch"
        tested = p_of_counts(groups) if each.levels else p_of_numbers(groups, means)
        yield result(f"{path}.p", tested.p, unit="probability", method=tested.method, note=tested.note, **about)
