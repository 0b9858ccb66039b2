"""Supplement: what the checks of consistency found, of the publication and of this report."""

from __future__ import annotations

from collections.abc import Sequence

from cutline.consistency.account import KNOWLEDGE, Checked
from cutline.consistency.check import in_words, tally
from cutline.consistency.publication import PUBLICATION
from cutline.display.catalogue import Exhibit
from cutline.display.grid import Cell, Grid, GridRow
from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference
from cutline.manuscript.markdown import capital, listed, sentences
from cutline.manuscript.rules import of_prose

WIDTHS = (27, 61, 12)
NAMES = {PUBLICATION: "the publication", "report": "this report"}
TO_CONFIRM = "Rests on general knowledge, which is to be confirmed before it is cited."
WHAT_IT_IS = (
    "A contradiction is an error; what a reader needs and does not get is a warning; a note is to be known. “Not "
    "stated” means not in the text that was read. Every check, those that hold too, is in aggregate/consistency.csv."
)


def consistency_grid(exhibit: Exhibit, context: Context) -> Grid:
    """Every finding with its meaning; how many checks hold stands below."""
    rows = [row for about, checks in context.checks.items() for row in _rows(about, checks)]
    notes = sentences([*(_held(about, checks) for about, checks in context.checks.items()), WHAT_IT_IS])
    return of_prose(exhibit, context, ("What should hold", "What was found", "Section"), rows, notes, WIDTHS)


def _rows(about: str, checks: Sequence[Checked]) -> list[GridRow]:
    found = [each for each in checks if not each.holds]
    said = f"{len(found)} findings" if len(found) != 1 else "1 finding"
    counted = (Cell(f"{said} in {len(checks)} things looked at"), Cell())
    return [GridRow(Cell(capital(NAMES[about])), counted, heading=True), *(_row(each) for each in found)]


def _row(each: Checked) -> GridRow:
    meaning = f"{each.meaning} {TO_CONFIRM}" if each.basis == KNOWLEDGE else each.meaning
    name = f"{capital(in_words(each.check))} ({each.severity})"
    return GridRow(Cell(name), (Cell(meaning), Cell(each.section)), indented=True)


def _held(about: str, checks: Sequence[Checked]) -> str:
    """How many things each check that looked at several holds for."""
    counted = {name: tally(checks, name) for name in dict.fromkeys(each.check for each in checks)}
    said = [f"{in_words(name)}, {holds} of {number}" for name, (number, holds) in counted.items() if number > 1]
    return f"{capital(NAMES[about])}: {'; '.join(said)}." if said else ""


def checked_by_program(context: Context) -> str:
    """The sentence that says so and where to look; nothing where the study has no such table."""
    table = find("table", context, "consistency")
    both = [NAMES["report"], *([NAMES[PUBLICATION]] if "publication" in context.settings else [])]
    shown = f" ({reference(table)})" if table else ""
    return f"Counts, percentages, intervals and statements of {listed(both)} were held against each other{shown}."
