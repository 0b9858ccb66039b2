"""The rule `derive_lines`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.lines.courses import as_arrays, counted
from cutline.lines.description import described
from cutline.lines.numbering import numbered
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
    return {"lines": lines}
