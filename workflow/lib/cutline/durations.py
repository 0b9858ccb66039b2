"""Durations between dates: shown in months, compared in whole days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from cutline.errors import ConfigError

MEASURED_IN_DAYS = ("interval",)
"""The derivations whose number is whole days, divided by the days of their unit."""


def days_per_unit(variable: Mapping[str, Any], settings: Mapping[str, Any]) -> float:
    """Days in the unit of a variable that measures time. Raises ConfigError for another unit than days or months."""
    unit = variable.get("unit", "days")
    if unit not in ("days", "months"):
        raise ConfigError(f"an interval from {variable['from']} is in {unit!r}; expected unit days or months")
    return float(settings["statistics"]["days_per_month"]) if unit == "months" else 1.0


def comparable(
    variable: Mapping[str, Any], number: pd.Series, limits: Sequence[float], settings: Mapping[str, Any]
) -> tuple[pd.Series, list[float]]:
    """Number and limits in one unit: an interval in whole days, since months are days divided and so inexact."""
    if variable.get("derive") not in MEASURED_IN_DAYS:
        return number, list(limits)
    per_unit = days_per_unit(variable, settings)
    # Rounded, so that 12 months of 30.4375 days are 365.25 days and not a hair more or less.
    return (number * per_unit).round(), [round(limit * per_unit, 6) for limit in limits]
