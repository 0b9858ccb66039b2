"""Figures from results: the data drawn, the same bytes, nothing outside the page."""

from __future__ import annotations

import math
from typing import Any

import matplotlib
import pandas as pd
import pytest
from matplotlib.figure import Figure

from cutline.ard import result, results_table
from cutline.display import responses, style
from cutline.display.alt_text import alt_text
from cutline.display.captions import caption
from cutline.display.catalogue import figures
from cutline.display.figure_csv import read_again, written
from cutline.display.figure_survival_data import at_risk, events_until, month_ticks
from cutline.display.figures import SUBJECTS, draw_figures, drawn_from
from cutline.display.lookup import Released, index_results
from cutline.tables.results import SCHOENFELD
from cutline.tables.spec import empty
from tests.unit import display_study as study

FLOW, SURVIVAL, RESPONSE = "figure_1_flow", "figure_2_survival_pfs", "figure_3_response"
LONG = "Started at another dose than ten milligrams of everolimus and twenty-five milligrams of exemestane $ a day"


def parts(**replaced: pd.DataFrame) -> dict[str, pd.DataFrame]:
    made = {
        "summarise_baseline": study.baseline(),
        "estimate_survival": study.survival(),
        "fit_cox": study.cox(),
        "summarise_response": study.response(),
    }
    return made | replaced


def draw(settings: dict[str, Any] | None = None, curves: pd.DataFrame | None = None, **replaced: Any) -> dict[str, Any]:
    chosen = study.settings() if settings is None else settings
    shown = [study.curves() if curves is None else curves]
    return draw_figures(settings=chosen, curves=shown, schoenfeld=study.smooths(), **parts(**replaced))


@pytest.fixture(scope="module")
def outputs() -> dict[str, Any]:
    return draw()


def drawn(subject: str, settings: dict[str, Any], curves: pd.DataFrame, **replaced: Any) -> Figure:
    """The figure itself, laid out."""
    exhibit = next(exhibit for exhibit in figures(settings) if exhibit.subject == subject)
    released = Released(index_results(parts(**replaced).values()), curves, study.smooths())
    figure = drawn_from(written(SUBJECTS[subject].data(exhibit, settings, released)), exhibit, settings)
    figure.canvas.draw()
    return figure


def words(figure: Figure) -> str:
    return " ".join(text.get_text() for axes in figure.axes for text in axes.texts)


def boxes(figure: Figure) -> list[Any]:
    """Where each text that is drawn is, in pixels; an invisible layer draws only its own texts, not ticks."""
    texts = [
        text
        for axes in figure.axes
        for text in (axes.findobj(matplotlib.text.Text) if axes.axison else axes.texts)
        if text.get_visible() and text.get_text().strip()
    ]
    return [text.get_window_extent() for text in texts]


def data_of(text: str, part: str = "") -> pd.DataFrame:
    data = read_again(text)
    return data[data["part"] == part] if part else data


# ── bytes ────────────────────────────────────────────────────────────────────────────────────


def test_every_figure_of_the_catalogue_is_made_with_its_data(outputs):
    expected = {f"{exhibit.name}_{kind}" for exhibit in figures(study.settings()) for kind in ("svg", "png", "csv")}
    assert set(outputs) == expected


def test_the_same_results_give_the_same_bytes_of_svg_and_png(outputs):
    assert draw() == outputs


def test_the_user_s_own_matplotlib_settings_change_nothing(outputs):
    with matplotlib.rc_context({"font.size": 30, "axes.grid": True, "svg.fonttype": "none", "lines.linewidth": 9}):
        assert draw() == outputs


def test_drawing_leaves_the_user_s_matplotlib_settings_alone():
    before = dict(matplotlib.rcParams)
    draw()
    assert dict(matplotlib.rcParams) == before


def test_svg_holds_no_date_and_text_as_paths(outputs):
    for name in (FLOW, SURVIVAL, RESPONSE):
        svg = outputs[f"{name}_svg"].decode()
        assert "<dc:date>" not in svg
        assert "<text" not in svg


def test_png_has_300_dots_per_inch_and_names_no_program(outputs):
    png = outputs[f"{FLOW}_png"]
    metres = round(300 / 0.0254)
    assert png[png.index(b"pHYs") + 4 :][:4] == metres.to_bytes(4, "big")
    assert b"Software" not in png


# ── flow ─────────────────────────────────────────────────────────────────────────────────────


def test_the_flow_s_data_has_every_criterion_in_order_with_zeros(outputs):
    data = data_of(outputs[f"{FLOW}_csv"], "criterion")
    assert data["criterion"].tolist() == ["her2_positive", "no_scan", "too_young"]
    assert data["excluded"].tolist() == [2, 0, 0]
    assert data["remaining"].tolist() == [8, 8, 8]


def test_the_flow_lists_who_was_excluded_and_names_idle_criteria_once():
    with style.house_style():
        text = words(drawn("flow", study.settings(), study.curves()))
    assert "Excluded (n = 2)" in text.replace("\u00a0", " ")
    assert "HER2-positive disease" in text
    assert "Criteria that excluded nobody: no scan; younger than 18" in text


def test_the_flow_lists_the_pending_apart_and_says_who_was_excluded_for_what_is_unknown():
    counts = {"excluded.her2_positive": 2, "excluded_unknown.her2_positive": 1, "pending.too_young": 3}
    rows = [
        result(f"flow.{what}.{each['id']}", float(counts.get(f"{what}.{each['id']}", 0)))
        for each in study.settings()["criteria"]
        for what in ("excluded", "excluded_unknown", "pending", "remaining")
    ]
    rows += [result("flow.screened", 12.0), result("flow.pending", 3.0), result("flow.included", 7.0)]
    flow = results_table(rows, "summarise_baseline")
    with style.house_style():
        text = words(drawn("flow", study.settings(), study.curves(), summarise_baseline=flow)).replace("\u00a0", " ")
    assert "HER2-positive disease (1 unknown)" in text
    assert "Pending, to be queried (n = 3)" in text
    assert "2 excluded (HER2-positive disease 2), 3 pending, 7 included" in described("flow", summarise_baseline=flow)


def twelve_criteria() -> tuple[dict[str, Any], pd.DataFrame]:
    criteria = [{"id": f"c{number}", "label": LONG if number % 3 == 0 else "Short"} for number in range(12)]
    rows = [result(f"flow.excluded.c{number}", float(number + 1)) for number in range(12)]
    rows += [result(f"flow.excluded_unknown.c{number}", 0.0) for number in range(12)]
    rows += [result(f"flow.pending.c{number}", 0.0) for number in range(12)]
    rows += [result("flow.screened", 178.0), result("flow.included", 100.0)]
    return study.settings(criteria=criteria), results_table(rows, "summarise_baseline")


# ── survival ─────────────────────────────────────────────────────────────────────────────────


def test_the_survival_figure_draws_everyone_unless_the_study_asks_for_groups(outputs):
    overall = data_of(outputs[f"{SURVIVAL}_csv"])
    grouped = data_of(draw(study.settings(comparisons={"main": "arm", "in_figures": True}))[f"{SURVIVAL}_csv"])
    assert set(overall["group"]) == {""}
    assert set(grouped["group_level"][grouped["part"] == "curve"]) == {"a", "b"}


def test_the_survival_data_has_months_and_the_curve_s_own_values(outputs):
    data = data_of(outputs[f"{SURVIVAL}_csv"], "curve")
    assert data["time_months"].tolist()[:2] == [0.0, 61 / 30.4375]
    assert data["survival"].tolist()[1] == 1 - 1 / 8


def test_numbers_at_risk_count_whoever_is_followed_at_least_so_long():
    rows = pd.DataFrame({"time_days": [0, 20, 30], "at_risk": [8, 8, 5]})
    assert [at_risk(rows, days) for days in (0, 10.5, 20, 20.5, 30, 30.5)] == [8, 8, 8, 5, 5, 0]


@pytest.mark.parametrize(
    ("last", "ticks"),
    [
        (0.0, [0, 1]),
        (5.2, [0, 1, 2, 3, 4, 5, 6]),
        (12.0, [0, 3, 6, 9, 12]),
        (40.0, [0, 6, 12, 18, 24, 30, 36, 42]),
        (87.4, [0, 12, 24, 36, 48, 60, 72, 84, 96]),
    ],
)
def test_months_are_marked_in_steps_a_clinician_uses(last, ticks):
    assert month_ticks(last) == ticks


def test_the_data_hold_the_numbers_below_the_axis_the_median_and_the_test():
    settings = study.settings(comparisons={"main": "arm", "in_figures": True})
    text = draw(settings)[f"{SURVIVAL}_csv"]
    below, medians, test = (data_of(text, part) for part in ("at_risk", "median", "test"))
    first = below[below["group_level"] == "a"]
    assert first["time_months"].tolist() == [0, 3, 6, 9, 12, 15, 18]
    assert first["at_risk"].tolist() == [8, 7, 5, 4, 2, 1, 0]
    assert first["events"].tolist() == [0, 1, 2, 3, 4, 5, 5]
    assert medians["median"].tolist() == [7.0, 7.0]
    assert test[["test", "p"]].to_numpy().tolist() == [["logrank", 0.0004]]


def test_events_until_a_time_are_those_of_its_day_too():
    rows = pd.DataFrame({"time_days": [0, 20, 30], "events": [0, 2, 1]})
    assert [events_until(rows, days) for days in (0, 19.9, 20, 29, 30)] == [0, 0, 2, 2, 3]


def test_the_plot_states_patients_events_and_the_median_with_its_interval():
    with style.house_style():
        text = words(drawn("survival", study.settings(), study.curves())).replace("\u00a0", " ")
    assert "Median, months (95% CI) All patients 5/8 6.6 (5.50–NE)" in text


def test_the_axis_of_time_says_what_it_counts_from_also_where_an_endpoint_says_nothing() -> None:
    begins = study.settings(index_date={"label": "start of treatment"})
    figure = drawn("survival", begins, study.curves())
    assert "Months since start of treatment" in {axes.get_xlabel() for axes in figure.axes}


def curve_at(survival: float) -> pd.DataFrame:
    """A curve that stays where it is."""
    return study.curve(censored_only=True).assign(survival=survival)


@pytest.mark.parametrize(("case", "inside"), [("falling", True), ("high", True), ("both", False)])
def test_the_words_in_the_plot_lie_over_no_curve(case, inside):
    curves = {"falling": study.curve(), "high": curve_at(1.0), "both": curve_at(1.0)}[case]
    if case == "both":
        curves = pd.concat([curves.head(4), curves.tail(5).assign(survival=0.1)], ignore_index=True)
    with style.house_style():
        figure = drawn("survival", study.settings(), curves)
    plot, layer = figure.axes
    said = [text.get_window_extent() for text in layer.texts if text.get_text() in ("All patients", "Events/n", "5/8")]
    assert all(plot.get_window_extent().y1 >= box.y1 for box in said) == inside
    points = [plot.transData.transform(xy) for line in plot.lines[:1] for xy in line.get_xydata()]
    assert not [xy for xy in points for box in said if box.contains(*xy)]


def test_one_event_is_not_called_events():
    assert "in 8 patients with 1 event:" in described("survival", estimate_survival=study.survival(events=1))


def test_groups_have_different_line_styles_and_the_log_rank_test():
    settings = study.settings(comparisons={"main": "arm", "in_figures": True})
    with style.house_style():
        figure = drawn("survival", settings, study.curves())
    assert "Log-rank p < 0.001" in words(figure).replace("\u00a0", " ")
    samples = [line for line in figure.axes[1].lines if len(line.get_xdata()) == 2]
    assert len({str(line.get_linestyle()) for line in samples}) == 2


def test_line_and_colour_together_tell_twenty_groups_apart():
    assert len({str(style.line_of(position)) for position in range(20)}) == 20


def test_an_endpoint_without_events_is_drawn_and_says_so():
    with style.house_style():
        figure = drawn(
            "survival",
            study.settings(),
            study.curve(censored_only=True),
            estimate_survival=study.survival(median=None, events=0),
        )
    assert "0/8 not reached" in words(figure)
    assert "No event was observed." in words(figure)


# ── Cox models ───────────────────────────────────────────────────────────────────────────────


def test_a_forest_plot_has_the_hazard_ratios_of_both_models_beside_their_signs():
    with style.house_style():
        text = words(drawn("forest", study.settings(), study.curves())).replace("\u00a0", " ")
    assert "5/8 0.999 (0.998–1.000) 1.010 (0.990–NE)" in text
    assert "5/6 1 (reference) 1 (reference)" in text
    assert "2/4 0.68 (0.01–1.35) –" in text, "not in the multivariable model"


def test_a_forest_plot_says_in_words_what_is_not_estimable_and_why():
    with style.house_style():
        text = " ".join(words(drawn("forest", study.settings(), study.curves())).split())
    assert "0/2 not estimable not estimable" in text
    assert "Univariable, ECOG performance status: 1: not estimable (no events in this level)." in text


def test_the_axis_of_a_forest_plot_is_logarithmic_and_symmetrical_about_1():
    with style.house_style():
        plot = drawn("forest", study.settings(), study.curves()).axes[1]
    low, high = plot.get_xlim()
    assert plot.get_xscale() == "log"
    assert low * high == pytest.approx(1)


def test_each_coefficient_has_a_panel_with_its_smooth_its_own_line_and_the_p_value_of_its_variable():
    with style.house_style():
        figure = drawn("schoenfeld", study.settings(), study.curves())
    age, ecog = (axes for axes in figure.axes if axes.axison)
    assert age.texts[0].get_text().replace("\u00a0", " ") == "p = 0.31"
    assert [list(line.get_ydata()) for line in age.lines[::2]] == [[0.1, 0.1, 0.1, 0.2], [math.log(1.01)] * 2]
    assert len(ecog.lines) == 2, "a term that is not estimable has no coefficient to compare with"


@pytest.mark.parametrize("subject", ["forest", "schoenfeld"])
def test_without_a_model_the_figure_says_so(subject):
    nothing = {"fit_cox": results_table([], "fit_cox")}
    exhibit = next(exhibit for exhibit in figures(study.settings()) if exhibit.subject == subject)
    released = Released(index_results(parts(**nothing).values()), study.curves(), empty(SCHOENFELD))
    data = written(SUBJECTS[subject].data(exhibit, study.settings(), released))
    with style.house_style():
        said = words(drawn_from(data, exhibit, study.settings()))
    assert said.startswith(("No Cox model could be fitted.", "No coefficient could be followed over time."))


# ── the data of a figure ─────────────────────────────────────────────────────────────────────


def test_a_figure_is_drawn_from_its_csv_and_from_nothing_else(outputs):
    for exhibit in figures(study.settings()):
        with style.house_style():
            again = drawn_from(outputs[f"{exhibit.name}_csv"], exhibit, study.settings())
            same = style.as_bytes(again, caption(exhibit, study.settings()), "png")
        assert same == outputs[f"{exhibit.name}_png"], exhibit.name


def test_a_csv_read_again_has_every_digit_and_texts_that_look_like_numbers():
    data = pd.DataFrame({"level": ["1", "NA", ""], "p": [0.1 + 0.2, None, 1e-300], "events": [1.0, None, 3.0]})
    again = read_again(written(data))
    assert again["level"].tolist() == ["1", "NA", ""]
    assert again["p"].tolist()[::2] == [0.1 + 0.2, 1e-300]
    assert again["events"].tolist() == [1, pd.NA, 3]


# ── response and nobody ──────────────────────────────────────────────────────────────────────


def test_the_four_response_categories_are_always_there_and_others_only_with_patients(outputs):
    assert data_of(outputs[f"{RESPONSE}_csv"], "category")["category"].tolist() == [
        "complete",
        "partial",
        "stable",
        "progressive",
    ]


def test_a_bar_states_its_count_and_percentage():
    with style.house_style():
        text = words(drawn("response", study.settings(), study.curves()))
    assert "4 (50.0%)" in text
    assert "0 (0.0%)" in text
    assert "Disease control: 87.5% (95% CI 52.9–99.4)" in text


def test_a_cohort_of_nobody_gives_figures_that_say_so():
    nobody = results_table([result("flow.screened", 3.0), result("flow.included", 0.0)], "summarise_baseline")
    missing = {"summarise_baseline": nobody, "summarise_response": results_table([], "summarise_response")}
    outputs = draw(curves=study.no_curves(), **missing)
    assert all(outputs[f"{name}_png"].startswith(b"\x89PNG") for name in (FLOW, SURVIVAL, RESPONSE))
    with style.house_style():
        for subject in ("survival", "response"):
            assert "No patient was included." in words(drawn(subject, study.settings(), study.no_curves(), **missing))


# ── the page ─────────────────────────────────────────────────────────────────────────────────


def hard_cases() -> dict[str, tuple[str, dict[str, Any], dict[str, pd.DataFrame]]]:
    settings, flow = twelve_criteria()
    variables = study.settings()["variables"]
    variables["arm"]["levels"] = {"a": LONG, "b": "Short"}
    grouped = study.settings(comparisons={"main": "arm", "in_figures": True}, variables=variables)
    categories = responses.ORDER
    rows = [result(f"response.best.{name}.{part}", 100.0, n=700) for name in categories for part in ("n", "percent")]
    return {
        "three criteria": ("flow", study.settings(), {}),
        "twelve criteria": ("flow", settings, {"summarise_baseline": flow}),
        "one curve": ("survival", study.settings(), {}),
        "long group names": ("survival", grouped, {}),
        "forest": ("forest", study.settings(variables=variables), {}),
        "four categories": ("response", study.settings(), {}),
        "all categories": ("response", study.settings(), {"summarise_response": results_table(rows, "r")}),
    }


@pytest.mark.parametrize("case", hard_cases())
def test_no_text_is_clipped_or_lies_over_another(case):
    subject, settings, replaced = hard_cases()[case]
    with style.house_style():
        figure = drawn(subject, settings, study.curves(), **replaced)
    width, height = figure.get_size_inches() * figure.dpi
    found = boxes(figure)
    assert len(found) > 4
    for box in found:
        assert box.x0 >= 0
        assert box.y0 >= 0
        assert box.x1 <= width
        assert box.y1 <= height
    overlaps = [(a, b) for place, a in enumerate(found) for b in found[:place] if overlap(a, b)]
    assert overlaps == []


def overlap(one: Any, other: Any) -> bool:
    """More than a pixel of one within the other, in both directions."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    along = min(one.y1, other.y1) - max(one.y0, other.y0)
    return bool(across > 1 and along > 1)


def test_a_synthetic_study_is_stamped_and_a_real_one_is_not():
    for subject in ("flow", "survival", "response"):
        with style.house_style():
            assert "Synthetic data" in words(drawn(subject, study.settings(), study.curves()))
            assert "Synthetic" not in words(drawn(subject, study.settings(synthetic=False), study.curves()))


# ── alternative text ─────────────────────────────────────────────────────────────────────────


def described(subject: str, **replaced: pd.DataFrame) -> str:
    exhibit = next(exhibit for exhibit in figures(study.settings()) if exhibit.subject == subject)
    return alt_text(exhibit, study.settings(), index_results(parts(**replaced).values()))


def test_alternative_text_states_the_main_numbers_of_each_figure():
    assert described("flow") == ("Flow chart: 10 patients screened, 2 excluded (HER2-positive disease 2), 8 included.")
    assert described("survival") == (
        "Kaplan-Meier curve of progression-free survival in 8 patients with 5 events: the median is 6.6 months "
        "(95% confidence interval 5.50–not estimable); at 6 months 28.5% are free of the event, "
        "with numbers at risk below the axis."
    )
    assert described("response").endswith("partial response 4 (50.0%), stable disease 3 (37.5%), "
                                          "progressive disease 1 (12.5%).")  # fmt: skip


def test_alternative_text_of_a_median_that_is_not_reached_says_so():
    assert "the median is not reached" in described("survival", estimate_survival=study.survival(median=None))


def test_alternative_text_of_an_empty_cohort_says_so():
    nobody = results_table([result("flow.included", 0.0)], "summarise_baseline")
    assert described("survival", summarise_baseline=nobody) == "No patient was included."
