"""Every check of consistency: one account of a study that it finds fault with, and one that it does not.

`2/4 50.0` is a percentage of 50.0 printed of 2 of 4 persons, `a 2, b 3 of 5` a listing of 5, `6.6 (5.59-7.61)` a
median with its interval.
"""

from __future__ import annotations

from typing import Any

import pytest

from cutline.consistency import account as accounts
from cutline.consistency.account import Account, Checked, Entry, Interval, Landmark, Listing, Percentage, Printed, Rate
from cutline.consistency.check import CHECKS, checked
from tests.spec.tables import cases


def said(check: str, account: Account) -> list[Checked]:
    """What one check says of the account."""
    return [each for each in checked(account) if each.check == check]


def found(check: str, account: Account) -> list[str]:
    return [each.severity for each in said(check, account) if not each.holds]


# ── numbers ──────────────────────────────────────────────────────────────────────────────────

COUNTS = """
listing                          | finds
partial 40, stable 22, progr. 8 of 70 |
partial 40, stable 22, progr. 9 of 70 | error
none 38, fatigue 32 of 70        |
none 38, fatigue 31 of 70        | error
none 38, blood 1, blood 1 of 39  |
"""


def listing(text: str) -> Listing:
    entries, _, total = (text or "").partition(" of ")
    pairs = [each.strip().rpartition(" ") for each in entries.split(",")]
    return Listing("persons", tuple(Entry(name, float(n)) for name, _, n in pairs), float(total) if total else None)


@pytest.mark.parametrize(("text", "finds"), cases(COUNTS))
def test_counts_add_up_each_name_counted_once(text: str, finds: str | None) -> None:
    assert found("counts_add_up", Account("x", listings=(listing(text),))) == ([finds] if finds else [])


PERCENTAGES = """
printed      | finds
40/70 57.1   |
40/70 57.2   | error
1/3 33       |
1/3 34       | error
62/70 88.6   |
62/70 88.5   | error
1/8 12.5     |
1/8 13       |
1/8 12       |
35/70 50.0   |
"""


@pytest.mark.parametrize(("text", "finds"), cases(PERCENTAGES))
def test_a_percentage_is_its_count_over_its_denominator_to_the_digits_printed(text: str, finds: str | None) -> None:
    """At exactly half a unit either rounding passes."""
    fraction, printed = text.split()
    count, total = map(float, fraction.split("/"))
    account = Account("x", percentages=(Percentage("x.percent", Printed.of(printed), count, total),))
    assert found("percentages_recompute", account) == ([finds] if finds else [])


def test_a_category_named_twice_is_found_and_both_sums_are_told() -> None:
    twice = said("category_listed_once", Account("x", listings=(listing("none 38, blood 1, blood 1 of 39"),)))
    assert [each.holds for each in twice] == [False]
    assert "add up to 40, counted once to 39; the whole is 39" in twice[0].meaning
    assert found("category_listed_once", Account("x", listings=(listing("none 38, blood 1 of 39"),))) == []


@pytest.mark.parametrize(("codes", "finds"), [(("8500/3", "8500/3"), ["warning"]), (("8500/3", "8520/3"), [])])
def test_two_categories_of_one_entity_are_found(codes: tuple[str, str], finds: list[str]) -> None:
    entries = (Entry("ductal", 37, codes[0]), Entry("no special type", 26, codes[1]))
    assert found("categories_distinct", Account("x", listings=(Listing("histology", entries, 63),))) == finds


def test_categories_without_codes_are_not_judged() -> None:
    assert said("categories_distinct", Account("x", listings=(listing("a 2, b 3 of 5"),))) == []


INTERVALS = """
printed                | method          | events     | finds
6.6 (5.59-7.61)        | symmetric       |            |
22.6 (11.92-33.35)     | symmetric       |            | note
22.6 (11.92-34.35)     | symmetric       |            | error
22.6 (15.1-31.0)       |                 |            |
22.6 (23.1-31.0)       |                 |            | error
22.6 (15.1-22.4)       |                 |            | error
22.6 (15.1-31.0)       | on event times  | 15.1 31.0  |
22.6 (15.1-31.0)       | on event times  | 15.1 30.0  | error
22.6 (15.1-31.0)       | on event times  |            |
0.44 (0.35-0.55)       | symmetric on the log scale |  |
0.44 (0.35-0.60)       | symmetric on the log scale |  | error
"""


def interval(text: str, method: str | None, events: str | None) -> Interval:
    estimate, _, limits = text.rstrip(")").partition(" (")
    numbers = [Printed.of(each) for each in (estimate, *limits.split("-"))]
    return Interval("pfs.km.median", *numbers, method or "", tuple(map(float, (events or "").split())))  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "method", "events", "finds"), cases(INTERVALS))
def test_an_interval_is_what_its_stated_method_makes_of_one(
    text: str, method: str | None, events: str | None, finds: str | None
) -> None:
    account = Account("x", intervals=(interval(text, method, events),))
    assert found("interval_of_its_method", account) == ([finds] if finds else [])


def test_a_centre_that_is_off_by_rounding_alone_says_where_the_estimate_lies() -> None:
    (one,) = said("interval_of_its_method", Account("x", intervals=(interval("22.6 (11.92-33.35)", "symmetric", ""),)))
    assert "22.635, not 22.6" in one.meaning
    assert "between 22.63 and 22.64" in one.meaning


@pytest.mark.parametrize("has_interval", [True, False])
def test_an_outcome_rate_has_an_interval(has_interval: bool) -> None:
    rates = (Rate("response.dcr.percent", Printed.of("88.6"), has_interval),)
    assert found("rate_has_interval", Account("x", rates=rates)) == ([] if has_interval else ["warning"])


def landmark(percent: str = "30", approximate: bool = True, censored: float = 34, **more: Any) -> Landmark:
    """Survival at 36 months in 70 patients of whom some are censored."""
    return Landmark("os.km.survival_36m", 36, Printed.of(percent, approximate), 100 * censored / 70, censored, **more)


@pytest.mark.parametrize("given", [True, False])
def test_survival_at_a_time_has_its_number_at_risk(given: bool) -> None:
    account = Account("x", landmarks=(landmark(at_risk_given=given),))
    assert found("landmark_has_number_at_risk", account) == ([] if given else ["warning"])


LANDMARKS = """
percent | approximate | censored | worded as a share | finds
30      | yes         | 34       |                   |
30      | yes         | 34       | yes               | warning
48.6    |             | 34       |                   | error
48.6    |             | 34       | yes               | error
48.6    | yes         | 34       |                   |
0       |             | 0        | yes               |
"""


@pytest.mark.parametrize(("percent", "approximate", "censored", "worded", "finds"), cases(LANDMARKS))
def test_a_crude_share_is_not_taken_for_the_kaplan_meier_estimate(
    percent: str, approximate: str | None, censored: str, worded: str | None, finds: str | None
) -> None:
    each = landmark(percent, bool(approximate), float(censored), of_patients=bool(worded))
    assert found("crude_and_estimated_kept_apart", Account("x", landmarks=(each,))) == ([finds] if finds else [])


# ── statements: a description that is found fault with, and one that is not ─────────────────

EVERY = ["data_cutoff", "median_follow_up", "prior_lines", "response_confirmation", "measurable_disease",
         "ovarian_suppression"]  # fmt: skip
ASKED = {
    "values": {"pfs.km.median": 6.6, "response.best.partial.n": 40, "baseline.menopausal_status.premenopausal.n": 17},
    "treatment": ["aromatase inhibitor"],
    "criteria": [{"name": "chemotherapy", "kind": "inclusion", "concerns": "prior_therapy"}],
}
FOLLOWED = {"name": "complete follow-up", "kind": "inclusion", "n": "x", "concerns": "follow_up"}
MODELS = {"pfs": ["histology", "ecog"], "os": ["ecog"]}
CUT = {"variable": "duration", "value": "14.3", "from_data": True, "below": "open", "above": "open"}
TRIAL = {"trial": "T", "data_cut": "final", "response_percent": 12.6, "median_pfs_months": 6.9, "sure": "known"}

STATEMENTS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "population_named_alike": (
        "warning",
        {"population": [{"section": "1", "who": {"sex": "women"}}, {"section": "2", "who": {"sex": "women and men"}}]},
        {"population": [{"section": "1", "who": {"sex": "women"}}, {"section": "2", "who": {"sex": "women"}}]},
    ),
    "source_cited_alike": (
        "note",
        {"citations": [{"trial": "T", "section": str(n), "reference": str(n)} for n in (6, 7)]},
        {"citations": [{"trial": "T", "section": str(n), "reference": "6"} for n in (6, 7)]},
    ),
    "one_data_cut_per_reference": (
        "note",
        {"citations": [{"trial": "T", "reference": "6", "what": "pfs", "data_cut": "interim"},
                       {"trial": "T", "reference": "6", "what": "adverse events", "data_cut": "final"}]},
        {"citations": [{"trial": "T", "reference": "6", "what": "pfs", "data_cut": "final"},
                       {"trial": "T", "reference": "6", "what": "adverse events", "data_cut": "final"}]},
    ),
    "criteria_have_numbers": (
        "warning",
        {"criteria": [{"name": "a", "kind": "exclusion", "n": "flow.excluded.a"}, {"name": "b", "kind": "exclusion"}]},
        {"criteria": [{"name": "a", "kind": "exclusion", "n": "flow.excluded.a"}, {"name": "b", "kind": "inclusion"}]},
    ),
    "selection_free_of_outcome": (
        "warning",
        {"criteria": [FOLLOWED], "values": {"pfs.censored": 0}},
        {"criteria": [FOLLOWED], "values": {"pfs.censored": 3}},
    ),
    "groups_meet_at_cut_point": ("note", {"cut_points": [CUT]}, {"cut_points": [CUT | {"above": "closed"}]}),
    "cut_point_not_from_data": (
        "note",
        {"cut_points": [CUT], "models": {"pfs": ["duration"]}},
        {"cut_points": [CUT | {"from_data": False}], "models": {"pfs": ["duration"]}},
    ),
    "covariates_timed_at_index": (
        "note",
        {"covariates_timed_at": {"age": "diagnosis", "ecog": "index date"}},
        {"covariates_timed_at": {"age": "index date", "ecog": "index date"}},
    ),
    "follow_up_reaches_endpoints": (
        "note",
        {"followed_until": ["progression", "last contact"], "endpoint_events": {"os": ["death"]}},
        {"followed_until": ["progression", "last contact"], "endpoint_events": {"pfs": ["progression", "death"]}},
    ),
    "models_hold_the_same": ("note", {"models": MODELS}, {"models": MODELS | {"os": ["histology", "ecog"]}}),
    "coding_described": (
        "note",
        {"models": MODELS, "coding_described_of": ["ecog"]},
        {"models": MODELS, "coding_described_of": ["ecog", "histology"]},
    ),
    "software_offers_the_test": (
        "note",
        {"software": "SPSS", "tests": ["test of Schoenfeld residuals"]},
        {"software": "R", "tests": ["test of Schoenfeld residuals"]},
    ),
    "landmark_within_reach": (
        "note",
        {"window": {"start": "2020-01-01", "end": "2024-12-31"}, "collected_from": "2025-05-27"},
        {"window": {"start": "2020-01-01", "end": "2022-05-27"}, "collected_from": "2025-05-27"},
    ),
    "absence_was_looked_for": (
        "warning",
        {"absent": [{"name": "grade 3 or 4", "needs": "grading"}], "captured": ["documentation"]},
        {"absent": [{"name": "grade 3 or 4", "needs": "grading"}], "captured": ["grading"]},
    ),
    "response_fits_survival": (
        "warning",
        {"references": [TRIAL], "values": {"response.orr.percent": 57.1, "pfs.km.median": 6.6}},
        {"references": [TRIAL], "values": {"response.orr.percent": 57.1, "pfs.km.median": 16.6}},
    ),
    "no_difference_not_sameness": (
        "warning",
        {"claims": [{"name": "consistent efficacy", "kind": "sameness"}]},
        {"claims": []},
    ),
    "comparisons_not_denied": (
        "note",
        {"claims": [{"name": "no comparisons", "kind": "no_comparisons"}], "models": MODELS},
        {"claims": [{"name": "no comparisons", "kind": "no_comparisons"}], "models": {}},
    ),
    "pretreatment_counted": (
        "warning",
        {"claims": [{"name": "more", "kind": "more_pretreated", "than": ["T"]}], "stated": []},
        {"claims": [{"name": "more", "kind": "more_pretreated", "than": ["T"]}], "stated": ["prior_lines"]},
    ),
    "trial_with_its_control": (
        "warning",
        {"trials": [{"trial": "T", "design": "randomised", "control_given": False}]},
        {"trials": [{"trial": "T", "design": "randomised", "control_given": True},
                    {"trial": "U", "design": "single_arm", "control_given": False}]},
    ),
}  # fmt: skip


def described(**description: Any) -> Account:
    """An account of such a description; `values` are its numbers, `models` endpoint → covariates."""
    values = description.pop("values", {})
    if "models" in description:
        description["models"] = [{"endpoint": name, "covariates": c} for name, c in description["models"].items()]
    return Account("x", values=values, landmarks=(landmark(),), description=description)


@pytest.mark.parametrize("check", STATEMENTS)
def test_a_statement_trips_its_check(check: str) -> None:
    severity, tripping, _ = STATEMENTS[check]
    assert found(check, described(**tripping)) == [severity]


@pytest.mark.parametrize("check", STATEMENTS)
def test_a_statement_that_is_right_does_not(check: str) -> None:
    _, _, right = STATEMENTS[check]
    assert found(check, described(**right)) == []


@pytest.mark.parametrize("essential", EVERY)
def test_what_must_be_stated_is_asked_for_one_by_one(essential: str) -> None:
    others = [name for name in EVERY if name != essential]
    judged = said("essentials_stated", described(stated=others, **ASKED))
    assert [each.subject for each in judged if not each.holds] == [essential]
    assert len(judged) == len(EVERY)


def test_nothing_is_asked_for_that_the_study_does_not_have() -> None:
    """Without response, earlier therapy and survival only the data cut-off must be stated."""
    bare = Account("x", description={"stated": ["data_cutoff"]})
    assert [each.subject for each in said("essentials_stated", bare)] == ["data_cutoff"]


def test_what_is_not_described_is_not_judged() -> None:
    assert checked(Account("x")) == []


def test_every_check_has_a_case_that_trips_it_and_one_that_does_not() -> None:
    here = {"counts_add_up", "percentages_recompute", "category_listed_once", "categories_distinct",
            "interval_of_its_method", "rate_has_interval", "landmark_has_number_at_risk",
            "crude_and_estimated_kept_apart", "essentials_stated", *STATEMENTS}  # fmt: skip
    assert {check.__name__ for check in CHECKS} == here


def test_approximately_allows_two_and_a_half_points() -> None:
    assert Printed.of("30", approximate=True).agrees(32.5)
    assert not Printed.of("30", approximate=True).agrees(32.6)
    assert accounts.shown(22.635) == "22.635"
