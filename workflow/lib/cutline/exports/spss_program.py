"""The part of tables.sps that is the study's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cutline.exports.names import one_line
from cutline.exports.plan import Plan, Variable, compared, groupings, has_confirmed, response_kinds
from cutline.response.words import CONTROLLED, RESPONDING
from cutline.survival.choices import choices_of

Settings = Mapping[str, Any]
Lines = Iterator[str]


def spss_text(text: str) -> str:
    """A string of SPSS, whatever it holds."""
    return "'" + one_line(text).replace("'", "''") + "'"


def spss_fields(settings: Settings) -> dict[str, str]:
    """The values of the template's own fields."""
    return {"days_per_month": f"{settings['statistics']['days_per_month']:g}"}


def spss_analyses(settings: Settings, plan: Plan) -> str:
    """The commands, in the order of the report."""
    lines = [*_baseline(settings, plan), *_survival(settings, plan), *_models(settings, plan)]
    lines += _response(settings) if "response" in settings else []
    lines += _safety(settings, plan) if "safety" in settings else []
    return "\n".join(lines).strip()


def _comment(text: str) -> str:
    """A line of comment; it ends at the full stop at its end, and quotes in it could open a string."""
    return f"* {one_line(text).rstrip('.').replace(chr(39), '’')}."


def _section(text: str) -> Lines:
    yield from ("", _comment("=" * 70), _comment(text), "")


# ── baseline ─────────────────────────────────────────────────────────────────────────────────


def _baseline(settings: Settings, plan: Plan) -> Lines:
    yield from _section("Baseline characteristics")
    yield _comment("Quartiles are weighted averages at (n + 1) p (HAVERAGE), which is what SPSS does by default")
    yield "GET FILE='adsl.sav'."
    variables = [plan.variables[name] for name in settings["baseline"]["variables"]]
    yield from _characteristics(variables)
    for by in groupings(settings):
        group = plan.variables[by].coded
        yield from ("", _comment(f"The same by {plan.variables[by].label}"), f"FREQUENCIES VARIABLES={group}.",
                    f"SORT CASES BY {group}.", f"SPLIT FILE SEPARATE BY {group}.", *_characteristics(variables),
                    "SPLIT FILE OFF.")  # fmt: skip


_QUARTILES = "/PLOT=NONE /PERCENTILES(25,50,75)=HAVERAGE /STATISTICS=DESCRIPTIVES"


def _characteristics(variables: Iterable[Variable]) -> Lines:
    for variable in variables:
        if variable.levels:
            yield f"FREQUENCIES VARIABLES={variable.coded}."
        else:
            yield f"FREQUENCIES VARIABLES={variable.coded} /FORMAT=NOTABLE /STATISTICS=MEAN STDDEV MINIMUM MAXIMUM."
            yield f"EXAMINE VARIABLES={variable.coded} {_QUARTILES}."


# ── survival ─────────────────────────────────────────────────────────────────────────────────


def _survival(settings: Settings, plan: Plan) -> Lines:
    chosen = choices_of(settings["statistics"])
    interval = chosen.convention.median_interval
    tests = " ".join(TESTS[kind] for kind in chosen.tests if kind in TESTS)
    if "fleming_harrington" in chosen.tests:
        yield from ("", _comment("SPSS has no Fleming-Harrington test; that of the report is not made here"))
    if interval != "spss":
        yield from ("", _comment(f"The intervals of medians in the report are by Brookmeyer and Crowley ({interval})"),
                    _comment("SPSS prints its own, symmetric one instead, so only the medians agree"))  # fmt: skip
    for endpoint, code in plan.endpoints.items():
        yield from _section(f"{settings['endpoints'][endpoint]['label']}: Kaplan-Meier")
        yield from _persons(code)
        if settings["endpoints"][endpoint].get("descriptive"):
            yield f"EXAMINE VARIABLES=AVALM {_QUARTILES}."
            continue
        yield "FREQUENCIES VARIABLES=CNSR."
        yield "KM AVALM /STATUS=CNSR(0) /PRINT=TABLE MEAN /SAVE=SURVIVAL(SURV) SE(SURVSE)."
        for name in compared(settings):
            group = plan.variables[name].coded
            yield from _compared_by(group, tests, settings, name)
        if endpoint == settings["follow_up_endpoint"]:
            yield from ("", _comment("Follow-up by reverse Kaplan-Meier: being censored is the event"),
                        "KM AVALM /STATUS=CNSR(1) /PRINT=MEAN.")  # fmt: skip
        yield from _landmarks(settings)


TESTS = {"logrank": "LOGRANK", "gehan_breslow": "BRESLOW", "tarone_ware": "TARONE"}


def _compared_by(group: str, tests: str, settings: Settings, name: str) -> Lines:
    """Curves by group with their tests, of all groups and, of more than two, of each pair."""
    test = f" /TEST={tests}" if tests else ""
    yield f"KM AVALM BY {group} /STATUS=CNSR(0) /PRINT=TABLE MEAN{test} /COMPARE=OVERALL POOLED."
    if tests and len(settings["variables"][name]["levels"]) > 2:
        yield f"KM AVALM BY {group} /STATUS=CNSR(0) /PRINT=MEAN{test} /COMPARE=PAIRWISE POOLED."


def _persons(code: str) -> Lines:
    yield "GET FILE='adtte.sav'."
    yield f"SELECT IF (PARAMCD = {spss_text(code)} AND RULESET = 'main')."
    yield "SORT CASES BY USUBJID."
    yield "MATCH FILES /FILE=* /TABLE='adsl.sav' /BY USUBJID."
    yield "EXECUTE."


_LIMITS = {
    "plain": ("{s} - {z} * {s} * {g}", "{s} + {z} * {s} * {g}"),
    "log": ("{s} / EXP({z} * {g})", "{s} * EXP({z} * {g})"),
    "log-log": ("EXP(-EXP(LN(-LN({s})) - {z} * {g} / LN({s})))", "EXP(-EXP(LN(-LN({s})) + {z} * {g} / LN({s})))"),
    "logit": (
        "1 / (1 + (1 - {s}) / {s} * EXP({z} * {g} / (1 - {s})))",
        "1 / (1 + (1 - {s}) / {s} * EXP(-{z} * {g} / (1 - {s})))",
    ),
    "arcsin": (
        "SIN(MAX(0, ARSIN(SQRT({s})) - 0.5 * {z} * {g} * SQRT({s} / (1 - {s})))) ** 2",
        "SIN(MIN(1.5707963267949, ARSIN(SQRT({s})) + 0.5 * {z} * {g} * SQRT({s} / (1 - {s})))) ** 2",
    ),
}
"""Limits of S(t) = s; g is its standard error divided by s: that of log s, by Greenwood."""


def _landmarks(settings: Settings) -> Lines:
    """S(t) at each landmark: of all persons whose time is not after it the smallest, and the largest error of log S."""
    chosen = choices_of(settings["statistics"])
    months, kind, z = chosen.landmarks_months, chosen.convention.survival_interval, chosen.convention.z
    yield from ("", _comment(f"Survival at {', '.join(map(str, months))} months, interval: {kind}"))
    yield _comment("Nothing is known beyond the last time if that person was censored: then leave that landmark out")
    yield from ("IF (SURV > 0) LOGSE = SURVSE / SURV.",)
    for month in months:
        yield f"IF (AVALM <= {month}) S{month} = SURV."
        yield f"IF (AVALM <= {month}) G{month} = LOGSE."
        yield f"COMPUTE R{month} = (AVALM >= {month})."
    yield "AGGREGATE OUTFILE=* /BREAK=PARAMCD"
    parts = [f"  /S{month}=MIN(S{month}) /G{month}=MAX(G{month}) /R{month}=SUM(R{month})" for month in months]
    yield "\n".join(parts) + "."
    for month in months:
        for side, formula in zip("LU", _LIMITS[kind], strict=True):
            yield f"COMPUTE {side}{month} = {formula.format(s=f'S{month}', g=f'G{month}', z=f'{z:.6f}')}."
    yield f"FORMATS {' '.join(f'S{month} L{month} U{month}' for month in months)} (F12.8)."
    yield f"LIST VARIABLES=PARAMCD {' '.join(f'S{month} L{month} U{month} R{month}' for month in months)}."


# ── Cox models ───────────────────────────────────────────────────────────────────────────────


def _models(settings: Settings, plan: Plan) -> Lines:
    for endpoint, names in settings["models"].items():
        yield from _section(f"{settings['endpoints'][endpoint]['label']}: Cox models")
        if settings["statistics"]["ties"] != "breslow":
            yield _comment(
                "The report handles ties by Efron’s method; COXREG knows Breslow’s only, so last digits differ"
            )
        yield from _persons(plan.endpoints[endpoint])
        yield from _references([plan.variables[name] for name in names])
        strata = [plan.variables[name].coded for name in settings.get("model_strata", {}).get(endpoint, [])]
        if strata:  # COXREG takes one variable: their codes side by side
            yield f"COMPUTE STRATUM={' + '.join(f'{1000**place}*{name}' for place, name in enumerate(strata))}."
        for chosen in [*([name] for name in names), names]:
            yield from _cox(
                [plan.variables[name] for name in chosen], settings["statistics"]["conf_level"], bool(strata)
            )


def _references(variables: Iterable[Variable]) -> Lines:
    """A reference level whose code is not the first becomes -1, so that INDICATOR(1) means it."""
    for variable in variables:
        if variable.levels and variable.reference_code != min(variable.codes.values()):
            others = [f"{code} {spss_text(variable.levels[level])}" for level, code in variable.codes.items()
                      if level != variable.reference]  # fmt: skip
            name, label = variable.coded, spss_text(variable.levels[variable.reference])
            yield f"RECODE {name} ({variable.reference_code}=-1)."
            yield f"VALUE LABELS {name} -1 {label} {' '.join(others)}."


def _cox(variables: list[Variable], conf_level: float, stratified: bool) -> Lines:
    columns = " ".join(variable.coded for variable in variables)
    yield f"COXREG AVALM WITH {columns}"
    yield "  /STATUS=CNSR(0)"
    if stratified:
        yield "  /STRATA=STRATUM"
    for variable in variables:
        if variable.levels:
            yield f"  /CATEGORICAL={variable.coded} /CONTRAST({variable.coded})=INDICATOR(1)"
    yield f"  /METHOD=ENTER {columns}"
    yield f"  /PRINT=CI({100 * conf_level:g})."


# ── response and adverse events ──────────────────────────────────────────────────────────────


def _response(settings: Settings) -> Lines:
    alpha = 1 - settings["statistics"]["conf_level"]
    yield from _section("Best overall response; intervals exact (Clopper and Pearson)")
    for _, parameter, benefit in response_kinds(settings):
        yield from (*_best_responses(parameter), "FREQUENCIES VARIABLES=AVAL.")
        for name, responses in (("ORR", RESPONDING), ("DCR", CONTROLLED)):
            yield from ("", *_best_responses(parameter))
            yield f"COMPUTE {name} = ANY(AVALC, {', '.join(map(spss_text, responses))})."
            yield from _rate(name, parameter, alpha)
        if has_confirmed(settings):
            yield from ("", *_best_responses(parameter), "MATCH FILES /FILE=* /TABLE='adsl.sav' /BY USUBJID.")
            yield from (f"COMPUTE CBR = (RTRIM({benefit}) = 'Y').", *_rate("CBR", parameter, alpha))


def _best_responses(parameter: str) -> Lines:
    yield from ("GET FILE='adrs.sav'.", f"SELECT IF (PARAMCD = '{parameter}').")


def _rate(name: str, parameter: str, alpha: float) -> Lines:
    yield f"AGGREGATE OUTFILE=* /BREAK=PARAMCD /HITS=SUM({name}) /PERSONS=N."
    yield "COMPUTE RATE = 100 * HITS / PERSONS."
    yield from ("COMPUTE LOWER = 0.", "COMPUTE UPPER = 100.")
    yield f"IF (HITS > 0) LOWER = 100 * IDF.BETA({alpha / 2:.6g}, HITS, PERSONS - HITS + 1)."
    yield f"IF (HITS < PERSONS) UPPER = 100 * IDF.BETA({1 - alpha / 2:.6g}, HITS + 1, PERSONS - HITS)."
    yield from ("STRING RATEID (A8).", f"COMPUTE RATEID = '{parameter} {name}'.", "FORMATS RATE LOWER UPPER (F12.8).")
    yield "LIST VARIABLES=RATEID HITS PERSONS RATE LOWER UPPER."


def _safety(settings: Settings, plan: Plan) -> Lines:
    terms = {**settings["safety"]["terms"], "unmapped": "Terms not in the code list"}
    columns = [f"AE{number}" for number in range(1, len(terms) + 1)]
    yield from _section("Adverse events: persons, not events")
    yield "GET FILE='adae.sav'."
    for column, term in zip(columns, terms, strict=True):
        yield f"COMPUTE {column} = (RTRIM(AETRMID) = {spss_text(term)})."
    flags = {"ANYAE": "Any adverse event", "HIGH": "Grade 3 or 4", "HIGHUNK": "A grade is not recorded",
             "STOPPED": "Discontinued for an adverse event", "STOPUNK": "An action is not recorded",
             "FATALREL": "Fatal event related to the study treatment"}  # fmt: skip
    yield from _consequences()
    names = [*columns, *flags]
    yield "SORT CASES BY USUBJID."
    yield "AGGREGATE OUTFILE=* /BREAK=USUBJID"
    yield "\n".join(f"  /{name}=MAX({name})" for name in names) + "."
    yield from ("MATCH FILES /FILE='adsl.sav' /TABLE=* /BY USUBJID.",
                f"RECODE {' '.join(names)} (SYSMIS=0).", f"VALUE LABELS {' '.join(names)} 0 'No' 1 'Yes'.")  # fmt: skip
    for name, label in {**dict(zip(columns, terms.values(), strict=True)), **flags}.items():
        yield f"VARIABLE LABELS {name} {spss_text(label)}."
    yield _comment("The report gives no number where the records leave it open for a person")
    yield f"FREQUENCIES VARIABLES={' '.join(names)}."
    if plan.deaths:
        yield "COMPUTE RELDEATH = (RTRIM(DTHREL) = 'yes' OR FATALREL = 1)."
        yield from ("VARIABLE LABELS RELDEATH 'Treatment-related death'.", "FREQUENCIES VARIABLES=RELDEATH.")


def _consequences() -> Lines:
    """What else is known of each event, as 0 or 1."""
    yield from ("COMPUTE ANYAE = 1.", "COMPUTE HIGH = 0.", "IF (ANY(ATOXGRN, 3, 4)) HIGH = 1.",
                "COMPUTE HIGHUNK = MISSING(ATOXGRN).", "COMPUTE STOPPED = (RTRIM(AEACN) = 'discontinued').",
                "COMPUTE STOPUNK = (RTRIM(AEACN) = '' OR RTRIM(AEACN) = 'unknown').", "COMPUTE FATALREL = 0.",
                "IF (RTRIM(AEREL) = 'related' AND RTRIM(AEOUT) = 'fatal') FATALREL = 1.",
                "IF (RTRIM(AEREL) = 'related' AND ATOXGRN = 5) FATALREL = 1.")  # fmt: skip
