"""Derived: the query list, questions to whoever keeps the records."""

from cutline.tables.spec import Column, Table

QUERIES = Table(
    "queries",
    "One row per question that the records leave open, for whoever keeps them.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("query", "text", "kind of question", required=True),
        Column("about", "text", "variable, criterion, endpoint or column it is about", required=True),
        Column("question", "text", "what is to be cleared, in words", required=True),
        Column("source_table", "text", "table of the record it rests on; blank if it rests on none"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id", "query", "about", "source_table", "source_record_id", "question"),
)

TABLES = (QUERIES,)
