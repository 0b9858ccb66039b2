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
    "One row per screened person: included, excluded or pending, and by which criteria.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("status", "text", "excluded by a criterion; pending: excluded by none, and not decided by one that asks "
               "for a query; included: all others", required=True, allowed=("included", "excluded", "pending")),
        Column("included", "flag", "whether the status is included", required=True),
        Column("first_failed", "text", "of the excluded: the first criterion that excluded, in the study's order"),
        Column("first_answer", "text", "of the excluded: whether that criterion failed or its answer is unknown",
               allowed=("failed", "unknown")),
        Column("all_failed", "text", "every criterion that excluded, separated by semicolons"),
        Column("first_pending", "text", "of the pending: the first criterion that is not decided"),
        Column("left_at", "text", "of the excluded and the pending: the criterion they are counted at"),
        Column("all_pending", "text", "of the pending: every criterion that is not decided, separated by semicolons"),
        Column("source_records", "text", "records that exclusion or pending rests on, as table:record_id, separated by "
               "semicolons"),
    ),
    sort=("patient_id",),
)  # fmt: skip

ELIGIBILITY = Table(
    "eligibility",
    "One row per screened person, criterion and record that its records conditions rest on; one without a record where "
    "there is none. The variables a criterion rests on are in covariates.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("position", "integer", "place of the criterion in the order, from 1", required=True, minimum=1),
        Column("criterion", "text", "id of the criterion", required=True),
        Column("answer", "text", "what it found", required=True, allowed=("met", "failed", "unknown")),
        Column("source_table", "text", "table of a record that decides a records condition"),
        Column("source_record_id", "text", "that record"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id", "position"),  # then as the criterion names its conditions, the earliest record first
)

ATTRITION = Table(
    "attrition",
    "One row per criterion, in order: how many persons it removed and how many remained.",
    (
        Column("position", "integer", "place in the order, from 1", required=True),
        Column("criterion", "text", "id of the criterion", required=True),
        Column("label", "text", "what it says", required=True),
        Column("source", "text", "what it rests on"),
        Column("excluded", "integer", "persons for whom it is the first that excludes", required=True, minimum=0),
        Column("excluded_unknown", "integer", "of those: persons whose answer is unknown", required=True, minimum=0),
        Column("pending", "integer", "persons whom no criterion excludes and for whom it is the first that is not "
               "decided", required=True, minimum=0),
        Column("remaining", "integer", "persons left after it", required=True, minimum=0),
    ),
    sort=("position",),
)  # fmt: skip

WHAT_IF = Table(
    "what_if",
    "One row per variant of the criteria and person it includes; no rows in a study without variants.",
    (
        Column("variant", "text", "id of the variant", required=True),
        *COHORT.columns,
    ),
    sort=("variant", "patient_id"),
)

TABLES = (COHORT, LEDGER, ELIGIBILITY, ATTRITION, WHAT_IF)
