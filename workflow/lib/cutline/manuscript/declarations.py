"""What a report declares about itself: that its data are synthetic, where they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cutline.display.labels import label
from cutline.display.marks import is_draft
from cutline.display.numbers import format_date
from cutline.languages import marked, tell
from cutline.manuscript import disclosure
from cutline.manuscript.consistency import checked_by_program
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import computed, escaped, listed, paragraphs, sentences

DIGITS = 16
"""Of the 64 of a SHA-256, as many as a reader compares."""


def notice(context: Context) -> str:
    """The callouts at the top: that the report is a draft, that its data describe nobody, what its numbers hide."""
    draft = _callout("warning", label("draft"), tell(DRAFT)) if is_draft(context.settings) else ""
    is_synthetic = context.settings.get("synthetic")
    synthetic = _callout("important", label("synthetic"), tell(SYNTHETIC)) if is_synthetic else ""
    return paragraphs([draft, synthetic, disclosure.notice(context.settings)])


def _callout(kind: str, title: str, text: str) -> str:
    return f'::: {{.callout-{kind} title="{title}" icon="false"}}\n{text}\n:::'


DRAFT = marked(
    "The results of this data cut-off have not been verified. Every page, table and figure is marked as a draft until "
    "the study's configuration names who verified them."
)
SYNTHETIC = marked(
    "Every record behind this report was drawn by a computer. No number in it describes a real patient, and none may "
    "guide a clinical decision."
)


def data(context: Context) -> str:
    """Where the data come from and how the report was made."""
    settings = context.settings
    synthetic = (
        tell("The data are synthetic: they were drawn by a computer and describe no real patient.")
        if settings.get("synthetic")
        else ""
    )
    return sentences(
        [
            synthetic,
            tell("Data source: {source}.", source=escaped(str(settings["source"]["description"]).rstrip("."))),
            tell(
                "Every number in the text, the tables and the figures is read from one file of results, made from the "
                "source by the program Cutline; the provenance record beside each file names the inputs, the settings "
                "and the code."
            ),
            _provenance(context),
            _verified(context.settings),
            checked_by_program(context),
        ]
    )


def _provenance(context: Context) -> str:
    """By what the file of results is known, and where each number is followed to its source; a link in the web page."""
    return tell(
        "The SHA-256 of that file, aggregate/ard.csv, begins with {digest}; the page [audit.html]{{.audit-page}} "
        "beside this report follows each number to its source.",
        digest=computed(context.digest[:DIGITS]),
    )


def _verified(settings: Mapping[str, Any]) -> str:
    """Who verified the results of this cut and when; nothing of a draft."""
    if is_draft(settings):
        return ""
    by, day = escaped(str(settings["verified"]["by"])), computed(format_date(str(settings["verified"]["date"])))
    return tell("The results of this data cut-off were verified by {name} on {date}.", name=by, date=day)


def contributors(context: Context) -> str:
    """Who did what; nobody is invented."""
    named = [_contributor(each) for each in context.settings["report"].get("authors", [])]
    return f"{listed(named)}." if named else tell("The authors are to be named.")


def _contributor(author: Mapping[str, Any]) -> str:
    name, roles = escaped(str(author["name"])), [escaped(str(role)) for role in author.get("roles", [])]
    return f"{name} ({listed(roles)})" if roles else name


GENERATED = {
    "notice": notice,
    "declarations.data": data,
    "declarations.contributors": contributors,
}
