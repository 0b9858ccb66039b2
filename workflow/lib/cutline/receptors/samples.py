"""Receptor status of persons: the readings of their samples, and what those of one day say together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from operator import attrgetter

import pandas as pd

from cutline.receptors.her2 import Test, read_tests, tests_of
from cutline.receptors.hormone import read_hormone_receptor
from cutline.receptors.reading import Reading, conflict
from cutline.records import by_unique

HER2_SEPARATOR = "\n"
"""Between the two texts of a sample, so that both are read as one value."""
SAMPLE_SEPARATOR = "\v"
READING = ("status", "reason", "tested", "query")


def read_samples(texts: pd.Series, receptor: str, levels: Collection[str]) -> pd.DataFrame:
    """The reading of each sample (columns text, status, reason, tested, query), in the index of `texts`.

    `receptor` is `er`, `pr`, or `her2`; for HER2 a text is `ihc` + `HER2_SEPARATOR` + `ish`. `levels` are the study's:
    `low_positive` and `equivocal` are given only if they are among them.
    """
    reader = _READERS[receptor]
    readings = by_unique(texts.fillna(""), lambda text: reader(text, levels))
    return pd.DataFrame({"text": texts.fillna("")} | _columns(readings), index=texts.index)


def _columns(readings: pd.Series) -> dict[str, pd.Series]:
    return {name: readings.map(attrgetter(name)).astype(object) for name in READING}


def _read_her2_texts(text: str, levels: Collection[str]) -> Reading:
    return read_tests(*_tests(text), levels)


def _tests(text: str) -> tuple[Test, Test]:
    ihc, _, ish = text.partition(HER2_SEPARATOR)
    return tests_of(ihc, ish)


_READERS: dict[str, Callable[[str, Collection[str]], Reading]] = {
    "er": read_hormone_receptor,
    "pr": read_hormone_receptor,
    "her2": _read_her2_texts,
}


def status_of_day(samples: pd.DataFrame, receptor: str, levels: Collection[str]) -> pd.DataFrame:
    """One row per person from the tested samples of one day: what they say together, as `read_day`; index patient_id.

    Columns as `cutline.records.candidates`, with those of a reading; the record is the one with the lowest id.
    """
    ordered = samples.sort_values(["patient_id", "source_record_id"])
    first = ordered.drop_duplicates("patient_id").set_index("patient_id")
    different = ordered.drop_duplicates(["patient_id", "text"])
    several = different[different["patient_id"].duplicated(keep=False)]
    days = several.groupby("patient_id")["text"].agg(SAMPLE_SEPARATOR.join)
    readings = by_unique(days, lambda texts: read_day(texts.split(SAMPLE_SEPARATOR), receptor, levels))
    for name, values in _columns(readings).items():
        first.loc[days.index, name] = values
    return first


def read_day(texts: Sequence[str], receptor: str, levels: Collection[str]) -> Reading:
    """What the tested samples of one day say together; texts as in `read_samples`.

    For HER2 the IHC of one and the ISH of another are read as one sample, unless a test has two results. Otherwise
    samples must agree: different statuses leave it unknown, and so does one that decides nothing beside one that does.
    """
    if receptor == "her2" and (together := _as_one_sample(texts, levels)):
        return together
    readings = [_READERS[receptor](text, levels) for text in texts]
    known = {reading.status for reading in readings} - {None}
    undecided = [reading for reading in readings if reading.status is None]
    if len(known) > 1:
        return conflict("samples of one day contradict each other")
    if known and undecided:
        return conflict(f"another sample of the day is undecided: {undecided[0].reason}")
    return readings[0]


def _as_one_sample(texts: Sequence[str], levels: Collection[str]) -> Reading | None:
    """The HER2 reading of all IHC and ISH texts of a day; None if either test has more than one result."""
    tests = [_one_test(each) for each in zip(*map(_tests, texts), strict=True)]
    return None if None in tests else read_tests(*[test for test in tests if test], levels)


def _one_test(tests: Sequence[Test]) -> Test | None:
    results = {test.result for test in tests} - {None}
    if len(results) > 1:
        return None
    return Test(next(iter(results), None), frozenset().union(*(test.words for test in tests)))
