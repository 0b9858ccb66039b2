"""Source records: imaging assessments and the lesions measured in them."""

from cutline.tables.spec import Column, records

RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")

ASSESSMENTS = records(
    "assessments",
    "One row per tumour assessment.",
    Column("assessment_date", "date", "day of the scan", required=True),
    Column("kind", "text", "baseline, scheduled, unscheduled"),
    Column("modality", "text", "ct, pet_ct, mri, bone_scan, clinical"),
    Column("assessor", "text", "radiology, clinician, investigator"),
    Column("measurable", "text", "whether target lesions exist", allowed=("yes", "no")),
    Column("target_sum_mm", "number", "sum of target lesion diameters", unit="mm", minimum=0),
    Column("non_target", "text", "CR, NON-CR/NON-PD, PD, NE; blank where there are none"),
    Column("new_lesions", "text", "whether new lesions were seen", allowed=("yes", "no", "equivocal")),
    Column("overall_response", "text", "RECIST overall response as recorded; blank at baseline", allowed=RESPONSES),
    began="assessment_date",
)

LESIONS = records(
    "lesions",
    "One row per lesion and assessment.",
    Column("assessment_record_id", "text", "record_id of the assessment", required=True),
    Column("assessment_date", "date", "day of the scan", required=True),
    Column("lesion_number", "integer", "number of the lesion within the patient", required=True, minimum=1),
    Column("site", "text", "bone, liver, lung, lymph_node, pleura, brain, soft_tissue, breast"),
    Column("kind", "text", "target, non_target, new", allowed=("target", "non_target", "new")),
    Column("diameter_mm", "number", "longest diameter (nodes: short axis)", unit="mm", minimum=0),
    Column(
        "finding",
        "text",
        "present, absent, too_small_to_measure, not_evaluable, unequivocal_progression; of new ones also equivocal",
    ),
    began="assessment_date",
)

TABLES = (ASSESSMENTS, LESIONS)
