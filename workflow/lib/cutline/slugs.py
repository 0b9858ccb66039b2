"""Names of levels as they stand in keys: apart, so that what only compares names does not depend on results."""

from __future__ import annotations

import re
import unicodedata


def slug(text: str) -> str:
    """The name of a level inside a key: lower-case ASCII letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", text.replace("ı", "i")).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
