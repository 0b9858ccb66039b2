"""Table: adverse events by term, and how severe they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import in_words
from cutline.display.grid import Cell, Footnotes, GridRow, Note, capitalised
from cutline.display.labels import Worded
from cutline.display.lookup import Results, methods_of, notes_of, value_of, with_prefix
from cutline.display.numbers import format_count

OVERVIEW = (("none", "none_recorded"), ("any", "any_recorded"))
UNMAPPED = "unmapped"
CONSEQUENCES = ("grade_3_or_4", "treatment_related_deaths", "discontinued")


@dataclass
class Safety(Worded):
    """What every row needs: the study's words, the results, and the footnotes so far."""

    results: Results
    footnotes: Footnotes


def adverse_events_grid(
    settings: Mapping[str, Any], results: Results
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the table of adverse events.

    Terms come by falling frequency, equal ones in the study's order, and last the terms that the code list
    lacks, if there are any; terms that nobody had keep their row with a zero, because looking for an event and
    finding none is a result.
    """
    table = Safety(settings, results, Footnotes())
    rows = [_row(table, f"safety.{name}", table.words(text)) for name, text in OVERVIEW]
    rows.append(GridRow(Cell(table.words("by_term")), heading=True))
    rows += [_row(table, f"safety.term.{term}", _term_label(table, term), True) for term in _terms(table)]
    rows.append(GridRow(Cell(table.words("seriousness")), heading=True))
    rows += [_row(table, f"safety.{name}", table.words(name), True) for name in CONSEQUENCES]
    header = (table.words("event"), table.words("patients_n_percent", n=_patients(table)))
    return header, rows, _notes(table)


def _row(table: Safety, path: str, name: str, indented: bool = False) -> GridRow:
    keys = tuple(key for key in (f"{path}.n", f"{path}.percent") if key in table.results)
    text = format_count(
        value_of(table.results, f"{path}.n"), value_of(table.results, f"{path}.percent"), table.words("ne")
    )
    marks = tuple(mark for note in notes_of(table.results, keys) for mark in table.footnotes.mark(note))
    return GridRow(Cell(name), (Cell(text, marks, keys),), indented=indented)


def _terms(table: Safety) -> list[str]:
    """The terms of the results: most frequent first, then as the study lists them, then by name; unmapped ones last."""
    listed = list(table.settings["safety"]["terms"])
    found = {
        rest.rpartition(".")[0] for rest, row in with_prefix(table.results, "safety.term.") if row["statistic"] == "n"
    }
    count = {term: value_of(table.results, f"safety.term.{term}.n") or 0 for term in found}
    place = {term: listed.index(term) if term in listed else len(listed) for term in found}
    unmapped = [UNMAPPED] if count.get(UNMAPPED) else []
    return sorted(found - {UNMAPPED}, key=lambda term: (-count[term], place[term], term)) + unmapped


def _term_label(table: Safety, term: str) -> str:
    other = table.words("unmapped_terms") if term == UNMAPPED else in_words(term)
    return str(table.settings["safety"]["terms"].get(term, other))


def _patients(table: Safety) -> int:
    """The denominator: everyone in whom adverse events were looked for."""
    return max((row["n"] for _, row in with_prefix(table.results, "safety.") if row["n"] is not None), default=0)


def _notes(table: Safety) -> list[Note]:
    if not _patients(table):
        return [Note(table.words("no_patients")), *table.footnotes.notes()]
    texts = [table.words("denominator_safety", n=_patients(table)), table.words("once_per_term")]
    methods = methods_of(table.results, [key for key in table.results if key.startswith("safety.")])
    texts += [table.words("method_note", methods=". ".join(map(capitalised, methods)))] if methods else []
    return [Note(text) for text in texts] + table.footnotes.notes()
