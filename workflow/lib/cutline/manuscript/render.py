"""The rule render_report: from released results, tables and figures to the manuscript."""

from __future__ import annotations

import csv
import hashlib
import json
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.consistency.check import as_table, check_consistency
from cutline.display.lookup import index_results
from cutline.display.word import STYLES
from cutline.languages import in_language_of_report
from cutline.manuscript import pandoc, quarto, stage
from cutline.manuscript.checklists import answers_of, document_of, require_complete
from cutline.manuscript.compose import compose, gather
from cutline.manuscript.context import Context
from cutline.manuscript.engines import chosen, recorded
from cutline.manuscript.exhibits import exhibit_files
from cutline.manuscript.lengths import lengths_of
from cutline.manuscript.lint.composed import check_composed
from cutline.manuscript.lint.wordings import WORDINGS
from cutline.manuscript.listing import list_of_exhibits
from cutline.manuscript.pages import pages_of
from cutline.manuscript.supplement import tables_alone
from cutline.tables.concordance import AGREES

AGREEMENT = "agreement.json"
FORMATS = ("html", "docx", "pdf")
CHECKLIST_FORMATS = ("html", "docx")
"""Of the checklists, which the embedded engine renders whichever renders the manuscript."""
ENGINES = {"pandoc": pandoc.render, "quarto": quarto.render}
PROGRAMS = {"pandoc": pandoc.programs, "quarto": quarto.programs}


@in_language_of_report
def render_report(
    *,
    settings: dict[str, Any],
    ard: pd.DataFrame,
    curves: list[pd.DataFrame],
    tables: list[Path],
    figures: list[Path],
    sources: list[Path],
    concordance: pd.DataFrame | None = None,
    codelists: Sequence[Path] = (),
) -> dict[str, str | bytes | pd.DataFrame]:
    """The manuscript as Quarto source and in the formats of `report.formats`, and what the checks say of it.

    `ard` is the released ARD, `curves` the released Kaplan-Meier curves, `tables` the Markdown tables, `figures` an
    SVG and a PNG of each figure, `sources` the files of reports/, `concordance` the published values beside ours,
    where there are some, `codelists` the files that `settings["codelists"]` names.
    Returns `qmd`, one entry per format (`html`, `docx`, `pdf`), what the source needs beside it to be rendered on its
    own (`bib`, `csl`, `css`, `links`, `cells`, `reference_docx`, and `project`, which belongs one folder above),
    `engine` (who rendered, with versions), `consistency`, the table of checks, the tables that it writes itself as
    files of their own, `exhibits`, the list of what is what, and `checklists_html` and `checklists_docx`, the
    guidelines of reporting with their items answered from the composed report. The document is composed once to be
    checked and measured, and once more with what was found. Equal inputs give equal bytes.
    Raises ReportError with file and line for a text that cannot be resolved or rendered, that has a number typed by
    hand or misleads by its words, or that lacks an item of a checklist where the study asks for all of them;
    SetupError if the engine that was asked for is not installed.
    """
    disagreeing = None if concordance is None else int((concordance["verdict"] != AGREES).sum())
    texts = gather(sources)
    codes, agreed = codes_of(settings, codelists), json.loads(texts.text(AGREEMENT))
    context = Context(settings, index_results([ard]), digest(ard), disagreeing, codes=codes, agreement=agreed)
    files = exhibit_files(tables, figures)
    first = compose(context, texts, files)
    checks = check_consistency(settings, context.results, curves, first.text)
    answers = answers_of(context, first)
    require_complete(answers, settings)
    checked = replace(context, checks=checks, lengths=lengths_of(first.body), answers=answers)
    document = compose(checked, texts, files)
    check_composed(document.text, context, texts.text(WORDINGS))
    formats = list(settings["report"].get("formats", FORMATS))
    engine = chosen(str(settings["report"].get("engine", "auto")))
    with tempfile.TemporaryDirectory(prefix="cutline-report-") as folder:
        report = stage.fill(Path(folder).resolve(), document, texts, figures)
        rendered = ENGINES[engine](document, report, formats)
        programs = PROGRAMS[engine](report)
        lists = document_of(checked, texts, answers, pages_of(report))
    with tempfile.TemporaryDirectory(prefix="cutline-checklists-") as folder:
        report = stage.fill(Path(folder).resolve(), lists, texts, [])
        checklists = pandoc.render(lists, report, CHECKLIST_FORMATS)
    beside = stage.beside(document, texts)
    return {
        "qmd": document.text,
        "consistency": as_table(checks),
        **rendered,
        "bib": beside["references.bib"],
        "csl": beside["citations.csl"],
        "css": beside["manuscript.css"],
        "links": beside["result_links.lua"],
        "cells": beside["table_cells.lua"],
        "reference_docx": beside["reference.docx"],
        "project": stage.PROJECT,
        "engine": recorded(engine, programs),
        **{f"checklists_{name}": content for name, content in checklists.items()},
        **tables_alone(checked, texts.folder(STYLES)),
        "exhibits": list_of_exhibits(checked),
    }


def codes_of(settings: dict[str, Any], files: Sequence[Path]) -> dict[str, list[tuple[str, str]]]:
    """Of each code list its level and recorded word, a pair per line, in the order of the file."""
    codes = {}
    for name, place in settings.get("codelists", {}).items():
        file = next(each for each in files if each.as_posix().endswith(str(place)))
        with file.open(encoding="utf-8", newline="") as lines:
            codes[name] = [
                (line.get("level", line.get("term", "")), line["recorded"]) for line in csv.DictReader(lines)
            ]
    return codes


def digest(ard: pd.DataFrame) -> str:
    """SHA-256 of aggregate/ard.csv, which holds these results: reading it and writing it again changes nothing."""
    return hashlib.sha256(ard.to_csv(index=False, lineterminator="\n").encode()).hexdigest()
