"""The rule release_results: what may be shown, by the study's profile."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutline.concordance import concordance
from cutline.disclosure.irb import without_persons
from cutline.disclosure.profiles import INTERNAL, IRB, PROFILES, PUBLIC
from cutline.disclosure.public import protect
from cutline.disclosure.smooths import coarse_smooths
from cutline.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

SCHOENFELD = "schoenfeld"
CURVES = "curves_"
PROTECTING = {IRB: without_persons, PUBLIC: protect}


def release_results(
    *, settings: Mapping[str, Any], published: Path | None = None, **results: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The results that the study's profile lets out.

    `results` are ARD tables named by the rule that made them, curves named `curves_<endpoint>`, and the
    smooths `schoenfeld`. Returns `released_<name>` for each and `ard`, all released ARD tables in the order given;
    of a study with `published` values `concordance` too, which compares them with nothing but what is released.
    Raises ConfigError for a profile that does not exist: unprotected results must not pass as public.
    """
    import pandas as pd

    profile = settings["report"]["profile"]
    if profile not in PROFILES:
        raise ConfigError(f"report.profile: found {profile!r}, expected one of {', '.join(PROFILES)}")
    parts = {name: table for name, table in results.items() if name != SCHOENFELD and not name.startswith(CURVES)}
    rest = {name: table for name, table in results.items() if name not in parts}
    ard = pd.concat(parts.values(), ignore_index=True)
    if profile != INTERNAL:
        ard, rest = _protected(profile, ard, rest, settings)
        parts = {name: ard[ard["rule"] == name].reset_index(drop=True) for name in parts}
    compared = {"concordance": concordance(published, ard)} if published else {}
    released = {name: (parts | rest)[name] for name in results}
    return {"ard": ard} | compared | {f"released_{name}": table for name, table in released.items()}


def _protected(
    profile: str, ard: pd.DataFrame, rest: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The results, curves and smooths that a profile protects."""
    curves = {name: table for name, table in rest.items() if name.startswith(CURVES)}
    ard, drawn = PROTECTING[profile](ard, curves, settings)
    smooths = {name: coarse_smooths(table, drawn, settings) for name, table in rest.items() if name == SCHOENFELD}
    return ard, drawn | smooths
