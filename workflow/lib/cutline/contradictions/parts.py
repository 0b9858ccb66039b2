"""What the checks share: how a study names its variables and code lists, and of what kind they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cutline.tables.covariates import INDEX_DATE

Study = Mapping[str, Any]
Part = Mapping[str, Any]
Faults = Iterator[str]
Uses = Iterator[tuple[str, str]]

DATES = ("anchor", "before", "after", "from", "to")
"""The keys of a variable that name a date variable."""


def kinds_of(study: Study) -> dict[str, str]:
    """The kind of every variable, the index date among them."""
    kinds = {name: str(variable["kind"]) for name, variable in study["variables"].items()}
    return kinds | ({INDEX_DATE: "date"} if INDEX_DATE in study else {})


def groups_of(study: Study) -> list[str]:
    """Every variable that the study compares groups of, each once."""
    comparisons = study.get("comparisons", {})
    named = [comparisons.get("main"), *comparisons.get("others", []), *study["baseline"].get("by", [])]
    return list(dict.fromkeys(name for name in named if name))


def dates_and_inputs(variable: Part) -> list[str]:
    """The variables that a variable is derived from."""
    return [*(variable[key] for key in DATES if key in variable), *variable.get("inputs", [])]


def codelist_uses(study: Study) -> Uses:
    """Every code list that the study uses, with its place."""
    for name, variable in study["variables"].items():
        if "codelist" in variable:
            yield f"variables.{name}.codelist", variable["codelist"]
    if "safety" in study:
        yield "safety.codelist", study["safety"]["codelist"]


def is_relative(select: Part) -> bool:
    """Whether which record is chosen depends on a date of the person."""
    return select.get("take") == "nearest" or "days_before" in select or "days_after" in select
