"""Analysis results data: one row per statistic, named by a public key.

Key grammar: `[variant/]path.statistic`, for example `pfs.km.median`, `log_log/pfs.km.median_lower`,
`pfs.km.arm=everolimus.median`. Levels are slugs in their own place in the path, so that a level called
`missing` cannot be taken for a statistic. The columns follow the CDISC analysis results standard where
it has one (operation = statistic, result = value).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from cutline.tables.results import RESULT_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

_DEFAULTS: dict[str, Any] = {column.name: "" if column.kind == "text" else None for column in RESULT_COLUMNS} | {
    "population": "included"
}


def result(key: str, value: float | None = None, **fields: Any) -> dict[str, Any]:
    """One ARD row. `key` ends in the statistic's name; `fields` are further ARD columns.

    A statistic that cannot be estimated has `value=None` and says why in `note`: never a gap.
    """
    path = key.rpartition("/")[2]
    return _DEFAULTS | {"key": key, "statistic": path.rpartition(".")[2], "value": value} | fields


def results_table(rows: Iterable[dict[str, Any]], rule: str) -> pd.DataFrame:
    """The rows as a table, in the order given, each marked with the rule that made it.

    Raises AssertionError if two rows share a key: that is a bug of ours, not of the study.
    """
    import pandas as pd

    table = pd.DataFrame([row | {"rule": rule} for row in rows], columns=list(_DEFAULTS))
    twice = table["key"][table["key"].duplicated()].tolist()
    assert not twice, f"{rule} made these keys twice: {twice[:5]}"
    return table


def of_variant(rows: Iterable[dict[str, Any]], variant: str) -> list[dict[str, Any]]:
    """The rows as those of a variant, named after it."""
    return [row | {"key": f"{variant}/{row['key']}", "variant": variant} for row in rows]


def first_note(*reasons: tuple[bool, str]) -> str:
    """The note of the first reason that holds; blank if none does."""
    return next((note for holds, note in reasons if holds), "")
