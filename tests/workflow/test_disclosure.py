"""The profile public on real results: the attack on two cuts, and everything that leaves one."""

from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from cutline.audit.crate import released
from cutline.audit.cut import open_cut
from cutline.audit.disclosed import may_be_told
from cutline.audit.freeze import _content
from cutline.disclosure.profiles import WITHHELD
from cutline.disclosure.release import release_results
from cutline.job import read
from cutline.study import load_study
from cutline.study_rules import result_parts, settings_for, with_curves
from cutline.tables.results import TABLES
from tests.unit.disclosure_attack import Attack
from tests.unit.disclosure_relations import EVERYONE, Known, know_everything, know_that_none_falls, know_the_curve
from tests.workflow.conftest import DEFAULT_CUT, GBSG2_CUT, LATER_CUT

FEWEST = 5
SPECS = {table.name: table for table in TABLES}
PROTECTED = "0||response.best.progressive.n"
"""Eight patients, whom suppression below ten hides."""


@pytest.fixture(scope="module")
def cuts(updated):
    """Of both cuts the parts of the results before any profile, by name."""
    study = load_study(updated.path, {"compare_with": "none"})
    folders = [updated.path / cut / "aggregate" for cut in (DEFAULT_CUT, LATER_CUT)]
    return study, [_parts(study, folder) for folder in folders]


def _parts(study, folder):
    files = {rule: folder / "ard" / f"{rule}.csv" for rule in result_parts(study)}
    files |= {f"curves_{name}": folder / "curves" / f"{name}.csv" for name in with_curves(study)}
    return {
        name: read(file, SPECS | {name: SPECS["curves" if "curves" in name else "ard"]}) for name, file in files.items()
    }


def public(study, parts, **comparisons):
    study = study | {"report": study["report"] | {"profile": "public"}}
    study |= {"comparisons": study["comparisons"] | comparisons}
    return release_results(settings=settings_for(study, "release_results"), **parts)


def exact(parts):
    return pd.concat([table for name, table in parts.items() if "curves" not in name], ignore_index=True)


def attacked(study, cuts, group="", levels=(), curves=("pfs", "os")):
    attack = Attack()
    for number, parts in enumerate(cuts):
        out = public(study, parts, in_figures=bool(group))
        known = Known(attack, out["ard"], str(number), group, levels)
        know_everything(known, "pfs.n")
        for endpoint in curves:
            know_the_curve(known, endpoint, out[f"released_curves_{endpoint}"])
    return attack


def test_two_cuts_leave_every_count_five_values_even_to_somebody_who_knows_that_none_fell(cuts):
    study, parts = cuts
    attack = attacked(study, parts)
    know_that_none_falls(attack, [exact(each).set_index("key")["value"] for each in parts])
    assert len(attack.names) > 400
    assert attack.narrow(FEWEST) == {}


def test_so_do_groups_that_are_counted_apart_and_everyone(cuts):
    study, parts = cuts
    levels = study["variables"]["menopausal_status"]["levels"]
    assert attacked(study, parts, "menopausal_status", list(levels), ["os"]).narrow(FEWEST) == {}


def test_the_true_counts_are_among_the_possible_ones(cuts):
    study, parts = cuts
    attack = attacked(study, parts, curves=())
    true = [exact(each).set_index("key")["value"] for each in parts]
    for name in [name for name in attack.names if f"|{EVERYONE}|" in name]:
        cut, _, cell = name.split("|")
        if cell in true[int(cut)]:
            attack.know({name: 1}, float(true[int(cut)][cell]), float(true[int(cut)][cell]))
    assert attack.interval(PROTECTED) == (8, 8)


@pytest.mark.parametrize(
    ("stands_for", "published", "found"),
    [
        (lambda n: (0, 9) if n < 10 else (int(n), int(n)), lambda n: n, (8, 8)),
        (lambda n: (max(0, int(n) - 2), int(n) + 2), lambda n: (n + 2) // 5 * 5, None),
    ],
    ids=["suppression of small counts", "each count rounded to 5 by itself"],
)
def test_the_same_attack_breaks_a_naive_profile(cuts, stands_for, published, found):
    _, parts = cuts
    table = exact(parts[0])
    table["value"] = published(table["value"])
    attack = Attack()
    know_everything(Known(attack, table, "0", stands_for=stands_for, sums=False), "pfs.n")
    low, high = attack.interval(PROTECTED)
    assert (low, high) == found if found else attack.narrow(FEWEST)


def test_nothing_is_lost_but_values(cuts):
    study, parts = cuts
    shown, true = public(study, parts[0])["ard"], exact(parts[0])
    by_the_data = ~true["key"].isin(shown["key"])
    assert true["key"][by_the_data].str.contains(r"^(?:firth|imputed|with_\w+|spline_\w+)/|\.cut_point").all()
    true = true[~by_the_data].reset_index(drop=True)
    assert shown["key"].tolist() == true["key"].tolist()
    gone = shown[shown["value"].isna() & true["value"].notna()]
    assert gone["note"].str.startswith((WITHHELD.rstrip(")"), "not estimable")).all()
    reasons = shown[shown["note"].fillna("").str.startswith("not estimable (")]
    assert set(reasons["analysis"]) <= {"km", "rmst", "followup"}  # read off the redrawn curves
    assert not reasons["key"].str.contains("/").any()
    assert not shown["filter"][shown["statistic"].isin(["min", "max", "first", "last"])].str.contains(r"\|").any()
    assert shown["n_contributing"].dropna().mod(10).eq(0).all()
    assert shown["n"].dropna().mod(10).eq(0).all()
    assert not shown["statistic"].isin(["min", "max"])[shown["value"].notna()].any()
    assert shown["text"].fillna("").eq("").all()


def test_every_shown_number_of_persons_is_a_multiple_and_parts_add_up(cuts):
    study, parts = cuts
    shown = public(study, parts[0])["ard"].set_index("key")["value"]
    persons = public(study, parts[0])["ard"].query("unit == 'persons'")["value"].dropna()
    assert persons.mod(10).eq(0).all()
    assert shown["pfs.events"] + shown["pfs.censored"] == shown["pfs.n"] == shown["flow.included"]
    best = [f"response.best.{name}.n" for name in ("complete", "partial", "stable", "non_cr_non_pd")]
    assert shown[best].sum() == shown["response.dcr.n"]
    assert shown["flow.included"] + shown["flow.excluded"] + shown["flow.pending"] == shown["flow.screened"]


def test_curves_have_no_time_of_anybody_and_end_where_fewer_than_ten_are_at_risk(cuts):
    study, parts = cuts
    curve = public(study, parts[0])["released_curves_os"]
    ends = {int(month * 30.4375) for month in range(200)}
    assert set(curve["time_days"]) <= ends
    assert curve["at_risk"].min() >= 10
    assert curve["censored"].isna().all()


def test_a_committee_gets_exact_counts_and_no_single_person(cuts):
    study, parts = cuts
    study = study | {"report": study["report"] | {"profile": "irb"}}
    out = release_results(settings=settings_for(study, "release_results"), **parts[0])
    shown, true = (table.set_index("key")["value"] for table in (out["ard"], exact(parts[0])))
    assert shown["response.best.progressive.n"] == true["response.best.progressive.n"]
    assert shown["baseline.age_at_diagnosis.max"] != shown["baseline.age_at_diagnosis.max"]
    assert len(out["released_curves_os"]) < len(parts[0]["curves_os"]) / 2


# ── what leaves ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def published(finished_gbsg2, tmp_path_factory):
    """The study gbsg2 as everybody may see it."""
    project = finished_gbsg2.copy_to(tmp_path_factory.mktemp("public") / "project")
    outcome = project.run("--config", "study=gbsg2", 'report={"profile":"public"}')
    assert outcome.code == 0, outcome.text
    return project


def test_no_digest_and_no_number_of_rows_of_what_stays_leaves(published):
    cut = open_cut(published.path, "gbsg2", GBSG2_CUT.name)
    told = may_be_told(released(cut))
    secret = {record["output"]["sha256"]: path for path, record in cut.records.items()
              if not told(f"cut:{path}") and path.startswith(("patient/", "aggregate/"))}  # fmt: skip
    for name, content in _content(cut).items():
        text = content.decode("utf-8", "ignore")
        assert [path for digest, path in secret.items() if digest in text] == [], name
        if name.endswith(".prov.json"):
            assert [entry for entry in json.loads(text)["inputs"] if "rows" in entry and not told(entry["path"])] == []


def test_the_report_says_what_was_done_and_holds_no_exact_count(published):
    page = (published.path / GBSG2_CUT / "report/manuscript.html").read_text(encoding="utf-8")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.partition("<body")[2]))
    assert "Rounded for publication" in text
    assert "Counts rounded to multiples of 10; 0 stands for 0 to 7" in text
    for exact_count in ("686", "299", "387", "246"):  # persons, events, censored, treated
        assert not re.search(rf"\b{exact_count}\b", text), exact_count
