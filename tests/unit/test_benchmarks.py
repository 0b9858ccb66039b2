"""The arithmetic of the benchmark of 10⁵ persons: what is drawn, what is measured, how it grows."""

import sys
from pathlib import Path

import pytest

from cutline.configuration import read_yaml

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def derivations():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import derivations

    sys.path.remove(str(ROOT / "benchmarks"))
    return derivations


def test_at_least_so_many_persons_are_drawn(derivations):
    assert [derivations.scale_for(persons) for persons in (172, 173, 10_000, 100_000)] == [1, 2, 59, 582]


def test_the_study_is_scaled_and_otherwise_the_same(derivations, tmp_path):
    path = ROOT / "config" / "studies" / derivations.STUDY / "study.yaml"
    changed = tmp_path / "study.yaml"
    changed.write_text(derivations.at_scale(path.read_text(encoding="utf-8"), 582), encoding="utf-8")
    before, after = read_yaml(path)[0], read_yaml(changed)[0]
    assert after.pop("simulate") == before.pop("simulate") | {"scale": "582", "calibrate": "false"}
    assert after == before


def test_every_rule_from_the_source_to_the_patient_level_is_measured(derivations):
    rules = derivations.measured_rules()
    assert rules[:2] == ["extract_snapshot", "check_records"]
    assert {"derive_covariates", "select_cohort", "derive_endpoints", "derive_response", "derive_safety"} <= {*rules}
    assert not [rule for rule in rules if rule.startswith(("simulate", "draw", "summarise", "estimate", "fit"))]


@pytest.mark.parametrize(("large", "exponent"), [(20.0, 1.0), (200.0, 2.0), (2.0, 0.0)])
def test_ten_times_the_time_for_ten_times_the_persons_is_linear_growth(derivations, large, exponent):
    assert derivations.growth(2.0, large, 10) == pytest.approx(exponent)


def test_a_kept_source_comes_with_its_digest_and_without_results(derivations, tmp_path):
    files = [folder / "file" for folder in derivations.SOURCE]
    for file in (*files, Path("results/file")):
        (tmp_path / "copy" / file).parent.mkdir(parents=True)
        (tmp_path / "copy" / file).write_text("drawn")
    derivations.copy_folders(tmp_path / "copy", tmp_path / "kept")
    assert sorted(path.relative_to(tmp_path / "kept") for path in (tmp_path / "kept").rglob("file")) == sorted(files)


def test_the_sum_of_the_rules_stands_beside_the_wall_time(derivations):
    measured = {"check_records": 1.0, "sum": 1.0, "wall": 2.0}
    lines = derivations.report(measured, {name: 10 * spent for name, spent in measured.items()}, (10, 100)).splitlines()
    assert [line.split("  ")[0] for line in lines[2:]] == ["sum of the rules", derivations.WORDS["wall"]]
    assert lines[2].split()[-5:] == ["1.00", "s", "10.00", "s", "1.00"]


def test_the_rules_that_an_edit_of_the_text_runs_are_told_with_the_shortest_time():
    sys.path.insert(0, str(ROOT / "benchmarks"))
    import report

    sys.path.remove(str(ROOT / "benchmarks"))
    runs = [{"render_report": 6.0, "run": 9.0}, {"render_report": 5.0, "run": 8.0}]
    lines = report.report(runs).splitlines()
    assert [line.split()[-1] for line in lines] == ["render_report", "s", "s"]
    assert [line.split()[-2] for line in lines[1:]] == ["5.0", "8.0"]
