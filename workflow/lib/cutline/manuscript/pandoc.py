"""The embedded engine: pandoc and typst as they come with the Python packages, no other program."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pypandoc
import typst

from cutline.errors import ReportError, SetupError
from cutline.manuscript import front_matter
from cutline.manuscript.compose import Document
from cutline.manuscript.embed import one_file
from cutline.manuscript.engines import FIXED_TIME, program_environment, without_paths
from cutline.manuscript.pages import PRINTED, asked
from cutline.manuscript.word import laid_out

SOURCE, PARSED = "embedded.md", "embedded.json"
SECONDS_ALLOWED = 120
READING = ("--from=markdown", "--to=json", "--fail-if-warnings")
WRITING = ("--from=json", "--standalone", "--fail-if-warnings", "--lua-filter=../filters/quarto_blocks.lua",
           "--lua-filter=../filters/quarto.lua", "--citeproc", "--number-sections", "--wrap=preserve")  # fmt: skip
TAKEN_OVER = ("bibliography", "csl", "link-citations", "keywords", "language")
"""Keys of the document's own head that mean the same here."""
OPTIONS: Mapping[str, tuple[str, ...]] = {
    "html": ("--to=html5", "--template=../styles/manuscript.html", "--toc", "--toc-depth=2", "--css=manuscript.css",
             "--email-obfuscation=none", "--mathml", "--lua-filter=result_links.lua", "--lua-filter=table_cells.lua"),
    "docx": ("--to=docx", "--reference-doc=reference.docx"),
    "pdf": ("--to=typst", "--template=../styles/manuscript.typ", "--include-in-header=../styles/header.typ"),
}  # fmt: skip
PDF_STANDARD: Final = "ua-1"
"""PDF/UA-1: tagged, titled, in a stated language, every picture and formula described; typst refuses anything else."""


def render(document: Document, report: Path, formats: Sequence[str]) -> dict[str, bytes]:
    """The document in these formats, from a filled stage. Raises ReportError with what pandoc or typst says."""
    made = dict(rendering(document, report, formats))
    return {name: made[name] for name in formats}


def rendering(document: Document, report: Path, formats: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    """As `render`, each format as soon as it is made, while the others still are."""
    (report / SOURCE).write_text(front_matter.written(head(document)) + "\n" + document.body, encoding="utf-8")
    _pandoc(report, "Markdown", (SOURCE, *READING), PARSED)  # once for all formats: it takes as long as to write one
    longest_first = sorted(formats, key=list(RENDERERS).index)
    with ThreadPoolExecutor(max_workers=2) as pool:
        made = {pool.submit(RENDERERS[name], report): name for name in longest_first}
        for future in as_completed(made):
            yield made[future], future.result()


def programs(_: Path) -> dict[str, str]:
    """The programs of this engine with their versions."""
    return {"pandoc": str(pypandoc.get_pandoc_version()), "typst": version("typst")}


def head(document: Document) -> dict[str, Any]:
    """The metadata the templates of this engine use, from the document's own head."""
    given = document.head
    contents = given.get("format", {}).get("html", {})
    names = [str(author["name"]) for author in given["author"]]
    kept = {key: given[key] for key in TAKEN_OVER if key in given}
    return {
        "title": given["title"],
        "subtitle": given["subtitle"],
        "lang": given["lang"],
        "author": names,
        "pdf-authors": [_typst_string(name) for name in names],
        "pdf-keywords": [_typst_string(word) for word in given.get("keywords", [])],
        "toc-title": contents.get("toc-title", given.get("language", {}).get("toc-title-document", "Contents")),
        "running-title": document.running_title,
        "running-note": document.running_note,
    } | kept


def _typst_string(markdown: str) -> str:
    """A text for the metadata of the PDF, which takes strings, not markup."""
    plain = re.sub(r"\\(\W)", r"\1", markdown).replace("\\", "\\\\").replace('"', '\\"').replace("`", "'")
    return f'`"{plain}"`{{=typst}}'


def _html(report: Path) -> bytes:
    return one_file(_written(report, "html", "manuscript.html").decode(), report).encode()


def _docx(report: Path) -> bytes:
    return laid_out(_written(report, "docx", "manuscript.docx"))


def _pdf(report: Path) -> bytes:
    _written(report, "pdf", PRINTED)
    source, root = str(asked(report)), str(report.parent)
    try:
        return typst.compile(
            source, root=root, ignore_system_fonts=True, timestamp=FIXED_TIME, pdf_standards=PDF_STANDARD
        )
    except RuntimeError as error:
        raise ReportError(f"report as PDF: typst says: {without_paths(str(error), report)}") from error


RENDERERS = {"pdf": _pdf, "docx": _docx, "html": _html}
"""What takes longest comes first."""


def _written(report: Path, name: str, output: str) -> bytes:
    return _pandoc(report, name, (PARSED, *WRITING, *OPTIONS[name]), output)


def _pandoc(report: Path, name: str, arguments: Sequence[str], output: str) -> bytes:
    """One run of pandoc in the stage; its warnings are errors, so that no reader sees `[?]`."""
    command = [pandoc_path(), *arguments, f"--data-dir={report}", f"--output={output}"]
    done = subprocess.run(
        command,
        cwd=report,
        env=program_environment(report.parent),
        capture_output=True,
        timeout=SECONDS_ALLOWED,
        check=False,
    )
    if done.returncode:
        said = without_paths(done.stderr.decode(errors="replace"), report)
        raise ReportError(f"report as {name}: pandoc says: {said}{_place(said, report)}")
    return (report / output).read_bytes()


def _place(said: str, report: Path) -> str:
    """The line of the composed document that the first label or title in the message stands on, if it names one."""
    named = re.search(r"[#@][A-Za-z]+-[\w-]+|\"[^\"]+\"", said)
    lines = (report / "manuscript.qmd").read_text(encoding="utf-8").splitlines() if named else []
    wanted = named[0].strip('"') if named else ""
    return next((f" (manuscript.qmd, line {number})" for number, line in enumerate(lines, 1) if wanted in line), "")


def pandoc_path() -> str:
    """The pandoc of pypandoc_binary. Raises SetupError if there is none."""
    try:
        return str(pypandoc.get_pandoc_path())
    except OSError as error:
        raise SetupError(
            "report.engine: pandoc was not found; expected the package pypandoc_binary. Run `python3 "
            "run.py` to install it."
        ) from error
