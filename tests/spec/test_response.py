"""Best overall response by RECIST 1.1, unconfirmed. One line per story: visits as day:response from the index date."""

from __future__ import annotations

import pandas as pd
import pytest

from cutline.response import best_overall_response
from tests.spec.tables import cases, day

STORIES = """
visits                       | best
                             | MISSING
56:CR                        | CR
56:PR                        | PR
56:SD                        | SD
56:NON-CR/NON-PD             | NON-CR/NON-PD
56:PD                        | PD
56:NE                        | NE
56:SD 112:PR                 | PR
56:PR 112:CR                 | CR
56:CR 112:SD                 | CR
56:PR 112:PD                 | PR
56:PD 112:CR                 | PD
41:SD                        | NE
42:SD                        | SD
43:SD                        | SD
41:SD 84:PD                  | PD
41:SD 84:SD                  | SD
41:SD 84:NE                  | NE
41:NON-CR/NON-PD             | NE
42:NON-CR/NON-PD             | NON-CR/NON-PD
42:NON-CR/NON-PD 84:SD       | SD
10:PR                        | PR
10:CR 41:PD                  | CR
0:SD                         | NE
0:PR                         | PR
0:PD                         | PD
-1:CR                        | MISSING
-1:PD 56:PR                  | PR
-30:PD 56:SD 112:PD          | SD
56:PR 56:PD                  | PD
56:CR 56:SD                  | SD
56:NE 56:CR                  | CR
56:SD 56:NON-CR/NON-PD       | NON-CR/NON-PD
56:NE 112:NE                 | NE
56:NE 112:PD                 | PD
56:NE 112:SD                 | SD
"""
START = day("2020-01-01")


def best(visits: str | None, minimum_stable_days: int = 42) -> pd.Series:
    """The row of one patient whose visits are written as day:response."""
    written = [visit.split(":") for visit in (visits or "").split()]
    table = pd.DataFrame(
        {"patient_id": ["A"] * len(written), "date": [START + pd.Timedelta(days=int(days)) for days, _ in written],
         "response": [response for _, response in written], "sequence": [f"v{n}" for n in range(len(written))]}
    ).astype({"date": "datetime64[ns]"})  # fmt: skip
    start = pd.Series([START], index=pd.Index(["A"], name="patient_id"))
    return best_overall_response(table, start, minimum_stable_days=minimum_stable_days).iloc[0]


@pytest.mark.parametrize(("visits", "expected"), cases(STORIES))
def test_best_overall_response(visits, expected):
    assert best(visits)["best_response"] == expected


def test_the_minimum_duration_of_stable_disease_is_the_studys():
    assert best("48:SD", minimum_stable_days=49)["best_response"] == "NE"
    assert best("49:SD", minimum_stable_days=49)["best_response"] == "SD"


def test_the_earliest_visit_with_the_best_response_is_named():
    assert best("56:PR 84:CR 112:CR")["date"] == START + pd.Timedelta(days=84)


def test_of_equal_visits_on_one_day_the_last_is_named():
    assert best("56:PR 56:PR")["sequence"] == "v1"


def test_stable_disease_that_was_too_short_says_so():
    assert best("20:SD")["reason"] == "stable for less than 42 days and nothing later"
