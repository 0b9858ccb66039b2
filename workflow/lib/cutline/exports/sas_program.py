"""The part of tables.sas that is the study's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cutline.exports.names import one_line
from cutline.exports.plan import Plan, Variable, compared, dataset_names, groupings, has_confirmed, response_kinds
from cutline.response.words import CONTROLLED, RESPONDING
from cutline.survival.choices import choices_of

Settings = Mapping[str, Any]
Lines = Iterator[str]

CONFTYPE = {"plain": "linear", "log": "log", "log-log": "loglog", "logit": "logit", "arcsin": "asinsqrt"}
TESTS = {"logrank": "logrank", "gehan_breslow": "wilcoxon", "tarone_ware": "tarone",
         "fleming_harrington": "fleming(1, 0)"}  # fmt: skip


def sas_text(text: str) -> str:
    """A string of SAS, whatever it holds: nothing in single quotes is a macro."""
    return "'" + one_line(text).replace("'", "''") + "'"


def sas_fields(settings: Settings) -> dict[str, str]:
    """The values of the template's own fields."""
    z = choices_of(settings["statistics"]).convention.z
    return {"days_per_month": f"{settings['statistics']['days_per_month']:g}", "spss_z": f"{z:.8g}"}


def sas_analyses(settings: Settings, plan: Plan) -> str:
    """The steps, in the order of the report."""
    lines = [f"%read({name});" for name in dataset_names(settings)]
    lines += [*_formats(plan), *_baseline(settings, plan), *_survival(settings, plan), *_models(settings, plan)]
    lines += _response(settings) if "response" in settings else []
    lines += _safety(settings, plan) if "safety" in settings else []
    return "\n".join(lines).strip()


def _title(text: str) -> str:
    return f"title {sas_text(text)};"


def _alpha(settings: Settings) -> str:
    return f"{1 - settings['statistics']['conf_level']:.6g}"


# ── baseline ─────────────────────────────────────────────────────────────────────────────────


def _format_name(variable: Variable) -> str:
    """Names of formats may not end in a digit."""
    return f"{variable.coded.lower()}_f"


def _formats(plan: Plan) -> Lines:
    yield from ("", "/* What the codes mean. */", "proc format;")
    for variable in plan.variables.values():
        if variable.levels:
            codes = " ".join(f"{code}={sas_text(variable.levels[level])}" for level, code in variable.codes.items())
            yield f"  value {_format_name(variable)} {codes};"
    yield "run;"


def _baseline(settings: Settings, plan: Plan) -> Lines:
    variables = [plan.variables[name] for name in settings["baseline"]["variables"]]
    yield from ("", "/* Baseline characteristics. Quartiles: weighted averages at (n + 1) p, definition 4 of SAS. */",
                _title("Baseline characteristics"), *_characteristics(variables, "work.adsl"))  # fmt: skip
    for by in groupings(settings):
        group = plan.variables[by]
        shown = f"format {group.coded} {_format_name(group)}."
        yield from ("", _title(f"Baseline characteristics by {group.label}"))
        yield f"proc freq data=work.adsl; tables {group.coded} / missing; {shown}; run;"
        yield f"proc sort data=work.adsl out=work.grouped; by {group.coded}; run;"
        yield from _characteristics(variables, "work.grouped", f"by {group.coded}; {shown}; ")


_STATISTICS = "n nmiss mean std min q1 median q3 max qntldef=4"


def _characteristics(variables: Iterable[Variable], data: str, by: str = "") -> Lines:
    for variable in variables:
        if variable.levels:
            shown = f"format {variable.coded} {_format_name(variable)}.;"
            yield f"proc freq data={data}; {by}tables {variable.coded} / missing; {shown} run;"
        else:
            yield f"proc means data={data} {_STATISTICS}; {by}var {variable.coded}; run;"


# ── survival ─────────────────────────────────────────────────────────────────────────────────


def _survival(settings: Settings, plan: Plan) -> Lines:
    chosen = choices_of(settings["statistics"])
    if chosen.convention.quantile_rule == "left_end":
        yield from ("", "/* Where S(t) is one half along a whole step, SAS takes its middle as the median, the report",
                    "   its left end. */")  # fmt: skip
    tests = " ".join(TESTS[kind] for kind in chosen.tests)
    for endpoint, code in plan.endpoints.items():
        yield from ("", _title(f"{settings['endpoints'][endpoint]['label']}: Kaplan-Meier"), f"%persons_of({code});")
        if settings["endpoints"][endpoint].get("descriptive"):
            yield f"proc means data=work.persons {_STATISTICS}; var AVALM; run;"
            continue
        yield from _curve(settings, "")
        for name in compared(settings):
            variable = plan.variables[name]
            shown = f"format {variable.coded} {_format_name(variable)}.;"
            yield from _curve(settings, f" strata {variable.coded} / test=({tests}); {shown}", variable)
        if endpoint == settings["follow_up_endpoint"]:
            yield from ("", "/* Follow-up by reverse Kaplan-Meier: being censored is the event. */",
                        _title("Follow-up"), *_median(settings, 0, "work.persons"))  # fmt: skip


def _curve(settings: Settings, strata: str, variable: Variable | None = None) -> Lines:
    """S(t) at the landmarks with its interval and the log-rank test; then medians with theirs, in each group."""
    chosen = choices_of(settings["statistics"])
    months = " ".join(map(str, chosen.landmarks_months))
    kind = CONFTYPE[chosen.convention.survival_interval]
    yield f"proc lifetest data=work.persons conftype={kind} alpha={_alpha(settings)} timelist={months};"
    yield f"  time AVALM*CNSR(1);{strata}"
    yield "run;"
    groups = [f"work.persons(where=({variable.coded}={code}))" for code in variable.codes.values()] if variable else []
    for data in groups or ["work.persons"]:
        yield from _median(settings, 1, data)


def _median(settings: Settings, censored: int, data: str) -> Lines:
    interval = settings["statistics"]["median_interval"]
    if interval == "spss":
        yield f"%spss_median(%str({data}), {censored});"
        return
    yield f"proc lifetest data={data} conftype={CONFTYPE[interval]} alpha={_alpha(settings)};"
    yield f"  time AVALM*CNSR({censored}); ods select Quartiles;"
    yield "run;"


# ── Cox models ───────────────────────────────────────────────────────────────────────────────


def _models(settings: Settings, plan: Plan) -> Lines:
    for endpoint, names in settings["models"].items():
        label = settings["endpoints"][endpoint]["label"]
        yield from ("", _title(f"{label}: Cox models"), f"%persons_of({plan.endpoints[endpoint]});")
        strata = [plan.variables[name] for name in settings.get("model_strata", {}).get(endpoint, [])]
        for chosen in [*([name] for name in names), names]:
            yield from _cox(settings, [plan.variables[name] for name in chosen], strata)


def _cox(settings: Settings, variables: list[Variable], strata: list[Variable]) -> Lines:
    columns = " ".join(variable.coded for variable in variables)
    classes = [f"{variable.coded}(ref='{variable.reference_code}')" for variable in variables if variable.levels]
    yield "proc phreg data=work.persons;"
    if classes:
        yield f"  class {' '.join(classes)} / param=ref;"
    options = f"ties={settings['statistics']['ties']} risklimits alpha={_alpha(settings)}"
    yield f"  model AVAL*CNSR(1) = {columns} / {options};"
    if strata:
        yield f"  strata {' '.join(variable.coded for variable in strata)};"
    yield "run;"


# ── response and adverse events ──────────────────────────────────────────────────────────────


def _response(settings: Settings) -> Lines:
    yield from ("", "/* Response rates with exact intervals (Clopper and Pearson). */")
    for _, parameter, benefit in response_kinds(settings):
        rates = {"orr": _responds(RESPONDING), "dcr": _responds(CONTROLLED)}
        rates |= {"cbr": f"({benefit} = 'Y')"} if has_confirmed(settings) else {}
        yield from (_title(f"Best overall response: {parameter}"), "data work.best;")
        yield f"  merge work.adrs(where=(PARAMCD = '{parameter}')) work.adsl; by USUBJID;"
        yield from (f"  {name} = {holds};" for name, holds in rates.items())
        yield from ("run;", "proc freq data=work.best; tables AVALC; run;")
        for name in rates:
            tested = f"tables {name} / binomial(level='1') alpha={_alpha(settings)}; exact binomial;"
            yield f"proc freq data=work.best; {tested} run;"


def _responds(responses: list[str]) -> str:
    return f"(AVALC in ({', '.join(map(sas_text, responses))}))"


def _safety(settings: Settings, plan: Plan) -> Lines:
    yield from ("", "/* Adverse events: persons, not events. The report gives no number for grade or discontinuation",
                "   where it is open for a person. */", _title("Adverse events"), "proc sql;")  # fmt: skip
    yield "  select count(*) into :persons trimmed from work.adsl;"
    yield from _counted("'Any adverse event'", "1")
    for term, label in {**settings["safety"]["terms"], "unmapped": "Terms not in the code list"}.items():
        yield from _counted(sas_text(label), f"AETRMID = {sas_text(term)}")
    yield from _counted("'Grade 3 or 4'", "ATOXGRN in (3, 4)")
    yield from _counted("'Discontinued for an adverse event'", "AEACN = 'discontinued'")
    yield from _counted("'A grade is not recorded'", "ATOXGRN is missing")
    yield from _counted("'An action is not recorded'", "AEACN in ('', 'unknown')")
    if plan.deaths:
        yield "  select 'Treatment-related death' as what, count(distinct USUBJID) as n from ("
        yield "    select USUBJID from work.adsl where DTHREL = 'yes' union select USUBJID from work.adae"
        yield "    where AEREL = 'related' and (AEOUT = 'fatal' or ATOXGRN = 5));"
    yield "quit;"


def _counted(label: str, holds: str) -> Lines:
    yield f"  select {label} as what, count(distinct USUBJID) as n, 100 * calculated n / &persons as percent"
    yield f"    from work.adae where {holds};"
