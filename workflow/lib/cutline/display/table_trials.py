"""Tables: what published trials report, and their adverse events beside the study's. Never a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from cutline.display.captions import in_words
from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, in_sentence
from cutline.display.lookup import Results, notes_of, value_of
from cutline.display.numbers import format_count, format_interval, format_number, rounded, times_hundred
from cutline.literature import ADVERSE_EVENT, DECIMALS, Trial, Value, reference_rates

USUAL_LEVEL = 0.95
MARKED = ("quoted", "recomputed")
"""How sure a value is where it was not read in the publication itself: a footnote says so."""


@dataclass
class Trials(Worded):
    """What every row needs: the study's words and the footnotes so far."""

    footnotes: Footnotes

    @property
    def literature(self) -> Mapping[str, Any]:
        """What the study shows of the literature."""
        shown: Mapping[str, Any] = self.settings["literature"]
        return shown


def value_text(value: Value) -> str:
    """A published value with its interval as the publication prints it: `7.8 (6.9–8.5)`."""
    decimals = value.get("decimals", DECIMALS[value["statistic"]])
    number = format_number(value["value"], decimals)
    if "lower" not in value:
        return number
    return f"{number} ({format_interval(value['lower'], value['upper'], decimals)})"


def group_text(trial: Trial, value: Value) -> str:
    """Whose value it is: the arm, of a hazard ratio both, and the part of the patients if not all."""
    arms = [trial["arms"][value[key]] for key in ("arm", "versus") if key in value]
    part = [trial["populations"][value["population"]]] if "population" in value else []
    return ", ".join([" v ".join([arms[0], *map(in_sentence, arms[1:])]), *part])


# ── what the trials report ───────────────────────────────────────────────────────────────────


def trials_grid(settings: Mapping[str, Any]) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: every value, by trial and what it is; adverse events have a table of their own."""
    table = Trials(settings, Footnotes())
    rows = [row for trial in table.literature["trials"].values() for row in _trial(table, trial)]
    header = tuple(map(table.words, ("trial", "cut_assessor", "value_interval", "source")))
    level = rounded(times_hundred(USUAL_LEVEL), 0)
    notes = [Note(table.words("no_head_to_head")), Note(table.words("trials_intervals", level=level))]
    return header, rows, notes + table.footnotes.notes()


def _trial(table: Trials, trial: Trial) -> Iterator[GridRow]:
    shown = [value for value in trial["values"] if value["endpoint"] != ADVERSE_EVENT]
    yield GridRow(Cell(trial["label"], table.footnotes.mark(f"{trial['design']}; {trial['patients']}")), heading=True)
    for (endpoint, statistic), values in groupby(shown, key=lambda each: (each["endpoint"], each["statistic"])):
        label = table.literature["endpoints"][endpoint]
        yield GridRow(Cell(table.words(f"statistic_{statistic}", label=label)), indented=True)
        yield from (_value(table, trial, value) for value in values)


def _value(table: Trials, trial: Trial, value: Value) -> GridRow:
    sure = table.words(f"sure_{value['sure']}", place=value["seen_on"]) if value["sure"] in MARKED else ""
    level = value.get("conf_level", USUAL_LEVEL)
    odd = table.words("other_level", level=rounded(times_hundred(level), 0)) if level != USUAL_LEVEL else ""
    cells = (
        Cell(f"{trial['cuts'][value['cut']]}; {table.words(value['assessor'])}"),
        Cell(value_text(value), table.footnotes.mark(odd)),
        Cell(table.literature["sources"][value["source"]], table.footnotes.mark(sure)),
    )
    return GridRow(Cell(group_text(trial, value)), cells, indented=True)


# ── adverse events ───────────────────────────────────────────────────────────────────────────


def trial_events_grid(
    settings: Mapping[str, Any], results: Results
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: the study's adverse events of the terms that the reference trial reports too.

    Terms come in the order of the study's configuration, then those of the trial that the study has no term for.
    """
    table = Trials(settings, Footnotes())
    chosen = table.literature["adverse_events"]
    trial = table.literature["trials"][chosen["trial"]]
    rates = {grade: reference_rates(table.literature, grade) for grade in ("any", "3_or_4")}
    rows = [_event(table, results, trial, term, theirs, rates) for term, theirs in chosen["terms"].items()]
    alone = [theirs for theirs in rates["any"] if theirs not in chosen["terms"].values()]
    rows += [_event(table, results, trial, "", theirs, rates) for theirs in alone]
    header = (table.words("event"), table.words("ours_n_percent"),
              *(table.words(f"reference_{grade}", trial=trial["label"]) for grade in rates))  # fmt: skip
    reference = table.words("reference_trial", trial=trial["label"], arm=trial["arms"][chosen["arm"]],
                            cut=trial["cuts"][chosen["cut"]])  # fmt: skip
    notes = [Note(table.words(text)) for text in ("no_head_to_head", "events_recorded")]
    return header, rows, [notes[0], Note(reference), notes[1], *table.footnotes.notes()]


def _event(
    table: Trials, results: Results, trial: Trial, term: str, theirs: str, rates: Mapping[str, Mapping[str, Value]]
) -> GridRow:
    """One term: ours under our name, with theirs behind it where they differ."""
    dash = table.words("not_shown")
    ours = str(table.settings["safety"]["terms"].get(term, in_words(term)))
    name = ours if not term or ours == trial["terms"][theirs] else f"{ours} ({in_sentence(trial['terms'][theirs])})"
    keys = tuple(key for key in (f"safety.term.{term}.n", f"safety.term.{term}.percent") if key in results)
    counts = [value_of(results, f"safety.term.{term}.{part}") for part in ("n", "percent")]
    marks = tuple(mark for note in notes_of(results, keys) for mark in table.footnotes.mark(note))
    own = Cell(format_count(counts[0], counts[1], table.words("ne")), marks, keys) if term else Cell(dash)
    cells = [Cell(value_text(rates[grade][theirs]) if theirs in rates[grade] else dash) for grade in rates]
    return GridRow(Cell(name if term else trial["terms"][theirs]), (own, *cells))
