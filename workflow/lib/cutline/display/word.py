"""What every Word file of ours is made of: the styles of the report, a header with its marks, no clock's time."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape

from cutline.archive import zipped

STYLES = "styles/word"
PARTS = {
    "[Content_Types].xml": "content_types.xml",
    "_rels/.rels": "package.rels",
    "word/document.xml": "document.xml",
    "word/_rels/document.xml.rels": "document.rels",
    "word/styles.xml": "styles.xml",
    "word/settings.xml": "settings.xml",
    "word/header1.xml": "header1.xml",
    "word/footer1.xml": "footer1.xml",
}
"""Part of the Word file → its source in reports/styles/word."""
WATERMARK = "watermark.xml"
MARK, BEHIND = "@mark@", "@watermark@"


def word_file(sources: Mapping[str, str], mark: str, watermark: str, document: str = "") -> bytes:
    """A Word file from the XML in `sources`, by file name: `mark` above every page, `watermark` behind its text.

    `document` replaces the part that holds the text. Equal texts give equal bytes.
    """
    drawn = sources[WATERMARK].replace(BEHIND, escape(watermark, {'"': "&quot;"})).rstrip() if watermark else ""
    parts = {part: sources[source] for part, source in PARTS.items()}
    parts["word/header1.xml"] = parts["word/header1.xml"].replace(MARK, escape(mark)).replace(BEHIND, drawn)
    if document:
        parts["word/document.xml"] = document
    return zipped({part: text.encode() for part, text in parts.items()})
