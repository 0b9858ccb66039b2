"""Records of treatment: drugs by line, and their dose periods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cutline.simulate.columns import (
    NEVER,
    Array,
    Calendar,
    Columns,
    Streams,
    between,
    blanked,
    constant,
    pick,
    stack,
    take,
)  # fmt: skip
from cutline.simulate.timeline import visible
from cutline.simulate.versions import closed, original, written


@dataclass(frozen=True)
class Drug:
    """ATC code (WHO index 2025) and usual starting dose."""

    atc: str
    dose_mg: float
    frequency: str


DRUGS = {
    "palbociclib": Drug("L01EF01", 125, "once_daily_3_of_4_weeks"),
    "ribociclib": Drug("L01EF02", 600, "once_daily_3_of_4_weeks"),
    "letrozole": Drug("L02BG04", 2.5, "once_daily"),
    "anastrozole": Drug("L02BG03", 1, "once_daily"),
    "fulvestrant": Drug("L02BA03", 500, "every_4_weeks"),
    "goserelin": Drug("L02AE03", 3.6, "every_4_weeks"),
    "tamoxifen": Drug("L02BA01", 20, "once_daily"),
    "paclitaxel": Drug("L01CD01", 140, "weekly"),
    "docetaxel": Drug("L01CD02", 130, "every_3_weeks"),
    "doxorubicin": Drug("L01DB01", 100, "every_3_weeks"),
    "cyclophosphamide": Drug("L01AA01", 1000, "every_3_weeks"),
    "capecitabine": Drug("L01BC06", 2000, "twice_daily_2_of_3_weeks"),
    "carboplatin": Drug("L01XA02", 450, "every_3_weeks"),
    "gemcitabine": Drug("L01BC05", 1800, "2_of_3_weeks"),
    "vinorelbine": Drug("L01CA04", 45, "weekly"),
    "eribulin": Drug("L01XX41", 2.2, "2_of_3_weeks"),
    "temsirolimus": Drug("L01EG01", 25, "weekly"),
    "everolimus": Drug("L01EG02", 10, "once_daily"),
    "exemestane": Drug("L02BG06", 25, "once_daily"),
    "trastuzumab": Drug("L01FD01", 420, "every_3_weeks"),
    "pertuzumab": Drug("L01FD02", 420, "every_3_weeks"),
    "trastuzumab emtansine": Drug("L01FD03", 250, "every_3_weeks"),
}
PARTNERS = {"letrozole": 60, "anastrozole": 10, "fulvestrant": 30}
CHEMOTHERAPIES = {"paclitaxel": 50, "docetaxel": 25, "doxorubicin": 25}
LATER = ("capecitabine", "gemcitabine", "vinorelbine", "eribulin")
LATER_LINES = 3
REDUCED_MG = {"palbociclib": 100.0, "ribociclib": 400.0}
WITH_DOSES = ("palbociclib", "ribociclib", "everolimus", "exemestane")


def treatments(persons: Columns, streams: Streams, calendar: Calendar) -> tuple[Columns, Columns]:
    """All courses once with start, stop and the days both were written, and their versions."""
    rng = streams("treatments")
    before = [*_first_line(rng, persons, calendar), *_chemotherapy(streams, rng, persons), *_earlier_disease(persons)]
    courses = stack([*before, *_study_line(streams, persons, calendar), *_later_lines(streams, persons, calendar)])
    drugs = [DRUGS[name] for name in courses["drug"]]
    reduced = (persons["fate"][courses["person"]] == "other_starting_dose") & (courses["drug"] == "everolimus")
    courses["atc"] = np.array([drug.atc for drug in drugs], dtype=object)
    courses["dose_mg"] = np.where(reduced, 5.0, [drug.dose_mg for drug in drugs])
    courses["frequency"] = np.array([drug.frequency for drug in drugs], dtype=object)
    courses |= _written(rng, persons, courses, calendar)
    return courses, _versions(courses)


def _written(rng: np.random.Generator, persons: Columns, courses: Columns, calendar: Calendar) -> Columns:
    """When start and stop are written; a stop by death not before the death is known."""
    person = courses["person"]
    stopped = written(rng, courses["stop_date"], 7, calendar.cutoff)
    withheld = (persons["missing"][person] == "cdk46_stop") & np.isin(courses["drug"].astype(str), list(REDUCED_MG))
    stopped = np.where(withheld, persons["completed_on"][person], stopped)
    late = persons["late_death"][person] & (courses["stop_date"] == persons["death"][person])
    stopped = np.where(late, death_written(persons, calendar)[person], stopped)
    return {"started_on": written(rng, courses["start_date"], 5, calendar.cutoff), "stopped_on": stopped}


def death_written(persons: Columns, calendar: Calendar) -> Array:
    """The day each death is known: soon, but after the cut-off for the late-recorded ones."""
    lag = persons["corrected_on"] - calendar.cutoff
    soon = np.where(persons["death"] <= calendar.cutoff, np.minimum(persons["death"] + lag % 15, calendar.cutoff),
                    persons["death"] + lag % 15)  # fmt: skip
    late = np.where(persons["late_death"], calendar.cutoff + lag % 40 + 5, soon)
    return np.where(persons["death"] >= NEVER, NEVER, late).astype(np.int64)


def _versions(courses: Columns) -> Columns:
    kept = {name: values for name, values in courses.items() if name not in ("started_on", "stopped_on")}
    size = len(courses["person"])
    going_on = kept | {"stop_date": np.full(size, NEVER), "stop_reason": constant(None, size)}
    first = original(going_on, courses["started_on"])
    return closed(first, {name: kept[name] for name in ("stop_date", "stop_reason")}, courses["stopped_on"])


def _course(
    who: Array, drug: Array | str, line: Array | int, start: Array, stop: Array, reason: Array | str,
    setting: str = "metastatic",
) -> Columns:  # fmt: skip
    rows = np.flatnonzero(who)
    size = len(rows)
    return {
        "person": rows,
        "setting": constant(setting, size),
        "line": np.broadcast_to(np.asarray(line, dtype=float), who.shape)[rows],
        "drug": drug[rows] if isinstance(drug, np.ndarray) else constant(drug, size),
        "start_date": start[rows],
        "stop_date": stop[rows],
        "stop_reason": reason[rows] if isinstance(reason, np.ndarray) else constant(reason, size),
    }


# ── before the index date ────────────────────────────────────────────────────────────────────


def _cdk46_line(persons: Columns) -> Array:
    return np.where(persons["fate"] == "no_first_line_cdk46", 2, 1)


def _first_line(rng: np.random.Generator, persons: Columns, calendar: Calendar) -> list[Columns]:
    """CDK4/6 inhibitor with endocrine partner, ovarian suppression before menopause; one fate has it second."""
    treated, line = ~persons["other_disease"], _cdk46_line(persons)
    start, stop = persons["cdk46_start"], persons["cdk46_stop"]
    partner = pick(rng, PARTNERS, len(treated))
    suppressed = treated & (persons["menopausal_status"] == "premenopausal")
    lifelong = ended(persons, np.full(len(line), NEVER), constant("completed", len(line)), calendar)
    return [
        _course(treated, persons["cdk46_inhibitor"], line, start, stop, "progression"),
        _course(treated, partner, line, start, stop, "progression"),
        _course(suppressed, "goserelin", line, start, *lifelong),
        _course(line == 2, "letrozole", 1, persons["metastasis"] + 7, start - 7, "progression"),
    ]


def _later_drugs(streams: Streams, size: int) -> list[Array]:
    """Four drugs in an order of each woman's own: for the second chemotherapy and the lines after the study's."""
    order = streams("later drugs").random((size, len(LATER))).argsort(axis=1)
    return list(np.array(LATER, dtype=object)[order].T)


def _chemotherapy(streams: Streams, rng: np.random.Generator, persons: Columns) -> list[Columns]:
    size, line = len(persons["fate"]), _cdk46_line(persons)
    first, second = persons["chemotherapies"] > 0, persons["chemotherapies"] > 1
    start, stop = persons["chemotherapy_start"], persons["chemotherapy_stop"]
    later = persons["second_start"], persons["second_stop"]
    earlier_mtor = persons["fate"] == "prior_mtor_inhibitor"
    return [
        _course(first, pick(rng, CHEMOTHERAPIES, size), line + 1, start, stop, "progression"),
        _course(second, _later_drugs(streams, size)[0], line + 2, *later, "progression"),
        _course(earlier_mtor, "temsirolimus", line + 1, start, stop, "progression"),
    ]


def _earlier_disease(persons: Columns) -> list[Columns]:
    """Adjuvant treatment of those who relapsed."""
    who, surgery = persons["recurrent"], persons["diagnosis"] + 40
    hormonal = who & (persons["fate"] != "triple_negative")
    return [
        _course(who, "doxorubicin", 1, surgery + 30, surgery + 100, "completed", "adjuvant"),
        _course(who, "cyclophosphamide", 1, surgery + 30, surgery + 100, "completed", "adjuvant"),
        _course(hormonal, "tamoxifen", 1, surgery + 130, persons["metastasis"] - 5, "progression", "adjuvant"),
    ]


# ── from the index date on ───────────────────────────────────────────────────────────────────


def index_line(persons: Columns) -> Array:
    """The line that starts at the index date."""
    return np.asarray(np.where(persons["other_disease"], 1, _cdk46_line(persons) + persons["chemotherapies"] + 1))


def study_stop(persons: Columns, streams: Streams, calendar: Calendar) -> tuple[Array, Array]:
    """Day and reason of the end of the treatment begun at the index date; NEVER and None while it goes on."""
    rng, size = streams("study stop"), len(persons["fate"])
    progressed = persons["index"] + persons["progression"]
    lag = between(rng, 0, 7, size)
    by_cutoff = progressed <= persons["seen_until"]
    planned = np.where(by_cutoff, np.minimum(progressed + lag, persons["seen_until"]), progressed + lag)
    toxic = persons["severe"] & (persons["term"] != "")
    planned = np.where(toxic, np.minimum(planned, persons["event_day"] + 3), planned)
    return ended(persons, planned, np.where(toxic, "toxicity", "progression"), calendar)


def ended(persons: Columns, planned: Array, reason: Array, calendar: Calendar) -> tuple[Array, Array]:
    """A planned end as it comes: at death if that is earlier, NEVER if it is never recorded."""
    death = persons["death"]
    at_death = (planned >= death) | (~visible(persons, planned, calendar) & (death < NEVER))
    stop = np.where(at_death, death, planned)
    unseen = ~at_death & ~visible(persons, planned, calendar)
    stop = np.where(unseen, NEVER, stop)
    return stop.astype(np.int64), blanked(np.where(at_death, "death", reason), unseen)


def _study_line(streams: Streams, persons: Columns, calendar: Calendar) -> list[Columns]:
    stop, reason = study_stop(persons, streams, calendar)
    start, line, fate = persons["index"], index_line(persons), persons["fate"]
    given = {
        "everolimus": ~persons["other_disease"] & (persons["missing"] != "everolimus"),
        "exemestane": ~persons["other_disease"] & (persons["missing"] != "everolimus"),
        "trastuzumab": fate == "her2_positive",
        "pertuzumab": fate == "her2_positive",
        "docetaxel": fate == "her2_positive",
        "paclitaxel": fate == "triple_negative",
        "carboplatin": fate == "triple_negative",
    }
    return [_course(who, drug, line, start, stop, reason) for drug, who in given.items()]


def _later_lines(streams: Streams, persons: Columns, calendar: Calendar) -> list[Columns]:
    """Up to three further lines, each begun after the one before has ended."""
    rng = streams("later lines")
    stop, reason = study_stop(persons, streams, calendar)
    size, blocks = len(stop), []
    going_on = rng.random(size) < 0.85
    for number in range(1, LATER_LINES + 1):
        start = stop + between(rng, 7, 30, size)
        going_on = going_on & (stop < NEVER) & (reason != "death") & visible(persons, start, calendar)
        drug = _later_drugs(streams, size)[number]
        if number == 1:
            drug = np.where(persons["fate"] == "her2_positive", "trastuzumab emtansine", drug).astype(object)
        stop, reason = ended(persons, start + between(rng, 50, 220, size), constant("progression", size), calendar)
        blocks.append(_course(going_on, drug, index_line(persons) + number, start, stop, reason))
    return blocks


# ── doses ────────────────────────────────────────────────────────────────────────────────────


def doses(persons: Columns, courses: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """Dose periods of the CDK4/6 inhibitors, everolimus and exemestane: a second one where the dose was reduced."""
    rng = streams("doses")
    rows = np.flatnonzero(np.isin(courses["drug"].astype(str), WITH_DOSES) & (courses["started_on"] < NEVER))
    course = take(courses, rows)
    changed, lower, reason = _reductions(rng, persons, course, calendar)
    is_reduced = changed < NEVER
    written_change = written(rng, changed, 5, calendar.cutoff)
    first = {"treatment": rows, "person": course["person"], "drug": course["drug"], "dose_mg": course["dose_mg"],
             "start_date": course["start_date"], "stop_date": np.where(is_reduced, changed - 1, course["stop_date"]),
             "reason": constant("start", len(rows)), "started_on": course["started_on"],
             "stopped_on": np.where(is_reduced, written_change, course["stopped_on"])}  # fmt: skip
    second = first | {"dose_mg": lower, "start_date": changed, "stop_date": course["stop_date"], "reason": reason,
                      "started_on": written_change, "stopped_on": course["stopped_on"]}  # fmt: skip
    return _dose_versions(stack([first, take(second, is_reduced)]))


def _reductions(
    rng: np.random.Generator, persons: Columns, course: Columns, calendar: Calendar
) -> tuple[Array, Array, Array]:
    """The day the dose was reduced (NEVER if it was not), to what and why."""
    person, size = course["person"], len(course["person"])
    inhibitor = np.isin(course["drug"].astype(str), list(REDUCED_MG)) & (rng.random(size) < 0.2)
    day = np.where(inhibitor, course["start_date"] + between(rng, 28, 80, size), NEVER)
    toxic = dose_was_reduced(persons)[person] & (course["drug"] == "everolimus") & (course["dose_mg"] > 5)
    day = np.where(toxic, persons["event_day"][person] + 2, day)
    day = np.where((day < course["stop_date"]) & visible(persons, day, calendar, person), day, NEVER)
    lower = np.array([REDUCED_MG.get(drug, 5.0) for drug in course["drug"]])
    return day, lower, constant("toxicity", size)


def dose_was_reduced(persons: Columns) -> Array:
    """Whether everolimus was reduced for an adverse event; a severe one ends it instead."""
    return np.asarray(persons["reduced"] & ~persons["severe"] & (persons["term"] != ""))


def _dose_versions(periods: Columns) -> Columns:
    kept = {name: values for name, values in periods.items() if name not in ("started_on", "stopped_on")}
    first = original(kept | {"stop_date": np.full(len(kept["person"]), NEVER)}, periods["started_on"])
    return closed(first, {"stop_date": kept["stop_date"]}, periods["stopped_on"])
