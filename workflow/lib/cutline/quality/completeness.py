"""How complete the accepted records are, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cutline.ard import result
from cutline.marking import noted
from cutline.tables.layout import Layout

KEPT_OUT = ("record_id", "patient_id")
NO_RECORDS = noted("the table has no records")
STILL_OPEN = noted("blank also while it goes on")


def completeness_rows(layouts: Mapping[str, Layout], accepted: Mapping[str, pd.DataFrame]) -> Iterator[dict[str, Any]]:
    """Of each column that may be blank: records in which it is given, and their share of the accepted ones.

    A share without records is not estimable and says so. Records are counted, so there is neither n nor filter.
    """
    for name, layout in layouts.items():
        for column in described(layout):
            yield from _of_column(
                name, column, accepted[name][column], STILL_OPEN if column in layout.table.later else ""
            )


def described(layout: Layout) -> list[str]:
    """The columns whose completeness is told: those that may be blank."""
    return [column.name for column in layout.table.columns if not column.required and column.name not in KEPT_OUT]


def _of_column(table: str, column: str, values: pd.Series, note: str) -> Iterator[dict[str, Any]]:
    about = {"analysis": "completeness", "population": "screened", "level": table}
    given = int(values.notna().sum())
    yield result(f"completeness.{table}.{column}.given", float(given), unit="records", note=note, **about)
    share = 100 * given / len(values) if len(values) else None
    yield result(f"completeness.{table}.{column}.percent", share, unit="percent", method="of the accepted records",
                 note=note if len(values) else NO_RECORDS, **about)  # fmt: skip
