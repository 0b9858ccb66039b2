"""Names that are read off ids, listed so that the catalogues know them: of source tables, columns, organ classes.

A name that is not here, such as that of a column which only one study has, stays as its id says it.
"""

from __future__ import annotations

from cutline.languages import marked

TABLES = (
    marked("Adverse events"), marked("Assessments"), marked("Deaths"), marked("Diagnoses"), marked("Doses"),
    marked("Follow up"), marked("Lesions"), marked("Observations"), marked("Pathology"), marked("Patients"),
    marked("Procedures"), marked("Subjects"), marked("Treatments"),
)  # fmt: skip
COLUMNS = (
    marked("Action"), marked("Age"), marked("Assessor"), marked("ATC"), marked("Basis"), marked("Birth date"),
    marked("Cause"), marked("Description"), marked("Diameter, mm"), marked("Dose, mg"), marked("End date"),
    marked("ER, %"), marked("Finding"), marked("Frequency"), marked("Grade"), marked("HER2 IHC"), marked("HER2 ISH"),
    marked("Histology"), marked("Hormonal therapy"), marked("Intent"), marked("Ki-67, %"), marked("Kind"),
    marked("Line"), marked("Measurable"), marked("Menopausal status"), marked("Modality"), marked("New lesions"),
    marked("Non-target"), marked("Oestrogen receptor"), marked("Outcome"), marked("Overall response"),
    marked("Positive nodes"), marked("PR, %"), marked("Progesterone receptor"), marked("Reason"),
    marked("Recorded on"), marked("Recurred"), marked("Relatedness"), marked("Serious"), marked("Setting"),
    marked("Sex"), marked("Site"), marked("Specimen"), marked("Stage"), marked("Status"), marked("Stop date"),
    marked("Stop reason"), marked("Suspect drug"), marked("Target sum, mm"), marked("Time"),
    marked("Treatment related"), marked("Tumour grade"), marked("Tumour size"), marked("Unit"), marked("Value"),
    marked("Worst grade"), marked("Worst grade date"),
)  # fmt: skip
ORGAN_CLASSES = (
    marked("Blood and lymphatic system disorders"), marked("Cardiac disorders"),
    marked("Congenital, familial and genetic disorders"), marked("Ear and labyrinth disorders"),
    marked("Endocrine disorders"), marked("Eye disorders"), marked("Gastrointestinal disorders"),
    marked("General disorders and administration site conditions"), marked("Hepatobiliary disorders"),
    marked("Immune system disorders"), marked("Infections and infestations"),
    marked("Injury, poisoning and procedural complications"), marked("Investigations"),
    marked("Metabolism and nutrition disorders"), marked("Musculoskeletal and connective tissue disorders"),
    marked("Neoplasms benign, malignant and unspecified"), marked("Nervous system disorders"),
    marked("Pregnancy, puerperium and perinatal conditions"), marked("Psychiatric disorders"),
    marked("Renal and urinary disorders"), marked("Reproductive system and breast disorders"),
    marked("Respiratory, thoracic and mediastinal disorders"), marked("Skin and subcutaneous tissue disorders"),
    marked("Social circumstances"), marked("Surgical and medical procedures"), marked("Vascular disorders"),
)  # fmt: skip
"""The classes of CTCAE 5.0."""
