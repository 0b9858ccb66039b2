"""Agreement with R's package survival on the data sets that come with it, and with printed quantiles.

`survival_package.csv` and `data/` hold R's numbers and the records; `survival_package.R` made them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from cutline.certification import agreements
from cutline.certification.agreement import CLOSED_FORM, FITTED, relative_difference
from cutline.certification.recompute import STATISTICS
from cutline.certification.references import references
from cutline.command import main
from cutline.errors import ProvenanceError

HERE = Path(__file__).parent
DATA_SETS = sorted({reference.data_set for reference in references(HERE)})


@pytest.mark.parametrize("data_set", DATA_SETS)
def test_every_number_of_the_data_set_agrees(data_set):
    found = agreements(HERE, lambda reference: reference.data_set == data_set)
    assert [each for each in found if not each.agrees] == []


def test_every_statistic_is_compared_and_closed_forms_more_strictly_than_fits():
    compared = {each.statistic for each in references(HERE)}
    assert compared == set(STATISTICS)
    tolerances = {each.reference.statistic: each.tolerance for each in agreements(HERE, of_leukemia)}
    assert (tolerances["survival_lower"], tolerances["coefficient_se"]) == (CLOSED_FORM, FITTED)


def of_leukemia(reference):
    return reference.data_set == "leukemia"


@pytest.mark.needs("R with survival")
def test_r_on_this_machine_gives_the_frozen_numbers(tmp_path):
    subprocess.run(["Rscript", str(HERE / "survival_package.R"), str(tmp_path)], check=True, timeout=600)
    frozen, here = (pd.read_csv(folder / "survival_package.csv", dtype=str, keep_default_na=False)
                    for folder in (HERE, tmp_path))  # fmt: skip
    assert here.drop(columns="value").equals(frozen.drop(columns="value"))
    for now, then in zip(here["value"], frozen["value"], strict=True):
        assert now == then or relative_difference(float(now), float(then)) < 1e-9


# ── the report of a machine on which a number is wrong ──


@pytest.fixture
def one_wrong(tmp_path, monkeypatch):
    """A project whose reference for one number is another."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").touch()
    folder = tmp_path / "tests" / "reference"
    shutil.copytree(HERE / "data", folder / "data")
    shutil.copy(HERE / "printed_quantiles.csv", folder)
    rows = (HERE / "survival_package.csv").read_text(encoding="utf-8").splitlines()
    kept = [rows[0], *(row for row in rows if row.startswith("ovarian,,quantile,"))]
    wrong = kept[1].replace(kept[1].split(",")[4], "1234")
    (folder / "survival_package.csv").write_text("\n".join([kept[0], wrong, *kept[2:]]) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_report_tells_as_many_comparisons_as_there_are():
    told = json.loads((HERE.parents[1] / "reports" / "agreement.json").read_text(encoding="utf-8"))["counts"]
    assert told == {"compared": sum(1 for _ in references(HERE)), "disagreeing": 0}


def test_a_number_outside_tolerance_is_named_in_red_and_in_the_exit_code(one_wrong, capsys):
    assert main(["certify"]) == ProvenanceError.exit_code
    told = capsys.readouterr().out
    assert "ovarian" in told
    assert "1 outside tolerance" in told
    page = (one_wrong / "results/certification/agreement.html").read_text(encoding="utf-8")
    assert page.count('<tr class="wrong">') == 2  # the number, and the line of its data set
    content = json.loads((one_wrong / "results/certification/agreement.json").read_text(encoding="utf-8"))
    assert content["counts"]["disagreeing"] == 1
    assert [row["reference"] for row in content["comparisons"] if not row["agrees"]] == [1234.0]


def test_a_difference_is_relative_and_a_missing_number_equals_only_a_missing_one():
    nothing = float("nan")
    assert relative_difference(101.0, 100.0) == pytest.approx(0.01)
    assert relative_difference(1e-17, 0.0) == 0
    assert relative_difference(nothing, nothing) != relative_difference(nothing, nothing)
    assert relative_difference(nothing, 1.0) == float("inf")
