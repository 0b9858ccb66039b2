"""Known answer in, known answer out: what the generator drew is what the pipeline derives from the records."""

from pathlib import Path

import pandas as pd
import pytest

from cutline.simulate import simulate_source
from cutline.sources.pseudonyms import Pseudonyms
from cutline.study import load_study
from cutline.study_rules import settings_for
from tests.pipeline import analyse, derive

ROOT = Path(__file__).parents[2]
STUDY = load_study(ROOT, {})
PUBLISHED = ROOT / "config/studies/everolimus_exemestane/published.yaml"
COVARIATES = ["menopausal_status", "ecog", "her2_status", "histology", "cdk46_inhibitor", "cdk46_duration_group"]


def drawn(folder, seed, **more):
    """A free draw, and its truth by pseudonym."""
    settings = settings_for(STUDY, "simulate_source")
    settings |= {"simulate": settings["simulate"] | {"seed": seed, "calibrate": False} | more}
    outputs = simulate_source(settings=settings, published=PUBLISHED)
    outputs["database"](folder / "hospital.duckdb")
    outputs["truth"](folder / "truth.csv")
    truth = pd.read_csv(folder / "truth.csv", dtype=str, keep_default_na=False)
    pseudonyms = Pseudonyms.of("public").replace(truth["patient_id"])
    return folder / "hospital.duckdb", truth.set_index(pseudonyms).sort_index()


def times(found, endpoint):
    main = found["endpoints"][found["endpoints"]["rule_set"] == "main"]
    rows = main[main["endpoint"] == endpoint].set_index("patient_id").sort_index()
    return rows["time_days"].astype(str) + rows["event"].astype(str)


@pytest.mark.parametrize("seed", range(1, 21))
def test_the_pipeline_finds_what_was_drawn(tmp_path, seed):
    source, truth = drawn(tmp_path, seed)
    found = derive(STUDY, ROOT, source)
    ledger = found["ledger"].set_index("patient_id").sort_index()
    women = truth[truth["included"] == "True"]
    assert ledger["first_failed"].fillna("").tolist() == truth["first_failed"].tolist()
    assert found["cohort"]["patient_id"].tolist() == women.index.tolist()
    for endpoint in ("pfs", "os"):
        drawn_times = women[f"{endpoint}_days"].astype(float).astype(int).astype(str) + women[f"{endpoint}_event"]
        assert times(found, endpoint).tolist() == drawn_times.tolist()
    response = found["response"].set_index("patient_id").sort_index()["best_response"]
    assert response.tolist() == women["best_response"].tolist()
    levels = found["covariates"].pivot(index="patient_id", columns="variable", values="value").loc[women.index]
    assert levels[COVARIATES].to_numpy().tolist() == women[COVARIATES].to_numpy().tolist()
    affected = set(found["safety"]["patient_id"])
    assert affected == set(women.index[women["ae_term"] != ""])


def assert_no_her2_status_is_wrong(found, drawn_status):
    """However the reports were spoilt: a status is the drawn one, or unknown; and then asked about, or never tested."""
    covariates = found["covariates"].set_index(["variable", "patient_id"]).loc["her2_status"].loc[drawn_status.index]
    unknown = covariates[covariates["value"].isna()]
    known = covariates["value"].dropna()
    assert known.tolist() == drawn_status[known.index].tolist()
    asked = found["queries_derive_covariates"].query("about == 'her2_status'")["patient_id"]
    unasked = unknown[~unknown.index.isin(asked)]
    assert set(unasked["reason"]) <= {"no sample", "no sample with a result", "diagnosis_date is unknown"}
    assert 0 < len(unknown) < len(known)


def test_a_noisy_source_loses_no_record_and_still_gives_every_result(tmp_path):
    source, truth = drawn(tmp_path, 5, noise=0.05)
    found = derive(STUDY, ROOT, source)
    assert_no_her2_status_is_wrong(found, truth[truth["included"] == "True"]["her2_status"])
    accounting = found["accounting"]
    assert accounting["quarantined"].sum() > 0
    assert (accounting["extracted"] == accounting["accepted"] + accounting["quarantined"]).all()
    ard = analyse(STUDY, found)
    left = ard[ard["key"].str.match(r"flow\.(excluded|pending)\.")]["value"].sum()
    assert left + ard.loc["flow.included", "value"] == ard.loc["flow.screened", "value"]
