"""The audit page as text: what it says of results, jobs and runs, and what it must not say."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from cutline.audit.cut import Cut
from cutline.audit.page import audit_page
from cutline.audit.page.drawing import WIDTH, Box, draw
from cutline.audit.page.facts import as_yaml
from cutline.audit.page.titles import statistic, title
from cutline.audit.runs import FIRST, TELLS_OF_RUN, hash_of
from cutline.audit.wording import Words
from tests.written_cut import RESULTS, row, write_cut

HOLDS: dict[str, list[str]] = {"every output is what its job wrote": [], "the ledger of runs is whole": []}
RUN: dict[str, Any] = {
    "number": 1,
    "previous": FIRST,
    "started": "2025-06-01T08:00:00+00:00",
    "seconds": 31.4,
    "outcome": "finished",
    "host_class": "Linux x86_64, 2 cores",
    "commit": "0123456789abcdef0123",
    "dirty": True,
    "jobs": [
        {"rule": "estimate_survival", "started": "2025-06-01T08:00:09+00:00", "seconds": 1.24, "outcome": "finished"}
    ],
    "reused": ["check_records"],
    "records": {},
}


def write_ledger(cut: Cut, *runs: dict[str, Any]) -> None:
    entries = [run | {"hash": hash_of(run)} for run in runs]
    (cut.folder / "runs.jsonl").write_text("".join(json.dumps(entry) + "\n" for entry in entries), encoding="utf-8")


@pytest.fixture
def cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cut:
    """A small finished cut with one run in its ledger."""
    monkeypatch.chdir(tmp_path)
    made = write_cut(tmp_path)
    write_ledger(made, RUN)
    return made


def data_of(page: str) -> dict[str, Any]:
    """What the page's script reads."""
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


def result_of(page: str, key: str) -> dict[str, Any]:
    return next(dict(result) for result in data_of(page)["results"] if result["key"] == key)


def job_of(page: str, rule: str) -> str:
    return page[page.index(f'id="job-{rule}"') :].split("</article>")[0]


def drawing_of(page: str, rule: str) -> str:
    return page[page.index(f'<template id="chain-{rule}">') :].split("</template>")[0]


# ── results ──────────────────────────────────────────────────────────────────────────────────


def test_every_result_is_on_the_page(cut: Cut) -> None:
    results = data_of(audit_page(cut, HOLDS))["results"]
    assert [result["key"] for result in results] == [each["key"] for each in RESULTS]


def test_result_has_its_displayed_and_its_unrounded_value_and_whom_it_is_about(cut: Cut) -> None:
    result = result_of(audit_page(cut, HOLDS), "pfs.km.median")
    assert (result["shown"], result["value"], result["n"]) == ("6.6", "6.6036960985626285", "70")
    assert result["title"] == "Progression-free survival · Kaplan–Meier · median"
    assert (result["denominator"], result["contributing"]) == ("all included patients", "all of them")


def test_result_of_a_table_leads_to_its_cell_and_one_of_a_sentence_to_that_sentence(cut: Cut) -> None:
    (cut.folder / "report" / "manuscript.html").write_text("", encoding="utf-8")
    copy_record(cut, "report/manuscript.qmd", "report/manuscript.html")
    page = audit_page(Cut(cut.root, cut.folder, cut.study, cut.name), HOLDS)
    places = result_of(page, "pfs.km.median")["places"]
    assert [place.get("link") for place in places] == [
        "manuscript.html#pfs.km.median:1", "manuscript.html#pfs.km.median:2", "manuscript.html#fig-survival-pfs",
    ]  # fmt: skip
    cell = "manuscript.html#baseline.ecog.0.n:cell1"
    for key in ("baseline.ecog.0.n", "baseline.ecog.0.percent"):
        assert [place["link"] for place in result_of(page, key)["places"]] == [cell]


def copy_record(cut: Cut, of: str, to: str) -> None:
    record = (cut.folder / f"{of}.prov.json").read_text(encoding="utf-8")
    (cut.folder / f"{to}.prov.json").write_text(record, encoding="utf-8")


def test_without_a_web_page_of_the_manuscript_nothing_links_to_it(cut: Cut) -> None:
    assert "manuscript.html" not in audit_page(cut, HOLDS)


def test_results_with_the_same_parameters_share_them(cut: Cut) -> None:
    data = data_of(audit_page(cut, HOLDS))
    used = {result["key"]: result["used"] for result in data["results"]}
    assert used["pfs.km.median"] == used["pfs.km.median_lower"] != used["response.orr.percent"]
    assert "conf_level: 0.95" in data["used"][used["pfs.km.median"]]
    assert "Overall survival" not in data["used"][used["pfs.km.median"]]


def test_text_that_could_end_the_script_is_data_like_any_other(cut: Cut) -> None:
    file = cut.folder / "aggregate" / "ard.csv"
    header = file.read_text(encoding="utf-8").splitlines()[0]
    evil = row("pfs.km.median", 1.0, analysis="km", note="</script><script>alert(1)</script>")
    cells = ",".join(f'"{evil[name]}"' for name in header.split(","))
    file.write_text(f"{header}\n{cells}\n", encoding="utf-8")
    page = audit_page(cut, HOLDS)
    assert "<script>alert" not in page
    assert result_of(page, "pfs.km.median")["note"] == "</script><script>alert(1)</script>"


# ── verdict, ledger, jobs ────────────────────────────────────────────────────────────────────


def test_page_says_in_a_word_whether_everything_holds(cut: Cut) -> None:
    good, bad, unknown = (
        audit_page(cut, verdict) for verdict in (HOLDS, HOLDS | {"the ledger of runs is whole": ["a < b"]}, {})
    )
    assert '<details class="verdict holds">' in good
    assert "All holds" in good
    assert '<details class="verdict fails" open>' in bad
    assert "1 finding: do not rely on these results" in bad
    assert "<li>a &lt; b</li>" in bad
    assert "Not verified" in unknown
    assert "All holds" not in unknown


def test_page_prints_the_head_of_the_ledger_and_every_run(cut: Cut) -> None:
    second = RUN | {"number": 2, "previous": hash_of(RUN), "jobs": [], "outcome": "failed"}
    write_ledger(cut, RUN, second)
    page = audit_page(Cut(cut.root, cut.folder, cut.study, cut.name), HOLDS)
    assert f"entry 2: <code>{hash_of(second)}</code>" in page
    runs = page[page.index('<table class="runs">') :].split("</table>")[0]
    assert re.findall(r'<th scope="row">(\d+)</th>', runs) == ["2", "1"]
    assert "at commit 0123456789ab with uncommitted changes" in runs
    assert "reused from run 1" in job_of(page, "estimate_survival")


def test_cut_without_a_ledger_says_that_nothing_vouches_for_it(cut: Cut) -> None:
    (cut.folder / "runs.jsonl").unlink()
    assert "nothing vouches for these files" in audit_page(Cut(cut.root, cut.folder, cut.study, cut.name), HOLDS)


def test_job_has_its_time_files_code_libraries_and_parameters(cut: Cut) -> None:
    job = job_of(audit_page(cut, HOLDS), "estimate_survival")
    assert "Last ran in run 1, for 1.24 s, at commit 0123456789ab with uncommitted changes" in job
    inputs = cut.records["aggregate/ard/estimate_survival.csv"]["inputs"]
    assert f'<code>patient/endpoints.parquet</code></th><td>70</td><td><code title="{inputs[0]["sha256"]}">' in job
    assert "workflow/lib/cutline/survival/estimate.py" in job
    assert "numpy 2.4.6" in job
    assert "label: Progression-free survival" in job


def test_jobs_stand_in_the_order_of_the_flow(cut: Cut) -> None:
    page = audit_page(cut, HOLDS)
    assert re.findall(r'id="job-(\w+)"', page) == [
        "extract_snapshot", "check_records", "derive_endpoints", "estimate_survival", "release_results", "draw_figures",
        "present_tables", "render_report",
    ]  # fmt: skip


def test_chain_of_a_result_goes_from_the_source_to_the_report(cut: Cut) -> None:
    drawing = drawing_of(audit_page(cut, HOLDS), "estimate_survival")
    names = re.findall(r'<text class="name"[^>]*>([^<]*)</text>', drawing)
    assert names == [
        "Extract snapshot", "Check records", "Derive endpoints", "Estimate survival", "Analysis results data",
        "Draw figures", "Present tables", "Render report", "Source",
    ]  # fmt: skip
    assert "patients.csv" in drawing
    assert drawing.count("<path") == 9


# ── what must not be in it ───────────────────────────────────────────────────────────────────


def test_equal_cuts_give_equal_pages(cut: Cut) -> None:
    assert audit_page(cut, HOLDS) == audit_page(Cut(cut.root, cut.folder, cut.study, cut.name), HOLDS)


def test_page_is_the_same_once_it_has_a_record_of_its_own(cut: Cut) -> None:
    before = audit_page(cut, HOLDS)
    (cut.folder / "report" / "audit.html").write_text(before, encoding="utf-8")
    copy_record(cut, "report/manuscript.qmd", "report/audit.html")
    record = cut.folder / "report" / "audit.html.prov.json"
    record.write_text(record.read_text(encoding="utf-8").replace("render_report", TELLS_OF_RUN), encoding="utf-8")
    assert audit_page(Cut(cut.root, cut.folder, cut.study, cut.name), HOLDS) == before


def test_page_does_not_say_where_on_this_machine_the_cut_is(cut: Cut) -> None:
    assert str(cut.root) not in audit_page(cut, HOLDS)


@pytest.mark.parametrize("path", ["/home/ada/data/records.csv", "~/data/records.csv", r"C:\Users\ada\records.csv"])
def test_absolute_path_among_the_parameters_keeps_its_file_name_only(path: str) -> None:
    assert as_yaml({"source": {"files": [path]}}).endswith("- outside:records.csv")


def test_units_and_relative_paths_among_the_parameters_stay_as_they_are() -> None:
    assert as_yaml({"unit": "/mm3", "file": "config/codelists/histology.csv"}).splitlines() == [
        "unit: /mm3", "file: config/codelists/histology.csv",
    ]  # fmt: skip


# ── titles ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("median_upper", "median, upper limit"),
        ("survival_6m", "survival at 6 months"),
        ("survival_12m_lower", "survival at 12 months, lower limit"),
        ("at_risk_36m", "patients at risk at 36 months"),
        ("events_percent", "events, percent"),
        ("hr", "hazard ratio"),
        ("something_else", "something else"),
    ],
)
def test_statistic_is_said_in_words(name: str, said: str) -> None:
    assert statistic(name) == said


def test_title_names_endpoint_model_variable_level_and_group_in_the_words_of_the_study() -> None:
    variables = {"ecog": {"label": "ECOG performance status", "levels": {"1": "1"}}, "arm": {"label": "Arm"}}
    words = Words(variables, {"os": {"label": "Overall survival"}}, {"late": "Too late"})
    about = {"model": "multivariable", "variable": "ecog", "level": "1", "variant": "per_day"}
    cox = row("k.hr", 1.0, analysis="cox", endpoint="os", **about)
    assert title(cox, words) == (
        "Overall survival · Multivariable Cox model · ECOG performance status: 1 · Per day · hazard ratio"
    )
    group = row("k.p", 1.0, analysis="logrank", endpoint="os", group="arm")
    assert title(group, words) == "Overall survival · Log-rank test · Arm · p-value"
    assert title(row("k.excluded", 1.0, analysis="flow", level="late"), words) == "Patient flow · Too late · excluded"


# ── drawings ─────────────────────────────────────────────────────────────────────────────────

EDGES = [("source", "a"), ("a", "b"), ("a", "c"), ("b", "d"), ("c", "d"), ("a", "d"), ("d", "end"), ("source", "end")]


def drawn(boxes: str, edges: list[tuple[str, str]]) -> tuple[dict[str, tuple[float, float]], list[str]]:
    """The upper left corners of the boxes by name, and the lines."""
    svg = draw({name: Box(name) for name in boxes.split()}, edges, "x")
    found = re.findall(r'<rect x="([-\d.]+)" y="(\d+)".*?<text class="name"[^>]*>(\w+)</text>', svg)
    return {name: (float(x), float(y)) for x, y, name in found}, re.findall(r'<path d="([^"]*)"', svg)


def test_what_a_box_needs_is_drawn_above_it_and_every_need_is_a_line() -> None:
    places, lines = drawn("source a b c d end", EDGES)
    assert all(places[start][1] < places[end][1] for start, end in EDGES)
    assert len(lines) == len(EDGES)


def test_boxes_of_a_row_do_not_touch() -> None:
    edges = [("a", name) for name in "bcdefgh"] + [("b", "i")]
    places, _ = drawn("a b c d e f g h i", edges)
    rows = [(one, other) for one, other in combinations(places.values(), 2) if one[1] == other[1]]
    assert rows
    assert all(abs(one[0] - other[0]) > WIDTH for one, other in rows)


def test_two_lines_that_need_not_cross_do_not() -> None:
    places, _ = drawn("a b c d", [("a", "d"), ("b", "c")])
    assert (places["a"][0] < places["b"][0]) == (places["d"][0] < places["c"][0])


def test_a_line_past_a_row_goes_around_its_boxes() -> None:
    places, lines = drawn("a b c", [("a", "b"), ("b", "c"), ("a", "c")])
    (around,) = [line for line in lines if "V" in line]
    passing = float(re.findall(r"([-\d.]+) [-\d.]+V", around)[0])
    assert not places["b"][0] <= passing <= places["b"][0] + WIDTH


def test_needs_of_unknown_boxes_are_left_out_and_nothing_is_a_drawing_too() -> None:
    places, lines = drawn("a", [("a", "nowhere"), ("nowhere", "a")])
    assert (list(places), lines) == (["a"], [])
    assert "<rect" not in draw({}, [], "nothing")


def test_texts_of_a_drawing_cannot_become_markup() -> None:
    svg = draw({"a": Box("<b>", 'x"y', "kind", "#job")}, [], "<x>")
    assert "<b>" not in svg
    assert 'aria-label="&lt;x&gt;"' in svg
    assert '<a href="#job">' in svg
