"""The rule: data sets of the included persons for other programs, and the programs that make the tables from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.exports.dataset import Dataset
from cutline.exports.datasets import BUILDERS
from cutline.exports.definition import definition_csv, readme
from cutline.exports.files import csv_text, spss_file, transport_file
from cutline.exports.plan import PROGRAMS, dataset_names, plan_of
from cutline.exports.programs import program

Output = str | Callable[[Path], None]


def write_exports(*, settings: Mapping[str, Any], templates: list[Path], **derived: pd.DataFrame) -> dict[str, Output]:
    """The analysis data sets in every format of `exports.formats`, the programs that read them, and what is in them.

    `derived` holds cohort, covariates and endpoints, and response, visits, safety and deaths where the study has them;
    `templates` are the programs before the study's part is put in, by the programs' names. Returns by name of output
    (`export_files`) the text of a file, or what writes it.
    """
    plan = plan_of(settings, deaths="deaths" in derived)
    data = [BUILDERS[name](settings, plan, derived) for name in dataset_names(settings)]
    formats = settings["exports"]["formats"]
    outputs = {f"{each.name}_{suffix}": _file(each, suffix, settings) for each in data for suffix in formats}
    texts = {template.name: template.read_text(encoding="utf-8") for template in templates}
    outputs |= {f"program_{suffix}": program(suffix, texts[PROGRAMS[suffix]], settings, plan) for suffix in formats}
    return outputs | {"definition": definition_csv(data), "readme": readme(settings, data)}


def _file(data: Dataset, suffix: str, settings: Mapping[str, Any]) -> Output:
    if suffix == "csv":
        return csv_text(data)
    write = transport_file if suffix == "xpt" else spss_file
    return write(data, settings["data_cutoff"])
