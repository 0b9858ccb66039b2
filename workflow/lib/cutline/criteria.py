"""The answers to criteria: of each screened person yes, no or unknown (see `cutline.expressions` for the language).

Three-valued logic throughout (Kleene, Introduction to Metamathematics, 1952, section 64): `all` is no if one part
is no, else unknown if one is unknown; `any` is yes if one part is yes, else unknown if one is unknown; `not` leaves
unknown as it is. Answers are Series of dtype `boolean` in the order of the persons, unknown as NA.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from cutline.durations import comparable
from cutline.errors import ConfigError
from cutline.expressions import ALL, ANY, NOT, Criterion, Expression, asked_by, names_a_variable
from cutline.records import (
    Records,
    column_named,
    comparable_text,
    first_per_person,
    matching,
    plain_text,
    table_named,
)

INDEX_DATE = "index_date"
_FACT = ["value", "number", "reason", "source_table", "source_record_id", "source_date"]
_DECIDING = ["person", "source_table", "source_record_id", "source_date"]


def met(criterion: Criterion, evidence: Evidence) -> pd.Series:
    """Whether each person meets the criterion, NA where that is unknown.

    Raises ConfigError for a criterion that requires and excludes, or neither, and for one that names what is not there.
    """
    if ("require" in criterion) == ("exclude" in criterion):
        raise ConfigError(f"criteria.{criterion['id']}: expected exactly one of require and exclude")
    holds = answer(asked_by(criterion), evidence)
    return holds if "require" in criterion else ~holds


def answer(expression: Expression, evidence: Evidence) -> pd.Series:
    """The answer of each person to an expression: all of its conditions."""
    return _all_of([_answer(word, asked, evidence) for word, asked in expression.items()], evidence)


def _answer(word: str, asked: Any, evidence: Evidence) -> pd.Series:
    match word:
        case "all":
            return _all_of([answer(part, evidence) for part in asked], evidence)
        case "any":
            return ~_all_of([~answer(part, evidence) for part in asked], evidence)
        case "not":
            return ~answer(asked, evidence)
    find = CONDITIONS.get(word, _of_variable)
    found: pd.Series = evidence.once(f"{word} {asked}", lambda: find(word, asked, evidence))
    return found


def _all_of(parts: list[pd.Series], evidence: Evidence) -> pd.Series:
    together = pd.Series(True, index=evidence.persons, dtype="boolean")
    for part in parts:
        together = together & part
    return together


# ── what is known of the persons ─────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Evidence:
    """What criteria are answered from: the screened persons, their variables and their records."""

    settings: Mapping[str, Any]
    persons: pd.Index
    covariates: pd.DataFrame
    places: Mapping[str, np.ndarray[Any, np.dtype[np.intp]]]
    """Where in the covariates the rows of each variable stand."""
    records: Records
    _found: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of_study(
        cls, settings: Mapping[str, Any], persons: pd.Index, covariates: pd.DataFrame, records: Records
    ) -> Evidence:
        places = covariates.groupby("variable", sort=False, observed=True).indices
        return cls(settings, persons, covariates, {str(name): np.asarray(at) for name, at in places.items()}, records)

    def once(self, key: str, find: Callable[[], Any]) -> Any:
        """What `find` gives, found on first use: criteria and their what-if variants ask much alike."""
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]

    def of(self, name: str) -> pd.DataFrame:
        """A variable's rows in the order of the persons. Raises ConfigError if there is no such variable."""
        if name not in self.places and len(self.persons):
            raise ConfigError(f"criteria: unknown variable {name!r}; known: {', '.join(sorted(self.places))}")
        ordered: pd.DataFrame = self.once(f"rows of {name}", lambda: self._rows_of(name))
        return ordered

    def _rows_of(self, name: str) -> pd.DataFrame:
        places = self.places.get(name, np.array([], dtype=np.intp))
        # Column by column: the whole table is forty times as long.
        rows = pd.DataFrame({column: self.covariates[column].take(places) for column in _FACT})
        rows = rows.set_axis(pd.Index(self.covariates["patient_id"].take(places)))
        if rows.index.equals(self.persons):  # as derive_covariates writes them; to align them takes far longer
            return rows.set_axis(self.persons)
        return rows.reindex(self.persons)

    def known(self, name: str) -> pd.Series:
        """Whether a variable is known."""
        rows = self.of(name)
        known: pd.Series = self.once(f"known {name}", lambda: rows["value"].notna() | rows["number"].notna())
        return known

    def has_level(self, name: str, levels: Collection[str]) -> pd.Series:
        """Whether a variable is one of the levels: by its level id or ISO date, or its number as 10 or 2.5."""
        rows = self.of(name)
        number = rows["value"].isna() & _among(rows["number"], levels)
        return _among(rows["value"], levels) | number

    def dates(self, name: str) -> pd.Series:
        """A date variable as dates, NaT where unknown."""
        dates: pd.Series = self.once(
            f"dates of {name}", lambda: pd.to_datetime(self.of(name)["value"], format="%Y-%m-%d")
        )
        return dates

    def definition(self, name: str) -> Mapping[str, Any]:
        """What study.yaml says of a variable; the index date is a date."""
        index_date = {"kind": "date", "label": "Index date"}
        return index_date if name == INDEX_DATE else dict(self.settings["variables"][name])

    def counted(self, asked: Mapping[str, Any]) -> Counted:
        """The records that a `records` condition asks for, found once."""
        counted: Counted = self.once(f"count of {asked}", lambda: count_records(asked, self))
        return counted


# ── variables ────────────────────────────────────────────────────────────────────────────────


def _of_variable(name: str, asked: Any, evidence: Evidence) -> pd.Series:
    """One of the levels, or within the bounds; unknown where the variable, or a date it is compared with, is."""
    if not isinstance(asked, Mapping):
        levels = {plain_text(str(level)) for level in asked}
        return _known(evidence.has_level(name, levels), evidence.known(name))
    compare = _compared_dates if evidence.definition(name)["kind"] == "date" else _compared_numbers
    return _all_of(compare(name, asked, evidence), evidence)


def _among(values: pd.Series, levels: Collection[str]) -> pd.Series:
    """Which of the values are, as comparable text, among the levels; missing ones are not."""
    return values.isin([value for value in values.dropna().unique() if comparable_text(value) in levels])


def _compared_numbers(name: str, bounds: Mapping[str, Any], evidence: Evidence) -> list[pd.Series]:
    measured, given = evidence.of(name)["number"].astype("float64"), [float(bound) for bound in bounds.values()]
    number, limits = comparable(evidence.definition(name), measured, given, evidence.settings)
    return [_known(OPERATORS[word](number, limit), number.notna()) for word, limit in zip(bounds, limits, strict=True)]


def _compared_dates(name: str, bounds: Mapping[str, Any], evidence: Evidence) -> list[pd.Series]:
    dates, parts = evidence.dates(name), []
    for word, bound in bounds.items():
        limit = evidence.dates(bound) if names_a_variable(bound) else _day(str(bound), evidence)
        parts.append(_known(OPERATORS[word](dates, limit), dates.notna() & limit.notna()))
    return parts


def _day(text: str, evidence: Evidence) -> pd.Series:
    """An ISO date, the same for everybody."""
    return pd.Series(pd.to_datetime(text, format="%Y-%m-%d"), index=evidence.persons)


def _known(holds: pd.Series, known: pd.Series) -> pd.Series:
    return holds.astype("boolean").mask(~known)


OPERATORS: dict[str, Callable[[Any, Any], pd.Series]] = {
    "at_least": operator.ge,
    "above": operator.gt,
    "at_most": operator.le,
    "below": operator.lt,
    "equals": operator.eq,
}


# ── other conditions ─────────────────────────────────────────────────────────────────────────


def _known_variables(_: str, names: list[str], evidence: Evidence) -> pd.Series:
    return _all_of([evidence.known(name).astype("boolean") for name in names], evidence)


def _known_columns(_: str, names: list[str], evidence: Evidence) -> pd.Series:
    subjects = table_named(evidence.records, "subjects").set_index("patient_id").reindex(evidence.persons)
    filled = [column_named(subjects, name, "subjects").notna().astype("boolean") for name in names]
    return _all_of(filled, evidence)


def _in_window(_: str, name: str, evidence: Evidence) -> pd.Series:
    """The date lies in the study window, both ends included; unknown where the date is."""
    if "window" not in evidence.settings:
        raise ConfigError(f"criteria: {name} is to lie in the study window, but study.yaml has no window")
    window, dates = evidence.settings["window"], evidence.dates(name)
    return _known(dates.between(pd.Timestamp(window["start"]), pd.Timestamp(window["end"])), dates.notna())


def _records(_: str, asked: Mapping[str, Any], evidence: Evidence) -> pd.Series:
    """Whether so many records exist; see `count_records`."""
    counted = evidence.counted(asked)
    least, most = bounds_of(asked)
    holds = (counted.certain >= least) & (counted.possible <= most)
    fails = (counted.possible < least) | (counted.certain > most)
    known = (holds | fails) & counted.anchored
    return _known(pd.Series(holds, index=evidence.persons), pd.Series(known, index=evidence.persons))


CONDITIONS: dict[str, Callable[[str, Any, Evidence], pd.Series]] = {
    "known": _known_variables,
    "known_columns": _known_columns,
    "in_window": _in_window,
    "records": _records,
}
"""The reserved words that ask something; any other word is a variable."""
assert not {ALL, ANY, NOT} & set(CONDITIONS)


# ── records ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Counted:
    """How many records each person has, in the order of the persons, and the ones that decide.

    `certain` counts those that surely lie in the window, `possible` also matching ones whose date is not known;
    `anchored` says whether the date that the window is relative to is known. `deciding` holds the earliest records, as
    many as settle the answer: columns person (her place), source_table, source_record_id, source_date.
    """

    certain: np.ndarray[Any, np.dtype[np.int64]]
    possible: np.ndarray[Any, np.dtype[np.int64]]
    anchored: np.ndarray[Any, np.dtype[np.bool_]]
    deciding: pd.DataFrame


def bounds_of(asked: Mapping[str, Any]) -> tuple[float, float]:
    """How many records there must be at least and at most; without either one is enough."""
    least = int(asked.get("at_least", 0 if "at_most" in asked else 1))
    return least, float(asked.get("at_most", np.inf))


def count_records(asked: Mapping[str, Any], evidence: Evidence) -> Counted:
    """Each person's records of `table` that match `where`, within a window about the date variable `of`.

    The window runs from `days_before` days before that date to `days_after` days after it, both included; a bound that
    is not given is open, a negative one lies on the other side (`days_after: -1`: up to the day before). Without `of`
    any record counts, also one without a date. Raises ConfigError for an unknown table or column.
    """
    name = asked["table"]
    rows = matching(table_named(evidence.records, name), asked.get("where", {}), name)
    dates = column_named(rows, asked["date"], name) if "date" in asked else pd.Series(pd.NaT, index=rows.index)
    person = evidence.persons.get_indexer(pd.Index(rows["patient_id"]))
    found = pd.DataFrame({"patient_id": person, "source_record_id": rows["record_id"],
                          "source_date": pd.to_datetime(dates)})  # fmt: skip
    anchor = evidence.dates(asked["of"]).to_numpy() if "of" in asked else None
    certain, possible = _in_reach(found["source_date"].to_numpy(), person, anchor, asked)
    anchored = np.ones(len(evidence.persons), dtype=bool) if anchor is None else ~np.isnat(anchor)
    return Counted(_count(person[certain], evidence), _count(person[possible], evidence), anchored,
                   _deciding(found[certain], asked).assign(source_table=name)[_DECIDING])  # fmt: skip


def _in_reach(
    dates: np.ndarray[Any, Any], person: np.ndarray[Any, Any], anchor: np.ndarray[Any, Any] | None, asked: Expression
) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Which records surely lie in the window, and which may; those of persons who were not screened do not."""
    screened = person >= 0
    if anchor is None:
        return screened, screened
    about = anchor[person] if len(anchor) else np.full(len(person), np.datetime64("NaT"))
    days = (dates - about) / np.timedelta64(1, "D")
    near = (days >= -asked.get("days_before", np.inf)) & (days <= asked.get("days_after", np.inf))
    return screened & near, screened & (near | np.isnat(dates))


def _count(person: np.ndarray[Any, Any], evidence: Evidence) -> np.ndarray[Any, np.dtype[np.int64]]:
    return np.bincount(person, minlength=len(evidence.persons))


def _deciding(rows: pd.DataFrame, asked: Mapping[str, Any]) -> pd.DataFrame:
    """The earliest records of each person, undated ones last, ties by record id: as many as settle the answer."""
    least, most = bounds_of(asked)
    needed = int(most + 1 if np.isfinite(most) else max(least, 1))
    dated = rows.assign(order=rows["source_date"].fillna(pd.Timestamp.max))
    if needed == 1:
        first = first_per_person(dated, ["order"]).reset_index()
    else:
        ordered = dated.sort_values(["patient_id", "order", "source_record_id"])
        first = ordered.groupby("patient_id", sort=False).head(needed)
    return first.rename(columns={"patient_id": "person"}).reset_index(drop=True)
