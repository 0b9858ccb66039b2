"""Derived: times to event."""

from cutline.tables.spec import Column, Table

ENDPOINTS = Table(
    "endpoints",
    "One row per included person, endpoint and rule set.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("endpoint", "text", "endpoint id of the study", required=True),
        Column("rule_set", "text", "censoring rules; main for the study's own", required=True),
        Column("start_date", "date", "time zero; blank in a study without dates"),
        Column("end_date", "date", "date of the event or of censoring; blank in a study without dates"),
        Column("time_days", "integer", "days from start to end", required=True, unit="days", minimum=0),
        Column("event", "flag", "true: the event happened; false: censored", required=True),
        Column("reason", "text", "which event, or why censored", required=True),
        Column("source_table", "text", "table of the record it rests on"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("endpoint", "rule_set", "patient_id"),
)

TABLES = (ENDPOINTS,)
