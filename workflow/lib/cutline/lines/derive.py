"""The rule `derive_lines`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.lines.courses import TABLE, Counted, as_arrays, counted
from cutline.lines.description import described
from cutline.lines.numbering import numbered
from cutline.queries import queries, together
from cutline.tables.lines import LINES
from cutline.tables.spec import conform, empty


def derive_lines(*, settings: Mapping[str, Any], **records: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The lines of therapy of every person with anticancer treatment for metastatic disease, and queries about them.

    `records` holds the accepted `treatments` and the table of the first distant metastasis. Whole days; a window
    includes its last day. Of records of one day the one with the lowest record_id starts the line; a record without
    stop goes on. `lines` is sorted by person and line. Raises ConfigError for a table or column that is not there.
    """
    rules = settings["lines"]
    sorted_out = counted(records, rules)
    courses = as_arrays(sorted_out.courses, rules)
    lines = conform(described(courses, numbered(courses, rules), rules), LINES) if courses.size else empty(LINES)
    return {"lines": lines, "queries": together([_misnumbered(lines), *_left_out(sorted_out)])}


def _misnumbered(lines: pd.DataFrame) -> pd.DataFrame:
    rows = lines[(lines["recorded_line"] != lines["line"]).fillna(False)]
    words = "Recorded as line " + rows["recorded_line"].astype(str) + "; by drugs and dates it is line "
    return queries(
        "line_number_differs", rows, about="line", question=words + rows["line"].astype(str) + ". Which is it?"
    )


def _left_out(found: Counted) -> list[pd.DataFrame]:
    """The questions about records that might have counted."""
    asked = (
        (
            "everolimus_transplant_code",
            found.never,
            "atc",
            "Was it given against the cancer? Then its code is wrong.",
        ),
        ("drug_code_unknown", found.code_unknown, "atc", "Which drug is it? Its code does not tell."),
        ("treatment_setting_unknown", found.setting_unknown, "setting", "In which setting was this drug given?"),
    )
    return [queries(kind, _named(rows), about=about, question=words) for kind, rows, about, words in asked if len(rows)]


def _named(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.rename(columns={"record_id": "source_record_id", "start_date": "source_date"}).assign(
        source_table=TABLE
    )
