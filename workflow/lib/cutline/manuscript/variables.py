"""Variables in words: from which records each is derived, and when, as the configuration says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cutline.display.captions import level_label
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import COLUMNS, column_in_words, condition_of_records, variable_name
from cutline.manuscript.markdown import escaped, in_text, listed

Spec = Mapping[str, Any]
TAKEN = {"first": "first", "last": "last", "nearest": "nearest"}


def defined(name: str, context: Context) -> str:
    """How the study derives the variable of that name: `the value of the nearest record of observations …`."""
    spec = context.settings["variables"][name]
    return DERIVATIONS[spec["derive"]](spec, context)


def _records(spec: Spec, context: Context) -> str:
    """`treatments with ATC code L01EF*, before the index date`."""
    return f"{condition_of_records(spec['select'])}{_when(spec, context)}"


def _when(spec: Spec, context: Context) -> str:
    """The time in which records count: before or after a date, or days around the anchor."""
    select = spec["select"]
    for word in ("before", "after"):
        if word in spec:
            return f", {word} the {variable_name(spec[word], context)}"
    ends = [f"{select[key]} days {word}" for key, word in (("days_before", "before"), ("days_after", "after"))
            if select.get(key)]  # fmt: skip
    if not spec.get("anchor"):
        return ""
    anchor = variable_name(spec["anchor"], context)
    if ends:
        return f", within {listed(ends)} the {anchor}"
    return f", up to the {anchor}" if select.get("days_after") == 0 else f", timed by the {anchor}"


def _taken(spec: Spec) -> str:
    return TAKEN.get(str(spec["select"].get("take")), "")


def _value(spec: Spec, context: Context) -> str:
    column = escaped(str(spec["select"].get("value", "value")).replace("_", " "))
    mapped = f", by the code list {in_text(spec['codelist'].replace('_', ' '))}" if "codelist" in spec else ""
    return f"{column} of the {_taken(spec)} record of {_records(spec, context)}{mapped}".replace("  ", " ")


def _of_values(words: str) -> Callable[[Spec, Context], str]:
    def said(spec: Spec, context: Context) -> str:
        of = listed([escaped(str(each).replace("_", " ")) for each in spec["of"]], "or")
        return f"{words.format(of=of)}: {_records(spec, context)}"

    return said


def _count(spec: Spec, context: Context) -> str:
    of = str(spec.get("distinct", ""))
    what = f"different values of {COLUMNS.get(of, escaped(of))} among" if of else "records of"
    return f"number of {what} {_records(spec, context)}"


def _under_way(spec: Spec, context: Context) -> str:
    begun = f", or begun up to {spec['days']} days after it" if spec.get("days") else ""
    anchor = variable_name(spec["anchor"], context)
    return f"a course under way at the {anchor}{begun}: {condition_of_records(spec['select'])}"


def _interval(spec: Spec, context: Context) -> str:
    return f"from {variable_name(spec['from'], context)} to {variable_name(spec['to'], context)}"


def _cut(spec: Spec, context: Context) -> str:
    points = listed([f"{point:g}" for point in spec["cut_points"]])
    return f"{variable_name(spec['inputs'][0], context)}, divided at {points}"


DERIVATIONS: Mapping[str, Callable[[Spec, Context], str]] = {
    "age": lambda spec, context: f"whole years from birth to the {variable_name(spec['anchor'], context)}",
    "any_of": _of_values("whether any record says {of}"),
    "column": lambda spec, context: f"{column_in_words(spec['column'], context)}, as the source records it",
    "count": _count,
    "course_end": lambda spec, context: (
        f"last day of the first course, interruptions of up to {spec['days']} days included: {_records(spec, context)}"
    ),
    "cut": _cut,
    "dose_intensity": lambda spec, context: (
        f"milligrams given in percent of {spec['planned_mg']:g} a day, {_interval(spec, context)}"
    ),
    "exists": lambda spec, context: f"whether there is a record of {_records(spec, context)}",
    "interval": _interval,
    "joined": lambda spec, context: f"all different values: {_records(spec, context)}",
    "only_of": _of_values("whether every record says {of}"),
    "receptor_er": lambda spec, context: f"texts of {_records(spec, context)}",
    "receptor_her2": lambda spec, context: f"texts of {_records(spec, context)}",
    "receptor_pr": lambda spec, context: f"texts of {_records(spec, context)}",
    "record_date": lambda spec, context: f"date of the {_taken(spec)} record of {_records(spec, context)}",
    "record_value": _value,
    "subtype": lambda spec, context: listed([variable_name(name, context) for name in spec["inputs"]]),
    "under_way": _under_way,
    "within": lambda spec, context: (
        f"whether {variable_name(spec['to'], context)} is at most {spec['days']} days after "
        f"{variable_name(spec['from'], context)}"
    ),
}


def levels_in_words(name: str, context: Context) -> str:
    """The levels a categorical variable may have, in their order; the unit of another."""
    spec = context.settings["variables"][name]
    levels = [escaped(level_label(context.settings, name, level)) for level in spec.get("levels", {})]
    return "; ".join(levels) or escaped(str(spec.get("unit", "")))
