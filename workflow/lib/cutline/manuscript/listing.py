"""The list of what is what: every table and figure with its caption and its files."""

from __future__ import annotations

import csv
import io

from cutline.display.alt_text import alt_text
from cutline.display.captions import breakable, caption
from cutline.display.catalogue import Exhibit, every_exhibit, files_alone
from cutline.display.marks import mark_of
from cutline.languages import tell
from cutline.manuscript.context import Context

COLUMNS = ("number", "caption", "place", "files", "alternative_text", "marked")


def list_of_exhibits(context: Context) -> str:
    """A CSV with one row per table and figure, in the order of the manuscript.

    Files are below its folder; a figure has its alternative text, which journals ask for.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for exhibit in every_exhibit(context.settings):
        writer.writerow(map(breakable, _row(exhibit, context)))
    return out.getvalue()


def _row(exhibit: Exhibit, context: Context) -> tuple[str, ...]:
    settings = context.settings
    described = alt_text(exhibit, settings, context.results) if exhibit.kind == "figure" else ""
    place = tell("supplement") if exhibit.supplementary else tell("text")
    files = " ".join(files_alone(exhibit, settings).values())
    named = (f"{exhibit.title} {exhibit.numbered}", caption(exhibit, settings), place)
    return (*named, files, described, mark_of(settings))
