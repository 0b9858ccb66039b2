"""The disclosure profile: the only door by which results leave the study's own folder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cutline.concordance import concordance
from cutline.errors import ConfigError

if TYPE_CHECKING:
    import pandas as pd

BUILT = ("internal",)
SCHOENFELD = "schoenfeld"


def release_results(
    *, settings: Mapping[str, Any], published: Path | None = None, **results: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The results that the study's profile lets out: for `internal`, all of them as they are.

    `results` are ARD tables named by the rule that made them, curves named `curves_<endpoint>`, and the
    smooths `schoenfeld`. Returns `released_<name>` for each and `ard`, all released ARD tables in the order given;
    of a study with `published` values `concordance` too, which compares them with nothing but what is released.
    Raises ConfigError for a profile that is not built: unprotected results must not pass as public.
    """
    import pandas as pd  # here: the configuration checks read only BUILT, and they run before every job

    profile = settings["report"]["profile"]
    if profile not in BUILT:
        raise ConfigError(
            f"report.profile: {profile!r} is not built yet, so nothing was released. "
            f"Expected {' or '.join(BUILT)}, whose results stay within the study group. Set report.profile: internal."
        )
    parts = [table for name, table in results.items() if name != SCHOENFELD and not name.startswith("curves_")]
    ard = pd.concat(parts, ignore_index=True)
    compared = {"concordance": concordance(published, ard)} if published else {}
    return {"ard": ard} | compared | {f"released_{name}": table for name, table in results.items()}
