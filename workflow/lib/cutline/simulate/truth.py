"""What the pipeline should find at the study's own cut-off, told from the draw and not from the records."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cutline.simulate.columns import NEVER, Array, Calendar, Columns, Streams, blanked, translated
from cutline.simulate.imaging import study_scans
from cutline.simulate.persons import CDK46_LIMIT_MONTHS

COVARIATES = ("menopausal_status", "ecog", "her2_status", "histology", "cdk46_inhibitor")
CATEGORIES = {"cr": "CR", "pr": "PR", "sd": "SD", "pd": "PD"}


def truth_table(persons: Columns, streams: Streams, calendar: Calendar, numbers: Array) -> pd.DataFrame:
    """One row per screened woman: included or the first criterion she fails, and what the included ones have.

    Days are whole days from the index date; blank for women who are not included. `ae_term` is the term of
    the adverse event known at the cut-off.
    """
    included = persons["included"]
    table = {
        "patient_id": numbers,
        "included": included,
        "first_failed": blanked(persons["fate"], included),
        "index_date": persons["index"].astype("datetime64[D]").astype(str),
        **_progression_free(persons, streams),
        **_overall(persons, calendar),
        "best_response": _best_response(persons, streams),
        **{name: persons[name] for name in COVARIATES},
        "age_at_diagnosis": persons["age"],
        "cdk46_duration_days": persons["cdk46_days"],
        "cdk46_duration_group": _duration_group(persons, calendar),
        "ae_term": np.where(persons["event_day"] <= persons["seen_until"], persons["term"], ""),
    }
    frame = pd.DataFrame(table).astype(object)
    only_included = frame.columns.difference(["patient_id", "included", "first_failed"])
    frame.loc[~included, only_included] = None
    return frame


def _progression_free(persons: Columns, streams: Streams) -> Columns:
    """Progression if its scan was seen, else death if known, else the last scan seen after the index date."""
    seen = persons["seen_until"] - persons["index"]
    progressed = persons["progression"] <= seen
    died = _died(persons)
    scans = study_scans(persons, streams)
    person, offset = scans["person"], scans["offset"]
    last = np.zeros(len(seen), dtype=np.int64)
    np.maximum.at(last, person, np.where(offset <= seen[person], offset, 0))
    days = np.where(progressed, persons["progression"], np.where(died, persons["death"] - persons["index"], last))
    return {"pfs_days": days, "pfs_event": progressed | died}


def _died(persons: Columns) -> Array:
    """Whether the death is known at the cut-off: it is the day after the last record."""
    known = (persons["death"] < NEVER) & ~persons["late_death"]
    return np.asarray(known & (persons["death"] == persons["seen_until"] + 1))


def _overall(persons: Columns, calendar: Calendar) -> Columns:
    died = _died(persons) & (persons["death"] <= calendar.cutoff)
    end = np.where(died, persons["death"], persons["seen_until"])
    return {"os_days": end - persons["index"], "os_event": died}


def _best_response(persons: Columns, streams: Streams) -> Array:
    """The course's response if its scan was seen; before that stable disease; MISSING without a scan."""
    seen = persons["seen_until"] - persons["index"]
    scans = study_scans(persons, streams)
    person, offset, first = scans["person"], scans["offset"], scans["number"] == scans["response_scan"]
    counted = np.bincount(person, offset <= seen[person], minlength=len(seen))
    first_response = np.full(len(seen), NEVER)
    first_response[person[first]] = offset[first]
    course = persons["course"]
    early = np.isin(course.astype(str), ("pr", "cr")) & (first_response > seen)
    best = np.where(early, "sd", course)
    return np.where(counted == 0, "MISSING", translated(best, CATEGORIES)).astype(object)


def _duration_group(persons: Columns, calendar: Calendar) -> Array:
    short = persons["cdk46_days"] < CDK46_LIMIT_MONTHS * calendar.days_per_month
    return np.where(short, "below_median", "at_or_above_median").astype(object)
