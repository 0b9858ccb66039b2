"""Numbers that may be typed: names and phrases, from reports/lint/numbers.yaml and from `report.numbers` of a study."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from cutline.errors import ReportError

NUMBER = "{n}"
SECTIONS = ("names", "phrases", "program")
_KEYS = {"say", "of", "why"}


@dataclass(frozen=True)
class Words:
    """Numbers in words: those that count anywhere; small ones, and fractions of, beside something counted."""

    always: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    fractions: frozenset[str] = frozenset()
    of: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()


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


def declared(entries: Iterable[Mapping[str, Any]], words: Mapping[str, Iterable[str]] | None = None) -> Declared:
    """What these entries allow, and the number words of a language."""
    said = {str(each["say"]): each.get("of") for each in entries}
    patterns = tuple(_pattern(phrase, said[phrase]) for phrase in sorted(said, key=len, reverse=True))
    return Declared(patterns, Words(**{kind: frozenset(map(str, listed)) for kind, listed in (words or {}).items()}))


def _pattern(phrase: str, numbers: Iterable[Any] | None) -> re.Pattern[str]:
    """The phrase as whole words; a space is any white space, a line's end too; its first letter small or large."""
    choice = "|".join(re.escape(str(number)) for number in numbers or ())
    parts = [re.escape(part) for part in phrase.split(NUMBER)]
    body = re.sub(r"(?:\\?\s)+", r"\\s+", f"(?:{choice})".join(parts))
    first = phrase[0]
    if first.isalpha() and phrase[1:2].islower():
        body = f"[{first.upper()}{first.lower()}]{body[1:]}"
    behind = r"(?!\w|[.,:/]\d)" if phrase[-1].isalnum() or phrase.endswith(NUMBER) else r"(?!\d)"
    return re.compile(rf"(?<!\w)(?<!\d[.,:/–-]){body}{behind}")
