"""What a table is: its columns, its key, and which columns were known when.

The specs are read before every run, frames only by jobs, so pandas is imported where a frame is touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cutline.errors import RecordError

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray
    from pandas.api.extensions import ExtensionDtype

Kind = Literal["text", "integer", "number", "date", "flag"]


@dataclass(frozen=True)
class Column:
    """One column. `required` forbids missing values; `allowed` lists the only values it may hold.

    `few` says that a text repeats: it is read as categories, which take a fraction of the time and memory.
    """

    name: str
    kind: Kind
    description: str
    required: bool = False
    unit: str = ""
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    few: bool = False


@dataclass(frozen=True)
class Table:
    """One table. `sort` is the row order on disk and, for records, unique per row.

    For source records `began` names the date by which a record exists at a cut-off, and `later` maps
    each later date to the columns that were not known before it: at a cut-off before that date the
    date and those columns are blank, as they were then. A date in `lasting` says until when something held
    (alive, observed): a later one says that it held at the cut-off, and is cut to it. An
    `extensible` table may hold further columns,
    which the study declares.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    sort: tuple[str, ...]
    began: str = ""
    later: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    lasting: tuple[str, ...] = ()
    extensible: bool = False

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def records(
    name: str,
    description: str,
    *columns: Column,
    began: str,
    later: Mapping[str, tuple[str, ...]] | None = None,
) -> Table:
    """A table of source records: each has a stable id, its patient and the day it was written."""
    common = (
        Column("record_id", "text", "stable id of the record, unique in its table", required=True),
        Column("patient_id", "text", "whose record it is (in a snapshot: the pseudonym)", required=True),
    )
    recorded = (Column("recorded_on", "date", "day this version was written; blank where the source keeps none"),)
    return Table(
        name,
        description,
        common + columns + recorded,
        sort=("patient_id", began, "record_id") if began else ("patient_id", "record_id"),
        began=began,
        later=later or {},
    )


VERSION_COLUMNS = ("version", "recorded_on", "superseded_by", "deleted")
"""What a versioned source keeps beside each record: version number, day written, number of the
version that replaced it (empty for the newest) and whether this version says the record was deleted."""


REPEATING = ("*",)
"""What a job's function names as its `categorical` columns to read every column so but ids of records."""


def is_id(column: str) -> bool:
    """Whether a column holds ids of records, which hardly repeat."""
    return column.endswith("record_id")


def conform(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with the columns of the spec, in its order, with its types; no others unless it is extensible.

    Text is `object` with None where missing (packed text stays so), integers `Int64`, numbers `float64`, dates
    `datetime64[ns]`, flags `bool`. A column that has its type already is left alone and shared with the frame given.
    Raises RecordError naming the column if one is missing or does not hold its kind.
    """
    import pandas as pd

    missing = [name for name in table.names if name not in frame.columns]
    if missing:
        raise RecordError(f"table {table.name}: missing column(s) {', '.join(missing)}")
    columns = {column.name: _typed(frame[column.name], column, table.name).array for column in table.columns}
    if table.extensible:
        columns |= {name: frame[name].array for name in frame.columns if name not in columns}
    return pd.DataFrame(columns, index=pd.RangeIndex(len(frame)), copy=False)


def packed_text() -> ExtensionDtype:
    """How the text of a snapshot is kept in memory: side by side in Arrow's buffers, NaN where missing.

    As Python objects the records of 10⁵ persons would take three times the memory and most of the time.
    """
    import numpy as np
    import pandas as pd

    return pd.StringDtype("pyarrow", na_value=np.nan)


def unpacked(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with its text as objects, as it would be read from its file."""
    return frame.assign(**{str(name): text_values(frame[name]) for name in frame if is_packed(frame[name])})


def is_packed(values: pd.Series) -> bool:
    """Whether the values are text in Arrow's buffers, or places in a list of distinct texts (categorical)."""
    import pandas as pd

    return isinstance(values.dtype, pd.StringDtype | pd.CategoricalDtype)


def is_text(values: pd.Series) -> bool:
    """Whether the values are text in Arrow's buffers or objects, and not categories, numbers or dates."""
    import pandas as pd

    return values.dtype == object or isinstance(values.dtype, pd.StringDtype)


def in_buffers(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """The frame with text that is objects in Arrow's buffers instead, where checking, sorting and writing are fast."""
    import pandas as pd
    import pyarrow as pa

    columns = {str(name): frame[name] for name in frame}
    for column in table.columns:
        if column.kind == "text" and column.name in columns and columns[column.name].dtype == object:
            texts = pa.array(columns[column.name], type=pa.large_string(), from_pandas=True)
            columns[column.name] = pd.Series(texts, index=frame.index, dtype=packed_text())
    return pd.DataFrame(columns, index=frame.index, copy=False)


def each_distinct(values: pd.Series, function: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """What `function` makes of a column, worked out once per distinct value: dates and categories repeat.

    `function` gets the distinct values as objects, in any order, and None last if any is missing.
    """
    import numpy as np
    import pandas as pd

    places, distinct = distinct_places(values)
    missing = int(len(places) > 0 and places.min() < 0)
    given = np.full(len(distinct) + missing, None, dtype=object)
    given[: len(distinct)] = distinct
    answers = function(pd.Series(given))
    return answers.take(places).set_axis(values.index)  # the place of a missing value is -1, which is the last


def distinct_places(values: pd.Series) -> tuple[NDArray[Any], pd.Index]:
    """The place of each value among the distinct ones that there are, -1 where missing; and the distinct ones."""
    import numpy as np
    import pandas as pd

    if not isinstance(values.dtype, pd.CategoricalDtype):
        places, distinct = pd.factorize(values)
        return places, pd.Index(distinct)
    codes, categories = values.cat.codes.to_numpy(), values.cat.categories
    used = np.zeros(len(categories) + 1, dtype=bool)  # the last one is of missing values
    used[codes] = True
    if used[:-1].all():
        return codes, categories
    return np.append(np.cumsum(used[:-1]) - 1, -1)[codes], categories[used[:-1]]


def text_values(values: pd.Series) -> pd.Series:
    """The values as objects, None where missing: how text is kept in memory."""
    given = values.notna()
    if values.dtype == object and given.all():
        return values
    text: pd.Series = values.astype(object).where(given, None)  # type: ignore[call-overload]
    return text


_DTYPES = {"integer": "Int64", "number": "float64", "date": "datetime64[ns]", "flag": "bool"}


def _typed(values: pd.Series, column: Column, table: str) -> pd.Series:
    """The values as the column's kind; RecordError if that loses or cannot read one."""
    import pandas as pd

    typed: pd.Series
    try:
        match column.kind:
            case "text":
                typed = values if is_packed(values) else text_values(values)
            case kind if str(values.dtype) == _DTYPES[kind]:
                typed = values
            case "integer":
                typed = _read(values, lambda given: pd.to_numeric(given).astype("Int64"))
            case "number":
                typed = _read(values, lambda given: pd.to_numeric(given).astype("float64"))
            case "date":
                typed = _read(values, lambda given: pd.to_datetime(given).astype("datetime64[ns]"))
            case "flag":
                typed = values.astype(bool)
    except (ValueError, TypeError):
        # Without its cause, which quotes the value.
        raise RecordError(f"table {table}, column {column.name}: not every value is of kind {column.kind}") from None
    if column.required and typed.isna().any():
        raise RecordError(f"table {table}, column {column.name}: {int(typed.isna().sum())} missing where none may be")
    return typed


def _read(values: pd.Series, reader: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """What the reader makes of the values; of text once per distinct one."""
    return each_distinct(values, reader) if is_packed(values) else reader(values)


def empty(table: Table) -> pd.DataFrame:
    """A table without rows."""
    import pandas as pd

    return conform(pd.DataFrame({name: [] for name in table.names}), table)
