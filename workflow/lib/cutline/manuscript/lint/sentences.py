"""The composed document as sentences, each with the results it shows and the works it cites."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

SPAN = re.compile(r'\[((?:\\.|[^\[\]\\])*)\]\{\.result key="([^"]*)"([^}]*)\}')
_NO_SENTENCES = re.compile(r"^```.*?^```$|^(?:\||:::|: )[^\n]*$", re.DOTALL | re.MULTILINE)
_ATTRIBUTES = re.compile(r"\{[#.][^{}\n]*\}")
_CITED = re.compile(r"\[[^\[\]]*(?<![\w@])@[^\[\]]*\]|(?<![\w.@\[])@[A-Za-z][\w-]*")
_END = re.compile(r"(?<=[.!?])(?:\*+)?\s+(?=\S)")
_BEFORE = re.compile(r"(?:^|[\s(\[])(?:[eE]\.g|[iI]\.e|[cC]f|Dr|Prof|Doç|[öÖ]rn?|[bB]kz)\.$")
"""Abbreviations that never end a sentence."""
_AFTER = re.compile(r"\b(?:et al|vs|vb|vd|ark)\.$")
"""Abbreviations that may end one, but not before a bracket or a number."""
MARK = "\ue000"
"""Stands behind each number that a sentence shows."""


@dataclass(frozen=True)
class Shown:
    """A number as the text prints it, with the keys it shows; `in_sentence` if it is not a table's cell."""

    text: str
    keys: tuple[str, ...]
    in_sentence: bool
    line: int


@dataclass(frozen=True)
class Sentence:
    """A sentence without markup, with a mark behind each number it shows, and the keys of each of them.

    `line` is where its paragraph begins, `cites` whether it cites a work.
    """

    marked: str
    line: int
    shown: tuple[tuple[str, ...], ...]
    cites: bool

    @property
    def text(self) -> str:
        return self.marked.replace(MARK, "")

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for keys in self.shown for key in keys)


def shown(text: str) -> Iterator[Shown]:
    """Every number that the composed document shows by its key, in order."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in SPAN.finditer(line):
            yield Shown(found[1], tuple(found[2].split()), " fmt=" in found[3], number)


def sentences(text: str) -> Iterator[Sentence]:
    """Every sentence of the composed document, headings and captions of figures too; no tables, no raw blocks."""
    bare = _NO_SENTENCES.sub(lambda found: "\n" * found[0].count("\n"), text)
    at = 0
    for paragraph in re.split(r"(\n\s*\n)", bare):
        line = bare[:at].count("\n") + 1
        at += len(paragraph)
        yield from _of(paragraph, line)


def _of(paragraph: str, line: int) -> Iterator[Sentence]:
    keys = [tuple(found[2].split()) for found in SPAN.finditer(paragraph)]
    plain = _ATTRIBUTES.sub("", SPAN.sub(lambda found: found[1] + MARK, paragraph))
    at = 0
    for part in _split(" ".join(plain.split())):
        number = part.count(MARK)
        if part.strip():
            yield Sentence(part, line, tuple(keys[at : at + number]), bool(_CITED.search(part)))
        at += number


def _split(text: str) -> Iterator[str]:
    """The sentences of a text: each begins with a capital letter, a digit, a bracket or a quotation mark."""
    begin = 0
    for end in _END.finditer(text):
        before, sign = text[begin : end.start()], text[end.end()]
        abbreviated = _BEFORE.search(before) or (_AFTER.search(before) and not sign.isalpha())
        if not abbreviated and not sign.islower() and (sign.isalpha() or sign.isdigit() or sign in '"“([*'):
            yield before
            begin = end.end()
    yield text[begin:]
