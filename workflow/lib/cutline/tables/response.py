"""Derived: best overall response."""

from cutline.tables.spec import Column, Table

RESPONSE = Table(
    "response",
    "One row per included person: best overall response.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("best_response", "text", "CR, PR, SD, NON-CR/NON-PD, PD, NE, MISSING", required=True),
        Column(
            "first_response_date", "date", "first complete or partial response before any progression; blank if none"
        ),
        Column("reason", "text", "why this category", required=True),
        Column("source_table", "text", "table of the record it rests on"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id",),
)

TABLES = (RESPONSE,)
