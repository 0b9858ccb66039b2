"""Choosing the source record that a derived value rests on.

One selector for every rule: which table, which rows (`where`), which date, and which record of each person
(`first`, `last`, or `nearest` to an anchor date). The same records give the same answer in any row order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.errors import ConfigError, RecordError

Array = NDArray[Any]
Records = Mapping[str, pd.DataFrame]
"""Accepted records by table name."""

CANDIDATE_COLUMNS = ["patient_id", "value", "source_table", "source_record_id", "source_date"]


# ── values as text ───────────────────────────────────────────────────────────────────────────


def plain_text(text: str) -> str:
    """The text as it is compared: trimmed, single spaces, lower case, the Turkish dotless and dotted i as i."""
    return " ".join(text.replace("İ", "i").replace("ı", "i").casefold().split())


def number_text(value: float) -> str:
    """A number as it is compared with text: 10.0 is "10", 2.5 is "2.5"."""
    return str(int(value)) if float(value).is_integer() else str(float(value))


def as_text(values: pd.Series) -> pd.Series:
    """The values as comparable text, missing ones None; a date is its ISO text."""
    return by_unique(values, comparable_text)


def comparable_text(value: Any) -> str:
    """A value as it is compared: text, a date as its ISO text, or a number."""
    if isinstance(value, str):
        return plain_text(value)
    return value.date().isoformat() if isinstance(value, pd.Timestamp) else number_text(value)


def by_unique(values: pd.Series, function: Callable[[Any], Any]) -> pd.Series:
    """`function` of each value as objects, called once per distinct value; missing values stay None."""
    places, distinct = places_of(values)
    answers = np.full(len(distinct) + 1, None, dtype=object)  # the last one is of missing values, whose place is -1
    answers[:-1] = [function(value) for value in distinct]
    return pd.Series(answers[places], index=values.index, dtype=object)


def places_of(values: pd.Series) -> tuple[Array, pd.Index]:
    """The place of each value among the distinct ones, -1 where missing; and the distinct ones."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy(), values.cat.categories
    places, distinct = pd.factorize(values)
    return places, pd.Index(distinct)


def of_places(places: Array, distinct: pd.Index) -> pd.Categorical:
    """The distinct values at the places, missing where -1: the reverse of `places_of`, as categories."""
    return pd.Categorical.from_codes(places, categories=distinct)  # type: ignore[arg-type]


def only(values: pd.Series, holds: pd.Series) -> pd.Series:
    """The values where the condition holds, None elsewhere, as objects."""
    nothing = np.full(len(values), None, dtype=object)
    return pd.Series(np.where(holds, values.astype(object), nothing), index=values.index, dtype=object)


def joined(texts: pd.Series, separator: str) -> pd.Series:
    """The texts of each key (the index, of which equal ones stand together) in the order given, joined."""
    values = texts.to_numpy(dtype=object)
    is_first = ~texts.index.duplicated()
    firsts = np.flatnonzero(is_first)
    key = np.cumsum(is_first) - 1
    place = np.arange(len(texts)) - firsts[key]
    whole = values[firsts]
    for position in range(1, int(place.max(initial=0)) + 1):
        more = np.flatnonzero(place == position)
        whole[key[more]] += separator + values[more]
    return pd.Series(whole, index=texts.index[firsts], name=texts.name, dtype=object)


def code_map(path: Path, target: str) -> dict[str, str]:
    """A code list: recorded text, as compared, to the value in column `target`.

    Raises ConfigError for a column that is not there, or a text that is mapped to two values.
    """
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    absent = sorted({"recorded", target} - set(table.columns))
    if absent:
        raise ConfigError(f"code list {path.name}: missing column(s) {', '.join(absent)}")
    table = table.assign(recorded=table["recorded"].map(plain_text)).drop_duplicates(["recorded", target])
    if table["recorded"].duplicated().any():
        count = int(table["recorded"].duplicated().sum())
        raise ConfigError(f"code list {path.name}: {count} recorded text(s) mapped to more than one {target}; keep one")
    return dict(zip(table["recorded"], table[target], strict=True))


def coded(values: pd.Series, codes: Mapping[str, str]) -> pd.Series:
    """What a code list says of each value, None where nothing: its own entry, else the longest beginning (`C79.5*`).

    An entry that says nothing (blank) is one that is known to count for nothing, and gives None too.
    """
    beginnings = sorted((code[:-1] for code in codes if code.endswith("*")), key=len, reverse=True)

    def of(value: Any) -> str | None:
        text = comparable_text(value)
        beginning = next((each for each in beginnings if text.startswith(each)), None)
        return codes.get(text, codes[f"{beginning}*"] if beginning is not None else None) or None

    return by_unique(values, of)


# ── persons and tables ───────────────────────────────────────────────────────────────────────


def screened_persons(records: Records) -> pd.Index:
    """The pseudonyms of all screened persons, sorted: of table `patients`, or of `subjects`.

    Raises ConfigError if the study has neither, RecordError if a person is listed twice.
    """
    name = "patients" if "patients" in records else "subjects"
    listed = table_named(records, name)["patient_id"]
    if listed.duplicated().any():
        raise RecordError(
            f"table {name}: {int(listed.duplicated().sum())} person(s) listed more than once; expected one row each; "
            "merge the rows or correct the patient_id in the source"
        )
    persons: pd.Index = pd.Index(listed, name="patient_id").sort_values()
    return persons


def table_named(records: Records, name: str) -> pd.DataFrame:
    """The table. Raises ConfigError if the study has none of that name."""
    if name not in records:
        raise ConfigError(f"table {name!r} is not among the study's records; known: {', '.join(sorted(records))}")
    return records[name]


def column_named(table: pd.DataFrame, column: str, name: str) -> pd.Series:
    """The column. Raises ConfigError if table `name` has none of that name."""
    if column not in table.columns:
        raise ConfigError(f"table {name}: no column {column!r}; known: {', '.join(map(str, table.columns))}")
    return table[column]


# ── choosing ─────────────────────────────────────────────────────────────────────────────────


def matching(table: pd.DataFrame, where: Mapping[str, Sequence[str]], name: str) -> pd.DataFrame:
    """The rows whose every column of `where` holds one of its values; `L01*` is any ending. Missing never matches."""
    return table[matches(table, where, name)]


def matches(table: pd.DataFrame, where: Mapping[str, Sequence[str]], name: str) -> Array:
    """Whether each row is one of `matching`."""
    found = np.ones(len(table), dtype=bool)
    for column, patterns in where.items():
        places, distinct = places_of(column_named(table, column, name))
        held = np.array([_any_matches(comparable_text(value), patterns) for value in distinct] + [False], dtype=bool)
        found &= held[places]
    return found


def _any_matches(text: str, patterns: Sequence[str]) -> bool:
    plain = [plain_text(str(pattern)) for pattern in patterns]
    return any(text.startswith(pattern[:-1]) if pattern.endswith("*") else text == pattern for pattern in plain)


def candidates(records: Records, select: Mapping[str, Any]) -> pd.DataFrame:
    """The dated records that `select` can choose from, in the columns `CANDIDATE_COLUMNS`.

    A record without a date, or without a value where one is asked for, says nothing and is no candidate.
    Without `value` the value is the date. With `prefer` there is a column `preference`: the place of the record's value
    in that list, and behind all of them for any other value. A row of a derived table names the record it was derived
    from. Keeps the index of the table. Raises ConfigError for an unknown table or column.
    """
    name, date = select["table"], select["date"]
    table = table_named(records, name)
    found = matches(table, select.get("where", {}), name)
    dates, value = column_named(table, date, name), column_named(table, select.get("value", date), name)
    rows = np.flatnonzero(found & dates.notna().to_numpy())
    rows = rows[value.take(rows).notna().to_numpy()]
    columns = {"patient_id": table["patient_id"], "value": value,
               "source_record_id": table.get("source_record_id", table["record_id"]), "source_date": dates}  # fmt: skip
    chosen = pd.DataFrame({column: values.take(rows) for column, values in columns.items()})
    chosen.insert(2, "source_table", table["source_table"].take(rows) if "source_table" in table else name)
    for column, values in select.get("prefer", {}).items():
        chosen["preference"] = _preference(column_named(table, column, name).take(rows), values)
    return chosen


def _preference(recorded: pd.Series, values: Sequence[str]) -> pd.Series:
    places = {plain_text(value): place for place, value in reversed(list(enumerate(values)))}
    return as_text(recorded).map(places).fillna(len(values)).astype("int64")


def most_preferred(rows: pd.DataFrame) -> pd.DataFrame:
    """Of each person the candidates of the most preferred kind that she has; all where the study prefers none."""
    if "preference" not in rows:
        return rows
    return rows[rows["preference"] == rows.groupby("patient_id", sort=False)["preference"].transform("min")]


def select_record(records: Records, select: Mapping[str, Any], anchor: pd.Series | None = None) -> pd.DataFrame:
    """At most one record per person that `select` chooses; see `candidates` and `choose`."""
    return choose(candidates(records, select), select, anchor)


def choose(rows: pd.DataFrame, select: Mapping[str, Any], anchor: pd.Series | None = None) -> pd.DataFrame:
    """At most one of the candidates per person, index patient_id.

    Of the records in the window only the most preferred count, then `take` decides.
    `anchor` holds a date per person (index patient_id). `days_before` and `days_after` bound the records round it,
    both ends included; a bound not given is open. Ties: of records equally near, the earlier; of records of one day,
    the lower record_id. A person whose anchor is unknown has no record wherever the anchor matters.
    Raises ConfigError if an anchor is needed and the study names none.
    """
    rows = most_preferred(within_window(rows, select, anchor))
    take = select.get("take", "first")
    if take == "nearest":
        rows = rows.assign(distance=_distance(rows, anchor, select))
        return first_per_person(rows[rows["distance"].notna()], ["distance", "source_date"]).drop(columns="distance")
    return first_per_person(rows, ["source_date"], last=take == "last")


def within_window(rows: pd.DataFrame, select: Mapping[str, Any], anchor: pd.Series | None) -> pd.DataFrame:
    """The candidates from `days_before` before the person's anchor date to `days_after` after it."""
    if "days_before" not in select and "days_after" not in select:
        return rows
    days = (rows["source_date"] - _anchor_dates(rows, anchor, select)).dt.days
    near = days.between(-select.get("days_before", np.inf), select.get("days_after", np.inf))
    return rows.take(np.flatnonzero(near))


def _distance(rows: pd.DataFrame, anchor: pd.Series | None, select: Mapping[str, Any]) -> pd.Series:
    return (rows["source_date"] - _anchor_dates(rows, anchor, select)).dt.days.abs()


def _anchor_dates(rows: pd.DataFrame, anchor: pd.Series | None, select: Mapping[str, Any]) -> pd.Series:
    if anchor is None:
        raise ConfigError(f"a selection of {select['table']} is relative to a date, but the variable has no anchor")
    return of_persons(rows, anchor)


def in_courses(rows: pd.DataFrame, stops: pd.Series, gap_days: int) -> pd.DataFrame:
    """Candidates by their start, in the order of person and day, with `stop`, `until` and the number of their `course`.

    Records are one course while none starts more than `gap_days` after all before it have stopped, whichever of the
    selected drugs they are of: interruptions and switches belong to it. `stops` is the last day of each row, NaT where
    none is recorded, which goes on for ever: `until` is then the last day that there is.
    """
    rows = rows.assign(stop=stops, until=stops.fillna(pd.Timestamp.max.normalize()))
    rows = rows.sort_values(["patient_id", "source_date", "source_record_id"], kind="stable")
    before = rows.groupby("patient_id", sort=False)["until"].cummax().groupby(rows["patient_id"], sort=False).shift()
    resumed_late = (rows["source_date"] - before).dt.days > gap_days
    return rows.assign(course=resumed_late.groupby(rows["patient_id"], sort=False).cumsum())


def of_persons(rows: pd.DataFrame, dates: pd.Series) -> pd.Series:
    """On each row the date of its person (index patient_id), NaT where unknown."""
    return rows["patient_id"].map(dates).astype("datetime64[ns]")


def first_per_person(rows: pd.DataFrame, by: list[str], last: bool = False) -> pd.DataFrame:
    """The first (or last) row of each person in the order of `by`, ties by source_record_id; index patient_id.

    Narrowed column by column, so that texts are sorted only where numbers and dates leave a tie.
    """
    persons, kept = rows["patient_id"].to_numpy(), np.arange(len(rows))
    for column in by:
        values = rows[column].take(kept)
        extreme = values.groupby(persons[kept], sort=False).transform("max" if last else "min")
        kept = kept[(values == extreme).to_numpy()]
    tied = pd.Series(persons[kept]).duplicated(keep=False).to_numpy()
    lowest = _lowest_records(rows[["patient_id", "source_record_id"]], kept[tied])
    return rows.take(np.concatenate([kept[~tied], lowest])).set_index("patient_id")


def _lowest_records(rows: pd.DataFrame, places: Array) -> Array:
    """Of the rows at the places, each person's with the lowest source_record_id: its place."""
    tied = rows.take(places).assign(place=places)
    first = tied.sort_values("source_record_id", kind="stable").drop_duplicates("patient_id")
    return first["place"].to_numpy()
