"""The study's variables: one value per screened person and variable, with the record behind it.

Each kind of derivation (`derive` in study.yaml) is one function of `DERIVATIONS`. They work on whole columns: a
variable is a frame with one row per screened person (index patient_id, sorted), unknown ones with their reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cutline.durations import comparable, days_per_unit
from cutline.errors import ConfigError
from cutline.exposure import first_course, milligrams_given, under_way
from cutline.queries import queries, together
from cutline.receptors import RECEPTORS, counted_samples, dated_samples, samples_that_differ
from cutline.records import (
    Records,
    as_text,
    candidates,
    choose,
    code_map,
    coded,
    column_named,
    first_per_person,
    joined,
    only,
    plain_text,
    screened_persons,
    table_named,
    within_window,
)
from cutline.tables.covariates import COVARIATES, LEVELS, anchor_of
from cutline.tables.spec import conform
from cutline.tallies import decided_by_values, numbers_of_values

INDEX_DATE = "index_date"
CODELIST_PREFIX = "codelist_"
SOURCE_COLUMNS = ["source_table", "source_record_id", "source_date"]
FACT_COLUMNS = ["value", "number", "reason", *SOURCE_COLUMNS]
Variable = Mapping[str, Any]


def derive_covariates(*, settings: Mapping[str, Any], **inputs: pd.DataFrame | Path) -> dict[str, pd.DataFrame]:
    """Every variable of the study, and `index_date`, for every screened person.

    `inputs` are the accepted tables by name and the code lists as `codelist_<name>`. One row per person and variable,
    sorted by both; a category's level id or an ISO date is in `value`, a continuous variable in `number` in the
    variable's unit. What is unknown has neither, and `reason` says why. Raises ConfigError for an unknown variable,
    kind of derivation, table or column, RecordError for a person listed twice.
    """
    records = {name: table for name, table in inputs.items() if isinstance(table, pd.DataFrame)}
    codelists = {name.removeprefix(CODELIST_PREFIX): path for name, path in inputs.items() if isinstance(path, Path)}
    facts = Facts(settings, records, codelists, screened_persons(records))
    names = sorted({*settings["variables"], *([INDEX_DATE] if "index_date" in settings else [])})
    covariates = conform(_person_by_person(facts, names), COVARIATES)
    return {"covariates": covariates, "queries": together([*facts.asked, *_contradictory_facts(facts)])}


def _contradictory_facts(facts: Facts) -> list[pd.DataFrame]:
    """The questions of the study about persons all of whose named variables have one of the levels given."""
    found = []
    for asked in facts.settings.get("queries", []):
        holds = pd.Series(True, index=facts.persons)
        for name, levels in asked["where"].items():
            holds &= facts.of(name)["value"].isin(levels)
        rows = facts.of(asked["about"]).loc[holds]
        found.append(queries(asked["kind"], rows, about=asked["about"], question=asked["question"]))
    return found


def _person_by_person(facts: Facts, names: list[str]) -> pd.DataFrame:
    """One row per person and variable, in that order: every variable has the same persons in the same order."""
    count, persons = len(names), len(facts.persons)
    found = [facts.of(name) for name in names]
    return pd.DataFrame(
        {"patient_id": facts.persons.repeat(count), "variable": names * persons,
         "anchor": [anchor_of(facts.settings["variables"], name) for name in names] * persons}
        | {column: np.stack([fact[column].to_numpy() for fact in found], axis=1).ravel() for column in FACT_COLUMNS}
    )  # fmt: skip


@dataclass(frozen=True)
class Facts:
    """The variables found so far, each on first use: their order in the study does not matter."""

    settings: Mapping[str, Any]
    records: Records
    codelists: Mapping[str, Path]
    persons: pd.Index
    found: dict[str, pd.DataFrame] = field(default_factory=dict)
    parsed: dict[str, pd.Series] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)
    asked: list[pd.DataFrame] = field(default_factory=list)

    def of(self, name: str) -> pd.DataFrame:
        """The variable: index patient_id, columns value, number, reason and the record's."""
        if name in self.under_way:
            raise ConfigError(f"variables.{name}: derived from itself by way of {', '.join(self.under_way)}")
        if name not in self.found:
            self.under_way.append(name)
            self.found[name] = self._derived(name)
            self.under_way.pop()
        return self.found[name]

    def dates(self, name: str) -> pd.Series:
        """A date variable as dates, NaT where unknown."""
        if name not in self.parsed:
            self.parsed[name] = pd.to_datetime(self.of(name)["value"], format="%Y-%m-%d")
        return self.parsed[name]

    def ask(self, kind: str, rows: pd.DataFrame, question: pd.Series) -> None:
        """Put what the variable under way leaves open on the query list, one question per row."""
        self.asked.append(queries(kind, rows, about=self.under_way[-1], question=question))

    def anchor(self, variable: Variable) -> pd.Series | None:
        """The dates a variable is timed by, None if it names no anchor."""
        return self.dates(variable["anchor"]) if "anchor" in variable else None

    def variable(self, name: str) -> Variable:
        """The definition. Raises ConfigError if the study has no variable of that name."""
        variables = self.settings["variables"]
        if name == INDEX_DATE and "index_date" in self.settings:
            return {"kind": "date", "derive": "record_date", "select": self.settings["index_date"]["select"]}
        if name not in variables:
            raise ConfigError(f"variables: unknown variable {name!r}; known: {', '.join(sorted(variables))}")
        return dict(variables[name])

    def _derived(self, name: str) -> pd.DataFrame:
        variable = self.variable(name)
        derive = DERIVATIONS.get(variable["derive"])
        if derive is None:
            known = ", ".join(sorted(DERIVATIONS))
            raise ConfigError(f"variables.{name}.derive: found {variable['derive']!r}, expected one of {known}")
        unlisted = sorted(LEVELS.get(variable["derive"], set()) - set(variable.get("levels", {})))
        if unlisted:
            raise ConfigError(f"variables.{name}.levels: missing {', '.join(unlisted)}, which this derivation gives")
        return derive(self, variable)


# ── the shape of a variable ──────────────────────────────────────────────────────────────────


def _fact(
    persons: pd.Index,
    reason: pd.Series,
    source: pd.DataFrame,
    value: pd.Series | None = None,
    number: pd.Series | None = None,
) -> pd.DataFrame:
    """One row per person, columns `FACT_COLUMNS`; what is not given is unknown. Aligned by patient_id."""
    fact = pd.DataFrame({"value": value, "number": number, "reason": reason}, index=persons)
    fact["value"] = only(fact["value"], fact["value"].notna())
    fact["number"] = fact["number"].astype("float64")
    sources = source.reindex(columns=SOURCE_COLUMNS).reindex(persons)
    return fact.join(sources.astype({"source_date": "datetime64[ns]"}))


def _iso(dates: pd.Series) -> pd.Series:
    """Dates as ISO text, None where missing."""
    text = pd.Series(np.datetime_as_string(dates.to_numpy("datetime64[D]")), index=dates.index, dtype=object)
    return only(text, dates.notna())


def _first_that_holds(persons: pd.Index, cases: list[tuple[pd.Series, str]], otherwise: str) -> pd.Series:
    """Of each person, the words of the first case that holds."""
    if not cases:
        return pd.Series(otherwise, index=persons, dtype=object)
    conditions = [case.reindex(persons).fillna(False).to_numpy(bool) for case, _ in cases]
    words = np.select(conditions, np.array([words for _, words in cases], dtype=object), default=otherwise)
    return pd.Series(words, index=persons, dtype=object)


def _unknown_words(variable: Variable, role: str) -> str:
    return f"{variable[role]} is unknown"


def _without_record(facts: Facts, variable: Variable) -> pd.Series:
    """Why a person has no record: a date it is timed by is unknown, or nothing matches."""
    return _first_that_holds(
        facts.persons, _times_unknown(facts, variable), f"no matching record in {variable['select']['table']}"
    )


def _times_unknown(facts: Facts, variable: Variable) -> list[tuple[pd.Series, str]]:
    """Who lacks a date that says which records count, and in words."""
    roles = [role for role in ("anchor", "before", "after") if role in variable]
    return [(facts.dates(variable[role]).isna(), _unknown_words(variable, role)) for role in roles]


def _time_is_unknown(facts: Facts, variable: Variable) -> pd.Series:
    unknown = pd.Series(False, index=facts.persons)
    for cases, _ in _times_unknown(facts, variable):
        unknown |= cases
    return unknown


def _counting(facts: Facts, variable: Variable, select: Variable) -> pd.DataFrame:
    """The records of the selection in the time that counts.

    Before the date variable `before`, at most `days_before` days; after the date variable `after`; neither on its day.
    """
    rows = candidates(facts.records, select)
    if "before" in variable:
        days = (pd.to_datetime(rows["patient_id"].map(facts.dates(variable["before"]))) - rows["source_date"]).dt.days
        rows = rows[(days > 0) & (days <= variable.get("days_before", float("inf")))]
    if "after" in variable:
        rows = rows[rows["source_date"] > pd.to_datetime(rows["patient_id"].map(facts.dates(variable["after"])))]
    return rows


# ── from records ─────────────────────────────────────────────────────────────────────────────


def _record_date(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The date of the selected record."""
    select = {key: item for key, item in variable["select"].items() if key != "value"}
    chosen = choose(_counting(facts, variable, select), select, facts.anchor(variable))
    dates = pd.to_datetime(chosen["value"]).reindex(facts.persons)
    reason = _without_record(facts, variable).where(dates.isna(), _how(variable))
    return _fact(facts.persons, reason, value=_iso(dates), source=chosen)


def _record_value(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The value of the selected record, through the code list if the variable names one; `otherwise` without one."""
    select = variable["select"]
    chosen = choose(_counting(facts, variable, select), select, facts.anchor(variable))
    absent = _without_record(facts, variable)
    fact = _from_recorded(facts, variable, chosen["value"], _how(variable), absent, chosen)
    return _filled(facts, variable, fact, chosen)


def _filled(facts: Facts, variable: Variable, fact: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """`otherwise` for who has no matching record although it is known when she should."""
    if "otherwise" not in variable:
        return fact
    absent = ~facts.persons.isin(found.index) & ~_time_is_unknown(facts, variable)
    fact.loc[absent, "value"] = variable["otherwise"]
    return fact


def _how(variable: Variable) -> str:
    take = variable["select"].get("take", "first")
    return f"{take} record to {variable['anchor']}" if take == "nearest" else f"{take} matching record"


def _column(facts: Facts, variable: Variable) -> pd.DataFrame:
    """A column of the table of persons."""
    subjects = table_named(facts.records, "subjects").set_index("patient_id")
    values = column_named(subjects, variable["column"], "subjects")
    source = pd.DataFrame({"source_table": "subjects", "source_record_id": subjects["record_id"]})
    blank = pd.Series("blank in the source", index=facts.persons, dtype=object)
    return _from_recorded(facts, variable, values[values.notna()], "as recorded", blank, source)


def _from_recorded(
    facts: Facts, variable: Variable, recorded: pd.Series, how: str, absent: pd.Series, source: pd.DataFrame
) -> pd.DataFrame:
    """A level or a number from what was recorded (index patient_id), or the reason why it is none."""
    read = _numbers if variable["kind"] == "continuous" else _levels
    answer, fault = read(facts, variable, recorded)
    reason = absent.where(~facts.persons.isin(recorded.index), how)
    reason = fault.reindex(facts.persons).combine_first(reason)
    name = "number" if variable["kind"] == "continuous" else "value"
    return _fact(facts.persons, reason, source=source, **{name: answer})


def _numbers(facts: Facts, variable: Variable, recorded: pd.Series) -> tuple[pd.Series, pd.Series]:
    if recorded.dtype == object:
        recorded = recorded.map(lambda text: str(text).replace(",", "."))
    numbers = pd.to_numeric(recorded, errors="coerce").astype("float64")
    return numbers, pd.Series("not a number as recorded", index=numbers.index[numbers.isna()], dtype=object)


def _levels(facts: Facts, variable: Variable, recorded: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Level ids, and why the others are unknown. Compared as plain text; a code list or `values` maps first."""
    texts = as_text(recorded)
    mapped = texts.map(_mapping(facts, variable)) if _is_mapped(variable) else texts
    ids = {plain_text(level): level for level in variable["levels"]}
    levels = mapped.map(ids)
    words = "not in the code list" if "codelist" in variable else "not among the recorded values the study maps"
    cases = [(levels.notna(), ""), (mapped.isna(), words)]
    fault = _first_that_holds(recorded.index, cases, "not one of the variable's levels")
    return levels, fault[levels.isna()]


def _is_mapped(variable: Variable) -> bool:
    return "codelist" in variable or "values" in variable


def _mapping(facts: Facts, variable: Variable) -> dict[str, str]:
    if "codelist" not in variable:
        return {plain_text(recorded): plain_text(level) for recorded, level in variable["values"].items()}
    return {recorded: plain_text(level) for recorded, level in _codes(facts, variable).items()}


def _codes(facts: Facts, variable: Variable) -> dict[str, str]:
    """The variable's code list: recorded text, as compared, to level."""
    if variable["codelist"] not in facts.codelists:
        raise ConfigError(
            f"unknown code list {variable['codelist']!r}; known: {', '.join(sorted(facts.codelists)) or 'none'}; "
            "add it under codelists in study.yaml"
        )
    return code_map(facts.codelists[variable["codelist"]], "level")


def _exists(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Yes if a matching record is dated before the date variable `before`, or after `after`; else no."""
    found = first_per_person(_counting(facts, variable, variable["select"]), ["source_date"])
    return _yes_or_no(facts, variable, found, _when(variable))


def _when(variable: Variable) -> str:
    bounds = [f"{role} {variable[role]}" for role in ("before", "after") if role in variable]
    return " and ".join(bounds) or f"round {variable.get('anchor', 'no date')}"


def _yes_or_no(facts: Facts, variable: Variable, found: pd.DataFrame, when: str) -> pd.DataFrame:
    """Yes for who has a row (index patient_id), no for the others, unknown where the time that counts is."""
    has = pd.Series(facts.persons.isin(found.index), index=facts.persons)
    cases = [*_times_unknown(facts, variable), (has, f"a record {when}")]
    reason = _first_that_holds(facts.persons, cases, f"no record {when}")
    value = only(has.map({True: "yes", False: "no"}), ~_time_is_unknown(facts, variable))
    return _fact(facts.persons, reason, value=value, source=found)


def _count(facts: Facts, variable: Variable) -> pd.DataFrame:
    """How many matching records there are in the time that counts, or how many different values they hold; none is 0.

    The record is the last.
    """
    rows = _values(facts, variable, variable.get("distinct"))
    counts = numbers_of_values(rows, "distinct" in variable).reindex(facts.persons, fill_value=0).astype("float64")
    number = counts.where(~_time_is_unknown(facts, variable))
    reason = _first_that_holds(facts.persons, _times_unknown(facts, variable), f"records {_when(variable)}")
    return _fact(facts.persons, reason, number=number, source=first_per_person(rows, ["source_date"], last=True))


def _values(facts: Facts, variable: Variable, column: str | None) -> pd.DataFrame:
    """The records in the time that counts with the values of a column, as plain text or as the code list reads them.

    What the code list does not read is no record here.
    """
    select = variable["select"] | ({"value": column} if column else {})
    rows = within_window(_counting(facts, variable, select), select, facts.anchor(variable))
    read = coded(rows["value"], _codes(facts, variable)) if "codelist" in variable else as_text(rows["value"])
    return rows.assign(value=read)[read.notna()]


def _of_values(only: bool) -> Callable[[Facts, Variable], pd.DataFrame]:
    """The derivation of whether any, or every, matching record in the time that counts holds one of the values `of`."""

    def derive(facts: Facts, variable: Variable) -> pd.DataFrame:
        found = decided_by_values(_values(facts, variable, variable["select"]["value"]), variable["of"], only)
        reason = found["reason"].reindex(facts.persons).combine_first(_without_record(facts, variable))
        value = found["value"].reindex(facts.persons).where(~_time_is_unknown(facts, variable))
        return _fact(facts.persons, reason, value=value, source=found)

    return derive


def _joined_values(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The distinct values of the matching records in alphabetical order, joined; the record is the last."""
    rows = _counting(facts, variable, variable["select"])
    distinct = rows.assign(value=as_text(rows["value"])).drop_duplicates(["patient_id", "value"])
    texts = distinct.sort_values(["patient_id", "value"], kind="stable").set_index("patient_id")["value"]
    found = first_per_person(rows, ["source_date"], last=True)
    absent = _without_record(facts, variable)
    reason = absent.where(~facts.persons.isin(found.index), f"values of the records {_when(variable)}")
    fact = _fact(facts.persons, reason, value=joined(texts, " + ").reindex(facts.persons), source=found)
    return _filled(facts, variable, fact, found)


def _stops(facts: Facts, variable: Variable, rows: pd.DataFrame) -> pd.Series:
    """The last day of each of the rows of the selected table."""
    name = variable["select"]["table"]
    return column_named(table_named(facts.records, name), "stop_date", name).loc[rows.index]


def _under_way(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Yes if treatment was under way at the anchor, or began at most `days` after it; else no."""
    rows = candidates(facts.records, variable["select"])
    given = under_way(rows, _stops(facts, variable, rows), facts.dates(variable["anchor"]), variable.get("days", 0))
    found = first_per_person(given, ["source_date"], last=True)
    return _yes_or_no(facts, variable, found, f"under way at {variable['anchor']}")


def _course_end(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The last day of the first course of the selected drugs: gaps up to `days` and switches belong to it."""
    select = variable["select"]
    rows = within_window(_counting(facts, variable, select), select, facts.anchor(variable))
    course = first_course(rows, _stops(facts, variable, rows), variable["days"])
    stop = course["stop"].reindex(facts.persons)
    begun = pd.Series(facts.persons.isin(course.index), index=facts.persons)
    cases = [(stop.notna(), "end of the first course"), (begun, "no stop is recorded")]
    reason = _first_that_holds(facts.persons, cases, "").where(begun, _without_record(facts, variable))
    return _fact(
        facts.persons, reason, value=_iso(pd.to_datetime(stop)), source=course.assign(source_date=course["stop"])
    )


def _dose_intensity(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Milligrams given of the selected dose periods in percent of `planned_mg` a day, from one date to the other."""
    rows = candidates(facts.records, variable["select"])
    first, last = facts.dates(variable["from"]), facts.dates(variable["to"])
    given = milligrams_given(rows, _stops(facts, variable, rows), first, last).reindex(facts.persons)
    days = (last - first).dt.days + 1.0
    number = (100 * given / (days * variable["planned_mg"])).where(days > 0)
    cases = [*_ends_unknown(facts, variable), (days <= 0, f"{variable['to']} lies before {variable['from']}"),
             (given.isna(), f"no matching record in {variable['select']['table']}")]  # fmt: skip
    reason = _first_that_holds(facts.persons, cases, f"of {variable['planned_mg']} mg a day as planned")
    return _fact(facts.persons, reason, number=number, source=facts.of(variable["to"]))


# ── from dates ───────────────────────────────────────────────────────────────────────────────


def _age(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Whole years to the anchor from birth, or from the date variable `from`.

    A birthday counts on its day, one on 29 February on 1 March.
    """
    source = facts.of(variable["from"]) if "from" in variable else _births(facts)
    birth = facts.dates(variable["from"]) if "from" in variable else source["source_date"]
    at = facts.dates(variable["anchor"])
    before_birthday = birth.dt.month * 100 + birth.dt.day > at.dt.month * 100 + at.dt.day
    years = (at.dt.year - birth.dt.year - before_birthday.astype("int64")).where(birth.notna() & at.notna())
    cases = [(at.isna(), _unknown_words(variable, "anchor")), (birth.isna(), "date of birth is unknown"),
             (years < 0, f"born after {variable['anchor']}")]  # fmt: skip
    reason = _first_that_holds(facts.persons, cases, f"whole years at {variable['anchor']}")
    return _fact(facts.persons, reason, number=years.where(years >= 0), source=source[birth.notna()])


def _births(facts: Facts) -> pd.DataFrame:
    """The record of each person's birth, from the table of patients."""
    patients = table_named(facts.records, "patients").set_index("patient_id").reindex(facts.persons)
    named = {"source_record_id": patients["record_id"], "source_date": patients["birth_date"]}
    return pd.DataFrame(named).assign(source_table="patients")


def _days_between(facts: Facts, variable: Variable) -> pd.Series:
    return (facts.dates(variable["to"]) - facts.dates(variable["from"])).dt.days.astype("float64")


def _ends_unknown(facts: Facts, variable: Variable) -> list[tuple[pd.Series, str]]:
    return [(facts.dates(variable[role]).isna(), _unknown_words(variable, role)) for role in ("from", "to")]


def _interval(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Time between two date variables, counted in days, in the variable's unit; the record is the later date's."""
    days = _days_between(facts, variable)
    number = (days / days_per_unit(variable, facts.settings)).where(days >= 0)
    cases = [*_ends_unknown(facts, variable), (days < 0, f"{variable['to']} lies before {variable['from']}")]
    reason = _first_that_holds(facts.persons, cases, f"from {variable['from']} to {variable['to']}")
    return _fact(facts.persons, reason, number=number, source=facts.of(variable["to"]))


def _within(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Yes if `to` is at most `days` after `from`, or shortly before it; no if later.

    A date that lies more than `days` before the other is no answer to the question, and so unknown.
    """
    days, limit = _days_between(facts, variable), variable["days"]
    value = only((days <= limit).map({True: "yes", False: "no"}), days >= -limit)
    cases = [*_ends_unknown(facts, variable),
             (days < -limit, f"{variable['to']} lies more than {limit} days before {variable['from']}")]  # fmt: skip
    words = f"days from {variable['from']} to {variable['to']} against {limit}"
    reason = _first_that_holds(facts.persons, cases, words)
    return _fact(facts.persons, reason, value=value, source=facts.of(variable["to"]))


# ── from other variables ─────────────────────────────────────────────────────────────────────


def _cut(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The group of a number between fixed cut points: below the first is the first level, from it on the second."""
    name, levels = variable["inputs"][0], list(variable["levels"])
    points = [float(point) for point in variable["cut_points"]]
    if len(levels) != len(points) + 1 or points != sorted(points):
        raise ConfigError(
            f"a cut of {name}: found {len(levels)} levels and {len(points)} cut points; expected rising cut points and "
            "one level more"
        )
    fact = facts.of(name)
    measured, limits = comparable(facts.variable(name), fact["number"], points, facts.settings)
    groups = np.searchsorted(limits, measured.fillna(0).to_numpy(), side="right")
    value = only(pd.Series(np.array(levels, dtype=object)[groups], index=facts.persons), measured.notna())
    unknown = [(measured.isna(), f"{name} is unknown")]
    reason = _first_that_holds(facts.persons, unknown, f"{name} against fixed cut points")
    return _fact(facts.persons, reason, value=value, source=fact)


def _subtype(facts: Facts, variable: Variable) -> pd.DataFrame:
    """Receptor subtype from ER, PR and HER2 status; hormone receptor-positive is ER or PR positive, at least 1 %."""
    oestrogen, progesterone, her2 = (_for_subtype(facts, name) for name in variable["inputs"])
    positive = (oestrogen == "positive") | (progesterone == "positive")
    negative = (oestrogen == "negative") & (progesterone == "negative")
    her2_negative = her2.isin(["zero", "low"])
    groups = [(her2 == "positive", "her2_positive"), (her2_negative & positive, "hr_positive_her2_negative"),
              (her2_negative & negative, "triple_negative")]  # fmt: skip
    value = _first_that_holds(facts.persons, groups, "")
    cases = [(value != "", "from ER, PR and HER2"), (~her2_negative, _words_for(variable, 2))]
    reason = _first_that_holds(facts.persons, cases, "neither ER nor PR is positive and one is unknown")
    return _fact(facts.persons, reason, value=value.where(value != ""), source=facts.of(variable["inputs"][2]))


def _for_subtype(facts: Facts, name: str) -> pd.Series:
    """A receptor's level, low positive as positive; so a percentage on both sides of 10 % is positive here."""
    fact, variable = facts.of(name), facts.variable(name)
    if "low_positive" not in variable.get("levels", {}) or variable["derive"] not in RECEPTORS:
        return fact["value"].replace("low_positive", "positive")
    levels = {level: label for level, label in variable["levels"].items() if level != "low_positive"}
    merged = {**variable, "levels": levels}
    chosen = counted_samples(dated_samples(facts.records, merged), merged, facts.anchor(merged))
    return chosen["status"].reindex(facts.persons)


def _words_for(variable: Variable, position: int) -> str:
    return f"{variable['inputs'][position]} is unknown"


# ── receptors ────────────────────────────────────────────────────────────────────────────────


def _receptor(facts: Facts, variable: Variable) -> pd.DataFrame:
    """The status of one receptor from the samples of the day that counts; what they leave open is asked."""
    samples, anchor = dated_samples(facts.records, variable), facts.anchor(variable)
    chosen = counted_samples(samples, variable, anchor)
    unknown_anchor = anchor.isna() if anchor is not None else pd.Series(False, index=facts.persons)
    sampled = pd.Series(facts.persons.isin(samples["patient_id"]), index=facts.persons)
    cases = [(unknown_anchor, f"{variable.get('anchor')} is unknown"), (sampled, "no sample with a result")]
    absent = _first_that_holds(facts.persons, cases, "no sample")
    reason = chosen["reason"].reindex(facts.persons).combine_first(absent)
    for kind, rows in chosen[chosen["query"].notna()].groupby("query"):
        facts.ask(str(kind), rows, rows["reason"])
    other = samples_that_differ(samples, chosen)
    facts.ask("receptor_differs", other, other["question"])
    return _fact(facts.persons, reason, value=chosen["status"], source=chosen)


DERIVATIONS: dict[str, Callable[[Facts, Variable], pd.DataFrame]] = {
    "record_date": _record_date,
    "record_value": _record_value,
    "column": _column,
    "exists": _exists,
    "count": _count,
    "joined": _joined_values,
    "under_way": _under_way,
    "course_end": _course_end,
    "dose_intensity": _dose_intensity,
    "any_of": _of_values(only=False),
    "only_of": _of_values(only=True),
    "age": _age,
    "interval": _interval,
    "within": _within,
    "cut": _cut,
    "subtype": _subtype,
    **dict.fromkeys(RECEPTORS, _receptor),
}
