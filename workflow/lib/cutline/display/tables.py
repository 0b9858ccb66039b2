"""The study's tables, from released results only: as Markdown for the report, and each alone for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.display.captions import caption, convention_note
from cutline.display.catalogue import Exhibit, tables
from cutline.display.grid import Grid, GridRow, Note, to_csv, to_html, to_markdown
from cutline.display.journal import table_alone
from cutline.display.labels import label
from cutline.display.lookup import Results, index_results
from cutline.display.marks import mark_of
from cutline.display.table_adverse_event_details import consequences_grid, grades_grid, groups_grid, rates_grid
from cutline.display.table_adverse_events import adverse_events_grid
from cutline.display.table_baseline import baseline_grid
from cutline.display.table_concordance import concordance_grid
from cutline.display.table_cox import cox_grid
from cutline.display.table_quality import completeness_grid, plausibility_grid
from cutline.display.table_response import response_grid
from cutline.display.table_selection import selection_grid
from cutline.display.table_sensitivity import sensitivity_grid
from cutline.display.table_survival import survival_grid
from cutline.display.table_trials import trial_events_grid, trials_grid
from cutline.languages import in_language_of_report
from cutline.tables.concordance import CONCORDANCE
from cutline.tables.spec import empty


@in_language_of_report
def present_tables(
    *,
    settings: dict[str, Any],
    styles: Sequence[Path],
    concordance: pd.DataFrame | None = None,
    **ard_parts: pd.DataFrame,
) -> dict[str, str | bytes]:
    """Every table of the study's catalogue in all its forms.

    `ard_parts` are released ARD tables, by the name of the rule that made each; `concordance` are the published
    values beside ours, of a study that has some; `styles` the parts of the report's Word styles. Returns
    `<name>_md`, `<name>_html` and `<name>_csv` for each exhibit name, and by the name a journal asks for
    `Table_1_docx`, `_xlsx` and `_csv`. Percentages have one decimal, ages and months one or, where whole, none,
    hazard ratios two; what is not estimable prints as NE with its reason below the table.
    """
    results = index_results(ard_parts.values())
    compared = empty(CONCORDANCE) if concordance is None else concordance
    texts = {path.name: path.read_text(encoding="utf-8") for path in styles}
    outputs: dict[str, str | bytes] = {}
    for exhibit in tables(settings):
        grid = table_grid(exhibit, settings, results, compared)
        outputs |= {
            f"{exhibit.name}_md": to_markdown(grid),
            f"{exhibit.name}_html": to_html(grid),
            f"{exhibit.name}_csv": to_csv(grid),
        }
        outputs |= table_alone(exhibit, grid, settings, texts)
    return outputs


def table_grid(exhibit: Exhibit, settings: Mapping[str, Any], results: Results, compared: pd.DataFrame) -> Grid:
    """One table, finished but in no format yet; `compared` is the table `concordance`."""
    header, rows, notes = _parts(exhibit, settings, results, compared)
    convention = convention_note(exhibit, settings)
    whole = [note for note in notes if not note.mark] + ([Note(convention)] if convention else [])
    notes = whole + [note for note in notes if note.mark]
    return Grid(
        caption=caption(exhibit, settings),
        header=header,
        rows=tuple(rows),
        notes=tuple(notes),
        stamp=mark_of(settings),
        level_header=label("level"),
    )


OF_RESULTS = {
    "selection": selection_grid, "responses": response_grid, "sensitivity": sensitivity_grid,
    "completeness": completeness_grid, "plausibility": plausibility_grid, "adverse_events": adverse_events_grid,
    "adverse_event_grades": grades_grid, "adverse_event_consequences": consequences_grid,
    "adverse_event_rates": rates_grid, "adverse_event_groups": groups_grid, "trial_events": trial_events_grid,
}  # fmt: skip
"""Subject → the function that makes its table of settings and results alone."""


def _parts(
    exhibit: Exhibit, settings: Mapping[str, Any], results: Results, compared: pd.DataFrame
) -> tuple[tuple[str, ...], Sequence[GridRow], Sequence[Note]]:
    """Header, rows and footnotes of a table."""
    match exhibit.subject:
        case "baseline":
            return baseline_grid(settings, results, exhibit.group)
        case "cox":
            return cox_grid(settings, results, exhibit.endpoint)
        case "survival_summary":
            return survival_grid(settings, results, exhibit.endpoint)
        case "concordance":
            return concordance_grid(settings, results, compared)
        case "trials":
            return trials_grid(settings)
    return OF_RESULTS[exhibit.subject](settings, results)
