"""Table: who the patients were. Rows are variables and their levels, columns all patients and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import level_label, variable_label
from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import label, language_of
from cutline.display.lookup import Results, notes_of, value_of, with_prefix
from cutline.display.numbers import format_amount, format_count, format_number, format_range


@dataclass(frozen=True)
class Column:
    """A column of the table: where its results' keys start, and its heading."""

    path: str
    heading: str

    def key(self, variable: str, *rest: str) -> str:
        return ".".join((self.path, variable, *rest))


@dataclass
class Baseline:
    """What every row needs: the study's words, the results, the columns, and the footnotes so far."""

    settings: Mapping[str, Any]
    results: Results
    columns: list[Column]
    footnotes: Footnotes

    def words(self, name: str, **values: object) -> str:
        return label(name, language_of(self.settings), **values)

    def overall(self, variable: str, *rest: str) -> float | None:
        """A value of all patients together."""
        return value_of(self.results, self.columns[0].key(variable, *rest))


def baseline_grid(settings: Mapping[str, Any], results: Results) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the baseline table.

    A categorical variable shows n (%), a continuous one median (Q1–Q3) and range, with one decimal, and none where
    a value is whole; missing values have their own row wherever there are any. Levels that nobody has are named in a
    footnote, or are rows of zeros with `baseline.empty_levels`.
    """
    table = Baseline(settings, results, _columns(settings, results), Footnotes())
    variables = [name for name in settings["baseline"]["variables"] if _has_results(results, f"baseline.{name}.")]
    rows = [row for variable in variables for row in _variable_rows(table, variable)]
    header = (table.words("characteristic"), *(column.heading for column in table.columns))
    return header, rows, _notes(table, variables)


def _columns(settings: Mapping[str, Any], results: Results) -> list[Column]:
    """All patients, then each group that has any."""
    language = language_of(settings)
    everyone = format_number(value_of(results, "flow.included"), 0)
    columns = [Column("baseline", label("patients_n", language, n=everyone))]
    by = settings["baseline"].get("by")
    for level in settings["variables"][by]["levels"] if by else []:
        size = value_of(results, f"baseline.{by}={level}.n")
        if size:
            name = level_label(settings, by, level)
            heading = label("group_n", language, label=name, n=format_number(size, 0))
            columns.append(Column(f"baseline.{by}={level}", heading))
    return columns


def _has_results(results: Results, prefix: str) -> bool:
    return any(True for _ in with_prefix(results, prefix))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _variable_rows(table: Baseline, variable: str) -> Iterator[GridRow]:
    spec = table.settings["variables"][variable]
    continuous = spec["kind"] == "continuous"
    name = variable_label(table.settings, variable) if continuous else table.words("n_percent", label=spec["label"])
    yield GridRow(Cell(name, table.footnotes.mark(spec.get("note", ""))), heading=True)
    yield from _continuous_rows(table, variable) if continuous else _level_rows(table, variable)
    if _missing_anywhere(table, variable):
        yield _row(table, table.words("missing"), [_missing(table, column, variable) for column in table.columns])


def _row(table: Baseline, name: str, cells: Sequence[tuple[str, tuple[str, ...]]]) -> GridRow:
    """A row of texts with their keys; each note on a result becomes a footnote of its cell."""
    marked = [
        Cell(text, tuple(mark for note in notes_of(table.results, keys) for mark in table.footnotes.mark(note)), keys)
        for text, keys in cells
    ]
    return GridRow(Cell(name), tuple(marked), indented=True)


def _level_rows(table: Baseline, variable: str) -> Iterator[GridRow]:
    hidden = _hidden_levels(table, variable)
    for level in table.settings["variables"][variable]["levels"]:
        if level not in hidden:
            keys = [
                (column.key(variable, level, "n"), column.key(variable, level, "percent")) for column in table.columns
            ]
            cells = [(_count(table, *pair), pair) for pair in keys]
            yield _row(table, level_label(table.settings, variable, level), cells)


def _hidden_levels(table: Baseline, variable: str) -> list[str]:
    """The levels that nobody has, unless the study shows them as rows of zeros."""
    if table.settings["baseline"].get("empty_levels"):
        return []
    levels = table.settings["variables"][variable].get("levels", {})
    return [level for level in levels if not table.overall(variable, level, "n")]


def _count(table: Baseline, n: str, percent: str) -> str:
    return format_count(value_of(table.results, n), value_of(table.results, percent), table.words("ne"))


def _missing(table: Baseline, column: Column, variable: str) -> tuple[str, tuple[str, ...]]:
    keys = (column.key(variable, "missing"), column.key(variable, "missing_percent"))
    return _count(table, *keys), keys


def _missing_anywhere(table: Baseline, variable: str) -> bool:
    return any(value_of(table.results, column.key(variable, "missing")) for column in table.columns)


def _continuous_rows(table: Baseline, variable: str) -> Iterator[GridRow]:
    yield _row(table, table.words("median_quartiles"), [_quartiles(table, each, variable) for each in table.columns])
    yield _row(table, table.words("range"), [_spread(table, each, variable, "min", "max") for each in table.columns])


def _quartiles(table: Baseline, column: Column, variable: str) -> tuple[str, tuple[str, ...]]:
    spread, keys = _spread(table, column, variable, "q1", "q3")
    key = column.key(variable, "median")
    median = value_of(table.results, key)
    text = table.words("ne") if median is None else f"{format_amount(median)} ({spread})"
    return text, (key, *keys)


def _spread(table: Baseline, column: Column, variable: str, low: str, high: str) -> tuple[str, tuple[str, ...]]:
    keys = (column.key(variable, low), column.key(variable, high))
    ends = [value_of(table.results, key) for key in keys]
    if ends == [None, None]:
        return table.words("ne"), keys
    return format_range(ends[0], ends[1], table.words("ne")), keys


# ── footnotes ────────────────────────────────────────────────────────────────────────────────


def _notes(table: Baseline, variables: list[str]) -> list[Note]:
    if not value_of(table.results, "flow.included"):
        return [Note(table.words("no_patients")), *table.footnotes.notes()]
    missing = any(_missing_anywhere(table, variable) for variable in variables)
    empty = _empty_levels(table, variables)
    texts = [
        _denominator_note(table, variables),
        table.words("missing_shown" if missing else "missing_none"),
        table.words("empty_levels", list=empty) if empty else "",
        _quartile_note(table, variables),
    ]
    return [Note(text) for text in texts if text] + table.footnotes.notes()


def _quartile_note(table: Baseline, variables: list[str]) -> str:
    """What the quartiles are; nothing where no variable has them."""
    shown = any(f"baseline.{variable}.median" in table.results for variable in variables)
    return table.words("quartiles") if shown else ""


def _denominator_note(table: Baseline, variables: list[str]) -> str:
    """Which patients the percentages are of: all, those with a known value, or as listed."""
    stated = {name: _denominator(table, name) for name in variables if _denominator(table, name) is not None}
    everyone = value_of(table.results, "flow.included") or 0
    if all(n == everyone for n in stated.values()):
        return table.words("denominator_all")
    if all(n == everyone - (table.overall(name, "missing") or 0) for name, n in stated.items()):
        return table.words("denominator_known")
    listed = "; ".join(f"{table.settings['variables'][name]['label']} {n}" for name, n in stated.items())
    return table.words("denominator_other", list=listed)


def _denominator(table: Baseline, variable: str) -> int | None:
    """The denominator of the variable's percentages among all patients; None if it has none."""
    levels = table.settings["variables"][variable].get("levels", {})
    keys = [f"baseline.{variable}.{level}.percent" for level in levels]
    return next((table.results[key]["n"] for key in keys if key in table.results), None)


def _empty_levels(table: Baseline, variables: list[str]) -> str:
    """The levels that nobody has, by variable."""
    listed = []
    for variable in variables:
        spec = table.settings["variables"][variable]
        absent = [level_label(table.settings, variable, level) for level in _hidden_levels(table, variable)]
        listed += [f"{spec['label']} {', '.join(absent)}"] if absent else []
    return "; ".join(listed)
