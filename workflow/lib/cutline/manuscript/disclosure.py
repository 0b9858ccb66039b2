"""What a report says of the profile by which its results were released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.disclosure.profiles import IRB, in_numbers, is_public, limits_of
from cutline.languages import marked, tell

PUBLIC_TITLE, IRB_TITLE = marked("Rounded for publication"), marked("For readers bound to secrecy")
PUBLIC_NOTICE = marked(
    "So that nobody can be recognised, here or beside another data cut-off, every number of persons is a multiple of "
    "{unit}, and 0 stands for 0 to {small}: where the text says that none had something, or lists only some, read it "
    "so. Percentages, proportions and their intervals are computed from the rounded numbers. Kaplan–Meier curves are "
    "drawn anew from them at the end of each month and stop where fewer than {unit} are at risk; medians, "
    "probabilities and follow-up are read off these curves. Other estimates come from the exact data and have fewer "
    "digits. "
    "Smallest and largest values, dates of single persons, and every number that could be used to undo the rounding "
    "are not shown: what prints as not estimable (NE) or as a gap may be one of these."
)
IRB_NOTICE = marked(
    "Numbers of persons are exact, so this report is not for publication. Smallest and largest values and dates of "
    "single persons are left out, and Kaplan–Meier curves are drawn at the end of each month and stop where fewer than "
    "{unit} are at risk."
)


def notice(settings: Mapping[str, Any]) -> str:
    """A callout on what was done to the results; blank where nothing was."""
    if is_public(settings):
        numbers = in_numbers(settings)
        return _callout(tell(PUBLIC_TITLE), tell(PUBLIC_NOTICE, unit=numbers["unit"], small=numbers["small"]))
    if settings["report"].get("profile") == IRB:
        return _callout(tell(IRB_TITLE), tell(IRB_NOTICE, unit=limits_of(settings["report"]).threshold))
    return ""


def _callout(title: str, text: str) -> str:
    return f'::: {{.callout-note title="{title}" icon="false"}}\n{text}\n:::'
