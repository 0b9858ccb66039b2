"""Names that are read off ids, listed so that the catalogues know them: of tables, columns, organ classes, code lists.

A name that is not here, such as that of a column which only one study has, stays as its id says it.
"""

from __future__ import annotations

from cutline.languages import marked

TABLES = (
    marked("adverse events"), marked("assessments"), marked("deaths"), marked("diagnoses"), marked("doses"),
    marked("follow up"), marked("lesions"), marked("observations"), marked("pathology"), marked("patients"),
    marked("procedures"), marked("subjects"), marked("treatments"),
)  # fmt: skip
COLUMNS = (
    marked("Action"), marked("Age"), marked("Assessor"), marked("ATC"), marked("Basis"), marked("Birth date"),
    marked("Cause"), marked("Description"), marked("Diameter, mm"), marked("Dose, mg"), marked("End date"),
    marked("ER, %"), marked("Finding"), marked("Frequency"), marked("Grade"), marked("HER2 IHC"), marked("HER2 ISH"),
    marked("Histology"), marked("Hormonal therapy"), marked("Intent"), marked("Ki-67, %"), marked("Kind"),
    marked("Line"), marked("Measurable"), marked("Menopausal status"), marked("Modality"), marked("New lesions"),
    marked("Non-target"), marked("Oestrogen receptor"), marked("Outcome"), marked("Overall response"),
    marked("Positive nodes"), marked("PR, %"), marked("Progesterone receptor"), marked("Reason"),
    marked("Recorded on"), marked("Recurred"), marked("Relatedness"), marked("Screened on"), marked("Serious"),
    marked("Setting"), marked("Sex"), marked("Site"), marked("Specimen"), marked("Stage"), marked("Status"),
    marked("Stop date"), marked("Stop reason"), marked("Suspect drug"), marked("Target sum, mm"), marked("Time"),
    marked("Treatment related"), marked("Tumour grade"), marked("Tumour size"), marked("Unit"), marked("Value"),
    marked("Worst grade"), marked("Worst grade date"),
)  # fmt: skip
"""As `table_quality.column_in_words` reads them."""
ORGAN_CLASSES = (
    marked("blood and lymphatic system disorders"), marked("cardiac disorders"),
    marked("ear and labyrinth disorders"), marked("endocrine disorders"), marked("eye disorders"),
    marked("gastrointestinal disorders"), marked("general disorders and administration site conditions"),
    marked("hepatobiliary disorders"), marked("immune system disorders"), marked("infections and infestations"),
    marked("investigations"), marked("metabolism and nutrition disorders"),
    marked("musculoskeletal and connective tissue disorders"), marked("nervous system disorders"),
    marked("psychiatric disorders"), marked("renal and urinary disorders"),
    marked("reproductive system and breast disorders"), marked("skin and subcutaneous tissue disorders"),
    marked("social circumstances"), marked("surgical and medical procedures"), marked("vascular disorders"),
)  # fmt: skip
"""Classes of CTCAE 5.0; those below have a comma, which no id has."""
CLASSES_WITH_COMMAS = (
    marked("Congenital, familial and genetic disorders"), marked("Injury, poisoning and procedural complications"),
    marked("Neoplasms benign, malignant and unspecified"), marked("Pregnancy, puerperium and perinatal conditions"),
    marked("Respiratory, thoracic and mediastinal disorders"),
)  # fmt: skip
CODE_LISTS = (marked("Adverse events"), marked("Histology"), marked("Sites"))
TERMS = (
    marked("allergic reaction"), marked("alopecia"), marked("ALT increased"), marked("arthralgia"),
    marked("AST increased"), marked("back pain"), marked("cholesterol high"), marked("constipation"), marked("cough"),
    marked("decreased appetite"), marked("diarrhea"), marked("dry mouth"), marked("dysgeusia"), marked("dyspnea"),
    marked("edema"), marked("epistaxis"), marked("fatigue"), marked("fever"), marked("headache"),
    marked("hematologic"), marked("hot flashes"), marked("hyperglycemia"), marked("hypertension"),
    marked("hypertriglyceridemia"), marked("insomnia"), marked("nausea"), marked("pneumonitis"), marked("pruritus"),
    marked("skin"), marked("stomatitis"), marked("urinary tract infection"), marked("vomiting"),
    marked("weight loss"),
)  # fmt: skip
"""Of config/codelists/adverse_events.csv."""
DRUGS = (
    marked("aromatase inhibitor"), marked("bone protection"), marked("CDK4/6 inhibitor"), marked("chemotherapy"),
    marked("endocrine"), marked("everolimus"), marked("everolimus exemestane"), marked("exemestane"),
    marked("HER2 directed"), marked("immunosuppressant"), marked("mTOR inhibitor"), marked("other"),
    marked("other support"), marked("ovarian suppression"), marked("PI3K AKT inhibitor"),
)  # fmt: skip
"""Groups of drugs, and classes of lines, as studies name them."""
