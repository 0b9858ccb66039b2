"""Results in words: the number as a reader would see it, and who is behind it. No pandas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cutline.audit.cut import Cut
from cutline.display.captions import in_words
from cutline.display.labels import in_sentence
from cutline.display.numbers import format_amount, format_date, format_result
from cutline.filters import AT_LEAST, BELOW, COVARIATES, EQUAL, OTHER, Clause, Condition, as_number, parse

COUNTS = ("persons", "records", "values", "events", "findings")
RATES = ("percentage points", "per 100 patient-years")
LIMITS = ("lower", "upper")
COMPARED = ("sd", "probability")
"""Units of what compares groups: a standardised difference, a p-value."""
UNITS = {"percent": "%", "probability": "", "ratio": "", "date": "", "sd": " SD"}
"""How units are written behind a number, if not by their name."""


# ── the number ───────────────────────────────────────────────────────────────────────────────


def number_of(row: Mapping[str, str]) -> float | None:
    """The value of a row of the results; None if it is not estimable or a text."""
    return float(row["value"]) if row["value"] else None


def displayed(row: Mapping[str, str]) -> str:
    """The result as the report would print it: counts whole, limits with two decimals, percentages with one."""
    value = number_of(row)
    if row["analysis"] in ("baseline", "selection") and row["unit"] not in (*COUNTS, *COMPARED, "percent"):
        return format_amount(value)
    return format_result({**row, "value": value}, _format(row))


def _format(row: Mapping[str, str]) -> str:
    statistic, unit = row["statistic"], row["unit"]
    if unit == "date":
        return "date"
    if row["text"]:
        return "%s"
    if unit in RATES or statistic.endswith("_per_df"):
        return "%.1f"
    if unit in (*COUNTS, "days") or statistic in ("df", "degrees_of_freedom"):
        return "%d"
    if row["analysis"] == "cox" and unit == "ratio" and not row["level"]:
        return "%.3f"  # per unit of a number, as the text gives it
    if statistic == "p":
        return "p"
    if unit in ("percent", "probability"):
        return "percent"
    return "%.1f" if unit and unit not in ("ratio", "sd") and not statistic.endswith(LIMITS) else "%.2f"


def with_unit(row: Mapping[str, str], shown: str) -> str:
    """The displayed text as it can follow a key and an equals sign: `6.6 months`, `0.64` for `p = 0.64`."""
    if shown.startswith("p "):
        shown = shown.removeprefix("p ").replace(" ", "").removeprefix("=")
    unit = UNITS.get(row["unit"], f" {row['unit']}")
    return shown + unit if shown[-1:].isdigit() and row["unit"] else shown


# ── who ──────────────────────────────────────────────────────────────────────────────────────

EVENTS = {"safety": "a recorded adverse event", "deaths": "a recorded death"}
"""Tables of events: a person has one or has none."""
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
    """The conditions of a clause; those on adverse events, or on deaths, are about one and the same."""
    known = [condition for condition in clause if condition.table == COVARIATES and condition.asks_if_known]
    parts = [_known(known, operator, words) for operator in (EQUAL, OTHER)]
    parts += [_one_event([each for each in clause if each.table == table]) for table in EVENTS]
    parts += [_condition(each, words) for each in clause if each not in known and each.table not in EVENTS]
    return " and ".join(part for part in parts if part)


def _known(conditions: list[Condition], operator: str, words: Words) -> str:
    """Variables that have to be known, or unknown, at once."""
    names = [_variable(each.of, words) for each in conditions if each.operator == operator]
    return f"with {'unknown' if operator == OTHER else 'known'} {_listed(names)}" if names else ""


def _variable(variable: str, words: Words) -> str:
    return in_sentence(str(words.variables.get(variable, {}).get("label", in_words(variable))))


def _listed(names: list[str], joint: str = "and") -> str:
    """`a`, `a and b`, `a, b and c`."""
    return f" {joint} ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _condition(condition: Condition, words: Words) -> str:
    """One condition, so that it can follow `those`."""
    match condition.table:
        case "covariates":
            return f"whose {_variable(condition.of, words)} {_is(condition, _levels(condition, words))}"
        case "endpoints":
            return _of_endpoint(condition, words)
        case "ledger":
            return _of_ledger(condition, words)
        case "exposure" if condition.asks_if_known:
            return "who were treated" if condition.operator == EQUAL else "who were not treated"
        case _:
            return f"whose {_column(condition)} {_is(condition, _dates(condition.values))}"


def _column(condition: Condition) -> str:
    return in_words(condition.column).lower()


def _is(condition: Condition, values: list[str]) -> str:
    """What is asked of a value, as a verb with its object: `is known`, `is 0 or 1`, `is at least 6`."""
    if condition.asks_if_known:
        return "is not known" if condition.operator == OTHER else "is known"
    verb = {OTHER: "is not ", AT_LEAST: "is at least ", BELOW: "is below "}.get(condition.operator, "is ")
    return verb + _listed(values, "or")


def _levels(condition: Condition, words: Words) -> list[str]:
    """Levels by their labels; numbers as they are displayed, with the variable's unit."""
    variable = words.variables.get(condition.of, {})
    levels, unit = variable.get("levels", {}), variable.get("unit", "")
    if levels:
        return [in_sentence(str(levels.get(value, in_words(value)))) for value in condition.values]
    return [f"{_amount(value)} {unit}".strip() for value in condition.values]


def _amount(value: str) -> str:
    number = as_number(value)
    return value if number is None else format_amount(number)


def _dates(values: Iterable[str]) -> list[str]:
    return [format_date(value) if re.fullmatch(r"\d{4}-\d\d-\d\d", value) else value for value in values]


def _of_endpoint(condition: Condition, words: Words) -> str:
    endpoint = words.endpoints.get(condition.of, {})
    name = in_sentence(str(endpoint.get("label", in_words(condition.of))))
    match condition.column:
        case "event" if condition.values == ("true",):
            return f"with {endpoint.get('event_label', 'an event')} ({name})"
        case "event" if condition.values == ("false",):
            return f"censored for {name}"
        case "time_days":
            return f"whose time of {name} {_is(condition, list(condition.values))} days"
    return f"whose {_column(condition)} of {name} {_is(condition, list(condition.values))}"


def _of_ledger(condition: Condition, words: Words) -> str:
    labels = [f"“{words.criteria.get(value, in_words(value))}”" for value in condition.values]
    counted = {"first_failed": "excluded by", "first_pending": "pending at", "left_at": "who left at"}
    match condition.column, condition.operator:
        case "status", "=":
            return f"who are {_listed(list(condition.values), 'or')}"
        case "first_answer", "=":
            return f"whose answer to it is {_listed(list(condition.values), 'or')}"
        case "left_at", "!=" if len(labels) > 1 and [*condition.values] == [*words.criteria][: len(labels)]:
            return f"left by the first {len(labels)} criteria, the last of them {labels[-1]}"
        case "first_failed" | "first_pending" | "left_at", operator if not condition.asks_if_known:
            return f"{'not ' if operator == OTHER else ''}{counted[condition.column]} {_listed(labels, 'or')}"
    return f"whose {_column(condition)} {_is(condition, list(condition.values))}"


def _one_event(conditions: list[Condition]) -> str:
    """An adverse event or a death that a person has or has not, with all that is asked of it; blank if nothing is."""
    if not conditions:
        return ""
    event = EVENTS[conditions[0].table]
    if all(condition.asks_if_known for condition in conditions):
        return f"without {event}" if conditions[0].operator == OTHER else f"with {event}"
    asked = (f"{_column(each)} {_is(each, [value.replace('_', ' ') for value in each.values])}" for each in conditions)
    return f"with {event} whose {' and '.join(asked)}"
