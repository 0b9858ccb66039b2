"""What a forest plot shows: every term of an endpoint's Cox models, alone and with the others, as one table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from cutline.display.captions import level_label, variable_label
from cutline.display.catalogue import Exhibit
from cutline.display.lookup import Released, Results, value_of

MODELS = ("univariable", "multivariable")
STATISTICS = ("hr", "lower", "upper", "p")
REFERENCE = "reference"
COLUMNS = ["endpoint", "variable", "level", "variable_label", "label", "n", "events",
           *(f"{model}_{name}" for model in MODELS for name in (*STATISTICS, "note"))]  # fmt: skip
NOT_IN_MODEL = "not in the model"


def forest_data(exhibit: Exhibit, settings: Mapping[str, Any], released: Released) -> pd.DataFrame:
    """One row per term in the study's order: persons and events with a known value, and of each model the hazard ratio.

    A reference level has a hazard ratio of 1 and the note `reference`; what is not estimable has its reason as note.
    Levels that nobody has make no row. Nothing where no model has persons.
    """
    endpoint, results = exhibit.endpoint, released.results
    if not value_of(results, f"{endpoint}.cox.multivariable.n"):
        return pd.DataFrame(columns=COLUMNS)
    rows = [row for variable in settings["models"][endpoint] for row in _rows(endpoint, variable, settings, results)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _rows(endpoint: str, variable: str, settings: Mapping[str, Any], results: Results) -> Iterator[dict[str, Any]]:
    spec = settings["variables"][variable]
    about = {"endpoint": endpoint, "variable": variable, "variable_label": variable_label(settings, variable)}
    if spec["kind"] == "continuous":
        yield about | {"level": "", "label": ""} | _numbers(endpoint, variable, results)
        return
    for level in spec["levels"]:
        found = _numbers(endpoint, f"{variable}.{level}", results)
        if found["n"]:
            yield about | {"level": level, "label": level_label(settings, variable, level)} | found


def _numbers(endpoint: str, term: str, results: Results) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in ("n", "events"):
        row[name] = value_of(results, f"{endpoint}.cox.univariable.{term}.{name}")
    for model in MODELS:
        path = f"{endpoint}.cox.{model}.{term}"
        row |= {f"{model}_{name}": value_of(results, f"{path}.{name}") for name in STATISTICS}
        row[f"{model}_note"] = results[f"{path}.hr"]["note"] if f"{path}.hr" in results else NOT_IN_MODEL
    return row
