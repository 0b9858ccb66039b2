"""When things happen: each woman's life fitted into the calendar, and what comes after the cut-off."""

from __future__ import annotations

import numpy as np

from cutline.simulate.columns import NEVER, Array, Calendar, Columns, Streams, between, chosen
from cutline.simulate.columns import day as day_of

FIRST_METASTASIS = day_of("2017-01-01")
"""CDK4/6 inhibitors came into use in 2017."""
SEEN_WITHIN = 90
"""A living woman who is not lost was seen in the last so many days before the cut-off."""
CDK46_DAYS_MIN, CDK46_DAYS_MAX = 90, 1100
SCREENED = 172
COMPLETED_KINDS = ("ecog", "menopausal_status", "er_percent", "her2_ish", "histology", "cdk46_stop")
GAP_FOR_LATE_RECORDS = 12


def timeline(streams: Streams, persons: Columns, calendar: Calendar) -> Columns:
    """Absolute days of the disease, the treatments before the index date, death and last contact.

    `seen_until` is the last day with a record by the cut-off, `end` the last day with any; between `seen_until`
    and the cut-off nothing is recorded, so that a censored woman is censored at `seen_until`.
    """
    days = _index(streams("index"), persons, calendar)
    days |= _before_index(streams("before index"), persons, days)
    days |= _ending(streams("ending"), persons, days, calendar)
    days |= _after_cutoff(streams("after cut-off"), persons | days, calendar)
    return days


def visible(persons: Columns, when: Array, calendar: Calendar, owner: Array | slice = slice(None)) -> Array:
    """Whether a day has records: seen by the cut-off, or later and before the last record."""
    after = (when > calendar.cutoff) & (when <= persons["end"][owner])
    return np.asarray((when <= persons["seen_until"][owner]) | after)


# ── before the cut-off ───────────────────────────────────────────────────────────────────────


def _index(rng: np.random.Generator, persons: Columns, calendar: Calendar) -> Columns:
    """Index date, days on the CDK4/6 inhibitor that fit before it, and when a living woman was last seen."""
    size, before = len(persons["fate"]), _other_days(persons)
    latest = _latest_index(persons, calendar)
    fitting = np.minimum(persons["cdk46_days"], np.where(persons["exact"], latest, NEVER) - FIRST_METASTASIS - before)
    earliest = np.maximum(calendar.window_start, FIRST_METASTASIS + before + fitting)
    index = np.minimum(between(rng, earliest, latest), latest)
    too_early = calendar.window_start - between(rng, 1, 200, size)
    index = np.where(persons["fate"] == "outside_window", too_early, index)
    alive = persons["exact"] & ~persons["died"]
    seen = np.maximum(calendar.cutoff - between(rng, 0, SEEN_WITHIN, size), index)
    seen = np.where(alive, _last_seen(rng, persons, calendar), seen)
    index = np.where(alive, seen - persons["survival"], index)
    fitting = np.maximum(np.minimum(fitting, index - FIRST_METASTASIS - before), CDK46_DAYS_MIN)
    return {"index": index, "seen": seen, "cdk46_days": np.where(persons["other_disease"], 0, fitting)}


def _last_start(calendar: Calendar) -> int:
    return min(calendar.window_end, calendar.cutoff - 30)


def _latest_index(persons: Columns, calendar: Calendar) -> Array:
    """The end of the window, or early enough for a death after exactly so many days to come by the cut-off."""
    dead = persons["exact"] & persons["died"]
    return np.where(
        dead, np.minimum(_last_start(calendar), calendar.cutoff - persons["survival"] - 1), _last_start(calendar)
    )


def _last_seen(rng: np.random.Generator, persons: Columns, calendar: Calendar) -> Array:
    """Of women alive after exactly so many days: shortly before the cut-off, with the index date in the window."""
    soonest = np.maximum(calendar.cutoff - SEEN_WITHIN, calendar.window_start + persons["survival"])
    return between(rng, soonest, np.minimum(calendar.cutoff, _last_start(calendar) + persons["survival"]))


def _other_days(persons: Columns) -> Array:
    """Days from the first distant metastasis to the index date, without those on the CDK4/6 inhibitor."""
    parts = ("pause", "chemotherapy_days", "second_pause", "second_chemotherapy_days", "last_pause")
    later = np.where(persons["other_disease"], 0, sum(persons[part] for part in parts))
    return np.asarray(persons["wait"] + later)


def _before_index(rng: np.random.Generator, persons: Columns, days: Columns) -> Columns:
    size = len(persons["fate"])
    metastasis = days["index"] - _other_days(persons) - days["cdk46_days"]
    back = np.where(persons["recurrent"], between(rng, 700, 2500, size), between(rng, 0, 20, size))
    start = metastasis + persons["wait"]
    stop = start + days["cdk46_days"]
    first = stop + persons["pause"]
    first_stop = first + persons["chemotherapy_days"]
    second = first_stop + persons["second_pause"]
    no_cdk46, count = persons["other_disease"], persons["chemotherapies"]
    return {
        "metastasis": metastasis,
        "diagnosis": metastasis - back,
        "cdk46_start": np.where(no_cdk46, NEVER, start),
        "cdk46_stop": np.where(no_cdk46, NEVER, stop),
        "chemotherapy_start": np.where(count > 0, first, NEVER),
        "chemotherapy_stop": np.where(count > 0, first_stop, NEVER),
        "second_start": np.where(count > 1, second, NEVER),
        "second_stop": np.where(count > 1, second + persons["second_chemotherapy_days"], NEVER),
    }


def _ending(rng: np.random.Generator, persons: Columns, days: Columns, calendar: Calendar) -> Columns:
    """Death, and the last day seen by the cut-off: the day before death, or the last contact of the living."""
    size, index = len(persons["fate"]), days["index"]
    cutoff = calendar.cutoff
    later = cutoff + 1 + rng.exponential(550, size).astype(int)
    death = np.where(persons["died"], index + persons["survival"], later)
    lost_on = between(rng, index, cutoff - SEEN_WITHIN - 1)
    lost = persons["lost"] & (lost_on < death) & (lost_on < cutoff - SEEN_WITHIN)
    death = np.where(lost | (death > calendar.horizon), NEVER, death)
    seen_until = np.where(lost, lost_on, np.where(death <= cutoff, death - 1, days["seen"]))
    return {"death": death, "seen_until": seen_until, "lost_on": np.where(lost, lost_on, NEVER)}


# ── after the cut-off ────────────────────────────────────────────────────────────────────────


def _after_cutoff(rng: np.random.Generator, persons: Columns, calendar: Calendar) -> Columns:
    """The last day with a record, and which records come late, are completed, corrected or deleted."""
    size, cutoff = len(persons["fate"]), calendar.cutoff
    share = max(1, round(size / SCREENED))
    alive = persons["included"] & (persons["death"] > cutoff) & (persons["lost_on"] == NEVER)
    waiting = alive & (persons["seen_until"] <= cutoff - GAP_FOR_LATE_RECORDS)
    late_death = chosen(rng, waiting, share)
    death = np.where(late_death, between(rng, persons["seen_until"] + 2, cutoff - 1), persons["death"])
    until = np.minimum(death - 1, calendar.horizon - between(rng, 0, 60, size))
    over = late_death | (death <= cutoff) | (persons["lost_on"] < NEVER) | (until <= cutoff)
    progressed = persons["index"] + persons["progression"] <= persons["seen_until"]
    event_day = persons["index"] + _event_offset(rng, persons)
    on_treatment = persons["included"] & (event_day <= persons["seen_until"])
    return {
        "death": death,
        "late_death": late_death,
        "end": np.where(over, persons["seen_until"], until),
        "event_day": event_day,
        "completed_on": _completed_on(rng, persons, cutoff, share),
        "late_contact": chosen(rng, waiting & ~late_death, share),
        "late_event": chosen(rng, on_treatment & (persons["term"] == ""), share),
        "deleted_event": chosen(rng, on_treatment & (persons["term"] != ""), share),
        "corrected_progression": chosen(rng, persons["included"] & progressed, share),
        "corrected_her2": chosen(rng, persons["included"] & (persons["her2_status"] == "zero"), share),
        "corrected_ecog": chosen(rng, persons["included"] & (persons["ecog"] == "0"), share),
        "corrected_on": cutoff + between(rng, 15, 200, size),
    }


def _event_offset(rng: np.random.Generator, persons: Columns) -> Array:
    """Days from the index date to the adverse event: on treatment, early as they mostly are."""
    last = np.minimum(np.minimum(persons["progression"], persons["survival"]) - 5, 120)
    return between(rng, 7, last)


def _completed_on(rng: np.random.Generator, persons: Columns, cutoff: int, share: int) -> Array:
    """When the missing record of an incomplete woman arrives: for some of each kind that can."""
    completed = np.zeros(len(persons["fate"]), dtype=bool)
    for kind in COMPLETED_KINDS:
        completed |= chosen(rng, persons["missing"] == kind, share)
    return np.where(completed, cutoff + between(rng, 20, 200, len(completed)), NEVER)
