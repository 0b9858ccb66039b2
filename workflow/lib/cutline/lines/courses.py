"""Which records of drugs count towards lines of therapy, and as what."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cutline.records import Records, as_text, matching, of_persons, plain_text, select_record, table_named

Array = NDArray[Any]
Rules = Mapping[str, Any]
Group = Mapping[str, list[str]]

TABLE = "treatments"
PROGRESSION = "progression"
COLUMNS = ["record_id", "patient_id", "setting", "line", "drug", "atc", "start_date", "stop_date", "stop_reason"]
"""What is read of a treatment; not its dose."""
FEW_TEXTS = ["setting", "drug", "atc"]
"""Columns of few different texts, which are looked up by number."""
ANTICANCER = ["L01*", "L02*"]
"""ATC: antineoplastic agents, and endocrine therapy."""
SUBSTANCE = 7
"""Characters of an ATC code that names one substance."""
FOREVER = 1_000_000
"""The last day, counted from 1970, of a drug that goes on."""


class DrugGroups:
    """Which records are of which of the study's groups of drugs: by ATC code or by name."""

    def __init__(self, treatments: pd.DataFrame, groups: Mapping[str, Group]) -> None:
        self._groups = groups
        # Looked up once per distinct drug and code, of which there are few.
        codes = [pd.factorize(treatments[column])[0] for column in ("drug", "atc")]
        kind = codes[0].astype(np.int64) * (len(treatments) + 1) + codes[1] + 1
        _, first, self._kind = np.unique(kind, return_index=True, return_inverse=True)
        self._kinds = treatments[["drug", "atc"]].take(first).reset_index(drop=True)
        self._size = len(treatments)

    def of(self, *names: str) -> Array:
        """Whether each record is of one of the groups."""
        return self._any_of([self._groups[name] for name in names])

    def by_code(self, name: str) -> Array:
        """Whether each record is of the group by its ATC code."""
        return self._any_of([{"atc": self._groups[name].get("atc", [])}])

    def foreign(self) -> Array:
        """Whether each record has a code of no anticancer drug, and is of none of the groups."""
        coded = self._any_of([{"atc": ["*"]}])
        return coded & ~self._any_of([{"atc": ANTICANCER}, *self._groups.values()])

    def _any_of(self, groups: Iterable[Group]) -> Array:
        wheres = [{column: patterns} for group in groups for column, patterns in group.items()]
        found = [self._kinds.index.isin(matching(self._kinds, where, TABLE).index) for where in wheres]
        held = np.logical_or.reduce(found) if found else np.zeros(len(self._kinds), dtype=bool)
        return np.asarray(held[self._kind]) if self._size else np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Counted:
    """Records of treatments: those that make lines (with `setting_basis`), and those that need a question answered."""

    courses: pd.DataFrame
    never: pd.DataFrame
    code_unknown: pd.DataFrame
    setting_unknown: pd.DataFrame


def counted(records: Records, rules: Rules) -> Counted:
    """The records that make lines: for metastatic disease, of drugs that are neither supportive nor excluded.

    The setting is as recorded; of a record without one, metastatic from the first distant metastasis on. Drugs of
    `never` count nowhere, and so does what has the code of no anticancer drug and is in no group of the study. A drug
    of `only_together` that only its name tells, because the code is missing or none of its own, counts if the other
    drug is given with it.
    """
    table = table_named(records, TABLE)[COLUMNS].reset_index(drop=True)
    treatments = table.astype(dict.fromkeys(FEW_TEXTS, "category"))
    groups = DrugGroups(treatments, rules["drugs"])
    never = groups.of(*rules.get("never", []))
    takes_part = ~never & ~groups.foreign() & ~groups.of(*rules.get("supportive", []))
    basis = _basis(treatments, records, rules)
    in_setting = basis.isin(["recorded", "dated"]).to_numpy()
    alone = takes_part & in_setting & _alone(treatments, groups, in_setting, rules)
    return Counted(
        courses=treatments.assign(setting_basis=basis)[takes_part & in_setting & ~alone],
        never=treatments[never],
        code_unknown=treatments[alone],
        setting_unknown=treatments[takes_part & (basis == "unknown").to_numpy()],
    )


def _basis(treatments: pd.DataFrame, records: Records, rules: Rules) -> pd.Series:
    """How each record is known to be for metastatic disease: recorded, dated; or it is not, or unknown."""
    setting = as_text(treatments["setting"])
    metastasis = select_record(records, rules["metastasis"])["source_date"]
    first = of_persons(treatments, metastasis)
    blank, named = setting.isna(), setting.isin([plain_text(word) for word in rules["setting"]])
    conditions = [named, blank & first.isna(), blank & (treatments["start_date"] >= first)]
    basis = np.select(conditions, ["recorded", "unknown", "dated"], default="not")
    return pd.Series(basis, index=treatments.index, dtype=object)


def _alone(treatments: pd.DataFrame, groups: DrugGroups, in_setting: Array, rules: Rules) -> Array:
    """Whether a record is of a drug that only its name tells, and without the drug that would confirm it."""
    alone = np.zeros(len(treatments), dtype=bool)
    for name, partner in rules.get("only_together", {}).items():
        unsure = groups.of(name) & ~groups.by_code(name)
        given_with = treatments[groups.of(partner) & in_setting]
        alone |= unsure & ~_together(treatments, unsure, given_with, rules["regimen_days"])
    return alone


def _together(treatments: pd.DataFrame, unsure: Array, partners: pd.DataFrame, days: int) -> Array:
    """Whether a course of the partner is under way when the record starts, or starts within `days` of it."""
    columns = ["patient_id", "start_date", "stop_date"]
    mine = treatments.loc[unsure, columns[:2]].rename_axis("row").reset_index()
    both = mine.merge(partners[columns], on="patient_id", suffixes=("", "_partner"))
    apart = (both["start_date_partner"] - both["start_date"]).dt.days
    meets = (apart <= days) & ~(both["stop_date"] < both["start_date"])
    return np.asarray(treatments.index.isin(both.loc[meets, "row"]))


# ── as arrays ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Courses:
    """The records that count, as arrays in the order of person, start and record_id; days from 1970.

    `pair` numbers person and drug together. `switch` numbers the class within which one drug may replace another,
    -1 if there is none.
    """

    table: pd.DataFrame
    person: Array
    start: Array
    stop: Array
    drug: Array
    pair: Array
    switch: Array
    progressed: Array

    @property
    def size(self) -> int:
        return len(self.person)


def as_arrays(courses: pd.DataFrame, rules: Rules) -> Courses:
    """The records sorted and numbered."""
    person, table = _in_order(courses)
    groups = DrugGroups(table, rules["drugs"])
    drug = pd.factorize(table["drug_id"])[0].astype(np.int64)
    switch = np.full(len(table), -1)
    for number, name in enumerate(rules.get("substitutions", [])):
        switch[groups.of(name) & (switch < 0)] = number
    pairs = np.unique(person * (drug.max(initial=0) + 1) + drug, return_inverse=True)[1]
    stop_reason = as_text(table["stop_reason"])
    return Courses(
        table=table, person=person, start=_days(table["start_date"]), stop=_days(table["stop_date"]), drug=drug,
        pair=pairs, switch=switch, progressed=(stop_reason == PROGRESSION).to_numpy(),
    )  # fmt: skip


def _in_order(courses: pd.DataFrame) -> tuple[Array, pd.DataFrame]:
    """The records by person, start and record_id, with what the drug is told by; and each person's number."""
    person, _ = pd.factorize(courses["patient_id"], sort=True)
    start = _days(courses["start_date"])
    # Texts are sorted only where a person starts several drugs on one day.
    same_day = pd.DataFrame({"person": person, "start": start}).duplicated(keep=False).to_numpy()
    rank = np.zeros(len(courses), dtype=np.int64)
    rank[same_day] = pc.rank(pa.array(courses["record_id"].to_numpy()[same_day], pa.string())).to_numpy()
    order = np.lexsort((rank, start, person))
    table = courses.iloc[order].reset_index(drop=True)
    ordered = person[order].astype(np.int64)
    return ordered, table.assign(drug_id=_drug_ids(ordered, table))


def _drug_ids(person: Array, table: pd.DataFrame) -> pd.Series:
    """The name of each record's drug, as compared: of a person's records with one code the first of their names.

    "Everolimus 10 mg" and "everolimus 5 mg" are one drug, and so are a brand and its substance.
    """
    code, (rank, names) = as_text(table["atc"]), pd.factorize(as_text(table["drug"]), sort=True)
    coded = (code.str.len() == SUBSTANCE).to_numpy(dtype=bool)
    alike = pd.Series(rank[coded]).groupby([person[coded], code[coded].to_numpy()]).transform("min")
    rank[coded] = alike.to_numpy()
    return pd.Series(names.take(rank), dtype=object)


def _days(dates: pd.Series) -> Array:
    """Whole days from 1970; FOREVER where missing."""
    days = dates.to_numpy("datetime64[D]")
    return np.where(np.isnat(days), FOREVER, days.astype(np.int64))
