"""A table as files of its own, in the forms that journals ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cutline.display.catalogue import Exhibit, files_alone
from cutline.display.grid import Grid, to_csv
from cutline.display.marks import watermark_of
from cutline.display.table_sheet import to_sheet
from cutline.display.table_word import to_word


def table_alone(
    exhibit: Exhibit, grid: Grid, settings: Mapping[str, Any], styles: Mapping[str, str]
) -> dict[str, str | bytes]:
    """A table as the files of its own that the study asks for: `Table_1_docx`, `Table_1_xlsx`, `Table_1_csv`.

    `styles` are the parts of the report's Word styles by file name.
    """
    title, number = exhibit.title, exhibit.numbered
    write: dict[str, Callable[[], str | bytes]] = {
        "docx": lambda: to_word(grid, title, number, styles, watermark_of(settings)),
        "xlsx": lambda: to_sheet(grid, title, number),
        "csv": lambda: to_csv(grid),
    }
    return {name: write[name.rpartition("_")[2]]() for name in files_alone(exhibit, settings)}
