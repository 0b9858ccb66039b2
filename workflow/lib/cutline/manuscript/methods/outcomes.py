"""Methods: each endpoint with its time zero, events and censoring."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display.captions import endpoint_label
from cutline.display.catalogue import drawn
from cutline.endpoints.conventions import ALIVE, ANCHOR, MISSED, NEW_THERAPY, rule_set
from cutline.endpoints.derive import only_death_ends
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import condition_of_records
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import OR, escaped, in_text, listed, paragraphs, sentences
from cutline.manuscript.rules import clauses, sensitivity_labels, set_label, set_origin


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
    rules = listed([_censored_at(rule, context) for rule in spec["censoring"]], OR)
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


def _censored_at(rule: Mapping[str, Any], context: Context) -> str:
    reason = escaped(rule["reason"])
    if rule.get("at") == "start":
        return tell("at time zero where there was {reason}", reason=reason)
    if "latest_of" not in rule:
        return tell("at the {reason}", reason=reason)
    records = listed([condition_of_records(entry, context) for entry in rule["latest_of"]])
    return tell("on the day {reason} (the latest date among {records})", reason=reason, records=records)
