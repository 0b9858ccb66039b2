"""Results in words: the number as a reader would see it, and who is behind it. No pandas."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cutline.audit.cut import Cut
from cutline.display.captions import in_words
from cutline.display.labels import in_sentence
from cutline.display.numbers import format_amount, format_date, format_result
from cutline.filters import AT_LEAST, BELOW, OTHER, Clause, Condition, as_number, parse

COUNTS = ("persons", "records", "values")
LIMITS = ("lower", "upper")
UNITS = {"percent": "", "probability": "", "ratio": "", "date": ""}
"""Units that a number does not show behind it."""


# ── the number ───────────────────────────────────────────────────────────────────────────────


def number_of(row: Mapping[str, str]) -> float | None:
    """The value of a row of the results; None if it is not estimable or a text."""
    return float(row["value"]) if row["value"] else None


def displayed(row: Mapping[str, str]) -> str:
    """The result as the report would print it: counts whole, limits with two decimals, percentages with one."""
    value = number_of(row)
    if row["unit"] in ("years", "months") and row["analysis"] == "baseline":
        return format_amount(value)
    return format_result({**row, "value": value}, _format(row))


def _format(row: Mapping[str, str]) -> str:
    statistic, unit = row["statistic"], row["unit"]
    if unit == "date":
        return "date"
    if row["text"]:
        return "%s"
    if unit in COUNTS or statistic == "df":
        return "%d"
    if statistic == "p":
        return "p"
    if unit in ("percent", "probability"):
        return "percent"
    return "%.1f" if unit and unit != "ratio" and not statistic.endswith(LIMITS) else "%.2f"


def with_unit(row: Mapping[str, str], shown: str) -> str:
    """The displayed text with its unit, as it would be said: `6.6 months`."""
    unit = UNITS.get(row["unit"], row["unit"])
    return f"{shown} {unit}" if unit and shown[:1].isdigit() else shown


# ── who ──────────────────────────────────────────────────────────────────────────────────────

POPULATIONS = {"screened": "screened patients", "included": "included patients"}


@dataclass(frozen=True)
class Words:
    """The study's names of variables, endpoints and criteria, as its records keep them."""

    variables: Mapping[str, Any]
    endpoints: Mapping[str, Any]
    criteria: Mapping[str, str]


def words_of(cut: Cut) -> Words:
    """The names the cut was made with."""
    settings = [record.get("settings", {}) for record in cut.records.values()]
    named = {name: _first(settings, name) for name in ("variables", "endpoints", "criteria")}
    criteria = {criterion["id"]: criterion["label"] for criterion in named["criteria"] or ()}
    return Words(named["variables"] or {}, named["endpoints"] or {}, criteria)


def _first(settings: Iterable[Mapping[str, Any]], name: str) -> Any:
    return next((given[name] for given in settings if given.get(name)), None)


def who(row: Mapping[str, str], words: Words) -> dict[str, str]:
    """The denominator and who of it is behind the statistic, each as a phrase.

    Raises ProvenanceError for a filter that cannot be read.
    """
    asked = parse(row["filter"])
    everyone = POPULATIONS.get(row["population"], row["population"])
    clauses = [_clause(clause, words) for clause in asked.who]
    denominator = f"{everyone} {_any(clauses)}" if clauses else f"all {everyone}"
    if not row["n"]:
        return {"denominator": "", "contributing": "records are counted here, not persons"}
    behind = [_clause(clause, words) for clause in asked.contributing]
    return {"denominator": denominator, "contributing": f"those {_any(behind)}" if behind else "all of them"}


def _any(clauses: list[str]) -> str:
    return ", or ".join(clauses)


def _clause(clause: Clause, words: Words) -> str:
    return " and ".join(_condition(condition, words) for condition in clause)


def _condition(condition: Condition, words: Words) -> str:
    """One condition, so that it can follow `those`."""
    match condition.table:
        case "covariates":
            name = in_sentence(str(words.variables.get(condition.of, {}).get("label", in_words(condition.of))))
            return f"whose {name} {_is(condition, _levels(condition, words))}"
        case "endpoints":
            return _of_endpoint(condition, words)
        case "ledger":
            return _of_ledger(condition, words)
        case "safety" | "deaths":
            return _of_event(condition)
        case _:
            return f"whose {in_words(condition.column).lower()} {_is(condition, _dates(condition.values))}"


def _is(condition: Condition, values: list[str]) -> str:
    """What is asked of a value, as a verb with its object: `is known`, `is 0 or 1`, `is at least 6`."""
    if condition.asks_if_known:
        return "is not known" if condition.operator == OTHER else "is known"
    verb = {OTHER: "is not ", AT_LEAST: "is at least ", BELOW: "is below "}.get(condition.operator, "is ")
    return verb + " or ".join(values)


def _levels(condition: Condition, words: Words) -> list[str]:
    """Levels by their labels, numbers as they are displayed, with the variable's unit."""
    variable = words.variables.get(condition.of, {})
    levels, unit = variable.get("levels", {}), variable.get("unit", "")
    if levels:
        return [str(levels.get(value, in_words(value))) for value in condition.values]
    numbers = [as_number(value) for value in condition.values]
    shown = [value if number is None else format_amount(number) for value, number in zip(condition.values, numbers, strict=True)]
    return [f"{value} {unit}".strip() for value in shown]


def _dates(values: Iterable[str]) -> list[str]:
    return [format_date(value) if value[4:5] == "-" and value[:4].isdigit() else value for value in values]


def _of_endpoint(condition: Condition, words: Words) -> str:
    endpoint = words.endpoints.get(condition.of, {})
    name = in_sentence(str(endpoint.get("label", in_words(condition.of))))
    match condition.column:
        case "event" if condition.values == ("true",):
            return f"with the event of {name} ({endpoint.get('event_label', 'event')})"
        case "event" if condition.values == ("false",):
            return f"censored for {name}"
        case "time_days":
            return f"whose time to {name} {_is(condition, list(condition.values))} days"
    return f"whose {in_words(condition.column).lower()} of {name} {_is(condition, list(condition.values))}"


def _of_ledger(condition: Condition, words: Words) -> str:
    criteria = [f"“{words.criteria.get(value, in_words(value))}”" for value in condition.values]
    match condition.column, condition.operator:
        case "included", _:
            return "who were included" if condition.values == ("true",) else "who were not included"
        case "first_failed", operator if not condition.asks_if_known:
            return f"{'not ' if operator == OTHER else ''}excluded by {' or '.join(criteria)}"
    return f"whose {in_words(condition.column).lower()} {_is(condition, list(condition.values))}"


def _of_event(condition: Condition) -> str:
    """Adverse events and deaths: a person has them or not."""
    event = "a recorded adverse event" if condition.table == "safety" else "a recorded death"
    if condition.asks_if_known:
        return f"without {event}" if condition.operator == OTHER else f"with {event}"
    return f"with {event} whose {in_words(condition.column).lower()} {_is(condition, list(condition.values))}"
