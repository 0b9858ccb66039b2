"""From a result to persons and records: on six persons by hand, and for each result of whole studies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from cutline.baseline import summarise_baseline
from cutline.cox import fit_cox
from cutline.errors import ProvenanceError, SetupError
from cutline.lineage import SPECS, lineage, read_derived, tables_needed
from cutline.safety.summarise import summarise_safety
from cutline.simulate import simulate_source
from cutline.study import load_study
from cutline.study_rules import settings_for
from cutline.survival.estimate import estimate_survival
from cutline.tables.cohort import ATTRITION
from tests.pipeline import analyse, derive
from tests.spec.tables import cases, table

ROOT = Path(__file__).parents[2]
DEFAULT = "everolimus_exemestane"

DERIVED = {
    name: table(SPECS[name], text)
    for name, text in {
        "ledger": """
            patient_id | status | first_failed | first_answer | all_failed | first_pending | source_records
            A  | included |           |          |                   |         |
            B  | included |           |          |                   |         |
            C  | included |           |          |                   |         |
            D  | included |           |          |                   |         |
            E  | excluded | too_young | failed   | too_young;no_scan |         | patients:r5;diagnoses:d5
            F  | excluded | no_scan   | unknown  | no_scan           |         |
            G  | pending  |           |          |                   | no_scan | patients:r7
            """,
        "cohort": """
            patient_id | index_date | source_table | source_record_id
            A          | 2020-01-01 | treatments   | t1
            B          | 2020-02-01 | treatments   | t2
            C          | 2020-03-01 | treatments   | t3
            D          | 2020-04-01 | treatments   | t4
            """,
        "covariates": """
            patient_id | variable | value | number | reason    | source_table | source_record_id | source_date
            A          | age      |       | 33.0   | years     | patients     | r1               | 1987-01-01
            B          | age      |       | 61.5   | years     | patients     | r2               | 1958-01-01
            C          | age      |       |        | no birth  |              |                  |
            D          | age      |       | 61.5   | years     | patients     | r4               | 1958-01-02
            E          | age      |       | 17     | years     | patients     | r5               | 2003-01-01
            A          | ecog     | 0     |        | nearest   | observations | o1               | 2020-01-01
            B          | ecog     | 1     |        | nearest   | observations | o2               | 2020-02-01
            C          | ecog     | 1     |        | nearest   | observations | o3               | 2020-03-01
            D          | ecog     |       |        | no record |              |                  |
            E          | ecog     | 1     |        | nearest   | observations | o5               | 2020-03-01
            """,
        "endpoints": """
            patient_id | endpoint | rule_set | time_days | event | reason      | source_table | source_record_id
            A          | pfs      | main     | 179       | true  | progression | assessments  | s1
            B          | pfs      | main     | 180       |       | last scan   | assessments  | s2
            C          | pfs      | main     | 181       | true  | death       | deaths       | x3
            D          | pfs      | main     | 0         |       | no scan     |              |
            A          | os       | main     | 200       |       | alive       | follow_up    | f1
            B          | os       | main     | 200       |       | alive       | follow_up    | f2
            C          | os       | main     | 181       | true  | death       | deaths       | x3
            D          | os       | main     | 0         |       | no contact  |              |
            A          | pfs      | strict   | 100       |       | missed scan | assessments  | s0
            """,
        "response": """
            patient_id | best_response | reason  | source_table | source_record_id | confirmed_response
            A          | PR            | partial | assessments  | s7               | SD
            B          | SD            | stable  | assessments  | s8               | SD
            C          | CR            | gone    | assessments  | s9               | CR
            D          | MISSING       | no scan |              |                  | MISSING
            """,
        "safety": """
            patient_id | term     | worst_grade | action       | relatedness | outcome   | source_record_id
            A          | fatigue  | 2           | none         | related     | recovered | e1
            A          | fatigue  | 3           | none         | not_related | recovered | e2
            A          | skin     |             | discontinued | related     | recovered | e3
            B          | fatigue  | 5           | none         | related     |           | e4
            C          | skin     | 5           | none         | not_related | fatal     | e5
            """,
        "exposure": """
            patient_id | at_risk_days
            A          | 100
            B          | 200
            C          | 181
            """,
        "deaths": """
            patient_id | record_id | death_date | cause | treatment_related
            C          | x3        | 2020-08-29 | other | no
            E          | x5        | 2020-08-30 | other | yes
            """,
    }.items()
}  # fmt: skip
DERIVED["safety"]["worst_of_all"] = DERIVED["safety"]["source_record_id"].isin(["e2", "e4", "e5"])
DERIVED["safety"]["worst_of_term"] = DERIVED["safety"]["source_record_id"].isin(["e2", "e3", "e4", "e5"])
DERIVED["safety"]["worst_of_class"] = DERIVED["safety"]["worst_of_all"]
DERIVED["response"]["confirmed_record_id"] = ["s6", "s8", "s9", None]
DERIVED["ledger"]["included"] = DERIVED["ledger"]["status"] == "included"
DERIVED["ledger"]["all_pending"] = DERIVED["ledger"]["first_pending"]
DERIVED["ledger"]["left_at"] = DERIVED["ledger"]["first_failed"].fillna(DERIVED["ledger"]["first_pending"])
DERIVED["endpoints"]["event"] = DERIVED["endpoints"]["reason"].isin(["progression", "death"])


def traced(asked: str, **columns: str):
    """The lineage of a row as the results file holds it: text, blank where nothing is said."""
    row = {"population": "included", "filter": asked, "endpoint": "", "n": "4", "n_contributing": "1"} | columns
    return lineage(row, {name: DERIVED[name] for name in tables_needed(row)})


def persons(asked: str, **columns: str) -> tuple[str, str]:
    found = traced(asked, **columns)
    return "".join(found.denominator), "".join(found.contributing)


def facts(asked: str, *columns: str, **row: str) -> list[tuple[Any, ...]]:
    records = traced(asked, **row).records
    return list(records[["patient_id", *columns]].itertuples(index=False, name=None))


# ── who ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("asked", "who", "behind"), cases("""
    asked                                              / who  / behind
                                                       / ABCD / ABCD
    ecog=1                                             / BC   / BC
    ecog=*                                             / ABC  / ABC
    ecog!=*                                            / D    / D
    ecog!=1                                            / AD   / AD
    ecog=0,1                                           / ABC  / ABC
    [b] ecog=1                                         / ABCD / BC
    [b] age=61.5                                       / ABCD / BD
    [b] age!=* or ecog!=*                              / ABCD / CD
    age=* & ecog=* [b] ecog=1                          / AB   / B
    age>=33 [b] age<61.5                               / ABD  / A
    [b] cohort.index_date=2020-01-01                   / ABCD / A
    [b] endpoints.pfs.event=true                       / ABCD / AC
    ecog=1 [b] endpoints.pfs.event=false               / BC   / B
    [b] endpoints.pfs.time_days>=180.0                 / ABCD / BC
    [b] response.best_response=CR,PR                   / ABCD / AC
    [b] safety.term=*                                  / ABCD / ABC
    [b] safety.term!=*                                 / ABCD / D
    [b] safety.term=fatigue                            / ABCD / AB
    [b] safety.worst_grade=3,4                         / ABCD / A
    [b] safety.term=fatigue & safety.worst_grade!=*    / ABCD /
    [b] safety.term=skin & safety.worst_grade!=*       / ABCD / A
    [b] safety.relatedness=related & safety.worst_grade=5  / ABCD / B
    [b] deaths.treatment_related=yes                   / ABCD /
    [b] deaths.treatment_related!=yes                  / ABCD / ABCD
    """.replace("/", "|")))  # fmt: skip
def test_a_filter_finds_these_of_the_four_included(asked, who, behind):
    assert persons((asked or "").replace("[b]", "|")) == (who, behind or "")


@pytest.mark.parametrize(("asked", "behind"), cases("""
    asked                                       / behind
                                                / ABCDEFG
    [b] ledger.included=true                    / ABCD
    [b] ledger.status=pending                   / G
    [b] ledger.first_failed=too_young           / E
    [b] ledger.first_failed!=too_young          / ABCDFG
    [b] ledger.first_failed!=too_young,no_scan  / ABCDG
    [b] ledger.first_failed=no_scan & ledger.first_answer=unknown  / F
    [b] ledger.left_at!=too_young,no_scan  / ABCD
    """.replace("/", "|")))  # fmt: skip
def test_a_filter_finds_these_of_the_seven_screened(asked, behind):
    assert persons((asked or "").replace("[b]", "|"), population="screened") == ("ABCDEFG", behind)


def test_conditions_on_events_hold_for_one_and_the_same_event():
    assert persons("| safety.term=skin & safety.action=discontinued")[1] == "A"
    assert persons("| safety.term=fatigue & safety.action=discontinued")[1] == ""


def test_a_row_that_counts_records_has_nobody():
    assert persons("", n="", n_contributing="") == ("", "")
    assert tables_needed({"population": "screened", "n": ""}) == ()


def test_nobody_is_behind_a_number_that_is_not_given():
    assert persons("| safety.worst_grade=3,4", n_contributing="") == ("ABCD", "")


def test_numbers_and_blanks_may_be_those_of_a_frame():
    row = pd.Series({"population": "included", "filter": "ecog=1", "endpoint": None, "n": 2, "n_contributing": pd.NA})
    assert lineage(row, DERIVED).denominator == ("B", "C")


# ── on which records ─────────────────────────────────────────────────────────────────────────


def test_a_level_rests_on_the_record_of_each_person_who_has_it():
    found = facts("| ecog=1", "derived_table", "what", "value", "reason", "source_table", "source_record_id")
    assert found == [
        ("B", "covariates", "ecog", "1", "nearest", "observations", "o2"),
        ("C", "covariates", "ecog", "1", "nearest", "observations", "o3"),
    ]


def test_an_unknown_value_rests_on_no_record_but_has_its_reason():
    assert facts("| ecog!=*", "value", "reason", "source_record_id") == [("D", None, "no record", None)]


def test_of_the_persons_left_out_of_a_model_the_covariate_that_is_unknown_is_told():
    assert facts("| age!=* or ecog!=*", "what", "reason") == [("C", "age", "no birth"), ("D", "ecog", "no record")]


def test_a_number_is_told_as_it_is_with_the_date_of_its_record():
    found = facts("| age=61.5", "value", "source_record_id", "source_date")
    assert found == [("B", "61.5", "r2", pd.Timestamp("1958-01-01")), ("D", "61.5", "r4", pd.Timestamp("1958-01-02"))]


def test_a_time_rests_on_the_records_of_its_start_and_of_its_end_by_the_main_rules():
    found = facts("ecog=0", "what", "value", "reason", "source_record_id", endpoint="pfs")
    assert found == [
        ("A", "index_date", "2020-01-01", "start of every time", "t1"),
        ("A", "ecog", "0", "nearest", "o1"),
        ("A", "pfs", "179 days, event", "progression", "s1"),
    ]


def test_of_a_model_the_covariates_of_those_behind_the_statistic_are_told():
    found = facts("age=* & ecog=* | ecog=1", "what", "source_record_id", endpoint="os")
    assert found == [("B", "index_date", "t2"), ("B", "age", "r2"), ("B", "ecog", "o2"), ("B", "os", "f2")]


def test_a_fact_that_both_sides_ask_for_is_told_once():
    assert facts("ecog=* | ecog=0", "what") == [("A", "ecog")]


def test_a_response_rests_on_its_assessment():
    assert facts("| response.best_response=CR", "what", "value", "source_record_id") == [
        ("C", "best_response", "CR", "s9"),
        ("C", "confirmed_response", "CR", "s9"),
    ]
    assert facts("| response.best_response=PR", "what", "value", "source_record_id") == [
        ("A", "best_response", "PR", "s7"),
        ("A", "confirmed_response", "SD", "s6"),
    ]


def test_of_events_only_those_asked_for_are_told():
    found = facts("| safety.term=fatigue", "what", "value", "source_record_id")
    assert found == [
        ("A", "fatigue", "worst_grade 2, action none, relatedness related, outcome recovered", "e1"),
        ("A", "fatigue", "worst_grade 3, action none, relatedness not_related, outcome recovered", "e2"),
        ("B", "fatigue", "worst_grade 5, action none, relatedness related", "e4"),
    ]


def test_persons_without_an_event_have_no_record_of_it():
    assert facts("| safety.term!=*", "what") == []


def test_a_death_rests_on_its_accepted_record():
    found = facts("| deaths.treatment_related=no", "what", "value", "source_table", "source_record_id", "source_date")
    assert found == [("C", "death", "cause other, treatment_related no", "deaths", "x3", pd.Timestamp("2020-08-29"))]


def test_an_exclusion_rests_on_each_of_the_records_in_the_ledger():
    found = facts("| ledger.first_failed=too_young", "value", "reason", "source_table", "source_record_id",
                  population="screened")  # fmt: skip
    why = ("excluded by too_young", "fails too_young, no_scan")
    assert found == [("E", *why, "diagnoses", "d5"), ("E", *why, "patients", "r5")]


def test_who_is_included_or_lacks_a_record_is_told_without_one():
    told = facts("", "value", "reason", "source_table", population="screened")
    assert told[0] == ("A", "included", "fails no criterion", None)
    assert told[-2] == ("F", "excluded by no_scan", "fails no_scan", None)


def test_who_is_pending_is_told_with_the_criterion_that_is_not_decided():
    found = facts("| ledger.status=pending", "value", "reason", "source_record_id", population="screened")
    assert found == [("G", "pending at no_scan", "not decided: no_scan", "r7")]


def test_a_study_without_dates_has_no_start_to_tell():
    undated = DERIVED | {"cohort": DERIVED["cohort"].assign(index_date=pd.NaT)}
    row = {"population": "included", "filter": "ecog=0", "endpoint": "pfs", "n": "1", "n_contributing": "1"}
    assert lineage(row, undated).records["what"].tolist() == ["ecog", "pfs"]


# ── what cannot be read ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("asked", "columns", "complaint"),
    [
        ("stage=1", {}, "variable 'stage', not in table covariates"),
        ("endpoints.dfs.event=true", {}, "endpoint 'dfs', not in table endpoints"),
        ("safety.grade=3", {}, "table safety has no column 'grade'"),
        ("", {"population": "randomised"}, "found 'randomised', expected screened or included"),
        ("ecog", {}, "no condition"),
    ],
)
def test_a_row_that_speaks_of_what_is_not_there_is_refused(asked, columns, complaint):
    with pytest.raises(ProvenanceError, match=complaint):
        traced(asked, **columns)


def test_a_row_needs_the_tables_it_speaks_of():
    row = {"population": "included", "filter": "ecog=* | safety.worst_grade=5 or deaths.cause=other", "n": "4"}
    assert tables_needed(row) == ("cohort", "covariates", "safety", "deaths")
    rate = row | {"filter": "exposure.at_risk_days=* | safety.term=skin"}
    assert tables_needed(rate) == ("cohort", "safety", "exposure")
    assert tables_needed(row | {"endpoint": "pfs", "filter": ""}) == ("cohort", "endpoints")
    assert tables_needed(row | {"population": "screened", "filter": ""}) == ("ledger",)


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    (tmp_path / "cut/patient/accepted").mkdir(parents=True)
    DERIVED["cohort"].to_parquet(tmp_path / "cut/patient/cohort.parquet")
    DERIVED["deaths"].to_parquet(tmp_path / "cut/patient/accepted/deaths.parquet")
    return tmp_path / "cut"


def test_only_the_tables_asked_for_are_read_and_as_their_specs_say(cut):
    found = read_derived(cut, ["deaths", "cohort"])
    assert list(found) == ["deaths", "cohort"]
    pd.testing.assert_frame_equal(found["cohort"], DERIVED["cohort"])


def test_a_cut_without_patient_level_says_where_to_ask(tmp_path):
    with pytest.raises(SetupError, match="in patient/ only, which is not here: ask where the study is run"):
        read_derived(tmp_path, ["cohort"])


def test_whoever_may_not_read_patient_level_is_told_so(cut, monkeypatch):
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError

    monkeypatch.setattr(pd, "read_parquet", refuse)
    with pytest.raises(SetupError, match="in patient/ only, which may not be read by you"):
        read_derived(cut, ["cohort"])


def test_a_missing_and_a_damaged_table_are_named(cut):
    with pytest.raises(ProvenanceError, match=r"cut cut: patient/safety.parquet is missing; make it with snakemake"):
        read_derived(cut, ["safety"])
    (cut / "patient/accepted/deaths.parquet").write_text("x")
    with pytest.raises(ProvenanceError, match=r"patient/accepted/deaths.parquet is damaged"):
        read_derived(cut, ["deaths"])


# ── each result of a study ───────────────────────────────────────────────────────────────────


def of_another_number(ard: pd.DataFrame, derived: dict[str, Any], every: int = 1) -> list[str]:
    """The keys of results, or of every second or third, whose lineage has not exactly n and n_contributing persons."""
    # Rows that agree in all that lineage reads have one lineage.
    read = ["population", "filter", "endpoint", "n", "n_contributing"]
    wrong = []
    for row in ard.drop_duplicates(read).iloc[::every].to_dict("records"):
        found = lineage(row, derived)
        expected = [0 if pd.isna(row[column]) else row[column] for column in ("n", "n_contributing")]
        if [len(found.denominator), len(found.contributing)] != expected:
            wrong.append(row["key"])
    return wrong


LEVELS = {"0": "0", "1": "1", "2": "2"}
BY_HAND = {
    "index_date": {}, "baseline": {"variables": ["age", "ecog"], "by": ["ecog"]}, "comparisons": {"main": "ecog"},
    "variables": {"age": {"kind": "continuous"}, "ecog": {"label": "ECOG", "kind": "categorical", "levels": LEVELS}},
    "endpoints": {"pfs": {}, "os": {}}, "follow_up_endpoint": "os", "models": {"pfs": ["ecog", "age"], "os": ["age"]},
    "statistics": {"conf_level": 0.95, "days_per_month": 30, "median_interval": "log", "survival_interval": "log",
                   "landmarks_months": [6, 12], "ties": "efron"},
    "safety": {"terms": {"fatigue": "Fatigue", "itching": "Itching"}, "by": "ecog"}, "selection": {},
    "criteria": [{"id": "too_young", "require": {"age_group": ["adult"]}},
                 {"id": "no_scan", "require": {"records": {"table": "assessments"}}}],
}  # fmt: skip
ATTRITION_2 = table(ATTRITION, """
    position | criterion | label | excluded | excluded_unknown | pending | remaining
    1        | too_young | x     | 1        | 0                | 0       | 6
    2        | no_scan   | x     | 1        | 1                | 1       | 4
    """)  # fmt: skip


@pytest.fixture(scope="module")
def by_hand() -> pd.DataFrame:
    """The results of the persons above, as the rules write them."""

    def given(*names: str) -> dict[str, Any]:
        return {"settings": BY_HAND} | {name: DERIVED[name] for name in names}

    parts = [
        summarise_baseline(**given("cohort", "covariates", "ledger"), attrition=ATTRITION_2),
        estimate_survival(**given("endpoints", "covariates")),
        fit_cox(**given("endpoints", "covariates")),
        summarise_safety(**given("safety", "exposure", "cohort", "covariates", "deaths")),
    ]
    return pd.concat([part["ard"].set_index("key", drop=False).astype(object) for part in parts])


def test_each_result_of_the_persons_by_hand_has_n_and_n_contributing_persons(by_hand):
    assert of_another_number(by_hand, DERIVED) == []


@pytest.mark.parametrize(("key", "behind"), cases("""
    key                                           / behind
    flow.remaining.too_young                      / ABCDFG
    index_date.last                               / D
    baseline.age.max                              / BD
    baseline.age.mean                             / ABD
    baseline.age.missing                          / C
    baseline.ecog=1.age.min                       / B
    baseline.ecog=1.age.missing                   / C
    baseline.ecog.age.smd                         / AB
    selection.too_young=removed.n                 / E
    selection.too_young=remaining.age.mean        / ABD
    selection.too_young.age.smd                   / ABDE
    selection.no_scan.ecog.smd                    / ABC
    pfs.km.at_risk_6m                             / BC
    pfs.km.ecog=1.at_risk_6m                      / BC
    pfs.km.ecog=1.events                          / C
    pfs.logrank.p                                 / ABC
    followup.reverse_km.median                    / ABCD
    pfs.cox.univariable.ecog.excluded             / D
    pfs.cox.multivariable.excluded                / CD
    pfs.cox.multivariable.ecog.1.hr               / B
    pfs.cox.multivariable.age.hr                  / AB
    pfs.cox.multivariable.events                  / A
    safety.none.n                                 / D
    safety.treatment_related_deaths.n             / B
    safety.grade_3_or_4.n                         / A
    safety.grade.5.n                              / BC
    safety.term.skin.grade.not_recorded.n         / A
    safety.exposure.n                             / ABC
    safety.term.fatigue.per_100_patient_years     / AB
    safety.ecog=1.any.n                           / BC
    safety.ecog.1.term.fatigue.risk_difference    / AB
    safety.ecog.missing                           / D
    """.replace("/", "|")))  # fmt: skip
def test_a_result_of_the_persons_by_hand_rests_on_these(by_hand, key, behind):
    assert "".join(lineage(by_hand.loc[key], DERIVED).contributing) == behind


def test_no_person_is_behind_what_the_records_leave_open(by_hand):
    row = by_hand.loc["safety.term.skin.grade_3_or_higher.n"]
    assert "not recorded" in row["note"]
    assert lineage(row, DERIVED).contributing == ()


def simulated_source(folder: Path, study: dict[str, Any], **simulated: Any) -> Path:
    settings = settings_for(study, "simulate_source")
    settings |= {"simulate": settings["simulate"] | simulated}
    published = ROOT / f"config/studies/{study['study']}/published.yaml"
    simulate_source(settings=settings, published=published)["database"](folder / "source.duckdb")
    return folder / "source.duckdb"


def file_of_lifelines() -> Path:
    import lifelines

    return Path(lifelines.__file__).parent / "datasets/gbsg2.csv"


def everybody_with_an_index_date(study: dict[str, Any]) -> dict[str, Any]:
    """The study without its other criteria: persons of whom much is unknown are included too."""
    return study | {"criteria": [{"id": "never_treated", "label": "x", "require": {"known": ["index_date"]}}]}


def analysed(study: dict[str, Any], source: Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    derived = derive(study, ROOT, source)
    return analyse(study, derived), derived


def test_each_result_of_the_study_of_durations_has_n_and_n_contributing_persons():
    ard, derived = analysed(load_study(ROOT, {"study": "gbsg2"}), file_of_lifelines())
    assert of_another_number(ard, derived) == []


def test_each_result_of_the_default_study_has_n_and_n_contributing_persons(tmp_path):
    study = load_study(ROOT, {"study": DEFAULT})
    ard, derived = analysed(study, simulated_source(tmp_path, study))
    assert of_another_number(ard, derived) == []


def test_every_second_result_of_a_trial_with_arms_has_n_and_n_contributing_persons(tmp_path):
    study = load_study(ROOT, {"study": "bolero2"})
    ard, derived = analysed(study, simulated_source(tmp_path, study, seed=6, calibrate=False))
    assert of_another_number(ard, derived, every=2) == []


@pytest.fixture(scope="module")
def noisy(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, dict[str, Any]]:
    """A free draw with faulty records, and nobody excluded for what is unknown."""
    study = everybody_with_an_index_date(load_study(ROOT, {"study": DEFAULT}))
    return analysed(
        study, simulated_source(tmp_path_factory.mktemp("noisy"), study, seed=5, calibrate=False, noise=0.1)
    )


def test_every_third_result_of_faulty_records_has_n_and_n_contributing_persons(noisy):
    ard, derived = noisy
    assert ard.loc["pfs.cox.multivariable.excluded", "value"] > 0
    assert ard.loc["baseline.ecog.missing", "value"] > 0
    assert of_another_number(ard, derived, every=3) == []


def test_each_record_behind_a_result_is_an_accepted_record_of_that_person(noisy):
    ard, derived = noisy
    owners = {
        name: derived[name].set_index("record_id")["patient_id"] for name in load_study(ROOT, {})["source"]["tables"]
    }
    for row in ard.drop_duplicates("filter").iloc[::6].to_dict("records"):
        records = lineage(row, derived).records.dropna(subset=["source_record_id"])
        for name, of_table in records.groupby("source_table"):
            assert owners[name].reindex(of_table["source_record_id"]).tolist() == of_table["patient_id"].tolist()
