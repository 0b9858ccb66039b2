"""Source records: anticancer drugs and their doses."""

from cutline.tables.spec import Column, records

TREATMENTS = records(
    "treatments",
    "One row per drug and course.",
    Column("setting", "text", "neoadjuvant, adjuvant, metastatic"),
    Column("line", "integer", "line of therapy in that setting, as recorded", minimum=1, maximum=30),
    Column("drug", "text", "drug name, lower case international name", required=True),
    Column("atc", "text", "ATC code"),
    Column("dose_mg", "number", "starting dose per administration", unit="mg", minimum=0),
    Column("frequency", "text", "once_daily, twice_daily, every_3_weeks, weekly …"),
    Column("start_date", "date", "first day of the drug", required=True),
    Column("stop_date", "date", "last day of the drug; blank while it goes on"),
    Column("stop_reason", "text", "progression, toxicity, patient_choice, completed, death, other"),
    began="start_date",
    later={"stop_date": ("stop_reason",)},
)

DOSES = records(
    "doses",
    "Dose periods of a treatment: each change of dose or interruption starts a new row.",
    Column("treatment_record_id", "text", "record_id of the treatment", required=True),
    Column("drug", "text", "drug name", required=True),
    Column("dose_mg", "number", "dose per administration; 0 is an interruption", unit="mg", minimum=0),
    Column("start_date", "date", "first day at this dose", required=True),
    Column("stop_date", "date", "last day at this dose; blank while it goes on"),
    Column("reason", "text", "start, toxicity, interaction, recovery, other"),
    began="start_date",
    later={"stop_date": ()},
)

TABLES = (TREATMENTS, DOSES)
