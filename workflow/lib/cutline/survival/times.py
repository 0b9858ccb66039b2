"""Times that nobody is censored for, described: median, quartiles and range."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from cutline.ard import result
from cutline.filters import Clause, filter_text, is_one_of
from cutline.marking import noted

Row = dict[str, Any]
QUARTILES = "weighted average at (n + 1) p (R type 6, SPSS HAVERAGE)"
NOBODY = noted("not estimable (no persons)")
POSITIONS = (("min", 0.0), ("q1", 0.25), ("median", 0.5), ("q3", 0.75), ("max", 1.0))


def time_rows(endpoint: str, times: pd.DataFrame, members: Clause, days_per_month: float) -> Iterator[Row]:
    """Count, median, quartiles and range of the times of one endpoint, in months.

    `times` as `times_of`, `members` who they are. With nobody the values are missing and a note says so.
    """
    days, total = times["time_days"].to_numpy("float64"), len(times)
    common: Row = {"analysis": "times", "endpoint": endpoint, "n": total, "filter": filter_text(members)}
    yield result(f"{endpoint}.n", float(total), unit="persons", n_contributing=total, **common)
    for name, position in POSITIONS:
        value = float(np.quantile(days, position, method="weibull")) if total else None
        fields = common | {"unit": "months", "n_contributing": total, "note": "" if total else NOBODY}
        if position in (0.0, 1.0):
            fields |= _extreme(endpoint, days, value, members)
        else:
            fields["method"] = QUARTILES
        yield result(f"{endpoint}.times.{name}", None if value is None else value / days_per_month, **fields)


def _extreme(endpoint: str, days: np.ndarray[Any, Any], value: float | None, members: Clause) -> Row:
    """Behind a smallest or largest time are those who have it."""
    if value is None:
        return {}
    having = is_one_of(f"endpoints.{endpoint}.time_days", int(value))
    return {"n_contributing": int((days == value).sum()), "filter": filter_text(members, (having,))}
