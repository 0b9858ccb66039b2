"""The command answers in words, finds what a reader sees, and its exit code says what kind of mistake was made."""

import json
import subprocess
import sys

import pytest

from cutline.commands.open import opener_of
from cutline.commands.terminal import speakable
from cutline.errors import ConfigError, ProvenanceError, ReportError, SetupError
from tests.written_cut import RESULTS, write_cut


@pytest.fixture
def cut(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    return write_cut(tmp_path)


@pytest.fixture
def cutline(cut, capsys):
    """Runs the command in the project; gives exit code, output and errors."""
    from cutline.command import main

    def run(*arguments):
        code = main(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


# ── why ──


def test_a_key_leads_to_its_chain(cutline):
    code, told, _ = cutline("why", "pfs.km.median")
    assert code == 0
    for part in (
        "pfs.km.median = 6.6 months",
        "Abstract, Results: “Median progression-free survival was [6.6] months (95% CI 5.59–7.61).”",
        "6.6036960985626285 (unrounded), shown as 6.6",
        "70 patients: all included patients",
        "workflow/lib/cutline/survival/estimate.py",
        "patient/snapshot/manifest.json",
        "synthetic records",
    ):
        assert part in told
    assert max(map(len, told.splitlines())) <= 100


def test_a_number_with_one_key_leads_to_its_chain(cutline):
    assert cutline("why", "6.6 months")[1].startswith("pfs.km.median = 6.6 months")
    assert cutline("why", "6.6", "months")[1].startswith("pfs.km.median = 6.6 months")
    assert cutline("why", "5.59–7.61")[1].startswith("pfs.km.median_lower = 5.59 months")


def test_a_number_with_several_keys_lists_them_and_says_how_to_go_on(cutline):
    code, told, _ = cutline("why", "56 (80.0)")
    assert code == 0
    assert " 1. baseline.ecog.0.n = 56 persons" in told
    assert " 2. baseline.ecog.0.percent = 80.0%" in told
    assert "Table 1. Baseline characteristics / ECOG: 0" in told
    assert "cutline why baseline.ecog.0.n" in told


def test_a_number_that_stands_nowhere_is_sought_among_the_results(cutline):
    assert cutline("why", "70")[0] == 0
    assert "quality.records = 70 records" in cutline("why", "70")[1]


def test_a_number_of_the_literature_is_told_apart(cutline):
    code, _, told = cutline("why", "6.9")
    assert code == ReportError.exit_code
    assert "no result of this study" in told
    assert "1.1 Survival" in told


def test_an_unknown_key_names_the_nearest(cutline):
    code, _, told = cutline("why", "pfs.median")
    assert code == ReportError.exit_code
    assert "Nearest keys: pfs.km.median, pfs.km.median_lower" in told


def test_the_chain_is_json_for_programs(cutline):
    chain = json.loads(cutline("why", "pfs.km.median", "--json")[1])
    assert chain["version"] == 1
    assert chain["snapshot"]["data_cutoff"] == "2025-05-31"
    several = json.loads(cutline("why", "56 (80.0)", "--json")[1])
    assert [each["key"] for each in several["results"]] == ["baseline.ecog.0.n", "baseline.ecog.0.percent"]


def test_a_broken_chain_is_said_first_and_has_an_exit_code(cut, cutline):
    table = cut.folder / "aggregate" / "tables" / "table_1_baseline.html"
    table.write_text(table.read_text(encoding="utf-8").replace("56 (80.0)", "58 (82.9)"), encoding="utf-8")
    code, told, _ = cutline("why", "58 (82.9)")
    assert code == 0, "it is still to be chosen which of two"
    code, told, _ = cutline("why", "baseline.ecog.0.n")
    assert code == ProvenanceError.exit_code
    assert told.index("DO NOT RELY ON THE NUMBER") < told.index("WHERE IT APPEARS")
    assert "table_1_baseline.html: edited after present_tables wrote it" in told


def test_the_commit_that_brought_the_code_is_named(cut, cutline):
    blob = _commit(cut.root, "workflow/lib/cutline/survival/estimate.py", "Medians as SPSS has them")
    record = cut.folder / "aggregate" / "ard" / "estimate_survival.csv.prov.json"
    told = json.loads(record.read_text(encoding="utf-8"))
    told["blobs"]["lib/cutline/survival/estimate.py"] = blob
    record.write_text(json.dumps(told), encoding="utf-8")
    told = cutline("why", "pfs.km.median")[1]
    assert "(Medians as SPSS has them)" in told
    assert "workflow/lib/cutline/ard.py" not in told
    assert "in no commit" in next(
        line for line in cutline("why", "pfs.km.median", "--code")[1].splitlines() if "cutline/ard.py" in line
    )


def _commit(root, path, subject):
    """A repository with one file in one commit; gives git's name of the file's content."""
    (root / path).parent.mkdir(parents=True)
    (root / path).write_text("# medians\n", encoding="utf-8")
    git = ["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for arguments in (["init", "-q"], ["add", path], ["commit", "-q", "-m", subject]):
        subprocess.run([*git, *arguments], check=True)
    return subprocess.run([*git, "rev-parse", f"HEAD:{path}"], capture_output=True, text=True).stdout.strip()


def test_patients_are_told_where_the_patient_folder_is_readable_only(cut, cutline):
    (cut.folder / "patient").rename(cut.folder / "elsewhere")
    code, told, error = cutline("why", "pfs.km.median", "--patients")
    assert (code, told) == (SetupError.exit_code, "")
    assert "patient/" in error


def test_why_imports_no_pandas(cut):
    code = (
        "import sys; from cutline.command import main; assert main(['why', '6.6']) == 0; "
        "heavy = {'pandas', 'numpy', 'snakemake', 'jsonschema'} & set(sys.modules); assert not heavy, heavy"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr


# ── the other verbs ──


def test_results_are_listed_with_number_and_patients(cutline):
    code, told, _ = cutline("results")
    assert code == 0
    assert [line.split() for line in told.splitlines() if line.startswith(("pfs.km.median ", "quality"))] == [
        ["pfs.km.median", "6.6", "months", "70", "of", "70"],
        ["quality.records", "70", "records"],
    ]
    assert f"{len(RESULTS)} results" in told


@pytest.mark.parametrize(
    ("pattern", "keys"),
    [
        ("Ecog", ["baseline.ecog.0.n", "baseline.ecog.0.percent"]),
        ("*.percent", ["response.orr.percent", "response.best.partial.percent", "baseline.ecog.0.percent"]),
        ("pfs.km.median?lower", ["pfs.km.median_lower"]),
    ],
)
def test_results_are_chosen_by_a_part_of_their_key_or_a_pattern(cutline, pattern, keys):
    found = json.loads(cutline("results", pattern, "--json")[1])
    assert [each["key"] for each in found] == keys


def test_results_as_csv_are_the_unrounded_rows(cut, cutline):
    lines = (cut.folder / "aggregate" / "ard.csv").read_text(encoding="utf-8").splitlines()
    assert cutline("results", "pfs.km.median", "--csv")[1].splitlines() == lines[:3]


def test_results_without_a_match_are_an_error(cutline):
    assert cutline("results", "nothing")[0] == ReportError.exit_code


def test_list_tells_cuts_with_results_last_run_and_seal(cut, cutline):
    assert cutline("list")[1].splitlines()[1].split() == ["trial", "2025-05-31", "7", "not", "known", "open"]
    entry = {"number": 1, "started": "2026-01-02T03:04:05+00:00", "outcome": "failed"}
    (cut.folder / "runs.jsonl").write_text(json.dumps(entry) + "\n", encoding="utf-8")
    (cut.folder / "sealed.json").write_text("{}", encoding="utf-8")
    (found,) = json.loads(cutline("list", "--json")[1])
    assert (found["results"], found["outcome"], found["sealed"]) == (7, "failed", True)
    assert "2026-01-02 03:04:05 UTC (failed)  sealed" in cutline("list")[1]
    assert "no results yet" in cutline("list", "--study", "other")[1]


def test_open_prints_the_path_where_there_is_no_screen(cut, cutline, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    page = cut.folder / "report" / "manuscript.html"
    code, _, error = cutline("open")
    assert code == ReportError.exit_code
    assert "snakemake" in error
    page.write_text("<html></html>", encoding="utf-8")
    assert cutline("open") == (0, f"{page}\n", "")
    assert cutline("open", "folder")[1] == f"{cut.folder}\n"


def test_every_platform_has_its_opener(monkeypatch):
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    assert [opener_of(name) for name in ("win32", "darwin", "linux")] == ["startfile", "open", "/usr/bin/xdg-open"]


@pytest.mark.parametrize("verb", ["why x", "results", "open"])
def test_an_unknown_cut_is_an_error_that_names_those_there_are(cutline, verb):
    code, _, error = cutline(*verb.split(), "--cut", "1999-12-31")
    assert code == ConfigError.exit_code
    assert "2025-05-31" in error


@pytest.mark.parametrize("verb", ["why", "results", "list", "open"])
def test_every_verb_explains_itself(cutline, verb, capsys):
    with pytest.raises(SystemExit) as stopped:
        cutline(verb, "--help")
    assert stopped.value.code == 0
    told = capsys.readouterr().out
    assert all(option in told for option in ("--study", "--cut", "--results-dir"))


# ── terminals ──


def test_signs_that_a_terminal_lacks_are_written_with_those_it_has():
    assert speakable("≥ 14.3 – “é” ✓", "ascii") == '>= 14.3 - "e" ?'
    assert speakable("≥ 14.3 – “é”", "cp1252") == ">= 14.3 – “é”"
    assert speakable("≥ 14.3 – “é” ✓", "utf-8") == "≥ 14.3 – “é” ✓"
