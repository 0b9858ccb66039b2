"""Source records of a study that already has one row per person.

A research fellow's spreadsheet: beside the columns here, the study declares its own.
"""

from cutline.tables.spec import Column, Table

SUBJECTS = Table(
    "subjects",
    "One row per person, with the columns that the study declares.",
    (
        Column("record_id", "text", "stable id of the row", required=True),
        Column("patient_id", "text", "whose row it is (in a snapshot: the pseudonym)", required=True),
    ),
    sort=("patient_id",),
    extensible=True,
)

TABLES = (SUBJECTS,)
