"""Source records: diagnoses and procedures."""

from cutline.tables.spec import Column, records

DIAGNOSES = records(
    "diagnoses",
    "Diagnoses: the breast cancer, each metastatic site, other malignancies.",
    Column("diagnosis_date", "date", "date of diagnosis", required=True),
    Column("icd10", "text", "ICD-10 code: C50 breast, C77-C79 secondary, others", required=True),
    Column("description", "text", "diagnosis in words"),
    Column("stage", "text", "AJCC stage group at that diagnosis: I, II, III, IV"),
    Column("basis", "text", "how it was found: histology, imaging, clinical"),
    began="diagnosis_date",
)

PROCEDURES = records(
    "procedures",
    "Surgery, radiotherapy and oophorectomy.",
    Column("procedure_date", "date", "date of the procedure", required=True),
    Column(
        "procedure", "text", "mastectomy, breast_conserving_surgery, radiotherapy, oophorectomy, biopsy", required=True
    ),
    Column("intent", "text", "curative, palliative, ovarian_ablation, diagnostic"),
    began="procedure_date",
)

TABLES = (DIAGNOSES, PROCEDURES)
