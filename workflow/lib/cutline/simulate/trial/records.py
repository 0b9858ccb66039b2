"""Records of a trial's persons, of what was found at randomisation, of treatment, contacts and deaths."""

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
    constant,
    pick,
    stack,
    take,
)  # fmt: skip
from cutline.simulate.trial.known import seen
from cutline.simulate.versions import closed, original, written

SCREENING_DAYS = 21
Trial = Mapping[str, Any]


def patients(persons: Columns, streams: Streams, calendar: Calendar, trial: Trial) -> Columns:
    """One record per person, screened in the weeks before randomisation."""
    rng, size, age = streams("patients"), len(persons["arm"]), trial["age_years"]
    years = np.clip(rng.normal(age["mean"], age["sd"], size), age["minimum"], age["maximum"] + 0.9)
    screened = persons["index"] - between(rng, SCREENING_DAYS - 6, SCREENING_DAYS, size)
    columns = {
        "person": np.arange(size),
        "birth_date": persons["index"] - np.floor(years * 365.25).astype(np.int64),
        "sex": constant("female", size),
        "screened_on": screened,
    }
    return original(columns, written(rng, screened, 3, calendar.cutoff))


def observations(persons: Columns, streams: Streams, calendar: Calendar, trial: Trial) -> Columns:
    """The arm, on the day of randomisation, and in the two weeks before it what the trial asks for at baseline."""
    rng, size = streams("observations"), len(persons["arm"])
    blocks = [_observed(persons["index"], trial["randomised"], persons["arm"])]
    for item, weights in trial["characteristics"].items():
        blocks.append(_observed(persons["index"] - between(rng, 0, 14, size), item, pick(rng, weights, size)))
    columns = stack(blocks)
    return original(columns, written(rng, columns["observed_on"], 3, calendar.cutoff))


def _observed(when: Array, item: str, value: Array) -> Columns:
    size = len(when)
    return {"person": np.arange(size), "observed_on": when, "item": constant(item, size), "value": value,
            "unit": constant(None, size)}  # fmt: skip


# ── treatment ────────────────────────────────────────────────────────────────────────────────


def treatments(persons: Columns, streams: Streams, calendar: Calendar, trial: Trial) -> Columns:
    """One course per drug of the arm until progression, death or loss; toxicity ends the arm's first drug alone."""
    rng, size = streams("treatments"), len(persons["arm"])
    start = persons["index"] + between(rng, 0, 2, size)
    stop, reason = _stops(rng, persons)
    blocks = []
    for arm, spec in trial["arms"].items():
        rows = np.flatnonzero(persons["arm"] == arm)
        for number, drug in enumerate(spec["drugs"]):
            early = (number == 0) & (persons["toxicity_stop"] < stop)
            days = persons["index"] + np.where(early, persons["toxicity_stop"], stop)
            ended = np.where(early, "toxicity", reason).astype(object)
            blocks.append(_course(rows, drug, trial["drugs"][drug], start, days, ended))
    courses = stack(blocks)
    courses["stop_date"] = np.minimum(courses["stop_date"], NEVER)
    return _versions(rng, courses, calendar)


def _stops(rng: np.random.Generator, persons: Columns) -> tuple[Array, Array]:
    """Days from the index date to the end of treatment, and why; NEVER while it goes on."""
    progressed = persons["progression"] < NEVER
    after = np.minimum(persons["progression"] + between(rng, 0, 7, len(progressed)), persons["end"])
    stop = np.where(progressed, after, np.minimum(persons["death"], persons["lost"]))
    reason = np.where(progressed, "progression", np.where(persons["death"] < NEVER, "death", "other"))
    return np.maximum(stop, 2), reason.astype(object)


def _course(rows: Array, drug: str, spec: Mapping[str, Any], start: Array, stop: Array, reason: Array) -> Columns:
    size = len(rows)
    return {
        "person": rows,
        "setting": constant("metastatic", size),
        "line": np.full(size, np.nan),
        "drug": constant(drug, size),
        "atc": constant(spec.get("atc"), size),
        "dose_mg": np.full(size, float(spec["dose_mg"])),
        "frequency": constant(spec["frequency"], size),
        "start_date": start[rows],
        "stop_date": stop[rows],
        "stop_reason": reason[rows],
    }


def _versions(rng: np.random.Generator, courses: Columns, calendar: Calendar) -> Columns:
    """Each course as it began, and, where it ended, with its end."""
    size = len(courses["person"])
    over = courses["stop_date"] <= calendar.horizon
    going_on = courses | {"stop_date": np.full(size, NEVER), "stop_reason": constant(None, size)}
    first = original(going_on, written(rng, courses["start_date"], 5, calendar.cutoff))
    stopped = written(rng, np.where(over, courses["stop_date"], NEVER), 7, calendar.cutoff)
    return closed(first, {name: courses[name] for name in ("stop_date", "stop_reason")}, stopped)


# ── contacts and deaths ──────────────────────────────────────────────────────────────────────


def contacts(persons: Columns, streams: Streams, calendar: Calendar, trial: Trial) -> Columns:
    """Contacts as planned, also after progression, until death or loss."""
    rng, days = streams("contacts"), seen(persons["contacts"], persons["end"])
    person, place = np.nonzero(days < NEVER)
    size = len(person)
    columns = {
        "person": person,
        "contact_date": persons["index"][person] + days[person, place],
        "kind": np.where(days[person, place] <= persons["progression"][person], "visit", "telephone").astype(object),
        "status": constant("alive", size),
    }
    return original(columns, written(rng, columns["contact_date"], 5, calendar.cutoff))


def deaths(persons: Columns, streams: Streams, calendar: Calendar, trial: Trial) -> Columns:
    """Deaths, none of the treatment; a few are learnt of only after the cut-off."""
    rng = streams("deaths")
    known = take({"person": np.arange(len(persons["arm"]))}, persons["death"] < NEVER)
    person = known["person"]
    when = persons["index"][person] + persons["death"][person]
    columns = known | {
        "death_date": when,
        "cause": np.where(persons["progression"][person] < NEVER, "disease_progression", "other").astype(object),
        "treatment_related": constant("no", len(person)),
    }
    late = calendar.cutoff + between(rng, 5, 60, len(person))
    on = np.where(persons["late_death"][person], late, written(rng, when, 14, calendar.cutoff))
    return original(columns, on)
