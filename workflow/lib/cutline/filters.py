"""Who a result is about: the column `filter` of the results, written where persons are counted and read where
a number is traced back to them.

    filter       = [who] ["| " contributing]
    who          = clause (" or " clause)*              the denominator: who of the population
    contributing = clause (" or " clause)*              who of the denominator is behind the statistic
    clause       = condition (" & " condition)*
    condition    = field ("=" | "!=" | ">=" | "<") values
    values       = value ("," value)* | "*"             "*": any value, that is, it is known
    field        = variable | endpoints.<endpoint>.<column> | response.<column> | safety.<column> | exposure.<column>
                 | deaths.<column> | cohort.<column> | ledger.<column> | scan_intervals.<column>

Blank is everyone of the population; without a bar the whole denominator is behind the statistic. Conditions of
one clause on the same table hold for the same row of it, and a person with such a row satisfies them. A person
without any row there counts as one row in which nothing is known. `!=` holds wherever `=` does not, also where nothing
is known: `ecog!=*` is "not known" and `safety.term!=*` "no event". `>=` and `<` take one number. Levels, terms and
categories stand as they are in the tables, flags as true and false, dates in ISO form, numbers as Python writes them;
what the grammar could mistake in a value is percent-encoded.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

from cutline.errors import ProvenanceError

COVARIATES, ENDPOINTS = "covariates", "endpoints"
TABLES = ("response", "safety", "exposure", "deaths", "cohort", "ledger", "scan_intervals")
"""Tables whose columns are named without a variable or an endpoint in between."""

ANY = "*"
EQUAL, OTHER, AT_LEAST, BELOW = "=", "!=", ">=", "<"
_CONDITION = re.compile(r"([a-z0-9_.]+)(>=|!=|=|<)(\S+)")
_PLAIN = "/+"
"""Read as they stand, besides letters, digits and `_.-~`: NON-CR/NON-PD, 1e+16."""
_EXPECTED = (
    "expected conditions such as ecog=0,1 or endpoints.pfs.time_days>=182.625 between ' & ', ' or ' and one ' | '; the "
    "results were edited or written by another version: make them again with snakemake"
)


@dataclass(frozen=True)
class Condition:
    """One thing asked of one row: a field, an operator and the values, or `ANY` for "it is known"."""

    field: str
    operator: str
    values: tuple[str, ...]

    @property
    def table(self) -> str:
        """The derived table: covariates if the field is a variable."""
        return self.field.partition(".")[0] if "." in self.field else COVARIATES

    @property
    def of(self) -> str:
        """The variable of covariates or the endpoint of endpoints; blank for other tables."""
        if self.table == COVARIATES:
            return self.field
        return self.field.split(".")[1] if self.table == ENDPOINTS else ""

    @property
    def column(self) -> str:
        """The column of the table; blank for a variable, whose level or number is meant."""
        return self.field.rpartition(".")[2] if "." in self.field else ""

    @property
    def asks_if_known(self) -> bool:
        return self.values == (ANY,)

    @property
    def holds_without_row(self) -> bool:
        """Whether it holds for a person of whom the table knows nothing."""
        return self.operator == OTHER

    def __str__(self) -> str:
        values = ANY if self.asks_if_known else ",".join(quote(value, safe=_PLAIN) for value in self.values)
        return f"{self.field}{self.operator}{values}"


Clause = tuple[Condition, ...]
"""Conditions that all hold."""


@dataclass(frozen=True)
class Filter:
    """Who is in the denominator and who of them is behind the statistic; of each, any clause suffices, none is all."""

    who: tuple[Clause, ...] = ()
    contributing: tuple[Clause, ...] = ()

    @property
    def conditions(self) -> Clause:
        return tuple(condition for clause in self.who + self.contributing for condition in clause)

    def __str__(self) -> str:
        sides = [_side(self.who)] if self.who else []
        return " ".join(sides + (["|", _side(self.contributing)] if self.contributing else []))


def _side(clauses: Sequence[Clause]) -> str:
    return " or ".join(" & ".join(str(condition) for condition in clause) for clause in clauses)


# ── writing ──────────────────────────────────────────────────────────────────────────────────


def filter_text(who: Clause = (), *contributing: Clause) -> str:
    """The filter of a result: who is in the denominator, and who behind the statistic: those who meet any clause."""
    return str(Filter((who,) if who else (), contributing))


def from_later_start(text: str, field: str, later: int) -> str:
    """The filter of a result whose times, in `field`, begin so much later: of those who are still at risk then.

    Everyone it speaks of has a time of at least `later`, and its own conditions on times are counted from there.
    """
    read, at_risk = parse(text), is_at_least(field, later)
    who, contributing = (tuple(tuple(_later(each, field, later) for each in clause) for clause in side)
                         for side in (read.who or ((),), read.contributing))  # fmt: skip
    return str(Filter(tuple((at_risk, *clause) for clause in who), contributing))


def _later(condition: Condition, field: str, later: int) -> Condition:
    if condition.field != field or condition.operator not in (AT_LEAST, BELOW):
        return condition
    return Condition(field, condition.operator, (_text(float(condition.values[0]) + later),))


def is_one_of(field: str, *values: str | bool | float) -> Condition:
    """The field has one of the values."""
    return Condition(field, EQUAL, tuple(_text(value) for value in values))


def is_none_of(field: str, *values: str) -> Condition:
    """The field has none of the values; it may be unknown."""
    return Condition(field, OTHER, values)


def is_known(field: str) -> Condition:
    return Condition(field, EQUAL, (ANY,))


def is_unknown(field: str) -> Condition:
    return Condition(field, OTHER, (ANY,))


def is_at_least(field: str, number: float) -> Condition:
    return Condition(field, AT_LEAST, (_text(number),))


def is_below(field: str, number: float) -> Condition:
    return Condition(field, BELOW, (_text(number),))


def _text(value: str | bool | float) -> str:
    if isinstance(value, str):
        return value
    # float first: numpy's numbers have a repr of their own.
    return str(value).lower() if isinstance(value, bool) else repr(value if isinstance(value, int) else float(value))


# ── reading ──────────────────────────────────────────────────────────────────────────────────


def parse(text: str) -> Filter:
    """The filter as written in the results; blank is everyone. Raises ProvenanceError for anything but the grammar."""
    who, bar, contributing = (part.strip() for part in text.partition("|"))
    if bar and not contributing:
        raise ProvenanceError(f"column filter: nothing stands behind the bar; {_EXPECTED}")
    return Filter(_clauses(who), _clauses(contributing))


def _clauses(side: str) -> tuple[Clause, ...]:
    if not side:
        return ()
    return tuple(tuple(_condition(part) for part in clause.split(" & ")) for clause in side.split(" or "))


def _condition(text: str) -> Condition:
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        raise ProvenanceError(f"column filter: found {text.strip()!r}, which is no condition; {_EXPECTED}")
    field, operator, values = found.groups()
    _check_field(field)
    texts = (ANY,) if values == ANY else tuple(unquote(value) for value in values.split(","))
    condition = Condition(field, operator, texts)
    if "" in texts or (operator in (AT_LEAST, BELOW) and not _one_number(texts)):
        raise ProvenanceError(f"column filter: found {text.strip()!r} with a value that does not fit; {_EXPECTED}")
    return condition


def _check_field(field: str) -> None:
    table, *rest = field.split(".")
    parts = {ENDPOINTS: 2} | dict.fromkeys(TABLES, 1)
    if "" in rest or not table or len(rest) != (parts.get(table, -1) if rest else 0):
        named = ", ".join([f"{ENDPOINTS}.<endpoint>.<column>", *(f"{name}.<column>" for name in TABLES)])
        raise ProvenanceError(f"column filter: unknown field {field!r}; known: a variable's id, {named}; {_EXPECTED}")


def _one_number(texts: Sequence[str]) -> bool:
    return len(texts) == 1 and as_number(texts[0]) is not None


def as_number(text: str) -> float | None:
    """The number a value stands for; None if it is a word, which `nan` and `inf` are too."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
