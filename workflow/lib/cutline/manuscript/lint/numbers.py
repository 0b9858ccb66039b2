"""Numbers that were typed instead of looked up, in digits and in words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from cutline.manuscript.lint.declared import Declared, Words
from cutline.manuscript.lint.prose import BLANK, prose

BETWEEN = 2
"""Words that may stand between a small number and what it counts: `two of the patients`."""
_WORD = re.compile(r"[^\W\d_]+")
_END_OF_PHRASE = re.compile(rf"[.,;:!?{BLANK}]|\n\s*\n")
_BARE = re.compile(r"[^\W_](?:.*[^\W_])?%?")
_TOKEN = re.compile(r"[^\s" + BLANK + r"]+")


@dataclass(frozen=True, order=True)
class Typed:
    """A number that was typed: the line and column where it begins, counted from 1, and how it is written."""

    line: int
    column: int
    text: str


def typed_numbers(text: str, allowed: Declared) -> list[Typed]:
    """Every number of a section's prose that is no look-up, citation, label or declared name or phrase, in order.

    Digits of any script count, fractions and superscripts too. Words count by `allowed.words`: large ones always, small
    ones within `BETWEEN` words before something counted.
    """
    left = prose(text)
    for pattern in allowed.patterns:
        left = pattern.sub(lambda found: re.sub(r"[^\n]", BLANK, found[0]), left)
    found = {_place(left, start, end) for start, end in (*_in_digits(left), *_in_words(left, allowed.words))}
    return sorted(found)


def _place(text: str, start: int, end: int) -> Typed:
    before = text[:start]
    return Typed(before.count("\n") + 1, start - (before.rfind("\n") + 1) + 1, " ".join(text[start:end].split()))


def _in_digits(text: str) -> Iterator[tuple[int, int]]:
    for token in _TOKEN.finditer(text):
        if any(unicodedata.category(sign).startswith("N") for sign in token[0]):
            for bare in _BARE.finditer(token[0]):
                yield token.start() + bare.start(), token.start() + bare.end()


def _in_words(text: str, words: Words) -> Iterator[tuple[int, int]]:
    found = list(_WORD.finditer(text))
    for place, word in enumerate(found):
        said, after = word[0].lower(), found[place + 1 : place + 3 + BETWEEN]
        if said in words.always:
            yield word.span()
        elif said in words.small:
            yield from _counting(word, after[: 1 + BETWEEN], text, words)
        elif said in words.fractions and after and after[0][0].lower() in words.of:
            yield from _counting(word, after, text, words)


def _counting(word: re.Match[str], after: list[re.Match[str]], text: str, words: Words) -> Iterator[tuple[int, int]]:
    """The number with what it counts, if one of the words after it is counted and nothing ends the phrase before."""
    for each in after:
        if _END_OF_PHRASE.search(text, word.end(), each.start()):
            return
        if each[0].lower() in words.counted:
            yield word.start(), each.end()
            return
