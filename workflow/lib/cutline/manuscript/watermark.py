"""A draft says so behind the text of every page, on paper and on the screen."""

from __future__ import annotations

import json

_PRINTED = """#set page(background: rotate(-45deg, text(size: 120pt, weight: "bold", fill: rgb("#eef0f2"), %s)))
"""
_SHOWN = """
/* a draft, behind the text of every page; not read aloud, since the first paragraph says it */

body::before { content: %(text)s; content: %(text)s / ""; position: fixed; inset: 0; z-index: 1; display: grid;
  place-items: center; pointer-events: none; font: 700 min(20vw, 11rem)/1 var(--sans); color: var(--ink); opacity: 0.05;
  transform: rotate(-40deg); }
"""


def in_typst(header: str, watermark: str) -> str:
    """The header of the printed page, with the watermark if there is one."""
    return header + _PRINTED % json.dumps(watermark, ensure_ascii=False) if watermark else header


def in_css(style: str, watermark: str) -> str:
    """The style sheet of the web page, with the watermark if there is one."""
    return style + _SHOWN % {"text": json.dumps(watermark, ensure_ascii=False)} if watermark else style
