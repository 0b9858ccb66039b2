"""Metastatic sites from diagnoses: how many, visceral, bone only. One patient each, index date 2020-06-01.

Codes by WHO ICD-10 (2019), C77 to C79. Which nodes are regional: AJCC Cancer Staging Manual, 8th edition, breast; where
the code does not tell, a node is not counted as a distant site.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cutline.covariates import derive_covariates
from cutline.study import load_study
from cutline.study_rules import settings_for
from cutline.tables.diagnoses import DIAGNOSES
from cutline.tables.lines import LINES
from cutline.tables.patients import PATIENTS
from cutline.tables.spec import unpacked
from tests.spec.tables import cases, table

ROOT = Path(__file__).parents[2]
STUDY = load_study(ROOT, {"study": "everolimus_exemestane"})
ASKED = ["bone_only", "metastatic_sites", "visceral_disease"]


def facts(codes: str, index: str | None = "2020-06-01") -> pd.DataFrame:
    """Patient A's rows of the default study's variables on sites; `codes` are ICD-10 codes, of 2020-01-01 or @date."""
    dated = [code.strip().partition("@") for code in codes.split(",") if code.strip()]
    lines = [f"A | {code} | {date or '2020-01-01'}" for code, _, date in dated]
    starts = [f"A | everolimus_exemestane | recorded | {index}"] if index else []
    settings = settings_for(STUDY, "derive_covariates")
    needed = {name: settings["variables"][name] for name in ASKED}
    records = {
        "patients": table(PATIENTS, "patient_id\nA"),
        "diagnoses": table(DIAGNOSES, "\n".join(["patient_id | icd10 | diagnosis_date", *lines])),
        "lines": table(LINES, "\n".join(["patient_id | class | setting_basis | start_date", *starts])),
    }
    sites = ROOT / settings["codelists"]["sites"]
    found = derive_covariates(settings=settings | {"variables": needed, "queries": []}, **records, codelist_sites=sites)
    return unpacked(found["covariates"]).set_index("variable").loc[ASKED]


SITES = """
codes                      | sites | visceral | bone only
C79.5                      | 1     | no       | yes
C78.0                      | 1     | yes      | no
C78.2                      | 1     | yes      | no
C78.7                      | 1     | yes      | no
C79.3                      | 1     | no       | no
C79.2                      | 1     | no       | no
C79.5, C78.7               | 2     | yes      | no
C79.5, C79.3               | 2     | no       | no
C79.5, C77.3               | 1     | no       | yes
C77.3                      | 0     |          |
C77.0, C77.1, C77.9        | 0     |          |
C77.2                      | 1     | no       | no
C79.51, C79.52, c79.5      | 1     | no       | yes
C78.7, C78.7, C78.7        | 1     | yes      | no
C79.9                      | 1     | no       | no
C78.0, C78.1, C78.2, C78.6 | 4     | yes      | no
C50.9                      | 0     |          |
                           | 0     |          |
C79.5, C78.7@2020-06-01    | 2     | yes      | no
C79.5, C78.7@2020-06-02    | 1     | no       | yes
"""


@pytest.mark.parametrize(("codes", "sites", "visceral", "bone_only"), cases(SITES))
def test_sites_known_on_the_index_date_are_counted_and_named(codes, sites, visceral, bone_only):
    found = facts(codes or "")
    assert found.loc["metastatic_sites", "number"] == int(sites)
    assert found.loc["visceral_disease", "value"] == visceral
    assert found.loc["bone_only", "value"] == bone_only


def test_without_an_index_date_nothing_is_known_of_the_sites_and_the_reason_says_so():
    found = facts("C79.5, C78.7", index=None)
    assert found["number"].isna().all()
    assert found["value"].isna().all()
    assert set(found["reason"]) == {"index_date is unknown"}


def test_visceral_disease_rests_on_the_first_visceral_record_and_its_absence_on_the_first_of_all():
    found = facts("C79.5@2020-01-01, C78.7@2020-03-01, C78.0@2020-02-01")
    assert found.loc["visceral_disease", ["source_record_id", "reason"]].tolist() == [
        "r03", "a record of one of the values",
    ]  # fmt: skip
    assert found.loc["bone_only", "source_record_id"] == "r03"
    assert found.loc["metastatic_sites", "source_record_id"] == "r02"
    assert facts("C79.5, C79.3").loc["visceral_disease", "source_record_id"] == "r01"


def test_every_variable_on_sites_is_timed_by_the_index_date():
    assert set(facts("C79.5")["anchor"]) == {"index_date"}
