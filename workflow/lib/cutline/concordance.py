"""Concordance: every value that the literature prints on the study, beside the released result of the same key."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutline.configuration import read_yaml
from cutline.marking import noted
from cutline.printed import slack_of
from cutline.tables.concordance import ABSENT, AGREES, CONCORDANCE, DIFFERS, NOT_ESTIMABLE

if TYPE_CHECKING:
    import pandas as pd

BINARY_NOISE = 1e-9
"""What the floating point may add to a difference that is exactly the tolerance."""
IMPLIED = noted("implied, not printed")


def concordance(published: Path, ard: pd.DataFrame) -> pd.DataFrame:
    """Each entry of a study's published.yaml beside its result, in the file's order, as the table `concordance`.

    `ard` is the released analysis results data. A printed value stands for every number that rounds to it, so the
    tolerance is half a unit of its last printed digit, both ends included. Beside a bound (`p > 0.05`) there is no
    difference, only whether the result lies beyond it. A result that is missing or not estimable never agrees.
    """
    import pandas as pd

    from cutline.tables.spec import conform

    entries, _ = read_yaml(published)  # every scalar as text: 5.70 keeps its zero
    results = ard.set_index("key")[["value", "note"]].astype({"value": "float64"})
    rows = [_row(entry, results) for entry in entries]
    return conform(pd.DataFrame(rows, columns=CONCORDANCE.names), CONCORDANCE)


def tolerance_of(entry: Mapping[str, Any]) -> float:
    """How far a result may lie from the printed value."""
    return slack_of(text_of(entry), entry.get("approximate") in ("true", True))


def text_of(entry: Mapping[str, Any]) -> str:
    """The value as printed, or as the publication implies it."""
    return str(entry["printed"] if entry["printed"] is not None else entry["implied"])


def _row(entry: Mapping[str, Any], results: pd.DataFrame) -> dict[str, Any]:
    published, comparison = float(text_of(entry)), entry.get("bound", "equal")
    row = {"key": entry["key"], "section": entry["section"], "printed": entry["printed"], "published": published,
           "comparison": comparison, "note": "" if entry["printed"] is not None else IMPLIED}  # fmt: skip
    equal = {"tolerance": tolerance_of(entry)} if comparison == "equal" else {}
    if entry["key"] not in results.index:
        return row | equal | {"verdict": ABSENT}
    value, note = results.loc[entry["key"]]
    if value != value:
        return row | equal | {"verdict": NOT_ESTIMABLE, "note": note}
    ours = float(Decimal(repr(float(value))) * (100 if entry.get("scale") == "percent" else 1))
    far = {"difference": abs(ours - published)} if comparison == "equal" else {}
    agrees = _agrees(ours, published, comparison, equal.get("tolerance", 0.0))
    return row | equal | far | {"result": ours, "verdict": AGREES if agrees else DIFFERS}


def _agrees(ours: float, published: float, comparison: str, tolerance: float) -> bool:
    match comparison:
        case "above":
            return ours > published
        case "below":
            return ours < published
    return abs(ours - published) <= tolerance + BINARY_NOISE
