"""Derived: treatment-emergent adverse events."""

from cutline.tables.spec import Column, Table

SAFETY = Table(
    "safety",
    "One row per included person and adverse event within the safety window.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("term", "text", "term id after the code list", required=True),
        Column("recorded_term", "text", "the event as written", required=True),
        Column("onset_date", "date", "first day of the event", required=True),
        Column(
            "worst_grade", "integer", "worst grade known at the cut-off; blank if not recorded", minimum=1, maximum=5
        ),
        Column("action", "text", "action taken with the study treatment"),
        Column("relatedness", "text", "related, not_related, unknown"),
        Column("outcome", "text", "outcome known at the cut-off"),
        Column("reason", "text", "why it counts as treatment-emergent", required=True),
        Column("source_table", "text", "table of the record it rests on", required=True),
        Column("source_record_id", "text", "record it rests on", required=True),
        Column("source_date", "date", "date of that record"),
    ),
    sort=("patient_id", "onset_date", "source_record_id"),
)

TABLES = (SAFETY,)
