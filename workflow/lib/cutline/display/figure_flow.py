"""Figure: from screened to included, as a STROBE flow chart.

One box lists the criteria that excluded anybody, in the study's order and with their numbers, and names
the others in one sentence: readable with three criteria and with twelve.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from cutline.display.catalogue import Exhibit
from cutline.display.labels import in_sentence, label
from cutline.display.lookup import Released, Results, value_of
from cutline.display.marks import mark_of
from cutline.display.numbers import format_number
from cutline.display.style import GREY, INK, LINE, SMALL, TEXT, WIDTH, new_figure, sheet, stamp, text_width, wrapped

TOTALS = ("screened", "included")
MARGIN, PADDING, GAP = 0.15, 0.12, 0.28
MAIN_WIDTH, SIDE_LEFT = 2.3, 2.95
SIDE_WIDTH = WIDTH - SIDE_LEFT - MARGIN
TEXT_WIDTH = SIDE_WIDTH - 2 * PADDING
COUNTED = ("excluded", "excluded_unknown", "pending", "remaining")


def flow_data(exhibit: Exhibit, settings: Mapping[str, Any], released: Released) -> pd.DataFrame:
    """One row per criterion with the persons it excluded and left, then the screened and the included.

    `part` is criterion or total; of a total the persons are in `remaining`.
    """
    criteria = settings["criteria"]
    rows = {"part": "criterion", "position": range(1, len(criteria) + 1),
            "criterion": [each["id"] for each in criteria], "label": [each["label"] for each in criteria]}  # fmt: skip
    counts = {what: [_count(released.results, f"flow.{what}.{each['id']}") for each in criteria] for what in COUNTED}
    totals = {"part": "total", "criterion": TOTALS,
              "label": [label(total) for total in TOTALS],
              "remaining": [_count(released.results, f"flow.{total}") for total in TOTALS]}  # fmt: skip
    numbers = dict.fromkeys(("position", *COUNTED), "Int64")
    parts = [pd.DataFrame(rows | counts), pd.DataFrame(totals, columns=[*rows, *counts])]
    return pd.concat([part.astype(numbers) for part in parts], ignore_index=True)


def draw_flow(exhibit: Exhibit, settings: Mapping[str, Any], data: pd.DataFrame) -> Figure:
    """The flow chart from its data."""
    steps = data[data["part"] == "criterion"]
    boxes = data[data["part"] == "total"].set_index("criterion")
    lines = _side_lines(steps, settings)
    side, main = _height(lines), _height([("", TEXT)] * 2)
    height = 2 * MARGIN + 2 * main + 2 * GAP + side + LINE
    figure = new_figure(height)
    layer = sheet(figure)
    top, bottom = height - MARGIN, MARGIN + LINE
    _main_box(layer, top, main, boxes.loc["screened"], settings)
    _main_box(layer, bottom + main, main, boxes.loc["included"], settings)
    middle = top - main - GAP - side / 2
    _arrow(layer, (MARGIN + MAIN_WIDTH / 2, top - main), (MARGIN + MAIN_WIDTH / 2, bottom + main))
    _arrow(layer, (MARGIN + MAIN_WIDTH / 2, middle), (SIDE_LEFT, middle))
    _side_box(layer, middle + side / 2, side, lines)
    stamp(layer, mark_of(settings))
    return figure


def _count(results: Results, key: str) -> int | None:
    value = value_of(results, key)
    return None if value is None else int(value)


# ── the box of those who left ────────────────────────────────────────────────────────────────


def _side_lines(steps: pd.DataFrame, settings: Mapping[str, Any]) -> list[tuple[str, float]]:
    """The lines of the box with their sizes: who was excluded and who is pending, and the criteria without anybody.

    A tab stands between a criterion and its number.
    """
    total, pending = int(steps["excluded"].sum()), int(steps["pending"].sum())
    lines = _group("excluded", steps) if total else [(label("nobody_excluded"), TEXT)]
    lines += [("", SMALL / 2), *_group("pending", steps)] if pending else []
    idle = "; ".join(in_sentence(str(name)) for name in steps["label"][steps["excluded"] == 0])
    if total and idle:
        sentence = label("nobody_excluded_for", list=idle)
        lines += [("", SMALL / 2), *((line, SMALL) for line in wrapped(sentence, TEXT_WIDTH, SMALL))]
    return lines


def _group(what: str, steps: pd.DataFrame) -> list[tuple[str, float]]:
    """A heading with the sum, and a line per criterion at which somebody left so."""
    lines = [(f"{label(what)} ({label('count', n=int(steps[what].sum()))})", TEXT)]
    for step in steps[steps[what] > 0].to_dict("records"):
        unknown = step["excluded_unknown"] if what == "excluded" else 0
        name = label("because_unknown", label=step["label"], n=unknown) if unknown else str(step["label"])
        first, *rest = wrapped(name, TEXT_WIDTH - text_width("  99999"))
        lines += [(f"{first}\t{step[what]}", TEXT), *((f"\u2003{line}", TEXT) for line in rest)]
    return lines


def _height(lines: list[tuple[str, float]]) -> float:
    return 2 * PADDING + sum(_line_height(size) for _, size in lines)


def _line_height(size: float) -> float:
    return LINE * size / TEXT


def _side_box(layer: Axes, top: float, height: float, lines: list[tuple[str, float]]) -> None:
    _box(layer, SIDE_LEFT, top, SIDE_WIDTH, height)
    level = top - PADDING
    for position, (text, size) in enumerate(lines):
        name, _, number = text.partition("\t")
        middle = level - _line_height(size) / 2
        heading = position == 0 or (size == TEXT and lines[position - 1][0] == "")
        weight, colour = ("bold" if heading else "normal"), (GREY if size == SMALL else INK)
        common: dict[str, Any] = {"size": size, "va": "center_baseline", "color": colour, "weight": weight}
        layer.text(SIDE_LEFT + PADDING, middle, name, ha="left", **common)
        layer.text(SIDE_LEFT + SIDE_WIDTH - PADDING, middle, number, ha="right", **common)
        level -= _line_height(size)


# ── parts ────────────────────────────────────────────────────────────────────────────────────


def _main_box(layer: Axes, top: float, height: float, box: Any, settings: Mapping[str, Any]) -> None:
    _box(layer, MARGIN, top, MAIN_WIDTH, height)
    persons = None if pd.isna(box["remaining"]) else int(box["remaining"])
    count = label("count", n=format_number(persons, 0))
    centre = MARGIN + MAIN_WIDTH / 2
    for text, offset, weight in ((box["label"], LINE / 2, "bold"), (count, -LINE / 2, "normal")):
        layer.text(centre, top - height / 2 + offset, text, ha="center", va="center_baseline", weight=weight, size=TEXT)


def _box(layer: Axes, left: float, top: float, width: float, height: float) -> None:
    xs, ys = [left, left + width, left + width, left], [top, top, top - height, top - height]
    layer.fill(xs, ys, facecolor="white", edgecolor=INK, linewidth=0.9)


def _arrow(layer: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": INK, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 11}
    layer.annotate("", xy=end, xytext=start, arrowprops=style)
