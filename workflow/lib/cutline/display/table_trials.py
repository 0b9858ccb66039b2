"""Tables: what published trials report, and their adverse events beside the study's. Never a comparison."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import in_words
from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, in_sentence
from cutline.display.levels import level_percent
from cutline.display.lookup import Results, notes_of, value_of
from cutline.display.numbers import format_count
from cutline.display.trial_words import cut_text, found_in, group_text, reference_words, value_text
from cutline.trials import ADVERSE_EVENT, Trial, Value, reference_rates, reference_trial

USUAL_LEVEL = 0.95


@dataclass
class Trials(Worded):
    """What every row needs: the study's words and the footnotes so far."""

    footnotes: Footnotes

    @property
    def literature(self) -> Mapping[str, Any]:
        """What the study shows of the literature."""
        shown: Mapping[str, Any] = self.settings["literature"]
        return shown


# ── what the trials report ───────────────────────────────────────────────────────────────────


def trials_grid(settings: Mapping[str, Any]) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: every value, by trial and what it is; adverse events have a table of their own."""
    table = Trials(settings, Footnotes())
    rows = [row for trial in table.literature["trials"].values() for row in _trial(table, trial)]
    header = tuple(map(table.words, ("trial", "measure", "cut_assessor", "value_interval", "source")))
    level = level_percent(USUAL_LEVEL)
    short = [f"{each['short']}, {in_sentence(each['label'])}" for each in table.literature["endpoints"].values()
             if "short" in each]  # fmt: skip
    intervals = table.words("trials_intervals", level=level, abbreviations="; ".join(short))
    notes = [Note(table.words("no_head_to_head")), Note(intervals)]
    return header, rows, notes + table.footnotes.notes()


def _trial(table: Trials, trial: Trial) -> Iterator[GridRow]:
    shown = [value for value in trial["values"] if value["endpoint"] != ADVERSE_EVENT]
    yield GridRow(Cell(trial["label"], table.footnotes.mark(f"{trial['design']}; {trial['patients']}")), heading=True)
    yield from (_value(table, trial, value) for value in shown)


def _value(table: Trials, trial: Trial, value: Value) -> GridRow:
    level = value.get("conf_level", USUAL_LEVEL)
    odd = table.words("other_level", level=level_percent(level)) if level != USUAL_LEVEL else ""
    endpoint = table.literature["endpoints"][value["endpoint"]]
    measure = table.words(f"statistic_{value['statistic']}", label=endpoint.get("short", endpoint["label"]))
    cells = (
        Cell(measure),
        Cell(cut_text(trial, value, table.words(value["assessor"]))),
        Cell(value_text(value), table.footnotes.mark(odd)),
        Cell(table.literature["sources"][value["source"]], table.footnotes.mark(found_in(table, value))),
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
    chosen, trial = table.literature["adverse_events"], reference_trial(table.literature) or {}
    rates = {grade: reference_rates(table.literature, grade) for grade in ("any", "3_or_4")}
    rows = [_event(table, results, trial, term, theirs, rates) for term, theirs in chosen["terms"].items()]
    alone = [theirs for theirs in rates["any"] if theirs not in chosen["terms"].values()]
    rows += [_event(table, results, trial, "", theirs, rates) for theirs in alone]
    header = (table.words("event"), table.words("ours_n_percent"),
              *(table.words(f"reference_{grade}", trial=trial["label"]) for grade in rates))  # fmt: skip
    notes = [Note(table.words(text)) for text in ("no_head_to_head", "events_recorded")]
    return header, rows, [notes[0], Note(reference_words(table, trial)), notes[1], *table.footnotes.notes()]


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
    cells = [_rate(table, rates[grade].get(theirs)) for grade in rates]
    return GridRow(Cell(name if term else trial["terms"][theirs]), (own, *cells))


def _rate(table: Trials, value: Value | None) -> Cell:
    """A rate of the trial; a dash where none is known."""
    if value is None:
        return Cell(table.words("not_shown"))
    return Cell(value_text(value), table.footnotes.mark(found_in(table, value)))
