"""Tumour assessments of a trial: a baseline, planned scans, and the scan that shows progression.

The recorded sums of diameters are drawn to go with the recorded responses, at a clear distance from the limits of
RECIST 1.1 (Eur J Cancer 2009;45:228-47, section 4.3), so that response can be derived from them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cutline.simulate.columns import (
    NEVER,
    Array,
    Calendar,
    Columns,
    Streams,
    between,
    chosen,
    constant,
    stack,
)
from cutline.simulate.trial.known import scans_before_progression, until
from cutline.simulate.trial.shares import affected
from cutline.simulate.versions import original, revised, written

RESPONSES = {"CR": 0.0, "PR": 0.6}
"""Responses a course can reach, with the largest sum they leave of the baseline's."""
LATEST_RESPONSE = 3
"""A response begins on one of the first so many scans."""
NEW_LESION = 0.35
"""Share of the progressions that a new lesion shows; the others are growth."""
CORRECTED, DAYS_CORRECTED = 0.01, 3
"""Share of persons whose progression is corrected after the cut-off, to so many days earlier."""


def draw_responses(
    rng: np.random.Generator, calendar: Calendar, trial: Mapping[str, Any], persons: Columns, exact: bool
) -> Columns:
    """Each person's best response that is one (`course`, else blank), and the number of the scan it begins on.

    Only who has a scan by the cut-off that shows no progression can have responded.
    """
    scans = scans_before_progression(persons, until(persons, calendar))
    available = (scans < NEVER).sum(axis=1)
    course, free = constant("", len(available)), available > 0
    for name in RESPONSES:
        percent = {arm: spec["best_response"].get(name, 0.0) for arm, spec in trial["arms"].items()}
        reached = affected(rng, persons["arm"], free, percent, exact)
        course[reached], free = name, free & ~reached
    return {
        "course": course,
        "response_scan": between(rng, 1, np.minimum(available, LATEST_RESPONSE)),
        "baseline_mm": between(rng, 40, 140, len(course)),
        "stable_ratio": rng.uniform(0.8, 1.02, len(course)),
        "response_ratio": rng.uniform(0.3, 0.6, len(course)),
        "new_lesion": (rng.random(len(course)) < NEW_LESION) | (course == "CR"),
    }


def assessments(persons: Columns, streams: Streams, calendar: Calendar, trial: Mapping[str, Any]) -> Columns:
    """The versions of every assessment; a few progressions are corrected to an earlier day after the cut-off."""
    rng = streams("assessments")
    before = _before_progression(rng, persons)
    scans = stack([_baseline(rng, persons), before, _progressions(persons, before)])
    table = original(scans, written(rng, scans["assessment_date"], 10, calendar.cutoff))
    seen = persons["index"] + persons["progression"] <= calendar.cutoff
    corrected = chosen(rng, seen, max(1, round(CORRECTED * len(seen))))
    rows = np.flatnonzero(corrected[scans["person"]] & (scans["overall_response"] == "PD"))
    changes = {"assessment_date": scans["assessment_date"][rows] - DAYS_CORRECTED}
    return revised(table, rows, changes, calendar.cutoff + between(rng, 15, 200, len(rows)))


def _scans(persons: Columns, person: Array, offset: Array, kind: Array | str, total: Array, response: Any) -> Columns:
    size = len(person)
    return {
        "person": person,
        "assessment_date": persons["index"][person] + offset,
        "kind": kind if isinstance(kind, np.ndarray) else constant(kind, size),
        "modality": constant("ct", size),
        "assessor": constant("investigator", size),
        "measurable": constant("yes", size),
        "target_sum_mm": total.astype(float),
        "non_target": constant(None, size),
        "new_lesions": constant("no", size),
        "overall_response": response if isinstance(response, np.ndarray) else constant(response, size),
    }


def _baseline(rng: np.random.Generator, persons: Columns) -> Columns:
    size = len(persons["arm"])
    return _scans(persons, np.arange(size), -between(rng, 1, 14, size), "baseline", persons["baseline_mm"], None)


def _before_progression(rng: np.random.Generator, persons: Columns) -> Columns:
    """Stable disease on every planned scan up to the one that shows a response, and the response from then on."""
    days = scans_before_progression(persons, persons["end"])
    person, place = np.nonzero(days < NEVER)
    number = np.cumsum(days < NEVER, axis=1)[person, place]
    course = persons["course"][person]
    responding = (course != "") & (number >= persons["response_scan"][person])
    stable = persons["stable_ratio"][person] + rng.uniform(-0.02, 0.02, len(person))
    smaller = np.where(course == "CR", RESPONSES["CR"], persons["response_ratio"][person])
    total = np.round(persons["baseline_mm"][person] * np.where(responding, smaller, stable))
    response = np.where(responding, course, "SD").astype(object)
    return _scans(persons, person, days[person, place], "scheduled", total, response)


def _progressions(persons: Columns, before: Columns) -> Columns:
    """The scan of each progression: the smallest sum so far, grown by a third and 8 mm, or with a new lesion."""
    smallest = persons["baseline_mm"].astype(float)
    np.minimum.at(smallest, before["person"], before["target_sum_mm"])
    person = np.flatnonzero(persons["progression"] < NEVER)
    offset, new = persons["progression"][person], persons["new_lesion"][person]
    planned = (persons["scans"][person] == offset[:, None]).any(axis=1)
    kind = np.where(planned, "scheduled", "unscheduled").astype(object)
    total = np.where(new, smallest[person], np.round(smallest[person] * 4 / 3) + 8)
    scans = _scans(persons, person, offset, kind, total, "PD")
    return scans | {"new_lesions": np.where(new, "yes", "no").astype(object)}
