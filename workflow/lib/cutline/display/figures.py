"""The study's figures, from released results only: for the report, for journals, and the data drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from cutline.display.captions import caption
from cutline.display.catalogue import Exhibit, figures, files_alone
from cutline.display.figure_context import context_data, draw_context
from cutline.display.figure_csv import read_again, written
from cutline.display.figure_flow import draw_flow, flow_data
from cutline.display.figure_forest import draw_forest
from cutline.display.figure_forest_data import forest_data
from cutline.display.figure_response import draw_response, response_data
from cutline.display.figure_schoenfeld import draw_schoenfeld, schoenfeld_data
from cutline.display.figure_survival import draw_survival
from cutline.display.figure_survival_data import survival_data
from cutline.display.labels import label
from cutline.display.lookup import Released, index_results
from cutline.display.marks import mark_of
from cutline.display.style import as_bytes, house_style, message_figure
from cutline.languages import in_language_of_report
from cutline.tables.results import CURVES, SCHOENFELD
from cutline.tables.spec import empty

IN_REPORT = ("svg", "png")
"""SVG for the page, PNG for Word."""
Settings = Mapping[str, Any]


@dataclass(frozen=True)
class Subject:
    """What a kind of figure shows, as a table of released numbers; how it is drawn from that table and the study's
    words; and what it says where there is nothing to draw."""

    data: Callable[[Exhibit, Settings, Released], pd.DataFrame]
    draw: Callable[[Exhibit, Settings, pd.DataFrame], Figure]
    nothing: str = "no_patients"


SUBJECTS: Mapping[str, Subject] = {
    "flow": Subject(flow_data, draw_flow),
    "survival": Subject(survival_data, draw_survival),
    "response": Subject(response_data, draw_response),
    "forest": Subject(forest_data, draw_forest, "no_models"),
    "schoenfeld": Subject(schoenfeld_data, draw_schoenfeld, "no_smooths"),
    "context": Subject(context_data, draw_context),
}


@in_language_of_report
def draw_figures(
    *, settings: dict[str, Any], curves: list[pd.DataFrame], schoenfeld: pd.DataFrame | None = None,
    **ard_parts: pd.DataFrame,
) -> dict[str, Any]:  # fmt: skip
    """Every figure of the study's catalogue.

    `curves` are the released curves, one table per endpoint; `schoenfeld` the released smooths, of a study with
    Cox models; `ard_parts` released ARD tables by the name of the rule that made each. Returns `<name>_csv` (text),
    and `<name>_svg` and `<name>_png` (bytes, PNG at 300 dpi), which are drawn from that CSV alone, for each exhibit
    name; and by the name a journal asks for `Figure_1_svg`, `_pdf`, `_png` (300 dpi) and `_tiff` (600 dpi).
    Equal results give equal bytes. Where there is nothing to draw, the figure says so.
    """
    every_curve = pd.concat(curves, ignore_index=True) if curves else empty(CURVES)
    smooths = empty(SCHOENFELD) if schoenfeld is None else schoenfeld
    released = Released(index_results(ard_parts.values()), every_curve, smooths)
    outputs: dict[str, Any] = {}
    for exhibit in figures(settings):
        text = written(SUBJECTS[exhibit.subject].data(exhibit, settings, released))
        with house_style():
            figure = drawn_from(text, exhibit, settings)
            title = caption(exhibit, settings)
            alone = files_alone(exhibit, settings)
            wanted = dict.fromkeys([*IN_REPORT, *(name.rpartition("_")[2] for name in alone)])
            pictures = {kind: as_bytes(figure, title, kind) for kind in wanted}
        outputs |= {f"{exhibit.name}_{kind}": pictures[kind] for kind in IN_REPORT}
        outputs |= {name: pictures[name.rpartition("_")[2]] for name in alone}
        outputs[f"{exhibit.name}_csv"] = text
    return outputs


def drawn_from(text: str, exhibit: Exhibit, settings: Settings) -> Figure:
    """The figure of an exhibit from its CSV and the study's words, within the house style."""
    data, subject = read_again(text), SUBJECTS[exhibit.subject]
    if data.empty:
        mark = mark_of(settings)
        return message_figure(label(subject.nothing), mark)
    return subject.draw(exhibit, settings, data)
