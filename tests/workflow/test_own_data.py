"""A user's own spreadsheet, one row per patient with dates: configuration only, at two data cut-offs."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from tests.workflow.conftest import fresh, ran

STUDY = Path(__file__).parent / "own_data" / "study.yaml"
COLUMNS = {"hasta_no": "patient", "tedavi_basi": "start", "progresyon": "progressed", "olum": "died",
           "son_kontrol": "last"}  # fmt: skip


def spreadsheet():
    """Forty made-up patients: everyone is seen until the end of June 2024 unless she dies before."""
    draw = np.random.default_rng(3)
    start = pd.Timestamp("2019-01-01") + pd.to_timedelta(draw.integers(0, 1400, 40), unit="D")
    died = start + pd.to_timedelta(draw.exponential(700, 40).astype(int) + 1, unit="D")
    progressed = start + pd.to_timedelta(draw.exponential(350, 40).astype(int) + 1, unit="D")
    end = pd.Timestamp("2024-06-30")
    return pd.DataFrame({
        "hasta_no": [f"İstanbul-{number:03d}" for number in range(40)],
        "dogum": start - pd.to_timedelta(draw.integers(15_000, 25_000, 40), unit="D"),
        "tedavi_basi": start,
        "progresyon": progressed.where((progressed < died) & (progressed <= end)),
        "olum": died.where(died <= end),
        "son_kontrol": died.where(died <= end, end),
        "ecog": draw.choice(["0", "1", "2"], 40),
        "kol": draw.choice(["A", "B"], 40),
    })  # fmt: skip


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """The study at its own cut-off, and then its results at an earlier one; test_secrets.py reads the other formats."""
    project, table = fresh(tmp_path_factory.mktemp("own") / "project"), spreadsheet()
    shutil.copytree(STUDY.parent, project.path / "config/studies/own")
    (project.path / "data").mkdir()
    table.to_csv(project.path / "data/cohort.csv", sep=";", index=False, encoding="windows-1254",
                 date_format="%d.%m.%Y")  # fmt: skip
    ran(project, "--config", "study=own", "report={formats: [html]}")
    ran(project, "results/own/2021-06-30/aggregate/ard.csv", "--config", "study=own", "data_cutoff=2021-06-30",
        "compare_with=none")  # fmt: skip
    return project, table


def expected(table, cutoff):
    """Median overall survival in months and deaths, straight from the spreadsheet."""
    known = table.rename(columns=COLUMNS)
    known = known[known["start"] <= cutoff]
    event = known["died"].notna() & (known["died"] <= cutoff)
    days = (known["last"].clip(upper=cutoff) - known["start"]).dt.days
    return event.sum(), KaplanMeierFitter().fit(days, event).median_survival_time_ / 30.4375


@pytest.mark.parametrize("cutoff", ["2024-06-30", "2021-06-30"])
def test_a_spreadsheet_with_dates_gives_its_survival_at_any_cut_off(own, cutoff):
    project, table = own
    folder = project.path / "results/own" / cutoff
    ard = pd.read_csv(folder / "aggregate/ard.csv", keep_default_na=False).set_index("key")["value"]
    deaths, median = expected(table, pd.Timestamp(cutoff))
    assert float(ard["os.events"]) == deaths
    assert float(ard["os.km.median"]) == pytest.approx(median, rel=1e-9)


def test_no_patient_number_is_in_any_file(own):
    project, table = own
    assert (project.path / "results/own/2024-06-30/report/manuscript.html").is_file()
    for path in (project.path / "results").rglob("*"):
        text = pd.read_parquet(path).to_csv() if path.suffix == ".parquet" else ""
        content = text.encode() or (path.read_bytes() if path.is_file() else b"")
        assert not [number for number in table["hasta_no"] if number.encode() in content], path.name
