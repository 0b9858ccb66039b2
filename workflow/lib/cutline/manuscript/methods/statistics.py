"""Methods: estimators, intervals, tests and models, as configured."""

from __future__ import annotations

from cutline.display.captions import endpoint_label
from cutline.display.convention_words import scale, stand_in
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.markdown import in_digits, in_text, listed, paragraphs, sentences
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
    each = "; ".join(_model(name, names, context) for name, names in models.items())
    several = any(len(names) > 1 for names in models.values())
    return sentences(
        [
            tell(FITTED_ALONE_AND_TOGETHER if several else FITTED_ALONE, models=each),
            tell(
                "Ties were handled by {method}, and intervals and p-values are Wald's.",
                method=tell(TIES[context.settings["statistics"]["ties"]]),
            ),
            tell("Characteristics entered the models because the protocol names them, not because of their p-values."),
            _proportional_hazards(),
        ]
    )


FITTED_ALONE = marked("Cox proportional hazards models [@cox1972] were fitted: {models}.")
FITTED_ALONE_AND_TOGETHER = marked(
    "Cox proportional hazards models [@cox1972] were fitted to each characteristic alone and to all of them together: "
    "{models}."
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
    if context.randomised:
        return tell("p-values are two-sided and not adjusted for the number of tests.")
    return tell(
        "p-values are two-sided and not adjusted for the number of tests; they describe the data and confirm nothing."
    )


def _guideline(context: Context) -> str:
    if context.randomised:
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
