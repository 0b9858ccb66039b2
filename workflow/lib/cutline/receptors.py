"""Receptor status from what pathology reports say.

ER and PR: ASCO/CAP 2020, at least 1 % of nuclei is positive. HER2: ASCO/CAP 2018, affirmed 2023; HER2-low (IHC 1+, or
2+ with a negative ISH) is a treatment category within HER2-negative, not a result class of the guideline. A text that
admits two readings is unknown, with its reason: no side is chosen.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

import pandas as pd

from cutline.records import by_unique, plain_text

POSITIVE, NEGATIVE, LOW, ZERO = "positive", "negative", "low", "zero"
POSITIVE_FROM_PERCENT = 1.0


@dataclass(frozen=True)
class Reading:
    """What a report says: a status, or None and why; `tested` is false where no test was made or it failed."""

    status: str | None
    reason: str
    tested: bool = True


NOT_TESTED = Reading(None, "not tested", tested=False)

_NO_RESULT = {"", "-", "unk", "unknown", "nd", "unk/nd", "not done", "not applicable", "not available", "not performed",
              "not tested", "n/a", "na", "test failure", "pending"}  # fmt: skip
_NUMBER = r"(\d+(?:\.\d+)?)"
_BRACKETS = re.compile(r"\(([^)]*)\)")
_SIGNS = {"+": POSITIVE, "-": NEGATIVE, "–": NEGATIVE, "−": NEGATIVE}
"""A sign in brackets is a result; a dash without them is how many reports say that there is none."""


def _cleaned(text: str, method: str = "") -> str:
    """The text as it is read: plain, with a decimal point, without remarks in brackets and the name of the method.

    Where nothing else is written, what stands in brackets is the result: "(3+)", "FISH (-)". `method` is a pattern.
    """
    plain = plain_text(text)
    remarks = _without_method(" ".join(_BRACKETS.findall(plain)), method)
    result = _without_method(_BRACKETS.sub(" ", plain), method) or _SIGNS.get(remarks, remarks)
    return re.sub(r"(?<=\d),(?=\d)", ".", result)


def _without_method(text: str, method: str) -> str:
    return re.sub(rf"^(?:(?:{method})[ :]*)+", "", " ".join(text.split())).strip(" :")


# ── ER and PR ────────────────────────────────────────────────────────────────────────────────


def percent_range(text: str) -> tuple[float, float] | None:
    """The lowest and highest percentage a text admits: "90" and "%90" (90, 90), "<1" (0, just below 1), "5-10" (5, 10).

    None if it is not a percentage from 0 to 100.
    """
    cleaned = _cleaned(text).replace("%", "").replace("≥", ">=").replace("≤", "<=").replace("–", "-").replace(" ", "")
    if found := re.fullmatch(rf"~?{_NUMBER}", cleaned):
        low = high = float(found[1])
    elif found := re.fullmatch(rf"{_NUMBER}-{_NUMBER}", cleaned):
        low, high = float(found[1]), float(found[2])
    elif found := re.fullmatch(rf"(<=?|>=?){_NUMBER}", cleaned):
        low, high = _beyond(found[1], float(found[2]))
    else:
        return None
    return (low, high) if 0 <= low <= high <= 100 else None


def _beyond(sign: str, bound: float) -> tuple[float, float]:
    open_by = 0.0 if sign.endswith("=") else 1e-9
    return (0.0, bound - open_by) if sign.startswith("<") else (bound + open_by, 100.0)


def read_hormone_receptor(text: str) -> Reading:
    """ER or PR status: positive from 1 % of nuclei (ASCO/CAP 2020), negative below."""
    cleaned = _cleaned(text)
    if cleaned in _NO_RESULT:
        return NOT_TESTED
    if cleaned in ("positive", "pos", "+", "negative", "neg"):
        return Reading(NEGATIVE if cleaned.startswith("neg") else POSITIVE, "status as written, without a percentage")
    admitted = percent_range(text)
    if admitted is None:
        return Reading(None, "not readable as a percentage of nuclei")
    if admitted[0] >= POSITIVE_FROM_PERCENT:
        return Reading(POSITIVE, "1 % of nuclei or more")
    if admitted[1] < POSITIVE_FROM_PERCENT:
        return Reading(NEGATIVE, "less than 1 % of nuclei")
    return Reading(None, "the percentage as written lies on both sides of 1 %")


# ── HER2 ─────────────────────────────────────────────────────────────────────────────────────

_IHC = {"0": 0, "0+": 0, "1": 1, "1+": 1, "2": 2, "2+": 2, "++": 2, "3": 3, "3+": 3, "+++": 3}
_ISH = {"negative": NEGATIVE, "neg": NEGATIVE, "not amplified": NEGATIVE, "non-amplified": NEGATIVE,
        "nonamplified": NEGATIVE, "no amplification": NEGATIVE,
        "positive": POSITIVE, "pos": POSITIVE, "+": POSITIVE, "amplified": POSITIVE}  # fmt: skip


def ihc_score(text: str) -> int | str | None:
    """The IHC score 0 to 3; None if it was not tested; "unclear" for "1-2+" and whatever else is not one score."""
    cleaned = _cleaned(text, "ihc|score")
    return None if cleaned in _NO_RESULT else _IHC.get(cleaned, "unclear")


def ish_result(text: str) -> str | None:
    """The ISH result, positive or negative; None if it was not tested; "unclear" for anything else."""
    cleaned = _cleaned(text, "f?ish")
    return None if cleaned in _NO_RESULT else _ISH.get(cleaned, "unclear")


def read_her2(ihc_text: str, ish_text: str) -> Reading:
    """HER2 status of one sample from its IHC and ISH texts: zero, low, positive, or unknown with the reason.

    IHC 2+ needs an ISH; without one it is unresolved, never low (ASCO/CAP 2018). An ISH that contradicts an IHC of
    0, 1+ or 3+ leaves the status open for a reader.
    """
    return _her2_from(ihc_score(ihc_text), ish_result(ish_text))


def _her2_from(ihc: int | str | None, ish: str | None) -> Reading:
    if ihc is None and ish is None:
        return NOT_TESTED
    if "unclear" in (ihc, ish):
        return Reading(None, f"{'IHC' if ihc == 'unclear' else 'ISH'} as written is not one result")
    return _HER2[ihc, ish]


_UNRESOLVED = Reading(None, "IHC 2+ without ISH is unresolved")
_WITHOUT_IHC = Reading(None, "ISH negative without IHC: zero and low cannot be told apart")
_HER2: dict[tuple[int | str | None, str | None], Reading] = {
    (0, None): Reading(ZERO, "IHC 0"),
    (0, NEGATIVE): Reading(ZERO, "IHC 0"),
    (0, POSITIVE): Reading(None, "IHC 0 and ISH positive contradict each other"),
    (1, None): Reading(LOW, "IHC 1+"),
    (1, NEGATIVE): Reading(LOW, "IHC 1+"),
    (1, POSITIVE): Reading(None, "IHC 1+ and ISH positive contradict each other"),
    (2, None): _UNRESOLVED,
    (2, NEGATIVE): Reading(LOW, "IHC 2+ and ISH negative"),
    (2, POSITIVE): Reading(POSITIVE, "IHC 2+ and ISH positive"),
    (3, None): Reading(POSITIVE, "IHC 3+"),
    (3, POSITIVE): Reading(POSITIVE, "IHC 3+"),
    (3, NEGATIVE): Reading(None, "IHC 3+ and ISH negative contradict each other"),
    (None, POSITIVE): Reading(POSITIVE, "ISH positive"),
    (None, NEGATIVE): _WITHOUT_IHC,
}


# ── the status of persons ────────────────────────────────────────────────────────────────────

HER2_SEPARATOR = "\n"
"""Between the two texts of a sample, so that both are read as one value."""


def read_samples(texts: pd.Series, receptor: str) -> pd.DataFrame:
    """The reading of each sample (columns text, status, reason, tested), in the index of `texts`.

    `receptor` is `er`, `pr`, or `her2`; for HER2 a text is `ihc` + `HER2_SEPARATOR` + `ish`.
    """
    readings = by_unique(texts.fillna(""), _READERS[receptor])
    columns = ("status", "reason", "tested")
    read = {name: readings.map(attrgetter(name)).astype(object) for name in columns}
    return pd.DataFrame({"text": texts.fillna("")} | read, index=texts.index)


def _read_her2_texts(text: str) -> Reading:
    ihc, _, ish = text.partition(HER2_SEPARATOR)
    return read_her2(ihc, ish)


_READERS: dict[str, Callable[[str], Reading]] = {
    "er": read_hormone_receptor,
    "pr": read_hormone_receptor,
    "her2": _read_her2_texts,
}


def status_of_day(samples: pd.DataFrame, receptor: str) -> pd.DataFrame:
    """One row per person from the tested samples of one day: what they say together, as `read_day`.

    Columns as `cutline.records.candidates`, with status and reason; the record is the one with the lowest id.
    """
    ordered = samples.sort_values(["patient_id", "source_record_id"])
    first = ordered.drop_duplicates("patient_id").set_index("patient_id")
    several = ordered[ordered["patient_id"].duplicated(keep=False)]
    readings = {person: read_day(texts.tolist(), receptor) for person, texts in several.groupby("patient_id")["text"]}
    for name in ("status", "reason"):
        first.loc[list(readings), name] = [getattr(reading, name) for reading in readings.values()]
    return first


def read_day(texts: Sequence[str], receptor: str) -> Reading:
    """What the tested samples of one day say together; texts as in `read_samples`.

    For HER2 the IHC of one and the ISH of another are read as one sample, unless a test has two results. Otherwise
    samples must agree: different statuses leave it unknown, and so does one that decides nothing beside one that does.
    """
    if receptor == "her2" and (together := _as_one_sample(texts)):
        return together
    readings = [_READERS[receptor](text) for text in texts]
    known = {reading.status for reading in readings} - {None}
    undecided = [reading for reading in readings if reading.status is None]
    if len(known) > 1:
        return Reading(None, "samples of one day contradict each other")
    if known and undecided:
        return Reading(None, f"another sample of the day is undecided: {undecided[0].reason}")
    return readings[0]


def _as_one_sample(texts: Sequence[str]) -> Reading | None:
    """The HER2 reading of all IHC and ISH texts of a day; None if either test has more than one result."""
    tests = [text.partition(HER2_SEPARATOR)[::2] for text in texts]
    scores = {ihc_score(ihc) for ihc, _ in tests} - {None}
    results = {ish_result(ish) for _, ish in tests} - {None}
    if len(scores) > 1 or len(results) > 1:
        return None
    return _her2_from(next(iter(scores), None), next(iter(results), None))
