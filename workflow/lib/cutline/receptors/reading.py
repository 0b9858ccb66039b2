"""What a report says of a receptor, and what it leaves open."""

from __future__ import annotations

from dataclasses import dataclass

POSITIVE, NEGATIVE = "positive", "negative"
LOW_POSITIVE, EQUIVOCAL = "low_positive", "equivocal"
LOW, ZERO = "low", "zero"

UNRESOLVED, CONFLICT, NO_ISH = "receptor_unresolved", "receptor_conflict", "her2_equivocal"
"""The kinds of question a reading raises."""


@dataclass(frozen=True)
class Reading:
    """A status, or None and why; `tested` is false where no test gave a result; `query` is a kind of question."""

    status: str | None
    reason: str
    tested: bool = True
    query: str | None = None


NOT_TESTED = Reading(None, "not tested", tested=False)


def unresolved(reason: str) -> Reading:
    """A text that is not one result."""
    return Reading(None, reason, query=UNRESOLVED)


def conflict(reason: str) -> Reading:
    """Two statements that cannot both hold."""
    return Reading(None, reason, query=CONFLICT)
