"""Results in sentences: the wording is chosen by the data, every number is a look-up."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from cutline.disclosure.profiles import is_public
from cutline.display.captions import endpoint_label, level_label
from cutline.display.catalogue import drawn
from cutline.display.responses import Group, group_of, groups_shown
from cutline.display.table_sensitivity import variants_of
from cutline.endpoints.conventions import limit_days
from cutline.manuscript.adverse_events import details
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import capital, escaped, in_text, listed, look_up, paragraphs, sentences
from cutline.manuscript.model_guards import guards, is_exploratory

NOTABLE = 0.05
SPELT_OUT = 3
"""Up to so many associations are given with their hazard ratios; of more the text names the p-values and the table has
the rest."""
RESPONSES = {
    "complete": "complete response",
    "partial": "partial response",
    "stable": "stable disease",
    "non_cr_non_pd": "neither complete response nor progression",
    "progressive": "progressive disease",
    "not_evaluable": "not evaluable",
    "missing": "no assessment",
}
RATES = {
    "orr": "unconfirmed objective response rate",
    "dcr": "unconfirmed disease control rate",
    "cbr": "unconfirmed clinical benefit rate",
}
NOBODY = "No patient met all criteria at this data cut-off, so nothing is estimated."


# ── numbers with what belongs to them ────────────────────────────────────────────────────────


def count_percent(context: Context, path: str) -> str:
    """A count with its percentage: `40 (57.1%)`; the count alone where there is no percentage."""
    share = f" ({look_up(f'{path}.percent', 'percent')})" if context.has(f"{path}.percent") else ""
    return look_up(f"{path}.n", "%d") + share


def patients_percent(context: Context, path: str) -> str:
    """As `count_percent`, with the noun: `38 patients (54.3%)`."""
    noun = "patient" if context.count(f"{path}.n") == 1 else "patients"
    return count_percent(context, path).replace(">}}", f">}}}} {noun}", 1)


def interval(context: Context, lower: str, upper: str, fmt: str) -> str:
    """The confidence interval of two keys: `95% CI 5.59–7.61`; in words for a limit that is not estimable."""
    known = [context.value(key) is not None for key in (lower, upper)]
    if not any(known):
        return f"{context.level_percent}% CI not estimable"
    limits = [look_up(key, fmt) if context.has(key) else "not estimable" for key in (lower, upper)]
    return f"{context.level_percent}% CI {('–' if all(known) else ' to ').join(limits)}"


def median(context: Context, path: str, ends: tuple[str, str] = ("median_lower", "median_upper")) -> str:
    """A median in months with its interval, or that it was not reached."""
    limits = interval(context, f"{path}.{ends[0]}", f"{path}.{ends[1]}", "%.2f")
    if context.value(f"{path}.median") is None:
        return (
            "not reached" if all(context.value(f"{path}.{end}") is None for end in ends) else f"not reached ({limits})"
        )
    return f"{look_up(f'{path}.median', '%.1f')} months ({limits})"


# ── flow and baseline ────────────────────────────────────────────────────────────────────────


def flow(context: Context) -> str:
    """Screened, excluded by reason, included."""
    figure = find("figure", context, "flow")
    shown = f" ({reference(figure)})" if figure else ""
    criteria = context.settings["criteria"]
    counted = [criterion for criterion in criteria if context.count(f"flow.excluded.{criterion['id']}")]
    numbers = [look_up(f"flow.excluded.{each['id']}", "%d") for each in counted]
    words = [in_text(each["label"]) for each in counted]
    unknown = [_because_unknown(each["id"], context) for each in counted]
    reasons = [f"{number} for {reason}{some}" for number, reason, some in zip(numbers, words, unknown, strict=True)]
    few = (
        "How many were excluded by each criterion that is not named rounds to 0." if is_public(context.settings) else ""
    )
    none, nobody_else = few or "Nobody was excluded.", few or "No other criterion excluded anyone."
    rest = nobody_else if counted and len(counted) < len(criteria) else ""
    return sentences(
        [
            f"Of {look_up('flow.screened', '%d')} patients screened, {look_up('flow.included', '%d')} "
            f"were included{shown}.",
            f"Excluded were {listed(reasons)}." if reasons else none,
            rest,
            _pending(context),
            _set_aside(context),
            _corrected(context),
            _imputed(context),
            _judged(context),
            _index_dates(context),
        ]
    )


def _because_unknown(criterion: str, context: Context) -> str:
    """How many of those excluded are so because the answer is unknown: ` (3 of them because it is unknown)`."""
    excluded, unknown = f"flow.excluded.{criterion}", f"flow.excluded_unknown.{criterion}"
    if not context.count(unknown):
        return ""
    if context.count(unknown) == context.count(excluded):
        return " (because it is unknown)"
    return f" ({look_up(unknown, '%d')} of them because it is unknown)"


def _pending(context: Context) -> str:
    """Who is provisionally out, and why."""
    total = context.count("flow.pending")
    if not total:
        return ""
    criteria = [each for each in context.settings["criteria"] if context.count(f"flow.pending.{each['id']}")]
    numbers = [look_up(f"flow.pending.{each['id']}", "%d") for each in criteria]
    each = [f"{number} at {in_text(one['label'])}" for number, one in zip(numbers, criteria, strict=True)]
    who = "patient is" if total == 1 else "patients are"
    return (
        f"{look_up('flow.pending', '%d')} {who} pending, provisionally out until a query is answered: {listed(each)}."
    )


def _set_aside(context: Context) -> str:
    """Records that failed a check are not dropped without a word."""
    keys = ("quality.quarantined", "quality.values")
    if not any(context.count(key) for key in keys if context.has(key)):
        return ""
    records, values = (look_up(key, "%d") for key in keys)
    return (
        f"Of {look_up('quality.records', '%d')} records, {records} failed a check of plausibility or format and were "
        f"set aside, and so were {values} single values of others."
    )


def _corrected(context: Context) -> str:
    """What answers to queries changed is told, and that the source did not change."""
    keys = ("quality.corrected", "quality.withdrawn")
    if not any(context.count(key) for key in keys if context.has(key)):
        return ""
    values, records = (look_up(key, "%d") for key in keys)
    return (
        f"Answers to queries corrected {values} values and withdrew {records} records; they were laid over the records "
        "and not written to the source."
    )


def _judged(context: Context) -> str:
    """Where completeness and plausibility of the records are told, with the warnings that stay."""
    tables = [find("table", context, subject) for subject in ("completeness", "plausibility")]
    warnings = "quality.severity.warning.n"
    if not context.has(warnings) or not all(tables):
        return ""
    shown = listed([reference(table) for table in tables if table])
    if context.value(warnings) is None:
        return f"Rules of plausibility and completeness are in {shown}, without numbers."
    what = "finding" if context.count(warnings) == 1 else "findings"
    return (
        f"Rules of plausibility gave {look_up(warnings, '%d')} {what} to ask about, in records that were kept; "
        f"completeness and all rules are in {shown}."
    )


def _imputed(context: Context) -> str:
    """Completed dates are told of, whether many or few."""
    key = "quality.imputed"
    if not context.has(key) or not context.count(key):
        return ""
    dates = "date" if context.count(key) == 1 else "dates"
    return f"Only a part was recorded of {look_up(key, '%d')} {dates}, completed as the methods say."


def _index_dates(context: Context) -> str:
    keys = ("index_date.first", "index_date.last")
    if not all(context.has(key) and context.results[key].get("text") for key in keys):
        return ""
    first, last = (look_up(key, "date") for key in keys)
    return f"Index dates ranged from {first} to {last}."


def baseline(context: Context) -> str:
    """A clause for each main characteristic, `baseline.in_text`, else for all; the table has the rest."""
    if context.nobody:
        return NOBODY
    table = find("table", context, "baseline")
    shown = f"Their characteristics are shown in {reference(table)}." if table else ""
    spec = context.settings["baseline"]
    clauses = (_characteristic(name, context) for name in spec.get("in_text", spec["variables"]))
    return sentences([shown, *clauses, *(_imbalance(by, context) for by in spec.get("by", []))])


def _imbalance(by: str, context: Context) -> str:
    """The characteristic in which the groups differ most."""
    names = [name for name in context.settings["baseline"]["variables"] if name != by]
    sizes = {name: context.value(f"baseline.{by}.{name}.smd") for name in names}
    known = {name: size for name, size in sizes.items() if size is not None}
    if not known:
        return ""
    most = max(known, key=lambda name: known[name])
    variables = context.settings["variables"]
    table = find("table", context, "baseline", group=by) or find("table", context, "baseline")
    return (
        f"Groups by {in_text(str(variables[by]['label']))} differed most in {in_text(str(variables[most]['label']))}: "
        f"standardised mean difference {look_up(f'baseline.{by}.{most}.smd', '%.2f')}"
        f"{f' ({reference(table)})' if table else ''}."
    )


def _characteristic(name: str, context: Context) -> str:
    spec = context.settings["variables"][name]
    path = f"baseline.{name}"
    if spec["kind"] == "continuous":
        return _continuous(path, in_text(str(spec["label"])), str(spec.get("unit", "")), context)
    levels = [level for level in spec.get("levels", {}) if context.count(f"{path}.{level}.n")]
    if set(spec.get("levels", {})) == {"yes", "no"}:
        return f"{escaped(str(spec['label']))}: {patients_percent(context, f'{path}.yes')}."
    counts = [f"{_level(name, level, context)} in {count_percent(context, f'{path}.{level}')}" for level in levels]
    several = " and ".join(counts) if len(counts) == 2 else listed(counts)
    return f"{escaped(str(spec['label']))} was {several}." if counts else ""


def _level(variable: str, level: str, context: Context) -> str:
    return in_text(level_label(context.settings, variable, level))


def _continuous(path: str, label: str, unit: str, context: Context) -> str:
    if context.value(f"{path}.median") is None:
        return ""
    amount = _amount(f"{path}.median", context) + (f" {escaped(unit)}" if unit else "")
    ends = [_amount(f"{path}.{end}", context) for end in ("min", "max") if context.value(f"{path}.{end}") is not None]
    limits = f" (range {' to '.join(ends)})" if len(ends) == 2 else ""
    return f"Median {label} was {amount}{limits}."


def _amount(key: str, context: Context) -> str:
    """A number with one decimal, or none if it is whole."""
    number = context.value(key)
    return look_up(key, "%d" if number is not None and number == int(number) else "%.1f")


# ── time to event ────────────────────────────────────────────────────────────────────────────


def follow_up(context: Context) -> str:
    """The median follow-up."""
    if context.nobody or not context.has("followup.reverse_km.median"):
        return ""
    if context.value("followup.reverse_km.median") is None:
        return "The median follow-up could not be estimated."
    return f"Median follow-up was {median(context, 'followup.reverse_km', ('lower', 'upper'))}."


def survival(context: Context) -> str:
    """Every endpoint under its heading: estimates, groups, models, with its figure and table."""
    blocks = [_endpoint_blocks(endpoint, context) for endpoint in drawn(context.settings)]
    return paragraphs([*(block for blocks_ in blocks for block in blocks_), further(context), sensitivity(context)])


def further(context: Context) -> str:
    """A sentence for each endpoint that has no figure, under one heading."""
    names = [name for name in context.settings["endpoints"] if name not in drawn(context.settings)]
    if context.nobody or not names:
        return ""
    return paragraphs(["## Further endpoints {#sec-further-endpoints}",
                       sentences(_in_a_sentence(name, context) for name in names)])  # fmt: skip


def _in_a_sentence(endpoint: str, context: Context) -> str:
    spec = context.settings["endpoints"][endpoint]
    name = in_text(endpoint_label(context.settings, endpoint))
    if not context.count(f"{endpoint}.n"):
        return f"{capital(name)} could not be described, because nobody has it."
    if spec.get("descriptive"):
        amounts = {each: look_up(f"{endpoint}.times.{each}", "%.1f") for each in ("median", "q1", "q3", "min", "max")}
        return (
            f"Median {name}, of {look_up(f'{endpoint}.n', '%d')} patients, was {amounts['median']} months (quartiles "
            f"{amounts['q1']} and {amounts['q3']}, range {amounts['min']} to {amounts['max']})."
        )
    return (
        f"Median {name} was {median(context, f'{endpoint}.km')}, with {look_up(f'{endpoint}.events', '%d')} events in "
        f"{look_up(f'{endpoint}.n', '%d')} patients{_shown_in(context, ('table', 'survival_summary', endpoint))}."
    )


def sensitivity(context: Context) -> str:
    """How regularly patients were assessed, and the table of analyses beside the main one."""
    table = find("table", context, "sensitivity")
    if context.nobody or not table:
        return ""
    lead = f"{reference(table)} sets the main analyses beside those under other conventions and criteria."
    endpoints = context.settings["endpoints"]
    spread = (_spread(endpoint, context) for endpoint in drawn(context.settings))
    scans = (_scans(endpoint, context) for endpoint in endpoints)
    return paragraphs(
        ["## Sensitivity analyses {#sec-sensitivity}", sentences([lead, *spread, *scans]), "{{< table sensitivity >}}"]
    )


def _spread(endpoint: str, context: Context) -> str:
    """The lowest and the highest median of an endpoint among the analyses beside the main one."""
    labels = {f"{name}/{endpoint}.km.median": words for name, words, _ in variants_of(context.settings, endpoint)}
    medians = {key: value for key in labels if (value := context.value(key)) is not None}
    if len(medians) < 2:
        return ""
    low, high = (choose(medians, key=lambda key: medians[key]) for choose in (min, max))
    ends = [f"{look_up(key, '%.1f')} months ({in_text(labels[key])})" for key in (low, high)]
    name = in_text(endpoint_label(context.settings, endpoint))
    if f"{medians[low]:.1f}" == f"{medians[high]:.1f}":
        return f"Beside the main analysis, median {name} was {look_up(low, '%.1f')} months in each."
    return f"Beside the main analysis, median {name} lay between {ends[0]} and {ends[1]}."


def _scans(endpoint: str, context: Context) -> str:
    if not context.has(f"{endpoint}.scans.gaps"):
        return ""
    path = f"{endpoint}.scans"
    name = in_text(endpoint_label(context.settings, endpoint))
    if context.value(f"{path}.median") is None:
        return f"For {name}, no two assessments of a patient could be compared in time."
    regular = (
        f"For {name}, the median time between assessments was {look_up(f'{path}.median', '%d')} days (quartiles "
        f"{look_up(f'{path}.q1', '%d')} and {look_up(f'{path}.q3', '%d')}, longest {look_up(f'{path}.max', '%d')})"
    )
    conventions = context.settings["conventions"]
    if "interval_days" not in conventions:
        return f"{regular}."
    gaps = f"{look_up(f'{path}.gaps', '%d')} {'patient' if context.count(f'{path}.gaps') == 1 else 'patients'}"
    return f"{regular}; {gaps} had a gap of more than {limit_days(conventions)} days."


def _endpoint_blocks(endpoint: str, context: Context) -> list[str]:
    label = escaped(endpoint_label(context.settings, endpoint))
    heading = f"## {label} {{#sec-{endpoint.replace('_', '-')}}}"
    figure, table = find("figure", context, "survival", endpoint), find("table", context, "cox", endpoint)
    return [
        heading,
        estimates(endpoint, context),
        f"{{{{< figure survival {endpoint} >}}}}" if figure else "",
        models(endpoint, context),
        f"{{{{< table cox {endpoint} >}}}}" if table else "",
    ]


def estimates(endpoint: str, context: Context) -> str:
    """Events, median, landmark probabilities and the comparison of groups."""
    if context.nobody:
        return NOBODY
    shown = _shown_in(context, ("figure", "survival", endpoint), ("table", "survival_summary", endpoint))
    name = in_text(endpoint_label(context.settings, endpoint))
    event = escaped(str(context.settings["endpoints"][endpoint]["event_label"]))
    events = (
        f"{capital(event)} was recorded in {look_up(f'{endpoint}.events', '%d')} of "
        f"{look_up(f'{endpoint}.n', '%d')} patients; "
        f"{look_up(f'{endpoint}.censored', '%d')} {_were(context, f'{endpoint}.censored')} censored{shown}."
    )
    middle = f"Median {name} was {median(context, f'{endpoint}.km')}."
    return sentences([events, middle, _landmarks(endpoint, name, context), _groups(endpoint, name, context)])


def _were(context: Context, key: str) -> str:
    return "was" if context.count(key) == 1 else "were"


def _landmarks(endpoint: str, name: str, context: Context) -> str:
    months = [f"{time:g}" for time in context.settings["statistics"]["landmarks_months"]]
    # Where the curve has come down to zero there is no interval and nothing more to say.
    known = [time for time in months if context.value(f"{endpoint}.km.survival_{time}m")]
    if not known:
        return ""
    paths = [(time, f"{endpoint}.km.survival_{time}m") for time in known]
    values = [
        f"{look_up(path, 'percent')} "
        f"({interval(context, f'{path}_lower', f'{path}_upper', 'percent')}) at {time} months"
        for time, path in paths
    ]
    at_risk = f"{endpoint}.km.at_risk_{known[-1]}m"
    left = ""
    if context.has(at_risk):
        who = "patient was" if context.count(at_risk) == 1 else "patients were"
        left = f"; at {known[-1]} months {look_up(at_risk, '%d')} {who} still at risk"
    return f"The Kaplan–Meier estimate of {name} was {listed(values)}{left}."


def _groups(endpoint: str, name: str, context: Context) -> str:
    main = context.settings.get("comparisons", {}).get("main")
    if not main:
        return ""
    levels = [
        level
        for level in context.settings["variables"][main]["levels"]
        if context.has(f"{endpoint}.km.{main}={level}.median")
    ]
    if len(levels) < 2:
        return ""
    label = in_text(str(context.settings["variables"][main]["label"]))
    medians = "; ".join(
        f"{_level(main, level, context)}, {median(context, f'{endpoint}.km.{main}={level}')}" for level in levels
    )
    test = (
        f" (log-rank {look_up(f'{endpoint}.logrank.p', 'p_statement')})" if context.has(f"{endpoint}.logrank.p") else ""
    )
    kind = "comparison of randomised groups" if context.settings["comparisons"].get("randomised") else "comparison"
    return f"By {label}, median {name} was: {medians}{test}. This {kind} is not adjusted."


def _shown_in(context: Context, *wanted: tuple[str, str, str]) -> str:
    """Where it is shown, in brackets: the tables and figures (kind, subject, endpoint) that the study has."""
    found = [find(kind, context, subject, endpoint) for kind, subject, endpoint in wanted]
    named = "; ".join(reference(exhibit) for exhibit in found if exhibit)
    return f" ({named})" if named else ""


# ── Cox models ───────────────────────────────────────────────────────────────────────────────


def models(endpoint: str, context: Context) -> str:
    """The univariable and the multivariable models of an endpoint, by what their p-values are."""
    if context.nobody or not context.settings["models"].get(endpoint):
        return ""
    shown = _shown_in(context, ("table", "cox", endpoint), ("figure", "forest", endpoint))
    parts = [_model(endpoint, "univariable", context, shown)]
    if len(context.settings["models"][endpoint]) > 1:
        parts.append(_model(endpoint, "multivariable", context, ""))
    return sentences(
        [*parts, _proportional_hazards(endpoint, context), guards(endpoint, context), _caution(endpoint, context)]
    )


def _proportional_hazards(endpoint: str, context: Context) -> str:
    """What the test of all variables together says of the multivariable model."""
    key = f"{endpoint}.cox.multivariable.zph.km.global.p"
    if not context.has(key) or context.results[key]["value"] is None:
        return ""
    said = "spoke against" if context.results[key]["value"] < NOTABLE else "did not speak against"
    figure = find("figure", context, "schoenfeld", endpoint)
    shown = f"; {reference(figure)}" if figure else ""
    return f"The global test {said} proportional hazards ({look_up(key, 'p_statement')}{shown})."


def _p_rows(endpoint: str, model: str, context: Context) -> list[Any]:
    """The p-values of hazard ratios: tests of a whole model have none beside them."""
    prefix = f"{endpoint}.cox.{model}."
    found = {key: row for key, row in context.results.items() if key.startswith(prefix) and row["statistic"] == "p"}
    rows = [row for key, row in found.items() if context.has(f"{key.removesuffix('p')}hr")]
    return sorted((row for row in rows if row["value"] is not None), key=lambda row: (row["value"], row["key"]))


def _model(endpoint: str, model: str, context: Context, shown: str) -> str:
    rows = _p_rows(endpoint, model, context)
    where = f"In univariable Cox models{shown}" if model == "univariable" else "In the multivariable Cox model"
    if model == "multivariable" and is_exploratory(endpoint, context):
        where = "In the multivariable Cox model, which is exploratory only"
    if not rows:
        return f"{where}, no hazard ratio could be estimated."
    notable = [row for row in rows if row["value"] < NOTABLE]
    if notable:
        shown_as = _hazard if len(notable) <= SPELT_OUT else _p_alone
        return f"{where}, p was below {NOTABLE:g} for {listed([shown_as(row, context) for row in notable])}."
    return f"{where}, no p-value was below {NOTABLE:g}; the smallest was that of {_hazard(rows[0], context)}."


def _hazard(row: Any, context: Context) -> str:
    path = str(row["key"]).rpartition(".")[0]
    fmt = "%.2f" if row["level"] else "%.3f"  # per unit of a continuous variable the ratio is close to 1
    limits = interval(context, f"{path}.lower", f"{path}.upper", fmt)
    ratio = f"hazard ratio {look_up(f'{path}.hr', fmt)}, {limits}, {look_up(str(row['key']), 'p_statement')}"
    return f"{_term(row['variable'], row['level'], context)} ({ratio})"


def _p_alone(row: Any, context: Context) -> str:
    return f"{_term(row['variable'], row['level'], context)} ({look_up(str(row['key']), 'p_statement')})"


def _term(variable: str, level: str, context: Context) -> str:
    spec = context.settings["variables"].get(variable, {})
    label = in_text(str(spec.get("label", variable)))
    if not level or spec.get("kind") == "continuous":
        return f"{label} (per {spec['unit']})" if spec.get("unit") else label
    versus = f" versus {_level(variable, str(spec['reference']), context)}" if spec.get("reference") else ""
    return f"{label}: {_level(variable, level, context)}{versus}"


def _caution(endpoint: str, context: Context) -> str:
    every = [row for model in ("univariable", "multivariable") for row in _p_rows(endpoint, model, context)]
    if not every or all(row["value"] < NOTABLE for row in every):
        return ""
    return (
        f"With {look_up(f'{endpoint}.events', '%d')} events, an interval that includes 1 does not "
        "show that there is no "
        "association: its limits say which hazard ratios the data leave open."
    )


# ── response and safety ──────────────────────────────────────────────────────────────────────


def response(context: Context) -> str:
    """Best response and its rates under their heading; nothing where the study does not record them."""
    if "response" not in context.settings:
        return ""
    heading = "## Tumour response {#sec-response}"
    shown = ["{{< figure response >}}", "{{< table responses >}}"]
    parts = [best_response(context), confirmed_response(context), response_by_group(context)]
    return paragraphs([heading, *parts, *shown])


def best_response(context: Context) -> str:
    if context.nobody:
        return NOBODY
    figure = find("figure", context, "response")
    shown = f" ({reference(figure)})" if figure else ""
    counts = [
        f"{words} in {count_percent(context, f'response.best.{category}')}"
        for category, words in RESPONSES.items()
        if context.count(f"response.best.{category}.n")
        or (category == "complete" and context.has("response.best.complete.n"))
    ]
    rates = [_rate(name, words, context) for name, words in RATES.items()]
    return sentences([f"Best overall response, unconfirmed, was {listed(counts)}{shown}.", *rates])


def confirmed_response(context: Context) -> str:
    """The objective response rate where responses must be confirmed, and the table that has the rest."""
    if context.nobody or not context.has("response.confirmed.orr.percent"):
        return ""
    table = find("table", context, "responses")
    days = context.settings["response"]["confirmation_days"]
    rate = _rate("confirmed.orr", f"objective response rate confirmed after at least {days} days", context)
    evaluable = (
        f"Of the {look_up('flow.included', '%d')} patients, {look_up('response.evaluable.n', '%d')} were evaluable for "
        f"response; {reference(table)} has all rates, unconfirmed and confirmed."
        if table
        else ""
    )
    return sentences([rate, evaluable])


def response_by_group(context: Context) -> str:
    """The unconfirmed rates of each group; nothing where the study names no groups."""
    groups = list(groups_shown(context.settings, context.results))
    if context.nobody or not groups:
        return ""
    by = in_text(str(context.settings["variables"][group_of(context.settings)]["label"]))
    return sentences(
        f"By {by}, the {words} was: {_shares(name, groups, context)}{_apart(name, groups, context)}."
        for name, words in RATES.items()
        if _shares(name, groups, context)
    )


def _shares(rate: str, groups: Iterable[Group], context: Context) -> str:
    """A rate of each group, between semicolons."""
    paths = [(group, f"response{group.suffix}.{rate}") for group in groups]
    known = [(group, path) for group, path in paths if context.has(f"{path}.percent")]
    return "; ".join(f"{escaped(in_text(group.name))}, {_proportion(path, context)}" for group, path in known)


def _apart(rate: str, groups: Iterable[Group], context: Context) -> str:
    """How far the rate of each group is from the reference's, behind the rates."""
    by, found = group_of(context.settings), []
    for group in groups:
        path = f"response.{by}.{group.level}.{rate}"
        if context.has(f"{path}.risk_difference"):
            limits = interval(context, f"{path}.risk_difference_lower", f"{path}.risk_difference_upper", "%.1f")
            amount = f"{look_up(f'{path}.risk_difference', '%.1f')} percentage points"
            found.append(f"{amount} ({limits}; Fisher's exact test {look_up(f'{path}.fisher.p', 'p_statement')})")
    return f"; difference {listed(found)}" if found else ""


def _rate(name: str, words: str, context: Context) -> str:
    path = f"response.{name}"
    return f"The {words} was {_proportion(path, context)}." if context.has(f"{path}.percent") else ""


def _proportion(path: str, context: Context) -> str:
    """A percentage with persons and interval."""
    limits = interval(context, f"{path}.lower", f"{path}.upper", "percent")
    noun = "patient" if context.count(f"{path}.n") == 1 else "patients"
    return f"{look_up(f'{path}.percent', 'percent')} ({look_up(f'{path}.n', '%d')} {noun}; {limits})"


def safety(context: Context) -> str:
    """Adverse events under their heading; nothing where the study does not record them."""
    if "safety" not in context.settings:
        return ""
    return paragraphs(["## Adverse events {#sec-safety}", adverse_events(context), "{{< table adverse_events >}}"])


def adverse_events(context: Context) -> str:
    if context.nobody:
        return NOBODY
    table = find("table", context, "adverse_events")
    shown = f" ({reference(table)})" if table else ""
    return sentences(
        [
            f"No adverse event was recorded in {patients_percent(context, 'safety.none')}{shown}.",
            _terms(context),
            _serious(context),
            details(context),
        ]
    )


def _terms(context: Context) -> str:
    labels = {**context.settings["safety"]["terms"]}
    labels.setdefault("unmapped", "events with a term that is not in the code list")
    seen = [term for term in labels if context.count(f"safety.term.{term}.n")]
    ordered = sorted(seen, key=lambda term: (-context.count(f"safety.term.{term}.n"), list(labels).index(term)))
    counts = [f"{in_text(labels[term])} in {count_percent(context, f'safety.term.{term}')}" for term in ordered]
    return f"Recorded events were {listed(counts)}." if counts else ""


def _serious(context: Context) -> str:
    kinds = (
        ("grade_3_or_4", "an event of grade 3 or 4"),
        ("treatment_related_deaths", "a death attributed to treatment"),
        ("discontinued", "an event that ended treatment"),
    )
    known = [(name, words) for name, words in kinds if context.value(f"safety.{name}.n") is not None]
    counts = [f"{words} in {look_up(f'safety.{name}.n', '%d')}" for name, words in known]
    if counts:
        noun = "patient" if context.count(f"safety.{known[0][0]}.n") == 1 else "patients"
        counts[0] = f"{known[0][1]} was recorded in {look_up(f'safety.{known[0][0]}.n', '%d')} {noun}"
    unknown = [words for name, words in kinds if (name, words) not in known]
    return sentences(
        [
            f"{capital(listed(counts))}." if counts else "",
            f"How many patients had {listed(unknown, 'or')} cannot be told, because it is not recorded for all of them."
            if unknown
            else "",
        ]
    )


# ── abstract ─────────────────────────────────────────────────────────────────────────────────


def summary(context: Context) -> str:
    """The results of the abstract: flow, follow-up, the estimate of each endpoint, response, safety."""
    included = f"Of {look_up('flow.screened', '%d')} patients screened, {look_up('flow.included', '%d')} were included."
    if context.nobody:
        return sentences([included, NOBODY])
    medians = (
        f"Median {in_text(spec['label'])} was {median(context, f'{endpoint}.km')}, with "
        f"{look_up(f'{endpoint}.events', '%d')} events."
        for endpoint, spec in _in_short(context)
    )
    return sentences(
        [
            included,
            follow_up(context),
            *medians,
            *_medians_of_groups(context),
            *_comparisons(context),
            *_rates(context),
            any_adverse_event(context),
        ]
    )


def _medians_of_groups(context: Context) -> Iterable[str]:
    """The medians of the groups whose curves are drawn, with the test: the abstract of a comparison needs them."""
    if context.settings.get("comparisons", {}).get("in_figures"):
        for endpoint, spec in _in_short(context):
            yield _groups(endpoint, in_text(spec["label"]), context)


def _in_short(context: Context) -> list[tuple[str, Any]]:
    """The endpoints that abstract and discussion speak of: those with a figure."""
    return [(name, context.settings["endpoints"][name]) for name in drawn(context.settings)]


def main(context: Context) -> str:
    """The opening of the discussion: the cohort and its main estimates."""
    if context.nobody:
        return NOBODY
    medians = [
        f"median {in_text(spec['label'])} was {median(context, f'{endpoint}.km')}"
        for endpoint, spec in _in_short(context)
    ]
    randomised = context.settings.get("comparisons", {}).get("randomised")
    kind = "trial" if randomised else "cohort"
    cohort = f"In this {kind} of {look_up('flow.included', '%d')} patients, {listed(medians)}."
    return sentences([cohort, *_rates(context)])


def evidence(context: Context) -> str:
    """How many events the models of each endpoint rest on."""
    modelled = [endpoint for endpoint, names in context.settings["models"].items() if names]
    if context.nobody or not modelled:
        return ""
    counts = [
        f"{look_up(f'{endpoint}.events', '%d')} for {in_text(endpoint_label(context.settings, endpoint))}"
        for endpoint in modelled
    ]
    return f"The number of events behind the models was {listed(counts)}."


def any_adverse_event(context: Context) -> str:
    """How many patients had an adverse event; nothing where the study does not record them."""
    if context.nobody or "safety" not in context.settings:
        return ""
    said = "Adverse events were recorded in"
    return (
        _in_arms("safety", "any", said, patients_percent, context)
        or f"{said} {patients_percent(context, 'safety.any')}."
    )


def _comparisons(context: Context) -> Iterable[str]:
    """The adjusted hazard ratio of the main comparison where the abstract of a comparison needs it."""
    comparisons = context.settings.get("comparisons", {})
    main = comparisons.get("main")
    if not main or not comparisons.get("in_figures"):
        return
    for endpoint, names in context.settings["models"].items():
        rows = [row for row in _p_rows(endpoint, "multivariable", context) if row["variable"] == main]
        model = "multivariable" if len(names) > 1 else "Cox"
        name = in_text(endpoint_label(context.settings, endpoint))
        yield from (f"The {model} model of {name} gave for {_hazard(row, context)}." for row in rows)


def _rates(context: Context) -> Iterable[str]:
    for name in ("orr", "dcr"):
        arms = _in_arms("response", name, f"The {RATES[name]} was", lambda of, path: _proportion(path, of), context)
        yield arms or _rate(name, RATES[name], context)


def _in_arms(section: str, name: str, words: str, told: Callable[[Context, str], str], context: Context) -> str:
    """A proportion in each arm of a randomised comparison; nothing where arms are not compared or not told apart."""
    compared = context.settings.get("comparisons", {})
    main = compared.get("main", "")
    if not compared.get("randomised") or context.settings.get(section, {}).get("by") != main:
        return ""
    paths = {level: f"{section}.{main}={level}.{name}" for level in context.settings["variables"][main]["levels"]}
    each = [f"{told(context, path)} with {_level(main, level, context)}" for level, path in paths.items()
            if context.has(f"{path}.percent")]  # fmt: skip
    return f"{words} {listed(each)}." if len(each) > 1 else ""


GENERATED = {
    "results.flow": flow,
    "results.baseline": baseline,
    "results.follow_up": follow_up,
    "results.survival": survival,
    "results.response": response,
    "results.safety": safety,
    "results.summary": summary,
    "results.main": main,
    "results.evidence": evidence,
    "results.any_adverse_event": any_adverse_event,
}
