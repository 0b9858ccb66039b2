"""The rule compare_cuts: from the results of two cuts to what changed, as data, figures and a report."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.changes.comparison import Comparison, rows_of
from cutline.changes.differences import compare_results
from cutline.changes.sections import FIGURES, GENERATED, figure_name
from cutline.display.catalogue import drawn
from cutline.display.figure_changes import Side, draw_changes
from cutline.display.lookup import index_results
from cutline.display.marks import mark_of, watermark_of
from cutline.display.style import as_bytes, house_style
from cutline.errors import ReportError
from cutline.languages import ENGLISH
from cutline.manuscript import front_matter, stage
from cutline.manuscript.compose import Document, Sources, check_citations, gather
from cutline.manuscript.context import nearest
from cutline.manuscript.lint.sources import DECLARATIONS, NumberLinter
from cutline.manuscript.markdown import escaped
from cutline.manuscript.render import ENGINES
from cutline.manuscript.shortcodes import Shortcode, check_resolved, expand
from cutline.report_engine import chosen
from cutline.tables.results import CURVES
from cutline.tables.spec import empty

MAIN = "changes.qmd"
FORMATS = ("html", "docx")
PICTURES = ("svg", "png")


def compare_cuts(
    *,
    settings: dict[str, Any],
    old_ard: pd.DataFrame,
    new_ard: pd.DataFrame,
    old_curves: list[pd.DataFrame],
    new_curves: list[pd.DataFrame],
    sources: list[Path],
    records: pd.DataFrame | None = None,
    flow: pd.DataFrame | None = None,
    attribution: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """What changed between two cuts of a study.

    The ARDs and curves are the released ones, one table of curves per endpoint; `sources` are the files of
    reports/; `records`, `flow` and `attribution` come from the patient level and are None where a side has none.
    `settings["compare"]` holds `old` and `new`, each with `cut`, `data_cutoff`, `known_by` and, if known, `code` (as in
    a provenance record); it may hold `unavailable` (why there is no attribution) and `audit` (whether the new cut's
    audit page lies beside the report).
    Returns `csv` (the table `changes`), `qmd`, `html`, `docx`, and `survival_<endpoint>_svg` and `_png`.
    Equal inputs give equal bytes. Raises ReportError for a text that cannot be rendered, SetupError if the engine that
    was asked for is not installed.
    """
    changes = compare_results(old_ard, new_ard)
    old, new = index_results([old_ard]), index_results([new_ard])
    became = {str(row["key"]): row for row in rows_of(changes)}
    comparison = Comparison(settings, old, new, became, records, flow, attribution)
    document, texts = compose(comparison, sources)
    figures = _figures(comparison, old_curves, new_curves)
    with tempfile.TemporaryDirectory(prefix="cutline-changes-") as folder:
        rendered = _rendered(document, texts, figures, Path(folder).resolve(), settings)
    return {"csv": changes, "qmd": document.text, **rendered, **figures}


def _figures(comparison: Comparison, *curves: Sequence[pd.DataFrame]) -> dict[str, bytes]:
    tables = [pd.concat(side, ignore_index=True) if side else empty(CURVES) for side in curves]
    results = (comparison.old, comparison.new)
    sides = [Side(*side) for side in zip(comparison.names, results, tables, strict=True)]
    pictures: dict[str, bytes] = {}
    for endpoint in drawn(comparison.settings):
        with house_style():
            figure, _ = draw_changes(endpoint, comparison.settings, sides)
            name = figure_name(endpoint)
            pictures |= {f"{name}_{kind}": as_bytes(figure, f"{endpoint} at both cuts", kind) for kind in PICTURES}
    return pictures


# ── the report ───────────────────────────────────────────────────────────────────────────────


def compose(comparison: Comparison, sources: Sequence[Path]) -> tuple[Document, Sources]:
    """The document from reports/changes.qmd, whose every part is generated, and the texts and styles it needs."""
    texts = gather(sources, MAIN)
    layout, body, before = front_matter.split(texts.text(MAIN), f"reports/{MAIN}")

    def generated(shortcode: Shortcode) -> str:
        shortcode.only()
        name = shortcode.arguments[0]
        if name not in GENERATED:
            raise ReportError(f"{shortcode.place}: nothing is generated under {name!r}{nearest(name, GENERATED)}")
        return GENERATED[name](comparison)

    text = expand("\n" * before + body, f"reports/{MAIN}", {"generated": generated}).strip() + "\n"
    check_resolved(text, MAIN)
    linter = NumberLinter(comparison.settings, texts.text(DECLARATIONS))
    linter.head(f"reports/{MAIN}", layout)
    linter.section(f"reports/{MAIN}", "\n" * before + body)
    linter.stop()
    check_citations(text, "", MAIN)
    mark = mark_of(comparison.settings)
    running, watermark = escaped(str(comparison.settings["short_title"])), watermark_of(comparison.settings)
    head = _titles(comparison) | layout
    return Document(head, text, running, running_note=mark, citation_style="", watermark=watermark), texts


def _titles(comparison: Comparison) -> dict[str, Any]:
    old, new = comparison.names
    one_cut = f"Two versions of the program on the cut {comparison.sides[1]['cut']}"
    return {
        "title": escaped(f"What changed: {comparison.settings['short_title']}"),
        "subtitle": escaped(one_cut if comparison.one_cut else f"Data cut-off {old} → {new}"),
        "author": [],
        "lang": ENGLISH,
    }


def _rendered(
    document: Document, texts: Sources, figures: Mapping[str, bytes], folder: Path, settings: Mapping[str, Any]
) -> dict[str, bytes]:
    report = stage.fill(folder, document, texts, [])
    (folder / FIGURES).mkdir()
    for name, content in figures.items():
        stem, _, kind = name.rpartition("_")
        (folder / FIGURES / f"{stem}.{kind}").write_bytes(content)
    engine = chosen(str(settings["report"].get("engine", "auto")))
    return dict(ENGINES[engine](document, report, FORMATS))
