"""What an item of a guideline may be met by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Checklist = Mapping[str, Any]
"""A guideline of reporting as its file has it."""


@dataclass(frozen=True)
class Passage:
    """A sentence, or the caption of a table or figure: its text, the results it shows, the headings it stands below.

    `section` is the innermost heading with its number; `label` is blank for a sentence; `names` are the labels of the
    headings without `sec-`, which are the same in every language; `numbered` is the text with numbers for references.
    """

    text: str
    keys: tuple[str, ...]
    headings: tuple[str, ...]
    section: str
    label: str = ""
    names: tuple[str, ...] = ()
    numbered: str = ""
