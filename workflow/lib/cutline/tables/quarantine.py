"""Records that failed a check, and the accounting that nothing was lost."""

from cutline.tables.spec import Column, Table

QUARANTINE = Table(
    "quarantine",
    "One row per record and check it failed.",
    (
        Column("table", "text", "table of the record", required=True),
        Column("record_id", "text", "the record", required=True),
        Column("patient_id", "text", "pseudonym", required=True),
        Column("check", "text", "id of the check", required=True),
        Column("column", "text", "column at fault"),
        Column("reason", "text", "what is wrong, without the value", required=True),
        Column("set_aside", "text", "the whole record, or only the value", required=True, allowed=("record", "value")),
    ),
    sort=("table", "record_id", "check", "column"),
)

ACCOUNTING = Table(
    "accounting",
    "One row per table: extracted = accepted + quarantined + withdrawn.",
    (
        Column("table", "text", "table", required=True),
        Column("extracted", "integer", "records in the snapshot", required=True, minimum=0),
        Column("accepted", "integer", "records that passed", required=True, minimum=0),
        Column("quarantined", "integer", "records set aside", required=True, minimum=0),
        Column(
            "withdrawn",
            "integer",
            "records that an answered query withdraws, or dates after the cut-off",
            required=True,
            minimum=0,
        ),
        Column("values_set_aside", "integer", "values set aside in any record", required=True, minimum=0),
        Column(
            "values_corrected", "integer", "values that an answered query changed or emptied", required=True, minimum=0
        ),
        Column("dates_imputed", "integer", "partial dates completed in accepted records", required=True, minimum=0),
    ),
    sort=("table",),
)

IMPUTED = Table(
    "imputed",
    "One row per date of which only a part is recorded and that was completed by the study's rule.",
    (
        Column("table", "text", "table of the record", required=True),
        Column("record_id", "text", "the record", required=True),
        Column("patient_id", "text", "pseudonym", required=True),
        Column("column", "text", "the date", required=True),
        Column("known", "text", "what is recorded of it", required=True, allowed=("month", "year")),
        Column("rule", "text", "how it was completed", required=True, allowed=("first_day", "middle", "last_day")),
    ),
    sort=("table", "record_id", "column"),
)

TABLES = (QUARANTINE, ACCOUNTING, IMPUTED)
