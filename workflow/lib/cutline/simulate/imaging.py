"""Records of imaging: tumour assessments, and the lesions whose diameters make up each recorded response.

Diameters are drawn first and the recorded sums are their sums, so that response can be recomputed: partial
response at a fall of 30 % or more from baseline, progression at a rise of 20 % and 5 mm or more from the
smallest sum (RECIST 1.1, Eur J Cancer 2009;45:228-47, section 4.3), at a clear distance from these limits.
"""

from __future__ import annotations

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
    repeated,
    size_of,
    stack,
    take,
)  # fmt: skip
from cutline.simulate.histories import sites_of
from cutline.simulate.timeline import visible
from cutline.simulate.times import SCAN_MAX, SCAN_MIN
from cutline.simulate.versions import original, revised, written

MODALITIES = {"ct": 60, "pet_ct": 30, "mri": 10}
TARGET_SITES = ("liver", "lung", "lymph_node", "breast")
SCANS_AFTER_PROGRESSION = 4
MOST_SCANS = 20
DAYS_CORRECTED = 10
GROWTH_MM = 4
"""Each target lesion has grown by at least this much at a progression of the target lesions."""


def assessments_and_lesions(persons: Columns, streams: Streams, calendar: Calendar) -> tuple[Columns, Columns]:
    """Both tables with their versions, from one list of scans."""
    rng = streams("scans written")
    scans = _scans(persons, streams, calendar)
    lesions = _lesions(scans, persons, streams)
    scans["target_sum_mm"] = _target_sums(lesions, size_of(scans))
    on = written(rng, scans["assessment_date"], 6, calendar.cutoff)
    on = np.where(persons["missing"][scans["person"]] == "assessments", NEVER, on)
    corrected = np.flatnonzero(persons["corrected_progression"][scans["person"]] & scans["is_progression"])
    return (
        _corrected(persons, original(_assessments(scans), on), scans, corrected),
        _corrected(persons, original(lesions, on[lesions["assessment"]]), scans,
                   np.flatnonzero(np.isin(lesions["assessment"], corrected)), lesions["assessment"]),
    )  # fmt: skip


def _corrected(persons: Columns, table: Columns, scans: Columns, rows: Array, scan: Array | None = None) -> Columns:
    """The progression scan's day corrected to an earlier one, in the scan or in its lesions (`scan` of each)."""
    of = rows if scan is None else scan[rows]
    changes = {"assessment_date": scans["assessment_date"][of] - DAYS_CORRECTED}
    return revised(table, rows, changes, persons["corrected_on"][scans["person"][of]])


def _assessments(scans: Columns) -> Columns:
    columns = ("person", "assessment_date", "kind", "modality", "assessor", "measurable", "target_sum_mm", "non_target",
               "new_lesions", "overall_response")  # fmt: skip
    return {name: scans[name] for name in columns}


# ── scans ────────────────────────────────────────────────────────────────────────────────────


def _scans(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """All visible scans: `ratio` is the tumour's size relative to the baseline of the study treatment."""
    traits = _traits(persons, streams)
    scans = stack([
        *_earlier_scans(streams("earlier scans"), persons, traits),
        _study_scans(persons, streams, traits),
        _scans_after_progression(streams("scans after progression"), persons, traits),
    ])  # fmt: skip
    person = scans["person"]
    scans = take(scans, visible(persons, scans["assessment_date"], calendar, person))
    scans = take(scans, np.lexsort((scans["assessment_date"], scans["person"])))
    size = size_of(scans)
    return scans | {
        "modality": pick(streams("modality"), MODALITIES, size),
        "assessor": constant("radiology", size),
        "measurable": constant("yes", size),
    }


def _traits(persons: Columns, streams: Streams) -> Columns:
    """Per woman: number of scans to progression, the scan of the first response, how far, how she progressed."""
    rng, size = streams("course of disease"), len(persons["fate"])
    progression, course = persons["progression"], persons["course"]
    fewest, most = -(-progression // SCAN_MAX), np.maximum(progression // SCAN_MIN, 1)
    count = np.minimum(between(rng, fewest, most), MOST_SCANS)
    bone = sites_of(persons, streams)["bone"]
    how = pick(rng, {"growth": 60, "new": 25, "non_target": 15}, size)
    how = np.where((how == "non_target") & ~bone, "growth", how)
    # Where the smallest size may have gone unseen, only a new lesion shows progression.
    unseen = persons["index"] + progression > persons["seen_until"]
    how = np.where(unseen, "new", how).astype(object)
    return {
        "count": np.where(course == "pd", 1, np.maximum(count, 2)),
        "response_scan": np.minimum(between(rng, 1, 2, size), np.maximum(count, 2) - 1),
        "depth": rng.uniform(0.0, 1.0, size),
        "how": how,
        "bone": bone,
        "slack": rng.uniform(-1.0, 1.0, size),
        "growth": rng.uniform(1.35, 1.7, size),
    }


def _block(
    person: Array, when: Array, kind: str, ratio: Array, response: Array | str | None, traits: Columns,
    progressed: Array | None = None,
) -> Columns:  # fmt: skip
    """Scans; `progressed` marks those at or after the progression on the study treatment."""
    size = len(person)
    progressed = np.zeros(size, dtype=bool) if progressed is None else progressed
    how = traits["how"][person]
    response = response if isinstance(response, np.ndarray) else constant(response, size)
    kept = blanked(np.where(response == "CR", "CR", "NON-CR/NON-PD"), ~traits["bone"][person])
    return {
        "person": person,
        "assessment_date": when,
        "kind": constant(kind, size),
        "ratio": ratio,
        "overall_response": response,
        "non_target": np.where(progressed & (how == "non_target"), "PD", kept).astype(object),
        "new_lesions": np.where(progressed & (how == "new"), "yes", "no").astype(object),
        "grown": progressed & (how == "growth"),
        "is_progression": np.zeros(size, dtype=bool),
    }


def _earlier_scans(rng: np.random.Generator, persons: Columns, traits: Columns) -> list[Columns]:
    """Staging, stable disease and progression on the CDK4/6 inhibitor, progression on chemotherapy, baseline.

    The ratios are those of one tumour that shrinks and grows: 0.62, 0.55, 0.75, 0.97, 1.
    """
    size = len(persons["fate"])
    treated, chemotherapy = np.flatnonzero(~persons["other_disease"]), np.flatnonzero(persons["chemotherapies"] > 0)
    last_stop = np.where(persons["chemotherapies"] > 1, persons["second_stop"], persons["chemotherapy_stop"])
    plan = [
        (treated, persons["metastasis"], "baseline", 0.62, None),
        (treated, persons["cdk46_start"] + between(rng, 70, 84, size), "scheduled", 0.55, "SD"),
        (treated, persons["cdk46_stop"] - between(rng, 0, 5, size), "scheduled", 0.75, "PD"),
        (chemotherapy, last_stop - between(rng, 0, 5, size), "scheduled", 0.97, "PD"),
        (np.arange(size), persons["index"] - between(rng, 1, 6, size), "baseline", 1.0, None),
    ]
    return [
        _block(rows, when[rows], kind, np.full(len(rows), ratio), response, traits)
        for rows, when, kind, ratio, response in plan
    ]


def study_scans(persons: Columns, streams: Streams) -> Columns:
    """Scans up to the progression, 8 to 12 weeks apart: person, number from 1, days from the index date.

    `response_scan` is the number of the first scan with a response, if the woman's course has one.
    """
    rng, traits = streams("study scans"), _traits(persons, streams)
    person, number = repeated(traits["count"])
    number = number + 1
    count = traits["count"][person]
    step = persons["progression"][person] / count
    room = np.maximum(np.floor(np.minimum(step - SCAN_MIN, SCAN_MAX - step) / 2 - 0.5), 0)
    shift = np.where(number < count, np.round(rng.uniform(-1, 1, len(person)) * room), 0)
    offset = np.round(number * step + shift).astype(np.int64)
    return {"person": person, "number": number, "offset": offset, "response_scan": traits["response_scan"][person]}


def _study_scans(persons: Columns, streams: Streams, traits: Columns) -> Columns:
    """The scans on the study treatment, with the response of each woman's course."""
    scans = study_scans(persons, streams)
    person, number = scans["person"], scans["number"]
    last = number == traits["count"][person]
    ratio, response = _responses(streams("study responses"), persons, traits, person, number)
    when = persons["index"][person] + scans["offset"]
    return _block(person, when, "scheduled", ratio, response, traits, last) | {"is_progression": last}


def _responses(
    rng: np.random.Generator, persons: Columns, traits: Columns, person: Array, number: Array
) -> tuple[Array, Array]:
    """Ratio and response of each study scan; before progression only stable disease ever rises, and little."""
    course, depth = persons["course"][person], traits["depth"][person]
    first, count = traits["response_scan"][person], traits["count"][person]
    before = (number < first) | (course == "sd")
    stable = np.where(course == "sd", 0.85 + 0.13 * depth + rng.uniform(-0.02, 0.02, len(person)), 0.95 - 0.12 * depth)
    partial = 0.6 - 0.23 * depth * (number - first + 1) / np.maximum(count - first, 1)
    ratio = np.where(before, stable, np.where(course == "cr", 0.0, partial))
    response = np.where(before, "SD", np.where(course == "cr", "CR", "PR"))
    last = number == count
    smallest = _size_before_progression(persons, traits)[person]
    return np.where(last, _size_at_progression(traits, smallest, person), ratio), np.where(last, "PD", response).astype(
        object
    )


def _size_before_progression(persons: Columns, traits: Columns) -> Array:
    """The smallest ratio of each woman before her progression, as far as her course fixes it."""
    course, depth = persons["course"], traits["depth"]
    reached = (traits["count"] - traits["response_scan"]) / np.maximum(traits["count"] - traits["response_scan"], 1)
    smallest = np.where(course == "sd", 0.83 + 0.13 * depth, 0.6 - 0.23 * depth * reached)
    smallest = np.where(course == "cr", 0.0, smallest)
    return np.where(course == "pd", 1.0, smallest)


def _size_at_progression(traits: Columns, smallest: Array, person: Array) -> Array:
    return np.where(traits["how"][person] == "growth", traits["growth"][person] * smallest, 1.03 * smallest)


def _scans_after_progression(rng: np.random.Generator, persons: Columns, traits: Columns) -> Columns:
    """A few more scans, still progressive against the study treatment's smallest sum."""
    person, number = repeated(np.full(len(persons["fate"]), SCANS_AFTER_PROGRESSION))
    when = (
        persons["index"][person] + persons["progression"][person] + (number + 1) * 91 + between(rng, -7, 7, len(person))
    )
    at_progression = _size_at_progression(traits, _size_before_progression(persons, traits)[person], person)
    ratio = at_progression * 1.1 ** (number + 1)
    return _block(person, when, "scheduled", ratio, "PD", traits, np.ones(len(person), dtype=bool))


# ── lesions ──────────────────────────────────────────────────────────────────────────────────


def _lesions(scans: Columns, persons: Columns, streams: Streams) -> Columns:
    """Target lesions with diameters, one bone lesion without, and the new one of those who progressed by it."""
    targets = _target_lesions(streams("target lesions"), scans, persons, streams)
    last = 1 + _number_of_targets(streams, len(persons["fate"]))[scans["person"]]
    bone = np.flatnonzero(scans["non_target"] != None)  # noqa: E711 (an array of texts and None)
    new = np.flatnonzero(scans["new_lesions"] == "yes")
    findings = {"PD": "unequivocal_progression", "CR": "absent", "NON-CR/NON-PD": "present"}
    finding = np.array([findings[value] for value in scans["non_target"][bone]], dtype=object)
    return stack([
        targets,
        _unmeasured(scans, bone, last[bone], "bone", "non_target", finding),
        _unmeasured(scans, new, last[new] + 1, "liver", "new", constant("present", len(new))),
    ])  # fmt: skip


def _unmeasured(scans: Columns, rows: Array, number: Array, site: str, kind: str, finding: Array) -> Columns:
    return {
        "assessment": rows,
        "person": scans["person"][rows],
        "assessment_date": scans["assessment_date"][rows],
        "lesion_number": number.astype(float),
        "site": constant(site, len(rows)),
        "kind": constant(kind, len(rows)),
        "diameter_mm": np.full(len(rows), np.nan),
        "finding": finding,
    }


def _number_of_targets(streams: Streams, size: int) -> Array:
    return between(streams("number of targets"), 2, 3, size)


def _target_lesions(rng: np.random.Generator, scans: Columns, persons: Columns, streams: Streams) -> Columns:
    """Whole millimetres: the baseline diameter times the scan's ratio, and clear growth at such a progression."""
    size = len(persons["fate"])
    baseline = between(rng, 18, 45, size * 3).reshape(size, 3)
    sites = _target_sites(persons, streams)
    scan, lesion = repeated(_number_of_targets(streams, size)[scans["person"]])
    person = scans["person"][scan]
    diameter = np.round(baseline[person, lesion] * scans["ratio"][scan]) + GROWTH_MM * scans["grown"][scan]
    block = _unmeasured(
        scans, scan, lesion + 1, "", "target", np.where(diameter > 0, "present", "absent").astype(object)
    )
    return block | {"site": sites[person, lesion], "diameter_mm": diameter}


def _target_sites(persons: Columns, streams: Streams) -> Array:
    """Three sites for each woman: her liver and lung metastases first, then nodes and the breast."""
    present = sites_of(persons, streams)
    size = len(persons["fate"])
    wanted = np.column_stack([present["liver"], present["lung"], np.ones(size, dtype=bool), np.ones(size, dtype=bool)])
    order = np.argsort(~wanted, axis=1, kind="stable")[:, :3]
    return np.asarray(np.array(TARGET_SITES, dtype=object)[order])


def _target_sums(lesions: Columns, scans: int) -> Array:
    targets = lesions["kind"] == "target"
    return np.bincount(lesions["assessment"][targets], lesions["diameter_mm"][targets], minlength=scans)
