"""The differences between two documents that were read as blocks: HTML, Word, or one of each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from cutline.renderings.blocks import CAPTION, HEADING, PARAGRAPH, PICTURE, ROW, WORK, Block, Words, said
from cutline.renderings.differences import CAPTION_NUMBER, CELL, NUMBER, ORDER, PICTURES, REFERENCE, TEXT, Difference

ALIKE = 0.5
"""Share of words in common from which two blocks are taken for versions of one."""
CONTEXT = 6
"""Words of a sentence that are shown before a difference."""
_FAMILIES = {HEADING: PARAGRAPH}
"""An engine may print as a heading what the other prints as a paragraph: the words count."""


def compare_blocks(one: Sequence[Block], other: Sequence[Block]) -> list[Difference]:
    """What the two say differently, in the order of the first; blocks that only stand elsewhere are of kind order.

    Time grows with the product of the numbers of blocks that differ, and else with the number of blocks.
    """
    found: list[Difference] = []
    alone: tuple[list[Block], list[Block]] = ([], [])
    for ours, theirs in _differing(one, other):
        for pair in _paired(ours, theirs):
            if pair[0] is not None and pair[1] is not None:
                found += _between(pair[0], pair[1])
            else:
                for side, block in zip(alone, pair, strict=True):
                    side.extend([block] if block else [])
    return found + _left(*alone)


def _key(block: Block) -> tuple[str, str]:
    return _FAMILIES.get(block.kind, block.kind), block.text


def _differing(one: Sequence[Block], other: Sequence[Block]) -> Iterator[tuple[Sequence[Block], Sequence[Block]]]:
    """The stretches that are not equal word for word."""
    matcher = SequenceMatcher(None, [_key(block) for block in one], [_key(block) for block in other], autojunk=False)
    for operation, first, last, from_, to in matcher.get_opcodes():
        if operation != "equal":
            yield one[first:last], other[from_:to]


def _paired(ours: Sequence[Block], theirs: Sequence[Block]) -> Iterator[tuple[Block | None, Block | None]]:
    """Each block beside the first later one that is a version of it; what has none stands alone."""
    rest = list(theirs)
    for block in ours:
        place = next((number for number, candidate in enumerate(rest) if _is_version(block, candidate)), None)
        if place is None:
            yield block, None
            continue
        yield from ((None, skipped) for skipped in rest[:place])
        yield block, rest[place]
        rest = rest[place + 1 :]
    yield from ((None, block) for block in rest)


def _is_version(one: Block, other: Block) -> bool:
    if _key(one)[0] != _key(other)[0]:
        return False
    if one.kind == PICTURE:
        return True
    words, others = ([word.text for cell in block.cells for word in cell] for block in (one, other))
    label = one.kind == ROW and bool(words and others) and one.cells[:1] == other.cells[:1]
    return label or SequenceMatcher(None, words, others, autojunk=False).ratio() >= ALIKE


# ── inside a block ───────────────────────────────────────────────────────────────────────────


def _between(one: Block, other: Block) -> list[Difference]:
    """The differences between two versions of a block."""
    if one.kind == PICTURE:
        return [Difference(PICTURES, one.place, one.text, other.text)] if one.text and other.text else []
    if one.kind == ROW:
        return _cells(one, other)
    if one.number != other.number:
        return [Difference(CAPTION_NUMBER, one.place, one.number, other.number, one.text)]
    return list(_words(one, one.cells[0], other.cells[0]))


def _cells(one: Block, other: Block) -> list[Difference]:
    if len(one.cells) != len(other.cells):
        return [Difference(CELL, one.place, one.text, other.text)]
    columns = enumerate(zip(one.cells, other.cells, strict=True), 1)
    return [
        Difference(CELL, f"{one.place}, column {column}", said(ours), said(theirs))
        for column, (ours, theirs) in columns
        if said(ours) != said(theirs)
    ]


def _words(block: Block, ours: Words, theirs: Words) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, [word.text for word in ours], [word.text for word in theirs], autojunk=False)
    for operation, first, last, from_, to in matcher.get_opcodes():
        if operation != "equal":
            mine, yours = ours[first:last], theirs[from_:to]
            before = said(ours[max(0, first - CONTEXT) : first])
            yield Difference(_kind_of(block, mine, yours, first), block.place, said(mine), said(yours), before)


def _kind_of(block: Block, mine: Words, yours: Words, position: int) -> str:
    """Of words that differ: a reference where either is one, a number where either has a digit."""
    if any(word.reference for word in (*mine, *yours)) or (block.kind == WORK and position == 0):
        return REFERENCE
    return NUMBER if any(sign.isdigit() for sign in said(mine) + said(yours)) else TEXT


# ── blocks without a version on the other side ───────────────────────────────────────────────


def _left(ours: Sequence[Block], theirs: Sequence[Block]) -> list[Difference]:
    """Blocks that only one side has; those that both have, in another order, once."""
    rest = [_key(block) for block in theirs]
    found: list[Difference] = []
    moved: list[tuple[str, str]] = []
    for block in ours:
        if _key(block) in rest:
            rest.remove(_key(block))
            moved.append(_key(block))
            found.append(Difference(ORDER, block.place, block.text, block.text))
        else:
            found.append(Difference(_kind_alone(block), block.place, block.text, ""))
    for block in theirs:
        if _key(block) in moved:
            moved.remove(_key(block))
        else:
            found.append(Difference(_kind_alone(block), block.place, "", block.text))
    return found


def _kind_alone(block: Block) -> str:
    return {ROW: CELL, PICTURE: PICTURES, CAPTION: CAPTION_NUMBER, WORK: REFERENCE}.get(block.kind, TEXT)
