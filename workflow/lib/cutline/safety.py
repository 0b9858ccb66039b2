"""Treatment-emergent adverse events, and how many persons had them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from cutline.ard import result, results_table, slug
from cutline.records import as_text, by_unique, code_map, matching, table_named
from cutline.tables.safety import SAFETY
from cutline.tables.spec import conform

RULE = "summarise_safety"
UNNAMED_TERM = "unnamed_term"
IN_WINDOW = "begins between first dose and the end of the safety window"
UNMAPPED = f"{IN_WINDOW}; not in the code list, kept under its own name"


# ── derivation ───────────────────────────────────────────────────────────────────────────────


def derive_safety(
    *, settings: Mapping[str, Any], cohort: pd.DataFrame, codelist: Path, **records: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """The adverse events of included persons that begin under the study drugs.

    An event counts from the first dose on to `days_after_last_dose` after the last, both days included; while a
    drug goes on there is no last day. `codelist` maps recorded terms; one that it lacks is kept under its own name, and
    says so in `reason`. The worst grade is the higher of the two recorded ones. One row per event, sorted by person,
    onset and record. Raises ConfigError for an unknown table or column.
    """
    rules = settings["safety"]
    window = safety_window(cohort, table_named(records, "treatments"), rules)
    events = table_named(records, rules["table"]).join(window, on="patient_id", how="inner")
    events = events[(events["onset_date"] >= events["first_dose"]) & (events["onset_date"] <= events["window_end"])]
    mapped = as_text(events["term"]).map(code_map(codelist, "term"))
    grades = events[["grade", "worst_grade"]].astype("float64").max(axis="columns")
    terms = mapped.combine_first(by_unique(events["term"], _own_name))
    rows = events.assign(
        term=terms, recorded_term=events["term"], worst_grade=grades,
        reason=mapped.isna().map({False: IN_WINDOW, True: UNMAPPED}), source_table=rules["table"],
        source_record_id=events["record_id"], source_date=events["onset_date"],
    )  # fmt: skip
    return {"safety": conform(rows, SAFETY).sort_values(list(SAFETY.sort), ignore_index=True)}


def _own_name(term: str) -> str:
    return slug(term) or UNNAMED_TERM


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

    Persons are counted, not events; every term of the study has its row, zeros included, then the unmapped ones in
    alphabetical order. The denominator is every included person. Where the grade of any event is not recorded,
    nothing is said about grades 3 and 4. `deaths` are the accepted death records, if the study has any; without them
    nothing is said about deaths.
    """
    ours = safety[safety["patient_id"].isin(cohort["patient_id"])]
    total, affected = len(cohort), ours["patient_id"].nunique()
    rows = [*_counted("safety.none", total - affected, total), *_counted("safety.any", affected, total)]
    for term, label in _terms(settings["safety"]["terms"], ours).items():
        rows += _counted(f"safety.term.{term}", _persons(ours, ours["term"] == term), total, level=term, note=label)
    rows += _high_grades(ours, total)
    rows += _counted("safety.discontinued", _persons(ours, ours["action"] == "discontinued"), total)
    rows += _related_deaths(ours, cohort, deaths) if deaths is not None else [_deaths_unknown(len(cohort))]
    return {"ard": results_table(rows, RULE)}


def _persons(events: pd.DataFrame, which: pd.Series) -> int:
    return int(events.loc[which, "patient_id"].nunique())


def _terms(configured: Mapping[str, str], events: pd.DataFrame) -> dict[str, str]:
    """The terms to count, each with what a reader must know of it."""
    others = sorted(set(events["term"]) - set(configured))
    return dict.fromkeys(configured, "") | dict.fromkeys(others, "a term the study does not list")


def _counted(key: str, count: int, total: int, level: str = "", note: str = "") -> list[dict[str, Any]]:
    about = {"analysis": "safety", "variable": "adverse_event", "level": level, "n": total, "n_contributing": count,
             "method": "persons with treatment-emergent events; denominator: all included persons"}  # fmt: skip
    percent = 100 * count / total if total else None
    note_of_percent = note if total else "nobody is included"
    return [result(f"{key}.n", count, unit="persons", note=note, **about),
            result(f"{key}.percent", percent, unit="percent", note=note_of_percent, **about)]  # fmt: skip


def _high_grades(events: pd.DataFrame, total: int) -> list[dict[str, Any]]:
    """Persons with grade 3 or 4, or no number at all where grades are missing."""
    ungraded = int(events["worst_grade"].isna().sum())
    graded = _persons(events, events["worst_grade"].isin([3, 4]))
    rows = _counted("safety.grade_3_or_4", graded, total)
    if not ungraded:
        return rows
    note = f"the grade of {ungraded} of {len(events)} events is not recorded: nothing can be said about grades 3 and 4"
    return [row | {"value": None, "n_contributing": None, "note": note} for row in rows]


def _related_deaths(events: pd.DataFrame, cohort: pd.DataFrame, deaths: pd.DataFrame) -> list[dict[str, Any]]:
    """Persons whose death is recorded as related to the treatment, in the death record or as a fatal related event."""
    ours = deaths[deaths["patient_id"].isin(cohort["patient_id"])]
    fatal = (events["outcome"] == "fatal") | (events["worst_grade"] == 5).fillna(False)
    related = {*ours.loc[ours["treatment_related"] == "yes", "patient_id"],
               *events.loc[fatal & (events["relatedness"] == "related"), "patient_id"]}  # fmt: skip
    open_ = ours.loc[~ours["treatment_related"].isin(["yes", "no"]), "patient_id"].nunique()
    note = f"whether it was related is not recorded for {open_} of {len(ours)} deaths" if open_ else ""
    count = len(related)
    return [result(RELATED_DEATHS, count, n_contributing=count, n=len(cohort), note=note, **_ABOUT_DEATHS)]


RELATED_DEATHS = "safety.treatment_related_deaths.n"
_ABOUT_DEATHS = {"analysis": "safety", "variable": "death", "unit": "persons",
                 "method": "deaths recorded as related to the study treatment"}  # fmt: skip


def _deaths_unknown(total: int) -> dict[str, Any]:
    return result(RELATED_DEATHS, None, n=total, note="the study records no deaths", **_ABOUT_DEATHS)
