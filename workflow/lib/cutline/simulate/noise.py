"""Faults that real exports have, sprinkled over the records at a given rate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


def _respelled(column: str, spellings: Mapping[str, tuple[str, ...]]) -> Fault:
    """Texts of a column in another spelling of the same meaning; those under "" are for any text."""

    def fault(rng: np.random.Generator, columns: Columns, rows: Array) -> Columns:
        values = columns[column].copy()
        for row, how in zip(rows, rng.integers(60, size=len(rows)), strict=True):
            ways = spellings.get(values[row], spellings.get("", ("{}",)))
            values[row] = None if values[row] is None else ways[how % len(ways)].format(values[row])
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


PERCENT = {"": ("%{}", "{} %", "{} (outside)", "%{} (IHK)")}
IHC = {"0": ("0+", "skor 0", "negatif (0)"), "1+": ("1+ (focal)", "Skor +1", "IHC 1+"),
       "2+": ("skor 2", "(++)", "2+, FISH?"), "3+": ("3+ (outside)", "+++", "3+ pozitif")}  # fmt: skip
ISH = {"negative": ("NEGATİF", "not amplified", "ratio 1.3, copies 2.9"),
       "positive": ("FISH (+)", "amplifiye", "4.1/9.8")}  # fmt: skip
"""Other spellings of receptor results, by the text they stand for."""

FAULTS: dict[str, tuple[Fault, ...]] = {
    "patients": (_replaced("sex", ("Kadın", "F")), _shifted("birth_date", -36_525)),
    "diagnoses": (_replaced("icd10", ("C50,9", "c79.51", "ZZZ", "Z17.1")), _sloppy("description"),
                  _shifted("diagnosis_date", -36_525)),
    "procedures": (_replaced("procedure", ("Biyopsi", "meme cerrahisi")),),
    "pathology": (_respelled("er_percent", PERCENT), _respelled("pr_percent", PERCENT),
                  _respelled("her2_ihc", IHC), _respelled("her2_ish", ISH),
                  _replaced("er_percent", ("0-5", "yok", "1+")), _replaced("pr_percent", ("< 10 %", "yok", "-")),
                  _replaced("her2_ihc", ("0-1+", "1-2+", "Unk/ND", "pozitif")),
                  _replaced("her2_ish", ("Not Applicable", "Test Failure", "equivocal")), _sloppy("histology"),
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
