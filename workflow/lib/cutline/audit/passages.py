"""The manuscript as its reader sees it: sentences and table cells in plain words, with the keys behind the numbers.

Read from the composed source `report/manuscript.qmd`, of which every format is rendered, and from the tables'
HTML files. No pandas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path


@dataclass(frozen=True)
class Span:
    """The letters of a passage that show a result, and the format they were printed with (blank if not recorded)."""

    key: str
    start: int
    end: int
    format: str = ""


@dataclass(frozen=True)
class Passage:
    """A sentence, or the text of a table's cell with its row and column; `where` is the section or table."""

    where: str
    text: str
    spans: tuple[Span, ...] = ()
    row: str = ""
    column: str = ""


# ── sentences ────────────────────────────────────────────────────────────────────────────────

_NOT_PROSE = re.compile(r"\A---\n.*?\n---\n|^(`{3,}).*?^\1[^\n]*$", re.DOTALL | re.MULTILINE)
_SKIPPED = ("|", ":::", "![", ": ")
"""How lines begin that are no sentences: tables, which are read from their own files, fences, figures, captions."""
_HEADING = re.compile(r"(#+)\s+(.*?)\s*(?:\{([^}]*)\})?\s*")
_LEAD = re.compile(r"\*\*([^*]+?)(?::\*\*|\*\*:)\s+")
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_FLOAT = re.compile(r"\{#((?:fig|tbl)-[\w-]+)")
_MARKUP = re.compile(
    r"\[(?P<shown>(?:\\.|[^\]\\])*)\]\{\.result (?P<attributes>[^}]*)\}"
    r"|\[(?P<bracketed>(?:\\.|[^\]\\])*)\]\{[^}]*\}"
    r"|(?P<citation>\s?\[-?@[^\]]*\])"
    r"|@(?P<label>(?:fig|tbl|sec)-[\w-]+)"
    r"|\\(?P<literal>.)"
    r"|(?P<style>\*+|\^)"
)
_ATTRIBUTE = re.compile(r'(\w+)="((?:\\.|[^"\\])*)"')
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\W\d_a-zà-ÿ(\[]|\()")


def sentences(source: str) -> list[Passage]:
    """Every sentence of a composed manuscript, in order."""
    numbers = _float_numbers(source)
    found: list[Passage] = []
    sections = _Sections()
    for block in re.split(r"\n\s*\n", _NOT_PROSE.sub("", source)):
        lines = [line for line in block.splitlines() if line.strip() and not line.startswith(_SKIPPED)]
        while lines and (heading := _HEADING.fullmatch(lines[0])):
            sections.enter(len(heading[1]), plain(heading[2]), "unnumbered" in (heading[3] or ""))
            lines = lines[1:]
        if lines:
            found += _of_block(" ".join(line.strip() for line in lines), sections.name, numbers)
    return found


class _Sections:
    """Where one is in the manuscript: headings are numbered as pandoc does, unless they ask not to be."""

    def __init__(self) -> None:
        self.name = "Title page"
        self._counts: list[int] = []

    def enter(self, level: int, title: str, unnumbered: bool) -> None:
        if not unnumbered:
            counts = (self._counts + [0] * level)[:level]
            counts[-1] += 1
            self._counts = counts
            title = f"{'.'.join(map(str, counts))} {title}"
        self.name = title


def _float_numbers(source: str) -> dict[str, str]:
    """What a cross-reference prints: `Figure 1` for `fig-flow`, by the order of appearance."""
    words = {"fig": "Figure", "tbl": "Table"}
    numbers: dict[str, str] = {}
    for label in _FLOAT.findall(source):
        kind = label[:3]
        numbers.setdefault(label, f"{words[kind]} {1 + sum(known.startswith(kind) for known in numbers)}")
    return numbers


def _of_block(block: str, section: str, numbers: dict[str, str]) -> Iterator[Passage]:
    """The sentences of a paragraph; a bold word that leads it (`**Results:**`) names its part of the section."""
    lead = _LEAD.match(block)
    if lead:
        section, block = ", ".join(part for part in (section, plain(lead[1])) if part), block[lead.end() :]
    text, spans = _read(_LINK.sub(r"\1", block), numbers)
    inside = [range(span.start, span.end) for span in spans]
    ends = [gap for gap in _SENTENCE_END.finditer(text) if not any(gap.start() in letters for letters in inside)]
    for start, end in pairwise([0, *(gap.end() for gap in ends), len(text) + 1]):
        sentence = text[start:end].rstrip()
        within = (span for span in spans if start <= span.start < end)
        moved = tuple(Span(span.key, span.start - start, span.end - start, span.format) for span in within)
        if sentence:
            yield Passage(section, sentence, moved)


def _read(block: str, numbers: dict[str, str]) -> tuple[str, list[Span]]:
    """The text of a paragraph without its markup, and where it shows results."""
    text, spans, position = "", [], 0
    for mark in _MARKUP.finditer(block):
        text += plain(block[position : mark.start()])
        position = mark.end()
        if mark["shown"] is not None:
            shown = plain(_unescaped(mark["shown"]))
            named = {name: _unescaped(value) for name, value in _ATTRIBUTE.findall(mark["attributes"])}
            keys = named.get("key", "").split()
            spans += [Span(key, len(text), len(text) + len(shown), named.get("fmt", "")) for key in keys]
            text += shown
        elif mark["bracketed"] is not None:
            text += plain(_unescaped(mark["bracketed"]))
        else:
            text += numbers.get(mark["label"] or "", mark["label"] or mark["literal"] or "")
    return text + plain(block[position:]), spans


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def plain(text: str) -> str:
    """The text with ordinary spaces, and without signs that only guide line breaks."""
    return re.sub(r"\s+", " ", text.replace("\u2060", ""))


# ── cells ────────────────────────────────────────────────────────────────────────────────────

_NUMBER = re.compile(r"NE|[<>]?\u2212?\d+(?:[.,]\d+)*")


def cells(file: Path) -> list[Passage]:
    """Every cell of a table's HTML file that shows results."""
    reader = _Table(_table_number(file))
    reader.feed(file.read_text(encoding="utf-8"))
    return reader.cells


def _table_number(file: Path) -> str:
    """`Table 2` for table_2_cox_pfs.html, `Table S4` for table_S4_survival_summary_pfs.html."""
    number = re.match(r"table_(S?\d+)", file.stem)
    return f"Table {number[1]}" if number else file.stem


class _Table(HTMLParser):
    """Collects the cells with `data-keys`, each with its row and column; footnote marks are left out."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.cells = name, list[Passage]()
        self._header: list[str] = []
        self._heading = self._row = ""
        self._text = ""
        self._attributes: dict[str, str | None] = {}
        self._in_head = self._in_mark = False
        self._column = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("th", "td", "caption"):
            self._text, self._attributes = "", dict(attrs)
        elif tag == "tr":
            self._column = 0
        self._in_head = tag == "thead" or (self._in_head and tag != "tbody")
        self._in_mark = self._in_mark or tag == "sup"

    def handle_data(self, data: str) -> None:
        self._text += "" if self._in_mark else data

    def handle_endtag(self, tag: str) -> None:
        text = plain(self._text).strip()
        if tag == "sup":
            self._in_mark = False
        elif tag == "caption":
            self.name = f"{self.name}. {text}"
        elif tag == "th":
            self._head(text)
        elif tag == "td":
            self._column += 1
            keys = (self._attributes.get("data-keys") or "").split()
            if keys and text:
                self.cells.append(self._cell(text, keys))

    def _head(self, text: str) -> None:
        """A column's name, a heading above rows, or a row's label."""
        styles = (self._attributes.get("class") or "").split()
        if self._in_head:
            self._header.append(text)
        elif "heading" in styles:
            self._heading = text
        else:
            self._row = ": ".join(part for part in (self._heading if "indented" in styles else "", text) if part)

    def _cell(self, text: str, keys: list[str]) -> Passage:
        """The cell; its numbers stand in the order of its keys. A cell with other numbers is shown by each key."""
        numbers = [(found.start(), found.end()) for found in _NUMBER.finditer(text)]
        places = numbers if len(numbers) == len(keys) else [(0, len(text))] * len(keys)
        spans = tuple(Span(key, start, end) for key, (start, end) in zip(keys, places, strict=True))
        column = self._header[self._column] if self._column < len(self._header) else ""
        return Passage(self.name, text, spans, self._row, column)
