"""What became of every result between two cuts of a study."""

from cutline.tables.results import RESULT_COLUMNS
from cutline.tables.spec import Column, Table

STATUSES = ("same", "changed", "new", "gone", "became estimable", "no longer estimable")
CONCLUSIONS = ("interval crossed 1", "p crossed 0.05", "median left its old interval")
IDENTITY = (
    "key", "analysis", "variant", "population", "endpoint", "model", "variable", "level", "group", "group_level",
    "subset", "subset_level", "time_months", "statistic", "unit",
)  # fmt: skip
"""What a result is of: columns of the ARD, taken over as they are."""

CHANGES = Table(
    "changes",
    "One row per result of either cut.",
    (
        *(column for column in RESULT_COLUMNS if column.name in IDENTITY),
        Column("status", "text", "what became of it", required=True, allowed=STATUSES),
        Column("before", "number", "value at the old cut, unrounded"),
        Column("after", "number", "value at the new cut, unrounded"),
        Column("difference", "number", "after minus before; blank where the units differ"),
        Column("log_ratio", "number", "natural logarithm of after divided by before; ratios only"),
        Column("text_before", "text", "value at the old cut, if it is not a number"),
        Column("text_after", "text", "value at the new cut, if it is not a number"),
        Column("n_before", "integer", "denominator at the old cut", minimum=0),
        Column("n_after", "integer", "denominator at the new cut", minimum=0),
        Column("conclusion", "text", "which conclusion moved; blank if none did", allowed=CONCLUSIONS),
        Column("redefined", "text", "columns of the results that define it and differ: unit, method …"),
        Column("note_before", "text", "note at the old cut"),
        Column("note_after", "text", "note at the new cut"),
    ),
    sort=(),
)

TABLES = (CHANGES,)
