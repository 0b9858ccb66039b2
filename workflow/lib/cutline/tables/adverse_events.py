"""Source records: adverse events."""

from cutline.tables.spec import Column, records

ADVERSE_EVENTS = records(
    "adverse_events",
    "One row per adverse event.",
    Column("term", "text", "the event as written; mapped by the adverse-event code list", required=True),
    Column("onset_date", "date", "first day of the event", required=True),
    Column("grade", "integer", "CTCAE grade at onset", minimum=1, maximum=5),
    Column("worst_grade", "integer", "worst CTCAE grade reached", minimum=1, maximum=5),
    Column("worst_grade_date", "date", "day the worst grade was reached"),
    Column("end_date", "date", "last day of the event; blank while it goes on"),
    Column("outcome", "text", "recovered, recovering, not_recovered, fatal, unknown"),
    Column("serious", "text", "serious by the regulatory definition", allowed=("yes", "no", "unknown")),
    Column("relatedness", "text", "related, not_related, unknown", allowed=("related", "not_related", "unknown")),
    Column("action", "text", "none, dose_reduced, interrupted, discontinued, unknown"),
    Column("suspect_drug", "text", "drug held responsible"),
    began="onset_date",
    later={"worst_grade_date": ("worst_grade",), "end_date": ("outcome",)},
)

TABLES = (ADVERSE_EVENTS,)
