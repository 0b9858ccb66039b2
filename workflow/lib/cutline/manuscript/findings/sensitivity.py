"""Results under other conventions and criteria, and how regularly patients were assessed."""

from __future__ import annotations

from cutline.display.captions import endpoint_label
from cutline.display.catalogue import drawn
from cutline.display.numbers import format_number
from cutline.display.table_sensitivity import variants_of
from cutline.endpoints.conventions import limit_days
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import capital, heading, in_text, look_up, paragraphs, sentences
from cutline.manuscript.quantities import one_or_many


def sensitivity(context: Context) -> str:
    """How regularly patients were assessed, and the table of analyses beside the main one."""
    table = find("table", context, "sensitivity")
    if context.nobody or not table:
        return ""
    title = tell("Sensitivity analyses")
    lead = tell(
        "{table} sets the main analyses beside those under other conventions and criteria.", table=reference(table)
    )
    spread = (_spread(endpoint, context) for endpoint in drawn(context.settings))
    scans = (_scans(endpoint, context) for endpoint in context.settings["endpoints"])
    told = sentences([lead, *spread, *scans])
    return paragraphs([heading(title, "sec-sensitivity"), told, "{{< table sensitivity >}}"])


def _spread(endpoint: str, context: Context) -> str:
    """The lowest and the highest median of an endpoint among the analyses beside the main one."""
    labels = {f"{name}/{endpoint}.km.median": words for name, words, _ in variants_of(context.settings, endpoint)}
    medians = {key: value for key in labels if (value := context.value(key)) is not None}
    if len(medians) < 2:
        return ""
    low, high = (choose(medians, key=lambda key: medians[key]) for choose in (min, max))
    name = in_text(endpoint_label(context.settings, endpoint))
    if format_number(medians[low], 1) == format_number(medians[high], 1):
        number = look_up(low, "%.1f")
        return tell(
            "Beside the main analysis, median {endpoint} was {median} months in each.", endpoint=name, median=number
        )
    lowest, highest = (
        tell("{median} months ({analysis})", median=look_up(key, "%.1f"), analysis=in_text(labels[key]))
        for key in (low, high)
    )
    return tell(
        "Beside the main analysis, median {endpoint} lay between {lowest} and {highest}.",
        endpoint=name,
        lowest=lowest,
        highest=highest,
    )


def _scans(endpoint: str, context: Context) -> str:
    path = f"{endpoint}.scans"
    if not context.has(f"{path}.gaps"):
        return ""
    name = in_text(endpoint_label(context.settings, endpoint))
    if context.value(f"{path}.median") is None:
        return capital(
            tell("For {endpoint}, no two assessments of a patient could be compared in time.", endpoint=name)
        )
    regular = tell(
        "For {endpoint}, the median time between assessments was {median} days (quartiles {q1} and {q3}, longest "
        "{max})",
        endpoint=name,
        **{each: look_up(f"{path}.{each}", "%d") for each in ("median", "q1", "q3", "max")},
    )
    return f"{'; '.join([capital(regular), *_gaps(path, context)])}."


def _gaps(path: str, context: Context) -> list[str]:
    """How many had more time between assessments than the schedule allows, where there is one."""
    conventions = context.settings["conventions"]
    if "interval_days" not in conventions:
        return []
    said = one_or_many(
        context,
        f"{path}.gaps",
        marked("{n} patient had a gap of more than {days} days"),
        marked("{n} patients had a gap of more than {days} days"),
        days=str(limit_days(conventions)),
    )
    return [said]
