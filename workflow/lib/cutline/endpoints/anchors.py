"""What a progression rests on: the radiologist, the clinician, or the measured lesions (RECIST)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from cutline.endpoints.sources import DEATHS, Select, Selections
from cutline.records import only

Anchors = Mapping[str, Mapping[str, Any]]
SEPARATOR = ";"
SAME_RECORDS = frozenset(("assessments", "visits"))
"""Tables that share their record ids: a derived visit is one assessment."""


def by_anchor(events: list[Select], anchor: Select) -> list[Select]:
    """The events with every progression replaced by those that one anchor states; deaths stay."""
    progressions = [rule for rule in events if rule["table"] != DEATHS["table"]]
    replaced = [{**_of(anchor), **_manner(progressions)}] if progressions else []
    return replaced + [rule for rule in events if rule["table"] == DEATHS["table"]]


def _of(anchor: Select) -> dict[str, Any]:
    return {key: anchor[key] for key in ("table", "where", "date") if key in anchor}


def _manner(progressions: list[Select]) -> dict[str, Any]:
    """How the first source of progression counts: its name, and whether only after the start."""
    return {key: progressions[0][key] for key in ("reason", "after_start") if key in progressions[0]}


def anchored(ends: pd.DataFrame, selections: Selections, anchors: Anchors) -> pd.Series:
    """The anchors that state the record behind each event, separated by semicolons; None for what is no progression."""
    progressions = ends[ends["event"].astype(bool) & (ends["source_table"] != DEATHS["table"])]
    found = np.full(len(progressions), "", dtype=object)
    for name, anchor in anchors.items():
        tables = SAME_RECORDS if anchor["table"] in SAME_RECORDS else {anchor["table"]}
        known = _stated_by(anchor, selections).get_indexer(pd.Index(progressions["source_record_id"])) >= 0
        states = known & progressions["source_table"].isin(tables).to_numpy()
        found[states] = np.where(found[states] == "", name, found[states] + SEPARATOR + name)
    texts = pd.Series(found, index=progressions.index, dtype=object)
    return only(texts, texts != "").reindex(ends.index)


def _stated_by(anchor: Select, selections: Selections) -> pd.Index:
    """The ids of the records that state a progression: an index, which is hashed once for all endpoints."""
    ids: pd.Index = selections.once(
        f"stated by {anchor}", lambda: pd.Index(selections.candidates(anchor)["source_record_id"].unique())
    )
    return ids
