"""The crate of a real cut, in its folder and in its archive."""

import shutil

from cutline.audit.crate import CRATE, differing, write_crate
from cutline.audit.cut import Cut
from cutline.audit.freeze import archived_cut, freeze
from tests.unit.crate_contexts import required
from tests.workflow.conftest import DEFAULT_CUT


def copied(finished, tmp_path):
    """The finished cut somewhere else, to write a crate into."""
    folder = tmp_path / "everolimus_exemestane" / DEFAULT_CUT.name
    shutil.copytree(finished.path / DEFAULT_CUT, folder)
    return Cut(finished.path, folder, folder.parent.name, folder.name)


def test_the_crate_of_a_cut_is_valid_and_names_no_file_of_a_patient(finished, tmp_path):
    cut = copied(finished, tmp_path)
    write_crate(cut)
    assert required(cut.folder, tmp_path) == []
    assert "patient/" not in (cut.folder / CRATE).read_text(encoding="utf-8")


def test_a_frozen_cut_s_archive_is_a_crate_that_holds(finished, tmp_path, monkeypatch):
    monkeypatch.chdir(finished.path)  # the study names its source from there
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    archived = archived_cut(freeze(copied(finished, tmp_path), "2026-01-01"))
    assert differing(archived) == []
    assert archived.results["pfs.km.median"]["value"]
