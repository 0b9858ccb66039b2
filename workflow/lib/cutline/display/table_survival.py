"""Table: every estimate of one endpoint: of everyone and of the groups of the main comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from cutline.display.captions import level_label
from cutline.display.grid import Cell, Footnotes, GridRow, Note, capitalised
from cutline.display.labels import Worded
from cutline.display.levels import level_of
from cutline.display.lookup import Results, methods_of, notes_of, value_of
from cutline.display.numbers import (
    format_count,
    format_interval,
    format_number,
    format_p,
    p_statement,
    times_hundred,
)
from cutline.languages import with_decimal_sign
from cutline.survival.convention import completed

Settings = Mapping[str, Any]
MEDIAN = 0.5


@dataclass
class Survival(Worded):
    """What every row needs: the study's words, the results, the endpoint, and the footnotes so far."""

    results: Results
    endpoint: str
    footnotes: Footnotes = field(default_factory=Footnotes)

    @property
    def statistics(self) -> dict[str, Any]:
        return completed(self.settings["statistics"])

    @property
    def level(self) -> str:
        return level_of(self.settings)

    @property
    def main(self) -> str:
        return str(self.settings.get("comparisons", {}).get("main") or "")

    @property
    def groups(self) -> list[str]:
        """The levels of the main comparison that anybody has."""
        levels = self.settings["variables"][self.main]["levels"] if self.main else ()
        return [level for level in levels if value_of(self.results, f"{self.path(level)}.n")]

    def path(self, level: str) -> str:
        return f"{self.endpoint}.km.{self.main}={level}" if level else f"{self.endpoint}.km"

    def marks(self, keys: list[str]) -> tuple[str, ...]:
        """The footnotes of those results."""
        return tuple(mark for note in notes_of(self.results, keys) for mark in self.footnotes.mark(note))


def survival_grid(
    settings: Settings, results: Results, endpoint: str
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: persons, events, quantiles, landmarks, restricted means, tests, follow-up.

    A column of everyone and one of each group of the main comparison. What is not estimable reads NE and its reason is
    a footnote.
    """
    table = Survival(settings, results, endpoint)
    rows = [*_sizes(table), *_quantiles(table), *_landmarks(table), *_means(table), *_tests(table), *_follow_up(table)]
    header = (table.words("estimate_of"), table.words("all_patients"),
              *(level_label(settings, table.main, level) for level in table.groups))  # fmt: skip
    tests = [f"{endpoint}.{test}.p" for test in table.statistics["tests"] if f"{endpoint}.{test}.p" in results]
    methods = methods_of(results, tests) if table.main else []
    said = [table.words("method_note", methods=". ".join(map(capitalised, methods)))] if methods else []
    notes = [*said, table.words("survival_abbreviations", level=table.level)]
    return header, rows, [*map(Note, notes), *table.footnotes.notes()]


def _columns(table: Survival) -> list[str]:
    """Everyone, then each group."""
    return ["", *table.groups]


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def _sizes(table: Survival) -> Iterator[GridRow]:
    paths = [table.path(level) if level else table.endpoint for level in _columns(table)]
    sizes = [Cell(format_number(value_of(table.results, f"{path}.n"), 0, table.words("ne")), keys=(f"{path}.n",))
             for path in paths]  # fmt: skip
    yield GridRow(Cell(table.words("patients")), tuple(sizes))
    yield GridRow(Cell(table.words("events_percent")), tuple(_events(table, path) for path in paths))


def _events(table: Survival, path: str) -> Cell:
    keys = (f"{path}.events", f"{path}.events_percent")
    events, percent = (value_of(table.results, key) for key in keys)
    return Cell(format_count(events, percent, table.words("ne")), keys=keys)


def _quantiles(table: Survival) -> Iterator[GridRow]:
    """The median, and the other quantiles around it by falling survival."""
    named = {quantile: f"quantile.survival_{quantile:g}" for quantile in table.statistics["quantiles"]}
    named[MEDIAN] = "median"
    yield GridRow(Cell(table.words("quantiles")), heading=True)
    for quantile in sorted(named, reverse=True):
        is_median = quantile == MEDIAN
        words = table.words(
            "quantile_median" if is_median else "quantile_at", percent=with_decimal_sign(f"{100 * quantile:g}")
        )
        cells = (_estimate(table, f"{table.path(level)}.{named[quantile]}", 1, 2) for level in _columns(table))
        yield GridRow(Cell(words), tuple(cells), indented=True)


def _estimate(table: Survival, path: str, decimals: int, finer: int, percent: bool = False) -> Cell:
    """An estimate with its interval."""
    keys = [path, f"{path}_lower", f"{path}_upper"]
    value, lower, upper = (value_of(table.results, key) for key in keys)
    if percent:
        value, lower, upper = (None if each is None else times_hundred(each) for each in (value, lower, upper))
    ne = table.words("ne")
    shown = format_number(value, decimals, ne)
    marks = table.marks(keys[:1])
    if lower is None and upper is None:
        return Cell(shown, marks or table.marks(keys[1:2]), tuple(keys[:1]))
    return Cell(f"{shown} ({format_interval(lower, upper, finer, ne)})", marks, tuple(keys))


def _landmarks(table: Survival) -> Iterator[GridRow]:
    months = table.statistics["landmarks_months"]
    if months:
        yield GridRow(Cell(table.words("landmarks")), heading=True)
    for month in months:
        cells = (_landmark(table, table.path(level), f"{month:g}") for level in _columns(table))
        yield GridRow(
            Cell(table.words("at_months", months=with_decimal_sign(f"{month:g}"))), tuple(cells), indented=True
        )


def _landmark(table: Survival, path: str, month: str) -> Cell:
    estimate = _estimate(table, f"{path}.survival_{month}m", 1, 1, percent=True)
    keys = [f"{path}.{name}_{month}m" for name in ("at_risk", "events")]
    at_risk, events = (format_number(value_of(table.results, key), 0, table.words("ne")) for key in keys)
    text = table.words("landmark_cell", estimate=estimate.text, at_risk=at_risk, events=events)
    return Cell(text, estimate.marks, (*estimate.keys, *keys))


def _means(table: Survival) -> Iterator[GridRow]:
    """Restricted means, and how far each group's is from that of the first."""
    yield GridRow(Cell(table.words("restricted_means")), heading=True)
    named = {f"{month}m": ("until_months", "difference_until", month) for month in table.statistics["rmst_months"]}
    named |= {"max": ("until_largest", "until_common", "")}
    for name, (words, difference, month) in named.items():
        cells = (_estimate(table, f"{table.path(level)}.rmst_{name}", 1, 2) for level in _columns(table))
        yield GridRow(Cell(table.words(words, months=month)), tuple(cells), indented=True)
        if len(table.groups) > 1:
            compared = [_difference(table, level, "common" if name == "max" else name) for level in table.groups[1:]]
            yield GridRow(Cell(table.words(difference, months=month)), (Cell(), Cell(), *compared), indented=True)


def _difference(table: Survival, level: str, horizon: str) -> Cell:
    path = f"{table.endpoint}.rmst.{table.main}.{level}.difference_{horizon}"
    estimate, p = _estimate(table, path, 1, 2), value_of(table.results, f"{path}_p")
    if p is None:
        return estimate
    text = table.words("difference_cell", estimate=estimate.text, p=p_statement(p))
    return Cell(text, estimate.marks, (*estimate.keys, f"{path}_p"))


def _tests(table: Survival) -> Iterator[GridRow]:
    """The configured tests of the main comparison, each also stratified where it is."""
    keys = {f"{table.endpoint}.{test}{ending}.p": (test, ending)
            for test in table.statistics["tests"] for ending in ("", ".stratified")}  # fmt: skip
    found = {key: named for key, named in keys.items() if key in table.results}
    if not found or len(table.groups) < 2:
        return
    for key, (test, ending) in found.items():
        words = table.words(f"test_{test}")
        words = table.words("test_stratified", test=words) if ending else words
        cell = Cell(format_p(value_of(table.results, key), table.words("ne")), table.marks([key]), (key,))
        yield GridRow(Cell(table.words("test_p", test=words)), (cell, *(Cell() for _ in table.groups)))


def _follow_up(table: Survival) -> Iterator[GridRow]:
    """The study's follow-up, which is the same below each endpoint."""
    paths = ["followup.reverse_km", *(f"followup.reverse_km.{table.main}={level}" for level in table.groups)]
    if f"{paths[0]}.median" not in table.results:
        return
    cells = [_followed(table, path) for path in paths]
    yield GridRow(Cell(table.words("follow_up_median")), tuple(cells))


def _followed(table: Survival, path: str) -> Cell:
    keys = [f"{path}.{name}" for name in ("median", "lower", "upper")]
    median, lower, upper = (value_of(table.results, key) for key in keys)
    ne = table.words("ne")
    if median is None:
        return Cell(ne, table.marks(keys[:1]), tuple(keys[:1]))
    return Cell(f"{format_number(median, 1)} ({format_interval(lower, upper, 2, ne)})", keys=tuple(keys))
