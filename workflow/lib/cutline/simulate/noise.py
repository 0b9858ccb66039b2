"""Faults that real exports have, sprinkled over the records at a given rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cutline.simulate.columns import NEVER, Array, Columns, Streams, constant, size_of, stack, take

Fault = Callable[[np.random.Generator, Columns, Array], Columns]
Tables = dict[str, Columns]


def with_noise(tables: Tables, streams: Streams, rate: float) -> Tables:
    """The tables with about `rate` of the rows given each fault of their table; unchanged at a rate of 0.

    Duplicates get a record id of their own, as when something is entered twice.
    """
    if rate <= 0:
        return tables
    return {name: _noisy(name, columns, streams(f"noise {name}"), rate) for name, columns in tables.items()}


def _noisy(name: str, columns: Columns, rng: np.random.Generator, rate: float) -> Columns:
    for fault in FAULTS.get(name, ()):
        columns = fault(rng, columns, np.flatnonzero(rng.random(size_of(columns)) < rate))
    # Women are not entered twice: that stops a run, as it must, and would hide all other faults.
    return columns if name == "patients" else _entered_twice(rng, columns, rate)


def _entered_twice(rng: np.random.Generator, columns: Columns, rate: float) -> Columns:
    """Some single-version records once more under a new id."""
    single = (columns["version"] == 1) & np.isnan(columns["superseded_by"])
    rows = np.flatnonzero(single & (rng.random(size_of(columns)) < rate))
    copies = take(columns, rows) | {"record": columns["record"].max(initial=-1) + 1 + np.arange(len(rows))}
    return stack([columns, copies])


def _replaced(column: str, texts: tuple[str, ...]) -> Fault:
    """Texts of a column replaced by others."""

    def fault(rng: np.random.Generator, columns: Columns, rows: Array) -> Columns:
        values = columns[column].copy()
        values[rows] = np.array(texts, dtype=object)[rng.integers(len(texts), size=len(rows))]
        return columns | {column: values}

    return fault


def _sloppy(column: str) -> Fault:
    """Upper case, a capital Turkish İ or stray spaces in texts that are there."""

    def fault(rng: np.random.Generator, columns: Columns, rows: Array) -> Columns:
        values = columns[column].copy()
        for row, how in zip(rows, rng.integers(3, size=len(rows)), strict=True):
            values[row] = None if values[row] is None else _SLOPPY[how](values[row])
        return columns | {column: values}

    return fault


_SLOPPY: tuple[Callable[[str], str], ...] = (
    lambda text: text.upper(),
    lambda text: text.replace("i", "İ", 1).title() if "i" in text else text.title(),
    lambda text: f"  {text} ",
)


def _out_of_order(start: str, end: str) -> Fault:
    """Start and end exchanged where both are known."""

    def fault(rng: np.random.Generator, columns: Columns, rows: Array) -> Columns:
        rows = rows[columns[end][rows] < NEVER]
        first, last = columns[start].copy(), columns[end].copy()
        first[rows], last[rows] = columns[end][rows], columns[start][rows]
        return columns | {start: first, end: last}

    return fault


def _shifted(column: str, days: int) -> Fault:
    """Dates wrong by years."""

    def fault(rng: np.random.Generator, columns: Columns, rows: Array) -> Columns:
        values = columns[column].copy()
        values[rows] = np.where(values[rows] < NEVER, values[rows] + days, values[rows])
        return columns | {column: values}

    return fault


def _contradicted(rng: np.random.Generator, columns: Columns, rows: Array) -> Columns:
    """A second report of the same sample with the opposite receptors."""
    rows = rows[columns["version"][rows] == 1]
    size = len(rows)
    other = take(columns, rows) | {
        "record": columns["record"].max(initial=-1) + 1 + np.arange(size),
        "superseded_by": np.full(size, np.nan),
        "er_percent": constant("0", size),
        "her2_ihc": constant("3+", size),
    }
    return stack([columns, other])


FAULTS: dict[str, tuple[Fault, ...]] = {
    "patients": (_replaced("sex", ("Kadın", "F")), _shifted("birth_date", -36_525)),
    "diagnoses": (_replaced("icd10", ("C50,9", "c79.51", "ZZZ", "Z17.1")), _sloppy("description"),
                  _shifted("diagnosis_date", -36_525)),
    "procedures": (_replaced("procedure", ("Biyopsi", "meme cerrahisi")),),
    "pathology": (_replaced("er_percent", ("%90", "90 %", ">90", "pozitif", "0")),
                  _replaced("pr_percent", ("% 5", "yok", "-")),
                  _replaced("her2_ihc", ("0-1+", "1+ (focal)", "3+ (outside)", "Unk/ND", "skor 2", "0+")),
                  _replaced("her2_ish", ("Not Applicable", "Test Failure", "NEGATİF")), _sloppy("histology"),
                  _contradicted),
    "observations": (_sloppy("item"), _replaced("value", ("bilinmiyor", "1-2", "postmenopozal"))),
    "treatments": (_replaced("atc", ("L01XX99", "L04AH02", "l01eg02")), _sloppy("drug"),
                   _out_of_order("start_date", "stop_date")),
    "doses": (_out_of_order("start_date", "stop_date"),),
    "assessments": (_replaced("overall_response", ("pr", "Stabil", "PD?", "MR")), _shifted("assessment_date", 3653)),
    "lesions": (_sloppy("site"), _replaced("kind", ("hedef", "target"))),
    "adverse_events": (_sloppy("term"), _replaced("term", ("yorgunluk", "ağız yarası", "döküntü")),
                       _out_of_order("onset_date", "end_date")),
    "follow_up": (_replaced("status", ("Sağ", "alive ")), _shifted("contact_date", 3653)),
    "deaths": (_shifted("death_date", -3653),),
}  # fmt: skip
"""What goes wrong in each table."""
