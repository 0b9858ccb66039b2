"""Tables: what became of the source's records and how complete they are, and which rules of plausibility they break."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cutline.display.captions import in_words
from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, in_sentence
from cutline.display.lookup import Results, notes_of, value_of
from cutline.display.numbers import format_count, format_number
from cutline.languages import tell, upper_first
from cutline.quality.rules import SEVERITIES, Rule, rules_of

ACCOUNT = {"extracted": "records", "accepted": "accepted", "set_aside": "quarantined", "withdrawn": "withdrawn",
           "corrected": "corrected"}  # fmt: skip
"""Column → statistic of `quality.table.<table>`."""
GIVEN = ".given"
ABBREVIATIONS = {"atc": "ATC", "er": "ER", "her2": "HER2", "ihc": "IHC", "ish": "ISH", "ki67": "Ki-67", "pr": "PR"}
UNITS = {"mg": "mg", "mm": "mm", "percent": "%"}
"""Last words of a column's name that say its unit."""


@dataclass
class Quality(Worded):
    """What every row needs: the study's words, the results, and the footnotes so far."""

    results: Results
    footnotes: Footnotes

    def count(self, key: str) -> Cell:
        """A number of records with its key; blank where there is no such result."""
        if key not in self.results:
            return Cell()
        return Cell(format_number(value_of(self.results, key), 0, self.words("ne")), keys=(key,))


def completeness_grid(
    settings: Mapping[str, Any], results: Results
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: a row for each source table, and below it one for each column that may be blank."""
    table = Quality(settings, results, Footnotes())
    header = (table.words("source_table"), *(table.words(name) for name in ACCOUNT), table.words("given"))
    tables = [str(row["level"]) for key, row in results.items() if _is_of_table(key)]
    rows = [row for name in tables for row in (_table_row(table, name), *_column_rows(table, name))]
    return header, rows, [Note(table.words("quality_accounting")), *table.footnotes.notes()]


def _is_of_table(key: str) -> bool:
    return key.startswith("quality.table.") and key.endswith(".records")


def _table_row(table: Quality, name: str) -> GridRow:
    cells = [table.count(f"quality.table.{name}.{statistic}") for statistic in ACCOUNT.values()]
    return GridRow(Cell(in_words(name)), (*cells, Cell()), heading=True)


def _column_rows(table: Quality, name: str) -> Iterator[GridRow]:
    begin = f"completeness.{name}."
    for key in [key for key in table.results if key.startswith(begin) and key.endswith(GIVEN)]:
        keys = (key, key.removesuffix(GIVEN) + ".percent")
        given, percent = (value_of(table.results, each) for each in keys)
        marks = tuple(mark for note in notes_of(table.results, keys) for mark in table.footnotes.mark(note))
        cell = Cell(format_count(given, percent, table.words("ne")), marks, keys)
        label = column_in_words(key.removeprefix(begin).removesuffix(GIVEN))
        yield GridRow(Cell(label), (*[Cell()] * len(ACCOUNT), cell), indented=True)


def column_in_words(name: str) -> str:
    """The name of a column, told if the catalogue knows it: `her2_ihc` is `HER2 IHC`, `er_percent` is `ER, %`."""
    words = [ABBREVIATIONS.get(word, word) for word in name.replace("non_", "non-").split("_")]
    unit = f", {UNITS[words.pop()]}" if len(words) > 1 and words[-1] in UNITS else ""
    name = " ".join(words)
    return tell(name[:1].upper() + name[1:] + unit)


def plausibility_grid(
    settings: Mapping[str, Any], results: Results
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: every rule that looks at a table of the study, the gravest first."""
    table = Quality(settings, results, Footnotes())
    tables = {str(row["level"]): row for key, row in results.items() if _is_of_table(key)}
    rules = rules_of(settings.get("quality", {}).get("severity", {}), tables)
    rows = [row for severity in SEVERITIES for row in _of_severity(table, severity, rules)]
    return (table.words("rule"), table.words("found")), rows, [Note(table.words("quality_found"))]


def _of_severity(table: Quality, severity: str, rules: list[Rule]) -> Iterator[GridRow]:
    chosen = [rule for rule in rules if rule.severity == severity]
    if chosen:
        total = table.count(f"quality.severity.{severity}.n")
        yield GridRow(Cell(table.words(f"heading_{severity}")), (total,), heading=True)
    for rule in chosen:
        looked = ", ".join(in_sentence(in_words(each)) for each in rule.tables) or table.words("every_table")
        name = table.words("rule_of_tables", rule=upper_first(tell(rule.note)), tables=looked)
        yield GridRow(Cell(name), (table.count(f"quality.rule.{rule.id}.n"),), indented=True)
