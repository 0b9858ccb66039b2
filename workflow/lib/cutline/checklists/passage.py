"""What an item of a guideline may be met by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Passage:
    """A sentence, or the caption of a table or figure: its text, the results it shows, the headings it stands below.

    `section` is the innermost heading with its number; `label` is blank for a sentence.
    """

    text: str
    keys: tuple[str, ...]
    headings: tuple[str, ...]
    section: str
    label: str = ""
