"""The synthetic trial: what is drawn is what the pipeline derives from its records, and what was configured."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
import yaml

from cutline.errors import ConfigError
from cutline.simulate import simulate_source
from cutline.sources.pseudonyms import Pseudonyms
from cutline.study import load_published, load_study
from cutline.study_rules import settings_for
from tests.pipeline import analyse, derive

ROOT = Path(__file__).parents[2]
STUDY = load_study(ROOT, {"study": "bolero2"})
PUBLISHED = ROOT / "config/studies/bolero2/published.yaml"
TRIAL = STUDY["simulate"]["trial"]
EVEROLIMUS, PLACEBO = "everolimus_exemestane", "placebo_exemestane"
TERMS = {"rash": "skin"}
"""The study's term of an event that has another name in the configuration of the trial."""


def drawn(
    folder: Path, study: dict[str, Any] = STUDY, published: Path = PUBLISHED, **more: Any
) -> tuple[Path, pd.DataFrame]:
    """A draw, and its truth by pseudonym."""
    settings = settings_for(study, "simulate_source")
    settings |= {"simulate": settings["simulate"] | more}
    outputs = simulate_source(settings=settings, published=published)
    outputs["database"](folder / "trial.duckdb")
    outputs["truth"](folder / "truth.csv")
    truth = pd.read_csv(folder / "truth.csv", dtype={"patient_id": str})
    return folder / "trial.duckdb", truth.set_index(Pseudonyms.of("public").replace(truth["patient_id"])).sort_index()


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    return drawn(tmp_path_factory.mktemp("calibrated"))


@pytest.fixture(scope="module")
def analysed(calibrated: tuple[Path, pd.DataFrame]) -> tuple[dict[str, Any], pd.DataFrame]:
    found = derive(STUDY, ROOT, calibrated[0])
    return found, analyse(STUDY, found)


def records(database: Path, query: str) -> pd.DataFrame:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(query).df()


def assert_found(found: dict[str, Any], truth: pd.DataFrame) -> None:
    """Arm, times to event, best response and the worst grade of each event are the drawn ones."""
    assert found["cohort"]["patient_id"].tolist() == truth.index.tolist()
    arms = found["covariates"].query("variable == 'arm'").set_index("patient_id").sort_index()["value"]
    assert arms.tolist() == truth["arm"].tolist()
    main = found["endpoints"][found["endpoints"]["rule_set"] == "main"]
    for name in ("pfs", "os"):
        rows = main[main["endpoint"] == name].set_index("patient_id").sort_index()
        assert rows["time_days"].tolist() == truth[f"{name}_days"].tolist()
        assert rows["event"].tolist() == truth[f"{name}_event"].tolist()
    best = found["response"].set_index("patient_id").sort_index()["best_response"]
    assert best.tolist() == truth["best_response"].tolist()
    for name in STUDY["simulate"]["trial"]["adverse_events"]:
        rows = found["safety"][found["safety"]["term"] == TERMS.get(name, name)]
        worst = rows.groupby("patient_id")["worst_grade"].max().reindex(truth.index).astype("Int64")
        pd.testing.assert_series_equal(worst, truth[f"grade_{name}"].astype("Int64"), check_names=False)


# ── known answer in, known answer out ────────────────────────────────────────────────────────


def test_the_pipeline_finds_what_was_drawn(calibrated, analysed):
    assert_found(analysed[0], calibrated[1])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_pipeline_finds_what_was_drawn_freely(tmp_path, seed):
    database, truth = drawn(tmp_path, seed=seed, calibrate=False)
    assert_found(derive(STUDY, ROOT, database), truth)


def test_a_larger_scale_is_free_draws_in_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr("cutline.simulate.CHUNK_PERSONS", 500)
    database, truth = drawn(tmp_path, scale=2)
    assert len(truth) == 2 * (485 + 239)
    assert_found(derive(STUDY, ROOT, database), truth)


def test_the_same_settings_give_the_same_records(tmp_path):
    tables = ("treatments", "assessments", "adverse_events")
    (tmp_path / "again").mkdir()
    first, _ = drawn(tmp_path, seed=4, calibrate=False)
    second, _ = drawn(tmp_path / "again", seed=4, calibrate=False)
    for name in tables:
        query = f"SELECT * FROM {name} ORDER BY ALL"
        pd.testing.assert_frame_equal(records(first, query), records(second, query))


# ── what was published ───────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("entry", load_published(ROOT, "bolero2"), ids=lambda entry: entry["key"])
def test_each_published_value_recomputes(analysed, entry):
    decimals = len(entry["printed"].partition(".")[2])
    assert f"{analysed[1].loc[entry['key'], 'value']:.{decimals}f}" == entry["printed"]


def test_the_hazard_ratio_prints_the_same_by_efrons_rule_for_ties(analysed):
    other = {**STUDY, "statistics": STUDY["statistics"] | {"ties": "efron"}}
    ard = analyse(other, analysed[0])
    key = "pfs.cox.univariable.arm.everolimus_exemestane"
    assert "efron" in ard.loc[f"{key}.hr", "method"].lower()
    assert f"{ard.loc[f'{key}.hr', 'value']:.2f}" == "0.44"


def test_no_planned_scan_could_print_either_median(calibrated, analysed):
    scans = records(calibrated[0], "SELECT kind, count(*) AS many FROM assessments GROUP BY kind").set_index("kind")
    assert scans.loc["unscheduled", "many"] > 50
    every, window = TRIAL["scans"]["every_days"], TRIAL["scans"]["window_days"]
    for arm in (EVEROLIMUS, PLACEBO):
        days = round(analysed[1].loc[f"pfs.km.arm={arm}.median", "value"] * 30.4375)
        apart = min(days % every, every - days % every)
        assert apart > window


def test_unless_scans_come_between_the_planned_ones_no_draw_meets_the_medians(tmp_path, monkeypatch):
    monkeypatch.setattr("cutline.simulate.trial.persons.ROUNDS", 20)
    study = copy.deepcopy(STUDY)
    study["simulate"]["trial"]["scans"] |= {"unscheduled": 0.0, "window_days": 0}
    for arm in study["simulate"]["trial"]["arms"].values():
        arm["death_without_progression_months"] = 1e6
    with pytest.raises(ConfigError, match=r"no draw in \d+ met pfs\.km\.arm=everolimus_exemestane\.median"):
        drawn(tmp_path, study)


# ── what was configured ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", list(TRIAL["adverse_events"]))
@pytest.mark.parametrize("arm", [EVEROLIMUS, PLACEBO])
def test_each_arm_has_each_event_as_often_as_configured(calibrated, name, arm):
    grades = calibrated[1].loc[calibrated[1]["arm"] == arm, f"grade_{name}"]
    rates = TRIAL["adverse_events"][name]["percent"][arm]
    assert grades.notna().sum() == round(rates["any"] / 100 * len(grades))
    assert (grades >= 3).sum() == round(rates["grade_3_or_4"] / 100 * len(grades))


def test_each_arm_responds_as_often_as_configured(calibrated):
    best = calibrated[1].groupby("arm")["best_response"].value_counts()
    assert [best.get((EVEROLIMUS, name), 0) for name in ("CR", "PR")] == [3, 43]
    assert [best.get((PLACEBO, name), 0) for name in ("CR", "PR")] == [0, 1]


def test_arms_get_their_drugs(calibrated):
    given = records(calibrated[0], "SELECT DISTINCT patient_id, drug FROM treatments")
    drugs = given.groupby("patient_id")["drug"].agg(lambda names: tuple(sorted(names))).value_counts()
    assert drugs.to_dict() == {("everolimus", "exemestane"): 485, ("exemestane", "placebo"): 239}


def test_planned_scans_lie_within_the_window_of_every_sixth_week(calibrated):
    query = (
        "SELECT date_diff('day', o.observed_on, a.assessment_date) AS days FROM assessments a JOIN observations o "
        "USING (patient_id) WHERE o.item = 'randomised_to' AND a.kind = 'scheduled' AND a.version = 1"
    )
    days = records(calibrated[0], query)["days"]
    apart = np.minimum(days % 42, 42 - days % 42)
    assert len(apart) > 2000
    assert apart.max() <= TRIAL["scans"]["window_days"]


def test_recorded_responses_are_those_the_measurements_give(analysed):
    assert len(analysed[0]["queries_derive_response"]) == 0
    visits = analysed[0]["visits"].dropna(subset=["derived_response", "recorded_response"])
    assert len(visits) > 2000
    assert visits["derived_response"].tolist() == visits["recorded_response"].tolist()


def test_a_trial_of_three_arms_is_configuration_only(tmp_path):
    """Another trial: names, arms, events and schedule are its own, and nothing is published of it."""
    study = copy.deepcopy(STUDY)
    trial = study["simulate"]["trial"]
    low = trial["arms"][EVEROLIMUS] | {"persons": 50, "progression_months": 5.0}
    trial["arms"] = {"high": trial["arms"][EVEROLIMUS] | {"persons": 100}, "low": low,
                     "none": trial["arms"][PLACEBO] | {"persons": 50}}  # fmt: skip
    trial |= {"control": "none", "randomised": "allocated_to"}
    trial["scans"] |= {"every_days": 56}
    trial["adverse_events"] = {"cough": {"words": ["cough"], "percent": {
        arm: {"any": 20, "grade_3_or_4": 0} for arm in trial["arms"]}}}  # fmt: skip
    published = tmp_path / "published.yaml"
    published.write_text(yaml.safe_dump([{"key": "flow.included", "printed": "200", "section": "x"}]), encoding="utf-8")
    database, truth = drawn(tmp_path, study, published)
    assert truth["arm"].value_counts().to_dict() == {"high": 100, "low": 50, "none": 50}
    assert truth.groupby("arm")["grade_cough"].count().to_dict() == {"high": 20, "low": 10, "none": 10}
    assert records(database, "SELECT DISTINCT item FROM observations WHERE item LIKE 'alloc%'")["item"].tolist() == [
        "allocated_to"
    ]


# ── plausibility ─────────────────────────────────────────────────────────────────────────────


def test_nothing_in_the_records_of_a_trial_is_set_aside_or_asked_about(analysed):
    """The words of a trial, such as its investigators who assess, are on the list of known ones."""
    for severity in ("error", "warning"):
        assert analysed[1].loc[f"quality.severity.{severity}.n", "value"] == 0, severity


# ── versions of records ──────────────────────────────────────────────────────────────────────


def test_some_records_are_late_corrected_or_withdrawn_after_the_cut_off(calibrated):
    cutoff = "DATE '2011-07-08'"
    after = f"recorded_on > {cutoff}"
    many = {
        "corrected": f"SELECT count(*) FROM assessments WHERE version > 1 AND {after}",
        "withdrawn": f"SELECT count(*) FROM adverse_events WHERE deleted AND {after}",
        "late": f"SELECT count(*) FROM adverse_events WHERE version = 1 AND onset_date <= {cutoff} AND {after}",
        "late deaths": f"SELECT count(*) FROM deaths WHERE death_date <= {cutoff} AND {after}",
    }
    for what, query in many.items():
        assert records(calibrated[0], query).iloc[0, 0] > 0, what


def test_nothing_is_written_before_it_happens(calibrated):
    dates = {"assessments": "assessment_date", "adverse_events": "onset_date", "deaths": "death_date",
             "follow_up": "contact_date", "observations": "observed_on"}  # fmt: skip
    for table, date in dates.items():
        assert records(calibrated[0], f"SELECT count(*) FROM {table} WHERE recorded_on < {date}").iloc[0, 0] == 0, table


def test_nobody_is_seen_after_her_death(calibrated):
    for table, date in (("assessments", "assessment_date"), ("follow_up", "contact_date"), ("treatments", "stop_date"),
                        ("adverse_events", "end_date")):  # fmt: skip
        query = f"SELECT count(*) FROM {table} t JOIN deaths d USING (patient_id) WHERE t.{date} > d.death_date"
        assert records(calibrated[0], query).iloc[0, 0] == 0, table


def test_a_later_cut_has_more_events_and_the_corrections(calibrated, analysed):
    later = load_study(ROOT, {"study": "bolero2", "data_cutoff": "2011-12-15"})
    ard = analyse(later, derive(later, ROOT, calibrated[0]))
    for key in ("pfs.events", "os.events", "followup.reverse_km.median"):
        assert ard.loc[key, "value"] > analysed[1].loc[key, "value"]


def test_a_noisy_trial_loses_no_record_and_still_gives_every_result(tmp_path):
    database, _ = drawn(tmp_path, seed=5, calibrate=False, noise=0.05)
    found = derive(STUDY, ROOT, database)
    accounting = found["accounting"]
    assert accounting["quarantined"].sum() > 0
    assert (accounting["extracted"] == accounting["accepted"] + accounting["quarantined"]).all()
    assert not analyse(STUDY, found).empty
