"""Source records: what was observed at visits, one item per row."""

from cutline.tables.spec import Column, records

OBSERVATIONS = records(
    "observations",
    "Clinical observations: ECOG performance status, menopausal status, ovarian suppression, weight.",
    Column("observed_on", "date", "day of the observation", required=True),
    Column(
        "item",
        "text",
        "ecog, menopausal_status, ovarian_suppression, weight; in a trial the arm and what is observed at baseline",
        required=True,
    ),
    Column("value", "text", "the value as written"),
    Column("unit", "text", "unit of the value, if it has one"),
    began="observed_on",
)

TABLES = (OBSERVATIONS,)
