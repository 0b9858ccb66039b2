"""Tables, columns and values of the records, as sentences of the report name them."""

from __future__ import annotations

import re

from cutline.languages import marked, tell, with_decimal_sign
from cutline.manuscript.markdown import escaped

RENAMED_TABLES = {"follow_up": marked("follow-up"), "lines": marked("lines of therapy")}
RENAMED_COLUMNS = {"atc": marked("ATC code"), "icd10": marked("ICD-10 code")}
"""Names that sentences say otherwise than their ids; those below are listed so that the catalogues know them."""
TABLES = (
    marked("adverse events"), marked("assessments"), marked("deaths"), marked("diagnoses"), marked("doses"),
    marked("lesions"), marked("observations"), marked("pathology"), marked("patients"), marked("procedures"),
    marked("treatments"), marked("visits"),
)  # fmt: skip
COLUMNS = (
    marked("action"), marked("assessor"), marked("basis"), marked("cause"), marked("class"), marked("dose mg"),
    marked("drug"), marked("grade"), marked("histology"), marked("intent"), marked("item"), marked("kind"),
    marked("line"), marked("measurable"), marked("modality"), marked("overall response"), marked("procedure"),
    marked("reason"), marked("regimen"), marked("relatedness"), marked("setting"), marked("sex"),
    marked("site"), marked("specimen"), marked("stage"), marked("status"), marked("stop reason"),
    marked("term"), marked("value"),
)  # fmt: skip
"""Columns that criteria and definitions name, with what is theirs: in other languages `its grade`, not `grade`."""
VALUES = (
    marked("adjuvant"), marked("alive"), marked("clinician"), marked("curative"), marked("dead"),
    marked("diagnostic"), marked("ecog"), marked("endocrine sensitive"), marked("lost"),
    marked("menopausal status"), marked("metastasis"), marked("metastatic"), marked("neoadjuvant"),
    marked("ovarian suppression"), marked("palliative"), marked("primary"), marked("progression"),
    marked("radiology"), marked("randomised to"), marked("toxicity"), marked("visceral disease"),
    marked("weight"),
)  # fmt: skip
"""Values that sources record in these words; others, such as codes and names, stay as they are."""
SITES = (
    marked("adrenal"), marked("bone"), marked("bowel"), marked("brain"), marked("breast"),
    marked("digestive other"), marked("distant nodes"), marked("kidney"), marked("liver"), marked("lung"),
    marked("lymph node"), marked("mediastinum"), marked("nervous other"), marked("ovary"), marked("peritoneum"),
    marked("pleura"), marked("respiratory other"), marked("skin"), marked("soft tissue"), marked("urinary"),
)  # fmt: skip
"""Sites of lesions, and the places that codes of metastases stand for."""
DATES = (
    marked("assessment"), marked("birth"), marked("contact"), marked("death"), marked("diagnosis"),
    marked("end"), marked("onset"), marked("procedure"), marked("sample"), marked("start"), marked("stop"),
)  # fmt: skip
"""What the dates of the records are of."""


def table_in_words(table: str) -> str:
    return _in_words(RENAMED_TABLES.get(table, table))


def column_in_words(column: str) -> str:
    return _in_words(RENAMED_COLUMNS.get(column, column))


_NUMBER = re.compile(r"-?\d+\.\d+")


def value_in_words(value: str) -> str:
    return with_decimal_sign(value) if _NUMBER.fullmatch(value) else _in_words(value)


def date_in_words(column: str) -> str:
    """What a column's date is of: `diagnoses.diagnosis_date` is `diagnosis`."""
    of = column.rpartition(".")[2].removesuffix("_date")
    return _in_words(of)


def _in_words(name: str) -> str:
    return escaped(tell(name.replace("_", " ")))
