"""Who moved between two cuts, and what moved the results: one hand-made patient per cause."""

import math
from itertools import pairwise

import pandas as pd
import pytest

from cutline.changes.attribute import attribute_changes
from cutline.changes.attribution import headline_results
from cutline.changes.records import compare_snapshots, data_version
from cutline.changes.versions import DataVersion, derive_versions
from cutline.errors import ConfigError, ProvenanceError
from cutline.tables.layout import layouts
from tests.unit import changes_study as hospital
from tests.unit.changes_study import NEW_CUTOFF, OLD_CUTOFF, settings, snapshot

PERSONS = [f"p{number:02d}" for number in range(1, 12)]
HER2 = dict.fromkeys(PERSONS, "negative")
ECOG = dict.fromkeys(PERSONS, "0") | dict.fromkeys(["p07", "p08", "p09"], "1")


def table(header, rows):
    return "\n".join([header, *rows])


def patients(*more):
    return table("record_id | patient_id | screened_on", [f"N{one} | {one} | 2023-01-01" for one in PERSONS] + [*more])


def treatments(*more):
    header = "record_id | patient_id | drug | start_date"
    return table(header, [f"T{one} | {one} | x | 2023-06-01" for one in PERSONS] + [*more])


def observations(ecog, her2, *more, recorded_on="2023-06-01"):
    written = {"p01": "2024-02-01", "p05": "2024-02-01"} if ecog["p01"] == "1" else {}
    rows = [
        f"{item[0].upper()}{one} | {one} | 2023-06-01 | {item} | {level} | {written.get(one, recorded_on)}"
        for item, levels in (("ecog", ecog), ("her2", her2))
        for one, level in levels.items()
    ]
    return table("record_id | patient_id | observed_on | item | value | recorded_on", [*rows, *more])


def contacts(*more):
    header = "record_id | patient_id | contact_date | status"
    return table(
        header, [f"F{one} | {one} | 2023-12-{day:02d} | alive" for day, one in enumerate(PERSONS, 1)] + [*more]
    )


def deaths(*rows):
    return table("record_id | patient_id | death_date | recorded_on", rows)


SCANS = "record_id | patient_id | assessment_date | overall_response"
EVENTS = "record_id | patient_id | term | onset_date"
DIED = ["D10 | p10 | 2023-09-15 | 2023-09-16", "D11 | p11 | 2023-10-20 | 2023-10-21"]

OLD = snapshot(
    patients=patients(), treatments=treatments(), follow_up=contacts(),
    observations=observations({one: level for one, level in ECOG.items() if one != "p06"}, HER2),
    deaths=deaths(*DIED, "D08 | p08 | 2023-10-01 | 2023-10-02"),
    assessments=table(SCANS, ["S1 | p04 | 2023-08-01 | SD"]),
    adverse_events=table(EVENTS, ["A1 | p03 | fatigue | 2023-07-01", "A2 | p02 | fatigue | 2023-07-01"]),
)  # fmt: skip
NEW = snapshot(
    patients=patients("Np12 | p12 | 2024-03-01"), treatments=treatments("Tp12 | p12 | x | 2024-03-01"),
    observations=observations(
        {one: level for one, level in (ECOG | {"p01": "1", "p07": "0"}).items() if one != "p06"},
        HER2 | {"p05": "positive"},
        "Ep06 | p06 | 2023-06-01 | ecog | 0 | 2024-02-01", "Ep12 | p12 | 2024-03-01 | ecog | 0 | 2024-03-01",
    ),
    follow_up=contacts("G04 | p04 | 2024-06-01 | alive", "G08 | p08 | 2024-06-01 | alive"),
    deaths=deaths(*DIED, "D02 | p02 | 2023-12-28 | 2024-02-01", "D09 | p09 | 2024-05-01 | 2024-05-02"),
    assessments=table(SCANS, ["S1 | p04 | 2023-08-01 | SD", "S2 | p04 | 2024-03-01 | PR"]),
    adverse_events=table(EVENTS, ["A2 | p02 | fatigue | 2023-07-01"]),
)  # fmt: skip


def printed(folder):
    """What the rules make of either cut."""
    codelist = hospital.codelist(folder)
    return [hospital.printed(settings(), side, codelist, cutoff)
            for side, cutoff in ((OLD, OLD_CUTOFF), (NEW, NEW_CUTOFF))]  # fmt: skip


def compared(folder, old, new, cutoffs, old_ard, new_ard, **more):
    named = {f"old_{name}": table for name, table in old.items()} | {
        f"new_{name}": table for name, table in new.items()
    }
    manifests = [hospital.manifest(folder, cutoff) for cutoff in cutoffs]
    given = {"settings": settings(), "codelist_adverse_events": hospital.codelist(folder)} | named | more
    return attribute_changes(
        old_manifest=manifests[0], new_manifest=manifests[1], old_ard=old_ard, new_ard=new_ard, **given
    )


@pytest.fixture(scope="module")
def comparison(tmp_path_factory):
    """The comparison, and what the rules printed of either cut."""
    folder = tmp_path_factory.mktemp("changes")
    old, new = printed(folder)
    return compared(folder, OLD, NEW, (OLD_CUTOFF, NEW_CUTOFF), old["ard"], new["ard"]), old, new


@pytest.fixture(scope="module")
def changes(comparison):
    return comparison[0]


@pytest.fixture(scope="module")
def pieces(changes):
    """Result and cause to its row."""
    return changes["attribution"].set_index(["key", "cause"])


def moved(pieces, key):
    return pieces.loc[key]["piece"].tolist()


# ── person by person ─────────────────────────────────────────────────────────────────────────


def test_every_person_who_changed_is_named_with_the_record_behind_it(changes):
    columns = ["patient_id", "change", "name", "before", "after", "kind", "source_table", "source_record_id"]
    assert changes["persons"][columns].to_numpy().tolist() == [
        ["p01", "variable", "ecog", "0", "1", "corrected", "observations", "Ep01"],
        ["p02", "event", "os", "censored", "death", "late", "deaths", "D02"],
        ["p03", "adverse_event", "fatigue", "yes", None, "deleted", "adverse_events", "A1"],
        ["p04", "response", "", "SD", "PR", "follow_up", "assessments", "S2"],
        ["p04", "time", "os", "186", "366", "follow_up", "follow_up", "G04"],
        ["p05", "left", "", "included", "her2_positive", "corrected", "observations", "Hp05"],
        ["p06", "entered", "", "incomplete", "included", "late", "observations", "Ep06"],
        ["p07", "variable", "ecog", "1", "0", "corrected", "observations", "Ep07"],
        ["p08", "event", "os", "death", "censored", "deleted", "deaths", "D08"],
        ["p09", "event", "os", "censored", "death", "follow_up", "deaths", "D09"],
        ["p12", "entered", "", None, "included", "follow_up", "patients", "Np12"],
    ]


def test_a_silent_rewrite_is_counted_apart(changes):
    corrected = changes["records"].query("table == 'observations' and kind == 'corrected' and column == ''")
    assert corrected[["records", "silent"]].to_numpy().tolist() == [[3, 1]]


# ── counts ───────────────────────────────────────────────────────────────────────────────────


def flow_of(changes, what, level, name=""):
    rows = changes["flow"].set_index(["what", "name", "level"])
    return rows.loc[(what, name, level), ["before", "after", "entered", "left", "moved_in", "moved_out"]].tolist()


def test_the_flow_counts_who_came_went_and_moved(changes):
    assert flow_of(changes, "criterion", "included") == [10, 11, 1, 0, 1, 1]
    assert flow_of(changes, "criterion", "her2_positive") == [0, 1, 0, 0, 1, 0]
    assert flow_of(changes, "criterion", "incomplete") == [1, 0, 0, 0, 0, 1]
    assert flow_of(changes, "variable", "0", "ecog") == [7, 8, 2, 1, 1, 1]
    assert flow_of(changes, "variable", "1", "ecog") == [3, 3, 0, 0, 1, 1]
    assert flow_of(changes, "response", "PR") == [0, 1, 0, 0, 1, 0]
    assert flow_of(changes, "endpoint", "event", "os") == [3, 4, 0, 0, 2, 1]


# ── what moved the results ───────────────────────────────────────────────────────────────────


def test_it_begins_at_the_old_results_and_ends_at_the_new_ones_exactly(comparison, pieces):
    _, old, new = comparison
    for side, cause, end in ((old, "code", "before"), (new, "entered", "after")):
        for key, value in headline_results(side["ard"], settings()).items():
            found = pieces.loc[(key, cause), end]
            assert found == value.number if value.number is not None else pd.isna(found), (key, end)


def test_the_pieces_of_every_result_add_up(changes):
    for key, rows in changes["attribution"].groupby("key"):
        scale = math.log if rows["scale"].iloc[0] == "log" else float
        first, last = rows["before"].iloc[0], rows["after"].iloc[-1]
        if pd.notna(first) and pd.notna(last):
            assert rows["together"].fillna(rows["piece"]).sum() == pytest.approx(
                scale(last) - scale(first), abs=1e-12
            ), key
        for before, after in pairwise(rows.itertuples()):
            assert before.after == after.before or pd.isna(before.after), key


def test_each_cause_moves_what_it_should(pieces):
    assert moved(pieces, "os.events") == [0, -1, 1, 1, 0, 0]
    assert moved(pieces, "os.km.ecog=1.events") == [0, -1, 0, 1, 0, 0]
    assert moved(pieces, "flow.included") == [0, 0, 0, 0, -1, 2]
    assert moved(pieces, "response.orr.percent")[:4] == [0, 0, 0, 10]
    assert moved(pieces, "safety.any.percent")[:4] == [0, -10, 0, 0]


def test_membership_is_frozen_until_those_who_left_and_entered_are_replaced(pieces):
    """The woman whose HER2 was corrected stays among the ten until it is the turn of those who left."""
    assert pieces.loc["flow.included"]["after"].tolist() == [10, 10, 10, 10, 9, 11]


def test_a_hazard_ratio_that_cannot_be_estimated_midway_is_a_state_and_its_gap_is_bridged(pieces):
    rows = pieces.loc["os.cox.univariable.ecog.1.hr"]
    assert rows["after"].isna().tolist() == [False, True, True, False, False, False]
    assert rows.loc["corrected", "note"].startswith("after this step: not estimable (no events in this level")
    assert rows.loc["follow_up", "note"].startswith("before this step: not estimable (no events in this level")
    bridged = math.log(rows.loc["follow_up", "after"] / rows.loc["code", "after"])
    assert rows.loc["follow_up", "together"] == pytest.approx(bridged, abs=1e-12)
    assert 0 < rows.loc["follow_up", "orders"] < 120


def test_no_p_value_is_attributed(changes):
    assert not changes["attribution"]["key"].str.endswith(".p").any()


def test_what_depends_on_the_order_has_a_range_that_holds_its_piece(pieces):
    rows = pieces.dropna(subset="piece")
    assert (rows["smallest"] <= rows["piece"]).all()
    assert (rows["piece"] <= rows["largest"]).all()
    # Ten persons before one left and two came, eleven after.
    assert rows.loc[("safety.any.percent", "corrected"), ["smallest", "largest"]].tolist() == pytest.approx(
        [-100 / 9, -100 / 12]
    )


# ── one cut, two versions of the code ────────────────────────────────────────────────────────


def test_on_one_cut_only_the_code_can_have_moved_anything(tmp_path, comparison):
    printed = comparison[1]
    ard = printed["ard"].assign(value=printed["ard"]["value"].mask(printed["ard"]["key"] == "os.events", 5))
    covariates = printed["covariates"].copy()
    covariates.loc[(covariates["patient_id"] == "p01") & (covariates["variable"] == "ecog"), "value"] = "1"
    cutoffs = (OLD_CUTOFF, OLD_CUTOFF)
    changes = compared(tmp_path, OLD, OLD, cutoffs, ard, printed["ard"], old_covariates=covariates)
    rows = changes["attribution"]
    assert rows.loc[rows["key"] == "os.events", "piece"].tolist() == [-2, 0, 0, 0, 0, 0]
    assert not rows.loc[rows["key"] != "os.events", "piece"].fillna(0).any()
    assert changes["records"].empty
    assert changes["persons"][["patient_id", "before", "after", "kind"]].to_numpy().tolist() == [
        ["p01", "1", "0", "code"]
    ]


def test_where_the_living_are_censored_at_the_cut_off_its_move_alone_is_follow_up(tmp_path):
    study, cutoffs = settings(vital_status_complete=True), (OLD_CUTOFF, NEW_CUTOFF)
    codelist = hospital.codelist(tmp_path)
    ards = [hospital.printed(study, OLD, codelist, cutoff)["ard"] for cutoff in cutoffs]
    changes = compared(tmp_path, OLD, OLD, cutoffs, *ards, settings=study)
    steps = changes["attribution"].set_index(["key", "cause"])["piece"].loc["followup.reverse_km.median"]
    assert steps["follow_up"] == pytest.approx(182 / 30.4375, abs=1e-12)
    assert not steps.drop("follow_up").any()
    assert set(changes["persons"]["change"]) == {"time"}
    assert set(changes["persons"]["kind"]) == {"follow_up"}


# ── what cannot be ───────────────────────────────────────────────────────────────────────────


def test_a_record_entered_again_under_another_id_makes_data_versions_that_cannot_be_derived(tmp_path):
    """Without its old id and without its new one there is no start; with both of them there is."""
    again = OLD["treatments"].assign(record_id=OLD["treatments"]["record_id"].replace("Tp04", "T04again"))
    records = compare_snapshots(OLD, OLD | {"treatments": again}, layouts(settings()["source"]), OLD_CUTOFF)
    versions = {frozenset(on): DataVersion(data_version(records, frozenset(on)), OLD_CUTOFF)
                for on in (["corrected"], ["late"])}  # fmt: skip
    codelists = {"adverse_events": hospital.codelist(tmp_path)}
    found = derive_versions(settings(), versions, codelists, pd.Index(["p03", "p04"]))
    assert found[frozenset(["corrected"])] == "1 person(s) of both cohorts have no index date in it"
    assert found[frozenset(["late"])].cohort["patient_id"].tolist() == ["p03", "p04"]


def test_cuts_in_the_wrong_order_are_refused(tmp_path, comparison):
    ard = comparison[1]["ard"]
    with pytest.raises(ConfigError, match="the other way round"):
        compared(tmp_path, OLD, OLD, (NEW_CUTOFF, OLD_CUTOFF), ard, ard)


def test_cuts_without_a_common_person_are_refused(tmp_path, comparison):
    ard = comparison[1]["ard"]
    others = {name: records.assign(patient_id="q" + records["patient_id"]) for name, records in OLD.items()}
    with pytest.raises(ConfigError, match="11 and 11 persons and have none in common"):
        compared(tmp_path, OLD, others, (OLD_CUTOFF, NEW_CUTOFF), ard, ard)


def test_a_new_cut_that_todays_code_does_not_give_is_refused(tmp_path, comparison):
    ard = comparison[1]["ard"]
    other = ard.assign(value=ard["value"].mask(ard["key"] == "os.events", 9))
    with pytest.raises(ProvenanceError, match=r"1 result\(s\) of the new cut .*, os\.events among them"):
        compared(tmp_path, OLD, OLD, (OLD_CUTOFF, OLD_CUTOFF), ard, other)
