"""What the words of adverse events mean: the study's term and the system organ class, by the code list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.errors import ConfigError
from cutline.records import plain_text
from cutline.safety.names import DEFAULT_VERSION
from cutline.slugs import slug

COLUMNS = ("recorded", "term", "soc", "ctcae_version")


@dataclass(frozen=True)
class Codes:
    """Recorded words, as compared, to the id of the term, and to the id of the system organ class."""

    terms: Mapping[str, str]
    classes: Mapping[str, str]


def adverse_event_codes(path: Path, rules: Mapping[str, Any]) -> Codes:
    """The code list of the CTCAE version that the study grades by (`safety.ctcae_version`).

    Raises ConfigError for a missing column, a version the list does not have, or words with two meanings in it.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if absent := [name for name in COLUMNS if name not in table.columns]:
        raise ConfigError(f"code list {path.name}: missing column(s) {', '.join(absent)}")
    version = rules.get("ctcae_version", DEFAULT_VERSION)
    ours = table[table["ctcae_version"] == version]
    if ours.empty:
        known = ", ".join(sorted(set(table["ctcae_version"]))) or "none"
        raise ConfigError(f"code list {path.name}: no row for CTCAE version {version}; it has: {known}")
    ours = ours.assign(recorded=ours["recorded"].map(plain_text)).drop_duplicates(["recorded", "term", "soc"])
    if twice := int(ours["recorded"].duplicated().sum()):
        raise ConfigError(
            f"code list {path.name}: {twice} recorded text(s) mapped to more than one term or system organ class in "
            f"CTCAE version {version}; keep one"
        )
    classes = ours["soc"].map(slug)
    return Codes(dict(zip(ours["recorded"], ours["term"], strict=True)),
                 dict(zip(ours["recorded"], classes, strict=True)))  # fmt: skip
