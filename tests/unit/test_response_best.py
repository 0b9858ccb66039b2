"""Best overall response against plain loops, on random cases, and what must hold for any."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, product
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cutline.response import best_overall_response, response_parameters
from cutline.response.words import BEST_FIRST
from tests.unit.response_by_hand import RANK, Parameters, Visit, answers

REFERENCE = date(2020, 3, 10)
DAYS = [-30, -1, 0, 7, 14, 20, 27, 28, 29, 41, 42, 43, 49, 56, 69, 70, 71, 84, 112, 140, 167, 168, 169]
WORDS = [*RANK, "CR", "CR", "PR", "PR", "SD", "NE", "ND", "unknown"]
GRID = [
    Parameters(stable, confirmation, not_evaluable, accept_stable, missing, benefit, truncate)
    for (stable, confirmation, not_evaluable, accept_stable, truncate), (missing, benefit) in zip(
        product((0, 42), (21, 28), (0, 1, 2), (False, True), ("all_records", "counted_days")),
        cycle(product((False, True), (None, 168))),
        strict=False,
    )
]
"""All combinations, the last two parameters, which touch nothing else, in turn; each with persons of its own."""
PERSONS_PER_CASE = 80


def persons(seed: int) -> dict[str, list[Visit]]:
    """Random persons with up to eight visits; sequences are unique within a person, in any order."""
    draw = random.Random(seed)
    visits: dict[str, list[Visit]] = {}
    for number in range(PERSONS_PER_CASE):
        size = draw.randrange(9)
        sequences = draw.sample(range(size), size)
        days = [draw.choice(DAYS) for _ in range(size)]
        visits[f"p{number}"] = [
            Visit(REFERENCE + timedelta(days=after), sequence, draw.choice(WORDS))
            for after, sequence in zip(days, sequences, strict=True)
        ]
    return visits


def as_table(visits: dict[str, list[Visit]], seed: int = 0) -> pd.DataFrame:
    rows = [(person, *visit) for person, of_person in visits.items() for visit in of_person]
    random.Random(seed).shuffle(rows)
    table = pd.DataFrame(rows, columns=["patient_id", "date", "sequence", "response"])
    return table.assign(date=pd.to_datetime(table["date"]))


def dates(values: dict[str, date | None]) -> pd.Series:
    known = {person: value for person, value in values.items() if value}
    return pd.Series(pd.to_datetime(pd.Series(known, dtype=object)), name="date")


def some_dates(seed: int, visits: dict[str, list[Visit]]) -> dict[str, date | None]:
    draw = random.Random(seed)
    return {person: draw.choice([None, REFERENCE + timedelta(days=draw.choice(DAYS))]) for person in visits}


def options(given_parameters: Parameters) -> dict[str, Any]:
    names = ("minimum_stable_days", "confirmation_days", "max_not_evaluable", "accept_stable",
             "missing_as_not_evaluable", "clinical_benefit_days", "truncate")  # fmt: skip
    return dict(zip(names, given_parameters, strict=True))


def found(table: pd.DataFrame) -> Iterator[tuple[str, str, Any]]:
    for row in table.itertuples():
        when = None if pd.isna(row.date) else row.date.date()
        yield str(row.patient_id), str(row.parameter), (row.value, when)


@pytest.mark.parametrize("start", range(0, len(GRID), 12))
def test_every_parameter_is_what_plain_loops_find(start):
    for number in range(start, start + 12):
        _agrees(number)


def _agrees(number: int) -> None:
    visits, chosen = persons(number), GRID[number]
    therapy = some_dates(number, visits) if number % 2 else dict.fromkeys(visits)
    died = some_dates(-number, visits)
    reference = pd.Series(pd.Timestamp(REFERENCE), index=list(visits))
    table = response_parameters(as_table(visits, number), reference, new_therapy=dates(therapy), deaths=dates(died),
                                **options(chosen))  # fmt: skip
    by_hand = {person: answers(visits[person], REFERENCE, chosen, therapy[person], died[person]) for person in visits}
    expected = [(person, name, answer) for person in visits for name, answer in _listed(by_hand[person])]
    assert list(found(table)) == expected


def _listed(answered: dict[str, Any]) -> list[tuple[str, Any]]:
    order = ["PD", "RSP", "CB", "BOR", "BCP", "CRSP", "CBOR", "CCB", "CBCP", "DEATH", "LSTA"]
    return [(name, answered[name]) for name in order]


# ── what holds for any ───────────────────────────────────────────────────────────────────────

VISITS = st.lists(st.tuples(st.sampled_from(DAYS), st.sampled_from(WORDS)), max_size=8)
CHOSEN = st.sampled_from(GRID)


def table_of(visits: list[tuple[int, str]], order: list[int] | None = None) -> pd.DataFrame:
    rows = [Visit(REFERENCE + timedelta(days=after), place, word) for place, (after, word) in enumerate(visits)]
    rows = [rows[place] for place in order] if order else rows
    table = pd.DataFrame(rows, columns=["date", "sequence", "response"]).assign(patient_id="A")
    return table.assign(date=pd.to_datetime(table["date"]))


def parameters(table: pd.DataFrame, chosen: Parameters) -> pd.DataFrame:
    return response_parameters(table, pd.Series(pd.Timestamp(REFERENCE), index=["A"]), **options(chosen))


@settings(max_examples=15, deadline=None)
@given(st.data(), VISITS, CHOSEN)
def test_the_order_of_the_rows_changes_nothing(data, visits, chosen):
    order = data.draw(st.permutations(range(len(visits))))
    pd.testing.assert_frame_equal(parameters(table_of(visits, order), chosen), parameters(table_of(visits), chosen))


@settings(max_examples=15, deadline=None)
@given(VISITS, CHOSEN)
def test_a_confirmed_best_response_is_never_better_than_the_unconfirmed(visits, chosen):
    value = parameters(table_of(visits), chosen).set_index("parameter")["value"]
    assert BEST_FIRST.index(value["CBOR"]) >= BEST_FIRST.index(value["BOR"])
    assert (value["CRSP"], value["RSP"]) != ("Y", "N")
    assert (value["CCB"], value["CB"]) != ("Y", "N")


@settings(max_examples=15, deadline=None)
@given(VISITS, CHOSEN, st.sampled_from(DAYS), st.sampled_from(WORDS))
def test_a_later_record_never_takes_a_best_response_away(visits, chosen, after, word):
    known = [visit for visit in visits if visit[0] < after]
    names = ["BOR", "RSP", "CRSP", "CB", "CCB", "PD"]
    before, now = (
        parameters(table_of(some), chosen).set_index("parameter").loc[names]
        for some in (known, [*known, (after, word)])
    )
    was_yes = before["value"] == "Y"
    pd.testing.assert_frame_equal(now[was_yes], before[was_yes])
    was, is_now = before.loc["BOR", "value"], now.loc["BOR", "value"]
    assert BEST_FIRST.index(is_now) <= BEST_FIRST.index(was) or was == "NE" or chosen.missing_as_not_evaluable


def test_nobody_gives_an_empty_table():
    nobody = pd.Series([], dtype="datetime64[ns]")
    assert response_parameters(table_of([]), nobody).empty
    assert best_overall_response(table_of([(56, "PR")]), nobody, minimum_stable_days=42).empty
