"""ZIP archives, which Word and Excel files are, without a clock's time."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping

ZIP_TIME = (1980, 1, 1, 0, 0, 0)
"""The earliest time an archive can hold, instead of a clock's."""

_TIMES = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")
PROPERTIES = "docProps/core.xml"


def zipped(parts: Mapping[str, bytes]) -> bytes:
    """A ZIP archive of these parts, in their order, without a clock's time: equal parts give equal bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=ZIP_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            archive.writestr(entry, content)
    return buffer.getvalue()


def unzipped(content: bytes) -> dict[str, bytes]:
    """The parts of a ZIP archive, in its order."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def without_times(content: bytes) -> bytes:
    """The same Word or Excel file without the time at which it was made."""
    parts = unzipped(content)
    return zipped(parts | {PROPERTIES: _TIMES.sub(rb"\g<1>1980-01-01T00:00:00Z", parts[PROPERTIES])})
