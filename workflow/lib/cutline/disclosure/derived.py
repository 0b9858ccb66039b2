"""Statistics that are computed from counts: again, and from the shown ones alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cutline.disclosure.cells import Cells, Row, known
from cutline.disclosure.rounding import significant
from cutline.safety.rates import poisson_interval
from cutline.two_proportions import WILSON, compared_proportions, proportion_interval

COUNT_OF = {"percent": "n", "missing_percent": "missing", "events_percent": "events", "censored_percent": "censored"}
RATE = "per_100_patient_years"


def share(cells: Cells, row: Row) -> float | None:
    """A percentage from the shown count and the rounded denominator."""
    key, statistic = str(row["key"]), str(row["statistic"])
    counted = cells.rows.get(key.removesuffix(statistic) + COUNT_OF[statistic])
    count, size = (None, None) if counted is None else (cells.shown_of(counted), cells.size_of(row))
    return None if count is None or not size else 100 * count / size


def limit(cells: Cells, row: Row) -> float | None:
    """A limit of a proportion, by the shown count."""
    path, _, statistic = str(row["key"]).rpartition(".")
    counted = cells.rows.get(f"{path}.n")
    count, size = (None, None) if counted is None else (cells.shown_of(counted), cells.size_of(counted))
    if count is None or not size:
        return None
    kind = WILSON if statistic.startswith(WILSON) else "exact"
    limits = proportion_interval(count, size, float(row["conf_level"]), kind)
    return 100 * limits[statistic.endswith("upper")]


def differences(cells: Cells, reference: str, conf_level: float) -> dict[str, float | None]:
    """Differences of two levels' proportions with their intervals and tests, by key, from the shown counts."""
    found: dict[str, float | None] = {}
    for row in cells.rows.values():
        if row["statistic"] == "risk_difference" and row["group"] == cells.apart:
            path = str(row["key"]).removesuffix(".risk_difference")
            cell = path.replace(f".{cells.apart}.{row['group_level']}", "", 1) + ".n"
            found |= {each["key"]: each["value"] for each in _compared(cells, path, cell, row, reference, conf_level)}
    return found


def _compared(
    cells: Cells, path: str, cell: str, row: Row, reference: str, conf_level: float
) -> Iterator[Mapping[str, Any]]:
    of_level = [cells.of_levels.get(cell, {}).get(level) for level in (row["group_level"], reference)]
    rows = [each for each in of_level if each is not None]
    counts, sizes = [cells.shown_of(each) for each in rows], [cells.size_of(each) for each in rows]
    if len(rows) == 2 and known(row["value"]) and None not in counts and all(sizes):
        yield from compared_proportions(path, counts, sizes, conf_level, {})  # type: ignore[arg-type]


def patient_years(cells: Cells) -> Iterator[tuple[str, float]]:
    """Time at risk with two digits, and by it how often any event came; of single terms neither."""
    for row in cells.rows.values():
        if row["statistic"] != "patient_years" or not known(row["value"]) or ".term." in str(row["key"]):
            continue
        years, path = significant(float(row["value"])), str(row["key"]).removesuffix("patient_years")
        if path.endswith((".exposure.", ".any.")) and row["group"] in ("", cells.apart):
            yield str(row["key"]), years
        if path.endswith(".any.") and (counted := cells.rows.get(f"{path}n")) is not None:
            yield from _incidence(cells, counted, path, years)


def _incidence(cells: Cells, counted: Row, path: str, years: float) -> Iterator[tuple[str, float]]:
    count, low = cells.shown_of(counted), cells.rows.get(f"{path}{RATE}_lower")
    if count is not None and years and low is not None:
        limits = poisson_interval(count, years, float(low["conf_level"]))
        rates = {"": count / years, "_lower": limits[0], "_upper": limits[1]}
        yield from ((f"{path}{RATE}{end}", 100 * rate) for end, rate in rates.items())
