"""The profile `irb`: for an ethics committee or a monitor who is bound to secrecy.

Counts are exact. Nothing shows one person: no extreme, no first or last date, no time of an event or a censoring;
curves are on the monthly grid and end where fewer than the threshold are at risk, as in `public`. What is read off a
curve that is not drawn anew, of a variant or of a group that is not counted apart, is in whole months, and nothing of
it reaches to the largest time.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cutline.disclosure.cells import Row, cells_of, is_extreme, known, rows_of, without_extreme
from cutline.disclosure.profiles import WITHHELD, limits_of
from cutline.disclosure.redraw import Redrawing, Values, redraw
from cutline.disclosure.rounding import decimals

if TYPE_CHECKING:
    import pandas as pd

OF_TIMES = ("km", "followup", "times")
"""Analyses whose months are a time of some person each."""
TO_THE_LARGEST = "rmst_max"
TO_A_COMMON = "difference_common"
"""Up to the largest time of the smallest group."""


def without_persons(
    ard: pd.DataFrame, curves: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The results and curves without what one person alone is behind; rows, columns and their order stay."""
    import pandas as pd

    rows = rows_of(ard)
    cells = cells_of(rows, settings, unit=1)
    for key in cells.rows:
        if key.endswith((".n", ".events")):
            cells.exactly(key)
    tables, read = redraw(Redrawing(cells, limits_of(settings["report"]).threshold, settings), curves)
    changed = [_shown(row, read) for row in rows.values()]
    return pd.DataFrame(changed, columns=list(ard.columns)).astype(ard.dtypes.to_dict()), tables


def _shown(row: Row, read: Values) -> Row:
    if is_extreme(row):
        return {**without_extreme(row), "value": None, "text": "", "n_contributing": None, "note": WITHHELD}
    return {**row, **read[str(row["key"])]} if row["key"] in read else _coarse(row)


def _coarse(row: Row) -> Row:
    """A row that is not read off a curve drawn anew, without the time of anybody."""
    if str(row["statistic"]).startswith(TO_THE_LARGEST):
        return {**row, "value": None, "time_months": None, "note": WITHHELD}
    if str(row["statistic"]).startswith(TO_A_COMMON):
        return {**row, "time_months": None}
    if row["analysis"] in OF_TIMES and row["unit"] == "months" and known(row["value"]):
        return {**row, "value": decimals(float(row["value"]), 0)}
    return row
