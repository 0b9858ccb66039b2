"""The crate of a cut: valid, made from records and ledger alone, and silent about what stays."""

import json
import subprocess
import sys

import pytest

from cutline.audit.crate import CRATE, differing, released, write_crate
from cutline.audit.cut import Cut
from cutline.errors import ProvenanceError
from tests.unit.crate_contexts import required
from tests.unit.crate_cut import digest, made_up_cut, run


@pytest.fixture
def cut(tmp_path):
    return made_up_cut(tmp_path)


def graph(cut):
    """The crate's entities by id."""
    return {entity["@id"]: entity for entity in json.loads(write_crate(cut).read_text(encoding="utf-8"))["@graph"]}


def ids(references):
    return [each["@id"] for each in (references if isinstance(references, list) else [references])]


def test_a_crate_is_a_valid_provenance_run_crate(cut, tmp_path):
    write_crate(cut)
    assert required(cut.folder, tmp_path) == []


def test_the_validator_sees_a_missing_file_and_a_job_without_tool(cut, tmp_path):
    file = write_crate(cut)
    (cut.folder / "aggregate/ard.csv").unlink()
    crate = json.loads(file.read_text(encoding="utf-8"))
    next(each for each in crate["@graph"] if each["@id"] == "#run-2/render_report").pop("instrument")
    file.write_text(json.dumps(crate), encoding="utf-8")
    found = " ".join(required(cut.folder, tmp_path))
    assert "aggregate/ard.csv" in found
    assert "The Action MUST have an instrument" in found


def test_only_released_results_and_what_is_made_of_them_are_named(cut):
    files = {path for path, entity in graph(cut).items() if "File" in entity["@type"]}
    assert files == {
        "aggregate/ard.csv", "report/manuscript.html", "runs.jsonl", "code/Snakefile", "code/workflow/rules/common.smk",
        "code/workflow/scripts/extract_snapshot.py", "code/workflow/scripts/release_results.py",
        "code/workflow/scripts/render_report.py",
    }  # fmt: skip
    assert "patient/" not in (cut.folder / CRATE).read_text(encoding="utf-8")


def test_each_result_is_of_the_newest_finished_job_that_made_it(cut):
    entities = graph(cut)
    assert ids(entities["#run-1/release_results"]["result"]) == ["#kept-tables"]
    assert entities["#run-1/release_results"]["actionStatus"] == "http://schema.org/FailedActionStatus"
    assert ids(entities["#run-2/release_results"]["result"]) == ["aggregate/ard.csv"]
    assert ids(entities["#run-2/render_report"]["object"]) == ["aggregate/ard.csv"]
    assert ids(entities["#run-2"]["result"]) == ["aggregate/ard.csv", "report/manuscript.html"]


def test_a_job_that_failed_later_takes_no_result_from_the_one_that_made_it(cut):
    failed = run(3, cut.runs[-1]["hash"], {"render_report": "failed"})
    with (cut.folder / "runs.jsonl").open("a", encoding="utf-8") as ledger:
        ledger.write(json.dumps(failed) + "\n")
    entities = graph(Cut(cut.root, cut.folder, cut.study, cut.name))
    assert ids(entities["#run-2/render_report"]["result"]) == ["report/manuscript.html"]
    assert ids(entities["#run-3/render_report"]["result"]) == ["#kept-tables"]


def test_times_and_user_are_the_ledger_s(cut):
    entities = graph(cut)
    assert entities["#run-2/render_report"]["endTime"] == "2025-06-02T10:01:01+00:00"
    assert entities["./"]["datePublished"] == "2025-06-02T10:04:00+00:00"
    assert "agent" not in entities["#run-1"]
    assert entities[entities["#run-2"]["agent"]["@id"]]["name"] == "ann"


def test_the_same_cut_gives_the_same_bytes(cut):
    first = write_crate(cut).read_bytes()
    assert write_crate(cut).read_bytes() == first


def test_a_script_that_is_gone_leaves_the_crate(cut):
    write_crate(cut)
    (cut.root / "workflow/scripts/extract_snapshot.py").unlink()
    assert not [path for path in graph(cut) if "extract_snapshot" in path]
    assert not (cut.folder / "code/workflow/scripts/extract_snapshot.py").exists()


def test_a_file_that_is_not_what_the_crate_says_is_named(cut):
    write_crate(cut)
    assert differing(cut) == []
    (cut.folder / "report/manuscript.html").write_text("doctored")
    (cut.folder / "code/Snakefile").unlink()
    assert sorted(differing(cut)) == ["code/Snakefile", "report/manuscript.html"]


def test_without_a_ledger_there_is_no_crate(cut):
    (cut.folder / "runs.jsonl").unlink()
    with pytest.raises(ProvenanceError, match=r"runs\.jsonl: missing or empty"):
        write_crate(cut)


def test_the_packages_for_crates_and_tables_are_not_imported_before_they_are_needed():
    question = "import sys, cutline.audit.crate; print([n for n in ('rocrate', 'pandas') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", question], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ── for everybody ────────────────────────────────────────────────────────────────────────────


def made_with(cut, path, rule, settings):
    """Another output of the cut, with a record."""
    file = cut.folder / path
    file.write_text(rule, encoding="utf-8")
    record = json.loads((cut.folder / "report/manuscript.html.prov.json").read_text(encoding="utf-8"))
    record |= {"rule": rule, "settings": settings, "output": {"path": f"cut:{path}", "sha256": digest(file)}}
    file.with_name(f"{file.name}.prov.json").write_text(json.dumps(record), encoding="utf-8")


@pytest.mark.parametrize("results", [{"report": {"profile": "public"}}, {}], ids=["public", "not told"])
def test_what_an_earlier_run_for_fewer_readers_left_is_not_published(cut, results):
    public, internal = ({"report": {"profile": profile}} for profile in ("public", "internal"))
    made_with(cut, "aggregate/ard.csv", "release_results", results)
    made_with(cut, "report/manuscript.html", "render_report", public)
    made_with(cut, "report/changes.html", "compare_cuts", internal)
    made_with(cut, "report/changes.docx", "compare_cuts", {})
    made_with(cut, "report/changes.md", "compare_cuts", public)
    made_with(cut, "report/manuscript.docx", "render_report", internal)
    made = Cut(cut.root, cut.folder, cut.study, cut.name)
    assert set(released(made)) - {"aggregate/ard.csv"} == {"report/changes.md", "report/manuscript.html"}
    assert ("aggregate/ard.csv" in released(made)) == bool(results)


def test_where_the_study_group_reads_it_what_changed_is_in_the_crate(cut):
    made_with(cut, "report/changes.html", "compare_cuts", {"report": {"profile": "internal"}})
    assert "report/changes.html" in released(Cut(cut.root, cut.folder, cut.study, cut.name))
