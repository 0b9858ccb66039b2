"""The results in short: for the abstract and the opening of the discussion."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cutline.display.captions import endpoint_label, level_label
from cutline.display.catalogue import drawn
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.findings import flow
from cutline.manuscript.findings.models import hazard, p_rows
from cutline.manuscript.findings.response import RATES, proportion, rate
from cutline.manuscript.findings.survival import follow_up, groups
from cutline.manuscript.markdown import capital, in_text, listed, look_up, sentences
from cutline.manuscript.quantities import NOBODY, median_of, one_or_many, share

IN_SHORT = ("orr", "dcr")
"""The rates of response that abstract and discussion speak of."""


def summary(context: Context) -> str:
    """The results of the abstract: flow, follow-up, the estimate of each endpoint, response, safety."""
    if context.nobody:
        return sentences([flow.included(context), tell(NOBODY)])
    return sentences(
        [
            flow.included(context),
            follow_up(context),
            *_medians(context),
            *_medians_of_groups(context),
            *_comparisons(context),
            *_rates(context),
            any_adverse_event(context),
        ]
    )


def main(context: Context) -> str:
    """The opening of the discussion: the cohort and its main estimates."""
    if context.nobody:
        return tell(NOBODY)
    medians = [median_of(context, in_text(spec["label"]), f"{name}.km") for name, spec in _in_short(context)]
    values = {"n": look_up("flow.included", "%d"), "medians": listed(medians)}
    if context.randomised:
        return sentences([tell("In this trial of {n} patients, {medians}.", **values), *_rates(context)])
    return sentences([tell("In this cohort of {n} patients, {medians}.", **values), *_rates(context)])


def evidence(context: Context) -> str:
    """How many events the models of each endpoint rest on."""
    modelled = [endpoint for endpoint, names in context.settings["models"].items() if names]
    if context.nobody or not modelled:
        return ""
    counts = [
        tell(
            "{events} for {endpoint}",
            events=look_up(f"{endpoint}.events", "%d"),
            endpoint=in_text(endpoint_label(context.settings, endpoint)),
        )
        for endpoint in modelled
    ]
    return tell("The number of events behind the models was {numbers}.", numbers=listed(counts))


# ── time to event ────────────────────────────────────────────────────────────────────────────


def _in_short(context: Context) -> list[tuple[str, Any]]:
    """The endpoints that abstract and discussion speak of: those with a figure."""
    return [(name, context.settings["endpoints"][name]) for name in drawn(context.settings)]


def _medians(context: Context) -> Iterator[str]:
    for endpoint, spec in _in_short(context):
        of_all = median_of(context, in_text(spec["label"]), f"{endpoint}.km")
        events = look_up(f"{endpoint}.events", "%d")
        yield capital(tell("{median}, with {events} events.", median=of_all, events=events))


def _medians_of_groups(context: Context) -> Iterable[str]:
    """The medians of the groups whose curves are drawn, with the test: the abstract of a comparison needs them."""
    if context.settings.get("comparisons", {}).get("in_figures"):
        for endpoint, spec in _in_short(context):
            yield groups(endpoint, in_text(spec["label"]), context)


def _comparisons(context: Context) -> Iterator[str]:
    """The adjusted hazard ratio of the main comparison where the abstract of a comparison needs it."""
    comparisons = context.settings.get("comparisons", {})
    main = comparisons.get("main")
    if not main or not comparisons.get("in_figures"):
        return
    for endpoint, names in context.settings["models"].items():
        name = in_text(endpoint_label(context.settings, endpoint))
        for row in p_rows(endpoint, "multivariable", context):
            values = {"endpoint": name, "term": hazard(row, context)}
            if row["variable"] == main and len(names) > 1:
                yield tell("The multivariable model of {endpoint} gave for {term}.", **values)
            elif row["variable"] == main:
                yield tell("The Cox model of {endpoint} gave for {term}.", **values)


# ── response and safety ──────────────────────────────────────────────────────────────────────


def _rates(context: Context) -> Iterator[str]:
    for name in IN_SHORT:
        arms = _in_arms("response", name, _proportion_with, context)
        if len(arms) > 1:
            yield capital(tell("The {rate} was {arms}.", rate=tell(RATES[name]), arms=listed(arms)))
        else:
            yield rate(name, context)


def _proportion_with(path: str, arm: str, context: Context) -> str:
    return tell("{proportion} with {arm}", proportion=proportion(path, context), arm=arm)


def any_adverse_event(context: Context) -> str:
    """How many patients had an adverse event; nothing where the study does not record them."""
    if context.nobody or "safety" not in context.settings:
        return ""
    arms = _in_arms("safety", "any", _patients_with, context)
    if len(arms) > 1:
        return tell("Adverse events were recorded in {arms}.", arms=listed(arms))
    return one_or_many(
        context,
        "safety.any.n",
        marked("Adverse events were recorded in {n} patient{share}."),
        marked("Adverse events were recorded in {n} patients{share}."),
        share=share(context, "safety.any"),
    )


def _patients_with(path: str, arm: str, context: Context) -> str:
    return one_or_many(
        context,
        f"{path}.n",
        marked("{n} patient{share} with {arm}"),
        marked("{n} patients{share} with {arm}"),
        share=share(context, path),
        arm=arm,
    )


def _in_arms(section: str, name: str, told: Callable[[str, str, Context], str], context: Context) -> list[str]:
    """A proportion in each arm of a randomised comparison; none where arms are not compared or not told apart."""
    main = context.settings.get("comparisons", {}).get("main", "")
    if not context.randomised or context.settings.get(section, {}).get("by") != main:
        return []
    paths = {level: f"{section}.{main}={level}.{name}" for level in context.settings["variables"][main]["levels"]}
    return [told(path, in_text(level_label(context.settings, main, level)), context)
            for level, path in paths.items() if context.has(f"{path}.percent")]  # fmt: skip
