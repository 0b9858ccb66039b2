"""The data of a figure as a CSV, and back: a figure is drawn from what it reads there and from nothing else."""

from __future__ import annotations

import io
from typing import Any

import pandas as pd

TEXTS = ("cut", "part", "endpoint", "group", "group_level", "label", "model", "variable", "level", "variable_label",
         "criterion", "category", "cut_label", "sure", "test", "univariable_note", "multivariable_note")  # fmt: skip
"""Columns of text, whatever they hold: a level called 1 or NA is a text. All others are numbers."""
COUNTS = ("position", "at_risk", "events", "censored", "n", "df", "excluded", "excluded_unknown", "pending",
          "remaining")  # fmt: skip
"""Columns of whole numbers."""


def written(data: pd.DataFrame) -> str:
    """The table as CSV; what is missing is blank, numbers have all their digits."""
    whole = {name: "Int64" for name in data.columns if name in COUNTS}
    return data.astype(whole).to_csv(index=False, lineterminator="\n")


def read_again(text: str) -> pd.DataFrame:
    """The table of a CSV as `written`: missing text is blank, a missing number NaN or, where whole, NA."""
    header = text.partition("\n")[0].split(",")
    blank = {name: [""] for name in header if name not in TEXTS}
    kinds = {name: str if name in TEXTS else "Int64" if name in COUNTS else float for name in header}
    options: dict[str, Any] = {"dtype": kinds, "na_values": blank, "keep_default_na": False,
                               "float_precision": "round_trip"}  # fmt: skip
    return pd.DataFrame(pd.read_csv(io.StringIO(text), **options))
