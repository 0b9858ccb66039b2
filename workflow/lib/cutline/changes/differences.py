"""Every result of two cuts side by side: before, after, difference, and whether a conclusion moved.

What a row is comes from the ARD's own columns, never from a study's names: a limit of an interval is a row with a
`conf_level`, a ratio has the unit `ratio`, a p-value is the statistic `p`, a median the statistic `median`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from cutline.display.lookup import Results, Row, index_results, value_of
from cutline.tables.differences import CHANGES, IDENTITY
from cutline.tables.spec import conform

SAME_RELATIVE, SAME_ABSOLUTE = 1e-9, 1e-12
"""How far the same result may lie from itself on another machine, whose last bits differ."""
SIGNIFICANT = 0.05
NO_EFFECT = 1.0
DEFINITION = ("population", "unit", "conf_level", "method")
"""Columns that say how a result is computed: where they differ, the two are not the same quantity."""


def compare_results(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Every key of either ARD with its value before and after: the table `changes`.

    In the order of the new ARD, then what is gone in the order of the old. Two values are the same if they agree to
    one part in 10⁹. A result that neither cut could estimate is the same; one that only one of them could has a status
    that says so, and no difference.
    """
    before, after = index_results([old]), index_results([new])
    keys = [*after, *(key for key in before if key not in after)]
    rows = [_compared(key, before, after) for key in keys]
    return conform(pd.DataFrame(rows, columns=CHANGES.names), CHANGES)


def _compared(key: str, before: Results, after: Results) -> dict[str, object]:
    old, new = before.get(key, {}), after.get(key, {})
    redefined = _redefined(old, new)
    first, last = _number(old), _number(new)
    comparable = first is not None and last is not None and "unit" not in redefined
    whose = new or old
    return {
        **{name: whose.get(name) for name in IDENTITY},
        "status": _status(old, new),
        "before": first,
        "after": last,
        "difference": last - first if comparable and first is not None and last is not None else None,
        "log_ratio": _log_ratio(first, last) if comparable and whose.get("unit") == "ratio" else None,
        **{
            f"{name}_{side}": row.get(name)
            for name in ("text", "n", "note")
            for side, row in (("before", old), ("after", new))
        },
        "conclusion": conclusion(key, before, after),
        "redefined": ", ".join(redefined),
    }


def _number(row: Row) -> float | None:
    value = row.get("value")
    return None if value is None else float(value)


def _log_ratio(first: float | None, last: float | None) -> float | None:
    return math.log(last / first) if first is not None and last is not None and min(first, last) > 0 else None


def _redefined(old: Row, new: Row) -> list[str]:
    """The defining columns that both rows fill, and differently."""
    return [name for name in DEFINITION if old.get(name) and new.get(name) and old[name] != new[name]]


def _status(old: Row, new: Row) -> str:
    if not old or not new:
        return "gone" if old else "new"
    known = [row["value"] is not None or bool(row["text"]) for row in (old, new)]
    if known[0] != known[1]:
        return "became estimable" if known[1] else "no longer estimable"
    return "same" if _agree(_number(old), _number(new)) and old["text"] == new["text"] else "changed"


def _agree(first: float | None, last: float | None) -> bool:
    if first is None or last is None:
        return first is last
    return math.isclose(first, last, rel_tol=SAME_RELATIVE, abs_tol=SAME_ABSOLUTE)


# ── conclusions ──────────────────────────────────────────────────────────────────────────────


def conclusion(key: str, before: Results, after: Results) -> str:
    """Which conclusion drawn from this result moved between the cuts; blank if none did, or it cannot be told.

    Median follow-up is no conclusion: it grows with every update.
    """
    row = after.get(key, {})
    if not row or key not in before or is_limit(row) or row["analysis"] == "followup":
        return ""
    if row["unit"] == "ratio":
        return _moved(_side_of_one(key, before), _side_of_one(key, after), "interval crossed 1")
    if row["statistic"] == "p":
        return _moved(_is_significant(key, before), _is_significant(key, after), "p crossed 0.05")
    if row["statistic"] == "median" and _outside(value_of(after, key), *limits_of(key, before)):
        return "median left its old interval"
    return ""


def is_limit(row: Row) -> bool:
    """Whether the result is a limit of an interval."""
    return row.get("conf_level") is not None


def limit_keys(key: str, results: Results) -> tuple[str, str]:
    """The keys of the limits of a result's interval; blank where the results hold none.

    `pfs.km.median_lower` belongs to `pfs.km.median`; `….lower` to the one estimate beside it, never to a count.
    """
    own = (f"{key}_lower", f"{key}_upper")
    if own[0] in results:
        return own
    path, _, _ = key.rpartition(".")
    beside = (f"{path}.lower", f"{path}.upper")
    belongs = beside[0] in results and results[beside[0]]["unit"] == results.get(key, {}).get("unit")
    return beside if belongs else ("", "")


def limits_of(key: str, results: Mapping[str, Row]) -> tuple[float | None, float | None]:
    """The limits of a result's interval; None where there is none or it is not estimable."""
    lower, upper = limit_keys(key, results)
    return value_of(results, lower), value_of(results, upper)


def _moved(first: object, last: object, what: str) -> str:
    return what if first is not None and last is not None and first != last else ""


def _side_of_one(key: str, results: Results) -> int | None:
    """1 if the interval lies above 1, -1 if below, 0 if it holds 1; None if it is not known whole."""
    lower, upper = limits_of(key, results)
    if lower is None or upper is None:
        return None
    return int(lower > NO_EFFECT) - int(upper < NO_EFFECT)


def _is_significant(key: str, results: Results) -> bool | None:
    value = value_of(results, key)
    return None if value is None else value < SIGNIFICANT


def _outside(value: float | None, lower: float | None, upper: float | None) -> bool:
    """Whether a value lies outside an interval; one whose upper limit was not reached is open to that side."""
    if value is None or lower is None:
        return False
    return value < lower or (upper is not None and value > upper)
