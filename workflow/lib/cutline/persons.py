"""Persons as numbers inside a job: what sorts, groups and joins by person runs on integers, not on texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

PERSON = "patient_id"


def by_number(function: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """The job's function, called with numbers (int64) for the pseudonyms of its input tables.

    A person's number is the rank of her pseudonym among all of the inputs, so that numbers compare as pseudonyms do.
    The outputs have the pseudonyms again, categorical. Expects no missing pseudonym, and nobody who is in no input.
    """

    def numbered(**given: Any) -> dict[str, Any]:
        tables = {name: content for name, content in given.items() if _of_persons(content)}
        pseudonyms = _pseudonyms(table[PERSON] for table in tables.values())
        found = function(**given | {name: _numbered(table, pseudonyms) for name, table in tables.items()})
        return {name: _named(content, pseudonyms) if _of_persons(content) else content
                for name, content in found.items()}  # fmt: skip

    # A pseudonym, which is read so, is looked up once per person.
    numbered.categorical = getattr(function, "categorical", (PERSON,))  # type: ignore[attr-defined]
    return numbered


def _of_persons(content: Any) -> bool:
    return isinstance(content, pd.DataFrame) and PERSON in content


def _pseudonyms(columns: Iterable[pd.Series]) -> pd.Index:
    distinct = [column.cat.categories if _is_categorical(column) else column.unique() for column in columns]
    return pd.Index(pd.unique(np.concatenate([np.array([], dtype=object), *distinct]))).sort_values()


def _numbered(table: pd.DataFrame, pseudonyms: pd.Index) -> pd.DataFrame:
    persons = table[PERSON]
    if _is_categorical(persons):
        return _with_persons(table, pseudonyms.get_indexer(persons.cat.categories)[persons.cat.codes])
    return _with_persons(table, pseudonyms.get_indexer(pd.Index(persons)))


def _is_categorical(persons: pd.Series) -> bool:
    return isinstance(persons.dtype, pd.CategoricalDtype)


def _named(table: pd.DataFrame, pseudonyms: pd.Index) -> pd.DataFrame:
    return _with_persons(table, pd.Categorical.from_codes(table[PERSON].astype("int64"), pseudonyms))  # type: ignore[arg-type]


def _with_persons(table: pd.DataFrame, persons: np.ndarray[Any, Any] | pd.Categorical) -> pd.DataFrame:
    replaced = table.copy(deep=False)
    replaced[PERSON] = persons
    return replaced
