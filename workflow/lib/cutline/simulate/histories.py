"""Records of the disease: patients, diagnoses, procedures, pathology, visits and what was observed at them."""

from __future__ import annotations

from typing import Any

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
    numerals,
    pick,
    repeated,
    size_of,
    stack,
    take,
    translated,
)  # fmt: skip
from cutline.simulate.timeline import visible
from cutline.simulate.versions import original, revised, written


def patients(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """One record per woman; the date of birth is missing for some incomplete ones."""
    rng, size = streams("patients"), len(persons["fate"])
    screened = persons["metastasis"] + between(rng, 0, 20, size)
    birth = np.where(persons["missing"] == "birth_date", NEVER, persons["birth"])
    columns = {"person": np.arange(size), "birth_date": birth, "sex": constant("female", size), "screened_on": screened}
    return original(columns, written(rng, screened, 3, calendar.cutoff))


# ── diagnoses ────────────────────────────────────────────────────────────────────────────────

SITES = {"bone": ("C79.5", 0.65), "liver": ("C78.7", 0.4), "lung": ("C78.0", 0.35), "pleura": ("C78.2", 0.15),
         "brain": ("C79.3", 0.04)}  # fmt: skip
BREAST = {"C50.1": 1.0, "C50.4": 5.0, "C50.2": 2.0, "C50.5": 1.0, "C50.9": 3.0}


def sites_of(persons: Columns, streams: Streams) -> dict[str, Array]:
    """Whether each woman has a metastasis at each site: at least one everywhere."""
    rng, size = streams("sites"), len(persons["fate"])
    found = {site: rng.random(size) < share for site, (_, share) in SITES.items()}
    nowhere = ~np.logical_or.reduce(list(found.values()))
    return found | {"bone": found["bone"] | nowhere}


def diagnoses(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """Breast cancer with its receptor code, nodes, metastases, and other tumours of a few."""
    rng, size = streams("diagnoses"), len(persons["fate"])
    stage = np.where(persons["recurrent"], pick(rng, {"II": 2, "III": 1}, size), "IV").astype(object)
    everyone = np.ones(size, dtype=bool)
    receptor = np.where(persons["fate"] == "triple_negative", "Z17.1", "Z17.0").astype(object)
    blocks = [
        _diagnosis(everyone, persons["diagnosis"], pick(rng, BREAST, size), "breast cancer", stage, "histology"),
        _diagnosis(persons["missing"] != "er_percent", persons["diagnosis"], receptor, "receptor status", None,
                   "histology"),
        _diagnosis(rng.random(size) < 0.6, persons["diagnosis"], "C77.3", "axillary lymph node metastasis", None,
                   "clinical"),
        *_metastases(persons, sites_of(persons, streams)),
        *_other_tumours(rng, persons),
    ]  # fmt: skip
    columns = stack(blocks)
    return original(columns, written(rng, columns["diagnosis_date"], 10, calendar.cutoff))


def _diagnosis(who: Array, when: Array, icd10: Any, description: str, stage: Any, basis: str) -> Columns:
    rows = np.flatnonzero(who)
    texts = {"icd10": icd10, "description": description, "stage": stage, "basis": basis}
    filled = {
        name: text[rows] if isinstance(text, np.ndarray) else constant(text, len(rows)) for name, text in texts.items()
    }
    return {"person": rows, "diagnosis_date": when[rows]} | filled


def _metastases(persons: Columns, sites: dict[str, Array]) -> list[Columns]:
    """All sites are dated the same day, the first distant metastasis."""
    when = persons["metastasis"]
    return [
        _diagnosis(present, when, SITES[site][0], f"{site} metastasis", "IV", "imaging")
        for site, present in sites.items()
    ]


def _other_tumours(rng: np.random.Generator, persons: Columns) -> list[Columns]:
    """A cancer that excludes, and two that do not: long past, and of the skin."""
    size, index = len(persons["fate"]), persons["index"]
    recent = persons["fate"] == "other_malignancy"
    past = ~recent & (rng.random(size) < 0.03)
    skin = ~recent & (rng.random(size) < 0.02)
    return [
        _diagnosis(recent, index - between(rng, 200, 1500, size), "C73", "thyroid cancer", None, "histology"),
        _diagnosis(past, index - between(rng, 2500, 4500, size), "C54.1", "endometrial cancer", None, "histology"),
        _diagnosis(skin, index - between(rng, 100, 1500, size), "C44.3", "basal cell carcinoma", None, "histology"),
    ]


# ── procedures ───────────────────────────────────────────────────────────────────────────────


def procedures(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """Biopsies, surgery of those who once had early disease, palliative radiotherapy."""
    rng, size = streams("procedures"), len(persons["fate"])
    bone = sites_of(persons, streams)["bone"]
    breast = np.where(
        persons["recurrent"], persons["diagnosis"] + 40, persons["metastasis"] + between(rng, 60, 99, size)
    )
    radiotherapy = persons["index"] + between(rng, 20, 600, size)
    surgery = persons["recurrent"] | (persons["fate"] == "earlier_curative_treatment")
    irradiated = bone & (rng.random(size) < 0.5) & visible(persons, radiotherapy, calendar)
    blocks = [
        _procedure(np.ones(size, dtype=bool), persons["diagnosis"] - 3, "biopsy", "diagnostic"),
        _procedure(surgery, np.minimum(breast, persons["index"] - 1), "mastectomy", "curative"),
        _procedure(irradiated, radiotherapy, "radiotherapy", "palliative"),
    ]
    columns = stack(blocks)
    return original(columns, written(rng, columns["procedure_date"], 7, calendar.cutoff))


def _procedure(who: Array, when: Array, procedure: str, intent: str) -> Columns:
    rows = np.flatnonzero(who)
    texts = {"procedure": constant(procedure, len(rows)), "intent": constant(intent, len(rows))}
    return {"person": rows, "procedure_date": when[rows]} | texts


# ── pathology ────────────────────────────────────────────────────────────────────────────────

HISTOLOGY = {
    "ductal": "invasive ductal carcinoma",
    "no_special_type": "invasive carcinoma of no special type",
    "lobular": "invasive lobular carcinoma",
}
ISH_DAYS = 20


def pathology(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """The primary, and for a quarter a metastasis that agrees; in situ hybridisation is reported some weeks later."""
    rng, size = streams("pathology"), len(persons["fate"])
    facts = _receptors(rng, persons)
    primary = facts | {
        "person": np.arange(size),
        "sample_date": persons["diagnosis"] - 3,
        "specimen": constant("primary", size),
    }
    biopsied = ~persons["recurrent"] & (persons["missing"] == "") & (rng.random(size) < 0.25)
    metastasis = primary | {"sample_date": persons["diagnosis"] + 25, "specimen": constant("metastasis", size)}
    columns = stack([primary, take(metastasis, biopsied & (persons["diagnosis"] + 25 < persons["index"]))])
    table = original(_as_first_reported(persons, columns), written(rng, columns["sample_date"], 10, calendar.cutoff))
    table = _with_hybridisation(rng, persons, columns, table, calendar)
    return _completed(persons, columns, table)


def _receptors(rng: np.random.Generator, persons: Columns) -> Columns:
    """Receptors as written, in agreement with each woman's HER2 status and subtype."""
    size, fate = len(persons["fate"]), persons["fate"]
    negative = (fate == "triple_negative") | ((fate == "her2_positive") & (rng.random(size) < 0.4))
    er = np.where(
        negative, 0, np.where(rng.random(size) < 0.06, between(rng, 1, 9, size), 10 * between(rng, 3, 10, size))
    )
    # A woman whose oestrogen receptor is unknown must not look triple negative.
    without_pr = (rng.random(size) < 0.2) & (persons["missing"] != "er_percent")
    pr = np.where(negative | without_pr, 0, 5 * between(rng, 1, 19, size))
    ihc = pick(rng, {"1+": 60, "2+": 40}, size)
    ihc = np.where(persons["her2_status"] == "zero", "0", ihc)
    ihc = np.where(fate == "her2_positive", pick(rng, {"3+": 80, "2+": 20}, size), ihc)
    ihc = np.where(persons["missing"] == "her2_ish", "2+", ihc).astype(object)
    ish = blanked(np.where(fate == "her2_positive", "positive", "negative"), ihc != "2+")
    return {
        "histology": translated(persons["histology"], HISTOLOGY),
        "grade": pick(rng, {"1": 10, "2": 60, "3": 30}, size),
        "er_percent": numerals(er),
        "pr_percent": numerals(pr),
        "her2_ihc": ihc,
        "her2_ish": ish,
        "ki67_percent": numerals(5 * between(rng, 1, 12, size)),
    }


def _as_first_reported(persons: Columns, columns: Columns) -> Columns:
    """Without the hybridisation, and without what is missing of incomplete women."""
    missing = persons["missing"][columns["person"]]
    known = {name: blanked(columns[name], missing == name) for name in ("er_percent", "her2_ihc", "histology")}
    return columns | known | {"her2_ish": constant(None, len(missing))}


def _with_hybridisation(
    rng: np.random.Generator, persons: Columns, columns: Columns, table: Columns, calendar: Calendar
) -> Columns:
    withheld = np.isin(persons["missing"][columns["person"]].astype(str), ("her2_ish", "her2_ihc"))
    rows = np.flatnonzero((columns["her2_ish"] != None) & ~withheld)  # noqa: E711 (an array of texts and None)
    reported = written(rng, columns["sample_date"][rows] + ISH_DAYS, 10, calendar.cutoff)
    return revised(table, rows, {"her2_ish": columns["her2_ish"][rows]}, reported)


def _completed(persons: Columns, columns: Columns, table: Columns) -> Columns:
    """After the cut-off: missing results that arrive, and corrected HER2 results."""
    person = columns["person"]
    for name in ("er_percent", "her2_ish", "histology"):
        rows = np.flatnonzero((persons["missing"][person] == name) & (persons["completed_on"][person] < NEVER))
        table = revised(table, rows, {name: columns[name][rows]}, persons["completed_on"][person[rows]])
    rows = np.flatnonzero(persons["corrected_her2"][person])
    return revised(table, rows, {"her2_ihc": constant("1+", len(rows))}, persons["corrected_on"][person[rows]])


# ── visits ───────────────────────────────────────────────────────────────────────────────────


def visits(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """Visits about every three to four months from the first treatment on: person and day."""
    rng, size = streams("visits"), len(persons["fate"])
    first = np.where(persons["other_disease"], persons["index"], persons["cdk46_start"]) + 95
    step = between(rng, 88, 125, size)
    owner, number = repeated(np.maximum((persons["end"] - first) // step + 1, 0))
    when = first[owner] + number * step[owner] + between(rng, -7, 7, len(owner))
    # None in the weeks round the index date: that visit has its own records.
    apart = np.abs(when - persons["index"][owner]) > 30
    kept = visible(persons, when, calendar, owner) & apart
    return {"person": owner[kept], "when": when[kept]}


def observations(persons: Columns, streams: Streams, calendar: Calendar) -> Columns:
    """ECOG, menopausal status, ovarian suppression and weight, at treatment starts and visits."""
    rng, size = streams("observations"), len(persons["fate"])
    start = np.where(persons["other_disease"], NEVER, persons["cdk46_start"] - between(rng, 0, 10, size))
    index = persons["index"] - between(rng, 0, 6, size)
    worse = rng.random(size) < 0.15
    ecog = persons["ecog"].astype(int)
    weight = 0.5 * between(rng, 96, 190, size)
    suppressed = persons["menopausal_status"] == "premenopausal"
    everyone = np.ones(size, dtype=bool)
    early = ~persons["other_disease"]
    blocks = [
        _observed(early, start, "ecog", numerals(ecog)),
        _observed(early, start, "menopausal_status", persons["menopausal_status"]),
        _observed(early & suppressed, start, "ovarian_suppression", constant("yes", size)),
        _observed(early, start, "weight", numerals(weight), "kg"),
        _observed(everyone, index, "ecog", numerals(ecog + worse)),
        _observed(everyone, index, "menopausal_status", persons["menopausal_status"]),
        _observed(early & suppressed, index, "ovarian_suppression", constant("yes", size)),
        *_at_visits(streams, persons, calendar, ecog + worse, weight),
    ]
    columns = stack(blocks)
    table = original(columns, _observation_written(rng, persons, columns, calendar))
    return _corrected_ecog(persons, columns, table)


def _observed(who: Array, when: Array, item: str, value: Array, unit: str | None = None) -> Columns:
    rows = np.flatnonzero(who)
    texts = {"item": constant(item, len(rows)), "value": value[rows], "unit": constant(unit, len(rows))}
    return {"person": rows, "observed_on": when[rows]} | texts


def _at_visits(streams: Streams, persons: Columns, calendar: Calendar, ecog: Array, weight: Array) -> list[Columns]:
    """Performance status, one worse in the last half year before death, and weight with its ups and downs."""
    rng, seen = streams("visit observations"), visits(persons, streams, calendar)
    person, when, size = seen["person"], seen["when"], size_of(seen)
    failing = (persons["death"][person] - when < 183) & (when > persons["index"][person])
    values = {
        "ecog": (numerals(np.minimum(ecog[person] + failing, 3)), None),
        "weight": (numerals(weight[person] + 0.5 * between(rng, -6, 6, size)), "kg"),
    }
    return [
        {
            "person": person,
            "observed_on": when,
            "item": constant(item, size),
            "value": value,
            "unit": constant(unit, size),
        }
        for item, (value, unit) in values.items()
    ]


def _observation_written(rng: np.random.Generator, persons: Columns, columns: Columns, calendar: Calendar) -> Array:
    """When each is written: what an incomplete woman lacks, after the cut-off or never."""
    person, item = columns["person"], columns["item"]
    missing = persons["missing"][person]
    first_line = columns["observed_on"] <= persons["cdk46_start"][person]
    no_ecog = (missing == "ecog") & (item == "ecog") & first_line
    no_status = (missing == "menopausal_status") & np.isin(
        item.astype(str), ("menopausal_status", "ovarian_suppression")
    )
    on_time = written(rng, columns["observed_on"], 3, calendar.cutoff)
    return np.where(no_ecog | no_status, persons["completed_on"][person], on_time)


def _corrected_ecog(persons: Columns, columns: Columns, table: Columns) -> Columns:
    person = columns["person"]
    first = (columns["item"] == "ecog") & (columns["observed_on"] <= persons["cdk46_start"][person])
    rows = np.flatnonzero(first & persons["corrected_ecog"][person])
    return revised(table, rows, {"value": constant("1", len(rows))}, persons["corrected_on"][person[rows]])
