"""Methods, written by the configuration that ran: what is not in the study's file is not said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display.captions import endpoint_label
from cutline.display.numbers import format_date
from cutline.endpoints import only_death_ends
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import capital, escaped, in_text, listed, paragraphs, sentences
from cutline.manuscript.receptors import is_receptor, receptors

MEDIAN_INTERVALS = {
    "spss": "its confidence interval is symmetric on the time scale, with a standard error from the slope of the curve "
    "around the median, as SPSS computes it",
    "plain": "its confidence interval is that of Brookmeyer and Crowley on the plain scale [@brookmeyer1982]",
    "log": "its confidence interval is that of Brookmeyer and Crowley on the log scale [@brookmeyer1982]",
    "log-log": "its confidence interval is that of Brookmeyer and Crowley on the log-log scale [@brookmeyer1982]",
}
SURVIVAL_INTERVALS = {"plain": "the plain scale", "log": "the log scale", "log-log": "the log-log scale"}
TIES = {"breslow": "Breslow's method [@breslow1974]", "efron": "Efron's method [@efron1977]"}


def design(context: Context) -> str:
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
    """The criteria in their order, and what an unknown fact does."""
    criteria = context.settings["criteria"]
    items = [f"({number}) {_criterion(criterion, context)}" for number, criterion in enumerate(criteria, 1)]
    if len(items) == 1:
        return f"The only reason for exclusion was: {_criterion(criteria[0], context)}."
    return sentences(
        [
            "Criteria were applied in a fixed order, and a patient who failed several is counted at the first of them. "
            f"Reasons for exclusion were {'; '.join(items)}.",
            _unknown(criteria),
        ]
    )


def _criterion(criterion: Mapping[str, Any], context: Context) -> str:
    words = in_text(str(criterion["label"]))
    needed = [_variable(name, context) for name in criterion.get("require_known", [])]
    records = [name.replace("_", "-") for name in criterion.get("require_records", [])]
    parts = [f"required: {listed(needed)}"] if needed else []
    parts += [f"at least one record each of {listed(records)}"] if records else []
    return f"{words} ({'; '.join(parts)})" if parts else words


def _variable(name: str, context: Context) -> str:
    if name == "index_date":
        return "index date"
    return in_text(str(context.settings["variables"][name]["label"]))


def _unknown(criteria: list[Mapping[str, Any]]) -> str:
    numbers = {
        word: [str(number) for number, criterion in enumerate(criteria, 1) if criterion.get("unknown") == word]
        for word in ("keep", "exclude")
    }
    clauses = [
        f"{words} at {listed(numbers[word])}"
        for word, words in (("keep", "kept"), ("exclude", "excluded"))
        if numbers[word]
    ]
    return f"Where a fact was not recorded, the patient was {' and '.join(clauses)}." if clauses else ""


def variables(context: Context) -> str:
    """When the characteristics were taken, where continuous ones were cut, and how receptors were read."""
    settings = context.settings
    shown = [(name, settings["variables"][name]) for name in settings["baseline"]["variables"]]
    timed: dict[str, list[str]] = {}
    for name, spec in shown:
        if spec.get("note") and not is_receptor(spec):
            timed.setdefault(_timing(spec), []).append(_variable(name, context))
    parts = [
        f"{capital(listed(names))} {'was' if len(names) == 1 else 'were'} taken {when}."
        for when, names in timed.items()
    ]
    cuts = [_cut(spec, context) for _, spec in shown if spec.get("cut_points")]
    return sentences([*parts, *cuts, receptors(context)])


def _timing(spec: Mapping[str, Any]) -> str:
    select = spec.get("select", {})
    window = [
        f"{select[key]} days {word}"
        for key, word in (("days_before", "before"), ("days_after", "after"))
        if key in select
    ]
    nearest = f", from the record nearest to it within {listed(window)}" if window else ""
    return f"{escaped(spec['note'])}{nearest}"


def _cut(spec: Mapping[str, Any], context: Context) -> str:
    source = context.settings["variables"][spec["inputs"][0]]
    points = listed([f"{point:g}" for point in spec["cut_points"]])
    unit = f" {source['unit']}" if source.get("unit") else ""
    return (
        f"{capital(_variable(spec['inputs'][0], context))} was divided at {points}{unit}, a value fixed "
        "for every data cut-off."
    )


def endpoints(context: Context) -> str:
    """Each endpoint: time zero, events, censoring."""
    return paragraphs(_endpoint(name, spec, context) for name, spec in context.settings["endpoints"].items())


def _endpoint(name: str, spec: Mapping[str, Any], context: Context) -> str:
    label, event = escaped(str(spec["label"])), escaped(str(spec["event_label"]))
    if "columns" in spec:
        return (
            f"{label} was the time to {event}, as the source records it; patients without it are censored "
            "at their recorded time."
        )
    first = ", whichever came first" if len(spec["events"]) > 1 else ""
    start = escaped(str(context.settings["index_date"]["label"]))
    later = [escaped(rule["reason"]) for rule in spec["events"] if rule.get("after_start")]
    after = f"{capital(listed(later))} counted only after that day, not on it." if later else ""
    return sentences([f"{label} was the time from the {start} to {event}{first}.", after, _censoring(spec, context)])


def _censoring(spec: Mapping[str, Any], context: Context) -> str:
    rules = listed([_censored_at(rule) for rule in spec["censoring"]], "or")
    if not (context.settings.get("vital_status_complete") and only_death_ends(spec)):
        return f"Patients without an event were censored {rules}."
    living = "Vital status was complete at the data cut-off, so patients alive then were censored on that day"
    # Every death is an event unless the study counts some deaths only.
    others = any(event.get("where") for event in spec["events"])
    return f"{living}; patients whose death is no event were censored {rules}." if others else f"{living}."


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
    confirmation = (
        "Confirmation was not required. " if spec["confirmation"] == "none" else "Responses had to be confirmed. "
    )
    begin = "after the index date" if spec.get("after_start") else "from the index date"
    return (
        f"Best overall response was the best category recorded {begin} up to progression, by "
        "the Response Evaluation "
        f"Criteria in Solid Tumors, version 1.1 [@eisenhauer2009]. {confirmation}"
        f"Stable disease had to last at least {spec['minimum_stable_days']} days. "
        "The objective response rate counts complete and partial responses, the disease control rate "
        "adds stable disease; "
        "both are proportions of all included patients, whether assessed or not, with exact "
        "(Clopper–Pearson) confidence "
        "intervals [@clopper1934]."
    )


def safety(context: Context) -> str:
    """Which adverse events count; nothing where the study does not record them."""
    if "safety" not in context.settings:
        return ""
    days = context.settings["safety"]["days_after_last_dose"]
    return (
        "Adverse events count if they began on treatment or within "
        f"{days} days of the last dose. Recorded terms were grouped by a code list; a patient counts "
        "once for each group. "
        "Grades follow the Common Terminology Criteria for Adverse Events where they were recorded [@ctcae2017]."
    )


def statistics(context: Context) -> str:
    """Estimators, intervals, tests and models, as configured."""
    return paragraphs([_description(context), _survival(context), _models(context), _reading(context)])


def _description(context: Context) -> str:
    return (
        "Continuous characteristics are described by median, quartiles and range, categorical ones "
        "by number and percentage. "
        f"Months are days divided by {context.settings['statistics']['days_per_month']:g}, after all "
        "computation in days."
    )


def _survival(context: Context) -> str:
    statistics_, level = context.settings["statistics"], context.level_percent
    landmarks = listed([f"{months:g}" for months in statistics_["landmarks_months"]])
    follow_up = in_text(endpoint_label(context.settings, context.settings["follow_up_endpoint"]))
    return sentences(
        [
            "Time-to-event endpoints were estimated by the Kaplan–Meier method [@kaplan1958]. The "
            "median is the first time at "
            f"which the curve reaches one half; {MEDIAN_INTERVALS[statistics_['median_interval']]}.",
            f"Probabilities at {landmarks} months have pointwise {level}% confidence intervals on "
            f"{SURVIVAL_INTERVALS[statistics_['survival_interval']]}.",
            f"Follow-up is described by the reverse Kaplan–Meier method on {follow_up} [@schemper1996].",
            _comparison(context),
        ]
    )


def _comparison(context: Context) -> str:
    main = context.settings.get("comparisons", {}).get("main")
    return f"Groups by {_variable(main, context)} were compared by the log-rank test." if main else ""


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
        "The proportional hazards assumption was not tested."
    )


def _model(endpoint: str, names: list[str], context: Context) -> str:
    label = in_text(endpoint_label(context.settings, endpoint))
    return f"for {label}, {listed([_variable(name, context) for name in names])}".replace("; ", ", ")


def _reading(context: Context) -> str:
    return (
        f"Confidence intervals have a level of {context.level_percent}%. p-values are two-sided and "
        "not adjusted for the number "
        "of tests; they describe the data and confirm nothing. Missing values were not imputed. "
        "Estimates come from lifelines [@davidsonpilon2019] and statsmodels [@seabold2010]; their versions are in the "
        "provenance record of each result. Reporting was guided by the STROBE and RECORD statements "
        "[@vonelm2007; @benchimol2015]."
    )


def outline(context: Context) -> str:
    """One sentence for the abstract: endpoints and how they were estimated."""
    labels = [in_text(spec["label"]) for spec in context.settings["endpoints"].values()]
    verb, their = ("was", "its") if len(labels) == 1 else ("were", "their")
    models = any(context.settings["models"].values())
    cox = f", and {their} association with baseline characteristics by Cox models" if models else ""
    return f"{capital(listed(labels))} {verb} estimated by the Kaplan–Meier method{cox}."


def question(context: Context) -> str:
    """The aim, from endpoints and comparison."""
    labels = [in_text(spec["label"]) for spec in context.settings["endpoints"].values()]
    main = context.settings.get("comparisons", {}).get("main")
    groups = f", and to compare patients by {_variable(main, context)}" if main else ""
    return f"The aim was to describe {listed(labels)}{groups}."


def limitations(context: Context) -> str:
    """The limitations that the study's configuration states, and those of every analysis made this way."""
    stated = [escaped(str(each)) for each in context.settings["report"].get("limitations", [])]
    always = (
        "One limitation holds for every analysis of this kind: characteristics were not assigned at random, "
        "so a difference between groups may be due to something that was not measured."
    )
    return paragraphs([sentences(stated), always])


GENERATED = {
    "methods.design": design,
    "methods.eligibility": eligibility,
    "methods.variables": variables,
    "methods.endpoints": endpoints,
    "methods.response": response,
    "methods.safety": safety,
    "methods.statistics": statistics,
    "methods.outline": outline,
    "methods.question": question,
    "methods.limitations": limitations,
}
