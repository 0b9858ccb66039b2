"""How the verbs write: within the width of the terminal, and legible where it knows no dashes or signs."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
import unicodedata
from collections.abc import Iterable, Sequence

from cutline.command import VERBS

WIDEST, NARROWEST = 100, 40
_PLAIN = {"–": "-", "—": "-", "\u2212": "-", "…": "...", "≥": ">=", "≤": "<=", "→": "->", "←": "<-", "×": "x", "·": ".",
          "“": '"', "”": '"', "‘": "'", "’": "'", "─": "-", "ı": "i"}  # fmt: skip
_BOLD, _END = "\033[1m", "\033[0m"


CALLED_AS = "CUTLINE_CALLED_AS"
"""The environment variable in which `run.py` says how it was called."""


def say(text: str) -> None:
    """Print, with commands as this user types them; signs that the terminal lacks are written with those it has."""
    print(speakable(as_called(text), sys.stdout.encoding or "ascii"))


def as_called(text: str) -> str:
    """The text with `cutline why` and the like as the command that was used: `python3 run.py why`."""
    return re.sub(rf"\bcutline(?= ({'|'.join(VERBS)})\b)", os.environ.get(CALLED_AS, "cutline"), text)


def speakable(text: str, encoding: str) -> str:
    """The text in that encoding: `≥` is `>=`, accents are dropped, what is left is `?`."""
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_speakable(sign, encoding) for sign in text)
    return text


def _speakable(sign: str, encoding: str) -> str:
    known = sign.encode(encoding, "ignore").decode(encoding) or _PLAIN.get(sign)
    return known or unicodedata.normalize("NFKD", sign).encode("ascii", "ignore").decode() or "?"


def width() -> int:
    """Letters in a line."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def strong(text: str) -> str:
    """The text in bold type, where the output is a terminal that wants it."""
    return f"{_BOLD}{text}{_END}" if sys.stdout.isatty() and "NO_COLOR" not in os.environ else text


def heading(text: str) -> str:
    """A line that begins a part."""
    return f"\n{strong(text.upper())}"


def wrapped(text: str, indent: int = 2, hanging: int | None = None) -> str:
    """The text in lines that begin after that many spaces; later lines after `hanging`."""
    later = indent if hanging is None else hanging
    return textwrap.fill(text, width(), initial_indent=" " * indent, subsequent_indent=" " * later,
                         break_on_hyphens=False)  # fmt: skip


def named(pairs: Iterable[tuple[str, str]], indent: int = 2) -> list[str]:
    """Names with their values, the values in one column."""
    kept = [(name, value) for name, value in pairs if value]
    wide = max((len(name) for name, _ in kept), default=0)
    return [wrapped(f"{name:{wide}}  {value}", indent, indent + wide + 2) for name, value in kept]


def columns(rows: Sequence[Sequence[str]], right: Iterable[int] = (), indent: int = 2) -> list[str]:
    """Rows as aligned columns; those in `right` are flush right. Long lines are the reader's to scroll."""
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    flush = set(right)
    return [
        " " * indent + "  ".join(
            cell.rjust(wide) if place in flush else cell.ljust(wide)
            for place, (cell, wide) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]  # fmt: skip
