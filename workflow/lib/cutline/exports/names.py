"""Names and labels as transport files allow them: short, upper case, unique.

SAS transport files, version 5, hold names of 8 characters, labels of 40 bytes and texts of 200 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

NAME_LENGTH = 8
LABEL_BYTES = 40
TEXT_BYTES = 200

RESERVED = frozenset({"ALL", "AND", "BY", "EQ", "GE", "GT", "LE", "LT", "NE", "NOT", "OR", "TO", "WITH"})
"""Words that are no names in SPSS."""


def short_names(ids: Iterable[str], length: int = NAME_LENGTH, taken: Iterable[str] = ()) -> dict[str, str]:
    """Id → a name of at most `length` upper-case letters and digits that begins with a letter, each one once.

    An id that is too long keeps the first letters of each of its words; a name that is `taken`, or means something
    in SPSS, ends in a number from 2 on.
    """
    used, names = {*RESERVED, *taken}, {}
    for given in ids:
        name = _numbered(_abbreviated(given, length), length, used)
        used.add(name)
        names[given] = name
    return names


def _abbreviated(given: str, length: int) -> str:
    words = [word for word in re.sub(r"[^a-z0-9]+", " ", given.lower()).split() if word] or ["x"]
    first = words[0] if words[0][0].isalpha() else f"v{words[0]}"
    whole = "".join([first, *words[1:]])
    if len(whole) <= length:
        return whole.upper()
    rest = [word[:3] for word in words[1:]]
    kept = max(length - sum(map(len, rest)), 4)
    return "".join([first[:kept], *rest])[:length].upper()


def _numbered(name: str, length: int, used: set[str]) -> str:
    candidates = (f"{name[: length - len(str(number))]}{number}" for number in range(2, 10**length))
    return name if name not in used else next(candidate for candidate in candidates if candidate not in used)


def short_labels(labels: Sequence[str], limit: int = LABEL_BYTES) -> list[str]:
    """The labels, each at most `limit` bytes of UTF-8; those that would be the same end in a number from 2 on."""
    found: list[str] = []
    for label in labels:
        short = cut_to_bytes(label, limit)
        number = 2
        while short in found:
            short = f"{cut_to_bytes(label, limit - len(f' {number}'))} {number}"
            number += 1
        found.append(short)
    return found


def cut_to_bytes(text: str, limit: int) -> str:
    """As much of the text as fits into so many bytes of UTF-8, no character in two."""
    return text.encode("utf-8")[:limit].decode("utf-8", "ignore")


def one_line(text: str) -> str:
    """The text without line breaks or double spaces."""
    return " ".join(text.split())
