"""Table: best overall response and the response rates, unconfirmed and confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, in_sentence, label
from cutline.display.lookup import Results, notes_of, value_of
from cutline.display.numbers import format_count, format_interval, format_number, format_p, rounded, times_hundred
from cutline.display.responses import ALWAYS, ORDER, category_label, group_of, groups_shown, size_of

KINDS = {"unconfirmed": "response", "confirmed": "response.confirmed"}
RATES = ("orr", "dcr", "cbr")
INTERVALS = {"exact_interval": "", "wilson_interval": "wilson_"}


@dataclass(frozen=True)
class Column:
    """A column of the table: where its results' keys start, its heading, and how many patients are in it."""

    path: str
    heading: str
    size: int
    evaluable: int
    between: str = ""
    """Where the keys of its comparison start; blank for the reference, and without groups."""


@dataclass
class Responses(Worded):
    """What every row needs: the study's words, the results, the columns, and the footnotes so far."""

    results: Results
    columns: list[Column]
    footnotes: Footnotes

    @property
    def by(self) -> str:
        """The variable whose levels the columns are; blank if they are of all patients."""
        return group_of(self.settings)

    @property
    def all_evaluable(self) -> bool:
        return all(column.evaluable == column.size for column in self.columns)


def response_grid(settings: Mapping[str, Any], results: Results) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the table of responses, of all patients or of each level of `response.by`.

    Complete, partial, stable and progressive have their row even at zero, the others where there is anybody; rates of
    the evaluable have theirs where somebody is not evaluable.
    """
    table = Responses(settings, results, _columns(settings, results), Footnotes())
    rows = [GridRow(Cell(table.words("best_heading")), heading=True), *_categories(table)]
    for rate in RATES:
        rows.append(GridRow(Cell(table.words(f"{rate}_heading", days=_days(settings))), heading=True))
        rows += _rate(table, rate)
    header = (table.words("response"), *(column.heading for column in table.columns))
    return header, rows, _notes(table)


BENEFIT, CONFIRMED = "clinical_benefit_days", "confirmation_days"


def _days(settings: Mapping[str, Any], name: str = BENEFIT) -> int:
    return int(settings["response"][name])


# ── columns ──────────────────────────────────────────────────────────────────────────────────


def _columns(settings: Mapping[str, Any], results: Results) -> list[Column]:
    """Unconfirmed and confirmed; with groups, of each group."""
    days = _days(settings, CONFIRMED)
    headings = {name: label(name, days=days) for name in KINDS}
    groups = list(groups_shown(settings, results))
    if not groups:
        return [_column(results, path, "", headings[name]) for name, path in KINDS.items()]
    columns = []
    for name, path in KINDS.items():
        for group in groups:
            words = {"label": group.name, "n": group.size, "kind": in_sentence(headings[name])}
            column = _column(results, path, group.suffix, label("group_response", **words))
            between = f"{path}.{group_of(settings)}.{group.level}"
            columns.append(replace(column, between=between if f"{between}.orr.fisher.p" in results else ""))
    return columns


def _column(results: Results, path: str, suffix: str, heading: str) -> Column:
    size, evaluable = (size_of(results, f"{path}{suffix}.orr{behind}.n") for behind in ("", ".evaluable"))
    return Column(f"{path}{suffix}", heading, size, evaluable)


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _categories(table: Responses) -> Iterator[GridRow]:
    for category in ORDER:
        paths = [f"{column.path}.best.{category}" for column in table.columns]
        if category in ALWAYS or any(value_of(table.results, f"{path}.n") for path in paths):
            name = category_label(category).replace("\n", " ")
            yield GridRow(Cell(name), tuple(_count(table, path) for path in paths), indented=True)


def _rate(table: Responses, rate: str) -> Iterator[GridRow]:
    """Count and intervals, of all patients and of the evaluable."""
    for behind, name in _denominators(table):
        paths = [f"{column.path}.{rate}{behind}" for column in table.columns]
        yield GridRow(Cell(name), tuple(_count(table, path) for path in paths), indented=True)
        for method, prefix in INTERVALS.items():
            level = rounded(times_hundred(table.settings["statistics"]["conf_level"]), 0)
            cells = tuple(_interval(table, path, prefix) for path in paths)
            yield GridRow(Cell(table.words(method, level=level)), cells, indented=True)
        if not behind:
            yield from _differences(table, rate)


def _differences(table: Responses, rate: str) -> Iterator[GridRow]:
    """Of all included patients, each group against the reference; nothing without groups."""
    paths = [f"{column.between}.{rate}" if column.between else "" for column in table.columns]
    if any(paths):
        level = rounded(times_hundred(table.settings["statistics"]["conf_level"]), 0)
        name = Cell(table.words("rate_difference", level=level))
        yield GridRow(name, tuple(_difference(table, path) for path in paths), indented=True)
        yield GridRow(Cell(table.words("fisher_p")), tuple(_p(table, path) for path in paths), indented=True)


def _difference(table: Responses, path: str) -> Cell:
    if not path:
        return Cell(table.words("reference_group"))
    keys = tuple(f"{path}.risk_difference{bound}" for bound in ("", "_lower", "_upper"))
    value, *limits = (value_of(table.results, key) for key in keys)
    ne = table.words("ne")
    text = (
        f"{format_number(value, 1, ne)} ({format_interval(limits[0], limits[1], 1, ne)})" if value is not None else ne
    )
    return Cell(text, _marks(table, keys), keys)


def _p(table: Responses, path: str) -> Cell:
    if not path:
        return Cell()
    key = f"{path}.fisher.p"
    return Cell(format_p(value_of(table.results, key), table.words("ne")), _marks(table, (key,)), (key,))


def _denominators(table: Responses) -> list[tuple[str, str]]:
    """What follows the rate in the keys, and the row's name; with groups the sizes stand in the header."""
    if table.by:
        names = [("", table.words("all_included")), (".evaluable", table.words("evaluable"))]
    else:
        first = table.columns[0]
        names = [("", table.words("all_patients_n", n=first.size)),
                 (".evaluable", table.words("evaluable_n", n=first.evaluable))]  # fmt: skip
    return names[:1] if table.all_evaluable else names


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
    everyone = size_of(table.results, "response.orr.n")
    if not everyone:
        return [Note(table.words("no_patients")), *table.footnotes.notes()]
    texts = [table.words("denominator_of_groups" if table.by else "denominator_response", n=everyone)]
    evaluable = size_of(table.results, "response.orr.evaluable.n")
    if table.all_evaluable:
        texts.append(table.words("evaluable_all", n=evaluable))
    elif table.by:
        listed = ", ".join(table.words("evaluable_of_group", label=group.name, n=group.evaluable)
                           for group in groups_shown(table.settings, table.results))  # fmt: skip
        texts.append(table.words("evaluable_in_groups", list=listed))
    else:
        texts.append(table.words("evaluable_some", n=evaluable))
    if any(column.between for column in table.columns):
        texts.append(table.words("rate_differences"))
    texts.append(table.words("stable_from", days=table.settings["response"]["minimum_stable_days"]))
    return [Note(text) for text in texts] + table.footnotes.notes()
