"""The smooths of Schoenfeld residuals without the times of anybody."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor
from typing import TYPE_CHECKING, Any

from cutline.disclosure.rounding import decimals

if TYPE_CHECKING:
    import pandas as pd


def coarse_smooths(
    smooths: pd.DataFrame, curves: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> pd.DataFrame:
    """The smooths as far as the redrawn curve of their endpoint goes: one point a month at most, two decimals."""
    month = float(settings["statistics"]["days_per_month"])
    ends = {name.removeprefix("curves_"): table["time_days"].max() for name, table in curves.items()}
    kept = smooths[smooths["time_days"] <= smooths["endpoint"].map(ends).astype("float64")].copy()
    kept["time_days"] = [float(floor(round(days / month) * month)) for days in kept["time_days"]]
    for name in ("transformed", "coefficient", "lower", "upper"):
        kept[name] = [decimals(float(value), 2) for value in kept[name]]
    return kept.drop_duplicates(["endpoint", "model", "variable", "level", "time_days"]).reset_index(drop=True)
