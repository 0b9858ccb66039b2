"""Lines of therapy for metastatic disease. One patient each; a row per course of a drug, blank stop while it goes on.

The rules are the study's own (section `lines`), as config/README.md states them; windows of 28 days and gaps of 90 are
the customary ones for lines of therapy from records of routine care. Codes: WHO ATC index.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from cutline.lines import derive_lines
from cutline.study import load_study
from cutline.tables.diagnoses import DIAGNOSES
from cutline.tables.lines import LINES
from cutline.tables.treatments import TREATMENTS
from tests.spec.tables import cases, grid, table

ROOT = Path(__file__).parents[2]
RULES = load_study(ROOT, {})["lines"]


def found(courses: str, metastasis: str = "2019-12-20", **rules: object) -> dict[str, pd.DataFrame]:
    """Lines and queries of patient A; `courses` has at least drug and start_date; metastatic if not written."""
    rows = grid(courses)
    missing = {"patient_id": "A", "setting": "metastatic", "record_id": [f"r{place}" for place in range(len(rows))]}
    rows = rows.assign(**{name: values for name, values in missing.items() if name not in rows})
    text = " | ".join(rows.columns) + "".join("\n" + " | ".join(map(_cell, row)) for row in rows.to_numpy())
    diagnoses = "patient_id | icd10 | diagnosis_date" + (f"\nA | C79.5 | {metastasis}" if metastasis else "")
    records = {"treatments": table(TREATMENTS, text), "diagnoses": table(DIAGNOSES, diagnoses)}
    return derive_lines(settings={"lines": RULES | rules}, **records)


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def lines(courses: str, **rules: object) -> list[str]:
    """The regimens in order, with start and stop."""
    rows = found(courses, **rules)["lines"]
    assert rows["line"].tolist() == list(range(1, len(rows) + 1))
    stop = rows["stop_date"].dt.strftime("%Y-%m-%d").fillna("…")
    return (rows["regimen"] + ": " + rows["start_date"].dt.strftime("%Y-%m-%d") + " to " + stop).tolist()


def asked(courses: str, **rules: object) -> list[tuple[str, str]]:
    """Kind and record of each query."""
    rows = found(courses, **rules)["queries"]
    return list(rows[["query", "source_record_id"]].itertuples(index=False, name=None))


# ── the regimen window ───────────────────────────────────────────────────────────────────────


def test_a_drug_begun_on_day_28_is_of_the_regimen():
    assert lines("""
        drug        | start_date | stop_date
        letrozole   | 2020-01-01 | 2020-12-31
        palbociclib | 2020-01-29 | 2020-12-31
    """) == ["letrozole + palbociclib: 2020-01-01 to 2020-12-31"]


def test_a_drug_added_on_day_29_starts_a_line_to_which_the_first_belongs_as_it_goes_on():
    assert lines("""
        drug        | start_date | stop_date
        letrozole   | 2020-01-01 | 2020-12-31
        palbociclib | 2020-01-30 | 2020-12-31
    """) == ["letrozole: 2020-01-01 to 2020-01-29", "letrozole + palbociclib: 2020-01-30 to 2020-12-31"]


@pytest.mark.parametrize(
    ("stop", "second"), [("2020-06-29", "capecitabine"), ("2020-06-30", "capecitabine + letrozole")]
)
def test_a_drug_is_carried_into_the_next_line_if_it_goes_on_beyond_the_window(stop, second):
    assert lines(f"""
        drug         | start_date | stop_date
        letrozole    | 2020-01-01 | {stop}
        capecitabine | 2020-06-01 | 2020-12-31
    """)[1].startswith(f"{second}: 2020-06-01")


def test_a_drug_without_recorded_stop_ends_when_treatment_was_stopped_for_progression():
    assert lines("""
        drug        | start_date | stop_date  | stop_reason
        palbociclib | 2020-01-01 |            |
        letrozole   | 2020-01-01 | 2020-12-31 | progression
        paclitaxel  | 2021-01-10 | 2021-05-01 | completed
    """) == ["letrozole + palbociclib: 2020-01-01 to 2021-01-09", "paclitaxel: 2021-01-10 to 2021-05-01"]


def test_a_line_ends_before_the_next_one_starts_though_a_stop_was_recorded_later():
    rows = found("""
        drug         | start_date | stop_date  | stop_reason
        paclitaxel   | 2020-01-01 | 2020-06-10 | progression
        capecitabine | 2020-06-08 |            |
    """)["lines"]
    assert rows["stop_date"].tolist()[:1] == [pd.Timestamp("2020-06-07")]
    assert rows["stop_reason"].tolist() == ["progression", None]
    assert rows["regimen"].tolist() == ["paclitaxel", "capecitabine"]


# ── gaps, maintenance, doses ─────────────────────────────────────────────────────────────────

PAUSED = """
    drug         | start_date | stop_date
    capecitabine | 2020-01-01 | 2020-03-01
    capecitabine | {resumed}  | 2020-12-31
"""


@pytest.mark.parametrize(
    ("after_gap", "resumed", "number"),
    [("same_line", "2020-05-30", 1), ("same_line", "2020-05-31", 1), ("new_line", "2020-05-30", 1),
     ("new_line", "2020-05-31", 2)],
)  # fmt: skip
def test_a_regimen_resumed_after_90_days_is_the_same_line_after_91_a_new_one_if_configured_so(
    after_gap, resumed, number
):
    assert len(lines(PAUSED.format(resumed=resumed), after_gap=after_gap)) == number


def test_a_regimen_resumed_after_another_one_is_a_line_of_its_own():
    assert [line.split(":")[0] for line in lines("""
        drug         | start_date | stop_date
        capecitabine | 2020-01-01 | 2020-03-01
        eribulin     | 2020-03-10 | 2020-05-01
        capecitabine | 2020-05-10 | 2020-12-31
    """)] == ["capecitabine", "eribulin", "capecitabine"]  # fmt: skip


def test_a_dose_in_the_name_does_not_split_a_line_where_the_code_names_the_substance():
    assert lines("""
        drug             | atc     | start_date | stop_date
        everolimus 10 mg | L01EG02 | 2021-06-01 | 2021-08-01
        exemestane       | L02BG06 | 2021-06-01 | 2022-01-31
        everolimus 5 mg  | L01EG02 | 2021-08-10 | 2022-01-31
    """) == ["everolimus 10 mg + exemestane: 2021-06-01 to 2022-01-31"]


def test_a_brand_and_its_substance_are_one_drug_and_a_code_of_a_whole_class_is_none():
    assert lines("""
        drug         | atc     | start_date | stop_date
        capecitabine | L01BC06 | 2020-01-01 | 2020-06-01
        xeloda       | L01BC06 | 2020-06-02 | 2020-12-31
    """) == ["capecitabine: 2020-01-01 to 2020-12-31"]
    of_a_class = lines("""
        drug         | atc  | start_date | stop_date
        capecitabine | L01B | 2020-01-01 | 2020-06-01
        gemcitabine  | L01B | 2020-06-02 | 2020-12-31
    """)
    assert len(of_a_class) == 2


@pytest.mark.parametrize(
    ("other", "code", "counted"),
    [("pantoprazole", "A02BC02", 1), ("levothyroxine", "H03AA01", 1), ("zoledronic acid", "M05BA08", 1),
     ("trastuzumab", "L01FD01", 2), ("a study drug", "", 2)],
)  # fmt: skip
def test_what_has_the_code_of_no_anticancer_drug_makes_no_line(other, code, counted):
    found = lines(f"""
        drug       | atc     | start_date | stop_date
        everolimus | L01EG02 | 2021-06-01 | 2022-01-31
        exemestane | L02BG06 | 2021-06-01 | 2022-01-31
        {other}    | {code}  | 2021-08-01 |
    """)
    assert len(found) == counted


def test_dropping_a_drug_while_another_goes_on_is_maintenance_and_no_new_line():
    rows = found("""
        drug        | start_date | stop_date  | stop_reason
        docetaxel   | 2020-01-01 | 2020-05-01 | completed
        trastuzumab | 2020-01-01 | 2021-01-01 | progression
    """)["lines"]
    assert len(rows) == 1
    assert rows.loc[0, ["maintenance_start", "maintenance_regimen"]].tolist() == [
        pd.Timestamp("2020-05-02"),
        "trastuzumab",
    ]
    assert rows.loc[0, "stop_reason"] == "progression"


def test_drugs_stopped_within_the_window_of_each_other_leave_no_maintenance():
    rows = found("""
        drug        | start_date | stop_date
        letrozole   | 2020-01-01 | 2020-12-03
        palbociclib | 2020-01-01 | 2020-12-31
    """)["lines"]
    assert rows["maintenance_start"].isna().all()


def test_the_dose_never_starts_splits_or_ends_a_line():
    """7.5, 5 and 2.5 mg are labelled reductions."""
    assert lines("""
        drug       | atc     | dose_mg | start_date | stop_date
        everolimus | L01EG02 | 10      | 2020-01-01 | 2020-03-01
        exemestane | L02BG06 | 25      | 2020-01-01 | 2020-12-31
        everolimus | L01EG02 | 7.5     | 2020-03-02 | 2020-05-01
        everolimus | L01EG02 | 5       | 2020-05-20 | 2020-08-01
        everolimus | L01EG02 | 2.5     | 2020-08-02 | 2020-12-31
    """) == ["everolimus + exemestane: 2020-01-01 to 2020-12-31"]


# ── substitutions and supportive drugs ───────────────────────────────────────────────────────

SWITCH = """
    drug        | atc     | start_date | stop_date  | stop_reason
    palbociclib | L01EF01 | 2020-01-01 | 2020-12-31 | progression
    letrozole   | L02BG04 | 2020-01-01 | 2020-04-01 | {reason}
    {partner}   |         | {start}    | 2020-12-31 | progression
"""


@pytest.mark.parametrize(
    ("reason", "partner", "start", "number"),
    [("toxicity", "anastrozole", "2020-04-02", 1), ("toxicity", "anastrozole", "2020-06-30", 1),
     ("toxicity", "anastrozole", "2020-07-01", 2), ("progression", "anastrozole", "2020-04-02", 2),
     ("toxicity", "fulvestrant", "2020-04-02", 2)],
)  # fmt: skip
def test_an_aromatase_inhibitor_replaces_another_in_the_line_but_not_for_progression_nor_after_a_gap(
    reason, partner, start, number
):
    assert len(lines(SWITCH.format(reason=reason, partner=partner, start=start))) == number


def test_which_endocrine_partners_replace_each_other_is_configured():
    courses = SWITCH.format(reason="toxicity", partner="fulvestrant", start="2020-04-02")
    assert lines(courses, substitutions=["endocrine"]) == [
        "fulvestrant + letrozole + palbociclib: 2020-01-01 to 2020-12-31"
    ]


def test_a_switch_of_the_cdk46_inhibitor_for_toxicity_stays_in_the_line():
    assert len(lines("""
        drug        | atc     | start_date | stop_date  | stop_reason
        palbociclib | L01EF01 | 2020-01-01 | 2020-03-01 | toxicity
        letrozole   | L02BG04 | 2020-01-01 | 2020-12-31 | progression
        ribociclib  | L01EF02 | 2020-03-20 | 2020-12-31 | progression
    """)) == 1  # fmt: skip


def test_exemestane_with_everolimus_does_not_replace_letrozole_in_its_line():
    assert [line.split(":")[0] for line in lines("""
        drug       | atc     | start_date | stop_date  | stop_reason
        letrozole  | L02BG04 | 2020-01-01 | 2020-06-01 | completed
        exemestane | L02BG06 | 2020-06-10 | 2020-12-31 | progression
        everolimus | L01EG02 | 2020-06-20 | 2020-12-31 | progression
    """)] == ["letrozole", "everolimus + exemestane"]  # fmt: skip


def test_supportive_drugs_never_start_split_or_end_a_line():
    assert lines("""
        drug        | atc     | start_date | stop_date
        goserelin   | L02AE03 | 2019-12-25 |
        letrozole   | L02BG04 | 2020-01-01 | 2020-12-31
        palbociclib | L01EF01 | 2020-01-10 | 2020-12-31
        denosumab   | M05BX04 | 2020-06-01 |
        Goserelin   |         | 2021-03-01 |
    """) == ["letrozole + palbociclib: 2020-01-01 to 2020-12-31"]


# ── everolimus: code traps ───────────────────────────────────────────────────────────────────


def classes(courses: str) -> list[str]:
    rows = found(courses)["lines"]
    return (rows["regimen"] + ": " + rows["class"]).tolist()


TRAPS = """
everolimus ATC | exemestane ATC | lines                                             | query
L01EG02        | L02BG06        | everolimus + exemestane: everolimus_exemestane    |
               | L02BG06        | everolimus + exemestane: everolimus_exemestane    |
               |                | everolimus + exemestane: everolimus_exemestane    |
L01XX99        | L02BG06        | everolimus + exemestane: everolimus_exemestane    |
L04AH02        | L02BG06        | exemestane: endocrine                             | everolimus_transplant_code
L04AA18        | L02BG06        | exemestane: endocrine                             | everolimus_transplant_code
L01EG02        | none given     | everolimus: mtor_inhibitor                        |
               | none given     |                                                   | drug_code_unknown
L01XX99        | none given     |                                                   | drug_code_unknown
L04AH02        | none given     |                                                   | everolimus_transplant_code
none given     | L02BG06        | exemestane: endocrine                             |
"""


@pytest.mark.parametrize(("everolimus", "exemestane", "line", "query"), cases(TRAPS))
def test_an_everolimus_line_needs_the_oncology_code_or_exemestane_and_a_transplant_code_is_asked_about(
    everolimus, exemestane, line, query
):
    drugs = {"everolimus": everolimus, "exemestane": exemestane}
    given = [f"{drug} | {atc or ''} | 2020-01-01" for drug, atc in drugs.items() if atc != "none given"]
    courses = "drug | atc | start_date\n" + "\n".join(given)
    assert classes(courses) == ([line] if line else [])
    assert [kind for kind, _ in asked(courses)] == ([query] if query else [])


@pytest.mark.parametrize(
    ("start", "stop", "counts"),
    [("2020-01-29", None, True), ("2020-01-30", None, False), ("2019-10-01", "2020-01-01", True),
     ("2019-10-01", "2019-12-31", False)],
)  # fmt: skip
def test_exemestane_confirms_everolimus_if_under_way_at_its_start_or_begun_within_28_days(start, stop, counts):
    courses = f"""
        drug       | atc     | start_date | stop_date
        everolimus |         | 2020-01-01 |
        exemestane | L02BG06 | {start}    | {stop or ""}
    """
    assert (asked(courses) == []) == counts


# ── the setting, the recorded number ─────────────────────────────────────────────────────────

SETTINGS = """
setting     | start      | lines
metastatic  | 2019-06-01 | recorded
Metastatic  | 2020-06-01 | recorded
adjuvant    | 2020-06-01 |
            | 2019-12-20 | dated
            | 2019-12-19 |
"""


@pytest.mark.parametrize(("setting", "start", "basis"), cases(SETTINGS))
def test_a_record_without_setting_counts_from_the_first_distant_metastasis_on(setting, start, basis):
    courses = f"drug | setting | start_date\ncapecitabine | {setting or ''} | {start}"
    assert found(courses)["lines"]["setting_basis"].tolist() == ([basis] if basis else [])
    assert asked(courses) == []


def test_a_record_with_neither_setting_nor_date_of_metastasis_is_asked_about():
    courses = "drug | setting | start_date\ncapecitabine | | 2020-01-01"
    assert found(courses, metastasis="")["lines"].empty
    assert asked(courses, metastasis="") == [("treatment_setting_unknown", "r0")]


def test_adjuvant_treatment_is_no_line_and_lines_count_from_1_in_the_metastatic_setting():
    assert lines("""
        drug      | setting    | start_date | stop_date
        tamoxifen | adjuvant   | 2015-01-01 | 2020-01-01
        letrozole | metastatic | 2020-01-10 | 2020-12-31
    """) == ["letrozole: 2020-01-10 to 2020-12-31"]


def test_a_recorded_number_that_differs_is_asked_about_and_the_derived_one_counts():
    courses = """
        drug         | line | start_date | stop_date
        paclitaxel   | 1    | 2020-01-01 | 2020-05-01
        capecitabine | 3    | 2020-05-10 | 2020-12-31
    """
    assert found(courses)["lines"]["recorded_line"].tolist() == [1, 3]
    assert asked(courses) == [("line_number_differs", "r1")]


def test_a_line_is_named_after_the_record_that_starts_it_of_one_day_the_lowest():
    rows = found("""
        record_id | drug       | start_date
        t9        | everolimus | 2020-01-01
        t2        | exemestane | 2020-01-01
        t1        | everolimus | 2020-01-05
    """)["lines"]
    assert rows[["record_id", "records"]].to_numpy().tolist() == [["t2", "t2;t9;t1"]]


def test_lines_have_the_columns_of_their_spec():
    assert list(found("drug | start_date\ncapecitabine | 2020-01-01")["lines"]) == LINES.names


def test_no_treatment_at_all_gives_no_line():
    assert found("drug | start_date\ngoserelin | 2020-01-01")["lines"].empty
