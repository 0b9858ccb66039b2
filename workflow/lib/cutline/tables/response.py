"""Derived: the response of each assessment, and at best."""

from cutline.tables.imaging import RESPONSES
from cutline.tables.spec import Column, Table

VISITS = Table(
    "visits",
    "One row per tumour assessment of each person with an index date: its response as recorded and as derived.",
    (
        Column("record_id", "text", "record_id of the assessment", required=True),
        Column("patient_id", "text", "pseudonym", required=True),
        Column("visit_date", "date", "day of the assessment", required=True),
        Column(
            "phase", "text", "before, baseline (the last one up to the index date), on_study", required=True, few=True
        ),
        Column("recorded_response", "text", "overall response as recorded", allowed=RESPONSES, few=True),
        Column(
            "derived_response",
            "text",
            "overall response by RECIST 1.1; blank where it cannot be derived",
            allowed=RESPONSES,
            few=True,
        ),
        Column("overall_response", "text", "the one of the two that is in force", allowed=RESPONSES, few=True),
        Column("reason", "text", "why the derived response is what it is", required=True, few=True),
        Column("target_response", "text", "response of the target lesions; blank without measurable disease", few=True),
        Column("non_target", "text", "response of the non-target lesions; blank where there are none", few=True),
        Column("new_lesions", "text", "whether there are new lesions", allowed=("yes", "no", "equivocal"), few=True),
        Column("measurable", "text", "whether the baseline has target lesions; blank if unknown", few=True),
        Column("target_sum_mm", "number", "sum of the target lesions; blank unless all were measured", unit="mm"),
        Column("baseline_sum_mm", "number", "the same at baseline", unit="mm"),
        Column("nadir_sum_mm", "number", "smallest sum on earlier days from baseline on", unit="mm"),
        Column("change_percent", "number", "change of the sum from baseline", unit="percent"),
        Column("assessor", "text", "radiology, clinician", few=True),
        Column("source_table", "text", "table of the assessment", required=True, few=True),
        Column("source_record_id", "text", "the assessment", required=True),
    ),
    sort=("patient_id", "visit_date", "record_id"),
)

RESPONSE = Table(
    "response",
    "One row per included person: best overall response, unconfirmed and confirmed.",
    (
        Column("patient_id", "text", "pseudonym", required=True),
        Column("best_response", "text", "CR, PR, SD, NON-CR/NON-PD, PD, NE, MISSING; unconfirmed", required=True),
        Column("reason", "text", "why this category", required=True),
        Column("source_table", "text", "table of the record it rests on"),
        Column("source_record_id", "text", "record it rests on"),
        Column("source_date", "date", "date of that record"),
        Column("confirmed_response", "text", "the same where a response must be confirmed", required=True),
        Column("confirmed_reason", "text", "why this category", required=True),
        Column("confirmed_record_id", "text", "record it rests on"),
        Column("confirmed_date", "date", "date of that record"),
        Column("first_response_date", "date", "first complete or partial response"),
        Column("first_response_record_id", "text", "its record"),
        Column("first_confirmed_response_date", "date", "first complete or partial response that was confirmed later"),
        Column("first_confirmed_response_record_id", "text", "its record"),
        Column("clinical_benefit", "flag", "response, or no progression up to the study's duration", required=True),
        Column("confirmed_clinical_benefit", "flag", "the same with confirmed responses", required=True),
        Column("evaluable", "flag", "an assessment that counts and is not NE", required=True),
        Column("best_change_percent", "number", "lowest change of the target sum from baseline, up to progression",
               unit="percent"),
    ),
    sort=("patient_id",),
)  # fmt: skip

TABLES = (VISITS, RESPONSE)
