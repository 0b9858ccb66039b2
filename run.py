"""The one door to Cutline: makes its Python environment, then runs the pipeline or a tool in it.

    python3 run.py [arguments of snakemake]   run the pipeline, for example: python3 run.py --config study=gbsg2
    python3 run.py why 6.6                    ask the results where a number comes from; in the same way:
                                              {questions}
    python3 run.py test [arguments of pytest] run the tests
    python3 run.py check [names]              every check, or those named: {checks}
    python3 run.py certify                    compare the statistics with R's, number by number, on this machine
    python3 run.py doctor                     what this machine has, and what each thing is for
    python3 run.py bench [name]                measure the price of orchestration, or: reruns, derivations,
                                              report, survival_statistics
    python3 run.py unlock                     release the lock that a killed run left behind
    python3 run.py clean [--yes]              remove what the pipeline made
    python3 run.py lock                       compile the hash-pinned requirements anew (needs uv)

Needs Python {minimum} to {maximum} and nothing else. The first call installs the requirements into .venv, which takes
a minute or two; later calls start at once. In the activated environment plain `snakemake --cores 4` does the same.
"""

# Standard library only, and no syntax newer than Python 3.7: an old Python must get as far as the sentence
# that says it is too old.
from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "cutline-requirements.txt"
ENVS = ROOT / "envs"

MINIMUM, MAXIMUM = (3, 11), (3, 14)
SETUP_ERROR = 17  # as cutline.errors.SetupError
INTERRUPTED = 130  # what shells return after Ctrl-C

BUILD, MAIN, TEST = "requirements-build.txt", "requirements.txt", "requirements-test.txt"
CONTENTS = {MAIN: (MAIN,), TEST: (TEST, MAIN)}
"""What is present once a set of requirements is installed: the tests' set contains the main one."""

LINT_ALLOWED = ROOT / ".ci" / "lint_allowed.txt"


class Stop(Exception):
    """What is wrong and what to do about it, in words for the person at the keyboard."""

    def __init__(self, message: str, exit_code: int = SETUP_ERROR) -> None:
        super().__init__(message)
        self.exit_code = exit_code


# ── The environment ──────────────────────────────────────────────────────────────────────────────


def check_python(version: Sequence[int] = sys.version_info[:3]) -> None:
    """Stop unless this Python is one that Cutline is made for."""
    if not MINIMUM <= tuple(version[:2]) <= MAXIMUM:
        raise Stop(
            f"Cutline needs Python {dotted(MINIMUM)} to {dotted(MAXIMUM)}; this is Python {dotted(version[:2])}. "
            f"Install one of those and call it by name, for example: python{dotted(MAXIMUM)} run.py"
        )


def check_venv_module() -> None:
    """Stop unless this Python can make virtual environments: Debian and Ubuntu keep that in a package of its own."""
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise Stop(
            f"This Python lacks {' and '.join(missing)}, which makes virtual environments. On Debian or Ubuntu: "
            f"sudo apt install python{dotted(sys.version_info[:2])}-venv; elsewhere install Python from its own "
            "installer. Then run the same command again."
        )


def dotted(version: Sequence[int]) -> str:
    return ".".join(str(part) for part in version)


def programs(venv: Path = VENV) -> Path:
    """The folder of an environment's programs."""
    return venv / ("Scripts" if os.name == "nt" else "bin")


def python_of(venv: Path = VENV) -> Path:
    return programs(venv) / ("python.exe" if os.name == "nt" else "python")


def python_version(python: Path) -> str:
    """Version of an environment's Python as `3.12`; empty if it does not run or has no pip."""
    question = "import sys, pip; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run([str(python), "-c", question], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def ensure_environment(requirements: str) -> Path:
    """The environment's Python, with this set of requirements installed. Does nothing if it is there already."""
    check_python()
    version = python_version(python_of())
    if version not in [dotted((MINIMUM[0], minor)) for minor in range(MINIMUM[1], MAXIMUM[1] + 1)]:
        make_environment()
        version = python_version(python_of())
    if f"{requirements} {digest(requirements, version)}" not in installed():
        install(requirements)
        STAMP.write_text("".join(f"{name} {digest(name, version)}\n" for name in CONTENTS[requirements]))
    return python_of()


def make_environment() -> None:
    check_venv_module()
    say(f"Making the environment {VENV.name} with Python {dotted(sys.version_info[:2])}.")
    must(
        [sys.executable, "-m", "venv", "--clear", str(VENV)],
        f"The environment {VENV} could not be made (the message is above): mend that, then run the same command again.",
    )


def install(requirements: str) -> None:
    """Install by hash, and this folder itself for its `cutline` command.

    Two packages come as source only, so the tools that build them go in first.
    """
    say(f"Installing envs/{requirements} into {VENV.name}: once, a minute or two.")
    pip = [str(python_of()), "-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--require-hashes"]
    STAMP.unlink(missing_ok=True)
    for name, extra in ((BUILD, []), (requirements, ["--no-build-isolation"])):
        must(
            [*pip, *extra, "-r", str(ENVS / name)],
            f"pip could not install envs/{name} (its message is above): without internet or behind a proxy, tell pip "
            "about your mirror with `pip config set`, then run the same command again.",
        )
    must(
        [*pip[:-1], "--no-deps", "--no-build-isolation", "--quiet", "--editable", str(ROOT)],
        "pip could not install the `cutline` command of this folder (its message is above): mend that, then run again.",
    )


def installed() -> list[str]:
    """The stamp's lines: which sets of requirements are in the environment, with their digests."""
    return STAMP.read_text().splitlines() if STAMP.exists() else []


def digest(requirements: str, version: str) -> str:
    """Identity of what an installation would do: build tools, requirements, Python version."""
    parts = [version.encode(), (ENVS / BUILD).read_bytes(), (ENVS / requirements).read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


# ── Running things ───────────────────────────────────────────────────────────────────────────────


def say(text: str) -> None:
    print(text, flush=True)


def activated() -> dict[str, str]:
    """The environment variables that activating .venv would give."""
    path = os.pathsep.join([str(programs()), os.environ.get("PATH", "")])
    return {**os.environ, "VIRTUAL_ENV": str(VENV), "PATH": path}


def call(command: Sequence[str]) -> int:
    """Run a command from the root and return its exit code.

    Ctrl-C reaches the command as well, being in the same terminal: wait until it has wound down by itself.
    """
    interrupted = False
    with subprocess.Popen(list(command), cwd=str(ROOT), env=activated()) as process:
        while process.returncode is None:
            try:
                process.wait()
            except KeyboardInterrupt:
                interrupted = True
    if interrupted:
        return INTERRUPTED
    return process.returncode if process.returncode >= 0 else 128 - process.returncode


def must(command: Sequence[str], message: str) -> None:
    """Run a command; stop with the message if it fails."""
    code = call(command)
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code != 0:
        raise Stop(message)


def snakemake(arguments: Sequence[str]) -> int:
    """Run the pipeline, on four cores unless the arguments say where or how wide."""
    python = ensure_environment(MAIN)
    cores = [] if chooses_cores(arguments) else ["--cores", "4"]
    code = call([str(python), "-m", "snakemake", *cores, *arguments])
    if code == INTERRUPTED:
        say("Stopped. The same command goes on from here; if it says the folder is locked: python3 run.py unlock")
    return code


def chooses_cores(arguments: Iterable[str]) -> bool:
    """Whether the arguments name cores, jobs, a profile or an executor: then four cores would overrule them."""
    long = ("--cores", "--jobs", "--profile", "--executor")
    return any(a.split("=")[0] in long or a[:2] in ("-c", "-j", "-e") for a in arguments)


def test(arguments: Sequence[str]) -> int:
    """Run the tests; all of them on every core."""
    return call([str(ensure_environment(TEST)), "-m", "pytest", *(arguments or EVERY_CORE)])


EVERY_CORE = ("--numprocesses", "logical", "--maxprocesses", "4", "--dist", "worksteal")


def ask(question: str) -> Callable[[Sequence[str]], int]:
    """A verb of the `cutline` command, from the root like everything else."""

    def answer(arguments: Sequence[str]) -> int:
        os.environ["CUTLINE_CALLED_AS"] = "python3 run.py"  # so that its hints are commands of this user's
        return call([str(ensure_environment(MAIN)), "-m", "cutline", question, *arguments])

    return answer


def bench(arguments: Sequence[str]) -> int:
    """Run a benchmark by its name, the price of orchestration if none is named."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py"))
    name, rest = (arguments[0], arguments[1:]) if arguments and arguments[0] in names else ("orchestration", arguments)
    return call([str(ensure_environment(MAIN)), str(ROOT / "benchmarks" / f"{name}.py"), *rest])


def unlock(arguments: Sequence[str]) -> int:
    return snakemake(["--unlock", *arguments])


# ── check ────────────────────────────────────────────────────────────────────────────────────────


def check(arguments: Sequence[str]) -> int:
    """Run every check, or those named, and only then say which failed."""
    unknown = [name for name in arguments if name not in CHECKS]
    if unknown:
        raise Stop(f"There is no check called {unknown[0]}. The checks are: {', '.join(CHECKS)}.", 2)
    python = str(ensure_environment(TEST))
    names = list(arguments) or list(CHECKS)
    codes = {}
    for name in names:
        say(f"── {name} ──")
        codes[name] = CHECKS[name](python)
        if codes[name] == INTERRUPTED:
            return INTERRUPTED
    failed = [name for name in names if codes[name]]
    say(f"Failed: {', '.join(failed)}." if failed else f"All {len(names)} checks passed.")
    return 1 if failed else 0


def module(*command: str) -> Callable[[str], int]:
    """A check that is one Python module with its arguments."""
    return lambda python: call([python, "-m", *command])


def lint(python: str) -> int:
    """`snakemake --lint`, without the findings that .ci/lint_allowed.txt lists as false."""
    command = [python, "-m", "snakemake", "--lint"]
    answer = subprocess.run(command, cwd=str(ROOT), env=activated(), capture_output=True, text=True, check=False)
    findings = set(lint_findings(answer.stderr))
    if answer.returncode and not findings:  # it did not get as far as linting
        say(answer.stdout + answer.stderr)
        return answer.returncode
    allowed = set(lint_allowed(LINT_ALLOWED.read_text(encoding="utf-8")))
    for line in sorted(findings - allowed):
        say(line)
    for line in sorted(allowed - findings):
        say(f"no longer found, remove it from {LINT_ALLOWED.relative_to(ROOT)}: {line}")
    return int(findings != allowed)


def lint_findings(report: str) -> Iterator[str]:
    """One line per finding, `where: what`, where a line number has become the text of that line, which is steadier."""
    place = snakefile = ""
    for line in report.splitlines():
        header = re.fullmatch(r"Lints for (?:rule (\w+) \(line \d+, (.+)\)|snakefile (.+)):", line)
        finding = re.fullmatch(r" {4}\* (.+):", line)
        if header:
            rule, of_rule, alone = header.groups()
            snakefile = of_rule or alone
            place = rule or Path(snakefile).name
        elif finding:
            yield f"{place}: {with_source_line(finding.group(1), Path(snakefile))}"


def with_source_line(finding: str, snakefile: Path) -> str:
    numbered = re.fullmatch(r"(.+) in line (\d+)\.?", finding)
    if not numbered:
        return finding
    lines = snakefile.read_text(encoding="utf-8").splitlines()
    return f"{numbered.group(1)}: {lines[int(numbered.group(2)) - 1].strip()}"


def lint_allowed(text: str) -> list[str]:
    """The findings that are known to be false: one per line, comments start with #."""
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


CHECKS: dict[str, Callable[[str], int]] = {
    "ruff": module("ruff", "check", "."),
    "format": module("ruff", "format", "--check", "."),
    "snakefmt": module("snakefmt", "--check", "Snakefile", "workflow"),
    "lint": lint,
    "mypy": module("mypy"),
    "tests": module("pytest", *EVERY_CORE),
}


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────


class Tool(NamedTuple):
    """A program outside the Python environment: names it may go by, how to ask it, what it is for."""

    name: str
    commands: tuple[str, ...]
    question: tuple[str, ...]
    purpose: str


TOOLS = (
    Tool("git", ("git",), ("--version",), "fetching Cutline"),
    Tool("Quarto", ("quarto",), ("--version",), "the report, if report.engine asks for it"),
    Tool("Chromium", ("chromium", "chromium-browser", "google-chrome", "chrome"), ("--version",), "tests: the page"),
    Tool("LibreOffice", ("soffice", "libreoffice"), ("--version",), "tests: looking at the Word file"),
    Tool("pdftoppm", ("pdftoppm",), ("-v",), "tests: looking at the PDF"),
    Tool(
        "R with survival",
        ("Rscript",),
        ("-e", "cat('survival', as.character(packageVersion('survival')), 'in', R.version.string)"),
        "tests: making the reference values anew",
    ),
    Tool("PSPP", ("pspp",), ("--version",), "tests: running the SPSS programs"),
    Tool("PostgreSQL", ("initdb", "postgres"), ("--version",), "tests of a hospital database server"),
    Tool("SLURM", ("sbatch",), ("--version",), "running on a cluster with --profile profiles/slurm"),
    Tool("uv", ("uv",), ("--version",), "python3 run.py lock"),
)

PACKAGES = (
    ("Snakemake", "snakemake", "running the steps"),
    ("pypandoc", "pypandoc-binary", "pandoc, which makes the report where Quarto is not used"),
    ("typst", "typst", "the PDF"),
    ("pytest", "pytest", "python3 run.py test"),
)
"""What comes with .venv: name, distribution, what it is for."""


def tool(name: str) -> Tool:
    return next(tool for tool in TOOLS if tool.name == name)


def find(tool: Tool) -> str:
    """Where the tool is; empty if it is not on this machine."""
    versioned = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if tool.name == "PostgreSQL" else []
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, versioned)])
    return next((found for found in (shutil.which(command, path=path) for command in tool.commands) if found), "")


def version_of(tool: Tool) -> str:
    """What the tool says about itself, in one line; empty if it is missing or does not answer."""
    program = find(tool)
    if not program:
        return ""
    try:
        answer = subprocess.run(
            [program, *tool.question], capture_output=True, text=True, errors="replace", timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    lines = (answer.stdout.strip() or answer.stderr.strip()).splitlines()
    return lines[0] if lines and answer.returncode == 0 else ""


def package_versions() -> dict[str, str]:
    """Versions of PACKAGES in .venv, as far as they are there."""
    question = (
        "import sys, importlib.metadata as m\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(name, m.version(name))\n"
        "    except m.PackageNotFoundError: pass"
    )
    names = [distribution for _, distribution, _ in PACKAGES]
    try:
        answer = subprocess.run([str(python_of()), "-c", question, *names], capture_output=True, text=True, check=False)
    except OSError:
        return {}
    return dict(line.split() for line in answer.stdout.splitlines())


def doctor(arguments: Sequence[str]) -> int:
    """Print what this machine has. Lacking something is no failure: only Python is needed to run Cutline."""
    fits = MINIMUM <= sys.version_info[:2] <= MAXIMUM
    modules = all(importlib.util.find_spec(name) for name in ("venv", "ensurepip"))
    rows = [
        ("Python", dotted(sys.version_info[:3]) + ("" if fits else " (too old or too new)"), "everything"),
        ("venv", "yes" if modules else "", "making .venv"),
        (".venv", environment_state(), "the packages Cutline is pinned to"),
    ]
    versions = package_versions()
    rows += [(name, versions.get(distribution, ""), purpose) for name, distribution, purpose in PACKAGES]
    rows += [(tool.name, version_of(tool), tool.purpose) for tool in TOOLS]
    for name, found, purpose in rows:
        say(f"{name:<16} {(found or 'not found')[:48]:<48}  {purpose}")
    say("Only Python is needed; `not found` costs what the last column says.")
    return 0


def environment_state() -> str:
    version = python_version(python_of())
    if not version:
        return ""
    current = [name for name in CONTENTS if f"{name} {digest(name, version)}" in installed()]
    return f"Python {version}, " + (f"up to date with {', '.join(current)}" if current else "not up to date")


# ── clean, lock ──────────────────────────────────────────────────────────────────────────────────


def clean(arguments: Sequence[str]) -> int:
    """Remove what the pipeline made; ask for --yes where patient-level results would go."""
    unknown = [argument for argument in arguments if argument != "--yes"]
    if unknown:
        raise Stop(f"clean knows only --yes, not {unknown[0]}.", 2)
    doomed = made_by_the_pipeline(ROOT)
    if not doomed:
        say("There is nothing to remove.")
        return 0
    for path in doomed:
        say(f"{'Removing' if '--yes' in arguments else 'To be removed'}: {path.relative_to(ROOT)}")
    patient_level = sorted(path.relative_to(ROOT) for path in ROOT.glob("results/*/*/patient"))
    if patient_level and "--yes" not in arguments:
        raise Stop(
            f"Nothing was removed: {len(patient_level)} folder(s) hold patient-level results, for example "
            f"{patient_level[0]}. If no cut-off there is still needed: python3 run.py clean --yes",
            1,
        )
    for path in doomed:
        remove(path)
    return 0


def made_by_the_pipeline(root: Path) -> list[Path]:
    """Folders that only the pipeline writes to, and those files in resources/ that carry its record.

    Somebody may keep an export in resources/: what has no record beside it is not ours to remove.
    """
    folders = [root / name for name in ("results", "logs", ".snakemake") if (root / name).exists()]
    records = sorted((root / "resources").rglob("*.prov.json"))
    made = [record.with_name(record.name[: -len(".prov.json")]) for record in records]
    return folders + [path for path in [*made, *records] if path.exists()]


def remove(path: Path) -> None:
    if path.is_symlink():
        raise Stop(f"{path} is a link to another place; remove what it points to yourself if you mean to.", 1)
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def lock(arguments: Sequence[str]) -> int:
    """Compile each envs/*.in to a file of exact versions with hashes that holds for every Python and system."""
    uv = find(tool("uv"))
    if not uv:
        raise Stop("`lock` needs uv, which is not on this machine: pip install uv, then run the same command again.")
    python = ensure_environment(MAIN)
    options = "--universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header --no-annotate"
    plain = [*options.split(), "--no-emit-index-url", "--no-emit-find-links", "--quiet", *arguments]
    for name, constraints in ((MAIN, []), (TEST, [MAIN]), (BUILD, [MAIN])):
        source = f"envs/{name[: -len('.txt')]}.in"
        extra = [part for constraint in constraints for part in ("-c", f"envs/{constraint}")]
        must(
            [uv, "pip", "compile", *plain, *extra, source, "-o", f"envs/{name}"],
            f"uv could not compile {source} (its message is above): mend that, then run the same command again.",
        )
    return call([str(python), str(ENVS / "make_conda.py")])


# ── The door ─────────────────────────────────────────────────────────────────────────────────────

VERBS: dict[str, Callable[[Sequence[str]], int]] = {
    "test": test,
    "check": check,
    "doctor": doctor,
    "bench": bench,
    "unlock": unlock,
    "clean": clean,
    "lock": lock,
}


QUESTIONS = (
    "why",
    "verify",
    "explain",
    "results",
    "list",
    "open",
    "freeze",
    "compare",
    "audit",
    "eligibility",
    "certify",
    "consistency",
    "compare-renderings",
    "messages",
)
"""Verbs that go to the `cutline` command."""
VERBS |= {question: ask(question) for question in QUESTIONS}


def usage() -> str:
    return (__doc__ or "").format(
        minimum=dotted(MINIMUM), maximum=dotted(MAXIMUM), checks=", ".join(CHECKS), questions=", ".join(QUESTIONS[1:])
    )


def main(arguments: Sequence[str]) -> int:
    """Do what the first argument names; anything else goes to snakemake. Returns the exit code."""
    if arguments and arguments[0] in ("-h", "--help", "help"):
        say(usage())
        return 0
    verb = VERBS.get(arguments[0]) if arguments else None
    try:
        return verb(arguments[1:]) if verb else snakemake(arguments)
    except Stop as stop:
        print(stop, file=sys.stderr)
        return stop.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
