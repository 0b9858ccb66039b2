"""Persons with an event of some kind: counted once each, and by what is recorded of their events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.ard import result
from cutline.filters import Clause, Condition, filter_text, is_known, is_one_of, is_unknown
from cutline.marking import noted
from cutline.safety.names import CLASS, GRADES, HIGH, NOT_RECORDED, TERM, VARIABLES

Array = NDArray[Any]
Row = dict[str, Any]

METHOD = noted("persons with treatment-emergent events; denominator: all included persons")
WORST_METHOD = noted(
    "persons by their worst grade; one that is not recorded outranks 1 and 2; denominator: all included persons"
)
NOBODY = noted("nobody is included")
OPEN = noted("{what} is not recorded for {count} of {total} {records}, so no number is given")
NO_GRADES = noted("no grade is recorded of any of {count} persons")
SOME_GRADES = noted("the grade of {count} of {total} persons is not recorded")
NO_NUMBER: Row = {"value": None, "n_contributing": None}


# ── what is asked of events ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Aspect:
    """Something that holds of an event, does not, or is open; any of the clauses on table `safety` suffices."""

    name: str
    what: str
    holds: tuple[Clause, ...]
    is_open: tuple[Clause, ...]


def _grade(*grades: int) -> tuple[Clause, ...]:
    return ((is_one_of("safety.worst_grade", *grades),),)


def _action(name: str, what: str) -> Aspect:
    return Aspect(name, what, ((is_one_of("safety.action", name),),), _unsaid("safety.action"))


def _unsaid(column: str) -> tuple[Clause, ...]:
    return (is_unknown(column),), (is_one_of(column, "unknown"),)


NO_GRADE: tuple[Clause, ...] = ((is_unknown("safety.worst_grade"),),)
GRADE_3_OR_4 = Aspect("grade_3_or_4", noted("whether it was grade 3 or 4"), _grade(3, 4), NO_GRADE)
DISCONTINUED = _action("discontinued", noted("whether it ended treatment"))
ASPECTS = (
    Aspect(HIGH, noted("whether it was grade 3 or higher"), _grade(3, 4, 5), NO_GRADE),
    Aspect("related", noted("whether it was related to treatment"), ((is_one_of("safety.relatedness", "related"),),),
           _unsaid("safety.relatedness")),
    _action("dose_reduced", noted("whether the dose was reduced")),
    _action("interrupted", noted("whether treatment was interrupted")),
    DISCONTINUED,
    Aspect("fatal", noted("whether it was fatal"), ((is_one_of("safety.outcome", "fatal"),), *_grade(5)),
           tuple((*NO_GRADE[0], *clause) for clause in _unsaid("safety.outcome"))),
)  # fmt: skip


def meeting(clauses: Sequence[Clause], events: pd.DataFrame) -> Array:
    """Whether each event meets any of the clauses, whose conditions are on columns of `safety` or ask if known."""
    met = np.zeros(len(events), dtype=bool)
    for clause in clauses:
        holds = np.ones(len(events), dtype=bool)
        for condition in clause:
            holds &= _meets(condition, events)
        met |= holds
    return met


def _meets(condition: Condition, events: pd.DataFrame) -> Array:
    values = events[condition.column]
    if condition.asks_if_known:
        return np.asarray(values.isna() if condition.holds_without_row else values.notna(), dtype=bool)
    numeric = pd.api.types.is_numeric_dtype(values)
    wanted = [float(value) for value in condition.values] if numeric else list(condition.values)
    return np.asarray(values.isin(wanted), dtype=bool)


# ── whose events, and which ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Events:
    """All events of the included persons: whose each is (its place among them), and what holds of it."""

    frame: pd.DataFrame
    place: Array
    holds: Mapping[str, Array]
    is_open: Mapping[str, Array]


def events_of(safety: pd.DataFrame, persons: pd.Index) -> Events:
    """The events of these persons, with every aspect worked out."""
    place = persons.get_indexer(pd.Index(safety["patient_id"]))
    frame, aspects = safety[place >= 0].reset_index(drop=True), (*ASPECTS, GRADE_3_OR_4)
    holds = {aspect.name: meeting(aspect.holds, frame) for aspect in aspects}
    is_open = {aspect.name: meeting(aspect.is_open, frame) for aspect in aspects}
    return Events(frame, place[place >= 0], holds, is_open)


@dataclass(frozen=True, eq=False)
class Group:
    """Some of the included persons: all, or those at a level; `members` says of each person whether she is one."""

    members: Array
    path: str = "safety"
    who: Clause = ()
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return int(self.members.sum())


@dataclass(frozen=True, eq=False)
class Kind:
    """Events of one kind: any, those of a term, or those of an organ class; `which` says of each event if it is one."""

    which: Array
    path: str = ""
    clause: Clause = ()
    worst: str = "worst_of_all"
    variable: str = VARIABLES[TERM]
    level: str = ""

    @property
    def counted(self) -> Clause:
        """Who has such an event."""
        return self.clause or (is_known("safety.term"),)

    def under(self, place: str, name: str = "") -> str:
        """The path of its results under a group's: `safety.term.fatigue`, `safety.any`, `safety.arm=a.related`."""
        return ".".join(part for part in (place, self.path or ("" if name else "any"), name) if part)


def any_event(events: Events) -> Kind:
    return Kind(np.ones(len(events.place), dtype=bool))


def of_term(events: Events, term: str) -> Kind:
    which = (events.frame["term"] == term).to_numpy()
    return Kind(which, f"{TERM}.{term}", (is_one_of("safety.term", term),), "worst_of_term", level=term)


def of_class(events: Events, soc: str) -> Kind:
    which = (events.frame["soc"] == soc).to_numpy()
    clause = (is_one_of("safety.soc", soc),)
    return Kind(which, f"{CLASS}.{soc}", clause, "worst_of_class", VARIABLES[CLASS], soc)


def persons_with(events: Events, which: Array, group: Group) -> Array:
    """The places of the group's persons with one of these events, each once."""
    places = np.unique(events.place[which])
    found: Array = places[group.members[places]]
    return found


# ── rows ─────────────────────────────────────────────────────────────────────────────────────


def counted(
    key: str, count: int, group: Group, clauses: Sequence[Clause], method: str = METHOD, note: str = "", **more: str
) -> Iterator[Row]:
    """Persons and percent of the group; `clauses` say who is counted, `more` are columns of the rows."""
    total = group.size
    about: Row = {"analysis": "safety", "variable": VARIABLES[TERM], "n": total, "n_contributing": count,
                  "filter": filter_text(group.who, *clauses), "method": method} | dict(group.fields) | more  # fmt: skip
    percent = 100 * count / total if total else None
    yield result(f"{key}.n", count, unit="persons", note=note, **about)
    yield result(f"{key}.percent", percent, unit="percent", note=note if total else NOBODY, **about)


def with_kind(events: Events, group: Group, kind: Kind, note: str = "") -> Iterator[Row]:
    """Persons with an event of the kind."""
    count = len(persons_with(events, kind.which, group))
    about = {"variable": kind.variable, "level": kind.level}
    yield from counted(kind.under(group.path), count, group, (kind.counted,), note=note, **about)


def decided(events: Events, group: Group, kind: Kind, aspect: Aspect) -> tuple[int, str]:
    """Persons with an event of the kind for which the aspect holds, and why that is no number if it is open for any.

    It is open for a person with an event for which it is open, and none for which it holds.
    """
    having = persons_with(events, kind.which & events.holds[aspect.name], group)
    open_events = kind.which & events.is_open[aspect.name] & group.members[events.place]
    undecided = int((open_events & ~np.isin(events.place, having)).sum())
    total = int((kind.which & group.members[events.place]).sum())
    return len(having), not_recorded(aspect.what, undecided, total, noted("events"))


def not_recorded(what: str, count: int, total: int, records: str) -> str:
    """Why there is no number; blank if nothing is missing."""
    return OPEN.format(what=what, count=count, total=total, records=records) if count else ""


def with_aspect(events: Events, group: Group, kind: Kind, aspect: Aspect, subset: str = "") -> Iterator[Row]:
    """Persons with an event of the kind for which the aspect holds; no number where that is open for anybody."""
    count, note = decided(events, group, kind, aspect)
    clauses = [(*kind.clause, *clause) for clause in aspect.holds]
    rows = counted(kind.under(group.path, aspect.name), count, group, clauses, variable=kind.variable, level=kind.level,
                   subset=subset)  # fmt: skip
    yield from (row | NO_NUMBER | {"note": note} if note else row for row in rows)


def by_grade(events: Events, group: Group, kind: Kind) -> Iterator[Row]:
    """Persons by the grade of their worst event of the kind, those without a grade apart: together all who had one.

    Where no grade at all is recorded nothing is said of any.
    """
    marked = kind.which & events.frame[kind.worst].to_numpy(dtype=bool) & group.members[events.place]
    grades = events.frame["worst_grade"].to_numpy(dtype="float64", na_value=np.nan)[marked]
    unknown = int(np.isnan(grades).sum())
    nothing = NO_GRADES.format(count=unknown) if unknown and unknown == len(grades) else ""
    some = SOME_GRADES.format(count=unknown, total=len(grades)) if unknown and not nothing else ""
    mark = is_one_of(f"safety.{kind.worst}", True)
    for grade in (*GRADES, NOT_RECORDED):
        condition = NO_GRADE[0][0] if grade == NOT_RECORDED else is_one_of("safety.worst_grade", int(grade))
        count = unknown if grade == NOT_RECORDED else int((grades == grade).sum())
        rows = counted(kind.under(group.path, f"grade.{grade}"), count, group, ((*kind.clause, mark, condition),),
                       WORST_METHOD, "" if grade == NOT_RECORDED else some, variable=kind.variable, level=kind.level,
                       subset="grade", subset_level=str(grade))  # fmt: skip
        hidden = nothing and grade != NOT_RECORDED
        yield from (row | NO_NUMBER | {"note": nothing} if hidden else row for row in rows)
