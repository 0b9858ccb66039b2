"""Table: best overall response and the response rates, unconfirmed and confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, language_of
from cutline.display.lookup import Results, notes_of, value_of
from cutline.display.numbers import format_count, format_interval, rounded, times_hundred
from cutline.display.responses import ALWAYS, ORDER, category_label

PATHS = ("response", "response.confirmed")
RATES = ("orr", "dcr", "cbr")
INTERVALS = {"exact_interval": "", "wilson_interval": "wilson_"}


@dataclass
class Responses(Worded):
    """What every row needs: the study's words, the results, and the footnotes so far."""

    results: Results
    footnotes: Footnotes

    def total(self, key: str) -> int:
        """The denominator of a result; 0 where there is none."""
        return int(self.results.get(key, {}).get("n") or 0)


def response_grid(settings: Mapping[str, Any], results: Results) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the table of responses.

    Complete, partial, stable and progressive have their row even at zero, the others where there is anybody; rates of
    the evaluable have theirs where somebody is not evaluable.
    """
    table = Responses(settings, results, Footnotes())
    rows = [GridRow(Cell(table.words("best_heading")), heading=True), *_categories(table)]
    for rate in RATES:
        rows.append(GridRow(Cell(table.words(f"{rate}_heading", days=_days(table))), heading=True))
        rows += _rate(table, rate)
    confirmed = table.words("confirmed", days=_days(table, CONFIRMED))
    header = (
        table.words("response"),
        table.words("unconfirmed"),
        confirmed,
    )
    return header, rows, _notes(table)


BENEFIT, CONFIRMED = "clinical_benefit_days", "confirmation_days"


def _days(table: Responses, name: str = BENEFIT) -> int:
    return int(table.settings["response"][name])


def _categories(table: Responses) -> Iterator[GridRow]:
    for category in ORDER:
        paths = [f"{path}.best.{category}" for path in PATHS]
        if category in ALWAYS or any(value_of(table.results, f"{path}.n") for path in paths):
            name = category_label(category, language_of(table.settings)).replace("\n", " ")
            yield GridRow(Cell(name), tuple(_count(table, path) for path in paths), indented=True)


def _rate(table: Responses, rate: str) -> Iterator[GridRow]:
    """Count and intervals, of all patients and of the evaluable."""
    everyone, evaluable = table.total("response.orr.n"), table.total("response.orr.evaluable.n")
    denominators = [("", "all_patients_n", everyone)]
    denominators += [(".evaluable", "evaluable_n", evaluable)] if evaluable != everyone else []
    for behind, words, number in denominators:
        paths = [f"{path}.{rate}{behind}" for path in PATHS]
        name = Cell(table.words(words, n=number))
        yield GridRow(name, tuple(_count(table, path) for path in paths), indented=True)
        for method, prefix in INTERVALS.items():
            level = rounded(times_hundred(table.settings["statistics"]["conf_level"]), 0)
            cells = tuple(_interval(table, path, prefix) for path in paths)
            yield GridRow(Cell(table.words(method, level=level)), cells, indented=True)


def _count(table: Responses, path: str) -> Cell:
    keys = tuple(key for key in (f"{path}.n", f"{path}.percent") if key in table.results)
    n, percent = (value_of(table.results, f"{path}.{part}") for part in ("n", "percent"))
    text = format_count(n, percent, table.words("ne"))
    return Cell(text, _marks(table, keys), keys)


def _interval(table: Responses, path: str, prefix: str) -> Cell:
    keys = tuple(key for key in (f"{path}.{prefix}lower", f"{path}.{prefix}upper") if key in table.results)
    limits = [value_of(table.results, f"{path}.{prefix}{bound}") for bound in ("lower", "upper")]
    return Cell(format_interval(limits[0], limits[1], 1, table.words("ne")), _marks(table, keys), keys)


def _marks(table: Responses, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(mark for note in notes_of(table.results, keys) for mark in table.footnotes.mark(note))


def _notes(table: Responses) -> list[Note]:
    everyone, evaluable = table.total("response.orr.n"), table.total("response.orr.evaluable.n")
    if not everyone:
        return [Note(table.words("no_patients")), *table.footnotes.notes()]
    texts = [table.words("denominator_response", n=everyone)]
    texts.append(table.words("evaluable_all" if evaluable == everyone else "evaluable_some", n=evaluable))
    texts.append(table.words("stable_from", days=table.settings["response"]["minimum_stable_days"]))
    return [Note(text) for text in texts] + table.footnotes.notes()
