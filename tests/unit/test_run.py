"""run.py, the one door: what it refuses, what it installs, what it passes on, what it removes."""

from __future__ import annotations

import ast
import importlib.util
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import run
from cutline.errors import SetupError

LINT = """\
Lints for snakefile {snakefile}:
    * Absolute path "/months" in line 2:
      Do not define absolute paths inside of the workflow.
      Also see:
      https://example.org
Lints for rule fit_cox (line 30, {snakefile}):
    * No log directive defined:
      Without a log directive, all output will be printed to the terminal.
"""


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Commands that run.py would have run; each succeeds, and the environment's Python is `python`."""
    seen: list[list[str]] = []

    def record(command: list[str]) -> int:
        seen.append(command)
        return 0

    monkeypatch.setattr(run, "call", record)
    monkeypatch.setattr(run, "ensure_environment", lambda requirements: Path("python"))
    return seen


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty project folder with requirements files and no environment."""
    (tmp_path / "envs").mkdir()
    for name in (run.BUILD, run.MAIN, run.TEST):
        (tmp_path / "envs" / name).write_text(f"{name}==1\n")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setattr(run, "ENVS", tmp_path / "envs")
    monkeypatch.setattr(run, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(run, "STAMP", tmp_path / ".venv" / "stamp.txt")
    return tmp_path


@pytest.fixture
def pip_calls(project: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Requirements files that pip was called with, on an environment whose Python is 3.12 and has pip."""
    seen: list[str] = []

    def record(command: list[str]) -> int:
        if "--editable" in command:  # the project itself, whose dependencies are there by then
            assert "--no-deps" in command
            return 0
        assert "--require-hashes" in command
        seen.append(Path(command[-1]).name)
        return 0

    (project / ".venv").mkdir()
    monkeypatch.setattr(run, "call", record)
    monkeypatch.setattr(run, "python_version", lambda python: "3.12")
    return seen


# ── What it needs ──


def test_python_too_old_to_run_cutline_still_reads_the_file() -> None:
    source = (run.ROOT / "run.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))


def test_standard_library_is_all_it_imports() -> None:
    tree = ast.parse((run.ROOT / "run.py").read_text(encoding="utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 14, 2)])
def test_python_in_range_is_accepted(version: tuple[int, ...]) -> None:
    run.check_python(version)


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 15, 0)])
def test_python_out_of_range_is_told_which_to_take(version: tuple[int, ...]) -> None:
    with pytest.raises(run.Stop, match=r"needs Python 3\.11 to 3\.14; this is Python 3\.1\d\. Install one") as stop:
        run.check_python(version)
    assert stop.value.exit_code == SetupError.exit_code


def test_range_of_pythons_is_the_one_in_pyproject() -> None:
    text = (run.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={run.dotted(run.MINIMUM)},<3.{run.MAXIMUM[1] + 1}"' in text


def test_python_without_ensurepip_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(run.importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(run.Stop, match=r"lacks ensurepip.* apt install python3\.\d+-venv"):
        run.check_venv_module()


# ── The environment ──


def test_first_run_installs_build_tools_before_the_requirements(pip_calls: list[str]) -> None:
    run.ensure_environment(run.MAIN)
    assert pip_calls == [run.BUILD, run.MAIN]


def test_second_run_does_not_call_pip(pip_calls: list[str]) -> None:
    run.ensure_environment(run.MAIN)
    pip_calls.clear()
    run.ensure_environment(run.MAIN)
    assert pip_calls == []


def test_pipeline_after_the_tests_needs_no_installation(pip_calls: list[str]) -> None:
    run.ensure_environment(run.TEST)
    pip_calls.clear()
    run.ensure_environment(run.MAIN)
    assert pip_calls == []


def test_tests_after_the_pipeline_install_the_test_tools(pip_calls: list[str]) -> None:
    run.ensure_environment(run.MAIN)
    pip_calls.clear()
    run.ensure_environment(run.TEST)
    assert pip_calls == [run.BUILD, run.TEST]


def test_changed_lock_is_installed_again(pip_calls: list[str], project: Path) -> None:
    run.ensure_environment(run.MAIN)
    pip_calls.clear()
    (project / "envs" / run.MAIN).write_text("other==2\n")
    run.ensure_environment(run.MAIN)
    assert pip_calls == [run.BUILD, run.MAIN]


def test_failed_installation_says_what_to_do_and_is_tried_again(
    pip_calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    working = run.call
    monkeypatch.setattr(run, "call", lambda command: 1)
    with pytest.raises(run.Stop, match="pip config set"):
        run.ensure_environment(run.MAIN)
    monkeypatch.setattr(run, "call", working)
    run.ensure_environment(run.MAIN)
    assert pip_calls == [run.BUILD, run.MAIN]


@pytest.mark.parametrize("version", ["", "3.10"])
def test_environment_that_does_not_run_or_is_too_old_is_made_anew(
    project: Path, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    (project / ".venv").mkdir()
    answers = iter([version, "3.12"])
    commands = []
    monkeypatch.setattr(run, "python_version", lambda python: next(answers))
    monkeypatch.setattr(run, "call", lambda command: commands.append(command) or 0)
    run.ensure_environment(run.MAIN)
    assert commands[0][1:4] == ["-m", "venv", "--clear"]


def test_python_that_is_not_there_has_no_version(tmp_path: Path) -> None:
    assert run.python_version(tmp_path / "python") == ""


def test_this_python_has_a_version() -> None:
    assert run.python_version(Path(sys.executable)) == run.dotted(sys.version_info[:2])


# ── What it passes on ──


def test_pipeline_runs_on_four_cores_with_the_arguments_passed_on(commands: list[list[str]]) -> None:
    assert run.main(["--config", "study=gbsg2"]) == 0
    assert commands == [["python", "-m", "snakemake", "--cores", "4", "--config", "study=gbsg2"]]


@pytest.mark.parametrize(
    "arguments", [["--cores", "2"], ["--cores=2"], ["-c2"], ["-j", "8"], ["--profile", "profiles/slurm"]]
)
def test_chosen_cores_are_not_overruled(commands: list[list[str]], arguments: list[str]) -> None:
    run.main(arguments)
    assert commands == [["python", "-m", "snakemake", *arguments]]


def test_tests_get_their_arguments(commands: list[list[str]]) -> None:
    run.main(["test", "-k", "cox"])
    assert commands == [["python", "-m", "pytest", "-k", "cox"]]


def test_unlock_releases_the_lock(commands: list[list[str]]) -> None:
    run.main(["unlock"])
    assert commands == [["python", "-m", "snakemake", "--cores", "4", "--unlock"]]


@pytest.mark.parametrize("code", [0, 1, 13])
def test_exit_code_of_the_command_is_passed_through(code: int) -> None:
    assert run.call([sys.executable, "-c", f"raise SystemExit({code})"]) == code


@pytest.mark.skipif("os.name == 'nt'", reason="Windows has no such signals")
def test_command_killed_by_a_signal_returns_what_a_shell_would() -> None:
    assert run.call([sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]) == 128 + 9


@pytest.mark.skipif("os.name == 'nt'", reason="Windows has no process groups to interrupt")
def test_interrupt_waits_for_the_command_to_wind_down(tmp_path: Path) -> None:
    child = (
        "import sys, time\n"
        "try:\n    print('started', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(0.6); print('wound down', flush=True)\n"
    )
    parent = f"import sys, run; sys.exit(run.call([sys.executable, '-c', {child!r}]))"
    with subprocess.Popen(
        [sys.executable, "-c", parent], cwd=run.ROOT, stdout=subprocess.PIPE, text=True, process_group=0
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        time.sleep(0.1)
        run.os.killpg(process.pid, signal.SIGINT)
        assert process.stdout.read() == "wound down\n"
    assert process.returncode == run.INTERRUPTED


# ── check ──


def test_check_goes_on_after_a_failure_and_names_it_at_the_end(
    commands: list[list[str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "CHECKS", {"first": lambda python: 1, "second": lambda python: 0, "third": lambda p: 2})
    assert run.main(["check"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "Failed: first, third."


def test_named_checks_alone_are_run(commands: list[list[str]]) -> None:
    assert run.main(["check", "ruff", "mypy"]) == 0
    assert commands == [["python", "-m", "ruff", "check", "."], ["python", "-m", "mypy"]]


def test_unknown_check_is_refused_with_the_known_ones(
    commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run.main(["check", "rough"]) == 2
    assert "no check called rough. The checks are: ruff, format" in capsys.readouterr().err


def test_lint_findings_name_the_place_and_the_text_of_the_line(tmp_path: Path) -> None:
    snakefile = tmp_path / "common.smk"
    snakefile.write_text('first\n    unit = "g" + "/months"\n')
    assert list(run.lint_findings(LINT.format(snakefile=snakefile))) == [
        'common.smk: Absolute path "/months": unit = "g" + "/months"',
        "fit_cox: No log directive defined",
    ]


def test_lint_findings_allowed_are_all_lines_but_comments() -> None:
    assert run.lint_allowed("# why\nfit_cox: a finding\n\n") == ["fit_cox: a finding"]


# ── doctor ──


def test_doctor_lists_every_tool_and_never_fails(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "version_of", lambda tool: "")
    assert run.main(["doctor"]) == 0
    printed = capsys.readouterr().out
    assert all(tool.name in printed and tool.purpose in printed for tool in run.TOOLS)


def test_tool_that_does_not_answer_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = run.Tool("broken", (sys.executable,), ("-c", "raise SystemExit(1)"), "nothing")
    monkeypatch.setattr(run, "find", lambda tool: tool.commands[0])
    assert run.version_of(broken) == ""


# ── clean ──


def results_of_a_study(project: Path) -> Path:
    patient = project / "results" / "study" / "2025-05-31" / "patient"
    patient.mkdir(parents=True)
    (patient / "cohort.parquet").write_text("")
    return patient


def test_clean_asks_before_removing_patient_level_results(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    patient = results_of_a_study(project)
    assert run.main(["clean"]) == 1
    assert patient.exists()
    assert "clean --yes" in capsys.readouterr().err


def test_clean_with_yes_removes_what_it_names(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    results_of_a_study(project)
    (project / ".snakemake").mkdir()
    assert run.main(["clean", "--yes"]) == 0
    assert not (project / "results").exists()
    assert not (project / ".snakemake").exists()
    assert capsys.readouterr().out.splitlines() == ["Removing: results", "Removing: .snakemake"]


def test_clean_without_patient_level_results_does_not_ask(project: Path) -> None:
    (project / "logs").mkdir()
    assert run.main(["clean"]) == 0
    assert not (project / "logs").exists()


def test_clean_keeps_a_file_in_resources_that_the_pipeline_did_not_make(project: Path) -> None:
    resources = project / "resources" / "study"
    resources.mkdir(parents=True)
    for name in ("export.csv", "hospital.duckdb", "hospital.duckdb.prov.json"):
        (resources / name).write_text("")
    assert run.main(["clean"]) == 0
    assert [path.name for path in resources.iterdir()] == ["export.csv"]


def test_clean_does_not_follow_a_link(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "kept.txt").write_text("")
    (project / "logs").symlink_to(elsewhere)
    assert run.main(["clean"]) == 1
    assert (elsewhere / "kept.txt").exists()


def test_clean_refuses_what_it_does_not_know(project: Path) -> None:
    assert run.main(["clean", "--everything"]) == 2


# ── lock ──


def test_lock_without_uv_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "find", lambda tool: "")
    assert run.main(["lock"]) == run.SETUP_ERROR
    assert "pip install uv" in capsys.readouterr().err


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run.main(["--help"]) == 0
    printed = capsys.readouterr().out
    assert all(f"run.py {verb}" in printed for verb in {*run.VERBS} - {*run.QUESTIONS})
    assert all(question in printed for question in run.QUESTIONS)
