"""How regularly persons were assessed: the times between scans, and the gaps in which scans were missed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.endpoints.conventions import limit_days

SCAN, EVENT = "scan", "event"


def intervals_of(scans: pd.DataFrame, ended: pd.DataFrame, conventions: Mapping[str, Any]) -> pd.DataFrame:
    """One row per time between scans, from the start to the end of each person's time.

    `scans` are adequate scans (as `candidates`), `ended` the persons with start_date, end_date and event. Scans of one
    day are one. An event that no scan shows, a death, ends a last interval of its own kind. `beyond_limit` marks what
    is longer than the scans that may be missed; without a nominal interval in `conventions` nothing is.
    """
    inside = scans[scans["source_date"] <= pd.to_datetime(scans["patient_id"].map(ended["end_date"]))]
    inside = inside[inside["source_date"] > pd.to_datetime(inside["patient_id"].map(ended["start_date"]))]
    shown = _one_a_day(inside)
    events = ended[ended["event"] & (ended["end_date"] > ended["start_date"])].reset_index()
    events = events.assign(source_date=events["end_date"])
    rows = pd.concat([part[_COLUMNS] for part in (shown.assign(ends_with=SCAN), events.assign(ends_with=EVENT))],
                     ignore_index=True)  # fmt: skip
    rows = rows.drop_duplicates(["patient_id", "source_date"]).sort_values(["patient_id", "source_date"])
    begun = pd.to_datetime(rows["patient_id"].map(ended["start_date"]))
    previous = rows.groupby("patient_id")["source_date"].shift()
    rows = rows.assign(from_date=previous.fillna(begun), to_date=rows["source_date"])
    days = (rows["to_date"] - rows["from_date"]).dt.days
    beyond = days > limit_days(conventions) if "interval_days" in conventions else False
    return rows.assign(days=days, beyond_limit=beyond)


def _one_a_day(scans: pd.DataFrame) -> pd.DataFrame:
    """Of the scans of one person and day that with the lowest record id; texts are sorted only where there are ties."""
    tied = scans.duplicated(["patient_id", "source_date"], keep=False)
    lowest = scans[tied].sort_values("source_record_id").drop_duplicates(["patient_id", "source_date"])
    return pd.concat([scans[~tied], lowest])


_COLUMNS = ["patient_id", "source_table", "source_record_id", "source_date", "ends_with"]
