"""Data that stay English, such as the notes and methods of results, told to a reader in the language in force.

A text whose fields were filled where the data were made is recognised among the messages by what stands around them.
"""

from __future__ import annotations

import functools
import re
import string

from cutline.languages import ENGLISH, catalogue, spoken, tell, with_decimal_sign

NOTED = "note"
"""The context of these messages in the catalogues."""
JOINT = "; "
"""Between the parts of a note or method that says several things."""
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def told(text: str) -> str:
    """A text that is `noted` where it stands, its fields filled, in the language in force; one of several parts by
    part. What no catalogue has stays, but for a study's own text."""
    if spoken() == ENGLISH or not text:
        return text
    whole = _recognised(text)
    return whole if whole != text else JOINT.join(_recognised(part) for part in text.split(JOINT))


def _recognised(text: str) -> str:
    """The text in the language in force, and what fills its fields too; itself where no catalogue has it."""
    for pattern, said in _noted(spoken()):
        if found := pattern.fullmatch(text):
            return said.format(**{name: _filling(value) for name, value in found.groupdict().items()})
    return tell(text)


def _filling(value: str) -> str:
    """What fills a field: a number, a text, or several texts in a row."""
    if _NUMBER.fullmatch(value):
        return with_decimal_sign(value)
    whole = told(value)
    joint = next((each for each in ("and", "or") if f" {each} " in value), None)
    if whole != value or joint is None:
        return whole
    return f" {tell(joint)} ".join(told(part) for part in value.split(f" {joint} "))


@functools.cache
def _noted(code: str) -> list[tuple[re.Pattern[str], str]]:
    """What recognises each message, and its translation: the one that says most first, the one all in fields last."""
    messages = {text: said for (about, text), said in catalogue(code).items() if about == NOTED and said}
    return [(re.compile(_pattern(text)), messages[text]) for text in sorted(messages, key=_letters, reverse=True)]


def _letters(text: str) -> int:
    """How many signs of a message stand outside its fields."""
    return sum(len(before) for before, *_ in string.Formatter().parse(text))


def _pattern(text: str) -> str:
    """The message as it is written, with anything in its fields; the second time that the same as the first."""
    named: set[str] = set()
    pattern = ""
    for before, name, *_ in string.Formatter().parse(text):
        pattern += re.escape(before)
        if name:
            pattern += f"(?P={name})" if name in named else f"(?P<{name}>.+?)"
            named.add(name)
    return pattern
