"""Criteria in words: what each asks, as the configuration says it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cutline.display.captions import level_label
from cutline.display.numbers import format_date
from cutline.expressions import (
    ALL,
    ANY,
    NOT,
    REQUIRE,
    Criterion,
    Expression,
    asked_by,
    names_a_variable,
)
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import escaped, in_text, listed

BOUNDS = {"at_least": "at least", "above": "above", "at_most": "at most", "below": "below", "equals": "exactly"}
DATES = {"at_least": "on or after", "above": "after", "at_most": "on or before", "below": "before", "equals": "on"}
COLUMNS = {"icd10": "ICD-10 code", "atc": "ATC code"}
"""Columns whose name is no word."""
TABLES = {"lines": "lines of therapy"}
"""Tables whose name says less than they hold."""


def described(criterion: Criterion, context: Context) -> str:
    """The label and what is asked: `HER2-positive disease (HER2 status: positive)`."""
    required = "required: " if REQUIRE in criterion else ""
    return f"{in_text(str(criterion['label']))} ({required}{rule_in_words(criterion, context)})"


def rule_in_words(criterion: Criterion, context: Context) -> str:
    """What the criterion asks, without its label."""
    return _all(asked_by(criterion), context)


def variable_name(name: str, context: Context) -> str:
    """A variable's label within a sentence."""
    if name == "index_date":
        return "index date"
    return in_text(str(context.settings["variables"][name]["label"]))


# ── expressions ──────────────────────────────────────────────────────────────────────────────


def _all(expression: Expression, context: Context) -> str:
    return "; ".join(_condition(word, asked, context) for word, asked in expression.items())


def _condition(word: str, asked: Any, context: Context) -> str:
    match word:
        case "all" | "any":
            joint = {ALL: "; ", ANY: " or "}[word]
            return joint.join(_part(part, context, word) for part in asked)
        case "not":
            return f"{NOT} ({_all(asked, context)})"
        case "known":
            return f"known {listed([variable_name(name, context) for name in asked])}"
        case "known_columns":
            return f"recorded {listed([column_in_words(name, context) for name in asked])}"
        case "in_window":
            return f"{variable_name(asked, context)} within the study window"
        case "records":
            return _records(asked, context)
    return _of_variable(word, asked, context)


def _part(expression: Expression, context: Context, joined: str) -> str:
    """A part of `all` or `any`; in brackets where it would be read otherwise."""
    words = _all(expression, context)
    return f"({words})" if joined == ANY and len(expression) > 1 else words


def _of_variable(name: str, asked: Any, context: Context) -> str:
    variable = context.settings["variables"].get(name, {"kind": "date"})
    if not isinstance(asked, Mapping):
        levels = [in_text(level_label(context.settings, name, str(level))) for level in asked]
        return f"{variable_name(name, context)}: {listed(levels, 'or')}"
    if variable["kind"] == "date":
        bounds = [f"{DATES[word]} {_day(str(bound), context)}" for word, bound in asked.items()]
    else:
        unit = f" {escaped(variable['unit'])}" if variable.get("unit") else ""
        bounds = [f"{BOUNDS[word]} {bound}{unit}" for word, bound in asked.items()]
    return f"{variable_name(name, context)} {listed(bounds)}"


def _day(bound: str, context: Context) -> str:
    return variable_name(bound, context) if names_a_variable(bound) else format_date(bound)


def _records(asked: Mapping[str, Any], context: Context) -> str:
    """`at least one record of treatments with atc L01EG* up to 1 day before the index date`."""
    return f"{_number(asked)} of {condition_of_records(asked)}{_window(asked, context)}"


def condition_of_records(asked: Mapping[str, Any]) -> str:
    """The table and what its records must say: `treatments with ATC code L01EG*`."""
    columns = [
        f"{COLUMNS.get(column, _plain(column))} {listed(in_ranges(values), 'or').replace('_', ' ')}"
        for column, values in asked.get("where", {}).items()
    ]
    which = escaped(f" with {listed(columns)}") if columns else ""
    return f"{TABLES.get(asked['table'], _plain(asked['table']))}{which}"


_BLOCK = re.compile(r"([A-Z])(\d\d)\*")


def in_ranges(codes: Sequence[str]) -> list[str]:
    """Codes as a reader lists them: blocks that follow each other become a range, `C51*, C52*, C53*` is `C51–C53`."""
    ranges: list[list[str]] = []
    for code in codes:
        if ranges and _follows(ranges[-1][-1], code):
            ranges[-1].append(code)
        else:
            ranges.append([code])
    return [f"{each[0][:-1]}–{each[-1][:-1]}" if len(each) > 1 else each[0] for each in ranges]


def _follows(code: str, following: str) -> bool:
    first, second = _BLOCK.fullmatch(str(code)), _BLOCK.fullmatch(str(following))
    if first is None or second is None:
        return False
    return first[1] == second[1] and int(first[2]) + 1 == int(second[2])


def _number(asked: Mapping[str, Any]) -> str:
    """How many records; one if nothing is said."""
    bounds = [f"{BOUNDS[word]} {asked[word]}" for word in ("at_least", "at_most") if word in asked]
    if not bounds:
        return "a record"
    return f"{listed(bounds)} record{'' if [asked.get(key, 1) for key in ('at_least', 'at_most')] == [1, 1] else 's'}"


def _window(asked: Mapping[str, Any], context: Context) -> str:
    if "of" not in asked:
        return ""
    anchor = variable_name(asked["of"], context)
    if "days_before" not in asked:
        return f" up to {_end(asked['days_after'], 1, anchor)}"
    begin = _end(asked["days_before"], -1, anchor)
    if "days_after" not in asked:
        return f" from {begin} on"
    return f" from {begin} to {_end(asked['days_after'], 1, anchor)}"


def _end(days: int, sign: int, anchor: str) -> str:
    """A bound of the window: `30 days before the index date`, `the index date`."""
    away = days * sign
    if not away:
        return f"the {anchor}"
    count = "1 day" if abs(away) == 1 else f"{abs(away)} days{_in_years(abs(away))}"
    return f"{count} {'before' if away < 0 else 'after'} the {anchor}"


DAYS_PER_YEAR = 365.25


def _in_years(days: int) -> str:
    """` (5 years)` where the days are whole years; nothing otherwise."""
    years = round(days / DAYS_PER_YEAR)
    return f" ({years} years)" if years > 1 and abs(days - years * DAYS_PER_YEAR) < 1 else ""


def column_in_words(name: str, context: Context) -> str:
    """A column by what the study says it holds; by its name where the study does not say it."""
    tables = context.settings["source"].get("tables", {}).values()
    described_as = (str(table["columns"][name].get("description", "")) for table in tables
                    if name in table.get("columns", {}))  # fmt: skip
    return escaped(next(filter(None, described_as), "")) or _plain(name)


def _plain(name: str) -> str:
    return escaped(name.replace("_", "-"))
