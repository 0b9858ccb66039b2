"""The same inputs give the same bytes, wherever and however they are run on one type of machine.

The run to compare with (`finished`) has two cores; the one here has one, and test_interrupted.py comes to the same
bytes with four.
"""

import shutil
import subprocess

import pytest

from tests.workflow.conftest import DEFAULT_CUT, fresh
from tests.workflow.same_bytes import must_be_the_same

COMMON = "workflow/rules/common.smk"
GUARD = ('    PYTHONHASHSEED="0",\n', '    TZ="UTC",\n', '    LC_ALL="C.UTF-8",\n')


@pytest.fixture(scope="module")
def foreign(tmp_path_factory):
    """An environment as unlike a developer's as can be: Turkish, where the capital of i is İ, and east of Greenwich."""
    there = {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8", "TZ": "Asia/Istanbul", "PYTHONHASHSEED": "random"}
    if not shutil.which("localedef"):
        return there
    locales = tmp_path_factory.mktemp("locales")
    compiled = ["localedef", "--inputfile=tr_TR", "--charmap=UTF-8", str(locales / "tr_TR.UTF-8")]
    subprocess.run(compiled, check=False, capture_output=True)
    return there | {"LOCPATH": str(locales)}


def without_guard(text):
    """The workflow without what gives every job one locale, time zone and hash seed: it must not depend on it."""
    for line in GUARD:
        assert line in text
        text = text.replace(line, "")
    return text


def test_cores_hash_seed_locale_time_zone_and_place_change_no_byte(finished, foreign, tmp_path):
    project = fresh(tmp_path / "a path that is longer, with spaces and ü" / "project")
    project.edit(COMMON, without_guard)
    elsewhere = tmp_path / "results elsewhere, ğ"
    outcome = project.run("--config", f"results_dir={elsewhere}", cores=1, environment=foreign)
    assert outcome.code == 0, outcome.text
    must_be_the_same(elsewhere / DEFAULT_CUT.relative_to("results"), finished.path / DEFAULT_CUT)
    for record in ("hospital.duckdb.prov.json", "truth.csv.prov.json"):
        file = f"resources/everolimus_exemestane/{record}"
        assert (project.path / file).read_bytes() == (finished.path / file).read_bytes()


def test_a_cut_is_verified_as_well_in_a_foreign_environment(finished, foreign, monkeypatch):
    for name, value in foreign.items():
        monkeypatch.setenv(name, value)
    told = finished.ask("verify")
    assert told.returncode == 0, told.stdout + told.stderr
