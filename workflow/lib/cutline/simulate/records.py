"""All record tables of a draw."""

from __future__ import annotations

import numpy as np

from cutline.simulate.columns import Array, Calendar, Columns, Streams
from cutline.simulate.histories import diagnoses, observations, pathology, patients, procedures
from cutline.simulate.imaging import assessments_and_lesions
from cutline.simulate.outcomes import adverse_events, deaths, follow_up
from cutline.simulate.therapies import doses, treatments
from cutline.simulate.versions import finished


def records_of(persons: Columns, streams: Streams, calendar: Calendar) -> dict[str, Columns]:
    """The versions of every record by table, sorted by record and version."""
    courses, treated = treatments(persons, streams, calendar)
    assessed, lesions = assessments_and_lesions(persons, streams, calendar)
    tables = {
        "patients": patients(persons, streams, calendar),
        "diagnoses": diagnoses(persons, streams, calendar),
        "procedures": procedures(persons, streams, calendar),
        "pathology": pathology(persons, streams, calendar),
        "observations": observations(persons, streams, calendar),
        "treatments": treated,
        "doses": doses(persons, courses, streams, calendar),
        "assessments": assessed,
        "lesions": lesions,
        "adverse_events": adverse_events(persons, streams, calendar),
        "follow_up": follow_up(persons, streams, calendar),
        "deaths": deaths(persons, streams, calendar),
    }
    return completed(tables, len(persons["fate"]))


def completed(tables: dict[str, Columns], size: int) -> dict[str, Columns]:
    """Tables of versions with nothing written before the person is registered, sorted by record and version."""
    registered = np.zeros(size, dtype=np.int64)
    registered[tables["patients"]["person"]] = tables["patients"]["recorded_on"]
    return {name: finished(_after_registration(table, registered)) for name, table in tables.items()}


def _after_registration(table: Columns, registered: Array) -> Columns:
    """Nothing is written about a woman before she is registered: her history is entered then."""
    return table | {"recorded_on": np.maximum(table["recorded_on"], registered[table["person"]])}


def hospital_numbers(seed: int, first: int, size: int) -> Array:
    """Eight-digit numbers, different for up to 79 million women, whose order tells nothing."""
    start = int(np.random.default_rng([seed, *b"hospital numbers"]).integers(_MODULUS))
    person = np.arange(first, first + size, dtype=np.int64)
    return np.array([str(20_000_000 + number) for number in (start + person * _STEP) % _MODULUS], dtype=object)


_MODULUS, _STEP = 79_999_999, 7_368_787
