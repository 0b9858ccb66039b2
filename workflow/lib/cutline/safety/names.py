"""What results of adverse events are of: the words of keys, and how organ classes are written. No pandas."""

from __future__ import annotations

UNMAPPED = "unmapped"
"""The one term and class of all events that the code list lacks: what was written may hold a name, keys are public."""

DEFAULT_VERSION = "5.0"
"""Of CTCAE."""

GRADES = (1, 2, 3, 4, 5)
NOT_RECORDED = "not_recorded"
HIGH = "grade_3_or_higher"
ASPECTS = (HIGH, "related", "dose_reduced", "interrupted", "discontinued", "fatal")
"""What is counted of persons with an event, beside its grade."""

TERM, CLASS = "term", "soc"
VARIABLES = {TERM: "adverse_event", CLASS: "system_organ_class"}
"""Part of a key → the column `variable` of its rows."""

RESERVED = (TERM, CLASS, "any", "none", "grade", "exposure", "grade_3_or_4", "treatment_related_deaths", *ASPECTS)
"""Words that stand where the key of a comparison names the variable of the groups."""

CLASS_NAMES = {
    "congenital_familial_and_genetic_disorders": "Congenital, familial and genetic disorders",
    "injury_poisoning_and_procedural_complications": "Injury, poisoning and procedural complications",
    "neoplasms_benign_malignant_and_unspecified": "Neoplasms benign, malignant and unspecified",
    "pregnancy_puerperium_and_perinatal_conditions": "Pregnancy, puerperium and perinatal conditions",
    "respiratory_thoracic_and_mediastinal_disorders": "Respiratory, thoracic and mediastinal disorders",
}
"""System organ classes whose names an id cannot be read back to, because they have commas."""
