"""Records as a hospital keeps them: every version with the day it was written.

A record is first written as it was then known; a treatment that ends gets a new version. So what was known on
any day can be asked for.
"""

from __future__ import annotations

import numpy as np

from cutline.simulate.columns import NEVER, Array, Columns, size_of, stack, take


def written(rng: np.random.Generator, happened: Array, days: int, cutoff: int) -> Array:
    """The day something that happened is written down: within `days`, and by the cut-off if it happened by then."""
    on = happened + rng.integers(0, days + 1, len(happened))
    on = np.where((happened <= cutoff) & (on > cutoff), cutoff, on)
    return np.where(happened >= NEVER, NEVER, on).astype(np.int64)


def original(columns: Columns, recorded_on: Array) -> Columns:
    """The first version of every record; those never written (recorded NEVER) are left out."""
    count = size_of(columns)
    versions: Columns = {
        "record": np.arange(count),
        "version": np.ones(count, dtype=np.int64),
        "deleted": np.zeros(count, dtype=bool),
        "recorded_on": recorded_on,
    }
    return take(columns | versions, recorded_on < NEVER)


def closed(table: Columns, later: Columns, recorded_on: Array) -> Columns:
    """New versions of first versions with the `later` columns filled in, where `recorded_on` is a day.

    Row by row like `table`, in which these columns are still as first known.
    """
    after = table | later | {"version": table["version"] + 1}
    after["recorded_on"] = np.maximum(recorded_on, table["recorded_on"])
    return stack([table, take(after, recorded_on < NEVER)])


def revised(table: Columns, records: Array, changes: Columns, recorded_on: Array, deleted: bool = False) -> Columns:
    """A further version of some records: their newest with `changes`, row by row like `records`.

    `deleted` marks the record as withdrawn.
    """
    newest = _newest_rows(table)
    rows = newest[np.searchsorted(table["record"][newest], records)]
    after = take(table, rows) | changes
    after |= {"version": after["version"] + 1, "recorded_on": recorded_on, "deleted": np.full(len(rows), deleted)}
    return stack([table, after])


def _newest_rows(table: Columns) -> Array:
    """The row of each record's newest version, by record."""
    order = np.lexsort((table["version"], table["record"]))
    record = table["record"][order]
    last = np.ones(len(record), dtype=bool)
    last[:-1] = record[1:] != record[:-1]
    return np.asarray(order[last])


def finished(table: Columns) -> Columns:
    """By record and version, each version with the number of the one that replaced it (NaN for the newest)."""
    rows = take(table, np.lexsort((table["version"], table["record"])))
    replaced = np.zeros(size_of(rows), dtype=bool)
    replaced[:-1] = rows["record"][1:] == rows["record"][:-1]
    return rows | {"superseded_by": np.where(replaced, rows["version"] + 1.0, np.nan)}
