"""The embedded engine: pandoc and typst as they come with the Python packages, no other program."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pypandoc
import typst

from cutline.errors import ReportError, SetupError
from cutline.manuscript import front_matter
from cutline.manuscript.compose import Document
from cutline.manuscript.engines import FIXED_TIME, program_environment, without_paths
from cutline.manuscript.word import laid_out

SOURCE = "embedded.md"
SECONDS_ALLOWED = 120
COMMON = ("--from=markdown", "--standalone", "--fail-if-warnings", "--lua-filter=../filters/quarto.lua", "--citeproc",
          "--number-sections", "--wrap=preserve")  # fmt: skip
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "html": ("--to=html5", "--template=../styles/manuscript.html", "--embed-resources", "--toc", "--toc-depth=2",
             "--default-image-extension=svg", "--css=manuscript.css", "--email-obfuscation=none",
             "--lua-filter=result_links.lua", "--lua-filter=table_cells.lua"),
    "docx": ("--to=docx", "--reference-doc=reference.docx", "--default-image-extension=png"),
    "pdf": ("--to=typst", "--template=../styles/manuscript.typ", "--include-in-header=../styles/header.typ",
            "--default-image-extension=svg"),
}  # fmt: skip


def render(document: Document, report: Path, formats: Sequence[str]) -> dict[str, bytes]:
    """The document in these formats, from a filled stage. Raises ReportError with what pandoc or typst says."""
    (report / SOURCE).write_text(front_matter.written(head(document)) + "\n" + document.body, encoding="utf-8")
    with ThreadPoolExecutor(max_workers=2) as pool:
        rendered = list(pool.map(lambda name: RENDERERS[name](report), formats))
    return dict(zip(formats, rendered, strict=True))


def head(document: Document) -> dict[str, Any]:
    """The metadata the templates of this engine use, from the document's own head."""
    given = document.head
    names = [str(author["name"]) for author in given["author"]]
    layout = {key: given[key] for key in ("bibliography", "csl", "link-citations") if key in given}
    return {
        "title": given["title"],
        "subtitle": given["subtitle"],
        "lang": given["lang"],
        "author": names,
        "authorline": [_author_line(author) for author in given["author"]],
        "toc-title": given["format"].get("html", {}).get("toc-title", "Contents"),
        "running-title": document.running_title,
        "running-note": document.running_note,
    } | layout


def _author_line(author: Mapping[str, Any]) -> str:
    affiliations = [str(each["name"]) for each in author.get("affiliations", [])]
    return ", ".join([str(author["name"]), *affiliations])


def _html(report: Path) -> bytes:
    return _pandoc(report, "html", "manuscript.html")


def _docx(report: Path) -> bytes:
    return laid_out(_pandoc(report, "docx", "manuscript.docx"))


def _pdf(report: Path) -> bytes:
    _pandoc(report, "pdf", "manuscript.typ")
    try:
        return typst.compile(
            str(report / "manuscript.typ"), root=str(report.parent), ignore_system_fonts=True, timestamp=FIXED_TIME
        )
    except RuntimeError as error:
        raise ReportError(f"report as PDF: typst says: {without_paths(str(error), report)}") from error


RENDERERS = {"html": _html, "docx": _docx, "pdf": _pdf}


def _pandoc(report: Path, name: str, output: str) -> bytes:
    """One run of pandoc in the stage; its warnings are errors, so that no reader sees `[?]`."""
    command = [pandoc_path(), SOURCE, *COMMON, *OPTIONS[name], f"--data-dir={report}", f"--output={output}"]
    done = subprocess.run(
        command, cwd=report, env=program_environment(report), capture_output=True, timeout=SECONDS_ALLOWED, check=False
    )
    if done.returncode:
        said = without_paths(done.stderr.decode(errors="replace"), report)
        raise ReportError(f"report as {name}: pandoc says: {said}")
    return (report / output).read_bytes()


def pandoc_path() -> str:
    """The pandoc of pypandoc_binary. Raises SetupError if there is none."""
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError as error:
        raise SetupError(
            "report.engine: pandoc was not found; expected the package pypandoc_binary. Run `python3 "
            "run.py` to install it."
        ) from error
