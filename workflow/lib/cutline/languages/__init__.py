"""The language that a report speaks: the program's sentences are English in the code, others come from a catalogue.

A catalogue is a gettext file beside this module, `<language>.po`; `python3 run.py messages <language>` brings it up to
date with the code. A sentence goes through `tell`; one that is told elsewhere than where it stands is `marked`.

The language is set once, where a job begins to speak (`speaking`), and not handed from function to function: it is to a
sentence what a locale is to a sort.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from cutline.errors import ConfigError
from cutline.marking import marked as marked

P = ParamSpec("P")
T = TypeVar("T")
ENGLISH = "en"
FOLDER = Path(__file__).parent
Message = tuple[str | None, str]
"""The context of a message, None for most, and its English text."""


@dataclass(frozen=True)
class Language:
    """A language by its code (ISO 639-1), the program's messages in it, and the texts of a study in it."""

    code: str = ENGLISH
    messages: Mapping[Message, str] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)


_IN_ENGLISH = Language()
_SPOKEN: ContextVar[Language] = ContextVar("language", default=_IN_ENGLISH)


@contextmanager
def speaking(code: str, texts: Mapping[str, str] | None = None) -> Iterator[None]:
    """Everything said within is told in that language; `texts` are the study's own, English to that language.

    Raises ConfigError for a language without a catalogue.
    """
    token = _SPOKEN.set(Language(code, catalogue(code), texts or {}))
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def in_language_of_report(function: Callable[P, T]) -> Callable[P, T]:
    """A job's function that speaks the language that the report of its `settings` names, with the study's texts."""

    @functools.wraps(function)
    def in_language(*arguments: P.args, **inputs: P.kwargs) -> T:
        settings = cast("Mapping[str, Any]", inputs["settings"])
        with speaking(language_of(settings), settings.get("report", {}).get("texts")):
            return function(*arguments, **inputs)

    return in_language


def language_of(settings: Mapping[str, Any]) -> str:
    """The language the study's report is written in; English unless it names another."""
    return str(settings.get("report", {}).get("language", ENGLISH))


def spoken() -> str:
    """The code of the language in force."""
    return _SPOKEN.get().code


def tell(text: str, about: str | None = None, /, **values: object) -> str:
    """A text of the program in the language in force, its fields `{name}` filled with `values`.

    `about` tells apart messages that are the same in English. A text without translation, such as a study's, stays.
    """
    language = _SPOKEN.get()
    said = language.messages.get((about, text)) or language.texts.get(text, text)
    return said.format(**values) if values else said


def in_every_language(text: str) -> frozenset[str]:
    """The same message in all languages that there are catalogues for."""
    return frozenset(catalogue(code).get((None, text), text) for code in languages())


def languages() -> list[str]:
    """The codes of the languages that there are catalogues for, and English."""
    return sorted([ENGLISH, *(path.stem for path in FOLDER.glob("*.po"))])


@functools.cache
def catalogue(code: str) -> Mapping[Message, str]:
    """The translated messages of a language. Raises ConfigError if there is no catalogue."""
    if code == ENGLISH:
        return {}
    if code not in languages():
        raise ConfigError(
            f"report.language: found {code!r}, expected one of {', '.join(languages())}; `python3 run.py messages "
            f"{code}` begins a catalogue"
        )
    from babel.messages.pofile import read_po  # a report in English needs none of it

    with (FOLDER / f"{code}.po").open(encoding="utf-8") as file:
        read = read_po(file, locale=code)
    return {(each.context, str(each.id)): str(each.string) for each in read if each.id and not each.fuzzy}


# ── signs ────────────────────────────────────────────────────────────────────────────────────


def decimal_sign() -> str:
    """The sign before decimals in the language in force."""
    return _decimal_sign(spoken())


@functools.cache
def _decimal_sign(code: str) -> str:
    if code == ENGLISH:
        return "."
    from babel.numbers import get_decimal_symbol

    return get_decimal_symbol(code)


def with_decimal_sign(number: str) -> str:
    """A number written with a decimal point, as the language in force writes it."""
    return number.replace(".", decimal_sign())


def with_decimal_point(text: str) -> str:
    """A text with its numbers as a program reads them: the decimal sign of the language in force made a point."""
    return re.sub(rf"(?<=\d){re.escape(decimal_sign())}(?=\d)", ".", text)


_WITH_DOT = {"tr": ("iı", "İI")}
"""Languages in which `i` and `ı` are two letters: the small ones and their large ones."""


def upper_first(text: str) -> str:
    """The text with its first letter large, by the rules of the language in force."""
    small, large = _WITH_DOT.get(spoken(), ("", ""))
    return text[:1].translate(str.maketrans(small, large)).upper() + text[1:]


def lower_first(text: str) -> str:
    """The text with its first letter small, by the rules of the language in force."""
    small, large = _WITH_DOT.get(spoken(), ("", ""))
    return text[:1].translate(str.maketrans(large, small)).lower() + text[1:]


def with_thousands_sign(number: int) -> str:
    """A whole number with its thousands apart, as the language in force writes it."""
    return f"{number:,}".replace(",", _thousands_sign(spoken()))


@functools.cache
def _thousands_sign(code: str) -> str:
    if code == ENGLISH:
        return ","
    from babel.numbers import get_group_symbol

    return get_group_symbol(code)
