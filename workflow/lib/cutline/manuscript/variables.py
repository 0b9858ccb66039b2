"""Variables in words: from which records each is derived, and when, as the configuration says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cutline.display.captions import in_words, level_label
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import condition_of_records, described_column, variable_name
from cutline.manuscript.markdown import OR, escaped, in_digits, in_text, listed
from cutline.manuscript.record_words import column_in_words, value_in_words

Spec = Mapping[str, Any]
TAKEN = {
    "first": marked("the first record of {records}"),
    "last": marked("the last record of {records}"),
    "nearest": marked("the nearest record of {records}"),
}


def defined(name: str, context: Context) -> str:
    """How the study derives the variable of that name: `the value of the nearest record of observations …`."""
    spec = context.settings["variables"][name]
    return DERIVATIONS[spec["derive"]](spec, context)


def _records(spec: Spec, context: Context) -> str:
    """`treatments with ATC code L01EF*, before the index date`: before or after a date, or days around the anchor."""
    records, select = condition_of_records(spec["select"], context), spec["select"]
    if "before" in spec:
        return tell("{records}, before the {date}", records=records, date=variable_name(spec["before"], context))
    if "after" in spec:
        return tell("{records}, after the {date}", records=records, date=variable_name(spec["after"], context))
    if not spec.get("anchor"):
        return records
    date = variable_name(spec["anchor"], context)
    if select.get("days_before") or select.get("days_after"):
        return days_around(AROUND, select, records=records, date=date)
    if select.get("days_after") == 0:
        return tell("{records}, up to the {date}", records=records, date=date)
    return tell("{records}, timed by the {date}", records=records, date=date)


AROUND = (
    marked("{records}, within {before} days before and {after} days after the {date}"),
    marked("{records}, within {before} days before the {date}"),
    marked("{records}, within {after} days after the {date}"),
)


def days_around(messages: tuple[str, str, str], select: Mapping[str, Any], **values: str) -> str:
    """What is said of days before and after a date, of days before it only, or of days after it only."""
    both, only_before, only_after = messages
    before, after = select.get("days_before"), select.get("days_after")
    message = both if before and after else only_before if before else only_after
    return tell(message, before=before, after=after, **values)


def _record(spec: Spec, context: Context) -> str:
    """The one record that is taken: `the nearest record of observations …`."""
    message = TAKEN.get(str(spec["select"].get("take")), marked("the record of {records}"))
    return tell(message, records=_records(spec, context))


def _value(spec: Spec, context: Context) -> str:
    column = column_in_words(str(spec["select"].get("value", "value")))
    value = tell("{column} of {record}", column=column, record=_record(spec, context))
    if "codelist" not in spec:
        return value
    return tell("{value}, by the code list {name}", value=value, name=in_text(tell(in_words(spec["codelist"]))))


def _of_values(message: str) -> Callable[[Spec, Context], str]:
    def said(spec: Spec, context: Context) -> str:
        values = listed([value_in_words(str(each)) for each in spec["of"]], OR)
        return tell(message, values=values, records=_records(spec, context))

    return said


def _of_records(message: str) -> Callable[[Spec, Context], str]:
    return lambda spec, context: tell(message, records=_records(spec, context))


def _count(spec: Spec, context: Context) -> str:
    records = _records(spec, context)
    if not spec.get("distinct"):
        return tell("number of records of {records}", records=records)
    column = column_in_words(str(spec["distinct"]))
    return tell("number of different values of {column} among {records}", column=column, records=records)


def _under_way(spec: Spec, context: Context) -> str:
    date, records = variable_name(spec["anchor"], context), condition_of_records(spec["select"], context)
    if not spec.get("days"):
        return tell("a course under way at the {date}: {records}", date=date, records=records)
    return tell("a course under way at the {date}, or begun up to {days} days after it: {records}",
                date=date, days=spec["days"], records=records)  # fmt: skip


def _interval(spec: Spec, context: Context) -> str:
    begin, end = (variable_name(spec[name], context) for name in ("from", "to"))
    return tell("from {begin} to {end}", begin=begin, end=end)


def _cut(spec: Spec, context: Context) -> str:
    points = listed([in_digits(point) for point in spec["cut_points"]])
    return tell("{variable}, divided at {points}", variable=variable_name(spec["inputs"][0], context), points=points)


_TEXTS = _of_records(marked("texts of {records}"))
DERIVATIONS: Mapping[str, Callable[[Spec, Context], str]] = {
    "age": lambda spec, context: tell(
        "whole years from birth to the {date}", date=variable_name(spec["anchor"], context)
    ),
    "any_of": _of_values(marked("whether any record says {values}: {records}")),
    "column": lambda spec, context: tell(
        "{column}, as the source records it", column=described_column(spec["column"], context)
    ),
    "count": _count,
    "course_end": lambda spec, context: tell(
        "last day of the first course, interruptions of up to {days} days included: {records}",
        days=spec["days"],
        records=_records(spec, context),
    ),
    "cut": _cut,
    "dose_intensity": lambda spec, context: tell(
        "milligrams given in percent of {planned} a day, {interval}",
        planned=in_digits(spec["planned_mg"]),
        interval=_interval(spec, context),
    ),
    "exists": _of_records(marked("whether there is a record of {records}")),
    "interval": _interval,
    "joined": _of_records(marked("all different values: {records}")),
    "only_of": _of_values(marked("whether every record says {values}: {records}")),
    "receptor_er": _TEXTS,
    "receptor_her2": _TEXTS,
    "receptor_pr": _TEXTS,
    "record_date": lambda spec, context: tell("date of {record}", record=_record(spec, context)),
    "record_value": _value,
    "subtype": lambda spec, context: listed([variable_name(name, context) for name in spec["inputs"]]),
    "under_way": _under_way,
    "within": lambda spec, context: tell(
        "whether {end} is at most {days} days after {begin}",
        begin=variable_name(spec["from"], context),
        end=variable_name(spec["to"], context),
        days=spec["days"],
    ),
}


def levels_in_words(name: str, context: Context) -> str:
    """The levels a categorical variable may have, in their order; the unit of another."""
    spec = context.settings["variables"][name]
    levels = [escaped(level_label(context.settings, name, level)) for level in spec.get("levels", {})]
    return "; ".join(levels) or escaped(str(spec.get("unit", "")))
