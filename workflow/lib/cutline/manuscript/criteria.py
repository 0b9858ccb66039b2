"""Criteria in words: what each asks, as the configuration says it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cutline.display.captions import level_label
from cutline.display.numbers import format_date
from cutline.expressions import (
    REQUIRE,
    Criterion,
    Expression,
    asked_by,
    names_a_variable,
)
from cutline.languages import marked, tell, with_decimal_sign
from cutline.manuscript.context import Context
from cutline.manuscript.markdown import OR, escaped, in_text, listed
from cutline.manuscript.record_words import column_in_words, table_in_words, value_in_words

BOUNDS = {
    "at_least": marked("at least {bound}"),
    "above": marked("above {bound}"),
    "at_most": marked("at most {bound}"),
    "below": marked("below {bound}"),
    "equals": marked("exactly {bound}"),
}
DATES = {
    "at_least": marked("on or after {date}"),
    "above": marked("after {date}"),
    "at_most": marked("on or before {date}"),
    "below": marked("before {date}"),
    "equals": marked("on {date}"),
}


def described(criterion: Criterion, context: Context) -> str:
    """The label and what is asked: `HER2-positive disease (HER2 status: positive)`."""
    label, rule = in_text(str(criterion["label"])), rule_in_words(criterion, context)
    return tell("{label} (required: {rule})", label=label, rule=rule) if REQUIRE in criterion else f"{label} ({rule})"


def rule_in_words(criterion: Criterion, context: Context) -> str:
    """What the criterion asks, without its label."""
    return _all(asked_by(criterion), context)


def variable_name(name: str, context: Context) -> str:
    """A variable's label within a sentence."""
    if name == "index_date":
        return tell("index date")
    return in_text(str(context.settings["variables"][name]["label"]))


# ── expressions ──────────────────────────────────────────────────────────────────────────────


def _all(expression: Expression, context: Context) -> str:
    return "; ".join(_condition(word, asked, context) for word, asked in expression.items())


def _condition(word: str, asked: Any, context: Context) -> str:
    match word:
        case "all":
            return "; ".join(_all(part, context) for part in asked)
        case "any":
            return f" {tell(OR)} ".join(_alternative(part, context) for part in asked)
        case "not":
            return tell("not ({condition})", condition=_all(asked, context))
        case "known":
            return tell("known {variables}", variables=listed([variable_name(name, context) for name in asked]))
        case "known_columns":
            return tell("recorded {columns}", columns=listed([described_column(name, context) for name in asked]))
        case "in_window":
            return tell("{date} within the study window", date=variable_name(asked, context))
        case "records":
            return _records(asked, context)
    return _of_variable(word, asked, context)


def _alternative(expression: Expression, context: Context) -> str:
    """A part of `any`; in brackets where it would be read otherwise."""
    words = _all(expression, context)
    return f"({words})" if len(expression) > 1 else words


def _of_variable(name: str, asked: Any, context: Context) -> str:
    variable = context.settings["variables"].get(name, {"kind": "date"})
    if not isinstance(asked, Mapping):
        levels = [in_text(level_label(context.settings, name, str(level))) for level in asked]
        return f"{variable_name(name, context)}: {listed(levels, OR)}"
    if variable["kind"] == "date":
        bounds = [tell(DATES[word], date=_day(str(bound), context)) for word, bound in asked.items()]
    else:
        unit = f" {escaped(variable['unit'])}" if variable.get("unit") else ""
        bounds = [tell(BOUNDS[word], bound=with_decimal_sign(str(bound)) + unit) for word, bound in asked.items()]
    return f"{variable_name(name, context)} {listed(bounds)}"


def _day(bound: str, context: Context) -> str:
    return variable_name(bound, context) if names_a_variable(bound) else format_date(bound)


def _records(asked: Mapping[str, Any], context: Context) -> str:
    """`at least one record of treatments with atc L01EG* up to 1 day before the index date`."""
    found = tell("{number} of {records}", number=_number(asked), records=condition_of_records(asked, context))
    return _within(found, asked, context) if "of" in asked else found


def condition_of_records(asked: Mapping[str, Any], context: Context) -> str:
    """The table and what its records must say: `treatments with ATC code L01EG*`."""
    records = table_in_words(asked["table"])
    conditions = [f"{column_in_words(column)} {listed(_values(column, values, context), OR)}"
                  for column, values in asked.get("where", {}).items()]  # fmt: skip
    if not conditions:
        return records
    return tell("{records} with {conditions}", records=records, conditions=listed(conditions))


def _values(column: str, recorded: Sequence[str], context: Context) -> list[str]:
    """What the records say, in words; classes of lines, which are the study's own, in its words where it has them."""
    own = classes_of_lines(context) if column == "class" else {}
    return [own.get(value) or value_in_words(value) for value in in_ranges(recorded)]


def classes_of_lines(context: Context) -> dict[str, str]:
    """The classes of lines by the labels of the variables that have them as levels."""
    selects = [(spec.get("select", {}), spec) for spec in context.settings["variables"].values()]
    of_lines = [spec for select, spec in selects if (select.get("table"), select.get("value")) == ("lines", "class")]
    return {level: in_text(str(label)) for spec in of_lines for level, label in spec.get("levels", {}).items()}


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
    bounds = [tell(BOUNDS[word], bound=asked[word]) for word in ("at_least", "at_most") if word in asked]
    if not bounds:
        return tell("a record")
    if [asked.get(key, 1) for key in ("at_least", "at_most")] == [1, 1]:
        return tell("{number} record", number=listed(bounds))
    return tell("{number} records", number=listed(bounds))


def _within(found: str, asked: Mapping[str, Any], context: Context) -> str:
    """The records found, and the days around a date in which they count."""
    date = variable_name(asked["of"], context)
    if "days_before" not in asked:
        return tell("{records} up to {end}", records=found, end=_end(asked["days_after"], date))
    begin = _end(-asked["days_before"], date)
    if "days_after" not in asked:
        return tell("{records} from {begin} on", records=found, begin=begin)
    return tell("{records} from {begin} to {end}", records=found, begin=begin, end=_end(asked["days_after"], date))


def _end(days: int, date: str) -> str:
    """A bound of the window, so many days after a date: `30 days before the index date`, `the index date`."""
    if not days:
        return tell("the {date}", date=date)
    one, many, in_years = BEFORE if days < 0 else AFTER
    away, years = abs(days), _whole_years(abs(days))
    message = one if away == 1 else in_years if years else many
    return tell(message, days=away, years=years, date=date)


BEFORE = (
    marked("1 day before the {date}"),
    marked("{days} days before the {date}"),
    marked("{days} days ({years} years) before the {date}"),
)
AFTER = (
    marked("1 day after the {date}"),
    marked("{days} days after the {date}"),
    marked("{days} days ({years} years) after the {date}"),
)
DAYS_PER_YEAR = 365.25


def _whole_years(days: int) -> int:
    """The years that the days are, 2 and more; 0 where they are no whole years."""
    years = round(days / DAYS_PER_YEAR)
    return years if years > 1 and abs(days - years * DAYS_PER_YEAR) < 1 else 0


def described_column(name: str, context: Context) -> str:
    """A column by what the study says it holds; by its name where the study does not say it."""
    tables = context.settings["source"].get("tables", {}).values()
    described_as = (str(table["columns"][name].get("description", "")) for table in tables
                    if name in table.get("columns", {}))  # fmt: skip
    return escaped(next(filter(None, described_as), "")) or column_in_words(name)
