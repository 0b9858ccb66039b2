"""What a study's `statistics` section asks of a survival analysis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.survival.convention import Convention, completed, convention_of


@dataclass(frozen=True)
class Choices:
    """The convention, and which statistics are wanted; `quantiles` are named by S, 0.25 is where a quarter is left."""

    convention: Convention
    days_per_month: float
    quantiles: tuple[float, ...]
    landmarks_months: tuple[int, ...]
    landmark_minimum_at_risk: int
    rmst_months: tuple[int, ...]
    tests: tuple[str, ...]

    def months(self, days: float | None) -> float | None:
        return None if days is None else days / self.days_per_month


def choices_of(statistics: Mapping[str, Any]) -> Choices:
    """The choices of a `statistics` section, with the defaults of what it does not say."""
    chosen = completed(statistics)
    listed = {name: tuple(chosen[name]) for name in ("quantiles", "landmarks_months", "rmst_months", "tests")}
    return Choices(
        convention=convention_of(statistics),
        days_per_month=chosen["days_per_month"],
        landmark_minimum_at_risk=chosen["landmark_minimum_at_risk"],
        **listed,
    )
