"""A difference between two renderings, and the kinds there are."""

from __future__ import annotations

from dataclasses import asdict, dataclass

NUMBER, CELL, CAPTION_NUMBER, REFERENCE, TEXT, PICTURES, ORDER = (
    "number", "table cell", "caption number", "reference", "text", "picture", "order",
)  # fmt: skip
KINDS = (NUMBER, CELL, CAPTION_NUMBER, REFERENCE, TEXT, PICTURES, ORDER)
"""The gravest first."""


@dataclass(frozen=True)
class Difference:
    """One difference: its kind, where it is, what each rendering says there (blank: nothing), and the words before."""

    kind: str
    place: str
    one: str
    other: str
    after: str = ""

    def as_dict(self) -> dict[str, str]:
        """The difference as builtins, for JSON."""
        return asdict(self)
