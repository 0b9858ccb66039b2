"""Included against excluded: eight persons, three criteria, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from cutline.ard import results_table
from cutline.lineage import lineage
from cutline.selection import compare_at_each_step
from cutline.tables.cohort import ATTRITION, LEDGER
from cutline.tables.covariates import COVARIATES
from tests.spec.tables import table

STUDY = {
    "criteria": [
        {"id": "her2_positive", "exclude": {"her2": ["positive"]}},
        {"id": "too_old", "require": {"known": ["age"]}},
        {"id": "incomplete", "require": {"known": ["age"]}},
    ],
    "baseline": {"variables": ["age", "her2"]},
    "selection": {},
    "variables": {
        "age": {"kind": "continuous", "unit": "years"},
        "her2": {"kind": "categorical", "levels": {"negative": "-", "positive": "+"}},
        "subtype": {"kind": "categorical", "levels": {"luminal": "", "other": ""}, "inputs": ["receptor", "her2"]},
        "receptor": {"kind": "categorical", "levels": {"positive": "+"}},
    },
}
LEDGER_8 = table(LEDGER, """
    patient_id | status   | included | first_failed  | first_pending | left_at
    A          | excluded |          | her2_positive |               | her2_positive
    B          | excluded |          | her2_positive |               | her2_positive
    C          | excluded |          | incomplete    |               | incomplete
    D          | pending  |          |               | incomplete    | incomplete
    E          | included | true     |               |               |
    F          | included | true     |               |               |
    G          | included | true     |               |               |
    H          | included | true     |               |               |
    """)  # fmt: skip
ATTRITION_3 = table(ATTRITION, """
    position | criterion     | label | excluded | remaining
    1        | her2_positive | x     | 2        | 6
    2        | too_old       | x     | 0        | 6
    3        | incomplete    | x     | 2        | 4
    """)  # fmt: skip
AGES = {"A": 50, "B": 60, "C": 40, "D": None, "E": 30, "F": 40, "G": 50, "H": 60}
HER2 = {"A": "positive", "B": "positive", "C": "negative", "D": None, "E": "negative", "F": "negative", "G": "negative",
        "H": "negative"}  # fmt: skip


def covariates() -> pd.DataFrame:
    rows = [f"{person} | age | | {'' if age is None else age}" for person, age in AGES.items()]
    rows += [f"{person} | her2 | {level or ''} |" for person, level in HER2.items()]
    return table(COVARIATES, "\n".join(["patient_id | variable | value | number", *rows]))


def compared(study=STUDY, ledger=LEDGER_8, facts=None) -> pd.DataFrame:
    facts = covariates() if facts is None else facts
    rows = compare_at_each_step(study, facts, ATTRITION_3, ledger)
    return results_table(rows, "summarise_baseline").set_index("key", drop=False)


def test_those_removed_at_a_step_stand_beside_those_who_remained_after_it():
    value = compared()["value"]
    assert [value[f"selection.her2_positive={side}.n"] for side in ("removed", "remaining")] == [2, 6]
    assert [value[f"selection.incomplete={side}.n"] for side in ("removed", "remaining")] == [2, 4]


def test_a_difference_is_of_the_known_values_and_has_no_sign():
    # Removed 50 and 60, remaining 40, 30, 40, 50, 60: means 55 and 44, variances 50 and 130.
    row = compared().loc["selection.her2_positive.age.smd"]
    assert row["value"] == pytest.approx(11 / np.sqrt(90))
    assert [row["n"], row["n_contributing"]] == [8, 7]


def test_both_sides_are_described_with_their_unknown_values():
    ard = compared()
    assert ard.loc["selection.her2_positive=removed.age.mean", "value"] == 55
    assert ard.loc["selection.her2_positive=remaining.age.mean", ["value", "n", "n_contributing"]].tolist() == [
        44,
        6,
        5,
    ]
    assert ard.loc["selection.her2_positive=remaining.age.missing", "value"] == 1
    assert ard.loc["selection.incomplete=removed.her2.negative.percent", ["value", "n"]].tolist() == [50, 2]


def test_a_variable_the_step_selects_by_is_not_compared_there_but_later():
    ard = compared()
    assert ard.loc["selection.her2_positive.her2.smd", "note"] == "the criterion itself decides on it"
    assert ard.loc["selection.incomplete.her2.smd", "note"] == "everyone has the same value"


def test_neither_is_what_is_derived_from_it_nor_what_it_is_derived_from():
    def notes(selected_by: str) -> list[str]:
        criteria = [STUDY["criteria"][0] | {"exclude": {selected_by: ["x"]}}, *STUDY["criteria"][1:]]
        ard = compared(STUDY | {"criteria": criteria, "selection": {"variables": ["subtype", "her2", "receptor"]}})
        decided = ard[ard["note"] == "the criterion itself decides on it"]
        return decided["variable"].tolist()

    assert notes("her2") == ["subtype", "her2"]
    assert notes("subtype") == ["subtype", "her2", "receptor"]


def test_a_step_that_only_asks_whether_a_variable_is_known_compares_it_by_those_who_have_it():
    # Removed 40 alone.
    assert compared().loc["selection.incomplete.age.smd", "note"] == "too few known values in a group"


def test_a_step_that_removed_nobody_has_its_sizes_and_nothing_else():
    ard = compared()
    assert [key for key in ard.index if "too_old" in key] == [
        "selection.too_old=removed.n", "selection.too_old=remaining.n",
    ]  # fmt: skip
    assert ard.loc["selection.too_old=removed.n", "value"] == 0


def test_a_step_that_removed_everybody_says_so():
    ledger = LEDGER_8.assign(included=False, left_at=LEDGER_8["left_at"].fillna("incomplete"))
    assert compared(ledger=ledger).loc["selection.incomplete.age.smd", "note"] == "nobody remained after this step"


def test_each_result_has_n_and_n_contributing_persons():
    derived = {"ledger": LEDGER_8, "covariates": covariates()}
    for row in compared().to_dict("records"):
        found = lineage(row, derived)
        assert [len(found.denominator), len(found.contributing)] == [row["n"], row["n_contributing"]], row["key"]


def test_shuffled_rows_give_the_same_results():
    shuffled = compared(
        ledger=LEDGER_8.sample(frac=1, random_state=1), facts=covariates().sample(frac=1, random_state=2)
    )
    pd.testing.assert_frame_equal(shuffled, compared())
