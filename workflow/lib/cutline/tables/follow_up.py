"""Source records: contacts and deaths."""

from cutline.tables.spec import Column, records

FOLLOW_UP = records(
    "follow_up",
    "Contacts, and what was learnt: only the status `alive` says that the person lived.",
    Column("contact_date", "date", "day of the contact", required=True),
    Column("kind", "text", "visit, telephone, registry"),
    Column("status", "text", "what was learnt", allowed=("alive", "lost")),
    began="contact_date",
)

DEATHS = records(
    "deaths",
    "Deaths, at most one per person.",
    Column("death_date", "date", "date of death", required=True),
    Column("cause", "text", "disease_progression, treatment_toxicity, other, unknown"),
    Column("treatment_related", "text", "related to the study treatment", allowed=("yes", "no", "unknown")),
    began="death_date",
)

TABLES = (FOLLOW_UP, DEATHS)
