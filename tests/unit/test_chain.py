"""The chain of a result leads from the sentence that shows it to the source, and says where it is broken."""

import json
import shutil

import pytest

from cutline.audit.appearances import passages, seen
from cutline.audit.chain import Chains, chain_of, jobs_of
from cutline.audit.cut import Cut
from cutline.audit.passages import sentences
from cutline.audit.wording import Words, displayed, who, with_unit
from cutline.errors import ReportError
from tests.written_cut import RESULTS, row, write_cut

WORDS = Words(
    variables={"ecog": {"label": "ECOG performance status", "levels": {"0": "Fully active"}},
               "age": {"label": "Age", "unit": "years"}, "her2": {"label": "HER2 status"}},
    endpoints={"pfs": {"label": "Progression-free survival", "event_label": "progression or death"}},
    criteria={"her2_positive": "HER2-positive disease", "late": "Too late"},
)  # fmt: skip


@pytest.fixture
def cut(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return write_cut(tmp_path)


def keys_seen(cut, text):
    return [place.keys for place in seen(passages(cut), text)]


# ── the route ──


def test_the_chain_leads_from_the_result_to_the_manifest_and_the_source(cut):
    chain = chain_of(cut, "pfs.km.median")
    assert chain["route"]["files"] == [
        "cut:aggregate/ard.csv",
        "cut:aggregate/ard/estimate_survival.csv",
        "cut:patient/endpoints.parquet",
        "cut:patient/accepted/patients.parquet",
        "cut:patient/snapshot/patients.parquet",
        "cut:patient/snapshot/manifest.json",
        "resources/patients.csv",
    ]
    assert chain["route"]["jobs"] == [
        "release_results", "estimate_survival", "derive_endpoints", "check_records", "extract_snapshot",
    ]  # fmt: skip
    assert list(chain["files"]) == chain["route"]["files"]
    assert [file["rule"] for file in chain["files"].values()][-2:] == ["extract_snapshot", ""]
    assert chain["files"]["cut:patient/endpoints.parquet"]["rows"] == 70
    assert chain["snapshot"]["source"] == "synthetic records"
    assert chain["snapshot"]["tables"] == {"patients": 70}
    assert chain["breaks"] == []


def test_every_result_has_a_chain_that_ends_in_the_manifest_and_is_plain_data(cut):
    chains = Chains(cut)
    for each in RESULTS:
        chain = chains.whole(each["key"])
        assert "cut:patient/snapshot/manifest.json" in chain["files"]
        assert json.loads(json.dumps(chain)) == chain


def test_an_unknown_key_is_an_error(cut):
    with pytest.raises(ReportError, match=r"no result 'pfs\.median'"):
        chain_of(cut, "pfs.median")


def test_the_value_is_unrounded_and_shown_as_the_report_prints_it(cut):
    chain = chain_of(cut, "pfs.km.median")
    assert chain["result"]["value"] == 6.6036960985626285
    assert chain["result"]["n"] == 70
    assert chain["shown"] == "6.6"


def test_a_job_has_its_code_libraries_and_settings(cut):
    job = chain_of(cut, "pfs.km.median")["jobs"]["estimate_survival"]
    assert job["script"] == "workflow/scripts/estimate_survival.py"
    assert [(file["file"], file["own"]) for file in job["code"]] == [
        ("workflow/lib/cutline/survival/estimate.py", True),
        ("workflow/lib/cutline/ard.py", False),
    ]
    assert job["libraries"] == {"numpy": "2.4.6", "python": "3.11"}
    assert job["settings"]["statistics"] == {"conf_level": 0.95}


def test_of_the_settings_those_are_told_that_bear_on_the_result(cut):
    used = chain_of(cut, "pfs.km.median")["used"]
    assert list(used["endpoints"]) == ["pfs"]
    assert "variables" not in used
    assert list(chain_of(cut, "baseline.ecog.0.n")["used"]["variables"]) == ["ecog"]


def test_jobs_and_files_are_shared_by_all_results(cut):
    shared = jobs_of(cut)
    assert set(shared) == {"version", "jobs", "files", "snapshot", "corrections"}
    assert "present_tables" in shared["jobs"]
    assert "files" not in Chains(cut).of("pfs.km.median")


def test_a_job_says_when_it_last_ran(cut):
    entries = [
        {"number": number, "commit": "abc", "dirty": False,
         "jobs": [{"rule": "estimate_survival", "started": f"2026-01-0{number}", "seconds": 1.5, "outcome": outcome}]}
        for number, outcome in ((1, "finished"), (2, "failed"))
    ]  # fmt: skip
    (cut.folder / "runs.jsonl").write_text("\n".join(map(json.dumps, entries)), encoding="utf-8")
    ran = {"run": 1, "started": "2026-01-01", "seconds": 1.5, "commit": "abc", "dirty": False}
    assert jobs_of(cut)["jobs"]["estimate_survival"]["ran"] == ran
    assert jobs_of(cut)["jobs"]["derive_endpoints"]["ran"] == {}


def test_without_the_patient_folder_the_chain_ends_at_the_aggregates(cut):
    shutil.rmtree(cut.folder / "patient")
    chain = chain_of(cut, "pfs.km.median")
    assert chain["snapshot"] == {}
    assert chain["route"]["jobs"] == ["release_results", "estimate_survival"]
    assert chain["files"]["cut:patient/endpoints.parquet"]["rule"] == ""


@pytest.mark.parametrize("file", ["aggregate/ard.csv", "report/manuscript.qmd", "patient/snapshot/manifest.json"])
def test_a_chain_through_an_edited_file_is_broken(cut, file):
    path = cut.folder / file
    path.write_text(path.read_text(encoding="utf-8").replace("5", "4", 1), encoding="utf-8")
    (sentence,) = chain_of(cut, "pfs.km.median")["breaks"]
    assert sentence.startswith(f"{file}: edited after")


def test_a_chain_is_broken_where_a_job_read_another_file_than_the_one_there_now(cut):
    record = cut.folder / "patient" / "endpoints.parquet.prov.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    told["output"]["sha256"] = "0" * 64
    record.write_text(json.dumps(told), encoding="utf-8")
    (sentence,) = chain_of(Cut(cut.root, cut.folder, cut.study, cut.name), "pfs.km.median")["breaks"]
    assert sentence == "patient/endpoints.parquet: estimate_survival read another version of it than the one there now"


# ── where it appears ──


def test_a_result_appears_in_sentences_tables_and_figures(cut):
    text, again, figure = chain_of(cut, "pfs.km.median")["places"]
    assert text["where"] == "Abstract, Results"
    assert text["before"] + text["shown"] + text["after"] == (
        "Median progression-free survival was 6.6 months (95% CI 5.59–7.61)."
    )
    assert text["format"] == "%.1f"
    assert again["where"] == "1.1 Survival"
    assert again["after"] == " months (Figure 1), in others 16.6 and 6.9."
    assert (figure["kind"], figure["where"]) == ("figure", "Figure 2. Progression-free survival")
    (cell,) = chain_of(cut, "baseline.ecog.0.percent")["places"]
    assert cell == {
        "kind": "table", "where": "Table 1. Baseline characteristics", "row": "ECOG: 0",
        "column": "All patients (n = 70)", "before": "56 (", "shown": "80.0", "after": ")",
    }  # fmt: skip


def test_a_figure_does_not_draw_what_belongs_to_another_endpoint_or_group(cut):
    assert all(place["kind"] != "figure" for place in chain_of(cut, "baseline.ecog.0.n")["places"])
    cut.results["pfs.km.ecog=0.median"] = row("pfs.km.ecog=0.median", 1, analysis="km", endpoint="pfs", group="ecog")
    assert chain_of(cut, "pfs.km.ecog=0.median")["places"] == []


def test_markup_is_not_part_of_a_sentence():
    found = sentences(
        "# A {#a}\n\n**Bold** and \\[plain\\], see [the *page*](x.html) [@a; @b].\n\n```{=typst}\n# no\n```"
    )
    assert [passage.text for passage in found] == ["Bold and [plain], see the page."]
    assert [passage.where for passage in found] == ["1 A"]


def test_a_sentence_ends_before_a_capital_letter_and_not_within_a_number():
    found = sentences("It was 5.7 in all. HER2 was low. see below? Yes.")
    assert [passage.text for passage in found] == ["It was 5.7 in all.", "HER2 was low. see below?", "Yes."]


# ── from what a reader sees ──


def test_a_number_is_found_with_and_without_its_unit_but_not_within_another(cut):
    assert keys_seen(cut, "6.6") == keys_seen(cut, "6.6 months") == [("pfs.km.median",)] * 2
    assert keys_seen(cut, "6") == keys_seen(cut, ".6") == []


def test_an_interval_is_found_whatever_its_dash(cut):
    assert keys_seen(cut, "5.59–7.61") == keys_seen(cut, "5.59-7.61") == [("pfs.km.median_lower",)]


def test_a_cell_of_a_table_is_found_as_a_whole_and_by_its_parts(cut):
    assert keys_seen(cut, "56 (80.0)") == [("baseline.ecog.0.n", "baseline.ecog.0.percent")]
    assert keys_seen(cut, "80.0") == [("baseline.ecog.0.percent",)]


def test_a_number_that_somebody_wrote_has_no_key(cut):
    assert keys_seen(cut, "6.9") == [()]


# ── words ──


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"unit": "months", "statistic": "median"}, "6.7 months"),
        ({"unit": "months", "statistic": "median_lower"}, "6.65 months"),
        ({"unit": "ratio", "statistic": "hr"}, "6.65"),
        ({"unit": "percent"}, "6.7%"),
        ({"unit": "persons"}, "7 persons"),
        ({"statistic": "p", "unit": "probability"}, ">0.99"),
        ({"analysis": "baseline", "statistic": "p", "unit": "probability"}, ">0.99"),
        ({"analysis": "baseline", "statistic": "smd", "unit": "sd"}, "6.65 SD"),
        ({"analysis": "selection", "statistic": "mean", "unit": "years"}, "6.7 years"),
        ({"unit": "date", "text": "2020-03-05", "value": ""}, "5 March 2020"),
        ({"unit": "ratio", "value": ""}, "not estimable"),
    ],
)
def test_a_result_is_displayed_by_its_unit(fields, expected):
    given = row("x", 6.65) | fields
    assert with_unit(given, displayed(given)) == expected


@pytest.mark.parametrize(
    ("text", "denominator", "contributing"),
    [
        ("", "all included patients", "all of them"),
        ("ecog=0 | endpoints.pfs.event=true", "included patients whose ECOG performance status is fully active",
         "those with progression or death (progression-free survival)"),
        ("ecog=* & her2=*", "included patients with known ECOG performance status and HER2 status", "all of them"),
        ("| age!=*", "all included patients", "those with unknown age"),
        ("| age=33.0", "all included patients", "those whose age is 33 years"),
        ("| endpoints.pfs.time_days>=182.625", "all included patients",
         "those whose time of progression-free survival is at least 182.625 days"),
        ("| ledger.first_failed=late", "all included patients", "those excluded by “Too late”"),
        ("| ledger.first_failed=late & ledger.first_answer=unknown", "all included patients",
         "those excluded by “Too late” and whose answer to it is unknown"),
        ("| ledger.first_pending=late", "all included patients", "those pending at “Too late”"),
        ("| ledger.status=pending", "all included patients", "those who are pending"),
        ("| ledger.left_at!=her2_positive,late",
         "all included patients", "those left by the first 2 criteria, the last of them “Too late”"),
        ("| safety.term!=*", "all included patients", "those without a recorded adverse event"),
        ("| deaths.treatment_related=yes or safety.relatedness=related & safety.outcome=fatal", "all included patients",
         "those with a recorded death whose treatment related is yes, or with a recorded adverse event whose "
         "relatedness is related and outcome is fatal"),
        ("| cohort.index_date=2020-02-04", "all included patients", "those whose index date is 4 February 2020"),
        ("| response.best_response=CR,PR", "all included patients", "those whose best response is CR or PR"),
    ],
)  # fmt: skip
def test_the_filter_is_told_in_words(text, denominator, contributing):
    assert who(row("x", 1, filter=text), WORDS) == {"denominator": denominator, "contributing": contributing}


def test_a_count_of_records_is_about_nobody():
    assert who(row("x", 1, n=""), WORDS)["contributing"] == "records are counted here, not persons"
