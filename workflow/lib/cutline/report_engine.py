"""Which engine renders the report. Asked before the first job too, so nothing here needs pandas."""

from __future__ import annotations

import shutil

from cutline.errors import SetupError

EMBEDDED, QUARTO = "pandoc", "quarto"


def chosen(engine: str) -> str:
    """The engine that renders here: the one asked for, of `auto` Quarto where it is on the PATH.

    Raises SetupError if Quarto is asked for and not there.
    """
    there = shutil.which(QUARTO) is not None
    if engine == "auto":
        return QUARTO if there else EMBEDDED
    if engine == QUARTO and not there:
        raise SetupError(
            "report.engine: quarto was asked for and is not on the PATH. Install Quarto 1.5 or newer from "
            "https://quarto.org, or set report.engine to auto or pandoc, which need nothing more."
        )
    return engine
