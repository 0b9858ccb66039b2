"""Tables from results: what a reader sees, in Markdown, HTML and CSV."""

from __future__ import annotations

import csv
import io
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from cutline.ard import result, results_table
from cutline.display.catalogue import tables
from cutline.display.grid import Cell, Footnotes, Grid, GridRow, Note, to_csv, to_html, to_markdown
from cutline.display.labels import label
from cutline.display.tables import present_tables
from cutline.errors import ConfigError
from tests.unit import display_study as study

BASELINE, COX, EVENTS = "table_1_baseline", "table_2_cox_pfs", "table_3_adverse_events"


def present(baseline: pd.DataFrame | None = None, cox: pd.DataFrame | None = None, **changes: object) -> dict[str, str]:
    return present_tables(
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


def test_a_continuous_variable_shows_median_quartiles_and_range_whole_numbers_without_decimals():
    rows = rows_of(present()[f"{BASELINE}_csv"])
    assert rows["Age at diagnosis, years", "Median (Q1–Q3)"] == ["14.3 (0.1–60)"]
    assert rows["Age at diagnosis, years", "Range"] == ["33–77"]


def test_a_level_shows_its_count_and_percentage():
    rows = rows_of(present()[f"{BASELINE}_csv"])
    assert rows["ECOG performance status, n (%)", "1"] == ["2 (25.0)"]


def test_the_header_states_the_denominator():
    assert "All patients (n\u00a0=\u00a08)" in present()[f"{BASELINE}_md"].splitlines()[0]


def test_missing_values_have_a_row_only_where_there_are_any():
    some, none = present(study.baseline(ecog_missing=1)), present()
    assert rows_of(some[f"{BASELINE}_csv"])["ECOG performance status, n (%)", "Missing"] == ["1 (12.5)"]
    assert "Missing" not in none[f"{BASELINE}_csv"]
    assert "No value was missing for any characteristic." in none[f"{BASELINE}_md"]
    assert "No value was missing" not in some[f"{BASELINE}_md"]


def test_the_footnote_says_whose_percentages_they_are():
    assert "Percentages are of all patients" in present()[f"{BASELINE}_md"]
    assert "whose value is known" in present(study.baseline(ecog_missing=1))[f"{BASELINE}_md"]


def test_a_level_that_nobody_has_is_named_below_and_has_no_row():
    shown = present()
    assert ("ECOG performance status, n (%)", "2") not in rows_of(shown[f"{BASELINE}_csv"])
    assert "not listed: ECOG performance status 2." in shown[f"{BASELINE}_md"]


def test_a_level_that_nobody_has_is_a_row_of_zeros_where_the_study_wants_it():
    wanted = study.settings(baseline=study.SETTINGS["baseline"] | {"empty_levels": True})
    parts = {"summarise_baseline": study.baseline(), "fit_cox": study.cox(), "summarise_safety": study.safety()}
    shown = present_tables(settings=wanted, **parts)
    assert rows_of(shown[f"{BASELINE}_csv"])["ECOG performance status, n (%)", "2"] == ["0 (0.0)"]
    assert "not listed" not in shown[f"{BASELINE}_md"]


def test_groups_have_their_own_columns_with_their_size():
    shown = present_by_arm()
    header, *_ = csv.reader(io.StringIO(shown))
    assert header[2:] == ["All patients (n = 8)", "Tablets | weekly (n = 4)", "None (n = 4)"]
    assert rows_of(shown)["ECOG performance status, n (%)", "1"] == ["2 (25.0)", "1", "1"]


def present_by_arm() -> str:
    settings = study.settings(baseline={"variables": ["age", "ecog", "arm"], "by": "arm"})
    parts = {"summarise_baseline": study.baseline(), "fit_cox": study.cox(), "summarise_safety": study.safety()}
    return present_tables(settings=settings, **parts)[f"{BASELINE}_csv"]


def test_a_unit_does_not_break_in_a_document_and_is_plain_in_the_csv():
    variables = study.SETTINGS["variables"] | {"age": {"label": "Receptor", "kind": "continuous", "unit": "fmol/mg x"}}
    shown = present(variables=variables)
    assert "**Receptor, fmol\u2060/\u2060mg\u00a0x**" in shown[f"{BASELINE}_md"]
    assert ("Receptor, fmol/mg x", "Range") in rows_of(shown[f"{BASELINE}_csv"])


def test_the_note_of_a_variable_and_the_method_of_its_quartiles_are_footnotes():
    text = present()[f"{BASELINE}_md"]
    assert "**ECOG performance status, n\u00a0(%)**^a^" in text
    assert "^a^At the start of treatment." in text
    assert "Q1–Q3: first and third quartile. Quartiles as in SPSS (weighted average)." in text


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
    with pytest.raises(ConfigError, match="en"):
        label("missing", "tlh")
