"""A sealed cut: read-only files, a list of them, an archive of what may leave, and a way back."""

import hashlib
import json
import os
import stat
import tempfile
import zipfile

import pytest

from cutline.audit import closing
from cutline.audit import verify as verification
from cutline.audit.crate import CRATE, write_crate
from cutline.audit.freeze import archived_cut, broken_seal, freeze, open_archive, sealed, unfreeze
from cutline.errors import ProvenanceError
from tests.unit.crate_cut import digest, made_up_cut

DATE = "2025-07-01"


@pytest.fixture
def findings(monkeypatch):
    """What verifying finds: nothing, unless a test adds to it. The audit page needs a real cut, the crate does not."""
    found = {"outputs": []}
    monkeypatch.setattr(closing, "describe", write_crate)
    monkeypatch.setattr(verification, "verify", lambda cut: found)
    return found


@pytest.fixture
def cut(tmp_path, findings, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    cut = made_up_cut(tmp_path / "project")
    (cut.folder / "logs").mkdir()
    (cut.folder / "logs" / "render_report.log").write_text("done")
    return cut


def files(cut):
    return [path for path in sorted(cut.folder.rglob("*")) if path.is_file()]


def writable(path):
    return bool(path.stat().st_mode & stat.S_IWUSR)


def rewritten(archive, change):
    """A copy of the archive in which `change` has edited the members."""
    with zipfile.ZipFile(archive) as packed:
        members = {name: packed.read(name) for name in packed.namelist()}
    change(members)
    copy = archive.with_name("copy.zip")
    with zipfile.ZipFile(copy, "w") as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return copy


def listed(members, name, data):
    """Add a member that the manifest vouches for, as a forger would."""
    manifest = json.loads(members["manifest.json"])
    manifest["members"][name] = hashlib.sha256(data).hexdigest()
    members |= {name: data, "manifest.json": json.dumps(manifest).encode()}


def test_files_become_read_only_and_folders_and_logs_do_not(cut):
    freeze(cut, DATE)
    assert [path.name for path in files(cut) if writable(path)] == ["render_report.log"]
    assert all(writable(path) for path in [cut.folder, *cut.folder.rglob("*")] if path.is_dir())


def test_a_seal_says_when_on_which_ledger_and_lists_every_file(cut):
    freeze(cut, DATE)
    seal = sealed(cut.folder)
    assert (seal["date"], seal["head"]) == (DATE, cut.runs[-1]["hash"])
    assert set(seal["files"]) == {path.relative_to(cut.folder).as_posix() for path in files(cut)} - {
        "sealed.json",
        "logs/render_report.log",
    }
    assert seal["files"]["patient/snapshot/patients.parquet"] == digest(
        cut.folder / "patient/snapshot/patients.parquet"
    )


def test_what_does_not_verify_is_not_sealed(cut, findings):
    findings["outputs"].append("aggregate/ard.csv: edited")
    with pytest.raises(ProvenanceError, match=r"does not verify:\n  aggregate/ard\.csv: edited"):
        freeze(cut, DATE)
    assert sealed(cut.folder) is None
    assert all(writable(path) for path in files(cut))


def test_a_sealed_cut_is_not_sealed_again(cut):
    freeze(cut, DATE)
    with pytest.raises(ProvenanceError, match="sealed already, on 2025-07-01"):
        freeze(cut, "2025-08-01")


def test_undo_makes_everything_writable_again(cut):
    freeze(cut, DATE)
    assert unfreeze(cut) == DATE
    assert sealed(cut.folder) is None
    assert all(writable(path) for path in files(cut))
    with pytest.raises(ProvenanceError, match="not sealed"):
        unfreeze(cut)


def test_a_cut_can_be_sealed_undone_and_sealed_again_with_the_same_archive(cut):
    first = freeze(cut, DATE).read_bytes()
    unfreeze(cut)
    assert freeze(cut, DATE).read_bytes() == first


def test_a_damaged_seal_is_said_and_can_be_removed(cut):
    (cut.folder / "sealed.json").write_text("{not json")
    with pytest.raises(ProvenanceError, match=r"sealed\.json: this seal is damaged"):
        sealed(cut.folder)
    assert unfreeze(cut) == ""
    assert not (cut.folder / "sealed.json").exists()


def test_a_broken_seal_names_what_was_altered_added_and_removed(cut):
    assert broken_seal(cut.folder) == {}
    freeze(cut, DATE)
    assert broken_seal(cut.folder) == {}
    ard = cut.folder / "aggregate/ard.csv"
    os.chmod(ard, 0o644)
    ard.write_text("doctored")
    (cut.folder / "note.txt").write_text("new")
    (cut.folder / "runs.jsonl").unlink()
    assert broken_seal(cut.folder) == {"aggregate/ard.csv": "altered", "note.txt": "added", "runs.jsonl": "removed"}


def test_an_archive_holds_what_may_leave_and_the_code_and_nothing_else(cut):
    with zipfile.ZipFile(freeze(cut, DATE)) as packed:
        names = set(packed.namelist())
    assert names == {
        "manifest.json", "sealed.json", CRATE, "runs.jsonl",
        "aggregate/ard.csv", "aggregate/ard.csv.prov.json",
        "report/manuscript.html", "report/manuscript.html.prov.json",
        "code/Snakefile", "code/run.py", "code/config/config.yaml", "code/config/studies/small/study.yaml",
        "code/envs/requirements.txt", "code/reports/manuscript.qmd", "code/workflow/rules/common.smk",
        "code/workflow/lib/cutline/__init__.py", "code/workflow/lib/cutline/audit/page.css",
        "code/workflow/scripts/extract_snapshot.py",
        "code/workflow/scripts/release_results.py", "code/workflow/scripts/render_report.py",
    }  # fmt: skip


def test_pages_that_tell_of_the_run_are_in_an_archive_with_their_records(cut):
    page = cut.folder / "report/audit.html"
    page.write_text("page")
    record = {"rule": "close_run", "settings": {}, "inputs": [], "code": {}, "output": {"sha256": digest(page)}}
    (cut.folder / "report/audit.html.prov.json").write_text(json.dumps(record))
    with zipfile.ZipFile(freeze(cut, DATE)) as packed:
        assert {"report/audit.html", "report/audit.html.prov.json"} <= set(packed.namelist())


def test_folders_of_this_machine_are_not_in_an_archive(cut):
    folder = open_archive(freeze(cut, DATE))
    assert (folder / "code/config/config.yaml").read_text() == "study: small\nresults_dir: outside:2025\n"
    study = (folder / "code/config/studies/small/study.yaml").read_text()
    assert study == 'source:\n  path: "outside:a.csv"\n  date_format: "%d/%m/%Y"\n'


def test_an_opened_archive_is_a_cut_with_its_code(cut):
    archived = archived_cut(freeze(cut, DATE))
    assert (archived.study, archived.name) == ("small", "2025-05-31")
    assert archived.records["aggregate/ard.csv"] == cut.records["aggregate/ard.csv"]
    assert (archived.root / "Snakefile").is_file()
    assert sealed(archived.folder)["date"] == DATE


def test_an_edited_member_is_refused_by_name(cut):
    archive = rewritten(freeze(cut, DATE), lambda members: members.update({"aggregate/ard.csv": b"doctored"}))
    with pytest.raises(ProvenanceError, match=r"aggregate/ard\.csv was changed"):
        open_archive(archive)


def test_a_missing_and_an_additional_member_are_refused_by_name(cut):
    archive = freeze(cut, DATE)
    with pytest.raises(ProvenanceError, match=r"runs\.jsonl is listed, but missing"):
        open_archive(rewritten(archive, lambda members: members.pop("runs.jsonl")))
    with pytest.raises(ProvenanceError, match=r"extra\.txt is not listed"):
        open_archive(rewritten(archive, lambda members: members.update({"extra.txt": b""})))


@pytest.mark.parametrize("name", ["../outside.txt", "/outside.txt", "a/../../outside.txt", "C:/outside.txt", "..\\x"])
def test_a_member_that_leads_out_of_the_folder_is_refused_even_if_listed(cut, name):
    archive = rewritten(freeze(cut, DATE), lambda members: listed(members, name, b"x"))
    with pytest.raises(ProvenanceError, match="would be written outside its folder"):
        open_archive(archive)


def test_a_manifest_cannot_choose_the_folder(cut):
    def lead_elsewhere(members):
        members["manifest.json"] = json.dumps(json.loads(members["manifest.json"]) | {"cut": "../../x"}).encode()

    with pytest.raises(ProvenanceError, match="no name of a folder"):
        open_archive(rewritten(freeze(cut, DATE), lead_elsewhere))


def test_what_is_no_archive_is_said_to_be_none(tmp_path):
    (tmp_path / "a.zip").write_text("no zip")
    with pytest.raises(ProvenanceError, match=r"a\.zip: not an archive that can be read"):
        open_archive(tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("aggregate/ard.csv", "x")
    with pytest.raises(ProvenanceError, match=r"b\.zip: its manifest\.json is missing"):
        open_archive(tmp_path / "b.zip")
