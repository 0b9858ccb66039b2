"""Adverse events of a trial, as often in each arm as the study's `simulate.trial.adverse_events` says."""

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
    pick,
    stack,
    translated,
)
from cutline.simulate.trial.known import until
from cutline.simulate.trial.shares import affected
from cutline.simulate.versions import closed, original, revised, written

FIRST_DAY, LAST_DAY = 3, 84
"""Events begin so many days after the index date, early as they mostly do."""
LASTING = (8, 60)
ACTIONS = {"none": 65, "interrupted": 20, "dose_reduced": 15}
GRADES = {"1": 60, "2": 40}
HIGH_GRADES = {"3": 93, "4": 7}
LATE = 0.01
"""Share of the events that are withdrawn after the cut-off, and of persons with one that is learnt of after it."""
Trial = Mapping[str, Any]


def draw_events(streams: Streams, calendar: Calendar, trial: Trial, persons: Columns, exact: bool) -> Columns:
    """Of each event, `onset <event>` from the index date (NEVER without it) and `grade <event>`; and `toxicity_stop`.

    All of them begin before a progression and by the cut-off. Who stops a drug for toxicity does so
    after her last event.
    """
    last = np.minimum(until(persons, calendar), persons["progression"] - 1)
    drawn: Columns = {}
    for name, event in trial["adverse_events"].items():
        drawn |= _event(streams(f"event {name}"), name, event, persons["arm"], last, exact)
    latest = np.max([np.where(_onset(drawn, name) < NEVER, _onset(drawn, name), 0) for name in trial["adverse_events"]],
                    axis=0)  # fmt: skip
    rng = streams("toxicity")
    stop = latest + between(rng, 1, 7, len(last))
    percent = {arm: spec["stopped_for_toxicity"] for arm, spec in trial["arms"].items()}
    stopped = affected(rng, persons["arm"], (latest > 0) & (stop <= last), percent, exact)
    return drawn | {"latest_onset": latest, "toxicity_stop": np.where(stopped, stop, NEVER)}


def _event(
    rng: np.random.Generator, name: str, event: Mapping[str, Any], arms: Array, last: Array, exact: bool
) -> Columns:  # fmt: skip
    """Who of each arm has the event, on which day, and at worst in which grade."""
    percent = {arm: rates["any"] for arm, rates in event["percent"].items()}
    high = {arm: rates["grade_3_or_4"] for arm, rates in event["percent"].items()}
    has = affected(rng, arms, last >= FIRST_DAY, percent, exact)
    if not exact:
        high = {arm: 100 * high[arm] / percent[arm] if percent[arm] else 0.0 for arm in high}
    severe = affected(rng, arms, has, high, exact)
    grade = np.where(severe, pick(rng, HIGH_GRADES, len(arms)), pick(rng, GRADES, len(arms))).astype(float)
    onset = between(rng, FIRST_DAY, np.minimum(last, LAST_DAY))
    return {f"onset {name}": np.where(has, onset, NEVER), f"grade {name}": grade}


def _onset(persons: Columns, name: str) -> Array:
    return persons[f"onset {name}"]


# ── records ──────────────────────────────────────────────────────────────────────────────────


def event_records(persons: Columns, streams: Streams, calendar: Calendar, trial: Trial) -> Columns:
    """The versions of every event: as first written, when over; a few are withdrawn or learnt of after the cut-off."""
    rng = streams("event records")
    events = stack([*(_records(rng, persons, trial, name) for name in trial["adverse_events"]),
                    _late_records(rng, persons, calendar, trial)])  # fmt: skip
    late, onset = events.pop("late"), events["onset_date"]
    recorded = np.where(late, calendar.cutoff + between(rng, 15, 200, len(onset)),
                        written(rng, onset, 14, calendar.cutoff))  # fmt: skip
    over = onset + between(rng, *LASTING, len(onset))
    over = np.where(over <= persons["index"][events["person"]] + persons["end"][events["person"]], over, NEVER)
    going_on = {"end_date": np.full(len(onset), NEVER), "outcome": constant("not_recovered", len(onset))}
    first = original(events | going_on, recorded)
    changes = {"end_date": over, "outcome": constant("recovered", len(onset))}
    table = closed(first, changes, written(rng, over, 10, calendar.cutoff))
    withdrawn = np.flatnonzero((rng.random(len(onset)) < LATE) & ~late & (over < calendar.cutoff))
    return revised(table, withdrawn, {}, calendar.cutoff + between(rng, 15, 200, len(withdrawn)), deleted=True)


def _records(rng: np.random.Generator, persons: Columns, trial: Trial, name: str) -> Columns:
    """One record for each person with the event, in one of its words; the last before a stop is why it was stopped."""
    onset = _onset(persons, name)
    rows = np.flatnonzero(onset < NEVER)
    grade, size = persons[f"grade {name}"][rows], len(rows)
    last = (persons["toxicity_stop"][rows] < NEVER) & (onset[rows] == persons["latest_onset"][rows])
    words = dict.fromkeys(trial["adverse_events"][name]["words"], 1.0)
    first_drugs = {arm: spec["drugs"][0] for arm, spec in trial["arms"].items()}
    return {
        "person": rows,
        "term": pick(rng, words, size),
        "onset_date": persons["index"][rows] + onset[rows],
        "grade": grade,
        "worst_grade": grade,
        "worst_grade_date": persons["index"][rows] + onset[rows],
        "serious": np.where(grade >= 4, "yes", "no").astype(object),
        "relatedness": pick(rng, {"related": 85, "not_related": 15}, size),
        "action": np.where(last, "discontinued", pick(rng, ACTIONS, size)).astype(object),
        "suspect_drug": translated(persons["arm"][rows], first_drugs),
        "late": np.zeros(size, dtype=bool),
    }


def _late_records(rng: np.random.Generator, persons: Columns, calendar: Calendar, trial: Trial) -> Columns:
    """A first event, mild, of a few who are not known to have it at the cut-off."""
    name = next(iter(trial["adverse_events"]))
    last = np.minimum(until(persons, calendar), persons["progression"] - 1)
    without = (_onset(persons, name) == NEVER) & (last >= FIRST_DAY)
    late = chosen(rng, without, max(1, round(LATE * len(without))))
    onset = np.where(late, between(rng, FIRST_DAY, np.minimum(last, LAST_DAY)), NEVER)
    mild = persons | {f"onset {name}": onset, f"grade {name}": np.ones(len(late))}
    records = _records(rng, mild | {"toxicity_stop": np.full(len(late), NEVER)}, trial, name)
    return records | {"late": np.ones(len(records["person"]), dtype=bool)}
