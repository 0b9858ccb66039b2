"""The values of published trials that a study shows, chosen by what they are of. Reads no file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

RECALLED = "recalled"
"""How sure a value is that was read nowhere: it is kept and shown nowhere."""
ADVERSE_EVENT = "adverse_event"

Trial = Mapping[str, Any]
Value = Mapping[str, Any]


def values_of(literature: Mapping[str, Any], **wanted: str) -> Iterator[tuple[Trial, Value]]:
    """Every value that is shown and has these properties, with its trial, in the order of the study and the file."""
    for trial in literature["trials"].values():
        for value in trial["values"]:
            if all(value.get(key) == choice for key, choice in wanted.items()):
                yield trial, value


def reference_trial(literature: Mapping[str, Any]) -> Trial | None:
    """The trial whose adverse events stand beside the study's; None without one."""
    if "adverse_events" not in literature:
        return None
    trial: Trial = literature["trials"][literature["adverse_events"]["trial"]]
    return trial


def reference_rates(literature: Mapping[str, Any], grade: str) -> dict[str, Value]:
    """The reference trial's rates of adverse events of that grade: term of the trial → value."""
    chosen = literature["adverse_events"]
    only = {"trials": {chosen["trial"]: literature["trials"][chosen["trial"]]}}
    wanted = {"endpoint": ADVERSE_EVENT, "arm": chosen["arm"], "cut": chosen["cut"], "grade": grade}
    return {value["term"]: value for _, value in values_of(only, **wanted)}
