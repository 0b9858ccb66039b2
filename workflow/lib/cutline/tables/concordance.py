"""The concordance: every value printed in the literature on the study beside ours."""

from cutline.tables.spec import Column, Table

AGREES, DIFFERS, NOT_ESTIMABLE, ABSENT = "agrees", "differs", "not_estimable", "no_such_result"

CONCORDANCE = Table(
    "concordance",
    "One row per printed value of published.yaml, in its order, beside the released result of the same key.",
    (
        Column("key", "text", "key of the result", required=True),
        Column("section", "text", "where in the publication it stands", required=True),
        Column("printed", "text", "as printed; blank if the publication only implies it"),
        Column("published", "number", "the printed or implied value", required=True),
        Column(
            "comparison", "text",
            "equal: within the tolerance; above, below: the publication prints only this bound",
            required=True, allowed=("equal", "above", "below"),
        ),
        Column("result", "number", "ours, unrounded, on the scale of the printed value; blank if there is none"),
        Column("difference", "number", "absolute difference; blank beside a bound"),
        Column(
            "tolerance", "number",
            "half a unit of the last printed digit, 2.5 for a value printed as approximate; blank beside a bound",
        ),
        Column("verdict", "text", "whether they agree", required=True,
               allowed=(AGREES, DIFFERS, NOT_ESTIMABLE, ABSENT)),
        Column("note", "text", "why there is no result; what kind of printed value it is"),
    ),
    sort=(),
)  # fmt: skip

TABLES = (CONCORDANCE,)
