"""Table: how those removed at each step differ from those who remained. Rows are variables, columns steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import variable_label
from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded
from cutline.display.lookup import Results, notes_of, value_of
from cutline.display.numbers import format_number
from cutline.selection_names import DECIDED, SIDES, size_key, smd_key, variables_compared


@dataclass
class Selection(Worded):
    """What every row needs: the study's words, the results, the steps that removed anyone, and the footnotes so far."""

    results: Results
    steps: list[str]
    footnotes: Footnotes

    def difference(self, step: str, variable: str) -> float | None:
        return value_of(self.results, smd_key(step, variable))


def selection_grid(settings: Mapping[str, Any], results: Results) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the selection table.

    A standardised difference has two decimals and the largest of each step a mark; NE is not estimable, with its reason
    below, a dash is a variable that the step itself selects by.
    """
    criteria = {str(criterion["id"]): str(criterion["label"]) for criterion in settings["criteria"]}
    steps = [step for step in criteria if value_of(results, size_key(step, SIDES[0]))]
    table = Selection(settings, results, steps, Footnotes())
    header = (table.words("characteristic"), *(_heading(table, step, criteria[step]) for step in steps))
    rows = [_row(table, variable) for variable in variables_compared(settings)] if steps else []
    return header, rows, _notes(table, len(criteria) - len(steps))


def _heading(table: Selection, step: str, name: str) -> str:
    sizes = {side: format_number(value_of(table.results, size_key(step, side)), 0) for side in SIDES}
    return table.words("step", label=name, **sizes)


def _row(table: Selection, variable: str) -> GridRow:
    name = variable_label(table.settings, variable)
    return GridRow(Cell(name), tuple(_cell(table, step, variable) for step in table.steps))


def _cell(table: Selection, step: str, variable: str) -> Cell:
    key = smd_key(step, variable)
    marks = tuple(mark for note in notes_of(table.results, [key]) for mark in table.footnotes.mark(note))
    if table.results.get(key, {}).get("note") == DECIDED:
        return Cell(table.words("not_shown"), marks, (key,))
    value = table.difference(step, variable)
    if value is not None and value == _largest(table, step):
        marks += table.footnotes.mark(table.words("largest"))
    return _with_unknown(table, step, variable, Cell(format_number(value, 2, table.words("ne")), marks, (key,)))


def _largest(table: Selection, step: str) -> float | None:
    found = (table.difference(step, variable) for variable in variables_compared(table.settings))
    return max((value for value in found if value is not None), default=None)


def _with_unknown(table: Selection, step: str, variable: str, cell: Cell) -> Cell:
    """The cell with how many on either side have no known value, where any have none."""
    keys = {side: f"selection.{step}={side}.{variable}.missing" for side in SIDES}
    counts = {side: value_of(table.results, key) for side, key in keys.items()}
    if not any(counts.values()):
        return cell
    numbers = {side: format_number(count, 0, table.words("ne")) for side, count in counts.items()}
    text = table.words("unknown_counts", value=cell.text, **numbers)
    return Cell(text, cell.marks, (*cell.keys, *keys.values()))


def _notes(table: Selection, empty: int) -> list[Note]:
    if not table.steps:
        return [Note(table.words("selection_none"))]
    texts = [table.words("selection_differences"), table.words("selection_unknown")]
    texts += [table.words("selection_empty", n=empty)] if empty else []
    return [*(Note(text) for text in texts), *table.footnotes.notes()]
