"""What came back with an answered query list: the layer of corrections over the snapshot."""

from cutline.tables.spec import Column, Table

CHANGED, EMPTIED, WITHDRAWN, CONFIRMED = ACTIONS = ("changed", "emptied", "withdrawn", "confirmed")
VALUES_CHANGED = (CHANGED, EMPTIED)

CORRECTIONS = Table(
    "corrections",
    "One row per answer to a query, in the order in which they are applied: who corrected what, when, from what to "
    "what and why. The source and the snapshot stay as they are.",
    (
        Column("file", "text", "query list that came back", required=True),
        Column("row", "integer", "row of its sheet", required=True, minimum=1),
        Column("query", "text", "id of the question; blank if nobody asked"),
        Column("table", "text", "table of the record; blank where a question about no record was answered"),
        Column("record_id", "text", "the record"),
        Column("patient_id", "text", "pseudonym"),
        Column("column", "text", "the column; blank if the whole record is withdrawn or confirmed"),
        Column("action", "text", "changed: another value; emptied: no value; withdrawn: the record does not count; "
               "confirmed: it is right as it is", required=True, allowed=ACTIONS),
        Column("old_value", "text", "what the snapshot says; blank for nothing"),
        Column("new_value", "text", "what the answer says; blank unless the value changed"),
        Column("reason", "text", "why, in words", required=True),
        Column("answered_by", "text", "who answered", required=True),
        Column("answered_on", "date", "day of the answer", required=True),
    ),
    sort=(),
)  # fmt: skip

TABLES = (CORRECTIONS,)
