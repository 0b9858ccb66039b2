"""What changed between two cuts of a study, and why."""

from cutline.tables.spec import Column, Table

NO_SUCH_RESULT = "no such result"
"""The note of a piece where a state lacks the result."""

CHANGED_RECORDS = Table(
    "records",
    "One row per source table and kind of change (column blank), and one per column it was seen in.",
    (
        Column("table", "text", "source table", required=True),
        Column(
            "kind", "text",
            "corrected: said something else in the old cut; completed: a blank that was filled in; deleted; "
            "late: dated by the old cut-off, unknown to the old cut; follow_up: dated after the old cut-off",
            required=True, allowed=("corrected", "completed", "deleted", "late", "follow_up"),
        ),
        Column("column", "text", "column the change is in; blank for all changes of that kind"),
        Column("records", "integer", "records", required=True, minimum=0),
        Column("persons", "integer", "persons they belong to", required=True, minimum=0),
        Column("silent", "integer",
               "records that claim to have been written before the old cut was made, and yet differ from it",
               required=True, minimum=0),
        Column("answered", "integer", "records of these that the answer to a query corrected, in either cut",
               required=True, minimum=0),
        Column("untold", "integer", "records of which nobody can tell when the change was written", required=True,
               minimum=0),
    ),
    sort=(),
)  # fmt: skip

FLOW = Table(
    "flow",
    "One row per place a person can be in: persons there in either cut, and how they came and went.",
    (
        Column("what", "text", "criterion, variable, response or endpoint", required=True,
               allowed=("criterion", "variable", "response", "endpoint")),
        Column("name", "text", "variable or endpoint id; blank for criteria and best overall response"),
        Column("level", "text", "criterion that excludes, or pending or included; level id; response; event or "
                                "censored; blank where it is unknown"),
        Column("before", "integer", "persons in the old cut", required=True, minimum=0),
        Column("after", "integer", "persons in the new cut", required=True, minimum=0),
        Column("entered", "integer", "of those after: not screened (criteria) or not included (others) in the old cut",
               required=True, minimum=0),
        Column("left", "integer", "of those before: not screened (criteria) or not included (others) in the new cut",
               required=True, minimum=0),
        Column("moved_in", "integer", "of those after: elsewhere in the old cut", required=True, minimum=0),
        Column("moved_out", "integer", "of those before: elsewhere in the new cut", required=True, minimum=0),
    ),
    sort=(),
)  # fmt: skip

ATTRIBUTION = Table(
    "attribution",
    "One row per headline result and cause, in the order the causes are replaced: what each moved.",
    (
        Column("key", "text", "key of the result", required=True),
        Column("scale", "text", "scale of the pieces: they add up on it; log for hazard ratios", required=True,
               allowed=("identity", "log")),
        Column("position", "integer", "place in the order, from 1", required=True, minimum=1),
        Column("cause", "text", "what is replaced in this step", required=True,
               allowed=("code", "corrected", "late", "follow_up", "left", "entered")),
        Column("before", "number", "the result before this step, as in the results; blank if it is not estimable"),
        Column("after", "number", "the result after this step, as in the results; blank if it is not estimable"),
        Column("piece", "number", "what this step moved, on the scale; blank if one of the two is not estimable"),
        Column("together", "number",
               "what this step moved together with those before it that have no piece of their own, on the scale"),
        Column("note", "text", "why there is no piece"),
        Column("smallest", "number", "smallest piece of this cause over all orders of the causes after code"),
        Column("largest", "number", "largest piece of this cause over all orders of the causes after code"),
        Column("orders", "integer", "in how many of the 120 orders the piece is a number", required=True, minimum=0),
    ),
    sort=(),
)  # fmt: skip

CHANGED_PERSONS = Table(
    "changed_persons",
    "One row per person and change between two cuts, with the record change behind it.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column(
            "change", "text",
            "entered or left the cohort; excluded by another criterion, or pending; variable, response, adverse_event: "
            "another level; event: an event or another one; time: another time to event or censoring",
            required=True,
            allowed=("entered", "left", "criterion", "variable", "response", "event", "time", "adverse_event"),
        ),
        Column("name", "text", "variable, endpoint or term id; blank for criteria and response"),
        Column("before", "text", "in the old cut; blank if unknown, absent or not screened"),
        Column("after", "text", "in the new cut; blank if unknown, absent or not screened"),
        Column("kind", "text",
               "kind of record change behind it; code if none is; several if it cannot be told which", required=True,
               allowed=("corrected", "completed", "deleted", "late", "follow_up", "several", "code")),
        Column("source_table", "text", "table of the record behind it; blank if there is no single one"),
        Column("source_record_id", "text", "the record behind it"),
    ),
    sort=("patient_id", "change", "name"),
)  # fmt: skip

TABLES = (CHANGED_RECORDS, FLOW, ATTRIBUTION, CHANGED_PERSONS)
