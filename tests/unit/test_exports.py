"""Data sets for other programs: what stands in them, and what survives the way through each format."""

import time
from datetime import date

import pandas as pd
import pyreadstat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutline.exports.datasets import BUILDERS
from cutline.exports.names import LABEL_BYTES, cut_to_bytes, short_labels, short_names
from cutline.exports.plan import export_files, plan_of
from tests.unit.exports_study import AWKWARD, exported, settings, tables


def built(name, derived=None, **more):
    chosen, derived = settings(**more), derived or tables()
    return BUILDERS[name](chosen, plan_of(chosen, deaths="deaths" in derived), derived)


def rows(name, derived=None, **more):
    return built(name, derived, **more).rows


# ── what stands in them ──────────────────────────────────────────────────────────────────────


def test_an_event_is_0_and_a_censored_time_1_as_in_adam():
    times = rows("adtte").query("PARAMCD == 'OS'").set_index("USUBJID")
    assert times["CNSR"].to_dict() == {"p1": 0, "p2": 1, "p3": 1, "p4": 0}
    assert times.loc["p2", "EVNTDESC"] == "last known alive"


def test_time_is_the_days_between_the_dates_and_months_are_days_by_the_configured_length():
    times = rows("adtte").query("PARAMCD == 'OS'")
    assert ((times["ADT"] - times["STARTDT"]).dt.days == times["AVAL"]).all()
    assert times["AVALM"].tolist() == [61 / 30.4375, 0, 365 / 30.4375, 20 / 30.4375]


def test_times_have_one_row_per_person_endpoint_and_rule_set_each_with_its_record():
    derived = tables()
    derived["endpoints"] = pd.concat([derived["endpoints"], derived["endpoints"].assign(rule_set="investigator")])
    times = rows("adtte", derived)
    assert len(times) == 16
    assert not times.duplicated(["USUBJID", "PARAMCD", "RULESET"]).any()
    assert times.query("USUBJID == 'p4'")["SRCRECID"].unique().tolist() == ["d4"]


def test_a_category_has_its_label_and_its_code_and_nothing_where_it_is_unknown():
    persons = rows("adsl").set_index("USUBJID")
    assert persons["ARMN"].tolist()[:2] == [1, 2]
    assert persons.loc["p1", "ARM"] == "Kolu A'nın"
    assert pd.isna(persons.loc["p3", "ARMN"])
    assert persons.loc["p3", "ARM"] is None


def test_levels_that_are_numbers_are_their_own_codes():
    assert rows("adsl")["ECOGN"].tolist()[:3] == [0, 1, 1]


def test_only_included_persons_are_there():
    assert rows("adsl")["USUBJID"].tolist() == ["p1", "p2", "p3", "p4"]


def test_flags_say_who_can_be_evaluated_and_who_is_in_the_model():
    persons = rows("adsl")
    assert persons["ITTFL"].tolist() == ["Y"] * 4
    assert persons["RSEVFL"].tolist() == ["Y", None, None, "Y"]
    assert persons["CCOSFL"].tolist() == ["Y", None, None, "Y"]


def test_best_responses_come_first_and_visits_follow_where_they_are_derived():
    visits = pd.DataFrame({"patient_id": ["p1", "p0"], "record_id": ["v1", "v0"], "overall_response": ["CR", "PD"],
                           "visit_date": pd.to_datetime(["2024-03-01"] * 2)})  # fmt: skip
    found = rows("adrs", tables() | {"visits": visits})
    assert found[["PARAMCD", "USUBJID", "AVALC", "AVAL"]].to_numpy().tolist() == [
        ["BOR", "p1", "PR", 2],
        ["BOR", "p2", "NE", 6],
        ["BOR", "p3", "MISSING", 7],
        ["BOR", "p4", "SD", 3],
        ["OVRLRESP", "p1", "CR", 1],
    ]


def test_adverse_events_are_numbered_within_the_person_and_keep_what_was_written():
    events = rows("adae")
    assert events[["USUBJID", "AESEQ", "AETERM"]].to_numpy().tolist()[0] == ["p1", 1, "döküntü"]
    assert events["AESEQ"].tolist() == [1, 2, 1]
    assert events["ATOXGRN"].isna().tolist() == [False, True, False]


def test_a_study_without_dates_response_and_safety_has_neither_columns_nor_files_of_them(tmp_path):
    chosen = settings()
    for key in ("index_date", "response", "safety"):
        del chosen[key]
    derived = {name: tables()[name] for name in ("cohort", "covariates", "endpoints")}
    derived["endpoints"] = derived["endpoints"].assign(start_date=pd.NaT, end_date=pd.NaT, source_date=pd.NaT)
    assert "TRTSDT" not in BUILDERS["adsl"](chosen, plan_of(chosen, deaths=False), derived).rows
    assert {name.partition("_")[0] for name in export_files(chosen)} == {
        "adsl",
        "adtte",
        "program",
        "definition",
        "readme",
    }


def test_each_format_comes_with_its_program_and_none_with_nothing():
    one = export_files(settings(exports={"formats": ["sav"]}))
    assert set(one.values()) == {
        "adsl.sav",
        "adtte.sav",
        "adrs.sav",
        "adae.sav",
        "tables.sps",
        "define.csv",
        "README.md",
    }
    assert export_files(settings(exports={"formats": []})) == {}


def test_the_order_of_the_rows_of_the_inputs_does_not_count(tmp_path):
    shuffled = {name: table.sample(frac=1, random_state=7) for name, table in tables().items()}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = exported(tmp_path / "a"), exported(tmp_path / "b", shuffled)
    assert [name for name in one if one[name].read_bytes() != other[name].read_bytes()] == []


# ── names and labels ─────────────────────────────────────────────────────────────────────────


def test_names_keep_the_beginning_of_each_word():
    assert short_names(["menopausal_status", "age"], 7) == {"menopausal_status": "MENOSTA", "age": "AGE"}


def test_names_that_would_be_the_same_are_numbered():
    found = short_names(["cdk46_duration", "cdk46_duration_group", "cdk46_duration_days"], 7)
    assert list(found.values()) == ["CDK4DUR", "CDK4DU2", "CDK4DU3"]


def test_a_word_of_spss_a_column_of_ours_and_a_digit_in_front_are_no_names():
    assert short_names(["by", "usubjid", "2nd_line"], taken=["USUBJID"]) == {
        "by": "BY2", "usubjid": "USUBJID2", "2nd_line": "V2NDLINE"
    }  # fmt: skip


@given(st.lists(st.from_regex(r"[a-z0-9]+(_[a-z0-9]+)*", fullmatch=True), unique=True, max_size=40))
def test_names_are_always_short_upper_case_and_different(ids):
    names = list(short_names(ids, 7).values())
    assert len(set(names)) == len(ids)
    assert all(name.isascii() and name.isalnum() and name[0].isalpha() and len(name) <= 7 for name in names)


def test_labels_that_differ_behind_the_40th_byte_still_differ():
    long = "Chemotherapy for metastatic disease before the index date"
    found = short_labels([f"{long}, any", f"{long}, anthracycline", f"{long}, taxane"])
    assert found[1] == "Chemotherapy for metastatic disease be 2"
    assert len(set(found)) == 3


@given(st.lists(st.text(max_size=60), unique=True, max_size=15))
def test_labels_always_fit_and_stay_different(labels):
    found = short_labels(labels)
    assert len(set(found)) == len(labels)
    assert all(len(label.encode()) <= LABEL_BYTES for label in found)


def test_a_letter_of_two_bytes_is_kept_whole_or_left_out():
    assert cut_to_bytes("ışık", 3) == "ı"
    assert cut_to_bytes("ışık", 4) == "ış"


# ── the way through the formats ──────────────────────────────────────────────────────────────

READERS = {"xpt": pyreadstat.read_xport, "sav": pyreadstat.read_sav}


def read_back(files, name, suffix):
    if suffix == "csv":
        return pd.read_csv(files[f"{name}_csv"], keep_default_na=False)
    return READERS[suffix](str(files[f"{name}_{suffix}"]))[0]


@pytest.mark.parametrize("suffix", ["csv", "xpt", "sav"])
def test_turkish_letters_quotes_and_line_breaks_survive(tmp_path, suffix):
    files = exported(tmp_path)
    events, persons = read_back(files, "adae", suffix), read_back(files, "adsl", suffix)
    assert events["AETERM"][0] == "döküntü"
    assert persons["ARM"][:2].tolist() == ["Kolu A'nın", " ".join(AWKWARD.split())]


@pytest.mark.parametrize("suffix", ["xpt", "sav"])
def test_dates_survive_before_1960_too_and_missing_ones_stay_missing(tmp_path, suffix):
    files = exported(tmp_path)
    starts = read_back(files, "adsl", suffix)["TRTSDT"].tolist()
    assert starts == [date(2024, 1, 1), date(2024, 2, 29), date(1959, 12, 31), date(2024, 3, 1)]
    assert pd.isna(read_back(files, "adrs", suffix)["ADT"]).tolist() == [False, False, True, True]


@pytest.mark.parametrize("suffix", ["xpt", "sav"])
def test_missing_numbers_and_texts_stay_missing(tmp_path, suffix):
    files = exported(tmp_path)
    persons = read_back(files, "adsl", suffix)
    assert pd.isna(persons["ARMN"]).tolist() == [False, False, True, False]
    assert persons["ARM"][2] == ""
    assert read_back(files, "adae", suffix)["AEOUT"].tolist() == ["", "", ""]


@pytest.mark.parametrize("suffix", ["xpt", "sav"])
def test_fractions_survive_to_the_last_bit(tmp_path, suffix):
    assert read_back(exported(tmp_path), "adtte", suffix)["AVALM"].tolist() == rows("adtte")["AVALM"].tolist()


def test_a_text_of_300_bytes_is_cut_in_the_transport_file_only(tmp_path):
    files = exported(tmp_path)
    found = {suffix: read_back(files, "adae", suffix)["AETERM"][1] for suffix in ("csv", "xpt", "sav")}
    assert found == {"csv": "ş" * 150, "xpt": "ş" * 100, "sav": "ş" * 150}


def test_columns_carry_labels_and_codes_their_meaning(tmp_path):
    files = exported(tmp_path)
    xpt, sav = (READERS[suffix](str(files[f"adsl_{suffix}"]))[1] for suffix in ("xpt", "sav"))
    assert xpt.column_names_to_labels["AGE"] == sav.column_names_to_labels["AGE"] == "Age, years"
    assert sav.variable_value_labels["ECOGN"] == {0: "0", 1: "1"}
    assert max(len(label.encode()) for label in xpt.column_labels) <= LABEL_BYTES
    assert max(map(len, xpt.column_names)) <= 8
    assert xpt.table_name == "ADSL"


def test_files_say_the_cut_off_and_not_when_they_were_written(tmp_path):
    for part in ("a", "b"):
        (tmp_path / part).mkdir()
    one = exported(tmp_path / "a")
    time.sleep(1.1)  # a second later, the time of day in the files' heads would be another
    other = exported(tmp_path / "b")
    assert [name for name in one if one[name].read_bytes() != other[name].read_bytes()] == []
    assert one["adsl_xpt"].read_bytes().count(b"31MAY25:00:00:00") == 4
    assert b"31 May 2500:00:00" in one["adsl_sav"].read_bytes()[:200]


def test_nobody_included_makes_files_without_rows(tmp_path):
    nobody = {name: table.iloc[:0] for name, table in tables().items()}
    files = exported(tmp_path, nobody)
    assert {len(read_back(files, name, suffix)) for name in BUILDERS for suffix in ("csv", "xpt", "sav")} == {0}


def test_the_definition_describes_every_column_of_every_file(tmp_path):
    files = exported(tmp_path)
    described = pd.read_csv(files["definition"], keep_default_na=False)
    for name in BUILDERS:
        columns = described.loc[described["dataset"] == name.upper(), "variable"].tolist()
        assert (
            columns == read_back(files, name, "csv").columns.tolist() == read_back(files, name, "sav").columns.tolist()
        )
    codes = described.set_index(["dataset", "variable"])["codes"]
    assert codes["ADSL", "ARMN"] == f"1 = Kolu A'nın; 2 = {' '.join(AWKWARD.split())}"
    assert codes["ADTTE", "CNSR"] == "0 = Event; 1 = Censored"
    assert (described["origin"] != "").all()
