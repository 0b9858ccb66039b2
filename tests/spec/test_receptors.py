"""Receptor status: ASCO/CAP 2020 for ER and PR, ASCO/CAP 2018 (affirmed 2023) for HER2."""

from __future__ import annotations

import pytest

from cutline.receptors import read_her2, read_hormone_receptor
from tests.spec.tables import cases

ER_PR = """
percent as written | status
90                 | positive
90%                | positive
%90                | positive
90 %               | positive
1                  | positive
1,0                | positive
0.9                | negative
0,5                | negative
0                  | negative
0 %                | negative
<1                 | negative
< 1 %              | negative
<10                |
>0                 |
>=1                | positive
≥1%                | positive
>1                 | positive
>90                | positive
5-10               | positive
80–90 %            | positive
0-1                |
~70                | positive
90 (outside)       | positive
(90)               | positive
(<1 %)             | negative
(+)                | positive
+                  | positive
(-)                | negative
(negative)         | negative
( not done )       |
()                 |
-                  |
Positive           | positive
NEG                | negative
1+                 |
Unk/ND             |
Not Applicable     |
Test Failure       |
101                |
-5                 |
about half         |
                   |
"""

HER2 = """
IHC as written | ISH as written | status
0              |                | zero
0+             |                | zero
0              | negative       | zero
1+             |                | low
1+ (focal)     |                | low
1              | negative       | low
2+             | negative       | low
2+             | not amplified  | low
2+             | positive       | positive
2+             | Amplified      | positive
2+             |                |
2+             | not done       |
2+             | equivocal      |
3+             |                | positive
3+ (outside)   |                | positive
+++            |                | positive
3+             | positive       | positive
3+             | negative       |
0              | positive       |
1+             | positive       |
0-1+           |                |
1-2+           | negative       |
2-3+           |                |
negative       |                |
positive       |                |
               | positive       | positive
               | negative       |
Unk/ND         |                |
Not Applicable | Test Failure   |
SCORE 2+       | FISH: negative | low
IHC score: 2+  | ISH negative   | low
(3+)           |                | positive
(IHC 3+)       |                | positive
(++)           | FISH (-)       | low
2+             | (FISH negative) | low
2+             | FISH (+)       | positive
2+             | (amplified)    | positive
2+             | FISH           |
(+)            |                |
(2+) (outside) | negative       |
"""


@pytest.mark.parametrize(("written", "status"), cases(ER_PR))
def test_er_and_pr_are_positive_from_one_percent_and_unknown_where_the_text_admits_both(written, status):
    assert read_hormone_receptor(written or "").status == status


@pytest.mark.parametrize(("ihc", "ish", "status"), cases(HER2))
def test_her2_follows_ihc_and_ish_and_is_unknown_where_they_do_not_decide(ihc, ish, status):
    assert read_her2(ihc or "", ish or "").status == status


def test_ihc_2_without_ish_is_never_low_and_says_why():
    assert read_her2("2+", "").reason == "IHC 2+ without ISH is unresolved"


@pytest.mark.parametrize("written", ["(+)", "(-)", "(3+)", "(outside)"])
def test_what_stands_in_brackets_alone_is_read_and_not_taken_for_no_test(written):
    assert read_hormone_receptor(written).tested
    assert read_her2(written, "").tested
    assert read_her2("", f"FISH {written}").tested


@pytest.mark.parametrize("nothing", ["", "-", "()", "(not done)", "Unk/ND", "UNk/ND", "Not Applicable", "Test Failure"])
def test_a_test_that_was_not_made_is_told_apart_from_one_that_decides_nothing(nothing):
    assert not read_hormone_receptor(nothing).tested
    assert read_hormone_receptor("0-1").tested
