"""One woman through the criteria of the default study: what it takes to leave her out, or to ask about her.

She is included as she stands in `HISTORY`; each case adds records, or replaces a table, and says where she is left and
what is asked. The rules are the study's own (config/studies/everolimus_exemestane/study.yaml).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cutline.cohort import select_cohort
from cutline.covariates import derive_covariates
from cutline.endpoints.derive import derive_endpoints
from cutline.lines import derive_lines
from cutline.response import derive_response
from cutline.study import load_study
from cutline.study_rules import settings_for
from cutline.tables.layout import layouts
from cutline.tables.spec import unpacked
from tests.spec.tables import cases, table

ROOT = Path(__file__).parents[2]
HISTORY = {
    "patients": "patient_id | birth_date | sex\nA | 1960-05-05 | female",
    "diagnoses": """
        patient_id | icd10 | diagnosis_date
        A          | C50.9 | 2019-01-10
        A          | C79.5 | 2019-01-20""",
    "procedures": "patient_id | procedure | intent | procedure_date",
    "pathology": """
        patient_id | sample_date | specimen | histology | er_percent | pr_percent | her2_ihc
        A          | 2019-01-10  | primary  | IDC       | 90         | 50         | 1+""",
    "observations": """
        patient_id | item              | value          | observed_on
        A          | ecog              | 1              | 2019-03-01
        A          | menopausal_status | postmenopausal | 2019-03-01""",
    "treatments": """
        patient_id | setting    | drug         | atc     | dose_mg | start_date | stop_date  | stop_reason
        A          | metastatic | palbociclib  | L01EF01 | 125     | 2019-03-01 | 2020-08-01 | progression
        A          | metastatic | letrozole    | L02BG04 | 2.5     | 2019-03-01 | 2020-08-01 | progression
        A          | metastatic | capecitabine | L01BC06 | 2000    | 2020-09-01 | 2021-05-01 | progression
        A          | metastatic | everolimus   | L01EG02 | 10      | 2021-06-01 | 2022-01-01 | progression
        A          | metastatic | exemestane   | L02BG06 | 25      | 2021-06-01 | 2022-01-01 | progression""",
    "assessments": "patient_id | assessment_date\nA | 2021-05-20\nA | 2021-09-01",
    "follow_up": "patient_id | contact_date | status\nA | 2022-06-01 | alive",
    "deaths": "patient_id | death_date",
}


@cache
def study() -> dict[str, Any]:
    return load_study(ROOT, {})


def followed(**changed: str) -> dict[str, pd.DataFrame]:
    """What is derived of her, from lines to endpoints; `changed` has further rows of a table, or a whole one."""
    specs = {name: layout.table for name, layout in layouts(study()["source"]).items()}
    texts = {name: HISTORY.get(name, "patient_id") for name in specs}
    for name, rows in changed.items():
        texts[name] = rows if rows.startswith("patient_id") else f"{texts[name]}\n{rows}"
    records = {name: table(specs[name], text) for name, text in texts.items()}
    lines = derive_lines(settings=settings_for(study(), "derive_lines"), **records)
    records |= {"lines": lines["lines"]}
    lists = {f"codelist_{name}": ROOT / file for name, file in study()["codelists"].items()}
    facts = derive_covariates(settings=settings_for(study(), "derive_covariates"), **records, **lists)
    chosen = select_cohort(settings=settings_for(study(), "select_cohort"), covariates=facts["covariates"], **records)
    asked = pd.concat([part["queries"] for part in (lines, facts, chosen)])
    found = {"ledger": chosen["ledger"], "what_if": chosen["what_if"], "queries": asked,
             "values": unpacked(facts["covariates"]).set_index("variable")}  # fmt: skip
    cohort = chosen["cohort"]
    responses = derive_response(settings=settings_for(study(), "derive_response"), cohort=cohort,
                                covariates=facts["covariates"], **records)  # fmt: skip
    ends = derive_endpoints(settings=settings_for(study(), "derive_endpoints"), cohort=cohort,
                            visits=responses["visits"], response=responses["response"], **records)  # fmt: skip
    return found | {"ends": unpacked(ends["endpoints"]).set_index(["endpoint", "rule_set"])}


def left_at(found: dict[str, pd.DataFrame]) -> str:
    return str(found["ledger"]["left_at"].fillna("included").item())


CASES = """
what is recorded too                           | table        | rows                                                                   | left at                    | asked
nothing                                        | deaths       |                                                                        | included                   |
an adjuvant tamoxifen years before             | treatments   | A / adjuvant / tamoxifen / L02BA01 / 20 / 2012-01-01 / 2017-01-01      | earlier_curative_treatment |
a curative mastectomy                          | procedures   | A / mastectomy / curative / 2012-01-01                                 | earlier_curative_treatment |
distant nodes 200 days after diagnosis, before | diagnoses    | patient_id / icd10 / diagnosis_date; A / C50.9 / 2019-01-10; A / C77.2 / 2019-07-29; A / C79.5 / 2019-07-30 | not_de_novo |
distant nodes at diagnosis, bone years later   | diagnoses    | patient_id / icd10 / diagnosis_date; A / C50.9 / 2019-01-10; A / C77.2 / 2019-01-20; A / C79.5 / 2021-01-20 | included |
axillary nodes at diagnosis, bone years later  | diagnoses    | patient_id / icd10 / diagnosis_date; A / C50.9 / 2019-01-10; A / C77.3 / 2019-01-20; A / C79.5 / 2021-01-20 | not_de_novo |
pantoprazole during everolimus                 | treatments   | A / / pantoprazole / A02BC02 / 40 / 2021-08-01                         | included                   |
another ECOG of the same day                   | observations | A / ecog / 3 / 2019-03-01                                              | missing_or_incomplete      | records_differ
the same ECOG of the same day                  | observations | A / ecog / 1 / 2019-03-01                                              | included                   |
another menopausal status of the same day      | observations | A / menopausal_status / premenopausal / 2019-03-01                     | missing_or_incomplete      | records_differ
an ER that the report contradicts              | pathology    | patient_id / sample_date / specimen / histology / er_percent / pr_percent / her2_ihc; A / 2019-01-10 / primary / IDC / Negative (80% outside) / 0 / 1+ | missing_or_incomplete | receptor_conflict
"""  # noqa: E501 (one case per line)


@pytest.mark.parametrize(("what", "name", "rows", "left", "asked"), cases(CASES))
def test_what_leaves_her_out_and_what_is_asked(what, name, rows, left, asked):
    written = "\n".join((rows or "").replace("/", "|").split("; "))
    found = followed(**{name: written} if written else {})
    assert left_at(found) == left, what
    assert sorted(set(found["queries"]["query"])) == ([asked] if asked else []), what


def test_a_cdk46_inhibitor_resumed_after_everolimus_is_not_of_its_earlier_duration():
    resumed = "A | metastatic | ribociclib | L01EF02 | 600 | 2021-08-01 | 2023-06-01 |"
    stopped = HISTORY["treatments"].replace("2019-03-01 | 2020-08-01", "2019-03-01 | 2021-05-20")
    values = followed(treatments=f"{stopped.strip()}\n{resumed}")["values"]
    assert values.loc["cdk46_stop_date", "value"] == "2021-05-20"
    assert values.loc["cdk46_duration", "number"] == pytest.approx(811 / 30.4375)


def test_incomplete_women_come_back_where_their_outcome_is_known_by_a_scan_and_a_contact_or_by_death():
    no_ecog = "patient_id | item | value | observed_on\nA | menopausal_status | postmenopausal | 2019-03-01"
    no_scan = "patient_id | assessment_date\nA | 2021-05-20"
    early = "patient_id | contact_date | status\nA | 2021-05-30 | alive"
    death = "patient_id | death_date\nA | 2021-06-25"
    came_back = {
        name: "incomplete_included" in set(found["what_if"]["variant"])
        for name, found in {
            "scan and contact": followed(observations=no_ecog),
            "death without a scan": followed(observations=no_ecog, assessments=no_scan, follow_up=early, deaths=death),
            "neither": followed(observations=no_ecog, assessments=no_scan, follow_up=early),
        }.items()
    }
    assert came_back == {"scan and contact": True, "death without a scan": True, "neither": False}


@pytest.mark.parametrize(
    ("more", "asked"), [({}, 1), ({"procedures": "A | oophorectomy | ovarian_ablation | 2019-02-01"}, 0)]
)
def test_an_aromatase_inhibitor_before_menopause_is_asked_about_unless_the_ovaries_are_gone_or_suppressed(more, asked):
    before = "patient_id | item | value | observed_on\nA | ecog | 1 | 2019-03-01\n"
    found = followed(observations=f"{before}A | menopausal_status | premenopausal | 2019-03-01", **more)
    assert (found["queries"]["query"] == "aromatase_inhibitor_without_suppression").sum() == asked


SCANS = """
patient_id | assessment_date | modality | assessor  | measurable | target_sum_mm | overall_response
A          | 2021-05-25      | ct       | radiology | yes        | 100           |
A          | 2021-08-24      | ct       | radiology | yes        | 100           | SD"""


def days(found: dict[str, pd.DataFrame], endpoint: str, rule_set: str = "main") -> str:
    """The time in days, with a plus if it is censored."""
    end = found["ends"].loc[(endpoint, rule_set)]
    return f"{end['time_days']:.0f}{'' if end['event'] else '+'}"


def test_a_progression_that_the_clinician_states_without_a_scan_counts_where_the_rule_set_says_so():
    found = followed(
        assessments=f"""{SCANS.strip()}
        A | 2021-09-09 | clinical | clinician |     |     | PD
        A | 2021-11-16 | ct       | radiology | yes | 130 | PD"""
    )
    told = {name: days(found, "pfs", name) for name in ("main", "investigator", "documented_only", "assessment_date")}
    assert told == {"main": "100", "investigator": "100", "documented_only": "168", "assessment_date": "168"}


def test_a_progression_without_a_measurement_is_not_refuted_by_the_want_of_one():
    found = followed(assessments=f"{SCANS.strip()}\nA | 2021-11-16 | ct | radiology | yes | | PD")
    assert days(found, "pfs") == "168"


def test_a_change_of_dose_is_no_discontinuation_of_everolimus():
    split = HISTORY["treatments"].replace("2021-06-01 | 2022-01-01 | progression", "2021-06-01 | 2021-08-01 | other", 1)
    found = followed(
        treatments=f"{split.strip()}\nA | metastatic | everolimus | L01EG02 | 5 | 2021-08-02 | 2022-01-01 |"
    )
    assert days(found, "ttd") == "214"
