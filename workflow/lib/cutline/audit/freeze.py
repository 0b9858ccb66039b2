"""Sealing a cut: its files become read-only, `sealed.json` lists them, and an archive holds what may leave.

Files only: in a folder that cannot be written Snakemake stops with an exception of its own, and nobody can delete it.
A seal keeps honest people from overwriting a cut by mistake. Whoever owns the files can break it, and `cutline freeze
--undo` does so openly; against forgery stands the head of the ledger, kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

from cutline.audit import git
from cutline.audit.crate import CODE, CRATE, released, workflow_files
from cutline.audit.cut import RUNS, Cut
from cutline.audit.disclosed import disclosed_record, is_public, may_be_told
from cutline.audit.runs import PAGES, head
from cutline.errors import ProvenanceError
from cutline.provenance import SUFFIX, as_text, fingerprint, replace_text

SEAL = "sealed.json"
MANIFEST = "manifest.json"
LOGS = "logs/"
"""Where a cut in another results folder keeps its logs: they tell of runs and are not sealed."""
PROJECT_FILES = (
    "run.py", "pyproject.toml", "LICENSE", "CITATION.cff", "config/config.yaml", "config/*.schema.yaml",
    "config/studies/*.schema.yaml", "workflow/lib/cutline/**/*", "workflow/report/*.rst", "profiles/*/*.yaml", "envs/*",
)  # fmt: skip
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The modification time of every member: the earliest a zip file knows."""
WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


# ── the seal ─────────────────────────────────────────────────────────────────────────────────


def sealed(folder: Path) -> dict[str, Any] | None:
    """The seal of a cut's folder; None if it has none. Raises ProvenanceError if it cannot be read."""
    file = folder / SEAL
    if not file.is_file():
        return None
    try:
        return dict(json.loads(file.read_text(encoding="utf-8")))
    except ValueError as error:
        raise ProvenanceError(f"{SEAL}: this seal is damaged. `cutline freeze --undo` removes it.") from error


def freeze(cut: Cut, date: str) -> Path:
    """Verify and seal a cut, dated `date` (ISO); returns its archive, `<cut>.zip` beside its folder.

    Raises ProvenanceError if it is sealed already, or with the findings if it does not verify.
    """
    seal = sealed(cut.folder)
    if seal:
        raise ProvenanceError(f"{cut.study}, cut-off {cut.name}: sealed already, on {seal['date']}")
    _require_verified(cut)
    cut = _described_anew(cut)
    text = json.dumps(_seal_of(cut, date), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    archive = _write_archive(cut, text)
    for _ in _members(archive):  # what cannot be read back is no archive
        pass
    replace_text(cut.folder / SEAL, text)
    for file in [*_sealable(cut.folder), cut.folder / SEAL, archive]:
        file.chmod(file.stat().st_mode & ~WRITABLE)
    return archive


def unfreeze(cut: Cut) -> str:
    """Make a sealed cut writable again and remove its seal; returns the date it had. The archive stays.

    Raises ProvenanceError if the cut is not sealed.
    """
    if not (cut.folder / SEAL).is_file():
        raise ProvenanceError(f"{cut.study}, cut-off {cut.name}: not sealed, so there is nothing to undo")
    for file in [*_sealable(cut.folder), cut.folder / SEAL]:
        file.chmod(file.stat().st_mode | stat.S_IWUSR)
    date = ""
    with suppress(ProvenanceError, KeyError):  # a damaged seal can be removed too
        date = str((sealed(cut.folder) or {})["date"])
    (cut.folder / SEAL).unlink()
    return date


def broken_seal(folder: Path) -> dict[str, str]:
    """Files of a sealed cut that are no longer as sealed, with what happened to them; empty without a seal."""
    told = (sealed(folder) or {"files": {}})["files"]
    if not told:
        return {}
    there = {path: fingerprint(folder / path) for path in _names(folder)}
    return {
        path: "removed" if path not in there else "added" if path not in told else "altered"
        for path in sorted({*told, *there})
        if told.get(path) != there.get(path)
    }


def _require_verified(cut: Cut) -> None:
    from cutline.audit.verify import verify

    findings = [str(finding) for of_check in verify(cut).values() for finding in of_check]
    if findings:
        told = "\n  ".join(findings)
        raise ProvenanceError(f"{cut.study}, cut-off {cut.name}: not sealed, because it does not verify:\n  {told}")


def _described_anew(cut: Cut) -> Cut:
    """The cut with crate and audit page of the code as it is now: comments may have changed since the last run."""
    from cutline.audit.closing import describe

    describe(cut)
    return replace(cut)


def _seal_of(cut: Cut, date: str) -> dict[str, Any]:
    return {
        "study": cut.study,
        "cut": cut.name,
        "date": date,
        "head": head(cut.runs),
        "commit": git.head(cut.root),
        "dirty": git.dirty(cut.root),
        "files": {path: fingerprint(cut.folder / path) for path in _names(cut.folder)},
    }


def _names(folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in _sealable(folder)]


def _sealable(folder: Path) -> list[Path]:
    """Every file of the cut but its logs and the seal itself, in the order of their names."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    return [files[name] for name in sorted(files) if name != SEAL and not name.startswith(LOGS)]


# ── the archive ──────────────────────────────────────────────────────────────────────────────


def _write_archive(cut: Cut, seal: str) -> Path:
    """The archive, in one step; the same cut and seal give the same bytes."""
    content = dict(sorted(_content(cut).items()))
    content[SEAL] = _disclosed_seal(cut, seal, content).encode()
    told = {key: value for key, value in json.loads(seal).items() if key != "files"}
    told["members"] = {name: hashlib.sha256(data).hexdigest() for name, data in sorted(content.items())}
    content[MANIFEST] = (json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n").encode()
    archive = cut.folder.with_name(f"{cut.name}.zip")
    partial = archive.with_name(f".{archive.name}.partial")
    with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in sorted(content.items()):
            packed.writestr(_member(name), data)
    if archive.exists():  # an earlier, read-only one
        archive.chmod(stat.S_IWUSR | stat.S_IRUSR)
    os.replace(partial, archive)
    return archive


def _disclosed_seal(cut: Cut, seal: str, content: Mapping[str, bytes]) -> str:
    """The seal as it leaves: where everybody may see the results, without digests of files that stay."""
    if not is_public(cut):
        return seal
    told = json.loads(seal)
    told["files"] = {name: digest for name, digest in told["files"].items() if name in content}
    return json.dumps(told, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _member(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, EPOCH)
    member.create_system = 3  # as on Unix, wherever it is written
    member.external_attr = 0o644 << 16
    member.compress_type = zipfile.ZIP_DEFLATED
    return member


def _content(cut: Cut) -> dict[str, bytes]:
    """What may leave: released outputs with their records, ledger, crate, and the code as it is now."""
    pages = [path for path in PAGES if path in cut.records and path != CRATE]
    names = [RUNS, CRATE, *(name for path in [*released(cut), *pages] for name in (path, path + SUFFIX))]
    files = {name: cut.folder / name for name in names}
    files |= {f"{CODE}/{path}": cut.root / path for path in _code_files(cut)}
    files |= {f"{CODE}/{path}": cut.folder / CODE / path for path in workflow_files(cut.folder / CODE)}
    found = {name: _without_private_paths(name, file.read_bytes()) for name, file in files.items()}
    return found | _disclosed_records(cut, found)


def _disclosed_records(cut: Cut, found: Mapping[str, bytes]) -> dict[str, bytes]:
    """The records of an archive that everybody may see: of inputs that stay only the names.

    The ledger's digests are of the records as they were written, so a record that lost something is known by it.
    """
    if not is_public(cut):
        return {}
    told = may_be_told(released(cut))
    records = [name for name in found if name.endswith(SUFFIX)]
    return {name: as_text(disclosed_record(json.loads(found[name]), told)).encode() for name in records}


def _code_files(cut: Cut) -> list[str]:
    """Code, locks, configuration and texts that this study's run reads; never a key, another study or a stray file."""
    patterns = [*PROJECT_FILES, f"config/studies/{cut.study}/*.yaml"]
    found = {file.relative_to(cut.root).as_posix() for pattern in patterns for file in cut.root.glob(pattern)}
    read = {entry["path"] for record in cut.records.values() for entry in record["inputs"]}
    found |= {path for path in read if path.startswith(("reports/", "config/"))}
    return sorted(path for path in found if (cut.root / path).is_file() and not _STRAY.search(path))


_STRAY = re.compile(r"(^|/)(\.|__pycache__/)|\.pyc$")
"""Hidden files, and what Python compiled."""
_PRIVATE_PATH = re.compile(
    r"""(?P<before>(?:[:,\[{]|^\s*-)\s+["']?)(?:/|~|\.\.[\\/]|[A-Za-z]:[\\/]|\\\\)[^"',}\]\n]*[\\/](?P<name>[^"',}\]\s]*)""",
    re.M,
)


def _without_private_paths(name: str, data: bytes) -> bytes:
    """A configuration file without the folders of this machine: of an absolute path only the file's name is kept."""
    if not (name.startswith(f"{CODE}/config/") and name.endswith(".yaml")):
        return data
    return _PRIVATE_PATH.sub(r"\g<before>outside:\g<name>", data.decode("utf-8")).encode()


def open_archive(path: Path) -> Path:
    """Unpack an archive into a temporary folder, `…/<study>/<cut>`, every member verified; the caller deletes it.

    Raises ProvenanceError, with the member's name, for one that is not what the manifest says, that is missing or
    not listed, or that would be written outside the folder.
    """
    members = dict(_members(path))
    told = json.loads(members[MANIFEST])
    folder = Path(tempfile.mkdtemp(prefix="cutline-")) / _name(path, told["study"]) / _name(path, told["cut"])
    for name, data in members.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def archived_cut(path: Path) -> Cut:
    """An archive as a cut with its code as project, in a temporary folder; errors as `open_archive`."""
    folder = open_archive(path)
    return Cut(folder / CODE, folder, folder.parent.name, folder.name)


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every member's name and content, as far as the manifest vouches for it."""
    try:
        with zipfile.ZipFile(path) as packed:
            told = _manifest(path, packed)
            yield MANIFEST, packed.read(MANIFEST)
            for name in _listed(path, packed, told):
                yield name, _verified(path, packed, name, told[name])
    except (OSError, zipfile.BadZipFile, zipfile.LargeZipFile) as error:
        raise ProvenanceError(f"{path.name}: not an archive that can be read ({type(error).__name__})") from error


def _manifest(path: Path, packed: zipfile.ZipFile) -> Mapping[str, str]:
    try:
        told = json.loads(packed.read(MANIFEST))["members"]
    except (KeyError, ValueError, TypeError) as error:
        raise ProvenanceError(
            f"{path.name}: its {MANIFEST} is missing or damaged, so it vouches for nothing"
        ) from error
    return dict(told)


def _listed(path: Path, packed: zipfile.ZipFile, told: Mapping[str, str]) -> list[str]:
    """The members besides the manifest. Raises ProvenanceError if they are not those listed, or lead elsewhere."""
    names = [member.filename for member in packed.infolist() if member.filename != MANIFEST]
    for name in sorted({*names, *told}):
        if name not in told or names.count(name) != 1:
            what = (
                "listed, but missing"
                if name in told and name not in names
                else "in it twice"
                if name in told
                else "not listed"
            )
            raise ProvenanceError(f"{path.name}: {name} is {what} in {MANIFEST}. Get the archive anew.")
        if _leads_elsewhere(name) or stat.S_ISLNK(packed.getinfo(name).external_attr >> 16):
            raise ProvenanceError(f"{path.name}: {name} would be written outside its folder. Do not trust the archive.")
    return names


def _leads_elsewhere(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name


def _verified(path: Path, packed: zipfile.ZipFile, name: str, sha256: str) -> bytes:
    data = packed.read(name)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise ProvenanceError(f"{path.name}: {name} was changed after the archive was made. Get the archive anew.")
    return data


def _name(path: Path, told: str) -> str:
    """A study's or a cut's name from a manifest, which must be a plain folder name."""
    if _leads_elsewhere(told) or "/" in told:
        raise ProvenanceError(f"{path.name}: {told!r} in its {MANIFEST} is no name of a folder")
    return told
