"""What a criterion may ask: the words of the language, and the way through an expression.

    expression = mapping of conditions; several are all of them
    condition  = <variable>: [levels]                         it has one of the levels
               | <variable>: {<operator>: bound, ...}         it lies within the bounds
               | known: [variables]                           all of them are known
               | known_columns: [columns]                     these columns of the row per person are filled
               | in_window: <date variable>                   the date lies in the study window, its ends included
               | records: {table, where, date, of, days_before, days_after, at_least, at_most}
               | all: [expressions] | any: [expressions] | not: expression
    bound      = a number in the variable's unit | an ISO date | the name of another date variable

Nothing here touches a person: the configuration is checked by it, the records a rule needs are found by it, and
`cutline.criteria` answers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Expression = Mapping[str, Any]
Criterion = Mapping[str, Any]

REQUIRE, EXCLUDE = "require", "exclude"
ALL, ANY, NOT = "all", "any", "not"
KNOWN, KNOWN_COLUMNS, RECORDS, IN_WINDOW = "known", "known_columns", "records", "in_window"
RESERVED = (ALL, ANY, NOT, KNOWN, KNOWN_COLUMNS, RECORDS, IN_WINDOW)
"""Words that no variable may be called."""
AS_MISSING, INCLUDE, QUERY = "exclude as missing", "include", "query"
"""What a criterion whose answer is unknown does."""

_BOUND = re.compile(r"-?\d+(\.\d+)?|\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Condition:
    """One thing asked: a reserved word or a variable, what is asked of it, and where in the expression it stands."""

    word: str
    asked: Any
    place: str

    @property
    def variables(self) -> list[str]:
        """The variables that the answer rests on, each once."""
        match self.word:
            case "known":
                return list(self.asked)
            case "in_window":
                return [self.asked]
            case "records":
                return [self.asked["of"]] if "of" in self.asked else []
            case "known_columns":
                return []
        return list(dict.fromkeys([self.word, *self.compared_with]))

    @property
    def compared_with(self) -> list[str]:
        """The date variables that a comparison names as bounds."""
        if self.word in RESERVED or not isinstance(self.asked, Mapping):
            return []
        return [str(bound) for bound in self.asked.values() if names_a_variable(bound)]

    @property
    def never_unknown(self) -> bool:
        return self.word in (KNOWN, KNOWN_COLUMNS) or (self.word == RECORDS and "of" not in self.asked)


def names_a_variable(bound: object) -> bool:
    """Whether the bound of a comparison is neither a number nor a date, and so the name of a date variable."""
    return not _BOUND.fullmatch(str(bound))


def asked_by(criterion: Criterion) -> Expression:
    """The criterion's expression, whether it is required or excludes."""
    expression: Expression = criterion[REQUIRE] if REQUIRE in criterion else criterion[EXCLUDE]
    return expression


def conditions(expression: Expression, place: str = "") -> Iterator[Condition]:
    """Every condition of the expression, in the order written."""
    for word, asked in expression.items():
        here = f"{place}.{word}" if place else word
        if word in (ALL, ANY):
            for number, part in enumerate(asked):
                yield from conditions(part, f"{here}.{number}")
        elif word == NOT:
            yield from conditions(asked, here)
        else:
            yield Condition(word, asked, here)


def variables_of(criterion: Criterion) -> list[str]:
    """The variables that a criterion rests on, each once, in the order written."""
    found = (name for condition in conditions(asked_by(criterion)) for name in condition.variables)
    return list(dict.fromkeys(found))


def records_of(criterion: Criterion) -> list[Mapping[str, Any]]:
    """What a criterion asks of records: every `records` condition, in the order written."""
    return [condition.asked for condition in conditions(asked_by(criterion)) if condition.word == RECORDS]


def may_be_unknown(criterion: Criterion) -> bool:
    """Whether the answer can be unknown; then the criterion must say what that does."""
    return not all(condition.never_unknown for condition in conditions(asked_by(criterion)))


def every_criterion(study: Mapping[str, Any]) -> Iterator[tuple[str, Criterion]]:
    """The criteria of the study and those that its what-if variants put in, with their place in study.yaml."""
    yield from ((f"criteria.{criterion['id']}", criterion) for criterion in study["criteria"])
    for variant in study.get("what_if", []):
        for criterion in variant.get("with", []):
            yield f"what_if.{variant['id']}.with.{criterion['id']}", criterion


def varied(criteria: list[Criterion], variant: Mapping[str, Any]) -> list[Criterion]:
    """The criteria of a what-if variant: those of `without` left out, those of `with` in the place of their namesake.

    A criterion of `with` whose id is new comes last.
    """
    put_in = {criterion["id"]: criterion for criterion in variant.get("with", [])}
    kept = [put_in.pop(each["id"], each) for each in criteria if each["id"] not in variant.get("without", [])]
    return [*kept, *put_in.values()]
