"""Tables from results: what a reader sees, in Markdown, HTML and CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pandas as pd
import pytest

from cutline.ard import result, results_table
from cutline.display.catalogue import tables
from cutline.display.grid import Cell, Footnotes, Grid, GridRow, Note, to_csv, to_html, to_markdown, to_the_left
from cutline.display.lookup import index_results
from cutline.display.table_quality import completeness_grid, plausibility_grid
from cutline.display.tables import present_tables
from cutline.errors import ConfigError
from cutline.languages import speaking
from tests.unit import display_study as study

BASELINE, COX = "table_1_baseline", "table_2_cox_pfs"
SUMMARY = "table_S2_survival_summary_pfs"
RESPONSES, EVENTS = "table_3_responses", "table_4_adverse_events"


def present(
    baseline: pd.DataFrame | None = None, /, cox: pd.DataFrame | None = None, survival: pd.DataFrame | None = None,
    **changes: object,
) -> dict[str, str]:  # fmt: skip
    estimated = {} if survival is None else {"estimate_survival": survival}
    return present_tables(
        **estimated,
        styles=study.STYLES,
        settings=study.settings(**changes),
        summarise_baseline=study.baseline() if baseline is None else baseline,
        fit_cox=study.cox() if cox is None else cox,
        summarise_safety=study.safety(),
    )


def rows_of(text: str) -> dict[tuple[str, str], list[str]]:
    """The CSV as {(heading, level): cells}."""
    return {(row[0], row[1]): row[2:] for row in csv.reader(io.StringIO(text))}


def test_every_table_of_the_catalogue_is_made_in_three_forms():
    expected = {f"{exhibit.name}_{kind}" for exhibit in tables(study.settings()) for kind in ("md", "html", "csv")}
    assert set(present()) == expected


def test_the_same_results_give_the_same_bytes():
    assert present() == present()


# ── baseline ─────────────────────────────────────────────────────────────────────────────────


def test_a_continuous_variable_shows_mean_median_and_range_whole_numbers_without_decimals():
    rows = rows_of(present()[f"{BASELINE}_csv"])
    assert rows["Age at diagnosis, years", "Mean ± SD"] == ["40.0 ± 10.0"]
    assert rows["Age at diagnosis, years", "Median (IQR)"] == ["14.3 (0.1–60)"]
    assert rows["Age at diagnosis, years", "Range"] == ["33–77"]


def with_age(**values: float) -> pd.DataFrame:
    """The results with other statistics of age."""
    ard = study.baseline()
    for statistic, value in values.items():
        ard.loc[ard["key"] == f"baseline.age.{statistic}", "value"] = value
    return ard


@pytest.mark.parametrize(
    ("data", "mean", "median", "spread"),
    [
        ({"min": 33.0, "max": 77.0}, "40.0 ± 10.0", "14.3 (0.1–60)", "33–77"),
        ({"min": 0.5, "max": 7.0}, "40.0 ± 10.0", "14.3 (0.1–60)", "0.5–7"),
        ({"min": 0.85, "max": 7.0}, "40.00 ± 10.00", "14.25 (0.05–60.00)", "0.85–7.00"),
        ({"min": 7.622177, "max": 46.882957}, "40.0 ± 10.0", "14.3 (0.1–60)", "7.6–46.9"),
    ],
)
def test_decimals_follow_the_data_and_of_computed_numbers_there_is_one(data, mean, median, spread):
    rows = rows_of(present(with_age(**data))[f"{BASELINE}_csv"])
    found = [rows["Age at diagnosis, years", name] for name in ("Mean ± SD", "Median (IQR)", "Range")]
    assert found == [[mean], [median], [spread]]


def test_a_level_shows_its_count_and_percentage():
    rows = rows_of(present()[f"{BASELINE}_csv"])
    assert rows["ECOG performance status, n (%)", "1"] == ["2 (25)"]


@pytest.mark.parametrize(("included", "shown"), [(19, "2 (25)"), (20, "2 (25.0)")])
def test_percentages_of_fewer_than_twenty_patients_are_whole_and_a_footnote_says_so(included, shown):
    ard = study.baseline()
    ard.loc[ard["key"] == "flow.included", "value"] = included
    text = present(ard)
    assert rows_of(text[f"{BASELINE}_csv"])["ECOG performance status, n (%)", "1"] == [shown]
    assert ("Percentages of fewer than 20 patients are whole" in text[f"{BASELINE}_md"]) == (included < 20)


def test_the_header_states_the_denominator():
    assert "All patients (n\u00a0=\u00a08)" in present()[f"{BASELINE}_md"].splitlines()[0]


def test_every_characteristic_has_a_row_of_its_missing_values_also_without_any():
    some, none = (rows_of(present(study.baseline(ecog_missing=n))[f"{BASELINE}_csv"]) for n in (1, 0))
    assert some["ECOG performance status, n (%)", "Missing"] == ["1 (13)"]
    assert none["ECOG performance status, n (%)", "Missing"] == ["0"]
    assert none["Age at diagnosis, years", "Missing"] == ["0"]


def test_a_characteristic_that_is_yes_or_no_has_its_yes_beside_its_name():
    arm = {"label": "Tablets", "kind": "categorical", "levels": {"yes": "Yes", "no": "No"}}
    ard = study.baseline()
    ard["key"] = ard["key"].str.replace("baseline.arm.a.", "baseline.arm.yes.", regex=False)
    rows = rows_of(present(ard, variables=study.SETTINGS["variables"] | {"arm": arm})[f"{BASELINE}_csv"])
    assert rows["Tablets, n (%)", ""] == ["4 (50)"]
    assert ("Tablets, n (%)", "Yes") not in rows
    assert rows["Tablets, n (%)", "Missing"] == ["0"]


def test_the_footnote_says_whose_percentages_they_are():
    assert "Percentages are of all patients" in present()[f"{BASELINE}_md"]
    assert "whose value is known" in present(study.baseline(ecog_missing=1))[f"{BASELINE}_md"]


def test_a_level_that_nobody_has_has_no_row_and_a_footnote_says_so():
    shown = present()
    assert ("ECOG performance status, n (%)", "2") not in rows_of(shown[f"{BASELINE}_csv"])
    assert "Categories without a patient are not listed." in shown[f"{BASELINE}_md"]


def test_a_level_that_nobody_has_is_a_row_of_zeros_where_the_study_wants_it():
    wanted = study.settings(baseline=study.SETTINGS["baseline"] | {"empty_levels": True})
    parts = {"summarise_baseline": study.baseline(), "fit_cox": study.cox(), "summarise_safety": study.safety()}
    shown = present_tables(styles=study.STYLES, settings=wanted, **parts)
    assert rows_of(shown[f"{BASELINE}_csv"])["ECOG performance status, n (%)", "2"] == ["0 (0)"]
    assert "not listed" not in shown[f"{BASELINE}_md"]


def test_groups_have_their_own_columns_with_their_size():
    shown = present_by_arm()
    header, *_ = csv.reader(io.StringIO(shown))
    assert header[2:] == ["All patients (n = 8)", "Tablets | weekly (n = 4)", "None (n = 4)", "SMD"]
    assert rows_of(shown)["ECOG performance status, n (%)", "1"] == ["2 (25)", "1", "1", ""]


def test_how_far_groups_differ_stands_beside_the_characteristic_and_not_beside_the_one_that_makes_them():
    rows = rows_of(present_by_arm())
    assert rows["ECOG performance status, n (%)", ""] == ["", "", "", "0.29"]
    assert rows["Age at diagnosis, years", ""] == ["", "", "", "NE"]
    assert rows["Arm, n (%)", ""] == ["", "", "", ""]
    assert rows["Arm, n (%)", "None"] == ["4 (50)", "", "", ""]


def test_a_p_value_is_there_only_if_asked_for_and_names_its_test():
    shown = present_by_arm("md", p_values=True)
    assert "| SMD | p |" in shown
    assert '0.046]{.result key="baseline.arm.ecog.p"}^c^' in shown
    assert r"^c^Fisher\'s exact test." in shown
    assert " p |" not in present_by_arm("md").splitlines()[0]


def test_each_further_grouping_has_a_table_of_its_own_behind_the_others():
    by = {"variables": ["age", "ecog", "arm"], "by": ["ecog", "arm"]}
    made = present(study.baseline(), baseline=by)
    assert "table_S2_baseline_arm_csv" in made
    header, *_ = csv.reader(io.StringIO(made["table_S2_baseline_arm_csv"]))
    assert header[3:] == ["Tablets | weekly (n = 4)", "None (n = 4)", "SMD"]


def test_the_date_each_characteristic_is_timed_by_is_stated_below():
    variables = study.SETTINGS["variables"] | {"start": {"label": "Start of treatment", "kind": "date"}}
    variables |= {name: variables[name] | {"anchor": "start"} for name in ("age", "ecog")}
    text = present(variables=variables)[f"{BASELINE}_md"]
    assert "Timed at start of treatment (age at diagnosis, ECOG performance status)." in text


def present_by_arm(kind: str = "csv", **baseline: object) -> str:
    by = {"analysis": "baseline", "group": "arm", "n": 8}
    compared = [
        result("baseline.arm.age.smd", None, note="too few known values", variable="age", **by),
        result("baseline.arm.ecog.smd", 0.2912, variable="ecog", **by),
        result("baseline.arm.age.p", None, note="too few known values", variable="age", **by),
        result("baseline.arm.ecog.p", 0.0461, variable="ecog", method="Fisher's exact test", **by),
    ]
    ard = pd.concat([study.baseline(), results_table(compared, "summarise_baseline").astype(object)])
    return present(ard, baseline={"variables": ["age", "ecog", "arm"], "by": ["arm"]} | baseline)[f"{BASELINE}_{kind}"]


# ── selection ────────────────────────────────────────────────────────────────────────────────

SELECTION = "table_S2_selection"


def present_selection(*rows: dict) -> dict[str, str]:
    ard = pd.concat([study.baseline(), results_table(rows, "summarise_baseline").astype(object)])
    shown = present(ard, selection={"variables": ["age", "ecog", "arm"]})
    return {kind: shown[f"{SELECTION}_{kind}"] for kind in ("csv", "md")}


def step(criterion: str, removed: int, remaining: int, **rows: float | str) -> list[dict]:
    """A step with its sizes and, by variable, a difference or the reason why there is none."""
    sizes = [result(f"selection.{criterion}={side}.n", n) for side, n in
             (("removed", removed), ("remaining", remaining))]  # fmt: skip
    return sizes + [
        result(f"selection.{criterion}.{name}.smd", None if isinstance(found, str) else found,
               note=found if isinstance(found, str) else "") for name, found in rows.items()
    ]  # fmt: skip


def test_each_step_that_removed_anyone_is_a_column_with_the_largest_difference_marked():
    decided, few = "the criterion itself decides on it", "too few known values in a group"
    shown = present_selection(
        *step("her2_positive", 2, 8, age=0.125, ecog=0.7, arm=decided),
        *step("no_scan", 0, 8),
        *step("too_young", 1, 7, age=few, ecog=0.1, arm=0.05),
        *(result(f"selection.too_young={side}.ecog.missing", n) for side, n in (("removed", 0), ("remaining", 3))),
    )  # fmt: skip
    header, *rows = csv.reader(io.StringIO(shown["csv"]))
    assert header[2:] == [
        "HER2-positive disease (2 removed, 8 remained)",
        "Younger than 18 years (1 removed, 7 remained)",
    ]
    assert [row[2:] for row in rows] == [["0.13", "NE"], ["0.70", "0.10 (0/3)"], ["–", "0.05"]]
    assert "^b^The largest difference at this step." in shown["md"]
    assert re.findall(r"\[([^]]*)\]\{[^}]*\}\^b\^", shown["md"]) == ["0.70", "0.10 (0/3)"]
    assert "Steps that removed nobody are left out (1)." in shown["md"]


def test_where_no_step_removed_anyone_the_table_says_so():
    shown = present_selection(*step("her2_positive", 0, 8), *step("no_scan", 0, 8), *step("too_young", 0, 8))
    assert "No step removed anyone." in shown["md"]


def test_a_unit_does_not_break_in_a_document_and_is_plain_in_the_csv():
    variables = study.SETTINGS["variables"] | {"age": {"label": "Receptor", "kind": "continuous", "unit": "fmol/mg x"}}
    shown = present(variables=variables)
    assert "**Receptor, fmol\u2060/\u2060mg\u00a0x**" in shown[f"{BASELINE}_md"]
    assert ("Receptor, fmol/mg x", "Range") in rows_of(shown[f"{BASELINE}_csv"])


def test_the_note_of_a_variable_and_the_method_of_its_quartiles_are_footnotes():
    text = present()[f"{BASELINE}_md"]
    assert "**ECOG performance status, n\u00a0(%)**^a^" in text
    assert "^a^At the start of treatment." in text
    assert "IQR, first to third quartile, as in SPSS (weighted average)." in text


def test_a_cohort_of_nobody_makes_a_table_that_says_so():
    nobody = results_table([result("flow.screened", 3.0), result("flow.included", 0.0)], "summarise_baseline")
    assert "No patient was included." in present(nobody)[f"{BASELINE}_md"]


def test_every_mark_in_the_table_of_a_cohort_of_nobody_has_its_footnote():
    about = {"analysis": "baseline", "variable": "age", "note": "too few known values"}
    rows = [
        result("flow.included", 0.0),
        *(result(f"baseline.age.{name}", None, **about) for name in ("median", "min")),
    ]
    text = present(results_table(rows, "summarise_baseline"))[f"{BASELINE}_md"]
    assert "NE]{.result" in text
    assert "}^a^ |" in text
    assert "No patient was included. ^a^Too few known values." in text


# ── Cox models ───────────────────────────────────────────────────────────────────────────────


def test_a_hazard_ratio_has_two_decimals_and_per_unit_three():
    rows = rows_of(present()[f"{COX}_csv"])
    assert rows["Arm", "None"][:4] == ["4", "2", "0.68 (0.01–1.35)", "0.050"]
    assert rows["Age at diagnosis, years", ""][2:4] == ["0.999 (0.998–1.000)", "<0.001"]


def test_the_reference_level_reads_1_reference():
    assert rows_of(present()[f"{COX}_csv"])["ECOG performance status", "0"] == [
        "6", "5", "1 (reference)", "", "1 (reference)", "",
    ]  # fmt: skip


def test_what_is_not_estimable_reads_ne_and_says_why_below():
    shown = present()
    assert rows_of(shown[f"{COX}_csv"])["ECOG performance status", "1"][2:] == ["NE", "NE", "NE", "NE"]
    assert "^b^Not estimable (no events in this level)." in shown[f"{COX}_md"]


def test_an_interval_without_upper_limit_shows_ne_in_its_place():
    assert rows_of(present()[f"{COX}_csv"])["Age at diagnosis, years", ""][4:] == ["1.010 (0.990–NE)", "0.25"]


def test_a_variable_that_is_not_in_the_multivariable_model_has_a_dash_there():
    assert rows_of(present()[f"{COX}_csv"])["Arm", "None"][4:] == ["–", "–"]


def test_the_footnote_states_the_patients_of_the_multivariable_model_and_the_method():
    text = present()[f"{COX}_md"]
    assert "rests on 7 patients with 5 events (left out because a characteristic is unknown: 1)." in text
    assert "Method: Cox regression, breslow ties." in text


def test_one_patient_and_one_event_are_singular_in_the_footnote():
    rows = [result(f"pfs.cox.multivariable.{name}", 1.0) for name in ("n", "events", "excluded")]
    assert "rests on 1 patient with 1 event (left" in present(cox=results_table(rows, "fit_cox"))[f"{COX}_md"]


def test_an_endpoint_without_events_says_so():
    counts = {"n": 8.0, "events": 0.0, "excluded": 0.0}
    rows = [result(f"pfs.cox.multivariable.{name}", value) for name, value in counts.items()]
    text = present(cox=results_table(rows, "fit_cox"))[f"{COX}_md"]
    assert "Progression-free survival: no event was observed, so no hazard ratio can be estimated." in text


def with_tests() -> pd.DataFrame:
    """The models with the tests that stand below the table, and that of all levels of ECOG together."""
    multivariable = {"likelihood_ratio.p": 0.031, "likelihood_ratio.df": 3.0, "wald.p": 0.04, "score.p": 0.0004,
                     "concordance": 0.655, "concordance_se": 0.05, "aic": 123.45, "ecog.overall.p": 0.2,
                     "zph.km.global.p": 0.6, "zph.km.age.p": 0.31, "zph.km.ecog.p": None}  # fmt: skip
    rows = [
        result(f"pfs.cox.multivariable.{name}", value, analysis="cox_model") for name, value in multivariable.items()
    ]
    rows.append(result("pfs.cox.univariable.ecog.overall.p", None, note="not estimable (a level has no estimate)"))
    return pd.concat([study.cox()[lambda t: ~t["key"].str.contains("zph")], results_table(rows, "fit_cox")])


def test_a_variable_with_more_than_two_levels_has_the_p_of_all_together_beside_its_name():
    shown = present(cox=with_tests())
    assert rows_of(shown[f"{COX}_csv"])["ECOG performance status", ""] == ["", "", "", "NE", "", "0.20"]
    assert "^b^ | | [0.20]" in shown[f"{COX}_md"].replace("  ", " "), "with the reason below"
    assert ("Arm", "") not in rows_of(shown[f"{COX}_csv"])


def test_the_footnote_has_the_tests_of_the_model_its_concordance_and_that_of_proportional_hazards():
    text = present(cox=with_tests())[f"{COX}_md"].replace("\u00a0", " ")
    assert "likelihood ratio test p = 0.031, Wald test p = 0.040, score test p \\< 0.001 (3 degrees of freedom)" in text
    assert "concordance 0.66 (standard error 0.05); AIC 123.5." in text
    assert "all together p = 0.60; age at diagnosis p = 0.31, ECOG performance status p NE." in text


def test_tables_of_survival_results_name_the_convention_and_others_do_not():
    shown = present(survival=study.survival())
    named = {name for name, text in shown.items() if "ties by Breslow; z = 1.96." in text and name.endswith("_md")}
    assert named == {f"{COX}_md", f"{SUMMARY}_md"}


# ── estimates of survival ────────────────────────────────────────────────────────────────────


def estimates() -> pd.DataFrame:
    """Everyone's median, a landmark, a restricted mean that is not estimable, and the difference of the arms' means."""
    rows = {"events_percent": 62.5, "km.survival_6m_lower": 0.1, "km.survival_6m_upper": 0.5, "km.at_risk_6m": 4.0,
            "km.events_6m": 3.0, "km.rmst_12m": None, "rmst.arm.b.difference_12m": 1.25,
            "rmst.arm.b.difference_12m_lower": -0.5, "rmst.arm.b.difference_12m_upper": 3.0,
            "rmst.arm.b.difference_12m_p": 0.04}  # fmt: skip
    why = {"km.rmst_12m": "not estimable (the horizon lies beyond the largest time)"}
    more = [result(f"pfs.{name}", value, note=why.get(name, "")) for name, value in rows.items()]
    more += [result(f"followup.reverse_km.{name}", value) for name, value in
             {"median": 26.71, "lower": 19.0, "upper": None}.items()]  # fmt: skip
    return pd.concat([study.survival(), results_table(more, "estimate_survival")])


def summary(part: str = "csv") -> str:
    statistics = study.SETTINGS["statistics"] | {"landmarks_months": [6], "rmst_months": [12]}
    return present(survival=estimates(), statistics=statistics)[f"{SUMMARY}_{part}"]


def test_the_estimates_of_an_endpoint_are_in_one_table_with_its_groups():
    rows = rows_of(summary())
    assert summary().splitlines()[0].endswith(",All patients,Tablets | weekly,None")
    assert rows["Patients", ""] == ["8", "4", "4"]
    assert rows["Events, n (%)", ""][0] == "5 (62.5)"
    assert rows["Time to event, months", "median"] == ["6.6 (5.50–NE)", "7.0", "7.0"]
    assert rows["Event-free, % [at risk; events]", "at 6 months"][0] == "28.5 (10.0–50.0) [4; 3]"
    assert rows["Restricted mean, months", "difference until 12 months"] == ["", "", "1.3 (−0.50 to 3.00), p = 0.040"]
    assert rows["Log-rank p", ""] == ["<0.001", "", ""]
    assert rows["Follow-up, months", ""][0] == "26.7 (19.00–NE)"


def test_an_estimate_that_is_missing_reads_ne_with_its_reason_below():
    assert rows_of(summary())["Restricted mean, months", "until 12 months"][0] == "NE"
    assert "Not estimable (the horizon lies beyond the largest time)." in summary("md")


# ── adverse events ───────────────────────────────────────────────────────────────────────────


def test_terms_come_by_falling_frequency_with_zeros_shown():
    terms = [level for heading, level in rows_of(present()[f"{EVENTS}_csv"]) if heading == "By term"]
    assert terms == ["Fatigue", "Skin toxicity", "Rash"]
    assert rows_of(present()[f"{EVENTS}_csv"])["By term", "Rash"] == ["0 (0.0)"]


def test_severity_and_its_note_are_in_the_table():
    shown = present()
    assert rows_of(shown[f"{EVENTS}_csv"])["Severity and consequences", "Grade 3 or 4"] == ["0 (0.0)"]
    assert '| [0 (0.0)]{.result key="safety.grade_3_or_4.n safety.grade_3_or_4.percent"}^a^ |' in shown[f"{EVENTS}_md"]
    assert "^a^The grade was not recorded for 2 events." in shown[f"{EVENTS}_md"]


def test_a_term_that_the_study_does_not_list_is_shown_under_its_own_name():
    rows = [result("safety.term.dry_mouth.n", 1.0, n=8), result("safety.term.dry_mouth.percent", 12.5, n=8)]
    text = present_tables(
        styles=study.STYLES,
        settings=study.settings(),
        summarise_baseline=study.baseline(),
        fit_cox=study.cox(),
        summarise_safety=results_table(rows, "summarise_safety"),
    )[f"{EVENTS}_csv"]
    assert rows_of(text)["By term", "Dry mouth"] == ["1 (12.5)"]


# ── forms ────────────────────────────────────────────────────────────────────────────────────


def test_every_form_of_a_synthetic_study_is_stamped_and_none_of_a_real_one():
    assert all("Synthetic data" in text for text in present().values())
    assert not any("Synthetic" in text for text in present(synthetic=False).values())


def test_every_markdown_row_has_as_many_cells_as_the_header():
    for name, text in present().items():
        if name.endswith("_md"):
            table = text.split("\n\n")[0].splitlines()
            assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table}) == 1, name


def test_markdown_cell_carries_the_keys_behind_it_and_no_others_do():
    rows = (GridRow(Cell("x"), (Cell("1 (2.0)", ("a",), ("x.n", "x.percent")), Cell("–"), Cell("", keys=("x.p",)))),)
    lines = to_markdown(Grid("c", ("a", "b", "c", "d"), rows)).splitlines()
    assert lines[2] == '| x | [1 (2.0)]{.result key="x.n x.percent"}^a^ | – |  |'
    assert lines[1] == "| :--- | --------: | ---: | ---: |"


def test_signs_of_markdown_in_a_label_are_taken_literally():
    grid = Grid("c", ("a|b", "x"), (GridRow(Cell("*1* [p] {{< q >}} $5"), (Cell("a_b ^c"),)),))
    assert r"| a\|b |" in to_markdown(grid)
    assert r"\*1\* \[p\] \{\{\< q \>\}\} \$5 | a\_b \^c |" in to_markdown(grid)


def test_html_escapes_labels_and_gives_each_number_its_result_keys():
    grid = Grid("A < B", ("a", "b"), (GridRow(Cell("<i>"), (Cell("1 & 2", ("a",), ("x.n", "x.percent")),)),))
    page = to_html(grid)
    assert '<th scope="row">&lt;i&gt;</th><td data-keys="x.n x.percent">1 &amp; 2<sup>a</sup></td>' in page
    assert "<caption>A &lt; B</caption>" in page


class Opened(HTMLParser):
    """Checks that every element that is opened is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.cells: list[dict[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.stack.append(tag)
        if tag == "th":
            self.cells.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag


@pytest.mark.parametrize("name", [BASELINE, COX, EVENTS])
def test_the_html_is_well_formed_and_every_header_cell_has_a_scope(name):
    page = Opened()
    page.feed(present()[f"{name}_html"])
    assert page.stack == []
    assert page.cells
    assert all(cell.get("scope") in ("col", "row", "rowgroup") for cell in page.cells)


def test_csv_keeps_heading_and_level_apart_and_quotes_commas():
    rows = (GridRow(Cell("Age, years"), heading=True), GridRow(Cell("Range"), (Cell("1–2"),), indented=True))
    text = to_csv(Grid("c", ("What", "All"), rows, level_header="Level"))
    assert text == 'What,Level,All\n"Age, years",Range,1–2\n'


def test_equal_footnotes_share_a_mark_and_the_27th_is_aa():
    notes = Footnotes()
    assert notes.mark("x") == notes.mark("x") == ("a",)
    assert notes.mark("") == ()
    marks = [notes.mark(str(number))[0] for number in range(26)]
    assert marks[0] == "b"
    assert marks[-2:] == ["z", "aa"]
    assert notes.notes()[0] == Note("X.", "a")


def test_a_language_without_a_catalogue_is_refused():
    with pytest.raises(ConfigError, match="expected one of en, tr"), speaking("tlh"):
        pass


QUALITY = [
    result("quality.table.deaths.records", 4, analysis="quality", level="deaths"),
    result("quality.table.deaths.accepted", 3, analysis="quality", level="deaths"),
    result("completeness.deaths.cause.given", 2, analysis="completeness", level="deaths"),
    result("completeness.deaths.cause.percent", 100 * 2 / 3, analysis="completeness", level="deaths"),
    result("quality.severity.error.n", 1, analysis="quality", level="error"),
    result("quality.rule.before_birth.n", 1, analysis="quality", level="before_birth"),
]


def quality_table(grid: Callable[..., tuple[Any, Any, Any]]) -> dict[str, list[str]]:
    _, rows, _ = grid(study.settings(), index_results([results_table(QUALITY, "summarise_quality")]))
    return {row.label.text: [cell.text for cell in row.cells] for row in rows}


def test_completeness_stands_below_the_accounting_of_its_table() -> None:
    rows = quality_table(completeness_grid)
    assert rows["Deaths"][:2] == ["4", "3"]
    assert rows["Cause"][-1] == "2 (66.7)"


def test_every_rule_of_the_studys_tables_stands_under_what_follows_from_it_and_no_other() -> None:
    rows = quality_table(plausibility_grid)
    assert rows["Errors: set aside and asked"] == ["1"]
    assert rows["Dated before the person was born (deaths, diagnoses)"] == ["1"]
    assert not [name for name in rows if "ECOG" in name]


def test_a_cell_that_begins_with_a_number_and_a_full_stop_is_no_list():
    markdown = to_markdown(Grid("c", ("What", "When"), (GridRow(Cell("Response"), (Cell("36. ayda"),)),)))
    assert "36.\u00a0ayda" in markdown


def test_a_column_of_numbers_stays_to_the_right_where_some_are_not_estimable():
    rows = tuple(
        GridRow(Cell(name), (Cell(text),)) for name, text in [("a", "0.2 (0/3)"), ("b", "NE (41/32)"), ("c", "NE")]
    )
    assert to_the_left(Grid("c", ("What", "SMD"), rows)) == [True, False]
