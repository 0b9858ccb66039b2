"""What both figures share: a colour for each best response, and how a legend is set."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import Patch

from cutline.display.labels import label
from cutline.display.style import INK, SMALL
from cutline.response.words import SLUGS

RESPONSE_COLOURS = {"CR": "#009E73", "PR": "#56B4E9", "SD": "#F0E442", "NON-CR/NON-PD": "#CC79A7", "PD": "#D55E00",
                    "NE": "#BBBBBB", "MISSING": "#FFFFFF"}  # fmt: skip
"""Colours of Okabe and Ito (2008), and greys for what is not known."""
EDGE = 0.4


def colours_of(responses: pd.Series) -> list[str]:
    return [RESPONSE_COLOURS[response] for response in responses]


def response_patches(responses: Iterable[str]) -> list[Patch]:
    """A legend entry for each best response that is there, best first."""
    there = set(responses)
    return [
        Patch(facecolor=colour, edgecolor=INK, linewidth=EDGE, label=_words(response))
        for response, colour in RESPONSE_COLOURS.items()
        if response in there
    ]


def _words(response: str) -> str:
    return label(f"response_{SLUGS[response]}").replace("\n", " ")


def legend(axes: Axes, entries: list[Artist], place: str = "upper right") -> None:
    look: dict[str, Any] = {"loc": place, "frameon": False, "fontsize": SMALL, "handlelength": 1.3,
                            "borderaxespad": 0.2, "labelspacing": 0.35}  # fmt: skip
    axes.legend(handles=entries, **look)
