"""Best overall response by RECIST 1.1, sections 4.4 and 4.6, unconfirmed and confirmed.

One line per story: visits as day:response from the index date. Two assessments of one day are in their order.
"""

from __future__ import annotations

import pandas as pd
import pytest

from cutline.response import assessment_dates, best_overall_response, response_parameters
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
56:PD 112:SD                 | PD
20:SD 56:PD                  | PD
20:SD                        | NE
20:NE 30:SD                  | NE
56:PD 56:PD                  | PD
56:PR 56:PD                  | PD
56:CR 56:SD                  | SD
56:NE 56:CR                  | CR
56:SD 56:NON-CR/NON-PD       | NON-CR/NON-PD
56:NE 112:NE                 | NE
56:NE 112:PD                 | PD
56:NE 112:SD                 | SD
"""
START = day("2020-01-01")


def best(visits: str | None, minimum_stable_days: int = 42, **rules) -> pd.Series:
    """The row of one patient whose visits are written as day:response, by the rules of the default study."""
    return table_of_one(visits, best_overall_response, minimum_stable_days=minimum_stable_days, **rules).iloc[0]


def table_of_one(visits: str | None, function, **rules) -> pd.DataFrame:
    """What the function finds in the visits of one patient; progression before the index date ends nothing."""
    written = [visit.split(":") for visit in (visits or "").split()]
    table = pd.DataFrame(
        {"patient_id": ["A"] * len(written), "date": [START + pd.Timedelta(days=int(days)) for days, _ in written],
         "response": [response for _, response in written], "sequence": [f"v{n}" for n in range(len(written))]}
    ).astype({"date": "datetime64[ns]"})  # fmt: skip
    start = pd.Series([START], index=pd.Index(["A"], name="patient_id"))
    return function(table, start, **{"truncate": "counted_days"} | rules)


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


# ── progression before the index date ────────────────────────────────────────────────────────

BEFORE = """
visits              | truncate     | best
-30:PD 56:PR 112:PD | counted_days | PR
-30:PD 56:PR 112:PD | all_records  | MISSING
-30:SD 56:PR 112:PD | all_records  | PR
56:PD 56:PD         | counted_days | PD
56:PD 56:PD         | all_records  | MISSING
28:SD 56:PD 56:PD   | all_records  | NE
"""


@pytest.mark.parametrize(("visits", "truncate", "expected"), cases(BEFORE))
def test_what_a_progression_cuts_off_is_a_parameter(visits, truncate, expected):
    assert best(visits, truncate=truncate)["best_response"] == expected


# ── confirmed (4.6: studies that are not randomised and whose end point is response) ─────────

CONFIRMED = """
visits                                  | best | accept SD | NE
56:PR 83:PR                             | SD   | no        | 1
56:PR 84:PR                             | PR   | no        | 1
56:PR 85:PR                             | PR   | no        | 1
56:CR 83:CR                             | SD   | no        | 1
56:CR 84:CR                             | CR   | no        | 1
56:PR 84:CR                             | PR   | no        | 1
56:PR 84:CR 112:CR                      | CR   | no        | 1
56:CR 84:PR                             | SD   | no        | 1
56:CR 84:PR 112:PR                      | PR   | no        | 1
56:PR                                   | SD   | no        | 1
41:PR                                   | NE   | no        | 1
41:PR 84:PD                             | PD   | no        | 1
10:PR 41:PR                             | PR   | no        | 1
56:PR 70:NE 84:PR                       | PR   | no        | 1
56:PR 63:NE 70:NE 84:PR                 | SD   | no        | 1
56:PR 63:NE 70:NE 84:PR                 | PR   | no        | 2
56:PR 70:NE 84:PR                       | SD   | no        | 0
56:PR 70:SD 84:PR                       | SD   | no        | 1
56:PR 70:SD 84:PR                       | PR   | yes       | 1
56:PR 63:SD 70:SD 84:PR                 | SD   | yes       | 1
56:CR 70:SD 84:CR                       | SD   | yes       | 1
56:PR 70:NON-CR/NON-PD 84:PR            | SD   | yes       | 1
56:PR 70:PD 84:PR                       | SD   | no        | 1
56:PR 63:CR 70:PR 84:PR                 | SD   | no        | 1
63:CR 70:PR 84:PR                       | SD   | no        | 1
56:PR 70:SD 98:PR 126:PR                | PR   | no        | 1
                                        | MISSING | no     | 1
"""


@pytest.mark.parametrize(("visits", "expected", "accept", "tolerated"), cases(CONFIRMED))
def test_confirmed_best_overall_response(visits, expected, accept, tolerated):
    rules = {"confirmed": True, "accept_stable": accept == "yes", "max_not_evaluable": int(tolerated)}
    assert best(visits, **rules)["best_response"] == expected


def test_a_confirmed_response_is_dated_by_the_response_and_not_by_what_confirms_it():
    assert best("56:PR 84:PR", confirmed=True)["date"] == START + pd.Timedelta(days=56)


def test_nobody_assessed_may_be_called_not_evaluable():
    assert best(None, missing_as_not_evaluable=True)["best_response"] == "NE"


def test_what_comes_on_or_after_a_new_therapy_does_not_count():
    therapy = pd.Series([START + pd.Timedelta(days=84)], index=["A"])
    assert best("56:SD 84:PR", new_therapy=therapy)["best_response"] == "SD"
    assert best("56:SD 83:PR", new_therapy=therapy)["best_response"] == "PR"


# ── the other parameters ─────────────────────────────────────────────────────────────────────

PARAMETERS = """
visits                    | parameter | value | day
56:PR 84:PR 112:PD        | PD        | Y     | 112
56:PR 84:PR 112:PD        | RSP       | Y     | 56
56:PR 84:PR 112:PD        | CRSP      | Y     | 56
56:PR 84:PR 112:PD 140:CR | LSTA      | CR    | 140
56:PR 112:PD              | CRSP      | N     |
56:PR 112:PD              | BCP       | Y     | 56
56:PR 112:PD              | CBCP      | N     |
20:PR                     | CB        | Y     | 20
20:SD 167:SD              | CB        | N     |
20:SD 168:SD              | CB        | Y     | 168
20:NON-CR/NON-PD 169:SD   | CB        | Y     | 169
56:PR 167:SD              | CCB       | N     |
56:PR 168:SD              | CCB       | Y     | 168
56:PR 84:PR 168:SD        | CCB       | Y     | 56
56:SD                     | DEATH     | N     |
                          | LSTA      |       |
"""


@pytest.mark.parametrize(("visits", "parameter", "value", "days"), cases(PARAMETERS))
def test_every_other_parameter(visits, parameter, value, days):
    nobody = pd.Series([], dtype="datetime64[ns]")
    table = table_of_one(visits, response_parameters, clinical_benefit_days=168, deaths=nobody)
    found = table.set_index("parameter").loc[parameter]
    expected = START + pd.Timedelta(days=int(days)) if days else pd.NaT
    assert (found["value"], found["date"]) == (value, expected) or (found["value"] == value and expected is pd.NaT)


def test_a_month_without_a_day_is_its_last_day():
    written = pd.Series(["2024-02", "2024-02-03", "2024", "", None, "2023-02"])
    assert assessment_dates(written).tolist() == [day("2024-02-29"), day("2024-02-03"), pd.NaT, pd.NaT, pd.NaT,
                                                  day("2023-02-28")]  # fmt: skip


def test_dates_that_are_text_are_read_so_in_the_table_too():
    visits = pd.DataFrame({"patient_id": ["A", "A"], "date": ["2020-02", "2020"], "response": ["PR", "CR"],
                           "sequence": [1, 2]})  # fmt: skip
    found = response_parameters(visits, pd.Series({"A": "2020-01-01"})).set_index("parameter")
    assert found.loc["BOR", ["value", "date"]].tolist() == ["PR", day("2020-02-29")]
