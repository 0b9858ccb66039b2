"""The flow of persons and their baseline characteristics, as results."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.analysis_set import levels_of, numbers_of
from cutline.ard import result, results_table
from cutline.errors import ConfigError
from cutline.filters import Clause, Condition, filter_text, is_known, is_none_of, is_one_of, is_unknown

RULE = "summarise_baseline"
QUARTILES = "weighted average at (n + 1) p (R type 6, SPSS HAVERAGE)"
PERCENT = "percent of all persons in the group, those with a missing value too"
NOT_ENOUGH = "too few known values"
EXTREMES = ("min", "max")
FIRST_FAILED, FIRST_ANSWER, FIRST_PENDING = "ledger.first_failed", "ledger.first_answer", "ledger.first_pending"
STATUS, INDEX_DATE = "ledger.status", "cohort.index_date"
Rows = Iterator[dict[str, Any]]


def summarise_baseline(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, covariates: pd.DataFrame, attrition: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Flow of persons, first and last index date, and every baseline variable, overall and by `baseline.by`.

    Counts are of included persons; percentages are 0 to 100 of all of them, missing ones too, so that levels and
    missing add up to 100. Quartiles are `QUARTILES`, the standard deviation has n - 1. What nobody's data can give has
    no value and a note. Raises ConfigError for a baseline variable that is neither categorical nor continuous.
    """
    rows = [*_flow(attrition, len(cohort)), *_index_dates(settings, cohort)]
    persons = pd.Index(cohort["patient_id"])
    of_cohort = covariates[covariates["patient_id"].isin(persons)]
    rows += _characteristics(settings, of_cohort, persons, {})
    by = settings["baseline"].get("by")
    if by:
        rows += _by_group(settings, of_cohort, persons, by)
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
        "remaining": (is_none_of(FIRST_FAILED, *so_far), is_none_of(FIRST_PENDING, *so_far)),
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


# ── the characteristics ──────────────────────────────────────────────────────────────────────


def _by_group(settings: Mapping[str, Any], covariates: pd.DataFrame, persons: pd.Index, by: str) -> Rows:
    """Group sizes and the characteristics within each; persons of unknown group are in none, but counted as missing."""
    levels = list(settings["variables"][by]["levels"])
    group_of = levels_of(covariates, by, persons, levels)
    for level in levels:
        members = persons[(group_of == level).to_numpy()]
        group = {"group": by, "group_level": level}
        yield from _counted(f"baseline.{by}={level}", len(members), len(persons), group, (), is_one_of(by, level))
        yield from _characteristics(settings, covariates, members, group)
    if by not in settings["baseline"]["variables"]:
        yield from _missing(f"baseline.{by}", group_of, {"variable": by})


def _characteristics(
    settings: Mapping[str, Any], covariates: pd.DataFrame, persons: pd.Index, group: dict[str, str]
) -> Rows:
    prefix = f"baseline.{group['group']}={group['group_level']}" if group else "baseline"
    for name in settings["baseline"]["variables"]:
        variable, about = settings["variables"].get(name, {"kind": "date"}), group | {"variable": name}
        if variable["kind"] == "categorical":
            values = levels_of(covariates, name, persons, list(variable["levels"]))
            yield from _categorical(f"{prefix}.{name}", values, list(variable["levels"]), about)
        elif variable["kind"] == "continuous":
            numbers = numbers_of(covariates, name, persons)
            yield from _continuous(f"{prefix}.{name}", numbers, about | {"unit": variable.get("unit", "")})
        else:
            raise ConfigError(f"baseline.variables: {name!r} is a date; expected categorical or continuous variables")


def _categorical(key: str, values: pd.Series, levels: list[str], about: dict[str, str]) -> Rows:
    who = _group_of(about)
    for level in levels:
        count, of_level = int((values == level).sum()), about | {"level": level}
        yield from _counted(f"{key}.{level}", count, len(values), of_level, who, is_one_of(about["variable"], level))
    yield from _missing(key, values, about)


def _group_of(about: Mapping[str, str]) -> Clause:
    """Who is in the denominator: the members of the group, or everyone."""
    return (is_one_of(about["group"], about["group_level"]),) if "group" in about else ()


def _counted(key: str, count: int, total: int, about: dict[str, str], who: Clause, counted: Condition) -> Rows:
    shared: dict[str, Any] = about | {"analysis": "baseline", "n": total, "n_contributing": count}
    shared["filter"] = filter_text(who, (counted,))
    yield result(f"{key}.n", count, unit="persons", **shared)
    yield result(f"{key}.percent", unit="percent", method=PERCENT, **_percent(count, total), **shared)


def _missing(key: str, values: pd.Series, about: dict[str, str]) -> Rows:
    count = int(values.isna().sum())
    shared: dict[str, Any] = about | {"analysis": "baseline", "n": len(values), "n_contributing": count}
    shared["filter"] = filter_text(_group_of(about), (is_unknown(about["variable"]),))
    percent = _percent(count, len(values)) | {"unit": "percent", "method": PERCENT}
    yield result(f"{key}.missing", count, **shared | {"unit": "persons"})
    yield result(f"{key}.missing_percent", **shared | percent)


def _percent(count: int, total: int) -> dict[str, Any]:
    return {"value": 100 * count / total} if total else {"value": None, "note": "nobody in the group"}


def _continuous(key: str, numbers: pd.Series, about: dict[str, str]) -> Rows:
    known = numbers.dropna().to_numpy("float64")
    shared: dict[str, Any] = about | {"analysis": "baseline", "n": len(numbers)}
    for statistic, value, behind, method in _statistics(known):
        note = "" if value is not None else NOT_ENOUGH
        which = is_known(about["variable"])
        if value is not None and statistic in EXTREMES:
            which = is_one_of(about["variable"], value)
        yield result(f"{key}.{statistic}", value, n_contributing=behind, method=method, note=note,
                     filter=filter_text(_group_of(about), (which,)), **shared)  # fmt: skip
    yield from _missing(key, numbers, about)


def _statistics(known: np.ndarray[Any, np.dtype[np.float64]]) -> Iterator[tuple[str, float | None, int, str]]:
    """Statistic, value, persons behind it, method; of an extreme only those who have it are behind it."""
    count = len(known)
    for statistic, probability in (("median", 0.5), ("q1", 0.25), ("q3", 0.75)):
        value = float(np.quantile(known, probability, method="weibull")) if count else None
        yield statistic, value, count, QUARTILES
    yield "mean", float(known.mean()) if count else None, count, "arithmetic mean"
    yield "sd", float(known.std(ddof=1)) if count > 1 else None, count, "sample standard deviation (n - 1)"
    for statistic, extreme in zip(EXTREMES, (known.min, known.max), strict=True):
        value = float(extreme()) if count else None
        yield statistic, value, int((known == value).sum()) if count else 0, ""
