"""A data set as CSV, SAS transport file (version 5) or SPSS file: the same bytes whenever it is made.

Version 5 of the transport file, not 8: it is what regulators take, and every program reads it. Both binary formats hold
the time at which they were written; the data cut-off stands there instead.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pandas as pd
import pyreadstat

from cutline.exports.dataset import Dataset
from cutline.exports.names import LABEL_BYTES, TEXT_BYTES, cut_to_bytes, short_labels

SAS_EPOCH, SPSS_EPOCH = pd.Timestamp("1960-01-01"), date(1582, 10, 14)
SECONDS_PER_DAY = 86_400
SPSS_LABEL_BYTES = 255
XPT_STAMPS = (144, 160, 464, 480)
"""Where a transport file with one data set says when it was made: twice for the file, twice for the data set."""
SAV_STAMP = 92


def csv_text(data: Dataset) -> str:
    """Comma-separated text: dates as ISO, numbers so that they read back the same, nothing for what is missing."""
    rows = data.rows.copy()
    for column in data.columns:
        if column.kind == "number" and _whole(rows[column.name]):
            rows[column.name] = rows[column.name].astype("Int64")
    text: str = rows.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d", quoting=csv.QUOTE_MINIMAL)
    return text


def _whole(numbers: pd.Series) -> bool:
    known = numbers.dropna()
    return bool((known == known.round()).all())


def transport_file(data: Dataset, cutoff: str) -> Callable[[Path], None]:
    """What writes the data set as a SAS transport file; texts are cut to 200 bytes, labels to 40."""
    days = {
        column.name: (data.rows[column.name] - SAS_EPOCH).dt.days for column in data.columns if column.kind == "date"
    }
    rows = _texts_within(data, TEXT_BYTES).assign(**days)
    labels: list[str | None] = [*short_labels([column.label for column in data.columns])]
    formats = dict.fromkeys(days, "DATE9.")
    stamp = date.fromisoformat(cutoff).strftime("%d%b%y").upper().encode() + b":00:00:00"

    def write(path: Path) -> None:
        pyreadstat.write_xport(_as_numbers(rows, data), str(path), file_label=cut_to_bytes(data.label, LABEL_BYTES),
                               column_labels=labels, table_name=data.name.upper(), file_format_version=5,
                               variable_format=formats)  # fmt: skip
        _stamp(path, XPT_STAMPS, rb"\d\d[A-Z]{3}\d\d:\d\d:\d\d:\d\d", stamp)

    return write


def spss_file(data: Dataset, cutoff: str) -> Callable[[Path], None]:
    """What writes the data set as an SPSS file, with what the codes mean."""
    before = (SAS_EPOCH.date() - SPSS_EPOCH).days
    dates = [column.name for column in data.columns if column.kind == "date"]
    seconds = {name: ((data.rows[name] - SAS_EPOCH).dt.days + before) * SECONDS_PER_DAY for name in dates}
    rows = _texts_within(data, None).assign(**seconds)
    labels: list[str | None] = [cut_to_bytes(column.label, SPSS_LABEL_BYTES) for column in data.columns]
    values = {column.name: {float(code): text for code, text in column.codes.items()}
              for column in data.columns if column.codes}  # fmt: skip
    measures = {column.name: "nominal" if column.kind == "text" or column.codes else "scale" for column in data.columns}
    stamp = date.fromisoformat(cutoff).strftime("%d %b %y").encode() + b"00:00:00"

    def write(path: Path) -> None:
        pyreadstat.write_sav(_as_numbers(rows, data), str(path), file_label=cut_to_bytes(data.label, 64),
                             column_labels=labels, variable_value_labels=values, variable_measure=measures,
                             variable_format=dict.fromkeys(dates, "DATE11") | _widths(data))  # fmt: skip
        _stamp(path, (SAV_STAMP,), rb"\d\d [A-Z][a-z]{2} \d\d\d\d:\d\d:\d\d", stamp)

    return write


def _widths(data: Dataset) -> dict[str, str]:
    """Numbers without a date: whole ones without decimals."""
    numbers = [column.name for column in data.columns if column.kind == "number"]
    return {name: "F8.0" if _whole(data.rows[name]) else "F8.2" for name in numbers}


def _texts_within(data: Dataset, limit: int | None) -> pd.DataFrame:
    """The rows with an empty text for a missing one, and texts of more than `limit` bytes cut."""
    texts = [column.name for column in data.columns if column.kind == "text"]
    filled = data.rows.assign(**{name: data.rows[name].fillna("").astype(object) for name in texts})
    if limit is None:
        return filled
    return filled.assign(**{name: filled[name].map(lambda text: cut_to_bytes(text, limit)) for name in texts})


def _as_numbers(rows: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    numbers = [column.name for column in data.columns if column.kind != "text"]
    return rows.astype(dict.fromkeys(numbers, "float64"))


def _stamp(path: Path, places: tuple[int, ...], expected: bytes, stamp: bytes) -> None:
    """Put `stamp` where the library wrote the time of day. Raises AssertionError if it wrote something else there."""
    content = bytearray(path.read_bytes())
    for place in places:
        found = bytes(content[place : place + len(stamp)])
        assert re.fullmatch(expected, found), f"no time of writing at byte {place} of {path.suffix} files"
        content[place : place + len(stamp)] = stamp
    path.write_bytes(bytes(content))
