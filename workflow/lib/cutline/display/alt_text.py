"""Each figure in one sentence, from the results, for those who cannot see it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from cutline.display.captions import breakable, endpoint_label, level_label
from cutline.display.catalogue import Exhibit
from cutline.display.labels import counted, in_sentence, label
from cutline.display.lookup import Results, Row, value_of, with_prefix
from cutline.display.numbers import format_interval, format_number, p_statement, rounded, times_hundred
from cutline.display.responses import category_label, groups_shown, response_bars
from cutline.trials import values_of


def alt_text(exhibit: Exhibit, settings: Mapping[str, Any], results: Results) -> str:
    """What the figure shows, in one sentence with its main numbers."""
    if not value_of(results, "flow.included") and exhibit.subject != "flow":
        return label("no_patients")
    match exhibit.subject:
        case "flow":
            return _flow(settings, results)
        case "survival":
            return _survival(exhibit.endpoint, settings, results)
        case "response":
            return _response(settings, results)
        case "forest":
            return _forest(exhibit.endpoint, settings, results)
        case "schoenfeld":
            return _schoenfeld(exhibit.endpoint, settings, results)
        case "context":
            return _context(exhibit.endpoint, settings, results)
    raise AssertionError(f"no figure is drawn of {exhibit.subject}")


def _flow(settings: Mapping[str, Any], results: Results) -> str:
    numbers = [_count(results, f"flow.excluded.{criterion['id']}") for criterion in settings["criteria"]]
    labels = [in_sentence(criterion["label"]) for criterion in settings["criteria"]]
    listed = ", ".join(f"{name} {number}" for name, number in zip(labels, numbers, strict=True) if number)
    pending = _count(results, "flow.pending")
    return label(
        "alt_flow",
        screened=counted("patient_count", _count(results, "flow.screened")),
        excluded=sum(numbers),
        reasons=label("alt_reasons", list=listed) if listed else "",
        pending=label("alt_pending", n=pending) if pending else "",
        included=_count(results, "flow.included"),
    )


def _count(results: Results, key: str) -> int:
    return int(value_of(results, key) or 0)


def _survival(endpoint: str, settings: Mapping[str, Any], results: Results) -> str:
    return label(
        "alt_survival",
        endpoint=in_sentence(endpoint_label(settings, endpoint)),
        patients=counted("patient_count", _count(results, f"{endpoint}.n")),
        events=counted("event_count", _count(results, f"{endpoint}.events")),
        median=_median(endpoint, settings, results),
        landmarks="".join(_landmarks(endpoint, settings, results)),
    )


def _median(endpoint: str, settings: Mapping[str, Any], results: Results) -> str:
    median = value_of(results, f"{endpoint}.km.median")
    if median is None:
        return label("alt_median_not_reached")
    limits = [value_of(results, f"{endpoint}.km.median_{side}") for side in ("lower", "upper")]
    interval = format_interval(limits[0], limits[1], 2, label("not_estimable"))
    level = rounded(times_hundred(settings["statistics"]["conf_level"]), 0)
    return label("alt_median", median=format_number(median, 1), level=level, interval=interval)


def _landmarks(endpoint: str, settings: Mapping[str, Any], results: Results) -> list[str]:
    """The share free of the event at each landmark that can be estimated."""
    rows = [(re.fullmatch(r"survival_(\d+)m", rest), row) for rest, row in with_prefix(results, f"{endpoint}.km.")]
    return [
        label(
            "alt_landmark",
            months=found[1],
            percent=format_number(times_hundred(row["value"]), 1),
        )
        for found, row in rows
        if found and row["value"] is not None
    ]


def _response(settings: Mapping[str, Any], results: Results) -> str:
    """The bars of all patients, or of each group."""
    bars = response_bars(results)
    listed = "; ".join(
        f"{group.name}: {_bars(response_bars(results, group.suffix))}" for group in groups_shown(settings, results)
    )
    patients = counted("patient_count", int(bars["n"].sum()))
    return label("alt_response", patients=patients, list=listed or _bars(bars))


def _bars(bars: pd.DataFrame) -> str:
    return ", ".join(
        label(
            "alt_bar",
            label=in_sentence(category_label(bar["category"]).replace("\n", " ")),
            n=bar["n"],
            percent=format_number(bar["percent"], 1),
        )
        for bar in bars.to_dict("records")
    )


def _forest(endpoint: str, settings: Mapping[str, Any], results: Results) -> str:
    """How many terms there are, and the smallest and the largest hazard ratio of the multivariable model."""
    prefix = f"{endpoint}.cox.multivariable."
    rows = [row for rest, row in with_prefix(results, prefix)
            if row["statistic"] == "hr" and row["value"] is not None and row["note"] != "reference"]  # fmt: skip
    extremes = ""
    if rows:
        low, high = (choose(rows, key=lambda row: row["value"]) for choose in (min, max))
        named = {"low_term": _term(low, settings), "high_term": _term(high, settings)}
        numbers = {"low": _hazard(low), "high": _hazard(high)}
        extremes = label("alt_forest_terms", **numbers, **named)
    name = in_sentence(endpoint_label(settings, endpoint))
    return label("alt_forest", n=len(rows), endpoint=name, extremes=extremes)


def _hazard(row: Row) -> str:
    return format_number(row["value"], 2 if row["level"] else 3)


def _term(row: Row, settings: Mapping[str, Any]) -> str:
    name = in_sentence(str(settings["variables"][row["variable"]]["label"]))
    level = str(row["level"])
    return f"{name}: {in_sentence(level_label(settings, row['variable'], level))}" if level else name


def _schoenfeld(endpoint: str, settings: Mapping[str, Any], results: Results) -> str:
    p = p_statement(value_of(results, f"{endpoint}.cox.multivariable.zph.km.global.p"))
    name = in_sentence(endpoint_label(settings, endpoint))
    return label("alt_schoenfeld", endpoint=name, p=breakable(p))


def _context(endpoint: str, settings: Mapping[str, Any], results: Results) -> str:
    """The median here, and the smallest and largest of the trials."""
    shown = list(values_of(settings["literature"], endpoint=endpoint, statistic="median"))
    medians = [value["value"] for _, value in shown]
    return label(
        "alt_context",
        endpoint=in_sentence(endpoint_label(settings, endpoint)),
        median=_median(endpoint, settings, results),
        trials=len({trial["label"] for trial, _ in shown}),
        low=format_number(min(medians, default=None), 1),
        high=format_number(max(medians, default=None), 1),
    )
