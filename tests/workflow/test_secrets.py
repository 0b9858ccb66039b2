"""Nothing secret leaves: marks planted in environment, source and configuration, searched in every byte a run leaves.

Three runs of a small study: two that fail, one that finishes and is sealed and packed, with Snakemake's own report.
"""

import base64
import io
import json
import re
import shutil
import zipfile
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
import yaml

from cutline.audit.crate import CRATE
from cutline.audit.cut import Cut
from cutline.audit.freeze import freeze
from tests.workflow.artefacts import marks_below, marks_in
from tests.workflow.conftest import fresh
from tests.workflow.test_own_data import STUDY, spreadsheet

KEYS = {
    "CUTLINE_PSEUDONYM_KEY": "k3y-of-the-environment-0123456789abcdef",
    "DATABASE_URL": "postgres://reader:pa55word-of-the-database@example.org/hospital",
    "AWS_SECRET_ACCESS_KEY": "s3cret-of-the-cloud-0123456789",
}
KEY_OF_FILE = "k3y-of-the-file-0123456789abcdef0123456789"
HOST, USER, FOLDER = "host-7f3a", "user-7f3a", "folder-of-ann-7f3a"
IDENTITIES = ("hasta-7f3a", "Jane Roe 7f3a")
"""Hospital numbers, and a name in a column that the study does not list: they may not even be in `patient/`."""
VALUES = ("burning feet as Jane told", "two or so, she said", "17.07.1931", "1931-07-17")
"""An adverse event that no code list has, a value that cannot be read, a birth date: only in `patient/`."""
SECRETS = (*KEYS.values(), "pa55word-of-the-database", KEY_OF_FILE)

AS_ANOTHER_HOST = """
import os, platform, socket
socket.gethostname = platform.node = lambda: os.environ["MARKED_HOST"]
"""
BUG = """
from cutline.job import run
def select_cohort(*, covariates, **inputs):
    raise ValueError(f"cannot use {covariates.to_csv()} for {list(inputs['subjects']['patient_id'])}")
run(snakemake, select_cohort)
"""


@dataclass(frozen=True)
class Leak:
    """A mark, after which run it was found, and where: results, patient, logs, .snakemake, report, console."""

    mark: str
    after: str
    room: str
    file: str


@dataclass
class Marked:
    """The project with everything planted, and the marks found so far."""

    root: Path
    found: set[Leak]

    @property
    def cut(self):
        return Cut(self.root, self.root.parent / "results" / "marked" / "2024-06-30", "marked", "2024-06-30")


@pytest.fixture(scope="module")
def marked(tmp_path_factory):
    project = fresh(tmp_path_factory.mktemp("marked") / FOLDER / "project")
    plant(project.path)
    marked = Marked(project.path, set())

    def run(after, *arguments, cores=2, code=0):
        environment = KEYS | {
            "MARKED_HOST": HOST, "USER": USER, "LOGNAME": USER, "USERNAME": USER, "HOME": str(project.path.parent),
            "PYTHONPATH": str(project.path / "workflow/lib"), "https_proxy": "http://127.0.0.1:9",
            "http_proxy": "http://127.0.0.1:9",
        }  # fmt: skip
        outcome = project.run("--config", "study=marked", *arguments, cores=cores, environment=environment)
        assert outcome.code == code, outcome.text
        search(marked, after, outcome.text)

    with edited(project.path.parent / "data/cohort.csv", with_a_second_answer):
        run("a patient listed twice", "data_cutoff=2021-06-30", code=13)
    with edited(project.path / "workflow/scripts/select_cohort.py", lambda text: BUG):
        run("a bug whose message quotes patients", code=1)
    run("finished")
    seal(marked)
    run("reported", "--report", str(project.path / "report.html"))
    return marked


def plant(root):
    """Marks in the source, the configuration and the folders; a host name of its own for every process."""
    (root / "workflow/lib/sitecustomize.py").write_text(AS_ANOTHER_HOST)
    (root / "config/pseudonym.key").write_text(KEY_OF_FILE)
    config = root / "config/config.yaml"
    text = config.read_text(encoding="utf-8")
    config.write_text(re.sub("^results_dir:.*$", f"results_dir: {root.parent / 'results'}", text, flags=re.M), "utf-8")
    (root / "config/studies/marked").mkdir()
    study = yaml.load(STUDY.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    data = root.parent / "data"
    data.mkdir()
    study["source"] |= {"path": str(data / "cohort.csv"), "pseudonym_key": "private"}
    for table, columns in plant_tables(data).items():
        study["source"]["tables"][table] = {"path": str(data / f"{table}.csv"), "columns": columns}
    study |= {
        "codelists": {"adverse_events": "config/codelists/adverse_events.csv"},
        "safety": {"table": "adverse_events", "codelist": "adverse_events", "drugs": {"atc": ["L02BG06"]},
                   "days_after_last_dose": "30", "terms": {"fatigue": "Fatigue"}},
    }  # fmt: skip
    text = yaml.safe_dump(study, allow_unicode=True, sort_keys=False)
    (root / "config/studies/marked/study.yaml").write_text(text, encoding="utf-8")


def plant_tables(data):
    """The spreadsheet and two more files; returns the columns of those."""
    table = spreadsheet()
    table["hasta_no"] = [f"{IDENTITIES[0]}-{number:03d}" for number in range(len(table))]
    table["adi"] = IDENTITIES[1]
    table = table.astype({"ecog": object})
    table.loc[3, "ecog"] = VALUES[1]
    table.loc[5, "dogum"] = pd.Timestamp("1931-07-17")
    started = pd.DataFrame({"patient_id": table["hasta_no"], "start_date": table["tedavi_basi"]})
    treatments = started.assign(record_id=range(len(table)), drug="exemestane", atc="L02BG06")
    events = started.rename(columns={"start_date": "onset_date"}).assign(
        record_id=range(len(table)), term=["fatigue", VALUES[0]] * (len(table) // 2), grade="1"
    )
    for name, frame in {"cohort": table, "treatments": treatments, "adverse_events": events}.items():
        frame.to_csv(data / f"{name}.csv", sep=";", index=False, encoding="windows-1254", date_format="%d.%m.%Y")
    return {
        "treatments": {name: {"from": name} for name in ("drug", "atc", "start_date")},
        "adverse_events": {name: {"from": name} for name in ("term", "onset_date", "grade")},
    }


@contextmanager
def edited(file, change):
    """The file as `change` makes it, for one run."""
    before = file.read_bytes()
    file.write_bytes(change(before.decode("windows-1254")).encode("windows-1254"))
    yield
    file.write_bytes(before)


def with_a_second_answer(text):
    """The last patient again, in the other arm."""
    last = text.splitlines()[-1]
    return text + (last.replace(";A;", ";B;") if ";A;" in last else last.replace(";B;", ";A;")) + "\n"


def seal(marked):
    """Seal and archive the cut; the archive is searched like every other file."""
    freeze(marked.cut, "2025-01-01")
    search(marked, "sealed", "")


def search(marked, after, console):
    """Add every mark that is to be found now."""
    root, results = marked.root, marked.root.parent / "results"
    marks = {*SECRETS, *IDENTITIES, *VALUES, HOST, USER, FOLDER, *pseudonyms(marked.cut)}
    for folder in (results, root / "logs", root / ".snakemake", root / "resources"):
        for mark, file in marks_below(folder, marks):
            room = next((part for part in ("patient", "logs") if part in file.split("/")[:-1]), "results")
            room = room if folder == results else folder.name
            marked.found.add(Leak(mark, after, room, file))
    marked.found |= {Leak(mark, after, "console", "") for mark in marks_in(console.encode(), marks)}
    if (root / "report.html").exists():
        found = marks_in((root / "report.html").read_bytes(), marks)
        marked.found |= {Leak(mark, after, "report", "report.html") for mark in found}


def pseudonyms(cut):
    cohort = cut.folder / "patient/accepted/subjects.parquet"
    return set(pd.read_parquet(cohort)["patient_id"]) if cohort.is_file() else set()


def leaks(marked, marks, *, except_in=()):
    return sorted({(leak.mark, leak.after, leak.room, leak.file) for leak in marked.found
                   if leak.mark in marks and leak.room not in except_in})  # fmt: skip


def test_no_key_or_password_is_anywhere(marked):
    assert leaks(marked, SECRETS) == []


def test_no_hospital_number_or_name_is_anywhere(marked):
    assert leaks(marked, IDENTITIES) == []


def test_patient_values_and_pseudonyms_are_at_patient_level_only(marked):
    private = {*VALUES, *pseudonyms(marked.cut)}
    assert leaks(marked, private, except_in=["patient"]) == []


def test_no_host_or_user_is_in_results_logs_or_reports(marked):
    """Nor in what Snakemake remembers; on the console it may name them."""
    assert leaks(marked, [HOST, USER], except_in=["console"]) == []


def test_no_folder_of_this_machine_is_in_results_or_logs(marked):
    """The marked folder is configured as `results_dir`, so Snakemake's own name of each output begins with it: on the
    console, in `.snakemake` and in the page of `snakemake --report` it stands as part of those names.
    """
    assert leaks(marked, [FOLDER], except_in=[".snakemake", "console", "report"]) == []


def test_snakemake_s_own_report_came_without_network_and_shows_what_is_worth_showing(marked):
    page = (marked.root / "report.html").read_text(encoding="utf-8")
    shown = ("Manuscript", "Table 1", "Figure 1", "Every statistic with its key")
    assert [label for label in shown if label not in page] == []


# ── the search finds what is there ──


def test_the_search_saw_every_run_and_every_kind_of_file(marked):
    names = {path.suffix for path in (marked.root.parent / "results").rglob("*")}
    assert {".csv", ".docx", ".html", ".json", ".jsonl", ".parquet", ".pdf", ".png", ".qmd", ".svg", ".zip"} <= names
    assert (marked.cut.folder / CRATE).is_file()
    at_patient_level = {(leak.mark, leak.after) for leak in marked.found if leak.room == "patient"}
    assert (VALUES[1], "a patient listed twice") in at_patient_level
    assert (VALUES[3], "a bug whose message quotes patients") in at_patient_level
    assert (VALUES[0], "finished") in at_patient_level
    assert [leak for leak in marked.found if leak.mark == FOLDER and leak.room == ".snakemake"]


def packed(name, data):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)
    return stream.getvalue()


def parquet(text):
    stream = io.BytesIO()
    pd.DataFrame({"word": [text] * 100}).to_parquet(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    "wrap",
    [
        str.encode,
        lambda text: text.encode("utf-16"),
        lambda text: packed("document.xml", text),
        lambda text: packed("inner.zip", packed("a.txt", text)),
        lambda text: b"%PDF-1.7\nstream\n" + zlib.compress(text.encode()) + b"\nendstream",
        parquet,
        lambda text: b'<img src="data:text/csv;base64,' + base64.b64encode(text.encode()) + b'">',
        lambda text: json.dumps({"page": "data:;base64," + base64.b64encode(packed("x", text)).decode()}).encode(),
    ],
    ids=["text", "utf-16", "docx", "zip in zip", "pdf", "parquet", "data uri", "docx in a data uri"],
)
def test_a_mark_is_found_wherever_it_hides(wrap):
    assert marks_in(wrap("a long enough text with the MARK in it"), ["MARK", "other"]) == {"MARK"}


def test_a_mark_in_the_name_of_a_file_is_found(tmp_path):
    (tmp_path / "MARK.txt").write_text("")
    assert marks_below(tmp_path, ["MARK"]) == {("MARK", "MARK.txt")}
    shutil.rmtree(tmp_path)
