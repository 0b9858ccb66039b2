"""Other conventions and other criteria beside the main analysis: on a handful of persons by hand."""

from __future__ import annotations

import pandas as pd

from cutline.display.table_sensitivity import sensitivity_grid
from cutline.endpoints.conventions import IN_SHORT, RULE_SETS, SITUATIONS, TREATMENTS
from cutline.lineage import lineage
from cutline.manuscript.rules import clauses
from cutline.sensitivity import estimate_sensitivity
from cutline.tables.cohort import COHORT, WHAT_IF
from cutline.tables.covariates import COVARIATES
from cutline.tables.endpoints import ENDPOINTS, SCAN_INTERVALS, WHAT_IF_ENDPOINTS
from tests.spec.tables import table

SETTINGS = {
    "endpoints": {"pfs": {"rule_set": "itt", "sensitivity": ["documented_only"]}},
    "what_if": [{"id": "everybody", "label": "Everybody"}],
    "statistics": {"conf_level": 0.95, "days_per_month": 30.4375, "median_interval": "log-log",
                   "survival_interval": "log-log", "ties": "efron", "landmarks_months": [1]},
    "models": {}, "variables": {},
}  # fmt: skip
TABLES = {
    "cohort": table(COHORT, "patient_id | index_date\nA | 2020-01-01\nB | 2020-01-01"),
    "what_if": table(WHAT_IF, "variant | patient_id\neverybody | A\neverybody | B\neverybody | C"),
    "covariates": table(COVARIATES, "patient_id | variable | reason\nA | ecog | x"),
    "endpoints": table(
        ENDPOINTS,
        """
        patient_id | endpoint | rule_set        | time_days | reason
        A          | pfs      | main            | 100       | progression
        B          | pfs      | main            | 200       | progression
        A          | pfs      | documented_only | 50        | missed scans
        B          | pfs      | documented_only | 200       | progression
        """,
    ),
    "what_if_endpoints": table(
        WHAT_IF_ENDPOINTS, "patient_id | endpoint | rule_set | time_days | reason\nC | pfs | main | 300 | progression"
    ),
    "scan_intervals": table(
        SCAN_INTERVALS,
        """
        patient_id | endpoint | from_date  | to_date    | days | ends_with | source_date
        A          | pfs      | 2020-01-01 | 2020-02-20 | 50   | scan      | 2020-02-20
        A          | pfs      | 2020-02-20 | 2020-10-10 | 233  | event     | 2020-10-10
        B          | pfs      | 2020-01-01 | 2020-03-01 | 60   | scan      | 2020-03-01
        """,
    ),
}
for name in ("endpoints", "what_if_endpoints"):
    TABLES[name]["event"] = TABLES[name]["reason"] == "progression"
TABLES["scan_intervals"]["beyond_limit"] = TABLES["scan_intervals"]["days"] > 182


def results():
    return estimate_sensitivity(settings=SETTINGS, **TABLES)["ard"].set_index("key", drop=False)


def values(*keys):
    found = results()["value"]
    return [found[key] for key in keys]


def test_a_rule_set_counts_the_cohort_by_its_own_times():
    assert values("documented_only/pfs.n", "documented_only/pfs.events") == [2, 1]
    assert values("documented_only/pfs.km.median") == [200 / 30.4375]


def test_a_what_if_variant_counts_its_own_cohort_by_the_main_times():
    assert values("everybody/pfs.n", "everybody/pfs.events", "everybody/pfs.km.median") == [3, 3, 200 / 30.4375]


def test_an_anchor_that_states_no_progression_gives_counts_and_no_estimate():
    asked = {"pfs": SETTINGS["endpoints"]["pfs"] | {"sensitivity": ["progression_doctor"]}}
    by_doctor = TABLES["endpoints"].assign(rule_set="progression_doctor", event=[True, False, True, False], anchor=None)
    tables = TABLES | {"endpoints": pd.concat([TABLES["endpoints"], by_doctor.head(2)])}

    def median(anchor):
        tables["endpoints"].loc[tables["endpoints"]["rule_set"] == "progression_doctor", "anchor"] = anchor
        found = estimate_sensitivity(settings=SETTINGS | {"endpoints": asked}, **tables)["ard"].set_index("key")
        assert found["value"]["progression_doctor/pfs.events"] == 1
        return found.loc["progression_doctor/pfs.km.median"]

    assert median("doctor")["value"] == 100 / 30.4375
    assert "states no progression" in median(None)["note"]


def test_scans_are_described_without_the_interval_that_ends_with_no_scan_but_the_gap_counts():
    assert values("pfs.scans.intervals", "pfs.scans.median", "pfs.scans.max", "pfs.scans.gaps") == [2, 55, 60, 1]


def test_every_row_is_traced_to_the_persons_it_counts():
    for _, row in results().iterrows():
        if row["n"] == row["n"] and row["n"] is not None:
            found = lineage(row, TABLES)
            assert (len(found.denominator), len(found.contributing)) == (row["n"], row["n_contributing"]), row["key"]


def test_every_situation_of_every_rule_set_has_a_treatment_in_words():
    conventions = {key: {} for key in ("scans", "baseline", "clinical", "new_therapy", "treatment_stop")}
    for rules in RULE_SETS.values():
        assert list(rules) == list(TREATMENTS)
        assert len(clauses(rules, conventions | {"interval_days": 84})) == len(TREATMENTS)


def test_every_situation_and_treatment_has_words_for_the_table_of_the_supplement():
    assert list(SITUATIONS) == list(TREATMENTS)
    assert {treatment for treatments in TREATMENTS.values() for treatment in treatments} == set(IN_SHORT)


def test_the_table_groups_analyses_by_what_they_change():
    study = {
        "endpoints": {"pfs": {"label": "Survival", "rule_set": "itt",
                              "sensitivity": ["documented_only", "progression_doctor"]}},
        "progression_anchors": {"doctor": {"label": "doctor"}}, "what_if": [{"id": "all", "label": "Everyone"}],
        "models": {}, "statistics": {"conf_level": 0.95},
    }  # fmt: skip
    _, rows, _ = sensitivity_grid(study, {})
    assert [(row.label.text, row.heading, row.names_a_part) for row in rows] == [
        ("Survival", True, False), ("Main analysis: all followed to progression or death", False, False),
        ("Other conventions of censoring:", False, True), ("Documented progression only", False, False),
        ("Who states the progression:", False, True), ("Progression by doctor only", False, False),
        ("Other patients included:", False, True), ("Everyone", False, False),
    ]  # fmt: skip
