"""Table: the main results under other censoring conventions, anchors of progression and criteria."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from cutline.analysis_plan import is_post_hoc
from cutline.display.captions import endpoint_label, level_label, variable_label
from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, in_sentence, label
from cutline.display.lookup import Results, notes_of, value_of
from cutline.display.numbers import format_interval, format_number, rounded, times_hundred
from cutline.endpoints.conventions import ANCHOR, LABELS, ORIGINS
from cutline.groups import reference_first

Settings = Mapping[str, Any]
MODELS = ("univariable", "multivariable")


@dataclass
class Sensitivity(Worded):
    """What every row needs: the study's words, the results, and the footnotes so far."""

    results: Results
    footnotes: Footnotes = field(default_factory=Footnotes)

    @property
    def main(self) -> str:
        return str(self.settings.get("comparisons", {}).get("main") or "")


def sensitivity_grid(settings: Settings, results: Results) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: of each endpoint the main analysis, then its rule sets, anchors and other cohorts.

    Persons, events, median with interval and the main comparison's hazard ratio, alone and in the study's model; a dash
    where the study has no such model. What is not estimable reads NE and its reason is a footnote.
    """
    table = Sensitivity(settings, results)
    rows = [row for endpoint in settings["endpoints"] for row in _endpoint_rows(table, endpoint)]
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    header = [table.words(name, level=level) for name in ("analysis", "n", "events", "median_months")]
    header += [table.words(f"{model}_hr", level=level) for model in MODELS] if table.main else []
    return tuple(header), rows, [*_notes(table), *table.footnotes.notes()]


def _notes(table: Sensitivity) -> Iterator[Note]:
    if table.main:
        spec = table.settings["variables"][table.main]
        reference, *compared = [in_sentence(level_label(table.settings, table.main, each)) for each in _levels(table)]
        named = in_sentence(variable_label(table.settings, table.main))
        note = f" {spec['note']}" if spec.get("note") else ""
        yield Note(table.words("hazard_of", variable=named + note, levels=", ".join(compared), reference=reference))
        yield Note(table.words("no_such_model"))
    yield Note(table.words("cox_abbreviations"))


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def variants_of(settings: Settings, endpoint: str) -> list[tuple[str, str, str]]:
    """The variants of an endpoint in order: id, label and where it comes from."""
    definition = settings["endpoints"][endpoint]
    named = [(name, *_named(settings, name)) for name in definition.get("sensitivity", [])]
    if "population" not in definition and definition.get("start", "index_date") == "index_date":
        named += [(each["id"], str(each["label"]), "") for each in settings.get("what_if", [])]
    return [(name, _marked(settings, endpoint, name, words), origin) for name, words, origin in named]


def _marked(settings: Settings, endpoint: str, name: str, words: str) -> str:
    """The variant's words, marked if it was not planned beforehand: for this endpoint, or wherever it is used."""
    kinds = (f"endpoints.{endpoint}.sensitivity", "rule_sets", "what_if")
    paths = [*(f"{kind}.{name}" for kind in kinds), f"progression_anchors.{name.removeprefix(ANCHOR)}"]
    return label("post_hoc", words=words) if is_post_hoc(settings, *paths) else words


def _named(settings: Settings, name: str) -> tuple[str, str]:
    """The label and the origin of a rule set, or of an anchor of progression."""
    if name.startswith(ANCHOR):
        anchor = settings["progression_anchors"][name.removeprefix(ANCHOR)]["label"]
        return label("stated_by", anchor=anchor), ""
    own = settings.get("rule_sets", {}).get(name)
    return (str(own["label"]), "") if own else (LABELS[name], ORIGINS[name])


def _endpoint_rows(table: Sensitivity, endpoint: str) -> Iterator[GridRow]:
    """The main analysis under the endpoint's name, then its variants by what they change, each kind below its words."""
    variants = variants_of(table.settings, endpoint)
    if not variants:
        return
    name = endpoint_label(table.settings, endpoint)
    rules = table.settings["endpoints"][endpoint].get("rule_set")
    called, origin = _named(table.settings, rules) if rules else ("", "")
    main = table.words("main_by", rules=in_sentence(called)) if called else table.words("main_analysis")
    yield GridRow(Cell(name), heading=True)
    yield _row(table, "", main, origin, endpoint)
    for kind, members in groupby(variants, key=lambda each: _kind(table.settings, each[0])):
        yield GridRow(Cell(table.words(kind)), indented=True)
        yield from (_row(table, variant, words, note, endpoint) for variant, words, note in members)


def _kind(settings: Settings, variant: str) -> str:
    """What a variant changes: who is included, who states the progression, or how persons are censored."""
    if variant in {each["id"] for each in settings.get("what_if", [])}:
        return "other_patients"
    return "other_anchor" if variant.startswith(ANCHOR) else "other_conventions"


def _row(table: Sensitivity, variant: str, words: str, note: str, endpoint: str) -> GridRow:
    return GridRow(Cell(words, table.footnotes.mark(note)), tuple(_cells(table, variant, endpoint)), indented=True)


def _cells(table: Sensitivity, variant: str, endpoint: str) -> Iterator[Cell]:
    prefix = f"{variant}/{endpoint}" if variant else endpoint
    for statistic in ("n", "events"):
        key = f"{prefix}.{statistic}"
        yield Cell(format_number(value_of(table.results, key), 0, table.words("ne")), keys=(key,))
    yield _estimate(table, [f"{prefix}.km.{name}" for name in ("median", "median_lower", "median_upper")], 1)
    modelled = endpoint in table.settings["models"]  # else there is nothing main to set it beside
    for model in MODELS if table.main else ():
        yield _ratios(table, f"{prefix}.cox.{model}.{table.main}") if modelled else Cell(table.words("not_in_model"))


def _estimate(table: Sensitivity, keys: list[str], decimals: int) -> Cell:
    """An estimate with its interval, which has two decimals."""
    value, lower, upper = (value_of(table.results, key) for key in keys)
    marks = tuple(mark for note in notes_of(table.results, keys[:1]) for mark in table.footnotes.mark(note))
    if value is None:
        return Cell(table.words("ne"), marks, tuple(keys[:1]))
    interval = format_interval(lower, upper, 2, table.words("ne"))
    return Cell(f"{format_number(value, decimals, table.words('ne'))} ({interval})", marks, tuple(keys))


def _ratios(table: Sensitivity, path: str) -> Cell:
    """The hazard ratio of each level against the reference; a dash where the model has no such term."""
    paths = [f"{path}.{each}" for each in _levels(table)[1:] if f"{path}.{each}.hr" in table.results]
    cells = [_estimate(table, [f"{each}.{name}" for name in ("hr", "lower", "upper")], 2) for each in paths]
    if not cells:
        return Cell(table.words("not_in_model"))
    marks = tuple(dict.fromkeys(mark for cell in cells for mark in cell.marks))
    return Cell("; ".join(cell.text for cell in cells), marks, tuple(key for cell in cells for key in cell.keys))


def _levels(table: Sensitivity) -> list[str]:
    """The levels of the main comparison, the reference first."""
    return reference_first(table.settings["variables"][table.main])
