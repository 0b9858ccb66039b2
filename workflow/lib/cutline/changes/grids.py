"""The tables of the change report, as grids of finished texts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from cutline.changes.columns import column_name
from cutline.changes.comparison import Comparison, Rows
from cutline.changes.differences import limit_keys
from cutline.changes.rounding import apportioned, outward
from cutline.changes.values import (
    ABSENT,
    NOT_ESTIMABLE,
    alone,
    companions,
    difference_decimals,
    difference_shown,
    events_key,
    factor,
    is_p,
    is_ratio,
    percent_key,
    scaled,
    shown,
    signed,
)
from cutline.changes.wording import CAUSES, KINDS, name_of
from cutline.display.captions import NO_BREAK_SPACE, endpoint_label, in_words, level_label
from cutline.display.grid import Cell, Footnotes, Grid, GridRow, Note
from cutline.display.lookup import Row
from cutline.display.numbers import rounded
from cutline.display.responses import ORDER, category_label
from cutline.tables.changes import NO_SUCH_RESULT

LOG_DECIMALS = 3
NO_ROW: Row = {}
ALL_ORDERS = math.factorial(len(CAUSES) - 1)
RESPONSES = dict(zip(("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "MISSING"), ORDER, strict=True))


def grid(caption: str, header: Sequence[str], rows: Iterable[GridRow], notes: Iterable[Note] = ()) -> Grid:
    """A table of the report; what is synthetic is said once, at its top."""
    return Grid(caption, tuple(header), tuple(rows), tuple(notes))


def row(label: str, *cells: str, indented: bool = False, marks: tuple[str, ...] = ()) -> GridRow:
    return GridRow(Cell(label, marks), tuple(Cell(cell) for cell in cells), indented=indented)


# ── before, after, difference ────────────────────────────────────────────────────────────────


def results_grid(comparison: Comparison, keys: Sequence[str], caption: str, finely: bool = False) -> Grid:
    """Results before and after with their difference, in groups of what they are of; `finely` also by variable."""
    footnotes = Footnotes()
    rows: list[GridRow] = []
    for key, heading, label in _headed(comparison, keys, finely):
        rows += [*heading, _result_row(comparison, key, label, footnotes)]
    header = ("Result", *comparison.names, "Difference")
    return grid(caption, header, rows, [*_difference_notes(comparison, keys), *footnotes.notes()])


def _headed(
    comparison: Comparison, keys: Iterable[str], finely: bool = False
) -> Iterator[tuple[str, list[GridRow], str]]:
    """Each key with the row that names its group, where one begins, and its label."""
    current = ""
    for key in keys:
        name = name_of(comparison.results[key], comparison.settings)
        group = name.place if finely else name.subject
        begins = bool(group) and group != current
        current = group
        yield key, [GridRow(Cell(group), heading=True)] if begins else [], name.what if finely else name.label


def _result_row(comparison: Comparison, key: str, label: str, footnotes: Footnotes) -> GridRow:
    sides = comparison.old, comparison.new
    before, after = (Cell(shown(key, side), _why_not(side.get(key, NO_ROW), footnotes)) for side in sides)
    if comparison.linked and key in comparison.new:
        after = replace(after, keys=(key, *companions(key, comparison.new)))
    change = Cell(_change_of(comparison, key), _said(comparison, key, footnotes))
    indented = bool(name_of(comparison.results[key], comparison.settings).subject)
    return GridRow(Cell(_with_what(label, key, comparison)), (before, after, change), indented=indented)


def _with_what(label: str, key: str, comparison: Comparison) -> str:
    """The label with what is shown beside the count."""
    if percent_key(key, comparison.results):
        return f"{label} (%)"
    return f"{label} / events" if events_key(key, comparison.results) else label


def _why_not(found: Row, footnotes: Footnotes) -> tuple[str, ...]:
    """The mark of the reason why a result is not estimable."""
    missing = bool(found) and found.get("value") is None and not found.get("text")
    return footnotes.mark(str(found.get("note", ""))) if missing else ()


def _change_of(comparison: Comparison, key: str) -> str:
    """The difference of a result; of a count with its percentage or its events, both."""
    if key not in comparison.old or key not in comparison.new:
        return str(comparison.changes[key]["status"])
    change = _difference(comparison, key)
    share, events = (_difference(comparison, name(key, comparison.results)) for name in (percent_key, events_key))
    return f"{change} ({share})" if share else f"{change} / {events}" if events else change


def _difference(comparison: Comparison, key: str) -> str:
    both = key in comparison.old and key in comparison.new
    return difference_shown(comparison.old[key], comparison.new[key]) if both else ""


def _said(comparison: Comparison, key: str, footnotes: Footnotes) -> tuple[str, ...]:
    """The marks of what is to be said of a change."""
    change = comparison.changes[key]
    said = list(comparison.conclusion_of(key))
    said += [f"computed otherwise than before: {change['redefined']}"] if change["redefined"] else []
    return tuple(mark for text in dict.fromkeys(said) for mark in footnotes.mark(text))


def _difference_notes(comparison: Comparison, keys: Sequence[str]) -> list[Note]:
    rows = [comparison.results[key] for key in [*keys, *(percent_key(key, comparison.results) for key in keys)] if key]
    level = f"{100 * float(comparison.settings['statistics']['conf_level']):g}"
    bracketed = any(limit_keys(key, comparison.results)[0] or percent_key(key, comparison.results) for key in keys)
    notes = [f"In brackets: percentages of counts, {level}% confidence intervals of estimates."] if bracketed else []
    if any(map(is_ratio, rows)):
        notes.append("The difference of hazard ratios is a ratio of ratios: new divided by old.")
    if any(map(_in_percent, rows)):
        notes.append("Differences of percentages are percentage points.")
    if any(shown(key, side).startswith(NOT_ESTIMABLE) for key in keys for side in (comparison.old, comparison.new)):
        notes.append("NE: not estimable.")
    return [Note(" ".join(notes))] if notes else []


def _in_percent(result: Row) -> bool:
    return result["unit"] in ("percent", "probability") and not is_p(result)


# ── attribution ──────────────────────────────────────────────────────────────────────────────


def attribution_grid(comparison: Comparison, steps: Mapping[str, Rows], caption: str) -> Grid:
    """One result per row, one cause per column, then their sum; below it what of a piece depends on the order.

    The pieces are rounded so that they add up to the difference shown.
    """
    footnotes = Footnotes()
    rows: list[GridRow] = []
    for key, heading, label in _headed(comparison, steps):
        of_result = steps[key]
        pieces = _pieces_row(comparison, key, label, of_result, footnotes)
        rows += [*heading, pieces]
        rows += [_factors_row(of_result, pieces)] if of_result[0]["scale"] == "log" else []
        rows += _range_row(comparison.results[key], of_result, footnotes)
    points = any(_in_percent(comparison.results[key]) for key in steps)
    notes = [Note("Pieces of percentages are percentage points.")] if points else []
    return grid(caption, ("Result", *CAUSES.values(), "Sum"), rows, [*notes, *footnotes.notes()])


def _pieces_row(comparison: Comparison, key: str, label: str, steps: Rows, footnotes: Footnotes) -> GridRow:
    result = comparison.results[key]
    first, last = (alone(side[key]) if key in side else ABSENT for side in (comparison.old, comparison.new))
    total = _total(steps)
    texts = rounded_pieces(result, steps)
    cells = [Cell(text, _piece_marks(step, result, footnotes)) for text, step in zip(texts, steps, strict=True)]
    whole = NOT_ESTIMABLE if total is None else signed(rounded(total * _unit(result, steps), _decimals(result, steps)))
    return GridRow(Cell(f"{label}: {first}{NO_BREAK_SPACE}→{NO_BREAK_SPACE}{last}"), (*cells, Cell(whole)))


def _total(steps: Rows) -> float | None:
    """What all steps moved together, on their scale; None if either end is not estimable."""
    first, last = steps[0]["before"], steps[-1]["after"]
    if first is None or last is None:
        return None
    return math.log(last / first) if steps[0]["scale"] == "log" else float(last - first)


def _unit(result: Row, steps: Rows) -> float:
    """What a piece is multiplied by to be shown: probabilities in percent."""
    return scaled(1.0, result) if steps[0]["scale"] == "identity" else 1.0


def _decimals(result: Row, steps: Rows) -> int:
    return LOG_DECIMALS if steps[0]["scale"] == "log" else difference_decimals(result)


def moved_by(step: Mapping[str, Any]) -> float | None:
    """The step's piece, or at the end of a gap what its steps moved together."""
    moved = step["together"] if step["together"] is not None else step["piece"]
    return None if moved is None else float(moved)


def rounded_pieces(result: Row, steps: Rows) -> list[str]:
    """What each step moved, as printed."""
    total, unit, decimals = _total(steps), _unit(result, steps), _decimals(result, steps)
    known = {place: moved * unit for place, step in enumerate(steps) if (moved := moved_by(step)) is not None}
    if total is not None:
        numbers = apportioned(list(known.values()), total * unit, decimals)
    else:
        numbers = [rounded(piece, decimals) for piece in known.values()]
    texts = dict(zip(known, map(signed, numbers), strict=True))
    return [texts.get(place, NOT_ESTIMABLE) for place in range(len(steps))]


def _piece_marks(step: Mapping[str, Any], result: Row, footnotes: Footnotes) -> tuple[str, ...]:
    if step["together"] is not None:
        return footnotes.mark("together with the steps before it that have no piece of their own")
    return footnotes.mark(_why_no_piece(step, result)) if step["piece"] is None and step["note"] else ()


def _why_no_piece(step: Mapping[str, Any], result: Row) -> str:
    """The note of a step; where a state lacks the result, what that means: mostly that a level has nobody."""
    where, _, why = str(step["note"]).partition(": ")
    if why != NO_SUCH_RESULT:
        return str(step["note"])
    if where.startswith("before") and step["cause"] == "code":
        return "the old cut has no such result"
    of_level = result["level"] or result["group_level"]
    return f"{where} {'no patient has this level' if of_level else 'there is no such result'}"


def _factors_row(steps: Rows, pieces: GridRow) -> GridRow:
    """The pieces of a ratio as what each multiplies it by; nothing below one that is printed as 0."""
    moved = zip([*map(moved_by, steps), _total(steps)], pieces.cells, strict=True)
    texts = [factor(piece) if piece is not None and cell.text != "0" else "" for piece, cell in moved]
    return row("multiplies by", *texts, indented=True)


def _range_row(result: Row, steps: Rows, footnotes: Footnotes) -> list[GridRow]:
    """The smallest and the largest piece where they differ; no row where no piece depends on the order."""
    ranges = [_range(step, result, steps) for step in steps]
    cells = [
        Cell(text, _order_marks(step, footnotes) if text else ()) for text, step in zip(ranges, steps, strict=True)
    ]
    return [GridRow(Cell("over all orders"), (*cells, Cell()), indented=True)] if any(ranges) else []


def _range(step: Mapping[str, Any], result: Row, steps: Rows) -> str:
    """`−0.10 to +0.40`, rounded outward; blank where the piece is the same in every order, to the decimals shown.

    A step without a piece of its own that has one in other orders, the same in all, has that number.
    """
    if step["smallest"] is None or step["largest"] is None:
        return ""
    unit, decimals = _unit(result, steps), _decimals(result, steps)
    ends = [step[name] * unit for name in ("smallest", "largest")]
    near, far = (rounded(end, decimals) for end in ends)
    if near == far:
        return signed(near) if step["piece"] is None else ""
    return " to ".join(map(signed, outward(ends[0], ends[1], decimals)))


def _order_marks(step: Mapping[str, Any], footnotes: Footnotes) -> tuple[str, ...]:
    if step["orders"] in (0, ALL_ORDERS):
        return ()
    return footnotes.mark(f"over the {step['orders']} of {ALL_ORDERS} orders in which this piece can be estimated")


# ── records ──────────────────────────────────────────────────────────────────────────────────


def records_grid(records: Rows, caption: str) -> Grid:
    """What happened to the records, table by table: number of records and, in brackets, of persons."""
    whole = [entry for entry in records if not entry["column"]]
    tables = list(dict.fromkeys(entry["table"] for entry in whole))
    cells = {(entry["table"], entry["kind"]): _records_of(entry) for entry in whole}
    rows = [row(in_words(table), *(cells.get((table, kind), "0") for kind in KINDS)) for table in tables]
    return grid(caption, ("Source table", *KINDS.values()), rows, [Note("Records (persons).")])


def _records_of(entry: Mapping[str, Any]) -> str:
    return f"{entry['records']} ({entry['persons']})" if entry["records"] else "0"


def columns_grid(records: Rows, caption: str) -> Grid:
    """The columns in which records of the old window changed."""
    rows = [
        row(f"{in_words(entry['table'])}: {column_name(entry['table'], entry['column'])}", KINDS[entry["kind"]],
            str(entry["records"]), str(entry["persons"]))
        for entry in records if entry["column"] and entry["kind"] != "follow_up"
    ]  # fmt: skip
    return grid(caption, ("Source table and what it holds", "Change", "Records", "Persons"), rows)


# ── cohort ───────────────────────────────────────────────────────────────────────────────────

MOVES = ("entered", "left", "moved_in", "moved_out")


def flow_grid(comparison: Comparison, caption: str) -> Grid:
    """The eligibility criteria side by side: persons excluded by each, before and after, and who came and went.

    Without the criteria that nobody failed first in either cut.
    """
    labels = {criterion["id"]: str(criterion["label"]) for criterion in comparison.settings["criteria"]}
    entries = [entry for entry in comparison.flow_rows if entry["what"] == "criterion" and _somebody(entry)]
    rows = [_moves_row(labels.get(entry["level"], in_words(str(entry["level"]))), entry) for entry in entries]
    return grid(caption, ("First failed criterion", *comparison.names, *CRITERION_MOVES), rows, [Note(CRITERIA_NOTE)])


CRITERION_MOVES = ("Newly screened", "No longer screened", "From another row", "To another row")
LEVEL_MOVES = ("Newly included", "No longer included", "From another row", "To another row")
CRITERIA_NOTE = "Criteria that no patient fails first on either side are left out."


def _somebody(entry: Mapping[str, Any]) -> bool:
    return bool(entry["before"] or entry["after"])


def _moves_row(label: str, entry: Mapping[str, Any], indented: bool = False) -> GridRow:
    numbers = [str(entry[side]) for side in ("before", "after")]
    return row(label, *numbers, *(str(entry[name]) for name in MOVES), indented=indented)


def moves_grid(comparison: Comparison, caption: str) -> Grid:
    """Variables, responses and outcomes in which somebody moved: all their levels, before and after."""
    rows: list[GridRow] = []
    for (what, name), entries in moved_places(comparison).items():
        rows.append(GridRow(Cell(_place(what, name, comparison)), heading=True))
        rows += [_moves_row(_level(entry, comparison), entry, indented=True) for entry in entries]
    return grid(caption, ("Characteristic", *comparison.names, *LEVEL_MOVES), rows)


def moved_places(comparison: Comparison) -> dict[tuple[str, str], Rows]:
    """What some person of both cohorts is classified in otherwise than before, with the rows of its levels."""
    places: dict[tuple[str, str], Rows] = {}
    for entry in comparison.flow_rows:
        if entry["what"] != "criterion":
            places.setdefault((entry["what"], entry["name"]), []).append(entry)
    moved = {place: entries for place, entries in places.items() if any(entry["moved_in"] for entry in entries)}
    return {place: list(filter(_somebody, entries)) for place, entries in moved.items()}


def _place(what: str, name: str, comparison: Comparison) -> str:
    if what == "endpoint":
        return endpoint_label(comparison.settings, name)
    if what == "response":
        return "Best overall response"
    return str(comparison.settings["variables"].get(name, {}).get("label", in_words(name)))


def _level(entry: Mapping[str, Any], comparison: Comparison) -> str:
    level = str(entry["level"])
    if not level:
        return "Unknown"
    if entry["what"] == "response":
        return in_words(category_label(RESPONSES.get(level, level)).replace("\n", " "))
    return level_label(comparison.settings, str(entry["name"]), level)
