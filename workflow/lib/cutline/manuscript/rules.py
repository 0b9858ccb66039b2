"""Supplement: the study's rules in full, as tables that the Methods refer to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cutline.display.captions import caption
from cutline.display.catalogue import Exhibit
from cutline.display.grid import Cell, Grid, GridRow, Note, shown
from cutline.display.labels import label
from cutline.display.marks import mark_of
from cutline.endpoints.conventions import ANCHOR, IN_SHORT, LABELS, ORIGINS, SITUATIONS, amounts, asked_of, rule_set
from cutline.expressions import AS_MISSING, INCLUDE, QUERY, REQUIRE
from cutline.manuscript.context import Context
from cutline.manuscript.criteria import rule_in_words
from cutline.manuscript.markdown import capital, escaped, in_text, listed, sentences

CRITERIA_WIDTHS = (30, 48, 22)
SITUATION_WIDTH = 24
IF_UNKNOWN = {INCLUDE: "kept", AS_MISSING: "excluded as missing", QUERY: "pending until a query is answered"}
NOT_ASKED = "–"


def criteria_grid(exhibit: Exhibit, context: Context) -> Grid:
    """Each criterion with its rule and what an unknown answer does, then how the criteria of other analyses differ."""
    settings = context.settings
    rows = _criteria(settings["criteria"], context)
    for variant in settings.get("what_if", []):
        name = (Cell(str(variant["label"])), Cell())
        rows += [GridRow(Cell("Sensitivity analysis"), name, heading=True), *_changed(variant, context)]
    notes = (
        "Criteria are applied from top to bottom, and a patient is counted at the first that excludes. A sensitivity "
        "analysis changes or adds the criteria listed below its name and keeps the others."
        if settings.get("what_if")
        else "Criteria are applied from top to bottom, and a patient is counted at the first that excludes."
    )
    header = ("Reason for exclusion", "Rule", "If unknown")
    return of_prose(exhibit, context, header, rows, notes, CRITERIA_WIDTHS)


def of_prose(
    exhibit: Exhibit,
    context: Context,
    header: Sequence[str],
    rows: Iterable[GridRow],
    note: str,
    shares: Sequence[int],
) -> Grid:
    """A table of sentences with a note below, which may be Markdown."""
    settings = context.settings
    called = caption(exhibit, settings)
    named = {"level_header": label("level"), "stamp": mark_of(settings)}
    below = (Note(shown(note)),) if note else ()
    return Grid(called, tuple(header), tuple(rows), below, prose=True, shares=tuple(shares), **named)


def _criteria(criteria: Iterable[Mapping[str, Any]], context: Context, indented: bool = False) -> list[GridRow]:
    return [
        _row(str(each["label"]), _rule(each, context), IF_UNKNOWN.get(str(each.get("unknown")), NOT_ASKED), indented)
        for each in criteria
    ]


def _row(name: str, rule: str, unknown: str, indented: bool) -> GridRow:
    return GridRow(Cell(name), (Cell(rule), Cell(unknown)), indented=indented)


def _rule(criterion: Mapping[str, Any], context: Context) -> str:
    return f"{'required' if REQUIRE in criterion else 'excluded'}: {shown(rule_in_words(criterion, context))}"


def _changed(variant: Mapping[str, Any], context: Context) -> list[GridRow]:
    labels = {str(each["id"]): str(each["label"]) for each in context.settings["criteria"]}
    without = [_row(labels[name], "not asked", NOT_ASKED, True) for name in variant.get("without", [])]
    return [*without, *_criteria(variant.get("with", []), context, indented=True)]


def conventions_grid(exhibit: Exhibit, context: Context) -> Grid:
    """What each set of conventions in use makes of each situation, the main one first."""
    settings, conventions = context.settings, context.settings["conventions"]
    names = sets_in_use(settings)
    rules = {name: rule_set(settings, name) for name in names}
    rows = [
        GridRow(Cell(words.format(**amounts(conventions))),
                tuple(Cell(IN_SHORT[rules[name][situation]].format(**amounts(conventions))) for name in names))
        for situation, words in SITUATIONS.items() if situation in asked_of(conventions)
    ]  # fmt: skip
    header = ("Situation", *(capital(shown(in_text(set_label(settings, name)))) for name in names))
    share = (100 - SITUATION_WIDTH) // len(names)
    widths = (100 - share * len(names), *[share] * len(names))
    return of_prose(exhibit, context, header, rows, _origins(settings, names), widths)


def sets_in_use(settings: Mapping[str, Any]) -> list[str]:
    """The sets of conventions in the order of endpoints: those in force, then those tried beside them."""
    endpoints = settings["endpoints"].values()
    main = [spec["rule_set"] for spec in endpoints if "rule_set" in spec]
    tried = [name for spec in endpoints for name in spec.get("sensitivity", []) if not name.startswith(ANCHOR)]
    return list(dict.fromkeys([*main, *tried]))


def set_label(settings: Mapping[str, Any], name: str) -> str:
    own = settings.get("rule_sets", {}).get(name)
    return str(own["label"]) if own else LABELS[name]


def set_origin(settings: Mapping[str, Any], name: str) -> str:
    own = settings.get("rule_sets", {}).get(name)
    return ORIGINS[own["like"]] + " and changed" if own else ORIGINS[name]


def _origins(settings: Mapping[str, Any], names: Sequence[str]) -> str:
    """Which analysis each set is for, and after what it is named."""
    origins = [f"{in_text(set_label(settings, name))}, {escaped(set_origin(settings, name))}" for name in names]
    adequate = (
        "A scan is adequate if its response could be evaluated." if "inadequate" in settings["conventions"] else ""
    )
    return sentences(
        [
            "The sets are named after guidance of the FDA (2018) and the EMA as read here; neither agency speaks for "
            f"them: {'; '.join(origins)}.",
            adequate,
        ]
    )


def sensitivity_labels(settings: Mapping[str, Any]) -> str:
    """The sets of conventions that are tried beside those in force, in a sentence."""
    main = {spec["rule_set"] for spec in settings["endpoints"].values() if "rule_set" in spec}
    return listed([in_text(set_label(settings, name)) for name in sets_in_use(settings) if name not in main])
