"""What a column of a source table is called in a sentence."""

from __future__ import annotations

import re

from cutline.display.captions import in_words
from cutline.display.labels import in_sentence
from cutline.tables.layout import RECORD_TABLES

_HOW_WRITTEN = re.compile(r";|,? as written| \(")


def column_name(table: str, column: str) -> str:
    """What a column of a source table holds, by its description; by its id where that only lists its values."""
    known = {spec.name: spec.description for spec in RECORD_TABLES[table].columns} if table in RECORD_TABLES else {}
    said = _HOW_WRITTEN.split(known.get(column, ""))[0]
    parts = said.split(", ")
    lists_values = len(parts) > 1 and not any(" " in part for part in parts)
    return in_sentence(in_words(column)) if not said or lists_values else said
