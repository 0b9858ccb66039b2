"""Derived: one value per screened person and variable, with the record behind it."""

from cutline.tables.spec import Column, Table

COVARIATES = Table(
    "covariates",
    "One row per screened person and variable of the study.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("variable", "text", "variable id of the study", required=True),
        Column("value", "text", "level id of a category, or ISO date of a date; blank if unknown or a number"),
        Column("number", "number", "value of a continuous variable, in the variable's unit"),
        Column("reason", "text", "how it was found, or why it is unknown", required=True),
        Column("anchor", "text", "date variable it is timed by"),
        Column("source_table", "text", "table of the record it rests on"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id", "variable"),
)

TABLES = (COVARIATES,)
