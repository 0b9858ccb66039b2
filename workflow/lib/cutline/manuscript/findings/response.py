"""Best response and its rates."""

from __future__ import annotations

from collections.abc import Iterable

from cutline.display.responses import Group, group_of, groups_shown
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.findings.places import shown_in
from cutline.manuscript.markdown import capital, escaped, heading, in_text, listed, look_up, paragraphs, sentences
from cutline.manuscript.quantities import NOBODY, count, interval, one_or_many, share

RESPONSES = {
    "complete": marked("complete response"),
    "partial": marked("partial response"),
    "stable": marked("stable disease"),
    "non_cr_non_pd": marked("neither complete response nor progression"),
    "progressive": marked("progressive disease"),
    "not_evaluable": marked("not evaluable"),
    "missing": marked("no assessment"),
}
RATES = {
    "orr": marked("unconfirmed objective response rate"),
    "dcr": marked("unconfirmed disease control rate"),
    "cbr": marked("unconfirmed clinical benefit rate"),
}


def response(context: Context) -> str:
    """Best response and its rates under their heading; nothing where the study does not record them."""
    if "response" not in context.settings:
        return ""
    title = tell("Tumour response")
    shown = ["{{< figure response >}}", "{{< table responses >}}"]
    parts = [best_response(context), confirmed_response(context), response_by_group(context)]
    return paragraphs([heading(title, "sec-response"), *parts, *shown])


def best_response(context: Context) -> str:
    """How many had each response, and the unconfirmed rates."""
    if context.nobody:
        return tell(NOBODY)
    known = [
        category
        for category in RESPONSES
        if context.count(f"response.best.{category}.n")
        or (category == "complete" and context.has("response.best.complete.n"))
    ]
    best = tell(
        "Best overall response, unconfirmed, was {responses}{shown}.",
        responses=listed([_counted(category, context) for category in known]),
        shown=shown_in(context, ("figure", "response", "")),
    )
    return sentences([best, *(rate(name, context) for name in RATES)])


def _counted(category: str, context: Context) -> str:
    path = f"response.best.{category}"
    named = tell(RESPONSES[category])
    return tell("{response} in {n}{share}", response=named, n=count(path), share=share(context, path))


def rate(name: str, context: Context) -> str:
    """An unconfirmed rate; nothing where it is not among the results."""
    path = f"response.{name}"
    if not context.has(f"{path}.percent"):
        return ""
    return capital(tell("The {rate} was {proportion}.", rate=tell(RATES[name]), proportion=proportion(path, context)))


def proportion(path: str, context: Context) -> str:
    """A percentage with persons and interval."""
    return one_or_many(
        context,
        f"{path}.n",
        marked("{percent} ({n} patient; {interval})"),
        marked("{percent} ({n} patients; {interval})"),
        percent=look_up(f"{path}.percent", "percent"),
        interval=interval(context, f"{path}.lower", f"{path}.upper", "percent"),
    )


def confirmed_response(context: Context) -> str:
    """The objective response rate where responses must be confirmed, and the table that has the rest."""
    path = "response.confirmed.orr"
    if context.nobody or not context.has(f"{path}.percent"):
        return ""
    confirmed = tell(
        "The objective response rate confirmed after at least {days} days was {proportion}.",
        days=context.settings["response"]["confirmation_days"],
        proportion=proportion(path, context),
    )
    return sentences([confirmed, _evaluable(context)])


def _evaluable(context: Context) -> str:
    table = find("table", context, "responses")
    if table is None:
        return ""
    return tell(
        "Of the {all} patients, {evaluable} were evaluable for response; {table} has all rates, unconfirmed and "
        "confirmed.",
        all=look_up("flow.included", "%d"),
        evaluable=look_up("response.evaluable.n", "%d"),
        table=reference(table),
    )


# ── groups ───────────────────────────────────────────────────────────────────────────────────


def response_by_group(context: Context) -> str:
    """The unconfirmed rates of each group; nothing where the study names no groups."""
    groups = list(groups_shown(context.settings, context.results))
    if context.nobody or not groups:
        return ""
    return sentences(_by_group(name, groups, context) for name in RATES)


def _by_group(name: str, groups: Iterable[Group], context: Context) -> str:
    """A rate of each group between semicolons, and behind the rates how far each is from the reference's."""
    shares = _shares(name, groups, context)
    if not shares:
        return ""
    by = variable_name(group_of(context.settings), context)
    values = {"variable": by, "rate": tell(RATES[name]), "groups": shares}
    differences = _differences(name, groups, context)
    if not differences:
        return capital(tell("By {variable}, the {rate} was: {groups}.", **values))
    values["differences"] = listed(differences)
    return capital(tell("By {variable}, the {rate} was: {groups}; difference {differences}.", **values))


def _shares(name: str, groups: Iterable[Group], context: Context) -> str:
    paths = [(group, f"response{group.suffix}.{name}") for group in groups]
    known = [(group, path) for group, path in paths if context.has(f"{path}.percent")]
    return "; ".join(f"{escaped(in_text(group.name))}, {proportion(path, context)}" for group, path in known)


def _differences(name: str, groups: Iterable[Group], context: Context) -> list[str]:
    by = group_of(context.settings)
    paths = [f"response.{by}.{group.level}.{name}" for group in groups]
    return [_difference(path, context) for path in paths if context.has(f"{path}.risk_difference")]


def _difference(path: str, context: Context) -> str:
    key = f"{path}.risk_difference"
    return tell(
        "{difference} percentage points ({interval}; Fisher's exact test {p})",
        difference=look_up(key, "%.1f"),
        interval=interval(context, f"{key}_lower", f"{key}_upper", "%.1f"),
        p=look_up(f"{path}.fisher.p", "p_statement"),
    )
