"""The differences of a PDF, whose text is in lines: no cell or paragraph is known, and pages may end elsewhere.

A line of one must be found in the other, whatever its line and page breaks. What is too short to be found alone is
looked up together with the line before or after it, or as a line where a page ends. Beside a web page or a Word
document, a PDF is asked for each of its blocks.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from cutline.renderings.blocks import PICTURE, ROW, Block, said
from cutline.renderings.differences import CAPTION_NUMBER, NUMBER, REFERENCE, TEXT, Difference

Pages = Sequence[Sequence[str]]
LONG_ENOUGH = 14
"""Letters from which a piece of a line is found by itself: shorter ones may stand anywhere."""
BESIDE = 40
"""Letters of the line before or after with which a shorter one is found."""
EDGE = 2
"""Lines at the top and the bottom of a page among which running titles and page numbers are."""
BREAK = 6
"""Lines at the top and the bottom of a page that a repeated header, a caption or a number may part from the next."""
_UNREAD = re.compile("[\\s\u00ad\u200b\u2060-\u2064\ufeff\ue000-\uf8ff\\-\u2010\u2011]")
_CAPTION = re.compile(r"^\w+ S?\d+:")
_WORK = re.compile(r"^\d+\. \w")


def compare_pages(one: Pages, other: Pages) -> list[Difference]:
    """What only one of the two says, by page and line, in the order of the first and then of the other."""
    ours, theirs = _Text(one), _Text(other)
    found = [_difference(line, page, theirs) for line, page in ours.missing_from(theirs)]
    told = {difference.other for difference in found}
    later = (_difference(line, page, ours) for line, page in theirs.missing_from(ours))
    backwards = (Difference(each.kind, each.place, each.other, each.one) for each in later)
    return found + [each for each in backwards if not each.one and each.other not in told]


def compare_with_pages(blocks: Sequence[Block], pages: Pages) -> list[Difference]:
    """What the blocks of a web page or a Word document say and a PDF of the same document does not.

    Of a row whose cells take several lines each cell is looked up by itself.
    """
    text = _Text(pages)
    return [
        replace(_difference(_joined(block), 0, text), place=block.place)
        for block in blocks
        if block.kind != PICTURE and not _is_said(block, text.squeezed)
    ]


def _joined(block: Block) -> str:
    return " ".join(said(cell) for cell in block.cells)


def _is_said(block: Block, text: str) -> bool:
    whole = _squeezed(_joined(block))
    if whole in text or _in_halves(text, whole):
        return True
    return block.kind == ROW and all(_squeezed(said(cell)) in text for cell in block.cells)


def _squeezed(text: str) -> str:
    """The text without spaces, hyphens and letter forms, which depend on where a line ends."""
    return _UNREAD.sub("", unicodedata.normalize("NFKC", text))


def _masked(text: str) -> str:
    return re.sub(r"\d", "0", text)


def _any_number(line: str) -> str:
    """The line with each number as 0: page 9 and page 10 carry the same running title."""
    return re.sub(r"\d+", "0", line)


@dataclass(frozen=True)
class _Text:
    pages: Pages

    @cached_property
    def lines(self) -> list[tuple[str, int]]:
        """The lines with their page, without running titles and page numbers."""
        edges = [_edges(page) for page in self.pages]
        often = Counter(line for page, places in zip(self.pages, edges, strict=True)
                        for line in {_any_number(page[place]) for place in places})  # fmt: skip
        running = {line for line, times in often.items() if 2 * times > len(self.pages) > 2}
        return [
            (line, number)
            for number, (page, places) in enumerate(zip(self.pages, edges, strict=True), 1)
            for place, line in enumerate(page)
            if not (place in places and _any_number(line) in running)
        ]

    @cached_property
    def at_break(self) -> set[int]:
        """The places of the lines round the breaks of pages, which are elsewhere in another rendering."""
        pages = [page for _, page in self.lines]
        return {place for place, page in enumerate(pages)
                if {page} != set(pages[max(place - BREAK, 0) : place + BREAK + 1])}  # fmt: skip

    @cached_property
    def whole_lines(self) -> set[str]:
        return {_squeezed(line) for line, _ in self.lines}

    @cached_property
    def squeezed(self) -> str:
        return "".join(_squeezed(line) for line, _ in self.lines)

    @cached_property
    def masked(self) -> str:
        return _masked(self.squeezed)

    def missing_from(self, other: _Text) -> Iterator[tuple[str, int]]:
        """The lines that the other text does not say."""
        squeezed = [_squeezed(line) for line, _ in self.lines]
        for place, (line, page) in enumerate(self.lines):
            before = squeezed[place - 1] if place else ""
            after = squeezed[place + 1] if place + 1 < len(squeezed) else ""
            whole = place in self.at_break and squeezed[place] in other.whole_lines
            if not whole and not _says(other.squeezed, squeezed[place], before, after):
                yield line, page


def _edges(page: Sequence[str]) -> set[int]:
    return {place for place in range(len(page)) if place < EDGE or place >= len(page) - EDGE}


def _says(text: str, line: str, before: str, after: str) -> bool:
    if len(line) >= LONG_ENOUGH:
        return line in text or _in_halves(text, line)
    return before[-BESIDE:] + line in text or line + after[:BESIDE] in text


def _in_halves(text: str, line: str) -> bool:
    """Whether the line is said with a break between, such as the end of a page with a figure at the top of the next."""
    splits = range(LONG_ENOUGH, len(line) - LONG_ENOUGH + 1)
    return any(line[:split] in text and line[split:] in text for split in splits)


def _difference(line: str, page: int, there: _Text) -> Difference:
    """With what the other says instead, where it differs in digits only."""
    squeezed = _squeezed(line)
    place = there.masked.find(_masked(squeezed)) if len(squeezed) >= LONG_ENOUGH else -1
    instead = there.squeezed[place : place + len(squeezed)] if place >= 0 else ""
    return Difference(_kind(line, bool(instead)), f"page {page}", line, instead)


def _kind(line: str, digits_only: bool) -> str:
    if not digits_only:
        return TEXT
    if _CAPTION.match(line):
        return CAPTION_NUMBER
    return REFERENCE if _WORK.match(line) else NUMBER
