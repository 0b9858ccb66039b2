"""Who the women are: one row per screened woman, with her fate, facts and times, before any record of her.

A calibrated draw is the free one with the facts and times of the included women replaced by ones that meet
the published values.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cutline.simulate.columns import Array, Calendar, Columns, Streams, between, pick, shuffled
from cutline.simulate.covariates import calibrated_covariates, free_covariates
from cutline.simulate.targets import Targets
from cutline.simulate.timeline import CDK46_DAYS_MAX, CDK46_DAYS_MIN, COMPLETED_KINDS, timeline
from cutline.simulate.times import SCAN_MAX, SCAN_MIN, draw_progression, draw_survival, matched

INCLUDED = "included"
INCOMPLETE = "missing_or_incomplete"
FATES = {
    "her2_positive": 41, "triple_negative": 29, INCOMPLETE: 32, INCLUDED: 62, "not_de_novo": 1,
    "earlier_curative_treatment": 1, "no_first_line_cdk46": 1, "no_prior_chemotherapy": 1, "other_starting_dose": 1,
    "prior_mtor_inhibitor": 1, "other_malignancy": 1, "outside_window": 1,
}  # fmt: skip
"""Weights of the free draw, in which almost every criterion removes someone; in the paper only three do."""


MISSING = (*COMPLETED_KINDS, "her2_ihc", "birth_date", "everolimus", "assessments", "follow_up")
"""What an incomplete woman's records lack; of the first six kinds some arrive after the cut-off."""

TERMS = {
    "fatigue": 14, "skin": 6, "stomatitis": 4, "diarrhea": 3, "allergic_reaction": 2, "hematologic": 1, "edema": 1,
    "pneumonitis": 1,
}  # fmt: skip
COURSES = {"pr": 40, "sd": 22, "cr": 2}


def draw_persons(streams: Streams, calendar: Calendar, size: int, targets: Targets | None) -> Columns:
    """Every woman's facts and days; `targets` calibrates the included ones, None leaves all draws free.

    One row per woman. Days are absolute, NEVER where there is none; `progression` and `survival` are days from
    the index date, as endless follow-up would show them.
    """
    fate = shuffled(streams("fate"), _published_fates(targets)) if targets else pick(streams("fate"), FATES, size)
    persons: Columns = {"fate": fate, "included": np.asarray(fate == INCLUDED)}
    persons["missing"] = _missing(streams("missing"), fate)
    persons["other_disease"] = np.isin(fate.astype(str), ("her2_positive", "triple_negative"))
    persons |= free_covariates(streams("covariates"), size) | _free_times(streams("times"), size)
    persons |= _pauses(streams("pauses"), persons)
    persons["exact"] = persons["included"] & (targets is not None)
    if targets:
        _calibrate(streams, calendar, targets, persons)
    persons["cdk46_days"] = _cdk46_days(streams("cdk46_days"), persons, targets, calendar)
    persons |= timeline(streams, persons, calendar)
    persons |= _ages(streams("age"), persons, targets)
    return persons


# ── fates ────────────────────────────────────────────────────────────────────────────────────


def _published_fates(targets: Targets) -> dict[str, int]:
    prefix = "flow.excluded."
    excluded = {key.removeprefix(prefix): targets.count(key) for key in targets.printed if key.startswith(prefix)}
    return excluded | {INCLUDED: targets.count("flow.included")}


def _missing(rng: np.random.Generator, fate: Array) -> Array:
    """What is missing of each incomplete woman, every kind about equally often."""
    incomplete = np.flatnonzero(fate == INCOMPLETE)
    missing = np.full(len(fate), "", dtype=object)
    missing[incomplete] = rng.permutation(np.resize(np.array(MISSING, dtype=object), len(incomplete)))
    return missing


# ── free draws ───────────────────────────────────────────────────────────────────────────────


def _free_times(rng: np.random.Generator, size: int) -> Columns:
    """Days to progression on a scan and to death, response, adverse event, and whether she is lost to follow-up."""
    early = rng.random(size) < 0.11
    later = np.minimum(2 * SCAN_MIN + rng.exponential(150, size).astype(int), 1500)
    progression = np.where(early, between(rng, SCAN_MIN, SCAN_MAX, size), later)
    survival = progression + 1 + rng.exponential(550, size).astype(int)
    sudden = between(rng, 20, progression - 1)
    return {
        "progression": progression,
        "survival": np.where(rng.random(size) < 0.05, sudden, survival),
        "died": np.ones(size, dtype=bool),
        "course": np.where(early, "pd", pick(rng, COURSES, size)).astype(object),
        "term": np.where(rng.random(size) < 0.46, pick(rng, TERMS, size), "").astype(object),
        "severe": rng.random(size) < 0.1,
        "reduced": rng.random(size) < 0.1,
        "lost": rng.random(size) < 0.06,
    }


def _pauses(rng: np.random.Generator, persons: Columns) -> Columns:
    """Number and days of chemotherapies, and the days between treatments."""
    fate, size = persons["fate"], len(persons["fate"])
    count = np.where(persons["other_disease"] | (fate == "no_prior_chemotherapy"), 0, between(rng, 1, 2, size))
    return {
        "chemotherapies": count,
        "wait": between(rng, 7, 30, size) + np.where(fate == "no_first_line_cdk46", 100, 0),
        "pause": np.where(count > 0, between(rng, 10, 21, size), 0),
        "chemotherapy_days": np.where(count > 0, between(rng, 70, 150, size), 0),
        "second_pause": np.where(count > 1, between(rng, 10, 21, size), 0),
        "second_chemotherapy_days": np.where(count > 1, between(rng, 60, 120, size), 0),
        "last_pause": between(rng, 21, 35, size),
        "recurrent": np.where(persons["other_disease"], rng.random(size) < 0.4, fate == "not_de_novo"),
    }


def _cdk46_days(rng: np.random.Generator, persons: Columns, targets: Targets | None, calendar: Calendar) -> Array:
    """Days on the CDK4/6 inhibitor within each woman's group; of the calibrated, two lie next to the limit."""
    limit = int(np.ceil(CDK46_LIMIT_MONTHS * calendar.days_per_month))
    size = len(persons["fate"])
    below = limit - 1 - np.minimum(rng.exponential(140, size).astype(int), limit - 1 - CDK46_DAYS_MIN)
    above = limit + np.minimum(rng.exponential(170, size).astype(int), CDK46_DAYS_MAX - limit)
    is_below = np.asarray(persons["cdk46_duration_group"] == "below_median")
    if targets:
        below[np.flatnonzero(is_below & persons["exact"])[0]] = limit - 1
        above[np.flatnonzero(~is_below & persons["exact"])[0]] = limit
    return np.asarray(np.where(is_below, below, above), dtype=np.int64)


CDK46_LIMIT_MONTHS = 14.3
"""Where the study splits the duration; the published median, to which a calibrated draw holds."""


# ── calibrated draws ─────────────────────────────────────────────────────────────────────────


def _calibrate(streams: Streams, calendar: Calendar, targets: Targets, persons: Columns) -> None:
    """Facts and times of the included women replaced by ones that meet the published values."""
    months, rows = calendar.days_per_month, np.flatnonzero(persons["included"])
    progression = draw_progression(streams("progression"), targets, months)
    survival, died = draw_survival(streams("survival"), targets, progression, months)
    place = matched(streams("matching"), progression, survival)
    survival, died = survival[place], died[place]
    times = {"pfs": (progression, np.ones(len(rows), dtype=bool)), "os": (survival, died)}
    found = calibrated_covariates(streams("calibrated covariates"), targets, times)
    found |= {"progression": progression, "survival": survival, "died": died}
    found["course"] = _courses(streams("course"), targets, progression)
    found["term"] = shuffled(streams("term"), {"": targets.count("safety.none.n")} | targets.counts("safety.term"))
    order = streams("order").permutation(len(rows))
    for name, values in found.items():
        persons[name][rows] = values[order]
    for name in ("severe", "reduced", "lost"):
        persons[name][rows] = False


def _courses(rng: np.random.Generator, targets: Targets, progression: Array) -> Array:
    """Best responses: first the early progressions, then responders, more often among the late ones."""
    course = np.full(len(progression), "sd", dtype=object)
    first = targets.count("response.best.progressive.n")
    course[:first] = "pd"
    rest = np.arange(first, len(course))
    weight = progression[rest] / progression[rest].sum()
    course[rng.choice(rest, targets.count("response.best.partial.n"), replace=False, p=weight)] = "pr"
    return course


# ── age ──────────────────────────────────────────────────────────────────────────────────────


def _ages(rng: np.random.Generator, persons: Columns, targets: Targets | None) -> Mapping[str, Array]:
    """Age in whole years at diagnosis and day of birth: the premenopausal are the younger ones."""
    size = len(persons["fate"])
    young = np.clip(np.round(rng.normal(43, 5, size)), 30, 52)
    old = np.clip(np.round(rng.normal(57, 9, size)), 45, 85)
    premenopausal = np.asarray(persons["menopausal_status"] == "premenopausal")
    age = np.where(premenopausal, young, old).astype(np.int64)
    if targets:
        age[persons["exact"]] = _published_ages(rng, premenopausal[persons["exact"]], targets)
    # 5 to 355 days past a birthday: so leap years do not matter.
    lived = np.floor(age * 365.25).astype(np.int64) + between(rng, 5, 355, size)
    return {"age": age, "birth": persons["diagnosis"] - lived}


def _published_ages(rng: np.random.Generator, premenopausal: Array, targets: Targets) -> Array:
    """Ages with the published median and range: the premenopausal below the median, one of them the youngest."""
    middle, low, high = (targets.count(f"baseline.age_at_diagnosis.{name}") for name in ("median", "min", "max"))
    size, young = len(premenopausal), int(premenopausal.sum())
    younger = between(rng, middle - 5, middle - 1, size // 2 - 1 - young)
    older = between(rng, middle + 1, high, size - size // 2 - 2)
    ages = np.empty(size, dtype=np.int64)
    ages[premenopausal] = [low, *between(rng, low, middle - 3, young - 1)]
    ages[~premenopausal] = rng.permutation(np.concatenate([younger, [middle, middle], older, [high]]))
    return ages
