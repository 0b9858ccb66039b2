"""Methods, written by the configuration that ran: what is not in the study's file is not said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display.captions import endpoint_label
from cutline.display.catalogue import drawn
from cutline.display.convention_words import scale, stand_in
from cutline.display.numbers import format_date
from cutline.endpoints.conventions import ALIVE, ANCHOR, MISSED, NEW_THERAPY, rule_set
from cutline.endpoints.derive import only_death_ends
from cutline.expressions import AS_MISSING, asked_by
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import condition_of_records, described, variable_name
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import OR, capital, escaped, in_digits, in_text, listed, paragraphs, sentences
from cutline.manuscript.receptors import is_receptor, receptors
from cutline.manuscript.record_words import date_in_words
from cutline.manuscript.rules import clauses, sensitivity_labels, set_label, set_origin
from cutline.manuscript.variables import days_around
from cutline.survival.choices import Choices, choices_of
from cutline.survival.convention import NAMES, Convention

SPSS_INTERVAL = marked(
    "its confidence interval is symmetric on the time scale, with a standard error from the slope of the curve around "
    "the median, as SPSS computes it"
)
QUANTILE_RULES = {
    "left_end": marked("the first time at which the curve reaches one half"),
    "midpoint": marked(
        "the time at which the curve reaches one half, or the middle of a step on which it equals one half"
    ),
}
TESTS = {
    "logrank": marked("the log-rank test"),
    "gehan_breslow": marked("the Gehan–Breslow test"),
    "tarone_ware": marked("the Tarone–Ware test"),
    "fleming_harrington": marked("the Fleming–Harrington test with rho = 1"),
}
TIES = {"breslow": marked("Breslow's method [@breslow1974]"), "efron": marked("Efron's method [@efron1977]")}


def design(context: Context) -> str:
    """What kind of study it is, where its data come from, and how incomplete dates were completed."""
    return sentences([in_short(context), _partial_dates(context.settings["source"].get("partial_dates", {}))])


def in_short(context: Context) -> str:
    """What kind of study it is and where its data come from."""
    settings = context.settings
    source = escaped(str(settings["source"]["description"]).rstrip("."))
    return sentences(
        [
            _kind(str(settings["design"])),
            tell("Data source: {source}.", source=source),
            tell("The source holds durations and no dates.") if settings.get("time_only") else _dates(settings),
        ]
    )


def _kind(kind: str) -> str:
    if kind[:1].lower() in "aeiou":
        return tell("The study is an {kind}.", kind=escaped(kind))
    return tell("The study is a {kind}.", kind=escaped(kind))


COMPLETED = {
    "first_day": marked("to the first day of it for dates of {dates}"),
    "middle": marked("to the middle of it for dates of {dates}"),
    "last_day": marked("to the last day of it for dates of {dates}"),
}


def _partial_dates(rules: Mapping[str, str]) -> str:
    """How a date is completed of which only year, or year and month, is recorded."""
    if not rules:
        return ""
    dates: dict[str, list[str]] = {}
    for column, rule in rules.items():
        dates.setdefault(rule, []).append(date_in_words(column))
    clauses = [tell(COMPLETED[rule], dates=listed(list(dict.fromkeys(names)))) for rule, names in dates.items()]
    return tell(
        "Where only the year or month was recorded, the date was set {days}, but never later than the day of the "
        "entry; other partial dates were set aside.",
        days=tell(", and ").join(clauses),
    )


def _dates(settings: Mapping[str, Any]) -> str:
    return sentences([_index_date(settings), _cut_off(settings)])


def _index_date(settings: Mapping[str, Any]) -> str:
    index = escaped(str(settings["index_date"]["label"]))
    if "window" not in settings:
        return tell("The index date, which is time zero of every analysis, was the {index}.", index=index)
    start, end = (format_date(settings["window"][name]) for name in ("start", "end"))
    return tell(
        "The index date, which is time zero of every analysis, was the {index}; it had to fall between {start} and "
        "{end}.",
        index=index,
        start=start,
        end=end,
    )


def _cut_off(settings: Mapping[str, Any]) -> str:
    """What does not count after the cut-off, and which version of a record was used; a file has no versions."""
    cut, known = str(settings["data_cutoff"]), str(settings.get("known_by", settings["data_cutoff"]))
    if settings["source"].get("kind") == "files":
        return tell("The data cut-off was {date}: later events do not count.", date=format_date(cut))
    if known == cut:
        return tell(
            "The data cut-off was {date}: later events do not count, and of each record the version known on that day "
            "was used.",
            date=format_date(cut),
        )
    return tell(
        "The data cut-off was {date}: later events do not count, and of each record the version known on {day} was "
        "used.",
        date=format_date(cut),
        day=format_date(known),
    )


def eligibility(context: Context) -> str:
    """The reasons for exclusion in their order; their rules too where there is only one."""
    criteria = context.settings["criteria"]
    if len(criteria) == 1:
        return tell("The only reason for exclusion was: {reason}.", reason=described(criteria[0], context))
    reasons = listed([in_text(str(criterion["label"])) for criterion in criteria])
    table = find("table", context, "criteria")
    place = reference(table) if table else tell("the supplement")
    return sentences(
        [
            tell("Criteria were applied in a fixed order, and a patient excluded by several is counted at the first of "
                 "them."),
            tell("Reasons for exclusion were {reasons}.", reasons=reasons),
            tell("The rule behind each, and what an unknown answer did, is given in {place}.", place=place)
            if any("unknown" in criterion for criterion in criteria)
            else tell("The rule behind each is given in {place}.", place=place),
        ]
    )  # fmt: skip


def sample_size(context: Context) -> str:
    """That nobody was sampled; of a trial, that its calculation is not repeated here."""
    if context.settings.get("comparisons", {}).get("randomised"):
        return tell("The number of patients is that of the trial; how it was calculated is not part of these data.")
    return tell("Everyone who met the criteria was included; no sample size was calculated.")


def variables(context: Context) -> str:
    """When the characteristics were taken, where those of the models were cut, and how receptors were read."""
    settings = context.settings
    return paragraphs([sentences([_taken(context), *_cuts(settings, context)]), receptors(context)])


def _taken(context: Context) -> str:
    """The characteristics that were looked up around a date, with their window; the table has the rest."""
    timed: dict[tuple[str, str], list[str]] = {}
    for name in context.settings["baseline"]["variables"]:
        spec = context.settings["variables"][name]
        if spec.get("note") and not is_receptor(spec) and (window := _window(spec)):
            timed.setdefault((escaped(spec["note"]), window), []).append(variable_name(name, context))
    if not timed:
        return ""
    clauses = [tell("{characteristics} {note} ({window})", characteristics=listed(names), note=note, window=window)
               for (note, window), names in timed.items()]  # fmt: skip
    return tell(
        "Of characteristics that change, the record nearest to a date was used: {characteristics}. The dates of all "
        "others are named below the table that shows them.",
        characteristics=listed(clauses),
    )


WINDOW = (
    marked("within {before} days before and {after} days after"),
    marked("within {before} days before"),
    marked("within {after} days after"),
)


def _window(spec: Mapping[str, Any]) -> str:
    """`within 90 days before and 30 days after`; nothing for what is not one record near a date."""
    select = spec.get("select", {})
    bounded = "days_before" in select or "days_after" in select
    return days_around(WINDOW, select) if bounded and select.get("take") == "nearest" else ""


def _cuts(settings: Mapping[str, Any], context: Context) -> list[str]:
    modelled = dict.fromkeys(name for names in settings["models"].values() for name in names)
    specs = [settings["variables"][name] for name in modelled]
    return [_cut(spec, context) for spec in specs if spec.get("cut_points")]


def _cut(spec: Mapping[str, Any], context: Context) -> str:
    source = context.settings["variables"][spec["inputs"][0]]
    points = listed([in_digits(point) for point in spec["cut_points"]])
    return tell(
        "{characteristic} was divided at {points}, at every data cut-off alike.",
        characteristic=capital(variable_name(spec["inputs"][0], context)),
        points=f"{points} {source['unit']}" if source.get("unit") else points,
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
    if "columns" in spec:
        return tell(
            "{endpoint} was the time to {event}, as the source records it; patients without it are censored at their "
            "recorded time.",
            endpoint=escaped(str(spec["label"])),
            event=escaped(str(spec["event_label"])),
        )
    censoring = _censoring(spec, context)
    earlier = said.setdefault(censoring, name)
    if earlier != name and not spec.get("descriptive"):
        label = in_text(endpoint_label(context.settings, earlier))
        censoring = tell("It was censored as {endpoint}.", endpoint=label)
    return sentences([_time(spec, context), censoring])


def _time(spec: Mapping[str, Any], context: Context) -> str:
    """From when to what an endpoint is the time, and what does not count on its first day."""
    message = FIRST_OF_SEVERAL if len(spec["events"]) > 1 else OF_ONE_EVENT
    label, event = escaped(str(spec["label"])), escaped(str(spec["event_label"]))
    time = tell(message, endpoint=label, start=_start(spec, context), event=event)
    later = [escaped(rule["reason"]) for rule in spec["events"] if rule.get("after_start")]
    if not later:
        return tell("{time}.", time=time)
    return tell("{time}; {events} on that day itself did not count.", time=time, events=listed(later))


OF_ONE_EVENT = marked("{endpoint} was the time from the {start} to {event}")
FIRST_OF_SEVERAL = marked("{endpoint} was the time from the {start} to {event}, whichever came first")


def _censoring(spec: Mapping[str, Any], context: Context) -> str:
    if "rule_set" in spec:
        return _by_rule_set(spec["rule_set"], context)
    if spec.get("descriptive"):
        return tell("It is described in responders only, none of whom is censored.")
    rules = listed([_censored_at(rule) for rule in spec["censoring"]], OR)
    if not (context.settings.get("vital_status_complete") and only_death_ends(spec)):
        return tell("Patients without an event were censored {rules}.", rules=rules)
    # Every death is an event unless the study counts some deaths only.
    if any(event.get("where") for event in spec["events"]):
        return tell(
            "Vital status was complete at the data cut-off, so patients alive then were censored on that day; patients "
            "whose death is no event were censored {rules}.",
            rules=rules,
        )
    return tell("Vital status was complete at the data cut-off, so patients alive then were censored on that day.")


def _start(spec: Mapping[str, Any], context: Context) -> str:
    if spec.get("start", "index_date") == "index_date":
        return escaped(str(context.settings["index_date"]["label"]))
    return tell("first complete or partial response (unconfirmed), in responders,")


TOLD = (ALIVE, NEW_THERAPY, MISSED)
"""The situations that the Methods themselves tell of; the supplement has all."""


def _by_rule_set(name: str, context: Context) -> str:
    """The main conventions in force, and where the others stand."""
    settings = context.settings
    table = find("table", context, "conventions")
    return tell(
        "Censoring followed the conventions “{conventions}” ({origin}): {rules}.",
        conventions=in_text(set_label(settings, name)),
        origin="; ".join([escaped(set_origin(settings, name)), *([reference(table)] if table else [])]),
        rules=listed([*map(escaped, clauses(rule_set(settings, name), settings["conventions"], TOLD))]),
    )


def _sensitivity(context: Context) -> str:
    """Which conventions, anchors and criteria are tried beside those in force."""
    settings = context.settings
    anchors = [escaped(str(settings["progression_anchors"][name.removeprefix(ANCHOR)]["label"]))
               for name in _anchors(settings)]  # fmt: skip
    variants = [in_text(str(variant["label"])) for variant in settings.get("what_if", [])]
    told = [_other_conventions(context)]
    if anchors:
        told.append(tell("Others count progression only as one source states it: {sources}.",
                         sources=listed(anchors, OR)))  # fmt: skip
    if variants:
        told.append(tell("Others change who is included: {variants}.", variants="; ".join(variants)))
    return sentences(told)


def _other_conventions(context: Context) -> str:
    conventions = sensitivity_labels(context.settings)
    if not conventions:
        return ""
    table = find("table", context, "conventions")
    return tell(
        "Sensitivity analyses repeat the main one under other conventions of censoring: {conventions}.",
        conventions=f"{conventions} ({reference(table)})" if table else conventions,
    )


def _anchors(settings: Mapping[str, Any]) -> list[str]:
    endpoints_ = settings["endpoints"].values()
    named = dict.fromkeys(name for spec in endpoints_ for name in spec.get("sensitivity", []))
    return [name for name in named if name.startswith(ANCHOR)]


def _censored_at(rule: Mapping[str, Any]) -> str:
    reason = escaped(rule["reason"])
    if rule.get("at") == "start":
        return tell("at time zero where there was {reason}", reason=reason)
    if "latest_of" not in rule:
        return tell("at the {reason}", reason=reason)
    records = listed([condition_of_records(entry) for entry in rule["latest_of"]])
    return tell("on the day {reason} (the latest date among {records})", reason=reason, records=records)


def response(context: Context) -> str:
    """How best overall response was found; nothing where the study does not record it."""
    if "response" not in context.settings:
        return ""
    spec = context.settings["response"]
    return sentences(
        [
            _overall_response(spec),
            _best_response(spec),
            tell("Stable disease had to last at least {days} days.", days=spec["minimum_stable_days"]),
            _confirmation(spec),
            tell(
                "The objective response rate counts complete and partial responses, the disease control rate adds "
                "stable disease, and the clinical benefit rate adds to the responses those whose disease was still "
                "stable at an assessment {days} days or more after the index date.",
                days=spec["clinical_benefit_days"],
            ),
            tell(
                "Rates are proportions of all included patients, whether assessed or not, and of the evaluable, who "
                "have at least one assessment that can be evaluated; their intervals in the text are exact "
                "(Clopper–Pearson) [@clopper1934], beside Wilson's in the table [@wilson1927]."
            ),
            _response_groups(context),
        ]
    )


def _best_response(spec: Mapping[str, Any]) -> str:
    if spec.get("after_start"):
        return tell(
            "Best overall response was the best of these after the index date up to progression, of several on one day "
            "the worst."
        )
    return tell(
        "Best overall response was the best of these from the index date up to progression, of several on one day the "
        "worst."
    )


def _response_groups(context: Context) -> str:
    """By what responses are shown beside those of all patients, and how the groups were compared."""
    by = context.settings["response"].get("by")
    if by is None:
        return ""
    return tell(
        "Figure and table of responses show them by {variable}; rates of groups were compared by their difference with "
        "Newcombe's hybrid score interval [@newcombe1998] and by Fisher's exact test, not adjusted for the number of "
        "tests.",
        variable=variable_name(by, context),
    )


def _overall_response(spec: Mapping[str, Any]) -> str:
    """Where the response of each assessment is from."""
    if spec["overall"] == "recorded":
        return tell(
            "The overall response of each assessment is the recorded one, by the Response Evaluation Criteria in Solid "
            "Tumors, version 1.1 [@eisenhauer2009]; it was compared with the one that the measurements give, and a "
            "query raised where the two differ."
        )
    return tell(
        "The overall response of each assessment was derived by the Response Evaluation Criteria in Solid Tumors, "
        "version 1.1 [@eisenhauer2009]: from the sum of the target lesions against the baseline (at most {days} days "
        "before the index date) and the smallest sum so far, and from non-target and new lesions. Where this cannot be "
        "done the recorded response stands; where the two differ the derived one was used and a query raised.",
        days=spec["baseline_days_before"],
    )


def _confirmation(spec: Mapping[str, Any]) -> str:
    tolerated = spec["max_not_evaluable"]
    between = (
        tell("at most {number} assessment that could not be evaluated", number=tolerated)
        if tolerated == 1
        else tell("at most {number} assessments that could not be evaluated", number=tolerated)
    )
    if spec["accept_stable"]:
        between = tell("{assessments}, or one with stable disease,", assessments=between)
    return tell(
        "Responses are reported unconfirmed, which is the main analysis, and confirmed by another assessment at least "
        "{days} days later with {assessments} in between.",
        days=spec["confirmation_days"],
        assessments=between,
    )


def statistics(context: Context) -> str:
    """Estimators, intervals, tests and models, as configured."""
    return paragraphs([_description(context), _survival(context), _models(context), _reading(context)])


def _description(context: Context) -> str:
    return sentences(
        [
            tell(
                "Continuous characteristics are described by mean with standard deviation, median with quartiles, and "
                "range, categorical ones by number and percentage."
            ),
            _balance(context),
            tell(
                "Months are days divided by {days}, after all computation in days.",
                days=in_digits(context.settings["statistics"]["days_per_month"]),
            ),
        ]
    )


def _balance(context: Context) -> str:
    """How groups are compared in their characteristics; nothing where none are."""
    baseline, compared = context.settings["baseline"], []
    if baseline.get("by"):
        by = listed([variable_name(name, context) for name in baseline["by"]])
        compared.append(tell("groups by {variables}", variables=by))
    if "selection" in context.settings:
        compared.append(tell("the patients whom each criterion removed with those who remained"))
    if not compared:
        return ""
    return tell(BALANCE_AND_TESTS if baseline.get("p_values") else BALANCE, groups=listed(compared))


BALANCE = marked(
    "Standardised mean differences compare {groups} [@austin2009; @yang2012], not by tests; they are of the patients "
    "whose value is known."
)
BALANCE_AND_TESTS = marked(
    "Standardised mean differences compare {groups} [@austin2009; @yang2012] and by tests that the table names; they "
    "are of the patients whose value is known."
)


def _survival(context: Context) -> str:
    chosen = choices_of(context.settings["statistics"])
    return sentences(
        [
            _estimates(chosen.convention),
            tell(
                "The median is {time}; {interval}.",
                time=tell(QUANTILE_RULES[chosen.convention.quantile_rule]),
                interval=_median_interval(chosen.convention),
            ),
            tell(
                "Probabilities at {landmarks} months have pointwise {level}% confidence intervals on the {scale} "
                "scale{remark}.",
                landmarks=listed([in_digits(months) for months in chosen.landmarks_months]),
                level=context.level_percent,
                scale=scale(chosen.convention.survival_interval),
                remark=stand_in(chosen.convention),
            ),
            _restricted_means(chosen),
            tell(
                "Follow-up is described by the reverse Kaplan–Meier method on {endpoint} [@schemper1996].",
                endpoint=in_text(endpoint_label(context.settings, context.settings["follow_up_endpoint"])),
            ),
            _comparison(context),
        ]
    )


def _estimates(convention: Convention) -> str:
    package = NAMES.get(convention.name)
    if package is None:
        return tell("Time-to-event endpoints were estimated by the Kaplan–Meier method [@kaplan1958].")
    return tell(
        "Time-to-event endpoints were estimated by the Kaplan–Meier method [@kaplan1958], by the conventions of "
        "{package}.",
        package=package,
    )


def _median_interval(convention: Convention) -> str:
    if convention.median_interval == "spss":
        return tell(SPSS_INTERVAL)
    return tell(
        "its confidence interval is that of Brookmeyer and Crowley on the {scale} scale [@brookmeyer1982]",
        scale=scale(convention.median_interval),
    )


def _restricted_means(chosen: Choices) -> str:
    """How restricted means were made; nothing where no horizon is configured."""
    if not chosen.rmst_months:
        return ""
    return tell(
        "Restricted mean survival times are areas under the curve to {horizons} months, differences of groups to a "
        "horizon that all of them reach.",
        horizons=listed([in_digits(months) for months in chosen.rmst_months]),
    )


def _comparison(context: Context) -> str:
    compared = context.settings.get("comparisons", {})
    main, strata = compared.get("main"), compared.get("strata", [])
    if not main:
        return ""
    tests = listed([tell(TESTS[kind]) for kind in choices_of(context.settings["statistics"]).tests])
    if strata:
        names = listed([variable_name(name, context) for name in strata])
        tests = tell("{tests}, also stratified by {variables}", tests=tests, variables=names)
    if len(context.settings["variables"][main]["levels"]) > 2:
        tests = tell("{tests}, and each pair of groups by Holm's method", tests=tests)
    return tell("Groups by {variable} were compared by {tests}.", variable=variable_name(main, context), tests=tests)


def _models(context: Context) -> str:
    models = {name: names for name, names in context.settings["models"].items() if names}
    if not models:
        return ""
    each = [_model(name, names, context) for name, names in models.items()]
    return sentences(
        [
            tell(
                "Cox proportional hazards models [@cox1972] were fitted to each characteristic alone and to all of "
                "them together: {models}.",
                models="; ".join(each),
            ),
            tell(
                "Ties were handled by {method}, and intervals and p-values are Wald's.",
                method=tell(TIES[context.settings["statistics"]["ties"]]),
            ),
            tell("Characteristics entered the models because the protocol names them, not because of their p-values."),
            _proportional_hazards(),
        ]
    )


def _proportional_hazards() -> str:
    return tell(
        "The proportional hazards assumption was tested for each characteristic and for all together by the score "
        "test of Grambsch and Therneau [@grambsch1994] as R's cox.zph computes it, with time on the scale of the "
        "Kaplan–Meier estimate; tests with ranks of time and with time itself are in the results too."
    )


def _model(endpoint: str, names: list[str], context: Context) -> str:
    label = in_text(endpoint_label(context.settings, endpoint))
    modelled = listed([variable_name(name, context) for name in names])
    model = tell("for {endpoint}, {variables}", endpoint=label, variables=modelled)
    if strata := context.settings.get("model_strata", {}).get(endpoint, []):
        names = [variable_name(name, context) for name in strata]
        model = tell("{model}, stratified by {variables}", model=model, variables=listed(names))
    return model.replace("; ", ", ")


def _reading(context: Context) -> str:
    return sentences(
        [
            tell("Confidence intervals have a level of {level}%.", level=context.level_percent),
            _p_values(context),
            _missing(context),
            tell(
                "The survival statistics are computed by the program's own functions, which agree with R's survival "
                "package where they were compared."
            ),
            tell("Versions are in the provenance record of each result."),
            _guideline(context),
        ]
    )


def _p_values(context: Context) -> str:
    """How p-values are read, and what they cannot do where no comparison was randomised."""
    if context.settings.get("comparisons", {}).get("randomised"):
        return tell("p-values are two-sided and not adjusted for the number of tests.")
    return tell(
        "p-values are two-sided and not adjusted for the number of tests; they describe the data and confirm nothing."
    )


def _guideline(context: Context) -> str:
    if context.settings.get("comparisons", {}).get("randomised"):
        return tell("Reporting was guided by the CONSORT statement [@schulz2010].")
    return tell("Reporting was guided by the STROBE and RECORD statements [@vonelm2007; @benchimol2015].")


def _missing(context: Context) -> str:
    """What became of unknown covariates, and which other analyses of the models were planned."""
    asked = context.settings.get("sensitivity", {})
    told = [tell(IMPUTED if "imputation" in asked else NOT_IMPUTED)]
    if months := [str(each) for each in asked.get("landmarks_months", [])]:
        told.append(tell("Others begin at a landmark of {months} months, among those still at risk then.",
                         months=listed(months)))  # fmt: skip
    instead = [tell("{new} for {old}", new=variable_name(new, context), old=variable_name(old, context))
               for old, others in asked.get("replace", {}).items() for new in others]  # fmt: skip
    if instead:
        told.append(tell("Others take {codings} in the multivariable models.", codings=listed(instead)))
    return sentences(told)


NOT_IMPUTED = marked("Missing values were not imputed.")
IMPUTED = marked(
    "Unknown values were not imputed in the main analysis; a sensitivity analysis imputes unknown covariates of the "
    "multivariable models by chained equations with the event indicator and the Nelson–Aalen cumulative hazard, with "
    "as many imputations as the percentage of patients who lack one, and pools by Rubin's rules."
)


def outline(context: Context) -> str:
    """One sentence for the abstract: endpoints and how they were estimated."""
    labels = [in_text(context.settings["endpoints"][name]["label"]) for name in drawn(context.settings)]
    models = any(context.settings["models"].values())
    return tell(OUTLINES[len(labels) == 1, models], endpoints=capital(listed(labels)))


OUTLINES = {
    (True, False): marked("{endpoints} was estimated by the Kaplan–Meier method."),
    (False, False): marked("{endpoints} were estimated by the Kaplan–Meier method."),
    (True, True): marked(
        "{endpoints} was estimated by the Kaplan–Meier method, and its association with baseline characteristics by "
        "Cox models."
    ),
    (False, True): marked(
        "{endpoints} were estimated by the Kaplan–Meier method, and their association with baseline characteristics by "
        "Cox models."
    ),
}
"""The sentence of the abstract, by whether there is one endpoint and whether there are models."""


def question(context: Context) -> str:
    """The aim, from endpoints and comparison."""
    labels = listed([in_text(context.settings["endpoints"][name]["label"]) for name in drawn(context.settings)])
    main = context.settings.get("comparisons", {}).get("main")
    if not main:
        return tell("The aim was to describe {endpoints}.", endpoints=labels)
    return tell("The aim was to describe {endpoints}, and to compare patients by {variable}.",
                endpoints=labels, variable=variable_name(main, context))  # fmt: skip


def limitations(context: Context) -> str:
    """The limitations that the study's configuration states, and those of every analysis made this way."""
    stated = [escaped(str(each)) for each in context.settings["report"].get("limitations", [])]
    return paragraphs([sentences(stated), sentences([_unmeasured(context), _left_out(context), _many_looks(context)])])


def _left_out(context: Context) -> str:
    """That patients without the data asked for are not among those analysed."""
    asks = any(context.count(f"flow.excluded.{each['id']}")
               for each in context.settings["criteria"]
               if each.get("unknown") == AS_MISSING or {"known", "known_columns"} & set(asked_by(each)))  # fmt: skip
    if not asks:
        return ""
    return tell(
        "Patients without the data that the criteria ask for were left out, and may differ from those who remained."
    )


def _many_looks(context: Context) -> str:
    """That several associations were looked at; nothing without models."""
    if not any(len(names) > 1 for names in context.settings["models"].values()):
        return ""
    return tell(
        "Several characteristics were examined without adjustment for their number, so a small p-value may be due to "
        "chance alone."
    )


def _unmeasured(context: Context) -> str:
    """What a comparison of groups cannot tell, apart from the groups that were randomised."""
    comparisons = context.settings.get("comparisons", {})
    if comparisons.get("randomised"):
        return tell(
            "Only the {variable} was assigned at random: a difference between groups by any other characteristic may "
            "be due to something that was not measured.",
            variable=variable_name(comparisons["main"], context),
        )
    return tell(
        "One limitation holds for every analysis of this kind: characteristics were not assigned at random, so a "
        "difference between groups may be due to something that was not measured."
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
