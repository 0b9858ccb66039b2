"""Methods, written by the configuration that ran: what is not in the study's file is not said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display.captions import endpoint_label
from cutline.display.catalogue import drawn
from cutline.display.numbers import format_date
from cutline.endpoints.conventions import ALIVE, ANCHOR, MISSED, NEW_THERAPY, rule_set
from cutline.endpoints.conventions import in_words as conventions_in_words
from cutline.endpoints.derive import only_death_ends
from cutline.expressions import AS_MISSING, asked_by
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import described, variable_name
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import capital, escaped, in_text, listed, paragraphs, sentences
from cutline.manuscript.receptors import is_receptor, receptors
from cutline.manuscript.rules import sensitivity_labels, set_label, set_origin
from cutline.survival.choices import Choices, choices_of
from cutline.survival.convention import NAMES

MEDIAN_INTERVALS = {
    "spss": "its confidence interval is symmetric on the time scale, with a standard error from the slope of the curve "
    "around the median, as SPSS computes it",
} | {
    scale: f"its confidence interval is that of Brookmeyer and Crowley on the {scale} scale [@brookmeyer1982]"
    for scale in ("plain", "log", "log-log", "logit", "arcsin")
}
QUANTILE_RULES = {
    "left_end": "the first time at which the curve reaches one half",
    "midpoint": "the time at which the curve reaches one half, or the middle of a step on which it equals one half",
}
TESTS = {
    "logrank": "the log-rank test",
    "gehan_breslow": "the Gehan–Breslow test",
    "tarone_ware": "the Tarone–Ware test",
    "fleming_harrington": "the Fleming–Harrington test with rho = 1",
}
TIES = {"breslow": "Breslow's method [@breslow1974]", "efron": "Efron's method [@efron1977]"}


def design(context: Context) -> str:
    """What kind of study it is, where its data come from, and how incomplete dates were completed."""
    return sentences([in_short(context), _partial_dates(context.settings["source"].get("partial_dates", {}))])


def in_short(context: Context) -> str:
    """What kind of study it is and where its data come from."""
    settings = context.settings
    kind = str(settings["design"])
    article = "an" if kind[:1].lower() in "aeiou" else "a"
    return sentences(
        [
            f"The study is {article} {escaped(kind)}.",
            f"Data source: {escaped(str(settings['source']['description']).rstrip('.'))}.",
            "The source holds durations and no dates." if settings.get("time_only") else _dates(settings),
        ]
    )


def _partial_dates(rules: Mapping[str, str]) -> str:
    """How a date is completed of which only year, or year and month, is recorded."""
    if not rules:
        return ""
    words = {"first_day": "the first day", "middle": "the middle", "last_day": "the last day"}
    named = {rule: [name.rpartition(".")[2].removesuffix("_date").replace("_", " ") for name, each in rules.items()
                    if each == rule] for rule in dict.fromkeys(rules.values())}  # fmt: skip
    clauses = [f"to {words[rule]} of it for dates of {listed(list(dict.fromkeys(names)))}"
               for rule, names in named.items()]  # fmt: skip
    return (
        f"Where only the year or month was recorded, the date was set {', and '.join(clauses)}, but never later than "
        "the day of the entry; other partial dates were set aside."
    )


def _dates(settings: Mapping[str, Any]) -> str:
    index = escaped(str(settings["index_date"]["label"]))
    cut, known = str(settings["data_cutoff"]), str(settings.get("known_by", settings["data_cutoff"]))
    day = "that day" if known == cut else format_date(known)
    window = known_then = ""
    if "window" in settings:
        start, end = (format_date(settings["window"][name]) for name in ("start", "end"))
        window = f"; it had to fall between {start} and {end}"
    if settings["source"].get("kind") != "files":  # a file has no versions
        known_then = f", and of each record the version known on {day} was used"
    return (
        f"The index date, which is time zero of every analysis, was the {index}{window}. "
        f"The data cut-off was {format_date(cut)}: later events do not count{known_then}."
    )


def eligibility(context: Context) -> str:
    """The reasons for exclusion in their order; their rules too where there is only one."""
    criteria = context.settings["criteria"]
    if len(criteria) == 1:
        return f"The only reason for exclusion was: {described(criteria[0], context)}."
    reasons = listed([in_text(str(criterion["label"])) for criterion in criteria])
    table = find("table", context, "criteria")
    shown = reference(table) if table else "the supplement"
    unknown = any("unknown" in criterion for criterion in criteria)
    answers = ", and what an unknown answer did," if unknown else ""
    return (
        "Criteria were applied in a fixed order, and a patient excluded by several is counted at the first of them. "
        f"Reasons for exclusion were {reasons}. The rule behind each{answers} is given in {shown}."
    )


def sample_size(context: Context) -> str:
    """That nobody was sampled; of a trial, that its calculation is not repeated here."""
    if context.settings.get("comparisons", {}).get("randomised"):
        return "The number of patients is that of the trial; how it was calculated is not part of these data."
    return "Everyone who met the criteria was included; no sample size was calculated."


def variables(context: Context) -> str:
    """When the characteristics were taken, where those of the models were cut, and how receptors were read."""
    settings = context.settings
    return paragraphs([sentences([_taken(context), *_cuts(settings, context)]), receptors(context)])


def _taken(context: Context) -> str:
    """The characteristics that were looked up around a date, with their window; the table has the rest."""
    timed: dict[str, list[str]] = {}
    for name in context.settings["baseline"]["variables"]:
        spec = context.settings["variables"][name]
        if spec.get("note") and not is_receptor(spec) and _window(spec):
            timed.setdefault(f"{escaped(spec['note'])} ({_window(spec)})", []).append(variable_name(name, context))
    if not timed:
        return ""
    clauses = [f"{listed(names)} {when}" for when, names in timed.items()]
    return (
        f"Of characteristics that change, the record nearest to a date was used: {listed(clauses)}. The dates of all "
        "others are named below the table that shows them."
    )


def _window(spec: Mapping[str, Any]) -> str:
    """`within 90 days before and 30 days after`; nothing for what is not one record near a date."""
    select = spec.get("select", {})
    ends = [f"{select[key]} days {word}" for key, word in (("days_before", "before"), ("days_after", "after"))
            if key in select]  # fmt: skip
    return f"within {listed(ends)}" if ends and select.get("take") == "nearest" else ""


def _cuts(settings: Mapping[str, Any], context: Context) -> list[str]:
    modelled = dict.fromkeys(name for names in settings["models"].values() for name in names)
    specs = [settings["variables"][name] for name in modelled]
    return [_cut(spec, context) for spec in specs if spec.get("cut_points")]


def _cut(spec: Mapping[str, Any], context: Context) -> str:
    source = context.settings["variables"][spec["inputs"][0]]
    points = listed([f"{point:g}" for point in spec["cut_points"]])
    unit = f" {source['unit']}" if source.get("unit") else ""
    return (
        f"{capital(variable_name(spec['inputs'][0], context))} was divided at {points}{unit}, at every data "
        "cut-off alike."
    )


def endpoints(context: Context) -> str:
    """Each endpoint: time zero, events, censoring; those without a figure share a paragraph."""
    settings, said = context.settings, dict[str, str]()
    each = {name: _endpoint(name, spec, context, said) for name, spec in settings["endpoints"].items()}
    main = drawn(settings)
    rest = [words for name, words in each.items() if name not in main]
    return paragraphs([*(each[name] for name in main), sentences(rest), _sensitivity(context)])


def _endpoint(name: str, spec: Mapping[str, Any], context: Context, said: dict[str, str]) -> str:
    """Time zero, events and censoring; `said` holds the endpoint that each way of censoring was told of first."""
    label, event = escaped(str(spec["label"])), escaped(str(spec["event_label"]))
    if "columns" in spec:
        return (
            f"{label} was the time to {event}, as the source records it; patients without it are censored "
            "at their recorded time."
        )
    first = ", whichever came first" if len(spec["events"]) > 1 else ""
    later = [escaped(rule["reason"]) for rule in spec["events"] if rule.get("after_start")]
    after = f"; {listed(later)} on that day itself did not count" if later else ""
    censoring = _censoring(spec, context)
    earlier = said.setdefault(censoring, name)
    if earlier != name and not spec.get("descriptive"):
        censoring = f"It was censored as {in_text(endpoint_label(context.settings, earlier))}."
    return sentences([f"{label} was the time from the {_start(spec, context)} to {event}{first}{after}.", censoring])


def _censoring(spec: Mapping[str, Any], context: Context) -> str:
    if "rule_set" in spec:
        return _by_rule_set(spec["rule_set"], context)
    if spec.get("descriptive"):
        return "It is described in responders only, none of whom is censored."
    rules = listed([_censored_at(rule) for rule in spec["censoring"]], "or")
    if not (context.settings.get("vital_status_complete") and only_death_ends(spec)):
        return f"Patients without an event were censored {rules}."
    living = "Vital status was complete at the data cut-off, so patients alive then were censored on that day"
    # Every death is an event unless the study counts some deaths only.
    others = any(event.get("where") for event in spec["events"])
    return f"{living}; patients whose death is no event were censored {rules}." if others else f"{living}."


def _start(spec: Mapping[str, Any], context: Context) -> str:
    if spec.get("start", "index_date") == "index_date":
        return escaped(str(context.settings["index_date"]["label"]))
    return "first complete or partial response (unconfirmed), in responders,"


TOLD = (ALIVE, NEW_THERAPY, MISSED)
"""The situations that the Methods themselves tell of; the supplement has all."""


def _by_rule_set(name: str, context: Context) -> str:
    """The main conventions in force, and where the others stand."""
    settings = context.settings
    clauses = conventions_in_words(rule_set(settings, name), settings["conventions"], TOLD)
    table = find("table", context, "conventions")
    origin = "; ".join([escaped(set_origin(settings, name)), *([reference(table)] if table else [])])
    called = f"“{in_text(set_label(settings, name))}” ({origin})"
    return f"Censoring followed the conventions {called}: {listed([escaped(clause) for clause in clauses])}."


def _sensitivity(context: Context) -> str:
    """Which conventions, anchors and criteria are tried beside those in force."""
    settings = context.settings
    anchors = [str(settings["progression_anchors"][name.removeprefix(ANCHOR)]["label"]) for name in _anchors(settings)]
    conventions = sensitivity_labels(settings)
    table = find("table", context, "conventions") if conventions else None
    shown = f" ({reference(table)})" if table else ""
    variants = [in_text(str(variant["label"])) for variant in settings.get("what_if", [])]
    return sentences(
        [
            f"Sensitivity analyses repeat the main one under other conventions of censoring: {conventions}{shown}."
            if conventions else "",
            f"Others count progression only as one source states it: {listed([*map(escaped, anchors)], 'or')}."
            if anchors else "",
            f"Others change who is included: {'; '.join(variants)}." if variants else "",
        ]
    )  # fmt: skip


def _anchors(settings: Mapping[str, Any]) -> list[str]:
    endpoints_ = settings["endpoints"].values()
    named = dict.fromkeys(name for spec in endpoints_ for name in spec.get("sensitivity", []))
    return [name for name in named if name.startswith(ANCHOR)]


def _censored_at(rule: Mapping[str, Any]) -> str:
    if rule.get("at") == "start":
        return f"at time zero where there was {escaped(rule['reason'])}"
    if "latest_of" in rule:
        return f"on the day {escaped(rule['reason'])} (the latest date among {listed(_sources(rule['latest_of']))})"
    return f"at the {escaped(rule['reason'])}"


def _sources(entries: list[Mapping[str, Any]]) -> list[str]:
    """The tables in words, with what their records must say: `follow-up with status alive`."""
    return [_in_words(entry["table"]) + _condition(entry.get("where", {})) for entry in entries]


def _condition(where: Mapping[str, Any]) -> str:
    clauses = [f"{_in_words(column)} {listed(values, 'or')}" for column, values in where.items()]
    return escaped(f" with {listed(clauses)}") if clauses else ""


def _in_words(name: str) -> str:
    return name.replace("_", "-")


def response(context: Context) -> str:
    """How best overall response was found; nothing where the study does not record it."""
    if "response" not in context.settings:
        return ""
    spec = context.settings["response"]
    begin = "after the index date" if spec.get("after_start") else "from the index date"
    return sentences([
        _overall_response(spec),
        f"Best overall response was the best of these {begin} up to progression, of several on one day the worst. "
        f"Stable disease had to last at least {spec['minimum_stable_days']} days.",
        _confirmation(spec),
        "The objective response rate counts complete and partial responses, the disease control rate adds stable "
        "disease, and the clinical benefit rate adds to the responses those whose disease was still stable at an "
        f"assessment {spec['clinical_benefit_days']} days or more after the index date.",
        "Rates are proportions of all included patients, whether assessed or not, and of the evaluable, who have at "
        "least one assessment that can be evaluated; their intervals in the text are exact (Clopper–Pearson) "
        "[@clopper1934], beside Wilson's in the table [@wilson1927].",
        _response_groups(context),
    ])  # fmt: skip


def _response_groups(context: Context) -> str:
    """By what responses are shown beside those of all patients, and how the groups were compared."""
    by = context.settings["response"].get("by")
    if by is None:
        return ""
    return (
        f"Figure and table of responses show them by {variable_name(by, context)}; rates of groups were compared by "
        "their difference with Newcombe's hybrid score interval [@newcombe1998] and by Fisher's exact test, not "
        "adjusted for the number of tests."
    )


def _overall_response(spec: Mapping[str, Any]) -> str:
    """Where the response of each assessment is from."""
    criteria = "the Response Evaluation Criteria in Solid Tumors, version 1.1 [@eisenhauer2009]"
    if spec["overall"] == "recorded":
        return (
            f"The overall response of each assessment is the recorded one, by {criteria}; it was compared with the one "
            "that the measurements give, and a query raised where the two differ."
        )
    return (
        f"The overall response of each assessment was derived by {criteria}: from the sum of the target lesions "
        f"against the baseline (at most {spec['baseline_days_before']} days before the index date) and the smallest "
        "sum so far, and from non-target and new lesions. Where this cannot be done the recorded response stands; "
        "where the two differ the derived one was used and a query raised."
    )


def _confirmation(spec: Mapping[str, Any]) -> str:
    tolerated = spec["max_not_evaluable"]
    visits = f"at most {tolerated} assessment{'s' * (tolerated != 1)} that could not be evaluated"
    stable = ", or one with stable disease," if spec["accept_stable"] else ""
    return (
        "Responses are reported unconfirmed, which is the main analysis, and confirmed by another assessment at least "
        f"{spec['confirmation_days']} days later with {visits}{stable} in between."
    )


def statistics(context: Context) -> str:
    """Estimators, intervals, tests and models, as configured."""
    return paragraphs([_description(context), _survival(context), _models(context), _reading(context)])


def _description(context: Context) -> str:
    return sentences(
        [
            "Continuous characteristics are described by mean with standard deviation, median with quartiles, and "
            "range, categorical ones by number and percentage.",
            _balance(context),
            f"Months are days divided by {context.settings['statistics']['days_per_month']:g}, after all "
            "computation in days.",
        ]
    )


def _balance(context: Context) -> str:
    """How groups are compared in their characteristics; nothing where none are."""
    baseline, compared = context.settings["baseline"], []
    if baseline.get("by"):
        compared.append(f"groups by {listed([variable_name(name, context) for name in baseline['by']])}")
    if "selection" in context.settings:
        compared.append("the patients whom each criterion removed with those who remained")
    if not compared:
        return ""
    tests = " and by tests that the table names" if baseline.get("p_values") else ", not by tests"
    return (
        f"Standardised mean differences compare {listed(compared)} [@austin2009; @yang2012]{tests}; they are of the "
        "patients whose value is known."
    )


def _survival(context: Context) -> str:
    chosen, level = choices_of(context.settings["statistics"]), context.level_percent
    landmarks = listed([f"{months:g}" for months in chosen.landmarks_months])
    follow_up = in_text(endpoint_label(context.settings, context.settings["follow_up_endpoint"]))
    return sentences(
        [
            f"Time-to-event endpoints were estimated by the Kaplan–Meier method [@kaplan1958]{_package(chosen)}. The "
            f"median is {QUANTILE_RULES[chosen.convention.quantile_rule]}; "
            f"{MEDIAN_INTERVALS[chosen.convention.median_interval]}.",
            f"Probabilities at {landmarks} months have pointwise {level}% confidence intervals on "
            f"the {chosen.convention.survival_interval} scale{chosen.convention.stand_in}.",
            _restricted_means(chosen),
            f"Follow-up is described by the reverse Kaplan–Meier method on {follow_up} [@schemper1996].",
            _comparison(context),
        ]
    )


def _package(chosen: Choices) -> str:
    name = NAMES.get(chosen.convention.name)
    return f", by the conventions of {name}" if name else ""


def _restricted_means(chosen: Choices) -> str:
    """How restricted means were made; nothing where no horizon is configured."""
    if not chosen.rmst_months:
        return ""
    horizons = listed([f"{months:g}" for months in chosen.rmst_months])
    return (
        f"Restricted mean survival times are areas under the curve to {horizons} months, differences of groups to a "
        "horizon that all of them reach."
    )


def _comparison(context: Context) -> str:
    compared = context.settings.get("comparisons", {})
    main, strata = compared.get("main"), compared.get("strata", [])
    if not main:
        return ""
    tests = listed([TESTS[kind] for kind in choices_of(context.settings["statistics"]).tests])
    stratified = f", also stratified by {listed([variable_name(name, context) for name in strata])}" if strata else ""
    pairs = (
        ", and each pair of groups by Holm's method" if len(context.settings["variables"][main]["levels"]) > 2 else ""
    )
    return f"Groups by {variable_name(main, context)} were compared by {tests}{stratified}{pairs}."


def _models(context: Context) -> str:
    models = {name: names for name, names in context.settings["models"].items() if names}
    if not models:
        return ""
    each = [_model(name, names, context) for name, names in models.items()]
    ties = TIES[context.settings["statistics"]["ties"]]
    return (
        "Cox proportional hazards models [@cox1972] were fitted to each characteristic alone and to "
        "all of them together: "
        f"{'; '.join(each)}. Ties were handled by {ties}, and intervals and p-values are Wald's. "
        "Characteristics entered the models because the protocol names them, not because of their p-values. "
        f"{_proportional_hazards()}"
    )


def _proportional_hazards() -> str:
    return (
        "The proportional hazards assumption was tested for each characteristic and for all together by the score "
        "test of Grambsch and Therneau [@grambsch1994] as R's cox.zph computes it, with time on the scale of the "
        "Kaplan–Meier estimate; tests with ranks of time and with time itself are in the results too."
    )


def _model(endpoint: str, names: list[str], context: Context) -> str:
    label = in_text(endpoint_label(context.settings, endpoint))
    strata = context.settings.get("model_strata", {}).get(endpoint, [])
    stratified = f", stratified by {listed([variable_name(name, context) for name in strata])}" if strata else ""
    modelled = listed([variable_name(name, context) for name in names])
    return f"for {label}, {modelled}{stratified}".replace("; ", ", ")


def _reading(context: Context) -> str:
    return (
        f"Confidence intervals have a level of {context.level_percent}%. p-values are two-sided and not adjusted for "
        f"the number of tests{_nothing_confirmed(context)}. {_missing(context)} "
        "The survival statistics are computed by the program's own functions, which agree with R's survival package "
        "where they were compared. Versions are in the provenance record of each "
        f"result. {_guideline(context)}"
    )


def _nothing_confirmed(context: Context) -> str:
    """What p-values cannot do where no comparison was randomised."""
    return (
        ""
        if context.settings.get("comparisons", {}).get("randomised")
        else "; they describe the data and confirm nothing"
    )


def _guideline(context: Context) -> str:
    if context.settings.get("comparisons", {}).get("randomised"):
        return "Reporting was guided by the CONSORT statement [@schulz2010]."
    return "Reporting was guided by the STROBE and RECORD statements [@vonelm2007; @benchimol2015]."


def _missing(context: Context) -> str:
    """What became of unknown covariates, and which other analyses of the models were planned."""
    asked, replace = context.settings.get("sensitivity", {}), context.settings.get("sensitivity", {}).get("replace", {})
    imputed = (
        "Unknown values were not imputed in the main analysis; a sensitivity analysis imputes unknown covariates of "
        "the multivariable models by chained equations with the event indicator and the Nelson–Aalen cumulative "
        "hazard, with as many imputations as the percentage of patients who lack one, and pools by Rubin's rules."
        if "imputation" in asked
        else "Missing values were not imputed."
    )
    months = listed([f"{each}" for each in asked.get("landmarks_months", [])])
    landmarks = f"Others begin at a landmark of {months} months, among those still at risk then." if months else ""
    instead = listed([f"{variable_name(new, context)} for {variable_name(old, context)}"
                      for old, others in replace.items() for new in others])  # fmt: skip
    replaced = f"Others take {instead} in the multivariable models." if instead else ""
    return sentences([imputed, landmarks, replaced])


def outline(context: Context) -> str:
    """One sentence for the abstract: endpoints and how they were estimated."""
    labels = [in_text(context.settings["endpoints"][name]["label"]) for name in drawn(context.settings)]
    verb, their = ("was", "its") if len(labels) == 1 else ("were", "their")
    models = any(context.settings["models"].values())
    cox = f", and {their} association with baseline characteristics by Cox models" if models else ""
    return f"{capital(listed(labels))} {verb} estimated by the Kaplan–Meier method{cox}."


def question(context: Context) -> str:
    """The aim, from endpoints and comparison."""
    labels = [in_text(context.settings["endpoints"][name]["label"]) for name in drawn(context.settings)]
    main = context.settings.get("comparisons", {}).get("main")
    groups = f", and to compare patients by {variable_name(main, context)}" if main else ""
    return f"The aim was to describe {listed(labels)}{groups}."


def limitations(context: Context) -> str:
    """The limitations that the study's configuration states, and those of every analysis made this way."""
    stated = [escaped(str(each)) for each in context.settings["report"].get("limitations", [])]
    return paragraphs([sentences(stated), sentences([_unmeasured(context), _left_out(context), _many_looks(context)])])


def _left_out(context: Context) -> str:
    """That patients without the data asked for are not among those analysed."""
    asks = any(context.count(f"flow.excluded.{each['id']}")
               for each in context.settings["criteria"]
               if each.get("unknown") == AS_MISSING or {"known", "known_columns"} & set(asked_by(each)))  # fmt: skip
    return (
        "Patients without the data that the criteria ask for were left out, and may differ from those who remained."
        if asks else ""
    )  # fmt: skip


def _many_looks(context: Context) -> str:
    """That several associations were looked at; nothing without models."""
    if not any(len(names) > 1 for names in context.settings["models"].values()):
        return ""
    return (
        "Several characteristics were examined without adjustment for their number, so a small p-value may be due to "
        "chance alone."
    )


def _unmeasured(context: Context) -> str:
    """What a comparison of groups cannot tell, apart from the groups that were randomised."""
    comparisons = context.settings.get("comparisons", {})
    if comparisons.get("randomised"):
        assigned = variable_name(comparisons["main"], context)
        return (
            f"Only the {assigned} was assigned at random: a difference between groups by any other characteristic "
            "may be due to something that was not measured."
        )
    return (
        "One limitation holds for every analysis of this kind: characteristics were not assigned at random, "
        "so a difference between groups may be due to something that was not measured."
    )


GENERATED = {
    "methods.design": design,
    "methods.in_short": in_short,
    "methods.eligibility": eligibility,
    "methods.variables": variables,
    "methods.endpoints": endpoints,
    "methods.response": response,
    "methods.statistics": statistics,
    "methods.outline": outline,
    "methods.question": question,
    "methods.limitations": limitations,
    "methods.sample_size": sample_size,
}
