"""A source of delimited text files: one per table, or one row per person."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from cutline.as_of import dated_by, recorded_by
from cutline.errors import SourceError
from cutline.tables.layout import Layout
from cutline.tables.spec import Table, each_distinct, packed_text

Read = Callable[[str], tuple[pa.Table, dict[str, Any]]]


@contextmanager
def opened(paths: list[Path], layouts: Mapping[str, Layout], settings: Mapping[str, Any]) -> Iterator[Read]:
    """A function that reads one table as text, as known at the cut-off, and says how; `paths` as `layouts` are.

    A file has no versions: its rows are bounded by their dates, and by `recorded_on` where there is one.
    Dates that cannot be read stay, for the checks to set them aside. Raises SourceError for what is not there.
    """
    files = dict(zip(layouts, paths, strict=True))
    yield lambda name: _read_table(files[name], layouts[name], settings)


def _read_table(path: Path, layout: Layout, settings: Mapping[str, Any]) -> tuple[pa.Table, dict[str, Any]]:
    raw = _read_text(path, settings["source"])
    frame = _with_iso_dates(_ours(raw, layout, path), layout.table, settings["source"].get("date_format", "%Y-%m-%d"))
    how = {
        "file": path.name,
        "rows_in_source": len(raw),
        "recorded_on": bool("recorded_on" in frame and frame["recorded_on"].notna().any()),
    }
    known = frame if settings.get("time_only") else as_of(frame, layout.table, settings)
    return pa.Table.from_pandas(known, preserve_index=False).replace_schema_metadata(), how


def _read_text(path: Path, source: Mapping[str, Any]) -> pd.DataFrame:
    encoding = source.get("encoding", "utf-8-sig")
    how: dict[str, Any] = {"sep": source.get("separator", ","), "encoding": encoding}
    try:
        raw: pd.DataFrame = pd.read_csv(path, dtype=packed_text(), keep_default_na=False, **how)
    except FileNotFoundError:
        raise SourceError(f"{path.name}: this file does not exist; see source.path in study.yaml") from None
    except UnicodeError:
        raise SourceError(
            f"{path.name}: its bytes are not {encoding} text; say which encoding it has in source.encoding, "
            "for example windows-1254 for a Turkish export"
        ) from None
    except (pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise SourceError(
            f"{path.name}: not a table of delimited text ({type(error).__name__}); see source.separator"
        ) from None
    return raw


def _ours(raw: pd.DataFrame, layout: Layout, path: Path) -> pd.DataFrame:
    """The listed columns under our names, blanks as missing; ids from the row number if the file has none."""
    if layout.row_number_is_id:
        numbers = [str(number) for number in range(1, len(raw) + 1)]
        raw = raw.assign(**{layout.columns["record_id"]: numbers, layout.columns["patient_id"]: numbers})
    wanted = {name: origin for name, origin in layout.columns.items() if origin in raw.columns or _needed(name, layout)}
    missing = sorted(set(wanted.values()) - set(raw.columns))
    if missing:
        found = ", ".join(map(str, raw.columns[:20]))
        raise SourceError(f"{path.name}: missing column(s) {', '.join(missing)}; found: {found}")
    nothing = pd.Series(None, index=raw.index, dtype=packed_text())
    columns = {name: _filled(raw[wanted[name]]) if name in wanted else nothing for name in layout.columns}
    return pd.DataFrame(columns, index=raw.index)


def _filled(column: pd.Series) -> pd.Series:
    """The text without blanks around it, missing where nothing else is in it."""
    stripped = column.astype(packed_text()).str.strip()
    return stripped.mask(stripped == "")


def _needed(name: str, layout: Layout) -> bool:
    """Whether the file must hold the column: it may never be empty, or the study says where it is."""
    return layout.table.column(name).required or name in layout.named


def _with_iso_dates(frame: pd.DataFrame, table: Table, date_format: str) -> pd.DataFrame:
    """Dates from the file's own format; one that does not follow it stays as written, for the checks to judge."""
    names = [column.name for column in table.columns if column.kind == "date"]
    return frame.assign(**{name: each_distinct(frame[name], lambda days: _iso(days, date_format)) for name in names})


def _iso(dates: pd.Series, date_format: str) -> pd.Series:
    iso = pd.to_datetime(dates, format=date_format, errors="coerce").dt.strftime("%Y-%m-%d")
    return iso.fillna(dates).astype(packed_text())


def as_of(frame: pd.DataFrame, table: Table, settings: Mapping[str, Any]) -> pd.DataFrame:
    """The rows begun and recorded by the cut-off, with later columns blank."""
    return dated_by(recorded_by(frame, settings["known_by"]), table, settings["data_cutoff"])
