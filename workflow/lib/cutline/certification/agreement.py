"""Every frozen number beside Cutline's own, and whether they agree."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cutline.certification.recompute import Recomputed
from cutline.certification.references import Reference, data_sets, references

CLOSED_FORM, FITTED = 1e-8, 1e-6
"""Largest relative difference of a closed formula, and of what rests on an iterative fit."""
NEARLY_ZERO = 1e-12
"""Two values below this are the same."""
FITS = (
    "coefficient",
    "log_likelihood",
    "likelihood_ratio",
    "score",
    "wald",
    "aic",
    "concordance",
    "proportional_hazards",
)


@dataclass(frozen=True)
class Agreement:
    """A reference, Cutline's number (NaN where there is none), and what became of the comparison.

    `difference` is relative to the reference, NaN where both have no number and infinite where only one has. `error` is
    the class of what went wrong, if anything did.
    """

    reference: Reference
    ours: float
    difference: float
    tolerance: float
    error: str = ""

    @property
    def agrees(self) -> bool:
        return not self.error and not self.difference > self.tolerance


def agreements(folder: Path, only: Callable[[Reference], bool] = lambda reference: True) -> list[Agreement]:
    """The comparison of every reference in the folder, or of those wanted, in the order of the files.

    A failure to compute is a disagreement, with the class of its error; the others go on.
    """
    ours = Recomputed(data_sets(folder / "data"))
    return [_compared(ours, reference) for reference in references(folder) if only(reference)]


def _compared(ours: Recomputed, reference: Reference) -> Agreement:
    tolerance = _tolerance(reference)
    try:
        value = ours.value(reference)
    except Exception as error:  # whatever it is, the report has to say so
        return Agreement(reference, math.nan, math.inf, tolerance, type(error).__name__)
    return Agreement(reference, value, relative_difference(value, reference.value), tolerance)


def _tolerance(reference: Reference) -> float:
    """A printed number is as exact as its digits."""
    if "digits" in reference.chosen:
        return 0.5001 * 10.0 ** -int(reference.chosen["digits"]) / abs(reference.value)
    return FITTED if reference.statistic.startswith(FITS) else CLOSED_FORM


def relative_difference(ours: float, theirs: float) -> float:
    """|ours - theirs| / |theirs|; NaN if neither is a number, infinite if one is not, 0 if both are nearly zero."""
    if math.isnan(ours) or math.isnan(theirs):
        return math.nan if math.isnan(ours) and math.isnan(theirs) else math.inf
    if max(abs(ours), abs(theirs)) < NEARLY_ZERO:
        return 0.0
    return abs(ours - theirs) / abs(theirs) if theirs else math.inf


@dataclass(frozen=True)
class Summary:
    """One statistic of one data set: how many numbers were compared, the largest difference, how many disagree."""

    data_set: str
    statistic: str
    compared: int
    largest: float
    disagreeing: int


def summarised(found: list[Agreement]) -> list[Summary]:
    """By data set and statistic, in the order of the references."""
    groups: dict[tuple[str, str], list[Agreement]] = {}
    for each in found:
        groups.setdefault((each.reference.data_set, each.reference.statistic), []).append(each)
    return [
        Summary(*key, len(group), max((a.difference for a in group if not math.isnan(a.difference)), default=0.0),
                sum(not a.agrees for a in group))
        for key, group in groups.items()
    ]  # fmt: skip
