"""Findings about accepted records: what breaks a plausibility rule and stays in the data."""

from cutline.tables.spec import Column, Table

FINDINGS = Table(
    "findings",
    "One row per record and rule that it breaks, of rules whose records stay: warnings are asked about, notes counted.",
    (
        Column("rule", "text", "id of the plausibility rule", required=True),
        Column("severity", "text", "warning or note", required=True, allowed=("warning", "note")),
        Column("table", "text", "table of the record", required=True),
        Column("record_id", "text", "the record", required=True),
        Column("patient_id", "text", "pseudonym", required=True),
        Column("column", "text", "column to look at first", required=True),
        Column("date", "date", "date of the record; blank if its table has none"),
        Column("reason", "text", "what is found, without the value", required=True),
    ),
    sort=("rule", "table", "record_id", "column"),
)

TABLES = (FINDINGS,)
