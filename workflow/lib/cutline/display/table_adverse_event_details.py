"""Supplementary tables of adverse events: grades, consequences, events in time, and groups compared.

What is not estimable reads NE; why, each table says once for all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cutline.display.adverse_events import Safety, heading
from cutline.display.captions import level_label
from cutline.display.grid import Cell, GridRow, Note
from cutline.display.lookup import Results, value_of
from cutline.display.numbers import format_interval, format_number, format_p
from cutline.safety.names import ASPECTS, GRADES, HIGH, NOT_RECORDED

Shown = tuple[tuple[str, ...], list[GridRow], list[Note]]
"""Header, rows and footnotes."""
Cells = Callable[[Safety, str], Iterator[Cell]]
SHOWN_ASPECTS = tuple(aspect for aspect in ASPECTS if aspect != HIGH)


def grades_grid(settings: Mapping[str, Any], results: Results) -> Shown:
    """Patients by their worst grade, of any event, by organ class and by term."""
    table = Safety(settings, results)
    grades = [table.words("grade", grade=grade) for grade in GRADES]
    header = (table.words("event"), table.words("any_grade"), *grades, table.words("grade_unknown"), table.words(HIGH))
    return header, _rows(table, _grades), _notes(table, "explain_grades")


def _grades(table: Safety, place: str) -> Iterator[Cell]:
    yield table.patients(_any(place))
    for grade in (*GRADES, NOT_RECORDED):
        key = f"{_path(place)}.grade.{grade}.n"
        yield _number(table, key, 0)
    yield table.patients(f"{_path(place)}.{HIGH}", marked=False)


def consequences_grid(settings: Mapping[str, Any], results: Results) -> Shown:
    """Patients with an event that was related to treatment, changed it, or was fatal."""
    table = Safety(settings, results)
    header = (table.words("event"), *(table.words(f"aspect_{aspect}") for aspect in SHOWN_ASPECTS))
    return header, _rows(table, _consequences), _notes(table, "explain_consequences")


def _consequences(table: Safety, place: str) -> Iterator[Cell]:
    yield from (table.patients(f"{_path(place)}.{aspect}", marked=False) for aspect in SHOWN_ASPECTS)


def rates_grid(settings: Mapping[str, Any], results: Results) -> Shown:
    """Exposure-adjusted incidence with its interval, and the rate of events apart."""
    table = Safety(settings, results)
    names = ("patients", "patient_years", "incidence", "ae_events", "event_rate")
    header = (table.words("event"), *(table.words(name, level=table.conf_level) for name in names))
    return header, _rows(table, _rates), _notes(table, "explain_rates")


def _rates(table: Safety, place: str) -> Iterator[Cell]:
    path = _any(place)
    yield _number(table, f"{path}.n", 0)
    yield _number(table, f"{path}.patient_years", 1)
    yield _estimate(table, f"{path}.per_100_patient_years")
    yield _number(table, f"{path}.events", 0)
    yield _number(table, f"{path}.events_per_100_patient_years", 1)


def groups_grid(settings: Mapping[str, Any], results: Results) -> Shown:
    """Each group against the reference: patients with an event, and of grade 3 or higher, risk difference and test.

    Every event takes two rows, of any grade and of grade 3 or higher.
    """
    table = Safety(settings, results)
    reference = table.reference
    others = [level for level in table.levels if level != reference]
    groups = [table.words("group_n_percent", label=table.level_name(level), n=table.size(level))
              for level in (reference, *others)]  # fmt: skip
    compared = [text for level in others for text in _heads(table, level, len(others))]
    rows = []
    for line in table.lines():
        if isinstance(line, str):
            rows.append(heading(line))
        else:
            rows += list(_compared(table, *line, reference, others))
    note = Note(table.words("compared_with", reference=level_label(settings, table.by, reference)))
    return (table.words("event"), *groups, *compared), rows, [note, *_notes(table, "explain_groups")]


def _heads(table: Safety, level: str, others: int) -> Iterator[str]:
    """The heads of a comparison, with the name of the group where there are several."""
    of = f"{table.level_name(level)}: " if others > 1 else ""
    yield of + table.words("risk_difference", level=table.conf_level)
    yield of + table.words("fisher_p")


def _compared(table: Safety, place: str, name: str, reference: str, others: list[str]) -> Iterator[GridRow]:
    for suffix, path in (("", _any), (HIGH, _path)):
        ends = [".".join(part for part in (path(place, table.place(level)), suffix) if part)
                for level in (reference, *others)]  # fmt: skip
        cells = [table.patients(end, marked=False) for end in ends]
        for level in others:
            key = ".".join(part for part in (path(place, f"safety.{table.by}.{level}"), suffix) if part)
            cells += [_estimate(table, f"{key}.risk_difference"), _p(table, f"{key}.fisher.p")]
        label = f"{name}, {table.words('high_grade')}" if suffix else name
        yield GridRow(Cell(label), tuple(cells), indented=bool(place))


# ── what they share ──────────────────────────────────────────────────────────────────────────


def _rows(table: Safety, cells: Cells) -> list[GridRow]:
    return [heading(line) if isinstance(line, str) else _row(table, cells, *line) for line in table.lines()]


def _row(table: Safety, cells: Cells, place: str, name: str) -> GridRow:
    return GridRow(Cell(name), tuple(cells(table, place)), indented=bool(place))


def _path(place: str, group: str = "safety") -> str:
    """Where the aspects of a row are: those of any event stand under the group itself."""
    return f"{group}.{place}" if place else group


def _any(place: str, group: str = "safety") -> str:
    """Where the patients with an event of a row are."""
    return f"{group}.{place or 'any'}"


def _number(table: Safety, key: str, decimals: int) -> Cell:
    return Cell(format_number(value_of(table.results, key), decimals, table.words("ne")), keys=(key,))


def _estimate(table: Safety, key: str) -> Cell:
    """A number with its interval."""
    keys = (key, f"{key}_lower", f"{key}_upper")
    value, lower, upper = (value_of(table.results, each) for each in keys)
    if value is None:
        return Cell(table.words("ne"), keys=keys)
    limits = format_interval(lower, upper, 1, table.words("ne"))
    return Cell(f"{format_number(value, 1)} ({limits})", keys=keys)


def _p(table: Safety, key: str) -> Cell:
    return Cell(format_p(value_of(table.results, key), table.words("ne")), keys=(key,))


def _notes(table: Safety, explanation: str) -> list[Note]:
    if not table.size():
        return [Note(table.words("no_patients")), *table.footnotes.notes()]
    return [Note(table.words(explanation, n=table.size(), level=table.conf_level)), *table.footnotes.notes()]
