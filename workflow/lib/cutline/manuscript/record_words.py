"""Tables, columns and values of the records, as sentences of the report name them."""

from __future__ import annotations

import re

from cutline.languages import marked, tell, with_decimal_sign
from cutline.manuscript.markdown import escaped

TABLES = {
    "adverse_events": marked("adverse events"),
    "assessments": marked("assessments"),
    "deaths": marked("deaths"),
    "diagnoses": marked("diagnoses"),
    "doses": marked("doses"),
    "follow_up": marked("follow-up"),
    "lesions": marked("lesions"),
    "lines": marked("lines of therapy"),
    "observations": marked("observations"),
    "pathology": marked("pathology"),
    "patients": marked("patients"),
    "procedures": marked("procedures"),
    "treatments": marked("treatments"),
    "visits": marked("visits"),
}
COLUMNS = {
    "action": marked("action"),
    "assessor": marked("assessor"),
    "atc": marked("ATC code"),
    "basis": marked("basis"),
    "cause": marked("cause"),
    "class": marked("class"),
    "dose_mg": marked("dose mg"),
    "drug": marked("drug"),
    "grade": marked("grade"),
    "histology": marked("histology"),
    "icd10": marked("ICD-10 code"),
    "intent": marked("intent"),
    "item": marked("item"),
    "kind": marked("kind"),
    "line": marked("line"),
    "measurable": marked("measurable"),
    "modality": marked("modality"),
    "overall_response": marked("overall response"),
    "procedure": marked("procedure"),
    "reason": marked("reason"),
    "regimen": marked("regimen"),
    "relatedness": marked("relatedness"),
    "setting": marked("setting"),
    "sex": marked("sex"),
    "site": marked("site"),
    "specimen": marked("specimen"),
    "stage": marked("stage"),
    "status": marked("status"),
    "stop_reason": marked("stop reason"),
    "term": marked("term"),
    "value": marked("value"),
}
"""Columns that criteria and definitions name, with what is theirs: in other languages `its grade`, not `grade`."""
VALUES = {
    "adjuvant": marked("adjuvant"),
    "alive": marked("alive"),
    "clinician": marked("clinician"),
    "curative": marked("curative"),
    "dead": marked("dead"),
    "diagnostic": marked("diagnostic"),
    "ecog": marked("ecog"),
    "endocrine_sensitive": marked("endocrine sensitive"),
    "lost": marked("lost"),
    "menopausal_status": marked("menopausal status"),
    "metastasis": marked("metastasis"),
    "metastatic": marked("metastatic"),
    "neoadjuvant": marked("neoadjuvant"),
    "ovarian_suppression": marked("ovarian suppression"),
    "palliative": marked("palliative"),
    "primary": marked("primary"),
    "progression": marked("progression"),
    "radiology": marked("radiology"),
    "randomised_to": marked("randomised to"),
    "toxicity": marked("toxicity"),
    "visceral_disease": marked("visceral disease"),
    "weight": marked("weight"),
}
"""Values that sources record in these words; others, such as codes and names, stay as they are."""
SITES = {
    "adrenal": marked("adrenal"),
    "bone": marked("bone"),
    "bowel": marked("bowel"),
    "brain": marked("brain"),
    "breast": marked("breast"),
    "digestive_other": marked("digestive other"),
    "distant_nodes": marked("distant nodes"),
    "kidney": marked("kidney"),
    "liver": marked("liver"),
    "lung": marked("lung"),
    "lymph_node": marked("lymph node"),
    "mediastinum": marked("mediastinum"),
    "nervous_other": marked("nervous other"),
    "ovary": marked("ovary"),
    "peritoneum": marked("peritoneum"),
    "pleura": marked("pleura"),
    "respiratory_other": marked("respiratory other"),
    "skin": marked("skin"),
    "soft_tissue": marked("soft tissue"),
    "urinary": marked("urinary"),
}
"""Sites of lesions, and the places that codes of metastases stand for."""
DATES = {
    "assessment": marked("assessment"),
    "birth": marked("birth"),
    "contact": marked("contact"),
    "death": marked("death"),
    "diagnosis": marked("diagnosis"),
    "end": marked("end"),
    "onset": marked("onset"),
    "procedure": marked("procedure"),
    "sample": marked("sample"),
    "start": marked("start"),
    "stop": marked("stop"),
}
"""What the dates of the records are of."""


def table_in_words(table: str) -> str:
    return _in_words(TABLES.get(table, table))


def column_in_words(column: str) -> str:
    return _in_words(COLUMNS.get(column, column))


_NUMBER = re.compile(r"-?\d+\.\d+")


def value_in_words(value: str) -> str:
    return with_decimal_sign(value) if _NUMBER.fullmatch(value) else _in_words((VALUES | SITES).get(value, value))


def date_in_words(column: str) -> str:
    """What a column's date is of: `diagnoses.diagnosis_date` is `diagnosis`."""
    of = column.rpartition(".")[2].removesuffix("_date")
    return _in_words(DATES.get(of, of))


def _in_words(name: str) -> str:
    return escaped(tell(name).replace("_", " "))
