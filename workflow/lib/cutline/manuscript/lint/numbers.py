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
    found, done = list(_WORD.finditer(text)), 0
    for place, word in enumerate(found):
        span = _number_at(place, found, text, words) if word.start() >= done else None
        if span:
            yield span
            done = span[1]


def _number_at(place: int, found: list[re.Match[str]], text: str, words: Words) -> tuple[int, int] | None:
    """Where the number that begins with this word stands, with what it counts; None if it is no number."""
    word, after = found[place], found[place + 1 : place + 3 + BETWEEN]
    said = _small(word)
    behind = _small(found[place - 1]) if place and text[found[place - 1].end() : word.start()].isspace() else ""
    names = {said, f"{behind} {said}"}
    if names & words.harmless:
        return None
    if names & words.always:
        return word.span()
    span = _counting(word, after[: 1 + BETWEEN], text, words.counted) if names & words.small else None
    if not span and said in words.fractions and after and _small(after[0]) in words.of:
        span = _counting(word, after, text, words.parts)
    return span


def _small(word: re.Match[str]) -> str:
    """The word in small letters; the dotted capital `İ` is an `i` and not one with another dot."""
    return word[0].replace("İ", "i").lower()


def _counting(
    word: re.Match[str], after: list[re.Match[str]], text: str, counted: re.Pattern[str]
) -> tuple[int, int] | None:
    """The number with what it counts, if one of the words after it is counted and nothing ends the phrase before."""
    for each in after:
        if _END_OF_PHRASE.search(text, word.end(), each.start()):
            return None
        if counted.fullmatch(_small(each)):
            return word.start(), each.end()
    return None
