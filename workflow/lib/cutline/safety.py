"""Treatment-emergent adverse events, and how many persons had them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.ard import result, results_table
from cutline.filters import Clause, filter_text, is_known, is_one_of, is_unknown
from cutline.records import as_text, code_map, matching, table_named
from cutline.tables.safety import SAFETY
from cutline.tables.spec import conform

RULE = "summarise_safety"
UNMAPPED_TERM = "unmapped"
"""The one term of all events that the code list lacks: what was written may hold a name, and a term is a public key."""
IN_WINDOW = "begins between first dose and the end of the safety window"
UNMAPPED = f"{IN_WINDOW}; its term is not in the code list"


# ── derivation ───────────────────────────────────────────────────────────────────────────────


def derive_safety(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, codelist: Path, **records: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The adverse events of included persons that begin under the study drugs.

    An event counts from the first dose on to `days_after_last_dose` after the last, both days included; while a
    drug goes on there is no last day. `codelist` maps recorded terms; those that it lacks share one term, and `reason`
    says so. The worst grade is the higher of the two recorded ones. One row per event, sorted by person, onset and
    record. Raises ConfigError for an unknown table or column.
    """
    rules = settings["safety"]
    window = safety_window(cohort, table_named(records, "treatments"), rules)
    events = table_named(records, rules["table"]).join(window, on="patient_id", how="inner")
    events = events[(events["onset_date"] >= events["first_dose"]) & (events["onset_date"] <= events["window_end"])]
    mapped = as_text(events["term"]).map(code_map(codelist, "term"))
    grades = events[["grade", "worst_grade"]].astype("float64").max(axis="columns")
    rows = events.assign(
        term=mapped.fillna(UNMAPPED_TERM), recorded_term=events["term"], worst_grade=grades,
        reason=mapped.isna().map({False: IN_WINDOW, True: UNMAPPED}), source_table=rules["table"],
        source_record_id=events["record_id"], source_date=events["onset_date"],
    )  # fmt: skip
    return {"safety": conform(rows, SAFETY).sort_values(list(SAFETY.sort), ignore_index=True)}


def safety_window(cohort: pd.DataFrame, treatments: pd.DataFrame, rules: Mapping[str, Any]) -> pd.DataFrame:
    """First dose and last day of the window of each treated included person (columns first_dose, window_end).

    Doses of `drugs` count that run on the index date or begin after it; a course that is open has no end. A course that
    begins after the window has closed is another line of treatment and does not reopen it. A drug taken before the
    index date already (exemestane alone, before everolimus) counts from the index date on.
    """
    courses = matching(treatments, rules["drugs"], "treatments")
    courses = courses.merge(cohort[["patient_id", "index_date"]], on="patient_id")
    # A stop date later than any onset stands for a course that goes on.
    stop = courses["stop_date"].fillna(pd.Timestamp.max.normalize() - pd.Timedelta(days=rules["days_after_last_dose"]))
    courses = courses.assign(stop=stop)[stop >= courses["index_date"]]
    courses["start"] = courses[["start_date", "index_date"]].max(axis="columns")
    first = _first_period(courses.sort_values(["patient_id", "start", "record_id"]), rules["days_after_last_dose"])
    by_person = first.groupby("patient_id")
    window_end = by_person["stop"].max() + pd.Timedelta(days=rules["days_after_last_dose"])
    return pd.DataFrame({"first_dose": by_person["start"].min(), "window_end": window_end})


def _first_period(courses: pd.DataFrame, days_after: int) -> pd.DataFrame:
    """The courses before the first gap longer than the days after the last dose."""
    person = courses["patient_id"]
    last_dose = courses.groupby("patient_id")["stop"].cummax().groupby(person).shift()
    reopens = (courses["start"] - last_dose).dt.days > days_after
    return courses[reopens.astype("int64").groupby(person).cumsum() == 0]


# ── summary ──────────────────────────────────────────────────────────────────────────────────


def summarise_safety(
    *, settings: Mapping[str, Any], safety: pd.DataFrame, cohort: pd.DataFrame, deaths: pd.DataFrame | None = None
) -> dict[str, pd.DataFrame]:
    """Persons with any, no, and each treatment-emergent adverse event, by term, grade and consequence.

    Persons are counted, not events; every term of the study has its row, zeros included, then other terms of the code
    list in alphabetical order, and last the terms that it lacks, together. The denominator is every included person.
    Grades 3 and 4, discontinuation and related deaths have a number only if the records decide it for everybody.
    `deaths` are the accepted death records, if the study has any; without them nothing is said about deaths.
    """
    ours = safety[safety["patient_id"].isin(cohort["patient_id"])]
    total, affected = len(cohort), ours["patient_id"].nunique()
    rows = [*_counted("safety.none", total - affected, total, (is_unknown("safety.term"),)),
            *_counted("safety.any", affected, total, (is_known("safety.term"),))]  # fmt: skip
    for term, label in _terms(settings["safety"]["terms"], ours).items():
        count = _persons(ours, ours["term"] == term)
        rows += _counted(f"safety.term.{term}", count, total, (is_one_of("safety.term", term),), level=term, note=label)
    rows += _high_grades(ours, total)
    rows += _discontinued(ours, total)
    rows += _related_deaths(ours, cohort, deaths) if deaths is not None else [_deaths_unknown(len(cohort))]
    return {"ard": results_table(rows, RULE)}


def _persons(events: pd.DataFrame, which: pd.Series) -> int:
    return int(events.loc[which, "patient_id"].nunique())


def _terms(configured: Mapping[str, str], events: pd.DataFrame) -> dict[str, str]:
    """The terms to count, each with what a reader must know of it."""
    others = sorted(set(events["term"]) - {*configured, UNMAPPED_TERM})
    notes = dict.fromkeys(configured, "") | dict.fromkeys(others, "a term the study does not list")
    return notes | {UNMAPPED_TERM: _how_many_terms(events)}


def _how_many_terms(events: pd.DataFrame) -> str:
    count = as_text(events.loc[events["term"] == UNMAPPED_TERM, "recorded_term"]).nunique()
    return f"different terms that are not in the code list: {count}" if count else ""


def _counted(
    key: str, count: int, total: int, counted: Clause, level: str = "", note: str = ""
) -> list[dict[str, Any]]:
    about = {"analysis": "safety", "variable": "adverse_event", "level": level, "n": total, "n_contributing": count,
             "filter": filter_text((), counted),
             "method": "persons with treatment-emergent events; denominator: all included persons"}  # fmt: skip
    percent = 100 * count / total if total else None
    note_of_percent = note if total else "nobody is included"
    return [result(f"{key}.n", count, unit="persons", note=note, **about),
            result(f"{key}.percent", percent, unit="percent", note=note_of_percent, **about)]  # fmt: skip


def _high_grades(events: pd.DataFrame, total: int) -> list[dict[str, Any]]:
    high, missing = events["worst_grade"].isin([3, 4]), events["worst_grade"].isna()
    counted = (is_one_of("safety.worst_grade", 3, 4),)
    return _decided("safety.grade_3_or_4", events, high, missing, "whether it was grade 3 or 4", total, counted)


def _discontinued(events: pd.DataFrame, total: int) -> list[dict[str, Any]]:
    stopped, missing = events["action"] == "discontinued", events["action"].isna() | (events["action"] == "unknown")
    counted = (is_one_of("safety.action", "discontinued"),)
    return _decided("safety.discontinued", events, stopped, missing, "whether it ended treatment", total, counted)


def _decided(
    key: str, events: pd.DataFrame, holds: pd.Series, missing: pd.Series, what: str, total: int, counted: Clause
) -> list[dict[str, Any]]:
    """Persons with an event for which something holds; no number where that is not recorded of an event."""
    rows = _counted(key, _persons(events, holds), total, counted)
    note = _not_recorded(what, int(missing.sum()), len(events), "events")
    return [row | _NO_NUMBER | {"note": note} for row in rows] if note else rows


def _not_recorded(what: str, count: int, total: int, records: str) -> str:
    return f"{what} is not recorded for {count} of {total} {records}, so no number is given" if count else ""


_NO_NUMBER = {"value": None, "n_contributing": None}


def _related_deaths(events: pd.DataFrame, cohort: pd.DataFrame, deaths: pd.DataFrame) -> list[dict[str, Any]]:
    """Persons whose death is recorded as related to the treatment, in the death record or as a fatal related event.

    No number where that is open for a death: the death record does not say, or, without one, the fatal event.
    """
    ours = deaths[deaths["patient_id"].isin(cohort["patient_id"])]
    fatal = events[(events["outcome"] == "fatal") | (events["worst_grade"] == 5).fillna(False)]
    related = {*ours.loc[ours["treatment_related"] == "yes", "patient_id"],
               *fatal.loc[fatal["relatedness"] == "related", "patient_id"]}  # fmt: skip
    unsaid = {*ours.loc[~ours["treatment_related"].isin(["yes", "no"]), "patient_id"],
              *fatal.loc[~fatal["relatedness"].isin(["related", "not_related"]), "patient_id"]}  # fmt: skip
    unsaid -= related | {*ours.loc[ours["treatment_related"] == "no", "patient_id"]}
    dead = {*ours["patient_id"], *fatal["patient_id"]}
    note = _not_recorded("whether it was related to treatment", len(unsaid), len(dead), "deaths")
    row = result(RELATED_DEATHS, len(related), n_contributing=len(related), n=len(cohort),
                 filter=filter_text((), *_RELATED), **_ABOUT_DEATHS)  # fmt: skip
    return [row | _NO_NUMBER | {"note": note} if note else row]


_RELATED: tuple[Clause, ...] = (
    (is_one_of("deaths.treatment_related", "yes"),),
    (is_one_of("safety.relatedness", "related"), is_one_of("safety.outcome", "fatal")),
    (is_one_of("safety.relatedness", "related"), is_one_of("safety.worst_grade", 5)),
)
RELATED_DEATHS = "safety.treatment_related_deaths.n"
_ABOUT_DEATHS = {"analysis": "safety", "variable": "death", "unit": "persons",
                 "method": "deaths recorded as related to the study treatment"}  # fmt: skip


def _deaths_unknown(total: int) -> dict[str, Any]:
    return result(RELATED_DEATHS, None, n=total, note="the study records no deaths", **_ABOUT_DEATHS)
