"""The form of the query list: its sheet, its columns, and the words in an answer that are no value."""

from __future__ import annotations

from collections.abc import Mapping

SHEET = "Queries"
ASKED: Mapping[str, str] = {
    "query": "Query", "severity": "Severity", "patient_id": "Patient", "table": "Table", "record_id": "Record",
    "source_date": "Date", "question": "Question", "action": "What to do",
}  # fmt: skip
"""Columns that ask: name → title."""
ANSWER: Mapping[str, str] = {
    "column": "Column", "old_value": "Value in the data", "new_value": "New value", "reason": "Reason",
    "answered_by": "Answered by", "answered_on": "Answered on",
}  # fmt: skip
"""Columns that answer; the first two are filled in where the question is about one value."""
GIVEN = ("new_value", "reason", "answered_by", "answered_on")
"""A row with any of these is an answer, and then all but the new value must be there."""
TITLES = {**ASKED, **ANSWER}

UNTOUCHED = ("record_id", "patient_id", "recorded_on")
"""Columns that say which record it is: what is wrong with them is corrected in the source."""
EMPTY, WITHDRAW = "(empty)", "(withdraw)"
"""Instead of a new value: there is no value; the whole record does not count."""

INSTRUCTIONS = (
    "Fill in the white columns of the sheet Queries. A row without an answer stays open. Grey columns are not read, "
    "except Table, Record, Column and Value in the data, which say what is corrected.",
    f"New value: the correct value, a date as YYYY-MM-DD. {EMPTY} if there is no value; {WITHDRAW} if the whole record "
    "does not count, for example of two entries of one visit. Leave it blank if the data are right as they are: "
    "the question is then settled and not asked again.",
    "Column and Value in the data: where they are blank, choose the column to correct from the sheet Records and copy "
    "the value that stands there. A further correction is a further row below the last one.",
    "Reason, Answered by and Answered on (YYYY-MM-DD) are needed in every row that is answered.",
    "Nothing here changes the source: the answers are laid over the data at the next run, and the source should be "
    "corrected too. This file holds patients' data and must not leave.",
)  # fmt: skip
