from __future__ import annotations

import pandas as pd
import pytest

from cutline.baseline import summarise_baseline
from cutline.errors import ConfigError
from cutline.tables.cohort import ATTRITION, COHORT, LEDGER
from cutline.tables.covariates import COVARIATES
from cutline.tables.spec import empty
from tests.spec.tables import table

VARIABLES = {
    "age": {"label": "Age", "kind": "continuous", "unit": "years"},
    "ecog": {"label": "ECOG", "kind": "categorical", "levels": {"0": "0", "1": "1", "missing": "Missing"}},
    "arm": {"label": "Arm", "kind": "categorical", "levels": {"a": "A", "b": "B"}},
    "diagnosed": {"label": "Diagnosed", "kind": "date"},
}
COHORT_7 = table(COHORT, "patient_id | index_date\n" + "\n".join(f"p{n} | 2020-0{n}-01" for n in range(1, 8)))
ATTRITION_2 = table(
    ATTRITION,
    """
    position | criterion | label | excluded | excluded_unknown | pending | remaining
    1        | first     | x     | 38       | 2                | 3       | 12
    2        | second    | x     | 5        | 0                | 0       | 7
    """,
)
AGES = [33, 41, 41, 50, 51.5, 60, 77]


def covariates(ages=AGES, ecog="0001111", arms="aaabbbb") -> pd.DataFrame:
    rows = ["patient_id | variable | value | number"]
    for number, (age, level, arm) in enumerate(zip(ages, ecog, arms, strict=True), 1):
        rows += [f"p{number} | age | | {age if age is not None else ''}", f"p{number} | ecog | {level.strip()} |",
                 f"p{number} | arm | {arm.strip()} |"]  # fmt: skip
    return table(COVARIATES, "\n".join([*rows, "x9 | age | | 99", "x9 | ecog | 1 |", "x9 | arm | a |"]))


def summarise(cohort=COHORT_7, facts=None, variables=("age", "ecog"), index_date=True, **baseline) -> pd.DataFrame:
    study = {"baseline": {"variables": list(variables)} | baseline, "variables": VARIABLES}
    study |= {"index_date": {"label": "start"}} if index_date else {}
    facts = covariates() if facts is None else facts
    ard = summarise_baseline(
        settings=study, cohort=cohort, covariates=facts, attrition=ATTRITION_2, ledger=empty(LEDGER)
    )["ard"]
    return ard.set_index("key")


def test_the_flow_adds_up_from_screened_to_included():
    value = summarise()["value"]
    assert value["flow.screened"] == 53
    assert value["flow.excluded.first"] == 38
    assert value["flow.excluded_unknown.first"] == 2
    assert value["flow.pending.first"] == 3
    assert value["flow.remaining.first"] == 12
    assert value["flow.excluded.second"] == 5
    assert value["flow.included"] == value["flow.remaining.second"] == 7
    assert value["flow.screened"] == value["flow.excluded"] + value["flow.pending"] + value["flow.included"]


def test_first_and_last_index_date_are_iso_text_of_one_person_each():
    ard = summarise()
    assert ard.loc["index_date.first", ["text", "n_contributing"]].tolist() == ["2020-01-01", 1]
    assert ard.loc["index_date.last", "text"] == "2020-07-01"


def test_a_study_without_dates_has_no_index_date():
    assert not [key for key in summarise(index_date=False).index if key.startswith("index_date")]


def test_levels_are_counted_in_percent_of_everyone_included():
    ard = summarise(facts=covariates(ecog="000111 "))
    assert ard.loc["baseline.ecog.0.n", ["value", "n", "n_contributing"]].tolist() == [3, 7, 3]
    assert ard.loc["baseline.ecog.0.percent", "value"] == pytest.approx(300 / 7)
    assert ard.loc["baseline.ecog.missing", "value"] == 1
    assert ard.loc["baseline.ecog.missing_percent", "value"] == pytest.approx(100 / 7)


def test_levels_and_missing_add_up_to_all():
    value = summarise(facts=covariates(ecog="00 11 1"))["value"]
    levels = [value[f"baseline.ecog.{level}.percent"] for level in ("0", "1", "missing")]
    assert sum(levels) + value["baseline.ecog.missing_percent"] == pytest.approx(100)


def test_a_level_called_missing_is_not_taken_for_the_missing():
    value = summarise()["value"]
    assert value["baseline.ecog.missing.n"] == 0
    assert value["baseline.ecog.missing"] == 0


def test_a_continuous_variable_has_mean_spread_and_spss_quartiles():
    # R 4.2.2: x <- c(33, 41, 41, 50, 51.5, 60, 77); quantile(x, type = 6); mean(x); sd(x)
    ard = summarise()
    expected = {"q1": 41, "median": 50, "q3": 60, "mean": 50.5, "sd": 14.6087873099264, "min": 33, "max": 77}
    found = {statistic: ard.loc[f"baseline.age.{statistic}", "value"] for statistic in expected}
    assert found == pytest.approx(expected)
    assert ard.loc["baseline.age.q1", "method"] == "weighted average at (n + 1) p (R type 6, SPSS HAVERAGE)"
    assert ard.loc["baseline.age.median", "unit"] == "years"


def test_quartiles_interpolate_between_ages():
    # R 4.2.2: quantile(c(30, 40, 50, 62), type = 6)
    four = COHORT_7.head(4)
    value = summarise(cohort=four, facts=covariates(ages=[30, 40, 50, 62, None, None, None]))["value"]
    assert [value[f"baseline.age.{statistic}"] for statistic in ("q1", "median", "q3")] == [32.5, 45, 59]


def test_only_known_numbers_are_behind_a_mean_and_the_others_are_missing():
    ard = summarise(facts=covariates(ages=[33, None, 41, 50, 51.5, 60, None]))
    assert ard.loc["baseline.age.mean", ["value", "n", "n_contributing"]].tolist() == [47.1, 7, 5]
    assert ard.loc["baseline.age.missing", "value"] == 2


def test_an_extreme_rests_on_the_persons_who_have_it():
    ard = summarise(facts=covariates(ages=[33, 33, 41, 50, 51.5, 60, 77]))
    assert ard.loc["baseline.age.min", "n_contributing"] == 2
    assert ard.loc["baseline.age.max", "n_contributing"] == 1


def test_persons_who_are_not_included_do_not_count():
    assert summarise()["value"]["baseline.age.max"] == 77


def test_a_single_person_has_no_standard_deviation_but_a_note():
    ard = summarise(cohort=COHORT_7.head(1))
    assert pd.isna(ard.loc["baseline.age.sd", "value"])
    assert ard.loc["baseline.age.sd", "note"] == "too few known values"
    assert ard.loc["baseline.age.median", "value"] == 33


def test_nobody_included_still_gives_every_row():
    everyone, nobody = summarise(by=["arm"]), summarise(cohort=empty(COHORT), by=["arm"])
    assert nobody.index.tolist() == everyone.index.tolist()
    assert nobody.loc["flow.included", "value"] == 0
    assert nobody.loc["baseline.ecog.0.n", "value"] == 0
    assert pd.isna(nobody.loc["baseline.ecog.0.percent", "value"])
    assert pd.isna(nobody.loc["baseline.age.median", "value"])
    assert nobody.loc["index_date.first", ["text", "note"]].tolist() == ["", "nobody is included"]


def test_groups_have_their_sizes_and_their_own_characteristics():
    ard = summarise(by=["arm"])
    assert ard.loc["baseline.arm=a.n", "value"] == 3
    assert ard.loc["baseline.arm=a.ecog.0.n", ["value", "n"]].tolist() == [3, 3]
    assert ard.loc["baseline.arm=b.ecog.0.percent", "value"] == 0
    assert ard.loc["baseline.arm=b.age.median", "value"] == 55.75
    row = ard.loc["baseline.arm=b.age.median"]
    assert (row["variable"], row["group"], row["group_level"]) == ("age", "arm", "b")


def test_persons_of_unknown_group_are_in_none_and_counted_as_missing():
    value = summarise(facts=covariates(arms="aa bbbb"), by=["arm"])["value"]
    assert value["baseline.arm=a.n"] + value["baseline.arm=b.n"] == 6
    assert value["baseline.arm.missing"] == 1


def test_a_grouping_variable_may_be_a_baseline_variable_too():
    assert summarise(variables=["arm"], by=["arm"]).loc["baseline.arm.missing", "value"] == 0


def test_a_date_is_refused_as_a_baseline_variable():
    with pytest.raises(ConfigError, match="'diagnosed' is a date"):
        summarise(variables=["diagnosed"])


def test_every_row_is_marked_with_its_rule():
    assert set(summarise()["rule"]) == {"summarise_baseline"}
