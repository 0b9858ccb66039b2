"""Every plausibility rule as data: how grave it is, what it means, what to do about it, which tables it uses.

Which rows break a rule is in `checks`. Questions that derivations ask (`queries.KINDS`) are rules too: they are found
where the facts are derived. Read before every run, so without pandas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cutline.marking import marked
from cutline.queries import KINDS

ERROR, WARNING, NOTE, OFF = "error", "warning", "note", "off"
SEVERITIES = (ERROR, WARNING, NOTE)
"""Of an error the record, or the value, is set aside; a warning is asked about; a note is counted. Gravest first."""


@dataclass(frozen=True)
class Rule:
    """A plausibility rule. `tables` are those it looks at, none for every table; `uses` are those it compares with."""

    id: str
    severity: str
    note: str
    action: str
    tables: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()


_SOURCE = "Look it up in the source document and give the value written there."
_DATE = "Look up both dates in the source documents and correct the wrong one."
_KEEP_ONE = "Say which record stands, and withdraw the other."
_DATED = ("treatments", "doses", "procedures", "assessments", "lesions", "observations", "adverse_events", "follow_up")
_CONTACTED = ("treatments", "procedures", "assessments", "observations", "adverse_events")

OF_EVERY_TABLE = (
    Rule("missing", ERROR, marked("no value where one is needed"), _SOURCE),
    Rule("not_a_date", ERROR, marked("not a real date"), "Give the date as YYYY-MM-DD, or empty the value."),
    Rule("not_a_number", ERROR, marked("not a number"), _SOURCE),
    Rule("not_whole", ERROR, marked("not a whole number"), _SOURCE),
    Rule("out_of_range", ERROR, marked("a number outside the range that is possible"), _SOURCE),
    Rule("not_allowed", ERROR, marked("not one of the values that are allowed"), "Choose one of the allowed values."),
    Rule("copy", ERROR, marked("the same as an earlier record"), "Nothing, if it was entered twice; else correct it."),
    Rule("same_id", ERROR, marked("another record has the same id"), "Give one of the two another id in the source."),
    Rule("unknown_patient", ERROR, marked("the patient is not in the table of persons"),
         "Correct the patient's number in the source, or withdraw the record."),
)  # fmt: skip
"""Rules of every table, which the specs of its columns give; in an optional column they set the value aside."""

OF_SOME_TABLES = (
    Rule("before_everything", ERROR, marked("death dated before every other record of the person"), _DATE, ("deaths",),
         ("patients", "diagnoses", "pathology", *_DATED)),
    Rule("before_birth", ERROR, marked("dated before the person was born"),
         _DATE, ("deaths", "diagnoses"), ("patients",)),
    Rule("stops_before_start", ERROR, marked("ends before it starts"), _DATE, ("treatments", "doses")),
    Rule("ends_before_onset", ERROR, marked("the event ends before it begins"), _DATE, ("adverse_events",)),
    Rule("worst_before_onset", ERROR, marked("the worst grade is dated before the event begins"),
         _DATE, ("adverse_events",)),
    Rule("worst_below_onset", ERROR, marked("the worst grade is below the grade at onset"),
         _SOURCE, ("adverse_events",)),
    Rule("impossible_ecog", ERROR, marked("an ECOG performance status that is not 0, 1, 2, 3, 4 or 5"), _SOURCE,
         ("observations",)),
    Rule("after_death", ERROR, marked("dated after the person's death"), _DATE, _DATED, ("deaths",)),
    Rule("finding_after_death", WARNING, marked("a diagnosis or sample dated after death, and not an autopsy's"),
         "Confirm that it is from an autopsy, or correct the date.", ("diagnoses", "pathology"), ("deaths",)),
    Rule("treatment_before_diagnosis", WARNING, marked("a treatment begun before the first diagnosis"), _DATE,
         ("treatments",), ("diagnoses",)),
    Rule("metastasis_before_primary", WARNING, marked("a metastasis dated before the first diagnosis of cancer"), _DATE,
         ("diagnoses",)),
    Rule("progression_before_index", WARNING, marked("progression dated before the index date and after its baseline"),
         "Correct the date, or confirm that the disease progressed before the treatment began.",
         ("assessments", "subjects"), ("cohort",)),
    Rule("duplicate_visit", WARNING, marked("two records of one visit that say different things"), _KEEP_ONE,
         ("assessments", "follow_up")),
    Rule("after_loss", WARNING,
         marked("dated after the last contact, which says that the person was lost to follow-up"),
         "Correct the date, or enter the contact at which the person was seen again.", _CONTACTED, ("follow_up",)),
    Rule("after_last_contact", NOTE, marked("dated after the last contact"),
         "Nothing, if the visit was no contact of its own; else enter the contact.", _CONTACTED, ("follow_up",)),
    Rule("dead_at_visit", WARNING, marked("ECOG 5, and no death recorded by that day"),
         "Enter the death, or correct the value.", ("observations",), ("deaths",)),
    Rule("fatal_without_death", WARNING, marked("a fatal event of a person without a date of death"),
         "Enter the death, or correct grade or outcome.", ("adverse_events",), ("deaths",)),
    Rule("no_parent", WARNING, marked("belongs to a record that is not there"),
         "Correct the number of the record it belongs to.", ("doses", "lesions"), ("treatments", "assessments")),
    Rule("implausible_range", WARNING, marked("a number outside the usual range, perhaps in another unit"), _SOURCE,
         ("observations", "treatments", "doses", "pathology", "assessments", "lesions")),
    Rule("unexpected_unit", WARNING, marked("a unit in which this item is not measured"),
         "Give value and unit as measured.",
         ("observations",)),
    Rule("unknown_code", WARNING, marked("a word or code that no code list of the data has"),
         "Choose one of the known words."),
    Rule("malformed_code", WARNING, marked("not written as a code of its classification is"), _SOURCE,
         ("diagnoses", "treatments")),
    Rule("written_before", NOTE, marked("written on a day before the one it tells of"),
         "Nothing, if it was planned and took place; else correct the date."),
)  # fmt: skip

_ASKED_OF = {
    "receptor_unresolved": ("pathology",), "receptor_conflict": ("pathology",), "receptor_differs": ("pathology",),
    "her2_equivocal": ("pathology",), "line_number_differs": ("treatments",),
    "everolimus_transplant_code": ("treatments",), "drug_code_unknown": ("treatments",),
    "treatment_setting_unknown": ("treatments", "diagnoses"),
    "aromatase_inhibitor_without_suppression": ("treatments", "observations", "procedures"),
    "response_differs": ("assessments", "lesions"),
}  # fmt: skip
ASKED = tuple(Rule(kind, WARNING, note, _SOURCE, _ASKED_OF.get(kind, ())) for kind, note in KINDS.items())
"""What derivations ask: facts that contradict each other, or that are not decided."""

RULES: dict[str, Rule] = {rule.id: rule for rule in (*OF_EVERY_TABLE, *OF_SOME_TABLES, *ASKED)}
CHANGEABLE = tuple(rule.id for rule in OF_SOME_TABLES if rule.severity != ERROR)
"""Rules whose severity a study may choose: an error decides what is analysed, a derivation's question is its own."""


def rules_of(severity: Mapping[str, str], tables: Mapping[str, object]) -> list[Rule]:
    """The rules that look at any of the study's tables, each with the severity the study gives it; none that is off."""
    chosen = [replace(rule, severity=severity.get(rule.id, rule.severity)) for rule in RULES.values()]
    return [rule for rule in chosen if rule.severity != OFF and (not rule.tables or set(rule.tables) & set(tables))]
