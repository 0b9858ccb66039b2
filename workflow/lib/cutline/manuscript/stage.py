"""A private copy of everything the rendering reads, in the layout of a cut's results.

<stage>/_quarto.yml                 makes the stage the project, so that Quarto and typst may read below it
<stage>/report/manuscript.qmd       with bibliography, citation style, style sheet and Word styles beside it
<stage>/aggregate/figures/          the pictures
<stage>/styles/                     templates of the embedded engine
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from cutline.display.word import STYLES, word_file
from cutline.manuscript.compose import MAIN, Document, Sources
from cutline.manuscript.watermark import in_css, in_typst

PROJECT = "project:\n  type: default\n  render:\n    - report/manuscript.qmd\n"
BESIDE = {
    "references.bib": "references.bib",
    "manuscript.css": "styles/manuscript.css",
    "result_links.lua": "filters/result_links.lua",
    "table_cells.lua": "filters/table_cells.lua",
}
CITATIONS, WORD = "citations.csl", "reference.docx"
TEMPLATES = ("styles/manuscript.html", "styles/manuscript.typ", "filters/quarto_blocks.lua", "filters/quarto.lua")
HEADER = "styles/header.typ"


def beside(document: Document, sources: Sources) -> dict[str, bytes]:
    """The files that stand beside manuscript.qmd, so that it renders on its own, by name."""
    texts = {name: sources.text(source) for name, source in BESIDE.items()}
    if document.citation_style:  # a change report cites nothing
        texts[CITATIONS] = sources.text(f"styles/citations/{document.citation_style}.csl")
    texts["manuscript.css"] = in_css(texts["manuscript.css"], document.watermark)
    return {name: text.encode() for name, text in texts.items()} | {WORD: reference_docx(document, sources)}


def reference_docx(document: Document, sources: Sources) -> bytes:
    """The Word document whose styles and header the report takes, zipped from the parts in reports/styles/word."""
    return word_file(sources.folder(STYLES), document.running_note, document.watermark)


def fill(stage: Path, document: Document, sources: Sources, figures: Iterable[Path]) -> Path:
    """Write the stage of a composed document into that empty folder; returns the folder of the report."""
    templates = {name: sources.text(name) for name in TEMPLATES}
    templates[HEADER] = in_typst(sources.text(HEADER), document.watermark)
    return lay_out(stage, document.text, beside(document, sources), templates, figures)


def lay_out(
    stage: Path, text: str, others: Mapping[str, bytes], templates: Mapping[str, str], figures: Iterable[Path]
) -> Path:
    """Write a document's text, what stands beside it, templates and pictures; returns the folder of the report."""
    report, pictures = stage / "report", stage / "aggregate" / "figures"
    for folder in (report, pictures, stage / "styles", stage / "filters"):
        folder.mkdir(parents=True)
    (stage / "_quarto.yml").write_text(PROJECT, encoding="utf-8")
    (report / MAIN).write_text(text, encoding="utf-8")
    for name, content in others.items():
        (report / name).write_bytes(content)
    for name, template in templates.items():
        (stage / name).write_text(template, encoding="utf-8")
    for figure in figures:
        shutil.copyfile(figure, pictures / figure.name)
    return report
