"""ER and PR status from the percentage of stained nuclei (ASCO/CAP 2020)."""

from __future__ import annotations

import re
from collections.abc import Collection

from cutline.receptors.reading import (
    EQUIVOCAL,
    LOW_POSITIVE,
    NEGATIVE,
    NOT_TESTED,
    POSITIVE,
    Reading,
    conflict,
    unresolved,
)
from cutline.receptors.texts import NUMBER, STATUS_WORDS, Vocabulary, Written, any_of, parted, plain

POSITIVE_FROM_PERCENT = 1.0
LOW_POSITIVE_TO_PERCENT = 10.0

NAMES = any_of((
    "er", "pr", "pgr", "estrogen", "oestrogen", "progesterone", "receptor", "receptors", "östrojen", "progesteron",
    "reseptör", "reseptörü", "östrogenrezeptor", "progesteronrezeptor", "östrogen", "rezeptor", "ihc", "ihk",
    "staining", "intensity", "weak", "weakly", "moderate", "moderately", "strong", "strongly", "zayıf", "orta", "güçlü",
    "kuvvetli", "schwach", "mäßig", "stark", "approx.", "approximately", "about", "ca.", "yaklaşık", "yüzde", "percent",
    "of nuclei", "of tumor nuclei", "of tumour nuclei", "of cells", "of tumor cells", "of tumour cells",
))  # fmt: skip
"""What was tested and how strongly it stained: neither says how many nuclei did."""
_WORDS = Vocabulary.of(STATUS_WORDS)
_INTENSITY = re.compile(r"(?<![\w.+-])(?:[0-3] ?\+|\+[1-3]|\+{2,3})(?![\d+-])")

_RANGE_WORD = re.compile(r" (?:to|bis|ile) ")
_BOUND = rf"(?:[<>]=? ?)?{NUMBER}(?: ?- ?{NUMBER})?"
_MARKED = re.compile(rf"% ?{_BOUND}|{_BOUND} ?%")
"""A percentage that its sign tells from other numbers."""


def percent_range(text: str) -> tuple[float, float] | None:
    """The lowest and highest percentage a text admits: "90" and "%90" (90, 90), "<1" (0, just below 1), "5-10" (5, 10).

    None if it is not a percentage from 0 to 100.
    """
    cleaned = _RANGE_WORD.sub("-", plain(text)).strip("()").replace("%", "").replace(" ", "")
    if found := re.fullmatch(rf"~?{NUMBER}", cleaned):
        low = high = float(found[1])
    elif found := re.fullmatch(rf"{NUMBER}-{NUMBER}", cleaned):
        low, high = float(found[1]), float(found[2])
    elif found := re.fullmatch(rf"(<=?|>=?){NUMBER}", cleaned):
        low, high = _beyond(found[1], float(found[2]))
    else:
        return None
    return (low, high) if 0 <= low <= high <= 100 else None


def _beyond(sign: str, bound: float) -> tuple[float, float]:
    open_by = 0.0 if sign.endswith("=") else 1e-9
    return (0.0, bound - open_by) if sign.startswith("<") else (bound + open_by, 100.0)


def read_hormone_receptor(text: str, levels: Collection[str] = ()) -> Reading:
    """ER or PR status: positive from 1 % of nuclei, negative below (ASCO/CAP 2020).

    If `levels` has `low_positive`, 1 to 10 % is that level, both ends included. "Positive" without a percentage is
    positive: such a report cannot tell low positive apart. A percentage in a remark counts like one in the result.
    """
    written = parted(text, NAMES, _WORDS)
    if written.empty:
        return NOT_TESTED
    marked = _MARKED.finditer(_RANGE_WORD.sub("-", written.remark))
    parts = [written.result, written.remark, *(found[0] for found in marked)]
    admitted = {found for part in parts if (found := _percentage(part))}
    if _leftover(written) or len(admitted) > 1:
        return unresolved("not readable as one percentage of nuclei")
    return _from_percentage(admitted.pop(), written.words, levels) if admitted else _from_words(written.words, levels)


def _percentage(part: str) -> tuple[float, float] | None:
    return percent_range(_INTENSITY.sub("", part))


def _leftover(written: Written) -> bool:
    """Whether the result says something besides a percentage, a word and an intensity."""
    rest = _INTENSITY.sub("", written.result).strip()
    return bool(rest) and percent_range(rest) is None


def _from_percentage(admitted: tuple[float, float], words: frozenset[str], levels: Collection[str]) -> Reading:
    """The level of a percentage, unless the word beside it says otherwise."""
    finest, asked = _level(*admitted, apart=True), _level(*admitted, apart=LOW_POSITIVE in levels)
    if asked.status is None or words - {EQUIVOCAL} <= _FITTING[finest.status]:
        return asked
    return conflict("the percentage and the word beside it contradict each other")


_FITTING: dict[str | None, set[str]] = {
    POSITIVE: {POSITIVE},
    NEGATIVE: {NEGATIVE},
    LOW_POSITIVE: {POSITIVE, LOW_POSITIVE},
    None: {POSITIVE, LOW_POSITIVE},
}
"""Level of a percentage, None on both sides of 10 %: the words that may stand beside it."""


def _level(low: float, high: float, apart: bool) -> Reading:
    """The level of all percentages from `low` to `high`; `apart`: low positive is one of its own."""
    if high < POSITIVE_FROM_PERCENT:
        return Reading(NEGATIVE, "less than 1 % of nuclei")
    if low < POSITIVE_FROM_PERCENT:
        return unresolved("the percentage as written lies on both sides of 1 %")
    if not apart:
        return Reading(POSITIVE, "1 % of nuclei or more")
    if high <= LOW_POSITIVE_TO_PERCENT:
        return Reading(LOW_POSITIVE, "1 to 10 % of nuclei")
    if low > LOW_POSITIVE_TO_PERCENT:
        return Reading(POSITIVE, "more than 10 % of nuclei")
    return unresolved("the percentage as written lies on both sides of 10 %")


def _from_words(words: frozenset[str], levels: Collection[str]) -> Reading:
    if len(words) != 1 or EQUIVOCAL in words:
        return unresolved("not readable as one percentage of nuclei")
    (word,) = words
    status = POSITIVE if word == LOW_POSITIVE and LOW_POSITIVE not in levels else word
    return Reading(status, f"{word.replace('_', ' ')} as written, without a percentage")
