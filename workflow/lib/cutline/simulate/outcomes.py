"""Records of what came of it: adverse events, contacts and deaths."""

from __future__ import annotations

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
    size_of,
    stack,
    take,
)  # fmt: skip
from cutline.simulate.histories import visits
from cutline.simulate.therapies import death_written, dose_was_reduced
from cutline.simulate.timeline import visible
from cutline.simulate.versions import closed, original, revised, written

WORDS = {
    "fatigue": ("fatigue", "asthenia"),
    "skin": ("rash", "skin toxicity", "acneiform rash"),
    "stomatitis": ("stomatitis", "oral mucositis"),
    "diarrhea": ("diarrhea", "diarrhoea"),
    "allergic_reaction": ("allergic reaction",),
    "hematologic": ("anemia", "thrombocytopenia"),
    "edema": ("edema", "oedema"),
    "pneumonitis": ("pneumonitis",),
}
"""How each term is written in the records."""


# ── adverse events ───────────────────────────────────────────────────────────────────────────


def adverse_events(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """At most one event per woman on the study treatment, some on chemotherapy before; late and deleted ones."""
    rng = streams("adverse events")
    events = stack([_study_events(rng, persons, calendar), _chemotherapy_events(rng, persons)])
    person, onset = events["person"], events["onset_date"]
    on = written(rng, onset, 14, calendar.cutoff)
    on = np.where(persons["late_event"][person] & events.pop("on_study"), persons["corrected_on"][person], on)
    first = events | {
        "worst_grade": events["grade"],
        "worst_grade_date": onset,
        "end_date": np.full(len(onset), NEVER),
        "outcome": constant("not_recovered", len(onset)),
    }
    recovered = np.where(visible(persons, events["end_date"], calendar, person), events["end_date"], NEVER)
    changes = {name: events[name] for name in ("worst_grade", "worst_grade_date")}
    changes |= {"end_date": recovered, "outcome": constant("recovered", len(onset))}
    table = closed(original(first, on), changes, written(rng, recovered, 10, calendar.cutoff))
    rows = np.flatnonzero(persons["deleted_event"][person] & (onset == persons["event_day"][person]))
    return revised(table, rows, {}, persons["corrected_on"][person[rows]], deleted=True)


def _study_events(rng: np.random.Generator, persons: Columns, calendar: Calendar) -> Columns:
    """The women's events on the treatment begun at the index date; for late-recorded ones a mild fatigue."""
    term, onset = np.where(persons["late_event"], "fatigue", persons["term"]), persons["event_day"]
    rows = np.flatnonzero((term != "") & (persons["missing"] != "everolimus") & visible(persons, onset, calendar))
    size = len(rows)
    words = [
        WORDS[name][int(share * len(WORDS[name]))] for name, share in zip(term[rows], rng.random(size), strict=True)
    ]
    her2 = persons["fate"][rows] == "her2_positive"
    other = np.where(persons["other_disease"][rows], "paclitaxel", "everolimus")
    return _grades(rng, persons, rows, calendar) | {
        "person": rows,
        "term": np.array(words, dtype=object),
        "onset_date": onset[rows],
        "end_date": onset[rows] + between(rng, 8, 60, size),
        "outcome": constant("", size),
        "relatedness": constant("related", size),
        "suspect_drug": np.where(her2, "docetaxel", other).astype(object),
        "on_study": np.ones(size, dtype=bool),
    }


def _grades(rng: np.random.Generator, persons: Columns, rows: Array, calendar: Calendar) -> Columns:
    """Grade at onset and at worst, and what was done: a grade 3 event ends the treatment."""
    size = len(rows)
    severe = persons["severe"][rows] & ~persons["late_event"][rows]
    grade = np.where(severe, 3, between(rng, 1, 2, size))
    later = persons["event_day"][rows] + 3
    worse = (grade == 1) & (rng.random(size) < 0.2) & visible(persons, later, calendar, rows)
    action = np.where(severe, "discontinued", np.where(dose_was_reduced(persons)[rows], "dose_reduced", "none"))
    return {
        "grade": grade.astype(float),
        "worst_grade": grade + worse.astype(float),
        "worst_grade_date": np.where(worse, later, persons["event_day"][rows]),
        "serious": np.where(severe, "yes", "no").astype(object),
        "action": action.astype(object),
    }


def _chemotherapy_events(rng: np.random.Generator, persons: Columns) -> Columns:
    """Mild events of the chemotherapy, over long before the index date: no analysis may count them."""
    rows = np.flatnonzero((persons["chemotherapies"] > 0) & (rng.random(len(persons["fate"])) < 0.15))
    size = len(rows)
    onset = persons["chemotherapy_start"][rows] + between(rng, 5, 20, size)
    grade = between(rng, 1, 2, size).astype(float)
    return {
        "person": rows,
        "term": pick(rng, {"neutropenia": 3, "fatigue": 2, "diarrhea": 1}, size),
        "onset_date": onset,
        "grade": grade,
        "worst_grade": grade,
        "worst_grade_date": onset,
        "end_date": onset + between(rng, 5, 20, size),
        "outcome": constant("", size),
        "serious": constant("no", size),
        "relatedness": constant("related", size),
        "action": constant("none", size),
        "suspect_drug": constant("chemotherapy", size),
        "on_study": np.zeros(size, dtype=bool),
    }


# ── contacts and deaths ──────────────────────────────────────────────────────────────────────


def follow_up(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """Visits, the last contact of the living by the cut-off and at the end, and a few learnt of late."""
    rng, seen = streams("follow up"), visits(persons, streams, calendar)
    alive = persons["death"] > calendar.cutoff
    alive |= persons["late_death"]
    later = persons["end"] > calendar.cutoff
    late_day = (persons["seen_until"] + calendar.cutoff) // 2
    blocks = [
        _contact(seen["person"], seen["when"], "visit"),
        _contact(np.flatnonzero(alive), persons["seen_until"][alive], "telephone"),
        _contact(np.flatnonzero(later), persons["end"][later], "telephone"),
        _contact(np.flatnonzero(persons["late_contact"]), late_day[persons["late_contact"]], "registry"),
    ]
    columns = _one_a_day(stack(blocks))
    person = columns["person"]
    on = written(rng, columns["contact_date"], 5, calendar.cutoff)
    on = np.where(columns["kind"] == "registry", persons["corrected_on"][person], on)
    return original(columns, np.where(persons["missing"][person] == "follow_up", NEVER, on))


def _contact(person: Array, when: Array, kind: str) -> Columns:
    size = len(person)
    return {"person": person, "contact_date": when, "kind": constant(kind, size), "status": constant("alive", size)}


def _one_a_day(contacts: Columns) -> Columns:
    days = np.column_stack([contacts["person"], contacts["contact_date"]])
    return take(contacts, np.sort(np.unique(days, axis=0, return_index=True)[1]))


def deaths(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """Deaths, most of them of the disease, none of the treatment."""
    rng = streams("deaths")
    known = take({"person": np.arange(len(persons["fate"])), "death_date": persons["death"]}, persons["death"] < NEVER)
    size = size_of(known)
    columns = known | {
        "cause": pick(rng, {"disease_progression": 93, "other": 7}, size),
        "treatment_related": constant("no", size),
    }
    return original(columns, death_written(persons, calendar)[known["person"]])
