"""Table: every value that the literature prints on the study, beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any

import pandas as pd

from cutline.display.grid import Cell, Footnotes, GridRow, Note
from cutline.display.labels import Worded, in_sentence
from cutline.display.lookup import Results
from cutline.display.numbers import format_number, rounded
from cutline.display.result_names import ANALYSES, name_of
from cutline.languages import tell, with_decimal_sign
from cutline.languages.noted import told
from cutline.printed import slack_of
from cutline.tables.concordance import AGREES

LIMITS = {"_lower": "lower_limit", "_upper": "upper_limit"}
MORE = 2
"""Decimals of ours beyond those printed, so that the difference is seen."""
BOUNDS = {"above": ">", "below": "<"}
APPROXIMATE = "≈"


@dataclass
class Concordance(Worded):
    """What every row needs: the study's words, the results, and the footnotes so far."""

    results: Results
    footnotes: Footnotes


def concordance_grid(
    settings: Mapping[str, Any], results: Results, compared: pd.DataFrame
) -> tuple[tuple[str, ...], list[GridRow], list[Note]]:
    """Header, rows and footnotes: one row per printed value in the order of the publication, under what it is about.

    `compared` is the table `concordance`. Ours has two decimals more than the printed value; beside a printed bound
    there is neither difference nor tolerance.
    """
    table = Concordance(settings, results, Footnotes())
    entries = [(*_named(table, entry["key"]), entry) for entry in compared.to_dict("records")]
    rows = []
    for heading, members in groupby(entries, key=lambda each: each[0]):
        rows.append(GridRow(Cell(heading), heading=True))
        rows += [_row(table, name, entry) for _, name, entry in members]
    columns = ("result", "section", "published_value", "our_value", "difference", "tolerance", "verdict")
    return tuple(map(table.words, columns)), rows, [*_notes(table, compared), *table.footnotes.notes()]


def _named(table: Concordance, key: str) -> tuple[str, str]:
    """What a result is about, and its name; a limit of an interval by what it limits."""
    if key not in table.results:
        return table.words("no_such_results"), key
    row = table.results[key]
    end = next((end for end in LIMITS if str(row["statistic"]).endswith(end)), "")
    name = name_of({**row, "statistic": str(row["statistic"]).removesuffix(end)}, table.settings)
    label = f"{name.label}: {table.words(LIMITS[end])}" if end else name.label
    return name.subject or tell(ANALYSES.get(str(row["analysis"]), str(row["analysis"]))), label


def _row(table: Concordance, name: str, entry: Mapping[Any, Any]) -> GridRow:
    printed = entry["printed"] or f"{entry['published']:g}"
    decimals = max(0, -int(Decimal(printed).as_tuple().exponent))
    dash = table.words("not_shown")
    marks = table.footnotes.mark(in_sentence(told(entry["note"] or "")))
    known = (entry["key"],) if entry["key"] in table.results else ()
    cells = (
        Cell(tell(str(entry["section"]))),
        Cell(f"{_sign(entry, printed)}{with_decimal_sign(printed)}", marks),
        Cell(_number(entry["result"], decimals + MORE, dash), keys=known),
        Cell(_number(entry["difference"], decimals + MORE, dash)),
        Cell(_number(entry["tolerance"], decimals + 1, dash)),
        Cell(table.words(f"verdict_{entry['verdict']}")),
    )
    return GridRow(Cell(name), cells, indented=True)


def _sign(entry: Mapping[Any, Any], printed: str) -> str:
    """Of a bound, or of a value that is printed as approximate, which alone is given more room than its last digit."""
    wide = entry["tolerance"] == entry["tolerance"] and entry["tolerance"] > slack_of(printed)
    return APPROXIMATE if wide else BOUNDS.get(entry["comparison"], "")


def _number(value: float, decimals: int, missing: str) -> str:
    """The number with so many decimals, a whole one with none."""
    whole = value == value and rounded(value, 9) == rounded(value, 0)
    return format_number(value, 0 if whole else decimals, missing)


def _notes(table: Concordance, compared: pd.DataFrame) -> Iterator[Note]:
    agreeing = int((compared["verdict"] == AGREES).sum())
    yield Note(table.words("concordance_count", agreeing=agreeing, n=len(compared)))
    yield Note(table.words("concordance_rule"))
    if table.settings.get("synthetic"):
        yield Note(table.words("concordance_synthetic"))
