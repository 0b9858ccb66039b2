"""Included against excluded: at each criterion, those it removes beside those who remain, to show selection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cutline.ard import result
from cutline.balance import CATEGORIES, NUMBERS, Difference
from cutline.characteristics import MEAN_SD, Characteristic, Group, Rows, characteristics, describe
from cutline.expressions import RESERVED, asked_by, conditions
from cutline.filters import Clause, Condition, filter_text, is_known, is_none_of, is_one_of
from cutline.marking import noted
from cutline.selection_names import DECIDED, REMAINED, REMOVED, side_path, smd_key, variables_compared

LEFT_AT = "ledger.left_at"
NOBODY_REMAINED = noted("nobody remained after this step")


def compare_at_each_step(
    settings: Mapping[str, Any], covariates: pd.DataFrame, attrition: pd.DataFrame, ledger: pd.DataFrame
) -> Rows:
    """For each criterion the persons it removes and those who remain: sizes, characteristics, standardised differences.

    A pending person is removed at the criterion that is not decided.
    The variables are facts about all screened persons, derived before any criterion was applied; of those who lack what
    one is timed by it is unknown, and they are counted so. A variable that a criterion selects by, or that is derived
    from one or goes into one that it selects by, is not compared there. Standardised differences are absolute. A step
    that removes nobody has its sizes and nothing else.
    """
    persons = pd.Index(ledger["patient_id"])
    names = variables_compared(settings)
    found = characteristics(settings["variables"], names, covariates, persons)
    criteria = attrition.sort_values("position")["criterion"].tolist()
    place = pd.Index(criteria, dtype=object).get_indexer(pd.Index(ledger["left_at"]))
    place = np.where(ledger["left_at"].isna(), len(criteria), place)
    decided = {criterion["id"]: _decided_by(criterion, settings["variables"]) for criterion in settings["criteria"]}
    for position in range(len(criteria)):
        step = Step.at(position, criteria, place)
        yield from _sizes(step)
        for each in found.values() if step.removed.size else ():
            yield from _compared(step, each, each.name in decided[step.criterion])


@dataclass(frozen=True, eq=False)
class Step:
    """One criterion: who came to it, and which of them it removed."""

    criterion: str
    came: tuple[Condition, ...]
    removed: Group
    remaining: Group

    @classmethod
    def at(cls, position: int, criteria: list[str], place: NDArray[Any]) -> Step:
        """`place` is the position of the criterion each person left at, of the included one beyond the last."""
        criterion, earlier = criteria[position], criteria[:position]
        came = (is_none_of(LEFT_AT, *earlier),) if earlier else ()
        left = (is_none_of(LEFT_AT, *earlier, criterion),)
        out = (is_one_of(LEFT_AT, criterion),)
        return cls(
            criterion, came, _side(criterion, REMOVED, place == position, out),
            _side(criterion, REMAINED, place > position, left),
        )  # fmt: skip

    @property
    def sides(self) -> tuple[Group, Group]:
        return self.removed, self.remaining


def _side(criterion: str, side: str, members: NDArray[np.bool_], who: Clause) -> Group:
    fields = {"analysis": "selection", "population": "screened", "group": criterion, "group_level": side}
    return Group(side_path(criterion, side), members, who, fields)


def _sizes(step: Step) -> Rows:
    total = sum(side.size for side in step.sides)
    for side in step.sides:
        yield result(f"{side.path}.n", side.size, unit="persons", n=total, n_contributing=side.size,
                     filter=filter_text(step.came, side.who), **side.fields)  # fmt: skip


def _compared(step: Step, each: Characteristic, is_decided: bool) -> Rows:
    yield from (row for side in step.sides for row in describe(side, each, MEAN_SD))
    members = step.removed.members | step.remaining.members
    found = Difference(None, DECIDED) if is_decided else _difference(step, each)
    yield result(
        smd_key(step.criterion, each.name), None if found.value is None else abs(found.value),
        analysis="selection", population="screened", group=step.criterion, variable=each.name, unit="sd",
        method=CATEGORIES if each.levels else NUMBERS, note=found.note, n=int(members.sum()),
        n_contributing=int((members & each.known).sum()), filter=filter_text(step.came, (is_known(each.name),)),
    )  # fmt: skip


def _difference(step: Step, each: Characteristic) -> Difference:
    if not step.remaining.size:
        return Difference(None, NOBODY_REMAINED)
    return each.difference(*(each.among(side.members) for side in step.sides))


# ── what a criterion decides ─────────────────────────────────────────────────────────────────


def _decided_by(criterion: Mapping[str, Any], variables: Mapping[str, Any]) -> set[str]:
    """The variables a criterion selects by, what they are derived from, and what is derived from them."""
    tested = {condition.word for condition in conditions(asked_by(criterion))}.difference(RESERVED)
    return {name for name in variables if {name, *_sources(name, variables)} & tested} | {
        source for name in tested for source in _sources(name, variables)
    }


def _sources(name: str, variables: Mapping[str, Any]) -> Iterator[str]:
    """The variables whose values go into this one, at any distance."""
    for source in variables.get(name, {}).get("inputs", []):
        yield source
        yield from _sources(source, variables)
