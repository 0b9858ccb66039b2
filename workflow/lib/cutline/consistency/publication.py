"""The account of a publication: its printed values (published.yaml) and what it states (publication.yaml)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cutline.consistency.account import (
    ENCLOSING,
    ON_EVENT_TIMES,
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

PUBLICATION = "publication"
RATES = ("orr", "dcr", "cbr")
_SURVIVAL = re.compile(r"(\w+)\.km\.survival_(\d+)m")
Values = Mapping[str, Printed]
Entries = Mapping[str, Mapping[str, Any]]


def account_of_publication(
    published: Sequence[Mapping[str, Any]], description: Mapping[str, Any], labels: Mapping[str, str]
) -> Account:
    """Everything that is checked of a publication.

    `published` are the entries of published.yaml, `description` is publication.yaml, both as checked by their schemas.
    A value that is only implied counts like a printed one where others are held against it, and is itself held against
    nothing. Entries that print a bound (p > 0.05) have no value. `labels` are the study's own words for variables and
    endpoints.
    """
    entries = {entry["key"]: entry for entry in published}
    known = {key: _printed(entry) for key, entry in entries.items() if "bound" not in entry}
    return Account(
        about=PUBLICATION,
        values={key: value.value for key, value in known.items()},
        percentages=tuple(_percentages(entries, known, description["denominator"])),
        listings=tuple(_listing(each, known) for each in description.get("listings", [])),
        intervals=tuple(_intervals(entries, known, description)),
        rates=tuple(_rates(entries, known)),
        landmarks=tuple(_landmarks(entries, known, description.get("worded_as_share_of_patients", []))),
        description=description,
        labels=labels,
    )


def _printed(entry: Mapping[str, Any]) -> Printed:
    return Printed.of(str(entry["printed"] or entry["implied"]), bool(entry.get("approximate")))


def count_key(percent_key: str) -> str:
    """The key of the persons that a percentage counts: `x.n` of `x.percent`, `pfs.events` of `pfs.events_percent`."""
    if percent_key.endswith(".percent"):
        return percent_key.removesuffix("percent") + "n"
    return percent_key.removesuffix("_percent")


def _percentages(entries: Entries, known: Values, denominator: str) -> Iterator[Percentage]:
    total = known[denominator].value
    for key, entry in entries.items():
        if key.endswith(("_percent", ".percent")) and entry["printed"] and count_key(key) in known:
            yield Percentage(key, known[key], known[count_key(key)].value, total, entry["section"])


def _listing(each: Mapping[str, Any], known: Values) -> Listing:
    entries = (Entry(entry["name"], known[entry["n"]].value, entry.get("entity", "")) for entry in each["entries"])
    return Listing(each["name"], tuple(entries), known[each["total"]].value, each.get("section", ""))


def kind_of(median_interval: str) -> str:
    """What the method of a median's interval makes of it, by the names of `statistics.median_interval`."""
    if not median_interval:
        return ENCLOSING
    return SYMMETRIC if median_interval == "spss" else ON_EVENT_TIMES


def _intervals(entries: Entries, known: Values, description: Mapping[str, Any]) -> Iterator[Interval]:
    times = description.get("event_times", {})
    for key, entry in entries.items():
        lower, upper = f"{key}_lower", f"{key}_upper"
        if key in known and lower in known and upper in known:
            kind = kind_of(description.get("median_interval", "")) if key.endswith(".median") else ENCLOSING
            at = tuple(times.get(key, ()))
            yield Interval(key, known[key], known[lower], known[upper], kind, at, entry["section"])


def _rates(entries: Entries, known: Values) -> Iterator[Rate]:
    for rate in (f"response.{name}" for name in RATES):
        if (entry := entries.get(f"{rate}.percent")) and entry["printed"]:
            has_interval = {f"{rate}.lower", f"{rate}.upper"} <= set(known)
            yield Rate(f"{rate}.percent", known[f"{rate}.percent"], has_interval, entry["section"])


def _landmarks(entries: Entries, known: Values, worded: Sequence[str]) -> Iterator[Landmark]:
    for key, entry in entries.items():
        found = _SURVIVAL.fullmatch(key)
        if not found or key not in known:
            continue
        endpoint, months = found[1], int(found[2])
        censored, total = _followed(endpoint, known)
        yield Landmark(
            key=key,
            months=months,
            percent=known[key],
            crude_percent=100 * censored / total,
            censored=censored,
            at_risk_given=f"{endpoint}.km.at_risk_{months}m" in known,
            interval_given={f"{key}_lower", f"{key}_upper"} <= set(known),
            of_patients=key in worded,
            section=entry["section"],
        )


def _followed(endpoint: str, known: Values) -> tuple[float, float]:
    """How many were censored, and of how many; nobody where the publication leaves out either."""
    counts = [known[key].value for key in (f"{endpoint}.censored", f"{endpoint}.n") if key in known]
    return (counts[0], counts[1]) if len(counts) == 2 else (0, 1)
