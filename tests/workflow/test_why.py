"""An auditor goes from a number of the finished report to the records it rests on."""

import csv
import json
import os
import subprocess
import sys

import pytest

from cutline.audit.chain import Chains
from cutline.audit.cut import open_cut
from cutline.audit.wording import displayed, with_unit
from cutline.commands.why import meant
from tests.workflow.conftest import DEFAULT_CUT


@pytest.fixture(scope="session")
def chains(finished):
    return Chains(open_cut(finished.path))


def cutline(project, *arguments):
    """The command as the user starts it, in the project's folder."""
    done = subprocess.run(
        [sys.executable, "-m", "cutline", *arguments], cwd=project.path, capture_output=True, encoding="utf-8",
        env=os.environ | {"PYTHONPATH": str(project.path / "workflow" / "lib"), "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_from_a_number_in_the_text_to_the_snapshot(finished):
    code, told, _ = cutline(finished, "why", "6.6")
    assert code == 0
    assert " 1. pfs.km.median = 6.6 months" in told
    assert "cutline why pfs.km.median" in told
    code, told, _ = cutline(finished, "why", "pfs.km.median")
    assert code == 0
    for part in (
        "Median progression-free survival was [6.6] months",
        "Figure 2. Progression-free survival",
        "70 patients: all included patients",
        "workflow/lib/cutline/survival/estimate.py",
        "endpoints.pfs.event_label",
        "patient/endpoints.parquet",
        "patient/snapshot/manifest.json",
        "resources/everolimus_exemestane/hospital.duckdb",
        "synthetic hospital database",
    ):
        assert part in told


def test_from_a_number_in_the_text_to_the_records_of_each_patient(finished):
    code, told, error = cutline(finished, "why", "response.orr.n", "--patients", "--json")
    assert code == 0, error
    found = json.loads(told)["patients"]
    assert (len(found["denominator"]), len(found["contributing"])) == (70, 40)
    behind = {record["patient_id"] for record in found["records"] if record["source_record_id"]}
    assert behind == set(found["contributing"])


def test_every_result_has_a_whole_chain_that_ends_in_the_manifest(finished, chains):
    with (finished.path / DEFAULT_CUT / "aggregate" / "ard.csv").open(encoding="utf-8", newline="") as stream:
        keys = [row["key"] for row in csv.DictReader(stream)]
    for key in keys:
        chain = chains.whole(key)
        assert "cut:patient/snapshot/manifest.json" in chain["files"], key
        assert chain["jobs"][chain["rule"]]["code"], key
        assert any(file["own"] for file in chain["jobs"][chain["rule"]]["code"]), key
        assert chain["breaks"] == [], key


def test_every_number_that_the_report_shows_is_found_by_its_text(chains):
    shown = [(span.key, passage.text[span.start : span.end]) for passage in chains.report for span in passage.spans]
    assert len(shown) > 300
    for key, text in set(shown):
        assert key in meant(chains, text)[0], text


def test_what_a_chain_says_of_the_number_is_what_the_report_shows(chains):
    """The default format of a result agrees with the one that the manuscript chose."""
    differing = {
        key
        for key, places in chains.places.items()
        for place in places
        if place.kind == "text"
        and with_unit(chains.cut.results[key], place.shown)
        != with_unit(chains.cut.results[key], displayed(chains.cut.results[key]))
    }
    assert differing == set()
