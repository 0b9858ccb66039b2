"""Who was screened, excluded and included, and what became of the records."""

from __future__ import annotations

from typing import Any

from cutline.disclosure.profiles import is_public
from cutline.languages import marked, tell
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.findings.places import shown_in
from cutline.manuscript.markdown import in_text, listed, look_up, sentences
from cutline.manuscript.quantities import one_or_many


def flow(context: Context) -> str:
    """Screened, excluded by reason, included; then what the checks of the records changed."""
    parts = (_excluded, _pending, _set_aside, _corrected, _imputed, _judged, _index_dates)
    shown = shown_in(context, ("figure", "flow", ""))
    return sentences([included(context, shown), *(part(context) for part in parts)])


def included(context: Context, shown: str = "") -> str:
    """How many of those screened are in the cohort; `shown` is where that is drawn, in brackets."""
    return tell(
        "Of {screened} patients screened, {included} were included{shown}.",
        screened=look_up("flow.screened", "%d"),
        included=look_up("flow.included", "%d"),
        shown=shown,
    )


def _excluded(context: Context) -> str:
    """The criteria that excluded anyone, with numbers, and that the others did not."""
    criteria = context.settings["criteria"]
    counted = [each for each in criteria if context.count(f"flow.excluded.{each['id']}")]
    reasons = [
        tell(
            "{n} for {reason}{because}",
            n=look_up(f"flow.excluded.{each['id']}", "%d"),
            reason=in_text(each["label"]),
            because=_because_unknown(each["id"], context),
        )
        for each in counted
    ]
    some = tell("Excluded were {reasons}.", reasons=listed(reasons)) if reasons else ""
    return some if len(counted) == len(criteria) and counted else sentences([some, _nobody_else(counted, context)])


def _nobody_else(counted: list[Any], context: Context) -> str:
    """What is true of the criteria that are not named: nobody, or so few that it rounds to nobody."""
    if is_public(context.settings):
        return tell("How many were excluded by each criterion that is not named rounds to 0.")
    return tell("No other criterion excluded anyone.") if counted else tell("Nobody was excluded.")


def _because_unknown(criterion: str, context: Context) -> str:
    """How many of those excluded are so because the answer is unknown: ` (3 of them because it is unknown)`."""
    excluded, unknown = f"flow.excluded.{criterion}", f"flow.excluded_unknown.{criterion}"
    if not context.count(unknown):
        return ""
    if context.count(unknown) == context.count(excluded):
        why = tell("because it is unknown")
    else:
        why = tell("{n} of them because it is unknown", n=look_up(unknown, "%d"))
    return f" ({why})"


def _pending(context: Context) -> str:
    """Who is provisionally out, and why."""
    if not context.count("flow.pending"):
        return ""
    where = [
        tell("{n} at {criterion}", n=look_up(f"flow.pending.{each['id']}", "%d"), criterion=in_text(each["label"]))
        for each in context.settings["criteria"]
        if context.count(f"flow.pending.{each['id']}")
    ]
    return one_or_many(
        context,
        "flow.pending",
        marked("{n} patient is pending, provisionally out until a query is answered: {criteria}."),
        marked("{n} patients are pending, provisionally out until a query is answered: {criteria}."),
        criteria=listed(where),
    )


def _any(context: Context, *keys: str) -> bool:
    return any(context.count(key) for key in keys)


def _set_aside(context: Context) -> str:
    """Records that failed a check are not dropped without a word."""
    if not _any(context, "quality.quarantined", "quality.values"):
        return ""
    return tell(
        "Of {all} records, {records} failed a check of plausibility or format and were set aside, and so were {values} "
        "single values of others.",
        all=look_up("quality.records", "%d"),
        records=look_up("quality.quarantined", "%d"),
        values=look_up("quality.values", "%d"),
    )


def _corrected(context: Context) -> str:
    """What answers to queries changed is told, and that the source did not change."""
    if not _any(context, "quality.corrected", "quality.withdrawn"):
        return ""
    return tell(
        "Answers to queries corrected {values} values and withdrew {records} records; they were laid over the records "
        "and not written to the source.",
        values=look_up("quality.corrected", "%d"),
        records=look_up("quality.withdrawn", "%d"),
    )


def _imputed(context: Context) -> str:
    """Completed dates are told of, whether many or few."""
    if not context.count("quality.imputed"):
        return ""
    return one_or_many(
        context,
        "quality.imputed",
        marked("Only a part was recorded of {n} date, completed as the methods say."),
        marked("Only a part was recorded of {n} dates, completed as the methods say."),
    )


def _judged(context: Context) -> str:
    """Where completeness and plausibility of the records are told, with the warnings that stay."""
    tables = [find("table", context, subject) for subject in ("completeness", "plausibility")]
    warnings = "quality.severity.warning.n"
    if not context.has(warnings) or not all(tables):
        return ""
    shown = listed([reference(table) for table in tables if table])
    if context.value(warnings) is None:
        return tell("Rules of plausibility and completeness are in {tables}, without numbers.", tables=shown)
    return one_or_many(
        context,
        warnings,
        marked(
            "Rules of plausibility asked about {n} finding in records that were kept; completeness and all rules are "
            "in {tables}."
        ),
        marked(
            "Rules of plausibility asked about {n} findings in records that were kept; completeness and all rules "
            "are in {tables}."
        ),
        tables=shown,
    )


def _index_dates(context: Context) -> str:
    keys = ("index_date.first", "index_date.last")
    if not all(context.has(key) and context.results[key].get("text") for key in keys):
        return ""
    first, last = (look_up(key, "date") for key in keys)
    return tell("Index dates ranged from {first} to {last}.", first=first, last=last)
