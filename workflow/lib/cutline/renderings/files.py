"""Renderings in folders: which files belong together, and how each format is read and compared."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from itertools import dropwhile
from pathlib import Path
from typing import NamedTuple

from cutline.errors import ConfigError, SetupError
from cutline.renderings.blocks import Block
from cutline.renderings.compare_blocks import compare_blocks
from cutline.renderings.compare_pages import compare_pages, compare_with_pages
from cutline.renderings.differences import Difference
from cutline.renderings.from_docx import blocks_of_docx
from cutline.renderings.from_html import blocks_of_html

FORMATS = ("html", "docx", "pdf")
NAME = "manuscript"
PDF_READER = "pdftotext"


class Pair(NamedTuple):
    """The same document of one format, rendered twice."""

    format: str
    one: Path
    other: Path


def pairs(one: Path, other: Path, formats: Sequence[str] = FORMATS) -> list[Pair]:
    """The files of two folders that belong together, or the two files themselves.

    Of a folder the files `manuscript.<format>` are taken, or else the only one of that format. Raises ConfigError if
    nothing belongs together.
    """
    if one.is_file() != other.is_file():
        ending = (one if one.is_file() else other).suffix
        one, other = (each if each.is_file() else each / f"{NAME}{ending}" for each in (one, other))
    if one.is_file() and other.is_file():
        return [Pair(" and ".join(dict.fromkeys(file.suffix.lstrip(".") for file in (one, other))), one, other)]
    sides = [renderings_in(folder, formats) for folder in (one, other)]
    both = [Pair(name, sides[0][name], sides[1][name]) for name in formats if name in sides[0] and name in sides[1]]
    if not both:
        found = " and ".join(f"{', '.join(sides[place]) or 'none'} in {(one, other)[place]}" for place in (0, 1))
        raise ConfigError(f"nothing to compare: expected {NAME}.html, .docx or .pdf in both folders, found {found}")
    return both


def renderings_in(folder: Path, formats: Sequence[str] = FORMATS) -> dict[str, Path]:
    """The rendered files of a folder by format. Raises ConfigError if it is no folder."""
    if not folder.is_dir():
        raise ConfigError(f"{folder}: expected a folder with a rendered report, or a file of one, found neither")
    found: dict[str, Path] = {}
    alone = not (folder / f"{NAME}.qmd").is_file()  # a cut's own folder holds other documents too
    for name in formats:
        files = sorted(folder.glob(f"*.{name}"))
        wanted = [file for file in files if file.stem == NAME] or (files if len(files) == 1 and alone else [])
        found |= {name: wanted[0]} if wanted else {}
    return found


def compare(pair: Pair) -> list[Difference]:
    """What the two files say differently; beside another format, a PDF is only asked if it says what that one does.

    Raises ConfigError for a file of another format, SetupError if a PDF cannot be read on this machine.
    """
    if pair.one.suffix == pair.other.suffix == ".pdf":
        return compare_pages(pages_of_pdf(pair.one), pages_of_pdf(pair.other))
    if pair.other.suffix == ".pdf":
        return compare_with_pages(blocks_of(pair.one), pages_of_pdf(pair.other))
    if pair.one.suffix == ".pdf":
        found = compare_with_pages(blocks_of(pair.other), pages_of_pdf(pair.one))
        return [replace(each, one=each.other, other=each.one) for each in found]
    return compare_blocks(blocks_of(pair.one), blocks_of(pair.other))


def blocks_of(file: Path) -> list[Block]:
    """The blocks of a web page or a Word document. Raises ConfigError for any other file."""
    if file.suffix == ".html":
        return blocks_of_html(file.read_text(encoding="utf-8"))
    if file.suffix == ".docx":
        return blocks_of_docx(file.read_bytes())
    raise ConfigError(f"{file}: expected .html, .docx or .pdf")


def pages_of_pdf(file: Path) -> list[list[str]]:
    """The lines of each page, in the order in which they are drawn.

    Without the watermark, which comes first, a letter to a line, and the sign that Quarto puts before some callouts.
    Raises SetupError without the program that reads a PDF.
    """
    program = shutil.which(PDF_READER)
    if program is None:
        raise SetupError(
            f"{file.name}: to compare PDFs needs {PDF_READER} of Poppler (Debian: poppler-utils; macOS: brew install "
            "poppler). Without it, compare the others: --format html docx"
        )
    done = subprocess.run([program, "-raw", "-enc", "UTF-8", str(file), "-"], capture_output=True, check=False)
    if done.returncode:
        raise ConfigError(f"{file}: {PDF_READER} cannot read it: {done.stderr.decode(errors='replace').strip()}")
    pages = done.stdout.decode("utf-8").split("\f")[:-1]
    lines = ([line.strip().removeprefix("! ") for line in page.splitlines() if line.strip()] for page in pages)
    return [[*dropwhile(lambda line: len(line) == 1 and line.isalpha(), page)] for page in lines]
