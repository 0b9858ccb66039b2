"""The checks of consistency on the paper, on the report's own results and text, and what is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cutline import languages
from cutline.ard import result, results_table
from cutline.command import main
from cutline.consistency.account import Checked
from cutline.consistency.check import as_table, check_consistency, checked, tally
from cutline.consistency.publication import account_of_publication
from cutline.consistency.report import account_of_report
from cutline.display.lookup import index_results
from cutline.manuscript.consistency import TO_CONFIRM, checked_by_program
from cutline.manuscript.supplement import supplement
from cutline.study import load_publication, load_study
from cutline.study_rules import settings_for
from cutline.tables.consistency import CONSISTENCY
from cutline.tables.spec import conform
from tests.unit.test_manuscript import ROOT, context, settings
from tests.written_cut import write_cut

STUDY = load_study(ROOT, {})
GIVEN = STUDY["publication"]


# ── the paper ────────────────────────────────────────────────────────────────────────────────

KNOWN = {
    ("category_listed_once", "adverse events"),
    ("categories_distinct", "histology"),
    ("interval_of_its_method", "os.km.median"),
    ("rate_has_interval", "response.dcr.percent"),
    ("landmark_has_number_at_risk", "os.km.survival_36m"),
    ("crude_and_estimated_kept_apart", "os.km.survival_36m"),
    ("essentials_stated", "data_cutoff"),
    ("essentials_stated", "median_follow_up"),
    ("essentials_stated", "prior_lines"),
    ("essentials_stated", "response_confirmation"),
    ("essentials_stated", "measurable_disease"),
    ("essentials_stated", "ovarian_suppression"),
    ("population_named_alike", "menopausal_status"),
    ("population_named_alike", "metastasis"),
    ("source_cited_alike", "BOLERO-2"),
    ("one_data_cut_per_reference", "BOLERO-2"),
    ("criteria_have_numbers", "exclusion criteria"),
    ("selection_free_of_outcome", "follow_up"),
    ("groups_meet_at_cut_point", "cdk46_duration_group"),
    ("cut_point_not_from_data", "cdk46_duration_group"),
    ("covariates_timed_at_index", "covariates"),
    ("follow_up_reaches_endpoints", "os"),
    ("models_hold_the_same", "pfs, os"),
    ("coding_described", "covariates"),
    ("software_offers_the_test", "test of Schoenfeld residuals"),
    ("landmark_within_reach", "os.km.survival_36m"),
    ("absence_was_looked_for", "grade 3 or 4 toxicity"),
    ("absence_was_looked_for", "dose change or interruption"),
    ("response_fits_survival", "BOLERO-2"),
    ("no_difference_not_sameness", "consistent efficacy across subgroups"),
    ("comparisons_not_denied", "no formal comparisons"),
    ("pretreatment_counted", "more heavily pretreated"),
    ("trial_with_its_control", "EMERALD"),
}
"""Check and subject of every problem of the paper that is known, and no other."""


@pytest.fixture(scope="module")
def paper() -> list[Checked]:
    return checked(account_of_publication(GIVEN["values"], GIVEN["description"], {}))


def test_exactly_the_known_problems_of_the_paper_are_found(paper: list[Checked]) -> None:
    assert {(each.check, each.subject) for each in paper if not each.holds} == KNOWN
    assert sum(not each.holds for each in paper) == len(KNOWN)


def test_every_percentage_and_every_sum_of_the_paper_holds(paper: list[Checked]) -> None:
    printed = [entry for entry in GIVEN["values"] if entry["key"].endswith("percent") and entry["printed"]]
    assert tally(paper, "percentages_recompute") == (len(printed), len(printed))
    assert len(printed) == 29
    assert tally(paper, "counts_add_up") == (12, 12)


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("adverse events", "Counted each time the entries add up to 71, counted once to 70"),
        ("os.km.median", "centre of the interval is 22.635, not 22.6"),
        ("exclusion criteria", "6 grounds of exclusion, 3 with a number"),
        ("os.km.survival_36m", "crude share without an event is 48.6%"),
        ("histology", "together they are 63"),
        ("BOLERO-2", "4.5 times the 12.6% of BOLERO-2 (final, 18 months)"),
        ("consistent efficacy across subgroups", "hazard ratios from 2.0 to 3.2"),
    ],
)
def test_a_finding_says_the_numbers_behind_it(paper: list[Checked], subject: str, said: str) -> None:
    assert any(said in each.meaning for each in paper if each.subject == subject and not each.holds)


def test_what_rests_on_general_knowledge_says_so(paper: list[Checked]) -> None:
    unsure = {each.check for each in paper if each.basis == "general knowledge" and not each.holds}
    assert unsure == {"one_data_cut_per_reference", "software_offers_the_test"}


@pytest.mark.parametrize(
    ("key", "printed", "check"),
    [
        ("baseline.ecog.0.percent", "81.0", "percentages_recompute"),
        ("flow.excluded.her2_positive", "42", "counts_add_up"),
        ("pfs.km.median_upper", "7.81", "interval_of_its_method"),
        ("os.km.survival_36m", "48.6", "crude_and_estimated_kept_apart"),
    ],
)
def test_another_printed_number_is_found_where_it_does_not_agree(key: str, printed: str, check: str) -> None:
    values = [each | {"printed": printed, "approximate": False} if each["key"] == key else each
              for each in GIVEN["values"]]  # fmt: skip
    found = checked(account_of_publication(values, GIVEN["description"], {}))
    assert any(each.check == check and each.severity == "error" and not each.holds for each in found)


def test_survival_that_is_printed_without_the_number_censored_is_not_held_against_a_crude_share() -> None:
    values = [{"key": "flow.included", "printed": "70", "section": "1"},
              {"key": "os.km.survival_36m", "printed": "48.6", "section": "2"}]  # fmt: skip
    found = checked(account_of_publication(values, {"denominator": "flow.included"}, {}))
    assert {each.check for each in found if each.subject == "os.km.survival_36m"} == {"landmark_has_number_at_risk"}


def test_a_study_without_a_publication_has_none() -> None:
    assert load_publication(ROOT, "gbsg2", []) == {}
    assert "publication" not in settings_for(load_study(ROOT, {"study": "gbsg2"}), "render_report")


# ── the report's own results and text ────────────────────────────────────────────────────────

TEXT = (
    """The data cut-off was 31 May 2025. Follow-up was [1]{.result key="followup.reverse_km.median" fmt="%d"} months."""
)
MEDIAN = "Kaplan-Meier; interval by Brookmeyer-Crowley, log-log"
CURVE = pd.DataFrame({"endpoint": "pfs", "group": None, "group_level": None, "time_days": [0, 100, 200, 300],
                      "at_risk": [8, 8, 6, 5], "events": [0, 2, 0, 1], "censored": [0, 0, 1, 0]})  # fmt: skip


def own(rows: list[dict[str, Any]], text: str = TEXT, **changes: Any) -> dict[tuple[str, str], Checked]:
    """What the checks say of such results in such a report, by check and subject."""
    flow = [result("flow.screened", 10), result("flow.included", 8), result("flow.excluded.her2_positive", 2),
            result("flow.excluded.too_young", 0)]  # fmt: skip
    study = settings(**changes)
    study["statistics"]["days_per_month"] = 10
    results = index_results([results_table([*flow, *rows], "made_by_hand")])
    found = checked(account_of_report(study, results, [CURVE], text, {}))
    return {(each.check, each.subject): each for each in found}


def test_a_report_that_agrees_with_itself_has_no_finding() -> None:
    assert all(each.holds for each in own([]).values())


def test_a_percentage_of_the_results_is_recomputed() -> None:
    rows = [result("safety.any.n", 4, n=8), result("safety.any.percent", 50.0, unit="percent", n=8),
            result("safety.none.n", 4, n=8), result("safety.none.percent", 49.9, unit="percent", n=8)]  # fmt: skip
    found = own(rows)
    assert found["percentages_recompute", "safety.any.percent"].holds
    assert not found["percentages_recompute", "safety.none.percent"].holds


def test_the_flow_of_the_results_must_close() -> None:
    assert own([])["counts_add_up", "flow"].holds
    assert not own([result("flow.pending", 1)])["counts_add_up", "flow"].holds


@pytest.mark.parametrize(("upper", "holds"), [(30.0, True), (20.0, False)])
def test_the_limits_of_a_median_are_event_times_of_its_curve(upper: float, holds: bool) -> None:
    """Days 100 and 300 have events, day 200 has none; a month has 10 days here."""
    about = {"analysis": "km", "endpoint": "pfs", "method": MEDIAN}
    rows = [result("pfs.km.median", 15.0, **about), result("pfs.km.median_lower", 10.0, **about),
            result("pfs.km.median_upper", upper, **about)]  # fmt: skip
    assert own(rows)["interval_of_its_method", "pfs.km.median"].holds is holds


def test_a_category_whose_label_is_used_twice_is_found() -> None:
    arms = {"arm": {"label": "Arm", "kind": "categorical", "levels": {"a": "Tablets", "b": "Tablets"}}}
    assert not own([], variables=arms)["category_listed_once", "variables.arm"].holds


@pytest.mark.parametrize(
    ("text", "missing"),
    [(TEXT, set()), (TEXT.replace("31 May 2025", "yesterday"), {"data_cutoff"}), ("The data cut-off was 31 May 2025.",
     {"median_follow_up"})],
)  # fmt: skip
def test_a_report_without_its_data_cut_off_or_follow_up_is_found(text: str, missing: set[str]) -> None:
    found = own([result("pfs.km.median", 15.0)], text)
    assert {subject for (check, subject), each in found.items() if check == "essentials_stated" and not each.holds} == (
        missing
    )


def test_a_rate_and_a_survival_that_are_shown_without_what_belongs_to_them_are_found() -> None:
    rows = [result("response.orr.percent", 50.0, n=8), result("pfs.km.survival_12m", 0.5, n=8)]
    shown = " ".join(f'[x]{{.result key="{each["key"]}" fmt="%s"}}' for each in rows)
    found = own(rows, f"{TEXT} {shown} Unconfirmed, of measurable disease.")
    assert not found["rate_has_interval", "response.orr.percent"].holds
    assert not found["landmark_has_number_at_risk", "pfs.km.survival_12m"].holds
    whole = f'{shown} [x]{{.result key="response.orr.lower response.orr.upper pfs.km.at_risk_12m"}}'
    mended = own(rows, f"{TEXT} {whole}")
    assert mended["rate_has_interval", "response.orr.percent"].holds
    assert mended["landmark_has_number_at_risk", "pfs.km.survival_12m"].holds


@pytest.mark.parametrize(("months", "censored"), [(15, 0), (25, 0), (30, 1)])
def test_only_who_is_censored_before_an_event_parts_the_estimate_from_the_crude_share(
    months: int, censored: int
) -> None:
    """Events on days 100 and 300, one person censored on day 200; a month has 10 days here."""
    key = f"pfs.km.survival_{months}m"
    rows = [result(key, 0.75, n=8, endpoint="pfs"), result("pfs.censored_percent", 75.0, n=8)]
    found = own(rows, f'{TEXT} [x]{{.result key="{key}" fmt="%s"}}')
    assert (("crude_and_estimated_kept_apart", key) in found) is bool(censored)


@pytest.mark.parametrize(
    ("words", "holds"), [("Responses were unconfirmed.", True), ("p-values confirm nothing.", False)]
)
def test_whether_responses_were_confirmed_must_be_said_of_responses(words: str, holds: bool) -> None:
    found = own([result("response.orr.percent", 50.0, n=8)], f"{TEXT} {words}")
    assert found["essentials_stated", "response_confirmation"].holds is holds


def test_words_that_read_no_difference_as_sameness_are_found_in_the_text() -> None:
    found = own([], f"{TEXT} This shows consistent efficacy.")
    assert not found["no_difference_not_sameness", "consistent efficacy"].holds


@pytest.fixture
def in_words_nobody_reads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A language whose catalogue has sentences, and no patterns by which a text is read."""
    monkeypatch.setattr(languages, "catalogue", lambda code: {(None, "and"): "und"} if code == "de" else {})
    with languages.speaking("de"):
        yield


@pytest.mark.usefixtures("in_words_nobody_reads")
def test_what_nobody_reads_in_a_language_is_said_not_to_be_checked_and_never_passes() -> None:
    rows = [result("response.orr.n", 4), result("pfs.km.median", 6.6)]
    found = own(rows, "Die Unterschiede waren nicht gross: did not differ.")
    for subject in (("essentials_stated", "response_confirmation"), ("essentials_stated", "measurable_disease"),
                    ("no_difference_not_sameness", "claims")):  # fmt: skip
        assert (found[subject].holds, found[subject].severity) == (False, "note")
        assert found[subject].found == "not checked in this language"
    assert found["essentials_stated", "median_follow_up"].found == "not stated"


@pytest.mark.usefixtures("in_words_nobody_reads")
def test_what_is_known_by_keys_is_checked_in_any_language() -> None:
    row = result("baseline.age_group.old.percent", 60.0, n=10)
    assert not own([row, result("baseline.age_group.old.n", 5)])["percentages_recompute", row["key"]].holds


def test_a_text_in_turkish_is_read_in_turkish() -> None:
    rows = [result("response.orr.n", 4)]
    with languages.speaking("tr"):
        said = own(rows, "Yanıtların doğrulanması gerekmedi; hastalığın ölçülebilir olması da gerekmedi.")
        silent = own(rows, "Yanıt görüldü.")
    for name in ("response_confirmation", "measurable_disease"):
        assert said["essentials_stated", name].holds
        assert silent["essentials_stated", name].found == "not stated"


def test_selection_by_follow_up_is_found_where_nobody_is_censored() -> None:
    records = {"table": "assessments", "date": "assessment_date"}
    complete = [*settings()["criteria"], {"id": "complete", "label": "Complete", "require": {"records": records}}]
    earlier = records | {"of": "index_date", "days_after": -1}
    before = [*settings()["criteria"], {"id": "complete", "label": "Complete", "require": {"records": earlier}}]
    censored = [result("pfs.censored", 0)]
    asked = ("selection_free_of_outcome", "follow_up")
    assert not own(censored, criteria=complete)[asked].holds
    assert own(censored, criteria=before)[asked].holds
    assert own([result("pfs.censored", 1)], criteria=complete)[asked].holds


# ── table, supplement, command ───────────────────────────────────────────────────────────────


def test_the_table_follows_its_spec_and_tells_the_publication_first(paper: list[Checked]) -> None:
    table = conform(as_table({"publication": paper, "report": paper[:1]}), CONSISTENCY)
    assert list(table["about"].unique()) == ["publication", "report"]
    for column in CONSISTENCY.columns:
        assert not column.allowed or set(table[column.name]) <= {*column.allowed, ""}
    assert (table.loc[table["verdict"] == "holds", ["severity", "meaning"]] == "").all(axis=None)
    assert (table.loc[table["verdict"] == "found", ["severity", "meaning"]] != "").all(axis=None)


def test_a_study_without_a_publication_is_checked_alone() -> None:
    study = settings()
    results = index_results([results_table([result("flow.screened", 1)], "made_by_hand")])
    assert list(check_consistency(study, results, [], TEXT)) == ["report"]
    assert list(check_consistency(study | {"publication": GIVEN}, results, [], TEXT)) == ["publication", "report"]


def test_the_supplement_shows_what_was_found_and_counts_what_holds(paper: list[Checked]) -> None:
    said = supplement(replace(context(), checks={"publication": paper, "report": []}))
    assert "Consistency of numbers and statements" in said
    assert "33 findings in 97 things looked at" in said
    assert "0 findings in 0 things looked at" in said
    assert "percentages recompute, 29 of 29" in said
    assert said.count(TO_CONFIRM) == 2
    assert "Table\u00a0S" in checked_by_program(context())


def test_before_the_text_is_checked_the_supplement_has_no_such_table() -> None:
    assert "Consistency of numbers" not in supplement(context())


def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: pd.DataFrame) -> None:
    """A project whose cut holds these checks."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    rows.to_csv(write_cut(tmp_path).folder / "aggregate" / "consistency.csv", index=False)


def test_the_command_tells_what_was_found(
    paper: list[Checked], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written(tmp_path, monkeypatch, as_table({"publication": paper, "report": []}))
    assert main(["consistency"]) == 0
    said = capsys.readouterr().out
    assert "percentages recompute           29 of 29" in said
    assert "warning: response.dcr.percent (section 3.3): 88.6%" in said
    assert "holds:" not in said
    assert main(["consistency", "publication", "--all", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)) == len(paper)


def test_a_report_that_contradicts_itself_ends_the_command_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = Checked("x.percent", False, "error", "50", "1/3", "No.", check="percentages_recompute")
    written(tmp_path, monkeypatch, as_table({"report": [wrong]}))
    assert main(["consistency", "--all"]) == 15
    assert "error: x.percent: No." in capsys.readouterr().out
    assert main(["consistency", "publication"]) == 0


def test_the_command_says_what_to_do_where_nothing_was_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    write_cut(tmp_path)
    assert main(["consistency"]) == 15
    assert "aggregate/consistency.csv is missing. Run the study" in capsys.readouterr().err
