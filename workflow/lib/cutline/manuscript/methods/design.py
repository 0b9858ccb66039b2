"""Methods: what kind of study it is, what it asks, and where its data come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display.catalogue import drawn
from cutline.display.numbers import format_date
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import variable_name
from cutline.manuscript.markdown import capital, escaped, in_text, listed, sentences
from cutline.manuscript.record_words import date_in_words


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


def outline(context: Context) -> str:
    """One sentence for the abstract: endpoints and how they were estimated."""
    labels = [in_text(context.settings["endpoints"][name]["label"]) for name in drawn(context.settings)]
    modelled = {name for names in context.settings["models"].values() for name in names}
    main = context.settings.get("comparisons", {}).get("main")
    estimated = tell(ESTIMATED[len(labels) == 1, bool(modelled - {main})], endpoints=capital(listed(labels)))
    if modelled != {main}:
        return estimated
    return sentences([estimated, tell("Groups by {variable} were compared by Cox models.",
                                      variable=variable_name(str(main), context))])  # fmt: skip


ESTIMATED = {
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
"""By whether there is one endpoint, and whether models have more than the groups that are compared."""


def question(context: Context) -> str:
    """The aim, from endpoints and comparison."""
    labels = listed([in_text(context.settings["endpoints"][name]["label"]) for name in drawn(context.settings)])
    main = context.settings.get("comparisons", {}).get("main")
    if not main:
        return tell("The aim was to describe {endpoints}.", endpoints=labels)
    return tell("The aim was to describe {endpoints}, and to compare patients by {variable}.",
                endpoints=labels, variable=variable_name(main, context))  # fmt: skip
