"""A web page as one file: its style sheet and pictures inside it."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from cutline.errors import ReportError

_STYLES = re.compile(r'<link rel="stylesheet" href="([^"]+)">')
_PICTURE = re.compile(r'(<img\b[^>]*?\bsrc=")(?!data:)([^"]+)"')
_MEDIA = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}


def one_file(page: str, folder: Path) -> str:
    """The page with what it asks for, which is named relative to the folder, written into it.

    Pandoc does the same, in more time than it takes to write the page. Raises ReportError for a missing or remote file.
    """
    page = _STYLES.sub(lambda found: f"<style>\n{_content(found[1], folder).decode()}</style>", page)
    return _PICTURE.sub(lambda found: f'{found[1]}{_as_data(found[2], folder)}"', page)


def _as_data(name: str, folder: Path) -> str:
    media = _MEDIA.get(Path(name).suffix.lower())
    if media is None:
        raise ReportError(f"report as html: picture {name}: expected one of {', '.join(_MEDIA)}")
    return f"data:{media};base64,{base64.b64encode(_content(name, folder)).decode()}"


def _content(name: str, folder: Path) -> bytes:
    file = folder / name
    if not file.is_file():
        raise ReportError(f"report as html: {name} is missing beside manuscript.qmd")
    return file.read_bytes()
