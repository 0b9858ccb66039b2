"""Receptor status of persons: the readings of their samples, and what those of one day say together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from cutline.receptors.her2 import Test, read_tests, tests_of
from cutline.receptors.hormone import read_hormone_receptor
from cutline.receptors.reading import Reading, conflict
from cutline.records import (
    Records,
    as_text,
    by_unique,
    candidates,
    choose,
    column_named,
    first_per_person,
    most_preferred,
    of_persons,
    places_of,
    table_named,
    within_window,
)
from cutline.tables.covariates import SAMPLES

Reader = Callable[[str, Collection[str]], Reading]

HER2_SEPARATOR = "\n"
"""Between the two texts of a sample, so that both are read as one value."""
SAMPLE_SEPARATOR = "\v"
READING = ("status", "reason", "tested", "query")


RECEPTORS = {"receptor_er": ["er_percent"], "receptor_pr": ["pr_percent"], "receptor_her2": ["her2_ihc", "her2_ish"]}
"""Derivation → the columns of the samples that it reads."""


# ── which sample counts ──────────────────────────────────────────────────────────────────────


def dated_samples(records: Records, variable: Mapping[str, Any]) -> pd.DataFrame:
    """The samples that a receptor variable can choose from, with what their texts say.

    Columns as `cutline.records.candidates`, those of a reading, the text, and `specimen` as plain text. The study's
    levels decide whether a reading gives `low_positive` and `equivocal`.
    """
    select = {key: item for key, item in (SAMPLES | variable.get("select", {})).items() if key != "value"}
    rows = candidates(records, select)
    table = table_named(records, select["table"]).loc[rows.index]
    texts = [column_named(table, name, select["table"]) for name in RECEPTORS[variable["derive"]]]
    one_line = [by_unique(text, lambda text: " ".join(text.split())).fillna("") for text in texts]
    joined = one_line[0] if len(one_line) == 1 else one_line[0] + HER2_SEPARATOR + one_line[1]
    readings = _readings(joined, lambda text: _reader(variable)(text, list(variable["levels"])))
    specimen = as_text(column_named(table, "specimen", select["table"]))
    return rows.assign(text=joined, specimen=specimen, **readings)


def counted_samples(samples: pd.DataFrame, variable: Mapping[str, Any], anchor: pd.Series | None) -> pd.DataFrame:
    """What the tested samples of the day that counts say, one row per person who has any; index patient_id.

    Of the tested samples in the window the most preferred kind counts, and of those the day that `take` chooses.
    Columns as of the samples; the record is the one with the lowest id.
    """
    select = SAMPLES | variable.get("select", {})
    tested = most_preferred(within_window(samples[samples["tested"].astype(bool)], select, anchor))
    day = choose(tested, select, anchor)["source_date"]
    of_the_day = tested[tested["source_date"] == of_persons(tested, day)]
    return _status_of_day(of_the_day, variable)


def samples_that_differ(samples: pd.DataFrame, chosen: pd.DataFrame) -> pd.DataFrame:
    """Of each person the earliest sample of another specimen whose status is not that of the one that counts.

    Index patient_id, columns as of the samples and `question`, the difference in words. Both statuses and both
    specimens must be known.
    """
    of_chosen = chosen.loc[chosen["status"].notna(), ["status", "specimen"]].add_prefix("chosen_")
    other = samples[samples["status"].notna()].merge(of_chosen.reset_index(), on="patient_id")
    known = other["specimen"].notna() & other["chosen_specimen"].notna()
    differs = (other["status"] != other["chosen_status"]) & (other["specimen"] != other["chosen_specimen"])
    first = first_per_person(other[known & differs], ["source_date"])
    words = [f"the {row.specimen} is {row.status}, the {row.chosen_specimen}, which counts, {row.chosen_status}"
             for row in first.itertuples()]  # fmt: skip
    return first.assign(question=pd.Series(words, index=first.index, dtype=object))


# ── what they say ────────────────────────────────────────────────────────────────────────────


def _readings(texts: pd.Series, read: Callable[[str], Reading]) -> dict[str, pd.Series]:
    """The parts of the reading of each text by name."""
    places, distinct = places_of(texts)
    readings = pd.DataFrame([vars(read(text)) for text in distinct], columns=list(READING), dtype=object)
    return {name: readings[name].take(places).set_axis(texts.index) for name in READING}


def _read_her2_texts(text: str, levels: Collection[str]) -> Reading:
    return read_tests(*_tests(text), levels)


def _tests(text: str) -> tuple[Test, Test]:
    ihc, _, ish = text.partition(HER2_SEPARATOR)
    return tests_of(ihc, ish)


_READERS: dict[str, Reader] = {
    "receptor_er": read_hormone_receptor,
    "receptor_pr": read_hormone_receptor,
    "receptor_her2": _read_her2_texts,
}


def _reader(variable: Mapping[str, Any]) -> Reader:
    return _READERS[variable["derive"]]


def _status_of_day(samples: pd.DataFrame, variable: Mapping[str, Any]) -> pd.DataFrame:
    """One row per person from the tested samples of one day; see `read_day`."""
    first = first_per_person(samples, [])
    shared = samples[samples["patient_id"].duplicated(keep=False)].sort_values(["patient_id", "source_record_id"])
    different = shared.drop_duplicates(["patient_id", "text"])
    several = different[different["patient_id"].duplicated(keep=False)]
    days = several.groupby("patient_id")["text"].agg(SAMPLE_SEPARATOR.join)
    levels, receptor = list(variable["levels"]), variable["derive"]
    readings = _readings(days, lambda texts: read_day(texts.split(SAMPLE_SEPARATOR), receptor, levels))
    for name, values in readings.items():
        first.loc[days.index, name] = values
    return first


def read_day(texts: Sequence[str], receptor: str, levels: Collection[str]) -> Reading:
    """What the tested samples of one day say together; for HER2 a text is `ihc` + `HER2_SEPARATOR` + `ish`.

    For HER2 the IHC of one and the ISH of another are read as one sample, unless a test has two results. Otherwise
    samples must agree: different statuses leave it unknown, and so does one that decides nothing beside one that does.
    """
    if receptor == "receptor_her2" and (together := _as_one_sample(texts, levels)):
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
    ihc, ish = (_one_test(tests) for tests in zip(*map(_tests, texts), strict=True))
    return read_tests(ihc, ish, levels) if ihc and ish else None


def _one_test(tests: Sequence[Test]) -> Test | None:
    results = {test.result for test in tests} - {None}
    if len(results) > 1:
        return None
    return Test(next(iter(results), None), frozenset().union(*(test.words for test in tests)))
