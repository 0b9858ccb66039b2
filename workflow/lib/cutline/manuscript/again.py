"""The composed document of a finished cut, rendered once more, for example by the other engine."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cutline.errors import ConfigError
from cutline.manuscript import front_matter
from cutline.manuscript.compose import MAIN, Document
from cutline.manuscript.render import ENGINES
from cutline.manuscript.stage import BESIDE, CITATIONS, HEADER, TEMPLATES, WORD, lay_out

COMPOSED = Path("report") / MAIN
FIGURES = Path("aggregate/figures")


def rendered_again(cut: Path, reports: Path, engine: str, formats: Sequence[str]) -> dict[str, bytes]:
    """What that engine makes of the cut's composed document, from a private copy, by format.

    `reports` holds the templates of the embedded engine. Raises ConfigError if the cut has no composed document,
    ReportError and SetupError as the engines do.
    """
    if not (cut / COMPOSED).is_file():
        raise ConfigError(f"{cut / COMPOSED}: missing. Run the study at this cut-off first")
    text = (cut / COMPOSED).read_text(encoding="utf-8")
    head, body, _ = front_matter.split(text, MAIN)
    others = {name: (cut / "report" / name).read_bytes() for name in (*BESIDE, CITATIONS, WORD)}
    templates = {name: (reports / name).read_text(encoding="utf-8") for name in TEMPLATES}
    templates[HEADER] = _typst_header(head)
    with tempfile.TemporaryDirectory(prefix="cutline-report-") as folder:
        report = lay_out(Path(folder).resolve(), text, others, templates, (cut / FIGURES).glob("*.*g"))
        return dict(ENGINES[engine](Document(head, body), report, formats))


def _typst_header(head: Mapping[str, Any]) -> str:
    """What stands before the printed page, of whatever engine: the composed document holds it for Quarto."""
    included = head.get("format", {}).get("typst", {}).get("include-in-header", [])
    return "\n".join(str(each["text"]) for each in included)
