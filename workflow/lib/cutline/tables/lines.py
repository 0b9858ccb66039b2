"""Derived: lines of therapy for metastatic disease."""

from cutline.tables.spec import Column, Table

LINES = Table(
    "lines",
    "One row per line of therapy for metastatic disease.",
    (
        Column("record_id", "text", "record of treatments that starts the line; unique", required=True),
        Column("patient_id", "text", "pseudonym", required=True),
        Column("setting", "text", "metastatic", required=True),
        Column("setting_basis", "text", "how it is known: recorded, or dated (from the first distant metastasis on)",
               required=True, allowed=("recorded", "dated")),
        Column("line", "integer", "number of the line, from 1", required=True, minimum=1),
        Column("recorded_line", "integer", "number as recorded: the first that differs from the derived one, if any"),
        Column("regimen", "text", "drugs in alphabetical order, joined by ` + `", required=True),
        Column("atc", "text", "their ATC codes as recorded, joined by ` + `"),
        Column("class", "text", "first of the study's classes of lines that fits, else other", required=True),
        Column("start_date", "date", "first day of the first drug", required=True),
        Column("stop_date", "date",
               "last day of the last drug, before the next line starts; blank while the line goes on"),
        Column("stop_reason", "text", "recorded reason of the drug that stopped last; `next line` if none stopped"),
        Column("maintenance_start", "date", "day after the first drug was dropped while others went on"),
        Column("maintenance_regimen", "text", "the drugs that went on, joined by ` + `"),
        Column("records", "text", "all records of treatments in the line, separated by semicolons", required=True),
        Column("source_table", "text", "treatments", required=True),
        Column("source_record_id", "text", "same as record_id", required=True),
        Column("source_date", "date", "same as start_date", required=True),
    ),
    sort=("patient_id", "line"),
)  # fmt: skip

TABLES = (LINES,)
