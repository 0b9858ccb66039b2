"""How long a composed document is, as journals count it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

ABSTRACT, FIRST, BEYOND = "abstract", "introduction", ("declarations", "references")
"""Sections by name: the label without `sec-`, or else the heading."""
_HEADING = re.compile(r"^# (.+?)(?:\s*\{(?:#sec-([\w-]+))?[^}]*\})?$", re.MULTILINE)
_SPAN = re.compile(r"\[([^\[\]]*)\]\{[^}]*\}")
_FENCED = re.compile(r"^```.*?^```$|^:::.*?^:::$", re.MULTILINE | re.DOTALL)
_ASIDE = re.compile(r"^(?:\||: |!\[|#).*$|\[[^\]]*@[^\]]*\]", re.MULTILINE)
_WORD = re.compile(r"\w[\w'’.,%/–-]*")
_CITED = re.compile(r"(?<![\w\\.])@(?!fig-|tbl-|eq-|sec-)(\w+)")


@dataclass(frozen=True)
class Lengths:
    """Words of the abstract and of the text, and works cited."""

    abstract: int
    text: int
    references: int


def lengths_of(body: str) -> Lengths:
    """The lengths of a composed body; the text is from the Introduction to before the Declarations.

    Running text only: no heading, table, caption, figure or citation counts. Without such a part, 0 of it.
    """
    _, *found = _HEADING.split(body)
    headings = zip(found[::3], found[1::3], strict=True)
    parts = dict(zip((name or title.lower() for title, name in headings), found[2::3], strict=True))
    names = list(parts)
    first = names.index(FIRST) if FIRST in names else len(names)
    beyond = next((place for place, name in enumerate(names) if name in BEYOND), len(names))
    text = [parts[name] for name in names[first:beyond]]
    return Lengths(_words([parts.get(ABSTRACT, "")]), _words(text), len(set(_CITED.findall(body))))


def _words(texts: Sequence[str]) -> int:
    plain = (_ASIDE.sub(" ", _FENCED.sub(" ", _SPAN.sub(r"\1", text))) for text in texts)
    return sum(len(_WORD.findall(text)) for text in plain)
