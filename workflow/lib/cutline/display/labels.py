"""The words of tables and figures that no study writes itself, in one catalogue.

A label is looked up by name and filled with named values; `cutline.languages` has it in other languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.languages import lower_first, tell

ENGLISH: dict[str, str] = {
    # numbers
    "not_estimable": "not estimable",
    "post_hoc": "{words} (post hoc)",
    "ne": "NE",
    "percent": "{value}%",
    "range_separator": "–",
    "range_word": " to ",
    "date": "{day} {month} {year}",
    "months": "January February March April May June July August September October November December",
    # shared by tables and figures
    "draft": "Draft",
    "synthetic": "Synthetic data",
    "rounded": "Counts rounded to multiples of {unit}; 0 stands for 0 to {small}",
    "patients_n": "All patients (n\u00a0=\u00a0{n})",
    "group_n": "{label} (n\u00a0=\u00a0{n})",
    "all_patients": "All patients",
    "patient_count": "{n} patients",
    "patient_count_one": "{n} patient",
    "event_count": "{n} events",
    "event_count_one": "{n} event",
    "with_unit": "{label}, {unit}",
    "method_note": "Method: {methods}.",
    "no_patients": "No patient was included.",
    # captions
    "caption_baseline": "Baseline characteristics",
    "caption_baseline_by": "Baseline characteristics, overall and by {group}",
    "caption_cox": "Cox models for {endpoint}",
    "caption_sensitivity": "Sensitivity analyses",
    "caption_adverse_events": "Adverse events",
    "caption_criteria": "Eligibility criteria in full",
    "caption_consistency": "Consistency of numbers and statements",
    "caption_definitions": "How each characteristic is derived",
    "caption_code_lists": "Code lists",
    "caption_conventions": "Conventions of censoring for progression, by set",
    "caption_flow": "Patient flow",
    "caption_survival": "{endpoint}",
    "caption_survival_summary": "{endpoint}: estimates in full",
    "caption_forest": "{endpoint}: hazard ratios",
    "caption_schoenfeld": "{endpoint}: proportional hazards",
    "caption_context": "Median {endpoint}, here and in published trials",
    "caption_concordance": "Published values beside those of this analysis",
    "caption_trials": "What published trials report",
    "caption_trial_events": "Adverse events here and in a published trial",
    "caption_response": "Best overall response, unconfirmed",
    "caption_responses": "Tumour response",
    # baseline table
    "level": "Level",
    "characteristic": "Characteristic",
    "n_percent": "{label}, n\u00a0(%)",
    "mean_sd": "Mean ± SD",
    "median_quartiles": "Median (IQR)",
    "range": "Range",
    "missing": "Missing",
    "denominator_all": "Percentages are of all patients in the column, those with a missing value included.",
    "denominator_known": "Percentages are of the patients in the column whose value is known.",
    "denominator_other": "Percentages are of the patients counted here: {list}.",
    "empty_levels": "Categories without a patient are not listed.",
    "quartiles": "SD, standard deviation; IQR, first to third quartile, as in SPSS (weighted average).",
    "whole_percentages": "Percentages of fewer than {n} patients are whole numbers.",
    "smd": "SMD",
    "p": "p",
    "not_shown": "–",
    "differences": (
        "SMD, absolute standardised mean difference between the groups, of known values; with more than two categories "
        "after Yang and Dalton."
    ),
    "differences_largest": (
        "SMD, absolute standardised mean difference of known values, the largest between any two groups; with more "
        "than two categories after Yang and Dalton."
    ),
    "timed": "Timed at {list}.",
    "index_date": "index date",
    "timed_others": "{anchor} (all others)",
    "timed_one": "{anchor} ({variables})",
    "of_group": "{n} of unknown {group} are in no group.",
    # selection table
    "caption_selection": "Patients removed at each step beside those who remained: standardised mean differences",
    "step": "{label} ({removed}\u00a0removed, {remaining}\u00a0remained)",
    "unknown_counts": "{value} ({removed}/{remaining})",
    "largest": "the largest difference at this step",
    "selection_differences": (
        "Absolute standardised mean differences of known values; with more than two categories after Yang and Dalton. "
        "NE, not estimable."
    ),
    "selection_unknown": (
        "In brackets, where there are any: patients of unknown value among those removed/among those who remained."
    ),
    "selection_none": "No step removed anyone.",
    "selection_empty": "Steps that removed nobody are left out ({n}).",
    # Cox table
    "n": "n",
    "events": "Events",
    "univariable_hr": "Univariable HR ({level}%\u00a0CI)",
    "multivariable_hr": "Multivariable HR ({level}%\u00a0CI)",
    "univariable_p": "Univariable p",
    "multivariable_p": "Multivariable p",
    "model_size": (
        "The multivariable model rests on {patients} with {events} "
        "(left out because a characteristic is unknown: {excluded})."
    ),
    "reference": "1 (reference)",
    "cox_abbreviations": "Abbreviations: HR, hazard ratio; CI, confidence interval; NE, not estimable.",
    "not_in_model": "–",
    "model_tests": (
        "Multivariable model: likelihood ratio test {likelihood_ratio}, Wald test {wald}, score test {score} ({df} "
        "degrees of freedom); concordance {concordance} (standard error {error}); AIC {aic}."
    ),
    "proportional": "Proportional hazards (score test, time by the Kaplan–Meier estimate): all together {p}; {list}.",
    "overall_p": "Beside the name of a characteristic with more than two levels: p of all levels together (Wald).",
    # survival table
    "estimate_of": "Estimate",
    "patients": "Patients",
    "events_percent": "Events, n\u00a0(%)",
    "quantiles": "Time to event, months",
    "quantile_at": "{percent}% event-free",
    "quantile_median": "median",
    "landmarks": "Event-free, % [at risk; events]",
    "at_months": "at {months} months",
    "landmark_cell": "{estimate} [{at_risk};\u00a0{events}]",
    "restricted_means": "Restricted mean, months",
    "until_months": "until {months} months",
    "until_largest": "until the largest time",
    "until_common": "difference, common time",
    "difference_until": "difference until {months} months",
    "difference_cell": "{estimate}, {p}",
    "test_p": "{test} p",
    "follow_up_median": "Follow-up, months",
    "test_logrank": "Log-rank",
    "test_gehan_breslow": "Gehan–Breslow",
    "test_tarone_ware": "Tarone–Ware",
    "test_fleming_harrington": "Fleming–Harrington, rho 1",
    "test_stratified": "{test}, stratified",
    "survival_abbreviations": (
        "In brackets {level}% confidence intervals; NE, not estimable. Events are those until then. Differences are "
        "from the first group; the common time is the largest time of the smallest group. Follow-up is the median by "
        "the reverse Kaplan–Meier method."
    ),
    "per_unit": "Hazard ratios of continuous characteristics are per unit and have three decimals.",
    "no_events": "{endpoint}: no event was observed, so no hazard ratio can be estimated.",
    # sensitivity table
    "analysis": "Analysis",
    "median_months": "Median, months ({level}%\u00a0CI)",
    "main_analysis": "Main analysis",
    "main_by": "Main analysis: {rules}",
    "stated_by": "Progression by {anchor} only",
    "other_conventions": "Other conventions of censoring:",
    "other_anchor": "Who states the progression:",
    "other_patients": "Other patients included:",
    "with_note": "{label} {note}",
    "hazard_of": "Hazard ratios are of {variable}: {levels} against {reference}.",
    "no_such_model": "–, the endpoint has no Cox model, or the patients are all of one group.",
    # adverse events table
    "event": "Adverse event",
    "patients_n_percent": "Patients (n\u00a0=\u00a0{n}), n\u00a0(%)",
    "none_recorded": "None recorded",
    "any_recorded": "Any adverse event",
    "by_term": "By term",
    "unmapped_terms": "Terms not in the code list",
    "seriousness": "Severity and consequences",
    "grade_3_or_4": "Grade 3 or 4",
    "treatment_related_deaths": "Treatment-related death",
    "discontinued": "Discontinued for an adverse event",
    "once_per_term": "A patient counts once for each term, so one patient may be in several rows.",
    "denominator_safety": "Percentages are of the {n} patients in the table.",
    "denominator_safety_groups": "Percentages are of the patients of the column.",
    "group_n_percent": "{label} (n\u00a0=\u00a0{n}), n\u00a0(%)",
    "grade.not_recorded": "Grade not recorded",
    # supplementary tables of adverse events
    "caption_adverse_event_grades": "Adverse events by worst grade",
    "caption_adverse_event_consequences": "Adverse events: relation to treatment and consequences",
    "caption_adverse_event_rates": "Adverse events in time at risk",
    "caption_adverse_event_groups": "Adverse events compared between groups",
    "by_class": "By system organ class",
    "any_grade": "Any grade, n\u00a0(%)",
    "grade": "Grade {grade}",
    "grade_unknown": "Not recorded",
    "grade_3_or_higher": "Grade ≥\u00a03, n\u00a0(%)",
    "high_grade": "grade ≥\u00a03",
    "explain_grades": (
        "Patients by the worst grade of their events in the row; percentages are of all {n}. A grade that is not "
        "recorded outranks 1 and 2, since it may be a higher one, and yields to a recorded 3 to 5. Of grade "
        "≥\u00a03 together there is no number where it is open for anybody: NE, not estimable."
    ),
    "aspect_related": "Related to treatment, n\u00a0(%)",
    "aspect_dose_reduced": "Dose reduced, n\u00a0(%)",
    "aspect_interrupted": "Treatment interrupted, n\u00a0(%)",
    "aspect_discontinued": "Treatment ended, n\u00a0(%)",
    "aspect_fatal": "Fatal, n\u00a0(%)",
    "explain_consequences": (
        "Patients with at least one such event; percentages are of all {n}. Where the records leave it open for "
        "anybody there is no number: NE, not estimable."
    ),
    "patient_years": "Patient-years to the first event",
    "incidence": "Patients per 100 patient-years ({level}%\u00a0CI)",
    "ae_events": "Events",
    "event_rate": "Events per 100 patient-years",
    "explain_rates": (
        "Time at risk runs from the first dose to the end of the safety window, death or the data cut-off; for the "
        "incidence it ends with the patient's first event of the row. CI, exact Poisson confidence interval. The rate "
        "of events counts repeated ones over all time at risk; it has no interval, since the events of one patient are "
        "not independent."
    ),
    "risk_difference": "Risk difference, percentage points ({level}%\u00a0CI)",
    "fisher_p": "p (Fisher)",
    "compared_with": "Risk differences are against {reference}.",
    "explain_groups": (
        "Percentages are of the patients of the column. CI, confidence interval by Newcombe's hybrid score method; p "
        "by Fisher's exact test, two-sided, not adjusted for the number of rows. NE, not estimable: a group is empty, "
        "or the grade of an event is not recorded."
    ),
    # published values and trials
    "result": "Result",
    "section": "Section or source",
    "published_value": "Published",
    "our_value": "This analysis",
    "difference": "Difference",
    "tolerance": "Tolerance",
    "verdict": "Verdict",
    "verdict_agrees": "agrees",
    "verdict_differs": "differs",
    "verdict_not_estimable": "not estimable",
    "verdict_no_such_result": "no such result",
    "no_such_results": "Values without a result of ours",
    "lower_limit": "lower limit",
    "upper_limit": "upper limit",
    "concordance_count": "{agreeing} of {n} published values agree.",
    "concordance_rule": (
        "A value agrees if it lies within half a unit of the last printed digit, and within 2.5 if it is printed as "
        "approximate (≈); of a p-value that is printed as a bound, if it lies beyond the bound. Differences are "
        "absolute. "
        "Section or source: where the publication prints the value, or from where we have it."
    ),
    "concordance_synthetic": (
        "The records are synthetic: agreement is about the program and says nothing of the publication, its patients "
        "or the treatment."
    ),
    "not_compared": "Not a head-to-head comparison: patients, earlier treatment, schedules and assessors differ.",
    "no_head_to_head": (
        "This is not a head-to-head comparison: the trials differ from this study, and from one another, in patients, "
        "earlier treatment, dates, schedule of assessments and assessor, and nothing is adjusted for that."
    ),
    "trial": "Trial",
    "this_study": "This study",
    "cut_assessor": "Data cut; assessor",
    "trial_cut_assessor": "Study or trial, data cut; assessor",
    "value_interval": "Value (CI)",
    "source": "Source",
    "median_interval_short": "Median (CI)",
    "median_axis": "Median, months",
    "local": "local",
    "central": "central",
    "not_stated": "not stated",
    "measure": "Measure",
    "statistic_median": "{label}, months",
    "statistic_hazard_ratio": "{label}, HR",
    "statistic_percent": "{label}, %",
    "sure_quoted": "found quoted: {place}",
    "sure_recomputed": "recomputed: {place}",
    "other_level": "{level}% confidence interval",
    "trials_intervals": (
        "Months behind a data cut are the median follow-up. CI, {level}% confidence interval unless marked; none is "
        "given where none was found. Local, by the investigators. Values without a mark were read in the publication, "
        "its abstract or a drug's label. {abbreviations}; HR, hazard ratio. Months are medians."
    ),
    "ours_n_percent": "This study, n\u00a0(%)",
    "reference_any": "{trial}, any grade, %",
    "reference_3_or_4": "{trial}, grade 3 or 4, %",
    "reference_trial": "{trial}: {arm}; {cut}.",
    "no_rate": "–, no value of the trial was found.",
    "called_there": "there: {term}",
    "events_recorded": (
        "A trial asks for adverse events at every visit and grades them; records of routine care hold those that "
        "somebody wrote down. A dash: the study has no such term, or no value was found."
    ),
    "explain_context": (
        "Square, this study; filled circles, values read in the publication, its abstract or a drug's label; open "
        "circles, values that were found quoted. Lines are {level}% confidence intervals where they are known. Months "
        "behind a data cut are the median follow-up. The medians stand side by side for orientation only."
    ),
    # response table
    "response": "Response",
    "unconfirmed": "Unconfirmed",
    "confirmed": "Confirmed after {days} days or more",
    "best_heading": "Best overall response, n\u00a0(%)",
    "orr_heading": "Objective response (complete or partial), n\u00a0(%)",
    "dcr_heading": "Disease control (objective response or stable), n\u00a0(%)",
    "cbr_heading": "Clinical benefit (objective response, or stable disease at {days} days or later), n\u00a0(%)",
    "all_patients_n": "All included patients (n\u00a0=\u00a0{n})",
    "evaluable_n": "Evaluable patients (n\u00a0=\u00a0{n})",
    "all_included": "All included patients",
    "evaluable": "Evaluable patients",
    "group_response": "{label}, {kind} (n\u00a0=\u00a0{n})",
    "exact_interval": "{level}%\u00a0CI, exact (Clopper–Pearson)",
    "wilson_interval": "{level}%\u00a0CI, Wilson",
    "denominator_response": (
        "Best overall responses are of all {n} included patients, assessed or not. CI, confidence interval."
    ),
    "rate_difference": "Difference, percentage points ({level}%\u00a0CI)",
    "reference_group": "reference",
    "rate_differences": (
        "Differences have Newcombe's interval; p is of Fisher's exact test, not adjusted for the number of tests."
    ),
    "denominator_of_groups": (
        "Best overall responses are of all patients in the column, assessed or not. CI, confidence interval."
    ),
    "evaluable_in_groups": "Evaluable are the patients with an assessment that counts and could be evaluated: {list}.",
    "evaluable_of_group": "{label}, {n}",
    "evaluable_all": "All of them were evaluable: each had an assessment that counts and could be evaluated.",
    "evaluable_some": "Evaluable are the {n} patients with an assessment that counts and could be evaluated.",
    "stable_from": "Stable disease counts from {days} days after the index date on.",
    # flow chart
    "screened": "Screened",
    "excluded": "Excluded",
    "included": "Included",
    "count": "n\u00a0=\u00a0{n}",
    "pending": "Pending, to be queried",
    "because_unknown": "{label} ({n} unknown)",
    "nobody_excluded_for": "Criteria that excluded nobody: {list}.",
    "nobody_excluded": "Nobody was excluded.",
    # survival curves
    "time_months": "Time (months)",
    "months_since": "Months since {start}",
    "survival_axis": "{endpoint} (%)",
    "at_risk": "Number at risk",
    "events_so_far": "Cumulative events",
    "events_of_n": "Events/n",
    "median_inside": "Median, months ({level}%\u00a0CI)",
    "not_reached": "not reached",
    "median_interval": "median\u00a0{median}\u00a0months ({level}%\u00a0CI\u00a0{interval})",
    "median_not_reached": "median not reached ({level}%\u00a0CI\u00a0{interval})",
    "median_plainly_not_reached": "median not reached",
    "log_rank": "Log-rank {p}",
    "no_event_seen": "No event was observed.",
    "explain_survival": (
        "Kaplan–Meier estimate with pointwise {level}% confidence band; ticks mark censored patients."
    ),
    "explain_survival_public": (
        "Kaplan–Meier estimate with pointwise {level}% confidence band, drawn from rounded counts at the end of each "
        "month; censored patients are not marked."
    ),
    # forest plots and Schoenfeld residuals
    "no_models": "No Cox model could be fitted.",
    "no_smooths": "No coefficient could be followed over time.",
    "univariable_alone": "Univariable",
    "multivariable_alone": "Multivariable",
    "hr_interval": "HR ({level}%\u00a0CI)",
    "hazard_axis": "Hazard ratio (log scale)",
    "forest_reason": "{model}, {terms}: {reason}.",
    "score_test": "{p}",
    "coefficient_axis": "Log hazard ratio at that time",
    "explain_forest": (
        "Each characteristic alone (circles) and all together (squares), with {level}% confidence intervals; arrows "
        "mark intervals that go on. HR, hazard ratio; events/n, events and patients with a known value."
    ),
    "explain_schoenfeld": (
        "Smooth of the scaled Schoenfeld residuals of the multivariable model with a band of two standard errors; "
        "dashed, the coefficient of the model, and dotted, no effect. The axis of time is 1 minus the Kaplan–Meier "
        "estimate, so that events are spread evenly. p, score test of proportional hazards of the characteristic, all "
        "its levels together."
    ),
    # quality of the records
    "caption_completeness": "Source records: accounting and completeness, table by table",
    "caption_plausibility": "Rules of plausibility, and how often the records break them",
    "source_table": "Source table and column",
    "extracted": "Extracted",
    "accepted": "Accepted",
    "set_aside": "Set aside",
    "withdrawn": "Withdrawn",
    "corrected": "Values corrected",
    "given": "Given, n (%)",
    "quality_accounting": (
        "Records; extracted = accepted + set aside + withdrawn. Set aside: failed a rule that makes a record useless; "
        "withdrawn, and values corrected: by the answer to a query, laid over the records and never written to the "
        "source. Given: accepted records in which the value is there; columns that every record must fill are left out."
    ),
    "rule": "Rule, and the tables it looks at",
    "found": "Found",
    "every_table": "all tables",
    "rule_of_tables": "{rule} ({tables})",
    "heading_error": "Errors: set aside and asked",
    "heading_warning": "Warnings: kept and asked",
    "heading_note": "Notes: kept and counted",
    "quality_found": (
        "Found: records, or of optional columns single values, that break the rule; of questions about derived facts, "
        "questions. Where a value may be blank an error sets aside the value alone."
    ),
    # response chart
    "response_axis": "Patients (%)",
    "count_percent": "{n} ({percent}%)",
    "interval_text": "{label}: {percent}% ({level}% CI {interval})",
    "rate_text": "{label}: {percent}%",
    "orr": "Objective response",
    "dcr": "Disease control",
    "response_complete": "Complete\nresponse",
    "response_partial": "Partial\nresponse",
    "response_stable": "Stable\ndisease",
    "response_non_cr_non_pd": "Non-CR,\nnon-PD",
    "response_progressive": "Progressive\ndisease",
    "response_not_evaluable": "Not\nevaluable",
    "response_missing": "Not\nassessed",
    # figures of single patients
    "waterfall_title": "Best change of the target lesions",
    "waterfall_header": "Best change of the sum of target lesions from baseline ({n} of {all} patients)",
    "waterfall_axis": "Change from baseline (%)",
    "waterfall_note": "One bar per patient. Dashed: −{fall}% and +{rise}%.",
    "is_confirmed": "Response confirmed",
    "no_sums": "No patient has sums of target lesions at baseline and later.",
    "swimmer_title": "Time on treatment",
    "swimmer_header": "Time on treatment, one lane per patient (n\u00a0=\u00a0{n}), coloured by best response",
    "swimmer_axis": "Months since the index date",
    "swimmer_follow_up": "After the treatment",
    "swimmer_first_response": "First response",
    "swimmer_progression": "Progression",
    "swimmer_death": "Death",
    "swimmer_ongoing": "Treatment ongoing",
    "no_stop_dates": "The records of the treatment have no stop dates.",
    # alternative text
    "alt_forest": "Forest plot of the hazard ratios of Cox models of {endpoint}, {n} terms{extremes}.",
    "alt_forest_terms": "; in the multivariable model from {low} ({low_term}) to {high} ({high_term})",
    "alt_schoenfeld": (
        "Smooths of the scaled Schoenfeld residuals of the multivariable Cox model of {endpoint}, one panel per term; "
        "global test of proportional hazards {p}."
    ),
    "alt_flow": "Flow chart: {screened} screened, {excluded} excluded{reasons}{pending}, {included} included.",
    "alt_pending": ", {n} pending",
    "alt_reasons": " ({list})",
    "alt_survival": (
        "Kaplan-Meier curve of {endpoint} in {patients} with {events}: {median}{landmarks}, "
        "with numbers at risk below the axis."
    ),
    "alt_median": "the median is {median} months ({level}% confidence interval {interval})",
    "alt_median_not_reached": "the median is not reached",
    "alt_landmark": "; at {months} months {percent}% are free of the event",
    "alt_context": (
        "Medians of {endpoint} side by side, which is no head-to-head comparison: {median} here; in {trials} published "
        "trials from {low} to {high} months."
    ),
    "alt_response": "Bar chart of best overall response in {patients}: {list}.",
    "alt_bar": "{label} {n} ({percent}%)",
}


def label(name: str, **values: object) -> str:
    """The label of that name in the language in force, with its fields filled."""
    said = tell(ENGLISH[name], name)
    return said.format(**values) if values else said


def counted(name: str, n: object) -> str:
    """A number with its noun: `1 event`, `5 events`."""
    return label(f"{name}_one" if str(n) == "1" else name, n=n)


@dataclass
class Worded:
    """What is told of a study in words; tables add what their rows need."""

    settings: Mapping[str, Any]

    def words(self, name: str, **values: object) -> str:
        """The label of that name, filled."""
        return label(name, **values)


def in_sentence(text: str) -> str:
    """A label as it stands within a sentence: the first letter small, unless it starts an abbreviation or is all."""
    return text if len(text) == 1 or text[1:2].isupper() or text[1:2].isdigit() else lower_first(text)
