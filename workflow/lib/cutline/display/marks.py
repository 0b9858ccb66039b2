"""What every page, table and figure says of itself: a draft, of patients who are not real, rounded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.disclosure.profiles import in_numbers, is_public
from cutline.display.labels import label


def is_draft(settings: Mapping[str, Any]) -> bool:
    """Whether nobody has verified the results of this cut: what was verified at another cut-off counts for that one."""
    verified = settings.get("verified")
    return not verified or _cut_of(verified) != _cut_of(settings)


def _cut_of(named: Mapping[str, Any]) -> tuple[str, str]:
    """The last day whose events count, and the last day whose entries count: the same unless it is named."""
    return str(named["data_cutoff"]), str(named.get("known_by", named["data_cutoff"]))


def marks_of(settings: Mapping[str, Any]) -> list[str]:
    """The marks in words, the draft first; none for the verified, unrounded results of real patients."""
    holds = {"draft": is_draft(settings), "synthetic": bool(settings.get("synthetic"))}
    rounded = [label("rounded", **in_numbers(settings))] if is_public(settings) else []
    return [*(label(name) for name, applies in holds.items() if applies), *rounded]


def mark_of(settings: Mapping[str, Any]) -> str:
    """The marks in one line without a full stop at its end; blank where there is none."""
    return ". ".join(marks_of(settings))


def watermark_of(settings: Mapping[str, Any]) -> str:
    """What stands large behind the text of a draft; blank once it is verified."""
    return label("draft").upper() if is_draft(settings) else ""
