"""Wordings that promise more than the results beside them give, from reports/lint/wordings.yaml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from cutline.display.lookup import Results, value_of
from cutline.errors import ReportError
from cutline.manuscript.lint.sentences import MARK, Sentence

WORDINGS = "lint/wordings.yaml"
NEGATED = "{not}"
"""In the words of a rule: what its language says `not` with."""
_KEYS = {"id", "words", "but_not", "needs", "instead"}
_P_VALUE = re.compile(r"(?:^|[._])p(?:_holm)?$")
_LOWER = re.compile(r"(^|[._])lower$")


@dataclass(frozen=True)
class Wording:
    """Words that need something beside them; `instead` says what to write."""

    name: str
    words: re.Pattern[str]
    but_not: re.Pattern[str] | None
    needs: str
    instead: str

    def said_in(self, clause: str) -> str:
        """The words as the clause has them; blank if it has none, or has those that make them harmless."""
        found = self.words.search(clause)
        return found[0] if found and not (self.but_not and self.but_not.search(clause)) else ""


@dataclass(frozen=True)
class Rules:
    """The rules of one language, and what stands between the clauses of its sentences."""

    between: re.Pattern[str]
    wordings: tuple[Wording, ...]


@dataclass(frozen=True)
class Beside:
    """What a claim is held against: the results, the significance level, and whether the comparison was randomised."""

    results: Results
    level: float
    randomised: bool


def rules_of(text: str, language: str) -> Rules:
    """The rules of that language. Raises ReportError if there are none, and for one that cannot be read."""
    try:
        given = (yaml.safe_load(text) or {})[language]
        between = _any(given["between"])
        return Rules(between, tuple(_wording(rule, str(given.get("not", ""))) for rule in given["rules"]))
    except (yaml.YAMLError, re.error, KeyError, TypeError) as error:
        raise ReportError(f"reports/{WORDINGS}: cannot be read as rules of wording of {language!r}: {error}") from error


def _wording(rule: Mapping[str, Any], negated: str) -> Wording:
    if set(rule) - _KEYS or rule["needs"] not in NEEDS:
        raise KeyError(f"{rule.get('id')}: keys {sorted(_KEYS)}, needs one of {sorted(NEEDS)}")
    words, but_not = (
        [str(each).replace(NEGATED, f"(?:{negated})") for each in rule.get(key, [])] for key in ("words", "but_not")
    )
    return Wording(
        str(rule["id"]),
        _any(words),
        _any(but_not) if but_not else None,
        str(rule["needs"]),
        str(rule["instead"]),
    )


def _any(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


def misleading(of: Sequence[Sentence], rules: Rules, beside: Beside) -> Iterator[str]:
    """What misleads, sentence by sentence: the words, the line of their paragraph, and what to write instead."""
    for sentence in of:
        for rule in rules.wordings:
            for clause, keys in _clauses(sentence, rules.between):
                found = rule.said_in(clause)
                if found and not NEEDS[rule.needs](keys, sentence, beside):
                    yield (
                        f"manuscript.qmd, line {sentence.line}: “{found}” ({rule.name}) without what it needs beside "
                        f"it; {rule.instead}. The sentence: {sentence.text[:200]}"
                    )


def _clauses(sentence: Sentence, between: re.Pattern[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The clauses of a sentence, each with the keys that it shows itself."""
    at = 0
    for part in between.split(sentence.marked):
        number = part.count(MARK)
        yield part.replace(MARK, ""), tuple(key for keys in sentence.shown[at : at + number] for key in keys)
        at += number


def _p_values(keys: Sequence[str], beside: Beside) -> list[float]:
    found = (value_of(beside.results, key) for key in keys if _P_VALUE.search(key))
    return [p for p in found if p is not None]


def _significant(keys: Sequence[str], _: Sentence, beside: Beside) -> bool:
    found = _p_values(keys, beside)
    return bool(found) and all(p < beside.level for p in found)


def _not_significant(keys: Sequence[str], _: Sentence, beside: Beside) -> bool:
    found = _p_values(keys, beside)
    return bool(found) and all(p >= beside.level for p in found)


def _interval_or_test(_: Sequence[str], sentence: Sentence, beside: Beside) -> bool:
    lowers = [key for key in sentence.keys if _LOWER.search(key)]
    both = any(f"{key.removesuffix('lower')}upper" in sentence.keys for key in lowers)
    return both or bool(_p_values(sentence.keys, beside))


def _randomised(_: Sequence[str], sentence: Sentence, beside: Beside) -> bool:
    return beside.randomised or sentence.cites


def _never(_: Sequence[str], __: Sentence, ___: Beside) -> bool:
    return False


NEEDS: Mapping[str, Callable[[Sequence[str], Sentence, Beside], bool]] = {
    "significant": _significant,
    "not_significant": _not_significant,
    "interval_or_test": _interval_or_test,
    "randomised": _randomised,
    "better_words": _never,
}
"""What a wording may need, by its name in the file of rules."""
