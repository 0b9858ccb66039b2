"""The change report: sentences chosen by the data, tables whose pieces add up, the page in both formats."""

from __future__ import annotations

import copy
import math
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cutline.ard import result, results_table
from cutline.changes import grids, in_short, sections
from cutline.changes.columns import column_name
from cutline.changes.comparison import Comparison, rows_of
from cutline.changes.comparison import attributed as steps_of
from cutline.changes.differences import compare_results
from cutline.changes.report import compare_cuts
from cutline.changes.values import difference_shown, shown
from cutline.display.figure_changes import Side, changes_alt_text, draw_changes
from cutline.display.grid import Grid
from cutline.display.lookup import index_results
from cutline.display.style import as_bytes, house_style
from cutline.errors import ReportError
from cutline.tables.changes import ATTRIBUTION, CHANGED_RECORDS, FLOW
from cutline.tables.results import ARD
from cutline.tables.spec import conform
from tests.unit import display_study as made_up
from tests.unit.test_manuscript_render import parts, words

ROOT = Path(__file__).parents[2]
CAUSES = ("code", "corrected", "late", "follow_up", "left", "entered")


def side(cut: str, **more: Any) -> dict[str, Any]:
    return {"cut": cut, "data_cutoff": cut, "known_by": cut, **more}


def settings(**compare: Any) -> dict[str, Any]:
    about = {"study": "nothing", "short_title": "Nothing at *all*", "synthetic": True}
    study = copy.deepcopy(made_up.SETTINGS) | about
    study["report"] = study["report"] | {"engine": "pandoc"}
    return study | {"compare": {"old": side("2025-05-31"), "new": side("2025-12-31")} | compare}


def results(
    included: int = 8,
    events: int = 5,
    median: float | None = 6.55,
    hr: float | None = 0.5,
    upper: float = 0.9,
    p: float = 0.01,
) -> pd.DataFrame:
    """A cohort, one endpoint with its median and interval, one hazard ratio with interval and p-value."""
    km: dict[str, Any] = {"analysis": "km", "endpoint": "pfs", "n": included}
    cox: dict[str, Any] = {
        "analysis": "cox",
        "endpoint": "pfs",
        "model": "multivariable",
        "variable": "arm",
        "level": "b",
    }
    limit = {"conf_level": 0.95}
    rows = [
        result("flow.screened", 10.0, analysis="flow", unit="persons"),
        result("flow.included", float(included), analysis="flow", unit="persons"),
        result("pfs.events", float(events), unit="persons", **km),
        result("pfs.events_percent", 100 * events / included, unit="percent", **km),
        result("pfs.km.median", median, unit="months", note="" if median else "median not reached", **km),
        result("pfs.km.median_lower", 5.5, unit="months", **limit, **km),
        result("pfs.km.median_upper", 7.5, unit="months", **limit, **km),
        result("pfs.km.survival_6m", 0.285, unit="probability", time_months=6.0, **km),
        result("pfs.cox.multivariable.arm.b.n", 4.0, unit="persons", **cox),
        result("pfs.cox.multivariable.arm.b.events", 2.0, unit="persons", **cox),
        result("pfs.cox.multivariable.arm.b.hr", hr, unit="ratio", **cox),
        result("pfs.cox.multivariable.arm.b.lower", 0.3, unit="ratio", **limit, **cox),
        result("pfs.cox.multivariable.arm.b.upper", upper, unit="ratio", **limit, **cox),
        result("pfs.cox.multivariable.arm.b.p", p, unit="probability", **cox),
        result("response.orr.n", 4.0, analysis="response", variable="orr", unit="persons"),
        result("response.orr.percent", 50.0, analysis="response", variable="orr", unit="percent"),
        result("response.orr.lower", 21.5, analysis="response", variable="orr", unit="percent", **limit),
        result("response.orr.upper", 78.5, analysis="response", variable="orr", unit="percent", **limit),
    ]
    return conform(results_table(rows, "made_by_hand"), ARD)


HR, MEDIAN = "pfs.cox.multivariable.arm.b.hr", "pfs.km.median"


def comparison(old: pd.DataFrame, new: pd.DataFrame, study: dict[str, Any] | None = None, **tables: Any) -> Comparison:
    became = {row["key"]: row for row in rows_of(compare_results(old, new))}
    return Comparison(study or settings(), index_results([old]), index_results([new]), became, **tables)


def records(*rows: tuple[Any, ...]) -> pd.DataFrame:
    """Rows of changed records, of which no query was answered."""
    names = [name for name in CHANGED_RECORDS.names if name != "answered"]
    return conform(pd.DataFrame(list(rows), columns=names).assign(answered=0), CHANGED_RECORDS)


def flow(*rows: tuple[Any, ...]) -> pd.DataFrame:
    return conform(pd.DataFrame(list(rows), columns=FLOW.names), FLOW)


def steps(key: str, values: list[float | None], scale: str = "identity", **changes: Any) -> list[dict[str, Any]]:
    """The attribution of a result by its old value and its value after each cause; no piece depends on the order."""
    found, known, gap = [], values[0], False
    for position, (cause, before, after) in enumerate(zip(CAUSES, values, values[1:], strict=False), 1):
        measure = (lambda last, first: math.log(last / first)) if scale == "log" else (lambda last, first: last - first)
        piece = None if before is None or after is None else measure(after, before)
        joint = measure(after, known) if gap and known is not None and after is not None else None
        gap, known = after is None, known if after is None else after
        note = "" if piece is not None else "after this step: no events"
        row = {"key": key, "scale": scale, "position": position, "cause": cause, "before": before, "after": after}
        row |= {"piece": piece, "together": joint, "note": note, "smallest": piece, "largest": piece, "orders": 120}
        found.append(row | changes)
    return found


def attribution(*results_of: list[dict[str, Any]]) -> pd.DataFrame:
    rows = [row for of_result in results_of for row in of_result]
    return conform(pd.DataFrame(rows, columns=ATTRIBUTION.names), ATTRIBUTION)


def texts(grid: Grid) -> list[list[str]]:
    return [[row.label.text, *(cell.text for cell in row.cells)] for row in grid.rows]


def row_of(grid: Grid, label: str) -> list[str]:
    return next(row[1:] for row in texts(grid) if row[0].startswith(label))


# ── results as texts ─────────────────────────────────────────────────────────────────────────


def test_a_result_is_shown_with_what_belongs_to_it() -> None:
    found = index_results([results()])
    assert shown(MEDIAN, found) == "6.6 (5.50–7.50)"
    assert shown("pfs.events", found) == "5 (62.5)"
    assert shown("pfs.km.survival_6m", found) == "28.5"
    assert shown(HR, found) == "0.50 (0.30–0.90), p\u00a0=\u00a00.010"
    assert shown("pfs.cox.multivariable.arm.b.n", found) == "4 / 2"
    assert shown("response.orr.n", found) == "4"
    assert shown("response.orr.percent", found) == "50.0 (21.5–78.5)"
    assert shown("no.such", found) == "–"
    assert shown(MEDIAN, index_results([results(median=None)])) == "NE (5.50–7.50)"


@pytest.mark.parametrize(
    ("key", "new", "difference"),
    [
        (MEDIAN, {"median": 7.0}, "+0.45"),
        (MEDIAN, {"median": 6.55}, "0"),
        (MEDIAN, {"median": 6.5501}, "0.00"),
        (MEDIAN, {"median": None}, ""),
        ("pfs.events", {"events": 3}, "\u22122"),
        (HR, {"hr": 0.6}, "×\u00a01.200"),
        ("pfs.cox.multivariable.arm.b.p", {"p": 0.2}, ""),
    ],
)
def test_a_difference_is_that_of_its_scale_and_p_values_have_none(key: str, new: Any, difference: str) -> None:
    before, after = index_results([results()]), index_results([results(**new)])
    assert difference_shown(before[key], after[key]) == difference


def test_limits_percentages_and_p_values_have_no_row_of_their_own() -> None:
    own = comparison(results(), results()).own_rows
    assert [key for key in own if key.startswith("pfs.cox")] == ["pfs.cox.multivariable.arm.b.n", HR]
    assert "pfs.events_percent" not in own
    assert {"response.orr.n", "response.orr.percent"} <= set(own)


# ── in short ─────────────────────────────────────────────────────────────────────────────────


def test_the_top_says_who_came_what_happened_and_that_no_conclusion_moved() -> None:
    moves = flow(("criterion", "", "included", 8, 9, 0, 0, 2, 1))
    text = in_short.in_short(comparison(results(), results(included=9, events=7), flow=moves))
    assert "**9 patients included**, 8 before: 2 patients entered the cohort and 1 patient left it." in text
    assert "Progression-free survival: **2 more events** (progression or death), 5 before and 7 now." in text
    assert "Looked for and not seen: an interval of a ratio that crossed 1" in text


def test_the_top_begins_with_the_main_results_and_the_cause_that_moved_them_most() -> None:
    pieces = attribution(steps(MEDIAN, [6.55, 6.55, 6.65, 6.65, 6.25, 6.25, 7.0]))
    text = in_short.in_short(comparison(results(), results(median=7.0), attribution=pieces))
    first, second, *_ = text.split("\n\n")
    assert "**median 6.6 months (5.50–7.50) before, 7.0 months (5.50–7.50) now**" in first
    assert "Moved most by patients who entered (+0.75 months); how it is split depends on the causes' order" in first
    assert second == "- Objective response,\u00a0%: **50.0 (21.5–78.5) before, 50.0 (21.5–78.5) now**."


def test_the_top_says_of_a_main_result_that_nothing_moved_it_or_that_there_is_none() -> None:
    pieces = attribution(steps(MEDIAN, [6.55] * 7))
    assert "No cause moved it." in in_short.in_short(comparison(results(), results(), attribution=pieces))
    alone = in_short.in_short(comparison(results(), results(median=None)))
    assert "**median 6.6 months (5.50–7.50) before, not estimable now**" in alone
    assert "oved" not in alone.split("\n\n")[0]


def test_the_top_names_the_conclusions_that_moved() -> None:
    text = in_short.in_short(comparison(results(), results(hr=0.7, upper=1.2, p=0.2, median=8.0)))
    assert "**3 conclusions moved**" in text
    assert "arm: none against tablets \\| weekly (interval crossed 1)" in text
    assert "median, months (median left its old interval)" in text


def test_the_top_says_what_can_no_longer_be_estimated() -> None:
    text = in_short.in_short(comparison(results(), results(median=None)))
    assert "Can no longer be estimated: Progression-free survival: median, months." in text
    assert "Can now be estimated" in in_short.in_short(comparison(results(median=None), results()))


def test_without_any_change_the_top_says_so() -> None:
    text = in_short.in_short(comparison(results(), results()))
    assert "**Nothing changed:** all 18 results are what they were." in text
    assert "more event" not in text


def test_results_that_are_computed_otherwise_are_announced() -> None:
    old, new = (results().assign(method=method) for method in ("log", "plain"))
    assert "**18 results computed otherwise than before**" in in_short.in_short(comparison(old, new))


def test_two_versions_of_one_cut_are_called_that() -> None:
    old = side("2025-05-31", code={"pandas": "2.3.2", "lib/cutline/cox.py": "a", "python": "3.11"})
    new = side("2025-05-31", code={"pandas": "2.3.3", "lib/cutline/cox.py": "b", "python": "3.11"})
    found = comparison(results(), results(median=6.5500001), settings(old=old, new=new))
    assert "One cut, two versions of the program" in in_short.notice(found)
    about = sections.about(found)
    assert "Of the program differ: pandas 2.3.2 → 2.3.3; the code in cox.py." in about
    assert "The largest relative difference is 1.5e-08, of `pfs.km.median`." in about
    assert found.names == ("Old version", "New version")


def test_cuts_of_one_day_with_another_state_of_knowledge_are_told_apart() -> None:
    later = side("2025-05-31_known_by_2025-08-31") | {"data_cutoff": "2025-05-31", "known_by": "2025-08-31"}
    found = comparison(results(), results(), settings(new=later))
    assert not found.one_cut
    assert found.names == ("Known by 31 May 2025", "Known by 31 August 2025")


# ── records ──────────────────────────────────────────────────────────────────────────────────


def test_silent_rewrites_stand_in_a_callout_of_their_own() -> None:
    found = records(("deaths", "corrected", "", 3, 2, 2, 0), ("deaths", "corrected", "death_date", 3, 2, 2, 0),
                    ("deaths", "late", "", 1, 1, 0, 0))  # fmt: skip
    text = sections.records(comparison(results(), results(), records=found))
    assert re.search(
        r"callout-warning title=\"History was rewritten\"}\n\*\*2 records\*\* .*\(deaths: 2 corrected\)", text
    )
    assert "Deaths: date of death | Corrected | 3 | 2" in text
    assert "**2 records changed without a trace**" in in_short.in_short(comparison(results(), results(), records=found))


def test_records_that_an_answered_query_corrected_are_said_to_be_so() -> None:
    found = records(("deaths", "corrected", "", 3, 2, 0, 0), ("deaths", "corrected", "death_date", 3, 2, 0, 0))
    text = sections.records(comparison(results(), results(), records=found.assign(answered=[2, 2])))
    assert "**2 of these records differ because a query was answered** (deaths: 2 corrected)." in text
    assert "a query was answered" not in sections.records(comparison(results(), results(), records=found))


def test_dated_changes_are_no_rewrite_of_history() -> None:
    found = records(("deaths", "corrected", "", 3, 2, 0, 0), ("visits", "late", "", 1, 1, 0, 0))
    text = sections.records(comparison(results(), results(), records=found))
    assert "callout" not in text
    assert "| Deaths | 3 (2) | 0 | 0 | 0 | 0 |" in text


def test_deletions_are_said_to_be_datable_by_nobody() -> None:
    found = records(("deaths", "deleted", "", 2, 2, 0, 2), ("visits", "deleted", "", 1, 1, 0, 1))
    whole = comparison(results(), results(), records=found)
    text = sections.records(whole)
    assert "Nobody can date **3 deleted records (deaths and visits)**" in text
    assert "recording date" not in text
    assert "When the deleted records disappeared cannot be told" in in_short.in_short(whole)


@pytest.mark.parametrize(
    ("table", "column", "said"),
    [
        ("pathology", "her2_ihc", "HER2 immunohistochemistry"),
        ("pathology", "er_percent", "oestrogen receptor, percent of nuclei"),
        ("observations", "value", "the value"),
        ("treatments", "stop_date", "last day of the drug"),
        ("treatments", "stop_reason", "stop reason"),
        ("subjects", "of_the_study", "of the study"),
    ],
    ids=["an example cut off", "how it is written cut off", "a short one", "a remark cut off", "a list of values",
         "the study's own column"],
)  # fmt: skip
def test_a_column_is_called_by_what_it_holds(table: str, column: str, said: str) -> None:
    assert column_name(table, column) == said


def test_a_source_without_recording_dates_is_said_to_tell_nothing() -> None:
    found = records(("subjects", "corrected", "", 3, 2, 0, 3))
    text = sections.records(comparison(results(), results(), records=found))
    assert "When this was written cannot be told" in text
    assert "3 changed records (subjects)" in text
    assert "Nobody can date" not in text


def test_without_the_patient_level_each_section_says_so_and_the_rest_stands() -> None:
    found = comparison(results(), results(included=9), settings(unavailable="The old cut is an archive."))
    assert "cannot be said" in sections.records(found)
    assert "Patients included | 8 | 9 | +1" in sections.cohort(found)
    assert "The old cut is an archive." in sections.attribution(found)
    assert not sections.further_attribution(found)


# ── cohort ───────────────────────────────────────────────────────────────────────────────────


def test_the_cohort_shows_criteria_and_only_what_somebody_moved_in() -> None:
    moves = flow(
        ("criterion", "", "no_scan", 2, 1, 0, 0, 0, 1), ("criterion", "", "included", 8, 9, 0, 0, 1, 0),
        ("criterion", "", "no_consent", 0, 0, 0, 0, 0, 0),
        ("variable", "arm", "a", 4, 4, 0, 0, 0, 0), ("variable", "ecog", "0", 6, 5, 0, 0, 0, 1),
        ("variable", "ecog", "", 0, 1, 0, 0, 1, 0), ("response", "", "PR", 4, 4, 0, 0, 0, 0),
    )  # fmt: skip
    text = sections.cohort(comparison(results(), results(), flow=moves))
    assert "| No scan | 2 | 1 | 0 | 0 | 0 | 1 |" in text
    assert "No consent" not in text, "a criterion that nobody fails on either side"
    assert "**ECOG performance status**" in text
    assert "Unknown | 0 | 1 | 0 | 0 | 1 | 0" in text
    assert "**Arm**" not in text
    assert "must not leave" in text


def test_the_list_of_persons_is_where_the_rule_writes_it() -> None:
    rule = (ROOT / "workflow/rules/compare.smk").read_text(encoding="utf-8")
    (written,) = re.findall(r'persons=f"\{CUT\}/(.*)"', rule)
    assert f"`{written}`" in sections.MUST_NOT_LEAVE


# ── attribution ──────────────────────────────────────────────────────────────────────────────


def attributed(*results_of: list[dict[str, Any]], new: pd.DataFrame) -> tuple[Comparison, str]:
    found = comparison(results(), new, attribution=attribution(*results_of))
    return found, sections.attribution(found)


def test_the_pieces_shown_add_up_to_the_difference_shown() -> None:
    values: list[float | None] = [6.55, 6.554, 6.558, 6.562, 6.566, 6.566, 6.566]
    found, _ = attributed(steps(MEDIAN, values), new=results(median=6.566))
    cells = row_of(grids.attribution_grid(found, steps_of(found), "x"), "Median, months: 6.6")
    assert cells == ["+0.01", "+0.01", "0", "0", "0", "0", "+0.02"]


def test_hazard_ratios_are_split_on_the_log_scale_with_what_each_piece_multiplies_by() -> None:
    values: list[float | None] = [0.5, 0.5, 0.55, 0.55, 0.55, 0.55, 0.6]
    found, text = attributed(steps(HR, values, "log"), new=results(hr=0.6))
    grid = grids.attribution_grid(found, steps_of(found), "x")
    label = "Arm: none against tablets | weekly: 0.50"
    assert row_of(grid, label) == ["0", "+0.095", "0", "0", "0", "+0.087", "+0.182"]
    assert row_of(grid, "multiplies by") == ["", "×\u00a01.100", "", "", "", "×\u00a01.091", "×\u00a01.200"]
    assert "log scale" in text


def test_a_range_stands_below_the_pieces_that_depend_on_the_order_and_only_there() -> None:
    of_median = steps(MEDIAN, [6.55, 6.55, 6.95, 6.95, 6.95, 6.95, 7.0])
    of_median[1] |= {"smallest": -0.1, "largest": 0.4, "orders": 60}
    found, text = attributed(of_median, new=results(median=7.0))
    grid = grids.attribution_grid(found, steps_of(found), "x")
    assert row_of(grid, "over all orders") == ["", "\u22120.10 to +0.40", "", "", "", "", ""]
    assert any("60 of 120 orders" in note.text for note in grid.notes)
    assert "depends on the order of the causes" in text


def test_a_printed_piece_lies_within_its_printed_range() -> None:
    of_median = steps(MEDIAN, [6.55, 6.554, 6.558, 6.562, 6.566, 6.566, 6.566])
    of_median[1] |= {"smallest": 0.0001, "largest": 0.0062}
    of_median[2] |= {"smallest": -0.016, "largest": 0.004}
    of_median[3] |= {"smallest": 0.0038, "largest": 0.0041}
    found, _ = attributed(of_median, new=results(median=6.566))
    grid = grids.attribution_grid(found, steps_of(found), "x")
    assert row_of(grid, "Median")[1:4] == ["+0.01", "0", "0"]
    assert row_of(grid, "over all orders")[1:4] == ["0 to +0.01", "\u22120.02 to +0.01", ""]


def test_a_step_without_a_piece_that_has_one_in_other_orders_has_that_number() -> None:
    of_median = steps(MEDIAN, [6.55, None, 6.65, 6.65, 6.65, 6.65, 6.65])
    of_median[1] |= {"smallest": 0.1, "largest": 0.1, "orders": 60}
    found, _ = attributed(of_median, new=results(median=6.65))
    assert row_of(grids.attribution_grid(found, steps_of(found), "x"), "over all orders")[1] == "+0.10"


def test_a_state_without_a_level_is_said_to_have_nobody_in_it() -> None:
    of_ratio = steps(HR, [0.5, 0.5, None, 0.6, 0.6, 0.6, 0.6], "log")
    of_ratio[1] |= {"note": "after this step: no such result"}
    of_ratio[2] |= {"note": "before this step: no such result"}
    of_median = steps(MEDIAN, [None, 6.65, 6.65, 6.65, 6.65, 6.65, 6.65])
    of_median[0] |= {"note": "before this step: no such result"}
    _, text = attributed(of_ratio, of_median, new=results(hr=0.6, median=6.65))
    assert "After this step no patient has this level." in text
    assert "The old cut has no such result." in text
    assert "no such result" not in text.replace("The old cut has no such result", "")


def test_nothing_is_multiplied_below_a_printed_zero() -> None:
    found, _ = attributed(steps(HR, [0.5, 0.5, 0.5001, 0.5, 0.5, 0.5, 0.6], "log"), new=results(hr=0.6))
    grid = grids.attribution_grid(found, steps_of(found), "x")
    assert row_of(grid, "multiplies by")[1:3] == ["", ""]


def test_the_causes_say_whose_records_they_are_and_up_to_when() -> None:
    _, text = attributed(steps("pfs.events", [5.0] * 6 + [7.0]), new=results(events=7))
    for cause in ("Corrected", "Late", "Follow-up"):
        assert re.search(rf"\*\*{cause}\*\*: .*31 May 2025.*of patients of both cohorts only", text)
    assert "whatever the reason they left" in text
    assert "in it now and were not before" in text


def test_a_step_that_cannot_be_estimated_is_a_state_with_its_reason() -> None:
    found, _ = attributed(steps(HR, [0.5, 0.5, None, 0.6, 0.6, 0.6, 0.6], "log"), new=results(hr=0.6))
    grid = grids.attribution_grid(found, steps_of(found), "x")
    assert row_of(grid, "Arm") == ["0", "NE", "+0.182", "0", "0", "0", "+0.182"]
    assert [note.text for note in grid.notes] == [
        "After this step: no events.", "Together with the steps before it that have no piece of their own.",
    ]  # fmt: skip


def test_a_result_that_cannot_be_estimated_any_more_has_no_sum() -> None:
    found, _ = attributed(steps(MEDIAN, [6.55, 6.55, 6.65, 6.65, 6.65, 6.65, None]), new=results(median=None))
    cells = row_of(grids.attribution_grid(found, steps_of(found), "x"), "Median")
    assert cells == ["0", "+0.10", "0", "0", "0", "NE", "NE"]


def test_results_that_no_cause_moved_are_only_named() -> None:
    _, text = attributed(steps(MEDIAN, [6.55] * 7), steps("pfs.events", [5.0] * 6 + [7.0]), new=results(events=7))
    assert "Moved by no cause: Progression-free survival: median, months." in text
    assert "Events: 5\u00a0→\u00a07" in text


def test_p_values_are_shown_before_and_after_but_have_no_difference() -> None:
    found = comparison(results(), results(p=0.04))
    row = row_of(grids.results_grid(found, [HR], "x"), "Arm")
    assert row == ["0.50 (0.30–0.90), p\u00a0=\u00a00.010", "0.50 (0.30–0.90), p\u00a0=\u00a00.040", "×\u00a01.000"]


# ── tables of changed results ────────────────────────────────────────────────────────────────


def test_only_changed_results_are_listed_and_new_and_gone_ones_say_so() -> None:
    old, new = results(), results(median=7.0)
    new = new[new["key"] != "response.orr.n"]
    old = old[old["key"] != "flow.screened"]
    text = sections.everything(comparison(old, new))
    assert "Patients screened | – | 10 | new" in text
    assert "Objective response | 4 | – | gone" in text
    assert "Events" not in text
    assert sections.everything(comparison(old, old)) == "No result changed."


def test_a_moved_conclusion_is_marked_where_the_result_stands() -> None:
    grid = grids.results_grid(comparison(results(), results(median=8.0)), [MEDIAN], "x")
    assert grid.rows[-1].cells[-1].marks == ("a",)
    assert any(note.mark == "a" and note.text == "Median left its old interval." for note in grid.notes)


def past_the_last(at_risk: float) -> pd.DataFrame:
    about: dict[str, Any] = {"analysis": "km", "endpoint": "pfs", "time_months": 24.0, "n": 8}
    rows = [result("pfs.km.survival_24m", 0.0, unit="probability", **about),
            result("pfs.km.at_risk_24m", at_risk, unit="persons", **about)]  # fmt: skip
    return pd.concat([results(), conform(results_table(rows, "made_by_hand"), ARD)], ignore_index=True)


def test_landmarks_beyond_the_last_patient_of_both_sides_are_no_headline() -> None:
    late = "pfs.km.survival_24m"
    assert late not in comparison(past_the_last(0), past_the_last(0)).headline
    assert late in comparison(past_the_last(0), past_the_last(1)).headline
    assert late in comparison(results(), past_the_last(0)).headline
    assert late in comparison(past_the_last(0), past_the_last(0)).own_rows


def test_differences_of_percentages_are_said_to_be_percentage_points() -> None:
    said = "percentage points"
    for keys, points in ((["pfs.events"], True), ([MEDIAN], False)):
        notes = grids.results_grid(comparison(results(), results()), keys, "x").notes
        assert any(said in note.text for note in notes) is points


def test_new_values_lead_to_the_audit_page_where_there_is_one() -> None:
    linked = grids.results_grid(comparison(results(), results(), settings(audit=True)), [MEDIAN], "x")
    plain = grids.results_grid(comparison(results(), results()), [MEDIAN], "x")
    assert [bool(cell.keys) for cell in linked.rows[-1].cells] == [False, True, False]
    assert not any(cell.keys for cell in plain.rows[-1].cells)


# ── figure ───────────────────────────────────────────────────────────────────────────────────


def sides(curves: pd.DataFrame) -> list[Side]:
    found = index_results([made_up.survival()])
    return [Side("31 May 2025", found, curves), Side("31 December 2025", found, curves)]


def test_both_curves_are_drawn_the_old_one_dashed_and_without_a_band() -> None:
    with house_style():
        figure, data = draw_changes("pfs", made_up.settings(), sides(made_up.curves()))
        svg = as_bytes(figure, "x", "svg")
        assert svg == as_bytes(draw_changes("pfs", made_up.settings(), sides(made_up.curves()))[0], "x", "svg")
    assert list(dict.fromkeys(data["cut"])) == ["31 May 2025", "31 December 2025"]
    plot, words = figure.axes
    assert [line.get_linestyle() for line in plot.lines if line.get_marker() == "None"][:2] == ["--", "-"]
    written = [text.get_text() for text in words.texts]
    assert written.count("8") == 2, "numbers at risk of both at time 0"
    assert not any("og-rank" in text for text in written)


def test_groups_keep_their_colour_at_both_cuts() -> None:
    study = made_up.settings(comparisons={"main": "arm", "in_figures": True})
    with house_style():
        figure, _ = draw_changes("pfs", study, sides(made_up.curves()))
    curves = [line for line in figure.axes[0].lines if line.get_marker() == "None" and len(line.get_xdata()) > 2]
    assert [line.get_color() for line in curves[:2]] == [curves[0].get_color()] * 2
    assert len({line.get_color() for line in curves}) == 2


def test_a_figure_without_anybody_says_so() -> None:
    with house_style():
        figure, data = draw_changes("pfs", made_up.settings(), sides(made_up.no_curves()))
    assert data.empty
    assert next(text.get_text() for text in figure.axes[0].texts) == "No patient was included."


def test_the_description_of_a_figure_holds_both_medians() -> None:
    described = changes_alt_text("pfs", made_up.settings(), sides(made_up.no_curves()))
    assert described.count("median") == 2
    assert "31 December 2025" in described


# ── the page ─────────────────────────────────────────────────────────────────────────────────


def sources() -> list[Path]:
    return [path for path in sorted((ROOT / "reports").rglob("*")) if path.is_file()]


def rendered(**changes: Any) -> dict[str, Any]:
    inputs: dict[str, Any] = {
        "settings": settings(),
        "old_ard": results(),
        "new_ard": results(included=9, events=7, median=8.0, hr=0.6),
        "old_curves": [made_up.curves()],
        "new_curves": [made_up.curves()],
        "sources": sources(),
        "records": records(("deaths", "corrected", "", 3, 2, 2, 0), ("deaths", "follow_up", "", 5, 5, 0, 0)),
        "flow": flow(("criterion", "", "no_scan", 2, 1, 0, 0, 0, 1), ("criterion", "", "included", 8, 9, 0, 0, 1, 0)),
        "attribution": attribution(
            steps(MEDIAN, [6.55, 6.55, 6.6, 6.6, 7.0, 7.0, 8.0]), steps(HR, [0.5, 0.5, None, 0.6, 0.6, 0.6, 0.6], "log")
        ),
    }
    return compare_cuts(**inputs | changes)


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return rendered()


def test_the_page_has_every_section_and_no_markup(report: dict[str, Any]) -> None:
    text = words(report["html"].decode())
    for said in ("What changed: Nothing at *all*", "Data cut-off 31 May 2025 → 31 December 2025", "Synthetic data",
                 "1 conclusion moved", "History was rewritten", "Why they moved", "Every changed result"):  # fmt: skip
        assert said in text
    assert not re.search(r"\{\{|:::|\{#|\{\.|@(fig|tbl|sec)-|\?\?|\bnan\b", text)


def test_the_page_is_one_file_that_asks_for_nothing_and_describes_its_figure(report: dict[str, Any]) -> None:
    html = report["html"].decode()
    assert not re.findall(r'(?:src|href)="(?!#|data:)[^"]*"', html)
    assert "<script" not in html
    assert re.search(r'<img [^>]*alt="Kaplan-Meier curves of progression-free survival at both cuts', html)


def test_every_changed_result_comes_last(report: dict[str, Any]) -> None:
    assert re.findall(r"^# (.*?) *(?:\{.*)?$", report["qmd"], re.MULTILINE)[-1] == "Every changed result"


def test_the_page_says_which_file_each_number_is_from(report: dict[str, Any]) -> None:
    said = "the pieces, are read from `aggregate/changes/*.csv`"
    assert said in report["qmd"]
    assert said not in sections.about(comparison(results(), results()))


def test_word_has_the_same_tables_and_the_figure(report: dict[str, Any]) -> None:
    inside = parts(report["docx"])
    assert inside["word/document.xml"].count("<w:tbl>") == report["html"].decode().count("<table")
    assert any(name.endswith(".png") for name in inside)
    assert "1980-01-01T00:00:00Z" in inside["docProps/core.xml"]


def test_equal_inputs_give_equal_bytes(report: dict[str, Any]) -> None:
    again = rendered()
    assert {name for name, content in report.items() if name != "csv" and content != again[name]} == set()
    pd.testing.assert_frame_equal(report["csv"], again["csv"])


def test_results_alone_make_a_page_too_even_without_a_curve() -> None:
    alone = {"records": None, "flow": None, "attribution": None, "old_curves": [], "new_curves": [made_up.no_curves()]}
    html = rendered(settings=settings(unavailable="An archive.", audit=True), **alone)["html"].decode()
    assert "An archive." in words(html)
    assert "Headline results before and after" in words(html)
    assert re.search(r'<a href="audit.html#pfs.km.median"[^>]*data-source="made_by_hand, n = 9"[^>]*>8.0 ', html)


def test_a_frame_that_asks_for_an_unknown_part_is_refused_with_its_line(tmp_path: Path) -> None:
    frame = tmp_path / "changes.qmd"
    frame.write_text("---\nformat: {}\n---\n\n{{< generated in_shirt >}}\n", encoding="utf-8")
    others = [path for path in sources() if path.name != "changes.qmd"]
    with pytest.raises(ReportError, match=r"line 5: nothing is generated under 'in_shirt'.*in_short"):
        rendered(sources=[frame, *others])
    with pytest.raises(ReportError, match="expected exactly one among the sources, found 0"):
        rendered(sources=others)
