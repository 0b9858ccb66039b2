"""The composed document of a finished cut, rendered once more, for example by the other engine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from cutline.errors import ConfigError
from cutline.manuscript import front_matter
from cutline.manuscript.compose import MAIN, Document
from cutline.manuscript.render import ENGINES
from cutline.manuscript.stage import HEADER, TEMPLATES

COMPOSED = Path("report") / MAIN
FIGURES = Path("aggregate/figures")


def rendered_again(cut: Path, reports: Path, engine: str, formats: Sequence[str]) -> dict[str, bytes]:
    """What that engine makes of the cut's composed document, from a private copy, by format.

    `reports` holds the templates of the embedded engine. Raises ConfigError if the cut has no composed document,
    ReportError and SetupError as the engines do.
    """
    if not (cut / COMPOSED).is_file():
        raise ConfigError(f"{cut / COMPOSED}: missing. Run the study at this cut-off first")
    head, body, _ = front_matter.split((cut / COMPOSED).read_text(encoding="utf-8"), MAIN)
    with tempfile.TemporaryDirectory(prefix="cutline-report-") as folder:
        stage = Path(folder).resolve()
        _copy(cut, reports, stage)
        (stage / HEADER).write_text(_typst_header(head), encoding="utf-8")
        return ENGINES[engine](Document(head, body), stage / "report", formats)


def _typst_header(head: Mapping[str, Any]) -> str:
    """What stands before the printed page, of whatever engine: the composed document holds it for Quarto."""
    included = head.get("format", {}).get("typst", {}).get("include-in-header", [])
    return "\n".join(str(each["text"]) for each in included)


def _copy(cut: Path, reports: Path, stage: Path) -> None:
    """What stands beside the composed document, the pictures, and the templates, as `stage.fill` lays them out."""
    wanted = [cut / "_quarto.yml", *(cut / "report").glob("*"), *(cut / FIGURES).glob("*.*g")]
    for file in (each for each in wanted if each.is_file()):
        _copy_file(file, stage / file.relative_to(cut))
    for template in TEMPLATES:
        _copy_file(reports / template, stage / template)


def _copy_file(file: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(file, target)
