"""Time to event: follow-up, and of each endpoint its estimates, groups and models."""

from __future__ import annotations

from cutline.display.captions import endpoint_label, level_label
from cutline.display.catalogue import drawn
from cutline.languages import marked, tell, with_decimal_sign
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.exhibits import find
from cutline.manuscript.findings.models import models
from cutline.manuscript.findings.places import shown_in
from cutline.manuscript.findings.sensitivity import sensitivity
from cutline.manuscript.markdown import capital, escaped, heading, in_text, listed, look_up, paragraphs, sentences
from cutline.manuscript.quantities import NOBODY, interval, median, median_of, one_or_many


def follow_up(context: Context) -> str:
    """The median follow-up."""
    if context.nobody or not context.has("followup.reverse_km.median"):
        return ""
    if context.value("followup.reverse_km.median") is None:
        return tell("The median follow-up could not be estimated.")
    return tell("Median follow-up was {median}.", median=median(context, "followup.reverse_km", ("lower", "upper")))


def survival(context: Context) -> str:
    """Every endpoint under its heading: estimates, groups, models, with its figure and table."""
    blocks = [_endpoint_blocks(endpoint, context) for endpoint in drawn(context.settings)]
    return paragraphs([*(block for blocks_ in blocks for block in blocks_), further(context), sensitivity(context)])


# ── endpoints without a figure ───────────────────────────────────────────────────────────────


def further(context: Context) -> str:
    """A sentence for each endpoint that has no figure, under one heading."""
    names = [name for name in context.settings["endpoints"] if name not in drawn(context.settings)]
    if context.nobody or not names:
        return ""
    title = tell("Further endpoints")
    return paragraphs(
        [heading(title, "sec-further-endpoints"), sentences(_in_a_sentence(name, context) for name in names)]
    )


def _in_a_sentence(endpoint: str, context: Context) -> str:
    name = in_text(endpoint_label(context.settings, endpoint))
    if not context.count(f"{endpoint}.n"):
        return capital(tell("{endpoint} could not be described, because nobody has it.", endpoint=name))
    if context.settings["endpoints"][endpoint].get("descriptive"):
        return _described(endpoint, name, context)
    return capital(
        tell(
            "{median}, with {events} events in {n} patients{shown}.",
            median=median_of(context, name, f"{endpoint}.km"),
            events=look_up(f"{endpoint}.events", "%d"),
            n=look_up(f"{endpoint}.n", "%d"),
            shown=shown_in(context, ("table", "survival_summary", endpoint)),
        )
    )


def _described(endpoint: str, name: str, context: Context) -> str:
    """A time of those who have it, without an estimate."""
    amounts = {each: look_up(f"{endpoint}.times.{each}", "%.1f") for each in ("median", "q1", "q3", "min", "max")}
    return tell(
        "Median {endpoint}, of {n} patients, was {median} months (quartiles {q1} and {q3}, range {min} to {max}).",
        endpoint=name,
        n=look_up(f"{endpoint}.n", "%d"),
        **amounts,
    )


# ── endpoints with a figure ──────────────────────────────────────────────────────────────────


def _endpoint_blocks(endpoint: str, context: Context) -> list[str]:
    label = escaped(endpoint_label(context.settings, endpoint))
    figure, table = find("figure", context, "survival", endpoint), find("table", context, "cox", endpoint)
    return [
        heading(label, f"sec-{endpoint.replace('_', '-')}"),
        estimates(endpoint, context),
        f"{{{{< figure survival {endpoint} >}}}}" if figure else "",
        models(endpoint, context),
        f"{{{{< table cox {endpoint} >}}}}" if table else "",
    ]


def estimates(endpoint: str, context: Context) -> str:
    """Events, median, landmark probabilities and the comparison of groups."""
    if context.nobody:
        return tell(NOBODY)
    name = in_text(endpoint_label(context.settings, endpoint))
    middle = f"{capital(median_of(context, name, f'{endpoint}.km'))}."
    return sentences(
        [_events(endpoint, context), middle, _landmarks(endpoint, name, context), groups(endpoint, name, context)]
    )


def _events(endpoint: str, context: Context) -> str:
    said = one_or_many(
        context,
        f"{endpoint}.censored",
        marked("{event} was recorded in {events} of {all} patients; {n} was censored{shown}."),
        marked("{event} was recorded in {events} of {all} patients; {n} were censored{shown}."),
        event=escaped(str(context.settings["endpoints"][endpoint]["event_label"])),
        events=look_up(f"{endpoint}.events", "%d"),
        all=look_up(f"{endpoint}.n", "%d"),
        shown=shown_in(context, ("figure", "survival", endpoint), ("table", "survival_summary", endpoint)),
    )
    return capital(said)


def _landmarks(endpoint: str, name: str, context: Context) -> str:
    months = [f"{time:g}" for time in context.settings["statistics"]["landmarks_months"]]
    # Where the curve has come down to zero there is no interval and nothing more to say.
    known = [time for time in months if context.value(f"{endpoint}.km.survival_{time}m")]
    if not known:
        return ""
    return capital(
        tell(
            "The Kaplan–Meier estimate of {endpoint} was {estimates}{at_risk}.",
            endpoint=name,
            estimates=listed([_landmark(f"{endpoint}.km.survival_{time}m", time, context) for time in known]),
            at_risk=_still_at_risk(endpoint, known[-1], context),
        )
    )


def _landmark(path: str, months: str, context: Context) -> str:
    return tell(
        "{survival} ({interval}) at {months} months",
        survival=look_up(path, "percent"),
        interval=interval(context, f"{path}_lower", f"{path}_upper", "percent"),
        months=with_decimal_sign(months),
    )


def _still_at_risk(endpoint: str, months: str, context: Context) -> str:
    key = f"{endpoint}.km.at_risk_{months}m"
    if not context.has(key):
        return ""
    left = one_or_many(
        context,
        key,
        marked("at {months} months {n} patient was still at risk"),
        marked("at {months} months {n} patients were still at risk"),
        months=with_decimal_sign(months),
    )
    return f"; {left}"


def groups(endpoint: str, name: str, context: Context) -> str:
    """The medians of the groups of the main comparison, with the test; nothing where fewer than two have one."""
    main = context.settings.get("comparisons", {}).get("main")
    if not main:
        return ""
    paths = {level: f"{endpoint}.km.{main}={level}" for level in context.settings["variables"][main]["levels"]}
    medians = [
        f"{in_text(level_label(context.settings, main, level))}, {median(context, path)}"
        for level, path in paths.items()
        if context.has(f"{path}.median")
    ]
    if len(medians) < 2:
        return ""
    variable = variable_name(main, context)
    said = _medians(endpoint, context, variable=variable, endpoint=name, medians="; ".join(medians))
    return said if context.randomised else sentences([said, tell("This comparison is not adjusted.")])


def _medians(test_of: str, context: Context, **values: str) -> str:
    key = f"{test_of}.logrank.p"
    if not context.has(key):
        return capital(tell("By {variable}, median {endpoint} was: {medians}.", **values))
    p = look_up(key, "p_statement")
    return capital(tell("By {variable}, median {endpoint} was: {medians} (log-rank {p}).", p=p, **values))
