"""The programs beside the data: a template with the study's part put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from cutline.exports.names import one_line
from cutline.exports.plan import Plan
from cutline.exports.r_program import r_analyses, r_fields
from cutline.exports.sas_program import sas_analyses, sas_fields
from cutline.exports.spss_program import spss_analyses, spss_fields

Settings = Mapping[str, Any]
Analyses = Callable[[Settings, Plan], str]
Fields = Callable[[Settings], dict[str, str]]

LANGUAGES: dict[str, tuple[Analyses, Fields]] = {
    "csv": (r_analyses, r_fields),
    "sav": (spss_analyses, spss_fields),
    "xpt": (sas_analyses, sas_fields),
}
"""Format → what writes the study's part of the program that reads it, and the values of its template's fields."""


def program(suffix: str, template: str, settings: Settings, plan: Plan) -> str:
    """The program for one format. Raises KeyError for a field of the template that nothing fills."""
    analyses, fields = LANGUAGES[suffix]
    values = _common(settings) | fields(settings) | {"analyses": analyses(settings, plan)}
    return re.sub(r"\{\{(\w+)\}\}", lambda field: values[field[1]], template)


def _common(settings: Settings) -> dict[str, str]:
    synthetic = "Synthetic data: its patients do not exist." if settings["synthetic"] else "Data of real patients."
    title = re.sub(r"[*/;]", " ", one_line(settings["short_title"])).replace("'", "’")
    return {"title": title, "cutoff": settings["data_cutoff"], "synthetic": synthetic}
