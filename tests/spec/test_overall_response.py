"""The overall response of one assessment by RECIST 1.1, from lesions or from sums.

Section 4.3.1 to 4.3.5 of the guideline, and its tables 1 and 2. One line per course: the baseline first, then the
assessments every eight weeks, and what the last of them is.
"""

from __future__ import annotations

import pandas as pd
import pytest

from cutline.response.visits import derive_visits
from cutline.tables.imaging import ASSESSMENTS, LESIONS
from cutline.tables.spec import conform, empty, unpacked
from tests.spec.tables import cases, day

START = day("2020-01-01")
RULES = {"table": "assessments", "date": "assessment_date", "value": "overall_response", "overall": "derived",
         "baseline_days_before": 28}  # fmt: skip
BASELINE_DAY, WEEKS_8 = -3, 56


def visit(number: int, **fields: object) -> dict[str, object]:
    days = BASELINE_DAY if number == 0 else WEEKS_8 * number
    return {"record_id": f"v{number}", "patient_id": "A", "assessment_date": START + pd.Timedelta(days=days),
            "measurable": "yes", **fields}  # fmt: skip


def as_records(rows: list[dict[str, object]], spec=ASSESSMENTS) -> pd.DataFrame:
    return conform(pd.DataFrame(rows).reindex(columns=spec.names).astype(object), spec) if rows else empty(spec)


def derived(
    assessments: list[dict[str, object]], lesions: list[dict[str, object]] | None = None, **rules
) -> pd.DataFrame:
    """The visits of one person whose index date is the first of January."""
    records = None if lesions is None else as_records(lesions, LESIONS)
    index_dates = pd.Series([START], index=pd.Index(["A"], name="patient_id"))
    visits = derive_visits(as_records(assessments), records, index_dates, RULES | rules)
    return unpacked(visits).set_index("record_id")


# ── target lesions by their sum (4.3.1) ──────────────────────────────────────────────────────

SUMS = """
millimetres at baseline and later | response | rule
100 70.1                          | SD       | a fall of 29.9 % is no partial response
100 70                            | PR       | a fall of 30.0 % is one
33.3 23.31                        | PR       | of a sum with decimals too
100 0                             | CR       | all gone
100 119.9                         | SD       | a rise of 19.9 % is no progression
100 120                           | PD       | a rise of 20 % is
100 50 59.9                       | PR       | 19.8 % above the smallest sum, still half of baseline
100 50 60                         | PD       | 20 % above the smallest sum, though far below baseline
100 60 50 60                      | PD       | the smallest sum is the last but one here
100 60 71                         | SD       | 18 % above the smallest, 29 % below baseline: neither
24 28.9                           | SD       | a rise of 20 % that is less than 5 mm
24.5 29.4                         | SD       | exactly 20 %, but 4.9 mm
25 30                             | PD       | exactly 20 % and 5 mm
100 130 110                       | SD       | against the smallest sum, which is the baseline here
100 0 0                           | CR       | it stays gone
100 0 1                           | PD       | after a complete response any reappearance is progression
100 NE                            | NE       | not measured
NE 50                             | NE       | no baseline to compare with
100 NE 60                         | PR       | the gap does not matter
0 0                               | NE       | nothing was there that could have gone
"""


@pytest.mark.parametrize(("sums", "expected", "rule"), cases(SUMS))
def test_target_lesions_by_their_sum(sums, expected, rule):
    values = [None if text == "NE" else float(text) for text in sums.split()]
    visits = derived([visit(number, target_sum_mm=value) for number, value in enumerate(values)])
    assert visits["derived_response"].iloc[-1] == expected, rule


# ── target lesions one by one (4.3.1, 4.3.2) ─────────────────────────────────────────────────

LESION_COURSES = """
liver     | node      | response | rule
30 0      | 20 9      | CR       | gone, and the node shorter than 10 mm: a complete response though the sum is 9
30 0      | 20 10     | PR       | a node of 10 mm is still a lesion
30 0      | 20 absent | CR       | a node that is not there
30 small  | 20 9      | PR       | too small to measure counts 5 mm: not gone, 14 of 50
30 30     | 20 small  | PR       | 35 of 50 is a fall of 30 %
30 30     | 20 NE     | NE       | one target not evaluable
30 60     | 20 NE     | PD       | but the other alone is 20 % and 5 mm above the sum of both
30 absent | 20 9      | CR       | as 0 mm
30 0 3    | 20 9 9    | PD       | the liver lesion is back after a complete response
30 0 0    | 20 9 11   | PD       | the node is a lesion again after a complete response
30 0 0    | 20 9 9.5  | CR       | a node below 10 mm is none
30 0 5    | 20 12 10  | PR       | back after a partial response: it only adds to the sum
30 20     | 20        | NE       | the node is not mentioned any more
"""


def lesion(number: int, at: int, size: str, site: str) -> dict[str, object]:
    finding = {"absent": "absent", "small": "too_small_to_measure", "NE": "not_evaluable"}.get(size, "present")
    diameter = None if finding != "present" else float(size)
    who = {"record_id": f"l{number}{at}", "patient_id": "A", "assessment_record_id": f"v{at}", "lesion_number": number}
    found = {"site": site, "kind": "target", "diameter_mm": diameter, "finding": finding}
    return who | found | {"assessment_date": START}


@pytest.mark.parametrize(("liver", "node", "expected", "rule"), cases(LESION_COURSES))
def test_target_lesions_one_by_one(liver, node, expected, rule):
    sizes = {1: ("liver", liver.split()), 2: ("lymph_node", node.split())}
    lesions = [
        lesion(number, at, size, site) for number, (site, course) in sizes.items() for at, size in enumerate(course)
    ]
    visits = derived([visit(number) for number in range(len(liver.split()))], lesions)
    assert visits["derived_response"].iloc[-1] == expected, rule


# ── all lesions together (4.3.3 to 4.3.5, tables 1 and 2) ────────────────────────────────────

TOGETHER = """
target | non-target    | new       | response
CR     |               | no        | CR
CR     | CR            | no        | CR
CR     | NON-CR/NON-PD | no        | PR
CR     | NE            | no        | PR
PR     | NON-CR/NON-PD | no        | PR
PR     | NE            | no        | PR
SD     | NON-CR/NON-PD | no        | SD
SD     | NE            | no        | SD
NE     | NON-CR/NON-PD | no        | NE
PD     | CR            | no        | PD
CR     | PD            | no        | PD
NE     | PD            | no        | PD
CR     | CR            | yes       | PD
NE     |               | yes       | PD
SD     |               | equivocal | SD
none   | CR            | no        | CR
none   | NON-CR/NON-PD | no        | NON-CR/NON-PD
none   | NE            | no        | NE
none   | PD            | no        | PD
none   | CR            | yes       | PD
"""
SUM_OF = {"CR": 0, "PR": 50, "SD": 100, "PD": 150, "NE": None, "none": None}


@pytest.mark.parametrize(("target", "other", "new", "expected"), cases(TOGETHER))
def test_all_lesions_together(target, other, new, expected):
    measurable = "no" if target == "none" else "yes"
    start = None if target == "none" else 100
    course = [
        visit(0, target_sum_mm=start, measurable=measurable, non_target=other and "NON-CR/NON-PD"),
        visit(1, target_sum_mm=SUM_OF[target], measurable=measurable, non_target=other, new_lesions=new),
    ]
    assert derived(course)["derived_response"].iloc[-1] == expected


def test_non_target_lesions_that_are_not_mentioned_any_more_are_not_evaluable():
    course = [visit(0, target_sum_mm=100, non_target="NON-CR/NON-PD"), visit(1, target_sum_mm=0)]
    assert derived(course).loc["v1", ["non_target", "derived_response"]].tolist() == ["NE", "PR"]


def other_lesion(number: int, at: int, finding: str) -> dict[str, object]:
    return lesion(number, at, "absent", "bone") | {"kind": "non_target", "finding": finding}


@pytest.mark.parametrize(
    ("listed", "other", "expected"),
    [(["absent", "absent"], "CR", "CR"), (["absent"], "NE", "PR"), (["absent", "present"], "NON-CR/NON-PD", "PR"),
     ([], "NE", "PR")],
)  # fmt: skip
def test_other_lesions_are_gone_only_if_each_of_the_baseline_is_said_to_be(listed, other, expected):
    lesions = [lesion(1, 0, "30", "liver"), *(other_lesion(number, 0, "present") for number in (2, 3))]
    lesions += [lesion(1, 1, "absent", "liver")] + [other_lesion(2 + place, 1, f) for place, f in enumerate(listed)]
    found = derived([visit(0), visit(1)], lesions).loc["v1"]
    assert found[["non_target", "derived_response"]].tolist() == [other, expected]


@pytest.mark.parametrize(
    ("recorded", "fields", "in_force"),
    [("PD", {}, "PD"), ("SD", {}, "SD"), (None, {}, "NE"), ("PD", {"target_sum_mm": 105}, "SD"),
     ("PD", {"non_target": "NE"}, "NE")],
)  # fmt: skip
def test_where_nothing_was_measured_or_described_the_recorded_response_is_in_force(recorded, fields, in_force):
    visits = derived([visit(0, target_sum_mm=100), visit(1, overall_response=recorded, **fields)])
    assert visits.loc["v1", "overall_response"] == in_force


def test_an_equivocal_new_lesion_is_progression_from_its_first_day_once_it_is_certain():
    course = [visit(0, target_sum_mm=100), visit(1, target_sum_mm=100, new_lesions="equivocal"),
              visit(2, target_sum_mm=100, new_lesions="yes")]  # fmt: skip
    assert derived(course)["derived_response"].tolist()[1:] == ["PD", "PD"]
    assert derived(course[:2])["derived_response"].tolist()[1:] == ["SD"]


def test_without_a_baseline_the_assessment_itself_says_that_disease_is_not_measurable():
    course = [visit(1, measurable="no", overall_response="PR")]
    assert derived(course).loc["v1", "overall_response"] == "NON-CR/NON-PD"


def test_bone_only_disease_cannot_be_a_partial_response_even_if_so_recorded():
    course = [visit(0, measurable="no", non_target="NON-CR/NON-PD"),
              visit(1, measurable="no", non_target="NON-CR/NON-PD", overall_response="PR")]  # fmt: skip
    for overall in ("recorded", "derived"):
        assert derived(course, overall=overall).loc["v1", "overall_response"] == "NON-CR/NON-PD"


# ── baseline, and which response is in force ─────────────────────────────────────────────────

BASELINES = """
days before the index date | in force as baseline
28                         | yes
29                         | no
0                          | yes
"""


@pytest.mark.parametrize(("days", "expected"), cases(BASELINES))
def test_the_baseline_is_the_last_assessment_up_to_the_index_date_within_its_window(days, expected):
    start = visit(0, target_sum_mm=100) | {"assessment_date": START - pd.Timedelta(days=int(days))}
    visits = derived([start, visit(1, target_sum_mm=60, overall_response="SD")])
    assert visits.loc["v0", "phase"] == ("baseline" if expected == "yes" else "before")
    assert visits.loc["v1", "derived_response"] == ("PR" if expected == "yes" else None)
    assert visits.loc["v1", "overall_response"] == ("PR" if expected == "yes" else "SD")


def test_the_last_assessment_with_a_sum_is_the_baseline():
    earlier = visit(0, target_sum_mm=100) | {"record_id": "ct", "assessment_date": START - pd.Timedelta(days=10)}
    visits = derived([earlier, visit(0), visit(1, target_sum_mm=60)])
    assert visits["phase"].to_dict() == {"ct": "baseline", "v0": "before", "v1": "on_study"}


def test_the_recorded_response_is_in_force_where_the_study_says_so():
    course = [visit(0, target_sum_mm=100), visit(1, target_sum_mm=60, overall_response="SD")]
    assert derived(course, overall="recorded").loc["v1", ["derived_response", "overall_response"]].tolist() == [
        "PR",
        "SD",
    ]
    assert derived(course)["overall_response"].iloc[-1] == "PR"
