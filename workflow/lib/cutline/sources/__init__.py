"""Extraction: the source's records as they were known at the data cut-off.

One module per kind of source. Each reads text, restricts it to listed columns and to what was known, and
leaves parsing and judging to `quality`: a snapshot holds what the source said, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from cutline.provenance import fingerprint
from cutline.sources import database, files
from cutline.sources.pseudonyms import Pseudonyms
from cutline.tables.layout import Layout, layouts
from cutline.tables.spec import packed_text

KINDS = {"duckdb": database.opened, "files": files.opened}
AT_A_TIME = 2
"""Tables in work at once: more would take memory and no less time."""


def extract_snapshot(*, settings: Mapping[str, Any], source: Path | list[Path]) -> dict[str, Any]:
    """Each table of the source as of the cut-off, with pseudonyms, and a manifest of the extraction.

    Returns one text table per source table and `manifest` (JSON): for each table the query or file, the rule
    applied and the number of records. Raises SourceError for a missing file, table or column, or bytes
    that are not the declared encoding.
    """
    paths = source if isinstance(source, list) else [source]
    plans = layouts(settings["source"])
    pseudonyms = Pseudonyms.of(settings["source"]["pseudonym_key"])

    def extracted(name: str) -> tuple[pd.DataFrame, dict[str, Any]]:
        table, how = read(name)
        layout = plans[name]
        records = {"began": layout.table.began, "later": dict(layout.table.later), "records": len(table)}
        return _without_identity(table, layout, pseudonyms), how | records

    with (
        KINDS[settings["source"]["kind"]](paths, plans, settings) as read,
        ThreadPoolExecutor(AT_A_TIME) as pool,
    ):
        snapshot = dict(zip(plans, pool.map(extracted, plans), strict=True))
    described = {name: how for name, (_, how) in snapshot.items()}
    tables = {name: table for name, (table, _) in snapshot.items()}
    return tables | {"manifest": _manifest(settings, paths, described)}


def _without_identity(table: pa.Table, layout: Layout, pseudonyms: Pseudonyms) -> pd.DataFrame:
    """Pseudonyms for hospital numbers, in an order that tells nothing about the source's.

    Rows come by pseudonym, then by record id, those that claim one id by the rest; missing last. Where one column gives
    both the record's id and the patient's, the record's is a hospital number too.
    """
    persons, names = pseudonyms.ranked(table["patient_id"])
    shared = layout.columns["record_id"] == layout.columns["patient_id"]
    hospital_numbers = ["patient_id", "record_id"] if shared else ["patient_id"]
    content = table.drop_columns(hospital_numbers)
    order = _order(persons, content)
    ordered = content.take(order)
    patient = names.take(pa.array(persons[order]))
    for name in hospital_numbers:
        ordered = ordered.append_column(name, patient)
    frame: pd.DataFrame = ordered.select(table.column_names).to_pandas(types_mapper=lambda _: packed_text())
    return frame


def _order(persons: np.ndarray, content: pa.Table) -> np.ndarray:
    """The places of the rows by person, then by content from the first column on, missing last.

    Most records come in the order of their ids already; texts are compared where they do not, first the ids and then,
    of those that claim one id, all of the content.
    """
    order = np.argsort(persons, kind="stable")
    for columns in (content.column_names[:1], content.column_names):
        places = _unordered(persons[order], content.column(0).take(order).combine_chunks())
        part = content.select(columns).take(order[places]).append_column(_PERSON, pa.array(persons[order[places]]))
        keys = [(name, "ascending") for name in (_PERSON, *columns)]
        order[places] = order[places][pc.sort_indices(part, sort_keys=keys)]
    return order


def _unordered(persons: np.ndarray, ids: pa.Array) -> np.ndarray:
    """The places of all records of the persons whose ids do not rise from each record to the next."""
    rises = pc.less(ids[:-1], ids[1:]).fill_null(False).to_numpy(zero_copy_only=False)
    return np.flatnonzero(np.isin(persons, persons[1:][~rises & (persons[1:] == persons[:-1])]))


_PERSON = "rank of the pseudonym"


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
