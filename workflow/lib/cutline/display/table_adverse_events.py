"""Table: adverse events by term, and how severe they were."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from cutline.display.adverse_events import Safety, heading
from cutline.display.grid import Cell, GridRow, Note, capitalised
from cutline.display.labels import in_sentence
from cutline.display.lookup import Results, methods_of, value_of
from cutline.display.trial_words import found_in, reference_words, value_text
from cutline.safety.names import NOT_RECORDED, TERM
from cutline.trials import Trial, Value, reference_rates, reference_trial

OVERVIEW = (("none", "none_recorded"), ("any", "any_recorded"))
CONSEQUENCES = ("grade_3_or_4", "treatment_related_deaths", "discontinued")
GRADE_NOT_RECORDED = f"grade.{NOT_RECORDED}"


@dataclass(frozen=True)
class Column:
    """A column beside the names of the rows: its head, and its cell of the row of that place in the keys."""

    head: str
    cell: Callable[[str], Cell]


def adverse_events_grid(
    settings: Mapping[str, Any], results: Results
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the table of adverse events.

    One column of all patients, or one of each group that is compared, and one of the trial that the study names as
    its reference. Terms come by falling frequency, equal ones in
    the study's order, and last the terms that the code list lacks, if there are any; terms that nobody had keep their
    row with a zero, because looking for an event and finding none is a result.
    """
    table = Safety(settings, results)
    columns = _columns(table)

    def row(place: str, name: str, indented: bool = True) -> GridRow:
        return GridRow(Cell(name), tuple(column.cell(place) for column in columns), indented=indented)

    rows = [row(name, table.words(text), indented=False) for name, text in OVERVIEW]
    rows += [heading(table.words("by_term")), *(row(f"{TERM}.{term}", table.term_name(term)) for term in table.terms())]
    rows += [heading(table.words("seriousness")), *(row(name, table.words(name)) for name in _consequences(table))]
    header = (table.words("event"), *(column.head for column in columns))
    return header, rows, _notes(table, rows)


def _columns(table: Safety) -> list[Column]:
    """What stands beside the names of events: the study's patients, all or by group, and the reference trial."""
    if not table.by:
        head = table.words("patients_n_percent", n=table.size())
        return [Column(head, partial(_patients, table, "")), *_reference(table)]
    groups = [
        Column(table.words("group_n_percent", label=table.level_name(level), n=table.size(level)),
               partial(_patients, table, level))
        for level in table.levels
    ]  # fmt: skip
    return [*groups, *_reference(table)]


def _reference(table: Safety) -> list[Column]:
    """The rates of the trial that the study names, of terms that both have; nothing without one."""
    literature = table.settings.get("literature", {})
    trial = reference_trial(literature)
    if trial is None:
        return []
    rates = reference_rates(literature, "any")
    return [Column(table.words("reference_any", trial=trial["label"]), partial(_rate, table, trial, rates))]


def _rate(table: Safety, trial: Trial, rates: Mapping[str, Value], place: str) -> Cell:
    """What the reference trial reports of a term, with its name for it where that is another; else a dash."""
    ours = place.removeprefix(f"{TERM}.")
    term = table.settings["literature"]["adverse_events"]["terms"].get(ours, "")
    if term not in rates:
        return Cell(table.words("not_shown"))
    name = trial["terms"][term]
    called = table.words("called_there", term=in_sentence(name)) if name != table.term_name(ours) else ""
    marks = [mark for note in (found_in(table, rates[term]), called) for mark in table.footnotes.mark(note)]
    return Cell(value_text(rates[term]), tuple(marks))


def _patients(table: Safety, level: str, place: str) -> Cell:
    return table.patients(f"{table.place(level)}.{place}")


def _consequences(table: Safety) -> list[str]:
    """The rows on severity; one of grades that are not recorded where there are any."""
    places = [table.place(level) for level in (*table.levels, "")]
    unknown = any(value_of(table.results, f"{place}.{GRADE_NOT_RECORDED}.n") for place in places)
    return [*([GRADE_NOT_RECORDED] if unknown else []), *CONSEQUENCES]


def _notes(table: Safety, rows: list[GridRow]) -> list[Note]:
    if not table.size():
        return [Note(table.words("no_patients")), *table.footnotes.notes()]
    denominator = "denominator_safety_groups" if table.by else "denominator_safety"
    texts = [table.words(denominator, n=table.size()), table.words("once_per_term")]
    shown = [key for row in rows for cell in row.cells for key in cell.keys]
    methods = methods_of(table.results, shown)
    texts += [table.words("method_note", methods=". ".join(map(capitalised, methods)))] if methods else []
    trial = reference_trial(table.settings.get("literature", {}))
    texts += [reference_words(table, trial), table.words("no_rate"), table.words("not_compared")] if trial else []
    return [Note(text) for text in texts] + table.footnotes.notes()
