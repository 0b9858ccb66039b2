"""By which variables a study groups persons, and which level the others are compared with. No pandas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def grouping(study: Mapping[str, Any], section: str) -> list[str]:
    """The variable by whose levels a section (`response`, `safety`) is summarised; none where it names none."""
    return [study[section]["by"]] if "by" in study.get(section, {}) else []


def reference_of(variable: Mapping[str, Any]) -> str:
    """The level that the others of a categorical variable are compared with: the study's choice, else the first."""
    return str(variable.get("reference", next(iter(variable["levels"]))))


def reference_first(variable: Mapping[str, Any]) -> list[str]:
    """All levels of a categorical variable: the reference, then the others in the study's order."""
    reference = reference_of(variable)
    return sorted(variable["levels"], key=lambda level: level != reference)
