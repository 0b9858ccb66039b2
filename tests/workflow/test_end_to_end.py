"""The main job, as its user starts it: the studies from nothing to a report."""

import json
import re
import stat

import duckdb
import pandas as pd
import pytest

from cutline.audit.cut import RUNS
from cutline.study import load_published
from tests.workflow.conftest import BOLERO2_CUT, DEFAULT_CUT, GBSG2_CUT, ROOT

REPORTS = ("manuscript.html", "manuscript.docx", "manuscript.pdf")


def results(project, folder):
    return pd.read_csv(project.path / folder / "aggregate" / "ard.csv", keep_default_na=False).set_index("key")


@pytest.mark.parametrize("report", REPORTS)
def test_the_default_study_renders(finished, report):
    assert (finished.path / DEFAULT_CUT / "report" / report).stat().st_size > 10_000


@pytest.mark.parametrize("report", REPORTS)
def test_gbsg2_renders(finished_gbsg2, report):
    assert (finished_gbsg2.path / "results/gbsg2/1994-01-01/report" / report).stat().st_size > 10_000


@pytest.mark.parametrize("report", REPORTS)
def test_bolero2_renders(finished_bolero2, report):
    assert (finished_bolero2.path / BOLERO2_CUT / "report" / report).stat().st_size > 10_000


def test_a_second_run_has_nothing_to_do(finished):
    assert finished.run().nothing_to_do


def test_of_172_screened_70_are_included(finished):
    ard = results(finished, DEFAULT_CUT)
    keys = ["flow.screened", "flow.excluded.her2_positive", "flow.excluded.triple_negative",
            "flow.excluded.missing_or_incomplete", "flow.included"]  # fmt: skip
    assert ard.loc[keys, "value"].astype(float).tolist() == [172, 41, 29, 32, 70]


def test_gbsg2_analyses_686_real_patients(finished_gbsg2):
    ard = results(finished_gbsg2, "results/gbsg2/1994-01-01")
    assert float(ard.loc["rfs.n", "value"]) == 686
    assert float(ard.loc["rfs.events", "value"]) == 299


def test_bolero2_recomputes_every_published_value(finished_bolero2):
    ard = results(finished_bolero2, BOLERO2_CUT)
    printed = {entry["key"]: entry["printed"] for entry in load_published(ROOT, "bolero2")}
    found = {key: f"{float(ard.loc[key, 'value']):.{len(text.partition('.')[2])}f}" for key, text in printed.items()}
    assert found == printed


def test_the_report_of_a_trial_compares_its_arms(finished_bolero2):
    text = (finished_bolero2.path / BOLERO2_CUT / "report/manuscript.html").read_text(encoding="utf-8")
    words = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))
    for said in ("everolimus + exemestane, 7.4 months", "placebo + exemestane, 3.2 months", "hazard ratio 0.44",
                 "everolimus + exemestane, 9.5% (46 patients", "Synthetic data"):  # fmt: skip
        assert said in words


def test_every_output_has_a_record_and_every_record_its_output(finished):
    files = [path for path in (finished.path / "results").rglob("*") if path.is_file()]
    outputs = {path for path in files if path.name != RUNS and "code" not in path.parts}
    records = {path for path in outputs if path.name.endswith(".prov.json")}
    assert {path.with_name(path.name + ".prov.json") for path in outputs - records} == records


def test_patient_level_files_are_their_owners_alone(finished):
    assert stat.S_IMODE((finished.path / DEFAULT_CUT / "patient").stat().st_mode) == 0o700


def test_no_hospital_number_or_name_is_in_any_result(finished):
    with duckdb.connect(
        str(finished.path / "resources/everolimus_exemestane/hospital.duckdb"), read_only=True
    ) as source:
        rows = source.execute("SELECT patient_id, name, national_id, phone, address FROM patients").fetchall()
    secrets = re.compile("|".join(re.escape(value) for row in rows for value in row).encode())
    for path in (finished.path / "results").rglob("*"):
        if path.suffix == ".parquet":
            assert not secrets.search(pd.read_parquet(path).to_csv().encode()), path.name
        elif path.suffix in (".csv", ".json", ".html", ".md", ".qmd", ".svg"):
            assert not secrets.search(path.read_bytes()), path.name


def test_every_key_of_the_results_is_used_once(finished):
    assert results(finished, DEFAULT_CUT).index.is_unique


def test_only_derivations_and_analyses_read_patients(finished):
    records = [json.loads(path.read_text()) for path in (finished.path / "results").rglob("*.prov.json")]
    readers = {
        record["rule"]
        for record in records
        if any(entry["path"].startswith("cut:patient/") for entry in record["inputs"])
    }
    allowed = ("check_", "select_", "derive_", "summarise_", "estimate_", "fit_")
    assert readers
    assert {rule for rule in readers if not rule.startswith(allowed)} == {"draw_patients", "write_exports"}


def test_what_has_a_mark_per_person_stays_at_patient_level(finished):
    records = [json.loads(path.read_text()) for path in (finished.path / "results").rglob("*.prov.json")]
    drawn = [record["output"]["path"] for record in records if record["rule"] == "draw_patients"]
    assert len(drawn) == 6
    assert all(path.startswith("cut:patient/figures/") for path in drawn)


NOT_ASKED_FOR = (
    "baseline.<by>.<variable>.p", "<endpoint>.gehan_breslow.",
    "<endpoint>.tarone_ware.", "<endpoint>.fleming_harrington.", "<endpoint>.<test>.", "firth/", "imputed/",
    "<endpoint>.cox.multivariable.<variable>.cut_point_2",
)  # fmt: skip
"""Beginnings of keys that no study gives: p-values in Table 1, other tests and pairs, and what needs a separated level,
unknown covariates or two cut-points."""


def in_full(cell):
    """The keys of a cell of the documentation: `.p` stands for the last part of the first key, `_lower` follows it."""
    first, *others = re.findall(r"`([^`]+)`", cell)
    path = first.rpartition(".")[0]
    short = {"_": lambda name: first + name, ".": lambda name: path + name}
    return [first, *(short.get(other[0], str)(other) for other in others)]


def test_every_key_that_the_documentation_promises_exists(finished, finished_gbsg2, finished_bolero2):
    text = (ROOT / "docs" / "results.md").read_text(encoding="utf-8").partition("\n## Keys\n")[2].partition("\n## ")[0]
    promised = [key for cell in re.findall(r"^\| (`.+?) \|", text, re.M) for key in in_full(cell)]
    studies = ((finished, DEFAULT_CUT), (finished_gbsg2, GBSG2_CUT), (finished_bolero2, BOLERO2_CUT))
    keys = [key for ready, folder in studies for key in results(ready, folder).index]
    patterns = {key: re.compile(re.sub(r"<[^>]+>", "[a-z0-9_.]+", key.replace(".", r"\."))) for key in promised}
    absent = [name for name, pattern in patterns.items() if not any(map(pattern.fullmatch, keys))]
    assert [name for name in absent if not name.startswith(NOT_ASKED_FOR)] == []
    assert {start for start in NOT_ASKED_FOR if not any(name.startswith(start) for name in absent)} == set()
