"""Derived: treatment-emergent adverse events, and who was at risk of them how long."""

from cutline.tables.spec import Column, Table

SAFETY = Table(
    "safety",
    "One row per included person and adverse event within the safety window.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("term", "text", "term id after the code list", required=True),
        Column("recorded_term", "text", "the event as written", required=True),
        Column("soc", "text", "system organ class after the code list, as an id", required=True),
        Column("onset_date", "date", "first day of the event", required=True),
        Column("days_from_first_dose", "integer", "0 on the day of the first dose", required=True, minimum=0),
        Column(
            "worst_grade", "integer", "worst grade known at the cut-off; blank if not recorded", minimum=1, maximum=5
        ),
        Column("action", "text", "action taken with the study treatment"),
        Column("relatedness", "text", "related, not_related, unknown"),
        Column("outcome", "text", "outcome known at the cut-off"),
        Column("worst_of_all", "flag", "the person's worst event: the highest grade, then the earliest", required=True),
        Column("worst_of_class", "flag", "her worst event of this system organ class", required=True),
        Column("worst_of_term", "flag", "her worst event of this term", required=True),
        Column("reason", "text", "why it counts as treatment-emergent", required=True),
        Column("source_table", "text", "table of the record it rests on", required=True),
        Column("source_record_id", "text", "record it rests on", required=True),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id", "onset_date", "source_record_id"),
)

EXPOSURE = Table(
    "exposure",
    "One row per included person who was treated: how long she was at risk of a treatment-emergent adverse event.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("first_dose", "date", "first dose from the index date on", required=True),
        Column("last_day", "date", "last day of the safety window, of life or before the cut-off", required=True),
        Column("at_risk_days", "integer", "from first dose to last day, both included", required=True, minimum=0),
        Column("reason", "text", "what ends it", required=True),
        Column("source_table", "text", "table of the record it rests on; blank at the cut-off"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record; blank if it has none"),
    ),
    sort=("patient_id",),
)

TABLES = (SAFETY, EXPOSURE)
