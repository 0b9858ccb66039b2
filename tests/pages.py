"""What a machine can judge of rendered pages: whether they say the same, whether anything is cut off or unreadable."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cutline.renderings.blocks import PICTURE, ROW
from cutline.renderings.files import blocks_of, pages_of_pdf

XHTML = "{http://www.w3.org/1999/xhtml}"
SIDE, FOOT = 20.0, 20.0
"""Points of a page that no text may enter: what a printer cannot print."""


@dataclass(frozen=True)
class Placed:
    """A word of a printed page, with its page and its edges in points."""

    text: str
    page: int
    left: float
    top: float
    right: float
    bottom: float
    width: float
    height: float


def missing_from_pdf(html: Path, pdf: Path, watermark: str) -> list[str]:
    """Cells and sentences of the web page that the PDF does not say; pictures are described there, not printed."""
    said = _squeezed(" ".join(_without_furniture(pages_of_pdf(pdf), watermark)))
    return [piece for block in blocks_of(html) if block.kind != PICTURE
            for piece in _pieces(block.text, block.kind) if not _says(said, piece)]  # fmt: skip


def _says(said: str, piece: str) -> bool:
    """Whether it is said at a stretch, or on two pages with a figure or a header between."""
    words = [_squeezed(word) for word in piece.split()]
    whole = "".join(words)
    splits = ("".join(words[:place]) for place in range(1, len(words)))
    return whole in said or any(start in said and whole[len(start) :] in said for start in splits)


def _pieces(text: str, kind: str) -> list[str]:
    return text.split(" | ") if kind == ROW else re.split(r"(?<=[.:;]) ", text)


def _without_furniture(pages: list[list[str]], watermark: str) -> Iterator[str]:
    """The lines of all pages without the running lines at their edges and the turned sign behind the text."""
    plain = [page[len(watermark) :] if page[: len(watermark)] == list(watermark) else page for page in pages]
    running = plain[1][0] if len(plain) > 1 else ""
    for number, page in enumerate(plain, 1):
        yield from (line for line in page if line not in (running, f"{number} / {len(pages)}"))


def _squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0\u00ad\u202f\u2060]+", "", text)


def words_of_pdf(pdf: Path) -> list[Placed]:
    """Every word of a PDF with its place, as Poppler sees it."""
    done = subprocess.run(["pdftotext", "-bbox", str(pdf), "-"], capture_output=True, check=True)
    tree = ElementTree.fromstring(re.sub(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", b"", done.stdout))
    words = []
    for number, page in enumerate(tree.iter(f"{XHTML}page"), 1):
        size = float(page.get("width", 0)), float(page.get("height", 0))
        for word in page.iter(f"{XHTML}word"):
            edges = (float(word.get(edge, 0)) for edge in ("xMin", "yMin", "xMax", "yMax"))
            words.append(Placed(word.text or "", number, *edges, *size))
    return words


def outside_the_page(words: list[Placed]) -> list[str]:
    """Words that stand in the edge of a page or beyond it."""
    return [f"page {word.page}: {word.text}" for word in words
            if word.left < SIDE or word.right > word.width - SIDE or word.top < FOOT
            or word.bottom > word.height - FOOT]  # fmt: skip


def fonts_not_embedded(pdf: Path) -> list[str]:
    """Fonts that a PDF names and does not hold."""
    told = subprocess.run(["pdffonts", str(pdf)], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    return [line for line in told if line.split()[-5] != "yes"]
