"""Supplement: what the checks of consistency found, of the publication and of this report."""

from __future__ import annotations

from collections.abc import Sequence

from cutline.consistency.account import ERROR, KNOWLEDGE, NOTE, WARNING, Checked
from cutline.consistency.check import in_words, tally
from cutline.consistency.publication import PUBLICATION
from cutline.display.catalogue import Exhibit
from cutline.display.grid import Cell, Grid, GridRow
from cutline.languages import marked, tell
from cutline.languages.noted import told
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import capital, listed, sentences
from cutline.manuscript.rules import of_prose

ONE_FINDING, FINDINGS = marked("1 finding in {all} things looked at"), marked("{n} findings in {all} things looked at")
SEVERITIES = {ERROR: marked("error"), WARNING: marked("warning"), NOTE: marked("note")}
WIDTHS = (27, 61, 12)
NAMES = {PUBLICATION: marked("the publication"), "report": marked("this report")}
TO_CONFIRM = marked("Rests on general knowledge, which is to be confirmed before it is cited.")
WHAT_IT_IS = marked(
    "A contradiction is an error; what a reader needs and does not get is a warning; a note is to be known. “Not "
    "stated” means not in the text that was read. Every check, those that hold too, is in aggregate/consistency.csv."
)


def consistency_grid(exhibit: Exhibit, context: Context) -> Grid:
    """Every finding with its meaning; how many checks hold stands below."""
    rows = [row for about, checks in context.checks.items() for row in _rows(about, checks)]
    notes = sentences([*(_held(about, checks) for about, checks in context.checks.items()), tell(WHAT_IT_IS)])
    header = (tell("What should hold"), tell("What was found"), tell("Section"))
    return of_prose(exhibit, context, header, rows, notes, WIDTHS)


def _rows(about: str, checks: Sequence[Checked]) -> list[GridRow]:
    found = [each for each in checks if not each.holds]
    said = tell(ONE_FINDING if len(found) == 1 else FINDINGS, n=len(found), all=len(checks))
    return [GridRow(Cell(capital(tell(NAMES[about]))), (Cell(said), Cell()), heading=True), *map(_row, found)]


def _row(each: Checked) -> GridRow:
    meaning = told(each.meaning)
    meaning = f"{meaning} {tell(TO_CONFIRM)}" if each.basis == KNOWLEDGE else meaning
    name = f"{capital(tell(in_words(each.check)))} ({tell(SEVERITIES[each.severity])})"
    return GridRow(Cell(name), (Cell(meaning), Cell(each.section)), indented=True)


def _held(about: str, checks: Sequence[Checked]) -> str:
    """How many things each check that looked at several holds for."""
    counted = {name: tally(checks, name) for name in dict.fromkeys(each.check for each in checks)}
    said = [tell("{check}, {holds} of {all}", check=tell(in_words(name)), holds=holds, all=number)
            for name, (number, holds) in counted.items() if number > 1]  # fmt: skip
    return f"{capital(tell(NAMES[about]))}: {'; '.join(said)}." if said else ""


def checked_by_program(context: Context) -> str:
    """The sentence that says so and where to look; nothing where the study has no such table."""
    table = find("table", context, "consistency")
    both = ["report", *([PUBLICATION] if "publication" in context.settings else [])]
    return tell(
        "Counts, percentages, intervals and statements of {accounts} were held against each other{shown}.",
        accounts=listed([tell(NAMES[about]) for about in both]),
        shown=f" ({reference(table)})" if table else "",
    )
