"""`cutline compare`: which two sides, by the pipeline or directly, and nothing that was tampered with."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from cutline.changes.direct import code_of
from cutline.command import main
from cutline.commands import compare
from tests.unit.test_changes_report import results

ROOT = Path(__file__).parents[2]
STUDY = "everolimus_exemestane"


def make_cut(folder: Path, patients: bool = True, **changes: Any) -> Path:
    """A cut with results and, if wanted, what shows that its patient level is there."""
    ard = folder / "aggregate" / "ard.csv"
    ard.parent.mkdir(parents=True)
    results(**changes).to_csv(ard, index=False, lineterminator="\n")
    record = {"rule": "release_results", "output": {"sha256": hashlib.sha256(ard.read_bytes()).hexdigest()},
              "code": {"pandas": "2.3.3", "lib/cutline/disclosure.py": folder.name},
              "inputs": [], "settings": {}}  # fmt: skip
    ard.with_name("ard.csv.prov.json").write_text(json.dumps(record), encoding="utf-8")
    if patients:
        (folder / "patient" / "snapshot").mkdir(parents=True)
        (folder / "patient" / "snapshot" / "manifest.json").write_text("{}", encoding="utf-8")
    return folder


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with three cuts, the newest of which is configured; the working folder is in it."""
    for part in ("config", "reports"):
        (tmp_path / part).symlink_to(ROOT / part)
    for cut in ("2024-05-31", "2024-12-31", "2025-05-31"):
        make_cut(tmp_path / "results" / STUDY / cut)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["compare", *arguments]) == 0
    return capsys.readouterr().out


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["compare", *arguments]) != 0
    return capsys.readouterr().err


def test_without_arguments_the_configured_cut_is_compared_with_the_one_before_it(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = told(capsys, "-n", "--cores", "2")
    expected = f"snakemake --cores 2 --config study={STUDY} data_cutoff=2025-05-31 compare_with=2024-12-31"
    assert out.strip() == expected


def test_two_cuts_can_be_named(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = told(capsys, "-n", "2024-05-31", "2024-12-31")
    assert "data_cutoff=2024-12-31 compare_with=2024-05-31" in out


def test_what_was_known_by_when_and_another_results_folder_reach_the_pipeline(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_cut(project / "other" / STUDY / "2025-05-31")
    make_cut(project / "other" / STUDY / "2025-05-31_known_by_2025-08-31")
    out = told(capsys, "-n", "2025-05-31", "2025-05-31_known_by_2025-08-31", "--results-dir", "other")
    assert "data_cutoff=2025-05-31 known_by=2025-08-31 results_dir=other compare_with=2025-05-31" in out


def test_a_cut_elsewhere_is_compared_by_its_folder(
    project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    elsewhere = make_cut(tmp_path_factory.mktemp("elsewhere") / STUDY / "2025-05-31")
    assert f"compare_with={elsewhere}" in told(capsys, "-n", str(elsewhere))


def test_the_pipeline_runs_in_the_project_and_its_exit_code_is_returned(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    calls: list[tuple[list[str], Path]] = []

    def run(command: list[str], cwd: Path, check: bool) -> subprocess.CompletedProcess[bytes]:
        calls.append((command, cwd))
        return subprocess.CompletedProcess(command, 15)

    monkeypatch.setattr(compare.subprocess, "run", run)
    assert main(["compare"]) == 15
    assert calls[0][0][1:4] == ["-m", "snakemake", "--cores"]
    assert calls[0][1] == project


def test_a_side_without_patient_level_is_compared_directly(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old = make_cut(project / "kept" / STUDY / "2025-03-31", patients=False, median=9.0)
    assert "without attribution" in told(capsys, "-n", str(old))
    out = told(capsys, str(old))
    folder = project / "changes_2025-03-31_2025-05-31"
    assert f"{folder.name}/changes.html" in out
    assert sorted(file.name for file in folder.iterdir()) == [
        "changes.csv", "changes.docx", "changes.html", "survival_os.png", "survival_os.svg", "survival_pfs.png",
        "survival_pfs.svg",
    ]  # fmt: skip
    page = (folder / "changes.html").read_text(encoding="utf-8")
    assert "Only the released results of the two sides were compared." in page
    assert "the code in disclosure.py" in page
    assert "pfs.km.median,km" in (folder / "changes.csv").read_text(encoding="utf-8")


def test_results_edited_by_hand_are_not_compared(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ard = project / "results" / STUDY / "2024-12-31" / "aggregate" / "ard.csv"
    ard.write_text(ard.read_text(encoding="utf-8").replace("6.55", "9.55"), encoding="utf-8")
    said = refused(capsys, "--output", "out")
    assert "ard.csv: this file was changed after rule release_results wrote it" in said
    assert not (project / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["1999-01-01"], "there are no results at the cut-off '1999-01-01'"),
        (["no/such"], "found neither an archive nor the folder of a cut"),
        (["2025-05-31"], "expected two cuts"),
        (["", "2024-05-31"], "there is no cut before 2024-05-31"),
    ],
)
def test_sides_that_cannot_be_compared_are_refused_in_a_sentence(
    project: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert said in refused(capsys, *arguments)


def test_two_studies_are_not_compared(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = make_cut(project / "results" / "gbsg2" / "1994-01-01")
    assert "gbsg2 and everolimus_exemestane are two studies" in refused(capsys, str(other))


def test_a_file_that_is_no_archive_is_refused(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "notes.zip").write_text("no", encoding="utf-8")
    assert "notes.zip: not an archive that can be read" in refused(capsys, "notes.zip")


def test_the_code_of_a_side_is_what_made_its_results(project: Path) -> None:
    cut = compare.open_cut(project, STUDY, "2025-05-31")
    assert code_of(cut, ["aggregate/ard.csv"]) == {"lib/cutline/disclosure.py": "2025-05-31", "pandas": "2.3.3"}
