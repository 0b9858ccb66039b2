"""What a schema cannot see is told before the first job, with its place and what was expected."""

import copy
from pathlib import Path

import pytest

from cutline.contradictions import contradictions
from cutline.contradictions.sections import unfit_safety
from cutline.contradictions.variables import GIVES, NEEDS
from cutline.covariates.derive import DERIVATIONS
from cutline.study import load_study

ROOT = Path(__file__).parents[2]
DATED, DURATIONS = "everolimus_exemestane", "gbsg2"
TRIAL = "bolero2"
STUDIES = {name: load_study(ROOT, {"study": name}) for name in (DATED, DURATIONS, TRIAL)}


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
        ("baseline.in_text", ["de_novo"], "baseline.in_text: 'de_novo' is not among baseline.variables"),
        ("comparisons.main", "ecgo", "comparisons or baseline.by: unknown variable 'ecgo'; did you mean ecog?"),
        ("follow_up_endpoint", "oss", "follow_up_endpoint: unknown endpoint 'oss'; did you mean os?"),
        ("variables.histology.codelist", "histolgy",
         "variables.histology.codelist: unknown code list 'histolgy'; did you mean histology?"),
        ("safety.codelist", "adverse_event",
         "safety.codelist: unknown code list 'adverse_event'; did you mean adverse_events?"),
        ("criteria.11.require.in_window", "index_dat",
         "criteria.outside_window.require.in_window: unknown variable 'index_dat'; did you mean index_date?"),
        # kinds
        ("comparisons.main", "cdk46_duration",
         "comparisons: 'cdk46_duration' is continuous; groups need a categorical variable"),
        ("baseline.variables", ["index_date"],
         "baseline.variables: 'index_date' is a date; expected categorical or continuous variables"),
        ("model_strata", {"os": ["ecgo"]}, "models.os.strata: unknown variable 'ecgo'; did you mean ecog?"),
        ("model_strata", {"os": ["age_at_diagnosis"]},
         "models.os.strata: 'age_at_diagnosis' is continuous; strata need a categorical variable"),
        ("model_strata", {"os": ["ecog"]},
         "models.os.strata: 'ecog' is a covariate of this model too; expected one of the two"),
        ("variables.ecog.levels.overall", "Overall",
         "variables.ecog.levels: 'overall' is the name of a test in the results' keys; choose another id"),
        ("models.os", ["diagnosis_date"],
         "models.os: 'diagnosis_date' is a date; expected categorical or continuous variables"),
        ("variables.ecog.anchor", "her2_status",
         "variables.ecog.anchor: 'her2_status' is categorical; expected a date variable"),
        # lines of therapy and queries
        ("lines.supportive", ["bone"], "lines.supportive: unknown group of drugs 'bone'"),
        ("lines.classes.chemotherapy", ["chemo"], "lines.classes.chemotherapy: unknown group of drugs 'chemo'"),
        ("lines.only_together.everolimus", "exemestan",
         "lines.only_together: unknown group of drugs 'exemestan'; did you mean exemestane?"),
        ("lines.gap_days", 27, "lines.gap_days: found 27, expected at least regimen_days, 28"),
        ("lines.never", ["bone_protection"], "lines.never: 'bone_protection' is supportive too"),
        ("lines.classes.other", ["endocrine"], "lines.classes.other: this is the class of lines that fit no other"),
        ("lines.metastasis.date", "dated", "lines.metastasis: table diagnoses has no column 'dated'"),
        ("index_date.select.where", {"clas": ["x"]}, "index_date.select: table lines has no column 'clas'"),
        ("queries.0.kind", "no_suppression", "queries.0.kind: unknown kind of query 'no_suppression'"),
        ("queries.0.about", "suppression", "queries.0: unknown variable 'suppression'"),
        ("queries.0.where.menopausal_status", ["pre"],
         "queries.0.where.menopausal_status: 'pre' is not one of its levels"),
        ("variables.prior_lines.before", None,
         "variables.prior_lines: missing key(s) before, after or anchor, the date that derive: count counts records"),
        ("variables.subsequent_class.otherwise", "nothing",
         "variables.subsequent_class.otherwise: 'nothing' is not one of its levels"),
        ("variables.ovarian_suppression.select.table", "observations",
         "variables.ovarian_suppression.select: table observations has no column 'stop_date'"),
        ("baseline.variables", ["prior_chemotherapy_agents"],
         "baseline.variables: 'prior_chemotherapy_agents' is a text; expected categorical or continuous variables"),
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
        ("variables.first_line_cdk46.select.prefer", {"intent": ["curative"]},
         "variables.first_line_cdk46.select.prefer: only where one record is chosen"),
        ("variables.cdk46_duration_group.cut_points", [14.3, 20],
         "variables.cdk46_duration_group.cut_points: found 2 for 2 levels; expected rising cut points and one level "
         "more than those"),
        ("variables.cdk46_duration_group.inputs", ["ecog"],
         "variables.cdk46_duration_group.inputs: 'ecog' is categorical; expected continuous"),
        ("variables.subtype.inputs", ["er_status", "her2_status"],
         "variables.subtype.inputs: found 2, expected 3 for derive: subtype"),
        ("variables.diagnosis_date.anchor", "diagnosis_date",
         "variables: derived from themselves: diagnosis_date from diagnosis_date"),
        ("variables.metastatic_sites.select", None,
         "variables.metastatic_sites: missing key(s) select, which derive: count needs"),
        ("variables.metastatic_sites.anchor", None,
         "variables.metastatic_sites: missing key(s) anchor, the date that its records are chosen by"),
        ("variables.metastatic_sites.distinct", "icd",
         "variables.metastatic_sites.select: table diagnoses has no column 'icd'; did you mean icd10?"),
        ("variables.bone_only.of", None, "variables.bone_only: missing key(s) of, which derive: only_of needs"),
        ("variables.visceral_disease.of", ["lungs"],
         "variables.visceral_disease.of: sites.csv never gives 'lungs'; did you mean lung?"),
        ("variables.visceral_disease.select.value", None,
         "variables.visceral_disease.select: missing key(s) value, which derive: any_of needs"),
        ("variables.cdk46_inhibitor.anchor", None,
         "variables.cdk46_inhibitor.anchor: missing; a baseline variable names the date variable that it is timed by"),
        ("baseline.by", ["menopausal"], "comparisons or baseline.by: unknown variable 'menopausal'"),
        ("baseline.by", ["cdk46_duration"], "comparisons: 'cdk46_duration' is continuous; groups need a categorical"),
        ("baseline", {"variables": [], "by": ["ecog"], "continuous_test": "welch"},
         "baseline.continuous_test: welch compares two groups, and 'ecog' has 5; take rank"),
        ("selection.variables", ["ecgo"], "selection.variables: unknown variable 'ecgo'; did you mean ecog?"),
        ("selection.variables", ["index_date"], "selection.variables: 'index_date' is a date; expected categorical"),
        # criteria
        ("criteria.0.exclude", {"her2_status": ["positve"]},
         "criteria.her2_positive.exclude.her2_status: 'positve' is not one of its levels; did you mean positive?"),
        ("criteria.0.exclude", {"any": [{"her2_status": ["low"]}, {"not": {"her2_statis": ["low"]}}]},
         "criteria.her2_positive.exclude.any.1.not.her2_statis: unknown variable 'her2_statis'; did you mean "
         "her2_status?"),
        ("criteria.0.exclude", {"knwon": ["ecog"]},
         "criteria.her2_positive.exclude.knwon: unknown variable 'knwon'; did you mean known?"),
        ("criteria.8.require", {"everolimus_dose": ["10.0"]},
         "criteria.other_starting_dose.require.everolimus_dose: found '10.0', expected a number as 10 or 2.5"),
        ("criteria.8.require", {"everolimus_dose": {"equals": "ten"}},
         "criteria.other_starting_dose.require.everolimus_dose.equals: found 'ten', expected a number"),
        ("criteria.8.require", {"ecog": {"at_most": "1"}},
         "criteria.other_starting_dose.require.ecog: it has levels and cannot be compared; expected a list of its "
         "levels"),
        ("criteria.8.require", {"index_date": {"above": "2020-06-31"}},
         "criteria.other_starting_dose.require.index_date.above: found '2020-06-31', expected a real date as "
         "YYYY-MM-DD, or the name of a date variable"),
        ("criteria.8.require", {"index_date": {"above": "metastasis_dat"}},
         "criteria.other_starting_dose.require.index_date: unknown variable 'metastasis_dat'; did you mean "
         "metastasis_date?"),
        ("criteria.8.require", {"index_date": {"above": "ecog"}},
         "criteria.other_starting_dose.require.index_date: 'ecog' is categorical; expected a date variable"),
        ("criteria.8.unknown", None,
         "criteria.other_starting_dose.unknown: missing; the answer can be unknown, so say what that does: exclude as "
         "missing, include or query"),
        ("criteria.1.id", "her2_positive",
         "criteria.her2_positive: 2 have this id; expected one, since it names their result"),
        ("criteria.1.id", "pending",
         "criteria.pending: a criterion cannot be called pending, which is what a person can be; rename it"),
        ("criteria.11.require", None,
         "criteria.outside_window: found neither, expected exactly one of require and exclude"),
        ("criteria.11.exclude", {"known": ["ecog"]},
         "criteria.outside_window: found require and exclude, expected exactly one of require and exclude"),
        ("window", None,
         "criteria.outside_window.require.in_window: the study has no window; add one or leave this out"),
        ("criteria.2.require.all.0.records.table", "assesments",
         "criteria.missing_or_incomplete.require.all.0.records: table 'assesments' is not in source.tables; did you "
         "mean assessments?"),
        ("criteria.9.exclude.records.date", "start",
         "criteria.prior_mtor_inhibitor.exclude.records: table treatments has no column 'start'; did you mean "
         "start_date?"),
        ("criteria.9.exclude.records.of", None,
         "criteria.prior_mtor_inhibitor.exclude.records: missing key(s) of, the date variable that days_after are "
         "counted from"),
        ("criteria.9.exclude.records.of", "ecog",
         "criteria.prior_mtor_inhibitor.exclude.records: 'ecog' is categorical; expected a date variable"),
        ("criteria.9.exclude.records.days_after", None,
         "criteria.prior_mtor_inhibitor.exclude.records: missing key(s) days_before or days_after"),
        ("criteria.9.exclude.records.date", None,
         "criteria.prior_mtor_inhibitor.exclude.records: missing key(s) date, the column that dates the records of "
         "treatments"),
        ("criteria.9.exclude.records.days_before", -2,
         "criteria.prior_mtor_inhibitor.exclude.records: the window ends before it starts"),
        ("criteria.9.exclude.records", {"table": "treatments", "at_least": 3, "at_most": 2},
         "criteria.prior_mtor_inhibitor.exclude.records: no number is at least 3 and at most 2"),
        ("variables.known", {"label": "x", "kind": "date", "derive": "record_date", "select": {"table": "deaths",
                                                                                               "date": "death_date"}},
         "variables.known: this word belongs to the language of criteria; give the variable another name"),
        ("what_if.0.without", ["other_dose"],
         "what_if.any_starting_dose.without: unknown criterion 'other_dose'; did you mean other_starting_dose?"),
        ("what_if.0.without", None,
         "what_if.any_starting_dose: found neither with nor without, so nothing is varied; expected one of them"),
        ("what_if.0.id", "main",
         "what_if.main: this is the name of a rule set; expected another one, since it names their results"),
        ("what_if.0.id", "postmenopausal_only", "what_if.postmenopausal_only: 2 have this id"),
        ("what_if.2.without", ["not_de_novo"], "what_if.incomplete_included: not_de_novo is in with and in without"),
        ("what_if.1.with.0.require", {"menopausal_status": ["postmenopause"]},
         "what_if.postmenopausal_only.with.not_postmenopausal.require.menopausal_status: 'postmenopause' is not one of "
         "its levels; did you mean postmenopausal?"),
        # endpoints
        ("endpoints.os.censoring", None,
         "endpoints.os: found events, expected events and censoring (or rule_set) in a study with dates"),
        ("endpoints.os.columns", {"time_days": "time", "event": "cens", "event_values": ["1"]},
         "endpoints.os: found columns and events and censoring, expected events and censoring (or rule_set) in a study "
         "with dates"),
        ("endpoints.pfs.start", "diagnosis_date",
         "endpoints.pfs.start: found 'diagnosis_date', expected index_date"),
        ("endpoints.pfs.events.1.date", None,
         "endpoints.pfs.events.1: missing key(s) date, the column that dates the records of deaths"),
        ("endpoints.pfs.events.1", {"reason": "death", "at": "start"},
         "endpoints.pfs.events.1: found at, expected one of table"),
        # records
        ("endpoints.pfs.events.0.where", {"overall_response": ["PDD"]},
         "endpoints.pfs.events.0: overall_response is never 'PDD' in visits; did you mean PD?"),
        ("endpoints.pfs.events.0.where", {"response": ["PD"]},
         "endpoints.pfs.events.0: table visits has no column 'response'; did you mean reason?"),
        ("endpoints.os.censoring.0.latest_of", [{"table": "follow_up", "date": "contact_dat"}],
         "endpoints.os.censoring.0: table follow_up has no column 'contact_dat'; did you mean contact_date?"),
        ("variables.ecog.select.date", "item",
         "variables.ecog.select: column 'item' of observations is of kind text, expected a date"),
        ("response.value", "overal_response",
         "response: table assessments has no column 'overal_response'; did you mean overall_response?"),
        ("safety.drugs", {"act": ["L01EG02"]}, "safety.drugs: table treatments has no column 'act'; did you mean atc?"),
        ("safety.new_therapy", {"table": "lines", "date": "begun"},
         "safety.new_therapy: table lines has no column 'begun'"),
        ("safety.by", "ecgo", "safety.by: unknown variable 'ecgo'; did you mean ecog?"),
        ("safety.by", "age_at_diagnosis", "safety.by: 'age_at_diagnosis' is continuous; groups need a categorical"),
        ("safety.ctcae_version", "4.03",
         "safety.ctcae_version: adverse_events.csv has no row of version '4.03'; it has"),
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
        ("report.disclosure", {"base": 5, "threshold": 12}, "report.disclosure.threshold: found 12, expected"),
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
        ("criteria.0.require.known_columns", ["tme"],
         "criteria.no_follow_up.require.known_columns: table subjects has no column 'tme'; did you mean time?"),
        ("endpoints.rfs.columns.time_days", "tme",
         "endpoints.rfs.columns: table subjects has no column 'tme'; did you mean time?"),
        ("endpoints.rfs.columns.event_values", ["yes"],
         "endpoints.rfs.columns: recurred is never 'yes' in subjects; known: 0, 1"),
        ("endpoints.rfs.columns", None,
         "endpoints.rfs: found neither columns nor events, expected columns in a study with durations"),
        ("time_only", False,
         "endpoints.rfs: found columns, expected events and censoring (or rule_set) in a study with dates"),
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


def test_groups_of_adverse_events_need_an_id_of_their_own_and_two_levels():
    levels = {"levels": {"a": "A"}}
    study = {"variables": {"term": levels}, "safety": {"by": "term"}}
    assert list(unfit_safety(study)) == [
        "safety.by: 'term' is a word of the keys of adverse events; give the variable another id",
        "safety.by: 'term' has one level, so there are no groups to compare",
    ]
    assert list(unfit_safety({"variables": {"arm": {"levels": {"a": "A", "b": "B"}}}, "safety": {"by": "arm"}})) == []


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("response.by", "arms", "response.by: unknown variable 'arms'"),
        ("response.by", "age", "response.by: 'age' is continuous; groups need a categorical variable"),
        ("simulate.trial.control", "placebo", "simulate.trial.control: found 'placebo'"),
        ("simulate.trial.endpoint", "pfx", "simulate.trial.endpoint: found 'pfx'; did you mean pfs?"),
        ("variables.arm.levels.third", "Third",
         "simulate.trial.arms: found everolimus_exemestane, placebo_exemestane; expected the levels of arm"),
        ("simulate.trial.arms.placebo_exemestane.drugs", ["placbo"],
         "simulate.trial.arms.placebo_exemestane.drugs: unknown drug 'placbo'; did you mean placebo?"),
        ("simulate.trial.arms.placebo_exemestane.best_response", {"CR": 60, "PR": 60},
         "simulate.trial.arms.placebo_exemestane.best_response: more than 100 percent together"),
        ("simulate.trial.scans.window_days", 21, "simulate.trial.scans.window_days: expected less than half"),
        ("simulate.trial.adverse_events.rash.percent.placebo_exemestane.grade_3_or_4", 50,
         "adverse_events.rash.percent.placebo_exemestane: more events of grade 3 or 4 than events of any grade"),
        ("simulate.trial.adverse_events.rash.percent.placebo_exemestane", None, "expected every arm"),
        ("window.end", "2011-07-08", "window: it ends on or after the data cut-off"),
    ],
)  # fmt: skip
def test_what_a_trial_cannot_be_is_told_with_its_place(place, value, said):
    assert any(said in fault for fault in faults(TRIAL, place, value)), faults(TRIAL, place, value)
