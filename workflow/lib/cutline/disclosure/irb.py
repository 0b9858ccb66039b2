"""The profile `irb`: for an ethics committee or a monitor who is bound to secrecy.

Counts are exact. Nothing shows one person: no extreme, no first or last date, no time of an event or a censoring;
curves are on the monthly grid and end where fewer than the threshold are at risk, as in `public`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cutline.disclosure.cells import Cells, Row, rows_of
from cutline.disclosure.profiles import WITHHELD, counted_apart, limits_of
from cutline.disclosure.redraw import Redrawing, Values, redraw

if TYPE_CHECKING:
    import pandas as pd

EXTREMES = ("min", "max", "first", "last")


def without_persons(
    ard: pd.DataFrame, curves: Mapping[str, pd.DataFrame], settings: Mapping[str, Any]
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """The results and curves without what one person alone is behind; rows, columns and their order stay."""
    import pandas as pd

    rows = rows_of(ard)
    apart = counted_apart(settings)
    levels = list(settings["variables"][apart]["levels"]) if apart else []
    cells = Cells({key: row for key, row in rows.items() if not row["variant"]}, apart, levels, 1)
    for key in cells.rows:
        if key.endswith((".n", ".events")):
            cells.exactly(key)
    tables, read = redraw(Redrawing(cells, limits_of(settings["report"]).threshold, settings), curves)
    changed = [_shown(row, read) for row in rows.values()]
    return pd.DataFrame(changed, columns=list(ard.columns)).astype(ard.dtypes.to_dict()), tables


def _shown(row: Row, read: Values) -> Row:
    if row["statistic"] in EXTREMES:
        return {**row, "value": None, "text": "", "n_contributing": None, "note": WITHHELD}
    return {**row, **read.get(str(row["key"]), {})}
