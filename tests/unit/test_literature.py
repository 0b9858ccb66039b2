"""Published trials: read and checked, chosen by the study, shown beside it with the caveat, and never compared."""

from __future__ import annotations

import copy
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cutline.ard import result, results_table
from cutline.contradictions import contradictions
from cutline.display.alt_text import alt_text
from cutline.display.catalogue import figures, main_tables, supplement
from cutline.display.figure_csv import read_again, written
from cutline.display.figures import SUBJECTS, drawn_from
from cutline.display.lookup import Released, index_results
from cutline.display.style import house_style
from cutline.display.tables import present_tables
from cutline.errors import ConfigError, ReportError
from cutline.literature import context_of, load_trials
from cutline.manuscript.context import Context
from cutline.manuscript.literature import GENERATED, trial_handler
from cutline.manuscript.shortcodes import expand
from cutline.study import load_study
from cutline.study_rules import settings_for
from cutline.trials import reference_rates, values_of
from tests.unit import display_study

ROOT = Path(__file__).parents[2]
CAVEAT = "not a head-to-head comparison"
VALUE: dict[str, Any] = {"cut": "final", "assessor": "local", "arm": "a", "endpoint": "pfs", "statistic": "median",
                         "value": 7.8, "source": "smith2013", "seen_on": "abstract", "sure": "read"}  # fmt: skip
RATE = VALUE | {"endpoint": "adverse_event", "term": "rash", "grade": "any", "statistic": "percent", "value": 39,
                "decimals": 0}  # fmt: skip
FOUND: dict[str, Any] = {
    "sources": {"smith2013": "Smith 2013", "doe2020": "Doe 2020"},
    "endpoints": {"pfs": {"label": "Progression-free survival", "short": "PFS"}, "adverse_event": {"label": "Events"}},
    "trials": {
        "one": {
            "label": "ONE", "design": "randomised", "patients": "adults", "arms": {"a": "Drug", "b": "Placebo"},
            "cuts": {"interim": "interim, 7 months", "final": "final, 18 months"},
            "terms": {"rash": "Rash", "cough": "Cough"},
            "values": [
                VALUE | {"cut": "interim", "value": 6.9, "sure": "quoted", "seen_on": "a review"},
                VALUE | {"lower": 6.9, "upper": 8.5},
                VALUE | {"assessor": "central", "value": 11.0, "lower": 9.7, "upper": 15.0},
                VALUE | {"statistic": "hazard_ratio", "versus": "b", "value": 0.45, "lower": 0.38, "upper": 0.54},
                VALUE | {"arm": "b", "value": 3.2, "sure": "recalled"},
                RATE, RATE | {"term": "cough", "value": 20}, RATE | {"grade": "3_or_4", "value": 8},
            ],
        },
        "two": {
            "label": "TWO", "design": "single arm", "patients": "adults", "arms": {"c": "Other drug"},
            "cuts": {"final": "final"}, "values": [VALUE | {"arm": "c", "value": 2.0, "source": "doe2020"}],
        },
    },
}  # fmt: skip
SECTION: dict[str, Any] = {
    "trials": ["two", "one"], "endpoint": "pfs",
    "adverse_events": {"trial": "one", "arm": "a", "cut": "final", "terms": {"skin": "rash"}},
}  # fmt: skip


def settings(**section: Any) -> dict[str, Any]:
    """The made-up study of the display tests, with published trials."""
    return display_study.settings(literature=context_of(SECTION | section, FOUND))


def context(chosen: dict[str, Any] | None = None, **changes: Any) -> Context:
    return Context(chosen or settings(), index_results([display_study.survival(), display_study.safety()]), **changes)


# ── the file ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[str, str], Path]:
    """The project's configuration with one piece of the trials' file replaced."""

    def edit(old: str, new: str) -> Path:
        shutil.copytree(ROOT / "config", tmp_path / "config")
        path = tmp_path / "config/literature/trials.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return tmp_path

    return edit


def test_each_data_cut_and_assessor_of_bolero_2_stands_apart() -> None:
    literature = {"trials": {"bolero_2": load_trials(ROOT)["trials"]["bolero_2"]}}
    medians = {(value["cut"], value["assessor"], value["arm"]): value["value"]
               for _, value in values_of(literature, endpoint="pfs", statistic="median")}  # fmt: skip
    assert medians == {
        ("interim", "local", "combination"): 6.9, ("interim", "local", "control"): 2.8,
        ("interim", "central", "combination"): 10.6, ("interim", "central", "control"): 4.1,
        ("update", "local", "combination"): 7.4, ("update", "local", "control"): 3.2,
        ("final", "local", "combination"): 7.8, ("final", "local", "control"): 3.2,
        ("final", "central", "combination"): 11.0, ("final", "central", "control"): 4.1,
    }  # fmt: skip


def test_every_source_is_in_the_bibliography() -> None:
    entries = re.findall(r"^@\w+\{(\w+),", (ROOT / "reports/references.bib").read_text(encoding="utf-8"), re.M)
    assert set(load_trials(ROOT)["sources"]) <= set(entries)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{cut: interim, assessor: local, arm: combination", "{cut: interm, assessor: local, arm: combination",
         r"trials\.bolero_2\.values\.0\.cut: unknown cut 'interm'; did you mean interim\?"),
        ("arm: control, endpoint: pfs", "arm: placebo, endpoint: pfs", r"unknown arm 'placebo'"),
        ("source: yardley2013", "source: yardly2013", r"unknown source 'yardly2013'; did you mean yardley2013\?"),
        ("value: 7.8, lower: 6.9", "value: 7.8, lower: 8.9", r"values\.9: 7\.8 is not within its interval 8\.9"),
        ("versus: control, endpoint: pfs, statistic: hazard_ratio", "endpoint: pfs, statistic: hazard_ratio",
         r"a hazard ratio names the arm it is versus"),
        ("term: stomatitis, grade: any", "term: stomatitis", r"an adverse event has a term and a grade"),
        ("cut: update, assessor: local, arm: combination", "cut: interim, assessor: local, arm: combination",
         r"the same cut, assessor, population, arm and statistic as an earlier value"),
        ("sure: quoted", "sure: certain", r"line \d+: .*\.sure: found 'certain', expected one of read, quoted"),
    ],
)  # fmt: skip
def test_a_fault_of_the_file_is_named_with_its_place(
    edited: Callable[[str, str], Path], old: str, new: str, said: str
) -> None:
    with pytest.raises(ConfigError, match=said):
        load_trials(edited(old, new))


# ── what a study shows ───────────────────────────────────────────────────────────────────────


def test_the_study_shows_the_trials_it_names_in_its_order_and_no_other() -> None:
    shown = context_of(SECTION | {"trials": ["two"]}, FOUND)
    assert list(shown["trials"]) == ["two"]
    assert shown["sources"] == {"doe2020": "Doe 2020"}
    assert list(context_of(SECTION, FOUND)["trials"]) == ["two", "one"]


def test_a_value_that_was_read_nowhere_is_shown_nowhere() -> None:
    assert all(value["sure"] != "recalled" for _, value in values_of(context_of(SECTION, FOUND)))


def test_the_reference_rates_are_those_of_one_arm_cut_and_grade() -> None:
    literature = context_of(SECTION, FOUND)
    assert {term: value["value"] for term, value in reference_rates(literature, "any").items()} == {
        "rash": 39, "cough": 20,
    }  # fmt: skip
    assert {term: value["value"] for term, value in reference_rates(literature, "3_or_4").items()} == {"rash": 8}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"trials": ["bolero_3"]}, "literature.trials: unknown trial 'bolero_3'; did you mean bolero_"),
        ({"endpoint": "ttr"}, "literature.endpoint: 'ttr' is no endpoint with a median in both"),
        ({"trials": ["emerald"]}, "literature.adverse_events.trial: 'bolero_2' is none of literature.trials"),
        ({"cut": "finl"}, "literature.adverse_events.cut: unknown cut 'finl'; did you mean final?"),
        ({"arm": "both"}, "literature.adverse_events.arm: unknown arm 'both'"),
        ({"terms": {"nausea": "rash"}}, "literature.adverse_events.terms: 'nausea' is none of safety.terms"),
        ({"terms": {"skin": "rashes"}}, "the trial reports no 'rashes' of that arm and cut; did you mean rash?"),
    ],
)
def test_what_the_study_names_must_be_there(change: dict[str, Any], said: str) -> None:
    section = {"trials": ["bolero_2"], "endpoint": "pfs", "adverse_events": {
        "trial": "bolero_2", "arm": "combination", "cut": "final", "terms": {"skin": "rash"}}}  # fmt: skip
    inside = {key: change[key] for key in change if key in section["adverse_events"]}
    section |= {key: change[key] for key in change if key not in inside}
    section["adverse_events"] = {**section["adverse_events"], **inside}  # type: ignore[dict-item]
    faults = contradictions(load_study(ROOT, {}) | {"literature": section}, ROOT)
    assert any(said in fault for fault in faults), faults


def test_a_study_without_the_section_has_no_table_or_figure_of_trials() -> None:
    gbsg2 = settings_for(load_study(ROOT, {"study": "gbsg2"}), "present_tables")
    subjects = {each.subject for each in (*main_tables(gbsg2), *supplement(gbsg2), *figures(gbsg2))}
    assert subjects.isdisjoint({"trials", "trial_events", "context", "concordance"})


# ── the figure ───────────────────────────────────────────────────────────────────────────────


def drawn_data(chosen: dict[str, Any], survival: pd.DataFrame) -> str:
    exhibit = next(each for each in figures(chosen) if each.subject == "context")
    nothing = pd.DataFrame()
    return written(SUBJECTS["context"].data(exhibit, chosen, Released(index_results([survival]), nothing, nothing)))


def words_of(chosen: dict[str, Any], text: str) -> str:
    exhibit = next(each for each in figures(chosen) if each.subject == "context")
    with house_style():
        figure = drawn_from(text, exhibit, chosen)
        figure.canvas.draw()
    return " ".join(each.get_text() for axes in figure.axes for each in axes.texts)


def test_the_figure_has_our_median_first_and_each_median_of_the_trials_with_its_cut_and_assessor() -> None:
    data = read_again(drawn_data(settings(), display_study.survival()))
    assert data["part"].tolist() == ["ours", "trial", "trial", "trial", "trial"]
    assert data["median"].tolist() == [6.55, 2.0, 6.9, 7.8, 11.0]
    assert data["cut_label"].tolist()[2:] == [
        "interim, 7 months; local", "final, 18 months; local", "final, 18 months; central",
    ]  # fmt: skip
    assert data["lower"].isna().tolist() == [False, True, True, False, False]


def test_the_figure_says_on_its_face_that_it_compares_nothing() -> None:
    text = words_of(settings(), drawn_data(settings(), display_study.survival()))
    assert CAVEAT in text.lower().replace("\n", " ")
    for shown in ("7.8 (6.9–8.5)", "11.0 (9.7–15.0)", "6.6 (5.50–NE)", "Synthetic data"):
        assert shown in text


def test_the_figure_shows_our_groups_where_our_curves_do() -> None:
    chosen = settings() | {"comparisons": {"main": "arm", "in_figures": True}}
    data = read_again(drawn_data(chosen, display_study.survival()))
    assert data[data["part"] == "ours"]["label"].tolist() == ["All patients", "Tablets | weekly", "None"]


def test_a_median_that_is_not_reached_is_a_line_without_a_sign() -> None:
    text = words_of(settings(), drawn_data(settings(), display_study.survival(median=None)))
    assert "not reached" in text


def test_a_cohort_of_nobody_makes_a_figure_that_says_so() -> None:
    nobody = results_table([result("pfs.n", 0.0)], "estimate_survival")
    assert "No patient was included." in words_of(settings(), drawn_data(settings(), nobody))


def test_the_alternative_text_says_that_it_compares_nothing() -> None:
    exhibit = next(each for each in figures(settings()) if each.subject == "context")
    results = index_results([display_study.survival(), display_study.baseline()])
    said = alt_text(exhibit, settings(), results)
    assert "no head-to-head comparison" in said
    assert "in 2 published trials from 2.0 to 11.0 months" in said


# ── the tables ───────────────────────────────────────────────────────────────────────────────


def table(subject: str, kind: str = "md", chosen: dict[str, Any] | None = None) -> str:
    made = present_tables(
        styles=display_study.STYLES, settings=chosen or settings(), a=display_study.baseline(),
        b=display_study.safety(), c=display_study.cox(), d=display_study.survival(), e=display_study.response(),
    )  # fmt: skip
    return next(text for name, text in made.items() if subject in name and name.endswith(kind))


def test_the_table_of_trials_has_every_value_with_interval_source_and_how_sure_it_is() -> None:
    text = table("_trials")
    for shown in ("final, 18 months; central", "0.45 (0.38–0.54)", "Drug v placebo", "Found quoted: a review.",
                  "Randomised; adults", "PFS, progression-free survival"):  # fmt: skip
        assert shown in text, shown
    assert "3.2" not in text  # recalled


def test_adverse_events_stand_beside_the_trial_and_those_we_have_no_term_for_have_a_dash() -> None:
    rows = {line.split(",")[0]: line for line in table("trial_events", "csv").splitlines()}
    assert rows["Skin toxicity (rash)"].endswith(",1 (12.5),39,8")
    assert rows["Cough"].endswith(",–,20,–")


def test_the_table_of_adverse_events_has_the_reference_trial_beside_the_terms_that_both_have() -> None:
    rows = {line.split(",")[1]: line for line in table("4_adverse_events", "csv").splitlines()}
    assert rows["Level"].endswith(',"ONE, any grade, %"')
    assert rows["Skin toxicity"].endswith(",39")
    assert rows["Fatigue"].endswith(",–")
    assert "There: rash." in table("4_adverse_events")


def test_without_a_reference_trial_the_table_of_adverse_events_has_no_column_for_one() -> None:
    alone = settings()
    del alone["literature"]["adverse_events"]
    assert "ONE" not in table("4_adverse_events", "csv", alone)
    assert CAVEAT not in table("4_adverse_events", "md", alone)


@pytest.mark.parametrize("subject", ["_trials", "trial_events", "4_adverse_events"])
def test_each_table_of_trials_says_that_it_compares_nothing(subject: str) -> None:
    assert CAVEAT in table(subject).lower()
    assert CAVEAT in table(subject, "html").lower()


# ── the text ─────────────────────────────────────────────────────────────────────────────────


def test_the_text_names_the_trials_cites_them_and_says_that_it_compares_nothing() -> None:
    said = GENERATED["discussion.trials"](context())
    assert "TWO and ONE [@smith2013; @doe2020]" in said
    assert CAVEAT in said
    assert GENERATED["discussion.trials"](context(display_study.settings())) == ""


def looked_up(shortcode: str) -> str:
    return expand(f"{{{{< {shortcode} >}}}}", "text", {"trial": trial_handler(context())})


def test_a_published_number_in_the_text_is_a_look_up() -> None:
    assert looked_up("trial one a pfs final local") == "7.8"
    assert looked_up("trial one a pfs final central") == "11.0"
    assert looked_up("trial one a pfs final local statistic=hazard_ratio") == "0.45"


@pytest.mark.parametrize(
    ("shortcode", "said"),
    [
        ("trial three a pfs final local", "literature.trials has no 'three'"),
        ("trial one b pfs final local", "expected one value .* found 0"),  # recalled, so shown nowhere
        ("trial one a pfs final", "takes 5 argument"),
    ],
)
def test_a_published_number_that_is_not_there_stops_the_report(shortcode: str, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        looked_up(shortcode)


# ── published values beside ours ─────────────────────────────────────────────────────────────


def agreement(disagreeing: int | None = 0, **changes: Any) -> str:
    chosen = copy.deepcopy(settings()) | {"published": True} | changes
    return GENERATED["results.concordance"](context(chosen, disagreeing=disagreeing))


def test_the_report_says_that_the_source_is_synthetic_and_what_agreement_shows_and_what_not() -> None:
    said = agreement()
    assert "Every one of them agrees" in said
    assert "synthetic and were drawn so that these values recompute" in said
    assert "does not show that the publication is right" in said


def test_the_report_says_where_ours_differ() -> None:
    assert "Not every one of them agrees" in agreement(2)


def test_of_records_that_were_not_drawn_to_agree_no_agreement_is_expected() -> None:
    assert "agreement is not to be expected" in agreement(9, simulate={"calibrate": False})


def test_of_real_records_the_report_claims_no_more_than_the_same_numbers() -> None:
    said = agreement(synthetic=False)
    assert "not that either is right" in said
    assert "synthetic" not in said


def test_where_nothing_is_published_nothing_is_said() -> None:
    assert GENERATED["results.concordance"](context()) == ""
