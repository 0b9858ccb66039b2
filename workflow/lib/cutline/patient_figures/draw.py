"""The rule draw_patients: what is drawn as a table, and each figure from its table alone."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.display.labels import label
from cutline.display.marks import mark_of
from cutline.display.style import as_bytes, house_style
from cutline.languages import in_language_of_report
from cutline.patient_figures.swimmer import draw_swimmer, swimmer_lanes
from cutline.patient_figures.waterfall import draw_waterfall, waterfall_bars


@in_language_of_report
def draw_patients(
    *,
    settings: Mapping[str, Any],
    cohort: pd.DataFrame,
    response: pd.DataFrame,
    visits: pd.DataFrame,
    **records: pd.DataFrame,
) -> dict[str, str | bytes]:
    """A waterfall plot and a swimmer plot of the included persons: `<name>_csv` (what is drawn), `_svg` and `_png`.

    `records` holds the table of the index date and, where the study has it, `deaths`. Each figure is drawn from its CSV
    and nothing else; equal tables give equal bytes. Where there is nothing to draw, the figure says so.
    """
    tables = {
        "waterfall": waterfall_bars(response),
        "swimmer": swimmer_lanes(settings, cohort, response, visits, records),
    }
    drawers = {"waterfall": draw_waterfall, "swimmer": draw_swimmer}
    mark = mark_of(settings)
    outputs: dict[str, str | bytes] = {}
    for name, table in tables.items():
        written = table.to_csv(index=False, lineterminator="\n", float_format="%.6g")
        outputs[f"{name}_csv"] = written
        read = pd.read_csv(io.StringIO(written), keep_default_na=False, na_values={"change_percent": [""]})
        with house_style():
            figure = drawers[name](read, mark)
            title = label(f"{name}_title")
            outputs |= {f"{name}_{kind}": as_bytes(figure, title, kind) for kind in ("svg", "png")}
    return outputs
