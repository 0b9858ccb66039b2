"""Where a sentence's numbers are shown."""

from __future__ import annotations

from cutline.manuscript.context import Context
from cutline.manuscript.exhibits import find, reference


def shown_in(context: Context, *wanted: tuple[str, str, str]) -> str:
    """The tables and figures (kind, subject, endpoint) that the study has of those wanted, in brackets."""
    found = [find(kind, context, subject, endpoint) for kind, subject, endpoint in wanted]
    named = "; ".join(reference(exhibit) for exhibit in found if exhibit)
    return f" ({named})" if named else ""
