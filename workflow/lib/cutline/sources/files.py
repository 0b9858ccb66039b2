"""A source of delimited text files: one per table, or one row per person."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.as_of import dated_by, recorded_by
from cutline.errors import SourceError
from cutline.tables.layout import Layout
from cutline.tables.spec import Table, text_values

Extracted = dict[str, tuple[pd.DataFrame, dict[str, Any]]]


def read_tables(paths: list[Path], layouts: Mapping[str, Layout], settings: Mapping[str, Any]) -> Extracted:
    """Every table as text, as known at the cut-off, with how it was read; `paths` in the order of `layouts`.

    A file has no versions: its rows are bounded by their dates, and by `recorded_on` where there is one.
    Dates that cannot be read stay, for the checks to set them aside. Raises SourceError for what is not there.
    """
    pairs = zip(layouts.items(), paths, strict=True)
    return {name: _read_table(path, layout, settings) for (name, layout), path in pairs}


def _read_table(path: Path, layout: Layout, settings: Mapping[str, Any]) -> tuple[pd.DataFrame, dict[str, Any]]:
    raw = _read_text(path, settings["source"])
    frame = _with_iso_dates(_ours(raw, layout, path), layout.table, settings["source"].get("date_format", "%Y-%m-%d"))
    how = {
        "file": path.name,
        "rows_in_source": len(raw),
        "recorded_on": bool(frame.get("recorded_on", pd.Series(dtype=object)).notna().any()),
    }
    return (frame if settings.get("time_only") else as_of(frame, layout.table, settings)), how


def _read_text(path: Path, source: Mapping[str, Any]) -> pd.DataFrame:
    encoding = source.get("encoding", "utf-8-sig")
    try:
        return pd.read_csv(path, sep=source.get("separator", ","), dtype=str, keep_default_na=False, encoding=encoding)
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
    text = raw[list(wanted.values())].set_axis(list(wanted), axis=1)
    stripped = text.apply(lambda column: column.str.strip())
    ours: pd.DataFrame = stripped.mask(stripped == "").reindex(columns=list(layout.columns)).apply(text_values)
    return ours


def _needed(name: str, layout: Layout) -> bool:
    """Whether the file must hold the column: it may never be empty, or the study says where it is."""
    return layout.table.column(name).required or name in layout.named


def _with_iso_dates(frame: pd.DataFrame, table: Table, date_format: str) -> pd.DataFrame:
    """Dates from the file's own format; one that does not follow it stays as written, for the checks to judge."""
    names = [column.name for column in table.columns if column.kind == "date"]
    iso = {
        name: pd.to_datetime(frame[name], format=date_format, errors="coerce").dt.strftime("%Y-%m-%d") for name in names
    }
    return frame.assign(**{name: text_values(dates.fillna(frame[name])) for name, dates in iso.items()})


def as_of(frame: pd.DataFrame, table: Table, settings: Mapping[str, Any]) -> pd.DataFrame:
    """The rows begun and recorded by the cut-off, with later columns blank."""
    return dated_by(recorded_by(frame, settings["known_by"]), table, settings["data_cutoff"])
