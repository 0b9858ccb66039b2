"""Receptor texts in one spelling: remarks apart from results, the words of reports in English, Turkish and German."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from cutline.receptors.reading import EQUIVOCAL, LOW_POSITIVE, NEGATIVE, POSITIVE
from cutline.records import plain_text

NUMBER = r"(\d+(?:\.\d+)?)"
_ONE_SPELLING = {"\u0307": "", "≥": ">=", "≤": "<=", "–": "-", "−": "-", "‑": "-", "[": "(", "]": ")"}
"""The dot is what other programs leave of a Turkish İ in lower case."""
_BRACKETS = re.compile(r"\(([^()]*)\)")


def plain(text: str) -> str:
    """The text as it is compared: plain, with one kind of dash and bracket and a decimal point."""
    for written, read in _ONE_SPELLING.items():
        text = text.replace(written, read)
    return re.sub(r"(?<=\d),(?=\d)", ".", plain_text(text))


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Whole words, the longest first, so that "not amplified" is not read as "amplified"."""
    plain_words = sorted({plain(word) for word in words}, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, plain_words))})(?!\w)")


NO_RESULT = {plain(words) for words in (
    "", "-", "?", "unk", "unknown", "nd", "n.d.", "unk/nd", "not done", "not applicable", "not available",
    "not performed", "not tested", "not evaluated", "not reported", "not assessed", "n/a", "n.a.", "na",
    "test failure", "failed", "pending", "insufficient",
    "yapılmadı", "çalışılmadı", "bakılmadı", "bilinmiyor", "değerlendirilemedi", "belirtilmemiş",
    "uygulanmadı", "yetersiz", "yetersiz materyal", "sonuç bekleniyor", "nicht durchgeführt", "nicht bestimmt",
    "nicht untersucht", "nicht auswertbar", "unbekannt", "keine angabe", "k.a.", "ausstehend",
)}  # fmt: skip
"""Words for: no test, or none that gave a result."""

STATUS_WORDS = {
    "positive": POSITIVE, "pos": POSITIVE, "positif": POSITIVE, "pozitif": POSITIVE, "poz": POSITIVE,
    "positiv": POSITIVE,
    "negative": NEGATIVE, "neg": NEGATIVE, "negatif": NEGATIVE, "negativ": NEGATIVE,
    "low positive": LOW_POSITIVE, "low-positive": LOW_POSITIVE, "düşük pozitif": LOW_POSITIVE,
    "niedrig positiv": LOW_POSITIVE, "niedrig-positiv": LOW_POSITIVE,
    "equivocal": EQUIVOCAL, "indeterminate": EQUIVOCAL, "borderline": EQUIVOCAL, "şüpheli": EQUIVOCAL,
    "sınırda": EQUIVOCAL, "belirsiz": EQUIVOCAL, "grenzwertig": EQUIVOCAL, "fraglich": EQUIVOCAL,
}  # fmt: skip


_LIKE_A_RESULT = re.compile(r"%|\d ?\+|\+ ?\d|\+{2,3}|(?<![\d.])[0-3](?![\d.])")
"""A percentage or a score."""


@dataclass(frozen=True)
class Written:
    """A text in its parts: what is left of the result and of the remarks without names and words, and those words.

    What stands in brackets, or behind a comma, is a remark; where nothing else is written, it is the result.
    """

    result: str
    remark: str
    words: frozenset[str]

    @property
    def empty(self) -> bool:
        """Whether the text says that there is no result, and no remark holds what looks like one."""
        return not self.words and self.result in NO_RESULT and not _LIKE_A_RESULT.search(self.remark)


@dataclass(frozen=True)
class Vocabulary:
    """Words that are results; a plus that stands alone is one too."""

    meaning: Mapping[str, str]
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, words: Mapping[str, str]) -> Vocabulary:
        meaning = {plain(word): status for word, status in words.items()} | {"+": POSITIVE}
        return cls(meaning, re.compile(rf"{any_of(words).pattern}|(?<!\S)\+(?!\S)"))


def parted(text: str, names: re.Pattern[str], vocabulary: Vocabulary) -> Written:
    """The parts of a text; `names` are words that only say what was tested, `vocabulary` the words that are results.

    A minus is "negative" only in brackets: without them, it is how many reports
    say that there is no result.
    """
    read = plain(text)
    remarks = [_without(names, part) for part in _BRACKETS.findall(read)]
    result = _without(names, _BRACKETS.sub(" ", read))
    result, _, behind = result.partition(";") if ";" in result else result.partition(", ")
    remark = " ".join([*remarks, behind]).strip()
    if not result:
        result, remark = {"-": "negative"}.get(remark, remark), ""
    remark = {"-": "negative"}.get(remark, remark)
    words = frozenset(vocabulary.meaning[word] for word in vocabulary.pattern.findall(f"{result} {remark}"))
    return Written(_without(vocabulary.pattern, result), _without(vocabulary.pattern, remark), words)


def _without(words: re.Pattern[str], text: str) -> str:
    return " ".join(words.sub(" ", text).split()).strip(" :;,=")
