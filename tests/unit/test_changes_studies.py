"""Two cuts of whole studies: the synthetic hospital, and a spreadsheet with one row per patient."""

import math
import shutil
from pathlib import Path

import pandas as pd
import pytest

from cutline.as_of import dated_by
from cutline.changes.attribute import attribute_changes
from cutline.changes.attribution import headline_results
from cutline.simulate import simulate_source
from cutline.sources import extract_snapshot
from cutline.study import load_study
from cutline.study_rules import settings_for
from cutline.tables.layout import layouts
from tests.pipeline import analyse, derive
from tests.workflow.test_own_data import STUDY as SPREADSHEET
from tests.workflow.test_own_data import spreadsheet

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "config/studies/everolimus_exemestane/published.yaml"


def cut(root, folder, source, models=None, **chosen):
    """One cut as the rules make it: its study, snapshot tables, manifest and results."""
    study = load_study(root, chosen) | (models or {})
    snapshot = extract_snapshot(settings=settings_for(study, "extract_snapshot"), source=source)
    manifest = folder / f"{study['data_cutoff']}.json"
    manifest.write_text(snapshot.pop("manifest"), encoding="utf-8")
    return study, snapshot, manifest, analyse(study, derive(study, root, source))


def compared(root, old, new):
    inputs = {
        f"{which}_{name}": table for which, side in (("old", old), ("new", new)) for name, table in side[1].items()
    }
    codelists = {f"codelist_{name}": root / path for name, path in new[0].get("codelists", {}).items()}
    return attribute_changes(settings=new[0], old_manifest=old[2], new_manifest=new[2], old_ard=old[3], new_ard=new[3],
                             **inputs, **codelists)  # fmt: skip


def require_that_it_adds_up(changes, old, new):
    """From the old results to the new ones, exactly at the ends and to 1e-12 in between."""
    rows = changes["attribution"].set_index(["key", "cause"])
    ends = (("code", "before", old), ("entered", "after", new))
    for cause, end, (study, _, _, ard) in ends:
        for key, value in headline_results(ard, study).items():
            found = rows.loc[(key, cause), end]
            assert found == value.number if value.number is not None else pd.isna(found), (key, end)
    for key, steps in changes["attribution"].groupby("key"):
        scale = math.log if steps["scale"].iloc[0] == "log" else float
        first, last = steps["before"].iloc[0], steps["after"].iloc[-1]
        if pd.notna(first) and pd.notna(last):
            moved = steps["together"].fillna(steps["piece"]).sum()
            assert moved == pytest.approx(scale(last) - scale(first), abs=1e-12), key


# ── the synthetic hospital ───────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def hospital(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hospital")
    source = folder / "hospital.duckdb"
    simulate_source(settings=settings_for(load_study(ROOT, {}), "simulate_source"), published=PUBLISHED)["database"](
        source
    )
    # Of the study's thirteen Cox models three: the others take time and say nothing else here.
    few = {"models": {"os": ["her2_status", "ecog"]}}
    old, new = (cut(ROOT, folder, source, few, data_cutoff=day) for day in ("2025-05-31", "2025-12-31"))
    early = settings_for(old[0], "extract_snapshot") | {"known_by": "2025-12-31"}
    return compared(ROOT, old, new), old, new, extract_snapshot(settings=early, source=source)


def test_a_snapshot_cut_back_is_what_the_database_gives_at_that_cut_off_with_all_that_is_known_today(hospital):
    """So the query of the source and the comparison of snapshots mean one thing by a cut-off."""
    _, (study, *_), (_, new, *_), early = hospital
    for name, layout in layouts(study["source"]).items():
        back = dated_by(new[name], layout.table, "2025-05-31")
        pd.testing.assert_frame_equal(back, early[name], obj=name)


def test_half_a_year_at_the_hospital_adds_up(hospital):
    require_that_it_adds_up(*hospital[:3])


@pytest.mark.parametrize(
    ("table", "kind", "column", "records"),
    [("assessments", "corrected", "assessment_date", 1), ("pathology", "corrected", "her2_ihc", 1),
     ("observations", "corrected", "value", 1), ("pathology", "completed", "", 3), ("adverse_events", "deleted", "", 1),
     ("adverse_events", "late", "", 1), ("follow_up", "late", "", 1), ("deaths", "late", "", 1)],
)  # fmt: skip
def test_what_the_hospital_corrected_completed_deleted_and_learnt_late_is_named(hospital, table, kind, column, records):
    found = hospital[0]["records"].set_index(["table", "kind", "column"])
    assert found.loc[(table, kind, column), ["records", "silent"]].tolist() == [records, 0]


def test_deaths_after_the_old_cut_off_are_follow_up(hospital):
    found = hospital[0]["records"].set_index(["table", "kind", "column"])
    assert found.loc[("deaths", "follow_up", ""), "records"] > 5


def test_the_completed_women_entered_and_each_correction_names_its_record(hospital):
    persons = hospital[0]["persons"]
    entered = persons[persons["change"] == "entered"]
    assert set(entered["before"]) == {"missing_or_incomplete"}
    assert set(entered["kind"]) == {"completed", "late"}
    corrected = persons[persons["kind"] == "corrected"]
    assert set(corrected["change"] + " " + corrected["name"] + " by " + corrected["source_table"]) == {
        "variable ecog by observations", "variable her2_status by pathology", "time pfs by assessments",
    }  # fmt: skip
    assert persons.loc[persons["kind"] == "deleted", "change"].tolist() == ["adverse_event"]


# ── the spreadsheet ──────────────────────────────────────────────────────────────────────────

OLD, NEW = "2021-06-30", "2024-06-30"


def saved(table, path):
    table.to_csv(path, sep=";", index=False, encoding="windows-1254", date_format="%d.%m.%Y")
    return path


def as_it_was(table):
    """The file at the old cut-off: patients who had begun, what had happened, and three things still wrong."""
    begun = table[table["tedavi_basi"] <= OLD].reset_index(drop=True)
    for column in ("progresyon", "olum"):
        begun[column] = begun[column].where(begun[column] <= OLD)
    begun["son_kontrol"] = begun["son_kontrol"].clip(upper=pd.Timestamp(OLD))
    begun.loc[0, "ecog"] = "2" if begun.loc[0, "ecog"] != "2" else "1"
    unheard = begun["olum"].first_valid_index()
    begun.loc[unheard, "olum"] = pd.NaT
    begun.loc[unheard, "son_kontrol"] -= pd.Timedelta(days=10)
    return begun


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    root = tmp_path_factory.mktemp("own")
    for folder in ("config", "reports"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copytree(SPREADSHEET.parent, root / "config/studies/own")
    table = spreadsheet()
    files = saved(as_it_was(table), root / "old.csv"), saved(table, root / "new.csv")
    old, new = (
        cut(root, root, file, study="own", data_cutoff=day) for file, day in zip(files, (OLD, NEW), strict=True)
    )
    return compared(root, old, new), old, new


def test_a_row_per_patient_adds_up(own):
    require_that_it_adds_up(*own)


def test_in_a_row_per_patient_dates_filled_in_are_late_or_follow_up(own):
    found = own[0]["records"].set_index(["kind", "column"])
    assert found.loc[("corrected", "ecog"), "records"] == 1
    assert found.loc[("late", "died_on"), "records"] == 1
    assert found.loc[("late", "last_contact"), "records"] == 1
    assert found.loc[("follow_up", "died_on"), "records"] > 5
    assert found.loc[("follow_up", "last_contact"), "records"] > 10
    assert "deleted" not in found.index


def test_without_recording_dates_it_cannot_be_told_when_the_past_was_changed(own):
    found = own[0]["records"]
    window = found[found["kind"].isin(["corrected", "late"])]
    assert (window["untold"] == window["records"]).all()
    assert not window["silent"].any()


def test_in_a_row_per_patient_a_change_is_laid_to_the_columns_it_rests_on(own):
    """The patient whose ECOG was corrected lived on too: her time is longer by follow-up, not by the correction."""
    persons = own[0]["persons"]
    corrected = persons[persons["kind"] == "corrected"]
    assert corrected[["change", "name"]].to_numpy().tolist() == [["variable", "ecog"]]
    of_her = persons[persons["patient_id"].isin(corrected["patient_id"]) & (persons["change"] != "variable")]
    assert set(of_her["kind"]) == {"follow_up"}
    late = persons[persons["kind"] == "late"]
    assert set(late["change"] + " " + late["name"] + ": " + late["after"]) == {"event os: death"}


def test_in_a_row_per_patient_each_cause_moves_the_deaths_it_should(own):
    moved = own[0]["attribution"].set_index(["key", "cause"])["piece"].loc["os.events"]
    assert moved["late"] == 1
    assert moved["follow_up"] > 5
    assert moved["corrected"] == 0
    assert own[0]["attribution"].set_index(["key", "cause"]).loc[("flow.included", "entered"), "piece"] > 5
