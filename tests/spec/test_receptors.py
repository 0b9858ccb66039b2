"""Receptor status: ASCO/CAP 2020 for ER and PR, ASCO/CAP 2018 (affirmed 2023) for HER2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutline.queries import KINDS
from cutline.receptors import read_her2, read_hormone_receptor
from cutline.receptors.her2 import ish_group
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

# ASCO/CAP 2020, recommendations on ER: 1 to 10 % of nuclei is reported as low positive, above as positive.
LOW_POSITIVE = """
percent as written | level        | level where low positive is not listed
0.9                | negative     | negative
1                  | low_positive | positive
1,0                | low_positive | positive
5                  | low_positive | positive
10                 | low_positive | positive
10.0 %             | low_positive | positive
10.5               | positive     | positive
11                 | positive     | positive
1-10 %             | low_positive | positive
2 to 8             | low_positive | positive
>10                | positive     | positive
90-99%             | positive     | positive
5-20               |              | positive
10-19%             |              | positive
>=10               |              | positive
≥1%                |              | positive
0-5                |              |
<10%               |              |
positive           | positive     | positive
low positive       | low_positive | positive
ER Low Positive    | low_positive | positive
5 (low positive)   | low_positive | positive
5 % positive       | low_positive | positive
90 (low positive)  |              |
90 negative        |              |
0 % (+)            |              |
Positive (5%, 1+)  | low_positive | positive
positive, 5%, 1+   | low_positive | positive
positive (1-10%, weak) | low_positive | positive
positive (1 to 10 %) | low_positive | positive
positive, 2 to 8 %   | low_positive | positive
positive (5 to 20 %, 1+) |      | positive
positive (5% outside) | low_positive | positive
80% (3+, 80 % strong) | positive | positive
Negative (80% outside) |          |
negative, 3+, 80%  |              |
Positive (0%, 0)   |              |
0 (5% focal)       |              |
5% (90% in primary) |             |
"""

# What pathology reports and their exports write, in English, Turkish and German.
AS_WRITTEN = """
as written          | status
Positive (90%)      | positive
3+ (90%)            | positive
%90 (+++)           | positive
ER: %80 (+)         | positive
0 % (-)             | negative
90, outside         | positive
strongly positive   | positive
pozitif (%90)       | positive
POZİTİF             | positive
NEGATİF             | negative
zayıf pozitif %5    | positive
positiv             | positive
negativ             | negative
[Not Evaluated]     | not tested
yapılmadı           | not tested
YAPILMADI           | not tested
nicht durchgeführt  | not tested
yok                 | question
5 (90)              | question
8/8                 | question
H-score 270         | question
indeterminate       | question
positive/negative   | question
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

# A word beside the result that says otherwise: whoever wrote the report must say which holds.
HER2_WORDS = """
IHC as written     | ISH as written                   | status   | question
2+ Positive        |                                  |          | receptor_conflict
2+ (positive)      |                                  |          | receptor_conflict
2+ positive        | positive                         | positive |
1+ Positive        |                                  |          | receptor_conflict
1+ (negative)      |                                  | low      |
0 negative         |                                  | zero     |
3+ positive        |                                  | positive |
3+ negative        |                                  |          | receptor_conflict
3+ (FISH negative) |                                  |          | receptor_conflict
3+                 | negative                         |          | receptor_conflict
1+                 | amplified                        |          | receptor_conflict
2+ (FISH negative) |                                  |          | receptor_conflict
2+ (FISH negative) | negative                         | low      |
2+ equivocal       |                                  |          | her2_equivocal
2+                 |                                  |          | her2_equivocal
2+ (low)           |                                  |          | her2_equivocal
2+                 | Test Failure                     |          | her2_equivocal
0-1+               |                                  |          | receptor_unresolved
1-2+               |                                  |          | receptor_unresolved
1+ (focal 2+)      |                                  |          | receptor_unresolved
1+, skor 2         |                                  |          | receptor_unresolved
HER2 low           |                                  |          | receptor_unresolved
2+                 | equivocal                        |          | receptor_unresolved
skor 2             | amplifikasyon yok                | low      |
Skor +1            |                                  | low      |
c-erbB2: skor 3 (+) |                                 | positive |
negatif (skor 0)   |                                  | zero     |
Score 2+           | nicht amplifiziert               | low      |
2+                 | NEGATİF                          | low      |
2+                 | yapılmadı                        |          | her2_equivocal
(1+)-(2+)          |                                  |          | receptor_unresolved
(0)-(1+)           |                                  |          | receptor_unresolved
Unk/ND (3+ outside) |                                 |          | receptor_unresolved
pending (1+)       |                                  |          | receptor_unresolved
- (3+)             |                                  |          | receptor_unresolved
Unk/ND (outside)   |                                  |          |
"""

# ASCO/CAP 2018, dual-probe ISH: the group from the ratio HER2/CEP17 and the HER2 copies per cell.
GROUPS = """
ratio | copies | group
2.0   | 4.0    | 1
2.0   | 3.99   | 2
1.99  | 6.0    | 3
1.99  | 5.99   | 4
1.99  | 4.0    | 4
1.99  | 3.99   | 5
"""

# ASCO/CAP 2018, clinical questions 3 to 5: groups 2, 3 and 4 are resolved by the IHC of the same sample.
ISH_NUMBERS = """
IHC | ISH as written                                                | status
2+  | ratio 2.3, copies 5.1                                         | positive
2+  | 2.1/4.5                                                       | positive
    | 2.5/8.0                                                       | positive
2+  | Group 1                                                       | positive
3+  | ratio 2.3, copies 3.1                                         | positive
2+  | ratio 2.3, copies 3.1                                         | low
1+  | ratio 2.3, copies 3.1                                         | low
0   | ratio 2.3, copies 3.1                                         | zero
    | ratio 2.3, copies 3.1                                         |
3+  | 1.5/6.5                                                       | positive
2+  | 1.5/6.5                                                       | positive
1+  | 1.5/6.5                                                       | low
0   | 1.5/6.5                                                       | zero
    | 1.5/6.5                                                       |
3+  | 1.5/4.5                                                       | positive
2+  | 1.5/4.5                                                       | low
1+  | 1.5/4.5                                                       | low
0   | 1.5/4.5                                                       | zero
    | 1.5/4.5                                                       |
2+  | 1.1/2.2                                                       | low
3+  | 1.1/2.2                                                       |
1+  | ratio 2.3, copies 5.1                                         |
2+  | negative (ratio 1.2, copies 2.8)                              | low
2+  | negative (ratio 3.2, copies 7.8)                              |
2+  | amplified (ratio 5.2)                                         | positive
2+  | HER2/CEP17 ratio: 1.2; HER2 copy number 3.1; CEP17 copies 2.6 | low
2+  | HER2/CEP17 oranı 2,3; kopya sayısı 5,1                        | positive
2+  | 5.1 copies per cell, ratio 2.3                                | positive
2+  | ratio 2.3                                                     |
2+  | 5.1/2.1                                                       |
2+  | ratio 1.2, ratio 2.3, copies 5.1                              |
2+  | polysomy                                                      |
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


@pytest.mark.parametrize(("written", "apart", "merged"), cases(LOW_POSITIVE))
def test_er_low_positive_is_a_level_where_the_study_lists_it_and_positive_where_not(written, apart, merged):
    assert read_hormone_receptor(written, ["positive", "low_positive", "negative"]).status == apart
    assert read_hormone_receptor(written, ["positive", "negative"]).status == merged


@pytest.mark.parametrize(("written", "expected"), cases(AS_WRITTEN))
def test_the_words_of_reports_are_read_and_the_others_asked_about(written, expected):
    reading = read_hormone_receptor(written)
    assert (reading.status or ("question" if reading.query else "not tested")) == expected


def test_positive_without_a_percentage_says_so_since_it_cannot_tell_low_positive_apart():
    reading = read_hormone_receptor("positive", ["positive", "low_positive", "negative"])
    assert reading.reason == "positive as written, without a percentage"


@pytest.mark.parametrize(("ihc", "ish", "status", "question"), cases(HER2_WORDS))
def test_a_word_that_contradicts_the_result_is_asked_about(ihc, ish, status, question):
    reading = read_her2(ihc or "", ish or "")
    assert (reading.status, reading.query) == (status, question)


@pytest.mark.parametrize(("ratio", "copies", "group"), cases(GROUPS))
def test_the_group_of_a_dual_probe_ish_has_its_bounds_in_the_higher_group(ratio, copies, group):
    assert ish_group(float(ratio), float(copies)) == int(group)


@pytest.mark.parametrize(("ihc", "ish", "status"), cases(ISH_NUMBERS))
def test_ratio_and_copies_are_read_and_groups_2_to_4_resolved_by_the_ihc(ihc, ish, status):
    reading = read_her2(ihc or "", ish or "")
    assert reading.status == status
    assert (reading.query is None) == (status is not None)


def test_ihc_2_without_ish_is_equivocal_only_where_the_study_lists_that_level():
    assert read_her2("2+", "").status is None
    assert read_her2("2+", "", ["zero", "low", "equivocal", "positive"]).status == "equivocal"
    assert read_her2("2+ positive", "", ["zero", "low", "equivocal", "positive"]).status is None


# ── whatever the text ────────────────────────────────────────────────────────────────────────

RECEPTOR_TEXTS = [written for table in (ER_PR, LOW_POSITIVE, AS_WRITTEN) for written, *_ in cases(table) if written]
HER2_TEXTS = [(row[0] or "", row[1] or "") for table in (HER2, HER2_WORDS, ISH_NUMBERS) for row in cases(table)]
SPACES = st.sampled_from(["", " ", "  ", "\t", "\n", "\u00a0"])
CASES = st.sampled_from([str, str.lower, str.upper, str.title, str.swapcase])
REMARKS = st.text(st.sampled_from("012345+-%() ,;./abnegposilwfh"), max_size=12)
LEVELS = ["zero", "low", "equivocal", "positive", "low_positive", "negative"]


@given(st.sampled_from(RECEPTOR_TEXTS), CASES, SPACES, SPACES)
def test_case_and_spaces_do_not_change_er_and_pr(written, case, before, after):
    assert read_hormone_receptor(before + case(written) + after, LEVELS) == read_hormone_receptor(written, LEVELS)


@given(st.sampled_from(HER2_TEXTS), CASES, SPACES, SPACES)
def test_case_and_spaces_do_not_change_her2(written, case, before, after):
    spoilt = (before + case(text) + after if text else "" for text in written)
    assert read_her2(*spoilt, LEVELS) == read_her2(*written, LEVELS)


@given(
    st.sampled_from(["2+", "skor 2", "IHC 2+", "(2+)", "++"]), REMARKS, REMARKS, st.sampled_from(["", "pending", "nd"])
)
def test_ihc_2_without_ish_is_never_low_whatever_else_stands_in_the_text(score, before, after, no_ish):
    for written in (
        f"{score} {after}",
        f"{score} ({after})",
        f"{before} {score}",
        f"({before}) {score}",
        f"{before}, {score}",
    ):
        assert read_her2(written, no_ish, LEVELS).status in (None, "equivocal")


@given(REMARKS, REMARKS)
def test_what_is_unresolved_is_never_a_level_and_always_a_question(one, other):
    for reading in (read_hormone_receptor(one, LEVELS), read_her2(one, other, LEVELS)):
        assert reading.query is None or (reading.status in (None, "equivocal") and reading.query in KINDS)
        assert reading.status is not None or reading.query is not None or not reading.tested
