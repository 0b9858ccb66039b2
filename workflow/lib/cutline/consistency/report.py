"""The account of the pipeline's own report: its results, and the composed text with the result keys it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from cutline.consistency.account import (
    ENCLOSING,
    EXACT,
    ON_EVENT_TIMES,
    ON_LOG_SCALE,
    SYMMETRIC,
    Account,
    Entry,
    Interval,
    Landmark,
    Listing,
    Percentage,
    Printed,
    Rate,
)
from cutline.consistency.publication import RATES, count_key
from cutline.disclosure.profiles import WITHHELD
from cutline.display.labels import in_sentence
from cutline.display.lookup import Results, Row, limit_keys, value_of
from cutline.display.numbers import format_date
from cutline.expressions import REQUIRE, records_of
from cutline.languages import ENGLISH, spoken, tell
from cutline.marking import marked

REPORT = "report"
_SHOWN = re.compile(r'\{\.result key="([^"]*)"')
_SURVIVAL = re.compile(r"(?P<path>(?P<endpoint>\w+)\.km(?:\.\w+=\w+)?)\.survival_(?P<months>\d+)m")
SAMENESS = marked(
    r"\b(consistent (?:efficacy|benefit|effect)|equally effective|(?:comparable|similar|the same) (?:efficacy|benefit)"
    r"|did not differ|no difference between)\b"
)
"""Words that read a difference which was not shown as one that is not there: a pattern, in each language its own."""
CONFIRMATION = marked(r"\b(?:un)?confirmed\b|\bconfirmation\b")
MEASURABLE = marked(r"measurable")
BY_WORDS = {"response_confirmation": CONFIRMATION, "measurable_disease": MEASURABLE, "claims": SAMENESS}
"""Statements, and parts of the description, that are known of a text by its words alone, with the pattern of each."""


def account_of_report(
    settings: Mapping[str, Any], results: Results, curves: Sequence[pd.DataFrame], text: str, labels: Mapping[str, str]
) -> Account:
    """Everything that is checked of the report.

    `settings` are those of the rule render_report, `results` the released ones by key, `curves` the released
    Kaplan-Meier curves, `text` the composed Quarto document. A result without a value is left to its note.
    """
    shown = {key for keys in _SHOWN.findall(text) for key in keys.split()}
    steps = _steps(curves, settings["statistics"]["days_per_month"])
    return Account(
        about=REPORT,
        values={key: value for key in results if (value := value_of(results, key)) is not None},
        percentages=tuple(_percentages(results)),
        listings=(*_listings(settings, results), *_names(settings)),
        intervals=tuple(_intervals(results, steps)),
        rates=tuple(_rates(results, shown)),
        landmarks=tuple(_landmarks(results, shown, steps)),
        description=_description(settings, results, shown, text),
        labels=labels,
        unread=frozenset(name for name, words in BY_WORDS.items() if _pattern(words) is None),
    )


# ── counts ───────────────────────────────────────────────────────────────────────────────────


def _percentages(results: Results) -> Iterator[Percentage]:
    for key, row in results.items():
        if key.endswith(("_percent", ".percent")) and row["value"] is not None and row["n"]:
            count = value_of(results, count_key(key))
            if count is not None:
                yield Percentage(key, Printed.unrounded(row["value"]), count, row["n"], _rule(row))


def _listings(settings: Mapping[str, Any], results: Results) -> Iterator[Listing]:
    yield from _flow(settings, results)
    yield from _levels(results)
    for key in [key for key in results if key.endswith(".censored")]:
        path = key.removesuffix("censored")
        keys = {name: f"{path}{name}" for name in ("events", "censored")}
        yield from _listing(results, path.removesuffix("."), f"{path}n", keys)
    for path in ("response.best", "response.confirmed.best"):
        keys = {key: key for key in results if key.startswith(f"{path}.") and key.endswith(".n")}
        yield from _listing(results, path, "flow.included", keys)
    yield from _listing(results, "safety", "flow.included", {"none": "safety.none.n", "any": "safety.any.n"})


def _flow(settings: Mapping[str, Any], results: Results) -> Iterator[Listing]:
    keys = {str(each["id"]): f"flow.excluded.{each['id']}" for each in settings["criteria"]}
    keys |= {"pending": "flow.pending"} if "flow.pending" in results else {}
    yield from _listing(results, "flow", "flow.screened", keys | {"included": "flow.included"})


def _levels(results: Results) -> Iterator[Listing]:
    """Every categorical variable of the baseline and selection tables, in every column, the unknown ones too."""
    groups: dict[str, dict[str, str]] = {}
    for key, row in results.items():
        path, _, rest = key.rpartition(f".{row['variable']}.")
        if row["analysis"] in ("baseline", "selection") and row["level"] and rest == f"{row['level']}.n":
            groups.setdefault(f"{path}.{row['variable']}", {})[row["level"]] = key
    for path, keys in groups.items():
        missing = f"{path}.missing"
        keys |= {"missing": missing} if missing in results else {}
        total = results[next(iter(keys.values()))]["n"]
        if any(results[key]["note"] == WITHHELD for key in keys.values()):
            continue
        entries = tuple(Entry(name, value_of(results, key) or 0) for name, key in keys.items())
        yield Listing(path, entries, total, "summarise_baseline")


def _listing(results: Results, name: str, total: str, keys: Mapping[str, str]) -> Iterator[Listing]:
    """The listing, if the study has all of it."""
    values = {label: value_of(results, key) for label, key in keys.items()}
    whole = value_of(results, total)
    if values and whole is not None and None not in values.values():
        entries = tuple(Entry(label, value) for label, value in values.items() if value is not None)
        yield Listing(name, entries, whole, _rule(results[total]))


def _names(settings: Mapping[str, Any]) -> Iterator[Listing]:
    """What is listed under one heading, by the words a reader sees."""
    headings = {f"variables.{name}": spec.get("levels", {}) for name, spec in settings["variables"].items()}
    headings |= {"safety.terms": settings.get("safety", {}).get("terms", {})}
    headings |= {"criteria": {each["id"]: each["label"] for each in settings["criteria"]}}
    for heading, labels in headings.items():
        if labels:
            yield Listing(heading, tuple(Entry(str(label), 0) for label in labels.values()), section="study.yaml")


# ── estimates ────────────────────────────────────────────────────────────────────────────────


Step = tuple[float, int, int]
"""A time in months, and how many have an event and are censored then."""
Steps = Mapping[tuple[str, str, str], Sequence[Step]]


def _steps(curves: Sequence[pd.DataFrame], days_per_month: float) -> Steps:
    """The steps of every curve in the order of time, by endpoint, group and level.

    Where a profile does not show the censored, they are those at risk who are so no longer at the next time."""
    steps: dict[tuple[str, str, str], list[Step]] = {}
    for curve in curves:
        names = [curve[name].fillna("").astype(str) for name in ("endpoint", "group", "group_level")]
        later = curve["at_risk"].groupby(names).shift(-1)
        censored = curve["censored"].fillna(curve["at_risk"] - curve["events"] - later).fillna(0)
        parts = zip(zip(*names, strict=True), curve["time_days"], curve["events"], censored, strict=True)
        for group, time, events, gone in parts:
            steps.setdefault(group, []).append((time / days_per_month, int(events), int(gone)))
    return steps


def _steps_of(row: Row, steps: Steps) -> Sequence[Step]:
    return steps.get((row["endpoint"], row["group"], row["group_level"]), ())


def _censored_before_events(steps: Sequence[Step], months: int) -> int:
    """How many are censored before the last event by that time: without them the estimate is the crude share."""
    last = max((time for time, events, _ in steps if events and time <= months + EXACT), default=0.0)
    return sum(censored for time, _, censored in steps if time < last)


def _intervals(results: Results, steps: Steps) -> Iterator[Interval]:
    for key, row in results.items():
        found = limit_keys(results, key)
        if found is None or row["value"] is None or any(value_of(results, limit) is None for limit in found):
            continue
        estimate, lower, upper = (Printed.unrounded(results[each]["value"]) for each in (key, *found))
        kind = _kind(row, str(results[found[0]]["method"]))
        of_curve = row["analysis"] == "km" and not row["variant"]
        at = tuple(time for time, events, _ in _steps_of(row, steps) if events) if of_curve else ()
        yield Interval(key, estimate, lower, upper, kind, at, _rule(row))


def _kind(row: Row, method: str) -> str:
    if row["statistic"] == "hr":
        return ON_LOG_SCALE if "Wald" in method else ENCLOSING
    if "standard errors" in method:
        return SYMMETRIC
    return ON_EVENT_TIMES if "Brookmeyer" in method else ENCLOSING


def _rates(results: Results, shown: set[str]) -> Iterator[Rate]:
    for path in [f"response.{confirmed}{rate}" for confirmed in ("", "confirmed.") for rate in RATES]:
        key, value = f"{path}.percent", value_of(results, f"{path}.percent")
        if key in shown and value is not None:
            has_interval = {f"{path}.lower", f"{path}.upper"} <= shown
            yield Rate(key, Printed(value, 0, f"{value:.1f}"), has_interval, _rule(results[key]))


def _landmarks(results: Results, shown: set[str], steps: Steps) -> Iterator[Landmark]:
    for key, row in results.items():
        found = _SURVIVAL.fullmatch(key)
        if found is None or key not in shown or row["value"] is None:
            continue
        path, months = found["path"], found["months"]
        counts = path if "=" in path else found["endpoint"]
        crude = value_of(results, f"{counts}.censored_percent")
        percent = 100 * row["value"]
        yield Landmark(
            key=key,
            months=int(months),
            percent=Printed(percent, 0, f"{percent:.1f}"),
            crude_percent=crude if crude is not None else 0.0,
            censored=_censored_before_events(_steps_of(row, steps), int(months)),
            at_risk_given=f"{path}.at_risk_{months}m" in shown,
            interval_given={f"{key}_lower", f"{key}_upper"} <= shown,
            section=_rule(row),
        )


# ── statements ───────────────────────────────────────────────────────────────────────────────


def _description(settings: Mapping[str, Any], results: Results, shown: set[str], text: str) -> dict[str, Any]:
    said = {
        "data_cutoff": bool(settings.get("time_only")) or format_date(settings["data_cutoff"]) in text,
        "median_follow_up": "followup.reverse_km.median" in shown,
        "response_confirmation": any(_found(CONFIRMATION, text)),
        "measurable_disease": any(_found(MEASURABLE, text)),
    }
    claimed = dict.fromkeys(found[0].lower() for found in _found(SAMENESS, text))
    return {
        "stated": [name for name, there in said.items() if there],
        "criteria": [_criterion(each, settings, results) for each in settings["criteria"]],
        "claims": [{"name": words, "kind": "sameness"} for words in claimed],
    }


def _pattern(words: str) -> str | None:
    """The pattern in the language in force; None where the catalogue has none, so that nobody can read the text."""
    said = tell(words)
    return None if said == words and spoken() != ENGLISH else said


def _found(words: str, text: str) -> Iterator[re.Match[str]]:
    """Where the text says so; nowhere where nobody can read it."""
    pattern = _pattern(words)
    yield from re.finditer(pattern, text, re.IGNORECASE) if pattern else ()


def _criterion(criterion: Mapping[str, Any], settings: Mapping[str, Any], results: Results) -> dict[str, Any]:
    key = f"flow.excluded.{criterion['id']}"
    described = {"name": in_sentence(str(criterion["label"])), "kind": "exclusion"}
    described |= {"n": key} if value_of(results, key) is not None else {}
    return described | ({"concerns": "follow_up"} if _asks_for_follow_up(criterion, settings) else {})


def _asks_for_follow_up(criterion: Mapping[str, Any], settings: Mapping[str, Any]) -> bool:
    """Whether a person must have records of what censors an endpoint, at any time after the index date."""
    if REQUIRE not in criterion:
        return False
    censoring = [rule for endpoint in settings["endpoints"].values() for rule in endpoint.get("censoring", [])]
    tables = {each["table"] for rule in censoring for each in rule.get("latest_of", [rule]) if "table" in each}
    return any(asked["table"] in tables and "days_after" not in asked for asked in records_of(criterion))


def _rule(row: Row) -> str:
    return str(row.get("rule", ""))
