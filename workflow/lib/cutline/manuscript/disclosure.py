"""What a report says of the profile by which its results were released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.disclosure.profiles import IRB, in_numbers, is_public, limits_of

PUBLIC_NOTICE = (
    '::: {{.callout-note title="Rounded for publication"}}\n'
    "So that nobody can be recognised, here or beside another data cut-off, every number of persons is a multiple of "
    "{unit}, and 0 stands for 0 to {small}: where the text says that none had something, or lists only some, read it "
    "so. Percentages, proportions and their intervals are computed from the rounded numbers. Kaplan–Meier curves are "
    "drawn anew from them at the end of each month and stop where fewer than {unit} are at risk; medians, "
    "probabilities and follow-up are read off these curves. Other estimates come from the exact data and have fewer "
    "digits. "
    "Smallest and largest values, dates of single persons, and every number that could be used to undo the rounding "
    "are not shown: what prints as not estimable (NE) or as a gap may be one of these.\n"
    ":::"
)
IRB_NOTICE = (
    '::: {{.callout-note title="For readers bound to secrecy"}}\n'
    "Numbers of persons are exact, so this report is not for publication. Smallest and largest values and dates of "
    "single persons are left out, and Kaplan–Meier curves are drawn at the end of each month and stop where fewer than "
    "{unit} are at risk.\n"
    ":::"
)


def notice(settings: Mapping[str, Any]) -> str:
    """A callout on what was done to the results; blank where nothing was."""
    if is_public(settings):
        return PUBLIC_NOTICE.format(**in_numbers(settings))
    if settings["report"].get("profile") == IRB:
        return IRB_NOTICE.format(unit=limits_of(settings["report"]).threshold)
    return ""
