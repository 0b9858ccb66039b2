"""What a cause, a kind of change and the two sides are called."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from cutline.display.numbers import format_date

CAUSES = {
    "code": "Code", "corrected": "Corrected", "late": "Late", "follow_up": "Follow-up", "left": "Left",
    "entered": "Entered",
}  # fmt: skip
"""The causes as the heads of columns."""
MOVERS = {
    "code": "the program", "corrected": "corrected records", "late": "late records and dates",
    "follow_up": "more follow-up", "left": "patients who left", "entered": "patients who entered",
}  # fmt: skip
"""The causes within a sentence."""
KINDS = {
    "corrected": "Corrected", "completed": "Completed", "deleted": "Deleted", "late": "Late",
    "follow_up": "More follow-up",
}  # fmt: skip


def is_one_cut(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Whether both sides are the same cut, so that only the program differs."""
    return all(old[name] == new[name] for name in ("data_cutoff", "known_by"))


def side_names(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, str]:
    """What the two sides are called: their cut-offs in words, what was known by when where only that differs."""
    if is_one_cut(old, new):
        return "Old version", "New version"
    if old["data_cutoff"] != new["data_cutoff"]:
        return _day(old["data_cutoff"]), _day(new["data_cutoff"])
    return f"Known by {_day(old['known_by'])}", f"Known by {_day(new['known_by'])}"


def _day(iso: str) -> str:
    return format_date(date.fromisoformat(iso).isoformat())
