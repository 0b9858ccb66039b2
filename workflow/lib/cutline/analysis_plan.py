"""Which analyses were fixed before the results were known, and which came to mind after them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

SECTION = "analysis_plan"
ANALYSES = ("endpoints", "models", "comparisons", "sensitivity", "what_if", "rule_sets", "progression_anchors",
            "response", "safety", "baseline", "selection", "statistics", "literature")  # fmt: skip
"""Sections of a study that hold analyses."""

Study = Mapping[str, Any]


def is_stated(study: Study) -> bool:
    """Whether the study says what was planned at all."""
    return SECTION in study


def is_post_hoc(study: Study, *paths: str) -> bool:
    """Whether the analysis under one of these paths of study.yaml, or a whole that holds it, is marked post hoc."""
    marked = study.get(SECTION, {}).get("post_hoc", {})
    return any(path == each or path.startswith(f"{each}.") for path in paths for each in marked)


def found(study: Study, path: str) -> bool:
    """Whether the path names one of the study's analyses: `models.os`, `what_if.<id>`, `comparisons.others.arm`."""
    section, *steps = path.split(".")
    value: Any = study.get(section) if section in ANALYSES else None
    for step in steps:
        value = _within(value, step)
    return value is not None


def _within(value: Any, step: str) -> Any:
    """A key of a mapping, or a member of a list by its id or by itself."""
    if isinstance(value, Mapping):
        return value.get(step)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return next((each for each in value if str(each) == step or _id(each) == step), None)
    return value if str(value) == step else None


def _id(value: Any) -> str:
    return str(value.get("id", "")) if isinstance(value, Mapping) else ""
