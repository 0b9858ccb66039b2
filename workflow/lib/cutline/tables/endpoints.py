"""Derived: times to event."""

from dataclasses import replace

from cutline.tables.spec import Column, Table

MAIN = "main"
"""The rule set that holds the study's own censoring rules."""

ENDPOINTS = Table(
    "endpoints",
    "One row per person of the endpoint's population, endpoint and rule set.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("endpoint", "text", "endpoint id of the study", required=True),
        Column(
            "rule_set", "text", "censoring convention or anchor of progression; main for the study's own", required=True
        ),
        Column("start_date", "date", "time zero; blank in a study without dates"),
        Column("end_date", "date", "date of the event or of censoring; blank in a study without dates"),
        Column("time_days", "integer", "days from start to end", required=True, unit="days", minimum=0),
        Column("event", "flag", "true: the event happened; false: censored", required=True),
        Column("reason", "text", "which event, or why censored", required=True),
        Column("anchor", "text", "who states a progression, separated by semicolons; blank for other ends"),
        Column("source_table", "text", "table of the record it rests on"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("endpoint", "rule_set", "patient_id"),
)

WHAT_IF_ENDPOINTS = replace(
    ENDPOINTS,
    name="what_if_endpoints",
    description="As endpoints, rule set main, for persons who are in the cohort of a variant and not in the study's.",
)

SCAN_INTERVALS = Table(
    "scan_intervals",
    "One row per time between tumour assessments, from the start to the end of an endpoint with censoring conventions.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("endpoint", "text", "endpoint id of the study", required=True),
        Column("from_date", "date", "the scan before, or the start", required=True),
        Column("to_date", "date", "the scan, or the event that no scan shows", required=True),
        Column("days", "integer", "days between them", required=True, unit="days", minimum=0),
        Column("ends_with", "text", "what the time ends with", required=True, allowed=("scan", "event")),
        Column("beyond_limit", "flag", "whether more scans were missed than allowed", required=True),
        Column("source_table", "text", "table of the record at its end"),
        Column("source_record_id", "text", "record at its end"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("endpoint", "patient_id", "to_date"),
)

TABLES = (ENDPOINTS, WHAT_IF_ENDPOINTS, SCAN_INTERVALS)
