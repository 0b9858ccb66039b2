"""The code behind a rule, as a parameter: an edit or an upgrade reruns exactly the rules that reach it.

Snakemake notices an edited script, not the modules it imports. So each rule carries the digest of its
script, of every Cutline module the script reaches, and the version of every distribution they import,
with dependencies. The digest is of the syntax without comments and docstrings: a reformat reruns nothing.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import importlib.metadata
import json
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

NOT_DIGESTED = {f"cutline.{name}" for name in ("job", "stored", "halves", "errors", "provenance", "code_digest")}
"""The harness: it moves tables and writes records, and cannot change a number."""


OTHER_NAMES = {"PIL": "pillow", "yaml": "pyyaml", "pypandoc": "pypandoc-binary"}
"""Imported modules whose distribution has another name."""

USED_BY_ALL = {"pyarrow"}
"""What every job writes its tables with, though no module imports it."""

MEMORY = Path(".snakemake/cutline-scans.json")


@functools.cache
def code_of(script: Path, library: Path) -> dict[str, str]:
    """File → digest and distribution → version of everything `script` reaches, and Python's own version.

    `library` is the folder that holds the `cutline` package. Keys are POSIX paths relative to the
    library's parent (`lib/cutline/cox.py`, `scripts/fit_cox.py`) and names of distributions.
    """
    files, imports = _reached(script, library)
    digests = {file.relative_to(library.parent).as_posix(): _scan(file).digest for file in files}
    python = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    return dict(sorted(digests.items())) | dict(sorted(_versions(imports | USED_BY_ALL).items())) | python


def software(root: Path, rules: Iterable[str]) -> dict[str, str]:
    """Name and version of every distribution that one of the rules of the project at `root` reaches, and of Python."""
    scripts = (root / "workflow" / "scripts" / f"{rule}.py" for rule in rules)
    codes = [code_of(script, root / "workflow" / "lib") for script in scripts if script.is_file()]
    return dict(sorted((name, version) for code in codes for name, version in code.items() if "/" not in name))


def _reached(script: Path, library: Path) -> tuple[list[Path], set[str]]:
    """All Cutline files reached from the script, and the top-level names of other packages they import."""
    todo, foreign = [script], set()
    files: set[Path] = set()
    while todo:
        file = todo.pop()
        if file in files:
            continue
        files.add(file)
        for name in _scan(file).imports:
            if name.partition(".")[0] == "cutline":
                todo += _files_of(name, library)
            else:
                foreign.add(name.partition(".")[0])
    return sorted(files), foreign - set(sys.stdlib_module_names)


@functools.cache
def _files_of(name: str, library: Path) -> tuple[Path, ...]:
    """The files that importing a Cutline name executes, the module and its parent packages, and their catalogues."""
    parts = name.split(".")
    prefixes = [parts[:length] for length in range(1, len(parts) + 1)]
    bases = [library.joinpath(*prefix) for prefix in prefixes if ".".join(prefix) not in NOT_DIGESTED]
    return tuple(file for base in bases for file in _files_at(base))


@functools.cache
def _files_at(base: Path) -> tuple[Path, ...]:
    """A module, or a package with its catalogues, whichever is there: many names share their parents."""
    code = [file for file in (base.with_suffix(".py"), base / "__init__.py") if file.is_file()]
    return (*code, *base.glob("*.po"))


# ── one file: its digest and what it imports ─────────────────────────────────────────────────


class Scan(NamedTuple):
    """What one file says: the digest of its code, and the dotted names it imports."""

    digest: str
    imports: list[str]


@functools.cache
def _scan(file: Path) -> Scan:
    """The file's scan; remembered by the bytes it was made from, since parsing is slow and hashing is not."""
    content = file.read_bytes()
    key = f"{sys.version_info.major}.{sys.version_info.minor} {hashlib.sha256(content).hexdigest()}"
    if key not in _memory():
        _memory()[key] = _scanned(content, file)
    return Scan(*_memory()[key])


def _scanned(content: bytes, file: Path) -> list[Any]:
    if file.suffix != ".py":
        return [hashlib.sha256(content).hexdigest(), []]
    tree = ast.parse(content, filename=file.name)
    return [_digest(tree), _imports(tree)]


def _imports(tree: ast.Module) -> list[str]:
    """Dotted names the file imports; `from a import b` gives both `a` and `a.b`."""
    names: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _digest(tree: ast.Module) -> str:
    """SHA-256 of the code without comments, layout and docstrings; changes the tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            node.body = [item for item in node.body if not _is_docstring(item)] or [ast.Pass()]
    return hashlib.sha256(ast.unparse(tree).encode()).hexdigest()


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


@functools.cache
def _memory() -> dict[str, list[Any]]:
    """Scans of earlier runs, by Python version and content."""
    try:
        return dict(json.loads(MEMORY.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def remember() -> None:
    """Keep the scans for the next run. Losing the file costs a second and changes nothing."""
    text = json.dumps(_memory(), sort_keys=True)
    if MEMORY.parent.is_dir() and not (MEMORY.is_file() and MEMORY.read_text(encoding="utf-8") == text):
        partial = MEMORY.with_suffix(f".{os.getpid()}")
        partial.write_text(text, encoding="utf-8")
        os.replace(partial, MEMORY)


# ── installed distributions ──────────────────────────────────────────────────────────────────


def _versions(imports: set[str]) -> dict[str, str]:
    """Version of each imported distribution and of what it needs, as installed here."""
    todo, versions = [_distribution_of(name) for name in sorted(imports)], {}
    while todo:
        name = todo.pop()
        found = _metadata(name)
        if found and name not in versions:
            versions[name], needs = found
            todo += needs
    return versions


def _distribution_of(module: str) -> str:
    """The distribution that installs a top-level module; usually they share the name."""
    return OTHER_NAMES.get(module, _canonical(module))


@functools.cache
def _metadata(name: str) -> tuple[str, tuple[str, ...]] | None:
    """Version and unconditional requirements of an installed distribution; None if it is not installed."""
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    needs = [need for need in found.requires or [] if "extra ==" not in need]
    return found.version, tuple(_canonical(re.split(r"[^A-Za-z0-9._-]", need, maxsplit=1)[0]) for need in needs)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
