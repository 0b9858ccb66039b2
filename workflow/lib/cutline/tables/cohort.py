"""Derived: who is in, who is out and why."""

from cutline.tables.spec import Column, Table

COHORT = Table(
    "cohort",
    "One row per included person.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("index_date", "date", "index date; blank in a study without dates"),
        Column("source_table", "text", "table the index date came from"),
        Column("source_record_id", "text", "record the index date came from"),
    ),
    sort=("patient_id",),
)

LEDGER = Table(
    "ledger",
    "One row per screened person: included, or the first and all criteria that failed.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("included", "flag", "whether every criterion is met", required=True),
        Column("first_failed", "text", "first criterion that failed, in the study's order"),
        Column("all_failed", "text", "every criterion that failed, separated by semicolons"),
        Column("source_records", "text", "records the failures rest on, as table:record_id, separated by semicolons"),
    ),
    sort=("patient_id",),
)

ATTRITION = Table(
    "attrition",
    "One row per criterion, in order: how many persons it removed and how many remained.",
    (
        Column("position", "integer", "place in the order, from 1", required=True),
        Column("criterion", "text", "id of the criterion", required=True),
        Column("label", "text", "what it says", required=True),
        Column("excluded", "integer", "persons for whom it is the first that failed", required=True, minimum=0),
        Column("remaining", "integer", "persons left after it", required=True, minimum=0),
    ),
    sort=("position",),
)

WHAT_IF = Table(
    "what_if",
    "One row per variant of the criteria and person it includes; no rows in a study without variants.",
    (
        Column("variant", "text", "id of the variant", required=True),
        *COHORT.columns,
    ),
    sort=("variant", "patient_id"),
)

TABLES = (COHORT, LEDGER, ATTRITION, WHAT_IF)
