"""What a rendered document says, in the order in which it is read, without how it looks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cutline.languages import in_every_language

HEADING, PARAGRAPH, CAPTION, ROW, WORK, PICTURE = "heading", "paragraph", "caption", "row", "work", "picture"
"""Kinds of blocks; a work is an entry of the list of references."""

_INVISIBLE = re.compile("[\u00ad\u200b\u2060-\u2064\ufeff\ue000-\uf8ff]")
"""Signs that guide line breaks, and pictograms of fonts."""
_CAPTION = re.compile(r"^(?P<label>[^\W\d]+) (?P<number>S?\d+)[:.] ")


class Word(NamedTuple):
    """A word, and whether it belongs to a reference: to a figure, table, equation, section, note or work."""

    text: str
    reference: bool = False


Words = tuple[Word, ...]


@dataclass(frozen=True)
class Block:
    """A piece of the document: its kind, its words (of a row: those of each cell), and where it stands."""

    kind: str
    cells: tuple[Words, ...]
    place: str

    @property
    def text(self) -> str:
        return " | ".join(said(cell) for cell in self.cells)

    @property
    def number(self) -> str:
        """Of a caption: what is numbered and its number, `Table S3`; else blank."""
        found = _CAPTION.match(self.text + " ") if self.kind == CAPTION else None
        return f"{found['label']} {found['number']}" if found else ""


def said(words: Words) -> str:
    """The words as text."""
    return " ".join(word.text for word in words)


def words_of(runs: Iterable[tuple[str, bool]]) -> Words:
    """The words of runs of text, each run with whether it is part of a reference; all spaces are alike."""
    letters = [(sign, reference) for text, reference in runs for sign in _INVISIBLE.sub("", text)]
    words: list[Word] = []
    current, referring = "", False
    for sign, reference in [*letters, (" ", False)]:
        if not sign.isspace():
            current, referring = current + sign, referring or reference
        elif current:
            words.append(Word(unicodedata.normalize("NFC", current), referring))
            current, referring = "", False
    return tuple(words)


class Collector:
    """Gathers blocks from a reader and says of each where it stands."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self._section, self._table, self._row = "before the first heading", "", 0

    def add(self, kind: str, words: Words) -> None:
        """A block that is no row; nothing if it has no words, unless it is a picture."""
        if not words and kind != PICTURE:
            return
        block = Block(_kind(kind, words), (words,), self._section)
        if block.kind == HEADING:
            self._section = f"section {block.text}"
            block = Block(HEADING, (words,), self._section)
        elif block.number.split(" ")[0] in in_every_language("Table"):
            self._table, self._row = block.number, 0
        if block.kind in (HEADING, PARAGRAPH) and self._row:
            self._table, self._row = "", 0
        self.blocks.append(
            block if block.kind != CAPTION or not block.number else Block(CAPTION, (words,), block.number)
        )

    def row(self, cells: Sequence[Words]) -> None:
        """A row of the table whose caption came last."""
        self._row += 1
        table = self._table or f"a table of {self._section}"
        self.blocks.append(Block(ROW, tuple(cells), f"{table}, row {self._row}"))


def _kind(kind: str, words: Words) -> str:
    """A caption is known by its beginning: engines differ in how they mark those of a supplement."""
    found = _CAPTION.match(said(words) + " ") if kind in (PARAGRAPH, CAPTION) else None
    labels = in_every_language("Figure") | in_every_language("Table")
    return CAPTION if found and found["label"] in labels else kind
