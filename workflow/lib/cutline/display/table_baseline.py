"""Table: who the patients were. Rows are variables and their levels, columns all patients and groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import level_label, variable_label
from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, in_sentence, label
from cutline.display.lookup import Results, notes_of, value_of, with_prefix
from cutline.display.numbers import (
    SMALL,
    data_decimals,
    format_count,
    format_datum,
    format_number,
    format_p,
    format_range,
    percent_decimals,
)
from cutline.tables.covariates import anchor_of

Shown = tuple[str, tuple[str, ...]]
"""A text and the keys of the results in it."""
YES_NO = {"yes", "no"}
INDEX_DATE = "index_date"


@dataclass(frozen=True)
class Column:
    """A column of the table: where its results' keys start, its heading, and how many patients are in it."""

    path: str
    heading: str
    size: int

    def key(self, variable: str, *rest: str) -> str:
        return ".".join((self.path, variable, *rest))


@dataclass
class Baseline(Worded):
    """What every row needs: the study's words, the results, the columns, their grouping, and the footnotes so far."""

    results: Results
    group: str
    columns: list[Column]
    footnotes: Footnotes

    def overall(self, variable: str, *rest: str) -> float | None:
        """A value of all patients together."""
        return value_of(self.results, self.columns[0].key(variable, *rest))

    def label_of(self, variable: str) -> str:
        return str(self.settings["variables"].get(variable, {}).get("label", variable.replace("_", " ")))

    @property
    def comparisons(self) -> list[str]:
        """What stands beside the groups: standardised differences, and p-values where the study asks for them."""
        asked = ["smd", "p"] if self.settings["baseline"].get("p_values") else ["smd"]
        return asked if len(self.columns) > 2 else []


def baseline_grid(
    settings: Mapping[str, Any], results: Results, group: str = ""
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes of the baseline table, with the groups of one variable of `baseline.by`, or the first.

    A categorical variable shows n (%), a continuous one mean ± SD, median (IQR) and range with the decimals of its
    data; each has a row of its missing values. One that is yes or no has its yes beside its name. Levels that nobody
    has are left out, as a footnote says, or are rows of zeros with `baseline.empty_levels`. Groups are compared by
    standardised differences.
    """
    group = group or next(iter(settings["baseline"].get("by", [])), "")
    table = Baseline(settings, results, group, _columns(settings, results, group), Footnotes())
    variables = [name for name in settings["baseline"]["variables"] if _has_results(results, f"baseline.{name}.")]
    rows = [row for variable in variables for row in _variable_rows(table, variable)]
    headings = [*(column.heading for column in table.columns), *(table.words(name) for name in table.comparisons)]
    return (table.words("characteristic"), *headings), rows, _notes(table, variables)


def _columns(settings: Mapping[str, Any], results: Results, by: str) -> list[Column]:
    """All patients, then each group that has any."""
    total = int(value_of(results, "flow.included") or 0)
    columns = [Column("baseline", label("patients_n", n=total), total)]
    for level in settings["variables"][by]["levels"] if by else []:
        size = int(value_of(results, f"baseline.{by}={level}.n") or 0)
        if size:
            heading = label("group_n", label=level_label(settings, by, level), n=size)
            columns.append(Column(f"baseline.{by}={level}", heading, size))
    return columns


def _has_results(results: Results, prefix: str) -> bool:
    return any(True for _ in with_prefix(results, prefix))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _variable_rows(table: Baseline, variable: str) -> Iterator[GridRow]:
    """The heading with the comparison of the groups, the statistics, and the missing values."""
    spec = table.settings["variables"][variable]
    continuous = spec["kind"] == "continuous"
    name = variable_label(table.settings, variable) if continuous else table.words("n_percent", label=spec["label"])
    heading = Cell(name, table.footnotes.mark(spec.get("note", "")))  # first, so that marks are in reading order
    binary = set(spec.get("levels", {})) == YES_NO
    beside = _cells(table, [_level(table, each, variable, "yes") for each in table.columns]) if binary else []
    compared = [_comparison(table, variable, statistic) for statistic in table.comparisons]
    beside = beside or [Cell()] * (len(table.columns) if compared else 0)
    yield GridRow(heading, (*beside, *compared), heading=True)
    if not binary:
        yield from _continuous_rows(table, variable) if continuous else _level_rows(table, variable)
    yield _row(table, table.words("missing"), [_missing(table, column, variable) for column in table.columns])


def _row(table: Baseline, name: str, shown: Sequence[Shown]) -> GridRow:
    return GridRow(Cell(name), tuple(_cells(table, shown)), indented=True)


def _cells(table: Baseline, shown: Sequence[Shown]) -> list[Cell]:
    """Texts with their keys; each note on a result becomes a footnote of its cell."""
    return [
        Cell(text, tuple(mark for note in notes_of(table.results, keys) for mark in table.footnotes.mark(note)), keys)
        for text, keys in shown
    ]


def _comparison(table: Baseline, variable: str, statistic: str) -> Cell:
    """A standardised difference, or a p-value with its test; nothing for the variable that makes the groups."""
    if variable == table.group:
        return Cell()
    key = f"baseline.{table.group}.{variable}.{statistic}"
    value = value_of(table.results, key)
    if statistic == "smd":
        return _cells(table, [(format_number(value, 2, table.words("ne")), (key,))])[0]
    cell = _cells(table, [(format_p(value, table.words("ne")), (key,))])[0]
    test = table.results.get(key, {}).get("method", "")
    return Cell(cell.text, (*cell.marks, *table.footnotes.mark(test)), cell.keys)


def _level_rows(table: Baseline, variable: str) -> Iterator[GridRow]:
    hidden = _hidden_levels(table, variable)
    for level in table.settings["variables"][variable]["levels"]:
        if level not in hidden:
            cells = [_level(table, column, variable, level) for column in table.columns]
            yield _row(table, level_label(table.settings, variable, level), cells)


def _level(table: Baseline, column: Column, variable: str, level: str) -> Shown:
    """A count with its percentage; nothing in the groups for the variable that makes them."""
    if variable == table.group and column is not table.columns[0]:
        return "", ()
    keys = (column.key(variable, level, "n"), column.key(variable, level, "percent"))
    return _count(table, column, *keys), keys


def _hidden_levels(table: Baseline, variable: str) -> list[str]:
    """The levels that nobody has, unless the study shows them as rows of zeros."""
    if table.settings["baseline"].get("empty_levels"):
        return []
    levels = table.settings["variables"][variable].get("levels", {})
    return [level for level in levels if not table.overall(variable, level, "n")]


def _count(table: Baseline, column: Column, n: str, percent: str) -> str:
    count, share = value_of(table.results, n), value_of(table.results, percent)
    return format_count(count, share, table.words("ne"), percent_decimals(column.size))


def _missing(table: Baseline, column: Column, variable: str) -> Shown:
    """How many have no known value; 0 stands without its percentage."""
    if variable == table.group and column is not table.columns[0]:
        return "", ()
    keys = (column.key(variable, "missing"), column.key(variable, "missing_percent"))
    if value_of(table.results, keys[0]) == 0:
        return "0", keys[:1]
    return _count(table, column, *keys), keys


def _continuous_rows(table: Baseline, variable: str) -> Iterator[GridRow]:
    """Mean, median and range with the decimals of the data, which the extremes show."""
    decimals = data_decimals(table.overall(variable, end) for end in ("min", "max"))
    columns = table.columns
    yield _row(table, table.words("mean_sd"), [_mean(table, each, variable, max(decimals, 1)) for each in columns])
    yield _row(table, table.words("median_quartiles"), [_median(table, each, variable, decimals) for each in columns])
    ends = ("min", "max")
    yield _row(table, table.words("range"), [_spread(table, each, variable, ends, decimals) for each in columns])


def _mean(table: Baseline, column: Column, variable: str, decimals: int) -> Shown:
    keys = (column.key(variable, "mean"), column.key(variable, "sd"))
    mean, spread = (value_of(table.results, key) for key in keys)
    if mean is None:
        return table.words("ne"), keys
    shown = [format_number(value, decimals, table.words("ne")) for value in (mean, spread)]
    return " ± ".join(shown), keys


def _median(table: Baseline, column: Column, variable: str, decimals: int) -> Shown:
    spread, keys = _spread(table, column, variable, ("q1", "q3"), decimals)
    key = column.key(variable, "median")
    median = value_of(table.results, key)
    text = table.words("ne") if median is None else f"{format_datum(median, decimals)} ({spread})"
    return text, (key, *keys)


def _spread(table: Baseline, column: Column, variable: str, ends: tuple[str, str], decimals: int) -> Shown:
    keys = tuple(column.key(variable, end) for end in ends)
    low, high = (value_of(table.results, key) for key in keys)
    if low is None and high is None:
        return table.words("ne"), keys
    return format_range(low, high, table.words("ne"), decimals), keys


# ── footnotes ────────────────────────────────────────────────────────────────────────────────


def _notes(table: Baseline, variables: list[str]) -> list[Note]:
    if not value_of(table.results, "flow.included"):
        return [Note(table.words("no_patients")), *table.footnotes.notes()]
    small = any(column.size < SMALL for column in table.columns)
    texts = [
        _denominator_note(table, variables),
        table.words("whole_percentages", n=SMALL) if small else "",
        _without_group(table),
        table.words("empty_levels") if _empty_levels(table, variables) else "",
        _quartile_note(table, variables),
        _difference_note(table),
        _timing(table, variables),
    ]
    return [Note(text) for text in texts if text] + table.footnotes.notes()


def _without_group(table: Baseline) -> str:
    """How many patients are in no column but the first, because their group is unknown."""
    unknown = table.overall(table.group, "missing") if table.group else 0
    if not unknown:
        return ""
    group = in_sentence(table.label_of(table.group))
    return table.words("of_group", n=format_number(unknown, 0), group=group)


def _quartile_note(table: Baseline, variables: list[str]) -> str:
    """What the quartiles are; nothing where no variable has them."""
    shown = any(f"baseline.{variable}.median" in table.results for variable in variables)
    return table.words("quartiles") if shown else ""


def _difference_note(table: Baseline) -> str:
    """What the differences of the groups are; nothing without groups."""
    if not table.comparisons:
        return ""
    levels = table.settings["variables"][table.group]["levels"]
    return table.words("differences_largest" if len(levels) > 2 else "differences")


def _timing(table: Baseline, variables: list[str]) -> str:
    """The date each variable is timed by; nothing in a study without dates."""
    timed: dict[str, dict[str, None]] = {}  # a name once, though two variables have it
    for variable in variables:
        anchor = anchor_of(table.settings["variables"], variable)
        if anchor:
            timed.setdefault(anchor, {})[in_sentence(table.label_of(variable))] = None
    most = max(timed, key=lambda anchor: len(timed[anchor]), default="")
    others = [anchor for anchor in timed if anchor != most] + [most] * bool(timed)
    parts = [_timed_by(table, anchor, [] if anchor == most and len(timed) > 1 else list(timed[anchor]))
             for anchor in others]  # fmt: skip
    return table.words("timed", list="; ".join(parts)) if parts else ""


def _timed_by(table: Baseline, anchor: str, names: list[str]) -> str:
    """A date with the variables timed by it; none are named for the date that has the most."""
    name = in_sentence(table.label_of(anchor))
    if not names:
        return table.words("timed_others", anchor=name)
    return table.words("timed_one", anchor=name, variables=", ".join(names))


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


def _empty_levels(table: Baseline, variables: list[str]) -> bool:
    """Whether any level is left out because nobody has it."""
    return any(_hidden_levels(table, variable) for variable in variables)
