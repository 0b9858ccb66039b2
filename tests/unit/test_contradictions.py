"""What a schema cannot see is told before the first job, with its place and what was expected."""

import copy
from pathlib import Path

import pytest

from cutline.contradictions import GIVES, NEEDS, contradictions
from cutline.covariates import DERIVATIONS
from cutline.study import load_study

ROOT = Path(__file__).parents[2]
DATED, DURATIONS = "everolimus_exemestane", "gbsg2"
STUDIES = {name: load_study(ROOT, {"study": name}) for name in (DATED, DURATIONS)}


def change(study, place, value):
    """The study with another value at a dotted place; None removes it."""
    changed = copy.deepcopy(study)
    *path, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    part = changed
    for key in path:
        part = part[key]
    if value is None:
        del part[last]
    else:
        part[last] = value
    return changed


def faults(name, place, value):
    return contradictions(change(STUDIES[name], place, value), ROOT)


@pytest.mark.parametrize("name", STUDIES)
def test_the_studies_of_the_repository_contradict_nothing(name):
    assert contradictions(STUDIES[name], ROOT) == []


def test_every_derivation_has_its_needs_and_its_kinds_here():
    assert set(NEEDS) | {"receptor_er", "receptor_pr", "receptor_her2"} == set(DERIVATIONS)
    assert set(GIVES) <= set(DERIVATIONS)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        # names
        ("baseline.variables", ["ecgo"], "baseline.variables: unknown variable 'ecgo'; did you mean ecog?"),
        ("comparisons.main", "ecgo", "comparisons or baseline.by: unknown variable 'ecgo'; did you mean ecog?"),
        ("follow_up_endpoint", "oss", "follow_up_endpoint: unknown endpoint 'oss'; did you mean os?"),
        ("variables.histology.codelist", "histolgy",
         "variables.histology.codelist: unknown code list 'histolgy'; did you mean histology?"),
        ("safety.codelist", "adverse_event",
         "safety.codelist: unknown code list 'adverse_event'; did you mean adverse_events?"),
        ("criteria.11.require_in_window", "index_dat",
         "criteria.outside_window: unknown variable 'index_dat'; did you mean index_date?"),
        # kinds
        ("comparisons.main", "cdk46_duration",
         "comparisons: 'cdk46_duration' is continuous; groups need a categorical variable"),
        ("baseline.variables", ["index_date"],
         "baseline.variables: 'index_date' is a date; expected categorical or continuous variables"),
        ("models.os", ["diagnosis_date"],
         "models.os: 'diagnosis_date' is a date; expected categorical or continuous variables"),
        ("variables.ecog.anchor", "her2_status",
         "variables.ecog.anchor: 'her2_status' is categorical; expected a date variable"),
        # variables
        ("variables.ecog.select", None,
         "variables.ecog: missing key(s) select, which derive: record_value needs"),
        ("variables.ecog.select.value", None,
         "variables.ecog.select: missing key(s) value, which derive: record_value needs"),
        ("variables.ecog.anchor", None,
         "variables.ecog: missing key(s) anchor, the date that its records are chosen by"),
        ("variables.er_status.anchor", None,
         "variables.er_status: missing key(s) anchor, the date that its records are chosen by"),
        ("variables.age_at_diagnosis.anchor", None,
         "variables.age_at_diagnosis: missing key(s) anchor, which derive: age needs"),
        ("variables.de_novo.days", None, "variables.de_novo: missing key(s) days, which derive: within needs"),
        ("variables.cdk46_duration.to", None,
         "variables.cdk46_duration: missing key(s) to, which derive: interval needs"),
        ("variables.cdk46_duration.unit", "weeks",
         "variables.cdk46_duration.unit: found 'weeks', expected days or months"),
        ("variables.ecog.kind", "date",
         "variables.ecog.kind: found 'date', expected categorical or continuous, which derive: record_value gives"),
        ("variables.ecog.levels", {}, "variables.ecog: a categorical variable needs levels"),
        ("variables.ecog.reference", "5",
         "variables.ecog.reference: '5' is not one of its levels; known: 0, 1, 2, 3, 4"),
        ("variables.pr_status.levels.negative", None,
         "variables.pr_status.levels: missing negative, which derive: receptor_pr gives"),
        ("variables.pr_status.levels.low_positive", "Low",
         "variables.pr_status.levels: found low_positive, which derive: receptor_pr never gives; it gives negative, "
         "positive"),
        ("variables.her2_status.select.prefer", {"specimn": ["metastasis"]},
         "variables.her2_status.select: table pathology has no column 'specimn'; did you mean specimen?"),
        ("variables.adjuvant_treatment.select.prefer", {"intent": ["curative"]},
         "variables.adjuvant_treatment.select.prefer: only where one record is chosen"),
        ("variables.cdk46_duration_group.cut_points", [14.3, 20],
         "variables.cdk46_duration_group.cut_points: found 2 for 2 levels; expected rising cut points and one level "
         "more than those"),
        ("variables.cdk46_duration_group.inputs", ["ecog"],
         "variables.cdk46_duration_group.inputs: 'ecog' is categorical; expected continuous"),
        ("variables.subtype.inputs", ["er_status", "her2_status"],
         "variables.subtype.inputs: found 2, expected 3 for derive: subtype"),
        ("variables.diagnosis_date.anchor", "diagnosis_date",
         "variables: derived from themselves: diagnosis_date from diagnosis_date"),
        # criteria
        ("criteria.0.exclude", {"her2_status": ["positve"]},
         "criteria.her2_positive.exclude.her2_status: 'positve' is not one of its levels; did you mean positive?"),
        ("criteria.8.require", {"everolimus_dose": ["10.0"]},
         "criteria.other_starting_dose.require.everolimus_dose: found '10.0', expected a number as 10 or 2.5"),
        ("criteria.1.id", "her2_positive",
         "criteria.her2_positive: 2 criteria have this id; expected one, since it names their result"),
        ("criteria.11.require_in_window", None,
         "criteria.outside_window: asks nothing; expected one of exclude, require, require_known, "
         "require_known_columns, require_records, require_in_window"),
        ("window", None,
         "criteria.outside_window.require_in_window: the study has no window; add one or leave this criterion out"),
        ("criteria.2.require_records", ["assesments"],
         "criteria.missing_or_incomplete.require_records: table 'assesments' is not in source.tables; did you mean "
         "assessments?"),
        # endpoints
        ("endpoints.os.censoring", None,
         "endpoints.os: found events, expected events and censoring in a study with dates"),
        ("endpoints.os.columns", {"time_days": "time", "event": "cens", "event_values": ["1"]},
         "endpoints.os: found columns and events and censoring, expected events and censoring in a study with dates"),
        ("endpoints.pfs.start", "diagnosis_date",
         "endpoints.pfs.start: found 'diagnosis_date', expected index_date"),
        ("endpoints.pfs.events.1.date", None,
         "endpoints.pfs.events.1: missing key(s) date, the column that dates the records of deaths"),
        ("endpoints.pfs.events.1", {"reason": "death", "at": "start"},
         "endpoints.pfs.events.1: found at, expected one of table"),
        # records
        ("endpoints.pfs.events.0.where", {"overall_response": ["PDD"]},
         "endpoints.pfs.events.0: overall_response is never 'PDD' in assessments; did you mean PD?"),
        ("endpoints.pfs.events.0.where", {"response": ["PD"]},
         "endpoints.pfs.events.0: table assessments has no column 'response'; did you mean overall_response?"),
        ("endpoints.os.censoring.0.latest_of", [{"table": "follow_up", "date": "contact_dat"}],
         "endpoints.os.censoring.0: table follow_up has no column 'contact_dat'; did you mean contact_date?"),
        ("variables.ecog.select.date", "item",
         "variables.ecog.select: column 'item' of observations is of kind text, expected a date"),
        ("response.value", "overal_response",
         "response: table assessments has no column 'overal_response'; did you mean overall_response?"),
        ("safety.drugs", {"act": ["L01EG02"]}, "safety.drugs: table treatments has no column 'act'; did you mean atc?"),
        ("safety.table", "doses", "safety.table: table doses has no column 'term'; known: record_id"),
        ("source.tables.patients", None,
         "source.tables: found no table of persons, expected patients or subjects"),
        ("source.tables.visits", {}, "source.tables: unknown table(s) visits"),
        # dates, files, report
        ("window.end", "2019-01-01", "window: it ends (2019-01-01) before it starts (2020-01-01)"),
        ("index_date", None, "index_date: missing; a study with dates needs its time zero"),
        ("index_date.select.take", "nearest", "index_date.select: nothing comes before time zero"),
        ("codelists.histology", "config/codelists/none.csv",
         "codelists.histology: config/codelists/none.csv does not exist"),
        ("codelists.histology", "config/codelists/adverse_events.csv",
         "codelists.histology: adverse_events.csv has no column(s) level"),
        ("report.sections", "genric", "report.sections: no folder reports/sections/genric; did you mean generic?"),
        ("report.profile", "public", "report.profile: 'public' is not built yet"),
    ],
)  # fmt: skip
def test_a_study_with_dates(place, value, said):
    assert [fault for fault in faults(DATED, place, value) if fault.startswith(said)], faults(DATED, place, value)


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("variables.age.column", "agee",
         "variables.age.column: table subjects has no column 'agee'; did you mean age?"),
        ("variables.menopausal_status.values", {"Pre": "premenopausal", "Pots": "postmenopausal"},
         "variables.menopausal_status.column: menopausal_status is never 'Pots' in subjects; did you mean Post?"),
        ("variables.menopausal_status.values", {"Pre": "premenopausl", "Post": "postmenopausal"},
         "variables.menopausal_status.values.Pre: 'premenopausl' is not one of its levels; did you mean "
         "premenopausal?"),
        ("criteria.0.require_known_columns", ["tme"],
         "criteria.no_follow_up.require_known_columns: table subjects has no column 'tme'; did you mean time?"),
        ("endpoints.rfs.columns.time_days", "tme",
         "endpoints.rfs.columns: table subjects has no column 'tme'; did you mean time?"),
        ("endpoints.rfs.columns.event_values", ["yes"],
         "endpoints.rfs.columns: recurred is never 'yes' in subjects; known: 0, 1"),
        ("endpoints.rfs.columns", None,
         "endpoints.rfs: found neither columns nor events, expected columns in a study with durations"),
        ("time_only", False, "endpoints.rfs: found columns, expected events and censoring in a study with dates"),
        ("known_by", "1995-01-01", "known_by: this study holds durations and no dates"),
        ("response", {"table": "subjects", "date": "time", "value": "age"},
         "response: this study holds durations and no dates (time_only)"),
    ],
)  # fmt: skip
def test_a_study_with_durations(place, value, said):
    assert [fault for fault in faults(DURATIONS, place, value) if fault.startswith(said)], faults(
        DURATIONS, place, value
    )


def test_a_pattern_may_end_in_anything():
    assert faults(DATED, "endpoints.pfs.events.0.where", {"overall_response": ["P*"]}) == []


def test_recorded_words_are_compared_without_case():
    assert faults(DATED, "endpoints.pfs.events.0.where", {"overall_response": ["pd"]}) == []


def test_a_study_with_dates_needs_no_window():
    study = change(STUDIES[DATED], "window", None)
    assert contradictions(change(study, "criteria.11", None), ROOT) == []


def test_every_contradiction_is_told_at_once():
    study = change(change(STUDIES[DATED], "report.sections", "genric"), "criteria.0.exclude", {"ecgo": ["0"]})
    assert len(contradictions(study, ROOT)) == 2
