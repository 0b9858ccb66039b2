"""The variables found so far, and the shape that every one of them has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutline.errors import ConfigError
from cutline.queries import queries
from cutline.records import Records, places_of
from cutline.tables.covariates import INDEX_DATE, LEVELS

SOURCE_COLUMNS = ["source_table", "source_record_id", "source_date"]
FACT_COLUMNS = ["value", "number", "reason", *SOURCE_COLUMNS]
Variable = Mapping[str, Any]
Derivation = Callable[["Facts", Variable], pd.DataFrame]


@dataclass(frozen=True)
class Facts:
    """The variables found so far, each on first use: their order in the study does not matter.

    A person is her place among `pseudonyms` here, in the records too: places are looked up without searching.
    `derivations` holds the function of each kind of derivation.
    """

    settings: Mapping[str, Any]
    records: Records
    codelists: Mapping[str, Path]
    pseudonyms: pd.Index
    persons: pd.RangeIndex
    derivations: Mapping[str, Derivation]
    found: dict[str, pd.DataFrame] = field(default_factory=dict)
    parsed: dict[str, pd.Series] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)
    asked: list[pd.DataFrame] = field(default_factory=list)

    def of(self, name: str) -> pd.DataFrame:
        """The variable: index patient_id, columns value, number, reason and the record's."""
        if name in self.under_way:
            raise ConfigError(f"variables.{name}: derived from itself by way of {', '.join(self.under_way)}")
        if name not in self.found:
            self.under_way.append(name)
            self.found[name] = self._derived(name)
            self.under_way.pop()
        return self.found[name]

    def dates(self, name: str) -> pd.Series:
        """A date variable as dates, NaT where unknown."""
        if name not in self.parsed:
            self.parsed[name] = pd.to_datetime(self.of(name)["value"], format="%Y-%m-%d")
        return self.parsed[name]

    def ask(self, kind: str, rows: pd.DataFrame, question: pd.Series) -> None:
        """Put what the variable under way leaves open on the query list, one question per row (index patient_id)."""
        self.asked.append(queries(kind, self.named(rows), about=self.under_way[-1], question=question))

    def named(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows (index patient_id) with the pseudonyms of the persons."""
        return rows.set_axis(self.pseudonyms.take(rows.index.to_numpy()))

    def anchor(self, variable: Variable) -> pd.Series | None:
        """The dates a variable is timed by, None if it names no anchor."""
        return self.dates(variable["anchor"]) if "anchor" in variable else None

    def variable(self, name: str) -> Variable:
        """The definition. Raises ConfigError if the study has no variable of that name."""
        variables = self.settings["variables"]
        if name == INDEX_DATE and "index_date" in self.settings:
            return {"kind": "date", "derive": "record_date", "select": self.settings["index_date"]["select"]}
        if name not in variables:
            raise ConfigError(f"variables: unknown variable {name!r}; known: {', '.join(sorted(variables))}")
        return dict(variables[name])

    def _derived(self, name: str) -> pd.DataFrame:
        variable = self.variable(name)
        derive = self.derivations.get(variable["derive"])
        if derive is None:
            known = ", ".join(sorted(self.derivations))
            raise ConfigError(f"variables.{name}.derive: found {variable['derive']!r}, expected one of {known}")
        unlisted = sorted(LEVELS.get(variable["derive"], set()) - set(variable.get("levels", {})))
        if unlisted:
            raise ConfigError(f"variables.{name}.levels: missing {', '.join(unlisted)}, which this derivation gives")
        return derive(self, variable)


# ── the shape of a variable ──────────────────────────────────────────────────────────────────


def fact_of(
    persons: pd.Index,
    reason: pd.Series,
    source: pd.DataFrame,
    value: pd.Series | None = None,
    number: pd.Series | None = None,
) -> pd.DataFrame:
    """One row per person, columns `FACT_COLUMNS`; what is not given is unknown. Aligned by patient_id."""
    texts = pd.Series(None, index=persons, dtype=object) if value is None else value.reindex(persons)
    numbers = pd.Series(np.nan, index=persons) if number is None else number.reindex(persons).astype("float64")
    sources = source.reindex(columns=SOURCE_COLUMNS).reindex(persons)
    columns = {"value": texts, "number": numbers, "reason": reason.reindex(persons)} | dict(sources.items())
    columns["source_date"] = columns["source_date"].astype("datetime64[ns]")
    return pd.DataFrame(columns, copy=False)


def iso(dates: pd.Series) -> pd.Series:
    """Dates as ISO text, None where missing."""
    places, distinct = places_of(dates)
    texts = np.full(len(distinct) + 1, None, dtype=object)  # the last one is of missing dates, whose place is -1
    texts[:-1] = np.datetime_as_string(distinct.to_numpy("datetime64[D]"))
    return pd.Series(texts[places], index=dates.index, dtype=object)


def first_that_holds(persons: pd.Index, cases: list[tuple[pd.Series, str]], otherwise: str) -> pd.Series:
    """Of each person, the words of the first case that holds."""
    if not cases:
        return pd.Series(otherwise, index=persons, dtype=object)
    conditions = [case.reindex(persons).fillna(False).to_numpy(bool) for case, _ in cases]
    words = np.select(conditions, np.array([words for _, words in cases], dtype=object), default=otherwise)
    return pd.Series(words, index=persons, dtype=object)


def unknown_words(variable: Variable, role: str) -> str:
    """That the date variable in a role (anchor, before, …) is unknown."""
    return f"{variable[role]} is unknown"
