"""One visual language for every figure: sizes, colours, lines, type, and how a figure becomes bytes.

Colours are after Okabe and Ito (2008), told apart with any colour vision and dark enough to be seen on white; the blue
is darker than theirs, so that the first three differ in grey too. Each goes with its own line style, which tells
further groups apart where a print has no colours. Figures are built without pyplot (no global state, quicker
to import) and saved without dates, so that equal results give equal bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path
from PIL import Image

WIDTH = 170 / 25.4
"""Width of every figure in inches: 170 mm, two columns of most journals."""

DPI, TIFF_DPI = 300, 600
TEXT, SMALL = 9.0, 8.0
"""Sizes of type in points."""

LINE = 0.19
"""Height of a line of text in inches."""

INK, GREY = "#1a1a1a", "#4d4d4d"
COLOURS = ("#004C7A", "#D55E00", "#000000", "#009E73", "#CC79A7", "#0072B2", "#8F5A00")
LINES: tuple[Any, ...] = (
    "solid",
    (0, (5, 2)),
    (0, (1, 1.2)),
    (0, (6, 1.5, 1, 1.5)),
    (0, (9, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
)

_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "axes.labelsize": TEXT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.linewidth": 0.8,
    "text.color": INK,
    "text.parse_math": False,  # a dollar sign in a label is a dollar sign
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "lines.linewidth": 1.6,
    "pdf.fonttype": 42,  # whole fonts, as journals ask, in place of single letters drawn
    "svg.fonttype": "path",  # looks the same where the font is missing
    "svg.hashsalt": "cutline",  # element ids from content instead of at random
    "path.simplify": False,
    "savefig.dpi": DPI,
}


@contextmanager
def house_style() -> Iterator[None]:
    """Within this context figures have this style, whatever the user's own matplotlib settings are."""
    defaults: dict[Any, Any] = {
        name: value for name, value in matplotlib.rcParamsDefault.items() if not name.startswith("backend")
    }
    with matplotlib.rc_context(defaults | _SETTINGS):
        yield


def line_of(position: int) -> tuple[str, Any]:
    """Colour and line style of the group at that position; they repeat together only after 42 groups."""
    return COLOURS[position % len(COLOURS)], LINES[position % len(LINES)]


def new_figure(height: float) -> Figure:
    """An empty figure of the one width and that height in inches."""
    figure = Figure(figsize=(WIDTH, height))
    FigureCanvasAgg(figure)
    return figure


def sheet(figure: Figure, above: bool = False) -> Axes:
    """An invisible layer below or above the whole figure, measured in inches from its lower left corner."""
    width, height = figure.get_size_inches()
    axes: Axes = figure.add_axes((0, 0, 1, 1), zorder=9 if above else -1)
    axes.set(xlim=(0, width), ylim=(0, height))
    axes.axis("off")
    return axes


def panel(figure: Figure, left: float, bottom: float, width: float, height: float) -> Axes:
    """Axes at that place of the figure, all in inches."""
    total_width, total_height = figure.get_size_inches()
    place = (left / total_width, bottom / total_height, width / total_width, height / total_height)
    axes: Axes = figure.add_axes(place)
    return axes


def text_width(text: str, size: float = TEXT, weight: str = "normal") -> float:
    """Width of a line of text in inches."""
    font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    points, _, _ = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(points) / 72


def wrapped(text: str, width: float, size: float = TEXT, weight: str = "normal") -> list[str]:
    """The text in lines no wider than that many inches; a single word that is wider keeps its own line.

    A no-break space is not a place to break.
    """
    lines: list[str] = []
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, weight) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def stamp(layer: Axes, text: str) -> None:
    """Marks the figure in its lower right corner; nothing for an empty text."""
    if text:
        box = {"boxstyle": "square,pad=0.25", "facecolor": "white", "edgecolor": GREY, "linewidth": 0.6}
        layer.text(layer.get_xlim()[1] - 0.1, 0.1, text, size=SMALL, weight="bold", ha="right", va="bottom", bbox=box)


def message_figure(text: str, mark: str) -> Figure:
    """A figure that only says why there is nothing to draw."""
    figure = new_figure(1.6)
    layer = sheet(figure)
    layer.text(WIDTH / 2, 0.9, "\n".join(wrapped(text, WIDTH - 1)), size=TEXT, ha="center", va="center")
    stamp(layer, mark)
    return figure


UNNAMED: dict[str, dict[str, None]] = {
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
    "png": {"Software": None},
}
"""What a picture would otherwise say of the program that drew it, and of when."""


def as_bytes(figure: Figure, title: str, kind: str) -> bytes:
    """The figure as `svg`, `pdf`, `png` or `tiff`, without date or program name."""
    if kind == "tiff":
        return _tiff(figure)
    out = io.BytesIO()
    figure.savefig(out, format=kind, dpi=DPI, metadata={**UNNAMED[kind], "Title": title})
    return out.getvalue()


def _tiff(figure: Figure) -> bytes:
    """The figure with 600 dots per inch on white, in red, green and blue, compressed without loss (LZW)."""
    figure.set_dpi(TIFF_DPI)
    canvas: Any = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    out = io.BytesIO()
    picture.save(out, format="TIFF", compression="tiff_lzw", dpi=(TIFF_DPI, TIFF_DPI))
    return out.getvalue()
