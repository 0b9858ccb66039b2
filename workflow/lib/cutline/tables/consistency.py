"""What the checks of consistency say of a publication and of the report."""

from cutline.tables.spec import Column, Table

CONSISTENCY = Table(
    "consistency",
    "One row per check and thing that it looked at, those of the publication first.",
    (
        Column("about", "text", "what was checked", required=True, allowed=("publication", "report")),
        Column("check", "text", "the check, by its name", required=True),
        Column("subject", "text", "what it looked at: a result key, a listing, a statement, a claim", required=True),
        Column("verdict", "text", "whether the check holds, or found something", required=True,
               allowed=("holds", "found")),
        Column("severity", "text", "of what was found: a contradiction, something a reader needs and does not get, "
               "or something to know; blank where the check holds", allowed=("error", "warning", "note")),
        Column("found", "text", "what stands there, in short"),
        Column("expected", "text", "what was expected, in short"),
        Column("meaning", "text", "what was found, in a sentence"),
        Column("section", "text", "section of the publication, or rule of the result"),
        Column("basis", "text", "what the verdict rests on: what is printed, or general knowledge that is to be "
               "confirmed before it is cited", required=True, allowed=("printed", "general knowledge")),
    ),
    sort=(),
)  # fmt: skip

TABLES = (CONSISTENCY,)
