"""Extraction: the source's records as they were known at the data cut-off.

One module per kind of source. Each reads text, restricts it to listed columns and to what was known, and
leaves parsing and judging to `quality`: a snapshot holds what the source said, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutline.provenance import fingerprint
from cutline.sources import database, files
from cutline.sources.pseudonyms import Pseudonyms
from cutline.tables.layout import Layout, layouts
from cutline.tables.spec import packed_text

KINDS = {"duckdb": database.read_tables, "files": files.read_tables}


def extract_snapshot(*, settings: Mapping[str, Any], source: Path | list[Path]) -> dict[str, Any]:
    """Each table of the source as of the cut-off, with pseudonyms, and a manifest of the extraction.

    Returns one text table per source table and `manifest` (JSON): for each table the query or file, the rule
    applied and the number of records. Raises SourceError for a missing file, table or column, or bytes
    that are not the declared encoding.
    """
    paths = source if isinstance(source, list) else [source]
    plans = layouts(settings["source"])
    extracted = KINDS[settings["source"]["kind"]](paths, plans, settings)
    pseudonyms = Pseudonyms.of(settings["source"]["pseudonym_key"])
    snapshot = {name: _without_identity(frame, plans[name], pseudonyms) for name, (frame, _) in extracted.items()}
    described = {
        name: how | {"began": plans[name].table.began, "later": dict(plans[name].table.later), "records": len(table)}
        for (name, (_, how)), table in zip(extracted.items(), snapshot.values(), strict=True)
    }
    return snapshot | {"manifest": _manifest(settings, paths, described)}


def _without_identity(frame: pd.DataFrame, layout: Layout, pseudonyms: Pseudonyms) -> pd.DataFrame:
    """Pseudonyms for hospital numbers, in an order that tells nothing about the source's.

    Where one column gives both the record's id and the patient's, the record's is a hospital number too.
    """
    patient = pseudonyms.replace(frame["patient_id"])
    shared = layout.columns["record_id"] == layout.columns["patient_id"]
    named = frame.assign(patient_id=patient, record_id=patient if shared else frame["record_id"]).astype(packed_text())
    return _sorted_by(_sorted_by(named, "record_id"), "patient_id").reset_index(drop=True)


def _sorted_by(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """The rows in the order of a text column, missing last, equal ones as they were; few texts are compared."""
    texts = frame[column].array
    if (texts[1:] >= texts[:-1]).all():
        return frame
    ranks, distinct = pd.factorize(texts, sort=True)
    return frame.take(np.argsort(np.where(ranks < 0, len(distinct), ranks), kind="stable"))


def _manifest(settings: Mapping[str, Any], paths: list[Path], described: Mapping[str, Any]) -> str:
    if not any(table["recorded_on"] for table in described.values()):
        note = (
            "the source keeps no recording dates: "
            "what was written after the cut-off about earlier days cannot be told apart"
        )
    else:
        note = "of every record the version known by known_by counts"
    manifest = {
        "source": settings["source"]["description"],
        "kind": settings["source"]["kind"],
        "data_cutoff": settings["data_cutoff"],
        "known_by": settings["known_by"],
        "note": note,
        "source_files": {path.name: fingerprint(path) for path in paths},
        "tables": described,
    }
    return json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
