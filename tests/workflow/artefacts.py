"""Marks searched for in every byte that a run leaves behind, inside archives, documents and tables too."""

from __future__ import annotations

import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pandas as pd

_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_EMBEDDED = re.compile(rb"base64,([A-Za-z0-9+/=\s]{16,})")


def pieces(data: bytes) -> Iterator[bytes]:
    """The bytes, and what is packed in them: members of a zip (docx too), PDF streams, cells of parquet, data URIs."""
    yield data
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            for name in packed.namelist():
                yield name.encode()
                yield from pieces(packed.read(name))
    elif data[:5] == b"%PDF-":
        yield from (_inflated(stream) for stream in _STREAM.findall(data))
    elif data[:4] == b"PAR1":
        yield pd.read_parquet(io.BytesIO(data)).to_csv().encode()
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        return  # pixels: text in a PNG stands in the clear
    else:
        for coded in _EMBEDDED.findall(data):
            yield from pieces(_decoded(coded))


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _decoded(coded: bytes) -> bytes:
    try:
        return base64.b64decode(coded)
    except binascii.Error:
        return coded


def marks_in(data: bytes, marks: Iterable[str]) -> set[str]:
    """The marks that stand somewhere in the data, as UTF-8 or UTF-16."""
    wanted = {mark: (mark.encode(), mark.encode("utf-16-le")) for mark in marks}
    return {
        mark for piece in pieces(data) for mark, encoded in wanted.items() if any(code in piece for code in encoded)
    }


def marks_below(folder: Path, marks: Iterable[str]) -> set[tuple[str, str]]:
    """Every mark in the name or content of a file below the folder, with the file's path below it."""
    wanted = list(marks)
    found = set()
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = file.relative_to(folder).as_posix()
        found |= {(mark, name) for mark in marks_in(file.read_bytes(), wanted) | marks_in(name.encode(), wanted)}
    return found
