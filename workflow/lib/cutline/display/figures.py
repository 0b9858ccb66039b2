"""The study's figures, from released results only: SVG for the page, PNG for Word, and the data drawn."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cutline.display.captions import caption
from cutline.display.catalogue import figures
from cutline.display.figure_flow import draw_flow
from cutline.display.figure_response import draw_response
from cutline.display.figure_survival import draw_survival
from cutline.display.lookup import index_results
from cutline.display.style import as_bytes, house_style

DRAWERS = {"flow": draw_flow, "survival": draw_survival, "response": draw_response}


def draw_figures(*, settings: dict[str, Any], curves: list[pd.DataFrame], **ard_parts: pd.DataFrame) -> dict[str, Any]:
    """Every figure of the study's catalogue.

    `curves` are the released curves, one table per endpoint; `ard_parts` released ARD tables by the name
    of the rule that made each. Returns `<name>_svg` and `<name>_png` (bytes, PNG at 300 dpi) and
    `<name>_csv` (text: the data drawn) for each exhibit name. Equal results give equal bytes. Where there
    is nobody to draw, the figure says so.
    """
    results = index_results(ard_parts.values())
    every_curve = pd.concat(curves, ignore_index=True)
    outputs: dict[str, Any] = {}
    for exhibit in figures(settings):
        with house_style():
            figure, data = DRAWERS[exhibit.subject](exhibit, settings, results, every_curve)
            title = caption(exhibit, settings)
            outputs |= {f"{exhibit.name}_{kind}": as_bytes(figure, title, kind) for kind in ("svg", "png")}
        outputs[f"{exhibit.name}_csv"] = data.to_csv(index=False, lineterminator="\n")
    return outputs
