"""Adverse events under their heading: how many had any, which, and how severe."""

from __future__ import annotations

from cutline.languages import marked, tell
from cutline.manuscript.adverse_events import details
from cutline.manuscript.context import Context
from cutline.manuscript.findings.places import shown_in
from cutline.manuscript.markdown import OR, capital, heading, in_text, listed, paragraphs, sentences
from cutline.manuscript.quantities import NOBODY, count, one_or_many, share

SERIOUS = {
    "grade_3_or_4": marked("an event of grade 3 or 4"),
    "treatment_related_deaths": marked("a death attributed to treatment"),
    "discontinued": marked("an event that ended treatment"),
}


def safety(context: Context) -> str:
    """Adverse events under their heading; nothing where the study does not record them."""
    if "safety" not in context.settings:
        return ""
    title = tell("Adverse events")
    return paragraphs([heading(title, "sec-safety"), adverse_events(context), "{{< table adverse_events >}}"])


def adverse_events(context: Context) -> str:
    """Who had none, which there were, and the severe ones."""
    if context.nobody:
        return tell(NOBODY)
    return sentences([_none(context), _terms(context), _serious(context), details(context)])


def _none(context: Context) -> str:
    return one_or_many(
        context,
        "safety.none.n",
        marked("No adverse event was recorded in {n} patient{share}{shown}."),
        marked("No adverse event was recorded in {n} patients{share}{shown}."),
        share=share(context, "safety.none"),
        shown=shown_in(context, ("table", "adverse_events", "")),
    )


def _terms(context: Context) -> str:
    labels = {"unmapped": tell("events with a term that is not in the code list")} | context.settings["safety"]["terms"]
    counts = {term: number for term in labels if (number := context.count(f"safety.term.{term}.n"))}
    place = [*context.settings["safety"]["terms"], "unmapped"].index
    ordered = sorted(counts, key=lambda term: (-counts[term], place(term)))
    told = [
        tell(
            "{event} in {n}{share}",
            event=in_text(labels[term]),
            n=count(f"safety.term.{term}"),
            share=share(context, f"safety.term.{term}"),
        )
        for term in ordered
    ]
    return tell("Recorded events were {events}.", events=listed(told)) if told else ""


def _serious(context: Context) -> str:
    known = [name for name in SERIOUS if context.value(f"safety.{name}.n") is not None]
    unknown = [tell(words) for name, words in SERIOUS.items() if name not in known]
    return sentences([_counted(known, context), _untold(unknown)])


def _counted(kinds: list[str], context: Context) -> str:
    if not kinds:
        return ""
    first, *others = kinds
    counts = [
        one_or_many(
            context,
            f"safety.{first}.n",
            marked("{event} was recorded in {n} patient"),
            marked("{event} was recorded in {n} patients"),
            event=tell(SERIOUS[first]),
        ),
        *(tell("{event} in {n}", event=tell(SERIOUS[name]), n=count(f"safety.{name}")) for name in others),
    ]
    return capital(tell("{recorded}.", recorded=listed(counts)))


def _untold(events: list[str]) -> str:
    if not events:
        return ""
    return tell(
        "How many patients had {events} cannot be told, because it is not recorded for all of them.",
        events=listed(events, OR),
    )
