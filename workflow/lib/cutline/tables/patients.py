"""Source records: the women screened."""

from cutline.tables.spec import Column, records

PATIENTS = records(
    "patients",
    "One row per screened person.",
    Column("birth_date", "date", "date of birth"),
    Column("sex", "text", "administrative sex", allowed=("female", "male", "other", "unknown")),
    Column("screened_on", "date", "day the person came on the screening list"),
    began="screened_on",
)

TABLES = (PATIENTS,)
