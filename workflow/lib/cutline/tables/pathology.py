"""Source records: pathology reports, receptors as the text that was written."""

from cutline.tables.spec import Column, records

PATHOLOGY = records(
    "pathology",
    "One row per examined sample.",
    Column("sample_date", "date", "date the sample was taken", required=True),
    Column("specimen", "text", "where from: primary, metastasis"),
    Column("histology", "text", "histological type as written; mapped by the histology code list"),
    Column("grade", "text", "histological grade as written"),
    Column("er_percent", "text", "oestrogen receptor, percent of nuclei, as written"),
    Column("pr_percent", "text", "progesterone receptor, percent of nuclei, as written"),
    Column("her2_ihc", "text", "HER2 immunohistochemistry as written, for example 2+"),
    Column("her2_ish", "text", "HER2 in situ hybridisation as written, for example negative"),
    Column("ki67_percent", "text", "Ki-67 index, percent, as written"),
    began="sample_date",
)

TABLES = (PATHOLOGY,)
