"""A private copy of everything the rendering reads, in the layout of a cut's results.

<stage>/_quarto.yml                 makes the stage the project, so that Quarto and typst may read below it
<stage>/report/manuscript.qmd       with bibliography, citation style, style sheet and Word styles beside it
<stage>/aggregate/figures/          the pictures
<stage>/styles/                     templates of the embedded engine
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from cutline.archive import zipped
from cutline.manuscript.compose import Document, Sources

PROJECT = "project:\n  type: default\n  render:\n    - report/manuscript.qmd\n"
WORD_PARTS = {
    "[Content_Types].xml": "styles/word/content_types.xml",
    "_rels/.rels": "styles/word/package.rels",
    "word/document.xml": "styles/word/document.xml",
    "word/_rels/document.xml.rels": "styles/word/document.rels",
    "word/styles.xml": "styles/word/styles.xml",
    "word/footer1.xml": "styles/word/footer1.xml",
}
BESIDE = {
    "references.bib": "references.bib",
    "manuscript.css": "styles/manuscript.css",
    "result_links.lua": "filters/result_links.lua",
}
TEMPLATES = ("styles/manuscript.html", "styles/manuscript.typ", "styles/header.typ", "filters/quarto_blocks.lua",
             "filters/quarto.lua")  # fmt: skip


def beside(sources: Sources, citation_style: str) -> dict[str, bytes]:
    """The files that stand beside manuscript.qmd, so that it renders on its own, by name."""
    chosen = BESIDE | {"citations.csl": f"styles/citations/{citation_style}.csl"}
    texts = {name: sources.text(source).encode() for name, source in chosen.items()}
    return texts | {"reference.docx": reference_docx(sources)}


def reference_docx(sources: Sources) -> bytes:
    """The Word document whose styles the report takes, zipped from the XML parts in reports/styles/word."""
    return zipped({name: sources.text(source).encode() for name, source in WORD_PARTS.items()})


def fill(stage: Path, document: Document, sources: Sources, figures: Iterable[Path]) -> Path:
    """Write the stage into that empty folder; returns the folder of the report."""
    report, pictures = stage / "report", stage / "aggregate" / "figures"
    for folder in (report, pictures, stage / "styles", stage / "filters"):
        folder.mkdir(parents=True)
    (stage / "_quarto.yml").write_text(PROJECT, encoding="utf-8")
    (report / "manuscript.qmd").write_text(document.text, encoding="utf-8")
    for name, content in beside(sources, document.citation_style).items():
        (report / name).write_bytes(content)
    for template in TEMPLATES:
        (stage / template).write_text(sources.text(template), encoding="utf-8")
    for figure in figures:
        shutil.copyfile(figure, pictures / figure.name)
    return report
