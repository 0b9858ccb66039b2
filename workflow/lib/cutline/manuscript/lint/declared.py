"""Numbers that may be typed: names and phrases, from reports/lint/numbers.yaml and from `report.numbers` of a study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from cutline.errors import ReportError
from cutline.languages import lower_first, upper_first

NUMBER = "{n}"
SECTIONS = ("names", "phrases", "program")
NOTHING = re.compile("(?!)")
_KEYS = {"say", "of", "why"}
_KINDS = ("always", "small", "harmless", "fractions", "of")


@dataclass(frozen=True)
class Words:
    """Numbers in words: those that count anywhere; small ones, beside something counted; fractions, before one of `of`.

    An entry of two words stands for the second of them behind the first: `tek bir` is a number where `bir` is none, and
    `the one` is none where `one` is. `parts` are what a fraction may be of: what is counted, and wholes.
    """

    always: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    harmless: frozenset[str] = frozenset()
    fractions: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()
    counted: re.Pattern[str] = NOTHING
    parts: re.Pattern[str] = NOTHING

    @classmethod
    def of_language(cls, given: Mapping[str, Any]) -> Words:
        """The words of one language; `endings`, a regular expression, may follow what is counted."""
        kinds = {kind: frozenset(map(str, given.get(kind, ()))) for kind in _KINDS}
        counted, wholes = given.get("counted", []), given.get("wholes", [])
        endings = str(given.get("endings", ""))
        return cls(**kinds, counted=_nouns(counted, endings), parts=_nouns([*counted, *wholes], endings))


def _nouns(names: Iterable[str], endings: str) -> re.Pattern[str]:
    choice = "|".join(map(re.escape, names))
    return re.compile(f"(?:{choice})(?:{endings})") if choice else NOTHING


@dataclass(frozen=True)
class Declared:
    """What may be typed, as patterns, the longest first; and which words are numbers."""

    patterns: tuple[re.Pattern[str], ...]
    words: Words = Words()


def read_declarations(text: str, file: str) -> Mapping[str, Any]:
    """The declarations of a file. Raises ReportError naming it for an entry that is none."""
    try:
        given = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ReportError(f"{file}: cannot be read as YAML: {error}") from error
    for section, entries in given.items():
        if section not in (*SECTIONS, "words"):
            raise ReportError(f"{file}: unknown section {section!r}; known: {', '.join(SECTIONS)}, words")
        for entry in entries if section in SECTIONS else ():
            check_entry(entry, f"{file}: {section}")
    return dict(given)


def check_entry(entry: Mapping[str, Any], place: str) -> None:
    """Raises ReportError unless the entry says what may be typed and why, and which numbers its {n} may be."""
    say = entry.get("say")
    if not say or not str(entry.get("why") or "").strip() or set(entry) - _KEYS:
        raise ReportError(
            f"{place}: {say!r}: an entry says what may be typed (`say`), `why`, and of {NUMBER} `of` what"
        )
    if (NUMBER in str(say)) != ("of" in entry):
        raise ReportError(f"{place}: {say!r}: `of` lists the numbers that {NUMBER} may be, and is there if that is")


def declared(entries: Iterable[Mapping[str, Any]], words: Mapping[str, Any] | None = None) -> Declared:
    """What these entries allow, and the number words of a language, as reports/lint/numbers.yaml gives them."""
    said = {str(each["say"]): each.get("of") for each in entries}
    patterns = tuple(_pattern(phrase, said[phrase]) for phrase in sorted(said, key=len, reverse=True))
    return Declared(patterns, Words.of_language(words or {}))


def _pattern(phrase: str, numbers: Iterable[Any] | None) -> re.Pattern[str]:
    """The phrase as whole words; a space is any white space, a line's end too; its first letter small or large."""
    choice = "|".join(re.escape(str(number)) for number in numbers or ())
    parts = [re.escape(part) for part in phrase.split(NUMBER)]
    body = re.sub(r"(?:\\?\s)+", r"\\s+", f"(?:{choice})".join(parts))
    first = phrase[0]
    if first.isalpha() and phrase[1:2].islower():
        body = f"[{upper_first(first)}{lower_first(first)}]{body[1:]}"
    behind = r"(?!\w|[.,:/]\d)" if phrase[-1].isalnum() or phrase.endswith(NUMBER) else r"(?!\d)"
    return re.compile(rf"(?<!\w)(?<!\d[.,:/–-]){body}{behind}")
