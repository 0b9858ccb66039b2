"""Who is in: ordered criteria, tested once, give cohort, attrition and ledger.

A criterion asks one thing of each screened person and answers yes, no or unknown; the study says what unknown does:
exclude as missing, include, or query. Whom any criterion excludes is excluded, and counted at the first that does. Who
is excluded by none, but has an answer that is to be queried, is pending: provisionally out, and counted apart. All
others are included, so that every person is counted once. What-if variants apply other criteria to the same evidence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from cutline.criteria import INDEX_DATE, Evidence, met
from cutline.errors import CohortError, ConfigError
from cutline.expressions import (
    AS_MISSING,
    INCLUDE,
    QUERY,
    Criterion,
    every_criterion,
    may_be_unknown,
    records_of,
    variables_of,
    varied,
)
from cutline.queries import queries, together
from cutline.records import of_places, screened_persons
from cutline.tables.cohort import ATTRITION, COHORT, ELIGIBILITY, LEDGER, WHAT_IF
from cutline.tables.spec import conform, empty

INCLUDED, EXCLUDED, PENDING = "included", "excluded", "pending"
ANSWERS = np.array(["failed", "met", "unknown"], dtype=object)
FAILED, MET, UNKNOWN = 0, 1, 2
"""Places in `ANSWERS`."""
SEPARATOR = ";"
SOURCE = ["source_table", "source_record_id", "source_date"]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Texts = np.ndarray[Any, np.dtype[np.object_]]


def select_cohort(*, settings: Mapping[str, Any], covariates: pd.DataFrame, **records: pd.DataFrame) -> dict[str, Any]:
    """The included persons, how many each criterion removed, and for each screened person what each criterion found.

    `covariates` holds every variable of every screened person. Returns `cohort` (one row per included person),
    `attrition` (one row per criterion, in the study's order, zeros included), `ledger` (one row per screened person),
    `eligibility` (one row per person, criterion and record), `what_if` (the persons each variant includes) and
    `queries` (what to ask about the pending), in the order of their specs. Screened = excluded + pending + included.
    Nobody eligible gives an empty cohort and the full attrition. Raises ConfigError for a criterion that names what
    does not exist or does not say what unknown does, RecordError for a person listed twice, CohortError for included
    persons without index date.
    """
    evidence = Evidence.of_study(settings, screened_persons(records), covariates, records)
    criteria = settings["criteria"]
    found = judge(criteria, evidence)
    ledger = _ledger(found, evidence)
    attrition = _attrition(found, ledger)
    cohort = _cohort(found, evidence)
    _require_sum(attrition, cohort, found)
    return {"cohort": cohort, "ledger": ledger, "eligibility": _eligibility(found, evidence), "attrition": attrition,
            "what_if": _what_if(settings, evidence), "queries": _queries(found, evidence)}  # fmt: skip


def variables_asked(settings: Mapping[str, Any]) -> list[str]:
    """The variables that `select_cohort` looks at: those of every criterion, and the index date."""
    asked = [name for _, criterion in every_criterion(settings) for name in variables_of(criterion)]
    return list(dict.fromkeys([INDEX_DATE, *asked]))


def _require_sum(attrition: pd.DataFrame, cohort: pd.DataFrame, found: Judged) -> None:
    counted = int(attrition["excluded"].sum()) + int(attrition["pending"].sum()) + len(cohort)
    assert len(found.persons) == counted, "a screened person is neither excluded nor pending nor included"


# ── the answers, and what they do ────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Judged:
    """What the criteria found of each person: an array of persons by criteria, places in `ANSWERS`."""

    criteria: Sequence[Criterion]
    persons: pd.Index
    answers: np.ndarray[Any, np.dtype[np.int8]]

    @property
    def excludes(self) -> Flags:
        """Which criteria exclude which person: those that failed, or are unknown where that means missing."""
        failed: Flags = self.answers == FAILED
        return failed | self._unknown(AS_MISSING)

    @property
    def open(self) -> Flags:
        """Which criteria ask for a query about which person."""
        return self._unknown(QUERY)

    @property
    def excluded(self) -> Flags:
        return np.asarray(self.excludes.any(axis=1), dtype=np.bool_)

    @property
    def pending(self) -> Flags:
        return np.asarray(self.open.any(axis=1) & ~self.excluded, dtype=np.bool_)

    @property
    def included(self) -> pd.Index:
        return self.persons[~self.excluded & ~self.pending]

    def _unknown(self, does: str) -> Flags:
        treated = np.array([criterion.get("unknown") == does for criterion in self.criteria], dtype=bool)
        return np.asarray((self.answers == UNKNOWN) & treated)


def judge(criteria: Sequence[Criterion], evidence: Evidence) -> Judged:
    """The answers of all persons to all criteria. Raises ConfigError for one that does not say what unknown does."""
    for criterion in criteria:
        _require_treatment(criterion)
    columns = [met(criterion, evidence) for criterion in criteria]
    answers = [column.astype("Int8").fillna(UNKNOWN).to_numpy("int8") for column in columns]
    by_criterion = np.array(answers, dtype="int8").reshape(len(criteria), len(evidence.persons))
    return Judged(criteria, evidence.persons, by_criterion.T)


def _require_treatment(criterion: Criterion) -> None:
    words = (AS_MISSING, INCLUDE, QUERY)
    if may_be_unknown(criterion) and criterion.get("unknown") not in words:
        raise ConfigError(f"criteria.{criterion['id']}.unknown: expected one of {', '.join(words)}")


# ── the ledger ───────────────────────────────────────────────────────────────────────────────


def _ledger(found: Judged, evidence: Evidence) -> pd.DataFrame:
    status = np.select([found.excluded, found.pending], [EXCLUDED, PENDING], INCLUDED)
    rests_on = found.excludes | (found.open & found.pending[:, None])
    first_failed = _first(found.excludes, found.excluded, found.criteria)
    first_pending = _first(found.open, found.pending, found.criteria)
    rows = pd.DataFrame(
        {"status": status, "included": status == INCLUDED,
         "first_failed": first_failed,
         "first_answer": _first_answer(found),
         "all_failed": _listed(found.excludes, found.criteria),
         "first_pending": first_pending,
         "left_at": np.where(found.excluded, first_failed, first_pending),
         "all_pending": _listed(found.open & found.pending[:, None], found.criteria),
         "source_records": _joined(_records_behind(rests_on, found, evidence), len(found.persons))},
        index=found.persons,
    )  # fmt: skip
    return conform(rows.reset_index(), LEDGER)


def _first(applies: Flags, persons: Flags, criteria: Sequence[Criterion]) -> Texts:
    """The id of the first criterion that applies to each of the persons; None for the others."""
    ids = np.array([criterion["id"] for criterion in criteria], dtype=object)
    return np.asarray(np.where(persons, ids[applies.argmax(axis=1)], None), dtype=object)


def _first_answer(found: Judged) -> Texts:
    answers = found.answers[np.arange(len(found.persons)), found.excludes.argmax(axis=1)]
    return np.asarray(np.where(found.excluded, ANSWERS[answers], None), dtype=object)


def _listed(applies: Flags, criteria: Sequence[Criterion]) -> Texts:
    """The criteria that apply to each person, in their order, separated by semicolons; None where none does."""
    listed = np.full(len(applies), None, dtype=object)
    for place, criterion in enumerate(criteria):
        first = applies[:, place] & ~applies[:, :place].any(axis=1)
        listed[first] = criterion["id"]
        listed[applies[:, place] & ~first] += SEPARATOR + criterion["id"]
    return listed


def _records_behind(applies: Flags, found: Judged, evidence: Evidence) -> pd.DataFrame:
    """The records behind these answers, in the order of the criteria: columns person (place) and text (table:id)."""
    parts = [pd.DataFrame({"person": np.array([], dtype="int64"), "text": np.array([], dtype=object)})]
    for place, criterion in enumerate(found.criteria):
        for rows in _facts_of(criterion, applies[:, place], evidence):
            ours = rows[rows["source_record_id"].notna()]
            texts = ours["source_table"].astype(object) + ":" + ours["source_record_id"].astype(object)
            parts.append(pd.DataFrame({"person": ours["person"], "text": texts}))
    return pd.concat(parts, ignore_index=True)


def _facts_of(criterion: Criterion, persons: Flags, evidence: Evidence) -> Iterator[pd.DataFrame]:
    """The rows a criterion rests on for these persons, by place: their variables, and the records that decide."""
    for name in variables_of(criterion):
        yield evidence.of(name)[SOURCE][persons].assign(person=np.flatnonzero(persons))
    for asked in records_of(criterion):
        deciding = evidence.counted(asked).deciding
        yield deciding[persons[deciding["person"]]]


def _joined(texts: pd.DataFrame, persons: int) -> Texts:
    """The distinct texts of each person (a place) in the order given, separated by semicolons; None where none."""
    distinct = texts.drop_duplicates(["person", "text"])
    position = distinct.groupby("person", sort=False).cumcount().to_numpy()
    person, text = distinct["person"].to_numpy(), distinct["text"].to_numpy()
    joined = np.full(persons, None, dtype=object)
    joined[person[position == 0]] = text[position == 0]
    for following in range(1, int(position.max(initial=0)) + 1):
        more = position == following
        joined[person[more]] += SEPARATOR + text[more]
    return joined


def _eligibility(found: Judged, evidence: Evidence) -> pd.DataFrame:
    """What each criterion found of each person, with the records that decide its `records` conditions."""
    deciding = _deciding(found, evidence)
    bare = np.ones(found.answers.shape, dtype=bool)
    bare[deciding["person"], deciding["place"]] = False
    # One row for each deciding record, and one without a record (-1) for each answer that has none.
    person, place = (np.concatenate([deciding[name], without]) for name, without in
                     zip(("person", "place"), np.nonzero(bare), strict=True))  # fmt: skip
    record = np.concatenate([np.arange(len(deciding)), np.full(len(person) - len(deciding), -1)])
    order = np.lexsort((place, person))  # stable, so that records keep their order
    person, place, record = person[order], place[order], record[order]
    criteria = [criterion["id"] for criterion in found.criteria]
    rows = {"patient_id": found.persons.to_numpy()[person], "position": place + 1,
            "criterion": of_places(place, pd.Index(criteria)),
            "answer": of_places(found.answers[person, place], pd.Index(ANSWERS)),
            **deciding[SOURCE].reindex(record).reset_index(drop=True)}  # fmt: skip
    return conform(pd.DataFrame(rows), ELIGIBILITY)


def _deciding(found: Judged, evidence: Evidence) -> pd.DataFrame:
    """The records that decide the criteria, with the places of criterion and person."""
    parts = [
        evidence.counted(asked).deciding.assign(place=place)
        for place, criterion in enumerate(found.criteria)
        for asked in records_of(criterion)
    ]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["person", "place", *SOURCE])
    types = {"person": "int64", "place": "int64", "source_table": "category", "source_date": "datetime64[ns]"}
    return rows.astype(types)


# ── what to ask ──────────────────────────────────────────────────────────────────────────────


def _queries(found: Judged, evidence: Evidence) -> pd.DataFrame:
    """One question per pending person and criterion that is not decided, with the first record that is in question."""
    asked = found.open & found.pending[:, None]
    parts = [_about(criterion, found.persons[asked[:, place]], evidence)
             for place, criterion in enumerate(found.criteria) if asked[:, place].any()]  # fmt: skip
    return together(parts)


def _about(criterion: Criterion, persons: pd.Index, evidence: Evidence) -> pd.DataFrame:
    """What is unknown of these persons and why, in the order the criterion names it."""
    words = pd.Series("", index=persons, dtype=object)
    source = pd.DataFrame(index=persons, columns=["source_table", "source_record_id", "source_date"], dtype=object)
    for name in variables_of(criterion):
        rows = evidence.of(name).loc[persons].astype(object)
        unknown = rows["value"].isna() & rows["number"].isna()
        why = f"{evidence.definition(name)['label']} (" + rows["reason"].fillna("not known") + ")"
        words = words.mask(unknown, words + np.where(words == "", "", "; ") + why)
        source = source.combine_first(rows.loc[unknown, source.columns].dropna(how="all").astype(object))
    question = f"“{criterion['label']}” is not decided. Not known: " + words.replace("", "the date of a record") + "."
    return queries("eligibility_unknown", source, about=criterion["id"], question=question)


# ── what comes of it ─────────────────────────────────────────────────────────────────────────


def _attrition(found: Judged, ledger: pd.DataFrame) -> pd.DataFrame:
    ids = [criterion["id"] for criterion in found.criteria]
    unknown = ledger["first_answer"] == ANSWERS[UNKNOWN]
    counted = {"excluded": ledger["first_failed"], "excluded_unknown": ledger["first_failed"][unknown],
               "pending": ledger["first_pending"]}  # fmt: skip
    numbers = {name: at.value_counts().reindex(ids, fill_value=0).to_numpy() for name, at in counted.items()}
    gone = (numbers["excluded"] + numbers["pending"]).cumsum()
    rows = {"position": range(1, len(ids) + 1), "criterion": ids,
            "label": [criterion["label"] for criterion in found.criteria],
            "source": [criterion.get("source") for criterion in found.criteria],
            **numbers, "remaining": len(ledger) - gone}  # fmt: skip
    return conform(pd.DataFrame(rows), ATTRITION)


def _cohort(found: Judged, evidence: Evidence, who: str = "") -> pd.DataFrame:
    """The included persons with their index date; `who` says of which variant."""
    if evidence.settings.get("time_only"):
        return conform(pd.DataFrame({"patient_id": found.included}).reindex(columns=COHORT.names), COHORT)
    rows = evidence.of(INDEX_DATE)[found.persons.isin(found.included)]
    if rows["value"].isna().any():
        raise CohortError(
            f"{who}{int(rows['value'].isna().sum())} included person(s) have no index date; add a criterion with "
            "require: {known: [index_date]}, so that they are counted"
        )
    dates = pd.to_datetime(rows["value"], format="%Y-%m-%d")
    return conform(rows.assign(index_date=dates).rename_axis("patient_id").reset_index(), COHORT)


def _what_if(settings: Mapping[str, Any], evidence: Evidence) -> pd.DataFrame:
    """The persons whom each variant of the criteria includes."""
    parts = []
    for variant in settings.get("what_if", []):
        found = judge(varied(settings["criteria"], variant), evidence)
        parts.append(_cohort(found, evidence, f"what_if.{variant['id']}: ").assign(variant=variant["id"]))
    rows = conform(pd.concat(parts, ignore_index=True), WHAT_IF) if parts else empty(WHAT_IF)
    return rows.sort_values(list(WHAT_IF.sort), ignore_index=True)
